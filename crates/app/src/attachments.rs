//! Files of records: put there, listed, read, taken away. Their contents lie in the folder of the data, named by hash.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::file;
use peyvand_core::Id;
use peyvand_record::policy::Verb;
use peyvand_record::query::Query;
use peyvand_record::{Policy, Record, Value};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::file_kinds::{LARGEST_FILE, admitted};
use crate::uploads::on_disk;

impl App {
    /// Puts a file on a record that the caller may change. What kind of file it is, its name and its content say.
    ///
    /// # Errors
    /// `FileRefused` when the kind is not taken or the content is not of it.
    pub async fn attach(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        target: Id,
        name: &str,
        content: Vec<u8>,
    ) -> Result<Record, AppError> {
        if !object.spine {
            return Err(AppError::NotFound);
        }
        let record = self.get(caller, object, target).await?;
        self.may(caller, object, &record, Verb::Update).await?;
        let (name, media) = admitted(name, &content)?;
        let blobs = Arc::clone(&self.files()?.blobs);
        self.scanned(&content).await?;
        let (hash, size) = on_disk(move || blobs.put(&mut content.as_slice(), LARGEST_FILE)).await?;
        let w = &caller.workspace;
        let def = w.catalog().object(file::OBJECT).ok_or(AppError::NotFound)?;
        let context = self.context(caller);
        let values = vec![
            (file::NAME, Value::text(name)),
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
        let filter = self.filter_by_ids(&system, def, &format!("target_id = \"{target}\""))?;
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

    /// Takes a file off its record; it goes into the recycle bin.
    pub async fn detach(&self, caller: &Caller, id: Id) -> Result<(), AppError> {
        let record = self.file_for(caller, id, Verb::Update).await?;
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
