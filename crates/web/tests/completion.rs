//! What was done by mistake is taken back whole: the activity is open, and what its completion made is gone.

mod common;

use axum::http::StatusCode;
use common::{Answer, Place, between, enc, place_on};
use peyvand_testkit::{TestDb, db_test};

/// What was said, and the address by which it is taken back.
fn said(answer: &Answer) -> (String, String) {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let mut parts = cookie.split_once('=').unwrap().1.split('|');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    (part(), part())
}

/// The records of a list in their order.
async fn listed(p: &Place, plural: &str, filter: &str) -> Vec<String> {
    let list = p.get(&format!("/{plural}?filter={}", enc(filter))).await.body;
    list.split("<tr id=\"r-")
        .skip(1)
        .map(|row| row.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

#[db_test]
async fn a_call_done_by_mistake_leaves_neither_a_call_nor_a_second_series(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&to=/")
        .await;
    let contact = p.id("contacts", "name.family=Karimi").await;
    let id = p
        .id(
            "activities",
            &format!("subject=Ring&kind=call&due_at=2026-12-07+10:00&recurrence=weekly&contact_id={contact}"),
        )
        .await;
    let here = format!("/contacts/{contact}");
    let done = || async {
        let a = p
            .post(
                &format!("/activities/{id}/done"),
                &format!("outcome=Reached&to={}", enc(&here)),
            )
            .await;
        assert_eq!(a.to(), here);
        let (key, undo) = said(&a);
        assert_eq!(key, "record-completed");
        undo
    };
    let undo = done().await;
    assert_eq!(listed(&p, "interactions", "").await.len(), 1);
    let open = listed(&p, "activities", "status = open").await;
    assert_eq!(open.len(), 1, "the next one");
    assert_ne!(open[0], id);

    let back = p.post(&undo, "").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(back.to(), here, "it is taken back from where it was done");
    assert_eq!(listed(&p, "activities", "status = open").await, [id.clone()]);
    assert_eq!(listed(&p, "activities", "").await.len(), 1);
    assert!(listed(&p, "interactions", "").await.is_empty());
    let page = p.get(&format!("/activities/{id}")).await.body;
    let outcome = between(&page, "id=\"v-outcome\"", "</dd>");
    assert!(!outcome.contains("Reached"), "it is as it was: {outcome}");
    // What is taken back is not taken back again.
    assert_eq!(p.post(&undo, "").await.status, StatusCode::CONFLICT);

    // Done after all: one call is told, one goes on.
    let undo = done().await;
    assert_eq!(listed(&p, "interactions", "").await.len(), 1);
    let open = listed(&p, "activities", "status = open").await;
    assert_eq!(open.len(), 1);
    // Somebody has changed the next one: nothing is taken away under their hands.
    p.post(&format!("/activities/{}/edit/subject", open[0]), "subject=Visit")
        .await;
    assert_eq!(p.post(&undo, "").await.status, StatusCode::CONFLICT);
    assert_eq!(listed(&p, "interactions", "").await.len(), 1);
    assert_eq!(listed(&p, "activities", "status = open").await, open);
}

#[db_test]
async fn an_undo_takes_away_only_what_the_completion_made(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let id = p.id("activities", "subject=Once&kind=task").await;
    let other = p.id("activities", "subject=Other&kind=task").await;
    let seller = p.of(p.person("sara@example.ir", "Sara", "seller").await);
    let hers = seller.id("activities", "subject=Hers&kind=task").await;
    let (_, undo) = said(&p.post(&format!("/activities/{id}/done"), "to=/").await);
    assert!(
        undo.contains("made=&"),
        "a task that is done once makes nothing: {undo}"
    );
    // Another's record is not taken away by naming it.
    let forged = undo.replace("made=&", &format!("made={hers}&"));
    assert_eq!(p.post(&forged, "").await.status, StatusCode::CONFLICT);
    let forged = undo.replace("made=&", "made=nonsense&");
    assert_eq!(p.post(&forged, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(listed(&p, "activities", "").await.len(), 3);
    assert_eq!(p.post(&undo, "").await.to(), "/");
    let open = listed(&p, "activities", "status = open").await;
    assert!(
        [&id, &other, &hers].iter().all(|one| open.contains(one)),
        "{open:?}"
    );
}
