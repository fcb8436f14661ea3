//! Imports and exports as things that one looks at: begun by a request, done by a job, with their progress.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::file;
use peyvand_core::{Id, Via};
use peyvand_record::policy::{Reach, Verb};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Row, RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::files::ContentHash;
use crate::jobs::{Handler, Held};
use crate::notifications::{Ended, Work};
use crate::transfer::export::ExportFormat;
use crate::transfer::import::{Asks, ImportRequest, Report, RowNote, TransferError};
use crate::transfer::{Mapping, OnDuplicate};
use crate::uploads::{Download, on_disk};
use crate::workspace::Workspace;

/// Most single rows that a report tells of.
const MOST_NOTES: usize = 200;
/// Progress is written down this often.
const TICK: Duration = Duration::from_secs(1);

/// What an import or export is asked to do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// The uploaded file of an import.
    pub file: Option<Id>,
    /// How its columns go into fields.
    pub mapping: Mapping,
    /// What becomes of records that are there already.
    pub policy: Option<OnDuplicate>,
    /// Which records an export writes.
    pub filter: Option<String>,
    /// The format of an export.
    pub format: String,
}

/// An import or export as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct TaskLine {
    /// Its id.
    pub id: String,
    /// Plural of its object.
    pub object: String,
    /// `new`, `queued`, `running`, `checked`, `done`, `failed`, `undone`.
    pub state: String,
    /// When it was begun.
    pub created_at: String,
    /// What it is asked to do.
    pub task: Task,
    /// Rows or records done so far, and the report at the end.
    pub progress: Json,
}

fn failed(e: &TransferError) -> Json {
    json!({
        "code": e.code(),
        "message": {
            "fa": e.message(peyvand_numbers::Language::Fa),
            "en": e.message(peyvand_numbers::Language::En),
        },
    })
}

/// Of whom there are cards: a card of anything else would hold a name and nothing more.
const WITH_CARDS: [&str; 2] = ["contact", "company"];

impl App {
    /// An object by its plural, for which the caller has this right.
    fn object_for(&self, caller: &Caller, plural: &str, verb: Verb) -> Result<Arc<ObjectDef>, AppError> {
        let object = self.object(caller, plural)?;
        if caller.policy.reach(&object.key, verb) == Reach::None {
            return Err(AppError::Forbidden);
        }
        Ok(object)
    }

    /// The work is done with all rights of the user: a token that has fewer does not begin any.
    pub(crate) async fn whole_rights(&self, caller: &Caller) -> Result<(), AppError> {
        let (whole, _) = self.policy_of(&caller.workspace, caller.actor.id(), "*").await?;
        if *whole == *caller.policy {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }

    /// Prepares an import of an uploaded file: reads its head and proposes a mapping where none is given.
    pub async fn begin_import(
        &self,
        caller: &Caller,
        plural: &str,
        file: Id,
        mapping: Option<Mapping>,
        policy: Option<OnDuplicate>,
    ) -> Result<(TaskLine, Json), TransferError> {
        let object = self.object_for(caller, plural, Verb::Create)?;
        self.whole_rights(caller).await?;
        let id = self.ids.next(self.clock.now());
        let path = self.laid_out(caller, file, id).await?;
        let request = ImportRequest {
            object: Some(object.plural.clone()),
            mapping,
            policy,
            dry_run: true,
            name: None,
        };
        let mut questions = Vec::new();
        let seen = self.preview_asking(caller, &path, &request, Some(&mut questions));
        drop(fs::remove_file(&path));
        let seen = seen?;
        let about = json!({
            "columns": seen.headers,
            "left": seen.proposed.as_ref().map(|p| p.left.clone()).unwrap_or_default(),
            "preset": seen.proposed.as_ref().and_then(|p| p.preset.clone()),
        });
        if !questions.is_empty() {
            return Err(TransferError::Asks(Box::new(Asks {
                mapping: seen.mapping,
                about,
                questions,
            })));
        }
        let task = Task {
            file: Some(file),
            mapping: seen.mapping.clone(),
            policy,
            ..Task::default()
        };
        let (line, step) = self.new_task(caller, id, "import-task", &object, "new", &task);
        let written = self.store.engine().apply(Plan::of(vec![step])).await;
        written.map_err(AppError::from)?;
        Ok((line, about))
    }

    /// The content of an uploaded file under a name of its own in the folder of what is not whole yet.
    async fn laid_out(&self, caller: &Caller, file: Id, task: Id) -> Result<PathBuf, AppError> {
        let record = self.file_record(caller, file).await?;
        let name = record.get(file::NAME).as_str().unwrap_or_default().to_owned();
        let extension = name.rsplit_once('.').map_or("txt", |(_, e)| e).to_lowercase();
        let mut content = self.download(caller, file).await?.content;
        let path = self.files()?.incoming.join(format!("{task}.{extension}"));
        let to = path.clone();
        on_disk(move || std::io::copy(&mut content, &mut File::create(to)?).map(drop)).await?;
        Ok(path)
    }

    /// A task as it is shown, and the step that writes it down.
    fn new_task(
        &self,
        caller: &Caller,
        id: Id,
        kind: &str,
        object: &ObjectDef,
        state: &str,
        task: &Task,
    ) -> (TaskLine, Step) {
        let t = &SIDE.transfer;
        let now = self.clock.now().micros();
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("id", id.into()),
            ("kind", kind.into()),
            ("object", object.plural.as_str().into()),
            ("state", state.into()),
            ("actor", caller.actor.id().into()),
            ("settings", serde_json::to_string(task).unwrap_or_default().into()),
            ("progress", "{}".into()),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ] {
            row[t.at(c)] = v;
        }
        let line = line_of(&row);
        let step = Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        };
        (line, step)
    }

    /// Begins an export: a job writes the file.
    pub async fn begin_export(
        &self,
        caller: &Caller,
        plural: &str,
        filter: Option<&str>,
        format: &str,
    ) -> Result<TaskLine, AppError> {
        let object = self.object_for(caller, plural, Verb::Export)?;
        self.whole_rights(caller).await?;
        self.files()?;
        let wanted = format.parse::<ExportFormat>().map_err(|_| AppError::Parameter {
            name: "format",
            value: format.to_owned(),
        })?;
        if wanted == ExportFormat::Vcf && !WITH_CARDS.contains(&object.key.as_str()) {
            return Err(AppError::Parameter {
                name: "format",
                value: "vcf: contacts, companies".to_owned(),
            });
        }
        if let Some(f) = filter.filter(|f| !f.trim().is_empty()) {
            self.filter(caller, &object, f).await?;
        }
        let task = Task {
            filter: filter.map(str::to_owned),
            format: format.to_owned(),
            ..Task::default()
        };
        let id = self.ids.next(self.clock.now());
        let job = self.task_job(caller, id, "export", false);
        let (line, step) = self.new_task(caller, id, "export-task", &object, "queued", &task);
        self.store.engine().apply(Plan::of(vec![step, job])).await?;
        Ok(line)
    }

    fn task_job(&self, caller: &Caller, id: Id, kind: &str, dry: bool) -> Step {
        let payload = json!({"task": id.to_string(), "dry": dry}).to_string();
        self.job(caller.workspace.id, kind, &payload, self.clock.now(), None)
    }

    /// Starts an import that was prepared, or checked, or has failed; `dry` only tells what would happen.
    pub async fn start_import(&self, caller: &Caller, id: Id, dry: bool) -> Result<TaskLine, AppError> {
        let row = self.transfer_of(caller, id, "import-task").await?;
        self.whole_rights(caller).await?;
        let t = &SIDE.transfer;
        let state = row[t.at("state")].text().unwrap_or_default();
        if !matches!(state, "new" | "checked" | "failed") {
            return Err(AppError::Store(StoreError::Conflict(
                peyvand_store::Conflict::Guard("state".to_owned()),
            )));
        }
        let set = [("state", "queued".into())];
        let step = self.task_step(&caller.workspace, id, &set, Some(state));
        let job = self.task_job(caller, id, "import", dry);
        self.store.engine().apply(Plan::of(vec![step, job])).await?;
        self.task(caller, id, "import-task").await
    }

    async fn set_task(
        &self,
        w: &Workspace,
        id: Id,
        set: &[(&str, SqlVal)],
        from: Option<&str>,
    ) -> Result<(), AppError> {
        let step = self.task_step(w, id, set, from);
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }

    fn task_step(&self, w: &Workspace, id: Id, set: &[(&str, SqlVal)], from: Option<&str>) -> Step {
        let t = &SIDE.transfer;
        let mut set: Vec<(usize, SqlVal)> = set.iter().map(|(c, v)| (t.at(c), v.clone())).collect();
        set.push((t.at("updated_at"), self.clock.now().micros().into()));
        let mut key = vec![
            (t.at("workspace_id"), i64::from(w.id.0).into()),
            (t.at("id"), id.into()),
        ];
        if let Some(state) = from {
            key.push((t.at("state"), state.into()));
        }
        Step::Update {
            table: Arc::clone(t),
            set,
            key,
            expect_one: Some(peyvand_store::Conflict::Guard("state".to_owned())),
        }
    }

    /// An import (`import-task`) or export (`export-task`) of the caller.
    pub async fn task(&self, caller: &Caller, id: Id, kind: &str) -> Result<TaskLine, AppError> {
        Ok(line_of(&self.transfer_of(caller, id, kind).await?))
    }

    /// The caller's last 100 imports or exports, newest first.
    pub async fn tasks(&self, caller: &Caller, kind: &str) -> Result<Vec<TaskLine>, AppError> {
        let t = &SIDE.transfer;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("kind", kind.into()),
            ("actor", caller.actor.id().into()),
        ];
        let call = RowsCall::new(t, &key).order("created_at", true).limit(100);
        Ok(self.store.rows(call).await?.iter().map(line_of).collect())
    }

    /// Takes an import back.
    ///
    /// # Errors
    /// `AlreadyUndone`; a conflict for one that has not ended; what [`App::undo_import`] gives.
    pub async fn undo_task(&self, caller: &Caller, id: Id) -> Result<Json, AppError> {
        let line = self.task(caller, id, "import-task").await?;
        if line.state == "undone" {
            return Err(AppError::AlreadyUndone);
        }
        let operation = line.progress["report"]["id"]
            .as_str()
            .filter(|_| line.state == "done")
            .and_then(|s| s.parse::<Id>().ok())
            .ok_or_else(|| {
                AppError::Store(StoreError::Conflict(peyvand_store::Conflict::Guard(
                    "state".to_owned(),
                )))
            })?;
        let undone = self.undo_import(caller, operation, |_| {}).await?;
        self.set_task(&caller.workspace, id, &[("state", "undone".into())], None)
            .await?;
        Ok(
            json!({"deleted": undone.deleted, "restored": undone.restored, "withdrawn": undone.withdrawn, "kept": undone.kept.len()}),
        )
    }

    /// The file that an export has written, for who may still export.
    pub async fn exported(&self, caller: &Caller, id: Id) -> Result<Download, AppError> {
        let line = self.task(caller, id, "export-task").await?;
        let object = self.object(caller, &line.object)?;
        if !Self::may_have_export(caller, &object) {
            self.note_refused(caller, &object, "export").await?;
            return Err(AppError::Forbidden);
        }
        let hash = line.progress["hash"]
            .as_str()
            .and_then(ContentHash::parse)
            .ok_or(AppError::NotFound)?;
        let blobs = Arc::clone(&self.files()?.blobs);
        let wanted = hash.clone();
        let content = on_disk(move || blobs.open(&wanted)).await?;
        let media = match line.task.format.as_str() {
            "csv" => "text/csv",
            "ndjson" => "application/x-ndjson",
            "vcf" => "text/vcard",
            _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        };
        Ok(Download {
            name: format!("{}.{}", line.object, line.task.format),
            media_type: media.to_owned(),
            size: line.progress["size"].as_u64().unwrap_or_default(),
            content,
            hash: hash.as_str().to_owned(),
        })
    }

    /// Does the work of a task in the name of who began it.
    async fn run_task(
        &self,
        workspace: &Arc<Workspace>,
        kind: &str,
        id: Id,
        dry: bool,
    ) -> Result<(), AppError> {
        let t = &SIDE.transfer;
        let key = [
            ("workspace_id", i64::from(workspace.id.0).into()),
            ("id", id.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let line = line_of(row);
        if !matches!(line.state.as_str(), "queued" | "running") {
            return Ok(());
        }
        let user = row[t.at("actor")].uuid().unwrap_or(Id::NIL);
        let via = if kind == "import" { Via::Import } else { Via::Job };
        let caller = match self.caller_of(workspace, user, via).await {
            Ok(caller) => caller,
            // Who began it has left: it is not done in anybody's name, and the log knows that it was asked for.
            Err(AppError::Unauthenticated) => {
                let system = Caller::system(workspace, Via::Job);
                let detail = json!({"refused": kind, "object": line.object});
                self.note(&system, user, detail).await?;
                let told = json!({"error": failed(&AppError::RightsChanged.into())});
                let set = [("state", "failed".into()), ("progress", told.to_string().into())];
                return self.set_task(workspace, id, &set, None).await;
            }
            Err(e) => return Err(e),
        };
        self.set_task(workspace, id, &[("state", "running".into())], None)
            .await?;
        let done = AtomicU64::new(0);
        let work = async {
            if kind == "import" {
                self.do_import(&caller, id, &line, dry, &done).await
            } else {
                self.do_export(&caller, id, &line, &done).await
            }
        };
        tokio::pin!(work);
        let outcome = loop {
            match tokio::time::timeout(TICK, &mut work).await {
                Ok(outcome) => break outcome,
                Err(_) => {
                    let so_far = json!({"done": done.load(Ordering::Relaxed)}).to_string();
                    self.set_task(workspace, id, &[("progress", so_far.into())], None)
                        .await?;
                }
            }
        };
        let (state, progress) = match outcome {
            Ok(progress) => (if dry { "checked" } else { "done" }, progress),
            // The database may answer again: the job is tried once more.
            Err(TransferError::App(AppError::Store(e))) if !matches!(e, StoreError::Conflict(_)) => {
                return Err(AppError::Store(e));
            }
            Err(e) => (
                "failed",
                json!({"done": done.load(Ordering::Relaxed), "error": failed(&e)}),
            ),
        };
        let set = [
            ("state", state.into()),
            ("progress", progress.to_string().into()),
            ("finished_at", self.clock.now().micros().into()),
        ];
        self.set_task(workspace, id, &set, None).await?;
        if state != "checked" {
            let ended = Ended {
                work: if kind == "import" {
                    Work::ImportTask
                } else {
                    Work::ExportTask
                },
                id: id.to_string(),
            };
            let report: Option<Report> = serde_json::from_value(progress["report"].clone()).ok();
            let done = report.map_or_else(|| progress["done"].as_u64(), |r| Some(r.written()));
            let count = done.filter(|_| state == "done");
            self.tell_ended(workspace, user, &ended, &line.object, count)
                .await;
        }
        Ok(())
    }

    async fn do_import(
        &self,
        caller: &Caller,
        id: Id,
        line: &TaskLine,
        dry: bool,
        done: &AtomicU64,
    ) -> Result<Json, TransferError> {
        let file = line.task.file.ok_or(AppError::NotFound)?;
        let path = self.laid_out(caller, file, id).await?;
        let request = ImportRequest {
            object: Some(line.object.clone()),
            mapping: Some(line.task.mapping.clone()),
            policy: line.task.policy,
            dry_run: dry,
            name: None,
        };
        let mut notes: Vec<RowNote> = Vec::new();
        let mut more = 0_u64;
        let mut note = |n: RowNote| {
            if notes.len() < MOST_NOTES {
                notes.push(n);
            } else {
                more += 1;
            }
        };
        let mut progress = |n: u64| done.store(n, Ordering::Relaxed);
        let result = self
            .import(caller, &path, &request, &mut note, &mut progress)
            .await;
        drop(fs::remove_file(&path));
        let report = result?;
        Ok(json!({"done": report.rows, "report": report, "rows": notes, "more_rows": more}))
    }

    async fn do_export(
        &self,
        caller: &Caller,
        id: Id,
        line: &TaskLine,
        done: &AtomicU64,
    ) -> Result<Json, TransferError> {
        let object = self.object(caller, &line.object)?;
        let format: ExportFormat = line.task.format.parse().map_err(|_| AppError::NotFound)?;
        let path = self.files()?.incoming.join(format!("{id}.export"));
        let out = BufWriter::new(File::create(&path)?);
        let filter = line.task.filter.as_deref().filter(|f| !f.trim().is_empty());
        let written = self
            .export(caller, &object, filter, format, out, |n| {
                done.store(n, Ordering::Relaxed);
            })
            .await;
        if written.is_err() {
            // Half a file is nobody's.
            drop(fs::remove_file(&path));
        }
        let written = written?;
        let blobs = Arc::clone(&self.files()?.blobs);
        let from = path.clone();
        let (hash, size) = on_disk(move || blobs.put(&mut File::open(from)?, u64::MAX)).await?;
        drop(fs::remove_file(&path));
        Ok(json!({"done": written.records, "hash": hash.as_str(), "size": size}))
    }
}

fn line_of(row: &Row) -> TaskLine {
    let t = &SIDE.transfer;
    let text = |c: &str| row[t.at(c)].text().unwrap_or_default().to_owned();
    TaskLine {
        id: row[t.at("id")].uuid().unwrap_or(Id::NIL).to_string(),
        object: text("object"),
        state: text("state"),
        created_at: peyvand_core::Instant(row[t.at("created_at")].int().unwrap_or_default()).to_string(),
        task: serde_json::from_str(&text("settings")).unwrap_or_default(),
        progress: serde_json::from_str(&text("progress")).unwrap_or_default(),
    }
}

/// Runs imports and exports as jobs. The readers of files stay on one thread: a task has one of its own.
#[derive(Debug)]
pub(crate) struct Transfers(pub(crate) Arc<App>);

#[async_trait]
impl Handler for Transfers {
    async fn run(&self, _: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let payload: Json = serde_json::from_str(&job.payload).unwrap_or_default();
        let Some(id) = payload["task"].as_str().and_then(|s| s.parse::<Id>().ok()) else {
            return Ok(());
        };
        let dry = payload["dry"].as_bool().unwrap_or_default();
        let (app, workspace, kind) = (Arc::clone(&self.0), Arc::clone(workspace), job.kind.clone());
        let handle = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || handle.block_on(app.run_task(&workspace, &kind, id, dry)))
            .await
            .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?
    }
}
