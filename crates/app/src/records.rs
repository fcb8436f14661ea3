//! Records of any object: list, get, create, change, delete, restore.

use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, ObjectDef, Writes};
use peyvand_core::{Context, Id};
use peyvand_domain::{Writer, merge};
use peyvand_record::codec::{self, Mode};
use peyvand_record::filter::{FilterContext, NoTags, check, parse};
use peyvand_record::policy::{FieldRule, Policy, Reach, Verb};
use peyvand_record::query::{Cursor, DeletedScope, Direction, Query, Sort};
use peyvand_record::{Batch, Filter, IdempotencyRow, Record, Value};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Most records on a page.
pub const MOST_PER_PAGE: u32 = 200;
/// Times that a decision is made anew when somebody else was faster. Each failure is another's success, so that many
/// writers on one record all come through.
pub(crate) const TRIES: u32 = 100;

/// What a list asks for, as it came.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// The filter, as text.
    pub filter: Option<String>,
    /// The sort: `-created_at,name`.
    pub sort: Option<String>,
    /// At most so many; 50 when not given.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only these fields, by comma.
    pub fields: Option<String>,
    /// Search as people type it.
    pub q: Option<String>,
    /// The recycle bin.
    pub deleted: bool,
    /// Count the matching records, up to 10,000.
    pub count: bool,
}

/// A page of records, ready to be shown.
#[derive(Debug)]
pub struct Listed {
    /// The object.
    pub object: Arc<ObjectDef>,
    /// The records, hidden fields emptied and masked ones masked.
    pub records: Vec<Record>,
    /// Positions of the fields to show.
    pub fields: Vec<FieldIx>,
    /// The next page.
    pub next: Option<String>,
    /// How many match: exact up to 10,000, 10,001 for more.
    pub count: Option<u64>,
    /// A search that stopped at its work limit.
    pub cut: bool,
}

/// Counts are exact up to here.
pub const COUNT_CAP: u64 = 10_000;

/// A key that makes a repeated request have one effect.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The caller's key.
    pub key: String,
    /// Method and route.
    pub route: String,
    /// SHA-256 of the body.
    pub hash: [u8; 32],
}

impl Idempotency {
    /// A key with the hash of its request.
    #[must_use]
    pub fn new(key: &str, route: &str, body: &[u8]) -> Self {
        Self {
            key: key.to_owned(),
            route: route.to_owned(),
            hash: Sha256::digest(body).into(),
        }
    }
}

type Json = serde_json::Map<String, serde_json::Value>;

impl App {
    /// The object with this plural, when the caller may read any of its records.
    pub fn object(&self, caller: &Caller, plural: &str) -> Result<Arc<ObjectDef>, AppError> {
        let object = caller
            .workspace
            .catalog()
            .by_plural(plural)
            .ok_or(AppError::NotFound)?;
        Ok(Arc::clone(object))
    }

    /// The fields that the caller may see, of those named (all, when none are).
    pub fn visible(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        named: Option<&str>,
    ) -> Result<Vec<FieldIx>, AppError> {
        let sees = |ix: FieldIx| {
            caller.policy.field(&object.key, ix) != Some(FieldRule::Hidden)
                && object
                    .at(ix)
                    .is_some_and(|f| f.class != peyvand_catalog::Class::Secret)
        };
        let Some(named) = named.filter(|n| !n.is_empty()) else {
            return Ok((0..object.fields.len())
                .map(|i| FieldIx(i as u16))
                .filter(|&ix| sees(ix))
                .collect());
        };
        let mut out = vec![system::ID, system::VERSION];
        for key in named.split(',').map(str::trim) {
            let (ix, _) =
                object
                    .field(key)
                    .filter(|(ix, _)| sees(*ix))
                    .ok_or_else(|| AppError::Parameter {
                        name: "fields",
                        value: key.to_owned(),
                    })?;
            if !out.contains(&ix) {
                out.push(ix);
            }
        }
        Ok(out)
    }

    /// A filter of the caller over an object.
    pub fn filter(&self, caller: &Caller, object: &ObjectDef, text: &str) -> Result<Filter, AppError> {
        let now = self.clock.now();
        let syntax = parse(text)?;
        let context = FilterContext {
            edge: caller.workspace.edge(caller.language, now, Mode::Patch),
            now,
            calendar: caller.workspace.calendar(),
            fiscal_start: 1,
            policy: &caller.policy,
            tags: &NoTags,
        };
        Ok(check(&syntax, caller.workspace.catalog(), &object.key, &context)?)
    }

    /// A page of records.
    pub async fn list(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        request: &ListRequest,
    ) -> Result<Listed, AppError> {
        let w = &caller.workspace;
        let fields = self.visible(caller, object, request.fields.as_deref())?;
        let limit = request.limit.unwrap_or(50);
        if limit == 0 || limit > MOST_PER_PAGE {
            return Err(AppError::Parameter {
                name: "limit",
                value: limit.to_string(),
            });
        }
        let filter = match request.filter.as_deref().map(str::trim).filter(|f| !f.is_empty()) {
            Some(text) => Some(self.filter(caller, object, text)?),
            None => None,
        };
        if let Some(q) = request.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
            let found = self
                .store
                .search(
                    w.id,
                    &w.layout,
                    &caller.policy,
                    &object.key,
                    q,
                    filter.as_ref(),
                    limit as usize,
                )
                .await?;
            let mut records = found.records;
            hide(&caller.policy, object, &mut records);
            return Ok(Listed {
                object: Arc::clone(object),
                records,
                fields,
                next: None,
                count: None,
                cut: found.cut,
            });
        }
        let mut query = Query::of(&object.key).limit(limit);
        query.filter = filter;
        query.sort = parse_sort(object, request.sort.as_deref())?;
        if request.deleted {
            query.deleted = DeletedScope::Deleted;
        }
        if let Some(c) = &request.cursor {
            let bad = || AppError::Parameter {
                name: "cursor",
                value: c.chars().take(40).collect(),
            };
            query.after = Some(Cursor::decode(c).map_err(|_| bad())?);
        }
        let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
        let count = if request.count {
            Some(
                self.store
                    .count(w.id, &w.layout, &caller.policy, &query, COUNT_CAP)
                    .await?,
            )
        } else {
            None
        };
        let mut records = page.records;
        hide(&caller.policy, object, &mut records);
        Ok(Listed {
            object: Arc::clone(object),
            records,
            fields,
            next: page.next.map(|c| c.encode()),
            count,
            cut: false,
        })
    }

    /// A record; an old id of a merged one leads to its survivor.
    pub async fn get(&self, caller: &Caller, object: &ObjectDef, id: Id) -> Result<Record, AppError> {
        let mut record = self.raw(caller, object, id, DeletedScope::Live).await?;
        hide(&caller.policy, object, std::slice::from_mut(&mut record));
        Ok(record)
    }

    pub(crate) async fn raw(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        deleted: DeletedScope,
    ) -> Result<Record, AppError> {
        let w = &caller.workspace;
        if let Some(r) = self
            .store
            .get(w.id, &w.layout, &caller.policy, &object.key, id, deleted)
            .await?
        {
            return Ok(r);
        }
        let to = self.store.resolve_alias(w.id, &object.key, id).await?;
        if to == id || deleted == DeletedScope::Deleted {
            return Err(AppError::NotFound);
        }
        self.store
            .get(w.id, &w.layout, &caller.policy, &object.key, to, deleted)
            .await?
            .ok_or(AppError::NotFound)
    }

    /// May the caller do this with any record of the object by a generic write?
    pub fn writable(caller: &Caller, object: &ObjectDef, verb: Verb) -> Result<(), AppError> {
        if object.writes != Writes::Generic || caller.policy.reach(&object.key, verb) == Reach::None {
            // A child has no rights of its own: the store holds its parent's against the change.
            let child = object.writes == Writes::Generic && !object.spine && object.parent.is_some();
            return if child { Ok(()) } else { Err(AppError::Forbidden) };
        }
        Ok(())
    }

    /// Makes a record. With an idempotency key, the same request again gives the same record.
    pub async fn create(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        json: &Json,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Create)?;
        if let Some(done) = self.repeated(caller, object, idempotency).await? {
            return Ok(done);
        }
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
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
        Self::writable(caller, object, Verb::Create)?;
        self.check_fields(caller, object, &values)?;
        self.check_links(caller, object, &values).await?;
        let context = self.context(caller);
        let (record, mut batch) = self
            .writer(caller, &context)
            .create(object, values)
            .map_err(AppError::Invalid)?;
        self.remember(caller, &context, idempotency, &record, 201, &mut batch);
        match self
            .store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await
        {
            Ok(()) => Ok(record),
            Err(e) => {
                // Two requests with one key at once: the one that came second answers like the first.
                if let Some(done) = self.repeated(caller, object, idempotency).await? {
                    return Ok(done);
                }
                Err(e.into())
            }
        }
    }

    pub(crate) fn writer<'a>(&'a self, caller: &'a Caller, context: &'a Context) -> Writer<'a> {
        Writer {
            catalog: caller.workspace.catalog(),
            context,
            ids: &self.ids,
        }
    }

    async fn repeated(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Record>, AppError> {
        let Some(i) = idempotency else { return Ok(None) };
        let t = &SIDE.idempotency;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("actor", caller.actor.id().into()),
            ("route", i.route.as_str().into()),
            ("key", i.key.as_str().into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        if row[t.at("hash")].bytes() != Some(&i.hash[..]) {
            return Err(AppError::KeyReused);
        }
        let id = row[t.at("result")]
            .text()
            .and_then(|s| s.parse::<Id>().ok())
            .ok_or(AppError::NotFound)?;
        // Rendered again under today's rights: whoever may no longer see it no longer sees it.
        self.get(caller, object, id).await.map(Some)
    }

    fn remember(
        &self,
        caller: &Caller,
        context: &Context,
        idempotency: Option<&Idempotency>,
        record: &Record,
        status: u16,
        batch: &mut Batch,
    ) {
        if let Some(i) = idempotency {
            batch.idempotency = Some(IdempotencyRow {
                actor: caller.actor.id(),
                route: i.route.as_str().into(),
                key: i.key.as_str().into(),
                hash: i.hash,
                status,
                result: record.id().to_string().into(),
                at: context.now,
            });
        }
    }

    /// Links must lead to live records that the caller may see: anything else is as good as not there.
    async fn check_links(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        use peyvand_record::codec::{Expected, FieldErrorCode};
        let w = &caller.workspace;
        let mut errors = Vec::new();
        for (ix, value) in values {
            let Some(f) = object.at(*ix) else { continue };
            let ids: Vec<Id> = match value {
                Value::Id(id) => vec![*id],
                Value::Ids(ids) => ids.clone(),
                _ => continue,
            };
            let Some(to) = f.to.as_deref() else { continue };
            let mut found = 0;
            if to == "*" {
                let t = &SIDE.record;
                let call = RowsCall::new(t, &[("workspace_id", i64::from(w.id.0).into())])
                    .any_of("id", ids.iter().map(|i| (*i).into()).collect());
                found += self.store.rows(call).await?.len();
            } else {
                found += self
                    .store
                    .by_ids(
                        w.id,
                        &w.layout,
                        &caller.policy,
                        to,
                        &ids,
                        Verb::Read,
                        DeletedScope::Live,
                        None,
                    )
                    .await?
                    .len();
            }
            if found < ids.len() {
                let shown = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                errors.push(codec::FieldError::of(
                    f,
                    FieldErrorCode::NotAnId,
                    &shown,
                    Expected::Nothing,
                ));
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(errors))
        }
    }

    fn check_fields(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        use peyvand_record::codec::{Expected, FieldErrorCode};
        let errors: Vec<_> = values
            .iter()
            .filter_map(|(ix, _)| {
                let f = object.at(*ix)?;
                match caller.policy.field(&object.key, *ix)? {
                    FieldRule::Hidden => Some(codec::FieldError::unknown(&f.key, "")),
                    FieldRule::ReadOnly | FieldRule::Masked => Some(codec::FieldError::of(
                        f,
                        FieldErrorCode::ReadOnly,
                        "",
                        Expected::Nothing,
                    )),
                }
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(errors))
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
        Self::writable(caller, object, Verb::Update)?;
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Patch);
        let values =
            codec::parse_json(caller.workspace.catalog(), object, json, &edge).map_err(AppError::Invalid)?;
        self.patch_values(caller, object, id, values, known_version).await
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
        Self::writable(caller, object, Verb::Update)?;
        self.check_fields(caller, object, &values)?;
        self.check_links(caller, object, &values).await?;
        for _ in 0..TRIES {
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
            let context = self.context(caller);
            let points = self.points_of(caller, object, &before).await?;
            let (after, batch) = self
                .writer(caller, &context)
                .patch(object, &before, values.clone(), &points)
                .map_err(AppError::Invalid)?;
            if batch.is_empty() {
                return Ok(before);
            }
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    let mut shown = after;
                    hide(&caller.policy, object, std::slice::from_mut(&mut shown));
                    return Ok(shown);
                }
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        let now = self.raw(caller, object, id, DeletedScope::Live).await?;
        Err(AppError::Changed {
            id: now.id(),
            version: now.version(),
            fields: Vec::new(),
        })
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
            .rows(RowsCall::new(t, &key).order("at", true).limit(steps as u32))
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

    /// The records behind the contact points of a record.
    pub(crate) async fn points_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        record: &Record,
    ) -> Result<Vec<Record>, AppError> {
        let ids = merge::point_ids(object, record);
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        Ok(self
            .store
            .by_ids(
                w.id,
                &w.layout,
                &all,
                "contact_point",
                &ids,
                Verb::Read,
                DeletedScope::Live,
                None,
            )
            .await?)
    }

    /// Puts a record into the recycle bin.
    pub async fn delete(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        version: Option<i64>,
    ) -> Result<(), AppError> {
        Self::writable(caller, object, Verb::Delete)?;
        self.moved(caller, object, id, version, DeletedScope::Live)
            .await
            .map(drop)
    }

    /// Takes a record out of the recycle bin.
    pub async fn restore(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        self.moved(caller, object, id, None, DeletedScope::Deleted).await
    }

    async fn moved(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        version: Option<i64>,
        from: DeletedScope,
    ) -> Result<Record, AppError> {
        for _ in 0..TRIES {
            let before = self.raw(caller, object, id, from).await?;
            if let Some(v) = version
                && v != before.version()
            {
                return Err(AppError::Changed {
                    id,
                    version: before.version(),
                    fields: Vec::new(),
                });
            }
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let (after, batch) = match from {
                DeletedScope::Live => writer.delete(object, &before),
                DeletedScope::Deleted => writer.restore(object, &before),
            };
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => return Ok(after),
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Changed {
            id,
            version: 0,
            fields: Vec::new(),
        })
    }
}

/// `-created_at,name` as sort keys.
fn parse_sort(object: &ObjectDef, text: Option<&str>) -> Result<Vec<Sort>, AppError> {
    let text = text.or(object.default_sort.as_deref()).unwrap_or_default();
    let mut out = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (direction, key) = match part.strip_prefix('-') {
            Some(k) => (Direction::Desc, k),
            None => (Direction::Asc, part),
        };
        let (field, _) = object
            .field(key)
            .filter(|(_, f)| f.sort)
            .ok_or_else(|| AppError::Parameter {
                name: "sort",
                value: key.chars().take(60).collect(),
            })?;
        out.push(Sort { field, direction });
    }
    if out.len() > 3 {
        return Err(AppError::Parameter {
            name: "sort",
            value: text.chars().take(60).collect(),
        });
    }
    Ok(out)
}

/// Empties hidden fields and masks masked ones.
fn hide(policy: &Policy, object: &ObjectDef, records: &mut [Record]) {
    if policy.unrestricted {
        return;
    }
    for i in 0..object.fields.len() {
        let ix = FieldIx(i as u16);
        let Some(rule) = policy.field(&object.key, ix) else {
            continue;
        };
        for r in records.iter_mut() {
            match rule {
                FieldRule::Hidden => r.set(ix, Value::Null),
                FieldRule::Masked => {
                    let masked = match r.get(ix) {
                        Value::Text(s) => Value::Text(mask(s).into()),
                        _ => Value::Null,
                    };
                    r.set(ix, masked);
                }
                FieldRule::ReadOnly => {}
            }
        }
    }
}

/// All but the last two characters as dots.
fn mask(text: &str) -> String {
    let n = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(i, c)| if i + 2 < n { '•' } else { c })
        .collect()
}
