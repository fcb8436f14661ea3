//! Imports step by step: a file is put down, mapped, tried and imported in the background, and can be taken back. What is
//! known of each stands in a folder of the data, so that it outlives a restart.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use peyvand_core::{Id, Instant, Via, WorkspaceId};
use peyvand_exchange::{CsvWriteOptions, CsvWriter, SNIFF_BYTES};
use peyvand_store::StoreError;
use serde::{Deserialize, Serialize};

use super::import::{ImportRequest, Preview, Report, RowNote, TransferError, Undecided, kind_of, look};
use super::mapping::Mapping;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::files::replace;
use crate::jobs::{Handler, Held};
use crate::notifications::{Ended, Work};
use crate::pieces::Pieces;
use crate::workspace::Workspace;

/// The kind of the jobs.
pub const JOB: &str = "import-wizard";
/// Most bytes of an uploaded file: 2 GB.
pub const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// Rows after which the progress is written down.
const TELL_EVERY: u64 = 250;

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The file is there.
    Uploaded,
    /// A trial runs.
    Trying,
    /// The trial has ended.
    Tried,
    /// The import runs.
    Importing,
    /// The import has ended.
    Done,
    /// It could not go on; `problem` says why.
    Failed,
    /// It was taken back.
    Undone,
}

/// What is known of one import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The workspace's number.
    pub workspace: i32,
    /// Who put it there.
    pub actor: Id,
    /// The file's own name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Plural of the object.
    pub object: String,
    /// The mapping as its file says it; empty until somebody has seen the proposal.
    pub mapping: String,
    /// How far it has come.
    pub stage: Stage,
    /// Rows done by the run that goes on.
    pub done: u64,
    /// Data rows of the file, when a run has counted them.
    pub rows: Option<u64>,
    /// What the last run said.
    pub report: Option<Report>,
    /// Rows of the problems' file.
    pub problems: u64,
    /// The first of them, up to [`MOST_SHOWN`], for the page.
    #[serde(default)]
    pub shown: Vec<RowNote>,
    /// How many there are of each kind: the field, what is expected, the number; those of most first.
    #[serde(default)]
    pub kinds: Vec<(String, String, u64)>,
    /// Values that are none of the choices of their field, and names of no record; those of most rows first.
    #[serde(default)]
    pub unknown: Vec<Unknown>,
    /// Why it could not go on: a sentence in the language of the one who began it.
    pub problem: String,
    /// What an undo has taken back.
    #[serde(default)]
    pub taken_back: Option<TakenBack>,
    /// When it came.
    pub at: i64,
}

/// A value of a file that its field does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Key of the field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Rows in which it stands.
    pub rows: u64,
}

/// What the undo of an import has done, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// Records that went into the recycle bin.
    pub deleted: u64,
    /// Records that are again what they were.
    pub restored: u64,
    /// Consents that are withdrawn.
    pub withdrawn: u64,
    /// Records that stay because somebody has changed them since.
    pub kept: u64,
}

/// Most problems that the page shows; the file has all.
pub const MOST_SHOWN: usize = 100;
/// Most kinds of problems that are counted apart.
const MOST_KINDS: usize = 200;

/// What went wrong in a run: the first of it, and how often each kind.
#[derive(Default)]
struct Troubles {
    shown: Vec<RowNote>,
    kinds: HashMap<(String, String), u64>,
    unknown: HashMap<(String, String), u64>,
}

impl Troubles {
    fn add(&mut self, note: &RowNote) {
        let what = if note.kind.is_empty() {
            note.outcome.clone()
        } else {
            note.kind.clone()
        };
        let key = (note.field.clone(), what);
        if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&key) {
            *self.kinds.entry(key).or_default() += 1;
        }
        if matches!(note.code, "unknown-choice" | "retired-choice" | "no-such-record") {
            let key = (note.field.clone(), note.value.clone());
            if self.unknown.len() < MOST_KINDS || self.unknown.contains_key(&key) {
                *self.unknown.entry(key).or_default() += 1;
            }
        }
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(note.clone());
        }
    }

    fn put(self, upload: &mut Upload) {
        let unknown = self.unknown.into_iter();
        upload.unknown = unknown
            .map(|((field, value), rows)| Unknown { field, value, rows })
            .collect();
        upload
            .unknown
            .sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.value.cmp(&b.value)));
        upload.shown = self.shown;
        upload.kinds = self.kinds.into_iter().map(|((f, w), n)| (f, w, n)).collect();
        upload
            .kinds
            .sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    }
}

fn disk(e: &std::io::Error) -> AppError {
    if e.kind() == std::io::ErrorKind::NotFound {
        AppError::NotFound
    } else {
        AppError::Store(StoreError::Engine(e.to_string()))
    }
}

impl App {
    fn uploads_folder(&self) -> Result<PathBuf, AppError> {
        Ok(self.folder.as_ref().ok_or(AppError::NotFound)?.join("imports"))
    }

    fn upload_folder(&self, id: &str) -> Result<PathBuf, AppError> {
        let id: Id = id.parse().map_err(|_| AppError::NotFound)?;
        Ok(self.uploads_folder()?.join(id.to_string()))
    }

    /// Where the file of an import lies.
    pub fn upload_file(&self, id: &str) -> Result<PathBuf, AppError> {
        Ok(self.upload_folder(id)?.join("file"))
    }

    /// The rows with problems, as CSV.
    pub async fn upload_problems(&self, id: &str) -> Result<Pieces, AppError> {
        Pieces::of_file(self.problems_file(id)?).await
    }

    fn problems_file(&self, id: &str) -> Result<PathBuf, AppError> {
        Ok(self.upload_folder(id)?.join("problems.csv"))
    }

    /// Takes a file away that came up and is not wanted, with all that was noted of it.
    pub fn drop_import_file(&self, id: &str) -> Result<(), AppError> {
        fs::remove_dir_all(self.upload_folder(id)?).map_err(|e| disk(&e))
    }

    /// Makes room for a file; the caller writes it to [`App::upload_file`].
    pub fn begin_import_file(&self, caller: &Caller, name: &str, object: &str) -> Result<Upload, AppError> {
        self.object(caller, object)?;
        let now = self.clock.now();
        let id = self.ids.next(now);
        let upload = Upload {
            id: id.to_string(),
            workspace: caller.workspace.id.0,
            actor: caller.actor.id(),
            name: name.chars().filter(|c| !c.is_control()).take(200).collect(),
            size: 0,
            object: object.to_owned(),
            mapping: String::new(),
            stage: Stage::Uploaded,
            done: 0,
            rows: None,
            report: None,
            problems: 0,
            shown: Vec::new(),
            kinds: Vec::new(),
            unknown: Vec::new(),
            problem: String::new(),
            taken_back: None,
            at: now.micros(),
        };
        self.forget_old_uploads();
        fs::create_dir_all(self.upload_folder(&upload.id)?).map_err(|e| disk(&e))?;
        self.put_upload(&upload)?;
        Ok(upload)
    }

    /// Files of imports whose time is over go.
    fn forget_old_uploads(&self) {
        let Ok(folder) = self.uploads_folder() else { return };
        let old = self.clock.now().micros() - KEEP_UPLOADS;
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if Self::read_upload(&entry.path()).is_ok_and(|u| u.at < old) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }

    /// Writes down what is known of an import.
    pub fn put_upload(&self, upload: &Upload) -> Result<(), AppError> {
        let folder = self.upload_folder(&upload.id)?;
        let text =
            serde_json::to_vec(upload).map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
        replace(&folder.join("state.json"), &text).map_err(|e| disk(&e))
    }

    fn read_upload(path: &Path) -> Result<Upload, AppError> {
        let text = fs::read(path.join("state.json")).map_err(|e| disk(&e))?;
        serde_json::from_slice(&text).map_err(|_| AppError::NotFound)
    }

    /// An import that the caller began; administrators see all.
    pub fn import_file(&self, caller: &Caller, id: &str) -> Result<Upload, AppError> {
        let upload = Self::read_upload(&self.upload_folder(id)?)?;
        let own = upload.actor == caller.actor.id() || caller.policy.unrestricted;
        if upload.workspace == caller.workspace.id.0 && own {
            Ok(upload)
        } else {
            Err(AppError::NotFound)
        }
    }

    /// The newest imports that the caller may see, at most 20.
    #[must_use]
    pub fn uploads(&self, caller: &Caller) -> Vec<Upload> {
        let Ok(folder) = self.uploads_folder() else {
            return Vec::new();
        };
        let mut all: Vec<Upload> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|e| {
                let name = e.file_name().into_string().ok()?;
                self.import_file(caller, &name).ok()
            })
            .filter(|u| u.size > 0)
            .collect();
        all.sort_by_key(|u| std::cmp::Reverse(u.at));
        all.truncate(20);
        all
    }

    /// Can the file of an import be read at all? What its name promises counts as well.
    ///
    /// # Errors
    /// A file that cannot be read, whatever the mapping.
    pub fn check_upload(&self, upload: &Upload) -> Result<(), TransferError> {
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        let file = self.upload_file(&upload.id)?;
        fs::File::open(&file)?
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut head)?;
        look(&file, &kind_of(&upload.name, &head)?)?;
        Ok(())
    }

    /// How the file of an import will be read, with the mapping that stands or the one proposed.
    pub fn preview_upload(
        &self,
        caller: &Caller,
        upload: &Upload,
    ) -> Result<(Preview, Vec<Undecided>), TransferError> {
        let request = request_of(upload, true)?;
        let mut undecided = Vec::new();
        let file = self.upload_file(&upload.id)?;
        let preview = self.preview_asking(caller, &file, &request, Some(&mut undecided))?;
        Ok((preview, undecided))
    }

    /// Begins a trial or the import itself in the background.
    pub async fn start_upload(&self, caller: &Caller, id: &str, dry_run: bool) -> Result<Upload, AppError> {
        let mut upload = self.import_file(caller, id)?;
        if matches!(upload.stage, Stage::Trying | Stage::Importing) {
            return Ok(upload);
        }
        upload.stage = if dry_run { Stage::Trying } else { Stage::Importing };
        upload.done = 0;
        upload.report = None;
        upload.problem.clear();
        self.put_upload(&upload)?;
        self.queue_upload(&upload).await?;
        Ok(upload)
    }

    /// Queues imports that are said to be on their way and have no job: the program ended between the file that says so and
    /// the database. To be called when it begins again.
    pub async fn resume_uploads(&self) -> Result<(), AppError> {
        let Ok(folder) = self.uploads_folder() else {
            return Ok(());
        };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if let Ok(upload) = Self::read_upload(&entry.path())
                && matches!(upload.stage, Stage::Trying | Stage::Importing)
            {
                self.queue_upload(&upload).await?;
            }
        }
        Ok(())
    }

    /// One job for an import, however often it is asked for.
    async fn queue_upload(&self, upload: &Upload) -> Result<(), AppError> {
        let dry_run = upload.stage == Stage::Trying;
        let payload = serde_json::json!({ "upload": upload.id, "dry_run": dry_run }).to_string();
        self.enqueue(
            WorkspaceId(upload.workspace),
            JOB,
            &payload,
            self.clock.now(),
            Some(&upload.id),
        )
        .await
    }

    /// Takes an import back that has ended.
    ///
    /// # Errors
    /// `NotFound` for one that is not the caller's or has not ended; `AlreadyUndone`; what [`App::undo_import`] gives.
    pub async fn undo_upload(&self, caller: &Caller, id: &str) -> Result<super::undo::Undone, AppError> {
        let mut upload = self.import_file(caller, id)?;
        if upload.stage == Stage::Undone {
            return Err(AppError::AlreadyUndone);
        }
        let transfer: Id = upload
            .report
            .as_ref()
            .filter(|_| upload.stage == Stage::Done)
            .and_then(|r| r.id.parse().ok())
            .ok_or(AppError::NotFound)?;
        let undone = self.undo_import(caller, transfer, |_| {}).await?;
        upload.stage = Stage::Undone;
        upload.taken_back = Some(TakenBack {
            deleted: undone.deleted,
            restored: undone.restored,
            withdrawn: undone.withdrawn,
            kept: undone.kept.len() as u64,
        });
        self.put_upload(&upload)?;
        Ok(undone)
    }
}

fn request_of(upload: &Upload, dry_run: bool) -> Result<ImportRequest, TransferError> {
    let mapping = if upload.mapping.is_empty() {
        None
    } else {
        let mapping = Mapping::parse(&upload.mapping).map_err(|e| AppError::Parameter {
            name: "mapping",
            value: e.chars().take(200).collect(),
        })?;
        Some(mapping)
    };
    Ok(ImportRequest {
        object: Some(upload.object.clone()),
        mapping,
        policy: None,
        dry_run,
        name: Some(upload.name.clone()),
    })
}

/// Runs imports as jobs.
#[derive(Debug)]
pub struct ImportJob {
    app: Arc<App>,
}

impl ImportJob {
    /// The handler, with the application whose files it reads.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

#[derive(Deserialize)]
struct Payload {
    upload: String,
    dry_run: bool,
}

/// One run of an import, on a thread of its own: reading a file is work for a processor.
async fn run(app: &App, caller: &Caller, mut upload: Upload, dry_run: bool) -> Result<(), AppError> {
    let request = request_of(&upload, dry_run).map_err(|e| AppError::Parameter {
        name: "mapping",
        value: e.message(caller.language),
    })?;
    let headers: Vec<String> = ["row", "object", "outcome", "field", "value", "reason"]
        .iter()
        .map(|h| (*h).to_owned())
        .collect();
    let out = fs::File::create(app.problems_file(&upload.id)?).map_err(|e| disk(&e))?;
    let mut csv = CsvWriter::new(out, &headers, &CsvWriteOptions::default())
        .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
    let mut problems = 0_u64;
    let mut troubles = Troubles::default();
    let mut told = 0_u64;
    let file = app.upload_file(&upload.id)?;
    let outcome = {
        let upload = &mut upload;
        let troubles = &mut troubles;
        let mut note = |n: RowNote| {
            // A trial tells of every row; the summary has counted those that go well.
            if matches!(n.outcome.as_str(), "created" | "updated" | "unchanged") {
                return;
            }
            problems += 1;
            troubles.add(&n);
            let cells = [n.row.to_string(), n.object, n.outcome, n.field, n.value, n.reason];
            let cells: Vec<peyvand_exchange::Cell> =
                cells.into_iter().map(peyvand_exchange::Cell::Text).collect();
            drop(csv.write_row(&cells));
        };
        let mut progress = |rows: u64| {
            upload.done = rows;
            if rows >= told + TELL_EVERY {
                told = rows;
                drop(app.put_upload(upload));
            }
        };
        app.import(caller, &file, &request, &mut note, &mut progress)
            .await
    };
    drop(csv.finish());
    upload.problems = problems;
    troubles.put(&mut upload);
    match outcome {
        Ok(report) => {
            upload.rows = Some(report.rows);
            upload.done = report.rows;
            upload.report = Some(report);
            upload.stage = if dry_run { Stage::Tried } else { Stage::Done };
        }
        Err(e) => {
            upload.problem = e.message(caller.language);
            upload.stage = Stage::Failed;
        }
    }
    app.put_upload(&upload)?;
    // A trial is looked at by whoever waits for it; its end is no news.
    if !dry_run {
        let ended = Ended {
            work: Work::Import,
            id: upload.id.clone(),
        };
        let written = upload
            .report
            .as_ref()
            .filter(|_| upload.stage == Stage::Done)
            .map(Report::written);
        app.tell_ended(&caller.workspace, upload.actor, &ended, &upload.object, written)
            .await;
    }
    Ok(())
}

#[async_trait]
impl Handler for ImportJob {
    async fn run(&self, _: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let payload: Payload = serde_json::from_str(&job.payload).map_err(|_| AppError::NotFound)?;
        let upload = App::read_upload(&self.app.upload_folder(&payload.upload)?)?;
        let caller = self.app.caller_of(workspace, upload.actor, Via::Web).await?;
        let app = Arc::clone(&self.app);
        let handle = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || handle.block_on(run(&app, &caller, upload, payload.dry_run)))
            .await
            .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?
    }
}

/// How long uploads are kept.
pub const KEEP_UPLOADS: i64 = 30 * Instant::DAY;
