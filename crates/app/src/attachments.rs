//! Files of records: put there, listed, read, taken away. Their contents lie in the folder of the data, named by hash.

use std::io::Read;
use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::file;
use peyvand_core::Id;
use peyvand_record::policy::Verb;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Policy, Record, Value};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::files::{BlobStore as _, ContentHash, Folder};

/// Most bytes of one file: 100 MB.
pub const LARGEST_FILE: u64 = 100 * 1024 * 1024;
/// Most characters of a name.
const NAME: usize = 200;

fn disk(e: &std::io::Error) -> AppError {
    match e.kind() {
        std::io::ErrorKind::FileTooLarge => AppError::Parameter {
            name: "size",
            value: LARGEST_FILE.to_string(),
        },
        std::io::ErrorKind::NotFound => AppError::NotFound,
        _ => AppError::Store(StoreError::Engine(e.to_string())),
    }
}

/// A file's own name: what stands behind the last separator, without control characters.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let name = name.trim().to_owned();
    if name.is_empty() { "file".to_owned() } else { name }
}

impl App {
    fn blobs(&self) -> Result<Folder, AppError> {
        let folder = self.folder.as_ref().ok_or(AppError::NotFound)?;
        Folder::open(&folder.join("files")).map_err(|e| disk(&e))
    }

    /// Puts a file on a record that the caller may change.
    pub async fn attach(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        target: Id,
        name: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<Record, AppError> {
        if !object.spine {
            return Err(AppError::NotFound);
        }
        let record = self.get(caller, object, target).await?;
        self.may(caller, object, &record, Verb::Update).await?;
        let blobs = self.blobs()?;
        let (hash, size) =
            tokio::task::spawn_blocking(move || blobs.put(&mut content.as_slice(), LARGEST_FILE))
                .await
                .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?
                .map_err(|e| disk(&e))?;
        let w = &caller.workspace;
        let def = w.catalog().object(file::OBJECT).ok_or(AppError::NotFound)?;
        let media = if media_type.is_ascii() && media_type.contains('/') && media_type.len() < 100 {
            media_type
        } else {
            "application/octet-stream"
        };
        let context = self.context(caller);
        let values = vec![
            (file::NAME, Value::text(plain_name(name))),
            (file::MEDIA_TYPE, Value::text(media)),
            (file::SIZE, Value::Int(size as i64)),
            (file::CONTENT_HASH, Value::text(hash.as_str())),
            (file::TARGET_ID, Value::Id(record.id())),
        ];
        let (made, batch) = self
            .writer(caller, &context)
            .create(def, values)
            .map_err(AppError::Invalid)?;
        // The right is the record's; the file has none of its own.
        self.store
            .apply(&context, &w.layout, &Policy::all(caller.actor), &batch)
            .await?;
        Ok(made)
    }

    /// The files of a record that the caller may read, newest first, at most 200.
    pub async fn attachments(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        target: Id,
    ) -> Result<Vec<Record>, AppError> {
        let w = &caller.workspace;
        if !object.spine {
            return Ok(Vec::new());
        }
        let target = self.get(caller, object, target).await?.id();
        let def = w.catalog().object(file::OBJECT).ok_or(AppError::NotFound)?;
        let system = Caller {
            policy: Policy::all(caller.actor),
            ..caller.clone()
        };
        let filter = self.filter(&system, def, &format!("target_id = \"{target}\""))?;
        let page = self
            .store
            .page(
                w.id,
                &w.layout,
                &system.policy,
                &Query::of(file::OBJECT).filter(filter).limit(200),
            )
            .await?;
        Ok(page.records)
    }

    /// The record of a file, when the caller may do this with the record on which it lies.
    async fn file_of(&self, caller: &Caller, id: Id, verb: Verb) -> Result<Record, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        let found = self
            .store
            .get(w.id, &w.layout, &all, file::OBJECT, id, DeletedScope::Live)
            .await?
            .ok_or(AppError::NotFound)?;
        let target = found.get(file::TARGET_ID).as_id().ok_or(AppError::NotFound)?;
        let t = &SIDE.record;
        let key = [("workspace_id", i64::from(w.id.0).into()), ("id", target.into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let object = rows
            .first()
            .and_then(|r| r[t.at("object")].text())
            .and_then(|o| w.catalog().object(o))
            .ok_or(AppError::NotFound)?;
        let record = self.get(caller, object, target).await?;
        self.may(caller, object, &record, verb).await?;
        Ok(found)
    }

    /// A file with its content.
    pub async fn attachment(
        &self,
        caller: &Caller,
        id: Id,
    ) -> Result<(Record, Box<dyn Read + Send>), AppError> {
        let record = self.file_of(caller, id, Verb::Read).await?;
        let hash = record
            .get(file::CONTENT_HASH)
            .as_str()
            .and_then(ContentHash::parse)
            .ok_or(AppError::NotFound)?;
        let content = self.blobs()?.open(&hash).map_err(|e| disk(&e))?;
        Ok((record, content))
    }

    /// Takes a file off its record; it goes into the recycle bin.
    pub async fn detach(&self, caller: &Caller, id: Id) -> Result<(), AppError> {
        let record = self.file_of(caller, id, Verb::Update).await?;
        let w = &caller.workspace;
        let def = w.catalog().object(file::OBJECT).ok_or(AppError::NotFound)?;
        let context = self.context(caller);
        let (_, batch) = self.writer(caller, &context).delete(def, &record);
        Ok(self
            .store
            .apply(&context, &w.layout, &Policy::all(caller.actor), &batch)
            .await?)
    }
}
