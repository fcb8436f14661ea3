//! Other sites change nothing and lead nobody away.

use axum::http::StatusCode;

use crate::world::{SECRET, World};

/// What changes something is refused to pages of others, whatever else is right.
#[tokio::test]
async fn other_sites_change_nothing() {
    let w = World::new().await;
    let contact = w.contact;
    let changes = [
        "/sign-in".to_owned(),
        "/sign-in/code".to_owned(),
        "/sign-in/link".to_owned(),
        "/set-up".to_owned(),
        "/sign-out".to_owned(),
        "/join".to_owned(),
        "/reset".to_owned(),
        "/account/password".to_owned(),
        "/account/prove".to_owned(),
        "/account/codes".to_owned(),
        "/account/codes/confirm".to_owned(),
        "/account/codes/end".to_owned(),
        "/account/recovery".to_owned(),
        "/account/sign-out".to_owned(),
        "/account/workspace".to_owned(),
        "/settings/people".to_owned(),
        "/preferences".to_owned(),
        format!("/settings/people/{}/active", w.admin),
        format!("/settings/people/{}/invite", w.admin),
        format!("/settings/people/{}/reset-link", w.admin),
        format!("/settings/people/{}/hand-over", w.admin),
        "/contacts/new".to_owned(),
        format!("/contacts/{contact}/edit"),
        format!("/contacts/{contact}/delete"),
        format!("/contacts/{contact}/restore"),
        format!("/contacts/{contact}/notes"),
    ];
    let before = w.digest().await;
    for path in &changes {
        for foreign in [
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("origin", "https://crm.example.com.evil.example")],
            vec![],
        ] {
            let mut headers = vec![
                ("cookie", w.cookie.as_str()),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            headers.extend(foreign.iter().copied());
            let a = w.send("POST", path, &headers, "a=b", false).await;
            assert_eq!(a.status, StatusCode::FORBIDDEN, "{path} {foreign:?}");
        }
        // Looking at it does not do it either.
        let a = w.get(path).await;
        assert!(
            a.status != StatusCode::FORBIDDEN || a.status.as_u16() < 500,
            "{path}"
        );
    }
    assert_eq!(w.digest().await, before);
    // The control: the same from a page of this site does something.
    let a = w.post("/preferences", "theme=dark").await;
    assert!(a.status.is_redirection(), "{}", a.status);
    assert_ne!(w.digest().await, before);
}

/// Forty ways to name another place: nobody is led there.
#[tokio::test]
async fn nobody_is_led_away() {
    let w = World::new().await;
    for to in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "%2f%2fevil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\u{2024}\u{2024}/evil.example",
        "evil.example",
        "@evil.example",
        "https:evil.example",
        "//evil.example%2f..",
        "/..//evil.example",
        "data:text/html,x",
        "/\u{0000}",
        "\u{FF0F}\u{FF0F}evil.example",
        "//[::1]",
        "//evil.example:80",
        "//user@evil.example",
        "/\\/evil.example",
    ] {
        let encoded: String = to.bytes().map(|b| format!("%{b:02X}")).collect();
        let body = format!(
            "email=admin%40example.com&password={}&to={encoded}",
            SECRET.replace(' ', "+")
        );
        let a = w.post("/sign-in", &body).await;
        let location = a
            .headers
            .get("location")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let safe = location.is_empty()
            || (location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'));
        assert!(safe, "{to:?} leads to {location:?}");
        let a = w.get(&format!("/account/prove?to={encoded}")).await;
        assert!(
            !["value=\"//", "value=\"/\\", "value=\"http", "value=\"data:"]
                .iter()
                .any(|away| a.body.contains(away)),
            "{to:?}"
        );
    }
}

/// A link to a new password begins with the configured address, whatever the request says of its host.
#[tokio::test]
async fn links_do_not_follow_the_host() {
    let w = World::new().await;
    let seller = {
        let ws = w.app.workspace(Some("main")).await.unwrap();
        w.app
            .user_by_email(&ws, "seller@example.com")
            .await
            .unwrap()
            .unwrap()
            .id()
    };
    let path = format!("/settings/people/{seller}/reset-link");
    for extra in [
        vec![("x-forwarded-host", "evil.example")],
        vec![("x-forwarded-proto", "http"), ("forwarded", "host=evil.example")],
        vec![
            ("x-host", "evil.example"),
            ("x-original-url", "https://evil.example/"),
        ],
        vec![("host", "evil.example")],
    ] {
        let mut headers = vec![
            ("cookie", w.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(extra.iter().copied());
        let a = w.send("POST", &path, &headers, "", false).await;
        assert_eq!(a.status, StatusCode::OK, "{extra:?}");
        assert!(
            a.body.contains("https://crm.example.com/reset?token="),
            "{extra:?}"
        );
        assert!(!a.body.contains("evil.example"), "{extra:?}");
    }
}
