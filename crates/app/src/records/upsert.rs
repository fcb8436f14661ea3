//! A record by the key that another system knows it by: changed when it is there, made when it is not.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Change, ExternalKey, Guard, Record};
use peyvand_store::{Conflict, StoreError};

use super::{Json, TRIES};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// The record that carries this key of another system.
    pub async fn by_key(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        source: &str,
        key: &str,
    ) -> Result<Record, AppError> {
        let id = self
            .keyed(caller, object, source, key)
            .await?
            .ok_or(AppError::NotFound)?;
        self.get(caller, object, id).await
    }

    async fn keyed(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        source: &str,
        key: &str,
    ) -> Result<Option<Id>, AppError> {
        let found = self
            .store
            .by_external_key(caller.workspace.id, &object.key, source, &[key.to_owned()])
            .await?;
        Ok(found.get(key).copied())
    }

    /// Changes the record that carries this key, or makes one that does; `true` with a new one. A key whose record the
    /// caller may not see is as good as not there, and cannot be taken either.
    ///
    /// # Errors
    /// `InRecycleBin` for a record that the caller may see there: it keeps its key until it is gone for good.
    pub async fn put_by_key(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        source: &str,
        key: &str,
        json: &Json,
    ) -> Result<(Record, bool), AppError> {
        let w = &caller.workspace;
        for _ in 0..TRIES {
            if let Some(id) = self.keyed(caller, object, source, key).await? {
                return match self.patch(caller, object, id, json, None).await {
                    Ok(record) => Ok((record, false)),
                    Err(AppError::NotFound) => {
                        let binned = self.raw(caller, object, id, DeletedScope::Deleted).await?;
                        Err(AppError::InRecycleBin(binned.id()))
                    }
                    Err(e) => Err(e),
                };
            }
            Self::writable(caller, object, Verb::Create)?;
            let edge = w.edge(caller.language, self.clock.now(), Mode::Create);
            let values = codec::parse_json(w.catalog(), object, json, &edge).map_err(AppError::Invalid)?;
            self.check_fields(caller, object, &values)?;
            self.check_links(caller, object, &values).await?;
            let values = self.with_twins(w, values).await?;
            self.check_parent(caller, object, None, &values).await?;
            let values = self.with_rules(caller, object, None, values).await?;
            let context = self.context(caller);
            let (record, mut batch) = self
                .writer(caller, &context)
                .create(object, values)
                .map_err(AppError::Invalid)?;
            self.settle(caller, &context, &mut batch).await?;
            batch.guards.push(Guard::KeyAbsent {
                object: object.key.as_str().into(),
                source: source.into(),
                key: key.into(),
            });
            batch.changes.push(Change::PutKey(ExternalKey {
                object: object.key.as_str().into(),
                record: record.id(),
                source: source.into(),
                key: key.into(),
            }));
            match self
                .store
                .apply(&context, &w.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_write(w, &object.key).await?;
                    self.tell_owner(caller, object, None, &record).await;
                    return Ok((record, true));
                }
                // Somebody else has put it meanwhile: now it is a change.
                Err(e @ StoreError::Conflict(_)) => {
                    let theirs = self.keyed(caller, object, source, key).await?;
                    if theirs.is_none()
                        && !matches!(
                            e,
                            StoreError::Conflict(Conflict::Guard(_) | Conflict::Stale { .. })
                        )
                    {
                        return Err(e.into());
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Store(StoreError::Conflict(Conflict::Guard(
            "external key".to_owned(),
        ))))
    }
}
