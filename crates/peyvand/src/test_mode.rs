//! Faults on purpose, for the controls of tests. A release build has none of this.

use std::sync::Arc;

use async_trait::async_trait;
use peyvand_store::{Engine, Forward, Plan, SchemaVersion, StoreError};
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
    } else if asked("older-schema") {
        Arc::new(Older(engine))
    } else {
        engine
    }
}

/// Says that the program knows one version of the schema more than the database has.
#[derive(Debug)]
struct Older(Arc<dyn Engine>);

#[async_trait]
impl Forward for Older {
    fn inner(&self) -> &dyn Engine {
        &*self.0
    }

    async fn schema(&self) -> Result<SchemaVersion, StoreError> {
        let version = self.0.schema().await?;
        Ok(SchemaVersion {
            known: version.known + 1,
            ..version
        })
    }
}

/// Answers before it has committed.
#[derive(Debug)]
struct Early(Arc<dyn Engine>);

#[async_trait]
impl Forward for Early {
    fn inner(&self) -> &dyn Engine {
        &*self.0
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        let engine = Arc::clone(&self.0);
        tokio::spawn(async move { engine.apply(plan).await });
        Ok(())
    }
}
