//! No record of a file stands under itself: what forms and programs may not say a file may not say either.

use std::collections::{HashMap, HashSet};

use peyvand_catalog::FieldIx;
use peyvand_core::Id;
use peyvand_record::Guard;
use peyvand_record::codec::{FieldError, FieldErrorCode};

use super::{Bulk, Draft, Found, Making, OnDuplicate};
use crate::errors::AppError;
use crate::records::{DEEPEST, upwards};

/// A draft that puts a record under another one.
struct Placed {
    /// Its place among the drafts.
    at: usize,
    record: Id,
    under: Id,
    /// Is the record there already?
    there: bool,
}

impl Bulk<'_> {
    /// The drafts by which a record would stand under itself, by their places. The records above that are not drafts are
    /// guarded: whoever changes one of them meanwhile has it decided again.
    pub(super) async fn circles(
        &self,
        drafts: &[Draft],
        found: &[Found],
        making: &mut Making,
    ) -> Result<HashMap<usize, FieldError>, AppError> {
        let mut refused = HashMap::new();
        let Some(object) = drafts.first().map(|d| &d.object) else {
            return Ok(refused);
        };
        for ix in upwards(object) {
            let of_kind = drafts.iter().zip(found).enumerate();
            let of_kind = of_kind.filter(|(_, (d, _))| d.object.key == object.key);
            let placed: Vec<Placed> = of_kind
                .filter_map(|(at, (draft, found))| self.placed(at, draft, found, ix, making))
                .collect();
            let above: HashMap<Id, Id> = placed.iter().map(|p| (p.record, p.under)).collect();
            let led_to: HashSet<Id> = placed.iter().map(|p| p.under).collect();
            // Nothing leads to a new record but what is written with it.
            let doubtful: Vec<&Placed> = placed
                .iter()
                .filter(|p| p.there || led_to.contains(&p.record))
                .collect();
            let starts = doubtful.iter().map(|p| p.under).collect();
            let guarded = doubtful.iter().any(|p| p.there);
            let read = self
                .read_above(&object.key, ix, starts, &above, guarded, making)
                .await?;
            for p in doubtful {
                let mut at = Some(p.under);
                for step in 0.. {
                    let Some(id) = at else { break };
                    if id == p.record || step == DEEPEST {
                        let e = FieldError::at(object, ix, FieldErrorCode::LeadsBack, "");
                        refused.insert(p.at, e);
                        break;
                    }
                    at = above.get(&id).or_else(|| read.get(&id)).copied();
                }
            }
        }
        Ok(refused)
    }

    /// What a draft puts under what by a field; `None` when it writes no such thing.
    fn placed(
        &self,
        at: usize,
        draft: &Draft,
        found: &Found,
        ix: FieldIx,
        making: &Making,
    ) -> Option<Placed> {
        let linked = draft.links.iter().find(|l| l.field == ix);
        let linked = linked.and_then(|l| making.fresh.get(&l.target).or_else(|| self.known.get(&l.target)));
        let said = draft.values.iter().find(|(i, _)| *i == ix);
        let under = linked.copied().or_else(|| said.and_then(|(_, v)| v.as_id()))?;
        let there = found.existing.as_ref().filter(|_| !self.comes_anew(found));
        let written = match (there, self.policy) {
            (None, _) => !found.in_bin,
            (Some(_), OnDuplicate::Overwrite) => true,
            (Some(r), OnDuplicate::Fill) => r.get(ix).is_null(),
            (Some(_), _) => false,
        };
        let record = there.map_or(found.id, |r| Some(r.id()))?;
        written.then_some(Placed {
            at,
            record,
            under,
            there: there.is_some(),
        })
    }

    /// What stands above these records where no draft says it, one question for each level.
    async fn read_above(
        &self,
        object: &str,
        ix: FieldIx,
        starts: HashSet<Id>,
        above: &HashMap<Id, Id>,
        guarded: bool,
        making: &mut Making,
    ) -> Result<HashMap<Id, Id>, AppError> {
        let mut seen: HashSet<Id> = HashSet::new();
        let mut read = HashMap::new();
        let mut next = starts;
        for _ in 0..=DEEPEST {
            // What a draft says of a record counts, not what it was.
            let mut asked: HashSet<Id> = next.iter().filter_map(|id| above.get(id)).copied().collect();
            asked.extend(next.iter().filter(|id| !above.contains_key(*id)));
            asked.retain(|id| seen.insert(*id));
            let ids: Vec<Id> = asked
                .iter()
                .filter(|id| !above.contains_key(*id))
                .copied()
                .collect();
            if asked.is_empty() {
                break;
            }
            next = asked.into_iter().filter(|id| above.contains_key(id)).collect();
            for (id, record) in self.whatever(object, ids).await? {
                if guarded {
                    making.batch.guards.push(Guard::Version {
                        object: object.into(),
                        id,
                        version: record.version(),
                    });
                }
                if let Some(up) = record.get(ix).as_id() {
                    read.insert(id, up);
                    next.insert(up);
                }
            }
        }
        Ok(read)
    }
}
