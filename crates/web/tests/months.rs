//! Lists in groups by a day: groups of months, in the reader's calendar, with what they come to.

mod common;

use common::{between, place_on};
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// The groups of a page: name, count, sum of the amounts, and the titles under it.
fn groups(page: &str) -> Vec<(String, String, bool, Vec<String>)> {
    let rows = between(page, "<tbody id=\"rows\">", "</tbody>");
    rows.split("<tr class=\"group\"")
        .skip(1)
        .map(|g| {
            let (head, rows) = g.split_once("</tr>").unwrap();
            let text: String = head
                .split('<')
                .filter_map(|t| t.split_once('>'))
                .map(|(_, t)| t.trim())
                .collect::<Vec<_>>()
                .join("|");
            let titles = ["D1", "D2", "D3", "D4"]
                .iter()
                .filter(|d| rows.contains(&format!("<bdi>{d}</bdi>")))
                .map(|d| (*d).to_owned())
                .collect();
            let count = between(head, "<b class=\"count\">", "</b>").to_owned();
            (
                text.clone(),
                count,
                text.contains("300") || text.contains("۳۰۰"),
                titles,
            )
        })
        .collect()
}

#[db_test]
async fn days_stand_in_months_of_the_readers_calendar(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    // 30 Aban 1405 is 21 November 2026, 1 Azar the day after; December begins on 10 Azar.
    for (name, day, amount) in [
        ("D1", "2026-11-21", 100),
        ("D2", "2026-11-22", 100),
        ("D3", "2026-12-05", 200),
    ] {
        p.make(
            "deals",
            &format!("name={name}&amount={amount}+IRR&expected_close={day}"),
        )
        .await;
    }
    p.make("deals", "name=D4&amount=7+IRR").await;
    let list = "/deals?group=expected_close&columns=name,amount,expected_close&sort=expected_close";
    let english = groups(&p.get(list).await.body);
    let has = |all: &[(String, String, bool, Vec<String>)], name: &str| {
        let found: Vec<_> = all.iter().filter(|g| g.0.contains(name)).cloned().collect();
        assert_eq!(found.len(), 1, "{name}: {all:?}");
        found[0].clone()
    };
    let november = has(&english, "November 2026");
    assert_eq!(
        (november.1.as_str(), november.3),
        ("2", vec!["D1".to_owned(), "D2".to_owned()])
    );
    let december = has(&english, "December 2026");
    assert_eq!((december.1.as_str(), december.3), ("1", vec!["D3".to_owned()]));
    assert_eq!(english.len(), 3, "and those without a day: {english:?}");
    p.post("/preferences", "language=fa&calendar=jalali&to=/").await;
    let persian = groups(&p.get(list).await.body);
    assert_eq!(has(&persian, "آبان ۱۴۰۵").3, vec!["D1".to_owned()]);
    let azar = has(&persian, "آذر ۱۴۰۵");
    assert_eq!(
        (azar.1.as_str(), azar.2),
        ("۲", true),
        "counted and summed: {azar:?}"
    );
    assert_eq!(azar.3, vec!["D2".to_owned(), "D3".to_owned()]);
}

#[db_test]
async fn times_stand_in_months_of_the_readers_zone(db: TestDb) {
    let p = place_on(&db).await;
    p.post(
        "/preferences",
        "language=en&calendar=gregorian&time_zone=Asia/Tehran&to=/",
    )
    .await;
    for (name, at) in [
        ("D1", "2026-11-21+10:00"),
        ("D2", "2026-11-30+23:30"),
        // Still November in London.
        ("D3", "2026-12-01+02:00"),
    ] {
        p.make("activities", &format!("subject={name}&kind=task&due_at={at}"))
            .await;
    }
    let list = "/activities?group=due_at&columns=subject,due_at&sort=due_at";
    let here = groups(&p.get(list).await.body);
    let titles: Vec<&[String]> = here.iter().map(|g| g.3.as_slice()).collect();
    assert_eq!(titles, [&["D1", "D2"][..], &["D3"]], "{here:?}");
    assert!(here[0].0.contains("November 2026") && here[1].0.contains("December 2026"));
    p.post(
        "/preferences",
        "language=en&calendar=gregorian&time_zone=Europe/London&to=/",
    )
    .await;
    let there = groups(&p.get(list).await.body);
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(there[0].3, ["D1", "D2", "D3"]);
}
