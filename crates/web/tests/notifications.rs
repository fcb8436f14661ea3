//! The bell and what stands behind it, without script and with it.

mod common;

use axum::http::StatusCode;
use common::{enc, place};

/// The id of the user whom the tests call Sara.
async fn sara_of(p: &common::Place) -> peyvand_core::Id {
    let all = p.app.everybody(&p.workspace, "user").await.unwrap();
    let email = peyvand_catalog::handles::user::EMAIL;
    let sara = all
        .iter()
        .find(|u| u.get(email).as_str() == Some("sara@example.ir"));
    sara.unwrap().id()
}

#[tokio::test]
async fn who_is_given_a_record_finds_it_behind_the_bell() {
    let mut p = place().await;
    let boss = p.cookie.clone();
    let seller = p.person("sara@example.ir", "سارا احمدی", "manager").await;
    p.cookie.clone_from(&seller);
    let empty = p.get("/notifications").await.body;
    assert!(
        empty.contains("class=\"empty\"") && empty.contains("data-unread hidden"),
        "{empty}"
    );
    let me = sara_of(&p).await;
    p.cookie.clone_from(&boss);
    for name in ["<b>یک", "دو"] {
        p.make(
            "companies",
            &format!("name={}&owner_id={me}&owner_id.id={me}", enc(name)),
        )
        .await;
    }
    assert!(!p.get("/notifications").await.body.contains("class=\"new\""));
    p.cookie = seller;
    let soon = p
        .ask("GET", "/calendar/soon", "", "application/json")
        .await
        .json();
    assert_eq!(soon["unread"], "۲");
    let page = p.get("/notifications").await.body;
    assert_eq!(page.matches("class=\"new\"").count(), 2);
    assert!(
        page.contains("&#60;b&#62;یک") || page.contains("&lt;b&gt;یک"),
        "{page}"
    );
    let first = page
        .split("<form class=\"grow\" method=\"post\" action=\"/notifications/")
        .nth(1)
        .unwrap();
    let id = first.split('"').next().unwrap().to_owned();
    let new = async |p: &common::Place| {
        p.get("/notifications")
            .await
            .body
            .matches("class=\"new\"")
            .count()
    };
    // Looking changes nothing: whatever follows an address on its own accord leaves it unread.
    let looked = p.get(&format!("/notifications/{id}")).await;
    assert_eq!(
        (looked.status, looked.to()),
        (StatusCode::SEE_OTHER, "/notifications")
    );
    assert_eq!(new(&p).await, 2);
    // Opening leads to the record and counts as read.
    let opened = p.post(&format!("/notifications/{id}"), "").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(p.get(opened.to()).await.status, StatusCode::OK);
    assert_eq!(new(&p).await, 1);
    assert_eq!(p.post("/notifications/read-all", "").await.to(), "/notifications");
    assert_eq!(new(&p).await, 0);
    // Nobody opens what was told to somebody else.
    p.cookie = boss;
    assert_eq!(
        p.post(&format!("/notifications/{id}"), "").await.status,
        StatusCode::NOT_FOUND
    );
    let marked = p.post(&format!("/notifications/{id}/read"), "").await;
    assert_eq!(marked.status, StatusCode::NOT_FOUND);
}

/// What somebody does not want to be told of is not told to them, and the others still are.
#[tokio::test]
async fn kinds_are_switched_off_and_on() {
    let p = place().await;
    let seller = p.person("sara@example.ir", "سارا احمدی", "manager").await;
    let sara = p.of(seller);
    let id = sara_of(&p).await;
    let told = async |sara: &common::Place| {
        let page = sara.get("/notifications").await.body;
        page.matches("class=\"new\"").count()
    };
    let give = async |p: &common::Place, name: &str| {
        p.make(
            "contacts",
            &format!("name.family={name}&owner_id={id}&owner_id.id={id}"),
        )
        .await
    };
    give(&p, "One").await;
    let first = told(&sara).await;
    assert_eq!(first, 1, "she is told of what she is given");
    let page = sara.get("/preferences").await.body;
    assert_eq!(page.matches("name=\"told:").count(), 8);
    assert_eq!(
        page.matches(" checked> ").count(),
        8,
        "everything is told until somebody says otherwise"
    );
    // All but what she is given.
    let others = [
        "mentioned",
        "shared",
        "followed",
        "due",
        "overdue",
        "job_done",
        "job_failed",
    ];
    let form: Vec<String> = others.iter().map(|k| format!("told:{k}=on")).collect();
    sara.post("/preferences", &format!("told=on&{}", form.join("&")))
        .await;
    give(&p, "Two").await;
    assert_eq!(told(&sara).await, first);
    assert_eq!(
        sara.get("/preferences").await.body.matches(" checked> ").count(),
        7
    );
    // The switch of the theme says nothing of it.
    sara.post("/preferences", "theme=dark&to=/").await;
    assert_eq!(
        sara.get("/preferences").await.body.matches(" checked> ").count(),
        7
    );
    sara.post(
        "/preferences",
        &format!("told=on&told:assigned=on&{}", form.join("&")),
    )
    .await;
    give(&p, "Three").await;
    assert_eq!(told(&sara).await, 2);
}

/// After a number Persian has the singular, English only after one.
#[tokio::test]
async fn a_number_of_records_is_counted_as_each_language_does() {
    let folder = tempfile::tempdir().unwrap();
    let p = common::place_in(Some(folder.path())).await;
    p.make("contacts", "name.family=Amini&city=Qom").await;
    p.make("contacts", "name.family=Bahrami&city=Qom").await;
    p.make("contacts", "name.family=Cyrus&city=Yazd").await;
    for city in ["Qom", "Yazd"] {
        let filter = common::enc(&format!("city = \"{city}\""));
        p.post("/export", &format!("object=contacts&format=csv&filter={filter}"))
            .await;
    }
    let mut worker =
        peyvand_app::jobs::Worker::new(std::sync::Arc::clone(&p.app), std::time::Duration::from_secs(30));
    while worker.step(&p.workspace).await.unwrap() {}
    p.post("/preferences", "language=en&to=/").await;
    let told = p.get("/notifications").await.body;
    assert!(
        told.contains("Export: 2 Contacts") && told.contains("Export: 1 Contact<"),
        "{told}"
    );
    assert!(p.get("/export").await.body.contains("1 record<"));
    p.post("/preferences", "language=fa&to=/").await;
    let told = p.get("/notifications").await.body;
    assert!(told.contains("۲ مخاطب<") && told.contains("۱ مخاطب<"), "{told}");
    assert!(!told.contains("۲ مخاطبان") && !told.contains("۱ مخاطبان"));
}
