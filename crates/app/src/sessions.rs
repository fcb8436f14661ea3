//! Sessions of people: the cookie's other half, the list of devices, the switch between workspaces.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use peyvand_catalog::FieldIx;
use peyvand_catalog::handles::user;
use peyvand_core::{Actor, Id, Instant, Via, WorkspaceId, random};
use peyvand_domain::Writer;
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::policy::Policy;
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Record, Value};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, StoreError};
use sha2::{Digest, Sha256};

use crate::accounts::{Account, INSTANCE, at, number, row_of};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::uses::Used;
use crate::workspace::Workspace;

/// A session ends at the latest after this.
pub const SESSION_LIFE: i64 = 30 * Instant::DAY;
/// A session that is not used ends after this.
const IDLE_LIFE: i64 = 7 * Instant::DAY;
/// A session that was checked is taken at its word this long, unless rights change.
const KNOWN_FOR: i64 = 30 * Instant::SECOND;
/// Whoever gave their password this recently need not give it again for a change of their security.
pub const PROOF_LIFE: i64 = 10 * 60 * Instant::SECOND;
/// What the `kind` column says of a session of a person.
pub(crate) const SESSION: &str = "session";

/// The other end of a connection, as the server sees it through the proxies that it was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The connection is encrypted.
    pub secure: bool,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The device, as its browser names itself.
    pub device: String,
    /// The address, as far as it is known.
    pub address: Option<IpAddr>,
    /// What the browser shows to be known from an earlier sign-in.
    pub known: Option<String>,
}

/// The network of an address: /24 of IPv4, /64 of IPv6; addresses of IPv4 in the clothes of IPv6 are IPv4.
#[must_use]
pub fn network(address: Option<IpAddr>) -> String {
    match address.map(|a| a.to_canonical()) {
        None => "local".to_owned(),
        Some(IpAddr::V4(a)) => {
            let [x, y, z, _] = a.octets();
            format!("{x}.{y}.{z}.0/24")
        }
        Some(IpAddr::V6(a)) => {
            let [s, t, u, v, ..] = a.segments();
            format!("{s:x}:{t:x}:{u:x}:{v:x}::/64")
        }
    }
}

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who, with which rights, in which language.
    pub caller: Caller,
    /// The user's own record.
    pub user: Arc<Record>,
    /// The hash under which the session stands.
    pub hash: [u8; 32],
    /// The person's account.
    pub account: Id,
    /// When the person last showed that it is they.
    pub proved_at: Instant,
}

impl Session {
    /// Did the person give their password within the last ten minutes?
    ///
    /// # Errors
    /// `ProveAgain` when not.
    pub fn proved(&self, now: Instant) -> Result<(), AppError> {
        if now.micros() - self.proved_at.micros() <= PROOF_LIFE {
            Ok(())
        } else {
            Err(AppError::ProveAgain)
        }
    }
}

/// A session that has been opened: what the browser keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The token of the session's cookie.
    pub token: String,
    /// What makes the browser known at the next sign-in.
    pub known: String,
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Device {
    /// A name to end it by; tells nothing of its token.
    pub id: String,
    /// The device, as its browser names itself.
    pub device: String,
    /// The network it was opened from.
    pub network: String,
    /// Opened.
    pub created_at: Instant,
    /// Last seen, to five minutes.
    pub seen_at: Instant,
    /// The one that asks.
    pub current: bool,
}

/// A session that has been looked up, kept for a short while.
#[derive(Debug, Clone)]
pub(crate) struct KnownSession {
    session: Session,
    revision: i64,
    until: Instant,
}

pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

pub(crate) fn well_formed(token: &str) -> bool {
    token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The name of a session for its owner.
fn public_name(hash: &[u8]) -> String {
    hex::encode(&Sha256::digest(hash)[..8])
}

/// A row of the table of sessions, before it is written.
pub(crate) struct NewRow<'a> {
    pub(crate) kind: &'a str,
    pub(crate) account: Id,
    pub(crate) place: WorkspaceId,
    pub(crate) user: Id,
    pub(crate) life: i64,
}

impl App {
    /// The row of a session or one-time link.
    pub(crate) fn session_step(&self, token: &str, new: &NewRow<'_>, visit: &Visit, on_key: OnKey) -> Step {
        let now = self.clock.now();
        let t = &SIDE.session;
        let row = row_of(
            t,
            &[
                ("workspace_id", number(INSTANCE)),
                ("hash", hash(token).to_vec().into()),
                ("kind", new.kind.into()),
                ("account_id", new.account.into()),
                ("place", number(new.place)),
                ("user_id", new.user.into()),
                ("created_at", now.micros().into()),
                ("seen_at", now.micros().into()),
                ("expires_at", now.plus_micros(new.life).micros().into()),
                ("proved_at", now.micros().into()),
                (
                    "device",
                    visit.device.chars().take(200).collect::<String>().into(),
                ),
                ("network", network(visit.address).into()),
            ],
        );
        Step::Insert {
            table: Arc::clone(t),
            row,
            on_key,
        }
    }

    /// Opens a session for an account in the place where it is this user.
    pub(crate) async fn open_session(
        &self,
        account: Id,
        place: WorkspaceId,
        user: Id,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        let token = hex::encode(random::bytes::<32>());
        let new = NewRow {
            kind: SESSION,
            account,
            place,
            user,
            life: SESSION_LIFE,
        };
        self.steps(vec![self.session_step(&token, &new, visit, OnKey::Fail)])
            .await?;
        Ok(Opened {
            token,
            known: self.known_mark(account, visit),
        })
    }

    /// The row under a hash, when it is of this kind and its time is not over.
    pub(crate) async fn session_row(&self, key: &[u8; 32], kind: &str) -> Result<Row, AppError> {
        let t = &SIDE.session;
        let key = [("workspace_id", number(INSTANCE)), ("hash", key.to_vec().into())];
        let mut rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let row = rows.pop().ok_or(AppError::Unauthenticated)?;
        let now = self.clock.now().micros();
        let live = row[t.at("expires_at")].int().is_some_and(|e| e > now)
            && (kind != SESSION || row[t.at("seen_at")].int().is_some_and(|s| s > now - IDLE_LIFE));
        if live && row[t.at("kind")].text() == Some(kind) {
            Ok(row)
        } else {
            Err(AppError::Unauthenticated)
        }
    }

    fn delete_session_step(key: &[u8], once: bool) -> Step {
        let t = &SIDE.session;
        Step::Delete {
            table: Arc::clone(t),
            key: at(
                t,
                &[("workspace_id", number(INSTANCE)), ("hash", key.to_vec().into())],
            ),
            expect_some: once.then(|| Conflict::Guard("one-time link".to_owned())),
        }
    }

    /// Uses a one-time link up: whoever comes second finds nothing.
    pub(crate) async fn use_up(&self, key: &[u8; 32]) -> Result<(), AppError> {
        match self.steps(vec![Self::delete_session_step(key, true)]).await {
            Err(AppError::Store(StoreError::Conflict(_))) => Err(AppError::Unauthenticated),
            other => other,
        }
    }

    /// The workspace with this number.
    pub(crate) async fn workspace_of(&self, place: WorkspaceId) -> Result<Arc<Workspace>, AppError> {
        if let Some(w) = self.open_workspaces().get(&place).cloned() {
            return Ok(w);
        }
        for (slug, _) in self.workspaces().await? {
            let w = self.workspace(Some(&slug)).await?;
            if w.id == place {
                return Ok(w);
            }
        }
        Err(AppError::Unauthenticated)
    }

    /// A user's record, when it is there.
    pub(crate) async fn user_record(&self, workspace: &Workspace, id: Id) -> Result<Record, AppError> {
        let all = Policy::all(Actor::System);
        self.store
            .get(
                workspace.id,
                &workspace.layout,
                &all,
                "user",
                id,
                DeletedScope::Live,
            )
            .await?
            .ok_or(AppError::Unauthenticated)
    }

    /// Writes into the audit log what happened to a person's security.
    pub(crate) async fn note_security(
        &self,
        workspace: &Arc<Workspace>,
        who: Id,
        what: &str,
    ) -> Result<(), AppError> {
        let mut caller = Caller::system(workspace, Via::Web);
        caller.actor = Actor::User(who);
        self.note(&caller, who, serde_json::json!({ "session": what }))
            .await
    }

    /// Writes an entry about a user's security, done by the caller.
    pub(crate) async fn note(
        &self,
        caller: &Caller,
        user: Id,
        detail: serde_json::Value,
    ) -> Result<(), AppError> {
        let context = self.context(caller);
        let w = &caller.workspace;
        let mut batch = Batch::default();
        if let Some(def) = w.catalog().object("user") {
            Writer {
                catalog: w.catalog(),
                context: &context,
                ids: &self.ids,
                zone: &w.settings.time_zone,
                teams: self.teams(w.id),
            }
            .entry(&mut batch, AuditAction::Security, def, user, detail.to_string());
        }
        Ok(self
            .store
            .apply(&context, &w.layout, &Policy::all(caller.actor), &batch)
            .await?)
    }

    /// The person behind a cookie.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such session, or its user is no longer active.
    pub async fn session(&self, token: &str) -> Result<Session, AppError> {
        if !well_formed(token) {
            return Err(AppError::Unauthenticated);
        }
        let now = self.clock.now();
        let key = hash(token);
        let revision = self.rights_revision().await?;
        let known = self
            .sessions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .filter(|k| k.until > now && k.revision == revision)
            .map(|k| k.session.clone());
        if let Some(session) = known {
            return Ok(session);
        }
        // A session that nobody uses ends: a use that is not written yet counts.
        if self.is_noted(Used::Session(key)) {
            self.write_uses().await?;
        }
        let t = &SIDE.session;
        let row = self.session_row(&key, SESSION).await?;
        let int = |c: &str| row[t.at(c)].int().unwrap_or_default();
        let id = row[t.at("user_id")].uuid().unwrap_or(Id::NIL);
        let workspace = self.workspace_of(WorkspaceId(int("place") as i32)).await?;
        let person = self.user_record(&workspace, id).await?;
        let caller = self.caller_of(&workspace, id, Via::Web).await?;
        self.note_use(Used::Session(key), int("seen_at"), now);
        let session = Session {
            caller,
            user: Arc::new(person),
            hash: key,
            account: row[t.at("account_id")].uuid().unwrap_or(Id::NIL),
            proved_at: Instant(int("proved_at")),
        };
        let mut map = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        if map.len() > 10_000 {
            map.retain(|_, k| k.until > now);
        }
        let until = now.plus_micros(KNOWN_FOR).min(Instant(int("expires_at")));
        map.insert(
            key,
            KnownSession {
                session: session.clone(),
                revision,
                until,
            },
        );
        Ok(session)
    }

    /// Forgets what is known of sessions and tokens here; what the database says counts again.
    pub fn forget_sessions(&self) {
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), AppError> {
        self.steps(vec![Self::delete_session_step(&session.hash, false)])
            .await?;
        self.rights_changed().await?;
        self.note_security(&session.caller.workspace, session.user.id(), "signed-out")
            .await
    }

    /// Ends every session and one-time link of an account, but for one session.
    pub(crate) async fn end_sessions(&self, account: Id, but: Option<&[u8; 32]>) -> Result<(), AppError> {
        let t = &SIDE.session;
        let key = [("workspace_id", number(INSTANCE)), ("account_id", account.into())];
        self.end_rows(RowsCall::new(t, &key), but).await
    }

    /// Ends every session and one-time link of one user in one workspace.
    pub(crate) async fn end_sessions_of_user(&self, place: WorkspaceId, user: Id) -> Result<(), AppError> {
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("place", number(place)),
            ("user_id", user.into()),
        ];
        self.end_rows(RowsCall::new(t, &key), None).await
    }

    async fn end_rows(&self, call: RowsCall, but: Option<&[u8; 32]>) -> Result<(), AppError> {
        let t = &SIDE.session;
        loop {
            let rows = self.store.rows(call.clone().limit(500)).await?;
            let steps: Vec<Step> = rows
                .iter()
                .filter_map(|r| r[t.at("hash")].bytes())
                .filter(|h| but.is_none_or(|b| &b[..] != *h))
                .map(|h| Self::delete_session_step(h, false))
                .collect();
            let more = rows.len() == 500 && !steps.is_empty();
            if !steps.is_empty() {
                self.steps(steps).await?;
            }
            if !more {
                return self.rights_changed().await;
            }
        }
    }

    /// The sessions of the person, the newest first.
    pub async fn devices(&self, session: &Session) -> Result<Vec<Device>, AppError> {
        self.write_uses().await?;
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("account_id", session.account.into()),
        ];
        let now = self.clock.now().micros();
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let mut out: Vec<Device> = rows
            .iter()
            .filter(|r| {
                r[t.at("kind")].text() == Some(SESSION)
                    && r[t.at("expires_at")].int().is_some_and(|e| e > now)
                    && r[t.at("seen_at")].int().is_some_and(|s| s > now - IDLE_LIFE)
            })
            .map(|r| {
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
                let when = |c: &str| Instant(r[t.at(c)].int().unwrap_or_default());
                let h = r[t.at("hash")].bytes().unwrap_or_default();
                Device {
                    id: public_name(h),
                    device: text("device"),
                    network: text("network"),
                    created_at: when("created_at"),
                    seen_at: when("seen_at"),
                    current: h == &session.hash[..],
                }
            })
            .collect();
        out.sort_by_key(|d| std::cmp::Reverse((d.current, d.seen_at)));
        Ok(out)
    }

    /// Ends one of the person's own sessions, by the name in the list of devices.
    ///
    /// # Errors
    /// `ProveAgain` when the password was given too long ago; `NotFound`.
    pub async fn sign_out_device(&self, session: &Session, id: &str) -> Result<(), AppError> {
        session.proved(self.clock.now())?;
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("account_id", session.account.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let found = rows
            .iter()
            .filter_map(|r| r[t.at("hash")].bytes())
            .find(|h| public_name(h) == id)
            .ok_or(AppError::NotFound)?;
        self.steps(vec![Self::delete_session_step(found, false)]).await?;
        self.rights_changed().await?;
        self.note_security(&session.caller.workspace, session.user.id(), "device-signed-out")
            .await
    }

    /// Ends all of the person's sessions but this one.
    ///
    /// # Errors
    /// `ProveAgain` when the password was given too long ago.
    pub async fn sign_out_everywhere(&self, session: &Session) -> Result<(), AppError> {
        session.proved(self.clock.now())?;
        self.end_sessions(session.account, Some(&session.hash)).await?;
        self.note_security(
            &session.caller.workspace,
            session.user.id(),
            "signed-out-everywhere",
        )
        .await
    }

    /// The workspaces that the person can go to: slug, name, whether it is this one.
    pub async fn workspaces_of(&self, session: &Session) -> Result<Vec<(String, String, bool)>, AppError> {
        let mut out = Vec::new();
        for (place, user) in self.memberships(session.account).await? {
            let Ok(w) = self.workspace_of(place).await else {
                continue;
            };
            if self.active_user(&w, user).await?.is_some() {
                out.push((
                    w.slug.clone(),
                    w.name.clone(),
                    place == session.caller.workspace.id,
                ));
            }
        }
        Ok(out)
    }

    /// The user's record when they may come in.
    pub(crate) async fn active_user(&self, w: &Workspace, id: Id) -> Result<Option<Record>, AppError> {
        match self.user_record(w, id).await {
            Ok(r) => Ok((*r.get(user::ACTIVE) != Value::Bool(false)).then_some(r)),
            Err(AppError::Unauthenticated) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Goes to another workspace of the same person: a new session takes the place of this one.
    pub async fn switch_workspace(
        &self,
        session: &Session,
        slug: &str,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        for (place, user) in self.memberships(session.account).await? {
            let w = self.workspace_of(place).await?;
            if w.slug == slug && self.active_user(&w, user).await?.is_some() {
                let opened = self.open_session(session.account, place, user, visit).await?;
                self.keep_proof(&opened, session.proved_at).await?;
                self.steps(vec![Self::delete_session_step(&session.hash, false)])
                    .await?;
                self.rights_changed().await?;
                self.note_security(&w, user, "switched-workspace").await?;
                return Ok(opened);
            }
        }
        Err(AppError::NotFound)
    }

    /// A session that follows another has shown no more than that one.
    async fn keep_proof(&self, opened: &Opened, proved: Instant) -> Result<(), AppError> {
        let t = &SIDE.session;
        self.steps(vec![Step::Update {
            table: Arc::clone(t),
            set: at(t, &[("proved_at", proved.micros().into())]),
            key: at(
                t,
                &[
                    ("workspace_id", number(INSTANCE)),
                    ("hash", hash(&opened.token).to_vec().into()),
                ],
            ),
            expect_one: None,
        }])
        .await
    }

    /// Replaces the session by a new one that has just been proved.
    pub(crate) async fn renew_session(&self, session: &Session, visit: &Visit) -> Result<Opened, AppError> {
        let opened = self
            .open_session(
                session.account,
                session.caller.workspace.id,
                session.user.id(),
                visit,
            )
            .await?;
        self.steps(vec![Self::delete_session_step(&session.hash, false)])
            .await?;
        self.rights_changed().await?;
        Ok(opened)
    }

    /// The place where a person comes in: the first workspace where they are an active user.
    pub(crate) async fn first_place(
        &self,
        account: &Account,
    ) -> Result<Option<(Arc<Workspace>, Id)>, AppError> {
        for (place, user) in self.memberships(account.id).await? {
            let Ok(w) = self.workspace_of(place).await else {
                continue;
            };
            if self.active_user(&w, user).await?.is_some() {
                return Ok(Some((w, user)));
            }
        }
        Ok(None)
    }

    /// Changes a user's own record.
    pub(crate) async fn change_user(
        &self,
        workspace: &Arc<Workspace>,
        id: Id,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(), AppError> {
        let mut caller = Caller::system(workspace, Via::Web);
        caller.actor = Actor::User(id);
        caller.policy = Policy::all(caller.actor);
        let def = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        for _ in 0..crate::records::TRIES {
            let before = self.user_record(workspace, id).await?;
            let context = self.context(&caller);
            let (_, batch) = Writer {
                catalog: workspace.catalog(),
                context: &context,
                ids: &self.ids,
                zone: &workspace.settings.time_zone,
                teams: self.teams(workspace.id),
            }
            .patch(def, &before, values.clone(), &[])
            .map_err(AppError::Invalid)?;
            if batch.is_empty() {
                return Ok(());
            }
            match self
                .store
                .apply(&context, &workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => return self.rights_changed().await,
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Forbidden)
    }

    /// Saves a person's own choices: language, calendar, digits, theme, time zone, rial or toman.
    pub async fn save_preferences(&self, session: &Session, chosen: &[(&str, &str)]) -> Result<(), AppError> {
        const OWN: &[&str] = &[
            "language",
            "calendar",
            "digits",
            "theme",
            "time_zone",
            "rial_display",
        ];
        let w = &session.caller.workspace;
        let def = w.catalog().object("user").ok_or(AppError::NotFound)?;
        let edge = w.edge(Language::En, self.clock.now(), Mode::Patch);
        let mut values = Vec::new();
        for (key, given) in chosen {
            let Some((ix, field)) = def.field(key).filter(|_| OWN.contains(key)) else {
                return Err(AppError::Forbidden);
            };
            if *key == "time_zone" && peyvand_calendar::zone::zone(given).is_none() {
                return Err(AppError::Parameter {
                    name: "time_zone",
                    value: (*given).chars().take(60).collect(),
                });
            }
            let value = peyvand_record::codec::parse_text(field, given, &edge)
                .map_err(|e| AppError::Invalid(vec![e]))?;
            values.push((ix, value));
        }
        self.change_user(w, session.user.id(), values).await
    }

    /// Forgets sessions and links whose time is over; gives how many went.
    pub(crate) async fn forget_old_sessions(&self) -> Result<u64, AppError> {
        let t = &SIDE.session;
        let now = self.clock.now().micros();
        let mut n = 0;
        loop {
            let call = RowsCall::new(t, &[("workspace_id", number(INSTANCE))])
                .bound("expires_at", peyvand_store::ports::Bound::Lt, now)
                .limit(500);
            let rows = self.store.rows(call).await?;
            if rows.is_empty() {
                return Ok(n);
            }
            n += rows.len() as u64;
            let steps = rows
                .iter()
                .filter_map(|r| r[t.at("hash")].bytes())
                .map(|h| Self::delete_session_step(h, false))
                .collect();
            self.steps(steps).await?;
        }
    }

    /// What makes a browser known for an account: a random part and its keyed hash.
    pub(crate) fn known_mark(&self, account: Id, visit: &Visit) -> String {
        if let Some(k) = visit.known.as_deref()
            && self.is_known(account, k).is_some()
        {
            return k.to_owned();
        }
        let nonce = hex::encode(random::bytes::<16>());
        let mac = self
            .store
            .keys()
            .derive("known-device", &[account.bytes(), nonce.as_bytes()]);
        format!("{nonce}.{}", hex::encode(mac))
    }

    /// The random part of a mark that fits this account.
    pub(crate) fn is_known<'k>(&self, account: Id, mark: &'k str) -> Option<&'k str> {
        let (nonce, given) = mark.split_once('.')?;
        let mac = self
            .store
            .keys()
            .derive("known-device", &[account.bytes(), nonce.as_bytes()]);
        let given = hex::decode(given).ok()?;
        // Every byte is compared, so that time tells nothing.
        let differ = given.iter().zip(mac).fold(0, |d, (a, b)| d | (a ^ b));
        (nonce.len() == 32 && given.len() == mac.len() && differ == 0).then_some(nonce)
    }

    /// Sessions that are open now.
    pub async fn open_sessions(&self) -> Result<u64, AppError> {
        let t = &SIDE.session;
        let now = self.clock.now().micros();
        let call = RowsCall::new(t, &[("workspace_id", number(INSTANCE)), ("kind", SESSION.into())])
            .bound("expires_at", peyvand_store::ports::Bound::Gt, now)
            .limit(10_000);
        Ok(self.store.rows(call).await?.len() as u64)
    }
}
