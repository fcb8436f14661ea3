//! Tokens of programs: made once, stored as a hash, within the rights of their owner.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use peyvand_catalog::Catalog;
use peyvand_core::{Actor, Id, Instant, Via, WorkspaceId, random};
use peyvand_record::policy::{Policy, Reach, Verb};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::accounts::{at, number, row_of};
use crate::app::App;
use crate::caller::{Caller, Habits};
use crate::errors::AppError;
use crate::sessions::hash;
use crate::uses::Used;
use crate::workspace::Workspace;

/// A checked token is taken at its word this long, unless rights change.
const KNOWN_FOR: i64 = 30 * Instant::SECOND;
/// Tokens begin with this, so that they are recognised where they do not belong.
const TOKEN_PREFIX: &str = "pvd_";

/// A token that has been checked, kept for a short while so that each request need not ask the database.
#[derive(Debug, Clone)]
pub struct Known {
    workspace: WorkspaceId,
    user: Id,
    policy: Arc<Policy>,
    habits: Habits,
    networks: Arc<[Network]>,
    revision: i64,
    until: Instant,
}

/// A token to be made.
#[derive(Debug, Clone, Default)]
pub struct NewToken {
    /// A name to know it by.
    pub name: String,
    /// `*`, or object and verb: `contacts:read`, `deals:write`, `*:read`, `orders:*`.
    pub scopes: Vec<String>,
    /// When it ends; never when not given.
    pub expires_at: Option<Instant>,
    /// From where it works: addresses or networks (`192.0.2.0/24`); from everywhere when there are none.
    pub networks: Vec<String>,
}

/// A token as it is listed.
#[derive(Debug, Clone)]
pub struct TokenLine {
    /// Its id.
    pub id: Id,
    /// Its owner.
    pub user: Id,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: String,
    /// From where it works.
    pub networks: String,
    /// Made.
    pub created_at: Instant,
    /// Last used, to five minutes.
    pub used_at: Option<Instant>,
    /// Ends.
    pub expires_at: Option<Instant>,
    /// Revoked.
    pub revoked_at: Option<Instant>,
}

/// A network: an address and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network(IpAddr, u8);

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((a, b)) => (a, Some(b.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self(address, bits))
    }

    fn holds(self, other: IpAddr) -> bool {
        let wide = |a: IpAddr| match a {
            IpAddr::V4(a) => (u128::from(a.to_bits()) << 96, true),
            IpAddr::V6(a) => (a.to_bits(), false),
        };
        let ((mine, v4), (theirs, other_v4)) = (wide(self.0), wide(other.to_canonical()));
        v4 == other_v4 && (self.1 == 0 || (mine ^ theirs) >> (128 - u32::from(self.1)) == 0)
    }
}

fn verb_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Create | Verb::Update => "write",
        Verb::Delete => "delete",
        Verb::Export => "export",
    }
}

/// Is the scope one that can be meant?
fn known_scope(catalog: &Catalog, scope: &str) -> bool {
    scope == "*"
        || scope.split_once(':').is_some_and(|(noun, verb)| {
            (noun == "*" || catalog.by_plural(noun).is_some())
                && matches!(verb, "read" | "write" | "delete" | "export" | "*")
        })
}

/// What is left of a policy within the scopes of a token.
pub(crate) fn narrow(catalog: &Catalog, policy: &Arc<Policy>, scopes: &str) -> Arc<Policy> {
    let list: Vec<&str> = scopes.split_whitespace().collect();
    if list.contains(&"*") {
        return Arc::clone(policy);
    }
    let mut narrowed = (**policy).clone();
    narrowed.unrestricted = false;
    narrowed.objects.clear();
    for o in catalog.objects() {
        let mut own = policy.objects.get(&o.key).cloned().unwrap_or_default();
        for verb in Verb::ALL {
            let name = verb_name(*verb);
            let allowed = list.iter().any(|s| {
                s.split_once(':')
                    .is_some_and(|(noun, v)| (noun == o.plural || noun == "*") && (v == name || v == "*"))
            });
            let reach = if allowed {
                policy.reach(&o.key, *verb)
            } else {
                Reach::None
            };
            own.reach.insert(*verb, reach);
        }
        narrowed.objects.insert(o.key.clone(), own);
    }
    Arc::new(narrowed)
}

impl App {
    /// Makes a token for a user and gives its text, which is stored nowhere. For whoever runs the instance.
    pub async fn create_token(
        &self,
        workspace: &Arc<Workspace>,
        email: &str,
        name: &str,
        scopes: &[String],
    ) -> Result<String, AppError> {
        let owner = self
            .user_by_email(workspace, email)
            .await?
            .ok_or(AppError::NotFound)?;
        let new = NewToken {
            name: name.to_owned(),
            scopes: scopes.to_vec(),
            ..NewToken::default()
        };
        let caller = Caller::system(workspace, Via::Cli);
        self.issue_token(&caller, owner.id(), &new)
            .await
            .map(|(_, text)| text)
    }

    /// Makes a token: its id, and its text, which is shown once and stored nowhere. People make their own; a token that has
    /// not all of its owner's rights makes none that has more than itself.
    pub async fn issue_token(
        &self,
        caller: &Caller,
        owner: Id,
        new: &NewToken,
    ) -> Result<(Id, String), AppError> {
        let w = &caller.workspace;
        let bad = |name: &'static str, value: &str| AppError::Parameter {
            name,
            value: value.chars().take(60).collect(),
        };
        if new.scopes.is_empty() {
            return Err(bad("scopes", ""));
        }
        if let Some(s) = new.scopes.iter().find(|s| !known_scope(w.catalog(), s)) {
            return Err(bad("scopes", s));
        }
        if let Some(n) = new.networks.iter().find(|n| Network::parse(n).is_none()) {
            return Err(bad("networks", n));
        }
        let now = self.clock.now();
        if new.expires_at.is_some_and(|e| e <= now) {
            return Err(bad("expires_at", &new.expires_at.unwrap_or_default().to_string()));
        }
        if caller.actor != Actor::System {
            if caller.actor != Actor::User(owner) {
                return Err(AppError::Forbidden);
            }
            let (whole, _) = self.policy_of(w, owner, "*").await?;
            let theirs = narrow(w.catalog(), &whole, &new.scopes.join(" "));
            if !crate::rights::covers(&caller.policy, &theirs, w.catalog()) {
                return Err(AppError::Forbidden);
            }
        }
        let token = format!("{TOKEN_PREFIX}{}", hex::encode(random::bytes::<32>()));
        let id = self.ids.next(now);
        let t = &SIDE.token;
        let row = row_of(
            t,
            &[
                ("workspace_id", number(w.id)),
                ("hash", hash(&token).to_vec().into()),
                ("id", id.into()),
                ("user_id", owner.into()),
                ("name", new.name.chars().take(100).collect::<String>().into()),
                ("scopes", new.scopes.join(" ").into()),
                ("created_at", now.micros().into()),
                ("expires_at", new.expires_at.map(Instant::micros).into()),
                (
                    "networks",
                    Some(new.networks.join(" ")).filter(|n| !n.is_empty()).into(),
                ),
            ],
        );
        self.note(
            caller,
            owner,
            serde_json::json!({"token": new.name, "made": id.to_string()}),
        )
        .await?;
        self.steps(vec![Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        }])
        .await?;
        Ok((id, token))
    }

    /// The tokens of the caller; for those who manage users, everybody's. A token that was made for less than all its
    /// owner may do is shown them only when its scopes let it read users.
    ///
    /// # Errors
    /// `Forbidden` for a token whose scopes do not.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenLine>, AppError> {
        if caller.policy.reach("user", Verb::Read) == Reach::None {
            self.whole_rights(caller).await?;
        }
        self.write_uses().await?;
        let t = &SIDE.token;
        let mut key = vec![("workspace_id", number(caller.workspace.id))];
        if self.may_manage(caller, "user", Verb::Update).is_err() {
            key.push(("user_id", caller.actor.id().into()));
        }
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let mut out: Vec<TokenLine> = rows
            .iter()
            .map(|r| {
                let id = |c: &str| r[t.at(c)].uuid().unwrap_or(Id::NIL);
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
                let when = |c: &str| r[t.at(c)].int().map(Instant);
                TokenLine {
                    id: id("id"),
                    user: id("user_id"),
                    name: text("name"),
                    scopes: text("scopes"),
                    networks: text("networks"),
                    created_at: when("created_at").unwrap_or_default(),
                    used_at: when("used_at"),
                    expires_at: when("expires_at"),
                    revoked_at: when("revoked_at"),
                }
            })
            .collect();
        out.sort_by_key(|l| l.id);
        Ok(out)
    }

    /// Revokes a token: one's own, or anybody's for those who manage users.
    pub async fn revoke_token(&self, caller: &Caller, id: Id) -> Result<(), AppError> {
        let line = self
            .tokens(caller)
            .await?
            .into_iter()
            .find(|l| l.id == id)
            .ok_or(AppError::NotFound)?;
        let t = &SIDE.token;
        self.revoke(caller.workspace.id, (t.at("id"), id.into())).await?;
        self.rights_changed().await?;
        self.note(
            caller,
            line.user,
            serde_json::json!({"token": line.name, "revoked": id.to_string()}),
        )
        .await
    }

    pub(crate) async fn revoke_tokens_of(&self, w: &Workspace, user: Id) -> Result<(), AppError> {
        self.revoke(w.id, (SIDE.token.at("user_id"), user.into())).await
    }

    async fn revoke(&self, w: WorkspaceId, which: (usize, SqlVal)) -> Result<(), AppError> {
        let t = &SIDE.token;
        self.steps(vec![Step::Update {
            table: Arc::clone(t),
            set: at(t, &[("revoked_at", self.clock.now().micros().into())]),
            key: vec![
                (t.at("workspace_id"), number(w)),
                which,
                (t.at("revoked_at"), SqlVal::Null),
            ],
            expect_one: None,
        }])
        .await
    }

    /// The caller behind a bearer token, from an address that is not known.
    pub async fn caller_of_token(&self, token: &str, via: Via) -> Result<Caller, AppError> {
        self.caller_of_token_from(token, via, None).await
    }

    /// The caller behind a bearer token that came from this address.
    ///
    /// # Errors
    /// `Unauthenticated` when the token is not known, revoked, over, from elsewhere, or its owner is switched off.
    pub async fn caller_of_token_from(
        &self,
        token: &str,
        via: Via,
        from: Option<IpAddr>,
    ) -> Result<Caller, AppError> {
        if !token.starts_with(TOKEN_PREFIX) || token.len() != TOKEN_PREFIX.len() + 64 {
            return Err(AppError::Unauthenticated);
        }
        let now = self.clock.now();
        let key = hash(token);
        let revision = self.rights_revision().await?;
        let known = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .filter(|k| k.until > now && k.revision == revision)
            .cloned();
        let known = match known {
            Some(k) => k,
            None => {
                let fresh = self.look_up(&key, now, revision).await?;
                let mut map = self.known.write().unwrap_or_else(PoisonError::into_inner);
                if map.len() > 10_000 {
                    map.retain(|_, k| k.until > now);
                }
                map.insert(key, fresh.clone());
                fresh
            }
        };
        if !known.networks.is_empty() && !from.is_some_and(|a| known.networks.iter().any(|n| n.holds(a))) {
            return Err(AppError::Unauthenticated);
        }
        let workspace = self
            .open_workspaces()
            .get(&known.workspace)
            .cloned()
            .ok_or(AppError::Unauthenticated)?;
        Ok(Caller {
            workspace,
            actor: Actor::User(known.user),
            via,
            policy: known.policy,
            language: known.habits.language,
            calendar: known.habits.calendar,
        })
    }

    async fn look_up(&self, key: &[u8; 32], now: Instant, revision: i64) -> Result<Known, AppError> {
        for (slug, _) in self.workspaces().await? {
            let workspace = self.workspace(Some(&slug)).await?;
            let t = &SIDE.token;
            let call = RowsCall::new(
                t,
                &[
                    ("workspace_id", number(workspace.id)),
                    ("hash", key.to_vec().into()),
                ],
            );
            let rows = self.store.rows(call.limit(1)).await?;
            let Some(row) = rows.first() else { continue };
            let expires = row[t.at("expires_at")].int();
            let id = row[t.at("user_id")].uuid().unwrap_or(Id::NIL);
            let scopes = row[t.at("scopes")].text().unwrap_or_default();
            let over = row[t.at("revoked_at")].int().is_some() || expires.is_some_and(|e| e <= now.micros());
            let rights = if over {
                Err(AppError::Unauthenticated)
            } else {
                self.policy_of(&workspace, id, scopes).await
            };
            let (policy, habits) = match rights {
                Ok(r) => r,
                Err(AppError::Unauthenticated) => {
                    // Somebody uses what no longer works: that is worth knowing, a few times an hour.
                    let name = format!("dead-token:{}", hex::encode(&key[..12]));
                    if self.count_tries(3600, &[(name, 3)]).await.is_ok() {
                        self.note_security(&workspace, id, "dead-token-refused").await?;
                    }
                    return Err(AppError::Unauthenticated);
                }
                Err(e) => return Err(e),
            };
            let last = row[t.at("used_at")].int().unwrap_or_default();
            self.note_use(Used::Token(workspace.id, *key), last, now);
            let until = now.plus_micros(KNOWN_FOR);
            return Ok(Known {
                workspace: workspace.id,
                user: id,
                policy,
                habits,
                networks: row[t.at("networks")]
                    .text()
                    .unwrap_or_default()
                    .split_whitespace()
                    .filter_map(Network::parse)
                    .collect(),
                revision,
                until: expires.map_or(until, |e| until.min(Instant(e))),
            });
        }
        Err(AppError::Unauthenticated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::1"),
        ] {
            let n = Network::parse(network).unwrap();
            assert!(n.holds(inside.parse().unwrap()), "{network} {inside}");
            assert!(!n.holds(outside.parse().unwrap()), "{network} {outside}");
        }
        for bad in ["", "192.0.2.0/33", "host", "192.0.2.0/-1", "::/129"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
