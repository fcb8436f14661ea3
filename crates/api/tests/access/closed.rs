//! A database that stops to answer lets nobody in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use peyvand_core::{Instant, WorkspaceId};
use peyvand_store::{Engine, Forward, Hit, Keys, Plan, Row, RowsCall, SearchCall, Select, Store, StoreError};
use peyvand_testkit::{TestDb, db_test};

use super::world::World;

/// A database that stops to answer.
#[derive(Debug)]
struct Breaking {
    inner: Arc<dyn Engine>,
    broken: AtomicBool,
}

impl Breaking {
    fn ok(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Relaxed) {
            Err(StoreError::Engine("gone".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Forward for Breaking {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.ok()?;
        self.inner.select(select).await
    }
    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.ok()?;
        self.inner.rows(call).await
    }
    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        self.ok()?;
        self.inner.apply(plan).await
    }
    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        self.ok()?;
        self.inner.reserve(workspace, name, n).await
    }
    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.ok()?;
        self.inner.search(call).await
    }
    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError> {
        self.ok()?;
        self.inner.search_each(calls).await
    }
}

/// When nobody can be asked who somebody is, nobody is let in, also not with what was remembered of them.
#[db_test]
async fn without_the_store_nobody_is_let_in(db: TestDb) {
    let engine = Arc::new(Breaking {
        inner: Arc::clone(db.store.engine()),
        broken: AtomicBool::new(false),
    });
    let shared: Arc<dyn Engine> = Arc::clone(&engine) as _;
    let broken = TestDb {
        store: Arc::new(Store::new(shared, Keys::new([1; 32]))),
        ..db
    };
    let w = World::new(&broken).await;
    let token = w.token("own").to_owned();
    let call = async || w.call(&token, "GET", "/api/v1/contacts", None).await.0;
    assert_eq!(call().await, 200);
    engine.broken.store(true, Ordering::Relaxed);
    broken.clock.advance(2 * Instant::SECOND);
    assert_eq!(call().await, 503);
    let (made_up, _) = w
        .call(
            &format!("pvd_{}", "0".repeat(64)),
            "GET",
            "/api/v1/contacts",
            None,
        )
        .await;
    assert!(matches!(made_up, 401 | 503), "{made_up}");
    engine.broken.store(false, Ordering::Relaxed);
    assert_eq!(call().await, 200, "and goes on when it answers again");
}
