//! Changing many records at once: a set of ids, or everything that a list shows. What was there before is kept, so that
//! all of it can be taken back; a record that somebody has changed since stays as they left it.

mod run;
mod undo;

use std::sync::Arc;

use async_trait::async_trait;
use peyvand_catalog::{FieldIx, ObjectDef, Writes};
use peyvand_core::{Id, Via};
use peyvand_numbers::Language;
use peyvand_record::Value;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Row, RowsCall, SqlVal};
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

/// A record that was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The record.
    pub id: Id,
    /// Why, in Persian.
    fa: String,
    /// Why, in English.
    en: String,
}

impl Left {
    fn new(id: Id, why: &AppError) -> Self {
        Self {
            id,
            fa: why.message(Language::Fa),
            en: why.message(Language::En),
        }
    }

    /// Why, for the reader.
    #[must_use]
    pub fn why(&self, language: Language) -> &str {
        match language {
            Language::Fa => &self.fa,
            Language::En => &self.en,
        }
    }
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
    /// The first of those that could not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
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
}
