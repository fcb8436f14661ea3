//! Taking a change of many records back.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_record::codec::{self, Mode};
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal, StoreError};

use super::{BulkEdit, CHUNK, Task};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// Takes a bulk edit back: every record that nobody has changed since is again what it was.
    ///
    /// # Errors
    /// `NotFound` for an id that no bulk edit of the caller has; `AlreadyUndone`.
    pub async fn undo_bulk(&self, caller: &Caller, id: Id) -> Result<BulkEdit, AppError> {
        let (mut edit, settings) = self.bulk_row(caller, id).await?;
        if edit.state == "undone" {
            return Err(AppError::AlreadyUndone);
        }
        if edit.state != "done" {
            return Ok(edit);
        }
        let object = caller
            .workspace
            .catalog()
            .object(&edit.object)
            .map(Arc::clone)
            .ok_or(AppError::NotFound)?;
        let t = &SIDE.image;
        let w: SqlVal = i64::from(caller.workspace.id.0).into();
        let mut after: Option<Id> = None;
        let (mut back, mut kept) = (0, 0);
        loop {
            let key = [("workspace_id", w.clone()), ("operation_id", id.into())];
            let mut call = RowsCall::new(t, &key)
                .order("record_id", false)
                .limit(CHUNK as u32);
            if let Some(a) = after {
                call = call.bound("record_id", Bound::Gt, a);
            }
            let images: Vec<(Id, i64, String)> = self
                .store
                .rows(call)
                .await?
                .iter()
                .filter_map(|r| {
                    Some((
                        r[t.at("record_id")].uuid()?,
                        r[t.at("version_after")].int()?,
                        r[t.at("before")].text().unwrap_or("{}").to_owned(),
                    ))
                })
                .collect();
            let Some(last) = images.last() else { break };
            after = Some(last.0);
            for (record, version, before) in &images {
                match self
                    .undo_one(caller, &object, &edit.task, *record, *version, before)
                    .await
                {
                    Ok(true) => back += 1,
                    Ok(false) | Err(AppError::NotFound | AppError::Invalid(_) | AppError::Forbidden) => {
                        kept += 1;
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        "undone".clone_into(&mut edit.state);
        edit.progress.changed = back;
        edit.progress.refused = kept;
        edit.progress.left.clear();
        self.put_bulk(caller, &edit, &settings).await?;
        Ok(edit)
    }

    async fn undo_one(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        task: &Task,
        id: Id,
        version: i64,
        before: &str,
    ) -> Result<bool, AppError> {
        if let Task::Tag { tag } | Task::Untag { tag } = task {
            let on = matches!(task, Task::Untag { .. });
            self.put_tags(caller, *tag, std::iter::once(id), on).await?;
            return Ok(true);
        }
        let from = match task {
            Task::Delete => DeletedScope::Deleted,
            _ => DeletedScope::Live,
        };
        let now = self.raw(caller, object, id, from).await?;
        if now.version() != version {
            return Ok(false);
        }
        let context = self.context(caller);
        let writer = self.writer(caller, &context);
        let mut batch = match task {
            Task::Delete => writer.restore(object, &now).1,
            Task::Restore => writer.delete(object, &now).1,
            Task::Set { .. } | Task::Tag { .. } | Task::Untag { .. } => {
                let mut edge = caller.workspace.edge(caller.language, context.now, Mode::Patch);
                edge.use_case = true;
                let map = serde_json::from_str(before).unwrap_or_default();
                let values = codec::parse_json(caller.workspace.catalog(), object, &map, &edge)
                    .map_err(AppError::Invalid)?;
                let points = self.points_of(caller, object, &now).await?;
                writer
                    .patch(object, &now, values, &points)
                    .map_err(AppError::Invalid)?
                    .1
            }
        };
        let w = &caller.workspace;
        self.settle(caller, &context, &mut batch).await?;
        match self
            .store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await
        {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }
}
