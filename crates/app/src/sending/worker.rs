//! The job of sending: one message through the gate. And the sweep that finds those whose time has come.

use std::sync::Arc;

use async_trait::async_trait;
use peyvand_catalog::handles::message as msg;
use peyvand_channels::{HandOver, Outcome, Status, hand_over};
use peyvand_core::{Id, Instant, Via};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Value};
use peyvand_store::ports::Bound;
use peyvand_store::{Conflict, RowsCall, SqlVal, StoreError};

use super::gate::AppGate;
use super::status_of;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::jobs::{Handler, Held};
use crate::linked::decode;
use crate::records::TRIES;
use crate::workspace::Workspace;

/// The job that takes one message through the gate.
pub const SEND: &str = "send";
/// Messages that one sweep brings on their way, at most.
const SWEPT: u32 = 1000;
/// Most characters of a provider's word that are kept.
const LONGEST_REASON: usize = 200;

/// Does it.
#[derive(Debug)]
pub(crate) struct Sender;

#[async_trait]
impl Handler for Sender {
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let id = job.payload.parse().map_err(|_| AppError::NotFound)?;
        app.send_message(workspace, id, job.token).await
    }
}

impl App {
    /// Takes a message through the gate and hands it over. The provider is called outside of any transaction: before it
    /// stands `sending` on the disk, after it what became of it.
    async fn send_message(&self, workspace: &Arc<Workspace>, id: Id, claim: Id) -> Result<(), AppError> {
        let caller = Caller::system(workspace, Via::Job);
        let gate = AppGate::new(self, &caller, claim);
        let message = match hand_over(&gate, id, self.clock.now()).await? {
            HandOver::Send(message) => message,
            HandOver::Refused(refusal) => {
                tracing::info!(message = %id, reason = refusal.reason.key(), "not permitted");
                return Ok(());
            }
            HandOver::Lost => {
                tracing::warn!(message = %id, "its sender was lost; whether it went out is not known");
                return Ok(());
            }
            HandOver::Later(..) | HandOver::Nothing => return Ok(()),
        };
        let outcome = match self.channels.of(message.channel()) {
            Some(channel) => channel.send(&message).await,
            None => Outcome::Failed {
                reason: "no-carrier".to_owned(),
            },
        };
        drop(message);
        self.message_ended(&caller, id, claim, &outcome).await
    }

    /// Writes what became of a message that this worker began. A worker that was thought lost may still say that it
    /// went out after all.
    async fn message_ended(
        &self,
        caller: &Caller,
        id: Id,
        claim: Id,
        outcome: &Outcome,
    ) -> Result<(), AppError> {
        let short = |s: &str| Value::text(s.chars().take(LONGEST_REASON).collect::<String>());
        let (status, reason, reference) = match outcome {
            Outcome::Sent { reference } => (
                Status::Sent,
                Value::Null,
                reference.as_deref().map_or(Value::Null, short),
            ),
            Outcome::Failed { reason } => (Status::Failed, short(reason), Value::Null),
            Outcome::Unknown { reason } => (Status::Unknown, short(reason), Value::Null),
        };
        for _ in 0..TRIES {
            let Some(before) = self.any(&caller.workspace, msg::OBJECT, id).await? else {
                return Ok(());
            };
            let mine = before.get(msg::CLAIM).as_str() == Some(&claim.to_string());
            if !mine || !matches!(status_of(&before), Status::Sending | Status::Unknown) {
                return Ok(());
            }
            let context = self.context(caller);
            let mut after = before.touched(context.now, context.actor);
            after.set(msg::STATUS, Value::Choice(status.key().into()));
            after.set(msg::REASON, reason.clone());
            after.set(msg::PROVIDER_REFERENCE, reference.clone());
            after.set(msg::FINISHED_AT, Value::Instant(context.now));
            let mut batch = Batch::default();
            self.put_message(caller, &context, &mut batch, &before, &after);
            let all = Policy::all(caller.actor);
            match self
                .store
                .apply(&context, &caller.workspace.layout, &all, &batch)
                .await
            {
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                other => return Ok(other?),
            }
        }
        Ok(())
    }

    /// Brings messages on their way whose time has come and that no job waits for. Gives how many.
    pub async fn sweep_messages(&self, workspace: &Arc<Workspace>) -> Result<u32, AppError> {
        let settings = self.fresh_settings(workspace).await?;
        if settings.sending_paused {
            return Ok(0);
        }
        let Some(layout) = workspace.layout.object(msg::OBJECT) else {
            return Ok(0);
        };
        let carried: Vec<SqlVal> = self
            .channels
            .kinds()
            .into_iter()
            .map(|c| c.key().into())
            .collect();
        if carried.is_empty() {
            return Ok(0);
        }
        let (now, epoch) = (self.clock.now(), self.epoch().await?);
        // What cannot go is not read at all, so that it stands in nobody's way.
        let queued = || {
            RowsCall::new(
                &layout.table,
                &[
                    ("workspace_id", i64::from(workspace.id.0).into()),
                    ("status", Status::Queued.key().into()),
                    ("deleted_at", SqlVal::Null),
                ],
            )
            .any_of("channel", carried.clone())
            .bound("epoch", Bound::Ge, epoch)
            .limit(SWEPT)
        };
        let due = queued()
            .bound("not_before", Bound::Le, now.micros())
            .order("not_before", false);
        let mut rows = self.store.rows(due).await?;
        let mut whenever = queued();
        whenever.key.push((layout.table.at("not_before"), SqlVal::Null));
        rows.extend(self.store.rows(whenever).await?);
        let mut n = 0;
        for row in rows {
            let id = decode(layout, &row).id().to_string();
            self.enqueue(workspace.id, SEND, &id, Instant(0), Some(&id))
                .await?;
            n += 1;
        }
        Ok(n)
    }
}
