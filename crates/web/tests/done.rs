//! What is done: noted as done at once or not at all, and told once in the story.

mod common;

use axum::http::StatusCode;
use common::{Place, enc, place_on};
use peyvand_app::Caller;
use peyvand_core::Via;
use peyvand_testkit::{TestDb, db_test};

/// How often a text stands in the entries of a story.
fn told(page: &str, text: &str) -> usize {
    let story = common::between(page, "<ol class=\"time\">", "</ol>");
    story.matches(&format!("<b><bdi>{text}</bdi></b>")).count()
}

async fn rows(p: &Place, plural: &str) -> usize {
    p.get(&format!("/{plural}"))
        .await
        .body
        .matches("<tr id=\"r-")
        .count()
}

#[db_test]
async fn a_call_that_was_made_is_told_once(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("contacts", "name.family=Karimi").await;
    let noted = p
        .post(
            &format!("{at}/story"),
            "kind=call&body=Offer&done=on&outcome=Agreed",
        )
        .await;
    assert_eq!(noted.to(), at, "{}", noted.body);
    assert_eq!(
        (rows(&p, "activities").await, rows(&p, "interactions").await),
        (1, 1)
    );
    let page = p.get(&at).await.body;
    assert_eq!(told(&page, "Offer"), 1, "{page}");
    assert!(page.contains("Agreed") && page.contains("href=\"/interactions/"));
    // Asked for by its kind, each is there.
    for kind in ["activity", "interaction"] {
        let page = p.get(&format!("{at}?show={kind}")).await.body;
        assert_eq!(told(&page, "Offer"), 1, "{kind}");
    }
    // A call that is yet to be made, and a task, which leaves no interaction, are told too.
    p.post(&format!("{at}/story"), "kind=call&body=Later").await;
    p.post(&format!("{at}/story"), "kind=task&body=Papers&done=on")
        .await;
    let page = p.get(&at).await.body;
    assert_eq!((told(&page, "Later"), told(&page, "Papers")), (1, 1));
    // Without its interaction the activity is what is left of it.
    let interaction = common::between(&page, "href=\"/interactions/", "\"").to_owned();
    let gone = p.post(&format!("/interactions/{interaction}/delete"), "").await;
    assert!(gone.status.is_redirection(), "{}", gone.body);
    let page = p.get(&at).await.body;
    assert_eq!(told(&page, "Offer"), 1);
    assert!(page.contains("href=\"/activities/") && !page.contains(&interaction));
}

#[db_test]
async fn what_cannot_be_done_is_not_half_made(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("contacts", "name.family=Karimi").await;
    let story = format!("{at}/story");
    // Longer than an outcome may be: said beside its input, with all that was typed.
    let long = "x".repeat(20_000);
    let refused = p
        .post(&story, &format!("kind=call&body=Offer&done=on&outcome={long}"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(&long) && refused.body.contains("Offer"));
    assert_eq!(rows(&p, "activities").await, 0);
    // The interaction that would be written lacks what the firm requires of one.
    let object = "/settings/objects/interaction";
    let made = p
        .post(
            object,
            &format!("fa={}&en=Mood&type=text&required=on", enc("حال")),
        )
        .await;
    assert_eq!(made.to(), object, "{}", made.body);
    let refused = p.script(&story, "kind=call&body=Offer&done=on").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Mood"), "{}", refused.body);
    assert_eq!(
        (rows(&p, "activities").await, rows(&p, "interactions").await),
        (0, 0)
    );
    // Who may make activities and not change them cannot note one as done.
    let rules = serde_json::json!({"default": {"read": "all", "create": "all"}});
    let system = Caller::system(&p.workspace, Via::Cli);
    p.app
        .save_role(&system, "adds", Some("adds"), Some(&rules))
        .await
        .unwrap();
    let adds = p.of(p.person("adds@example.ir", "Adds", "adds").await);
    let refused = adds.script(&story, "kind=task&body=Papers&done=on").await;
    assert!(!refused.status.is_success(), "{}", refused.body);
    assert_eq!(rows(&p, "activities").await, 0);
    // The control: what can be done is.
    p.post(&story, "kind=task&body=Papers&done=on").await;
    assert_eq!(rows(&p, "activities").await, 1);
}
