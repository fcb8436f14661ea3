//! The database's side of the gate: everything is read afresh, and `queued → sending` fails when it no longer holds.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use peyvand_calendar::zone;
use peyvand_catalog::handles::{message as msg, user};
use peyvand_channels::{Draft, Gate, Notice, Recipient, Status, Step};
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    AddressHash, Channel, ContactPolicy, Formality, OwnUser, Permit, PersonCase, Purpose, Refusal, Timing,
    Wait,
};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Guard, Record, Value};
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};

use super::status_of;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::linked::decode;

/// Messages that are counted for the cap, at most.
const COUNTED: u32 = 500;

/// What was read for a decision, and must still be so when it is written.
#[derive(Debug, Clone)]
struct Read {
    message: Record,
    guards: Vec<Guard>,
}

/// One worker's way through the gate.
#[derive(Debug)]
pub(super) struct AppGate<'a> {
    pub(super) app: &'a App,
    /// The program itself, in the workspace.
    pub(super) caller: &'a Caller,
    /// By which what this worker began is known again.
    pub(super) claim: Id,
    read: Mutex<Option<Read>>,
}

impl<'a> AppGate<'a> {
    pub(super) const fn new(app: &'a App, caller: &'a Caller, claim: Id) -> Self {
        Self {
            app,
            caller,
            claim,
            read: Mutex::new(None),
        }
    }

    fn last_read(&self) -> Option<Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The person of a message with the guards of what was read, and when they had marketing.
    async fn person(
        &self,
        message: &Record,
        contact: Id,
        channel: Channel,
        purpose: Purpose,
        policy: &ContactPolicy,
        now: Instant,
    ) -> Result<(PersonCase, Timing, Vec<Guard>), AppError> {
        let w = &self.caller.workspace;
        let mut guards = Vec::new();
        let person = self.app.any(w, "contact", contact).await?;
        let gone = person.as_ref().is_none_or(Record::is_deleted);
        if let Some(p) = person.as_ref().filter(|_| !gone) {
            // Addresses, the recycle bin and merges all change the version of the person.
            guards.push(Guard::Version {
                object: "contact".into(),
                id: contact,
                version: p.version(),
            });
        }
        let book = self.app.book(w, contact).await?;
        guards.extend(
            book.read_heads()
                .into_iter()
                .map(|(address, version)| Guard::ConsentHead {
                    address: address.0,
                    version,
                }),
        );
        let only = message
            .get(msg::ADDRESS_HASH)
            .as_str()
            .and_then(|h| hex::decode(h).ok())
            .and_then(|b| b.try_into().ok())
            .map(AddressHash);
        let case = book.case(channel, purpose, only, gone);
        let mut timing = Timing::Now;
        if purpose.is_marketing() {
            let name = format!("pressure:{contact}");
            let at = self.counter(&name).await?;
            let sent = self.handed_over(contact, policy, now).await?;
            let zone = zone::zone(&w.settings.time_zone).unwrap_or_else(zone::tehran);
            timing = policy.timing(channel, purpose, &zone, &sent, now);
            // Two workers with two messages to one person: the second one counts the first.
            guards.push(Guard::Counter {
                name: name.into(),
                window: 0,
                at_most: at,
            });
        }
        Ok((case, timing, guards))
    }

    async fn counter(&self, name: &str) -> Result<i64, AppError> {
        let t = &SIDE.counter;
        let key = [
            ("workspace_id", i64::from(self.caller.workspace.id.0).into()),
            ("name", name.into()),
        ];
        let rows = self.app.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        Ok(rows.first().and_then(|r| r[t.at("value")].int()).unwrap_or(0))
    }

    /// When marketing was handed over for this person, within the window of the cap. What may have gone out counts.
    async fn handed_over(
        &self,
        contact: Id,
        policy: &ContactPolicy,
        now: Instant,
    ) -> Result<Vec<Instant>, AppError> {
        let Some(cap) = policy.at_most else {
            return Ok(Vec::new());
        };
        let w = &self.caller.workspace;
        let Some(layout) = w.layout.object(msg::OBJECT) else {
            return Ok(Vec::new());
        };
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("contact_id", contact.into()),
        ];
        let call = RowsCall::new(&layout.table, &key)
            .bound("sending_at", Bound::Gt, now.plus_micros(-cap.window()).micros())
            .order("sending_at", true)
            .limit(COUNTED);
        Ok(self
            .app
            .store
            .rows(call)
            .await?
            .iter()
            .map(|row| decode(layout, row))
            .filter(|m| {
                let marketing = m
                    .get(msg::PURPOSE)
                    .as_str()
                    .and_then(Purpose::find)
                    .is_some_and(Purpose::is_marketing);
                marketing && matches!(status_of(m), Status::Sending | Status::Sent | Status::Unknown)
            })
            .filter_map(|m| m.get(msg::SENDING_AT).as_instant())
            .collect())
    }

    /// Writes a change of the message that was read; `Changed` when something that the decision stands on has changed.
    async fn write(
        &self,
        guards: Vec<Guard>,
        message: &Record,
        set: Vec<(peyvand_catalog::FieldIx, Value)>,
    ) -> Result<Step, AppError> {
        let context = self.app.context(self.caller);
        let mut after = message.touched(context.now, context.actor);
        for (ix, v) in set {
            after.set(ix, v);
        }
        let mut batch = Batch {
            guards,
            ..Batch::default()
        };
        self.app
            .put_message(self.caller, &context, &mut batch, message, &after);
        let all = Policy::all(self.caller.actor);
        match self
            .app
            .store
            .apply(&context, &self.caller.workspace.layout, &all, &batch)
            .await
        {
            Ok(()) => Ok(Step::Done),
            Err(StoreError::Conflict(Conflict::Stale { .. } | Conflict::Guard(_) | Conflict::Limit(_))) => {
                Ok(Step::Changed)
            }
            Err(e) => Err(e.into()),
        }
    }
}

#[async_trait]
impl Gate for AppGate<'_> {
    type Error = AppError;

    async fn read(&self, id: Id, now: Instant) -> Result<Option<Draft>, AppError> {
        let w = &self.caller.workspace;
        let Some(message) = self
            .app
            .any(w, msg::OBJECT, id)
            .await?
            .filter(|m| !m.is_deleted())
        else {
            return Ok(None);
        };
        let text = |ix| message.get(ix).as_str().unwrap_or_default().to_owned();
        let Some(channel) = Channel::find(&text(msg::CHANNEL)) else {
            return Ok(None);
        };
        let settings = self.app.fresh_settings(w).await?;
        let mut guards = Vec::new();
        let recipient = if let Some(user_id) = message.get(msg::USER_ID).as_id() {
            let Some(notice) = Notice::find(&text(msg::NOTICE)) else {
                return Ok(None);
            };
            let account = self.app.any(w, "user", user_id).await?;
            Recipient::Own {
                notice,
                user: OwnUser {
                    active: account
                        .as_ref()
                        .is_some_and(|u| !u.is_deleted() && u.get(user::ACTIVE) == &Value::Bool(true)),
                    address: account.and_then(|u| u.get(user::EMAIL).as_str().map(str::to_owned)),
                },
            }
        } else {
            let (Some(purpose), Some(contact)) = (
                Purpose::find(&text(msg::PURPOSE)),
                message.get(msg::CONTACT_ID).as_id(),
            ) else {
                return Ok(None);
            };
            let (case, timing, of_person) = self
                .person(&message, contact, channel, purpose, &settings.contact_policy, now)
                .await?;
            guards = of_person;
            Recipient::Person {
                purpose,
                case: Box::new(case),
                timing,
            }
        };
        // What was queued before the data were brought back from a backup may have gone out since.
        let old = match message.get(msg::EPOCH) {
            Value::Int(n) => *n < self.app.epoch().await?,
            _ => true,
        };
        let held = if settings.sending_paused || old {
            Some(Wait::Paused)
        } else if self.app.channels.of(channel).is_none() {
            Some(Wait::NoCarrier)
        } else {
            None
        };
        let draft = Draft {
            id: message.id(),
            status: status_of(&message),
            channel,
            subject: text(msg::SUBJECT),
            body: text(msg::BODY),
            formality: Formality::find(&text(msg::FORMALITY)).unwrap_or_default(),
            recipient,
            held,
            not_before: message.get(msg::NOT_BEFORE).as_instant(),
        };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read { message, guards });
        Ok(Some(draft))
    }

    async fn begin(&self, _: &Draft, permit: &Permit) -> Result<Step, AppError> {
        let Some(read) = self.last_read() else {
            return Ok(Step::Changed);
        };
        let now = self.app.clock.now();
        let set = vec![
            (msg::STATUS, Value::Choice(Status::Sending.key().into())),
            (msg::REASON, Value::Null),
            (msg::SENDING_AT, Value::Instant(now)),
            (msg::CLAIM, Value::text(self.claim.to_string())),
            (msg::ADDRESS, Value::text(permit.address())),
            (msg::CONSENT_ID, permit.entry().into()),
        ];
        self.write(read.guards, &read.message, set).await
    }

    async fn refuse(&self, _: &Draft, refusal: &Refusal) -> Result<Step, AppError> {
        let Some(read) = self.last_read() else {
            return Ok(Step::Changed);
        };
        let set = vec![
            (msg::STATUS, Value::Choice(Status::Refused.key().into())),
            (msg::REASON, Value::text(refusal.reason.key())),
            (msg::FINISHED_AT, Value::Instant(self.app.clock.now())),
        ];
        self.write(Vec::new(), &read.message, set).await
    }

    async fn wait(&self, _: &Draft, at: Option<Instant>, why: Wait) -> Result<Step, AppError> {
        let Some(read) = self.last_read() else {
            return Ok(Step::Changed);
        };
        let reason = Value::text(why.key());
        let not_before = at.map_or_else(|| read.message.get(msg::NOT_BEFORE).clone(), Value::Instant);
        if read.message.get(msg::REASON) == &reason && read.message.get(msg::NOT_BEFORE) == &not_before {
            return Ok(Step::Done);
        }
        let set = vec![(msg::REASON, reason), (msg::NOT_BEFORE, not_before)];
        self.write(Vec::new(), &read.message, set).await
    }

    async fn lose(&self, _: &Draft) -> Result<Step, AppError> {
        let Some(read) = self.last_read() else {
            return Ok(Step::Changed);
        };
        let set = vec![
            (msg::STATUS, Value::Choice(Status::Unknown.key().into())),
            (msg::REASON, Value::text("sender-lost")),
            (msg::FINISHED_AT, Value::Instant(self.app.clock.now())),
        ];
        self.write(Vec::new(), &read.message, set).await
    }
}
