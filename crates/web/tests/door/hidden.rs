//! What the visitor may not see is on no page.

use std::sync::Arc;

use peyvand_app::people::NewUser;
use peyvand_app::sign_in::SignIn;
use peyvand_app::{Caller, ListRequest, Visit};
use peyvand_core::Via;

use crate::world::{SECRET, World};

/// Is the telephone number there, however it is written?
fn has_number(page: &str) -> bool {
    let digit = |c: char| match c {
        '۰'..='۹' => char::from_digit(c as u32 - '۰' as u32, 10),
        ' ' | '-' | '\u{a0}' => None,
        c => Some(c),
    };
    page.chars()
        .filter_map(digit)
        .collect::<String>()
        .contains("9121234567")
}

/// A value that a role hides is on no page: lists, record, form, search, timeline, export of the same things.
#[tokio::test]
async fn a_hidden_value_is_on_no_page() {
    let w = World::new().await;
    let ws = w.app.workspace(Some("main")).await.unwrap();
    let system = Caller::system(&ws, Via::Cli);
    let contacts = Arc::clone(ws.catalog().object("contact").unwrap());
    let map = |v: serde_json::Value| v.as_object().cloned().unwrap();
    let json = map(serde_json::json!({
        "name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked", "phones": ["09121234567"]
    }));
    let made = w.app.create(&system, &contacts, &json, None).await.unwrap().id();
    let json = map(serde_json::json!({"job_title": "canaryhidden two", "city": "canarymasked two"}));
    w.app.patch(&system, &contacts, made, &json, None).await.unwrap();
    let points = Arc::clone(ws.catalog().object("contact_point").unwrap());
    let listed = w
        .app
        .list(&system, &points, &ListRequest::default())
        .await
        .unwrap();
    let point = listed.records.first().expect("the telephone").id();
    let rules = serde_json::json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {"contact": {"job_title": "hidden", "city": "masked", "phones": "masked"}}
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let new = NewUser {
        email: "clerk@example.com".to_owned(),
        name: "clerk".to_owned(),
        role: "clerk".to_owned(),
        active: true,
        team: None,
    };
    let id = w.app.create_user(&ws, &new).await.unwrap();
    w.app.set_password(&ws, id, SECRET).await.unwrap();
    let SignIn::Done(opened) = w
        .app
        .sign_in("clerk@example.com", SECRET, &Visit::default())
        .await
        .unwrap()
    else {
        panic!("no code is asked for");
    };
    let cookie = format!("peyvand_session={}", opened.token);
    let mut seen = 0;
    for path in [
        "/".to_owned(),
        "/contacts".to_owned(),
        "/contacts?q=Kamali".to_owned(),
        "/contacts?q=canaryhidden".to_owned(),
        "/contacts?filter=job_title+%3D+%22canaryhidden+two%22".to_owned(),
        "/contacts?sort=job_title".to_owned(),
        format!("/contacts/{made}"),
        format!("/contacts/{made}/edit"),
        "/lookup?q=Kamali".to_owned(),
        "/lookup/contact?q=Kamali".to_owned(),
        format!("/settings/access?object=contact&record={made}"),
        format!("/contacts/{made}/consent"),
        "/contact-points".to_owned(),
        "/contact-points?q=09121234567".to_owned(),
        format!("/contact-points/{point}"),
    ] {
        let a = w.send("GET", &path, &[("cookie", &cookie)], "", false).await;
        assert!(a.status.as_u16() < 500, "{path}: {}", a.status);
        seen += usize::from(a.body.contains("Kamali"));
        // What the visitor typed themselves may stand in the inputs again.
        let typed = path.contains("canary");
        assert!(typed || !a.body.contains("canaryhidden"), "{path}");
        assert!(!a.body.contains("canarymasked"), "{path}");
        assert!(path.contains("0912") || !has_number(&a.body), "{path}");
        // A filter that is refused is said to be so, and the list is what it is without it.
        if path.contains("filter=") {
            let other = path.replace("canaryhidden", "nobody");
            let b = w.send("GET", &other, &[("cookie", &cookie)], "", false).await;
            assert_eq!(
                a.body.contains("Kamali"),
                b.body.contains("Kamali"),
                "{path}: found by what is hidden"
            );
        } else {
            assert!(
                !(typed && a.body.contains("Kamali")),
                "{path}: found by what is hidden"
            );
        }
    }
    assert!(seen >= 4, "the record itself is seen: {seen}");
    // The control: the administrator sees them all.
    let a = w.get(&format!("/contacts/{made}")).await;
    assert!(a.body.contains("canaryhidden") && a.body.contains("canarymasked"));
    for path in ["/contact-points".to_owned(), format!("/contact-points/{point}")] {
        let a = w.get(&path).await;
        assert!(has_number(&a.body), "{path}");
    }
}
