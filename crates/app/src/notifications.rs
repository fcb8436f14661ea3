//! What a person was told: their own notifications, newest first, how many wait, marking them as read; and telling people
//! what they were given.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::notification;
use peyvand_core::{Actor, Id, Instant, Via};
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::{Policy, Reach, Verb};
use peyvand_record::query::{Cursor, Direction, Query, Sort};
use peyvand_record::{Batch, Filter, Record, Value};
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, Conflict, RowsCall, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::MOST_PER_PAGE;
use crate::workspace::Workspace;

/// Unread notifications are counted up to here; one more stands for "more than that".
pub const UNREAD_CAP: u64 = 99;
/// A count is taken at its word this long; what this process itself tells or marks is seen at once.
const KNOWN_FOR: i64 = 10 * Instant::SECOND;
/// Most people whose count is remembered.
const MOST_KNOWN: usize = 10_000;
/// Most rounds of marking everything as read, of a page each.
const ROUNDS: usize = 100;

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Key of its object.
    pub object: String,
    /// The record.
    pub id: Id,
    /// Its title.
    pub title: String,
}

/// Several records at once: what one step gave to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many {
    /// Key of their object.
    pub object: String,
    /// How many.
    pub count: u64,
}

/// Work that was done in the background and has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What it was.
    pub work: Work,
    /// Its id: of the import, the export or the bulk edit.
    pub id: String,
}

/// A kind of work in the background whose end is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// An import that was begun in the pages.
    Import,
    /// An import that was begun over the interface.
    ImportTask,
    /// An export that was begun over the interface.
    ExportTask,
    /// A change of many records.
    BulkEdit,
}

impl Work {
    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::ImportTask => "import-task",
            Self::ExportTask => "export-task",
            Self::BulkEdit => "bulk-edit",
        }
    }
}

/// What a notification says besides its kind and its record.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<Work>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: Id,
    /// `assigned`, `mentioned`, `followed` and so on: a choice of the object.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// When it was read.
    pub read_at: Option<Instant>,
    /// Who did it, and their name.
    pub actor: Option<(Id, String)>,
    /// The record that it is about, when the reader may still see it.
    pub about: Option<About>,
    /// The records that it is about, when they are many.
    pub many: Option<Many>,
    /// The work whose end it tells.
    pub ended: Option<Ended>,
}

/// A page of notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// Newest first.
    pub list: Vec<Notice>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// The caller's own ones, all or those that were not read.
pub(crate) fn own(caller: &Caller, unread: bool) -> Query {
    let test = |field, operand| {
        Node::Test(Test {
            field,
            op: Op::Eq,
            operand,
        })
    };
    let mine = test(notification::USER_ID, Operand::Id(caller.actor.id()));
    let root = if unread {
        Node::All(vec![mine, test(notification::READ_AT, Operand::Null)])
    } else {
        mine
    };
    let mut query = Query::of(notification::OBJECT).filter(Filter {
        object: notification::OBJECT.into(),
        root,
    });
    query.sort = vec![Sort {
        field: system::CREATED_AT,
        direction: Direction::Desc,
    }];
    query
}

impl App {
    fn notification(caller: &Caller) -> Result<&ObjectDef, AppError> {
        caller
            .workspace
            .catalog()
            .object(notification::OBJECT)
            .map(AsRef::as_ref)
            .ok_or(AppError::NotFound)
    }

    /// The caller's own notifications, newest first, at most `limit` (1 to 200) after a cursor. Titles are those that the
    /// caller may read.
    ///
    /// # Errors
    /// A limit or a cursor that cannot be used.
    pub async fn notifications(
        &self,
        caller: &Caller,
        unread: bool,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Notices, AppError> {
        if limit == 0 || limit > MOST_PER_PAGE {
            return Err(AppError::Parameter {
                name: "limit",
                value: limit.to_string(),
            });
        }
        Self::hears(caller)?;
        let w = &caller.workspace;
        let mut query = own(caller, unread).limit(limit);
        if let Some(c) = cursor {
            query.after = Some(Cursor::decode(c).map_err(|_| AppError::Parameter {
                name: "cursor",
                value: c.chars().take(40).collect(),
            })?);
        }
        let page = self
            .store
            .page(w.id, &w.layout, &Policy::all(caller.actor), &query)
            .await?;
        Ok(Notices {
            list: self.notices(caller, &page.records).await?,
            next: page.next.map(|c| c.encode()),
        })
    }

    /// May the caller read what they are told? Everybody may; a token that was made for something else may not.
    pub(crate) fn hears(caller: &Caller) -> Result<(), AppError> {
        match caller.policy.reach(notification::OBJECT, Verb::Read) {
            Reach::None => Err(AppError::Forbidden),
            _ => Ok(()),
        }
    }

    async fn notices(&self, caller: &Caller, records: &[Record]) -> Result<Vec<Notice>, AppError> {
        let w = &caller.workspace;
        let mut targets: Vec<Id> = records
            .iter()
            .filter_map(|r| r.get(notification::TARGET_ID).as_id())
            .collect();
        targets.sort_unstable();
        targets.dedup();
        let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
        let mut objects: HashMap<Id, String> = HashMap::new();
        if !targets.is_empty() {
            let t = &SIDE.record;
            let call = RowsCall::new(t, &[("workspace_id", i64::from(w.id.0).into())])
                .any_of("id", targets.iter().map(|i| (*i).into()).collect());
            for row in self.store.rows(call).await? {
                if let (Some(object), Some(id)) = (row[t.at("object")].text(), row[t.at("id")].uuid()) {
                    wanted.entry(object.to_owned()).or_default().push(id);
                    objects.insert(id, object.to_owned());
                }
            }
        }
        let actors = records
            .iter()
            .filter_map(|r| r.get(notification::ACTOR_ID).as_id())
            .filter(|id| *id != Id::NIL);
        wanted.entry("user".to_owned()).or_default().extend(actors);
        let titles = self.titles(caller, &wanted).await?;
        Ok(records
            .iter()
            .map(|r| (r, details(r.get(notification::DATA))))
            .map(|(r, details)| Notice {
                id: r.id(),
                kind: r.get(notification::KIND).as_str().unwrap_or_default().to_owned(),
                at: r.get(system::CREATED_AT).as_instant().unwrap_or_default(),
                read_at: r.get(notification::READ_AT).as_instant(),
                actor: r
                    .get(notification::ACTOR_ID)
                    .as_id()
                    .and_then(|id| Some((id, titles.get(&id)?.clone()))),
                about: r.get(notification::TARGET_ID).as_id().and_then(|id| {
                    Some(About {
                        object: objects.get(&id)?.clone(),
                        id,
                        title: titles.get(&id)?.clone(),
                    })
                }),
                many: many(&details),
                ended: details.work.zip(details.id).map(|(work, id)| Ended { work, id }),
            })
            .collect())
    }

    /// How many of the caller's notifications were not read, counted up to [`UNREAD_CAP`] and one more.
    ///
    /// # Errors
    /// What the store says.
    pub async fn unread(&self, caller: &Caller) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let key = (w.id, caller.actor.id());
        let now = self.clock.now();
        let known = self
            .unread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied();
        if let Some((n, at)) = known
            && (0..KNOWN_FOR).contains(&(now.micros() - at.micros()))
        {
            return Ok(n);
        }
        let n = self
            .store
            .count(
                w.id,
                &w.layout,
                &Policy::all(caller.actor),
                &own(caller, true),
                UNREAD_CAP,
            )
            .await?;
        let mut known = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, (n, now));
        Ok(n)
    }

    fn unread_changed(&self, caller: &Caller, person: Id) {
        let mut known = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&(caller.workspace.id, person));
    }

    /// Marks one of the caller's own notifications as read and gives it.
    ///
    /// # Errors
    /// `NotFound` when it is none of theirs; `Forbidden` for a token that has not all rights of its owner.
    pub async fn read_notification(&self, caller: &Caller, id: Id) -> Result<Notice, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        let (own, ids) = (own(caller, false), [id]);
        let asked = ByIds::of(notification::OBJECT, &ids).matching(own.filter.as_ref());
        let found = self.store.by_ids(w.id, &w.layout, &all, &asked).await?;
        if found.is_empty() {
            return Err(AppError::NotFound);
        }
        self.whole_rights(caller).await?;
        self.mark(caller, &found).await?;
        self.notices(caller, &found)
            .await?
            .pop()
            .ok_or(AppError::NotFound)
    }

    /// Marks all of the caller's notifications as read; how many were not.
    ///
    /// # Errors
    /// `Forbidden` for a token that has not all rights of its owner.
    pub async fn read_notifications(&self, caller: &Caller) -> Result<u64, AppError> {
        self.whole_rights(caller).await?;
        let w = &caller.workspace;
        let query = own(caller, true).limit(MOST_PER_PAGE);
        let mut marked = 0;
        for _ in 0..ROUNDS {
            let page = self
                .store
                .page(w.id, &w.layout, &Policy::all(caller.actor), &query)
                .await?;
            if page.records.is_empty() {
                break;
            }
            self.mark(caller, &page.records).await?;
            marked += page.records.len() as u64;
        }
        Ok(marked)
    }

    async fn mark(&self, caller: &Caller, records: &[Record]) -> Result<(), AppError> {
        let def = Self::notification(caller)?;
        let context = self.context(caller);
        let writer = self.writer(caller, &context);
        let mut all = Batch::default();
        for r in records.iter().filter(|r| r.get(notification::READ_AT).is_null()) {
            let read = vec![(notification::READ_AT, Value::Instant(context.now))];
            let (_, batch) = writer.patch(def, r, read, &[]).map_err(AppError::Invalid)?;
            all.append(batch);
        }
        if all.is_empty() {
            return Ok(());
        }
        let applied = self
            .store
            .apply(
                &context,
                &caller.workspace.layout,
                &Policy::all(caller.actor),
                &all,
            )
            .await;
        self.unread_changed(caller, caller.actor.id());
        match applied {
            // Read in another window in this very moment.
            Ok(()) | Err(StoreError::Conflict(Conflict::Stale { .. })) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes a notification for a person, without asking whether they may see what it is about.
    pub(crate) async fn notify(
        &self,
        caller: &Caller,
        person: Id,
        kind: &str,
        about: Option<Id>,
        many: Option<&Many>,
    ) -> Result<(), AppError> {
        let details = many.map(|m| Details {
            object: Some(m.object.clone()),
            count: Some(m.count),
            ..Details::default()
        });
        self.put_notification(caller, person, kind, about, details).await
    }

    async fn put_notification(
        &self,
        caller: &Caller,
        person: Id,
        kind: &str,
        about: Option<Id>,
        details: Option<Details>,
    ) -> Result<(), AppError> {
        if !self.wanted(caller, person, kind).await? {
            return Ok(());
        }
        let def = Self::notification(caller)?;
        let context = self.context(caller);
        let mut values = vec![
            (notification::USER_ID, Value::Id(person)),
            (notification::KIND, Value::Choice(kind.into())),
            (notification::ACTOR_ID, Value::Id(caller.actor.id())),
        ];
        if let Some(id) = about {
            values.push((notification::TARGET_ID, Value::Id(id)));
        }
        if let Some(data) = details.and_then(|d| serde_json::to_value(d).ok()) {
            values.push((notification::DATA, Value::Json(Box::new(data))));
        }
        let (_, batch) = self
            .writer(caller, &context)
            .create(def, values)
            .map_err(AppError::Invalid)?;
        self.store
            .apply(
                &context,
                &caller.workspace.layout,
                &Policy::all(caller.actor),
                &batch,
            )
            .await?;
        self.unread_changed(caller, person);
        Ok(())
    }

    /// Tells a person that work which they began in the background has ended: well, with so many records, or not.
    pub(crate) async fn tell_ended(
        &self,
        workspace: &Arc<Workspace>,
        person: Id,
        ended: &Ended,
        object: &str,
        count: Option<u64>,
    ) {
        let kind = if count.is_some() { "job_done" } else { "job_failed" };
        let object = workspace
            .catalog()
            .objects()
            .iter()
            .find(|o| o.key == object || o.plural == object)
            .map(|o| o.key.clone());
        let details = Details {
            object,
            count,
            work: Some(ended.work),
            id: Some(ended.id.clone()),
        };
        let system = Caller::system(workspace, Via::Job);
        if let Err(e) = self
            .put_notification(&system, person, kind, None, Some(details))
            .await
        {
            tracing::warn!(code = e.code(), "the end of a job could not be told: {e}");
        }
    }

    /// Tells whoever owns a record now that somebody gave it to them. What was written stands, also when they cannot be
    /// told: that is noted in the program's own log.
    pub(crate) async fn tell_owner(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        after: &Record,
    ) {
        // What the program itself does, an import or a copy of a recurring task, is no news to anybody.
        if !matches!(caller.actor, Actor::User(_)) {
            return;
        }
        let Some(to) = new_owner(object, before, after) else {
            return;
        };
        if let Err(e) = self.tell(caller, "assigned", &[to], object, after).await {
            tracing::warn!(code = e.code(), "an owner could not be told: {e}");
        }
    }

    /// Tells somebody that one step gave them several records of an object.
    pub(crate) async fn tell_many(&self, caller: &Caller, to: Id, object: &ObjectDef, count: u64) {
        if count == 0 || to == caller.actor.id() || !matches!(caller.actor, Actor::User(_)) {
            return;
        }
        let many = Many {
            object: object.key.clone(),
            count,
        };
        if let Err(e) = self.notify(caller, to, "assigned", None, Some(&many)).await {
            tracing::warn!(code = e.code(), "an owner could not be told: {e}");
        }
    }
}

/// Who owns a record of a step and did not own it before.
pub(crate) fn new_owner(object: &ObjectDef, before: Option<&Record>, after: &Record) -> Option<Id> {
    if !object.ownable || !object.spine {
        return None;
    }
    let owner = |r: &Record| r.get(system::OWNER_ID).as_id();
    owner(after).filter(|to| before.and_then(owner) != Some(*to))
}

fn details(data: &Value) -> Details {
    match data {
        Value::Json(data) => serde_json::from_value((**data).clone()).unwrap_or_default(),
        _ => Details::default(),
    }
}

fn many(details: &Details) -> Option<Many> {
    Some(Many {
        object: details.object.clone()?,
        count: details.count?,
    })
}
