//! Lists of named fields: only their columns are read, and each says what it says in the whole record.

use std::sync::Arc;

use peyvand_catalog::Catalog;
use peyvand_core::WorkspaceId;
use peyvand_record::{Batch, Change, Record, Value};
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

/// Every field of every object alone, beside the same field in the list of whole records.
#[db_test]
async fn a_field_that_is_named_alone_says_the_same(db: TestDb) {
    let (store, layout, all) = (Arc::clone(&db.store), Arc::clone(&db.layout), Arc::clone(&db.all));
    let mut context = db.context();
    // The workspace that the world makes first.
    context.workspace = WorkspaceId(1);
    let ids = Arc::clone(&db.ids);
    let w = World::on(db).await;
    let mut inventor = Inventor::new(26);
    let mut filled = 0;
    for object in Catalog::standard().objects() {
        let list = |query: &str| format!("/{}?{query}", object.plural);
        // What somebody was told is listed for them alone, by an operation of its own.
        if object.key == "notification" || w.call("GET", &list("limit=1"), &[], b"").await.status != 200 {
            continue;
        }
        for _ in 0..2 {
            let mut r = Record::new(object, ids.next(context.now), context.now, context.actor);
            for (ix, v) in inventor.values(object, 0) {
                // Contact points are rows of their own.
                if !matches!(v, Value::Points(_)) {
                    r.set(ix, v);
                }
            }
            let batch = Batch {
                changes: vec![Change::Insert(Box::new(r))],
                ..Batch::default()
            };
            store
                .apply(&context, &layout, &all, &batch)
                .await
                .unwrap_or_else(|e| panic!("{}: {e}", object.key));
        }
        let whole = w.call("GET", &list("limit=1"), &[], b"").await;
        let first = whole.json["data"][0].as_object().expect("a record").clone();
        for (key, value) in first
            .iter()
            .filter(|(k, _)| !matches!(k.as_str(), "id" | "version"))
        {
            let a = w
                .call("GET", &list(&format!("limit=1&fields={key}")), &[], b"")
                .await;
            let alone = json!({"id": first["id"], "version": first["version"], key: value});
            assert_eq!(a.json["data"], json!([alone]), "{}.{key}", object.key);
            // The next page begins at the same place.
            assert_eq!(a.json["next"], whole.json["next"], "{}.{key}", object.key);
            filled += usize::from(!value.is_null());
        }
    }
    assert!(filled > 300, "{filled} fields had a value");
    // The columns that nobody asked for are not read.
    let read = |texts: &std::collections::BTreeSet<String>| {
        texts
            .iter()
            .filter(|t| t.contains("FROM \"contact\" AS \"t\"") && t.contains("\"t\".\"job_title\""))
            .cloned()
            .collect::<Vec<_>>()
    };
    let before = read(&w.statements());
    w.call("GET", "/contacts?fields=city,country&sort=city", &[], b"")
        .await;
    assert_eq!(read(&w.statements()), before);
    // Control: a list of it reads it.
    w.call("GET", "/contacts?fields=job_title,country&sort=city", &[], b"")
        .await;
    assert_ne!(read(&w.statements()), before);
}

/// Values of fields that a workspace made itself lie together; named, they are found among them.
#[db_test]
async fn fields_of_the_workspace_can_be_named(db: TestDb) {
    let w = World::on(db).await;
    let schema = json!({"schema": {"fields": {"contact": [{
        "key": "shoe_size", "type": "number", "label": {"fa": "شماره کفش", "en": "Shoe size"},
    }]}}});
    let made = w
        .call("POST", "/schema/apply", &[], schema.to_string().as_bytes())
        .await;
    assert_eq!(made.status, 200, "{}", made.json);
    let contact = json!({"name": "سارا احمدی", "city": "تهران", "shoe_size": 38});
    let made = w
        .call("POST", "/contacts", &[], contact.to_string().as_bytes())
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    for (fields, wanted) in [
        (
            "shoe_size",
            json!([{"id": made.json["id"], "version": 1, "shoe_size": 38}]),
        ),
        (
            "city",
            json!([{"id": made.json["id"], "version": 1, "city": "تهران"}]),
        ),
    ] {
        let a = w
            .call("GET", &format!("/contacts?fields={fields}"), &[], b"")
            .await;
        assert_eq!(a.json["data"], wanted, "{fields}");
    }
}
