//! What administrators look at: the log of the whole workspace, tokens.

use peyvand_core::{Id, Instant};
use peyvand_store::ports::{Bound, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, SqlVal, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Buckets of the log: the last nibble of an entry's id.
const BUCKETS: i64 = 16;

/// An entry of the workspace's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its id; ids grow with the time.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// Who; `None` for the system.
    pub actor: Option<Id>,
    /// By which road.
    pub via: String,
    /// What happened.
    pub action: String,
    /// The object.
    pub object: String,
    /// The record.
    pub record: Id,
    /// What it says; `None` when the subject has been forgotten.
    pub detail: Option<serde_json::Value>,
}

/// A token as it is shown: never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    /// Its id.
    pub id: Id,
    /// Whose.
    pub user: Id,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used.
    pub used_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

fn administrator(caller: &Caller) -> Result<(), AppError> {
    if caller.policy.unrestricted {
        Ok(())
    } else {
        Err(AppError::Forbidden)
    }
}

impl App {
    /// Everybody is asked for anew: their rights and the definitions they see have changed.
    pub fn forget_sessions(&self) {
        self.sessions
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
        self.known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
    }

    /// The newest entries of the workspace's log, from before an entry, for administrators.
    pub async fn log_of_workspace(
        &self,
        caller: &Caller,
        before: Option<Id>,
        limit: u32,
    ) -> Result<Vec<LogLine>, AppError> {
        administrator(caller)?;
        let w = caller.workspace.id;
        let t = &SIDE.audit;
        let mut rows = Vec::new();
        for bucket in 0..BUCKETS {
            let key = [("workspace_id", i64::from(w.0).into()), ("bucket", bucket.into())];
            let mut call = RowsCall::new(t, &key).order("id", true).limit(limit);
            if let Some(id) = before {
                call = call.bound("id", Bound::Lt, id);
            }
            rows.extend(self.store.rows(call).await?);
        }
        rows.sort_by_key(|r| std::cmp::Reverse(r[t.at("id")].uuid()));
        rows.truncate(limit as usize);
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let uuid = |c: &str| r[t.at(c)].uuid().unwrap_or(Id::NIL);
            let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
            let record = uuid("record_id");
            let sealed = r[t.at("detail")].bytes().unwrap_or_default();
            let detail = self
                .store
                .open_audit(w, record, sealed)
                .await?
                .and_then(|d| serde_json::from_str(&d).ok());
            out.push(LogLine {
                id: uuid("id"),
                at: Instant(r[t.at("at")].int().unwrap_or_default()),
                actor: Some(uuid("actor")).filter(|a| *a != Id::NIL),
                via: text("via"),
                action: text("action"),
                object: text("object"),
                record,
                detail,
            });
        }
        Ok(out)
    }

    /// Tokens: the caller's own, for administrators all; newest first, at most 1,000.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenLine>, AppError> {
        let t = &SIDE.token;
        let mut key: Vec<(&str, SqlVal)> = vec![("workspace_id", i64::from(caller.workspace.id.0).into())];
        if administrator(caller).is_err() {
            key.push(("user_id", caller.actor.id().into()));
        }
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let mut out: Vec<TokenLine> = rows
            .iter()
            .map(|r| {
                let uuid = |c: &str| r[t.at(c)].uuid().unwrap_or(Id::NIL);
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
                let at = |c: &str| r[t.at(c)].int().map(Instant);
                TokenLine {
                    id: uuid("id"),
                    user: uuid("user_id"),
                    name: text("name"),
                    scopes: text("scopes"),
                    created_at: at("created_at").unwrap_or_default(),
                    used_at: at("used_at"),
                    revoked_at: at("revoked_at"),
                }
            })
            .collect();
        out.sort_by_key(|t| std::cmp::Reverse(t.created_at));
        Ok(out)
    }

    /// Takes a token back: one's own, for administrators any.
    pub async fn revoke_token(&self, caller: &Caller, id: Id) -> Result<(), AppError> {
        let t = &SIDE.token;
        let found = self.tokens(caller).await?;
        let token = found
            .iter()
            .find(|line| line.id == id)
            .ok_or(AppError::NotFound)?;
        let step = Step::Update {
            table: std::sync::Arc::clone(t),
            set: vec![(t.at("revoked_at"), self.clock.now().micros().into())],
            key: vec![
                (t.at("workspace_id"), i64::from(caller.workspace.id.0).into()),
                (t.at("user_id"), token.user.into()),
                (t.at("id"), id.into()),
            ],
            expect_one: Some(Conflict::Guard("token".to_owned())),
        };
        match self.store.engine().apply(Plan { steps: vec![step] }).await {
            Err(StoreError::Conflict(_)) => return Err(AppError::NotFound),
            other => other?,
        }
        // What is known of tokens is asked anew.
        self.known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
        Ok(())
    }
}
