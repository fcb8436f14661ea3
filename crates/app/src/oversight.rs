//! What administrators look at: the log of the whole workspace.

use peyvand_catalog::handles::saved_view;
use peyvand_core::{Id, Instant};
use peyvand_record::Record;
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, RowsCall, SqlVal};
use serde_json::json;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::feed::first_id;

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

/// Which entries of the log are wanted; what is `None` is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Who; the nil id is the system.
    pub actor: Option<Id>,
    /// What happened: `create`, `update` ….
    pub action: Option<String>,
    /// Key of the object.
    pub object: Option<String>,
    /// The road: `web`, `api` ….
    pub via: Option<String>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
}

fn administrator(caller: &Caller) -> Result<(), AppError> {
    if caller.policy.unrestricted {
        Ok(())
    } else {
        Err(AppError::Forbidden)
    }
}

impl App {
    /// The newest entries of the workspace's log that fit, from before an entry, for administrators.
    ///
    /// # Errors
    /// `Forbidden` for everybody else.
    pub async fn log_of_workspace(
        &self,
        caller: &Caller,
        wanted: &LogFilter,
        before: Option<Id>,
        limit: u32,
    ) -> Result<Vec<LogLine>, AppError> {
        administrator(caller)?;
        let w = caller.workspace.id;
        let t = &SIDE.audit;
        let mut rows = Vec::new();
        for bucket in 0..BUCKETS {
            let mut key: Vec<(&str, SqlVal)> =
                vec![("workspace_id", i64::from(w.0).into()), ("bucket", bucket.into())];
            key.extend(wanted.actor.map(|a| ("actor", a.into())));
            for (column, text) in [
                ("action", &wanted.action),
                ("object", &wanted.object),
                ("via", &wanted.via),
            ] {
                key.extend(text.as_deref().map(|t| (column, t.into())));
            }
            let mut call = RowsCall::new(t, &key).order("id", true).limit(limit);
            if let Some(from) = wanted.from {
                call = call.bound("id", Bound::Ge, first_id(from));
            }
            if let Some(until) = wanted.until {
                call = call.bound("id", Bound::Lt, first_id(until));
            }
            if let Some(id) = before {
                call = call.bound("id", Bound::Lt, id);
            }
            rows.extend(self.store.rows(call).await?);
        }
        rows.sort_by_key(|r| std::cmp::Reverse(r[t.at("id")].uuid()));
        rows.truncate(limit as usize);
        let views: Vec<Id> = rows
            .iter()
            .filter(|r| r[t.at("object")].text() == Some(saved_view::OBJECT))
            .filter_map(|r| r[t.at("record_id")].uuid())
            .collect();
        let shown = self.views_shown(caller, &views).await?;
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
            // That somebody keeps a view of their own is told, not what stands in it.
            let private = views.contains(&record) && !shown.contains(&record);
            let detail = if private { Some(json!({})) } else { detail };
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

    /// Those of the saved views that are shown to the caller, live or in the recycle bin.
    async fn views_shown(&self, caller: &Caller, ids: &[Id]) -> Result<Vec<Id>, AppError> {
        let w = &caller.workspace;
        let mut out = Vec::new();
        for scope in [DeletedScope::Live, DeletedScope::Deleted] {
            let asked = ByIds::of(saved_view::OBJECT, ids).deleted(scope).only(Some(&[]));
            let found = self.store.by_ids(w.id, &w.layout, &caller.policy, &asked).await?;
            out.extend(found.iter().map(Record::id));
        }
        Ok(out)
    }
}
