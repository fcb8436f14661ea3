//! The door of the pages: headers on every answer, no change by looking, no change from elsewhere, nobody is led away,
//! links that do not follow the request's host, and everything that a visitor types shown as text.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use peyvand_app::people::NewUser;
use peyvand_app::sign_in::SignIn;
use peyvand_app::{App, Caller, Peer, Visit};
use peyvand_core::{FixedClock, Id, IdSource, Via};
use peyvand_store::tables::SIDE;
use peyvand_store::{Engine, Keys, RowsCall, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use tower::ServiceExt as _;

const SECRET: &str = "kavir morgh setareh";
const XSS: &str = "<img src=x onerror=alert(1)>";

struct World {
    app: Arc<App>,
    router: Router,
    admin: Id,
    cookie: String,
    contact: Id,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SqliteEngine::open(&folder.path().join("p.db"), &Options::default()).unwrap());
        engine.migrate().await.unwrap();
        let clock = Arc::new(FixedClock::at("2026-11-22T08:30:00Z".parse().unwrap()));
        let app = Arc::new(App::new(
            Arc::new(Store::new(engine, Keys::new([7; 32]))),
            clock,
            Arc::new(IdSource::default()),
        ));
        app.set_base_url("https://crm.example.com/");
        let w = app.create_workspace("main", "شرکت").await.unwrap();
        let new = |name: &str, role: &str| NewUser {
            email: format!("{role}@example.com"),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        let admin = app.create_user(&w, &new(XSS, "admin")).await.unwrap();
        app.create_user(&w, &new("فروشنده", "seller")).await.unwrap();
        app.set_password(&w, admin, SECRET).await.unwrap();
        let visit = Visit {
            device: XSS.to_owned(),
            ..Visit::default()
        };
        let SignIn::Done(opened) = app.sign_in("admin@example.com", SECRET, &visit).await.unwrap() else {
            panic!("no code is asked for");
        };
        let system = Caller::system(&w, Via::Cli);
        let object = Arc::clone(w.catalog().object("contact").unwrap());
        let json = serde_json::json!({"name": {"family": XSS}, "job_title": XSS, "city": XSS, "owner_id": admin.to_string()});
        let made = app
            .create(&system, &object, json.as_object().unwrap(), None)
            .await
            .unwrap();
        Self {
            router: peyvand_web::router(Arc::clone(&app)),
            app,
            admin,
            cookie: format!("peyvand_session={}", opened.token),
            contact: made.id(),
            _folder: folder,
        }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
        secure: bool,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "crm.example.com");
        for (n, v) in headers {
            request = request.header(*n, *v);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(Peer {
            address: "192.0.2.1".parse::<IpAddr>().unwrap(),
            secure,
        });
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("cookie", &self.cookie)], "", false)
            .await
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send("POST", path, &headers, body, false).await
    }

    /// All rows of the tables that a request could change, as one text.
    async fn digest(&self) -> String {
        let w = self.app.workspace(Some("main")).await.unwrap();
        let mut out = Vec::new();
        let mut tables = w.layout.tables();
        tables.extend(SIDE.all());
        for t in tables {
            // Counters of tries and the last time that a session was seen are about the request itself.
            if matches!(t.name.as_str(), "counter" | "session") {
                continue;
            }
            for row in self
                .app
                .store
                .rows(RowsCall::new(&t, &[]).everywhere().limit(100_000))
                .await
                .unwrap()
            {
                out.push(format!("{}: {row:?}", t.name));
            }
        }
        out.sort();
        out.join("\n")
    }

    /// Pages that can be looked at, with an id where one belongs.
    fn pages(&self) -> Vec<String> {
        let contact = self.contact;
        [
            "/",
            "/sign-in",
            "/sign-in/link?token=x",
            "/set-up?token=x",
            "/join?token=x",
            "/reset?token=x",
            "/account",
            "/account/prove",
            "/account/codes",
            "/settings/access",
            "/settings/people",
            "/settings/roles",
            "/preferences",
            "/notifications",
            "/contacts",
            "/contacts/new",
            "/deals/board",
            "/users",
            "/teams",
            "/roles",
            "/no-such-page",
            "/contacts?filter=city+%3D",
            "/lookup?q=img",
            "/lookup/contact?q=img",
        ]
        .iter()
        .map(|p| (*p).to_owned())
        .chain([
            format!("/contacts/{contact}"),
            format!("/contacts/{contact}/edit"),
            format!("/settings/access?object=contact&record={contact}"),
            format!("/settings/people/{}/hand-over", self.admin),
        ])
        .collect()
    }
}

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

/// A value that a role hides is on no page: lists, record, form, search, timeline, export of the same things.
#[tokio::test]
async fn a_hidden_value_is_on_no_page() {
    let w = World::new().await;
    let ws = w.app.workspace(Some("main")).await.unwrap();
    let system = Caller::system(&ws, Via::Cli);
    let contacts = Arc::clone(ws.catalog().object("contact").unwrap());
    let map = |v: serde_json::Value| v.as_object().cloned().unwrap();
    let json = map(serde_json::json!({
        "name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked"
    }));
    let made = w.app.create(&system, &contacts, &json, None).await.unwrap().id();
    let json = map(serde_json::json!({"job_title": "canaryhidden two", "city": "canarymasked two"}));
    w.app.patch(&system, &contacts, made, &json, None).await.unwrap();
    let rules = serde_json::json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {"contact": {"job_title": "hidden", "city": "masked"}}
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
    ] {
        let a = w.send("GET", &path, &[("cookie", &cookie)], "", false).await;
        assert!(a.status.as_u16() < 500, "{path}: {}", a.status);
        seen += usize::from(a.body.contains("Kamali"));
        // What the visitor typed themselves may stand in the inputs again.
        let typed = path.contains("canary");
        assert!(typed || !a.body.contains("canaryhidden"), "{path}");
        assert!(!a.body.contains("canarymasked"), "{path}");
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
    // The control: the administrator sees both.
    let a = w.get(&format!("/contacts/{made}")).await;
    assert!(a.body.contains("canaryhidden") && a.body.contains("canarymasked"));
}

/// A workspace can ask everybody for one-time codes: until somebody has switched them on, only their own account is open to
/// them, and nothing else changes by their hand.
#[tokio::test]
async fn a_workspace_can_ask_for_codes() {
    let mut w = World::new().await;
    assert_eq!(w.get("/contacts").await.status, StatusCode::OK);
    let form = "currency=IRR&zone=Asia%2FTehran&language=en&calendar=gregorian&codes=on";
    assert!(w.post("/settings/workspace", form).await.status.is_redirection());
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
}

/// An address with something in the place of what it leaves open.
fn filled(address: &str, contact: &str) -> String {
    address
        .replace("{plural}", "contacts")
        .replace("{id}", contact)
        .replace("{object}", "contact")
        .replace("{field}", "job_title")
        .replace("{key}", "contact")
        .replace("{number}", "1")
        .replace("{file}", contact)
        .replace("{stage}", contact)
}

/// Every address of the pages, as the program declares them. An address that is added is among them by itself.
fn addresses() -> Vec<String> {
    let source = include_str!("../src/lib.rs");
    source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Addresses for whoever is not signed in: ways in and out, and what pages are made of.
const PUBLIC: [&str; 8] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-in/link",
    "/set-up",
    "/sign-out",
    "/join",
    "/reset",
    "/assets/{name}",
];

/// No address is forgotten: whoever is not signed in is led to the door by each, whatever the way of asking, and changes
/// nothing. The control: the administrator is answered.
#[tokio::test]
async fn every_address_asks_who_is_there() {
    let w = World::new().await;
    let all = addresses();
    assert!(all.len() > 70, "{all:?}");
    for open in PUBLIC {
        assert!(all.iter().any(|a| a == open), "{open} is gone");
    }
    let contact = w.contact.to_string();
    let before = w.digest().await;
    let (mut answered, mut paths) = (0, Vec::new());
    for address in all.iter().filter(|a| !PUBLIC.contains(&a.as_str())) {
        let path = filled(address, &contact);
        assert!(!path.contains('{'), "{path}: say what stands there");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            let a = w
                .send(method, &path, &headers, "name=x&on=false&from=x", false)
                .await;
            let to = a
                .headers
                .get("location")
                .and_then(|l| l.to_str().ok())
                .unwrap_or_default();
            let led = a.status.is_redirection() && to.starts_with("/sign-in");
            let refused = matches!(a.status.as_u16(), 401 | 403 | 404 | 405 | 415);
            assert!(led || refused, "{method} {path}: {} {to}", a.status);
            assert!(
                !a.body.contains(&contact) && !a.body.contains("onerror"),
                "{method} {path}"
            );
        }
        paths.push(path);
    }
    assert!(w.digest().await == before, "a stranger changed something");
    for path in &paths {
        answered += usize::from(w.get(path).await.status == StatusCode::OK);
    }
    assert!(answered > 25, "the administrator is answered by {answered}");
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

/// Whoever is signed in finds the way out on every page that is a whole page.
#[tokio::test]
async fn every_page_leads_out() {
    let w = World::new().await;
    let (mut seen, contact) = (0, w.contact.to_string());
    for address in addresses() {
        let path = filled(&address, &contact);
        if PUBLIC.contains(&address.as_str()) {
            continue;
        }
        let a = w.get(&path).await;
        // Parts of pages, fetched by pages, have no head.
        if a.status == StatusCode::OK
            && a.body.trim_start().starts_with("<!doctype html>")
            && a.body.contains("<nav")
        {
            assert!(a.body.contains("action=\"/sign-out\""), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} pages");
    // The control: who is not signed in has nothing to leave.
    let door = w.send("GET", "/sign-in", &[], "", false).await;
    assert!(!door.body.contains("action=\"/sign-out\""));
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
