//! The session of the pages at the door of programs.

use axum::body::Body;
use axum::http::Request;
use peyvand_api::Access;
use peyvand_app::Visit;
use peyvand_app::sign_in::SignIn;
use peyvand_testkit::{TestDb, db_test};
use tower::ServiceExt as _;

use super::world::World;

/// What a browser sends by itself opens the live events and nothing else, so that no page of others can have anything
/// changed or read by it. The control: the same person is answered by a token.
#[db_test]
async fn the_cookie_opens_no_operation_that_changes(db: TestDb) {
    const SECRET: &str = "kavir morgh setareh";
    let w = World::new(&db).await;
    w.app.set_password(&w.main, w.owner, SECRET).await.unwrap();
    let entered = w
        .app
        .sign_in("own@example.com", SECRET, &Visit::default())
        .await
        .unwrap();
    let SignIn::Done(opened) = entered else {
        panic!("no code is asked for");
    };
    let (mut opens, mut closed) = (Vec::new(), 0);
    for d in peyvand_api::declared() {
        if d.access == Access::Anyone {
            continue;
        }
        let (path, body) = w.request(d.id, d.path).await;
        let before = w.digest().await;
        let request = Request::builder()
            .method(d.method)
            .uri(&path)
            .header("cookie", format!("peyvand_session={}", opened.token))
            .header("content-type", "application/json")
            .body(Body::from(body.map(|b| b.to_string()).unwrap_or_default()))
            .unwrap();
        let status = w.router.clone().oneshot(request).await.unwrap().status().as_u16();
        assert!(w.digest().await == before, "{} changed something", d.id);
        if status == 401 {
            closed += 1;
        } else {
            opens.push((d.id, status));
        }
    }
    opens.sort_unstable();
    assert_eq!(opens, [("events", 200), ("page-events", 200)]);
    assert!(closed > 60, "{closed}");
    let (status, _) = w.call(w.token("own"), "GET", "/api/v1/contacts", None).await;
    assert_eq!(status, 200);
}
