//! One occurrence of what repeats is moved by itself: the others stay where they are.

mod common;

use axum::http::StatusCode;
use common::{Place, between, enc, place_on};
use peyvand_testkit::{TestDb, db_test};

/// When a record is due, as its form says it, and whether it repeats.
async fn of(p: &Place, id: &str) -> (String, bool) {
    let form = p.get(&format!("/activities/{id}/edit")).await.body;
    let due = between(&form, "name=\"due_at\" value=\"", "\"").to_owned();
    let page = p.get(&format!("/activities/{id}")).await.body;
    let rule = between(&page, "id=\"v-recurrence\"", "</dd>");
    (due, between(rule, "class=\"shown\">", "</span>").contains("very"))
}

/// The activities that are open, by when they are due.
async fn open(p: &Place) -> Vec<String> {
    let open = enc("status = open");
    p.listed("activities", &format!("filter={open}&sort=due_at"))
        .await
}

#[db_test]
async fn an_occurrence_moves_by_itself_and_back(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    // 7 December 2026 is a Monday.
    let form = "subject=Standup&kind=task&due_at=2026-12-07+10:00&recurrence=weekly";
    let id = p.id("activities", form).await;
    let first = of(&p, &id).await;
    assert!(first.0.contains("10:00") && first.1, "{first:?}");
    let at = format!("/calendar/{id}/move");
    // To the Friday before, at another hour: what comes next is the Monday after, at its own hour.
    let moved = p.post(&at, "day=2026-12-04&time=15:30&to=%2Fcalendar").await;
    let (key, undo) = moved.said();
    assert_eq!(key, "calendar-moved-one", "{}", moved.body);
    let now = open(&p).await;
    let [this, next] = now.as_slice() else {
        panic!("two are expected: {now:?}")
    };
    assert_eq!(*this, id);
    let alone = of(&p, &id).await;
    assert!(
        alone.0.contains('4') && alone.0.contains("15:30") && !alone.1,
        "{alone:?}"
    );
    let following = of(&p, next).await;
    assert!(
        following.0.contains("14") && following.0.contains("10:00") && following.1,
        "{following:?}"
    );
    // The calendar has nothing on the Monday that was left.
    let day = |day: &str| format!("/calendar?view=day&calendar=gregorian&at={day}");
    for (on, there) in [
        ("2026-12-04", true),
        ("2026-12-07", false),
        ("2026-12-14", true),
        ("2026-12-21", true),
    ] {
        let page = p.get(&day(on)).await.body;
        assert_eq!(page.contains("Standup"), there, "{on}");
    }
    // Taken back: one that repeats, as it was.
    let back = p.post(&undo, "").await;
    assert_eq!(back.said().0, "calendar-moved-back", "{}", back.body);
    assert_eq!(open(&p).await, std::slice::from_ref(&id));
    assert_eq!(of(&p, &id).await, first);

    // Moved and done, it makes no other: the series goes on by its own.
    p.post(&at, "day=2026-12-08&to=%2Fcalendar").await;
    p.post(&format!("/activities/{id}/done"), "to=/").await;
    let now = open(&p).await;
    let [next] = now.as_slice() else {
        panic!("one is expected: {now:?}")
    };
    assert!(of(&p, next).await.0.contains("14"));
    // What somebody has changed since is not taken away.
    let moved = p
        .post(&format!("/calendar/{next}/move"), "day=2026-12-15&to=%2Fcalendar")
        .await;
    let (_, undo) = moved.said();
    let later = open(&p).await.pop().unwrap();
    p.post(&format!("/activities/{later}/edit/subject"), "subject=Review")
        .await;
    assert_eq!(p.post(&undo, "").await.status, StatusCode::CONFLICT);
    assert_eq!(open(&p).await.len(), 2);
}

#[db_test]
async fn what_does_not_move_stays_in_its_series(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    let id = p
        .id(
            "activities",
            "subject=Standup&kind=task&due_at=2026-12-07+10:00&recurrence=weekly",
        )
        .await;
    let at = format!("/calendar/{id}/move");
    // Put down where it was taken up.
    let same = p.post(&at, "day=2026-12-07&time=10:00&to=%2Fcalendar").await;
    assert_eq!(same.said().0, "calendar-moved");
    assert!(of(&p, &id).await.1);
    // What does not repeat moves as ever, and one that is done makes no other.
    let single = p
        .id("activities", "subject=Once&kind=task&due_at=2026-12-07+10:00")
        .await;
    let moved = p
        .post(
            &format!("/calendar/{single}/move"),
            "day=2026-12-09&to=%2Fcalendar",
        )
        .await;
    assert_eq!(moved.said().0, "calendar-moved");
    p.post(&format!("/activities/{id}/done"), "to=/").await;
    let moved = p.post(&at, "day=2026-12-10&to=%2Fcalendar").await;
    assert_eq!(moved.said().0, "calendar-moved");
    assert_eq!(open(&p).await.len(), 2);
}
