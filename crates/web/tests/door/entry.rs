//! Coming in: the cookie, what refusals say, people, codes.

use axum::http::StatusCode;
use peyvand_app::Visit;

use crate::world::{SECRET, World};

/// Sign-in gives a new session whatever cookie came along; the cookie is what it must be; it is gone after sign-out.
#[tokio::test]
async fn the_cookie_is_new_and_closed() {
    let w = World::new().await;
    let body = format!("email=admin%40example.com&password={}", SECRET.replace(' ', "+"));
    let fixed = "ab".repeat(32);
    for secure in [false, true] {
        let headers = [
            ("cookie", &*format!("peyvand_session={fixed}")),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let a = w.send("POST", "/sign-in", &headers, &body, secure).await;
        assert_eq!(a.status, StatusCode::SEE_OTHER);
        let cookies: Vec<&str> = a
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect();
        let name = if secure {
            "__Host-peyvand_session="
        } else {
            "peyvand_session="
        };
        let session = cookies.iter().find(|c| c.starts_with(name)).expect("a session");
        assert!(!session.contains(&fixed));
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(session.contains(part), "{session}");
        }
        assert_eq!(session.contains("Secure"), secure, "{session}");
        let known = cookies
            .iter()
            .find(|c| c.starts_with("peyvand_known="))
            .expect("a mark");
        assert!(known.contains("HttpOnly") && known.contains("SameSite=Strict"));
        let pair = session.split(';').next().unwrap().to_owned();
        let page = w.send("GET", "/account", &[("cookie", &pair)], "", secure).await;
        assert_eq!(page.status, StatusCode::OK);
        let out = [
            ("cookie", pair.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        w.send("POST", "/sign-out", &out, "", secure).await;
        let page = w.send("GET", "/account", &[("cookie", &pair)], "", secure).await;
        assert!(page.status.is_redirection(), "replayed after sign-out");
    }
}

/// What a wrong sign-in says is the same for everybody.
#[tokio::test]
async fn refusals_read_alike() {
    let w = World::new().await;
    let mut bodies = Vec::new();
    for email in ["admin@example.com", "seller@example.com", "nobody@example.com"] {
        let body = format!("email={}&password=wrong+horse+battery", email.replace('@', "%40"));
        let a = w.post("/sign-in", &body).await;
        assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY);
        bodies.push(a.body.replace(email, "EMAIL"));
    }
    assert!(bodies.windows(2).all(|p| p[0] == p[1]));
}

/// The people of a workspace on pages: invited, switched off, handed over; others find no such page.
#[tokio::test]
async fn people_on_pages() {
    let w = World::new().await;
    let ws = w.app.workspace(Some("main")).await.unwrap();
    let role = w.app.role(&ws, "seller").await.unwrap();
    let body = format!("name=Sara&email=sara%40example.com&role={role}&team=");
    let a = w.post("/settings/people", &body).await;
    assert_eq!(a.status, StatusCode::OK, "{}", a.body);
    let token: String = a
        .body
        .split("/join?token=")
        .nth(1)
        .expect("a link")
        .chars()
        .take(64)
        .collect();
    // Looking at the link does not use it up.
    for _ in 0..3 {
        let a = w
            .send("GET", &format!("/join?token={token}"), &[], "", false)
            .await;
        assert_eq!(a.status, StatusCode::OK);
        assert!(a.body.contains("new-password"));
    }
    let weak = w
        .post("/join", &format!("token={token}&password=password123"))
        .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let a = w
        .post("/join", &format!("token={token}&password=rood+aram+mahi"))
        .await;
    assert_eq!(a.status, StatusCode::SEE_OTHER, "{}", a.body);
    let cookie = a
        .headers
        .get("set-cookie")
        .unwrap()
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let hers = |path: &'static str| {
        let cookie = cookie.clone();
        let w = &w;
        async move {
            w.send("GET", path, &[("cookie", &cookie)], "", false)
                .await
                .status
        }
    };
    assert_eq!(hers("/account").await, StatusCode::OK);
    assert_eq!(hers("/settings/people").await, StatusCode::NOT_FOUND);
    assert_eq!(hers("/settings/access").await, StatusCode::OK, "her own rights");
    let sara = w
        .app
        .user_by_email(&ws, "sara@example.com")
        .await
        .unwrap()
        .unwrap()
        .id();
    let a = w
        .post(
            &format!("/settings/people/{sara}/hand-over"),
            &format!("to={}", w.admin),
        )
        .await;
    assert_eq!(a.status, StatusCode::OK, "{}", a.body);
    assert!(hers("/account").await.is_redirection(), "at once");
    let last = w
        .post(&format!("/settings/people/{}/active", w.admin), "on=false")
        .await;
    assert!(last.status.is_client_error());
}

/// A workspace can ask everybody for one-time codes: until somebody has switched them on, only their own account is open to
/// them, and nothing else changes by their hand.
#[tokio::test]
async fn a_workspace_can_ask_for_codes() {
    let mut w = World::new().await;
    assert_eq!(w.get("/contacts").await.status, StatusCode::OK);
    let form = "currency=IRR&zone=Asia%2FTehran&language=en&calendar=gregorian&codes=on";
    // Whoever has none themselves does not ask them of all in the form; from the command line it can be.
    let refused = w.post("/settings/workspace", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let place = w.app.workspace(Some("main")).await.unwrap();
    let mut settings = place.settings.clone();
    settings.codes_required = true;
    w.app.save_settings(&place, &settings).await.unwrap();
    w.app.forget_sessions();
    let before = w.digest().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/contacts"),
        ("GET", "/settings"),
        ("POST", "/contacts/new"),
        ("POST", "/settings/workspace"),
    ] {
        let a = match method {
            "GET" => w.get(path).await,
            _ => {
                w.post(path, "name.family=New&currency=IRR&zone=Asia%2FTehran")
                    .await
            }
        };
        let to = a.headers.get("location").and_then(|l| l.to_str().ok());
        assert_eq!(
            (a.status.is_redirection(), to),
            (true, Some("/account")),
            "{method} {path}"
        );
    }
    assert_eq!(w.digest().await, before);
    let a = w.get("/account").await;
    assert_eq!(a.status, StatusCode::OK);
    assert!(a.body.contains("role=\"alert\""), "{}", a.body);
    // With the codes everything is open again.
    let token = w.cookie.trim_start_matches("peyvand_session=").to_owned();
    let session = w.app.session(&token).await.unwrap();
    let (secret, _) = w.app.begin_totp(&session).await.unwrap();
    assert!(
        w.get("/contacts").await.status.is_redirection(),
        "begun is not done"
    );
    let now = "2026-11-22T08:30:00Z".parse().unwrap();
    let code = peyvand_app::totp::code_at(&secret, now).unwrap();
    let (opened, _) = w
        .app
        .confirm_totp(&session, &code, &Visit::default())
        .await
        .unwrap();
    w.cookie = format!("peyvand_session={}", opened.token);
    assert_eq!(w.get("/contacts").await.status, StatusCode::OK);
    for form in [form.trim_end_matches("&codes=on"), form] {
        assert!(w.post("/settings/workspace", form).await.status.is_redirection());
    }
}

/// The pages of the door speak the language of who was signed in here, whatever the browser prefers.
#[tokio::test]
async fn the_door_remembers_the_language_of_its_person() {
    let w = World::new().await;
    let form = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept-language", "en-GB,en"),
    ];
    let tongue = |a: &crate::world::Answer| {
        a.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .find(|c| c.starts_with("peyvand_language="))
            .map(|c| c.split(';').next().unwrap().to_owned())
    };
    let body = format!("email=admin%40example.com&password={}", SECRET.replace(' ', "+"));
    let a = w.send("POST", "/sign-in", &form, &body, false).await;
    assert_eq!(tongue(&a).as_deref(), Some("peyvand_language=fa"));
    let door = async |cookie: &str| {
        let headers = [("cookie", cookie), ("accept-language", "en-GB,en")];
        w.send("GET", "/sign-in?to=%2Fdeals", &headers, "", false)
            .await
            .body
    };
    assert!(
        door("peyvand_language=fa")
            .await
            .contains("<html lang=\"fa\" dir=\"rtl\"")
    );
    // Whoever was never here, and whoever says something else, is read the browser's wish.
    assert!(door("").await.contains("<html lang=\"en\""));
    assert!(door("peyvand_language=xx").await.contains("<html lang=\"en\""));
    // A language that is chosen is remembered at once.
    let mut as_admin = form.to_vec();
    as_admin.push(("cookie", &w.cookie));
    let a = w
        .send("POST", "/preferences", &as_admin, "language=en&to=/", false)
        .await;
    assert_eq!(tongue(&a).as_deref(), Some("peyvand_language=en"));
    let a = w
        .send("POST", "/preferences", &as_admin, "theme=dark&to=/", false)
        .await;
    assert_eq!(tongue(&a), None);
}
