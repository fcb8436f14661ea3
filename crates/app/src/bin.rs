//! The recycle bin: what lies in it too long goes for good, by the rules that each link declares.

use std::collections::HashSet;
use std::sync::Arc;

use peyvand_catalog::{FieldIx, OnDelete};
use peyvand_core::{Id, Via};
use peyvand_record::policy::Policy;
use peyvand_record::{Record, Value};
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};
use serde::Serialize;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::linked::decode;
use crate::workspace::Workspace;

/// Rows of one link that one purge looks at; the rest waits for the next run.
const MOST_ROWS: usize = 5000;
/// Deepest chain of records that go with one another.
const DEPTH: usize = 8;

/// A record that could not go, and which link holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its object.
    pub object: String,
    /// The record.
    pub id: String,
    /// The link that holds it: `deal.stage_id`.
    pub by: String,
}

/// What a purge did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Records that went, with those that went along.
    pub gone: u64,
    /// Links that were emptied.
    pub cleared: u64,
    /// Records that stay because something must not lose them.
    pub held: Vec<Held>,
}

impl App {
    /// Purges what has been in the recycle bin for longer than `keep` microseconds.
    pub async fn purge_bin(&self, workspace: &Arc<Workspace>, keep: i64) -> Result<Purged, AppError> {
        let before = self.clock.now().micros() - keep;
        let w = workspace.id;
        let mut out = Purged::default();
        let mut looked: HashSet<Id> = HashSet::new();
        for object in workspace.catalog().objects() {
            let Some(layout) = workspace.layout.object(&object.key) else {
                continue;
            };
            if object.spine && object.custom {
                continue;
            }
            loop {
                // What is on the spine is found there: it has the index.
                let found: Vec<(String, Id)> = if object.spine {
                    break;
                } else {
                    let call = RowsCall::new(&layout.table, &[("workspace_id", i64::from(w.0).into())])
                        .bound("deleted_at", Bound::Lt, before);
                    let rows = self.store.rows(call).await?;
                    rows.iter()
                        .map(|r| (object.key.clone(), decode(layout, r).id()))
                        .filter(|(_, id)| looked.insert(*id))
                        .collect()
                };
                if found.is_empty() {
                    break;
                }
                for (object, id) in found {
                    self.purge_one(workspace, &object, id, DEPTH, &mut out).await?;
                }
            }
        }
        loop {
            let t = &SIDE.record;
            let call = RowsCall::new(t, &[("workspace_id", i64::from(w.0).into())])
                .bound("deleted_at", Bound::Lt, before)
                .order("deleted_at", false)
                .limit(1000 + looked.len() as u32);
            let rows = self.store.rows(call).await?;
            let found: Vec<(String, Id)> = rows
                .iter()
                .filter_map(|r| Some((r[t.at("object")].text()?.to_owned(), r[t.at("id")].uuid()?)))
                .filter(|(_, id)| looked.insert(*id))
                .collect();
            if found.is_empty() {
                break;
            }
            for (object, id) in found {
                self.purge_one(workspace, &object, id, DEPTH, &mut out).await?;
            }
        }
        // What the log says about those who went can no longer be read.
        self.store.forget_salts();
        Ok(out)
    }

    /// Purges one record of the recycle bin with what goes along; `false` when it is held.
    async fn purge_one(
        &self,
        workspace: &Arc<Workspace>,
        object: &str,
        id: Id,
        depth: usize,
        out: &mut Purged,
    ) -> Result<bool, AppError> {
        let Some(def) = workspace.catalog().object(object).map(Arc::clone) else {
            return Ok(false);
        };
        let Some(record) = self.any(workspace, object, id).await? else {
            return Ok(true);
        };
        let hold = |out: &mut Purged, by: String| {
            out.held.push(Held {
                object: object.to_owned(),
                id: id.to_string(),
                by,
            });
        };
        // First nothing is touched: does anything hold the record?
        let mut cascade: Vec<Record> = Vec::new();
        let mut clear: Vec<(FieldIx, Record)> = Vec::new();
        for (linking, ix) in workspace.catalog().links_to(object) {
            let Some(f) = linking.at(ix) else { continue };
            if f.is_system() || f.key == "id" || f.on_delete == Some(OnDelete::Keep) {
                continue;
            }
            let rows = self.linked(workspace, linking, ix, id, MOST_ROWS).await?;
            let name = format!("{}.{}", linking.key, f.key);
            for row in rows.into_iter().filter(|r| r.id() != id) {
                match f.on_delete.unwrap_or_default() {
                    OnDelete::Restrict => {
                        hold(out, name);
                        return Ok(false);
                    }
                    OnDelete::Cascade if depth == 0 => {
                        hold(out, name);
                        return Ok(false);
                    }
                    OnDelete::Cascade => cascade.push(row),
                    // A required link cannot be emptied: it holds.
                    OnDelete::Clear if f.required => {
                        hold(out, name);
                        return Ok(false);
                    }
                    OnDelete::Clear => clear.push((ix, row)),
                    OnDelete::Keep => {}
                }
            }
        }
        for child in cascade {
            let along =
                Box::pin(self.purge_one(workspace, &child.object, child.id(), depth - 1, out)).await?;
            if !along {
                hold(out, child.object.to_string());
                return Ok(false);
            }
        }
        for (ix, row) in clear {
            out.cleared += u64::from(self.empty_link(workspace, ix, &row, id).await?);
        }
        let caller = Caller::system(workspace, Via::Job);
        let context = self.context(&caller);
        let batch = self.writer(&caller, &context).purge(&def, &record);
        let all = Policy::all(caller.actor);
        match self.store.apply(&context, &workspace.layout, &all, &batch).await {
            Ok(()) => {
                out.gone += 1;
                Ok(true)
            }
            // Somebody took it out of the bin meanwhile.
            Err(StoreError::Conflict(Conflict::Stale { .. })) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    async fn empty_link(
        &self,
        workspace: &Arc<Workspace>,
        ix: FieldIx,
        row: &Record,
        gone: Id,
    ) -> Result<bool, AppError> {
        let caller = Caller::system(workspace, Via::Job);
        let Some(def) = workspace.catalog().object(&row.object).map(Arc::clone) else {
            return Ok(false);
        };
        for _ in 0..crate::records::TRIES {
            let Some(now) = self.any(workspace, &row.object, row.id()).await? else {
                return Ok(false);
            };
            let value = match now.get(ix) {
                Value::Id(id) if *id == gone => Value::Null,
                Value::Ids(ids) if ids.contains(&gone) => {
                    let left: Vec<Id> = ids.iter().copied().filter(|i| *i != gone).collect();
                    if left.is_empty() {
                        Value::Null
                    } else {
                        Value::Ids(left)
                    }
                }
                _ => return Ok(false),
            };
            let context = self.context(&caller);
            let (_, batch) = self
                .writer(&caller, &context)
                .patch(&def, &now, vec![(ix, value)], &[])
                .map_err(AppError::Invalid)?;
            let all = Policy::all(caller.actor);
            match self.store.apply(&context, &workspace.layout, &all, &batch).await {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(false)
    }
}
