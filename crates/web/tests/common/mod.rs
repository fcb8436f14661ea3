//! A workspace with its pages, asked over HTTP as a browser would.

#![allow(
    clippy::allow_attributes,
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use peyvand_app::people::NewUser;
use peyvand_app::sign_in::SignIn;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Visit};
use peyvand_core::{Clock, IdSource, SystemClock};
use peyvand_store::{Engine, Keys, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use peyvand_testkit::TestDb;
use tower::ServiceExt;

/// A workspace, its pages and one person who is signed in.
pub struct Place {
    pub routes: Router,
    pub app: Arc<App>,
    pub workspace: Arc<Workspace>,
    pub cookie: String,
    _folder: Option<tempfile::TempDir>,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where it leads.
    pub fn to(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|l| l.to_str().ok())
            .unwrap_or_default()
    }

    /// The message that the next page shows, by its key, and the path that takes back what was done.
    pub fn said(&self) -> (String, String) {
        let cookie = self.headers["set-cookie"].to_str().unwrap();
        let value = cookie.split(';').next().unwrap();
        let mut parts = value.split_once('=').unwrap().1.split('|');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        (part(), part())
    }

    /// As JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

/// An empty workspace with an administrator.
pub async fn place() -> Place {
    place_in(None).await
}

/// The same with a folder for files.
pub async fn place_in(data: Option<&std::path::Path>) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> =
        Arc::new(SqliteEngine::open(&folder.path().join("t.db"), &Options::default()).unwrap());
    engine.migrate().await.unwrap();
    let store = Arc::new(Store::new(engine, Keys::new([7; 32])));
    let mut app = App::new(
        store,
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    );
    if let Some(data) = data {
        app = app.in_folder(data).unwrap();
    }
    place_of(app, Some(folder)).await
}

/// The same on the database of a test that runs on both engines.
pub async fn place_on(db: &TestDb) -> Place {
    let clock: Arc<dyn Clock> = Arc::clone(&db.clock) as _;
    place_of(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)), None).await
}

/// The same before anybody works there; whoever asks reads this language.
pub async fn empty_on(db: &TestDb, language: &str) -> Place {
    let clock: Arc<dyn Clock> = Arc::clone(&db.clock) as _;
    let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
    Place {
        routes: peyvand_web::router(Arc::clone(&app)),
        workspace: app.create_workspace("main", "Acme").await.unwrap(),
        app,
        cookie: format!("peyvand_language={language}"),
        _folder: None,
    }
}

/// The same with another engine before that of the test.
pub async fn place_behind(db: &TestDb, engine: Arc<dyn Engine>) -> Place {
    let clock: Arc<dyn Clock> = Arc::clone(&db.clock) as _;
    let store = Arc::new(Store::new(engine, Keys::new(peyvand_testkit::db::SECRET)));
    place_of(App::new(store, clock, Arc::clone(&db.ids)), None).await
}

async fn place_of(app: App, folder: Option<tempfile::TempDir>) -> Place {
    let app = Arc::new(app);
    let workspace = app.create_workspace("main", "رادین تجارت").await.unwrap();
    let mut place = Place {
        routes: peyvand_web::router(Arc::clone(&app)),
        app,
        workspace,
        cookie: String::new(),
        _folder: folder,
    };
    place.cookie = place.person("negar@example.ir", "نگار صدر", "admin").await;
    place
}

impl Place {
    /// The same pages, asked by somebody else.
    pub fn of(&self, cookie: String) -> Self {
        Self {
            routes: self.routes.clone(),
            app: Arc::clone(&self.app),
            workspace: Arc::clone(&self.workspace),
            cookie,
            _folder: None,
        }
    }

    /// Another person; their cookie.
    pub async fn person(&self, email: &str, name: &str, role: &str) -> String {
        let new = NewUser {
            email: email.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        self.app.create_user(&self.workspace, &new).await.unwrap();
        let link = self
            .app
            .create_sign_in_link(&self.workspace, email)
            .await
            .unwrap();
        let SignIn::Done(opened) = self.app.sign_in_by_link(&link, &Visit::default()).await.unwrap() else {
            panic!("no code is asked for");
        };
        format!("peyvand_session={}", opened.token)
    }

    pub async fn ask(&self, method: &str, path: &str, form: &str, accept: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "crm.example.ir")
            .header(header::COOKIE, &self.cookie)
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let answer = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 32 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "text/html").await
    }

    /// A form, sent without script.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, form, "text/html").await
    }

    /// A form, sent by a script.
    pub async fn script(&self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, form, "application/json").await
    }

    /// Makes a record by its form; its address.
    pub async fn make(&self, plural: &str, form: &str) -> String {
        let answer = self.post(&format!("/{plural}/new"), form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{plural}: {}", answer.body);
        answer.to().to_owned()
    }

    /// The ids of a list's first rows, in their order; `query` is the rest of its address.
    pub async fn listed(&self, plural: &str, query: &str) -> Vec<String> {
        let list = self.get(&format!("/{plural}?{query}")).await.body;
        list.split("<tr id=\"r-")
            .skip(1)
            .map(|row| row.split('"').next().unwrap_or_default().to_owned())
            .collect()
    }

    /// Makes a record by its form; its id.
    pub async fn id(&self, plural: &str, form: &str) -> String {
        let to = self.make(plural, form).await;
        to.rsplit('/').next().unwrap_or_default().to_owned()
    }
}

/// Percent-encodes a value of a form.
pub fn enc(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// The text between two marks, at its first place.
pub fn between<'a>(body: &'a str, from: &str, to: &str) -> &'a str {
    body.split_once(from)
        .and_then(|(_, rest)| rest.split_once(to))
        .map(|(inner, _)| inner)
        .unwrap_or_default()
}

/// The fields of a form as a browser sends them when nothing is touched: inputs, ticked boxes and chosen options.
pub fn sent(page: &str) -> Vec<(String, String)> {
    let form = between(page, "<form class=\"form\"", "</form>");
    let attribute = |tag: &str, name: &str| {
        tag.split_once(&format!("{name}=\"")).map(|(_, rest)| {
            rest.split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("&#38;", "&")
        })
    };
    let mut pairs = Vec::new();
    let mut select = String::new();
    for tag in form.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        let name = attribute(tag, "name");
        if tag.starts_with("select") {
            select = name.unwrap();
            pairs.push((select.clone(), String::new()));
        } else if tag.starts_with("option") && tag.contains(" selected") {
            let at = pairs.iter().position(|(k, _)| *k == select).unwrap();
            pairs[at].1 = attribute(tag, "value").unwrap();
        } else if tag.starts_with("textarea") {
            pairs.push((name.unwrap(), text.to_owned()));
        } else if tag.starts_with("input") {
            if tag.contains("type=\"checkbox\"") {
                if tag.contains(" checked") {
                    pairs.push((name.unwrap(), "on".to_owned()));
                }
            } else if let Some(name) = name {
                pairs.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        }
    }
    pairs
}

/// The same as the body of a request.
pub fn as_sent(page: &str) -> String {
    as_body(&sent(page))
}

/// Fields of a form as the body of a request.
pub fn as_body(pairs: &[(String, String)]) -> String {
    let all: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={}", enc(v))).collect();
    all.join("&")
}
