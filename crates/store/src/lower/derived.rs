//! What follows from a record: the field index, unique values, links of many, search.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_record::{Batch, Change, Record, Value, derive};

use super::{Lowering, key, row, ws};
use crate::layout::ObjectLayout;
use crate::ports::{OnKey, SearchPut, Step};
use crate::tables::SIDE;
use crate::value::SqlVal;

impl Lowering<'_> {
    pub(super) fn index_row(&self, id: Id, e: derive::IndexEntry) -> Step {
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
    pub(super) fn uniques(&self, batch: &Batch, steps: &mut Vec<Step>) {
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

    pub(super) fn search(&self, l: &ObjectLayout, record: &Record, rid: Option<i64>, steps: &mut Vec<Step>) {
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

    pub(super) fn links(
        &self,
        l: &ObjectLayout,
        before: Option<&Record>,
        after: &Record,
        steps: &mut Vec<Step>,
    ) {
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
}
