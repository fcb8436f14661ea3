//! A saved view is read by its owner and by those whom it is shown to, through every door.

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use super::world::World;

/// Views of three kinds, made by one who has a team: who of the others finds which, as a list, one by one, by a search, by
/// a relation and in the log; a private one is nobody else's, administrators included.
#[db_test]
async fn a_private_view_is_found_by_its_owner_only(db: TestDb) {
    let w = World::new(&db).await;
    let (_, boss) = w.person("boss", "admin").await;
    let mut made = Vec::new();
    for kind in ["private", "team", "everyone"] {
        let view = json!({
            "name": format!("quarter {kind}"), "object_key": "contact", "filter_text": format!("city = \"{kind}-secret\""),
            "visibility": kind, "owner_id": w.owner.to_string(), "team_id": w.team.to_string()
        });
        let (status, view) = w
            .ask(w.token("own"), "POST", "/api/v1/saved-views", Some(&view))
            .await;
        assert_eq!(status, 201, "{view}");
        made.push((kind, view["id"].as_str().unwrap().to_owned()));
    }
    for (who, token, sees) in [
        ("own", w.token("own"), &["private", "team", "everyone"][..]),
        ("team", w.token("team"), &["team", "everyone"]),
        ("other", w.token("other"), &["everyone"]),
        ("reader", w.token("reader"), &["everyone"]),
        ("boss", &boss, &["everyone"]),
    ] {
        for path in [
            "/api/v1/saved-views",
            "/api/v1/saved-views?q=quarter",
            "/api/v1/saved-views?filter=name%20%3A%20%22quarter%22",
            "/api/v1/saved-views?sort=name",
        ] {
            let (status, list) = w.call(token, "GET", path, None).await;
            assert_eq!(status, 200, "{list}");
            for (kind, _) in &made {
                let there = list.contains(&format!("quarter {kind}"));
                assert_eq!(there, sees.contains(kind), "{kind} as {who}: {path}: {list}");
            }
        }
        for (kind, id) in &made {
            for path in [
                format!("/api/v1/saved-views/{id}"),
                format!("/api/v1/saved-views/{id}/audit"),
            ] {
                let (status, answer) = w.call(token, "GET", &path, None).await;
                let wanted = if sees.contains(kind) { 200 } else { 404 };
                assert_eq!(status, wanted, "{kind} as {who}: {path}: {answer}");
            }
            if !sees.contains(kind) {
                let body = json!({"name": "taken"});
                let path = format!("/api/v1/saved-views/{id}");
                let (status, answer) = w.call(token, "PATCH", &path, Some(&body)).await;
                assert!(matches!(status, 403 | 404), "{kind} as {who}: {answer}");
                let (status, answer) = w.call(token, "DELETE", &path, None).await;
                assert!(matches!(status, 403 | 404), "{kind} as {who}: {answer}");
            }
        }
    }
    // In the recycle bin, too.
    for (_, id) in &made {
        let path = format!("/api/v1/saved-views/{id}");
        assert_eq!(w.call(w.token("own"), "DELETE", &path, None).await.0, 204);
    }
    let (_, bin) = w
        .call(&boss, "GET", "/api/v1/saved-views?deleted=true", None)
        .await;
    assert!(
        bin.contains("everyone-secret") && !bin.contains("private-secret"),
        "{bin}"
    );
    // The log of the workspace keeps to it.
    let boss = w
        .app
        .user_by_email(&w.main, "boss@example.com")
        .await
        .unwrap()
        .unwrap();
    let boss = w
        .app
        .caller_of(&w.main, boss.id(), peyvand_core::Via::Web)
        .await
        .unwrap();
    let wanted = peyvand_app::oversight::LogFilter {
        object: Some("saved_view".to_owned()),
        ..Default::default()
    };
    let log = w.app.log_of_workspace(&boss, &wanted, None, 50).await.unwrap();
    let log = format!("{log:?}");
    assert!(
        log.contains("everyone-secret") && !log.contains("private-secret"),
        "{log}"
    );
}
