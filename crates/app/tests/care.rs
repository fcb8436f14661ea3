//! The recycle bin, the sealed log and background jobs.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use common::fixture_on;
use peyvand_app::jobs::{Handler, Held, KEEP_DELETED, Worker};
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_catalog::definition::system;
use peyvand_core::Instant;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Change, Value};
use peyvand_store::ByIds;
use peyvand_testkit::{TestDb, db_test};

fn json(v: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match v {
        serde_json::Value::Object(map) => map,
        other => panic!("an object is expected, not {other}"),
    }
}

async fn make(f: &common::Fixture, plural: &str, v: serde_json::Value) -> peyvand_record::Record {
    let object = f.app.object(&f.caller, plural).unwrap();
    f.app.create(&f.caller, &object, &json(v), None).await.unwrap()
}

/// Item 25: a deleted twin of every record is seen by no list, count, filter, search or look-up.
#[db_test]
async fn deleted_twins_are_never_seen(db: TestDb) {
    let f = fixture_on(db).await;
    let mut looked = 0;
    for object in f.workspace().catalog().objects() {
        if object.key == "contact_point" || object.key == "consent_entry" {
            continue;
        }
        let live = f.sample(&object.key, 1);
        f.insert(&live).await;
        let see = || async {
            let all = ListRequest {
                count: true,
                ..ListRequest::default()
            };
            let listed = f.app.list(&f.caller, object, &all).await.unwrap();
            let ids: Vec<_> = listed.records.iter().map(peyvand_record::Record::id).collect();
            let q = ListRequest {
                q: Some(peyvand_record::codec::to_json(object, &live, None)[&object.title].to_string()),
                ..ListRequest::default()
            };
            let found = f
                .app
                .list(&f.caller, object, &q)
                .await
                .map(|l| l.records.len())
                .ok();
            let mut out = std::io::Cursor::new(Vec::new());
            let exported = f
                .app
                .export(&f.caller, object, None, ExportFormat::Ndjson, &mut out, |_| {})
                .await
                .map(|e| e.records)
                .ok();
            (ids, listed.count, found, exported, out.into_inner())
        };
        let before = see().await;
        let mut twin = live.clone();
        let context = f.app.context(&f.caller);
        twin.set(system::ID, Value::Id(f.app.ids.next(context.now)));
        for v in &mut twin.values {
            if let Value::Points(points) = v {
                for p in points {
                    p.id = peyvand_core::Id::from_bytes(peyvand_core::random::bytes());
                }
            }
        }
        // Unique values of a row that is no longer there are free again: the twin may carry them where it is deleted.
        twin.set(system::DELETED_AT, Value::Instant(context.now));
        if !object.spine {
            for (i, field) in object.fields.iter().enumerate() {
                if field.unique || object.unique.iter().any(|s| s.contains(&field.key)) {
                    let other = common::value(field, 2);
                    if !other.is_null() {
                        twin.set(peyvand_catalog::FieldIx(i as u16), other);
                    }
                }
            }
        }
        f.insert(&twin).await;
        assert_eq!(see().await, before, "{}", object.key);
        let w = f.workspace();
        for (scope, n) in [(DeletedScope::Live, 0), (DeletedScope::Deleted, 1)] {
            // Control: it is there, in the bin.
            let found = f
                .app
                .store
                .by_ids(
                    w.id,
                    &w.layout,
                    &f.caller.policy,
                    &ByIds::of(&object.key, &[twin.id()]).deleted(scope),
                )
                .await
                .unwrap();
            assert_eq!(found.len(), n, "{}", object.key);
        }
        looked += 1;
    }
    assert!(looked > 30, "{looked}");
    // Through a relation: the contacts of a deleted company are not found by its name.
    let company = make(&f, "companies", serde_json::json!({"name": "پارس نهان"})).await;
    make(
        &f,
        "contacts",
        serde_json::json!({"name": "سارا کریمی", "company_id": company.id().to_string()}),
    )
    .await;
    let by_company = ListRequest {
        filter: Some("company.name = \"پارس نهان\"".to_owned()),
        ..ListRequest::default()
    };
    let contacts = f.object("contact");
    let n = || async {
        f.app
            .list(&f.caller, &contacts, &by_company)
            .await
            .unwrap()
            .records
            .len()
    };
    assert_eq!(n().await, 1);
    let companies = f.object("company");
    f.app
        .delete(&f.caller, &companies, company.id(), None)
        .await
        .unwrap();
    assert_eq!(n().await, 0);
    // Restored, its contacts see it again: the link was never lost.
    f.app.restore(&f.caller, &companies, company.id()).await.unwrap();
    assert_eq!(n().await, 1);
}

#[db_test]
async fn the_bin_is_emptied_by_the_rules_of_the_links(db: TestDb) {
    let f = fixture_on(db).await;
    let company = make(&f, "companies", serde_json::json!({"name": "آلفا"})).await;
    let contact = make(
        &f,
        "contacts",
        serde_json::json!({"name": "رضا امینی", "company_id": company.id().to_string(),
            "emails": ["reza@example.com"]}),
    )
    .await;
    let mut employment = f.sample("employment", 1);
    let def = f.object("employment");
    employment.set(def.field("contact_id").unwrap().0, Value::Id(contact.id()));
    employment.set(def.field("company_id").unwrap().0, Value::Id(company.id()));
    f.apply(vec![Change::Insert(Box::new(employment.clone()))]).await;
    let pipeline = f.sample("pipeline", 1);
    f.insert(&pipeline).await;
    let mut deal = f.sample("deal", 1);
    let deals = f.object("deal");
    deal.set(deals.field("pipeline_id").unwrap().0, Value::Id(pipeline.id()));
    f.insert(&deal).await;
    let companies = f.object("company");
    let pipelines = f.object("pipeline");
    f.app
        .delete(&f.caller, &companies, company.id(), None)
        .await
        .unwrap();
    f.apply(vec![Change::Update {
        before: Box::new(pipeline.clone()),
        after: Box::new({
            let c = f.app.context(&f.caller);
            let mut p = pipeline.touched(c.now, c.actor);
            p.set(system::DELETED_AT, Value::Instant(c.now));
            p
        }),
    }])
    .await;
    // Control: before their time nothing goes.
    let early = f.app.purge_bin(f.workspace(), KEEP_DELETED).await.unwrap();
    assert_eq!((early.gone, early.cleared), (0, 0));
    f.clock.advance(KEEP_DELETED + Instant::DAY);
    let done = f.app.purge_bin(f.workspace(), KEEP_DELETED).await.unwrap();
    // The company went and its employment with it; the contact's link was emptied; the pipeline is held by the deal.
    assert_eq!((done.gone, done.cleared), (2, 1), "{done:?}");
    assert_eq!(done.held.len(), 1, "{done:?}");
    assert_eq!(done.held[0].by, "deal.pipeline_id");
    let contacts = f.object("contact");
    let now = f.app.get(&f.caller, &contacts, contact.id()).await.unwrap();
    assert!(now.get(contacts.field("company_id").unwrap().0).is_null());
    assert!(matches!(
        f.app.restore(&f.caller, &companies, company.id()).await,
        Err(AppError::NotFound)
    ));
    f.app.restore(&f.caller, &pipelines, pipeline.id()).await.unwrap();
}

#[derive(Debug, Default)]
struct Counted {
    runs: AtomicU32,
    fail: bool,
}

#[async_trait]
impl Handler for Counted {
    async fn run(&self, _: &App, _: &Arc<Workspace>, _: &Held) -> Result<(), AppError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if self.fail {
            Err(AppError::NotFound)
        } else {
            Ok(())
        }
    }
}

/// Item 13.
#[db_test]
async fn a_worker_that_slept_through_its_lease_writes_nothing(db: TestDb) {
    let f = fixture_on(db).await;
    let w = f.workspace();
    let now = f.app.context(&f.caller).now;
    f.app.enqueue(w.id, "count", "{}", now, None).await.unwrap();
    let lease = Duration::from_millis(80);
    let work = Arc::new(Counted::default());
    let mut sleeper = Worker::new(Arc::clone(&f.app), lease);
    let mut other = Worker::new(Arc::clone(&f.app), lease);
    other.handle("count", Arc::clone(&work) as Arc<dyn Handler>);
    let held = sleeper.claim(w.id).await.unwrap().unwrap();
    // While the holder's counter moves, nobody takes the job over.
    for beat in 0..4 {
        assert!(!other.step(w).await.unwrap());
        tokio::time::sleep(lease / 2).await;
        sleeper.beat(w.id, &held, 100 + beat).await.unwrap();
    }
    assert!(!other.step(w).await.unwrap());
    tokio::time::sleep(lease * 2).await;
    assert!(other.step(w).await.unwrap());
    assert_eq!(work.runs.load(Ordering::SeqCst), 1);
    // It wakes: its counter and its result are refused.
    assert!(sleeper.beat(w.id, &held, 999).await.is_err());
    assert!(sleeper.finish(w.id, &held, Ok(())).await.is_err());
    assert!(!other.step(w).await.unwrap());
    assert_eq!(f.app.jobs(w.id, Some("done")).await.unwrap().len(), 1);
}

#[db_test]
async fn a_job_that_fails_is_tried_later_and_ends_as_a_dead_letter(db: TestDb) {
    let f = fixture_on(db).await;
    let w = f.workspace();
    let now = f.app.context(&f.caller).now;
    for _ in 0..2 {
        f.app
            .enqueue(w.id, "count", "{}", now, Some("only one"))
            .await
            .unwrap();
    }
    assert_eq!(f.app.jobs(w.id, None).await.unwrap().len(), 1);
    let work = Arc::new(Counted {
        fail: true,
        ..Counted::default()
    });
    let mut worker = Worker::new(Arc::clone(&f.app), Duration::from_mins(1));
    worker.handle("count", Arc::clone(&work) as Arc<dyn Handler>);
    assert!(worker.step(w).await.unwrap());
    // Not again before its pause is over.
    assert!(!worker.step(w).await.unwrap());
    for _ in 0..20 {
        f.clock.advance(2 * 3600 * Instant::SECOND);
        worker.step(w).await.unwrap();
    }
    assert_eq!(work.runs.load(Ordering::SeqCst), 8);
    let dead = f.app.jobs(w.id, Some("dead")).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(dead[0].error.is_some());
    f.app.retry_job(w.id, dead[0].id.parse().unwrap()).await.unwrap();
    assert!(worker.step(w).await.unwrap());
    assert_eq!(work.runs.load(Ordering::SeqCst), 9);
}

#[db_test]
async fn answers_to_repeated_requests_are_forgotten_after_their_time(db: TestDb) {
    use peyvand_app::records::Idempotency;
    let f = fixture_on(db).await;
    let w = f.workspace();
    let contacts = f.object("contact");
    let key = Idempotency::new("k", "POST /contacts", b"{}");
    let name = json(serde_json::json!({"name": "علی نوری"}));
    let a = f
        .app
        .create(&f.caller, &contacts, &name, Some(&key))
        .await
        .unwrap();
    f.clock.advance(Instant::DAY + Instant::SECOND);
    assert_eq!(f.app.forget_old_rows(w).await.unwrap(), 0);
    let b = f
        .app
        .create(&f.caller, &contacts, &name, Some(&key))
        .await
        .unwrap();
    assert_eq!(a.id(), b.id());
    f.clock.advance(2 * Instant::DAY);
    assert_eq!(f.app.forget_old_rows(w).await.unwrap(), 1);
    let c = f
        .app
        .create(&f.caller, &contacts, &name, Some(&key))
        .await
        .unwrap();
    assert_ne!(a.id(), c.id());
}
