//! Writing many records: links resolved, what is there already found, a few hundred records in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::contact_point;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::Writer;
use peyvand_record::codec::{self, Expected, FieldError, FieldErrorCode};
use peyvand_record::derive;
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::Verb;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Change, ExternalKey, Filter, MoneyValue, Record, Value};
use peyvand_store::layout::lookup_column;
use peyvand_store::{RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Most records of one transaction.
pub const CHUNK: usize = 500;
/// Values asked for in one question.
const ASKED: usize = 250;
/// Resolved links kept in memory.
const KEPT: usize = 100_000;
/// The source under which records of another workspace keep their ids.
pub const OWN_SOURCE: &str = "peyvand";
/// Times that a change is decided anew when somebody else was faster.
const TRIES: u32 = 4;

/// What becomes of a record that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDuplicate {
    /// It stays as it is.
    #[default]
    Skip,
    /// Its empty fields are filled.
    Fill,
    /// Its fields take the new values; contact points are added to those it has.
    Overwrite,
    /// Another record is made, unless the file's own key says that it is the same one.
    Create,
    /// Nothing is written; the report asks.
    Ask,
}

impl std::str::FromStr for OnDuplicate {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s {
            "skip" => Self::Skip,
            "fill" => Self::Fill,
            "overwrite" => Self::Overwrite,
            "create" => Self::Create,
            "ask" => Self::Ask,
            other => return Err(other.to_owned()),
        })
    }
}

/// How the other end of a link is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// By a key of another system.
    Key(Arc<str>),
    /// By its id, here or in the workspace from which the file was exported.
    Id,
    /// By the value of a field (a name, a code), compared folded.
    Field(FieldIx),
}

/// The other end of a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Its object.
    pub object: Arc<str>,
    /// How it is known.
    pub by: By,
    /// The key or value.
    pub text: String,
}

/// A link that has yet to be resolved.
#[derive(Debug, Clone)]
pub struct Link {
    /// The field.
    pub field: FieldIx,
    /// Where it leads.
    pub target: Target,
    /// The record to make when there is none; `None` makes it an error.
    pub make: Option<Vec<(FieldIx, Value)>>,
    /// One of several links of the field.
    pub many: bool,
}

/// A record to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its object.
    pub object: Arc<ObjectDef>,
    /// Its key in the other system (the bulk writer's source).
    pub key: Option<String>,
    /// Its values.
    pub values: Vec<(FieldIx, Value)>,
    /// Its links.
    pub links: Vec<Link>,
    /// Records that belong to it, each with the link that leads to it.
    pub children: Vec<(FieldIx, Self)>,
    /// Amounts that are sums over the children: field here, field of the child.
    pub sums: Vec<(FieldIx, FieldIx)>,
    /// Row of the file in which it begins.
    pub row: u64,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new record.
    Created,
    /// A record was changed.
    Updated,
    /// The record is there and has nothing to gain.
    Unchanged,
    /// Another record is the same by the named field; nothing was written.
    Duplicate(String),
    /// It could not be written.
    Failed(Vec<FieldError>),
}

impl Outcome {
    /// The name under which it is reported.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Duplicate(_) => "duplicate",
            Self::Failed(_) => "failed",
        }
    }
}

/// A draft that has been dealt with.
#[derive(Debug, Clone)]
pub struct Written {
    /// Row of the file.
    pub row: u64,
    /// Key of the object.
    pub object: Arc<str>,
    /// The record.
    pub id: Option<Id>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Writes drafts in transactions, all under one operation, so that they can be taken back together.
#[derive(Debug)]
pub struct Bulk<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// The operation under which before-images are kept.
    pub operation: Id,
    /// The other system whose keys the drafts carry.
    pub source: Arc<str>,
    /// What becomes of records that are there already.
    pub policy: OnDuplicate,
    /// Look for the same record by unique fields, contact points and name with company?
    pub matching: bool,
    /// Only tell what would happen.
    pub dry: bool,
    known: HashMap<Target, Id>,
}

enum Attempt {
    Done(Vec<Written>, Vec<Draft>),
    Conflict(AppError, Vec<Draft>),
}

/// What is known about a draft before it is written.
#[derive(Default, Clone)]
struct Found {
    id: Option<Id>,
    existing: Option<Record>,
    by: Option<String>,
    in_bin: bool,
}

impl<'a> Bulk<'a> {
    /// A writer under an operation.
    #[must_use]
    pub fn new(app: &'a App, caller: &'a Caller, operation: Id, source: &str, policy: OnDuplicate) -> Self {
        Self {
            app,
            caller,
            operation,
            source: source.into(),
            policy,
            matching: false,
            dry: false,
            known: HashMap::new(),
        }
    }

    /// Writes drafts, at most [`CHUNK`] in a transaction. A draft that the database refuses does not hold the others.
    ///
    /// # Errors
    /// What is not about a single draft: no rights, no database.
    pub async fn write(&mut self, drafts: Vec<Draft>) -> Result<Vec<Written>, AppError> {
        let mut out = Vec::with_capacity(drafts.len());
        let mut queue: Vec<(Vec<Draft>, u32)> = Vec::new();
        let mut rest = drafts;
        while rest.len() > CHUNK {
            let tail = rest.split_off(CHUNK);
            queue.push((std::mem::replace(&mut rest, tail), 0));
        }
        queue.push((rest, 0));
        queue.reverse();
        while let Some((part, tries)) = queue.pop() {
            if part.is_empty() {
                continue;
            }
            match self.attempt(part).await? {
                Attempt::Done(written, later) => {
                    out.extend(written);
                    queue.push((later, 0));
                }
                Attempt::Conflict(error, mut part) => {
                    if part.len() > 1 {
                        let second = part.split_off(part.len() / 2);
                        queue.push((second, 0));
                        queue.push((part, 0));
                    } else if tries < TRIES && matches!(error, AppError::Store(_)) {
                        queue.push((part, tries + 1));
                    } else if let Some(draft) = part.pop() {
                        let fields = match &error {
                            AppError::Duplicate { fields } => fields.clone(),
                            e => e.code().to_owned(),
                        };
                        out.push(Written {
                            row: draft.row,
                            object: draft.object.key.as_str().into(),
                            id: None,
                            outcome: Outcome::Duplicate(fields),
                        });
                    }
                }
            }
        }
        Ok(out)
    }

    async fn attempt(&mut self, part: Vec<Draft>) -> Result<Attempt, AppError> {
        if self.known.len() > KEPT {
            self.known.clear();
        }
        let mut context = self.app.context(self.caller);
        // The audit log tells by this which changes were the operation's own.
        context.request = self.operation;
        let catalog = Arc::clone(self.caller.workspace.catalog());
        let writer = Writer {
            catalog: &catalog,
            context: &context,
            ids: &self.app.ids,
        };
        // Two drafts of one key in one transaction: the second one waits, so that it finds the first.
        let mut seen: HashSet<(String, String)> = HashSet::new();
        let (mut now, mut later) = (Vec::with_capacity(part.len()), Vec::new());
        for draft in part {
            let marks = marks(&draft, self.matching);
            if later.is_empty() && marks.iter().all(|m| !seen.contains(m)) {
                seen.extend(marks);
                now.push(draft);
            } else {
                later.push(draft);
            }
        }
        let mut fresh: HashMap<Target, Id> = HashMap::new();
        let mut batch = Batch::default();
        let mut found = self.by_keys(&now).await?;
        for (draft, f) in now.iter().zip(&mut found) {
            let id = *f.id.get_or_insert_with(|| self.app.ids.next(context.now));
            if let Some(key) = &draft.key {
                fresh.insert(self.own(draft, key), id);
            }
        }
        self.resolve(&now, &writer, &mut batch, &mut fresh).await?;
        if self.matching {
            self.find_same(&now, &mut found, &fresh).await?;
        }
        let mut written = Vec::with_capacity(now.len());
        for (draft, f) in now.iter().zip(found) {
            let outcome = self
                .one(draft, f, &writer, &mut batch, &mut fresh, &mut written)
                .await?;
            written.extend(outcome);
        }
        if !batch.is_empty() && !self.dry {
            self.app.twin_batch(self.caller, &mut batch).await?;
            let layout = &self.caller.workspace.layout;
            if let Err(e) = self
                .app
                .store
                .apply(&context, layout, &self.caller.policy, &batch)
                .await
            {
                return match e {
                    StoreError::Conflict(_) => {
                        now.append(&mut later);
                        Ok(Attempt::Conflict(e.into(), now))
                    }
                    e => Err(e.into()),
                };
            }
        }
        self.known.extend(fresh);
        Ok(Attempt::Done(written, later))
    }

    fn own(&self, draft: &Draft, key: &str) -> Target {
        Target {
            object: draft.object.key.as_str().into(),
            by: By::Key(Arc::clone(&self.source)),
            text: key.to_owned(),
        }
    }

    /// The records that carry the drafts' keys.
    async fn by_keys(&self, drafts: &[Draft]) -> Result<Vec<Found>, AppError> {
        let w = &self.caller.workspace;
        let mut wanted: HashMap<&str, Vec<String>> = HashMap::new();
        for d in drafts.iter().filter(|d| d.object.spine) {
            if let Some(k) = &d.key {
                wanted.entry(&d.object.key).or_default().push(k.clone());
            }
        }
        let mut ids: HashMap<(&str, String), Id> = HashMap::new();
        let mut records: HashMap<Id, Record> = HashMap::new();
        for (object, keys) in wanted {
            let hits = if &*self.source == OWN_SOURCE {
                self.by_id(object, &keys).await?
            } else {
                self.app
                    .store
                    .by_external_key(w.id, object, &self.source, &keys)
                    .await?
            };
            let all: Vec<Id> = hits.values().copied().collect();
            for r in self.read(object, &all).await? {
                records.insert(r.id(), r);
            }
            ids.extend(hits.into_iter().map(|(k, id)| ((object, k), id)));
        }
        Ok(drafts
            .iter()
            .map(|d| {
                let id = d
                    .key
                    .as_ref()
                    .and_then(|k| ids.get(&(d.object.key.as_str(), k.clone())))
                    .copied();
                let existing = id.and_then(|i| records.get(&i).cloned());
                Found {
                    id,
                    in_bin: id.is_some() && existing.is_none(),
                    existing,
                    by: None,
                }
            })
            .collect())
    }

    async fn read(&self, object: &str, ids: &[Id]) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        Ok(self
            .app
            .store
            .by_ids(
                w.id,
                &w.layout,
                &self.caller.policy,
                object,
                ids,
                Verb::Read,
                DeletedScope::Live,
                None,
            )
            .await?)
    }

    /// Finds the targets of all links, and makes those that may be made.
    async fn resolve(
        &self,
        drafts: &[Draft],
        writer: &Writer<'_>,
        batch: &mut Batch,
        fresh: &mut HashMap<Target, Id>,
    ) -> Result<(), AppError> {
        let all: Vec<&Link> = drafts
            .iter()
            .flat_map(|d| {
                d.links
                    .iter()
                    .chain(d.children.iter().flat_map(|(_, c)| c.links.iter()))
            })
            .collect();
        let mut wanted: HashMap<(Arc<str>, By), Vec<String>> = HashMap::new();
        let mut asked: HashSet<&Target> = HashSet::new();
        for link in &all {
            let t = &link.target;
            if !self.known.contains_key(t) && !fresh.contains_key(t) && asked.insert(t) {
                wanted
                    .entry((Arc::clone(&t.object), t.by.clone()))
                    .or_default()
                    .push(t.text.clone());
            }
        }
        for ((object, by), texts) in wanted {
            let hits = match &by {
                By::Key(source) => {
                    let w = &self.caller.workspace;
                    self.app
                        .store
                        .by_external_key(w.id, &object, source, &texts)
                        .await?
                }
                By::Id => self.by_id(&object, &texts).await?,
                By::Field(ix) => self.by_field(&object, *ix, &texts).await?,
            };
            for (text, id) in hits {
                fresh.insert(
                    Target {
                        object: Arc::clone(&object),
                        by: by.clone(),
                        text,
                    },
                    id,
                );
            }
        }
        for link in all {
            let t = &link.target;
            let Some(make) = &link.make else { continue };
            if self.known.contains_key(t) || fresh.contains_key(t) {
                continue;
            }
            let Some(def) = writer.catalog.object(&t.object) else {
                continue;
            };
            // What cannot be made is reported with the row that needs it, as a link that leads nowhere.
            let Ok((record, part)) = writer.create(def, make.clone()) else {
                continue;
            };
            batch.append(part);
            self.image(batch, def, record.id(), record.version(), None);
            if let By::Key(source) = &t.by {
                batch.changes.push(Change::PutKey(ExternalKey {
                    object: def.key.as_str().into(),
                    record: record.id(),
                    source: (**source).into(),
                    key: t.text.as_str().into(),
                }));
            }
            fresh.insert(t.clone(), record.id());
        }
        Ok(())
    }

    /// Records by their id, here or where they were exported.
    async fn by_id(&self, object: &str, texts: &[String]) -> Result<HashMap<String, Id>, AppError> {
        let w = &self.caller.workspace;
        let ids: Vec<Id> = texts.iter().filter_map(|t| t.parse().ok()).collect();
        let mut hits = self
            .app
            .store
            .by_external_key(w.id, object, OWN_SOURCE, texts)
            .await?;
        for r in self.read(object, &ids).await? {
            hits.insert(r.id().to_string(), r.id());
        }
        Ok(hits)
    }

    /// Records by the value of one field, compared as search folds it.
    async fn by_field(
        &self,
        object: &str,
        ix: FieldIx,
        texts: &[String],
    ) -> Result<HashMap<String, Id>, AppError> {
        let Some(def) = self.caller.workspace.catalog().object(object) else {
            return Ok(HashMap::new());
        };
        let Some(field) = def.at(ix) else {
            return Ok(HashMap::new());
        };
        let folds = matches!(
            field.stored(),
            FieldType::Text | FieldType::LongText | FieldType::PersonName
        );
        let compared = |t: &str| {
            if folds {
                peyvand_text::fold(t)
            } else {
                t.to_owned()
            }
        };
        let mut by_value: HashMap<String, Id> = HashMap::new();
        for chunk in texts.chunks(ASKED) {
            let values = chunk.iter().map(|t| SqlVal::Text(compared(t))).collect();
            for r in self.look_up(object, &[], ix, values).await? {
                let value = if folds {
                    derive::fold_of(field, r.get(ix))
                } else {
                    r.get(ix).as_str().map(str::to_owned)
                };
                // Of several with one name the oldest is meant.
                if let Some(v) = value {
                    let e = by_value.entry(v).or_insert_with(|| r.id());
                    *e = (*e).min(r.id());
                }
            }
        }
        Ok(texts
            .iter()
            .filter_map(|t| by_value.get(&compared(t)).map(|id| (t.clone(), *id)))
            .collect())
    }

    /// The live records whose field has one of these values as the database keeps them, and whose other fields have
    /// these. Asked without an order: with one, the planner walks through all records in that order rather than look
    /// into the index of the field. What is found is read under the policy.
    async fn look_up(
        &self,
        object: &str,
        equal: &[(FieldIx, SqlVal)],
        field: FieldIx,
        values: Vec<SqlVal>,
    ) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        let Some(l) = w.layout.object(object) else {
            return Ok(Vec::new());
        };
        let column = |ix: FieldIx| {
            let at = lookup_column(l.slot(ix)?)?;
            l.table.columns.get(at).map(|c| c.name.clone())
        };
        let mut key: Vec<(String, SqlVal)> = vec![
            ("workspace_id".to_owned(), i64::from(w.id.0).into()),
            ("deleted_at".to_owned(), SqlVal::Null),
        ];
        if let Some(c) = l.object_column.and_then(|at| l.table.columns.get(at)) {
            key.push((c.name.clone(), object.into()));
        }
        for (ix, v) in equal {
            let Some(c) = column(*ix) else {
                return Ok(Vec::new());
            };
            key.push((c, v.clone()));
        }
        let Some(c) = column(field) else {
            return self.ask(object, field, &values).await;
        };
        let key: Vec<(&str, SqlVal)> = key.iter().map(|(c, v)| (c.as_str(), v.clone())).collect();
        let call = RowsCall::new(&l.table, &key).any_of(&c, values).limit(5000);
        let at = l.table.at("id");
        let ids: Vec<Id> = self
            .app
            .store
            .rows(call)
            .await?
            .iter()
            .filter_map(|r| r.get(at).and_then(SqlVal::uuid))
            .collect();
        self.read(object, &ids).await
    }

    /// The records whose custom field has one of these texts.
    async fn ask(&self, object: &str, field: FieldIx, values: &[SqlVal]) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        let list = values
            .iter()
            .filter_map(|v| v.text().map(|t| Operand::Text(t.into())))
            .collect();
        let filter = Filter {
            object: object.into(),
            root: Node::Test(Test {
                field,
                op: Op::In,
                operand: Operand::List(list),
            }),
        };
        let q = Query::of(object).filter(filter).limit(5000);
        Ok(self
            .app
            .store
            .page(w.id, &w.layout, &self.caller.policy, &q)
            .await?
            .records)
    }

    /// Records that are the same as a draft by a unique field, a contact point, or name and company.
    async fn find_same(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        fresh: &HashMap<Target, Id>,
    ) -> Result<(), AppError> {
        let Some(object) = drafts.first().map(|d| Arc::clone(&d.object)) else {
            return Ok(());
        };
        for (i, f) in object.fields.iter().enumerate().filter(|(_, f)| f.unique) {
            let ix = FieldIx(i as u16);
            let texts: Vec<String> = drafts.iter().filter_map(|d| text_of(d, ix)).collect();
            if texts.is_empty() {
                continue;
            }
            let hits = self.by_field(&object.key, ix, &texts).await?;
            self.take(drafts, found, &f.key, |d| {
                text_of(d, ix).and_then(|t| hits.get(&t).copied())
            })
            .await?;
        }
        if matches!(object.key.as_str(), "contact" | "company") {
            let link = if object.key == "contact" {
                contact_point::CONTACT_ID
            } else {
                contact_point::COMPANY_ID
            };
            let wanted: Vec<&str> = drafts
                .iter()
                .zip(found.iter())
                .filter(|(_, f)| f.existing.is_none())
                .flat_map(|(d, _)| points_of(d))
                .collect();
            let mut owners: HashMap<String, Id> = HashMap::new();
            for chunk in wanted.chunks(ASKED) {
                let values = chunk.iter().map(|t| SqlVal::from(*t)).collect();
                for p in self
                    .look_up("contact_point", &[], contact_point::NORMALISED, values)
                    .await?
                {
                    if let (Some(n), Some(id)) =
                        (p.get(contact_point::NORMALISED).as_str(), p.get(link).as_id())
                    {
                        let e = owners.entry(n.to_owned()).or_insert(id);
                        *e = (*e).min(id);
                    }
                }
            }
            self.take(drafts, found, "contact_point", |d| {
                points_of(d).find_map(|p| owners.get(p).copied())
            })
            .await?;
            self.same_name(drafts, found, fresh, &object).await?;
        }
        Ok(())
    }

    async fn same_name(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        fresh: &HashMap<Target, Id>,
        object: &Arc<ObjectDef>,
    ) -> Result<(), AppError> {
        let (title, field) = object.title_field();
        let company = object.field("company_id").map(|(ix, _)| ix);
        let named = |d: &Draft| {
            d.values
                .iter()
                .find(|(ix, _)| *ix == title)
                .and_then(|(_, v)| derive::fold_of(field, v))
        };
        let employer = |d: &Draft| {
            let ix = company?;
            d.links.iter().find(|l| l.field == ix).and_then(|l| {
                fresh
                    .get(&l.target)
                    .or_else(|| self.known.get(&l.target))
                    .copied()
            })
        };
        // A person's name alone does not tell who it is; a company's does.
        let asked = |d: &Draft| company.is_none() || employer(d).is_some();
        let wanted: Vec<(String, Option<Id>)> = drafts
            .iter()
            .zip(found.iter())
            .filter(|(d, f)| f.existing.is_none() && asked(d))
            .filter_map(|(d, _)| Some((named(d)?, employer(d))))
            .collect();
        let mut hits: HashMap<(String, Option<Id>), Id> = HashMap::new();
        type Question = (Vec<(FieldIx, SqlVal)>, Vec<SqlVal>);
        let questions: Vec<Question> = match company {
            None => wanted
                .chunks(ASKED)
                .map(|chunk| {
                    let names = chunk.iter().map(|(n, _)| n.as_str().into()).collect();
                    (Vec::new(), names)
                })
                .collect(),
            // One short look into the index of name and employer for each: lists of both would be crossed.
            Some(ix) => wanted
                .iter()
                .filter_map(|(n, c)| Some((vec![(ix, SqlVal::Uuid((*c)?))], vec![n.as_str().into()])))
                .collect(),
        };
        for (equal, names) in questions {
            for r in self.look_up(&object.key, &equal, title, names).await? {
                if let Some(n) = derive::fold_of(field, r.get(title)) {
                    let at = (n, company.and_then(|ix| r.get(ix).as_id()));
                    let e = hits.entry(at).or_insert_with(|| r.id());
                    *e = (*e).min(r.id());
                }
            }
        }
        self.take(drafts, found, &field.key, |d| {
            if asked(d) {
                hits.get(&(named(d)?, employer(d))).copied()
            } else {
                None
            }
        })
        .await
    }

    async fn take(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        by: &str,
        same: impl Fn(&Draft) -> Option<Id>,
    ) -> Result<(), AppError> {
        let hits: Vec<Option<Id>> = drafts
            .iter()
            .zip(found.iter())
            .map(|(d, f)| {
                if f.existing.is_none() && !f.in_bin {
                    same(d)
                } else {
                    None
                }
            })
            .collect();
        let ids: Vec<Id> = hits
            .iter()
            .flatten()
            .copied()
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        let Some(object) = drafts.first().map(|d| d.object.key.clone()) else {
            return Ok(());
        };
        let records: HashMap<Id, Record> = self
            .read(&object, &ids)
            .await?
            .into_iter()
            .map(|r| (r.id(), r))
            .collect();
        for (f, hit) in found.iter_mut().zip(hits) {
            if let Some(r) = hit.and_then(|id| records.get(&id)) {
                f.existing = Some(r.clone());
                f.by = Some(by.to_owned());
            }
        }
        Ok(())
    }

    /// Puts one draft with its children into the batch. Gives nothing when its children have told it already.
    async fn one(
        &self,
        draft: &Draft,
        mut found: Found,
        writer: &Writer<'_>,
        batch: &mut Batch,
        fresh: &mut HashMap<Target, Id>,
        written: &mut Vec<Written>,
    ) -> Result<Option<Written>, AppError> {
        let object: Arc<str> = draft.object.key.as_str().into();
        let tell = |id: Option<Id>, outcome: Outcome| {
            Some(Written {
                row: draft.row,
                object: Arc::clone(&object),
                id,
                outcome,
            })
        };
        let forget = |fresh: &mut HashMap<Target, Id>| {
            if let Some(k) = &draft.key {
                fresh.remove(&self.own(draft, k));
            }
        };
        if found.in_bin {
            forget(fresh);
            return Ok(tell(found.id, Outcome::Duplicate("deleted_at".to_owned())));
        }
        if self.policy == OnDuplicate::Create
            && found
                .by
                .as_deref()
                .is_some_and(|b| b == "contact_point" || b == "name")
        {
            found.existing = None;
            found.by = None;
        }
        let mut values = match self.with_links(draft, fresh) {
            Ok(v) => v,
            Err(errors) => {
                if found.existing.is_none() {
                    forget(fresh);
                }
                return Ok(tell(None, Outcome::Failed(errors)));
            }
        };
        let existing = found.existing.take();
        let id = existing
            .as_ref()
            .map_or_else(|| found.id.unwrap_or(Id::NIL), Record::id);
        let here = existing.as_ref();
        let told = written.len();
        let (added, sums) = self.children(draft, id, here, writer, fresh, written).await?;
        match existing {
            None => {
                values.extend(sums);
                let (record, part) = match writer.create_with_id(&draft.object, id, values) {
                    Ok(made) => made,
                    Err(errors) => {
                        // Without their parent the children are not written either.
                        for w in written.iter_mut().skip(told) {
                            w.id = None;
                            w.outcome = Outcome::Failed(errors.clone());
                        }
                        forget(fresh);
                        return Ok(tell(None, Outcome::Failed(errors)));
                    }
                };
                batch.append(part);
                self.image(batch, &draft.object, id, record.version(), None);
                self.put_key(batch, draft, id);
                self.add(batch, draft, added);
                Ok(tell(Some(id), Outcome::Created))
            }
            Some(before) => {
                if found.by.is_some()
                    && let Some(k) = &draft.key
                {
                    // The same record under another key: whoever links to the key means it.
                    fresh.insert(self.own(draft, k), before.id());
                }
                if self.policy == OnDuplicate::Ask {
                    return Ok(tell(
                        Some(id),
                        found.by.map_or(Outcome::Unchanged, Outcome::Duplicate),
                    ));
                }
                let mut change = match self.policy {
                    OnDuplicate::Fill => values
                        .into_iter()
                        .filter(|(ix, _)| before.get(*ix).is_null())
                        .collect(),
                    OnDuplicate::Overwrite => values
                        .into_iter()
                        .map(|(ix, v)| (ix, union(before.get(ix), v)))
                        .collect(),
                    _ => Vec::new(),
                };
                let grows = !added.is_empty();
                if grows {
                    change.extend(sums);
                }
                let has_points = change.iter().any(|(_, v)| matches!(v, Value::Points(_)));
                let stored = if has_points {
                    self.app.points_of(self.caller, &draft.object, &before).await?
                } else {
                    Vec::new()
                };
                let (after, part) = match writer.patch(&draft.object, &before, change, &stored) {
                    Ok(made) => made,
                    Err(errors) => return Ok(tell(Some(id), Outcome::Failed(errors))),
                };
                let changed = !part.is_empty();
                if changed {
                    batch.append(part);
                    let image = before_json(&draft.object, &before, &after);
                    self.image(batch, &draft.object, id, after.version(), Some(image));
                }
                if found.by.is_some() && self.policy != OnDuplicate::Skip {
                    self.put_key(batch, draft, id);
                }
                self.add(batch, draft, added);
                Ok(tell(
                    Some(id),
                    match found.by {
                        _ if changed || grows => Outcome::Updated,
                        Some(by) if self.policy == OnDuplicate::Skip => Outcome::Duplicate(by),
                        _ => Outcome::Unchanged,
                    },
                ))
            }
        }
    }

    fn put_key(&self, batch: &mut Batch, draft: &Draft, id: Id) {
        if let Some(key) = draft.key.as_ref().filter(|_| draft.object.spine) {
            batch.changes.push(Change::PutKey(ExternalKey {
                object: draft.object.key.as_str().into(),
                record: id,
                source: (*self.source).into(),
                key: key.as_str().into(),
            }));
        }
    }

    fn add(&self, batch: &mut Batch, draft: &Draft, added: Vec<(Record, Batch)>) {
        for (record, part) in added {
            batch.append(part);
            if let Some((_, child)) = draft.children.first() {
                self.image(batch, &child.object, record.id(), record.version(), None);
            }
        }
    }

    /// The children that are not there yet, and what the sums become with them.
    async fn children(
        &self,
        draft: &Draft,
        parent: Id,
        existing: Option<&Record>,
        writer: &Writer<'_>,
        fresh: &HashMap<Target, Id>,
        written: &mut Vec<Written>,
    ) -> Result<(Vec<(Record, Batch)>, Vec<(FieldIx, Value)>), AppError> {
        let Some((_, first)) = draft.children.first() else {
            return Ok((Vec::new(), Vec::new()));
        };
        let object: Arc<str> = first.object.key.as_str().into();
        let ids: Vec<Id> = draft
            .children
            .iter()
            .map(|(_, c)| child_id(parent, c.key.as_deref().unwrap_or_default()))
            .collect();
        let there: HashSet<Id> = if existing.is_some() {
            self.read(&object, &ids).await?.iter().map(Record::id).collect()
        } else {
            HashSet::new()
        };
        let mut added = Vec::new();
        for ((link, child), id) in draft.children.iter().zip(ids) {
            let mut tell = |outcome| {
                written.push(Written {
                    row: child.row,
                    object: Arc::clone(&object),
                    id: Some(id),
                    outcome,
                });
            };
            if there.contains(&id) {
                tell(Outcome::Unchanged);
                continue;
            }
            let made = self.with_links(child, fresh).and_then(|mut values| {
                values.push((*link, Value::Id(parent)));
                writer.create_with_id(&child.object, id, values)
            });
            match made {
                Ok(m) => {
                    tell(Outcome::Created);
                    added.push(m);
                }
                Err(errors) => tell(Outcome::Failed(errors)),
            }
        }
        let sums =
            draft
                .sums
                .iter()
                .filter_map(|(to, of)| {
                    let start = existing.and_then(|r| r.get(*to).as_money().cloned());
                    let sum = added.iter().map(|(r, _)| r.get(*of)).fold(start, |sum, v| {
                        match (sum, v.as_money()) {
                            (Some(s), Some(m)) if s.currency == m.currency => Some(MoneyValue {
                                minor: s.minor.saturating_add(m.minor),
                                base: s.base.zip(m.base).map(|(a, b)| a.saturating_add(b)),
                                ..s
                            }),
                            (s, m) => s.or_else(|| m.cloned()),
                        }
                    });
                    sum.map(|m| (*to, Value::Money(m)))
                })
                .collect();
        Ok((added, sums))
    }

    fn image(&self, batch: &mut Batch, object: &ObjectDef, id: Id, version: i64, before: Option<String>) {
        batch.changes.push(Change::Image {
            operation: self.operation,
            object: object.key.as_str().into(),
            id,
            version_after: version,
            before: before.map(Into::into),
        });
    }

    fn with_links(
        &self,
        draft: &Draft,
        fresh: &HashMap<Target, Id>,
    ) -> Result<Vec<(FieldIx, Value)>, Vec<FieldError>> {
        let mut values = draft.values.clone();
        let mut errors = Vec::new();
        for link in &draft.links {
            let id = fresh
                .get(&link.target)
                .or_else(|| self.known.get(&link.target))
                .copied();
            match id {
                None => {
                    if let Some(f) = draft.object.at(link.field) {
                        errors.push(FieldError::of(
                            f,
                            FieldErrorCode::NoSuchRecord,
                            &link.target.text,
                            Expected::Nothing,
                        ));
                    }
                }
                Some(id) if link.many => match values.iter_mut().find(|(ix, _)| *ix == link.field) {
                    Some((_, Value::Ids(ids))) => {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                    _ => values.push((link.field, Value::Ids(vec![id]))),
                },
                Some(id) => values.push((link.field, Value::Id(id))),
            }
        }
        if errors.is_empty() {
            Ok(values)
        } else {
            Err(errors)
        }
    }
}

fn text_of(draft: &Draft, ix: FieldIx) -> Option<String> {
    draft
        .values
        .iter()
        .find(|(i, _)| *i == ix)
        .and_then(|(_, v)| v.as_str())
        .map(str::to_owned)
}

fn points_of(draft: &Draft) -> impl Iterator<Item = &str> {
    draft
        .values
        .iter()
        .filter_map(|(_, v)| if let Value::Points(p) = v { Some(p) } else { None })
        .flatten()
        .map(|p| &*p.normalised)
}

/// By what a draft could be the same as another of its chunk.
fn marks(draft: &Draft, matching: bool) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    if let Some(k) = &draft.key {
        out.push((format!("{}:key", draft.object.key), k.clone()));
    }
    if matching {
        out.extend(points_of(draft).map(|p| ("point".to_owned(), p.to_owned())));
        for (i, f) in draft.object.fields.iter().enumerate().filter(|(_, f)| f.unique) {
            out.extend(text_of(draft, FieldIx(i as u16)).map(|t| (f.key.clone(), t)));
        }
        if draft.object.key == "company" {
            out.extend(
                text_of(draft, draft.object.title_field().0)
                    .map(|t| ("name".to_owned(), peyvand_text::fold(&t))),
            );
        }
    }
    out
}

/// The contact points of both, those of `old` first; any other new value as it is.
fn union(old: &Value, new: Value) -> Value {
    match (old, new) {
        (Value::Points(old), Value::Points(new)) => {
            let mut all = old.clone();
            for mut p in new {
                if !all.iter().any(|o| o.normalised == p.normalised) {
                    p.primary = false;
                    all.push(p);
                }
            }
            Value::Points(all)
        }
        (_, new) => new,
    }
}

/// The values before a change, of the fields that it changed.
fn before_json(object: &ObjectDef, before: &Record, after: &Record) -> String {
    let map: serde_json::Map<String, serde_json::Value> = before
        .changed(after)
        .into_iter()
        .filter(|ix| ![system::VERSION, system::UPDATED_AT, system::UPDATED_BY].contains(ix))
        .filter_map(|ix| {
            let f = object.at(ix)?;
            Some((f.key.clone(), codec::value_to_json(f, before.get(ix))))
        })
        .collect();
    serde_json::Value::Object(map).to_string()
}

/// The id of a child: always the same for the same parent and key, and near its parent's in every index. Version 8 of
/// RFC 9562: the first 48 bits are the parent's, the others of a hash.
fn child_id(parent: Id, key: &str) -> Id {
    let hash = Sha256::new()
        .chain_update(parent.bytes())
        .chain_update(key.as_bytes())
        .finalize();
    let mut bytes = [0u8; 16];
    let head = parent.bytes();
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = if i < 6 { head[i] } else { hash[i] };
    }
    Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
