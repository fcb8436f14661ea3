//! Somebody leaves: in one action they are switched off, their sessions and tokens end, and everything that they own goes
//! to somebody else.

use std::sync::Arc;

use async_trait::async_trait;
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::user;
use peyvand_core::{Actor, Id};
use peyvand_record::policy::Policy;
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, NewJob, Value};
use peyvand_store::{Conflict, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::jobs::{Handler, Held};
use crate::workspace::Workspace;

/// The kind of the job that hands over what is left.
pub(crate) const JOB: &str = "hand-over";
/// Records that are handed over before the answer; the rest follows as a job.
const AT_ONCE: u64 = 2_000;
/// Microseconds that the answer has for them.
const HEAD_START: i64 = 10_000_000;

/// What was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct HandedOver {
    /// Records that have a new owner now.
    pub records: u64,
    /// More follow in the background.
    pub more: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    from: Id,
    to: Id,
    by: Id,
}

#[derive(Debug)]
pub(crate) struct HandOver;

#[async_trait]
impl Handler for HandOver {
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let p: Payload = serde_json::from_str(&job.payload)
            .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
        app.move_owned(workspace, p.from, p.to, Actor::from_id(p.by), u64::MAX)
            .await
            .map(drop)
    }
}

impl App {
    /// Hands a leaver over: switched off at once, with sessions and tokens; everything they own, also what lies in the
    /// recycle bin, goes to `to`. What is left after the first records is a job of the same transaction: a stop of the
    /// program loses nothing of it.
    ///
    /// # Errors
    /// `Forbidden` unless the caller manages users and has every right of the leaver; the parameter `to` when that is
    /// nobody who works here.
    pub async fn hand_over(&self, caller: &Caller, from: Id, to: Id) -> Result<HandedOver, AppError> {
        let w = &caller.workspace;
        let object = w
            .catalog()
            .object("user")
            .map(Arc::clone)
            .ok_or(AppError::NotFound)?;
        self.may_manage(caller, "user", peyvand_record::Verb::Update)?;
        if from == to || self.active_user(w, to).await?.is_none() {
            return Err(AppError::Parameter {
                name: "to",
                value: to.to_string(),
            });
        }
        for _ in 0..crate::records::TRIES {
            let before = self.user_record(w, from).await.map_err(|e| match e {
                AppError::Unauthenticated => AppError::NotFound,
                e => e,
            })?;
            let off = vec![(user::ACTIVE, Value::Bool(false))];
            self.check_managed(caller, &object, peyvand_record::Verb::Update, Some(&before), &off)
                .await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            // Somebody who was switched off before is handed over all the same.
            let (after, mut batch) = writer
                .patch(&object, &before, off, &[])
                .map_err(AppError::Invalid)?;
            let payload = Payload {
                from,
                to,
                by: caller.actor.id(),
            };
            batch.jobs.push(NewJob {
                id: self.ids.next(context.now),
                kind: JOB.into(),
                payload: serde_json::to_string(&payload).unwrap_or_default().into(),
                // While the first records are handed over before the answer, which says how many.
                run_at: context.now.plus_micros(HEAD_START),
                dedupe: None,
            });
            writer.entry(
                &mut batch,
                AuditAction::Security,
                &object,
                from,
                serde_json::json!({"handed_over_to": to.to_string()}).to_string(),
            );
            match self
                .store
                .apply(&context, &w.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_managed(caller, &object, Some(&before), &after).await?;
                    return self.move_owned(w, from, to, caller.actor, AT_ONCE).await;
                }
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Forbidden)
    }

    /// Gives the records of one user to another, at most so many; each change stands in the log and on the timeline.
    pub(crate) async fn move_owned(
        &self,
        w: &Arc<Workspace>,
        from: Id,
        to: Id,
        by: Actor,
        most: u64,
    ) -> Result<HandedOver, AppError> {
        let mut done = HandedOver::default();
        let mut caller = Caller::system(w, peyvand_core::Via::Job);
        caller.actor = by;
        // Their private views too, which are nobody else's to see.
        caller.policy = Policy::all(Actor::System);
        let objects: Vec<Arc<ObjectDef>> = w
            .catalog()
            .objects()
            .iter()
            .filter(|o| o.ownable)
            .map(Arc::clone)
            .collect();
        let values = [(system::OWNER_ID, Value::Id(to))];
        for object in objects {
            let owned = self.filter_by_ids(&caller, &object, &format!("owner_id = \"{from}\""))?;
            for deleted in [DeletedScope::Live, DeletedScope::Deleted] {
                loop {
                    if done.records >= most {
                        done.more = true;
                        return Ok(done);
                    }
                    let n = self.sweep(&caller, &object, &owned, deleted, &values).await?;
                    done.records += n;
                    if n == 0 {
                        break;
                    }
                }
            }
        }
        Ok(done)
    }

    /// Writes into the log that somebody tried what they may not do.
    pub(crate) async fn note_refused(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        what: &str,
    ) -> Result<(), AppError> {
        let detail = serde_json::json!({"refused": what, "object": object.key});
        self.note(caller, caller.actor.id(), detail).await
    }
}
