//! Files that come up in parts and go down again: resumable by offset, refused by extension and content, given only to
//! whom the record may be shown that they hang on.

use std::fs;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use peyvand_catalog::handles::file;
use peyvand_core::{Actor, Id};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Record, Value};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::file_kinds::{HEAD, LARGEST_FILE, kind_of, plain_name};
use crate::files::{BlobStore, ContentHash};

/// Most bytes of one part.
pub const LARGEST_PART: usize = 8 * 1024 * 1024;

/// Where contents are, and where they gather while they arrive.
#[derive(Debug)]
pub struct Files {
    /// The contents.
    pub blobs: Arc<dyn BlobStore>,
    /// The folder of what is not whole yet. Several processes of one instance share it.
    pub incoming: PathBuf,
}

/// What is to come up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewUpload {
    /// The file's name.
    pub name: String,
    /// Its bytes.
    pub size: i64,
    /// The record that it hangs on; without one it is for its maker alone (an import).
    pub target: Option<Id>,
    /// A line about it.
    pub description: Option<String>,
}

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: Id,
    /// The file's name.
    pub name: String,
    /// The file's bytes.
    pub size: i64,
    /// Bytes that have arrived.
    pub offset: i64,
    /// The file, once it is whole.
    pub file: Option<Id>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    offset: i64,
    file: Option<Id>,
}

/// A file that may be given out.
pub struct Download {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub size: u64,
    /// Its content.
    pub content: Box<dyn Read + Send>,
    /// The hash of its content.
    pub hash: String,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .field("size", &self.size)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

fn disk(e: &io::Error) -> AppError {
    AppError::Store(match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Engine(format!("files: {e}")),
    })
}

/// Work on the disk, off the threads that answer requests.
pub(crate) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?
        .map_err(|e| disk(&e))
}

impl App {
    /// The files of the instance.
    pub(crate) fn files(&self) -> Result<&Files, AppError> {
        self.files.as_ref().ok_or_else(|| {
            AppError::Store(StoreError::Engine(
                "the instance has no folder of files".to_owned(),
            ))
        })
    }

    /// The object of a record that the caller may do this with; anything else is as good as not there.
    async fn target(&self, caller: &Caller, id: Id, verb: Verb) -> Result<(), AppError> {
        let w = &caller.workspace;
        let t = &SIDE.record;
        let key = [("workspace_id", i64::from(w.id.0).into()), ("id", id.into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let object = rows
            .first()
            .and_then(|r| r[t.at("object")].text())
            .ok_or(AppError::NotFound)?;
        let found = self.within_reach(w, &caller.policy, object, &[id], verb).await?;
        if found.is_empty() {
            Err(AppError::NotFound)
        } else {
            Ok(())
        }
    }

    /// Begins an upload. The record that the file shall hang on must be one that the caller may change.
    pub async fn begin_upload(&self, caller: &Caller, new: &NewUpload) -> Result<Upload, AppError> {
        self.files()?;
        let refused = |reason: &'static str| AppError::FileRefused { reason };
        let name = plain_name(&new.name).ok_or_else(|| refused("name"))?;
        kind_of(&name).ok_or_else(|| refused("extension"))?;
        if new.size < 1 || new.size as u64 > LARGEST_FILE {
            return Err(refused("size"));
        }
        if let Some(target) = new.target {
            self.target(caller, target, Verb::Update).await?;
        }
        let id = self.ids.next(self.clock.now());
        let settings = NewUpload {
            name: name.clone(),
            ..new.clone()
        };
        let t = &SIDE.transfer;
        let now = self.clock.now().micros();
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("id", id.into()),
            ("kind", "upload".into()),
            ("object", "file".into()),
            ("state", "receiving".into()),
            ("actor", caller.actor.id().into()),
            (
                "settings",
                serde_json::to_string(&settings).unwrap_or_default().into(),
            ),
            (
                "progress",
                serde_json::to_string(&Progress::default())
                    .unwrap_or_default()
                    .into(),
            ),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ] {
            row[t.at(c)] = v;
        }
        let step = Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        };
        self.store.engine().apply(Plan::of(vec![step])).await?;
        Ok(Upload {
            id,
            name,
            size: new.size,
            offset: 0,
            file: None,
        })
    }

    async fn upload_row(&self, caller: &Caller, id: Id) -> Result<(Row, NewUpload, Progress), AppError> {
        let row = self.transfer_of(caller, id, "upload").await?;
        let t = &SIDE.transfer;
        let read = |c: &str| row[t.at(c)].text().unwrap_or_default().to_owned();
        let settings = serde_json::from_str(&read("settings")).map_err(|_| AppError::NotFound)?;
        let progress = serde_json::from_str(&read("progress")).unwrap_or_default();
        Ok((row, settings, progress))
    }

    /// A row of uploads, imports or exports that the caller has made; others' are as good as not there.
    pub(crate) async fn transfer_of(&self, caller: &Caller, id: Id, kind: &str) -> Result<Row, AppError> {
        let t = &SIDE.transfer;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("id", id.into()),
            ("kind", kind.into()),
            ("actor", caller.actor.id().into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        rows.into_iter().next().ok_or(AppError::NotFound)
    }

    /// How far an upload has come.
    pub async fn upload(&self, caller: &Caller, id: Id) -> Result<Upload, AppError> {
        let (_, settings, progress) = self.upload_row(caller, id).await?;
        Ok(Upload {
            id,
            name: settings.name,
            size: settings.size,
            offset: progress.offset,
            file: progress.file,
        })
    }

    /// Takes the next part of an upload; with the last one the file is made.
    ///
    /// # Errors
    /// `UploadOffset` when the part does not begin where the upload ends: the caller goes on from there.
    pub async fn upload_part(
        &self,
        caller: &Caller,
        id: Id,
        offset: i64,
        bytes: Vec<u8>,
    ) -> Result<Upload, AppError> {
        let (row, settings, progress) = self.upload_row(caller, id).await?;
        if offset != progress.offset || progress.file.is_some() {
            return Err(AppError::UploadOffset {
                offset: progress.offset,
            });
        }
        let next = offset + bytes.len() as i64;
        if next > settings.size {
            return Err(AppError::FileRefused { reason: "size" });
        }
        let place = self.files()?.incoming.join(format!("{id}.part"));
        let path = place.clone();
        let keep = usize::try_from(offset).unwrap_or(usize::MAX);
        on_disk(move || {
            let mut f = fs::OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            f.seek(SeekFrom::Start(keep as u64))?;
            f.write_all(&bytes)?;
            f.sync_all()
        })
        .await?;
        let mut done = Progress {
            offset: next,
            file: None,
        };
        if next == settings.size {
            self.scanned_upload(caller, id, &place).await?;
            done.file = Some(self.whole(caller, &place, &settings).await?);
        }
        let t = &SIDE.transfer;
        let step = Step::Update {
            table: Arc::clone(t),
            set: vec![
                (
                    t.at("progress"),
                    serde_json::to_string(&done).unwrap_or_default().into(),
                ),
                (
                    t.at("state"),
                    if done.file.is_some() { "done" } else { "receiving" }.into(),
                ),
                (t.at("updated_at"), self.clock.now().micros().into()),
            ],
            key: vec![
                (t.at("workspace_id"), i64::from(caller.workspace.id.0).into()),
                (t.at("id"), id.into()),
                (t.at("progress"), row[t.at("progress")].clone()),
            ],
            expect_one: Some(Conflict::Guard("upload".to_owned())),
        };
        match self.store.engine().apply(Plan::of(vec![step])).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => {
                let now = self.upload(caller, id).await?;
                return Err(AppError::UploadOffset { offset: now.offset });
            }
            Err(e) => return Err(e.into()),
        }
        if done.file.is_some() {
            on_disk(move || fs::remove_file(place)).await?;
        }
        self.upload(caller, id).await
    }

    /// All bytes are there: does the scanner find nothing in them? Otherwise the upload is gone, with all of its bytes.
    async fn scanned_upload(&self, caller: &Caller, id: Id, place: &std::path::Path) -> Result<(), AppError> {
        let outcome = self.scanned_file(place).await;
        if matches!(outcome, Err(AppError::FileRefused { .. })) {
            let t = &SIDE.transfer;
            let step = Step::Delete {
                table: Arc::clone(t),
                key: vec![
                    (t.at("workspace_id"), i64::from(caller.workspace.id.0).into()),
                    (t.at("id"), id.into()),
                ],
                expect_some: None,
            };
            self.store.engine().apply(Plan::of(vec![step])).await?;
        }
        outcome
    }

    /// All bytes are there: what are they, and may they stay?
    async fn whole(&self, caller: &Caller, place: &std::path::Path, new: &NewUpload) -> Result<Id, AppError> {
        let refused = AppError::FileRefused { reason: "content" };
        let Some((media, sign)) = kind_of(&new.name) else {
            return Err(refused);
        };
        let (path, blobs, size) = (place.to_owned(), Arc::clone(&self.files()?.blobs), new.size);
        let put = on_disk(move || {
            let mut f = fs::File::open(&path)?;
            let mut head = Vec::with_capacity(HEAD);
            std::io::Read::by_ref(&mut f)
                .take(HEAD as u64)
                .read_to_end(&mut head)?;
            if !sign.fits(&head) {
                return Ok(None);
            }
            f.seek(SeekFrom::Start(0))?;
            // A part that was sent twice at once may have left more behind the end.
            let mut content = f.take(size as u64);
            blobs.put(&mut content, LARGEST_FILE).map(Some)
        })
        .await?;
        let Some((hash, size)) = put else {
            return Err(refused);
        };
        if let Some(target) = new.target {
            self.target(caller, target, Verb::Update).await?;
        }
        let mut wide = caller.clone();
        wide.policy = Policy::all(caller.actor);
        let mut values = vec![
            (file::NAME, Value::text(new.name.as_str())),
            (file::MEDIA_TYPE, Value::text(media)),
            (file::SIZE, Value::Int(size as i64)),
            (file::CONTENT_HASH, Value::text(hash.as_str())),
            (file::TARGET_ID, new.target.into()),
        ];
        if let Some(d) = &new.description {
            values.push((file::DESCRIPTION, Value::text(d.as_str())));
        }
        self.insert(&wide, "file", values).await
    }

    /// The record of a file that the caller may read: one that hangs on a record they may see, or their own.
    pub async fn file_record(&self, caller: &Caller, id: Id) -> Result<Record, AppError> {
        self.file_for(caller, id, Verb::Read).await
    }

    /// The record of a file, when the caller may do this with the record on which it lies, or has made it for no
    /// record at all.
    pub(crate) async fn file_for(&self, caller: &Caller, id: Id, verb: Verb) -> Result<Record, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(Actor::System);
        let record = self
            .store
            .get(w.id, &w.layout, &all, file::OBJECT, id, DeletedScope::Live)
            .await?
            .ok_or(AppError::NotFound)?;
        match record.get(file::TARGET_ID).as_id() {
            Some(target) => self.target(caller, target, verb).await?,
            None => {
                let maker = record
                    .get(peyvand_catalog::definition::system::CREATED_BY)
                    .as_id();
                if maker != Some(caller.actor.id()) && !caller.policy.unrestricted {
                    return Err(AppError::NotFound);
                }
            }
        }
        Ok(record)
    }

    /// A file to be given out.
    pub async fn download(&self, caller: &Caller, id: Id) -> Result<Download, AppError> {
        let record = self.file_record(caller, id).await?;
        let text = |ix| record.get(ix).as_str().unwrap_or_default().to_owned();
        let hash = ContentHash::parse(&text(file::CONTENT_HASH)).ok_or(AppError::NotFound)?;
        let size = match record.get(file::SIZE) {
            Value::Int(n) => *n as u64,
            _ => 0,
        };
        let blobs = Arc::clone(&self.files()?.blobs);
        let wanted = hash.clone();
        let missing = move |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => AppError::FileMissing(id.to_string()),
            _ => disk(&e),
        };
        let content = on_disk(move || Ok(blobs.open(&wanted))).await?.map_err(missing)?;
        Ok(Download {
            name: text(file::NAME),
            media_type: text(file::MEDIA_TYPE),
            size,
            content,
            hash: hash.as_str().to_owned(),
        })
    }
}
