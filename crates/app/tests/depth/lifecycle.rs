//! The life of a field and an object of one's own: used at once, renamed, deleted, brought back, gone for good.

use peyvand_app::{AppError, ListRequest};
use peyvand_core::Instant;
use peyvand_record::{Record, Value};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

const SCHEMA: &str = r#"
[[fields.contact]]
key = "loyalty"
type = "text"
sort = true
search = "exact"
label = { fa = "کد وفاداری", en = "Loyalty" }

[[fields.contact]]
key = "shoe"
type = "number"
label = { fa = "شمارهٔ کفش", en = "Shoe" }

[[object]]
key = "visit"
plural = "visits"
label = { fa = "بازدید", en = "Visit" }
labels = { fa = "بازدیدها", en = "Visits" }
icon = "flag"
title = "name"
area = "sales"

[[object.field]]
key = "name"
type = "text"
label = { fa = "نام", en = "Name" }
required = true
sort = true
search = "title"

[[object.field]]
key = "cost"
type = "money"
sort = true
label = { fa = "هزینه", en = "Cost" }
"#;

async fn index_rows(w: &World, number: i32) -> usize {
    let t = &SIDE.field_index;
    let key = [
        ("workspace_id", i64::from(w.workspace().id.0).into()),
        ("field", i64::from(number).into()),
    ];
    w.app.store.rows(RowsCall::new(t, &key)).await.unwrap().len()
}

/// The stored form of a record's own fields.
async fn stored(w: &World, object: &str, r: &Record) -> String {
    let l = w.workspace().layout.object(object).unwrap();
    let key = [
        ("workspace_id", i64::from(w.workspace().id.0).into()),
        ("id", r.id().into()),
    ];
    let rows = w.app.store.rows(RowsCall::new(&l.table, &key)).await.unwrap();
    rows[0][l.table.at("custom")]
        .text()
        .unwrap_or_default()
        .to_owned()
}

#[db_test]
async fn a_field_lives_and_dies_with_its_values(db: TestDb) {
    let mut w = World::new(db).await;
    w.schema(SCHEMA).await.unwrap();
    let number = w.object("contact").field("loyalty").unwrap().1.number.unwrap();
    let a = w
        .create("contact", json!({"name": "علی", "loyalty": "زر ۷", "shoe": 42}))
        .await
        .unwrap();
    // Renamed: the values stay, under the new name only.
    let mut s = w.app.schema_of(w.workspace());
    s.fields.get_mut("contact").unwrap()[0].key = "club".to_owned();
    w.schema(&s.to_toml().unwrap()).await.unwrap();
    assert_eq!(w.list("contact", "club = \"زر 7\"", "club").await, [a.id()]);
    assert_eq!(
        w.value("contact", &w.get("contact", &a).await, "club"),
        Value::text("زر ۷")
    );
    // Deleting asks.
    let whole = s.to_toml().unwrap();
    s.fields.get_mut("contact").unwrap().remove(0);
    let without = s.to_toml().unwrap();
    let changes = w.app.schema_changes(w.workspace(), &s);
    match w.app.change_schema(w.workspace(), &changes, false).await {
        Err(AppError::Unconfirmed(1)) => {}
        other => panic!("not asked: {other:?}"),
    }
    w.schema(&without).await.unwrap();
    assert!(w.object("contact").field("club").is_none());
    // A change of another field, a deletion and a restore do not lose what may come back.
    let contacts = w.object("contact");
    w.patch("contact", &a, json!({"shoe": 43})).await.unwrap();
    w.app.delete(&w.caller, &contacts, a.id(), None).await.unwrap();
    w.app.restore(&w.caller, &contacts, a.id()).await.unwrap();
    w.db.clock.advance(29 * Instant::DAY);
    w.app.expire_definitions(w.workspace()).await.unwrap();
    w.schema(&whole).await.unwrap();
    w.work().await;
    assert_eq!(
        w.value("contact", &w.get("contact", &a).await, "club"),
        Value::text("زر ۷")
    );
    assert_eq!(
        w.value("contact", &w.get("contact", &a).await, "shoe"),
        Value::Int(43)
    );
    assert_eq!(w.list("contact", "club = \"زر 7\"", "-club").await, [a.id()]);
    assert!(index_rows(&w, number).await > 0);
    // Deleted again and left for thirty days it goes for good, with everything stored under it.
    w.schema(&without).await.unwrap();
    w.db.clock.advance(31 * Instant::DAY);
    let gone = w.app.expire_definitions(w.workspace()).await.unwrap();
    assert_eq!(gone.len(), 1);
    let fresh = w.app.workspace(Some("main")).await.unwrap();
    w.caller = peyvand_app::Caller::system(&fresh, peyvand_core::Via::Cli);
    assert_eq!(index_rows(&w, number).await, 0);
    let text = stored(&w, "contact", &a).await;
    assert!(!text.contains("زر") && text.contains("43"), "{text}");
    match w.schema(&whole).await {
        // It is a new field now, without values.
        Ok(()) => assert_eq!(
            w.value("contact", &w.get("contact", &a).await, "club"),
            Value::Null
        ),
        Err(e) => panic!("{e}"),
    }
    assert!(w.app.expire_definitions(w.workspace()).await.unwrap().is_empty());
}

#[db_test]
async fn an_object_is_used_at_once_and_goes_with_its_records(db: TestDb) {
    let mut w = World::new(db).await;
    w.schema(SCHEMA).await.unwrap();
    let irr = |n: i64| json!({"amount": n.to_string(), "currency": "IRR"});
    let mut made = Vec::new();
    for (name, cost) in [("بازدید یک", 300), ("بازدید دو", 100), ("نمایشگاه", 200)] {
        made.push(
            w.create("visit", json!({"name": name, "cost": irr(cost)}))
                .await
                .unwrap(),
        );
    }
    assert_eq!(
        w.list("visit", "cost >= 200 IRR", "-cost").await,
        [made[0].id(), made[2].id()]
    );
    assert_eq!(w.list("visit", "name : \"بازدید\"", "name").await.len(), 2);
    let request = ListRequest {
        q: Some("نمایش".to_owned()),
        ..ListRequest::default()
    };
    let found = w.app.list(&w.caller, &w.object("visit"), &request).await.unwrap();
    assert_eq!(
        found.records.iter().map(Record::id).collect::<Vec<_>>(),
        [made[2].id()]
    );
    let whole = w.app.schema_of(w.workspace()).to_toml().unwrap();
    let mut s = w.app.schema_of(w.workspace());
    s.objects.clear();
    w.schema(&s.to_toml().unwrap()).await.unwrap();
    assert!(w.workspace().catalog().object("visit").is_none());
    w.db.clock.advance(10 * Instant::DAY);
    w.schema(&whole).await.unwrap();
    w.work().await;
    assert_eq!(w.list("visit", "cost >= 200 IRR", "-cost").await.len(), 2);
    w.schema(&s.to_toml().unwrap()).await.unwrap();
    w.db.clock.advance(31 * Instant::DAY);
    assert_eq!(w.app.expire_definitions(w.workspace()).await.unwrap().len(), 1);
    let t = &SIDE.custom_record;
    let key = [("workspace_id", i64::from(w.workspace().id.0).into())];
    assert!(w.app.store.rows(RowsCall::new(t, &key)).await.unwrap().is_empty());
    for r in &made {
        let key = [
            ("workspace_id", i64::from(w.workspace().id.0).into()),
            ("id", r.id().into()),
        ];
        assert!(
            w.app
                .store
                .rows(RowsCall::new(&SIDE.record, &key))
                .await
                .unwrap()
                .is_empty()
        );
    }
}
