//! Copies of the database, as backups hold them, on either engine.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use peyvand_app::backup::Copies;
use peyvand_core::{Clock as _, Instant, SystemClock, random};
use peyvand_store::{Engine, Forward, StoreError};
use peyvand_store_postgres::PostgresEngine;
use peyvand_store_sqlite::{Options, SqliteEngine};

use crate::instance::Place;

/// How the copies of the engine of this place are handled.
pub(crate) fn copies_of(place: &Place) -> Box<dyn Copies> {
    if place.database == "sqlite" {
        Box::new(Files)
    } else {
        Box::new(OnServer {
            url: place.database.clone(),
        })
    }
}

/// SQLite: the copy is a database.
#[derive(Debug)]
struct Files;

#[async_trait]
impl Copies for Files {
    async fn open(&self, copy: &Path) -> Result<Arc<dyn Engine>, StoreError> {
        Ok(Arc::new(SqliteEngine::open(copy, &Options::default())?))
    }

    fn embedded(&self) -> bool {
        true
    }

    async fn bring_back(&self, _: &Path) -> Result<Option<Arc<dyn Engine>>, StoreError> {
        Ok(None)
    }
}

/// PostgreSQL: a copy is read into a schema of its own on the same server, and that goes again.
#[derive(Debug)]
struct OnServer {
    url: String,
}

/// Schemas with this beginning, the second of their making behind it, hold copies that are being looked into.
const LOOKED_INTO: &str = "peyvand_copy_";
/// A copy that is older was left behind by a command that was killed: two days, in seconds.
const LEFT_BEHIND: i64 = 2 * 24 * 3600;

/// An engine on a schema that goes when it is closed.
#[derive(Debug)]
struct Passing {
    engine: PostgresEngine,
    schema: String,
}

#[async_trait]
impl Forward for Passing {
    fn inner(&self) -> &dyn Engine {
        &self.engine
    }

    async fn close(&self) {
        if let Err(e) = self.engine.drop_schema(&self.schema).await {
            tracing::warn!("the schema {} stays behind: {e}", self.schema);
        }
        self.engine.close().await;
    }
}

#[async_trait]
impl Copies for OnServer {
    async fn open(&self, copy: &Path) -> Result<Arc<dyn Engine>, StoreError> {
        let now = SystemClock::default().now().micros() / Instant::SECOND;
        let [a, b, c, d] = random::bytes::<4>();
        let schema = format!("{LOOKED_INTO}{now}_{:08x}", u32::from_be_bytes([a, b, c, d]));
        let engine = PostgresEngine::open_in_schema(&self.url, &schema).await?;
        for old in engine.schemas(LOOKED_INTO).await? {
            let made = old
                .strip_prefix(LOOKED_INTO)
                .and_then(|rest| rest.split('_').next())
                .and_then(|n| n.parse::<i64>().ok());
            if made.is_some_and(|made| made + LEFT_BEHIND < now) {
                engine.drop_schema(&old).await?;
            }
        }
        let passing = Passing { engine, schema };
        match passing.engine.restore_from(copy).await {
            Ok(()) => Ok(Arc::new(passing)),
            Err(e) => {
                Engine::close(&passing).await;
                Err(e)
            }
        }
    }

    fn embedded(&self) -> bool {
        false
    }

    async fn bring_back(&self, copy: &Path) -> Result<Option<Arc<dyn Engine>>, StoreError> {
        let engine = PostgresEngine::open(&self.url).await?;
        engine.restore_from(copy).await?;
        Ok(Some(Arc::new(engine)))
    }
}
