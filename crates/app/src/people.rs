//! Users and tokens: as much as a program needs to come in.

use std::sync::{Arc, PoisonError};

use peyvand_catalog::handles::{role, team, user};
use peyvand_core::{Actor, Id, Instant, Via, WorkspaceId, random};
use peyvand_domain::Writer;
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{AuditAction, Batch, Record, Value};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::rights::RoleRules;
use crate::workspace::Workspace;

/// A token that has been checked, kept for a short while so that each request need not ask the database.
#[derive(Debug, Clone)]
pub struct Known {
    workspace: WorkspaceId,
    user: Id,
    policy: Arc<Policy>,
    language: Language,
    until: Instant,
}

/// How long a checked token is taken at its word: a revoked one works this long at most.
const KNOWN_FOR: i64 = 5 * Instant::SECOND;
/// Tokens begin with this, so that they are recognised where they do not belong.
const TOKEN_PREFIX: &str = "pvd_";

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail address: unique in the workspace.
    pub email: String,
    /// Name.
    pub name: String,
    /// Key of the role.
    pub role: String,
    /// May sign in.
    pub active: bool,
    /// The team.
    pub team: Option<Id>,
}

impl App {
    /// The role with this key, made when it is a built-in one that is not there yet.
    pub async fn role(&self, workspace: &Arc<Workspace>, key: &str) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        let roles = self.all_of(workspace, "role").await?;
        if let Some(r) = roles.iter().find(|r| r.get(role::KEY).as_str() == Some(key)) {
            return Ok(r.id());
        }
        let rules = RoleRules::built_in(key).ok_or_else(|| AppError::Parameter {
            name: "role",
            value: key.to_owned(),
        })?;
        let name = match (key, caller.workspace.settings.language.as_str()) {
            ("admin", "fa") => "مدیر سامانه",
            ("manager", "fa") => "مدیر فروش",
            ("seller", "fa") => "کارشناس فروش",
            ("reader", "fa") => "بیننده",
            ("admin", _) => "Administrator",
            ("manager", _) => "Sales manager",
            ("seller", _) => "Salesperson",
            _ => "Reader",
        };
        let values = vec![
            (role::NAME, Value::text(name)),
            (role::KEY, Value::text(key)),
            (
                role::RULES,
                Value::Json(Box::new(serde_json::to_value(rules).unwrap_or_default())),
            ),
            (role::BUILT_IN, Value::Bool(true)),
        ];
        self.insert(&caller, "role", values).await
    }

    /// Makes a team.
    pub async fn create_team(
        &self,
        workspace: &Arc<Workspace>,
        name: &str,
        parent: Option<Id>,
    ) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        self.insert(
            &caller,
            "team",
            vec![(team::NAME, Value::text(name)), (team::PARENT_ID, parent.into())],
        )
        .await
    }

    /// Makes a user.
    pub async fn create_user(&self, workspace: &Arc<Workspace>, new: &NewUser) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        let role_id = self.role(workspace, &new.role).await?;
        let object = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        let mut edge = workspace.edge(Language::Fa, self.clock.now(), Mode::Create);
        edge.use_case = true;
        let mut given = serde_json::Map::new();
        given.insert("name".to_owned(), new.name.clone().into());
        given.insert("email".to_owned(), new.email.clone().into());
        let mut values = peyvand_record::codec::parse_json(workspace.catalog(), object, &given, &edge)
            .map_err(AppError::Invalid)?;
        values.push((user::ROLE_ID, Value::Id(role_id)));
        values.push((user::ACTIVE, Value::Bool(new.active)));
        values.push((user::TEAM_ID, new.team.into()));
        self.insert(&caller, "user", values).await
    }

    /// A record made by the program's own use case.
    pub(crate) async fn insert(
        &self,
        caller: &Caller,
        object: &str,
        values: Vec<(peyvand_catalog::FieldIx, Value)>,
    ) -> Result<Id, AppError> {
        let context = self.context(caller);
        let catalog = caller.workspace.catalog();
        let def = catalog.object(object).ok_or(AppError::NotFound)?;
        let (record, batch) = Writer {
            catalog,
            context: &context,
            ids: &self.ids,
        }
        .create(def, values)
        .map_err(AppError::Invalid)?;
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        Ok(record.id())
    }

    /// Up to 1,000 records of an object, for the program's own use.
    pub(crate) async fn all_of(&self, workspace: &Workspace, object: &str) -> Result<Vec<Record>, AppError> {
        let all = Policy::all(Actor::System);
        let q = Query::of(object).limit(1000);
        Ok(self
            .store
            .page(workspace.id, &workspace.layout, &all, &q)
            .await?
            .records)
    }

    /// The user with this e-mail address.
    pub async fn user_by_email(
        &self,
        workspace: &Workspace,
        email: &str,
    ) -> Result<Option<Record>, AppError> {
        let wanted =
            peyvand_identifiers::email::normalise(email).map_or_else(|_| email.to_owned(), |e| e.address);
        let users = self.all_of(workspace, "user").await?;
        Ok(users.into_iter().find(|u| {
            u.get(user::EMAIL)
                .as_str()
                .is_some_and(|e| e.eq_ignore_ascii_case(&wanted))
        }))
    }

    /// Makes a token for a user and gives its text, which is stored nowhere.
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
        let token = format!("{TOKEN_PREFIX}{}", hex::encode(random::bytes::<32>()));
        let now = self.clock.now();
        let t = &SIDE.token;
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(workspace.id.0).into()),
            ("hash", hash(&token).to_vec().into()),
            ("id", self.ids.next(now).into()),
            ("user_id", owner.id().into()),
            ("name", name.into()),
            ("scopes", scopes.join(" ").into()),
            ("created_at", now.micros().into()),
        ] {
            row[t.at(c)] = v;
        }
        let step = Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        };
        let caller = Caller::system(workspace, Via::Cli);
        let context = self.context(&caller);
        let writer = Writer {
            catalog: workspace.catalog(),
            context: &context,
            ids: &self.ids,
        };
        let mut batch = Batch::default();
        if let Some(def) = workspace.catalog().object("user") {
            writer.entry(
                &mut batch,
                AuditAction::Security,
                def,
                owner.id(),
                serde_json::json!({"token": name}).to_string(),
            );
        }
        self.store
            .apply_with(&context, &workspace.layout, &caller.policy, &batch, vec![step])
            .await?;
        Ok(token)
    }

    /// The caller behind a bearer token.
    pub async fn caller_of_token(&self, token: &str, via: Via) -> Result<Caller, AppError> {
        if !token.starts_with(TOKEN_PREFIX) || token.len() != TOKEN_PREFIX.len() + 64 {
            return Err(AppError::Unauthenticated);
        }
        let now = self.clock.now();
        let key = hash(token);
        let known = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let known = match known {
            Some(k) if k.until > now => k,
            _ => {
                let fresh = self.look_up(&key, now).await?;
                let mut map = self.known.write().unwrap_or_else(PoisonError::into_inner);
                if map.len() > 10_000 {
                    map.retain(|_, k| k.until > now);
                }
                map.insert(key, fresh.clone());
                fresh
            }
        };
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
            language: known.language,
        })
    }

    async fn look_up(&self, key: &[u8; 32], now: Instant) -> Result<Known, AppError> {
        for (slug, _) in self.workspaces().await? {
            let workspace = self.workspace(Some(&slug)).await?;
            let t = &SIDE.token;
            let call = RowsCall::new(
                t,
                &[
                    ("workspace_id", i64::from(workspace.id.0).into()),
                    ("hash", key.to_vec().into()),
                ],
            );
            let rows = self.store.rows(call.limit(1)).await?;
            let Some(row) = rows.first() else { continue };
            let dead = row[t.at("revoked_at")].int().is_some()
                || row[t.at("expires_at")].int().is_some_and(|e| e <= now.micros());
            if dead {
                return Err(AppError::Unauthenticated);
            }
            let id = row[t.at("user_id")].uuid().unwrap_or(Id::NIL);
            let scopes = row[t.at("scopes")].text().unwrap_or_default().to_owned();
            let (policy, language) = self.policy_of(&workspace, id, &scopes).await?;
            return Ok(Known {
                workspace: workspace.id,
                user: id,
                policy,
                language,
                until: now.plus_micros(KNOWN_FOR),
            });
        }
        Err(AppError::Unauthenticated)
    }

    /// The rights and the language of a user, within the scopes of a token (`*`, `contacts:read`, `contacts:*`).
    pub async fn policy_of(
        &self,
        workspace: &Workspace,
        id: Id,
        scopes: &str,
    ) -> Result<(Arc<Policy>, Language), AppError> {
        let all = Policy::all(Actor::System);
        let find = |object: &'static str, id: Id| {
            let all = Arc::clone(&all);
            async move {
                self.store
                    .get(
                        workspace.id,
                        &workspace.layout,
                        &all,
                        object,
                        id,
                        DeletedScope::Live,
                    )
                    .await
            }
        };
        let person = find("user", id).await?.ok_or(AppError::Unauthenticated)?;
        if *person.get(user::ACTIVE) == Value::Bool(false) {
            return Err(AppError::Unauthenticated);
        }
        let language = if person
            .get(user::LANGUAGE)
            .as_str()
            .unwrap_or(&workspace.settings.language)
            == "en"
        {
            Language::En
        } else {
            Language::Fa
        };
        let rules = match person.get(user::ROLE_ID).as_id() {
            Some(r) => match find("role", r).await? {
                Some(record) => match record.get(role::RULES) {
                    Value::Json(j) => serde_json::from_value((**j).clone()).unwrap_or_default(),
                    _ => RoleRules::default(),
                },
                None => RoleRules::default(),
            },
            None => RoleRules::default(),
        };
        let mut own: Vec<Id> = person.get(user::TEAM_ID).as_id().into_iter().collect();
        let teams = own.clone();
        let tree = self.all_of(workspace, "team").await?;
        let mut at = 0;
        while at < own.len() {
            let parent = own[at];
            for t in &tree {
                if t.get(team::PARENT_ID).as_id() == Some(parent) && !own.contains(&t.id()) {
                    own.push(t.id());
                }
            }
            at += 1;
        }
        let policy = rules.policy(workspace.catalog(), id, teams, own);
        Ok((narrow(workspace, &policy, scopes), language))
    }
}

/// What is left of a policy within the scopes of a token.
fn narrow(workspace: &Workspace, policy: &Arc<Policy>, scopes: &str) -> Arc<Policy> {
    let list: Vec<&str> = scopes.split_whitespace().collect();
    if list.contains(&"*") {
        return Arc::clone(policy);
    }
    let mut narrowed = (**policy).clone();
    narrowed.unrestricted = false;
    narrowed.objects.clear();
    for o in workspace.catalog().objects() {
        let mut own = policy.objects.get(&o.key).cloned().unwrap_or_default();
        for verb in Verb::ALL {
            let name = match verb {
                Verb::Read => "read",
                Verb::Create | Verb::Update => "write",
                Verb::Delete => "delete",
                Verb::Export => "export",
            };
            let allowed = list.iter().any(|s| {
                s.split_once(':')
                    .is_some_and(|(noun, v)| (noun == o.plural || noun == "*") && (v == name || v == "*"))
            });
            let reach = if allowed {
                policy.reach(&o.key, *verb)
            } else {
                peyvand_record::Reach::None
            };
            own.reach.insert(*verb, reach);
        }
        narrowed.objects.insert(o.key.clone(), own);
    }
    Arc::new(narrowed)
}
