//! The small calendar from which a day is chosen: the month of what is typed, in the reader's calendar, and every day as the
//! field takes it.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place, place_on};
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// What stands between these marks in the button of a day.
fn of_day(page: &str, iso: &str) -> String {
    let cell = page
        .split("<td")
        .find(|c| c.contains(&format!("data-day=\"{iso}\"")))
        .unwrap_or_else(|| panic!("{iso}: {page}"));
    cell.to_owned()
}

#[tokio::test]
async fn a_month_is_shown_in_the_readers_calendar() {
    let p = place().await;
    // 2 Azar 1405 is 23 November 2026; the month has thirty days and begins on a Sunday.
    let month = p
        .get(&format!("/pick/month?value={}", enc("۱۴۰۵/۰۹/۰۲ ۱۰:۳۰")))
        .await;
    assert_eq!(month.status, StatusCode::OK);
    let page = month.body;
    assert!(!page.contains("<html") && page.contains("آذر ۱۴۰۵"), "{page}");
    let day = of_day(&page, "2026-11-23");
    assert!(
        day.contains("data-text=\"۱۴۰۵/۰۹/۰۲\"") && day.contains(">۲</button>"),
        "{day}"
    );
    assert!(
        day.contains("aria-selected=\"true\"") && day.contains("دوشنبه"),
        "{day}"
    );
    assert_eq!(page.matches("aria-selected").count(), 1);
    // Saturday stands first; the first of Azar is in the second column.
    let first = between(&page, "<tbody>", "</tr>");
    assert!(
        of_day(first, "2026-11-21").contains("beyond") && !of_day(first, "2026-11-22").contains("beyond")
    );
    assert_eq!(page.matches("<tr>").count(), 1 + 5);
    assert_eq!(page.matches("<td").count(), 35);
    // The months and years around it, on the same day of them as far as they have it.
    for (name, iso) in [
        ("back", "2026-10-24"),
        ("next", "2026-12-23"),
        ("year-back", "2025-11-23"),
        ("year-next", "2027-11-23"),
    ] {
        assert!(
            page.contains(&format!("data-{name}=\"{iso}\"")),
            "{name}: {}",
            between(&page, "<div", ">")
        );
    }
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    let page = p.get("/pick/month?at=2027-02-28&value=2026-11-23").await.body;
    assert!(page.contains("February 2027"), "{page}");
    assert!(
        of_day(&page, "2027-02-01").contains("data-text=\"2027-02-01\""),
        "{page}"
    );
    // It begins on a Monday: no day of another month is in it.
    assert_eq!(
        (page.matches("<td").count(), page.matches("beyond").count()),
        (28, 0)
    );
    assert!(page.contains("data-next=\"2027-03-28\"") && !page.contains("aria-selected"));
    // What cannot be read shows the month of today.
    for asked in [
        "value=never",
        "at=nonsense",
        "at=2026-13-45",
        "",
        "at=99999-01-01",
    ] {
        let page = p.get(&format!("/pick/month?{asked}")).await;
        assert_eq!(page.status, StatusCode::OK, "{asked}");
        assert!(
            of_day(
                &page.body,
                between(
                    &page.body,
                    "<footer><button class=\"btn s\" type=\"button\" data-day=\"",
                    "\""
                )
            )
            .contains("aria-current=\"date\"")
        );
    }
}

/// What the calendar puts into a field is what the field takes.
#[db_test]
async fn a_chosen_day_is_read_as_that_day(db: TestDb) {
    let p = place_on(&db).await;
    for (preferences, at) in [
        ("language=fa&calendar=jalali&digits=persian&to=/", "2026-11-23"),
        ("language=fa&calendar=gregorian&digits=latin&to=/", "2026-11-03"),
        ("language=en&calendar=jalali&to=/", "2027-03-20"),
        ("language=en&calendar=gregorian&to=/", "2026-04-05"),
    ] {
        p.post("/preferences", preferences).await;
        let page = p.get(&format!("/pick/month?at={at}")).await.body;
        let text = between(&of_day(&page, at), "data-text=\"", "\"").to_owned();
        let deal = p
            .make("deals", &format!("name=D&expected_close={}", enc(&text)))
            .await;
        let form = p.get(&format!("{deal}/edit")).await.body;
        let input = form
            .split('<')
            .find(|t| t.contains("name=\"expected_close\""))
            .unwrap();
        assert!(
            input.contains("data-date=\"day\"") && input.contains(&format!("value=\"{text}\"")),
            "{input}"
        );
        let again = p.get(&format!("/pick/month?value={}", enc(&text))).await.body;
        assert!(of_day(&again, at).contains("aria-selected"), "{text}");
        let time = p
            .make(
                "activities",
                &format!("subject=A&kind=task&due_at={}", enc(&format!("{text} 10:30"))),
            )
            .await;
        let form = p.get(&format!("{time}/edit")).await.body;
        let input = form.split('<').find(|t| t.contains("name=\"due_at\"")).unwrap();
        assert!(
            input.contains("data-date=\"time\"") && input.contains(&text),
            "{input}"
        );
    }
}
