//! Giving all records of a filter the same values, a chunk in one transaction.

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Filter, Value};
use peyvand_store::{Conflict, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Records that change in one transaction.
const CHUNK: u32 = 100;

impl App {
    /// Gives the next records of a filter these values, each as a change like any other, and says how many there were; 0 when
    /// none is left. A record that has its values matches the filter no more.
    ///
    /// # Errors
    /// What the values break, and what the store says.
    pub(crate) async fn sweep(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        which: &Filter,
        deleted: DeletedScope,
        values: &[(FieldIx, Value)],
    ) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let mut query = Query::of(&object.key).filter(which.clone()).limit(CHUNK);
        query.deleted = deleted;
        for _ in 0..crate::records::TRIES {
            let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let mut batch = Batch::default();
            for before in &page.records {
                let points = self.points_of(caller, object, before).await?;
                let (_, one) = writer
                    .patch(object, before, values.to_vec(), &points)
                    .map_err(AppError::Invalid)?;
                batch.append(one);
            }
            if batch.is_empty() {
                return Ok(0);
            }
            match self
                .store
                .apply(&context, &w.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => return Ok(page.records.len() as u64),
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Forbidden)
    }
}
