//! Making a record and changing its fields.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Context, Id};
use peyvand_domain::Writer;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Batch, Record, Value};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};

use super::{CHANGES, Idempotency, Json, TRIES};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::people::managed;

/// A change that was decided and not written yet.
pub(super) struct Changed {
    /// The record as it is.
    pub(super) before: Record,
    /// The record as it will be.
    pub(super) after: Record,
    /// What is to be written.
    pub(super) batch: Batch,
}

impl App {
    /// Makes a record. With an idempotency key, the same request again gives the same record.
    pub async fn create(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        json: &Json,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Create)?;
        let _doing = self.begin(caller, idempotency)?;
        if let Some(done) = self.repeated(caller, object, idempotency).await? {
            return Ok(done);
        }
        let mut edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
        edge.use_case = managed(object);
        let values =
            codec::parse_json(caller.workspace.catalog(), object, json, &edge).map_err(AppError::Invalid)?;
        self.create_values(caller, object, values, idempotency).await
    }

    /// Makes a record of values that have been read already (a form's, a file's).
    pub async fn create_values(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        values: Vec<(FieldIx, Value)>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let context = self.context(caller);
            let (record, mut batch) = self.made(caller, object, &context, values.clone()).await?;
            self.settle(caller, &context, &mut batch).await?;
            self.remember(caller, &context, idempotency, &[record.id()], 201, &mut batch);
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_managed(caller, object, None, &record).await?;
                    self.after_write(&caller.workspace, &object.key).await?;
                    self.tell_owner(caller, object, None, &record).await;
                    return Ok(record);
                }
                // What it belongs to was changed meanwhile, by another line of it perhaps.
                Err(StoreError::Conflict(Conflict::Stale { .. })) if tries > 0 => {}
                Err(e) => {
                    // Two servers asked at once: the one that came second answers like the first.
                    if let Some(done) = self.repeated(caller, object, idempotency).await? {
                        return Ok(done);
                    }
                    return Err(e.into());
                }
            }
        }
    }

    /// Makes a record and changes it at once, both or neither: an activity that is already done when it is noted has all that
    /// follows from its being done.
    pub async fn create_and_change(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        values: Vec<(FieldIx, Value)>,
        then: Vec<(FieldIx, Value)>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        self.check_fields(caller, object, &then)?;
        self.check_links(caller, object, &then).await?;
        let then = self.with_twins(&caller.workspace, then).await?;
        let context = self.context(caller);
        let (made, mut batch) = self.made(caller, object, &context, values).await?;
        let then = self.with_rules(caller, object, Some(&made), then).await?;
        let (after, change) = self
            .writer(caller, &context)
            .patch(object, &made, then, &[])
            .map_err(AppError::Invalid)?;
        batch.append(change);
        self.settle(caller, &context, &mut batch).await?;
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        self.after_managed(caller, object, None, &after).await?;
        self.after_write(&caller.workspace, &object.key).await?;
        self.tell_owner(caller, object, None, &after).await;
        Ok(after)
    }

    /// The record that the values make, and what is to be written for it.
    pub(super) async fn made(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        context: &Context,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(Record, Batch), AppError> {
        Self::writable(caller, object, Verb::Create)?;
        self.check_fields(caller, object, &values)?;
        self.check_links(caller, object, &values).await?;
        let values = self.with_twins(&caller.workspace, values).await?;
        self.check_managed(caller, object, Verb::Create, None, &values)
            .await?;
        self.check_parent(caller, object, None, &values).await?;
        let values = self.with_rules(caller, object, None, values).await?;
        self.writer(caller, context)
            .create(object, values)
            .map_err(AppError::Invalid)
    }

    pub(crate) fn writer<'a>(&'a self, caller: &'a Caller, context: &'a Context) -> Writer<'a> {
        Writer {
            catalog: caller.workspace.catalog(),
            context,
            ids: &self.ids,
            zone: &caller.workspace.settings.time_zone,
            teams: self.teams(caller.workspace.id),
        }
    }

    /// Changes fields of a record. With the version that the caller knows, the change goes through when none of its
    /// fields has been changed since; else both values are shown.
    pub async fn patch(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        json: &Json,
        known_version: Option<i64>,
    ) -> Result<Record, AppError> {
        self.patch_once(caller, object, id, json, known_version, None)
            .await
    }

    /// The same with an idempotency key: the same request again changes nothing and gives the record as it is now.
    pub async fn patch_once(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        json: &Json,
        known_version: Option<i64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        let _doing = self.begin(caller, idempotency)?;
        if let Some(done) = self.repeated(caller, object, idempotency).await? {
            return Ok(done);
        }
        let mut edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Patch);
        edge.use_case = managed(object);
        let values =
            codec::parse_json(caller.workspace.catalog(), object, json, &edge).map_err(AppError::Invalid)?;
        let (record, _) = self
            .change(caller, object, id, values, known_version, idempotency)
            .await?;
        Ok(record)
    }

    /// Changes fields of a record to values that have been read already; see [`App::patch`].
    pub async fn patch_values(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        values: Vec<(FieldIx, Value)>,
        known_version: Option<i64>,
    ) -> Result<Record, AppError> {
        let (record, _) = self
            .change(caller, object, id, values, known_version, None)
            .await?;
        Ok(record)
    }

    /// The record as it is then, and what was written for it.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        values: Vec<(FieldIx, Value)>,
        known_version: Option<i64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<(Record, Batch), AppError> {
        Self::writable(caller, object, Verb::Update)?;
        self.check_fields(caller, object, &values)?;
        self.check_links(caller, object, &values).await?;
        let values = self.with_twins(&caller.workspace, values).await?;
        for _ in 0..TRIES {
            let context = self.context(caller);
            let Changed {
                before,
                after,
                mut batch,
            } = self
                .changed(caller, object, &context, id, values.clone(), known_version)
                .await?;
            if batch.is_empty() && idempotency.is_none() {
                let mut shown = before;
                self.dress(caller, object, std::slice::from_mut(&mut shown));
                return Ok((shown, batch));
            }
            self.settle(caller, &context, &mut batch).await?;
            self.remember(caller, &context, idempotency, &[id], 200, &mut batch);
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_managed(caller, object, Some(&before), &after).await?;
                    self.after_write(&caller.workspace, &object.key).await?;
                    self.tell_owner(caller, object, Some(&before), &after).await;
                    let mut shown = after;
                    self.dress(caller, object, std::slice::from_mut(&mut shown));
                    return Ok((shown, batch));
                }
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => {
                    return match self.repeated(caller, object, idempotency).await? {
                        Some(done) => Ok((done, Batch::default())),
                        None => Err(e.into()),
                    };
                }
            }
        }
        let now = self.raw(caller, object, id, DeletedScope::Live).await?;
        Err(AppError::changed(&now))
    }

    /// The record with the values, and what is to be written for that. The values have been checked and have their twins.
    pub(super) async fn changed(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        context: &Context,
        id: Id,
        values: Vec<(FieldIx, Value)>,
        known_version: Option<i64>,
    ) -> Result<Changed, AppError> {
        let before = self.raw(caller, object, id, DeletedScope::Live).await?;
        if let Some(v) = known_version
            && v != before.version()
        {
            let theirs = self.changed_since(caller, object, &before, v).await?;
            let both: Vec<(String, serde_json::Value)> = values
                .iter()
                .filter_map(|(ix, _)| {
                    let f = object.at(*ix)?;
                    let hit = theirs.as_ref().is_none_or(|keys| keys.contains(&f.key));
                    hit.then(|| (f.key.clone(), codec::value_to_json(f, before.get(*ix))))
                })
                .collect();
            if !both.is_empty() {
                return Err(AppError::Changed {
                    id: before.id(),
                    version: before.version(),
                    fields: both,
                });
            }
        }
        self.check_managed(caller, object, Verb::Update, Some(&before), &values)
            .await?;
        self.check_parent(caller, object, Some(&before), &values).await?;
        let circle = self.check_circle(caller, object, before.id(), &values).await?;
        let points = self.points_of(caller, object, &before).await?;
        let values = self.with_rules(caller, object, Some(&before), values).await?;
        let (after, mut batch) = self
            .writer(caller, context)
            .patch(object, &before, values, &points)
            .map_err(AppError::Invalid)?;
        batch.guards.extend(self.share_of(caller, object, &before).await?);
        batch.guards.extend(circle);
        Ok(Changed { before, after, batch })
    }

    /// The keys of fields that were changed after a version, told by the audit log; `None` when it cannot be told.
    async fn changed_since(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        record: &Record,
        version: i64,
    ) -> Result<Option<Vec<String>>, AppError> {
        let steps = record.version() - version;
        if steps <= 0 || steps > 500 {
            return Ok(None);
        }
        let t = &SIDE.audit;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("record_id", record.id().into()),
        ];
        let rows = self
            .store
            .rows(
                RowsCall::new(t, &key)
                    // Entries of these kinds are no versions of the record.
                    .any_of("action", CHANGES.iter().map(|a| (*a).into()).collect())
                    .order("at", true)
                    // Of two of the same moment the later one.
                    .order("id", true)
                    .limit(steps as u32),
            )
            .await?;
        if (rows.len() as i64) < steps {
            return Ok(None);
        }
        let mut keys = Vec::new();
        for r in rows {
            let sealed = r[t.at("detail")].bytes().unwrap_or_default();
            let Some(detail) = self
                .store
                .open_audit(caller.workspace.id, record.id(), sealed)
                .await?
            else {
                return Ok(None);
            };
            let Ok(map) = serde_json::from_str::<Json>(&detail) else {
                return Ok(None);
            };
            keys.extend(
                map.into_iter()
                    .map(|(k, _)| k)
                    .filter(|k| object.field(k).is_some()),
            );
        }
        Ok(Some(keys))
    }
}
