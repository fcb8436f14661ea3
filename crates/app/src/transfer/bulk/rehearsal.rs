//! What a dry run would have written by now: the database cannot tell it which rows of the file are the same.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use peyvand_core::Id;
use peyvand_record::Record;

use super::{Bulk, By, Draft, Found, OWN_SOURCE, OnDuplicate, Prepared, Target, compared};

/// Marks kept in memory: some ten megabytes. Rows behind them are compared with these and with the database.
const MARKS: usize = 200_000;
/// Records kept in memory, where the policy looks at their values.
const RECORDS: usize = 10_000;

/// The records of a dry run, by what makes another row the same.
#[derive(Debug, Default)]
pub(super) struct Rehearsed {
    marks: HashMap<u64, Id>,
    records: HashMap<Id, Record>,
}

fn short(mark: &(String, String)) -> u64 {
    let mut h = DefaultHasher::new();
    mark.hash(&mut h);
    h.finish()
}

impl Bulk<'_> {
    /// Keeps what a dry run would have written with these drafts.
    pub(super) fn remember(&mut self, p: &mut Prepared) {
        if !self.dry {
            return;
        }
        let whole = matches!(self.policy, OnDuplicate::Fill | OnDuplicate::Overwrite);
        for r in p.played.drain(..).filter(|_| whole) {
            if self.rehearsed.records.len() < RECORDS || self.rehearsed.records.contains_key(&r.id()) {
                self.rehearsed.records.insert(r.id(), r);
            }
        }
        let ids: HashMap<(&str, u64), Id> = p
            .written
            .iter()
            .filter_map(|w| Some(((&*w.object, w.row), w.id?)))
            .collect();
        // How drafts name others of their kind.
        let asked: HashSet<By> = p
            .drafts
            .iter()
            .chain(&p.later)
            .flat_map(|d| d.links.iter().filter(|l| *l.target.object == *d.object.key))
            .map(|l| l.target.by.clone())
            .collect();
        for draft in &p.drafts {
            let Some(id) = ids.get(&(draft.object.key.as_str(), draft.row)) else {
                continue;
            };
            for by in &asked {
                let text = match by {
                    By::Id if &*self.source == OWN_SOURCE => draft.key.clone(),
                    By::Field(ix) => draft.object.at(*ix).and_then(|f| {
                        let value = draft.values.iter().find(|(i, _)| i == ix)?.1.as_str()?;
                        Some(compared(f, value))
                    }),
                    By::Id | By::Key(_) => None,
                };
                if let Some(text) = text {
                    let object = draft.object.key.as_str().into();
                    let by = by.clone();
                    self.known.entry(Target { object, by, text }).or_insert(*id);
                }
            }
            for mark in self.marks(draft) {
                if self.rehearsed.marks.len() >= MARKS {
                    return;
                }
                self.rehearsed.marks.entry(short(&mark)).or_insert(*id);
            }
        }
    }

    /// A draft that would be the same as one before it.
    pub(super) fn recall(&self, draft: &Draft, found: &mut Found) {
        if found.in_bin {
            return;
        }
        if let Some(there) = &mut found.existing {
            if let Some(r) = self.rehearsed.records.get(&there.id()) {
                *there = r.clone();
            }
            return;
        }
        let met = self
            .marks(draft)
            .into_iter()
            .find_map(|m| Some((*self.rehearsed.marks.get(&short(&m))?, m.0)));
        if let Some((id, by)) = met {
            let context = self.app.context(self.caller);
            let known = self.rehearsed.records.get(&id).cloned();
            found.existing =
                Some(known.unwrap_or_else(|| Record::new(&draft.object, id, context.now, context.actor)));
            found.by = Some(by).filter(|by| !by.ends_with(":key"));
            found.keyed = true;
        }
    }
}
