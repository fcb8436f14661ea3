//! Work in the background is begun as a whole: what is said to wait has its job, however the program ends.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use common::{Fixture, fixture_on};
use peyvand_app::App;
use peyvand_app::bulk_edit::{Selection, Task};
use peyvand_core::IdSource;
use peyvand_store::tables::SIDE;
use peyvand_store::{Engine, Forward, Keys, Plan, RowsCall, Store, StoreError};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

/// An engine that writes so many plans and is gone then, as after a kill.
#[derive(Debug)]
struct Mortal {
    inner: Arc<dyn Engine>,
    left: AtomicUsize,
}

#[async_trait]
impl Forward for Mortal {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        match left {
            Ok(_) => self.inner.apply(plan).await,
            Err(_) => Err(StoreError::Engine("killed".to_owned())),
        }
    }
}

/// Operations that are said to wait, and those of them that no job knows.
async fn waiting(f: &Fixture) -> (usize, usize) {
    let w = [("workspace_id", i64::from(f.workspace().id.0).into())];
    let (t, j) = (&SIDE.transfer, &SIDE.job);
    let jobs = f.app.store.rows(RowsCall::new(j, &w)).await.unwrap();
    let known = |id: &str| {
        jobs.iter()
            .any(|r| r[j.at("payload")].text().is_some_and(|p| p.contains(id)))
    };
    let rows = f.app.store.rows(RowsCall::new(t, &w)).await.unwrap();
    let waits: Vec<String> = rows
        .iter()
        .filter(|r| matches!(r[t.at("state")].text(), Some("queued" | "waiting")))
        .filter_map(|r| r[t.at("id")].uuid().map(|id| id.to_string()))
        .collect();
    let orphans = waits.iter().filter(|id| !known(id)).count();
    (waits.len(), orphans)
}

#[db_test]
async fn what_waits_has_its_job(db: TestDb) {
    let f = fixture_on(db).await;
    let boss = f.person("سارا", "admin").await;
    for n in 0..30 {
        let contact = serde_json::from_value(json!({ "name": format!("مخاطب {n}") })).unwrap();
        let object = f.app.object(&boss, "contacts").unwrap();
        f.app.create(&boss, &object, &contact, None).await.unwrap();
    }
    // However many plans are still written before the end.
    for left in 0..4 {
        let engine = Mortal {
            inner: Arc::clone(f.app.store.engine()),
            left: AtomicUsize::new(left),
        };
        let store = Arc::new(Store::new(Arc::new(engine), Keys::new([42; 32])));
        let app = App::new(store, Arc::clone(&f.clock) as _, Arc::new(IdSource::default()))
            .in_folder(f.folder.path())
            .unwrap();
        let object = app.object(&boss, "contacts").unwrap();
        let task = Task::Set {
            field: "city".to_owned(),
            value: json!("شیراز"),
        };
        let exported = app.begin_export(&boss, "contacts", None, "csv").await.is_ok();
        let edited = app
            .start_bulk(&boss, &object, Selection::default(), task)
            .await
            .is_ok();
        // Controls: the first end comes before anything is written, the last one behind everything.
        assert_eq!((exported, edited), (left > 0, left > 1), "{left}");
        let (waits, orphans) = waiting(&f).await;
        assert_eq!(orphans, 0, "{left}: {waits} wait");
    }
    assert_eq!(waiting(&f).await.0, 5);
}
