//! Sessions of people: passwords, one-time links, the cookie's other half.

use std::sync::{Arc, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use peyvand_catalog::FieldIx;
use peyvand_catalog::handles::user;
use peyvand_core::{Actor, Id, Instant, Via, random};
use peyvand_domain::Writer;
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::policy::Policy;
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Record, Value};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, SqlVal, StoreError};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::people::NewUser;
use crate::workspace::Workspace;

/// A session lives this long without being used.
pub const SESSION_LIFE: i64 = 30 * Instant::DAY;
/// A one-time link works this long.
const LINK_LIFE: i64 = 24 * 60 * 60 * Instant::SECOND;
/// A session that was checked is taken at its word this long.
const KNOWN_FOR: i64 = 5 * Instant::SECOND;
/// Tries of a password for one address in one window.
const TRIES: i64 = 10;
/// The window of tries.
const WINDOW: i64 = 15 * 60 * Instant::SECOND;
/// Fewest characters of a password (NIST SP 800-63B-4 §3.1.1.2 asks for 15 when it stands alone and 8 at least).
pub const SHORTEST_PASSWORD: usize = 10;
/// Most characters of a password: hashing must not be a way to keep the machine busy.
pub const LONGEST_PASSWORD: usize = 256;
/// What the `device` column says of rows that are no sessions.
const LINK: &str = "link:sign-in";
const SETUP: &str = "link:set-up";

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who, with which rights, in which language.
    pub caller: Caller,
    /// The user's own record.
    pub user: Arc<Record>,
    /// The hash under which the session stands.
    pub hash: [u8; 32],
}

/// A session that has been looked up, kept for a short while.
#[derive(Debug, Clone)]
pub(crate) struct KnownSession {
    session: Session,
    until: Instant,
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn well_formed(token: &str) -> bool {
    token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Argon2id with the library's parameters (19 MiB, 2 passes, 1 lane: the OWASP recommendation), off the async threads.
async fn hash_password(password: String) -> Result<String, AppError> {
    tokio::task::spawn_blocking(move || {
        let salt = random::bytes::<16>();
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|h| h.to_string())
    })
    .await
    .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?
    .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))
}

/// Does the password fit the stored hash? Without a hash the same work is done, so that time tells nothing.
async fn fits(password: String, stored: Option<String>) -> Result<bool, AppError> {
    if let Some(stored) = stored {
        return tokio::task::spawn_blocking(move || {
            PasswordHash::new(&stored)
                .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
        })
        .await
        .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())));
    }
    hash_password(password).await.map(|_| false)
}

/// Is the password long enough, and not too long?
pub fn check_password(password: &str) -> Result<(), AppError> {
    let n = password.chars().count();
    if (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&n) {
        Ok(())
    } else {
        Err(AppError::Parameter {
            name: "password",
            value: n.to_string(),
        })
    }
}

impl App {
    fn session_row(&self, workspace: &Workspace, token: &str, user: Id, life: i64, device: &str) -> Row {
        let now = self.clock.now();
        let t = &SIDE.session;
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(workspace.id.0).into()),
            ("hash", hash(token).to_vec().into()),
            ("user_id", user.into()),
            ("created_at", now.micros().into()),
            ("seen_at", now.micros().into()),
            ("expires_at", now.plus_micros(life).micros().into()),
            ("device", device.chars().take(200).collect::<String>().into()),
        ] {
            row[t.at(c)] = v;
        }
        row
    }

    async fn put_session(
        &self,
        workspace: &Workspace,
        user: Id,
        life: i64,
        device: &str,
    ) -> Result<String, AppError> {
        let token = hex::encode(random::bytes::<32>());
        let row = self.session_row(workspace, &token, user, life, device);
        self.store
            .engine()
            .apply(Plan {
                steps: vec![Step::Insert {
                    table: Arc::clone(&SIDE.session),
                    row,
                    on_key: OnKey::Fail,
                }],
            })
            .await?;
        Ok(token)
    }

    async fn session_of(
        &self,
        key: &[u8; 32],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(Arc<Workspace>, Id), AppError> {
        let t = &SIDE.session;
        let now = self.clock.now();
        for (slug, _) in self.workspaces().await? {
            let workspace = self.workspace(Some(&slug)).await?;
            let key = [
                ("workspace_id", i64::from(workspace.id.0).into()),
                ("hash", key.to_vec().into()),
            ];
            let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
            let Some(row) = rows.first() else { continue };
            let live = row[t.at("expires_at")].int().is_some_and(|e| e > now.micros());
            if live && wanted(row[t.at("device")].text().unwrap_or_default()) {
                return Ok((workspace, row[t.at("user_id")].uuid().unwrap_or(Id::NIL)));
            }
            return Err(AppError::Unauthenticated);
        }
        Err(AppError::Unauthenticated)
    }

    fn delete_session_step(workspace: &Workspace, key: &[u8; 32], once: bool) -> Step {
        let t = &SIDE.session;
        Step::Delete {
            table: Arc::clone(t),
            key: vec![
                (t.at("workspace_id"), i64::from(workspace.id.0).into()),
                (t.at("hash"), key.to_vec().into()),
            ],
            expect_some: once.then(|| Conflict::Guard("one-time link".to_owned())),
        }
    }

    /// Uses a one-time link up: whoever comes second finds nothing.
    async fn use_up(&self, workspace: &Workspace, key: &[u8; 32]) -> Result<(), AppError> {
        let plan = Plan {
            steps: vec![Self::delete_session_step(workspace, key, true)],
        };
        match self.store.engine().apply(plan).await {
            Err(StoreError::Conflict(_)) => Err(AppError::Unauthenticated),
            other => Ok(other?),
        }
    }

    /// Signs a person in by address and password; gives the token of the cookie.
    ///
    /// # Errors
    /// `Unauthenticated` when they do not fit, a limit when there were too many tries for this address.
    pub async fn sign_in(&self, email: &str, password: &str, device: &str) -> Result<String, AppError> {
        let email = email.trim().to_lowercase();
        if password.chars().count() > LONGEST_PASSWORD || email.len() > 320 {
            return Err(AppError::Unauthenticated);
        }
        let window = self.clock.now().micros() / WINDOW;
        let mut found = None;
        for (slug, _) in self.workspaces().await? {
            let workspace = self.workspace(Some(&slug)).await?;
            if found.is_none() {
                self.store
                    .engine()
                    .apply(Plan {
                        steps: vec![Step::Count {
                            workspace: workspace.id,
                            name: format!("sign-in:{}", hex::encode(&hash(&email)[..12])),
                            window,
                            at_most: TRIES,
                        }],
                    })
                    .await?;
            }
            if let Some(person) = self.user_by_email(&workspace, &email).await? {
                found = Some((workspace, person));
                break;
            }
        }
        let stored = found.as_ref().and_then(|(_, p)| {
            (*p.get(user::ACTIVE) != Value::Bool(false))
                .then(|| p.get(user::PASSWORD_HASH).as_str().map(str::to_owned))
                .flatten()
        });
        let fit = fits(password.to_owned(), stored).await?;
        match found {
            Some((workspace, person)) if fit => {
                let token = self
                    .put_session(&workspace, person.id(), SESSION_LIFE, device)
                    .await?;
                self.note_security(&workspace, person.id(), "signed-in").await?;
                Ok(token)
            }
            _ => Err(AppError::Unauthenticated),
        }
    }

    async fn note_security(&self, workspace: &Arc<Workspace>, who: Id, what: &str) -> Result<(), AppError> {
        let mut caller = Caller::system(workspace, Via::Web);
        caller.actor = Actor::User(who);
        let context = self.context(&caller);
        let mut batch = Batch::default();
        if let Some(def) = workspace.catalog().object("user") {
            Writer {
                catalog: workspace.catalog(),
                context: &context,
                ids: &self.ids,
            }
            .entry(
                &mut batch,
                AuditAction::Security,
                def,
                who,
                serde_json::json!({ "session": what }).to_string(),
            );
        }
        self.store
            .apply(&context, &workspace.layout, &Policy::all(caller.actor), &batch)
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), AppError> {
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&session.hash);
        let step = Self::delete_session_step(&session.caller.workspace, &session.hash, false);
        self.store.engine().apply(Plan { steps: vec![step] }).await?;
        Ok(())
    }

    /// The person behind a cookie.
    pub async fn session(&self, token: &str) -> Result<Session, AppError> {
        if !well_formed(token) {
            return Err(AppError::Unauthenticated);
        }
        let now = self.clock.now();
        let key = hash(token);
        let known = self
            .sessions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .filter(|k| k.until > now)
            .map(|k| k.session.clone());
        if let Some(session) = known {
            return Ok(session);
        }
        let (workspace, id) = self.session_of(&key, |d| !d.starts_with("link:")).await?;
        let person = self.user_record(&workspace, id).await?;
        let (policy, language) = self.policy_of(&workspace, id, "*").await?;
        let session = Session {
            caller: Caller {
                workspace,
                actor: Actor::User(id),
                via: Via::Web,
                policy,
                language,
            },
            user: Arc::new(person),
            hash: key,
        };
        let mut map = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        if map.len() > 10_000 {
            map.retain(|_, k| k.until > now);
        }
        map.insert(
            key,
            KnownSession {
                session: session.clone(),
                until: now.plus_micros(KNOWN_FOR),
            },
        );
        Ok(session)
    }

    async fn user_record(&self, workspace: &Workspace, id: Id) -> Result<Record, AppError> {
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

    /// A one-time link's token that signs this user in within a day, without a password.
    pub async fn create_sign_in_link(
        &self,
        workspace: &Arc<Workspace>,
        email: &str,
    ) -> Result<String, AppError> {
        let person = self
            .user_by_email(workspace, email)
            .await?
            .ok_or(AppError::NotFound)?;
        self.put_session(workspace, person.id(), LINK_LIFE, LINK).await
    }

    /// Trades a one-time link for a session.
    pub async fn sign_in_by_link(&self, token: &str, device: &str) -> Result<String, AppError> {
        if !well_formed(token) {
            return Err(AppError::Unauthenticated);
        }
        let key = hash(token);
        let (workspace, id) = self.session_of(&key, |d| d == LINK).await?;
        self.user_record(&workspace, id).await?;
        self.use_up(&workspace, &key).await?;
        let token = self.put_session(&workspace, id, SESSION_LIFE, device).await?;
        self.note_security(&workspace, id, "signed-in-by-link").await?;
        Ok(token)
    }

    /// A one-time token for the first start, when the workspace has no user yet.
    pub async fn create_set_up_link(&self, workspace: &Arc<Workspace>) -> Result<Option<String>, AppError> {
        if !self.all_of(workspace, "user").await?.is_empty() {
            return Ok(None);
        }
        self.put_session(workspace, Id::NIL, LINK_LIFE, SETUP)
            .await
            .map(Some)
    }

    /// Does the link of the first start still work?
    pub async fn set_up_open(&self, token: &str) -> Result<Arc<Workspace>, AppError> {
        if !well_formed(token) {
            return Err(AppError::Unauthenticated);
        }
        let (workspace, _) = self.session_of(&hash(token), |d| d == SETUP).await?;
        if !self.all_of(&workspace, "user").await?.is_empty() {
            return Err(AppError::Unauthenticated);
        }
        Ok(workspace)
    }

    /// Makes the first administrator and signs them in.
    pub async fn set_up(
        &self,
        token: &str,
        name: &str,
        email: &str,
        password: &str,
        device: &str,
    ) -> Result<String, AppError> {
        check_password(password)?;
        let workspace = self.set_up_open(token).await?;
        let key = hash(token);
        self.use_up(&workspace, &key).await?;
        let new = NewUser {
            email: email.trim().to_owned(),
            name: name.trim().to_owned(),
            role: "admin".to_owned(),
            active: true,
            team: None,
        };
        let made = match self.create_user(&workspace, &new).await {
            Ok(id) => id,
            Err(e) => {
                // What was typed could not be taken: the link must work for the next try.
                let row = self.session_row(&workspace, token, Id::NIL, LINK_LIFE, SETUP);
                self.store
                    .engine()
                    .apply(Plan {
                        steps: vec![Step::Insert {
                            table: Arc::clone(&SIDE.session),
                            row,
                            on_key: OnKey::Replace,
                        }],
                    })
                    .await?;
                return Err(e);
            }
        };
        self.set_password(&workspace, made, password).await?;
        self.put_session(&workspace, made, SESSION_LIFE, device).await
    }

    /// Sets the password of a user.
    pub async fn set_password(
        &self,
        workspace: &Arc<Workspace>,
        id: Id,
        password: &str,
    ) -> Result<(), AppError> {
        check_password(password)?;
        let hashed = hash_password(password.to_owned()).await?;
        self.change_user(workspace, id, vec![(user::PASSWORD_HASH, Value::text(hashed))])
            .await?;
        self.note_security(workspace, id, "password-changed").await
    }

    async fn change_user(
        &self,
        workspace: &Arc<Workspace>,
        id: Id,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(), AppError> {
        let mut caller = Caller::system(workspace, Via::Web);
        caller.actor = Actor::User(id);
        caller.policy = Policy::all(caller.actor);
        let def = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        for _ in 0..5 {
            let before = self.user_record(workspace, id).await?;
            let context = self.context(&caller);
            let (_, batch) = Writer {
                catalog: workspace.catalog(),
                context: &context,
                ids: &self.ids,
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
                Ok(()) => {
                    self.sessions
                        .write()
                        .unwrap_or_else(PoisonError::into_inner)
                        .retain(|_, k| k.session.user.id() != id);
                    return Ok(());
                }
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
}
