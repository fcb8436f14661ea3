//! What a file says that people allow or refuse. A yes is taken with its proof only; a file that maps none brings none.

use std::collections::HashMap;

use peyvand_calendar::date_format::{DateFormat, parse_with};
use peyvand_calendar::zone;
use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{Channel, ConsentError, Matter, Proof, Purpose, Source, Word};
use peyvand_exchange::Row;
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Change, Value};

use super::bulk::Draft;
use super::mapping::ConsentRule;
use super::plan::{MappingError, Plan};
use super::unsay::{ENTRY, standing, taken_back_at};
use crate::app::App;
use crate::caller::Caller;
use crate::consent::Wish;
use crate::errors::AppError;
use crate::records::TRIES;

/// A rule of the mapping, ready for use.
#[derive(Debug)]
pub(super) struct Said {
    rule: ConsentRule,
    channel: Channel,
    purposes: Vec<Purpose>,
    column: usize,
    date: Option<DateFormat>,
}

/// Is it one of these, however it is written?
fn is_one(text: &str, of: &[String]) -> bool {
    of.iter().any(|o| o.trim().to_lowercase() == text.to_lowercase())
}

impl Said {
    /// Binds a rule to the columns of a file.
    pub(super) fn new(
        rule: &ConsentRule,
        object: &ObjectDef,
        columns: &HashMap<String, usize>,
    ) -> Result<Self, MappingError> {
        if object.key != "contact" {
            return Err(MappingError::Object(object.key.clone()));
        }
        let bad = |v: &str| MappingError::Value(v.to_owned());
        // A yes whose time or proof is not even asked for would be a yes that nobody can show.
        if !rule.granted.is_empty() && (rule.at.is_empty() || (rule.text.is_empty() && rule.proof.is_empty()))
        {
            return Err(bad("consent.granted"));
        }
        let purposes = rule
            .purposes
            .iter()
            .map(|p| Purpose::find(p).ok_or_else(|| bad(p)))
            .collect::<Result<Vec<_>, _>>()?;
        if purposes.is_empty() {
            return Err(bad("consent.purposes"));
        }
        Ok(Self {
            channel: Channel::find(&rule.channel).ok_or_else(|| bad(&rule.channel))?,
            column: columns
                .get(&rule.column.to_lowercase())
                .copied()
                .ok_or_else(|| MappingError::Column(rule.column.clone()))?,
            date: rule
                .date
                .as_deref()
                .map(|d| d.parse().map_err(|_| bad(d)))
                .transpose()?,
            purposes,
            rule: rule.clone(),
        })
    }
}

impl Plan {
    /// What a row says that its person allows or refuses, at the addresses that the row itself carries.
    ///
    /// # Errors
    /// The column, and what its yes lacks.
    pub(super) fn said(
        &self,
        row: &Row,
        draft: &Draft,
        now: Instant,
    ) -> Result<Vec<Wish>, (String, ConsentError)> {
        let mut out = Vec::new();
        for said in &self.consent {
            let rule = &said.rule;
            let cell = row.cell(said.column).as_text().trim().to_owned();
            let word = if is_one(&cell, &rule.granted) {
                Word::Granted
            } else if is_one(&cell, &rule.withdrawn) {
                Word::Withdrawn
            } else {
                continue;
            };
            let fill = |t: &str| Some(self.fill(t, row, &cell)).filter(|s| !s.trim().is_empty());
            let lacks = |e| (rule.column.clone(), e);
            let at = match fill(&rule.at).and_then(|t| self.when(t.trim(), said.date.as_ref(), now)) {
                Some(at) => at,
                None if word == Word::Withdrawn => now,
                None => return Err(lacks(ConsentError::NoProof)),
            };
            let mut proof = Proof::of(Source::Import, at);
            proof.text_shown = fill(&rule.text);
            proof.reference = fill(&rule.proof);
            proof.form_url = fill(&rule.form_url);
            proof.ip = fill(&rule.ip);
            if word == Word::Granted && proof.text_shown.is_none() && proof.reference.is_none() {
                return Err(lacks(ConsentError::NoProof));
            }
            if at > now {
                return Err(lacks(ConsentError::InFuture));
            }
            for address in addresses(draft, said.channel) {
                for purpose in &said.purposes {
                    out.push(Wish {
                        channel: Some(said.channel),
                        matter: Matter::Purpose(*purpose),
                        word,
                        address: Some(address.clone()),
                        proof: proof.clone(),
                    });
                }
            }
        }
        Ok(out)
    }

    /// The instant of a text: RFC 3339, or a date of the stated format (its noon).
    fn when(&self, text: &str, format: Option<&DateFormat>, now: Instant) -> Option<Instant> {
        if let Ok(at) = text.parse() {
            return Some(at);
        }
        let day = match format {
            Some(f) => parse_with(f, text).ok()?.days,
            None => {
                let context = peyvand_calendar::parse::ParseContext::new(self.edge.today, self.edge.language);
                peyvand_calendar::parse::parse_date(text, &context).ok()?.days
            }
        };
        let noon = Instant(zone::instant(day, zone::DAY_MICROS / 2, &self.edge.time_zone));
        // Before noon the noon of today has not come.
        Some(if day == self.edge.today {
            noon.min(now)
        } else {
            noon
        })
    }
}

/// The addresses of a row on a channel.
fn addresses(draft: &Draft, channel: Channel) -> Vec<String> {
    draft
        .values
        .iter()
        .filter_map(|(_, v)| if let Value::Points(p) = v { Some(p) } else { None })
        .flatten()
        .filter(|p| channel.points().contains(&&*p.channel))
        .map(|p| p.normalised.to_string())
        .collect()
}

impl App {
    /// Writes what a row of a file said about a person. What the ledger says already in the same words it is not told
    /// again, so that a second import of a file changes nothing. Gives how many entries were written.
    pub(super) async fn import_consent(
        &self,
        caller: &Caller,
        person: Id,
        said: &[Wish],
        operation: Id,
    ) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let object = w.catalog().object("contact").ok_or(AppError::NotFound)?;
        let record = match self.raw(caller, object, person, DeletedScope::Live).await {
            Err(AppError::NotFound) => return Ok(0),
            other => other?,
        };
        self.may(caller, object, &record, Verb::Update).await?;
        let mut n = 0;
        for wish in said {
            for _ in 0..TRIES {
                let book = self.book(w, record.id()).await?;
                let known = standing(&book.entries).any(|e| {
                    let at = book.points.iter().find(|p| p.hash == e.address);
                    at.is_some_and(|p| Some(&p.address) == wish.address.as_ref())
                        && e.word == wish.word
                        && e.scope.channel == wish.channel
                        && e.scope.matter == wish.matter
                        && (same_proof(&e.proof, &wish.proof)
                            || (wish.word == Word::Withdrawn && e.proof.source == Source::Import))
                });
                if known {
                    break;
                }
                let context = self.context(caller);
                let mut wish = wish.clone();
                if let Some(at) = taken_back_at(&book, &wish) {
                    wish.proof.at = wish.proof.at.max(at.plus_micros(1));
                }
                let (mut batch, done) = match self.entries_of(caller, &record, &wish, &context).await {
                    // The row's address was not taken over (the person was there already): nothing is said about it.
                    Err(AppError::Consent(ConsentError::NoAddress)) => break,
                    other => other?,
                };
                // A yes is taken back with the import that brought it.
                if wish.word == Word::Granted {
                    batch.changes.extend(done.entries.iter().map(|id| Change::Image {
                        operation,
                        object: ENTRY.into(),
                        id: *id,
                        version_after: 1,
                        before: None,
                    }));
                }
                if self.write_entries(caller, &context, &batch).await? {
                    n += done.entries.len() as u64;
                    break;
                }
            }
        }
        Ok(n)
    }
}

/// The same proof, but for the moment by which a repetition comes after what was taken back.
fn same_proof(a: &Proof, b: &Proof) -> bool {
    let apart = a.at.micros().abs_diff(b.at.micros());
    apart < 1_000
        && Proof {
            at: b.at,
            ..a.clone()
        } == *b
}
