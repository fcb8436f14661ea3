//! A server with an administrator whose every text is a script.

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
use peyvand_store::{Engine as _, Keys, RowsCall, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "kavir morgh setareh";

pub(crate) const XSS: &str = "<img src=x onerror=alert(1)>";

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) admin: Id,
    pub(crate) cookie: String,
    pub(crate) contact: Id,
    pub(crate) _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    pub(crate) async fn new() -> Self {
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

    pub(crate) async fn send(
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

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("cookie", &self.cookie)], "", false)
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send("POST", path, &headers, body, false).await
    }

    /// All rows of the tables that a request could change, as one text.
    pub(crate) async fn digest(&self) -> String {
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
    pub(crate) fn pages(&self) -> Vec<String> {
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
