//! Into the recycle bin and out of it.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_record::Record;
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_store::{Conflict, StoreError};

use super::{Idempotency, TRIES};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// Puts a record into the recycle bin.
    pub async fn delete(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        version: Option<i64>,
    ) -> Result<(), AppError> {
        self.delete_once(caller, object, id, version, None).await
    }

    /// The same with an idempotency key: the same request again changes nothing, whatever became of the record since.
    pub async fn delete_once(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        version: Option<i64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<(), AppError> {
        Self::writable(caller, object, Verb::Delete)?;
        let _doing = self.begin(caller, idempotency)?;
        if self.answered(caller, idempotency).await?.is_some() {
            return Ok(());
        }
        match self
            .moved(caller, object, id, version, DeletedScope::Live, idempotency)
            .await
        {
            Ok(_) => Ok(()),
            Err(e) => match self.answered(caller, idempotency).await? {
                Some(_) => Ok(()),
                None => Err(e),
            },
        }
    }

    /// Takes a record out of the recycle bin.
    pub async fn restore(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
    ) -> Result<Record, AppError> {
        self.restore_once(caller, object, id, None).await
    }

    /// The same with an idempotency key: the same request again changes nothing and gives the record as it is now.
    pub async fn restore_once(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        let _doing = self.begin(caller, idempotency)?;
        if let Some(done) = self.repeated(caller, object, idempotency).await? {
            return Ok(done);
        }
        match self
            .moved(caller, object, id, None, DeletedScope::Deleted, idempotency)
            .await
        {
            Ok(r) => Ok(r),
            Err(e) => match self.repeated(caller, object, idempotency).await? {
                Some(done) => Ok(done),
                None => Err(e),
            },
        }
    }

    async fn moved(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        version: Option<i64>,
        from: DeletedScope,
        idempotency: Option<&Idempotency>,
    ) -> Result<Record, AppError> {
        for _ in 0..TRIES {
            let before = self.raw(caller, object, id, from).await?;
            if let Some(v) = version
                && v != before.version()
            {
                return Err(AppError::changed(&before));
            }
            let verb = match from {
                DeletedScope::Live => Verb::Delete,
                DeletedScope::Deleted => Verb::Update,
            };
            self.check_managed(caller, object, verb, Some(&before), &[])
                .await?;
            self.check_parent(caller, object, Some(&before), &[]).await?;
            if from == DeletedScope::Live {
                self.check_unused(&caller.workspace, object, id).await?;
            }
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let (after, mut batch) = match from {
                DeletedScope::Live => writer.delete(object, &before),
                DeletedScope::Deleted => writer.restore(object, &before),
            };
            self.settle(caller, &context, &mut batch).await?;
            self.remember(caller, &context, idempotency, &[before.id()], 200, &mut batch);
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_managed(caller, object, Some(&before), &after).await?;
                    let mut shown = after;
                    self.dress(caller, object, std::slice::from_mut(&mut shown));
                    return Ok(shown);
                }
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Changed {
            id,
            version: 0,
            fields: Vec::new(),
        })
    }
}
