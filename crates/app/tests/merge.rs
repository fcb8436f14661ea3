//! Merging loses nothing, and can be taken back.

mod common;

use common::{Fixture, fixture_on};
use peyvand_app::AppError;
use peyvand_catalog::{FieldIx, FieldType, OnMerge};
use peyvand_core::Id;
use peyvand_record::{Change, Record, Value};
use peyvand_testkit::{TestDb, db, db_test};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Every link of the catalog that moves with a merge of this object: linking object and field.
fn links(f: &Fixture, object: &str) -> Vec<(String, FieldIx)> {
    f.workspace()
        .catalog()
        .links_to(object)
        .filter(|(o, ix)| {
            let field = o.at(*ix).unwrap();
            !field.is_system() && field.key != "id" && field.on_merge != Some(OnMerge::Keep)
        })
        .map(|(o, ix)| (o.key.clone(), ix))
        .collect()
}

fn leads(r: &Record, ix: FieldIx, to: Id) -> bool {
    match r.get(ix) {
        Value::Id(id) => *id == to,
        Value::Ids(ids) => ids.contains(&to),
        _ => false,
    }
}

/// Rows of every link to each of the records: `plan[i]` says how many rows of the i-th link lead to which record.
async fn fill(f: &Fixture, object: &str, to: &[Id], plan: &[u8]) -> usize {
    let mut made = 0;
    for (n, (linking, ix)) in links(f, object).into_iter().enumerate() {
        let many = plan.get(n % plan.len()).copied().unwrap_or(1);
        for k in 0..many {
            let target = to[usize::from(k) % to.len()];
            // Rows of one link that lead to different records are equal in pairs: those must not collide.
            let mut r = f.sample(&linking, 100 + usize::from(k) / to.len());
            let is_many = f.object(&linking).at(ix).unwrap().stored() == FieldType::Links;
            r.set(
                ix,
                if is_many {
                    Value::Ids(to.iter().copied().take(1 + usize::from(k) % to.len()).collect())
                } else {
                    Value::Id(target)
                },
            );
            let def = f.object(&linking);
            // What must be unique is unique unless it is the link itself.
            for (i, field) in def.fields.iter().enumerate() {
                if field.unique {
                    r.set(FieldIx(i as u16), Value::Text(format!("u{n}-{k}").into()));
                }
                if def.unique.iter().any(|set| set.contains(&field.key))
                    && field.stored() == FieldType::Link
                    && FieldIx(i as u16) != ix
                {
                    r.set(FieldIx(i as u16), Value::Id(Id::from_bytes([(k / 2) + 1; 16])));
                }
            }
            if linking == "tag" || linking == "contact_point" {
                continue;
            }
            f.apply(vec![Change::Insert(Box::new(r))]).await;
            made += 1;
        }
    }
    made
}

/// How many rows of each link lead to a record, over all of them.
async fn census(f: &Fixture, object: &str, to: &[Id]) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (linking, ix) in links(f, object) {
        let l = f.workspace().layout.object(&linking).unwrap();
        let rows = f
            .app
            .store
            .rows(
                peyvand_store::RowsCall::new(&l.table, &[])
                    .everywhere()
                    .limit(100_000),
            )
            .await
            .unwrap();
        let n = rows
            .iter()
            .map(|row| l.decode(l.read.list.iter().map(|&c| row[c].clone()).collect()))
            .filter(|r| !to.contains(&r.id()) && to.iter().any(|t| leads(r, ix, *t)))
            .count();
        out.push((format!("{linking}.{}", f.object(&linking).at(ix).unwrap().key), n));
    }
    out
}

async fn pair(f: &Fixture, object: &str, n: usize) -> Vec<Record> {
    let mut out = Vec::new();
    for k in 0..n {
        let mut r = f.sample(object, k + 1);
        if k % 2 == 1 {
            // Some values are missing, so that filling has something to do.
            let def = f.object(object);
            if let Some((ix, _)) = def.field("description") {
                r.set(ix, Value::Null);
            }
        }
        f.insert(&r).await;
        out.push(r);
    }
    out
}

fn mergeable(f: &Fixture) -> Vec<String> {
    f.workspace()
        .catalog()
        .objects()
        .iter()
        .filter(|o| o.mergeable)
        .map(|o| o.key.clone())
        .collect()
}

/// Item 21: every link of the catalog, on every object that can be merged.
#[db_test]
async fn a_merge_loses_no_link_and_its_undo_leaves_no_trace(db: TestDb) {
    let f = fixture_on(db).await;
    let objects = mergeable(&f);
    assert!(objects.len() >= 8, "{objects:?}");
    for object in objects {
        let records = pair(&f, &object, 2).await;
        let (a, b) = (records[0].id(), records[1].id());
        let def = f.object(&object);
        fill(&f, &object, &[b, a], &[3]).await;
        if def.spine {
            f.dress(&records[0], Id::from_bytes([3; 16]), 11).await;
            f.dress(&records[1], Id::from_bytes([4; 16]), 12).await;
            f.dress(&records[1], Id::from_bytes([3; 16]), 13).await;
        }
        let before = census(&f, &object, &[a, b]).await;
        let dump = f.dump().await;
        let done = f.app.merge(&f.caller, &def, a, b, &[]).await.unwrap();
        assert_eq!(census(&f, &object, &[a, b]).await, before, "{object}");
        assert_ne!(f.dump().await, dump, "{object}: the dump sees a merge");
        // The old id answers with the survivor; the survivor carries the other's keys and tags.
        assert_eq!(f.app.get(&f.caller, &def, b).await.unwrap().id(), a);
        // What still leads to the merged record are only rows that would have met an equal one.
        let left = census(&f, &object, &[b]).await;
        let all = census(&f, &object, &[a, b]).await;
        for ((link, left), (_, all)) in left.iter().zip(&all) {
            assert!(*left * 2 <= *all, "{object} {link}: {left} of {all} stay");
        }
        if def.spine {
            let keys = f
                .app
                .store
                .by_external_key(f.workspace().id, &object, "crm", &[b.to_string()])
                .await
                .unwrap();
            assert_eq!(keys.get(&b.to_string()), Some(&a));
        }
        let back = f.app.unmerge(&f.caller, done.operation).await.unwrap();
        assert_eq!(back.id(), b);
        let after = f.dump().await;
        let lost: Vec<_> = dump.iter().filter(|l| !after.contains(l)).collect();
        let new: Vec<_> = after.iter().filter(|l| !dump.contains(l)).collect();
        assert!(
            lost.is_empty() && new.is_empty(),
            "{object}\n- {lost:#?}\n+ {new:#?}"
        );
        assert!(matches!(
            f.app.unmerge(&f.caller, done.operation).await,
            Err(AppError::NotFound)
        ));
    }
}

/// Item 22: merges into one record, taken back in any order.
fn three_merges_are_undone_in_any_order(kind: db::Kind) {
    let ways = (
        proptest::collection::vec(0_u8..5, 1..8),
        Just(vec![0_usize, 1, 2]).prop_shuffle(),
    );
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6));
    let name = "three_merges_are_undone_in_any_order";
    runner
        .run(&ways, |(plan, order)| {
            db::run(kind, name, |db| three_merges(db, plan, order));
            Ok(())
        })
        .unwrap();
}

#[test]
fn three_merges_are_undone_in_any_order_sqlite() {
    three_merges_are_undone_in_any_order(db::Kind::Sqlite);
}

#[test]
fn three_merges_are_undone_in_any_order_postgres() {
    three_merges_are_undone_in_any_order(db::Kind::Postgres);
}

async fn three_merges(db: TestDb, plan: Vec<u8>, order: Vec<usize>) {
    let f = fixture_on(db).await;
    let def = f.object("contact");
    let mut records = Vec::new();
    for k in 0..4 {
        let mut r = f.sample("contact", k + 1);
        // Only fields that two of the four fill: a value replaced twice is a conflict, shown below.
        let (ix, _) = def.field("description").unwrap();
        if k > 0 {
            r.set(ix, Value::Null);
        }
        f.insert(&r).await;
        f.dress(&r, Id::from_bytes([k as u8 + 20; 16]), 30 + k as i64)
            .await;
        records.push(r);
    }
    let ids: Vec<Id> = records.iter().map(Record::id).collect();
    fill(&f, "contact", &ids, &plan).await;
    let dump = f.dump().await;
    let before = census(&f, "contact", &ids).await;
    let mut operations = Vec::new();
    for other in &ids[1..] {
        operations.push(
            f.app
                .merge(&f.caller, &def, ids[0], *other, &[])
                .await
                .unwrap()
                .operation,
        );
    }
    assert_eq!(census(&f, "contact", &ids).await, before);
    for n in order {
        f.app.unmerge(&f.caller, operations[n]).await.unwrap();
    }
    let after = f.dump().await;
    let lost: Vec<_> = dump.iter().filter(|l| !after.contains(l)).collect();
    let new: Vec<_> = after.iter().filter(|l| !dump.contains(l)).collect();
    assert!(lost.is_empty() && new.is_empty(), "- {lost:#?}\n+ {new:#?}");
}

#[db_test]
async fn a_merge_that_carries_another_one_is_undone_last(db: TestDb) {
    let f = fixture_on(db).await;
    let def = f.object("company");
    let r = pair(&f, "company", 3).await;
    let (a, b, c) = (r[0].id(), r[1].id(), r[2].id());
    let first = f.app.merge(&f.caller, &def, b, c, &[]).await.unwrap().operation;
    let second = f.app.merge(&f.caller, &def, a, b, &[]).await.unwrap().operation;
    assert_eq!(f.app.get(&f.caller, &def, c).await.unwrap().id(), a);
    match f.app.unmerge(&f.caller, first).await {
        Err(AppError::LaterMerge { operation }) => assert_eq!(operation, second),
        other => panic!("{other:?}"),
    }
    f.app.unmerge(&f.caller, second).await.unwrap();
    f.app.unmerge(&f.caller, first).await.unwrap();
    // Two merges that replace one and the same value.
    let take = vec!["city".to_owned()];
    let first = f.app.merge(&f.caller, &def, a, b, &take).await.unwrap().operation;
    let second = f.app.merge(&f.caller, &def, a, c, &take).await.unwrap().operation;
    assert!(matches!(
        f.app.unmerge(&f.caller, first).await,
        Err(AppError::LaterMerge { operation }) if operation == second
    ));
    f.app.unmerge(&f.caller, second).await.unwrap();
    f.app.unmerge(&f.caller, first).await.unwrap();
    let (city, _) = def.field("city").unwrap();
    let now = f.app.get(&f.caller, &def, a).await.unwrap();
    assert_eq!(now.get(city), r[0].get(city));
}

#[db_test]
async fn what_was_changed_after_the_merge_stays(db: TestDb) {
    let f = fixture_on(db).await;
    let def = f.object("company");
    let r = pair(&f, "company", 2).await;
    let (a, b) = (r[0].id(), r[1].id());
    let contact = f.object("contact");
    let mut person = f.sample("contact", 50);
    let (company, _) = contact.field("company_id").unwrap();
    person.set(company, Value::Id(b));
    f.insert(&person).await;
    let op = f
        .app
        .merge(&f.caller, &def, a, b, &["city".to_owned()])
        .await
        .unwrap()
        .operation;
    let patch = |json: serde_json::Value| json.as_object().unwrap().clone();
    f.app
        .patch(
            &f.caller,
            &def,
            a,
            &patch(serde_json::json!({"city": "یزد"})),
            None,
        )
        .await
        .unwrap();
    // A person who was moved on by hand is not pulled back.
    f.app
        .patch(
            &f.caller,
            &contact,
            person.id(),
            &patch(serde_json::json!({"company_id": null})),
            None,
        )
        .await
        .unwrap();
    f.app.unmerge(&f.caller, op).await.unwrap();
    let (city, _) = def.field("city").unwrap();
    let now = f.app.get(&f.caller, &def, a).await.unwrap();
    assert_eq!(now.get(city), &Value::text("یزد"));
    let other = f.app.get(&f.caller, &def, b).await.unwrap();
    assert_eq!(other.get(city), r[1].get(city));
    let person = f.app.get(&f.caller, &contact, person.id()).await.unwrap();
    assert!(person.get(company).is_null());
}

#[db_test]
async fn a_parent_that_is_merged_into_its_child_leaves_no_loop(db: TestDb) {
    let f = fixture_on(db).await;
    let def = f.object("company");
    let r = pair(&f, "company", 2).await;
    let (parent, _) = def.field("parent_id").unwrap();
    let mut child = r[0].touched(f.app.context(&f.caller).now, peyvand_core::Actor::System);
    child.set(parent, Value::Id(r[1].id()));
    f.apply(vec![Change::Update {
        before: Box::new(r[0].clone()),
        after: Box::new(child.clone()),
    }])
    .await;
    let dump = f.dump().await;
    let done = f
        .app
        .merge(&f.caller, &def, child.id(), r[1].id(), &[])
        .await
        .unwrap();
    assert!(done.survivor.get(parent).is_null());
    f.app.unmerge(&f.caller, done.operation).await.unwrap();
    assert_eq!(f.dump().await, dump);
}

/// What a company stands under; the companies are given with what each stands under at first.
async fn merged_tree(
    f: &Fixture,
    parents: &[Option<usize>],
    keep: usize,
    gone: usize,
    take: &[String],
) -> Vec<Option<usize>> {
    let def = f.object("company");
    let (up, _) = def.field("parent_id").unwrap();
    let r = pair(f, "company", parents.len()).await;
    let ids: Vec<Id> = r.iter().map(Record::id).collect();
    for (id, parent) in ids.iter().zip(parents) {
        let parent = parent.map(|p| ids[p].to_string());
        let json = serde_json::json!({"parent_id": parent});
        f.app
            .patch(&f.caller, &def, *id, json.as_object().unwrap(), None)
            .await
            .unwrap();
    }
    let done = f
        .app
        .merge(&f.caller, &def, ids[keep], ids[gone], take)
        .await
        .unwrap();
    let mut out = Vec::new();
    for id in &ids {
        let now = f.app.get(&f.caller, &def, *id).await.unwrap();
        let above = now.get(up).as_id();
        out.push(above.map(|a| ids.iter().position(|i| *i == a).unwrap()));
    }
    // Taken back, all of them stand where they stood.
    f.app.unmerge(&f.caller, done.operation).await.unwrap();
    for (id, parent) in ids.iter().zip(parents) {
        let now = f.app.get(&f.caller, &def, *id).await.unwrap();
        assert_eq!(now.get(up).as_id(), parent.map(|p| ids[p]));
    }
    out
}

/// Of two of which one stands under the other, the survivor stands where the upper one stood.
#[db_test]
async fn a_merge_puts_nobody_under_itself(db: TestDb) {
    let chain = [None, Some(0), Some(1), Some(2)];
    let take = ["parent_id".to_owned()];
    for (keep, gone, take, wanted) in [
        // 3 takes in 1: 2 stands under 3, and 3 under 0, as 1 did. The old id of 1 leads to 3.
        (3, 1, &[][..], [None, Some(0), Some(3), Some(0)]),
        // 1 takes in 3 and keeps its place, also when it is told to take that of 3.
        (1, 3, &[][..], [None, Some(0), Some(1), Some(0)]),
        (1, 3, &take[..], [None, Some(0), Some(1), Some(0)]),
        // The uppermost takes in what stands two below.
        (0, 2, &[][..], [None, Some(0), None, Some(0)]),
        // One takes in the one right above it.
        (2, 1, &[][..], [None, Some(0), Some(0), Some(2)]),
    ] {
        let one = db::open(db.kind).await;
        let f = fixture_on(one).await;
        let found = merged_tree(&f, &chain, keep, gone, take).await;
        assert_eq!(found, wanted, "{keep} takes in {gone}");
    }
}
