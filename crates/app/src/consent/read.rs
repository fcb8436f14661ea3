//! What is allowed, and what was said: for pages, the interface and the command line.

use std::collections::HashMap;

use peyvand_catalog::handles::contact;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    AddressHash, Channel, Decision, Entry, Mark, Purpose, Question, Refusal, State, decide,
};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{FieldRule, Record};

use super::book::Book;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// One use: a channel and a purpose, and whether it is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The channel.
    pub channel: Channel,
    /// The purpose.
    pub purpose: Purpose,
    /// The state of the address that would be used, or of the one that forbids it.
    pub state: State,
    /// The entry behind the state.
    pub entry: Option<Mark>,
    /// The address to which it may be sent.
    pub address: Option<String>,
    /// Why it may not be.
    pub refusal: Option<Refusal>,
}

/// All uses of a person's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// The contact.
    pub contact: Id,
    /// The use of their data is restricted, and since when.
    pub restricted: Option<Mark>,
    /// The channels on which there is an address.
    pub channels: Vec<Channel>,
    /// The addresses of each channel, as they were typed; empty for those who may not see them.
    pub addresses: Vec<(Channel, Vec<String>)>,
    /// Every channel with every purpose.
    pub cells: Vec<Cell>,
}

/// An entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The entry.
    pub entry: Entry,
    /// The address, where it is still known; `None` for one that is no longer kept, and for the person as a whole.
    pub address: Option<String>,
    /// It is about the person as a whole.
    pub person: bool,
}

impl App {
    /// The contact, live, that a caller may see.
    async fn person(&self, caller: &Caller, id: Id) -> Result<Record, AppError> {
        let object = caller
            .workspace
            .catalog()
            .object("contact")
            .ok_or(AppError::NotFound)?;
        self.raw(caller, object, id, DeletedScope::Live).await
    }

    /// May the caller see the addresses of contacts?
    pub(crate) fn sees_addresses(caller: &Caller) -> bool {
        [contact::EMAILS, contact::PHONES].into_iter().all(|ix| {
            !matches!(
                caller.policy.field("contact", ix),
                Some(FieldRule::Hidden | FieldRule::Masked)
            )
        })
    }

    /// May something be sent to this person by this channel for this purpose, right now?
    pub async fn may_send(
        &self,
        caller: &Caller,
        contact: Id,
        channel: Channel,
        purpose: Purpose,
    ) -> Result<Decision, AppError> {
        let person = self.person(caller, contact).await?;
        let book = self.book(&caller.workspace, person.id()).await?;
        let q = Question {
            channel,
            purpose,
            now: self.clock.now(),
        };
        Ok(decide(&book.case(channel, purpose, None, false), &q))
    }

    /// What is allowed with a person, use by use.
    pub async fn permissions(&self, caller: &Caller, contact: Id) -> Result<Permissions, AppError> {
        let person = self.person(caller, contact).await?;
        let book = self.book(&caller.workspace, person.id()).await?;
        let now = self.clock.now();
        let sees = Self::sees_addresses(caller);
        let mut channels = Vec::new();
        let mut addresses = Vec::new();
        for &c in Channel::ALL {
            let mut shown: Vec<String> = Vec::new();
            for p in book.points.iter().filter(|p| p.live) {
                if c.points().contains(&p.kind.as_str()) && !shown.contains(&p.shown) {
                    shown.push(p.shown.clone());
                }
            }
            if !shown.is_empty() {
                channels.push(c);
                addresses.push((c, if sees { shown } else { Vec::new() }));
            }
        }
        let mut cells = Vec::new();
        for &channel in &channels {
            for &purpose in Purpose::ALL {
                cells.push(cell(&book, channel, purpose, now, sees));
            }
        }
        let restricted = match book.restriction().state(now) {
            (State::Blocked, mark) => mark,
            _ => None,
        };
        Ok(Permissions {
            contact: person.id(),
            restricted,
            channels,
            addresses,
            cells,
        })
    }

    /// Everything that was ever said about a person, newest first: at their addresses, about them as a whole, and at
    /// addresses that they no longer have.
    pub async fn consent_history(&self, caller: &Caller, contact: Id) -> Result<Vec<HistoryLine>, AppError> {
        let person = self.person(caller, contact).await?;
        let w = &caller.workspace;
        let book = self.book(w, person.id()).await?;
        let mut all: HashMap<Id, Entry> = book
            .entries
            .values()
            .flatten()
            .map(|e| (e.id, e.clone()))
            .collect();
        if let Some(layout) = w.layout.object("consent_entry") {
            let people: Vec<_> = book.people.iter().map(|p| (*p).into()).collect();
            for e in self.read_entries(w, layout, "contact_id", &people).await? {
                all.insert(e.id, e);
            }
        }
        let sees = Self::sees_addresses(caller);
        let known: HashMap<AddressHash, &str> =
            book.points.iter().map(|p| (p.hash, p.shown.as_str())).collect();
        let mut out: Vec<HistoryLine> = all
            .into_values()
            .map(|entry| HistoryLine {
                address: known
                    .get(&entry.address)
                    .filter(|_| sees)
                    .map(|a| (*a).to_owned()),
                person: book.person_keys.contains(&entry.address),
                entry,
            })
            .collect();
        out.sort_by_key(|l| std::cmp::Reverse((l.entry.proof.at, l.entry.id)));
        Ok(out)
    }

    /// May the caller write into the ledger about this person?
    pub async fn may_record_consent(&self, caller: &Caller, contact: Id) -> Result<bool, AppError> {
        let object = caller
            .workspace
            .catalog()
            .object("contact")
            .ok_or(AppError::NotFound)?;
        let record = self.person(caller, contact).await?;
        match self.may(caller, object, &record, Verb::Update).await {
            Ok(()) => Ok(true),
            Err(AppError::Forbidden) => Ok(false),
            Err(e) => Err(e),
        }
    }
}

fn cell(book: &Book, channel: Channel, purpose: Purpose, now: Instant, sees: bool) -> Cell {
    let case = book.case(channel, purpose, None, false);
    let q = Question {
        channel,
        purpose,
        now,
    };
    let mut out = Cell {
        channel,
        purpose,
        state: State::Unknown,
        entry: None,
        address: None,
        refusal: None,
    };
    match decide(&case, &q) {
        Decision::Allowed(permit) => {
            let standing = case.addresses.iter().find(|a| Some(a.hash) == permit.hash());
            (out.state, out.entry) = standing.map_or((State::Unknown, None), |a| a.standing.state(now));
            out.address = Some(permit.address().to_owned()).filter(|_| sees);
        }
        Decision::Refused(mut refusal) => {
            use peyvand_domain::consent::Reason;
            out.state = match refusal.reason {
                Reason::Restricted | Reason::Blocked => State::Blocked,
                Reason::Denied => State::Denied,
                Reason::Withdrawn => State::Withdrawn,
                Reason::Expired => State::Expired,
                Reason::Pending => State::Pending,
                _ => State::Unknown,
            };
            out.entry = refusal.entry;
            if !sees {
                refusal.address = None;
            }
            out.refusal = Some(refusal);
        }
    }
    out
}
