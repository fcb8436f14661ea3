//! The consent ledger: recording what people allow and refuse, and asking what is allowed.
//!
//! An entry hangs on the keyed hash of an address (the key is the instance's, outside the database) or, for what is said
//! about a person as a whole, on the keyed hash of the contact's id. Entries are only ever added.

mod book;
mod read;
mod restricted;
mod words;

use std::collections::BTreeSet;

use peyvand_core::{Context, Id, Instant};
use peyvand_domain::consent::{
    AddressHash, Channel, ConsentError, Entry, Matter, Proof, Scope, Source, State, Word, as_recorded,
};
use peyvand_domain::timeline;
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Change, Event, Record, Value};
use peyvand_store::{Conflict, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{Idempotency, TRIES};

pub use book::{Book, Known};
pub use read::{Cell, HistoryLine, Permissions};
pub use words::{refusal_sentence, wait_sentence};

/// What is to be written into the ledger about a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The channel; `None` is every channel.
    pub channel: Option<Channel>,
    /// What it is about.
    pub matter: Matter,
    /// What is said.
    pub word: Word,
    /// One address, as people write it; `None` means all of the contact's addresses on the channel.
    pub address: Option<String>,
    /// What shows it.
    pub proof: Proof,
}

impl Wish {
    /// A withdrawal of everything on every channel, said at this instant.
    #[must_use]
    pub const fn out_of_everything(source: Source, at: Instant) -> Self {
        Self {
            channel: None,
            matter: Matter::Every,
            word: Word::Withdrawn,
            address: None,
            proof: Proof::of(source, at),
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The entries, one for each address (and one for the person, where it is about them as a whole).
    pub entries: Vec<Id>,
    /// The word as it was taken: a yes that must be confirmed first is `pending`.
    pub word: Word,
}

/// Is it a word by which somebody closes something?
pub(crate) const fn closes(word: Word) -> bool {
    matches!(word, Word::Denied | Word::Withdrawn | Word::Blocked)
}

impl App {
    /// Writes into the ledger what a person said. Whoever may change the contact may do it.
    ///
    /// # Errors
    /// `Consent` for what the ledger does not take: a yes without proof, a time to come, an address that is not there.
    pub async fn record_consent(
        &self,
        caller: &Caller,
        contact: Id,
        wish: &Wish,
        idempotency: Option<&Idempotency>,
    ) -> Result<Recorded, AppError> {
        let object = caller
            .workspace
            .catalog()
            .object("contact")
            .ok_or(AppError::NotFound)?;
        let record = self.raw(caller, object, contact, DeletedScope::Live).await?;
        self.may(caller, object, &record, Verb::Update).await?;
        for _ in 0..TRIES {
            if let Some(done) = self.recorded_before(caller, idempotency).await? {
                return Ok(done);
            }
            let context = self.context(caller);
            let (mut batch, recorded) = self.entries_of(caller, &record, wish, &context).await?;
            let ids: Vec<String> = recorded.entries.iter().map(ToString::to_string).collect();
            let result = format!("{} {}", recorded.word, ids.join(" "));
            self.remember_words(caller, &context, idempotency, &result, 201, &mut batch);
            if self.write_entries(caller, &context, &batch).await? {
                return Ok(recorded);
            }
        }
        Err(AppError::Changed {
            id: contact,
            version: 0,
            fields: Vec::new(),
        })
    }

    /// Applies a batch of entries; `false` when the ledger has grown since it was read.
    pub(crate) async fn write_entries(
        &self,
        caller: &Caller,
        context: &Context,
        batch: &Batch,
    ) -> Result<bool, AppError> {
        // The right to write was asked of the person: the ledger itself belongs to nobody.
        let all = Policy::all(caller.actor);
        match self
            .store
            .apply(context, &caller.workspace.layout, &all, batch)
            .await
        {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(Conflict::Guard(_) | Conflict::Duplicate { .. })) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// What was answered to the same request before.
    async fn recorded_before(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Recorded>, AppError> {
        let Some(result) = self.remembered(caller, idempotency).await? else {
            return Ok(None);
        };
        let mut words = result.split_whitespace();
        let word = words.next().and_then(Word::find).ok_or(AppError::NotFound)?;
        let entries = words.filter_map(|w| w.parse().ok()).collect();
        Ok(Some(Recorded { entries, word }))
    }

    /// The batch that writes a wish, and what it writes.
    pub(crate) async fn entries_of(
        &self,
        caller: &Caller,
        contact: &Record,
        wish: &Wish,
        context: &Context,
    ) -> Result<(Batch, Recorded), AppError> {
        let w = &caller.workspace;
        let scope = Scope {
            channel: wish.channel,
            matter: wish.matter,
        };
        let policy = self.fresh_settings(w).await?.contact_policy;
        let word = as_recorded(wish.word, scope, &wish.proof, policy.double_opt_in, context.now)
            .map_err(AppError::Consent)?;
        let book = self.book(w, contact.id()).await?;
        let mut keys: Vec<(AddressHash, Option<Id>)> = Vec::new();
        let wanted = wish.address.as_deref().map(str::trim).filter(|a| !a.is_empty());
        let sees = Self::sees_addresses(caller);
        for p in book.points.iter().filter(|p| p.live) {
            let of_channel = wish.channel.is_none_or(|c| c.points().contains(&p.kind.as_str()));
            // An address that is named by somebody who may not see it is never the right one: else guesses would tell.
            let named = wanted.is_none_or(|a| sees && (p.address == a || p.shown == a));
            if of_channel && named && !keys.iter().any(|(h, _)| *h == p.hash) {
                keys.push((p.hash, Some(p.id)));
            }
        }
        if wanted.is_some() && keys.is_empty() {
            return Err(AppError::Consent(ConsentError::NoAddress));
        }
        if wanted.is_none() {
            let person = book.person_standing(scope);
            let about_person = match word {
                w if closes(w) => true,
                // What was closed for the person as a whole is opened for them as a whole, too.
                Word::Released => true,
                _ => person.state(context.now).0.is_no(),
            };
            if about_person {
                keys.push((book.person, None));
            }
            // Lifted of the one that several people are now, a restriction is lifted of each of them.
            if word == Word::Released && wish.matter == Matter::Processing {
                keys.extend(book.restricted_within().map(|k| (k, None)));
            }
        }
        let only_person = keys.iter().all(|(_, p)| p.is_none());
        if keys.is_empty() || (only_person && matches!(word, Word::Granted | Word::Pending)) {
            return Err(AppError::Consent(ConsentError::NoAddress));
        }
        let mut batch = Batch::default();
        let mut entries = Vec::new();
        for (address, point) in keys {
            let entry = Entry {
                id: self.ids.next(context.now),
                address,
                scope,
                word,
                proof: wish.proof.clone(),
                contact: Some(contact.id()),
                point,
                actor: context.actor,
                recorded_at: context.now,
            };
            entries.push(entry.id);
            self.put_entry(caller, context, &mut batch, &entry, book.version(address));
        }
        Ok((batch, Recorded { entries, word }))
    }

    /// Adds an entry to a batch: its row, the head of its address, its place on the timeline, audit and event.
    pub(crate) fn put_entry(
        &self,
        caller: &Caller,
        context: &Context,
        batch: &mut Batch,
        entry: &Entry,
        version: i64,
    ) {
        let catalog = caller.workspace.catalog();
        let Some(object) = catalog.object("consent_entry") else {
            return;
        };
        let record = book::to_record(object, entry, context);
        // Several entries may come for one address in one batch: each stands on the one before.
        let before = batch.changes.iter().rev().find_map(|c| match c {
            Change::ConsentHead {
                address,
                version,
                entries,
                ..
            } if *address == entry.address.0 => Some(version + entries),
            _ => None,
        });
        batch.changes.push(Change::ConsentHead {
            address: entry.address.0,
            version: before.unwrap_or(version),
            entries: 1,
            entry: entry.id,
        });
        batch.timeline.extend(timeline::entries(object, &record));
        let detail = serde_json::json!({
            "contact_id": entry.contact.map(|c| c.to_string()),
            "channel": entry.scope.channel_key(),
            "purpose": entry.scope.matter.key(),
            "verdict": entry.word.key(),
            "source": entry.proof.source.key(),
        });
        self.writer(caller, context)
            .entry(batch, AuditAction::Create, object, entry.id, detail.to_string());
        batch.events.push(Event {
            id: self.ids.next(context.now),
            kind: "consent_entry.created".into(),
            object: "consent_entry".into(),
            record: entry.id,
            version: 1,
            at: context.now,
        });
        batch.changes.push(Change::Insert(Box::new(record)));
    }

    /// Has the person objected to being profiled, or is the use of their data restricted? Scores and segments leave
    /// such people out.
    pub async fn may_profile(
        &self,
        workspace: &crate::workspace::Workspace,
        contact: Id,
    ) -> Result<bool, AppError> {
        let book = self.book(workspace, contact).await?;
        let now = self.clock.now();
        if book.restriction().state(now).0 == State::Blocked {
            return Ok(false);
        }
        let mut no = BTreeSet::new();
        for c in Channel::ALL {
            let s = book.person_standing(Scope::of(*c, peyvand_domain::consent::Purpose::Profiling));
            no.insert(s.state(now).0.is_no());
        }
        Ok(!no.contains(&true))
    }
}

/// The id in a link.
fn link(id: Option<Id>) -> Value {
    id.map_or(Value::Null, Value::Id)
}
