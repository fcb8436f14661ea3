//! A request that comes fifty times with one key has one effect, on every road of writing.

use std::sync::Arc;

use peyvand_app::AppError;
use peyvand_app::records::Idempotency;
use peyvand_core::Id;
use peyvand_record::Record;
use peyvand_record::query::DeletedScope;
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{World, map};

/// What one call says.
type Said = Result<(Id, i64), AppError>;

/// Fifty at once: at least one is done, the others answer the same or are told to wait; asked again all answer the same.
async fn fifty<F, Fut>(w: &Arc<World>, route: &str, call: F) -> (Id, i64)
where
    F: Fn(Arc<World>, Idempotency) -> Fut,
    Fut: Future<Output = Said> + Send + 'static,
{
    let key = Idempotency::new("k", route, b"body");
    let calls: Vec<_> = (0..50)
        .map(|_| tokio::spawn(call(Arc::clone(w), key.clone())))
        .collect();
    let mut done = Vec::new();
    for c in calls {
        match c.await.unwrap() {
            Ok(said) => done.push(said),
            Err(AppError::KeyInFlight) => {}
            Err(e) => panic!("{route}: {e}"),
        }
    }
    assert!(!done.is_empty(), "{route}: nobody was served");
    let again = call(Arc::clone(w), key.clone())
        .await
        .unwrap_or_else(|e| panic!("{route} again: {e}"));
    assert!(done.iter().all(|d| *d == again), "{route}: {done:?}, {again:?}");
    match call(Arc::clone(w), Idempotency::new("k", route, b"another body")).await {
        Err(AppError::KeyReused) => {}
        other => panic!("{route}: another body was taken: {other:?}"),
    }
    again
}

fn said(r: &Record) -> (Id, i64) {
    (r.id(), r.version())
}

async fn audit_entries(w: &World, id: Id) -> usize {
    let t = &SIDE.audit;
    let key = [
        ("workspace_id", i64::from(w.workspace().id.0).into()),
        ("record_id", id.into()),
    ];
    w.app.store.rows(RowsCall::new(t, &key)).await.unwrap().len()
}

#[db_test]
async fn fifty_requests_have_one_effect(db: TestDb) {
    let w = Arc::new(World::new(db).await);
    let made = fifty(&w, "POST /contacts", |w, key| async move {
        let body = map(json!({"name": "علی"}));
        let r = w
            .app
            .create(&w.caller, &w.object("contact"), &body, Some(&key))
            .await?;
        Ok(said(&r))
    })
    .await;
    assert_eq!(w.list("contact", "id != null", "").await, [made.0]);
    let id = made.0;
    let changed = fifty(&w, "PATCH /contacts/1", move |w, key| async move {
        let body = map(json!({"job_title": "مدیر"}));
        let object = w.object("contact");
        let r = w
            .app
            .patch_once(&w.caller, &object, id, &body, Some(1), Some(&key))
            .await?;
        Ok(said(&r))
    })
    .await;
    assert_eq!(changed, (id, 2));
    assert_eq!(audit_entries(&w, id).await, 2);
    fifty(&w, "DELETE /contacts/1", move |w, key| async move {
        w.app
            .delete_once(&w.caller, &w.object("contact"), id, Some(2), Some(&key))
            .await
            .map(|()| (id, 0))
    })
    .await;
    assert_eq!(w.list("contact", "id != null", "").await, []);
    let back = fifty(&w, "POST /contacts/1/restore", move |w, key| async move {
        let r = w
            .app
            .restore_once(&w.caller, &w.object("contact"), id, Some(&key))
            .await?;
        Ok(said(&r))
    })
    .await;
    assert_eq!(back, (id, 4));
    // The deletion asked once more does not delete what was restored since.
    w.app
        .delete_once(
            &w.caller,
            &w.object("contact"),
            id,
            Some(2),
            Some(&Idempotency::new("k", "DELETE /contacts/1", b"body")),
        )
        .await
        .unwrap();
    assert_eq!(w.list("contact", "id != null", "").await, [id]);
    let other = w.create("contact", json!({"name": "علی"})).await.unwrap().id();
    let merged = fifty(&w, "POST /contacts/1/merge", move |w, key| async move {
        let done = w
            .app
            .merge_once(&w.caller, &w.object("contact"), id, other, &[], Some(&key))
            .await?;
        Ok((done.operation, done.survivor.version()))
    })
    .await;
    assert_ne!(merged.0, Id::NIL);
    assert_eq!(w.list("contact", "id != null", "").await, [id]);
    let gone = w
        .app
        .store
        .get(
            w.workspace().id,
            &w.workspace().layout,
            &w.caller.policy,
            "contact",
            other,
            DeletedScope::Live,
        )
        .await
        .unwrap();
    assert!(gone.is_none());
}

/// The control: without a key each request has its effect.
#[db_test]
async fn without_a_key_each_has_its_effect(db: TestDb) {
    let w = World::new(db).await;
    let r = w.create("contact", json!({"name": "علی"})).await.unwrap();
    for n in 0..5 {
        let r = w
            .patch("contact", &r, json!({"job_title": format!("مدیر {n}")}))
            .await
            .unwrap();
        assert_eq!(r.version(), n + 2);
    }
    assert_eq!(audit_entries(&w, r.id()).await, 6);
}
