//! Sending: messages are queued with a verdict, handed over with another, and what became of them is kept.
//!
//! `queued → sending → sent | failed | unknown`. A message whose sender was lost while it was `sending` becomes `unknown`
//! and is not sent again by itself: somebody looks and decides.

mod gate;
mod notices;
mod pause;
mod worker;

use peyvand_catalog::handles::message as msg;
use peyvand_channels::Status;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{Channel, ConsentError, Decision, Formality, Purpose, Question, decide};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Change, NewJob, Record, Value};
use peyvand_store::{Conflict, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{Idempotency, TRIES};

pub use pause::{Instance, Release, Waiting};
pub use worker::SEND;
pub(crate) use worker::Sender;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 400;
/// Longest text, in characters.
const LONGEST_BODY: usize = 20_000;
/// Longest key of uniqueness, in bytes.
const LONGEST_KEY: usize = 120;

/// A message that somebody wants to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// To whom.
    pub contact: Id,
    /// By which channel.
    pub channel: Channel,
    /// For what.
    pub purpose: Purpose,
    /// To this address of theirs only; else to the first permitted one.
    pub address: Option<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Not before.
    pub not_before: Option<Instant>,
    /// Only one message of this key ever: a campaign and a person.
    pub once: Option<String>,
}

impl App {
    /// Queues a message to a person. The verdict is asked now, and again when its turn comes.
    ///
    /// # Errors
    /// `NotPermitted` with the reason when the ledger says no.
    pub async fn queue_message(
        &self,
        caller: &Caller,
        new: &NewMessage,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        let w = &caller.workspace;
        let contacts = w.catalog().object("contact").ok_or(AppError::NotFound)?;
        let person = self
            .raw(caller, contacts, new.contact, DeletedScope::Live)
            .await?;
        self.may(caller, contacts, &person, Verb::Update).await?;
        check(new)?;
        if let Some(done) = self.message_answered(caller, idempotency).await? {
            return Ok(done);
        }
        let context = self.context(caller);
        let book = self.book(w, person.id()).await?;
        let sees = Self::sees_addresses(caller);
        let only = match new.address.as_deref().map(str::trim).filter(|a| !a.is_empty()) {
            None => None,
            Some(a) => Some(
                book.points
                    .iter()
                    // Guesses of somebody who may not see addresses are told nothing.
                    .find(|p| sees && p.live && (p.address == a || p.shown == a))
                    .map(|p| p.hash)
                    .ok_or(AppError::Consent(ConsentError::NoAddress))?,
            ),
        };
        let q = Question {
            channel: new.channel,
            purpose: new.purpose,
            now: context.now,
        };
        let permit = match decide(&book.case(new.channel, new.purpose, only, false), &q) {
            Decision::Allowed(permit) => permit,
            Decision::Refused(mut refusal) => {
                if !sees {
                    refusal.address = None;
                }
                return Err(AppError::NotPermitted(Box::new(refusal)));
            }
        };
        let settings = self.fresh_settings(w).await?;
        let formality = person
            .get(peyvand_catalog::handles::contact::FORMALITY)
            .as_str()
            .and_then(Formality::find)
            .unwrap_or(settings.contact_policy.formality);
        let mut values = vec![
            (msg::SUBJECT, Value::text(new.subject.trim())),
            (msg::BODY, Value::text(new.body.trim())),
            (msg::CHANNEL, Value::Choice(new.channel.key().into())),
            (msg::PURPOSE, Value::Choice(new.purpose.key().into())),
            (msg::STATUS, Value::Choice(Status::Queued.key().into())),
            (msg::CONTACT_ID, Value::Id(person.id())),
            (msg::ADDRESS, Value::text(permit.address())),
            (msg::FORMALITY, Value::Choice(formality.key().into())),
            (msg::QUEUED_AT, Value::Instant(context.now)),
            (
                msg::NOT_BEFORE,
                new.not_before.map_or(Value::Null, Value::Instant),
            ),
            (msg::EPOCH, Value::Int(self.epoch().await?)),
        ];
        if only.is_some() {
            // An address that was named stays the only one.
            let hash = permit.hash().map(|h| h.to_string()).unwrap_or_default();
            values.push((msg::ADDRESS_HASH, Value::text(hash)));
        }
        if let Some(k) = &new.once {
            values.push((msg::DEDUPE_KEY, Value::text(k.as_str())));
        }
        let (mut record, mut batch) = self.new_message(caller, &context, values, new.not_before)?;
        self.remember(caller, &context, idempotency, &[record.id()], 201, &mut batch);
        let all = Policy::all(caller.actor);
        match self.store.apply(&context, &w.layout, &all, &batch).await {
            Ok(()) => {
                if let Some(object) = w.catalog().object(msg::OBJECT) {
                    self.dress(caller, object, std::slice::from_mut(&mut record));
                }
                Ok(record)
            }
            Err(e) => {
                // Two requests with one key at once: the one that came second answers like the first.
                if let Some(done) = self.message_answered(caller, idempotency).await? {
                    return Ok(done);
                }
                Err(e.into())
            }
        }
    }

    /// A message's row and the job that takes it through the gate.
    fn new_message(
        &self,
        caller: &Caller,
        context: &peyvand_core::Context,
        values: Vec<(peyvand_catalog::FieldIx, Value)>,
        not_before: Option<Instant>,
    ) -> Result<(Record, Batch), AppError> {
        let catalog = caller.workspace.catalog();
        let object = catalog.object(msg::OBJECT).ok_or(AppError::NotFound)?;
        let (record, mut batch) = self
            .writer(caller, context)
            .create(object, values)
            .map_err(AppError::Invalid)?;
        batch.jobs.push(NewJob {
            id: self.ids.next(context.now),
            kind: SEND.into(),
            payload: record.id().to_string().into(),
            run_at: not_before.unwrap_or(context.now).max(context.now),
            dedupe: Some(record.id().to_string().into()),
        });
        Ok((record, batch))
    }

    async fn message_answered(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Record>, AppError> {
        let Some(ids) = self.answered(caller, idempotency).await? else {
            return Ok(None);
        };
        let id = *ids.first().ok_or(AppError::NotFound)?;
        self.message(caller, id).await.map(Some)
    }

    /// A message that the caller may see.
    pub async fn message(&self, caller: &Caller, id: Id) -> Result<Record, AppError> {
        let object = caller
            .workspace
            .catalog()
            .object(msg::OBJECT)
            .ok_or(AppError::NotFound)?;
        self.get(caller, object, id).await
    }

    /// Takes a queued message back.
    ///
    /// # Errors
    /// `Changed` when it is no longer queued.
    pub async fn cancel_message(&self, caller: &Caller, id: Id) -> Result<Record, AppError> {
        self.decide_message(caller, id, &[Status::Queued], Status::Cancelled)
            .await
    }

    /// Queues a message again whose outcome is unknown, or that was not taken: a person's decision, never the program's.
    ///
    /// # Errors
    /// `Changed` when it is in another state.
    pub async fn requeue_message(&self, caller: &Caller, id: Id) -> Result<Record, AppError> {
        self.decide_message(caller, id, &[Status::Unknown, Status::Failed], Status::Queued)
            .await
    }

    async fn decide_message(
        &self,
        caller: &Caller,
        id: Id,
        from: &[Status],
        to: Status,
    ) -> Result<Record, AppError> {
        let w = &caller.workspace;
        for _ in 0..TRIES {
            let before = self.message(caller, id).await?;
            let contacts = w.catalog().object("contact").ok_or(AppError::NotFound)?;
            // What belongs to no person is the program's own.
            let contact = before.get(msg::CONTACT_ID).as_id().ok_or(AppError::Forbidden)?;
            let person = self.raw(caller, contacts, contact, DeletedScope::Live).await?;
            self.may(caller, contacts, &person, Verb::Update).await?;
            let before = self
                .any(w, msg::OBJECT, before.id())
                .await?
                .ok_or(AppError::NotFound)?;
            if !from.contains(&status_of(&before)) {
                return Err(AppError::Changed {
                    id,
                    version: before.version(),
                    fields: vec![("status".to_owned(), status_of(&before).key().into())],
                });
            }
            let context = self.context(caller);
            let mut after = before.touched(context.now, context.actor);
            after.set(msg::STATUS, Value::Choice(to.key().into()));
            after.set(msg::REASON, Value::Null);
            let mut batch = Batch::default();
            if to == Status::Queued {
                for ix in [msg::SENDING_AT, msg::FINISHED_AT, msg::NOT_BEFORE, msg::CLAIM] {
                    after.set(ix, Value::Null);
                }
                after.set(msg::EPOCH, Value::Int(self.epoch().await?));
                batch.jobs.push(NewJob {
                    id: self.ids.next(context.now),
                    kind: SEND.into(),
                    payload: id.to_string().into(),
                    run_at: context.now,
                    dedupe: Some(id.to_string().into()),
                });
            } else {
                after.set(msg::FINISHED_AT, Value::Instant(context.now));
            }
            self.put_message(caller, &context, &mut batch, &before, &after);
            let all = Policy::all(caller.actor);
            match self.store.apply(&context, &w.layout, &all, &batch).await {
                Ok(()) => return self.message(caller, id).await,
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Changed {
            id,
            version: 0,
            fields: Vec::new(),
        })
    }

    /// A change of a message's state, in a batch, with its entry of the audit log.
    pub(crate) fn put_message(
        &self,
        caller: &Caller,
        context: &peyvand_core::Context,
        batch: &mut Batch,
        before: &Record,
        after: &Record,
    ) {
        let catalog = caller.workspace.catalog();
        let Some(object) = catalog.object(msg::OBJECT) else {
            return;
        };
        let side = |r: &Record, ix| r.get(ix).as_str().map(str::to_owned);
        let detail = serde_json::json!({
            "status": [side(before, msg::STATUS), side(after, msg::STATUS)],
            "reason": [side(before, msg::REASON), side(after, msg::REASON)],
        });
        self.writer(caller, context).entry(
            batch,
            AuditAction::Update,
            object,
            after.id(),
            detail.to_string(),
        );
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after.clone()),
        });
    }
}

/// Where a message stands.
#[must_use]
pub fn status_of(message: &Record) -> Status {
    // A state that is not understood is treated as one in which nothing is sent.
    message
        .get(msg::STATUS)
        .as_str()
        .and_then(Status::find)
        .unwrap_or(Status::Unknown)
}

fn check(new: &NewMessage) -> Result<(), AppError> {
    let bad = |name: &'static str, value: &str| AppError::Parameter {
        name,
        value: value.chars().take(60).collect(),
    };
    if !new.purpose.is_message() {
        return Err(bad("purpose", new.purpose.key()));
    }
    if new.body.trim().is_empty() || new.body.chars().count() > LONGEST_BODY {
        return Err(bad("body", &new.body));
    }
    // A line break in a subject would be a header of its own.
    if new.subject.chars().count() > LONGEST_SUBJECT || new.subject.chars().any(char::is_control) {
        return Err(bad("subject", &new.subject));
    }
    if let Some(k) = new
        .once
        .as_ref()
        .filter(|k| k.is_empty() || k.len() > LONGEST_KEY)
    {
        return Err(bad("once", k));
    }
    Ok(())
}
