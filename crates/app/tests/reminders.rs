//! What people are told of their activities and of their work in the background.

mod common;

use std::time::Duration;

use common::{Fixture, fixture_on};
use peyvand_app::Caller;
use peyvand_app::bulk_edit::{Selection, Task};
use peyvand_app::consent::Wish;
use peyvand_app::jobs::Worker;
use peyvand_app::notifications::{Notice, Work};
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{Matter, Proof, Source, Word};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

/// Ten in the morning of a Sunday in Tehran.
const NOW: &str = "2026-11-22T06:30:00Z";

fn map(v: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match v {
        serde_json::Value::Object(map) => map,
        other => panic!("an object is expected, not {other}"),
    }
}

async fn make(f: &Fixture, plural: &str, v: serde_json::Value) -> Record {
    let object = f.app.object(&f.caller, plural).unwrap();
    f.app.create(&f.caller, &object, &map(v), None).await.unwrap()
}

async fn activity(f: &Fixture, owner: &Caller, due: &str, more: serde_json::Value) -> Id {
    let mut v = map(json!({"subject": due, "due_at": due, "owner_id": owner.actor.id().to_string()}));
    v.extend(map(more));
    make(f, "activities", serde_json::Value::Object(v)).await.id()
}

fn at(f: &Fixture, text: &str) {
    f.clock.set(text.parse().unwrap());
}

/// Kind, record and number of what somebody was told, oldest first.
async fn told(f: &Fixture, who: &Caller) -> Vec<(String, Option<Id>, Option<u64>)> {
    let mut all = f.app.notifications(who, false, 200, None).await.unwrap().list;
    all.reverse();
    all.into_iter()
        .map(|n| (n.kind, n.about.map(|a| a.id), n.many.map(|m| m.count)))
        .collect()
}

fn due(id: Id) -> (String, Option<Id>, Option<u64>) {
    ("due".to_owned(), Some(id), None)
}

#[db_test]
async fn each_activity_is_told_once_a_day(db: TestDb) {
    let f = fixture_on(db).await;
    at(&f, "2026-11-19T06:30:00Z");
    let seller = f.person("سارا", "seller").await;
    let other = f.person("رضا", "seller").await;
    let near = activity(&f, &seller, "2026-11-22T06:40:00Z", json!({})).await;
    let later = activity(&f, &seller, "2026-11-22T09:00:00Z", json!({})).await;
    activity(&f, &seller, "2026-11-22T06:40:00Z", json!({"status": "done"})).await;
    let theirs = activity(&f, &other, "2026-11-22T06:35:00Z", json!({})).await;
    at(&f, NOW);
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 2);
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 0);
    assert_eq!(told(&f, &seller).await, [due(near)]);
    assert_eq!(told(&f, &other).await, [due(theirs)]);
    assert_eq!(f.app.unread(&seller).await.unwrap(), 1);
    at(&f, "2026-11-22T08:45:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 1);
    assert_eq!(told(&f, &seller).await, [due(near), due(later)]);
    // The next day, before seven nothing; then what is late, in one notification, once a day.
    at(&f, "2026-11-23T03:00:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 0);
    at(&f, "2026-11-23T03:31:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 2);
    at(&f, "2026-11-23T09:00:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 0);
    assert_eq!(told(&f, &seller).await[2], ("overdue".to_owned(), None, Some(2)));
    assert_eq!(
        told(&f, &other).await[1],
        ("overdue".to_owned(), Some(theirs), None)
    );
    at(&f, "2026-11-24T09:00:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 2);
    // After a week nobody is told any more.
    at(&f, "2026-11-30T09:00:00Z");
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 0);
}

#[db_test]
async fn nothing_is_told_of_what_is_deleted_hidden_or_restricted(db: TestDb) {
    let f = fixture_on(db).await;
    at(&f, "2026-11-21T06:30:00Z");
    let seller = f.person("سارا", "seller").await;
    let gone = activity(&f, &seller, "2026-11-22T06:40:00Z", json!({})).await;
    let late = activity(&f, &seller, "2026-11-21T06:40:00Z", json!({})).await;
    let object = f.app.object(&f.caller, "activities").unwrap();
    for id in [gone, late] {
        f.app.delete(&f.caller, &object, id, None).await.unwrap();
    }
    let contact = make(&f, "contacts", json!({"name": {"family": "کاظمی"}}))
        .await
        .id();
    for more in [
        json!({"contact_id": contact.to_string()}),
        json!({"target_id": contact.to_string()}),
    ] {
        activity(&f, &seller, "2026-11-22T06:40:00Z", more.clone()).await;
        activity(&f, &seller, "2026-11-21T06:40:00Z", more).await;
    }
    let flag = |word| Wish {
        channel: None,
        matter: Matter::Processing,
        word,
        address: None,
        proof: Proof::of(Source::Staff, peyvand_core::Clock::now(&*f.clock)),
    };
    f.app
        .record_consent(&f.caller, contact, &flag(Word::Blocked), None)
        .await
        .unwrap();
    // Somebody whose role does not read activities.
    let rules = json!({"default": {"read": "all"}, "objects": {"activity": {"read": "none"}}});
    f.app
        .save_role(&f.caller, "blind", Some("blind"), Some(&rules))
        .await
        .unwrap();
    let blind = f.person("مهمان", "blind").await;
    activity(&f, &blind, "2026-11-22T06:40:00Z", json!({})).await;
    activity(&f, &blind, "2026-11-21T06:40:00Z", json!({})).await;
    at(&f, NOW);
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 0);
    assert_eq!(
        (told(&f, &seller).await, told(&f, &blind).await),
        (Vec::new(), Vec::new())
    );
    // Released, it is told: two that are due, and one notification of two that are late.
    f.clock.advance(Instant::SECOND);
    f.app
        .record_consent(&f.caller, contact, &flag(Word::Released), None)
        .await
        .unwrap();
    assert_eq!(f.app.remind(f.workspace()).await.unwrap(), 3);
}

#[db_test]
async fn the_end_of_a_change_of_many_records_is_told_to_who_began_it(db: TestDb) {
    let f = fixture_on(db).await;
    at(&f, NOW);
    let boss = f.person("سارا", "admin").await;
    let other = f.person("رضا", "admin").await;
    for n in 0..3 {
        make(&f, "companies", json!({"name": format!("شرکت {n}")})).await;
    }
    let object = f.app.object(&boss, "companies").unwrap();
    let task = Task::Set {
        field: "city".to_owned(),
        value: json!("شیراز"),
    };
    let edit = f
        .app
        .start_bulk(&boss, &object, Selection::default(), task)
        .await
        .unwrap();
    assert_eq!(f.app.unread(&boss).await.unwrap(), 0);
    let mut worker = Worker::new(std::sync::Arc::clone(&f.app), Duration::from_secs(30));
    while worker.step(f.workspace()).await.unwrap() {}
    let list: Vec<Notice> = f.app.notifications(&boss, false, 10, None).await.unwrap().list;
    assert_eq!(list.len(), 1);
    assert_eq!(
        (list[0].kind.as_str(), list[0].many.as_ref().map(|m| m.count)),
        ("job_done", Some(3))
    );
    let ended = list[0].ended.as_ref().unwrap();
    assert_eq!(
        (ended.work, ended.id.clone()),
        (Work::BulkEdit, edit.id.to_string())
    );
    assert_eq!(f.app.unread(&other).await.unwrap(), 0);
}
