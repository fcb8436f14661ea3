//! A day's work over HTTP: what stands first, what is folded, what is offered, and what is said beside a field.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place_on};
use peyvand_calendar::{Calendar, zone};
use peyvand_core::Clock as _;
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// A day from today on, as it is typed.
fn day(db: &TestDb, from_today: i32) -> String {
    let zone = zone::zone("Asia/Tehran").unwrap();
    let at = Calendar::Gregorian.ymd(zone::day_of(db.clock.now().micros(), &zone) + from_today);
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

#[db_test]
async fn the_day_comes_first_and_what_is_late_is_folded_with_its_number(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    for n in 1..=12 {
        let due = day(&db, -n);
        p.make(
            "activities",
            &format!("subject=Old{n}&kind=task&due_at={due}+10:00"),
        )
        .await;
    }
    let today = day(&db, 0);
    for (subject, time) in [("Evening", "23:58"), ("Morning", "00:01")] {
        p.make(
            "activities",
            &format!("subject={subject}&kind=call&due_at={today}+{time}"),
        )
        .await;
    }
    let home = p.get("/").await.body;
    let mine = between(&home, "My day", "</section>");
    let (first, folded) = mine.split_once("<details").unwrap();
    let at = |text: &str| first.find(text).unwrap_or(usize::MAX);
    assert!(
        at("Morning") < at("Evening") && at("Evening") != usize::MAX,
        "{first}"
    );
    assert!(!first.contains("Old"));
    assert!(
        between(folded, "<summary>", "</summary>").contains(">12<"),
        "{folded}"
    );
    assert!(folded.contains("Old12"));
    let all = between(folded, "<p><a href=\"", "\"")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let list = p.get(&all).await.body;
    assert!(list.contains("Old1<") && list.contains("Old12<") && !list.contains("Morning"));

    // The calendar's day: the same, and what is late says its date.
    let page = p.get("/calendar?view=day").await.body;
    let late = between(&page, "<details class=\"lateday\"", "</details>");
    // It stands before what scrolls to the hours of work.
    assert!(page.find("class=\"lateday\"") < page.find("<div class=\"calendar\""));
    assert!(late.contains(">12<") && late.contains("Old12"), "{late}");
    assert!(!late.starts_with(" open"));
    let oldest = day(&db, -12);
    let item = late.split("<li").find(|i| i.contains("Old12")).unwrap();
    assert!(
        between(item, "class=\"at\"", "</span>").contains(&oldest),
        "{oldest}: {item}"
    );
}

#[db_test]
async fn an_activity_is_done_on_its_own_page(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("activities", "subject=Call&kind=task").await;
    let page = p.get(&at).await.body;
    let done = format!("action=\"{at}/done\"");
    assert!(page.contains(&done));
    let answer = p.post(&format!("{at}/done"), &format!("to={}", enc(&at))).await;
    assert_eq!(answer.to(), at);
    let page = p.get(&at).await.body;
    assert!(!page.contains(&done), "it is done already");
}

#[db_test]
async fn a_time_zone_that_is_none_is_said_beside_its_field_and_all_stays_typed(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=fa&theme=light&to=/").await;
    let answer = p
        .post(
            "/preferences",
            "language=fa&theme=dark&time_zone=Tehran%2FNowhere&told=on&to=/preferences",
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = answer.body;
    assert!(body.contains("value=\"Tehran/Nowhere\" aria-invalid=\"true\""));
    assert!(between(&body, "id=\"e-zone\"", "</p>").contains("منطقهٔ زمانی"));
    let theme = between(&body, "id=\"p-theme\"", "</select>");
    assert!(theme.contains("value=\"dark\" selected"), "{theme}");
    assert!(
        !between(&body, "name=\"told\"", "</fieldset>").contains(" checked"),
        "no box was ticked"
    );
    // Nothing of it was stored.
    let page = p.get("/preferences").await.body;
    let theme = between(&page, "id=\"p-theme\"", "</select>");
    assert!(theme.contains("value=\"light\" selected"), "{theme}");
}

#[db_test]
async fn who_was_deactivated_is_offered_nowhere_and_stays_where_they_stand(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    p.person("old@example.ir", "Former Fred", "seller").await;
    let users = p.get("/users").await.body;
    let row = users
        .split("data-id=\"")
        .find(|r| r.contains("Former Fred"))
        .unwrap();
    let fred = row.split('"').next().unwrap().to_owned();
    let kept = p
        .make("contacts", &format!("name.family=Karimi&owner_id={fred}"))
        .await;
    let other = p.make("contacts", "name.family=Noori").await;
    let owner = |body: &str| between(body, "id=\"f-owner_id\"", "</select>").to_owned();
    assert!(owner(&p.get("/contacts/new").await.body).contains("Former Fred"));
    let answer = p
        .post(&format!("/settings/people/{fred}/active"), "on=false")
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    for page in ["/contacts/new".to_owned(), format!("{other}/edit")] {
        assert!(!owner(&p.get(&page).await.body).contains("Former Fred"), "{page}");
    }
    let mine = owner(&p.get(&format!("{kept}/edit")).await.body);
    assert!(mine.contains(&format!("value=\"{fred}\" selected")), "{mine}");
}

#[db_test]
async fn a_quick_lead_is_compared_with_who_is_known(db: TestDb) {
    let p = place_on(&db).await;
    p.make(
        "contacts",
        "name.given=Sara&name.family=Karimi&phones=09121234567",
    )
    .await;
    // As the page's script sends the quick form.
    let found = p
        .post("/contacts/duplicates", "name=Sara+Karimi&phones=09121234567")
        .await;
    assert!(found.body.contains("Sara Karimi"), "{}", found.body);
    assert!(
        !p.post("/contacts/duplicates", "name=Omid+Rad&phones=09351112233")
            .await
            .body
            .contains("href")
    );
    assert!(p.get("/quick").await.body.contains("duplicates"));
}
