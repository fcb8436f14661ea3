//! Merging and unmerging records.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_domain::merge::{self, Linked, Merge, Road, Touched, Unmerge};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Change, ExternalKey, Guard, Record, Value};
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, Conflict, RowsCall, StoreError, layout};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{Idempotency, TRIES, upwards};
use crate::workspace::Workspace;

/// Rows of one link that a merge moves one by one, at most.
const MOST_ROWS: usize = 20_000;
/// The name under which the operation itself stands among the before-images.
const OPERATION: &str = "merge";

/// What is kept of a merge beside the before-images.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    object: String,
    survivor: Id,
    other: Id,
    at: Instant,
    /// The rows as the merge left them, as stored JSON by id.
    after: HashMap<Id, String>,
    /// Keys of other systems that moved: source and key.
    keys: Vec<(String, String)>,
}

/// A merge that was made.
#[derive(Debug)]
pub struct MergeDone {
    /// The operation, by which it can be undone.
    pub operation: Id,
    /// The survivor as it is now.
    pub survivor: Record,
}

impl App {
    /// Merges `other` into `survivor`: every link, contact point, tag, key and timeline moves, the old id leads to the
    /// survivor for ever. Empty fields of the survivor are filled; those named in `take` get the other's value.
    pub async fn merge(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        survivor: Id,
        other: Id,
        take: &[String],
    ) -> Result<MergeDone, AppError> {
        self.merge_once(caller, object, survivor, other, take, None).await
    }

    /// The same with an idempotency key: the same request again changes nothing and names the same operation.
    pub async fn merge_once(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        survivor: Id,
        other: Id,
        take: &[String],
        idempotency: Option<&Idempotency>,
    ) -> Result<MergeDone, AppError> {
        let _doing = self.begin(caller, idempotency)?;
        if let Some(done) = self.merged_before(caller, object, idempotency).await? {
            return Ok(done);
        }
        match self
            .merge_now(caller, object, survivor, other, take, idempotency)
            .await
        {
            Ok(done) => Ok(done),
            Err(e) => match self.merged_before(caller, object, idempotency).await? {
                Some(done) => Ok(done),
                None => Err(e),
            },
        }
    }

    async fn merged_before(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<MergeDone>, AppError> {
        let Some(ids) = self.answered(caller, idempotency).await? else {
            return Ok(None);
        };
        let [survivor, operation] = ids.as_slice() else {
            return Err(AppError::NotFound);
        };
        Ok(Some(MergeDone {
            operation: *operation,
            survivor: self.get(caller, object, *survivor).await?,
        }))
    }

    async fn merge_now(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        survivor: Id,
        other: Id,
        take: &[String],
        idempotency: Option<&Idempotency>,
    ) -> Result<MergeDone, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        Self::writable(caller, object, Verb::Delete)?;
        if !object.mergeable || survivor == other {
            return Err(AppError::NotMergeable);
        }
        let take = take
            .iter()
            .map(|key| {
                object
                    .field(key)
                    .map(|(ix, _)| ix)
                    .filter(|ix| caller.policy.field(&object.key, *ix).is_none())
                    .ok_or_else(|| AppError::Parameter {
                        name: "take",
                        value: key.chars().take(60).collect(),
                    })
            })
            .collect::<Result<Vec<FieldIx>, _>>()?;
        let w = &caller.workspace;
        for _ in 0..TRIES {
            let keep = self.raw(caller, object, survivor, DeletedScope::Live).await?;
            let gone = self.raw(caller, object, other, DeletedScope::Live).await?;
            if keep.id() == gone.id() {
                return Err(AppError::NotMergeable);
            }
            self.may(caller, object, &keep, Verb::Update).await?;
            self.may(caller, object, &gone, Verb::Delete).await?;
            let (rows, rows_of_survivor) = self.rows_to_move(w, object, keep.id(), gone.id()).await?;
            let keys = self.external_keys_of(w, &object.key, gone.id()).await?;
            let context = self.context(caller);
            let operation = self.ids.next(context.now);
            let image = |r: &Record| {
                w.catalog()
                    .object(&r.object)
                    .map(|o| layout::image(o, r))
                    .unwrap_or_default()
            };
            let (places, above) = self.places(caller, object, &keep, &gone, &take).await?;
            let plan = Merge {
                survivor: &keep,
                other: &gone,
                take: &take,
                places: &places,
                keys: &keys,
                rows: &rows,
                rows_of_survivor: &rows_of_survivor,
                operation,
            };
            let writer = self.writer(caller, &context);
            let mut merged = merge::merge(&writer, &plan, image).ok_or(AppError::NotMergeable)?;
            merged.batch.guards.extend(above);
            let after = merged.batch.changes.iter().filter_map(|c| {
                if let Change::Update { after, .. } = c {
                    Some((after.id(), image(after)))
                } else {
                    None
                }
            });
            let kept = Kept {
                object: object.key.clone(),
                survivor: keep.id(),
                other: gone.id(),
                at: context.now,
                after: after.collect(),
                keys: keys
                    .iter()
                    .map(|k| (k.source.to_string(), k.key.to_string()))
                    .collect(),
            };
            merged.batch.changes.push(Change::Image {
                operation,
                object: OPERATION.into(),
                id: operation,
                version_after: 0,
                before: Some(serde_json::to_string(&kept).unwrap_or_default().into()),
            });
            self.remember(
                caller,
                &context,
                idempotency,
                &[keep.id(), operation],
                200,
                &mut merged.batch,
            );
            // The rows of other objects move whoever owns them: the rights on the two records were asked above.
            let all = Policy::all(caller.actor);
            match self.store.apply(&context, &w.layout, &all, &merged.batch).await {
                Ok(()) => {
                    let survivor = self.get(caller, object, keep.id()).await?;
                    return Ok(MergeDone { operation, survivor });
                }
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Changed {
            id: survivor,
            version: 0,
            fields: Vec::new(),
        })
    }

    /// Does the verb reach this record?
    pub(crate) async fn may(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        record: &Record,
        verb: Verb,
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let scope = if record.is_deleted() {
            DeletedScope::Deleted
        } else {
            DeletedScope::Live
        };
        let ids = [record.id()];
        let asked = ByIds::of(&object.key, &ids)
            .verb(verb)
            .deleted(scope)
            .only(Some(&[]));
        let found = self.store.by_ids(w.id, &w.layout, &caller.policy, &asked).await?;
        if found.is_empty() {
            Err(AppError::Forbidden)
        } else {
            Ok(())
        }
    }

    /// What the survivor stands under after a merge, and what was read to know it. Of two of which one stands under the
    /// other, however far, the survivor stands where the upper one stood: it is never under itself.
    async fn places(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        keep: &Record,
        gone: &Record,
        take: &[FieldIx],
    ) -> Result<(Vec<(FieldIx, Value)>, Vec<Guard>), AppError> {
        let (mut places, mut read) = (Vec::new(), Vec::new());
        for ix in upwards(object) {
            let (mine, theirs) = (keep.get(ix).as_id(), gone.get(ix).as_id());
            let wished = theirs.filter(|_| take.contains(&ix));
            let mut place = Value::Null;
            for id in [wished, mine, theirs].into_iter().flatten() {
                let ends = [keep.id(), gone.id()];
                if let Some(above) = self.above(caller, object, ix, id, &ends).await? {
                    read.extend(above);
                    place = Value::Id(id);
                    break;
                }
            }
            places.push((ix, place));
        }
        Ok((places, read))
    }

    async fn rows_to_move(
        &self,
        w: &Workspace,
        object: &ObjectDef,
        survivor: Id,
        other: Id,
    ) -> Result<(Vec<Linked>, Vec<Linked>), AppError> {
        let (mut rows, mut of_survivor) = (Vec::new(), Vec::new());
        for (linking, field) in w.catalog().links_to(&object.key) {
            if merge::road(linking, field) != Road::RowByRow {
                continue;
            }
            let found = self.linked(w, linking, field, other, MOST_ROWS + 1).await?;
            if found.len() > MOST_ROWS {
                return Err(AppError::Store(StoreError::Conflict(Conflict::Limit(
                    "merge".to_owned(),
                ))));
            }
            if found.is_empty() {
                continue;
            }
            let theirs = self.linked(w, linking, field, survivor, MOST_ROWS).await?;
            let linked = |record| Linked { field, record };
            rows.extend(found.into_iter().map(linked));
            of_survivor.extend(theirs.into_iter().map(linked));
        }
        Ok((rows, of_survivor))
    }

    async fn external_keys_of(
        &self,
        w: &Workspace,
        object: &str,
        record: Id,
    ) -> Result<Vec<ExternalKey>, AppError> {
        let t = &SIDE.external_key;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        let text = |r: &peyvand_store::Row, c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
        Ok(self
            .store
            .rows(RowsCall::new(t, &key))
            .await?
            .iter()
            .filter(|r| r[t.at("object")].text() == Some(object))
            .map(|r| ExternalKey {
                object: object.into(),
                record,
                source: text(r, "source").into(),
                key: text(r, "key").into(),
            })
            .collect())
    }

    async fn kept(&self, w: &Workspace, operation: Id) -> Result<Option<Kept>, AppError> {
        let t = &SIDE.image;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("operation_id", operation.into()),
            ("record_id", operation.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        Ok(rows
            .first()
            .filter(|r| r[t.at("object")].text() == Some(OPERATION))
            .and_then(|r| r[t.at("before")].text())
            .and_then(|s| serde_json::from_str(s).ok()))
    }

    /// Takes a merge back, and gives the record that comes back. What was changed since the merge stays changed. A
    /// later merge that stands on this one must be undone first.
    pub async fn unmerge(&self, caller: &Caller, operation: Id) -> Result<Record, AppError> {
        self.unmerge_once(caller, operation, None).await
    }

    /// The same with an idempotency key: the same request again changes nothing and gives the record that came back.
    pub async fn unmerge_once(
        &self,
        caller: &Caller,
        operation: Id,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        let _doing = self.begin(caller, idempotency)?;
        if let Some(done) = self.unmerged_before(caller, idempotency).await? {
            return Ok(done);
        }
        match self.unmerge_now(caller, operation, idempotency).await {
            Ok(r) => Ok(r),
            Err(e) => match self.unmerged_before(caller, idempotency).await? {
                Some(done) => Ok(done),
                None => Err(e),
            },
        }
    }

    async fn unmerged_before(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Record>, AppError> {
        let Some(ids) = self.answered(caller, idempotency).await? else {
            return Ok(None);
        };
        let id = *ids.first().ok_or(AppError::NotFound)?;
        let w = &caller.workspace;
        let t = &SIDE.record;
        let key = [("workspace_id", i64::from(w.id.0).into()), ("id", id.into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let object = rows
            .first()
            .and_then(|r| r[t.at("object")].text())
            .and_then(|o| w.catalog().object(o))
            .ok_or(AppError::NotFound)?;
        self.get(caller, object, id).await.map(Some)
    }

    async fn unmerge_now(
        &self,
        caller: &Caller,
        operation: Id,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        let w = &caller.workspace;
        for _ in 0..TRIES {
            let kept = self.kept(w, operation).await?.ok_or(AppError::NotFound)?;
            let object = Arc::clone(w.catalog().object(&kept.object).ok_or(AppError::NotFound)?);
            Self::writable(caller, &object, Verb::Update)?;
            let mut touched = self.touched(w, operation, &kept).await?;
            let survivor = touched.remove(&kept.survivor);
            let other = touched.remove(&kept.other);
            let (Some(survivor), Some(other)) = (survivor, other) else {
                return Err(AppError::NotFound);
            };
            if let Some(later) = self.stands_on(w, operation, &kept, &survivor).await? {
                return Err(AppError::LaterMerge { operation: later });
            }
            self.may(caller, &object, &survivor.now, Verb::Update).await?;
            let mut rows: Vec<Touched> = touched.into_values().collect();
            rows.sort_by_key(|r| r.now.id());
            let mut keys = self.external_keys_of(w, &object.key, kept.survivor).await?;
            keys.retain(|k| kept.keys.iter().any(|(s, n)| **s == *k.source && **n == *k.key));
            let context = self.context(caller);
            let plan = Unmerge {
                survivor: &survivor,
                other: &other,
                rows: &rows,
                keys: &keys,
                operation,
            };
            let writer = self.writer(caller, &context);
            let mut batch = merge::unmerge(&writer, &plan).ok_or(AppError::NotFound)?;
            self.remember(caller, &context, idempotency, &[kept.other], 200, &mut batch);
            let all = Policy::all(caller.actor);
            match self.store.apply(&context, &w.layout, &all, &batch).await {
                Ok(()) => return self.get(caller, &object, kept.other).await,
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Changed {
            id: operation,
            version: 0,
            fields: Vec::new(),
        })
    }

    /// The rows that the merge changed and that are still there.
    async fn touched(
        &self,
        w: &Workspace,
        operation: Id,
        kept: &Kept,
    ) -> Result<HashMap<Id, Touched>, AppError> {
        let t = &SIDE.image;
        let mut out = HashMap::new();
        let mut last = Id::NIL;
        loop {
            let key = [
                ("workspace_id", i64::from(w.id.0).into()),
                ("operation_id", operation.into()),
            ];
            let call = RowsCall::new(t, &key)
                .bound("record_id", Bound::Gt, last)
                .order("record_id", false);
            let rows = self.store.rows(call).await?;
            let full = rows.len() == 1000;
            for r in &rows {
                let Some(id) = r[t.at("record_id")].uuid() else {
                    continue;
                };
                last = id;
                let name = r[t.at("object")].text().unwrap_or_default();
                let Some(object) = w.catalog().object(name).filter(|_| id != operation) else {
                    continue;
                };
                let before = r[t.at("before")]
                    .text()
                    .and_then(|s| layout::from_image(object, s));
                let merged = kept.after.get(&id).and_then(|s| layout::from_image(object, s));
                let now = self.any(w, name, id).await?;
                if let (Some(before), Some(merged), Some(now)) = (before, merged, now) {
                    out.insert(id, Touched { before, merged, now });
                }
            }
            if !full {
                return Ok(out);
            }
        }
    }

    /// A later merge, not undone, that took the survivor into another record or replaced a value that this one set.
    async fn stands_on(
        &self,
        w: &Workspace,
        operation: Id,
        kept: &Kept,
        survivor: &Touched,
    ) -> Result<Option<Id>, AppError> {
        let to = self
            .store
            .resolve_alias(w.id, &kept.object, kept.survivor)
            .await?;
        let mine = merge::replaced(&survivor.before, &survivor.merged);
        let mut at = vec![kept.survivor];
        if to != kept.survivor {
            at.push(to);
        }
        for record in at {
            for later in self.merges_into(w, record, kept.at).await? {
                if later == operation {
                    continue;
                }
                let Some(other) = self.kept(w, later).await? else {
                    continue;
                };
                if other.other == kept.survivor {
                    return Ok(Some(later));
                }
                if other.survivor != kept.survivor || other.at < kept.at {
                    continue;
                }
                let touched = self.touched(w, later, &other).await?;
                let Some(t) = touched.get(&kept.survivor) else {
                    continue;
                };
                if later > operation
                    && merge::replaced(&t.before, &t.merged)
                        .iter()
                        .any(|ix| mine.contains(ix))
                {
                    return Ok(Some(later));
                }
            }
        }
        // A chain may lead further than one step.
        if to != kept.survivor && survivor.now.is_deleted() {
            return Ok(Some(operation));
        }
        Ok(None)
    }

    /// The merges into a record since an instant, told by its audit log.
    async fn merges_into(&self, w: &Workspace, record: Id, since: Instant) -> Result<Vec<Id>, AppError> {
        let t = &SIDE.audit;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        let call = RowsCall::new(t, &key)
            .bound("at", Bound::Ge, since.micros())
            .order("at", true)
            .limit(100_000);
        let mut out = Vec::new();
        for r in self.store.rows(call).await? {
            if r[t.at("action")].text() != Some(AuditAction::Merge.key()) {
                continue;
            }
            let sealed = r[t.at("detail")].bytes().unwrap_or_default();
            let id: Option<Id> = self
                .store
                .open_audit(w.id, record, sealed)
                .await?
                .and_then(|d| serde_json::from_str::<serde_json::Value>(&d).ok())
                .and_then(|d| d.get("operation")?.as_str()?.parse().ok());
            out.extend(id);
        }
        Ok(out)
    }
}
