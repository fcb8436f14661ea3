//! Boards over HTTP: moving, refusals, what a stage asks for, order of cards.

mod common;

use axum::http::StatusCode;
use common::{Place, between, place};

struct Stages {
    new: String,
    offer: String,
    won: String,
    lost: String,
}

async fn stages(p: &Place) -> Stages {
    p.post("/preferences", "language=en&to=/").await;
    let line = p.id("pipelines", "name=Sales&position=1").await;
    let mut ids = Vec::new();
    for (n, (name, kind, more)) in [
        ("New", "open", ""),
        ("Offer", "open", "&next_step_required=true&probability=50"),
        ("Won", "won", ""),
        ("Lost", "lost", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let form = format!("name={name}&kind={kind}&pipeline_id={line}&position={n}{more}");
        ids.push(p.id("stages", &form).await);
    }
    let mut ids = ids.into_iter();
    let mut next = || ids.next().unwrap();
    Stages {
        new: next(),
        offer: next(),
        won: next(),
        lost: next(),
    }
}

fn column<'a>(body: &'a str, stage: &str) -> &'a str {
    between(body, &format!("data-stage=\"{stage}\""), "</section>")
}

fn cards(column: &str) -> Vec<&str> {
    column
        .split("<article class=\"card")
        .skip(1)
        .map(|c| between(c, "data-id=\"", "\""))
        .collect()
}

#[tokio::test]
async fn a_stage_asks_for_what_it_needs_and_then_takes_the_deal() {
    let p = place().await;
    let s = stages(&p).await;
    let id = p
        .id("deals", &format!("name=Roof&amount=1000&stage_id={}", s.new))
        .await;
    let to = format!("/deals/{id}/move");
    let ask = p.script(&to, &format!("stage={}&version=1", s.offer)).await;
    assert_eq!(ask.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ask.body.contains("id=\"move-ask\"") && ask.body.contains("name=\"next_step\""));
    assert!(cards(column(&p.get("/deals/board").await.body, &s.new)).contains(&id.as_str()));
    let ok = p
        .script(&to, &format!("stage={}&version=1&next_step=Call", s.offer))
        .await;
    assert_eq!(ok.status, StatusCode::OK, "{}", ok.body);
    let board = p.get("/deals/board").await.body;
    assert_eq!(cards(column(&board, &s.offer)), [id.as_str()]);
    assert!(column(&board, &s.offer).contains("Call"));
    // The same rule holds for the form of the record and for a cell.
    let other = p.id("deals", &format!("name=Wall&stage_id={}", s.new)).await;
    let cell = p
        .script(
            &format!("/deals/{other}/cell/stage_id"),
            &format!("stage_id={}", s.offer),
        )
        .await;
    assert_eq!(cell.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_deal_is_lost_with_a_reason_and_comes_back() {
    let p = place().await;
    let s = stages(&p).await;
    let reason = p.id("lost-reasons", "name=Price&position=1").await;
    let id = p.id("deals", &format!("name=Roof&stage_id={}", s.new)).await;
    let to = format!("/deals/{id}/move");
    let ask = p.post(&to, &format!("stage={}", s.lost)).await;
    assert_eq!(ask.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ask.body.contains("name=\"lost_reason_id\"") && ask.body.contains("Price"));
    let lost = p
        .post(&to, &format!("stage={}&lost_reason_id={reason}", s.lost))
        .await;
    assert_eq!(lost.status, StatusCode::SEE_OTHER, "{}", lost.body);
    let page = p.get(&format!("/deals/{id}")).await.body;
    assert!(page.contains("Price") && page.contains(">Lost<"));
    p.post(&format!("/deals/{id}/back/{}", s.new), "").await;
    let page = p.get(&format!("/deals/{id}/edit")).await.body;
    let status = between(&page, "name=\"status\"", "</select>");
    assert!(status.contains("value=\"open\" selected"), "{status}");
    let reason_now = between(&page, "name=\"lost_reason_id\"", "</select>");
    assert!(
        !reason_now.contains("selected"),
        "the reason goes with the loss: {reason_now}"
    );
    let won = p.script(&to, &format!("stage={}", s.won)).await;
    assert_eq!(won.status, StatusCode::OK);
    let after = p
        .get("/deals?filter=status%20%3D%20won%20AND%20closed_on%20%3D%20today()")
        .await
        .body;
    assert!(after.contains("Roof"), "a won deal has its day of closing");
}

#[tokio::test]
async fn cards_keep_the_order_in_which_they_were_put_and_stale_moves_are_refused() {
    let p = place().await;
    let s = stages(&p).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(p.id("deals", &format!("name=Deal{n}&stage_id={}", s.new)).await);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    let [a, b, c] = <[String; 3]>::try_from(ids).unwrap();
    let order = |body: &str| {
        cards(column(body, &s.new))
            .iter()
            .map(|i| (*i).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        order(&p.get("/deals/board").await.body),
        [c.clone(), b.clone(), a.clone()]
    );
    let form = format!("stage={}&above={b}&below={a}", s.new);
    assert_eq!(
        p.script(&format!("/deals/{c}/move"), &form).await.status,
        StatusCode::OK
    );
    assert_eq!(
        order(&p.get("/deals/board").await.body),
        [b.clone(), c.clone(), a.clone()]
    );
    p.script(&format!("/deals/{a}/move"), &format!("stage={}&version=1", s.won))
        .await;
    let stale = p
        .script(&format!("/deals/{a}/move"), &format!("stage={}&version=1", s.new))
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(!stale.json()["said"].as_str().unwrap().is_empty());
    let nowhere = p.script(&format!("/deals/{b}/move"), &format!("stage={c}")).await;
    assert!(nowhere.status.is_client_error());
}

#[tokio::test]
async fn any_choice_makes_a_board() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let id = p.id("contacts", "name.family=Karimi").await;
    let board = p.get("/contacts/board?by=lifecycle").await;
    assert_eq!(board.status, StatusCode::OK);
    assert_eq!(cards(column(&board.body, "identified")), [id.as_str()]);
    let moved = p
        .script(
            &format!("/contacts/{id}/move"),
            "by=lifecycle&stage=retained&version=1",
        )
        .await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    let board = p.get("/contacts/board?by=lifecycle").await.body;
    assert_eq!(cards(column(&board, "retained")), [id.as_str()]);
    for form in ["by=lifecycle&stage=nothing", "by=name&stage=x", "by=&stage="] {
        let a = p.script(&format!("/contacts/{id}/move"), form).await;
        assert_eq!(a.status, StatusCode::FORBIDDEN, "{form}");
    }
    assert_eq!(p.get("/saved-views/board").await.status, StatusCode::NOT_FOUND);
}

/// Stages of several pipelines that are called alike are told apart where one is chosen, and stand in their order.
#[tokio::test]
async fn stages_are_chosen_by_their_pipelines() {
    let p = place().await;
    stages(&p).await;
    let names = async || -> Vec<String> {
        let page = p.get("/deals/new").await.body;
        let list = between(&page, "name=\"stage_id\"", "</select>").to_owned();
        let options = list.split("<option").skip(2);
        options.map(|o| between(o, ">", "<").trim().to_owned()).collect()
    };
    assert_eq!(names().await, ["New", "Offer", "Won", "Lost"]);
    let line = p.id("pipelines", "name=Upkeep&position=0").await;
    p.make(
        "stages",
        &format!("name=Won&kind=won&pipeline_id={line}&position=1"),
    )
    .await;
    p.make(
        "stages",
        &format!("name=Asked&kind=open&pipeline_id={line}&position=0"),
    )
    .await;
    assert_eq!(
        names().await,
        [
            "Upkeep / Asked",
            "Upkeep / Won",
            "Sales / New",
            "Sales / Offer",
            "Sales / Won",
            "Sales / Lost"
        ]
    );
}
