//! Changing many records at once: a set of ids, or everything that a list shows. What was there before is kept, so that
//! all of it can be taken back; a record that somebody has changed since stays as they left it.

use std::sync::Arc;

use async_trait::async_trait;
use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, ObjectDef, Writes};
use peyvand_core::{Id, Via};
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::{Cursor, DeletedScope, Query};
use peyvand_record::{AuditAction, Batch, Change, Record, Value};
use peyvand_store::ports::{Bound, OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, Row, RowsCall, SearchFor, SqlVal, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::jobs::{Handler, Held};
use crate::notifications::{Ended, Work};
use crate::people::managed;
use crate::workspace::Workspace;

/// Kind of the job and of its row among the transfers.
pub const KIND: &str = "bulk-edit";
/// A selection of so many records at most is done at once, a larger one by the worker.
pub const AT_ONCE: usize = 100;
/// Most ids of one selection; more is "all results".
pub const MOST_IDS: usize = 5_000;
/// Records of one transaction.
const CHUNK: usize = 50;
/// Records that a quick search hands over.
const FOUND: usize = 2_000;
/// Times that a chunk is decided anew when somebody else was faster.
const TRIES: usize = 20;

/// What shall become of each record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Task {
    /// A field gets a value (as JSON, in the form of the interface); `null` empties it.
    Set {
        /// Key of the field.
        field: String,
        /// The value.
        value: serde_json::Value,
    },
    /// Into the recycle bin.
    Delete,
    /// Out of the recycle bin.
    Restore,
    /// It carries a tag.
    Tag {
        /// The tag.
        tag: Id,
    },
    /// It carries a tag no longer.
    Untag {
        /// The tag.
        tag: Id,
    },
}

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// These; when empty, everything that filter and search find.
    pub ids: Vec<Id>,
    /// The filter of the list.
    pub filter: Option<String>,
    /// The quick search of the list.
    pub q: Option<String>,
    /// But not these.
    pub except: Vec<Id>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Settings {
    task: Task,
    selection: Selection,
}

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Records looked at.
    pub seen: u64,
    /// Records changed.
    pub changed: u64,
    /// Records that could not be changed: no right, or a value that one of them cannot take.
    pub refused: u64,
    /// About how many there are, when known.
    pub total: Option<u64>,
    /// Where it goes on after a stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A bulk edit as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkEdit {
    /// Its id.
    pub id: Id,
    /// The object.
    pub object: String,
    /// `waiting`, `running`, `done`, `undone`.
    pub state: String,
    /// What it does.
    pub task: Task,
    /// How far it is.
    pub progress: Progress,
}

impl BulkEdit {
    /// Is it at its end?
    #[must_use]
    pub fn finished(&self) -> bool {
        matches!(self.state.as_str(), "done" | "undone")
    }
}

/// Runs bulk edits that the worker finds in the queue.
#[derive(Debug)]
pub struct BulkWorker;

#[derive(Serialize, Deserialize)]
struct Payload {
    operation: Id,
    user: Id,
}

#[async_trait]
impl Handler for BulkWorker {
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let payload: Payload = serde_json::from_str(&job.payload).map_err(|_| AppError::NotFound)?;
        // Under the rights of the one who asked, as they are now.
        let caller = app.caller_of(workspace, payload.user, Via::Job).await?;
        let was = app.bulk(&caller, payload.operation).await?;
        let edit = app.run_bulk(&caller, payload.operation).await?;
        if !was.finished() {
            let ended = Ended {
                work: Work::BulkEdit,
                id: edit.id.to_string(),
            };
            let count = Some(edit.progress.changed);
            app.tell_ended(workspace, payload.user, &ended, &edit.object, count)
                .await;
        }
        Ok(())
    }
}

impl Task {
    const fn verb(&self) -> Verb {
        match self {
            Self::Delete => Verb::Delete,
            _ => Verb::Update,
        }
    }

    const fn from(&self) -> DeletedScope {
        match self {
            Self::Restore => DeletedScope::Deleted,
            _ => DeletedScope::Live,
        }
    }
}

impl App {
    /// Begins a bulk edit: a small selection is done when this returns, a larger one is left to the worker.
    ///
    /// # Errors
    /// No right to do this to any record of the object; a field that cannot be set; too many ids; a filter that cannot
    /// be read.
    pub async fn start_bulk(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        selection: Selection,
        task: Task,
    ) -> Result<BulkEdit, AppError> {
        // Children stand and fall with their parents, and people are changed one by one.
        if !object.spine || managed(object) {
            return Err(AppError::Forbidden);
        }
        Self::writable(caller, object, task.verb())?;
        if caller.policy.reach(&object.key, task.verb()) == Reach::None {
            return Err(AppError::Forbidden);
        }
        if selection.ids.len() > MOST_IDS {
            return Err(AppError::Parameter {
                name: "ids",
                value: selection.ids.len().to_string(),
            });
        }
        if let Some(f) = selection.filter.as_deref().filter(|f| !f.trim().is_empty()) {
            self.filter(caller, object, f).await?;
        }
        let values = self.values_of(caller, object, &task)?;
        self.check_links(caller, object, &values).await?;
        if let Task::Tag { tag } | Task::Untag { tag } = &task {
            let tags = self.object(caller, "tags")?;
            self.get(caller, &tags, *tag).await?;
        }
        let at_once = !selection.ids.is_empty() && selection.ids.len() <= AT_ONCE;
        let edit = BulkEdit {
            id: self.ids.next(self.clock.now()),
            object: object.key.clone(),
            state: "waiting".to_owned(),
            progress: Progress {
                total: Some(selection.ids.len() as u64).filter(|n| *n > 0),
                ..Progress::default()
            },
            task: task.clone(),
        };
        let written = self.bulk_step(caller, &edit, &Settings { task, selection });
        if at_once {
            self.store.engine().apply(Plan::of(vec![written])).await?;
            return self.run_bulk(caller, edit.id).await;
        }
        let payload = serde_json::to_string(&Payload {
            operation: edit.id,
            user: caller.actor.id(),
        })
        .unwrap_or_default();
        let job = self.job(caller.workspace.id, KIND, &payload, self.clock.now(), None);
        self.store.engine().apply(Plan::of(vec![written, job])).await?;
        Ok(edit)
    }

    fn values_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        task: &Task,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        let Task::Set { field, value } = task else {
            return Ok(Vec::new());
        };
        let known = object
            .field(field)
            .is_some_and(|(_, f)| f.writes == Writes::Generic);
        if !known {
            return Err(AppError::Parameter {
                name: "field",
                value: field.clone(),
            });
        }
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Patch);
        let map: serde_json::Map<String, serde_json::Value> =
            std::iter::once((field.clone(), value.clone())).collect();
        let values =
            codec::parse_json(caller.workspace.catalog(), object, &map, &edge).map_err(AppError::Invalid)?;
        self.check_fields(caller, object, &values)?;
        Ok(values)
    }

    /// A bulk edit of this caller.
    ///
    /// # Errors
    /// `NotFound` when there is none with this id, or it is somebody else's.
    pub async fn bulk(&self, caller: &Caller, id: Id) -> Result<BulkEdit, AppError> {
        self.bulk_row(caller, id).await.map(|(edit, _)| edit)
    }

    async fn bulk_row(&self, caller: &Caller, id: Id) -> Result<(BulkEdit, Settings), AppError> {
        let t = &SIDE.transfer;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("id", id.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let row = rows
            .first()
            .filter(|r| r[t.at("kind")].text() == Some(KIND))
            .filter(|r| r[t.at("actor")].uuid() == Some(caller.actor.id()))
            .ok_or(AppError::NotFound)?;
        let text = |c: &str| row[t.at(c)].text().unwrap_or_default();
        let settings: Settings = serde_json::from_str(text("settings")).map_err(|_| AppError::NotFound)?;
        Ok((
            BulkEdit {
                id,
                object: text("object").to_owned(),
                state: text("state").to_owned(),
                task: settings.task.clone(),
                progress: serde_json::from_str(text("progress")).unwrap_or_default(),
            },
            settings,
        ))
    }

    async fn put_bulk(&self, caller: &Caller, edit: &BulkEdit, settings: &Settings) -> Result<(), AppError> {
        let step = self.bulk_step(caller, edit, settings);
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }

    /// The step that writes down how far a bulk edit is.
    fn bulk_step(&self, caller: &Caller, edit: &BulkEdit, settings: &Settings) -> Step {
        let t = &SIDE.transfer;
        let now = self.clock.now().micros();
        let mut row: Row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("id", edit.id.into()),
            ("kind", KIND.into()),
            ("object", edit.object.as_str().into()),
            ("state", edit.state.as_str().into()),
            ("actor", caller.actor.id().into()),
            (
                "settings",
                SqlVal::Text(serde_json::to_string(settings).unwrap_or_default()),
            ),
            (
                "progress",
                SqlVal::Text(serde_json::to_string(&edit.progress).unwrap_or_default()),
            ),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ] {
            row[t.at(c)] = v;
        }
        if edit.finished() {
            row[t.at("finished_at")] = now.into();
        }
        Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Replace,
        }
    }

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
        let search = s.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let mut fixed = s.ids.clone();
        if fixed.is_empty()
            && let Some(q) = search
        {
            let filter = self.filter_of(caller, &object, s.filter.as_deref()).await?;
            let w = &caller.workspace;
            let found = self
                .store
                .search(
                    w.id,
                    &w.layout,
                    &caller.policy,
                    &SearchFor {
                        object: &object.key,
                        text: q,
                        filter: filter.as_ref(),
                        fields: Some(&[]),
                        limit: FOUND,
                    },
                )
                .await?;
            fixed = found.records.iter().map(Record::id).collect();
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

    async fn filter_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        text: Option<&str>,
    ) -> Result<Option<peyvand_record::Filter>, AppError> {
        match text.map(str::trim).filter(|f| !f.is_empty()) {
            Some(f) => self.filter(caller, object, f).await.map(Some),
            None => Ok(None),
        }
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
            .filter_of(caller, object, settings.selection.filter.as_deref())
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
        let (mut changed, mut refused) = (0, 0);
        match self.bulk_some(caller, object, ids, values, edit).await {
            Ok((c, r)) => (changed, refused) = (c, r),
            Err(e) if ids.len() == 1 => return alone(e, edit),
            Err(_) => {
                for id in ids {
                    match self
                        .bulk_some(caller, object, std::slice::from_ref(id), values, edit)
                        .await
                    {
                        Ok((c, r)) => {
                            changed += c;
                            refused += r;
                        }
                        Err(AppError::Store(e)) if !matches!(e, StoreError::Conflict(_)) => {
                            return Err(AppError::Store(e));
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
        edit.progress.seen += ids.len() as u64;
        edit.progress.changed += changed;
        edit.progress.refused += refused;
        Ok(())
    }

    /// How many were changed and how many were refused.
    async fn bulk_some(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        ids: &[Id],
        values: &[(FieldIx, Value)],
        edit: &BulkEdit,
    ) -> Result<(u64, u64), AppError> {
        let w = &caller.workspace;
        for _ in 0..TRIES {
            let asked = ByIds::of(&object.key, ids)
                .verb(edit.task.verb())
                .deleted(edit.task.from());
            let records = self.store.by_ids(w.id, &w.layout, &caller.policy, &asked).await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let mut batch = Batch::default();
            let mut changed = 0;
            let refused = (ids.len() - records.len()) as u64;
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
                Err(StoreError::Conflict(peyvand_store::Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok((0, ids.len() as u64))
    }

    /// Takes a bulk edit back: every record that nobody has changed since is again what it was.
    ///
    /// # Errors
    /// `NotFound` for an id that no bulk edit of the caller has.
    pub async fn undo_bulk(&self, caller: &Caller, id: Id) -> Result<BulkEdit, AppError> {
        let (mut edit, settings) = self.bulk_row(caller, id).await?;
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

    /// Counts what a list shows and sums some of its fields, both up to [`crate::records::COUNT_CAP`] records.
    ///
    /// # Errors
    /// A filter that cannot be read; what the store says.
    pub async fn tally(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
        deleted: bool,
        fields: &[FieldIx],
    ) -> Result<(u64, Vec<Option<i64>>), AppError> {
        let w = &caller.workspace;
        let mut query = Query::of(&object.key);
        query.filter = self.filter_of(caller, object, filter).await?;
        if deleted {
            query.deleted = DeletedScope::Deleted;
        }
        let cap = crate::records::COUNT_CAP;
        let told = self
            .store
            .tally(w.id, &w.layout, &caller.policy, &query, fields, cap)
            .await;
        match told {
            // A sum that leaves 64 bits is no reason not to show the list.
            Err(StoreError::Engine(_)) if !fields.is_empty() => {
                let (count, _) = self
                    .store
                    .tally(w.id, &w.layout, &caller.policy, &query, &[], cap)
                    .await?;
                Ok((count, vec![None; fields.len()]))
            }
            told => Ok(told?),
        }
    }
}

/// A record that cannot be changed is counted; what is wrong with the database is not.
fn alone(e: AppError, edit: &mut BulkEdit) -> Result<(), AppError> {
    match e {
        AppError::Store(e) if !matches!(e, StoreError::Conflict(_)) => Err(AppError::Store(e)),
        _ => {
            edit.progress.seen += 1;
            edit.progress.refused += 1;
            Ok(())
        }
    }
}
