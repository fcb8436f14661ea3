//! Sending stands still after a restore or in a clone, until somebody has seen what would go out.

use std::collections::BTreeMap;
use std::sync::Arc;

use peyvand_catalog::handles::message as msg;
use peyvand_channels::Status;
use peyvand_core::{Id, Via};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Record, Value};
use peyvand_store::ports::{Bound, OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};
use serde::Serialize;

use super::status_of;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::linked::decode;
use crate::workspace::{Settings, Workspace};

/// Messages read at a time.
const CHUNK: u32 = 200;

/// What waits in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Sending stands still.
    pub paused: bool,
    /// Queued messages by channel and purpose: `sms/advertising`.
    pub queued: BTreeMap<String, u64>,
    /// Those of them that were queued before the data came back from a backup: they may have gone out since.
    pub from_before: u64,
    /// Messages whose outcome is unknown.
    pub unknown: u64,
}

impl Waiting {
    /// All queued messages.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.queued.values().sum()
    }
}

/// What becomes of the messages that were queued before the data came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// They go out, through the gate as all others.
    Send,
    /// They are cancelled.
    Cancel,
}

/// The installation that a database belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id, which stands in the database and in the data folder.
    pub id: String,
    /// The two did not agree: this is a copy, and sending was paused.
    pub copied: bool,
}

fn meta(key: &str, value: &str) -> Step {
    Step::Insert {
        table: Arc::clone(&SIDE.meta),
        row: vec![key.into(), value.into()],
        on_key: OnKey::Replace,
    }
}

impl App {
    async fn meta_value(&self, key: &str) -> Result<Option<String>, AppError> {
        let t = &SIDE.meta;
        let rows = self
            .store
            .rows(RowsCall::new(t, &[("key", key.into())]).limit(1))
            .await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("value")].text())
            .map(str::to_owned))
    }

    /// How often the data of this instance have been brought back from a backup or copied.
    pub async fn epoch(&self) -> Result<i64, AppError> {
        Ok(self
            .meta_value("instance_epoch")
            .await?
            .and_then(|v| v.parse().ok())
            .unwrap_or(0))
    }

    /// The settings as they stand in the database now; another process may have changed them.
    pub async fn fresh_settings(&self, w: &Workspace) -> Result<Settings, AppError> {
        let t = &SIDE.workspace;
        let key = [("workspace_id", i64::from(w.id.0).into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("settings")].text())
            .and_then(|s| serde_json::from_str(s).ok())
            .unwrap_or_else(|| Settings {
                // Settings that cannot be read do not open a gate.
                sending_paused: true,
                ..Settings::default()
            }))
    }

    /// Raises the epoch and pauses sending everywhere: what is queued may be a copy of what somebody else sends.
    pub async fn pause_as_copy(&self) -> Result<(), AppError> {
        let epoch = self.epoch().await?;
        self.store
            .engine()
            .apply(Plan::of(vec![meta("instance_epoch", &(epoch + 1).to_string())]))
            .await?;
        for (slug, _) in self.workspaces().await? {
            let w = self.workspace(Some(&slug)).await?;
            self.set_paused(&w, true).await?;
        }
        Ok(())
    }

    /// Pauses or resumes sending in a workspace.
    pub async fn set_paused(&self, w: &Workspace, paused: bool) -> Result<(), AppError> {
        let mut settings = self.fresh_settings(w).await?;
        settings.sending_paused = paused;
        self.save_settings(w, &settings).await.map(drop)
    }

    /// Holds the id in the data folder against the one in the database. A database without one takes the folder's; where
    /// they differ, or the folder has none, the database came from elsewhere and sending is paused.
    pub async fn check_instance(&self, in_folder: Option<&str>) -> Result<Instance, AppError> {
        let stored = self.meta_value("instance_id").await?;
        let own = in_folder.map(str::trim).filter(|s| !s.is_empty());
        let fresh = || self.ids.next(self.clock.now()).to_string();
        let (id, copied) = match (own, stored.as_deref()) {
            (Some(a), Some(b)) if a == b => {
                return Ok(Instance {
                    id: a.to_owned(),
                    copied: false,
                });
            }
            (Some(a), None) => (a.to_owned(), false),
            (None, None) => (fresh(), false),
            // A new id, so that the original, should it come back to this database, notices too.
            (_, Some(_)) => (fresh(), true),
        };
        if copied {
            self.pause_as_copy().await?;
        }
        self.store
            .engine()
            .apply(Plan::of(vec![meta("instance_id", &id)]))
            .await?;
        Ok(Instance { id, copied })
    }

    /// Calls `each` for every message in a state.
    async fn walk_messages(
        &self,
        w: &Workspace,
        status: Status,
        mut each: impl FnMut(Record),
    ) -> Result<(), AppError> {
        let Some(layout) = w.layout.object(msg::OBJECT) else {
            return Ok(());
        };
        let mut last = Id::NIL;
        loop {
            let call = RowsCall::new(
                &layout.table,
                &[
                    ("workspace_id", i64::from(w.id.0).into()),
                    ("status", status.key().into()),
                    ("deleted_at", peyvand_store::SqlVal::Null),
                ],
            )
            .bound("id", Bound::Gt, last)
            .order("id", false)
            .limit(CHUNK);
            let rows = self.store.rows(call).await?;
            for r in &rows {
                let message = decode(layout, r);
                last = message.id();
                each(message);
            }
            if rows.len() < CHUNK as usize {
                return Ok(());
            }
        }
    }

    /// What waits in the queue of a workspace.
    pub async fn waiting_messages(&self, w: &Workspace) -> Result<Waiting, AppError> {
        let epoch = self.epoch().await?;
        let mut out = Waiting {
            paused: self.fresh_settings(w).await?.sending_paused,
            queued: BTreeMap::new(),
            from_before: 0,
            unknown: 0,
        };
        self.walk_messages(w, Status::Queued, |m| {
            let part = |ix| m.get(ix).as_str().unwrap_or_default().to_owned();
            *out.queued
                .entry(format!("{}/{}", part(msg::CHANNEL), part(msg::PURPOSE)))
                .or_default() += 1;
            if !matches!(m.get(msg::EPOCH), Value::Int(e) if *e >= epoch) {
                out.from_before += 1;
            }
        })
        .await?;
        self.walk_messages(w, Status::Unknown, |_| out.unknown += 1)
            .await?;
        Ok(out)
    }

    /// Lets sending go on, having decided about what was queued before the data came back. Gives how many messages that
    /// concerned.
    pub async fn resume_sending(
        &self,
        workspace: &Arc<Workspace>,
        release: Release,
    ) -> Result<u64, AppError> {
        let epoch = self.epoch().await?;
        let caller = Caller::system(workspace, Via::Cli);
        let mut old: Vec<Id> = Vec::new();
        self.walk_messages(workspace, Status::Queued, |m| {
            if !matches!(m.get(msg::EPOCH), Value::Int(e) if *e >= epoch) {
                old.push(m.id());
            }
        })
        .await?;
        let mut n = 0;
        for id in old {
            loop {
                let Some(before) = self.any(workspace, msg::OBJECT, id).await? else {
                    break;
                };
                if status_of(&before) != Status::Queued {
                    break;
                }
                let context = self.context(&caller);
                let mut after = before.touched(context.now, context.actor);
                match release {
                    Release::Send => after.set(msg::EPOCH, Value::Int(epoch)),
                    Release::Cancel => {
                        after.set(msg::STATUS, Value::Choice(Status::Cancelled.key().into()));
                        after.set(msg::FINISHED_AT, Value::Instant(context.now));
                    }
                }
                let mut batch = Batch::default();
                self.put_message(&caller, &context, &mut batch, &before, &after);
                let all = Policy::all(caller.actor);
                match self.store.apply(&context, &workspace.layout, &all, &batch).await {
                    Ok(()) => {
                        n += 1;
                        break;
                    }
                    Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                    Err(e) => return Err(e.into()),
                }
            }
        }
        self.set_paused(workspace, false).await?;
        Ok(n)
    }
}
