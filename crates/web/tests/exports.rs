//! The export centre: a file that is asked for is written by the worker, told, listed and fetched by who asked.

mod common;

use std::time::Duration;

use axum::http::StatusCode;
use common::{Place, between, enc, place_in};
use peyvand_app::Visit;
use peyvand_app::jobs::Worker;
use peyvand_app::sign_in::SignIn;

/// Negar, signed in anew; her cookie.
async fn again(p: &Place) -> String {
    let email = "negar@example.ir";
    let link = p.app.create_sign_in_link(&p.workspace, email).await.unwrap();
    let SignIn::Done(opened) = p.app.sign_in_by_link(&link, &Visit::default()).await.unwrap() else {
        panic!("no code is asked for");
    };
    format!("peyvand_session={}", opened.token)
}

#[tokio::test]
async fn a_file_is_made_told_and_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let mut p = place_in(Some(folder.path())).await;
    p.post("/preferences", "language=en&to=/").await;
    for name in ["Amini", "Bahrami"] {
        p.make("contacts", &format!("name.family={name}&city=Qom")).await;
    }
    p.make("contacts", "name.family=Cyrus&city=Yazd").await;
    // A filter that cannot be read is said beside the form, with what was typed.
    let wrong = p
        .post(
            "/export",
            &format!("object=contacts&format=csv&filter={}", enc("city = ")),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("role=\"alert\"") && wrong.body.contains("value=\"city = \""));
    let begun = p
        .post(
            "/export",
            &format!("object=contacts&format=csv&filter={}", enc("city = \"Qom\"")),
        )
        .await;
    assert_eq!((begun.status, begun.to()), (StatusCode::SEE_OTHER, "/export"));
    assert!(p.get("/export").await.body.contains("Waiting"));
    let mut worker = Worker::new(std::sync::Arc::clone(&p.app), Duration::from_secs(30));
    let app = std::sync::Arc::clone(&p.app);
    while worker.step(&p.workspace).await.unwrap() {}
    drop(app);
    let page = p.get("/export").await.body;
    assert!(page.contains("2 records"), "{page}");
    let file = format!("/export/{}", between(&page, "href=\"/export/", "\""));
    let got = p.get(&file).await;
    assert_eq!(got.headers["content-type"], "text/csv; charset=utf-8");
    assert!(got.body.contains("Amini") && got.body.contains("Bahrami") && !got.body.contains("Cyrus"));
    // It was told, and the notification leads there.
    let told = p.get("/notifications").await.body;
    assert!(told.contains("Export: 2 Contacts"), "{told}");
    let id = between(
        &told,
        "class=\"grow\" method=\"post\" action=\"/notifications/",
        "\"",
    )
    .to_owned();
    let opened = p.post(&format!("/notifications/{id}"), "").await;
    assert_eq!(opened.to(), "/export");
    // Who may no longer take records out is offered neither the file nor another one, and is told so.
    p.person("reader@example.ir", "کیان", "reader").await;
    let role = p.app.roles(&p.workspace).await.unwrap();
    let of = |key: &str| {
        role.iter()
            .find(|(r, _)| r.get(peyvand_catalog::handles::role::KEY).as_str() == Some(key))
            .map(|(r, _)| r.id().to_string())
            .unwrap()
    };
    let boss = p.of(p.person("boss@example.ir", "مینا", "admin").await);
    let people = p.app.everybody(&p.workspace, "user").await.unwrap();
    let negar = people
        .iter()
        .find(|u| u.get(peyvand_catalog::handles::user::EMAIL).as_str() == Some("negar@example.ir"))
        .map(|u| u.id().to_string())
        .unwrap();
    let to = |role: &str| format!("role_id={role}&role_id.id={role}");
    let given = boss
        .post(&format!("/users/{negar}/edit/role_id"), &to(&of("reader")))
        .await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    // A change of rights ends what was open.
    p.cookie = again(&p).await;
    let page = p.get("/export").await.body;
    assert!(
        !page.contains(&file) && !page.contains("action=\"/export\""),
        "{page}"
    );
    assert!(
        page.contains("no right to export") && page.contains("no longer export"),
        "{page}"
    );
    assert_eq!(p.get(&file).await.status, StatusCode::FORBIDDEN);
    boss.post(&format!("/users/{negar}/edit/role_id"), &to(&of("admin")))
        .await;
    p.cookie = again(&p).await;
    assert!(p.get("/export").await.body.contains(&file));
    // Nobody else finds it.
    p.cookie = p.person("other@example.ir", "رضا", "admin").await;
    assert_eq!(p.get(&file).await.status, StatusCode::NOT_FOUND);
    assert!(!p.get("/export").await.body.contains(&file));
}
