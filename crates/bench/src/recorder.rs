//! An engine that also hands every plan to a bare loop, or keeps it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use peyvand_core::WorkspaceId;
use peyvand_store::ports::{Engine, Hit, Plan, Row, RowsCall, SearchCall};
use peyvand_store::{Dialect, Select, StoreError};
use peyvand_store_sqlite::limits::BareWriter;

/// What becomes of the plans.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    /// The bare loop that repeats each plan at once.
    pub(crate) bare: Option<BareWriter>,
    /// How long the bare loop took in all.
    pub(crate) spent: Duration,
    /// The plans themselves, when they are to be kept.
    pub(crate) kept: Option<Vec<Plan>>,
}

/// The engine.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) inner: Arc<dyn Engine>,
    pub(crate) tape: Arc<Mutex<Tape>>,
}

#[async_trait]
impl Engine for Recorder {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.inner.select(select).await
    }

    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.inner.rows(call).await
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        let copy = plan.clone();
        self.inner.apply(plan).await?;
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        let tape = &mut *tape;
        if let Some(bare) = &mut tape.bare {
            tape.spent += bare.write(&[&copy])?;
        }
        if let Some(kept) = &mut tape.kept {
            kept.push(copy);
        }
        Ok(())
    }

    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        self.inner.reserve(workspace, name, n).await
    }

    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.inner.search(call).await
    }

    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        self.inner.copy_to(file).await
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.inner.check().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
