//! A deal, its stage, its pipeline and its status say the same, whichever of them is changed; and what else is refused
//! because it cannot be.

mod common;

use common::{Fixture, fixture_on};
use peyvand_app::{AppError, Caller, ListRequest};
use peyvand_catalog::handles::user;
use peyvand_core::{Id, Instant};
use peyvand_record::{Record, Value};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

async fn make(f: &Fixture, object: &str, values: serde_json::Value) -> Result<Record, AppError> {
    let values = values.as_object().unwrap();
    f.app.create(&f.caller, &f.object(object), values, None).await
}

async fn change(f: &Fixture, object: &str, id: Id, values: serde_json::Value) -> Result<Record, AppError> {
    let values = values.as_object().unwrap();
    f.app.patch(&f.caller, &f.object(object), id, values, None).await
}

fn get<'r>(f: &Fixture, r: &'r Record, field: &str) -> &'r Value {
    r.get(f.object(&r.object).field(field).unwrap().0)
}

/// The fields that are refused, with the stable codes.
fn refused(done: Result<Record, AppError>) -> Vec<(String, &'static str)> {
    match done {
        Err(AppError::Invalid(errors)) => errors.iter().map(|e| (e.field.clone(), e.code.key())).collect(),
        other => panic!("{other:?}"),
    }
}

/// Two pipelines: sales with all kinds of stages, upkeep without one for losses. Ids by `pipeline` and `pipeline/stage`.
async fn pipelines(f: &Fixture) -> impl Fn(&str) -> Id + use<> {
    let mut ids = std::collections::HashMap::new();
    let lines = [
        ("Upkeep", 2, &[("Asked", "open"), ("Signed", "won")][..]),
        (
            "Sales",
            1,
            &[
                ("Offer", "open"),
                ("New", "open"),
                ("Won", "won"),
                ("Lost", "lost"),
            ][..],
        ),
    ];
    for (name, position, stages) in lines {
        let line = make(f, "pipeline", json!({"name": name, "position": position}))
            .await
            .unwrap();
        ids.insert(name.to_owned(), line.id());
        for (n, (stage, kind)) in stages.iter().enumerate() {
            // The second of the open ones comes first.
            let at = if *stage == "New" { 0 } else { n as i64 + 1 };
            let values = json!({"name": stage, "kind": kind, "pipeline_id": line.id().to_string(), "position": at,
                                "probability": if *kind == "won" { 100 } else { 20 }});
            ids.insert(
                format!("{name}/{stage}"),
                make(f, "stage", values).await.unwrap().id(),
            );
        }
    }
    move |name| ids[name]
}

fn told(f: &Fixture, deal: &Record) -> (Value, Value, String) {
    (
        get(f, deal, "pipeline_id").clone(),
        get(f, deal, "stage_id").clone(),
        get(f, deal, "status").as_str().unwrap_or_default().to_owned(),
    )
}

#[db_test]
async fn a_deal_is_always_somewhere_on_a_board(db: TestDb) {
    let f = fixture_on(db).await;
    // Where there is no board yet, a deal is what it says.
    let early = make(&f, "deal", json!({"name": "Early", "status": "won"}))
        .await
        .unwrap();
    assert_eq!(told(&f, &early), (Value::Null, Value::Null, "won".to_owned()));

    let id = pipelines(&f).await;
    let link = |name: &str| Value::Id(id(name));
    let at = |line: &str, stage: &str, status: &str| (link(line), link(stage), status.to_owned());
    let deal = make(&f, "deal", json!({"name": "Roof"})).await.unwrap();
    assert_eq!(told(&f, &deal), at("Sales", "Sales/New", "open"));
    assert_eq!(*get(&f, &deal, "probability"), Value::Int(20));
    let other = json!({"name": "Lift", "pipeline_id": id("Upkeep").to_string()});
    let lift = make(&f, "deal", other).await.unwrap();
    assert_eq!(told(&f, &lift), at("Upkeep", "Upkeep/Asked", "open"));

    // By its status it goes where such deals are, with all that follows.
    let won = change(&f, "deal", deal.id(), json!({"status": "won"}))
        .await
        .unwrap();
    assert_eq!(told(&f, &won), at("Sales", "Sales/Won", "won"));
    assert_eq!(*get(&f, &won, "probability"), Value::Int(100));
    assert!(
        matches!(get(&f, &won, "closed_on"), Value::Date(_)),
        "a day of closing"
    );
    let open = change(&f, "deal", deal.id(), json!({"status": "open"}))
        .await
        .unwrap();
    assert_eq!(told(&f, &open), at("Sales", "Sales/New", "open"));
    assert_eq!(*get(&f, &open, "closed_on"), Value::Null);

    // What a lost deal is asked for, it is asked by this door too.
    make(&f, "lost_reason", json!({"name": "Price"})).await.unwrap();
    let lost = change(&f, "deal", deal.id(), json!({"status": "lost"})).await;
    assert_eq!(refused(lost), [("lost_reason_id".to_owned(), "required")]);
    let made_lost = make(&f, "deal", json!({"name": "Gone", "status": "lost"})).await;
    assert_eq!(refused(made_lost), [("lost_reason_id".to_owned(), "required")]);
    let nowhere = change(&f, "deal", lift.id(), json!({"status": "lost"})).await;
    assert_eq!(refused(nowhere), [("status".to_owned(), "no-such-stage")]);

    // To another pipeline it comes in at its beginning; a stage of one and the name of another are not taken.
    let moved = change(
        &f,
        "deal",
        deal.id(),
        json!({"pipeline_id": id("Upkeep").to_string()}),
    )
    .await
    .unwrap();
    assert_eq!(told(&f, &moved), at("Upkeep", "Upkeep/Asked", "open"));
    let torn = json!({"pipeline_id": id("Sales").to_string(), "stage_id": id("Upkeep/Signed").to_string()});
    assert_eq!(
        refused(change(&f, "deal", deal.id(), torn).await),
        [("stage_id".to_owned(), "other-pipeline")]
    );
    let by_stage = change(
        &f,
        "deal",
        deal.id(),
        json!({"stage_id": id("Sales/Offer").to_string()}),
    )
    .await
    .unwrap();
    assert_eq!(told(&f, &by_stage), at("Sales", "Sales/Offer", "open"));
    // Nor is it taken off the board.
    let off = change(&f, "deal", deal.id(), json!({"stage_id": null})).await;
    assert_eq!(refused(off), [("stage_id".to_owned(), "required")]);
    let kept = change(
        &f,
        "deal",
        deal.id(),
        json!({"pipeline_id": null, "name": "Roofs"}),
    )
    .await
    .unwrap();
    assert_eq!(told(&f, &kept), at("Sales", "Sales/Offer", "open"));
}

#[db_test]
async fn an_activity_does_not_end_before_it_begins(db: TestDb) {
    let f = fixture_on(db).await;
    let values = |from: &str, to: &str| json!({"subject": "Visit", "starts_at": from, "ends_at": to});
    let (ten, noon) = ("2026-11-22T10:00:00Z", "2026-11-22T12:00:00Z");
    assert_eq!(
        refused(make(&f, "activity", values(noon, ten)).await),
        [("ends_at".to_owned(), "ends-before-start")]
    );
    let visit = make(&f, "activity", values(ten, noon)).await.unwrap();
    let later = json!({"starts_at": "2026-11-22T13:00:00Z"});
    assert_eq!(
        refused(change(&f, "activity", visit.id(), later).await),
        [("starts_at".to_owned(), "ends-before-start")]
    );
    let done = change(&f, "activity", visit.id(), json!({"ends_at": null})).await;
    assert!(done.is_ok(), "{done:?}");
}

/// «This month» is the month of who asks, whatever calendar the firm reckons by.
#[db_test]
async fn periods_are_of_the_askers_calendar(db: TestDb) {
    let f = fixture_on(db).await;
    // 5 December 2026 is 14 Azar 1405: Azar began on 22 November.
    f.clock.set(Instant(1_796_472_000_000_000));
    let deal = |day: &str| json!({"name": day, "expected_close": day});
    for day in ["2026-11-25", "2026-12-03", "2026-12-28"] {
        make(&f, "deal", deal(day)).await.unwrap();
    }
    let person = f.person("Sara", "admin").await;
    let users = f.object("user");
    let asked = async |calendar: &str| -> Vec<String> {
        let id = person.actor.id();
        let choice = vec![(user::CALENDAR, Value::Choice(calendar.into()))];
        f.app
            .patch_values(&f.caller, &users, id, choice, None)
            .await
            .unwrap();
        let caller: Caller = f.app.caller_of(f.workspace(), id, person.via).await.unwrap();
        let request = ListRequest {
            filter: Some("expected_close = this_month()".to_owned()),
            sort: Some("expected_close".to_owned()),
            ..ListRequest::default()
        };
        let found = f.app.list(&caller, &f.object("deal"), &request).await.unwrap();
        found
            .records
            .iter()
            .map(|r| get(&f, r, "name").as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(asked("gregorian").await, ["2026-12-03", "2026-12-28"]);
    assert_eq!(asked("jalali").await, ["2026-11-25", "2026-12-03"]);
}
