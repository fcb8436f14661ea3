//! What is written is what is read: every object, every type of field, every step of a record's life.

use std::collections::BTreeSet;

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldType, ObjectDef, Writes};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Record, Value};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, StoreError};
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::Bench;

async fn points(b: &Bench, record: &Record) -> Vec<Record> {
    let mut out = Vec::new();
    for v in &record.values {
        if let Value::Points(list) = v {
            for p in list {
                out.extend(b.get("contact_point", p.id, DeletedScope::Live).await);
            }
        }
    }
    out
}

/// A new record whose unique values are its own; `None` when all that can be drawn are taken.
async fn fresh(b: &Bench, inventor: &mut Inventor, object: &ObjectDef, nulls: u64) -> Option<Record> {
    for _ in 0..50 {
        match b.create(object, inventor.values(object, nulls)).await {
            Ok(r) => return Some(r),
            Err(e) => assert_eq!(e.code(), "duplicate", "{}: {e}", object.key),
        }
    }
    None
}

/// Every value of every type comes back equal after create, change, delete and restore, for every object of the catalog.
#[db_test]
async fn every_object_comes_back_equal(db: TestDb) {
    let b = Bench::new(db);
    let mut drawn: BTreeSet<String> = BTreeSet::new();
    let mut checked = 0;
    let mut inventor = b.inventor(1).await;
    for object in b.catalog().objects().to_vec() {
        for round in 0..8_u64 {
            let nulls = [0, 30, 95][(round % 3) as usize];
            let Some(record) = fresh(&b, &mut inventor, &object, nulls).await else {
                continue;
            };
            for (f, v) in object.fields.iter().zip(&record.values) {
                if !v.is_null() && !f.is_system() {
                    drawn.insert(format!("{:?}", f.stored()));
                }
            }
            let id = record.id();
            let read = b.get(&object.key, id, DeletedScope::Live).await;
            assert_eq!(read.as_ref(), Some(&record), "{} as made", object.key);

            if object.writes == Writes::Append {
                // What is only added to is neither changed nor put away nor purged, even with all rights.
                let context = b.context();
                let writer = b.writer(&context);
                let (_, put_away) = writer.delete(&object, &record);
                for batch in [put_away, writer.purge(&object, &record)] {
                    let e = b.apply(&context, &batch).await.expect_err("refused");
                    assert_eq!(e.code(), "forbidden", "{}", object.key);
                }
                let read = b.get(&object.key, id, DeletedScope::Live).await;
                assert_eq!(read.as_ref(), Some(&record), "{} as it was", object.key);
                checked += 1;
                continue;
            }
            let context = b.context();
            let stored = points(&b, &record).await;
            // What is unique together stays as it is: the test of uniqueness changes it.
            let mut values = inventor.values(&object, 30);
            values.retain(|(at, _)| {
                let key = object.at(*at).map(|f| f.key.as_str()).unwrap_or_default();
                !object.unique.iter().flatten().any(|k| k == key)
            });
            let (after, batch) = b
                .writer(&context)
                .patch(&object, &record, values, &stored)
                .unwrap_or_else(|e| panic!("{}: {e:?}", object.key));
            if !batch.is_empty() {
                b.apply(&context, &batch)
                    .await
                    .unwrap_or_else(|e| panic!("{}: {e}", object.key));
                assert_eq!(after.version(), record.version() + 1);
                let read = b.get(&object.key, id, DeletedScope::Live).await;
                assert_eq!(read.as_ref(), Some(&after), "{} as changed", object.key);
                // The same change again knows an old version.
                let e = b.apply(&context, &batch).await.expect_err("stale");
                assert!(
                    matches!(&e, StoreError::Conflict(Conflict::Stale { id: i, .. }) if *i == id),
                    "{}: {e}",
                    object.key
                );
                let read = b.get(&object.key, id, DeletedScope::Live).await;
                assert_eq!(read.as_ref(), Some(&after), "{} after a stale change", object.key);
            }

            let gone = b.delete(&object, &after).await;
            assert_eq!(b.get(&object.key, id, DeletedScope::Live).await, None);
            let read = b.get(&object.key, id, DeletedScope::Deleted).await;
            assert_eq!(read.as_ref(), Some(&gone), "{} in the bin", object.key);

            let context = b.context();
            let (back, batch) = b.writer(&context).restore(&object, &gone);
            b.apply(&context, &batch).await.expect("restored");
            assert_eq!(b.get(&object.key, id, DeletedScope::Deleted).await, None);
            let read = b.get(&object.key, id, DeletedScope::Live).await;
            assert_eq!(read.as_ref(), Some(&back), "{} restored", object.key);
            for (i, f) in object.fields.iter().enumerate() {
                let at = peyvand_catalog::FieldIx(i as u16);
                if ![system::VERSION, system::UPDATED_AT].contains(&at) {
                    assert_eq!(back.get(at), after.get(at), "{}.{}", object.key, f.key);
                }
            }
            if round == 0 {
                let batch = b.writer(&b.context()).purge(&object, &back);
                b.apply(&b.context(), &batch).await.expect("purged");
                assert_eq!(b.get(&object.key, id, DeletedScope::Live).await, None);
                assert_eq!(b.get(&object.key, id, DeletedScope::Deleted).await, None);
                for (t, column) in [
                    (&SIDE.record, "id"),
                    (&SIDE.field_index, "record_id"),
                    (&SIDE.search_doc, "record_id"),
                    (&SIDE.record_link, "from_id"),
                    (&SIDE.timeline, "record_id"),
                ] {
                    let call = RowsCall::new(t, &[("workspace_id", 1.into()), (column, id.into())]);
                    let left = b.db.store.rows(call).await.expect("rows").len();
                    assert_eq!(left, 0, "{} leaves rows in {}", object.key, t.name);
                }
            }
            checked += 1;
        }
    }
    for ty in [
        FieldType::Text,
        FieldType::LongText,
        FieldType::RichText,
        FieldType::Code,
        FieldType::Number,
        FieldType::Decimal,
        FieldType::Money,
        FieldType::Boolean,
        FieldType::Date,
        FieldType::Instant,
        FieldType::Choice,
        FieldType::Choices,
        FieldType::Email,
        FieldType::Phone,
        FieldType::Url,
        FieldType::Address,
        FieldType::Points,
        FieldType::PersonName,
        FieldType::Link,
        FieldType::Links,
        FieldType::Json,
    ] {
        assert!(drawn.contains(&format!("{ty:?}")), "{ty:?} was never drawn");
    }
    assert!(checked >= 8 * 30, "{checked} records");
    assert_eq!(
        b.db.store.engine().check().await.expect("a check"),
        Vec::<String>::new()
    );
}

/// Values at the edges of their types.
#[db_test]
async fn edges_come_back_equal(db: TestDb) {
    let b = Bench::new(db);
    let visit = b.object("x_visit");
    let contact = b.object("contact");
    let at = |o: &peyvand_catalog::ObjectDef, key: &str| crate::world::ix(o, key);
    for n in [i64::MIN + 1, -1, 0, 1, i64::MAX] {
        for o in [&visit, &contact] {
            let mut values = vec![
                (at(o, "c_number"), Value::Int(n)),
                (at(o, "c_decimal"), Value::Decimal(n)),
                (at(o, "c_instant"), Value::Instant(peyvand_core::Instant(n))),
                (
                    at(o, "c_text"),
                    Value::text("\u{200C}\u{202E}\u{10FFFF} é'\"\\%_"),
                ),
            ];
            if o.key == "contact" {
                values.push((
                    at(o, "name"),
                    Value::Name(Box::new(peyvand_record::NameValue {
                        title: "دکتر".into(),
                        ..Default::default()
                    })),
                ));
            }
            let r = b.create(o, values).await.expect("made");
            let read = b.get(&o.key, r.id(), DeletedScope::Live).await;
            assert_eq!(read, Some(r));
        }
    }
}

/// Two live records with one value in a unique field: the second is refused, and the field is named.
#[db_test]
async fn a_unique_conflict_names_the_field(db: TestDb) {
    let b = Bench::new(db);
    let mut seen = 0;
    let mut inventor = b.inventor(9).await;
    for object in b.catalog().objects().to_vec() {
        let single = object
            .fields
            .iter()
            .filter(|f| f.unique && !f.custom)
            .map(|f| vec![f.key.clone()]);
        let sets: Vec<Vec<String>> = single.chain(object.unique.iter().cloned()).collect();
        for set in sets {
            let Some(first) = fresh(&b, &mut inventor, &object, 0).await else {
                panic!("{}: no free place", object.key);
            };
            let mut twin = inventor.values(&object, 0);
            for key in &set {
                let at = crate::world::ix(&object, key);
                twin.retain(|(i, _)| *i != at);
                twin.push((at, first.get(at).clone()));
            }
            let e = b.create(&object, twin.clone()).await.expect_err("a twin");
            let StoreError::Conflict(Conflict::Duplicate { columns, .. }) = &e else {
                panic!("{}.{set:?}: {e}", object.key);
            };
            for key in &set {
                assert!(
                    columns.split(',').any(|c| c == key),
                    "{}.{set:?}: {columns}",
                    object.key
                );
            }
            // In the recycle bin it stands in nobody's way.
            if object.spine {
                b.delete(&object, &first).await;
                b.create(&object, twin).await.expect("the place is free");
            }
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} unique sets");
}
