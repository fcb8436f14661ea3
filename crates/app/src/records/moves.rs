//! Into the recycle bin and out of it.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_record::Record;
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_store::{Conflict, StoreError};

use super::{TRIES, hide};
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
        Self::writable(caller, object, Verb::Delete)?;
        self.moved(caller, object, id, version, DeletedScope::Live)
            .await
            .map(drop)
    }

    /// Takes a record out of the recycle bin.
    pub async fn restore(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        self.moved(caller, object, id, None, DeletedScope::Deleted).await
    }

    async fn moved(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        version: Option<i64>,
        from: DeletedScope,
    ) -> Result<Record, AppError> {
        for _ in 0..TRIES {
            let before = self.raw(caller, object, id, from).await?;
            if let Some(v) = version
                && v != before.version()
            {
                return Err(AppError::Changed {
                    id,
                    version: before.version(),
                    fields: Vec::new(),
                });
            }
            let verb = match from {
                DeletedScope::Live => Verb::Delete,
                DeletedScope::Deleted => Verb::Update,
            };
            self.check_managed(caller, object, verb, Some(&before), &[])
                .await?;
            self.check_parent(caller, object, Some(&before), &[]).await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let (after, batch) = match from {
                DeletedScope::Live => writer.delete(object, &before),
                DeletedScope::Deleted => writer.restore(object, &before),
            };
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => {
                    self.after_managed(caller, object, Some(&before), &after).await?;
                    let mut shown = after;
                    hide(&caller.policy, object, std::slice::from_mut(&mut shown));
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
