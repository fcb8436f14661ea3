//! No two live records share a unique value, however many write at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use peyvand_app::AppError;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{World, map};

const SCHEMA: &str = r#"
[[fields.contact]]
key = "loyalty"
type = "text"
unique = true
label = { fa = "کد وفاداری", en = "Loyalty" }

[[fields.contact]]
key = "card"
type = "code"
unique = true
filter = false
label = { fa = "کارت", en = "Card" }
"#;

/// Twenty at once with one value: one wins, nineteen are told which field.
async fn race(w: &Arc<World>, object: &str, field: &str, body: fn(usize) -> serde_json::Value) {
    let calls = (0..20).map(|n| {
        let w = Arc::clone(w);
        let object = object.to_owned();
        tokio::spawn(async move { w.create(&object, body(n)).await })
    });
    let (mut won, mut told) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppError::Duplicate { fields }) => {
                assert!(
                    fields.split(',').any(|f| f == field),
                    "{object}.{field}: told {fields:?}"
                );
                told += 1;
            }
            Err(e) => panic!("{object}.{field}: {e}"),
        }
    }
    assert_eq!((won, told), (1, 19), "{object}.{field}");
}

#[db_test]
async fn one_of_twenty_writers_wins(db: TestDb) {
    let mut w = World::new(db).await;
    w.schema(SCHEMA).await.unwrap();
    let w = Arc::new(w);
    race(
        &w,
        "contact",
        "loyalty",
        |n| json!({"name": format!("کس {n}"), "loyalty": "وفا ۱"}),
    )
    .await;
    race(
        &w,
        "contact",
        "card",
        |n| json!({"name": format!("کس {n}"), "card": "A-1"}),
    )
    .await;
    race(
        &w,
        "product",
        "code",
        |n| json!({"name": format!("کالا {n}"), "code": "P-1"}),
    )
    .await;
    race(&w, "tag", "name", |_| json!({"name": "ویژه"})).await;
    // The control: a field that is not unique takes all twenty.
    let mut made = BTreeSet::new();
    for n in 0..20 {
        let r = w
            .create("contact", json!({"name": format!("کس {n}"), "job_title": "مدیر"}))
            .await
            .unwrap();
        made.insert(r.id());
    }
    assert_eq!(made.len(), 20);
}

#[db_test]
async fn a_value_is_free_again_when_its_record_gives_it_up(db: TestDb) {
    let mut w = World::new(db).await;
    w.schema(SCHEMA).await.unwrap();
    let taken = |r: Result<peyvand_record::Record, AppError>| match r {
        Err(AppError::Duplicate { fields }) => assert_eq!(fields, "loyalty"),
        other => panic!("not refused: {other:?}"),
    };
    let a = w
        .create("contact", json!({"name": "الف", "loyalty": "Gold-1"}))
        .await
        .unwrap();
    let b = w
        .create("contact", json!({"name": "ب", "loyalty": "Gold-2"}))
        .await
        .unwrap();
    // Compared as folded text, like every text.
    taken(
        w.create("contact", json!({"name": "پ", "loyalty": "gold-1"}))
            .await,
    );
    taken(w.patch("contact", &b, json!({"loyalty": "GOLD-1"})).await);
    // Written again by its own record it is no duplicate.
    w.patch("contact", &a, json!({"loyalty": "gold-1", "job_title": "مدیر"}))
        .await
        .unwrap();
    // Given up by a change.
    w.patch("contact", &a, json!({"loyalty": null})).await.unwrap();
    let b = w
        .patch("contact", &b, json!({"loyalty": "Gold-1"}))
        .await
        .unwrap();
    // Given up by the bin; taken by another, it keeps the first from coming back.
    let contacts = w.object("contact");
    w.app.delete(&w.caller, &contacts, b.id(), None).await.unwrap();
    let c = w
        .create("contact", json!({"name": "ت", "loyalty": "Gold-1"}))
        .await
        .unwrap();
    taken(w.app.restore(&w.caller, &contacts, b.id()).await);
    w.patch("contact", &c, json!({"loyalty": "Gold-9"}))
        .await
        .unwrap();
    w.app.restore(&w.caller, &contacts, b.id()).await.unwrap();
    taken(
        w.create("contact", json!({"name": "ث", "loyalty": "gold-1"}))
            .await,
    );
    // A merge may pass it on.
    let d = w.create("contact", json!({"name": "ج"})).await.unwrap();
    w.app
        .merge(&w.caller, &contacts, d.id(), b.id(), &["loyalty".to_owned()])
        .await
        .unwrap();
    taken(
        w.create("contact", json!({"name": "چ", "loyalty": "gold-1"}))
            .await,
    );
}

#[db_test]
async fn a_field_becomes_unique_only_when_its_values_are(db: TestDb) {
    let mut w = World::new(db).await;
    let plain = SCHEMA.replace("unique = true\n", "");
    w.schema(&plain).await.unwrap();
    let a = w
        .create("contact", json!({"name": "الف", "loyalty": "X"}))
        .await
        .unwrap();
    w.create("contact", json!({"name": "ب", "loyalty": "x"}))
        .await
        .unwrap();
    let with_numbers = |w: &World| {
        let mut s = w.app.schema_of(w.workspace());
        for f in s.fields.get_mut("contact").unwrap() {
            f.unique = true;
        }
        s.to_toml().unwrap()
    };
    let text = with_numbers(&w);
    match w.schema(&text).await {
        Err(AppError::Duplicate { fields }) => assert_eq!(fields, "loyalty"),
        other => panic!("not refused: {other:?}"),
    }
    w.patch("contact", &a, json!({"loyalty": "Y"})).await.unwrap();
    w.schema(&text).await.unwrap();
    w.work().await;
    // Values that were there before hold against new ones.
    let contacts = w.object("contact");
    for value in ["x", "y"] {
        let body = map(json!({"name": "نو", "loyalty": value}));
        match w.app.create(&w.caller, &contacts, &body, None).await {
            Err(AppError::Duplicate { fields }) => assert_eq!(fields, "loyalty"),
            other => panic!("{value} was not refused: {other:?}"),
        }
    }
}
