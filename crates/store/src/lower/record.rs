//! A record made, changed, indexed anew or purged.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::FieldIx;
use peyvand_catalog::definition::system;
use peyvand_core::Id;
use peyvand_record::policy::Verb;
use peyvand_record::{Record, derive};

use super::{Lowering, key, rid_range, row, ws};
use crate::layout::plain;
use crate::ports::{Conflict, OnKey, SearchPut, Step, StoreError};
use crate::tables::{SIDE, Table};
use crate::value::SqlVal;

impl Lowering<'_> {
    pub(super) fn insert(
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

    pub(super) fn update(
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

    pub(super) fn reindex(&self, record: &Record, steps: &mut Vec<Step>) -> Result<(), StoreError> {
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

    pub(super) fn purge(&self, record: &Record, steps: &mut Vec<Step>) -> Result<(), StoreError> {
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
