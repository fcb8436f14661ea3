//! One change of a batch: records to their own rows, the rest to the tables that hang on them.

use std::collections::HashSet;
use std::sync::Arc;

use peyvand_catalog::FieldType;
use peyvand_core::{Context, Id};
use peyvand_record::policy::Verb;
use peyvand_record::{Change, ExternalKey};

use super::{Lowering, key, row, ws};
use crate::ports::{Conflict, OnKey, Step, StoreError};
use crate::tables::{SIDE, Table};
use crate::value::SqlVal;

impl Lowering<'_> {
    pub(super) fn change(
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
