//! From a batch to the steps that an engine applies: the one writer of records. What follows from a record (spine,
//! folds, sort keys, field index, links of many, search) is written here, and here the policy is held against every change.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::{Context, Id, WorkspaceId};
use peyvand_record::policy::{FieldRule, Policy, Verb};
use peyvand_record::{Batch, Change, ExternalKey, Guard, Record, Value, derive};

use crate::layout::{Layout, ObjectLayout, lookup_column, plain};
use crate::ports::{Conflict, OnKey, Plan, SearchPut, Step, StoreError};
use crate::tables::{SIDE, Table};
use crate::value::SqlVal;

/// What lowering needs beside the batch.
pub struct Lowering<'a> {
    /// The layouts of the workspace.
    pub layout: &'a Layout,
    /// Who acts, where and when.
    pub context: &'a Context,
    /// The rights of the one who acts.
    pub policy: &'a Policy,
    /// Records that a share lets the one who acts change; filled from the guards of the batch.
    pub shared: HashSet<Id>,
    /// Fresh search row ids, one for each new record on the spine, in order.
    pub rids: &'a mut dyn Iterator<Item = i64>,
    /// Makes a fresh salt for a new record's audit key.
    pub salt: &'a mut dyn FnMut(Id) -> Vec<u8>,
    /// Encrypts an audit detail for its subject.
    pub seal: &'a dyn Fn(Id, &str) -> Vec<u8>,
}

/// Numbers of the objects within search row ids. A number is never given to another object.
const OBJECT_NUMBERS: &[(&str, u8)] = &[
    ("contact", 1),
    ("company", 2),
    ("deal", 3),
    ("product", 4),
    ("order", 5),
    ("activity", 6),
    ("note", 7),
    ("interaction", 8),
    ("campaign", 9),
    ("list", 10),
    ("user", 11),
    ("team", 12),
    ("tag", 13),
    ("territory", 14),
    ("category", 15),
    ("competitor", 16),
    ("file", 17),
    ("price_list", 18),
    ("pipeline", 19),
    ("stage", 20),
];

/// The number of all objects without one of their own.
const OTHER_OBJECTS: u8 = 255;

/// The number of an object within search row ids.
#[must_use]
pub fn object_number(object: &str) -> u8 {
    OBJECT_NUMBERS
        .iter()
        .find(|(k, _)| *k == object)
        .map_or(OTHER_OBJECTS, |(_, n)| *n)
}

/// The range of search row ids of an object in a workspace: 15 bits of workspace, 8 of object, 40 of sequence.
#[must_use]
pub fn rid_range(workspace: WorkspaceId, object: &str) -> (i64, i64) {
    let start = (i64::from(workspace.0) << 48) | (i64::from(object_number(object)) << 40);
    (start, start + (1 << 40))
}

fn ws(context: &Context) -> SqlVal {
    SqlVal::Int(i64::from(context.workspace.0))
}

fn key(table: &Table, pairs: &[(&str, SqlVal)]) -> Vec<(usize, SqlVal)> {
    pairs.iter().map(|(c, v)| (table.at(c), v.clone())).collect()
}

fn row(table: &Arc<Table>, pairs: &[(&str, SqlVal)], on_key: OnKey) -> Step {
    let mut row = vec![SqlVal::Null; table.columns.len()];
    for (c, v) in pairs {
        row[table.at(c)] = v.clone();
    }
    Step::Insert {
        table: Arc::clone(table),
        row,
        on_key,
    }
}

/// How many search row ids a batch needs.
#[must_use]
pub fn rids_needed(layout: &Layout, batch: &Batch) -> usize {
    batch
        .changes
        .iter()
        .filter(
            |c| matches!(c, Change::Insert(r) if layout.object(&r.object).is_some_and(|l| l.object.spine)),
        )
        .count()
}

impl Lowering<'_> {
    /// The steps of a batch.
    ///
    /// # Errors
    /// `Denied` when the policy forbids one of the changes; nothing is half-lowered.
    pub fn lower(&mut self, batch: &Batch) -> Result<Plan, StoreError> {
        let mut steps = Vec::with_capacity(batch.changes.len() * 6 + 4);
        let mut children: HashSet<Id> = HashSet::new();
        for guard in &batch.guards {
            steps.push(self.guard(guard)?);
            if let Guard::Shared { record, grantee } = guard
                && (*grantee == self.policy.actor.id() || self.policy.teams.contains(grantee))
            {
                self.shared.insert(*record);
            }
        }
        for change in &batch.changes {
            self.change(change, &mut steps, &mut children)?;
        }
        self.uniques(batch, &mut steps);
        let w = ws(self.context);
        let t = &SIDE.timeline;
        for e in &batch.timeline {
            steps.push(row(
                t,
                &[
                    ("workspace_id", w.clone()),
                    ("record_id", e.record.into()),
                    ("at", e.at.micros().into()),
                    ("kind", SqlVal::Text(e.kind.to_string())),
                    ("reference_id", e.reference.into()),
                ],
                OnKey::Keep,
            ));
        }
        for e in &batch.events {
            steps.push(row(
                &SIDE.outbox,
                &[
                    ("workspace_id", w.clone()),
                    ("bucket", i64::from(e.id.bucket()).into()),
                    ("id", e.id.into()),
                    ("kind", SqlVal::Text(e.kind.to_string())),
                    ("object", SqlVal::Text(e.object.to_string())),
                    ("record_id", e.record.into()),
                    ("version", e.version.into()),
                    ("at", e.at.micros().into()),
                ],
                OnKey::Fail,
            ));
        }
        for a in &batch.audit {
            steps.push(row(
                &SIDE.audit,
                &[
                    ("workspace_id", w.clone()),
                    ("bucket", i64::from(a.id.bucket()).into()),
                    ("id", a.id.into()),
                    ("at", self.context.now.micros().into()),
                    ("actor", self.context.actor.id().into()),
                    ("via", self.context.via.key().into()),
                    ("request", self.context.request.into()),
                    ("action", a.action.key().into()),
                    ("object", SqlVal::Text(a.object.to_string())),
                    ("record_id", a.record.into()),
                    ("detail", (self.seal)(a.record, &a.detail).into()),
                ],
                OnKey::Fail,
            ));
        }
        for j in &batch.jobs {
            steps.push(row(
                &SIDE.job,
                &[
                    ("workspace_id", w.clone()),
                    ("id", j.id.into()),
                    ("kind", SqlVal::Text(j.kind.to_string())),
                    ("payload", SqlVal::Text(j.payload.to_string())),
                    ("state", "waiting".into()),
                    ("run_at", j.run_at.micros().into()),
                    ("attempts", 0.into()),
                    ("lease_beat", 0.into()),
                    ("dedupe", j.dedupe.as_deref().into()),
                    ("created_at", self.context.now.micros().into()),
                ],
                OnKey::Keep,
            ));
        }
        if let Some(i) = &batch.idempotency {
            steps.push(row(
                &SIDE.idempotency,
                &[
                    ("workspace_id", w),
                    ("actor", i.actor.into()),
                    ("route", SqlVal::Text(i.route.to_string())),
                    ("key", SqlVal::Text(i.key.to_string())),
                    ("hash", i.hash.to_vec().into()),
                    ("status", i64::from(i.status).into()),
                    ("result", SqlVal::Text(i.result.to_string())),
                    ("at", i.at.micros().into()),
                ],
                OnKey::Fail,
            ));
        }
        Ok(Plan { steps })
    }

    fn layout(&self, object: &str) -> Result<&ObjectLayout, StoreError> {
        self.layout
            .object(object)
            .map(AsRef::as_ref)
            .ok_or_else(|| crate::compile::CompileError::UnknownObject(object.to_owned()).into())
    }

    fn guard(&self, guard: &Guard) -> Result<Step, StoreError> {
        let w = ws(self.context);
        Ok(match guard {
            Guard::Version { object, id, version } => {
                let t = &self.layout(object)?.table;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("id", (*id).into()),
                            ("version", (*version).into()),
                            ("deleted_at", SqlVal::Null),
                        ],
                    ),
                    present: true,
                    otherwise: Conflict::Stale {
                        object: object.to_string(),
                        id: *id,
                    },
                }
            }
            Guard::Exists { object, id } => {
                let t = &self.layout(object)?.table;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("id", (*id).into()),
                            ("deleted_at", SqlVal::Null),
                        ],
                    ),
                    present: true,
                    otherwise: Conflict::Stale {
                        object: object.to_string(),
                        id: *id,
                    },
                }
            }
            Guard::Shared { record, grantee } => {
                let t = &SIDE.record_share;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("record_id", (*record).into()),
                            ("grantee_id", (*grantee).into()),
                            ("may_update", 1.into()),
                        ],
                    ),
                    present: true,
                    otherwise: Conflict::Guard("share".to_owned()),
                }
            }
            Guard::Absent { object, field, value } => {
                let l = self.layout(object)?;
                let def = l.object.at(*field);
                let at = l.slot(*field).and_then(lookup_column);
                let (Some(at), Some(def)) = (at, def) else {
                    return Err(StoreError::Conflict(Conflict::Guard("absent".to_owned())));
                };
                let v = if crate::layout::has_fold(def) {
                    derive::fold_of(def, value).into()
                } else {
                    plain(value)
                };
                let t = &l.table;
                let mut k = key(t, &[("workspace_id", w), ("deleted_at", SqlVal::Null)]);
                k.push((at, v));
                Step::Check {
                    table: Arc::clone(t),
                    key: k,
                    present: false,
                    otherwise: Conflict::Duplicate {
                        table: t.name.clone(),
                        columns: def.key.clone(),
                    },
                }
            }
            Guard::KeyAbsent {
                object,
                source,
                key: k,
            } => {
                let t = &SIDE.external_key;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("object", SqlVal::Text(object.to_string())),
                            ("source", SqlVal::Text(source.to_string())),
                            ("key", SqlVal::Text(k.to_string())),
                        ],
                    ),
                    present: false,
                    otherwise: Conflict::Duplicate {
                        table: t.name.clone(),
                        columns: "key".to_owned(),
                    },
                }
            }
            Guard::Counter {
                name,
                window,
                at_most,
            } => Step::Count {
                workspace: self.context.workspace,
                name: name.to_string(),
                window: *window,
                at_most: *at_most,
            },
            Guard::ConsentHead { address, version } => {
                let t = &SIDE.consent_head;
                let mut pairs = vec![("workspace_id", w), ("address_hash", address.to_vec().into())];
                if *version > 0 {
                    pairs.push(("version", (*version).into()));
                }
                Step::Check {
                    table: Arc::clone(t),
                    key: key(t, &pairs),
                    present: *version > 0,
                    otherwise: Conflict::Guard("consent".to_owned()),
                }
            }
        })
    }

    /// A row of the consent ledger's heads: made, or raised by whoever knows how high it stands.
    fn consent_head(&self, address: [u8; 32], version: i64, entries: i64, entry: Id) -> Step {
        let t = &SIDE.consent_head;
        let place = [
            ("workspace_id", ws(self.context)),
            ("address_hash", address.to_vec().into()),
        ];
        if version == 0 {
            let mut all = place.to_vec();
            all.extend([("version", entries.into()), ("entry_id", entry.into())]);
            return row(t, &all, OnKey::Fail);
        }
        let mut at = place.to_vec();
        at.push(("version", version.into()));
        Step::Update {
            table: Arc::clone(t),
            set: key(
                t,
                &[
                    ("version", (version + entries).into()),
                    ("entry_id", entry.into()),
                ],
            ),
            key: key(t, &at),
            expect_one: Some(Conflict::Guard("consent".to_owned())),
        }
    }

    /// What is only appended to is never rewritten, whoever asks.
    fn rewritable(l: &ObjectLayout, verb: Verb) -> Result<(), StoreError> {
        if l.table.append_only {
            return Err(StoreError::Denied {
                object: l.object.key.clone(),
                verb: verb_name(verb),
                field: None,
            });
        }
        Ok(())
    }

    fn change(
        &mut self,
        change: &Change,
        steps: &mut Vec<Step>,
        made: &mut HashSet<Id>,
    ) -> Result<(), StoreError> {
        let w = ws(self.context);
        match change {
            Change::Insert(record) => {
                made.insert(record.id());
                self.insert(record, steps, made)
            }
            Change::Update { before, after } => self.update(before, after, steps, made),
            Change::Purge(record) => self.purge(record, steps),
            Change::Reindex(record) => self.reindex(record, steps),
            Change::Relink {
                object,
                field,
                from,
                to,
                operation,
            } => {
                let l = self.layout(object)?;
                Self::rewritable(l, Verb::Update)?;
                let def = l
                    .object
                    .at(*field)
                    .ok_or_else(|| Conflict::Guard("relink".to_owned()))?;
                steps.push(relink(
                    self.context,
                    &l.table,
                    &def.key,
                    "id",
                    *from,
                    *to,
                    *operation,
                    &format!("{object}.{}", def.key),
                    false,
                ));
                Ok(())
            }
            Change::MoveSpine { from, to, operation } => {
                for (table, row_id, unique) in spine_tables() {
                    let place = table.name.clone();
                    steps.push(relink(
                        self.context,
                        table,
                        "record_id",
                        row_id,
                        *from,
                        *to,
                        *operation,
                        &place,
                        unique,
                    ));
                }
                // A merged tag marks what the other one marked.
                steps.push(relink(
                    self.context,
                    &SIDE.record_tag,
                    "tag_id",
                    "record_id",
                    *from,
                    *to,
                    *operation,
                    "tag",
                    true,
                ));
                Ok(())
            }
            Change::Unrelink { operation } => {
                let mut back = |table: &Arc<Table>, column: &str, row_id: &str, place: String| {
                    steps.push(Step::Unrelink {
                        workspace: self.context.workspace,
                        table: Arc::clone(table),
                        column: column.to_owned(),
                        row_id: row_id.to_owned(),
                        operation: *operation,
                        place,
                    });
                };
                for o in self.layout.catalog.objects() {
                    let Some(l) = self.layout.object(&o.key).filter(|l| !l.table.append_only) else {
                        continue;
                    };
                    for f in &o.fields {
                        if f.stored() == FieldType::Link && !f.custom && !f.is_system() && !o.custom {
                            back(&l.table, &f.key, "id", format!("{}.{}", o.key, f.key));
                        }
                    }
                }
                for (table, row_id, _) in spine_tables() {
                    back(table, "record_id", row_id, table.name.clone());
                }
                back(&SIDE.record_tag, "tag_id", "record_id", "tag".to_owned());
                Ok(())
            }
            Change::Alias { object, id, to } => {
                let t = &SIDE.alias;
                let pairs = [
                    ("workspace_id", w),
                    ("object", SqlVal::Text(object.to_string())),
                    ("id", (*id).into()),
                ];
                match to {
                    Some(to) => {
                        let mut all = pairs.to_vec();
                        all.push(("to_id", (*to).into()));
                        steps.push(row(t, &all, OnKey::Replace));
                    }
                    None => steps.push(Step::Delete {
                        table: Arc::clone(t),
                        key: key(t, &pairs),
                        expect_some: None,
                    }),
                }
                Ok(())
            }
            Change::PutKey(k) => {
                steps.push(row(&SIDE.external_key, &external_key(&w, k, true), OnKey::Fail));
                Ok(())
            }
            Change::DropKey(k) => {
                let t = &SIDE.external_key;
                steps.push(Step::Delete {
                    table: Arc::clone(t),
                    key: key(t, &external_key(&w, k, false)),
                    expect_some: None,
                });
                Ok(())
            }
            Change::Image {
                operation,
                object,
                id,
                version_after,
                before,
            } => {
                steps.push(row(
                    &SIDE.image,
                    &[
                        ("workspace_id", w),
                        ("operation_id", (*operation).into()),
                        ("record_id", (*id).into()),
                        ("object", SqlVal::Text(object.to_string())),
                        ("version_after", (*version_after).into()),
                        ("before", before.as_deref().into()),
                        ("at", self.context.now.micros().into()),
                    ],
                    OnKey::Keep,
                ));
                Ok(())
            }
            Change::ConsentHead {
                address,
                version,
                entries,
                entry,
            } => {
                steps.push(self.consent_head(*address, *version, *entries, *entry));
                Ok(())
            }
            Change::Share {
                object,
                record,
                grantee,
                may_update,
                at,
            } => {
                // Whoever may change no record of the object has nothing to give away.
                if self.policy.reach(object, Verb::Update) == peyvand_record::Reach::None {
                    return Err(StoreError::Denied {
                        object: object.to_string(),
                        verb: "share",
                        field: None,
                    });
                }
                let t = &SIDE.record_share;
                let values = [
                    ("workspace_id", w),
                    ("record_id", (*record).into()),
                    ("grantee_id", (*grantee).into()),
                ];
                steps.push(match may_update {
                    Some(update) => {
                        let mut all = values.to_vec();
                        all.push(("may_update", i64::from(*update).into()));
                        all.push(("at", at.micros().into()));
                        row(t, &all, OnKey::Replace)
                    }
                    None => Step::Delete {
                        table: Arc::clone(t),
                        key: key(t, &values),
                        expect_some: None,
                    },
                });
                Ok(())
            }
            Change::DropImages { operation } => {
                let t = &SIDE.image;
                steps.push(Step::Delete {
                    table: Arc::clone(t),
                    key: key(t, &[("workspace_id", w), ("operation_id", (*operation).into())]),
                    expect_some: None,
                });
                Ok(())
            }
        }
    }

    /// Is this change within the rights of the one who acts? A child is written with its parent, whose own change is
    /// checked; where the parent is not part of the batch, the rights on the parent's object count.
    fn allow(&self, l: &ObjectLayout, verb: Verb, record: &Record) -> Result<(), StoreError> {
        if self.policy.unrestricted {
            return Ok(());
        }
        let filled = |link: &&String| {
            l.object
                .field(link)
                .is_some_and(|(ix, _)| !record.get(ix).is_null())
        };
        let object = [&l.object.parent, &l.object.parent_or]
            .into_iter()
            .flatten()
            .filter(|_| !l.object.spine)
            .find(filled)
            .and_then(|p| l.object.field(p))
            .and_then(|(_, f)| f.to.as_deref())
            .unwrap_or(l.object.key.as_str());
        let allowed = if verb == Verb::Update && self.shared.contains(&record.id()) {
            true
        } else if l.object.ownable {
            let owner = record.get(system::OWNER_ID).as_id();
            let team = record.get(system::TEAM_ID).as_id();
            self.policy.reaches(object, verb, owner, team)
        } else {
            self.policy.reach(object, verb) != peyvand_record::Reach::None
        };
        if allowed {
            Ok(())
        } else {
            Err(StoreError::Denied {
                object: l.object.key.clone(),
                verb: verb_name(verb),
                field: None,
            })
        }
    }

    fn allow_fields(&self, l: &ObjectLayout, changed: &[FieldIx]) -> Result<(), StoreError> {
        for &ix in changed {
            // What a formula gives is written by the system, whoever changes its inputs.
            if l.object.at(ix).is_some_and(|f| f.ty == FieldType::Formula) {
                continue;
            }
            if let Some(FieldRule::Hidden | FieldRule::ReadOnly | FieldRule::Masked) =
                self.policy.field(&l.object.key, ix)
            {
                return Err(StoreError::Denied {
                    object: l.object.key.clone(),
                    verb: "update",
                    field: l.object.at(ix).map(|f| f.key.clone()),
                });
            }
        }
        Ok(())
    }

    fn insert(
        &mut self,
        record: &Record,
        steps: &mut Vec<Step>,
        made: &HashSet<Id>,
    ) -> Result<(), StoreError> {
        let l = self.layout(&record.object)?;
        let with_parent = !l.object.spine
            && [&l.object.parent, &l.object.parent_or]
                .into_iter()
                .flatten()
                .any(|p| {
                    l.object
                        .field(p)
                        .is_some_and(|(ix, _)| record.get(ix).as_id().is_some_and(|p| made.contains(&p)))
                });
        if !with_parent {
            self.allow(l, Verb::Create, record)?;
        }
        let layout = Arc::clone(
            self.layout
                .object(&record.object)
                .unwrap_or_else(|| unreachable!("looked up above")),
        );
        let id = record.id();
        let w = ws(self.context);
        if layout.object.spine {
            let seq = self.rids.next().unwrap_or_default();
            let rid = rid_range(self.context.workspace, &layout.object.key).0 | seq;
            let mut spine = vec![
                ("workspace_id", w),
                ("id", id.into()),
                ("object", SqlVal::Text(layout.object.key.clone())),
                ("rid", rid.into()),
                ("deleted_at", plain(record.get(system::DELETED_AT))),
                ("salt", (self.salt)(id).into()),
            ];
            if layout.object.ownable {
                spine.push(("owner_id", plain(record.get(system::OWNER_ID))));
                spine.push(("team_id", plain(record.get(system::TEAM_ID))));
            }
            steps.push(row(&SIDE.record, &spine, OnKey::Fail));
            self.search(&layout, record, Some(rid), steps);
        }
        steps.push(Step::Insert {
            table: Arc::clone(&layout.table),
            row: layout.encode(self.context.workspace, record),
            on_key: OnKey::Fail,
        });
        for e in derive::index_entries(&layout.object, record) {
            steps.push(self.index_row(id, e));
        }
        self.links(&layout, None, record, steps);
        Ok(())
    }

    fn index_row(&self, id: Id, e: derive::IndexEntry) -> Step {
        row(
            &SIDE.field_index,
            &[
                ("workspace_id", ws(self.context)),
                ("field", i64::from(e.number).into()),
                ("kind", i64::from(e.kind as u8).into()),
                ("key", e.key.into()),
                ("record_id", id.into()),
            ],
            OnKey::Keep,
        )
    }

    /// Values that only one live record may have: given up first, then taken, so that a batch may pass one on.
    fn uniques(&self, batch: &Batch, steps: &mut Vec<Step>) {
        let keys = |r: &Record| {
            self.layout
                .object(&r.object)
                .map(|l| derive::unique_keys(&l.object, r))
                .unwrap_or_default()
        };
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for change in &batch.changes {
            match change {
                Change::Insert(r) => new.extend(keys(r).into_iter().map(|k| (k, OnKey::Fail))),
                Change::Update { before, after } => {
                    let (old, now) = (keys(before), keys(after));
                    new.extend(
                        now.iter()
                            .filter(|k| !old.contains(k))
                            .map(|k| (k.clone(), OnKey::Fail)),
                    );
                    gone.extend(old.into_iter().filter(|k| !now.contains(k)));
                }
                Change::Purge(r) => gone.extend(keys(r)),
                Change::Reindex(r) => new.extend(keys(r).into_iter().map(|k| (k, OnKey::Keep))),
                _ => {}
            }
        }
        let t = &SIDE.field_index;
        let pairs = |(number, k): (i32, Vec<u8>)| {
            [
                ("workspace_id", ws(self.context)),
                ("field", i64::from(number).into()),
                ("kind", i64::from(derive::IndexKind::Unique as u8).into()),
                ("key", k.into()),
                ("record_id", Id::NIL.into()),
            ]
        };
        for k in gone {
            steps.push(Step::Delete {
                table: Arc::clone(t),
                key: key(t, &pairs(k)),
                expect_some: None,
            });
        }
        for (k, on_key) in new {
            steps.push(row(t, &pairs(k), on_key));
        }
    }

    fn reindex(&self, record: &Record, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let l = self.layout(&record.object)?;
        self.allow(l, Verb::Update, record)?;
        let id = record.id();
        let Some(at) = l.custom else { return Ok(()) };
        let mut stored = l.encode(self.context.workspace, record);
        let t = &l.table;
        steps.push(Step::Update {
            table: Arc::clone(t),
            set: vec![(at, std::mem::replace(&mut stored[at], SqlVal::Null))],
            key: key(
                t,
                &[
                    ("workspace_id", ws(self.context)),
                    ("id", id.into()),
                    ("version", record.version().into()),
                ],
            ),
            expect_one: Some(Conflict::Stale {
                object: l.object.key.clone(),
                id,
            }),
        });
        let t = &SIDE.field_index;
        steps.push(Step::Delete {
            table: Arc::clone(t),
            key: key(t, &[("workspace_id", ws(self.context)), ("record_id", id.into())]),
            expect_some: None,
        });
        for e in derive::index_entries(&l.object, record) {
            steps.push(self.index_row(id, e));
        }
        if l.object.spine {
            self.search(l, record, None, steps);
        }
        Ok(())
    }

    fn search(&self, l: &ObjectLayout, record: &Record, rid: Option<i64>, steps: &mut Vec<Step>) {
        if !l.object.fields.iter().any(|f| f.search.is_some()) {
            return;
        }
        let text = (!record.is_deleted()).then(|| derive::search_text(&l.object, record, |_| true));
        if rid.is_some() && text.is_none() {
            return;
        }
        steps.push(Step::Search(SearchPut {
            workspace: self.context.workspace,
            record: record.id(),
            object: l.object.key.clone(),
            rid,
            text,
        }));
    }

    fn links(&self, l: &ObjectLayout, before: Option<&Record>, after: &Record, steps: &mut Vec<Step>) {
        for (i, f) in l.object.fields.iter().enumerate() {
            if f.stored() != FieldType::Links {
                continue;
            }
            let ix = FieldIx(i as u16);
            let (old, new) = (before.map(|b| b.get(ix)), after.get(ix));
            if old == Some(new) {
                continue;
            }
            let ids = |v: Option<&Value>| match v {
                Some(Value::Ids(ids)) => ids.clone(),
                _ => Vec::new(),
            };
            let (old, new) = (ids(old), ids(Some(new)));
            let t = &SIDE.record_link;
            let place = |to: Id| {
                vec![
                    ("workspace_id", ws(self.context)),
                    ("object", SqlVal::Text(l.object.key.clone())),
                    ("field", SqlVal::Text(f.key.clone())),
                    ("from_id", after.id().into()),
                    ("to_id", to.into()),
                ]
            };
            for gone in old.iter().filter(|o| !new.contains(o)) {
                steps.push(Step::Delete {
                    table: Arc::clone(t),
                    key: key(t, &place(*gone)),
                    expect_some: None,
                });
            }
            for (n, to) in new.iter().enumerate() {
                let mut pairs = place(*to);
                pairs.push(("position", (n as i64).into()));
                steps.push(row(t, &pairs, OnKey::Replace));
            }
        }
    }

    fn update(
        &mut self,
        before: &Record,
        after: &Record,
        steps: &mut Vec<Step>,
        made: &HashSet<Id>,
    ) -> Result<(), StoreError> {
        let l = Arc::clone(
            self.layout
                .object(&after.object)
                .ok_or_else(|| crate::compile::CompileError::UnknownObject(after.object.to_string()))?,
        );
        Self::rewritable(&l, Verb::Update)?;
        let id = after.id();
        let changed: Vec<FieldIx> = before.changed(after);
        let deletes = !before.is_deleted() && after.is_deleted();
        if !made.contains(&id) {
            self.allow(&l, if deletes { Verb::Delete } else { Verb::Update }, before)?;
            // A record cannot be moved out of one's own reach and on: the result must be reachable too, but giving a
            // record away to another owner is what assigning means, so only the fields are checked.
            self.allow_fields(&l, &changed)?;
        }
        let old = l.encode(self.context.workspace, before);
        let new = l.encode(self.context.workspace, after);
        let set: Vec<(usize, SqlVal)> = new
            .into_iter()
            .enumerate()
            .filter(|(i, v)| *i > 1 && old.get(*i) != Some(v))
            .collect();
        let t = &l.table;
        steps.push(Step::Update {
            table: Arc::clone(t),
            set,
            key: key(
                t,
                &[
                    ("workspace_id", ws(self.context)),
                    ("id", id.into()),
                    ("version", before.version().into()),
                ],
            ),
            expect_one: Some(Conflict::Stale {
                object: l.object.key.clone(),
                id,
            }),
        });
        if l.object.spine {
            let spine_changed = |ix: FieldIx| before.get(ix) != after.get(ix);
            let owned = l.object.ownable;
            if spine_changed(system::DELETED_AT)
                || (owned && (spine_changed(system::OWNER_ID) || spine_changed(system::TEAM_ID)))
            {
                let s = &SIDE.record;
                let mut set = vec![(s.at("deleted_at"), plain(after.get(system::DELETED_AT)))];
                if owned {
                    set.push((s.at("owner_id"), plain(after.get(system::OWNER_ID))));
                    set.push((s.at("team_id"), plain(after.get(system::TEAM_ID))));
                }
                steps.push(Step::Update {
                    table: Arc::clone(s),
                    set,
                    key: key(s, &[("workspace_id", ws(self.context)), ("id", id.into())]),
                    expect_one: Some(Conflict::Stale {
                        object: l.object.key.clone(),
                        id,
                    }),
                });
            }
            let all = |_: FieldIx| true;
            let searched = changed
                .iter()
                .any(|&ix| ix == system::DELETED_AT || l.object.at(ix).is_some_and(|f| f.search.is_some()));
            if searched
                && (before.is_deleted() != after.is_deleted()
                    || derive::search_text(&l.object, before, all)
                        != derive::search_text(&l.object, after, all))
            {
                self.search(&l, after, None, steps);
            }
        }
        if changed
            .iter()
            .any(|&ix| l.object.at(ix).is_some_and(|f| f.custom))
        {
            let entry = |e: derive::IndexEntry| ((e.number, e.kind as u8, e.key.clone()), e);
            let old: HashMap<_, _> = derive::index_entries(&l.object, before)
                .into_iter()
                .map(entry)
                .collect();
            let new: HashMap<_, _> = derive::index_entries(&l.object, after)
                .into_iter()
                .map(entry)
                .collect();
            let t = &SIDE.field_index;
            for (n, kind, k) in old.keys().filter(|k| !new.contains_key(*k)) {
                steps.push(Step::Delete {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", ws(self.context)),
                            ("field", i64::from(*n).into()),
                            ("kind", i64::from(*kind).into()),
                            ("key", k.clone().into()),
                            ("record_id", id.into()),
                        ],
                    ),
                    expect_some: None,
                });
            }
            for (k, e) in new {
                if !old.contains_key(&k) {
                    steps.push(self.index_row(id, e));
                }
            }
        }
        self.links(&l, Some(before), after, steps);
        Ok(())
    }

    fn purge(&self, record: &Record, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let l = self.layout(&record.object)?;
        Self::rewritable(l, Verb::Delete)?;
        self.allow(l, Verb::Delete, record)?;
        let id = record.id();
        let w = || ws(self.context);
        let gone = |t: &Arc<Table>, column: &str| Step::Delete {
            table: Arc::clone(t),
            key: key(t, &[("workspace_id", w()), (column, id.into())]),
            expect_some: None,
        };
        if l.object.spine {
            steps.push(Step::Search(SearchPut {
                workspace: self.context.workspace,
                record: id,
                object: l.object.key.clone(),
                rid: None,
                text: None,
            }));
        }
        steps.push(Step::Delete {
            table: Arc::clone(&l.table),
            key: key(
                &l.table,
                &[
                    ("workspace_id", w()),
                    ("id", id.into()),
                    ("version", record.version().into()),
                ],
            ),
            expect_some: Some(Conflict::Stale {
                object: l.object.key.clone(),
                id,
            }),
        });
        for t in [
            &SIDE.record_tag,
            &SIDE.record_share,
            &SIDE.follower,
            &SIDE.timeline,
            &SIDE.external_key,
            &SIDE.field_index,
        ] {
            steps.push(gone(t, "record_id"));
        }
        // Nor does it stand on the timelines of others any longer.
        steps.push(gone(&SIDE.timeline, "reference_id"));
        for column in ["from_id", "to_id"] {
            let t = &SIDE.record_link;
            steps.push(gone(t, column));
        }
        if l.object.spine {
            // The salt goes with the spine: what the audit log says about the subject can no longer be read.
            steps.push(gone(&SIDE.record, "id"));
        }
        Ok(())
    }
}

/// Tables that hang on a spine row, and the column that names what hangs there. External keys move one by one, by the
/// rules of merging, because an undo must give them back to their record.
fn spine_tables() -> [(&'static Arc<Table>, &'static str, bool); 4] {
    [
        (&SIDE.record_tag, "tag_id", true),
        (&SIDE.record_share, "grantee_id", true),
        (&SIDE.follower, "user_id", true),
        (&SIDE.timeline, "reference_id", true),
    ]
}

#[expect(clippy::too_many_arguments, reason = "one step, spelled out once")]
fn relink(
    context: &Context,
    table: &Arc<Table>,
    column: &str,
    row_id: &str,
    from: Id,
    to: Id,
    operation: Id,
    place: &str,
    unique: bool,
) -> Step {
    Step::Relink {
        workspace: context.workspace,
        table: Arc::clone(table),
        column: column.to_owned(),
        row_id: row_id.to_owned(),
        from,
        to,
        operation,
        place: place.to_owned(),
        unique,
    }
}

fn external_key<'k>(w: &SqlVal, k: &'k ExternalKey, whole: bool) -> Vec<(&'k str, SqlVal)> {
    let mut pairs = vec![
        ("workspace_id", w.clone()),
        ("object", SqlVal::Text(k.object.to_string())),
        ("source", SqlVal::Text(k.source.to_string())),
        ("key", SqlVal::Text(k.key.to_string())),
    ];
    if whole {
        pairs.push(("record_id", k.record.into()));
    }
    pairs
}

const fn verb_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
        Verb::Export => "export",
    }
}
