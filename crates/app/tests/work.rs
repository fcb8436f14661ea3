//! Activities that are done, the workspace's own calendar, files of records, and what followers are told.

mod common;

use std::io::Read as _;
use std::sync::Arc;

use common::{Fixture, fixture};
use peyvand_app::rights::RoleRules;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_calendar::Calendar;
use peyvand_catalog::handles::{activity, interaction};
use peyvand_core::Id;
use peyvand_record::{Record, Value};
use serde_json::json;

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

async fn patch(f: &Fixture, plural: &str, id: Id, v: serde_json::Value) -> Record {
    let object = f.app.object(&f.caller, plural).unwrap();
    f.app.patch(&f.caller, &object, id, &map(v), None).await.unwrap()
}

async fn all(f: &Fixture, plural: &str, filter: &str) -> Vec<Record> {
    let object = f.app.object(&f.caller, plural).unwrap();
    let request = ListRequest {
        filter: Some(filter.to_owned()),
        ..ListRequest::default()
    };
    f.app.list(&f.caller, &object, &request).await.unwrap().records
}

#[tokio::test]
async fn a_call_that_is_done_writes_exactly_one_interaction() {
    let f = fixture().await;
    let contact = make(&f, "contacts", json!({"name": {"family": "کاظمی"}})).await;
    let of = format!("contact_id = \"{}\"", contact.id());
    for (kind, interactions) in [
        ("call", 1),
        ("meeting", 2),
        ("visit", 3),
        ("task", 3),
        ("reminder", 3),
    ] {
        let made = make(
            &f,
            "activities",
            json!({"subject": "پیگیری", "kind": kind, "contact_id": contact.id().to_string(),
                   "due_at": "2026-11-21T09:00:00Z", "description": "متن"}),
        )
        .await;
        let done = patch(
            &f,
            "activities",
            made.id(),
            json!({"status": "done", "outcome": "خرید"}),
        )
        .await;
        assert_eq!(all(&f, "interactions", &of).await.len(), interactions, "{kind}");
        assert!(!done.get(activity::COMPLETED_AT).is_null());
        assert_eq!(
            done.get(activity::INTERACTION_ID).is_null(),
            matches!(kind, "task" | "reminder")
        );
        // Opened again and done again: still the same one.
        let open = patch(&f, "activities", made.id(), json!({"status": "open"})).await;
        assert!(open.get(activity::COMPLETED_AT).is_null());
        patch(&f, "activities", made.id(), json!({"status": "done"})).await;
        assert_eq!(
            all(&f, "interactions", &of).await.len(),
            interactions,
            "{kind} again"
        );
    }
    let call = all(&f, "interactions", &format!("{of} AND kind = call")).await;
    let [call] = call.as_slice() else {
        panic!("one call is expected")
    };
    assert_eq!(call.get(interaction::CHANNEL).as_str(), Some("phone"));
    assert_eq!(call.get(interaction::OUTCOME).as_str(), Some("خرید"));
    assert_eq!(call.get(interaction::BODY).as_str(), Some("متن"));
    assert_eq!(
        call.get(interaction::OCCURRED_AT).as_instant(),
        Some("2026-11-21T09:00:00Z".parse().unwrap())
    );
    // The contact's timeline has it.
    let story = f
        .app
        .timeline_of(&f.caller, contact.id(), Some("interaction"), None, 50)
        .await
        .unwrap();
    assert_eq!(story.items.len(), 3);
}

#[tokio::test]
async fn a_recurring_activity_that_is_done_comes_again() {
    let f = fixture().await;
    // The first of every Jalali month: 1 Azar and 1 Dey 1405 are 22 November and 22 December 2026.
    let made = make(
        &f,
        "activities",
        json!({"subject": "گزارش ماهانه", "kind": "task", "due_at": "2026-11-22T06:00:00Z",
               "recurrence": "DTSTART=20261122;RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1;SKIP=BACKWARD;WKST=SA"}),
    )
    .await;
    patch(&f, "activities", made.id(), json!({"status": "done"})).await;
    let open = all(&f, "activities", "status = open").await;
    let [next] = open.as_slice() else {
        panic!("one open activity is expected, not {}", open.len())
    };
    assert_eq!(
        next.get(activity::DUE_AT).as_instant(),
        Some("2026-12-22T06:00:00Z".parse().unwrap())
    );
    assert_eq!(next.get(activity::RECURRENCE), made.get(activity::RECURRENCE));
}

#[tokio::test]
async fn the_workspaces_own_days_stand_instead_of_the_shipped_ones() {
    let f = fixture().await;
    let day = |y, m, d| Calendar::Jalali.days(y, m, d).unwrap();
    let (nowruz, second, azar, dey) = (
        day(1405, 1, 1),
        day(1405, 1, 2),
        day(1405, 9, 9),
        day(1405, 10, 5),
    );
    let before = f.app.work_calendar(f.workspace(), azar).await.unwrap();
    assert!(!before.is_working_day(nowruz) && !before.is_working_day(second));
    assert!(before.is_working_day(azar) && before.is_working_day(dey));
    for row in [
        json!({"name": "روز کاری", "day": "2026-03-22", "official": false}),
        json!({"name": "سالگرد شرکت", "day": "2026-11-30", "repeats": "jalali"}),
        json!({"name": "نیمه‌روز", "day": "2026-12-26", "half_day": true}),
    ] {
        make(&f, "holidays", row).await;
    }
    let after = f.app.work_calendar(f.workspace(), azar).await.unwrap();
    assert!(!after.is_working_day(nowruz));
    assert!(after.is_working_day(second));
    assert!(!after.is_working_day(azar));
    assert!(!after.is_working_day(day(1406, 9, 9)));
    let hours = |spans: Vec<std::ops::Range<i64>>| -> i64 {
        spans.iter().map(|s| (s.end - s.start) / 3_600_000_000).sum()
    };
    assert_eq!(hours(before.spans(dey)), 9);
    assert_eq!(hours(after.spans(dey)), 5);
    // Hours of the workspace: Thursday is free, the other days are short.
    let span = json!([{"start": "10:00", "end": "14:00"}]);
    make(
        &f,
        "working-hours",
        json!({"name": "کوتاه", "default": true, "time_zone": "Asia/Tehran", "week": {
            "saturday": span, "sunday": span, "monday": span, "tuesday": span, "wednesday": span,
            "thursday": [], "friday": []}}),
    )
    .await;
    let own = f.app.work_calendar(f.workspace(), azar).await.unwrap();
    // 12 Azar 1405 is a Thursday, 14 Azar a Saturday.
    assert!(!own.is_working_day(day(1405, 9, 12)));
    assert_eq!(hours(own.spans(day(1405, 9, 14))), 4);
}

/// A repetition is said in a word; the recurrence follows from the activity's day and the person's calendar.
#[tokio::test]
async fn a_repetition_is_said_in_a_word() {
    let f = fixture().await;
    let rule = |r: &Record| {
        r.get(activity::RECURRENCE)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    // 22:30 on 21 November is two in the morning of 1 Azar in Tehran.
    let body = json!({"subject": "پیگیری", "due_at": "2026-11-21T22:30:00Z", "recurrence": "monthly"});
    let made = make(&f, "activities", body).await;
    assert_eq!(
        rule(&made),
        "DTSTART=20261122;RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1;SKIP=BACKWARD;WKST=SA"
    );
    // A change of the word follows the day that stands there; none takes it away.
    let weekly = patch(&f, "activities", made.id(), json!({"recurrence": "weekly"})).await;
    assert!(
        rule(&weekly).contains("FREQ=WEEKLY;INTERVAL=1;BYDAY=SU"),
        "{}",
        rule(&weekly)
    );
    let kept = patch(&f, "activities", made.id(), json!({"recurrence": rule(&weekly)})).await;
    assert_eq!(rule(&kept), rule(&weekly));
    let none = patch(&f, "activities", made.id(), json!({"recurrence": null})).await;
    assert_eq!(rule(&none), "");
    let object = f.app.object(&f.caller, "activities").unwrap();
    let odd = map(json!({"subject": "x", "recurrence": "every so often"}));
    let refused = f.app.create(&f.caller, &object, &odd, None).await;
    assert!(
        matches!(&refused, Err(AppError::Invalid(e)) if e[0].field == "recurrence"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn followers_and_named_people_are_told_of_what_they_may_see() {
    let f = fixture().await;
    let boss = f.person("سارا احمدی", "admin").await;
    let seller = f.person("سارا", "seller").await;
    let object = f.app.object(&boss, "contacts").unwrap();
    let contact = f
        .app
        .create(&boss, &object, &map(json!({"name": {"family": "کاظمی"}})), None)
        .await
        .unwrap();
    // The longer name is meant.
    let named = f.app.mentioned(&f.caller, "سلام @سارا احمدی، ببین").await.unwrap();
    assert_eq!(named, [boss.actor.id()]);
    assert_eq!(
        f.app.mentioned(&f.caller, "@سارا ببین").await.unwrap(),
        [seller.actor.id()]
    );
    // The seller may not read the contact, so nothing is said; nobody is told of what they did themselves.
    let people = [boss.actor.id(), seller.actor.id()];
    assert_eq!(
        f.app
            .tell(&f.caller, "mentioned", &people, &object, &contact)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        f.app
            .tell(&boss, "mentioned", &people, &object, &contact)
            .await
            .unwrap(),
        0
    );
    f.app.follow(&boss, &object, contact.id(), true).await.unwrap();
    f.app.follow(&boss, &object, contact.id(), true).await.unwrap();
    assert_eq!(
        f.app.followers(&boss, contact.id()).await.unwrap(),
        [boss.actor.id()]
    );
    assert!(matches!(
        f.app.follow(&seller, &object, contact.id(), true).await,
        Err(AppError::NotFound)
    ));
    f.app.follow(&boss, &object, contact.id(), false).await.unwrap();
    assert!(f.app.followers(&boss, contact.id()).await.unwrap().is_empty());
}

#[tokio::test]
async fn people_are_told_what_they_are_given_and_read_only_their_own() {
    let f = fixture().await;
    let boss = f.person("سارا احمدی", "admin").await;
    let other = f.person("رضا", "manager").await;
    let me = other.actor.id();
    let object = f.app.object(&boss, "contacts").unwrap();
    let given = |owner: Id| map(json!({"name": {"family": "کاظمی"}, "owner_id": owner.to_string()}));
    // To oneself is no news; to another it is; the same owner again is none.
    f.app
        .create(&boss, &object, &given(boss.actor.id()), None)
        .await
        .unwrap();
    let one = f.app.create(&boss, &object, &given(me), None).await.unwrap();
    f.app
        .patch(
            &boss,
            &object,
            one.id(),
            &map(json!({"city": "شیراز", "owner_id": me.to_string()})),
            None,
        )
        .await
        .unwrap();
    f.clock.advance(peyvand_core::Instant::SECOND);
    let own = map(json!({"name": {"family": "امینی"}}));
    let two = f.app.create(&boss, &object, &own, None).await.unwrap();
    f.app
        .patch(
            &boss,
            &object,
            two.id(),
            &map(json!({"owner_id": me.to_string()})),
            None,
        )
        .await
        .unwrap();
    // What somebody takes for themselves, and what the program does, is told to nobody.
    let three = f.app.create(&boss, &object, &own, None).await.unwrap();
    f.app.create(&other, &object, &given(me), None).await.unwrap();
    f.app.create(&f.caller, &object, &given(me), None).await.unwrap();
    // Several at once are told once.
    f.clock.advance(peyvand_core::Instant::SECOND);
    let wishes: Vec<peyvand_app::records::Wish> = (0..3)
        .map(|_| peyvand_app::records::Wish::New(given(me)))
        .collect();
    f.app.write_together(&boss, &object, &wishes, None).await.unwrap();
    assert_eq!(f.app.unread(&other).await.unwrap(), 3);
    assert_eq!(f.app.unread(&boss).await.unwrap(), 0);
    let first = f.app.notifications(&other, false, 2, None).await.unwrap();
    let rest = f
        .app
        .notifications(&other, false, 2, first.next.as_deref())
        .await
        .unwrap();
    assert!(first.next.is_some() && rest.next.is_none());
    let all: Vec<_> = first.list.iter().chain(&rest.list).collect();
    let said: Vec<(Option<Id>, Option<u64>)> = all
        .iter()
        .map(|n| (n.about.as_ref().map(|a| a.id), n.many.as_ref().map(|m| m.count)))
        .collect();
    assert_eq!(
        said,
        [(None, Some(3)), (Some(two.id()), None), (Some(one.id()), None)]
    );
    assert!(
        all.iter().all(|n| {
            n.kind == "assigned" && n.actor.as_ref().is_some_and(|(id, _)| *id == boss.actor.id())
        })
    );
    // Nobody reads or marks what was told to somebody else: no administrator, and by no other door.
    let id = all[1].id;
    assert!(matches!(
        f.app.read_notification(&boss, id).await,
        Err(AppError::NotFound)
    ));
    let notices = f.app.object(&other, "notifications").unwrap();
    assert!(f.app.get(&boss, &notices, id).await.is_err());
    assert!(f.app.get(&other, &notices, id).await.is_ok(), "the control");
    f.app.read_notification(&other, id).await.unwrap();
    assert_eq!(f.app.unread(&other).await.unwrap(), 2);
    assert_eq!(
        f.app
            .notifications(&other, true, 50, None)
            .await
            .unwrap()
            .list
            .len(),
        2
    );
    assert_eq!(f.app.read_notifications(&other).await.unwrap(), 2);
    assert_eq!(f.app.unread(&other).await.unwrap(), 0);
    assert_eq!(f.app.read_notifications(&other).await.unwrap(), 0);
    // A record that one may no longer see keeps its notification, but not its name.
    f.app.delete(&boss, &object, two.id(), None).await.unwrap();
    let kept = f.app.notifications(&other, false, 50, None).await.unwrap();
    assert!(
        kept.list
            .iter()
            .any(|n| n.id == id && n.about.is_none() && n.read_at.is_some())
    );
    // A share is told.
    f.app
        .share(&boss, &object, three.id(), me, Some(false))
        .await
        .unwrap();
    assert_eq!(f.app.unread(&other).await.unwrap(), 1);
}

#[tokio::test]
async fn a_file_is_seen_by_whom_its_record_is_seen() {
    let f = fixture().await;
    let app = {
        let one = common::open_at(f.folder.path(), &f.clock).await;
        drop(one);
        let engine = peyvand_store_sqlite::SqliteEngine::open(
            &f.folder.path().join("peyvand.db"),
            &peyvand_store_sqlite::Options::default(),
        )
        .unwrap();
        let store = Arc::new(peyvand_store::Store::new(
            Arc::new(engine),
            peyvand_store::Keys::new([42; 32]),
        ));
        let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&f.clock) as _;
        App::new(store, clock, Arc::new(peyvand_core::IdSource::default()))
            .in_folder(f.folder.path())
            .unwrap()
    };
    let boss = f.person("سارا احمدی", "admin").await;
    let seller = f.person("سارا", "seller").await;
    let object = app.object(&boss, "contacts").unwrap();
    let contact = app
        .create(&boss, &object, &map(json!({"name": {"family": "کاظمی"}})), None)
        .await
        .unwrap();
    let id = contact.id();
    let made = app
        .attach(
            &boss,
            &object,
            id,
            "../../x/قرارداد.pdf",
            b"%PDF-1.7 one".to_vec(),
        )
        .await
        .unwrap();
    assert_eq!(
        made.get(peyvand_catalog::handles::file::NAME),
        &Value::text("قرارداد.pdf")
    );
    let mut found = app.download(&boss, made.id()).await.unwrap();
    let mut text = String::new();
    found.content.read_to_string(&mut text).unwrap();
    assert_eq!(text, "%PDF-1.7 one");
    assert_eq!(found.media_type, "application/pdf");
    for (name, content, reason) in [
        ("page.html", &b"<script>"[..], "extension"),
        ("run.exe", b"MZ", "extension"),
        ("x.pdf", b"<html>", "content"),
        ("x.txt", b"a\0b", "content"),
        ("x.txt", b"", "size"),
        ("..", b"x", "name"),
    ] {
        let refused = app.attach(&boss, &object, id, name, content.to_vec()).await;
        assert!(
            matches!(refused, Err(AppError::FileRefused { reason: r }) if r == reason),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(app.attachments(&boss, &object, id).await.unwrap().len(), 1);
    for refused in [
        app.download(&seller, made.id()).await.err(),
        app.attachments(&seller, &object, id).await.err(),
        app.detach(&seller, made.id()).await.err(),
        app.attach(&seller, &object, id, "x.txt", b"x".to_vec())
            .await
            .err(),
    ] {
        assert!(matches!(refused, Some(AppError::NotFound)), "{refused:?}");
    }
    // Nor is it told of by itself; who reads everything finds it.
    let files = app.object(&boss, "files").unwrap();
    let all = peyvand_app::ListRequest::default();
    assert_eq!(app.list(&boss, &files, &all).await.unwrap().records.len(), 1);
    let told = app.list(&seller, &files, &all).await;
    assert!(told.is_ok_and(|l| l.records.is_empty()));
    assert!(matches!(
        app.get(&seller, &files, made.id()).await,
        Err(AppError::NotFound)
    ));
    // A reach over files that is less than all is none: they have no owner to be measured by.
    for (reach, seen) in [("own", 0), ("team", 0), ("all", 1)] {
        let rules = json!({"default": {"read": "all"}, "objects": {"file": {"read": reach}}});
        let rules = RoleRules::read(&rules, seller.workspace.catalog()).unwrap();
        let mut narrow = seller.clone();
        narrow.policy = rules.policy(
            seller.workspace.catalog(),
            seller.actor.id(),
            Vec::new(),
            Vec::new(),
        );
        let told = app.list(&narrow, &files, &all).await.unwrap();
        assert_eq!(told.records.len(), seen, "{reach}");
    }
    app.detach(&boss, made.id()).await.unwrap();
    assert!(app.attachments(&boss, &object, id).await.unwrap().is_empty());
}
