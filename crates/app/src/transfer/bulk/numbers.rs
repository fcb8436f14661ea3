//! The numbers of new records, as forms give them: reserved for a whole chunk at once. What a chunk reserved and did not
//! use stays for the next one, so that a file leaves no more gaps than it has to.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::Value;

use super::{Bulk, Draft, Found, Spare};
use crate::caller::Caller;
use crate::errors::AppError;
use crate::numbering::{has_number, numbered};

type Values = Vec<(FieldIx, Value)>;

/// The numbers of a chunk that is being decided.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Reserved for chunks before, and not used.
    spare: Spare,
    /// Reserved, and on no record, by object.
    free: HashMap<String, VecDeque<(i64, Value)>>,
    used: Spare,
    /// Numbers that rows of the file state themselves, which the database may not know yet.
    stated: HashSet<String>,
}

impl Numbers {
    /// Makes a record with its number, where it is to have one and the values state none. A record that cannot be made
    /// uses none up.
    pub(super) fn with<T, E>(
        &mut self,
        caller: &Caller,
        object: &ObjectDef,
        mut values: Values,
        make: impl FnOnce(Values) -> Result<T, E>,
    ) -> Result<T, E> {
        let number = numbered(caller, object)
            .filter(|(_, field)| !has_number(*field, &values))
            .and_then(|(_, field)| Some((field, self.free.get_mut(&object.key)?.pop_front()?)));
        let Some((field, (n, number))) = number else {
            return make(values);
        };
        values.retain(|(ix, _)| *ix != field);
        values.push((field, number.clone()));
        let made = make(values);
        if made.is_ok() {
            self.used.entry(object.key.clone()).or_default().insert(n);
        } else {
            self.free
                .entry(object.key.clone())
                .or_default()
                .push_front((n, number));
        }
        made
    }
}

impl Bulk<'_> {
    /// No numbers yet, but those that may not be given: what these drafts and those being written state themselves.
    pub(super) fn numbers_for(&mut self, now: &[Draft], later: &[Draft]) -> Numbers {
        let flying = self.flight.as_ref().map(|f| f.drafts.as_slice());
        let mut stated = HashSet::new();
        for draft in now.iter().chain(later).chain(flying.unwrap_or_default()) {
            for d in std::iter::once(draft).chain(draft.children.iter().map(|(_, c)| c)) {
                let made = d.links.iter().filter_map(|l| {
                    let make = l.make.as_ref()?;
                    Some((self.caller.workspace.catalog().object(&l.target.object)?, make))
                });
                for (object, values) in std::iter::once((&d.object, &d.values)).chain(made) {
                    if let Some((_, field)) = numbered(self.caller, object) {
                        let own = values.iter().filter(|(ix, _)| *ix == field);
                        stated.extend(own.filter_map(|(_, v)| v.as_str().map(str::to_owned)));
                    }
                }
            }
        }
        Numbers {
            spare: std::mem::take(&mut self.spare),
            stated,
            ..Numbers::default()
        }
    }

    /// The numbers that the chunk has used; the others stay for the next one.
    pub(super) fn settle(&mut self, numbers: Numbers) -> Spare {
        self.spare = numbers.spare;
        for (object, free) in numbers.free {
            let counts = free.into_iter().map(|(n, _)| n);
            self.spare.entry(object).or_default().extend(counts);
        }
        numbers.used
    }

    /// Puts numbers back that were used by a chunk which is not written as it was decided.
    pub(super) fn give_back(&mut self, numbers: Spare) {
        for (object, mut some) in numbers {
            self.spare.entry(object).or_default().append(&mut some);
        }
    }

    /// Reserves what a chunk needs: numbers for the drafts that nothing was found for, and for their children.
    pub(super) async fn reserve(
        &self,
        drafts: &[Draft],
        found: &[Found],
        numbers: &mut Numbers,
    ) -> Result<(), AppError> {
        let new = drafts
            .iter()
            .zip(found)
            .filter(|(_, f)| !f.in_bin && f.existing.is_none())
            .flat_map(|(d, _)| std::iter::once(d).chain(d.children.iter().map(|(_, c)| c)))
            .map(|d| (&d.object, &d.values));
        self.reserve_for(new, numbers).await
    }

    /// Sees to it that there are numbers for new records with these values.
    pub(super) async fn reserve_for<'d>(
        &self,
        new: impl Iterator<Item = (&'d Arc<ObjectDef>, &'d Values)>,
        numbers: &mut Numbers,
    ) -> Result<(), AppError> {
        if self.dry {
            return Ok(());
        }
        let mut wanted: HashMap<&str, (&Arc<ObjectDef>, usize)> = HashMap::new();
        for (object, values) in new {
            if numbered(self.caller, object).is_some_and(|(_, field)| !has_number(field, values)) {
                wanted.entry(&object.key).or_insert((object, 0)).1 += 1;
            }
        }
        for (key, (object, wanted)) in wanted {
            let free = numbers.free.entry(key.to_owned()).or_default();
            let missing = wanted.saturating_sub(free.len());
            if missing == 0 {
                continue;
            }
            let spare = numbers.spare.entry(key.to_owned()).or_default();
            let more = self
                .app
                .free_numbers(self.caller, object, missing, spare, &numbers.stated)
                .await?;
            free.extend(more);
        }
        Ok(())
    }
}
