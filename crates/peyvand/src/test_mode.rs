//! Faults on purpose, for the controls of tests. A release build has none of this.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use peyvand_core::WorkspaceId;
use peyvand_store::ports::{Hit, Plan, Row, RowsCall, SearchCall};
use peyvand_store::{Dialect, Engine, Select, StoreError};
use peyvand_store_sqlite::Options;

/// The variable that asks for a fault.
const VARIABLE: &str = "PEYVAND_TEST_MODE";

fn asked(mode: &str) -> bool {
    std::env::var(VARIABLE).is_ok_and(|v| v == mode)
}

/// The options, or those with the fault that the environment asks for: a journal that is not synchronised at commits.
pub(crate) fn options(mut options: Options) -> Options {
    if asked("no-synchronisation") {
        options.full_sync = false;
    }
    options
}

/// Refuses to start as with a library that damages data, when the environment asks for that.
pub(crate) fn library() -> Result<(), StoreError> {
    if asked("unsafe-library") {
        return Err(StoreError::UnsafeEngine(
            "SQLite 3.51.2 can damage a write-ahead log".to_owned(),
        ));
    }
    Ok(())
}

/// Ends the process as a kill would, when the environment asks for an end here.
pub(crate) fn cut(here: &str) {
    if asked(&format!("cut-{here}")) {
        std::process::abort();
    }
}

/// The engine, or one with the fault that the environment asks for.
pub(crate) fn of_environment(engine: Arc<dyn Engine>) -> Arc<dyn Engine> {
    if asked("answer-before-commit") {
        Arc::new(Early(engine))
    } else {
        engine
    }
}

/// Answers before it has committed.
#[derive(Debug)]
struct Early(Arc<dyn Engine>);

#[async_trait]
impl Engine for Early {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }
    async fn migrate(&self) -> Result<(), StoreError> {
        self.0.migrate().await
    }
    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.0.select(select).await
    }
    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.0.rows(call).await
    }
    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        let engine = Arc::clone(&self.0);
        tokio::spawn(async move { engine.apply(plan).await });
        Ok(())
    }
    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        self.0.reserve(workspace, name, n).await
    }
    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.0.search(call).await
    }
    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        self.0.copy_to(file).await
    }
    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.0.check().await
    }
    async fn close(&self) {
        self.0.close().await;
    }
}
