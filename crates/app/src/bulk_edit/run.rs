//! Doing a change of many records, a chunk a transaction.

use std::collections::HashSet;
use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::codec;
use peyvand_record::query::{Cursor, Query};
use peyvand_record::{AuditAction, Batch, Change, Record, Value};
use peyvand_store::{ByIds, SearchFor, StoreError};

use super::{BulkEdit, CHUNK, Left, Selection, Settings, Task};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Records that a quick search hands over.
const FOUND: usize = 2_000;
/// Records that could not be changed of which it is told why.
const MOST_LEFT: usize = 20;
/// Times that a chunk is decided anew when somebody else was faster.
const TRIES: usize = 20;

impl App {
    /// Does a bulk edit, or goes on with one that was stopped. What it has changed already is not changed twice.
    ///
    /// # Errors
    /// What the store says; records that cannot be changed are counted, not reported as errors.
    pub async fn run_bulk(&self, caller: &Caller, id: Id) -> Result<BulkEdit, AppError> {
        let (mut edit, settings) = self.bulk_row(caller, id).await?;
        if edit.finished() {
            return Ok(edit);
        }
        let object = caller
            .workspace
            .catalog()
            .object(&edit.object)
            .map(Arc::clone)
            .ok_or(AppError::NotFound)?;
        "running".clone_into(&mut edit.state);
        let values = self.values_of(caller, &object, &edit.task)?;
        let values = self.with_twins(&caller.workspace, values).await?;
        let s = &settings.selection;
        let mut fixed = s.ids.clone();
        if fixed.is_empty()
            && let Some(found) = self.searched(caller, &object, s).await?
        {
            fixed = found;
            edit.progress.total = Some(fixed.len() as u64);
            if fixed.is_empty() {
                "done".clone_into(&mut edit.state);
            }
        }
        if fixed.is_empty() && !edit.finished() {
            self.run_all(caller, &object, &settings, &values, &mut edit)
                .await?;
        } else {
            let skip = edit.progress.seen as usize;
            let left: Vec<Id> = fixed
                .into_iter()
                .skip(skip)
                .filter(|i| !s.except.contains(i))
                .collect();
            for chunk in left.chunks(CHUNK) {
                self.bulk_chunk(caller, &object, chunk, &values, &mut edit)
                    .await?;
                self.put_bulk(caller, &edit, &settings).await?;
            }
        }
        "done".clone_into(&mut edit.state);
        edit.progress.cursor = None;
        self.put_bulk(caller, &edit, &settings).await?;
        let given = values
            .iter()
            .find(|(ix, _)| *ix == system::OWNER_ID && object.ownable);
        if let Some(to) = given.and_then(|(_, v)| v.as_id()) {
            self.tell_many(caller, to, &object, edit.progress.changed).await;
        }
        Ok(edit)
    }

    /// How many records a selection means, up to what is counted at most; `None` when there are more.
    ///
    /// # Errors
    /// What the store says; a filter that cannot be read.
    pub async fn selected(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        selection: &Selection,
    ) -> Result<Option<u64>, AppError> {
        if !selection.ids.is_empty() {
            return Ok(Some(selection.ids.len() as u64));
        }
        let except = |ids: &[Id]| ids.iter().filter(|i| selection.except.contains(i)).count() as u64;
        if let Some(found) = self.searched(caller, object, selection).await? {
            return Ok(Some(found.len() as u64 - except(&found)));
        }
        let w = &caller.workspace;
        let mut query = Query::of(&object.key);
        query.filter = self
            .filter_or_none(caller, object, selection.filter.as_deref())
            .await?;
        let cap = crate::records::COUNT_CAP;
        let n = self
            .store
            .count(w.id, &w.layout, &caller.policy, &query, cap)
            .await?;
        // What was taken out by hand was seen in the list.
        Ok(Some(n.saturating_sub(selection.except.len() as u64)).filter(|_| n <= cap))
    }

    /// What the quick search of a selection finds; `None` when it has none.
    async fn searched(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        selection: &Selection,
    ) -> Result<Option<Vec<Id>>, AppError> {
        let Some(text) = selection.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) else {
            return Ok(None);
        };
        let filter = self
            .filter_or_none(caller, object, selection.filter.as_deref())
            .await?;
        let w = &caller.workspace;
        let wanted = SearchFor {
            object: &object.key,
            text,
            filter: filter.as_ref(),
            fields: Some(&[]),
            limit: FOUND,
        };
        let found = self
            .store
            .search(w.id, &w.layout, &caller.policy, &wanted)
            .await?;
        Ok(Some(found.records.iter().map(Record::id).collect()))
    }

    async fn run_all(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        settings: &Settings,
        values: &[(FieldIx, Value)],
        edit: &mut BulkEdit,
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let mut query = Query::of(&object.key).limit(CHUNK as u32);
        query.filter = self
            .filter_or_none(caller, object, settings.selection.filter.as_deref())
            .await?;
        query.deleted = edit.task.from();
        if edit.progress.total.is_none() {
            let cap = crate::records::COUNT_CAP;
            let n = self
                .store
                .count(w.id, &w.layout, &caller.policy, &query, cap)
                .await?;
            edit.progress.total = Some(n).filter(|n| *n <= cap);
        }
        query.after = edit
            .progress
            .cursor
            .as_deref()
            .and_then(|c| Cursor::decode(c).ok());
        loop {
            let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
            let ids: Vec<Id> = page
                .records
                .iter()
                .map(Record::id)
                .filter(|i| !settings.selection.except.contains(i))
                .collect();
            self.bulk_chunk(caller, object, &ids, values, edit).await?;
            let Some(next) = page.next else { return Ok(()) };
            edit.progress.cursor = Some(next.encode());
            query.after = Some(next);
            self.put_bulk(caller, edit, settings).await?;
        }
    }

    /// Changes some records in one transaction; when that fails, one by one, so that one that cannot be changed does not
    /// hold the others.
    async fn bulk_chunk(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        ids: &[Id],
        values: &[(FieldIx, Value)],
        edit: &mut BulkEdit,
    ) -> Result<(), AppError> {
        let (mut changed, mut left) = (0, Vec::new());
        match self.bulk_some(caller, object, ids, values, edit).await {
            Ok(done) => (changed, left) = done,
            Err(e) if ids.len() == 1 => left.push(alone(e, ids[0])?),
            Err(_) => {
                for id in ids {
                    let one = std::slice::from_ref(id);
                    match self.bulk_some(caller, object, one, values, edit).await {
                        Ok((c, l)) => {
                            changed += c;
                            left.extend(l);
                        }
                        Err(e) => left.push(alone(e, *id)?),
                    }
                }
            }
        }
        edit.progress.seen += ids.len() as u64;
        edit.progress.changed += changed;
        edit.progress.refused += left.len() as u64;
        let room = MOST_LEFT.saturating_sub(edit.progress.left.len());
        edit.progress.left.extend(left.into_iter().take(room));
        Ok(())
    }

    /// How many were changed, and those that were not.
    async fn bulk_some(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        ids: &[Id],
        values: &[(FieldIx, Value)],
        edit: &BulkEdit,
    ) -> Result<(u64, Vec<Left>), AppError> {
        let w = &caller.workspace;
        let mut faster = None;
        for _ in 0..TRIES {
            let asked = ByIds::of(&object.key, ids)
                .verb(edit.task.verb())
                .deleted(edit.task.from());
            let records = self.store.by_ids(w.id, &w.layout, &caller.policy, &asked).await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let mut batch = Batch::default();
            let mut changed = 0;
            let there: HashSet<Id> = records.iter().map(Record::id).collect();
            let refused = ids.iter().filter(|i| !there.contains(i));
            let refused = refused.map(|i| Left::new(*i, &AppError::Forbidden)).collect();
            for before in &records {
                let (after, part, was) = match &edit.task {
                    Task::Set { field, .. } => {
                        let points = self.points_of(caller, object, before).await?;
                        let circle = self.check_circle(caller, object, before.id(), values).await?;
                        batch.guards.extend(circle);
                        let values = self
                            .with_rules(caller, object, Some(before), values.to_vec())
                            .await?;
                        let (after, part) = writer
                            .patch(object, before, values, &points)
                            .map_err(AppError::Invalid)?;
                        if part.is_empty() {
                            continue;
                        }
                        let was = object
                            .field(field)
                            .map(|(ix, f)| codec::value_to_json(f, before.get(ix)))
                            .unwrap_or_default();
                        let was = serde_json::json!({ field.as_str(): was }).to_string();
                        (after.version(), part, was)
                    }
                    Task::Delete => {
                        self.check_unused(w, object, before.id()).await?;
                        let (after, part) = writer.delete(object, before);
                        (after.version(), part, "{}".to_owned())
                    }
                    Task::Restore => {
                        let (after, part) = writer.restore(object, before);
                        (after.version(), part, "{}".to_owned())
                    }
                    Task::Tag { tag } | Task::Untag { tag } => {
                        let on = matches!(edit.task, Task::Tag { .. });
                        if self.tagged(caller, *tag, before.id()).await? == on {
                            continue;
                        }
                        let mut part = Batch::default();
                        let (was, is) = (Some(tag.to_string()), None);
                        let (was, is) = if on { (is, was) } else { (was, is) };
                        let detail = serde_json::json!({"tag": [was, is]}).to_string();
                        writer.entry(&mut part, AuditAction::Update, object, before.id(), detail);
                        (before.version(), part, "{}".to_owned())
                    }
                };
                changed += 1;
                batch.append(part);
                batch.changes.push(Change::Image {
                    operation: edit.id,
                    object: object.key.as_str().into(),
                    id: before.id(),
                    version_after: after,
                    before: Some(was.into()),
                });
            }
            if batch.is_empty() {
                return Ok((changed, refused));
            }
            self.settle(caller, &context, &mut batch).await?;
            match self
                .store
                .apply(&context, &w.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    if let Task::Tag { tag } | Task::Untag { tag } = &edit.task {
                        let on = matches!(edit.task, Task::Tag { .. });
                        self.put_tags(caller, *tag, records.iter().map(Record::id), on)
                            .await?;
                    }
                    return Ok((changed, refused));
                }
                Err(e @ StoreError::Conflict(peyvand_store::Conflict::Stale { .. })) => {
                    faster = Some(AppError::from(e));
                }
                Err(e) => return Err(e.into()),
            }
        }
        let why = faster.unwrap_or(AppError::RightsChanged);
        Ok((0, ids.iter().map(|i| Left::new(*i, &why)).collect()))
    }
}

/// A record that cannot be changed is counted and told; what is wrong with the database is not.
fn alone(e: AppError, id: Id) -> Result<Left, AppError> {
    match e {
        AppError::Store(e) if !matches!(e, StoreError::Conflict(_)) => Err(AppError::Store(e)),
        e => Ok(Left::new(id, &e)),
    }
}
