//! The tags of records in files: they go out as a column of names, and come in again by that column. A tag that is not
//! there yet is made, when the caller may make tags.

use std::collections::{HashMap, HashSet};

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::tag;
use peyvand_core::{Context, Id};
use peyvand_exchange::{Cell, Row};
use peyvand_record::codec::{self, FieldErrorCode, Mode};
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::Query;
use peyvand_record::{AuditAction, Batch, Change};
use peyvand_store::ports::Step;
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::bulk::{OnDuplicate, Outcome, Written};
use super::plan::Plan;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::marks::mark;

/// The column of a file that names tags, and what a mapping calls where it goes.
pub const TAGS: &str = "tags";
/// The object under which an import puts down that a record got a tag.
pub(super) const CARRIED: &str = "@tag";
/// Records whose tags are read in one question, and tags that are put on in one transaction.
const TOGETHER: usize = 250;
/// Most tags of the records of one question.
const MOST: u32 = 100_000;

/// Do files of this object have a column of tags?
#[must_use]
pub fn takes_tags(object: &ObjectDef) -> bool {
    object.spine && object.field(TAGS).is_none()
}

/// The names of tags in a cell; as a list of JSON where cells are JSON, or where a name has the separator in it.
pub(super) fn tags_cell(names: &[String], json: bool) -> Cell {
    if names.is_empty() {
        return Cell::Empty;
    }
    let odd = |n: &String| n.contains([';', '؛', '\n']) || n.starts_with('[');
    if json || names.iter().any(odd) {
        return Cell::Json(serde_json::json!(names).to_string());
    }
    Cell::text(names.join("; "))
}

/// The names that stand in a cell, each once.
fn names_in(cell: &Cell) -> Vec<String> {
    let text = cell.as_text();
    let text = text.trim();
    let list: Vec<String> = match serde_json::from_str(text) {
        Ok(list) if text.starts_with('[') => list,
        _ => text.split([';', '؛', '\n']).map(str::to_owned).collect(),
    };
    let mut out: Vec<String> = Vec::new();
    for name in list.iter().map(|n| n.trim()).filter(|n| !n.is_empty()) {
        if !out.iter().any(|o| o == name) {
            out.push(name.to_owned());
        }
    }
    out
}

impl Plan {
    /// The tags that a row names.
    pub(super) fn tags_of(&self, row: &Row) -> Vec<String> {
        let cells = self.tags.iter().map(|at| row.cell(*at));
        cells.flat_map(names_in).collect()
    }
}

/// That a record got a tag by an import.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) object: String,
    pub(super) record: Id,
    pub(super) tag: Id,
    /// Was the record there before the import?
    pub(super) there: bool,
}

impl Carried {
    /// What it is put down under: the same for the same record and tag.
    fn id(&self) -> Id {
        let hash = Sha256::new()
            .chain_update(self.record.bytes())
            .chain_update(self.tag.bytes())
            .finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&hash[..16]);
        Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Puts the tag on the record, or takes it off.
    pub(super) fn step(&self, caller: &Caller, context: &Context, on: bool) -> Step {
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("tag_id", self.tag.into()),
            ("record_id", self.record.into()),
        ];
        mark(&SIDE.record_tag, &key, on, context.now)
    }

    /// The change of tags as the log tells it; that of a record which the import itself made is told with its making.
    pub(super) fn tell(&self, app: &App, caller: &Caller, context: &Context, batch: &mut Batch, on: bool) {
        let object = caller.workspace.catalog().object(&self.object);
        if let Some(object) = object.filter(|_| self.there) {
            let (none, tag) = (None, Some(self.tag.to_string()));
            let change = if on { (none, tag) } else { (tag, none) };
            let detail = serde_json::json!({"tag": [change.0, change.1]}).to_string();
            app.writer(caller, context)
                .entry(batch, AuditAction::Update, object, self.record, detail);
        }
    }
}

/// The tags that an import knows by now.
#[derive(Debug)]
pub(super) struct Known {
    by_name: HashMap<String, Id>,
    may_make: bool,
}

impl App {
    /// The names of the tags that the caller may read; `None` when they may read none.
    pub(super) async fn readable_tags(
        &self,
        caller: &Caller,
    ) -> Result<Option<HashMap<Id, String>>, AppError> {
        let w = &caller.workspace;
        if caller.policy.reach(tag::OBJECT, Verb::Read) == Reach::None
            || !caller.policy.sees(tag::OBJECT, tag::NAME)
        {
            return Ok(None);
        }
        let query = Query::of(tag::OBJECT).limit(500);
        let all = self.store.every(w.id, &w.layout, &caller.policy, query).await?;
        let named = all
            .iter()
            .filter_map(|r| Some((r.id(), r.get(tag::NAME).as_str()?.to_owned())));
        Ok(Some(named.collect()))
    }

    /// The tags that records carry, by record.
    pub(super) async fn carried(
        &self,
        caller: &Caller,
        records: &[Id],
    ) -> Result<HashMap<Id, HashSet<Id>>, AppError> {
        let t = &SIDE.record_tag;
        let mut out: HashMap<Id, HashSet<Id>> = HashMap::new();
        for chunk in records.chunks(TOGETHER) {
            let key = [("workspace_id", i64::from(caller.workspace.id.0).into())];
            let ids = chunk.iter().map(|id| SqlVal::from(*id)).collect();
            let call = RowsCall::new(t, &key).any_of("record_id", ids).limit(MOST);
            for row in self.store.rows(call).await? {
                if let (Some(r), Some(tag)) = (row[t.at("record_id")].uuid(), row[t.at("tag_id")].uuid()) {
                    out.entry(r).or_default().insert(tag);
                }
            }
        }
        Ok(out)
    }

    /// What an import begins with to know of tags.
    pub(super) async fn known_tags(&self, caller: &Caller) -> Result<Known, AppError> {
        let readable = self.readable_tags(caller).await?;
        let may_make = readable.is_some() && caller.policy.reach(tag::OBJECT, Verb::Create) != Reach::None;
        let mut by_name: HashMap<String, Id> = HashMap::new();
        for (id, name) in readable.unwrap_or_default() {
            // Of two that fold alike the older one has the name.
            let e = by_name.entry(peyvand_text::fold(&name)).or_insert(id);
            *e = (*e).min(id);
        }
        Ok(Known { by_name, may_make })
    }

    /// The tag of a name, made when there is none; `Err` holds why there is none. In a trial nothing is made, and what
    /// would be made has no id.
    pub(super) async fn tag_named(
        &self,
        caller: &Caller,
        known: &mut Known,
        name: &str,
        operation: Id,
        dry: bool,
    ) -> Result<Result<Option<Id>, codec::FieldError>, AppError> {
        let w = &caller.workspace;
        let folded = peyvand_text::fold(name);
        if let Some(id) = known.by_name.get(&folded) {
            return Ok(Ok(Some(*id)));
        }
        let (Some(object), Some(field)) = (
            w.catalog().object(tag::OBJECT),
            w.catalog().object(tag::OBJECT).and_then(|o| o.at(tag::NAME)),
        ) else {
            return Ok(Ok(None));
        };
        let edge = w.edge(caller.language, self.clock.now(), Mode::Create);
        let value = match codec::parse_text(field, name, &edge) {
            Ok(value) if known.may_make && !folded.is_empty() => value,
            Ok(_) => {
                let e = codec::FieldError::at(object, tag::NAME, FieldErrorCode::NoSuchRecord, name);
                return Ok(Err(e));
            }
            Err(e) => return Ok(Err(e)),
        };
        if dry {
            return Ok(Ok(None));
        }
        let mut context = self.context(caller);
        context.request = operation;
        let (record, mut batch) = match self
            .writer(caller, &context)
            .create(object, vec![(tag::NAME, value)])
        {
            Ok(made) => made,
            Err(mut errors) => return Ok(errors.pop().map_or(Ok(None), Err)),
        };
        batch.changes.push(Change::Image {
            operation,
            object: tag::OBJECT.into(),
            id: record.id(),
            version_after: record.version(),
            before: None,
        });
        match self
            .store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await
        {
            Ok(()) => {
                known.by_name.insert(folded, record.id());
                Ok(Ok(Some(record.id())))
            }
            // Somebody made it meanwhile.
            Err(StoreError::Conflict(_)) => {
                *known = self.known_tags(caller).await?;
                Ok(Ok(known.by_name.get(&folded).copied()))
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Puts the tags of a file on the records that were written: on those that the import made all of them, on those that
    /// were there what the policy lets in (`fill` where there is none, `overwrite` beside those that are there).
    pub(super) async fn import_tags(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        written: &[Written],
        tags: &HashMap<u64, Vec<Id>>,
        (operation, policy): (Id, OnDuplicate),
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let (mut wished, mut there) = (Vec::new(), Vec::new());
        for one in written.iter().filter(|one| *one.object == *object.key) {
            if let (Some(id), Some(tags)) = (one.id, tags.get(&one.row)) {
                match one.outcome {
                    Outcome::Created => {}
                    Outcome::Updated | Outcome::Unchanged => there.push(id),
                    _ => continue,
                }
                wished.push((id, tags));
            }
        }
        // Those that this import made before it was interrupted are its own as well.
        let made = self.made_by(caller, operation, &there).await?;
        there.retain(|id| !made.contains(id));
        let carried = self.carried(caller, &there).await?;
        let within = self
            .within_reach(w, &caller.policy, &object.key, &there, Verb::Update)
            .await?;
        let there: HashSet<Id> = there.into_iter().collect();
        let may = |id: &Id| match policy {
            _ if !there.contains(id) => true,
            OnDuplicate::Overwrite => within.contains(id),
            OnDuplicate::Fill => within.contains(id) && !carried.contains_key(id),
            _ => false,
        };
        let mut all: Vec<Carried> = Vec::new();
        for (record, tags) in wished.into_iter().filter(|(id, _)| may(id)) {
            let has = |tag: &Id| carried.get(&record).is_some_and(|c| c.contains(tag));
            all.extend(tags.iter().filter(|t| !has(t)).map(|tag| Carried {
                object: object.key.clone(),
                record,
                tag: *tag,
                there: there.contains(&record),
            }));
        }
        let mut context = self.context(caller);
        context.request = operation;
        for chunk in all.chunks(TOGETHER) {
            let mut batch = Batch::default();
            let mut steps = Vec::new();
            for one in chunk {
                one.tell(self, caller, &context, &mut batch, true);
                batch.changes.push(Change::Image {
                    operation,
                    object: CARRIED.into(),
                    id: one.id(),
                    version_after: 0,
                    before: serde_json::to_string(one).ok().map(Into::into),
                });
                steps.push(one.step(caller, &context, true));
            }
            self.store
                .apply_with(&context, &w.layout, &caller.policy, &batch, steps)
                .await?;
        }
        Ok(())
    }

    /// Those of the records that an operation made.
    async fn made_by(&self, caller: &Caller, operation: Id, ids: &[Id]) -> Result<HashSet<Id>, AppError> {
        let t = &SIDE.image;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("operation_id", operation.into()),
        ];
        let mut out = HashSet::new();
        for chunk in ids.chunks(TOGETHER) {
            let asked = chunk.iter().map(|id| SqlVal::from(*id)).collect();
            let rows = self
                .store
                .rows(RowsCall::new(t, &key).any_of("record_id", asked))
                .await?;
            let made = rows.iter().filter(|r| r[t.at("before")].text().is_none());
            out.extend(made.filter_map(|r| r[t.at("record_id")].uuid()));
        }
        Ok(out)
    }

    /// Does any record carry the tag?
    pub(super) async fn is_carried(&self, caller: &Caller, tag: Id) -> Result<bool, AppError> {
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("tag_id", tag.into()),
        ];
        let call = RowsCall::new(&SIDE.record_tag, &key).limit(1);
        Ok(!self.store.rows(call).await?.is_empty())
    }
}
