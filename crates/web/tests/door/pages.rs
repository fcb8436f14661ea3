//! What stands on the pages and around them: headers, nothing typed as markup, how passwords are typed.

use std::sync::Arc;

use axum::http::StatusCode;
use peyvand_app::Caller;
use peyvand_core::Via;

use crate::world::World;

/// Every page, known or not: security headers, no caching, nothing typed by people as markup, nothing changed by looking.
#[tokio::test]
async fn pages_are_safe_to_look_at() {
    let w = World::new().await;
    let before = w.digest().await;
    let mut shown = 0;
    for path in w.pages() {
        for secure in [false, true] {
            let a = w.send("GET", &path, &[("cookie", &w.cookie)], "", secure).await;
            assert!(a.status.as_u16() < 500, "{path}: {}", a.status);
            let header = |n: &str| {
                a.headers
                    .get(n)
                    .and_then(|v| v.to_str().ok())
                    .unwrap_or_default()
                    .to_owned()
            };
            let policy = header("content-security-policy");
            for part in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "script-src 'self'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(header("cache-control"), "private, no-store", "{path}");
            assert_eq!(header("strict-transport-security").is_empty(), !secure, "{path}");
            assert!(a.headers.get("access-control-allow-origin").is_none(), "{path}");
            if a.status == StatusCode::OK && header("content-type").starts_with("text/html") {
                assert!(header("content-type").contains("charset=utf-8"), "{path}");
                shown += usize::from(a.body.contains("onerror"));
            }
            assert!(!a.body.contains("<img src=x"), "{path}: markup of a visitor");
        }
    }
    assert!(shown > 10, "the text of the visitor is on the pages: {shown}");
    assert_eq!(w.digest().await, before, "looking changes nothing");
}

/// What looks like a template is text: in names, on lists, on pages, in titles and in suggestions.
#[tokio::test]
async fn what_looks_like_a_template_is_text() {
    let w = World::new().await;
    let ws = w.app.workspace(Some("main")).await.unwrap();
    let system = Caller::system(&ws, Via::Cli);
    let contacts = Arc::clone(ws.catalog().object("contact").unwrap());
    let texts = [
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "{% 7*7 %}",
        "{$name}",
        "{ DATETIME($now) }",
        "@{7*7}",
        "*{7*7}",
        "{0}",
        "%s%n",
    ];
    for text in texts {
        let json = serde_json::json!({"name": {"family": format!("Zagros {text}")}, "job_title": text, "city": text});
        let made = w
            .app
            .create(&system, &contacts, json.as_object().unwrap(), None)
            .await
            .unwrap()
            .id();
        let shown = text.replace('&', "&amp;");
        for path in [
            "/contacts".to_owned(),
            format!("/contacts/{made}"),
            format!("/contacts/{made}/edit"),
            format!("/contacts/{made}/peek"),
            "/lookup/contact?q=Zagros".to_owned(),
            "/contacts?q=Zagros".to_owned(),
        ] {
            let a = w.get(&path).await;
            assert_eq!(a.status, StatusCode::OK, "{path} {text}: {}", a.body);
            assert!(
                a.body.contains(&shown),
                "{path}: {text} is not there as it was written"
            );
            assert!(!a.body.contains("Zagros 49"), "{path}: {text} was worked out");
        }
    }
}

/// Passwords are typed without being shown, and nothing stands in the way of a manager of passwords: each field says what
/// it is for and takes what is pasted, of any length.
#[tokio::test]
async fn passwords_are_typed_hidden_and_pasted() {
    let w = World::new().await;
    let ws = w.app.workspace(Some("main")).await.unwrap();
    let system = Caller::system(&ws, Via::Cli);
    let seller = w
        .app
        .user_by_email(&ws, "seller@example.com")
        .await
        .unwrap()
        .unwrap();
    let join = w.app.invite(&system, seller.id()).await.unwrap();
    let mut seen = Vec::new();
    for (path, cookie) in [
        ("/sign-in".to_owned(), ""),
        (format!("/join?token={join}"), ""),
        ("/account".to_owned(), w.cookie.as_str()),
    ] {
        let a = w.send("GET", &path, &[("cookie", cookie)], "", false).await;
        assert_eq!(a.status, StatusCode::OK, "{path}");
        for input in a.body.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap_or_default();
            let has = |text: &str| tag.contains(text);
            if !has("password") {
                continue;
            }
            assert!(has("type=\"password\""), "{path}: {tag}");
            assert!(
                has("autocomplete=\"current-password\"") || has("autocomplete=\"new-password\""),
                "{path}: {tag}"
            );
            for hindrance in [
                "maxlength",
                "pattern",
                "readonly",
                "onpaste",
                "autocomplete=\"off\"",
            ] {
                assert!(!has(hindrance), "{path}: {tag}");
            }
            seen.push(path.split('?').next().unwrap_or_default().to_owned());
        }
    }
    for path in ["/sign-in", "/join", "/account"] {
        assert!(seen.iter().any(|s| s == path), "{path}: {seen:?}");
    }
}
