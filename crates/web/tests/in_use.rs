//! What others stand on is not deleted from under them, and nothing is lost from sight.

mod common;

use axum::http::StatusCode;
use common::{Place, between, enc, place_on};
use peyvand_catalog::handles::{deal, user};
use peyvand_core::{Id, Via};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};

async fn record(p: &Place, object: &str, id: &str) -> Record {
    let caller = peyvand_app::Caller::system(&p.workspace, Via::Cli);
    let def = p.workspace.catalog().object(object).unwrap().clone();
    p.app.get(&caller, &def, id.parse().unwrap()).await.unwrap()
}

/// A pipeline with an open and a won stage.
async fn line(p: &Place, name: &str) -> [String; 3] {
    let line = p.id("pipelines", &format!("name={name}&position=1")).await;
    let stage = async |n: &str, kind: &str, at: u8| {
        let form = format!("name={name}{n}&kind={kind}&pipeline_id={line}&position={at}");
        p.id("stages", &form).await
    };
    let (open, won) = (stage("Open", "open", 1).await, stage("Won", "won", 2).await);
    [line, open, won]
}

#[db_test]
async fn a_stage_with_deals_goes_once_another_takes_them(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let [sales, open, won] = line(&p, "Sales").await;
    let later = p
        .id(
            "stages",
            &format!("name=Later&kind=open&pipeline_id={sales}&position=3"),
        )
        .await;
    // What the stage asks of deals that move on is not asked of those that are moved.
    let [_, _, other_won] = line(&p, "Upkeep").await;
    let one = p.id("deals", &format!("name=One&stage_id={open}")).await;
    let two = p.id("deals", &format!("name=Two&stage_id={open}")).await;
    let gained = p.id("deals", &format!("name=Gained&stage_id={won}")).await;
    let delete = format!("/stages/{open}/delete");
    let asked = p.post(&delete, "").await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(
        asked.body.contains("2 records (deal) stand on this one."),
        "{}",
        asked.body
    );
    let offered = between(&asked.body, "<select class=\"in\" id=\"to\"", "</select>");
    assert!(offered.contains(&later), "{offered}");
    for not in [&open, &won, &other_won] {
        assert!(!offered.contains(not.as_str()), "{offered}");
    }
    p.post("/preferences", "language=fa&to=/").await;
    let asked = p.post(&delete, "").await.body;
    assert!(asked.contains("۲ معامله به این وابسته است."), "{asked}");
    p.post("/preferences", "language=en&to=/").await;

    // Nothing else can take its place, and nothing has moved.
    let replace = format!("/stages/{open}/replace");
    for to in ["", "x", &open, &won, &sales] {
        let refused = p.post(&replace, &format!("to={to}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{to}");
    }
    assert_eq!(
        record(&p, "deal", &one)
            .await
            .get(deal::STAGE_ID)
            .as_id()
            .unwrap()
            .to_string(),
        open
    );
    let done = p.post(&replace, &format!("to={later}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    for id in [&one, &two] {
        let now = record(&p, "deal", id).await;
        assert_eq!(now.get(deal::STAGE_ID).as_id().unwrap().to_string(), later);
        assert_eq!(now.get(deal::STATUS).as_str(), Some("open"));
    }
    assert_eq!(
        p.get(&format!("/stages/{open}")).await.status,
        StatusCode::NOT_FOUND
    );
    // One that is empty goes without a question.
    assert_eq!(
        p.post(&format!("/stages/{other_won}/delete"), "").await.status,
        StatusCode::SEE_OTHER
    );
    // A selection of them is held as well.
    let before = p.get(&format!("/stages/{won}")).await.status;
    p.post("/stages/bulk", &format!("id={won}&do=delete")).await;
    assert_eq!(
        (before, p.get(&format!("/stages/{won}")).await.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(
        record(&p, "deal", &gained).await.get(deal::STATUS).as_str(),
        Some("won")
    );
}

#[db_test]
async fn a_pipeline_goes_with_its_deals_into_the_stages_of_their_kind(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let [sales, open, won] = line(&p, "Sales").await;
    let [upkeep, up_open, up_won] = line(&p, "Upkeep").await;
    let one = p.id("deals", &format!("name=One&stage_id={open}")).await;
    let gained = p.id("deals", &format!("name=Gained&stage_id={won}")).await;
    let asked = p.post(&format!("/pipelines/{sales}/delete"), "").await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(between(&asked.body, "<select class=\"in\" id=\"to\"", "</select>").contains(&upkeep));
    let done = p
        .post(&format!("/pipelines/{sales}/replace"), &format!("to={upkeep}"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    for (id, stage) in [(&one, &up_open), (&gained, &up_won)] {
        let now = record(&p, "deal", id).await;
        assert_eq!(now.get(deal::STAGE_ID).as_id().unwrap().to_string(), **stage);
        assert_eq!(now.get(deal::PIPELINE_ID).as_id().unwrap().to_string(), upkeep);
    }
    // Who may not change every deal moves none.
    let seller = p.of(p.person("sara@example.ir", "سارا", "seller").await);
    let refused = seller
        .post(&format!("/pipelines/{upkeep}/replace"), &format!("to={sales}"))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[db_test]
async fn a_team_with_members_goes_once_another_takes_them(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let team = async |name: &str| p.app.create_team(&p.workspace, name, None).await.unwrap();
    let (north, south): (Id, Id) = (team("North").await, team("South").await);
    let new = peyvand_app::people::NewUser {
        email: "sara@example.ir".to_owned(),
        name: "سارا".to_owned(),
        role: "seller".to_owned(),
        active: true,
        team: Some(north),
    };
    let sara = p.app.create_user(&p.workspace, &new).await.unwrap();
    let asked = p.post(&format!("/teams/{north}/delete"), "").await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(
        asked.body.contains("One record (user) stands on this one."),
        "{}",
        asked.body
    );
    let done = p
        .post(&format!("/teams/{north}/replace"), &format!("to={south}"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let now = record(&p, "user", &sara.to_string()).await;
    assert_eq!(now.get(user::TEAM_ID).as_id(), Some(south));
    assert_eq!(
        p.get(&format!("/teams/{north}")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[db_test]
async fn a_deal_whose_stage_is_gone_stands_on_the_board(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let [sales, open, _] = line(&p, "Sales").await;
    let [_, up_open, _] = line(&p, "Upkeep").await;
    let lost = p
        .id("deals", &format!("name={}&stage_id={open}", enc("پل")))
        .await;
    p.id("deals", &format!("name=Elsewhere&stage_id={up_open}")).await;
    let board = format!("/deals/board?pipeline={sales}");
    assert!(!p.get(&board).await.body.contains("Without a stage"));
    // It lies in the bin, its stage goes, and it comes back.
    p.post(&format!("/deals/{lost}/delete"), "").await;
    assert_eq!(
        p.post(&format!("/stages/{open}/delete"), "").await.status,
        StatusCode::SEE_OTHER
    );
    p.post(&format!("/deals/{lost}/restore"), "").await;
    let page = p.get(&board).await.body;
    let column = between(&page, "data-stage=\"\"", "</section>");
    assert!(
        column.contains("Without a stage") && column.contains(&lost),
        "{column}"
    );
    assert!(!page.contains("Elsewhere"));
    // The same when its pipeline is gone, on whichever board is shown.
    assert_eq!(
        p.post(&format!("/pipelines/{sales}/delete"), "").await.status,
        StatusCode::CONFLICT
    );
}
