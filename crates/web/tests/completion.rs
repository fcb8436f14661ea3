//! What was done by mistake is taken back whole: the activity is open, and what its completion made is gone.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place_on};
use peyvand_testkit::{TestDb, db_test};

/// What asks for those that are open.
const OPEN: &str = "filter=status+%3D+open";

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
        let (key, undo) = a.said();
        assert_eq!(key, "record-completed");
        undo
    };
    let undo = done().await;
    assert_eq!(p.listed("interactions", "").await.len(), 1);
    let open = p.listed("activities", OPEN).await;
    assert_eq!(open.len(), 1, "the next one");
    assert_ne!(open[0], id);

    let back = p.post(&undo, "").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(back.to(), here, "it is taken back from where it was done");
    assert_eq!(p.listed("activities", OPEN).await, std::slice::from_ref(&id));
    assert_eq!(p.listed("activities", "").await.len(), 1);
    assert!(p.listed("interactions", "").await.is_empty());
    let page = p.get(&format!("/activities/{id}")).await.body;
    let outcome = between(&page, "id=\"v-outcome\"", "</dd>");
    assert!(!outcome.contains("Reached"), "it is as it was: {outcome}");
    // What is taken back is not taken back again.
    assert_eq!(p.post(&undo, "").await.status, StatusCode::CONFLICT);

    // Done after all: one call is told, one goes on.
    let undo = done().await;
    assert_eq!(p.listed("interactions", "").await.len(), 1);
    let open = p.listed("activities", OPEN).await;
    assert_eq!(open.len(), 1);
    // Somebody has changed the next one: nothing is taken away under their hands.
    p.post(&format!("/activities/{}/edit/subject", open[0]), "subject=Visit")
        .await;
    assert_eq!(p.post(&undo, "").await.status, StatusCode::CONFLICT);
    assert_eq!(p.listed("interactions", "").await.len(), 1);
    assert_eq!(p.listed("activities", OPEN).await, open);
}

#[db_test]
async fn what_was_added_to_a_story_is_taken_back_from_there(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let contact = p.id("contacts", "name.family=Karimi").await;
    let here = format!("/contacts/{contact}");
    for (form, plural) in [
        ("kind=note&body=Met+at+the+fair", "notes"),
        ("kind=task&body=Send+the+offer", "activities"),
        ("kind=call&body=Ring", "activities"),
    ] {
        let added = p.post(&format!("{here}/story"), form).await;
        let (key, undo) = added.said();
        assert_eq!(key, "record-added");
        assert_eq!(p.listed(plural, "").await.len(), 1, "{form}");
        let back = p.post(&undo, "").await;
        assert_eq!(back.to(), here, "{form}: {undo}");
        assert!(p.listed(plural, "").await.is_empty(), "{form}");
    }
    // By script the same is said.
    let added = p
        .script(&format!("{here}/story"), "kind=note&body=Once+more")
        .await;
    let (_, undo) = added.said();
    assert_eq!(p.post(&undo, "").await.to(), here);
    // A wish of theirs, too; and nobody is led away.
    let added = p
        .post(&format!("{here}/needs"), "kind=need&statement=A+quiet+room")
        .await;
    let (_, undo) = added.said();
    assert_eq!(p.post(&undo, "").await.to(), here);
    let note = p.post(&format!("{here}/story"), "kind=note&body=Last").await;
    let (_, undo) = note.said();
    let away = undo.split("?to=").next().unwrap().to_owned() + "?to=https%3A%2F%2Fexample.com%2F";
    assert_eq!(p.post(&away, "").await.to(), "/");
    // What is done has made a call of its own: it is not half taken back.
    let done = p
        .post(&format!("{here}/story"), "kind=call&body=Rang&done=on")
        .await;
    assert_eq!(done.said(), ("record-added".to_owned(), String::new()));
}

#[db_test]
async fn an_undo_takes_away_only_what_the_completion_made(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let id = p.id("activities", "subject=Once&kind=task").await;
    let other = p.id("activities", "subject=Other&kind=task").await;
    let seller = p.of(p.person("sara@example.ir", "Sara", "seller").await);
    let hers = seller.id("activities", "subject=Hers&kind=task").await;
    let (_, undo) = p.post(&format!("/activities/{id}/done"), "to=/").await.said();
    assert!(
        undo.contains("made=&"),
        "a task that is done once makes nothing: {undo}"
    );
    // Neither another's record nor one's own is taken away by naming it.
    for named in [&hers, &other] {
        let forged = undo.replace("made=&", &format!("made={named}&"));
        assert_eq!(p.post(&forged, "").await.status, StatusCode::CONFLICT);
    }
    let forged = undo.replace("made=&", "made=nonsense&");
    assert_eq!(p.post(&forged, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(p.listed("activities", "").await.len(), 3);
    assert_eq!(p.post(&undo, "").await.to(), "/");
    let open = p.listed("activities", OPEN).await;
    assert!(
        [&id, &other, &hers].iter().all(|one| open.contains(one)),
        "{open:?}"
    );
}
