//! Taking an import back: what it made goes into the recycle bin, what it changed becomes what it was, and what somebody
//! has changed since stays and is told.

use std::collections::{HashMap, HashSet};

use peyvand_catalog::FieldIx;
use peyvand_catalog::handles::tag;
use peyvand_core::Id;
use peyvand_domain::Writer;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::Verb;
use peyvand_record::{Batch, Change, ExternalKey, Record, Value};
use peyvand_store::ports::{Bound, OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Row, RowsCall, SqlVal, StoreError};
use serde::Serialize;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{CHANGES, touched};
use crate::transfer::bulk::{KEYS, SUMS};
use crate::transfer::tagged::{CARRIED, Carried};
use crate::transfer::unsay::ENTRY;

/// Records taken back in one transaction: with their contact points, keys and entries less than 3,000 rows.
const UNDONE_TOGETHER: u32 = 200;

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Records that the import had made, now in the recycle bin.
    pub deleted: u64,
    /// Records that are again what they were.
    pub restored: u64,
    /// Consents that it had brought and that are withdrawn.
    pub withdrawn: u64,
    /// Records that stay because somebody has changed or deleted them since: object and id.
    pub kept: Vec<(String, String)>,
}

struct Image {
    record: Id,
    object: String,
    version_after: i64,
    before: Option<String>,
    /// Keys of other systems that the record got: source and key.
    keys: Vec<(String, String)>,
    /// Are these the amounts of what lines were brought for?
    sums: bool,
}

impl Image {
    fn of(r: &Row) -> Option<Self> {
        let t = &SIDE.image;
        let mut image = Self {
            record: r[t.at("record_id")].uuid()?,
            object: r[t.at("object")].text()?.to_owned(),
            version_after: r[t.at("version_after")].int()?,
            before: r[t.at("before")].text().map(str::to_owned),
            keys: Vec::new(),
            sums: false,
        };
        if let Some(mut map) = image.before.as_deref().and_then(members) {
            let keys = map.remove(KEYS).map(serde_json::from_value);
            image.keys = keys.and_then(Result::ok).unwrap_or_default();
            image.sums = map.remove(SUMS).is_some();
            image.before = Some(serde_json::Value::Object(map).to_string());
        }
        Some(image)
    }

    /// Did the record get keys, and nothing else?
    fn only_keys(&self) -> bool {
        !self.keys.is_empty() && self.before.as_deref() == Some("{}")
    }
}

fn members(json: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_str(json).ok()
}

/// What has been done to a record since an operation began.
#[derive(Debug, Default)]
struct Since {
    /// Has anybody else changed it?
    others: bool,
    /// Fields that the operation itself changed, as they stood before it first did.
    stood: serde_json::Map<String, serde_json::Value>,
}

/// What is being taken back: the import, and when it began.
#[derive(Debug, Clone, Copy)]
struct Operation {
    id: Id,
    begun: i64,
}

impl App {
    /// Imports that did not come to their end, newest first.
    pub(super) async fn running_imports(&self, caller: &Caller) -> Result<Vec<Row>, AppError> {
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("kind", "import".into()),
            ("state", "running".into()),
        ];
        let call = RowsCall::new(&SIDE.transfer, &key)
            .order("created_at", true)
            .limit(200);
        Ok(self.store.rows(call).await?)
    }

    /// The newest import that did not come to its end; the same call goes on with it.
    pub async fn interrupted_import(&self, caller: &Caller) -> Result<Option<Id>, AppError> {
        let rows = self.running_imports(caller).await?;
        Ok(rows.first().and_then(|r| r[SIDE.transfer.at("id")].uuid()))
    }

    /// Takes an import back.
    ///
    /// # Errors
    /// `NotFound` for an id that no import has; what the store says. An undo that was interrupted can be called again.
    pub async fn undo_import(
        &self,
        caller: &Caller,
        id: Id,
        mut progress: impl FnMut(u64),
    ) -> Result<Undone, AppError> {
        let w: SqlVal = i64::from(caller.workspace.id.0).into();
        let t = &SIDE.transfer;
        let key = [("workspace_id", w.clone()), ("id", id.into())];
        let found = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let Some(mut transfer) = found.into_iter().next() else {
            return Err(AppError::NotFound);
        };
        let mut undone = Undone {
            withdrawn: self.unsay(caller, id).await?,
            ..Undone::default()
        };
        let operation = Operation {
            id,
            begun: id.made_at().micros(),
        };
        let brought = transfer[t.at("object")].text().map(str::to_owned);
        let mut made: Vec<Image> = Vec::new();
        let mut after: Option<Id> = None;
        loop {
            let t = &SIDE.image;
            let key = [("workspace_id", w.clone()), ("operation_id", id.into())];
            let mut call = RowsCall::new(t, &key)
                .order("record_id", false)
                .limit(UNDONE_TOGETHER);
            if let Some(a) = after {
                call = call.bound("record_id", Bound::Gt, a);
            }
            let images: Vec<Image> = self
                .store
                .rows(call)
                .await?
                .iter()
                .filter_map(Image::of)
                .collect();
            let Some(last) = images.last() else { break };
            after = Some(last.record);
            let mut images: Vec<Image> = images.into_iter().filter(|i| i.object != ENTRY).collect();
            let of_tags = images.extract_if(.., |i| i.object == CARRIED);
            let of_tags: Vec<Carried> = of_tags
                .filter_map(|i| serde_json::from_str(i.before.as_deref()?).ok())
                .collect();
            self.take_off(caller, operation, &of_tags).await?;
            if brought.as_deref() != Some(tag::OBJECT) {
                made.extend(images.extract_if(.., |i| i.object == tag::OBJECT));
            }
            self.undo_some(caller, operation, images, &mut undone).await?;
            progress(undone.deleted + undone.restored);
        }
        // A tag that the import made goes when nothing carries it any more.
        let mut unused = Vec::new();
        for image in made {
            if self.is_carried(caller, image.record).await? {
                undone.kept.push((image.object, image.record.to_string()));
            } else {
                unused.push(image);
            }
        }
        if !unused.is_empty() {
            self.undo_some(caller, operation, unused, &mut undone).await?;
        }
        let t = &SIDE.transfer;
        transfer[t.at("state")] = "undone".into();
        transfer[t.at("updated_at")] = self.clock.now().micros().into();
        self.store
            .engine()
            .apply(Plan::of(vec![Step::Insert {
                table: std::sync::Arc::clone(t),
                row: transfer,
                on_key: OnKey::Replace,
            }]))
            .await?;
        Ok(undone)
    }

    /// Takes tags off the records that got them.
    async fn take_off(
        &self,
        caller: &Caller,
        operation: Operation,
        tags: &[Carried],
    ) -> Result<(), AppError> {
        if tags.is_empty() {
            return Ok(());
        }
        let mut context = self.context(caller);
        context.request = operation.id;
        let mut batch = Batch::default();
        let steps = tags.iter().map(|one| one.step(caller, &context, false)).collect();
        for one in tags {
            one.tell(self, caller, &context, &mut batch, false);
        }
        let w = &caller.workspace;
        Ok(self
            .store
            .apply_with(&context, &w.layout, &caller.policy, &batch, steps)
            .await?)
    }

    async fn undo_some(
        &self,
        caller: &Caller,
        operation: Operation,
        images: Vec<Image>,
        undone: &mut Undone,
    ) -> Result<(), AppError> {
        let mut context = self.context(caller);
        // An undo that is called again must know its own changes from those of others.
        context.request = operation.id;
        let catalog = std::sync::Arc::clone(caller.workspace.catalog());
        let writer = Writer {
            catalog: &catalog,
            context: &context,
            ids: &self.ids,
            zone: &caller.workspace.settings.time_zone,
            teams: self.teams(caller.workspace.id),
        };
        let mut by_object: HashMap<String, Vec<Id>> = HashMap::new();
        for i in &images {
            by_object.entry(i.object.clone()).or_default().push(i.record);
        }
        let mut live: HashMap<Id, Record> = HashMap::new();
        for (object, ids) in &by_object {
            for r in self.live(caller, object, ids).await? {
                live.insert(r.id(), r);
            }
        }
        let keys = self.keys_of(caller, &images).await?;
        let mut batch = Batch::default();
        let (mut deleted, mut restored) = (0, 0);
        for image in images {
            let Some(def) = catalog.object(&image.object) else {
                continue;
            };
            let taken = |k: &&ExternalKey| {
                let got = |(source, key): &(String, String)| **source == *k.source && **key == *k.key;
                k.record == image.record && (image.before.is_none() || image.keys.iter().any(got))
            };
            // A key leads to the record whatever became of it since.
            if !image.keys.is_empty() {
                let drop = keys.iter().filter(taken).map(|k| Change::DropKey(k.clone()));
                batch.changes.extend(drop);
            }
            let Some(record) = live.get(&image.record) else {
                // In the recycle bin already: by an undo that was interrupted, or by somebody.
                if image.before.is_some() && !image.only_keys() {
                    undone.kept.push((image.object, image.record.to_string()));
                }
                continue;
            };
            let mut since = Since::default();
            if record.version() != image.version_after {
                since = self.since(caller, operation, image.record).await?;
            }
            if image.only_keys() && since.stood.is_empty() {
                restored += 1;
                continue;
            }
            if since.others {
                undone.kept.push((image.object, image.record.to_string()));
                continue;
            }
            // What a later row changed is not among what the first one did: it stood so before that row.
            let before = image.before.as_deref().map(|before| {
                let mut map = members(before).unwrap_or_default();
                for (field, value) in since.stood {
                    map.entry(field).or_insert(value);
                }
                map
            });
            match before {
                None => {
                    let (_, part) = writer.delete(def, record);
                    batch.append(part);
                    deleted += 1;
                    let drop = keys.iter().filter(taken).map(|k| Change::DropKey(k.clone()));
                    batch.changes.extend(drop);
                }
                Some(before) => {
                    let mut edge = caller.workspace.edge(caller.language, context.now, Mode::Patch);
                    edge.use_case = true;
                    let values: Vec<(FieldIx, Value)> =
                        codec::parse_json(&catalog, def, &before, &edge).unwrap_or_default();
                    let points = self.points_of(caller, def, record).await?;
                    match writer.patch(def, record, values, &points) {
                        Ok((_, part)) => {
                            batch.append(part);
                            restored += 1;
                        }
                        Err(_) => undone.kept.push((image.object, image.record.to_string())),
                    }
                }
            }
        }
        let settled = self.put_right(caller, operation, &batch).await?;
        self.settle_but(caller, &context, &mut batch, &settled).await?;
        let w = &caller.workspace;
        match self
            .store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await
        {
            Ok(()) => {
                undone.deleted += deleted;
                undone.restored += restored;
                Ok(())
            }
            Err(e @ StoreError::Conflict(_)) => Err(e.into()),
            Err(e) => Err(e.into()),
        }
    }

    /// Of what the lines of a batch belong to: what the undo itself puts right. The others were changed by somebody since,
    /// and follow the lines that are left.
    async fn put_right(
        &self,
        caller: &Caller,
        operation: Operation,
        batch: &Batch,
    ) -> Result<HashSet<Id>, AppError> {
        let ids: Vec<SqlVal> = touched(batch).keys().map(|(_, id)| (*id).into()).collect();
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("operation_id", operation.id.into()),
        ];
        let mut out = HashSet::new();
        for chunk in ids.chunks(250) {
            let call = RowsCall::new(&SIDE.image, &key).any_of("record_id", chunk.to_vec());
            for image in self.store.rows(call).await?.iter().filter_map(Image::of) {
                if !image.sums || !self.since(caller, operation, image.record).await?.others {
                    out.insert(image.record);
                }
            }
        }
        Ok(out)
    }

    async fn live(&self, caller: &Caller, object: &str, ids: &[Id]) -> Result<Vec<Record>, AppError> {
        let w = &caller.workspace;
        self.allowed(w, &caller.policy, object, ids, Verb::Read).await
    }

    async fn keys_of(&self, caller: &Caller, images: &[Image]) -> Result<Vec<ExternalKey>, AppError> {
        let t = &SIDE.external_key;
        let w: SqlVal = i64::from(caller.workspace.id.0).into();
        let made: Vec<SqlVal> = images
            .iter()
            .filter(|i| i.before.is_none() || !i.keys.is_empty())
            .map(|i| i.record.into())
            .collect();
        let mut out = Vec::new();
        for chunk in made.chunks(250) {
            let call = RowsCall::new(t, &[("workspace_id", w.clone())]).any_of("record_id", chunk.to_vec());
            for r in self.store.rows(call).await? {
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().into();
                if let Some(record) = r[t.at("record_id")].uuid() {
                    out.push(ExternalKey {
                        object: text("object"),
                        record,
                        source: text("source"),
                        key: text("key"),
                    });
                }
            }
        }
        Ok(out)
    }

    /// What has been done to the record since this operation began.
    async fn since(&self, caller: &Caller, operation: Operation, record: Id) -> Result<Since, AppError> {
        let w = &caller.workspace;
        let t = &SIDE.audit;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        let call = RowsCall::new(t, &key)
            .any_of("action", CHANGES.iter().map(|a| (*a).into()).collect())
            .order("at", false)
            .order("id", false);
        let mut out = Since::default();
        let mut begun = false;
        for row in self.store.rows(call).await? {
            if row[t.at("request")].uuid() != Some(operation.id) {
                out.others |= begun || row[t.at("at")].int() >= Some(operation.begun);
                continue;
            }
            if !begun {
                // What came before the operation changed the record is in what it found.
                (begun, out.others) = (true, false);
            }
            let sealed = row[t.at("detail")].bytes().unwrap_or_default();
            let detail = self.store.open_audit(w.id, record, sealed).await?;
            for (field, pair) in detail.as_deref().and_then(members).unwrap_or_default() {
                if let serde_json::Value::Array(pair) = pair
                    && let Some(stood) = pair.into_iter().next()
                    && field != "deleted_at"
                {
                    out.stood.entry(field).or_insert(stood);
                }
            }
        }
        Ok(out)
    }
}
