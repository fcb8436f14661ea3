//! The grid of time in the calendar: where things stand, moving them, changing how long they last, making new ones.

mod common;

use common::{between, enc, place};
use peyvand_web as _;

const DAY: &str = "/calendar?view=day&at=2026-12-08&calendar=gregorian";

#[tokio::test]
async fn an_activity_stands_where_it_begins_and_as_long_as_it_lasts() {
    let p = place().await;
    let make = async |subject: &str, form: &str| {
        p.id(
            "activities",
            &format!("subject={}&kind=meeting&{form}", enc(subject)),
        )
        .await
    };
    let long = make(
        "Long",
        "due_at=2026-12-08+10:00&starts_at=2026-12-08+10:00&ends_at=2026-12-08+11:30",
    )
    .await;
    let beside = make("Beside", "starts_at=2026-12-08+11:00&ends_at=2026-12-08+12:00").await;
    let due = make("Due", "due_at=2026-12-08+15:20").await;
    let whole = make("Whole", "due_at=2026-12-08").await;
    let night = make("Night", "starts_at=2026-12-08+23:00&ends_at=2026-12-09+02:00").await;
    let page = p.get(DAY).await.body;
    let tag = |page: &str, id: &str| {
        let at = page
            .find(&format!("data-move=\"{id}\""))
            .unwrap_or_else(|| panic!("{id}"));
        let from = page[..at].rfind("<li").unwrap();
        page[from..].split_once('>').unwrap().0.to_owned()
    };
    assert!(
        tag(&page, &long).contains("h10 m0 e1 f30 k0 n2"),
        "{}",
        tag(&page, &long)
    );
    assert!(
        tag(&page, &beside).contains("h11 m0 e1 f0 k1 n2"),
        "{}",
        tag(&page, &beside)
    );
    assert!(
        tag(&page, &due).contains("h15 m20 e0 f30 k0 n1"),
        "{}",
        tag(&page, &due)
    );
    assert!(
        tag(&page, &night).contains("h23 m0 e1 f0"),
        "{}",
        tag(&page, &night)
    );
    // What has no hour stands in the head, without a place.
    let head = between(&page, "tg-head", "tg-body");
    assert!(head.contains(&whole) && !head.contains(&long));
    // The firm's hours: a Tuesday is worked from eight to five; a Friday is not.
    assert!(page.contains("class=\"work h8 m0 e9 f0\""));
    let friday = p
        .get("/calendar?view=day&at=2026-12-11&calendar=gregorian")
        .await
        .body;
    assert!(!friday.contains("class=\"work") && friday.contains("tg-day off"));
    // What went on over midnight goes on, and cannot be moved from there.
    let next = p
        .get("/calendar?view=day&at=2026-12-09&calendar=gregorian")
        .await
        .body;
    assert!(next.contains("h0 m0 e2 f0") && !next.contains(&format!("data-move=\"{night}\"")));
}

#[tokio::test]
async fn hours_and_lengths_are_changed_and_taken_back() {
    let p = place().await;
    let form = "subject=Visit&kind=visit&due_at=2026-12-08+10:00";
    let id = p.id("activities", form).await;
    let times = async || {
        let body = p.get(&format!("/activities/{id}/edit")).await.body;
        ["due_at", "starts_at", "ends_at"]
            .map(|f| between(&body, &format!("name=\"{f}\" value=\""), "\"").to_owned())
    };
    let before = times().await;
    assert!(before[1].is_empty() && before[2].is_empty(), "{before:?}");
    let to = format!("/calendar/{id}/move");
    let post = async |form: &str| p.post(&to, &format!("{form}&to=%2Fcalendar")).await;
    // To another hour of another day: it stays only due.
    let moved = post("day=2026-12-09&time=14:15").await;
    assert_eq!(moved.to(), "/calendar");
    let page = p
        .get("/calendar?view=week&at=2026-12-09&calendar=gregorian")
        .await
        .body;
    assert!(page.contains("h14 m15 e0 f30"));
    // It gets a length.
    let longer = post("day=2026-12-09&time=14:15&length=45").await;
    let page = p
        .get("/calendar?view=week&at=2026-12-09&calendar=gregorian")
        .await
        .body;
    assert!(page.contains("h14 m15 e0 f45"));
    // Both are taken back by what their messages offer.
    for answer in [longer, moved] {
        let said = answer
            .headers
            .get_all("set-cookie")
            .iter()
            .find_map(|c| {
                c.to_str()
                    .ok()?
                    .split_once("calendar-moved|")
                    .map(|(_, rest)| rest.to_owned())
            })
            .unwrap();
        let undo = said.split('|').next().unwrap().to_owned();
        assert_eq!(p.post(&undo, "").await.to(), "/calendar");
    }
    assert_eq!(times().await, before);
    // What cannot be read moves nothing.
    for bad in [
        "day=2026-12-09&time=25:00",
        "day=2026-12-09&length=0",
        "day=",
        "day=zzz&time=10:00",
    ] {
        post(bad).await;
        assert_eq!(times().await, before, "{bad}");
    }
    // As people type it, an hour included; a day alone leaves the hour.
    post(&format!("day={}", enc("2026-12-10 09:30"))).await;
    post("day=2026-12-11").await;
    let page = p
        .get("/calendar?view=day&at=2026-12-11&calendar=gregorian")
        .await
        .body;
    assert!(page.contains("h9 m30 e0 f30"));
}

#[tokio::test]
async fn a_click_on_an_hour_makes_an_activity_then() {
    let p = place().await;
    let page = p.get(DAY).await.body;
    assert!(page.contains("name=\"at\" value=\"2026-12-08T10:00\""));
    let to = p
        .get("/calendar/new?to=%2Fcalendar%3Fview%3Dday&at=2026-12-08T10:30")
        .await
        .to()
        .to_owned();
    let form = p.get(&to).await.body;
    let of = |f: &str| between(&form, &format!("name=\"{f}\" value=\""), "\"").to_owned();
    let (due, starts, ends) = (of("due_at"), of("starts_at"), of("ends_at"));
    assert!(
        !due.is_empty() && due == starts && due != ends,
        "{due} {starts} {ends}"
    );
    let sent = format!(
        "subject=New&kind=meeting&due_at={}&starts_at={}&ends_at={}&to=%2Fcalendar%3Fview%3Dday",
        enc(&due),
        enc(&starts),
        enc(&ends)
    );
    assert_eq!(p.post("/activities/new", &sent).await.to(), "/calendar?view=day");
    assert!(p.get(DAY).await.body.contains("h10 m30 e1 f0 k0 n1"));
    assert_eq!(p.get("/calendar/new?at=x&to=%2Fcalendar").await.to(), "/calendar");
    // Who may make none is offered none.
    let reader = p.of(p.person("reader@example.ir", "Reader", "reader").await);
    assert!(!reader.get(DAY).await.body.contains("name=\"at\""));
}
