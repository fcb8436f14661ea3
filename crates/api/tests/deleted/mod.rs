//! Item 25 of the trust list over HTTP: a deleted twin of a record of every object is in no answer but the recycle bin's.

use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::saved_view;
use peyvand_catalog::{Catalog, FieldIx};
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::{Batch, Change, Record, Value};
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::World;

/// What the interface shows of an object, the order of keys apart.
async fn shown(w: &World, plural: &str, word: &str) -> Vec<(u16, String)> {
    let mut out = Vec::new();
    for query in [
        "limit=200&count=true".to_owned(),
        "limit=200&sort=-created_at&count=true".to_owned(),
        format!("limit=200&q={word}"),
        "limit=200&count=true&filter=version%20%3E%200".to_owned(),
    ] {
        let a = w.call("GET", &format!("/{plural}?{query}"), &[], b"").await;
        out.push((a.status, a.json.to_string()));
    }
    out
}

#[db_test]
async fn deleted_twins_are_in_no_answer(db: TestDb) {
    let (store, layout, all) = (Arc::clone(&db.store), Arc::clone(&db.layout), Arc::clone(&db.all));
    let mut context = db.context();
    // The workspace that the world makes first.
    context.workspace = WorkspaceId(1);
    let ids = Arc::clone(&db.ids);
    let w = World::on(db).await;
    let mut inventor = Inventor::new(25);
    let mut looked = 0;
    for object in Catalog::standard().objects() {
        // What somebody was told is listed for them alone, by an operation of its own.
        if object.key == "notification" {
            continue;
        }
        if w.call("GET", &format!("/{}", object.plural), &[], b"")
            .await
            .status
            != 200
        {
            continue;
        }
        let mut live = Record::new(object, ids.next(context.now), context.now, context.actor);
        for (ix, v) in inventor.values(object, 0) {
            // Contact points are rows of their own, with a test of their own.
            if !matches!(v, Value::Points(_)) {
                live.set(ix, v);
            }
        }
        if let Some((ix, f)) = object.field(&object.title)
            && f.writes == peyvand_catalog::Writes::Generic
            && matches!(live.get(ix), Value::Text(_))
        {
            live.set(ix, Value::text("twinword"));
        }
        if object.key == saved_view::OBJECT {
            // Somebody else's is seen when it is shown to everyone.
            live.set(saved_view::VISIBILITY, Value::Choice("everyone".into()));
        }
        let mut twin = live.clone();
        twin.set(system::ID, Value::Id(ids.next(context.now)));
        twin.set(system::DELETED_AT, Value::Instant(context.now));
        if !object.spine {
            // Objects without a recycle bin of their own keep their unique values.
            for (i, field) in object.fields.iter().enumerate() {
                if field.unique || object.unique.iter().any(|s| s.contains(&field.key)) {
                    twin.set(FieldIx(i as u16), inventor.value(field, 0));
                }
            }
        }
        let insert = |r: &Record| Batch {
            changes: vec![Change::Insert(Box::new(r.clone()))],
            ..Batch::default()
        };
        store
            .apply(&context, &layout, &all, &insert(&live))
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", object.key));
        let before = shown(&w, &object.plural, "twinword").await;
        // Control: what was added alive is seen.
        assert!(
            before[0].1.contains(&live.id().to_string()),
            "{}: {before:?}",
            object.key
        );
        store
            .apply(&context, &layout, &all, &insert(&twin))
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", object.key));
        assert_eq!(
            shown(&w, &object.plural, "twinword").await,
            before,
            "{}",
            object.key
        );
        let path = format!("/{}/{}", object.plural, twin.id());
        let one = |id: Id| format!("/{}/{id}", object.plural);
        assert_eq!(w.call("GET", &path, &[], b"").await.status, 404, "{}", object.key);
        assert_eq!(
            w.call("GET", &one(live.id()), &[], b"").await.status,
            200,
            "{}",
            object.key
        );
        for (method, body) in [("PATCH", &b"{}"[..]), ("DELETE", b"")] {
            let status = w.call(method, &path, &[], body).await.status;
            assert!(matches!(status, 403..=405), "{method} {}: {status}", object.key);
        }
        // Control: the recycle bin has it.
        let bin = w
            .call(
                "GET",
                &format!("/{}?deleted=true&limit=200", object.plural),
                &[],
                b"",
            )
            .await;
        if bin.status == 200 {
            assert!(
                bin.json.to_string().contains(&twin.id().to_string()),
                "{}",
                object.key
            );
        }
        looked += 1;
    }
    assert!(looked > 25, "{looked}");
}
