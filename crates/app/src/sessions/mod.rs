//! Sessions of people: the cookie's other half, how one is opened, found and taken at its word.

mod devices;
mod places;
mod preferences;
mod visit;

use std::sync::{Arc, PoisonError};

use peyvand_core::{Actor, Id, Instant, Via, WorkspaceId, random};
use peyvand_domain::Writer;
use peyvand_record::policy::Policy;
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Record};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, StoreError};
use sha2::{Digest, Sha256};

use crate::accounts::{INSTANCE, at, number, row_of};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::uses::Used;
use crate::workspace::Workspace;

pub use self::devices::Device;
pub use self::visit::{Peer, Visit, network};

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
}
