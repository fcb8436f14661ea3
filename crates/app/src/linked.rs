//! Rows of any object that lead to a record by one of its links, live or deleted: what merging and purging walk.

use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::derive::IndexKind;
use peyvand_record::{Record, Value};
use peyvand_store::layout::Slot;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{ObjectLayout, Row, RowsCall, SqlVal};

use crate::app::App;
use crate::errors::AppError;
use crate::workspace::Workspace;

/// Rows read at a time.
const CHUNK: u32 = 500;

/// The record of a whole row of its table.
pub(crate) fn decode(layout: &ObjectLayout, row: &Row) -> Record {
    let read: Vec<SqlVal> = layout
        .read
        .list
        .iter()
        .map(|&at| row.get(at).cloned().unwrap_or(SqlVal::Null))
        .collect();
    layout.decode(read)
}

fn leads(value: &Value, to: Id) -> bool {
    match value {
        Value::Id(id) => *id == to,
        Value::Ids(ids) => ids.contains(&to),
        _ => false,
    }
}

impl App {
    /// All rows of `object` whose link `field` leads to `to`, by id; when there are more than `limit`, so many of them.
    pub(crate) async fn linked(
        &self,
        w: &Workspace,
        object: &ObjectDef,
        field: FieldIx,
        to: Id,
        limit: usize,
    ) -> Result<Vec<Record>, AppError> {
        let (Some(layout), Some(def)) = (w.layout.object(&object.key), object.at(field)) else {
            return Ok(Vec::new());
        };
        let mut key: Vec<(&str, SqlVal)> = vec![("workspace_id", i64::from(w.id.0).into())];
        if object.custom {
            key.push(("object", object.key.as_str().into()));
        }
        match layout.slot(field) {
            Some(Slot::Column { main, .. }) if def.stored() != FieldType::Links => {
                key.push((layout.name(*main), to.into()));
                // In one piece and in no order: asked for by id, SQLite would walk the table in the order of the ids instead
                // of taking the index of the link.
                let call = RowsCall::new(&layout.table, &key).limit(u32::try_from(limit).unwrap_or(u32::MAX));
                let rows = self.store.rows(call).await?;
                let mut out: Vec<Record> = rows.iter().map(|r| decode(layout, r)).collect();
                out.sort_by_key(Record::id);
                Ok(out)
            }
            Some(Slot::Column { .. }) => {
                let t = &SIDE.record_link;
                let call = RowsCall::new(
                    t,
                    &[
                        ("workspace_id", i64::from(w.id.0).into()),
                        ("to_id", to.into()),
                        ("object", object.key.as_str().into()),
                        ("field", def.key.as_str().into()),
                    ],
                );
                self.named(layout, &key, call.limit(u32::MAX / 2), "from_id", limit)
                    .await
            }
            Some(Slot::Custom(number)) if def.filter || def.unique => {
                let t = &SIDE.field_index;
                let call = RowsCall::new(
                    t,
                    &[
                        ("workspace_id", i64::from(w.id.0).into()),
                        ("field", i64::from(*number).into()),
                        ("kind", i64::from(IndexKind::Value as u8).into()),
                        ("key", to.bytes().to_vec().into()),
                    ],
                );
                self.named(layout, &key, call.limit(u32::MAX / 2), "record_id", limit)
                    .await
            }
            // A custom link that is in no index: every row is looked at.
            Some(Slot::Custom(_)) => self.walk(layout, &key, field, to, limit).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The rows of the table with this key, looked at one by one.
    async fn walk(
        &self,
        layout: &ObjectLayout,
        key: &[(&str, SqlVal)],
        field: FieldIx,
        to: Id,
        limit: usize,
    ) -> Result<Vec<Record>, AppError> {
        let mut out = Vec::new();
        let mut last = Id::NIL;
        loop {
            let call = RowsCall::new(&layout.table, key)
                .bound("id", Bound::Gt, last)
                .order("id", false)
                .limit(CHUNK);
            let rows = self.store.rows(call).await?;
            let full = rows.len() == CHUNK as usize;
            for row in &rows {
                let record = decode(layout, row);
                last = record.id();
                if leads(record.get(field), to) {
                    out.push(record);
                    if out.len() >= limit {
                        return Ok(out);
                    }
                }
            }
            if !full {
                return Ok(out);
            }
        }
    }

    /// The records that the rows of a side table name in a column.
    async fn named(
        &self,
        layout: &ObjectLayout,
        key: &[(&str, SqlVal)],
        call: RowsCall,
        column: &str,
        limit: usize,
    ) -> Result<Vec<Record>, AppError> {
        let at = call.table.at(column);
        let mut ids: Vec<Id> = self
            .store
            .rows(call)
            .await?
            .iter()
            .filter_map(|r| r[at].uuid())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(limit);
        let mut out = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK as usize) {
            let call = RowsCall::new(&layout.table, key)
                .any_of("id", chunk.iter().map(|i| (*i).into()).collect())
                .order("id", false);
            out.extend(self.store.rows(call).await?.iter().map(|r| decode(layout, r)));
        }
        Ok(out)
    }

    /// The record with this id, live or in the recycle bin, without asking for rights.
    pub(crate) async fn any(&self, w: &Workspace, object: &str, id: Id) -> Result<Option<Record>, AppError> {
        let Some(layout) = w.layout.object(object) else {
            return Ok(None);
        };
        let call = RowsCall::new(
            &layout.table,
            &[("workspace_id", i64::from(w.id.0).into()), ("id", id.into())],
        )
        .limit(1);
        Ok(self.store.rows(call).await?.first().map(|r| decode(layout, r)))
    }
}
