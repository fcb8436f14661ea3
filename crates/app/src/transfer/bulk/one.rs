//! One draft with its children put into the batch.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, deal, stage};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::lines::{self, Part, Seen};
use peyvand_domain::{Writer, deals};
use peyvand_record::codec::FieldError;
use peyvand_record::{Batch, Change, ExternalKey, Record, Value, codec};
use sha2::{Digest, Sha256};

use super::sums::with_total;
use super::{Bulk, Draft, Found, Making, OnDuplicate, Outcome, Target, Written};
use crate::errors::AppError;
use crate::records::rules::{repeating, says_repeat};

/// The member of a before-image that names the keys which the record got: pairs of source and key.
pub(in crate::transfer) const KEYS: &str = "@keys";

impl Bulk<'_> {
    /// The pipelines of the workspace, and their stages.
    pub(super) async fn pipelines(&self) -> Result<&(Vec<Record>, Vec<Record>), AppError> {
        self.stages
            .get_or_try_init(|| async {
                let w = &self.caller.workspace;
                tokio::try_join!(self.app.all_of(w, "pipeline"), self.app.all_of(w, stage::OBJECT))
            })
            .await
    }

    /// The values of a draft with what follows from the stage that a deal comes into.
    async fn in_stage(
        &self,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if object.key != deal::OBJECT {
            return Ok(values);
        }
        let (pipelines, stages) = self.pipelines().await?;
        let named = values.iter().find(|(ix, _)| *ix == deal::STAGE_ID);
        let stood = before.and_then(|b| b.get(deal::STAGE_ID).as_id());
        let stage = match named.and_then(|(_, v)| v.as_id()) {
            Some(to) if stood == Some(to) => None,
            Some(to) => stages.iter().find(|s| s.id() == to),
            // What cannot be so here was so elsewhere: it stays as the file says.
            None => deals::destination(object, pipelines, stages, before, &values).unwrap_or_default(),
        };
        Ok(match stage {
            Some(stage) => deals::brought_into_stage(stage, values),
            None => values,
        })
    }

    /// The values of a record with what the rules of its object add: the stage of a deal, the recurrence of an activity.
    async fn ruled(
        &self,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Result<Vec<(FieldIx, Value)>, Vec<FieldError>>, AppError> {
        if object.key != activity::OBJECT || !says_repeat(before, &values) {
            return Ok(Ok(self.in_stage(object, before, values).await?));
        }
        let days = self.days.get_or_init(|| self.app.calendar_of(self.caller)).await;
        let now = self.app.clock.now();
        Ok(repeating(object, before, values, now, days).map_err(|e| vec![e]))
    }

    /// Is another record made, although one like it is there?
    pub(super) fn comes_anew(&self, found: &Found) -> bool {
        let by = found.by.as_deref();
        self.policy == OnDuplicate::Create && matches!(by, Some("contact_point" | "name"))
    }

    /// A draft that is not written; what leads to it leads nowhere.
    pub(super) fn refused(
        &self,
        draft: &Draft,
        found: &Found,
        error: FieldError,
        fresh: &mut HashMap<Target, Id>,
    ) -> Written {
        if let Some(key) = draft.key.as_ref().filter(|_| found.existing.is_none()) {
            fresh.remove(&self.own(draft, key));
        }
        Written {
            row: draft.row,
            object: draft.object.key.as_str().into(),
            id: None,
            outcome: Outcome::Failed(vec![error]),
            keyed: None,
            left: Vec::new(),
        }
    }

    /// Puts one draft with its children into the batch. Gives nothing when its children have told it already.
    pub(super) async fn one(
        &self,
        draft: &Draft,
        mut found: Found,
        writer: &Writer<'_>,
        making: &mut Making,
    ) -> Result<Option<Written>, AppError> {
        let object: Arc<str> = draft.object.key.as_str().into();
        let left = self.left_out(draft, &making.fresh);
        let tell = |id: Option<Id>, outcome: Outcome| {
            Some(Written {
                row: draft.row,
                object: Arc::clone(&object),
                id,
                outcome,
                keyed: None,
                left: left.clone(),
            })
        };
        let forget = |fresh: &mut HashMap<Target, Id>| {
            if let Some(k) = &draft.key {
                fresh.remove(&self.own(draft, k));
            }
        };
        if found.in_bin {
            forget(&mut making.fresh);
            return Ok(tell(found.id, Outcome::Duplicate("deleted_at".to_owned())));
        }
        if self.comes_anew(&found) {
            found.existing = None;
            found.by = None;
        }
        let values = match self.with_links(draft, &making.fresh) {
            Ok(values) => {
                let base = self.caller.workspace.catalog().base_currency;
                let before = found.existing.as_ref();
                let values = with_total(&draft.object, before, values, &making.parents, base);
                self.ruled(&draft.object, before, values).await?
            }
            Err(errors) => Err(errors),
        };
        let mut values = match values {
            Ok(v) => v,
            Err(errors) => {
                if found.existing.is_none() {
                    forget(&mut making.fresh);
                }
                let outcome = if self.defer && self.only_kin_missing(draft, &making.fresh) {
                    Outcome::Waiting(rows_of(draft))
                } else {
                    Outcome::Failed(errors)
                };
                return Ok(tell(None, outcome));
            }
        };
        let existing = found.existing.take();
        let id = existing
            .as_ref()
            .map_or_else(|| found.id.unwrap_or(Id::NIL), Record::id);
        let here = existing.as_ref();
        let told = making.written.len();
        let (added, sums) = self.children(draft, id, here, writer, making).await?;
        match existing {
            None => {
                values.extend(sums);
                let own = std::iter::once((&draft.object, &values));
                self.reserve_for(own, &mut making.numbers).await?;
                let at = draft.made.unwrap_or(writer.context.now);
                let created = making.numbers.with(self.caller, &draft.object, values, |values| {
                    writer.create_made(&draft.object, id, at, values)
                });
                let (record, part) = match created {
                    Ok(made) => made,
                    Err(errors) => {
                        // Without their parent the children are not written either.
                        for w in making.written.iter_mut().skip(told) {
                            w.id = None;
                            w.outcome = Outcome::Failed(errors.clone());
                        }
                        forget(&mut making.fresh);
                        return Ok(tell(None, Outcome::Failed(errors)));
                    }
                };
                making.batch.append(part);
                self.image(&mut making.batch, &draft.object, id, record.version(), None);
                self.put_key(&mut making.batch, draft, id);
                self.add(&mut making.batch, draft, added);
                if self.dry {
                    making.played.push(record);
                }
                Ok(tell(Some(id), Outcome::Created))
            }
            Some(before) => {
                if found.by.is_some()
                    && let Some(k) = &draft.key
                {
                    // The same record under another key: whoever links to the key means it.
                    making.fresh.insert(self.own(draft, k), before.id());
                }
                if self.policy == OnDuplicate::Ask {
                    return Ok(tell(
                        Some(id),
                        found.by.map_or(Outcome::Unchanged, Outcome::Duplicate),
                    ));
                }
                let mut change = match self.policy {
                    OnDuplicate::Fill => values
                        .into_iter()
                        .filter(|(ix, _)| before.get(*ix).is_null())
                        .collect(),
                    OnDuplicate::Overwrite => values
                        .into_iter()
                        .map(|(ix, v)| (ix, union(before.get(ix), v)))
                        .collect(),
                    _ => Vec::new(),
                };
                let grows = !added.is_empty();
                if grows {
                    change.extend(sums);
                }
                let has_points = change.iter().any(|(_, v)| matches!(v, Value::Points(_)));
                let stored = if has_points {
                    self.app.points_of(self.caller, &draft.object, &before).await?
                } else {
                    Vec::new()
                };
                let (after, part) = match writer.patch(&draft.object, &before, change, &stored) {
                    Ok(made) => made,
                    Err(errors) => return Ok(tell(Some(id), Outcome::Failed(errors))),
                };
                let changed = !part.is_empty();
                // What leads to the key of the row means the record that is there, unless that one is another record where
                // the key is from.
                let takes_key = found.by.is_some()
                    && draft.object.spine
                    && match self.policy {
                        OnDuplicate::Skip => draft.stated && !found.keyed && making.keyed.insert(id),
                        _ => draft.key.is_some(),
                    };
                if changed || takes_key {
                    making.batch.append(part);
                    let mut image = before_json(&draft.object, &before, &after);
                    if takes_key && let Some(key) = &draft.key {
                        image.insert(KEYS.to_owned(), serde_json::json!([[&*self.source, key]]));
                    }
                    let image = serde_json::Value::Object(image).to_string();
                    self.image(&mut making.batch, &draft.object, id, after.version(), Some(image));
                }
                if self.dry && changed {
                    making.played.push(after);
                }
                if takes_key {
                    self.put_key(&mut making.batch, draft, id);
                }
                self.add(&mut making.batch, draft, added);
                let skipped = self.policy == OnDuplicate::Skip && found.by.is_some();
                let outcome = match found.by {
                    _ if changed || grows => Outcome::Updated,
                    Some(by) if skipped => Outcome::Duplicate(by),
                    _ => Outcome::Unchanged,
                };
                let keyed = (skipped && draft.stated && draft.object.spine).then_some(takes_key);
                Ok(tell(Some(id), outcome).map(|w| Written { keyed, ..w }))
            }
        }
    }

    fn put_key(&self, batch: &mut Batch, draft: &Draft, id: Id) {
        if let Some(key) = draft.key.as_ref().filter(|_| draft.object.spine) {
            batch.changes.push(Change::PutKey(ExternalKey {
                object: draft.object.key.as_str().into(),
                record: id,
                source: (*self.source).into(),
                key: key.as_str().into(),
            }));
        }
    }

    fn add(&self, batch: &mut Batch, draft: &Draft, added: Vec<(Record, Batch)>) {
        for (record, part) in added {
            batch.append(part);
            if let Some((_, child)) = draft.children.first() {
                self.image(batch, &child.object, record.id(), record.version(), None);
            }
        }
    }

    /// The children that are not there yet, and what the sums become with them.
    async fn children(
        &self,
        draft: &Draft,
        parent: Id,
        existing: Option<&Record>,
        writer: &Writer<'_>,
        making: &mut Making,
    ) -> Result<(Vec<(Record, Batch)>, Vec<(FieldIx, Value)>), AppError> {
        let Some((_, first)) = draft.children.first() else {
            return Ok((Vec::new(), Vec::new()));
        };
        let object: Arc<str> = first.object.key.as_str().into();
        let ids: Vec<Id> = draft
            .children
            .iter()
            .map(|(_, c)| child_id(parent, c.key.as_deref().unwrap_or_default()))
            .collect();
        let there: HashSet<Id> = if existing.is_some() {
            self.read(&object, &ids).await?.iter().map(Record::id).collect()
        } else {
            HashSet::new()
        };
        let new = draft
            .children
            .iter()
            .zip(&ids)
            .filter(|(_, id)| !there.contains(id));
        let new = new.map(|((_, child), _)| (&child.object, &child.values));
        self.reserve_for(new, &mut making.numbers).await?;
        let mut added = Vec::new();
        for ((link, child), id) in draft.children.iter().zip(ids) {
            let outcome = if there.contains(&id) {
                Outcome::Unchanged
            } else {
                let values = match self.with_links(child, &making.fresh) {
                    Ok(values) => self.ruled(&child.object, None, values).await?,
                    Err(errors) => Err(errors),
                };
                let made = values.and_then(|mut values| {
                    values.push((*link, Value::Id(parent)));
                    making.numbers.with(self.caller, &child.object, values, |values| {
                        writer.create_with_id(&child.object, id, values)
                    })
                });
                match made {
                    Ok(m) => {
                        added.push(m);
                        Outcome::Created
                    }
                    Err(errors) => Outcome::Failed(errors),
                }
            };
            making.written.push(Written {
                row: child.row,
                object: Arc::clone(&object),
                id: Some(id),
                outcome,
                keyed: None,
                left: Vec::new(),
            });
        }
        let sums = of_lines(draft, existing, &added);
        Ok((added, sums))
    }

    pub(super) fn image(
        &self,
        batch: &mut Batch,
        object: &ObjectDef,
        id: Id,
        version: i64,
        before: Option<String>,
    ) {
        batch.changes.push(Change::Image {
            operation: self.operation,
            object: object.key.as_str().into(),
            id,
            version_after: version,
            before: before.map(Into::into),
        });
    }
}

/// The rows that a draft was read from.
fn rows_of(draft: &Draft) -> Vec<u64> {
    let all = std::iter::once(draft.row).chain(draft.children.iter().map(|(_, c)| c.row));
    all.collect::<BTreeSet<u64>>().into_iter().collect()
}

/// What the amounts of an order or a deal become with the lines that are added to it.
fn of_lines(draft: &Draft, existing: Option<&Record>, added: &[(Record, Batch)]) -> Vec<(FieldIx, Value)> {
    let known = draft
        .children
        .first()
        .and_then(|(_, c)| Some((lines::lines_of(&c.object.key)?, &c.object)));
    let Some((of, object)) = known.filter(|_| !draft.sums.is_empty()) else {
        return Vec::new();
    };
    let counted: Vec<_> = added.iter().filter_map(|(r, _)| of.stored(object, r)).collect();
    let Some((currency, _)) = counted.first().copied() else {
        return Vec::new();
    };
    let alike = counted.iter().filter(|(c, _)| *c == currency).map(|(_, l)| l);
    let sum = lines::sum(alike);
    // What the file states of the order itself counts beside its lines; of an order that is there, its lines are in its
    // amounts already.
    let stated = Seen {
        before: existing,
        values: if existing.is_some() { &[] } else { &draft.values },
    };
    let whole = match existing {
        None => of.of_parent(stated, &sum, &sum, currency),
        Some(_) => of
            .sums()
            .iter()
            .filter_map(|(ix, part)| {
                let there = stated.get(*ix).as_money();
                let same = there.is_none_or(|m| *m.currency == *currency.code());
                let minor = there.map_or(0, |m| m.minor).saturating_add(sum.part(*part));
                same.then(|| (*ix, lines::amount(minor, currency)))
            })
            .collect(),
    };
    // An amount of nothing that nobody has stated says nothing.
    let nothing =
        |ix: FieldIx, part: Part| part != Part::Total && sum.part(part) == 0 && stated.get(ix).is_null();
    whole
        .into_iter()
        .filter(|(ix, _)| {
            draft
                .sums
                .iter()
                .any(|(to, part)| to == ix && !nothing(*ix, *part))
        })
        .collect()
}

/// The contact points of both, those of `old` first; any other new value as it is.
fn union(old: &Value, new: Value) -> Value {
    match (old, new) {
        (Value::Points(old), Value::Points(new)) => {
            let mut all = old.clone();
            for mut p in new {
                if !all.iter().any(|o| o.normalised == p.normalised) {
                    p.primary = false;
                    all.push(p);
                }
            }
            Value::Points(all)
        }
        (_, new) => new,
    }
}

/// The values before a change, of the fields that it changed.
fn before_json(
    object: &ObjectDef,
    before: &Record,
    after: &Record,
) -> serde_json::Map<String, serde_json::Value> {
    before
        .changed(after)
        .into_iter()
        .filter(|ix| ![system::VERSION, system::UPDATED_AT, system::UPDATED_BY].contains(ix))
        .filter_map(|ix| {
            let f = object.at(ix)?;
            Some((f.key.clone(), codec::value_to_json(f, before.get(ix))))
        })
        .collect()
}

/// The id of a child: always the same for the same parent and key, and near its parent's in every index. Version 8 of
/// RFC 9562: the first 48 bits are the parent's, the others of a hash.
fn child_id(parent: Id, key: &str) -> Id {
    let hash = Sha256::new()
        .chain_update(parent.bytes())
        .chain_update(key.as_bytes())
        .finalize();
    let mut bytes = [0u8; 16];
    let head = parent.bytes();
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = if i < 6 { head[i] } else { hash[i] };
    }
    Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
