//! The pages over HTTP, the templates' rules and the files of others.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use peyvand_app::App;
use peyvand_app::people::NewUser;
use peyvand_core::{IdSource, SystemClock};
use peyvand_store::{Engine, Keys, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

const CANARY: &str = "<img src=x onerror=alert(1)>\"'&";

struct Place {
    routes: Router,
    app: Arc<App>,
    cookie: String,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> =
        Arc::new(SqliteEngine::open(&folder.path().join("t.db"), &Options::default()).unwrap());
    engine.migrate().await.unwrap();
    let store = Arc::new(Store::new(engine, Keys::new([7; 32])));
    let app = Arc::new(App::new(
        store,
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    ));
    let w = app.create_workspace("main", "رادین تجارت").await.unwrap();
    let new = NewUser {
        email: "negar@example.ir".to_owned(),
        name: "نگار صدر".to_owned(),
        role: "admin".to_owned(),
        active: true,
        team: None,
    };
    app.create_user(&w, &new).await.unwrap();
    let link = app.create_sign_in_link(&w, "negar@example.ir").await.unwrap();
    let token = app.sign_in_by_link(&link, "test").await.unwrap();
    assert!(
        app.sign_in_by_link(&link, "test").await.is_err(),
        "a one-time link works once"
    );
    Place {
        routes: peyvand_web::router(Arc::clone(&app)),
        app,
        cookie: format!("peyvand_session={token}"),
        _folder: folder,
    }
}

impl Place {
    async fn ask(
        &self,
        method: &str,
        path: &str,
        form: &str,
        site: &str,
    ) -> (StatusCode, axum::http::HeaderMap, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "crm.example.ir")
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let answer = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        (
            parts.status,
            parts.headers,
            String::from_utf8_lossy(&bytes).into_owned(),
        )
    }
    async fn get(&self, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
        self.ask("GET", path, "", "same-origin").await
    }
    async fn post(&self, path: &str, form: &str) -> (StatusCode, axum::http::HeaderMap, String) {
        self.ask("POST", path, form, "same-origin").await
    }
}

const PAGES: &[&str] = &[
    "/",
    "/contacts",
    "/companies",
    "/deals",
    "/deals/board",
    "/products",
    "/activities",
    "/orders",
    "/users",
    "/contacts/new",
    "/deals/new",
    "/preferences",
    "/sign-in",
    "/no-such-page/at/all",
];

#[tokio::test]
async fn every_page_has_its_policy_and_no_untranslated_key_in_both_languages() {
    let p = place().await;
    for (language, dir) in [("fa", "rtl"), ("en", "ltr")] {
        let (status, _, _) = p.post("/preferences", &format!("language={language}&to=/")).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        for path in PAGES {
            let (_, headers, body) = p.get(path).await;
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{path}"
            );
            for start in [">web-", "\"web-", ">common-", ">nav-", ">error-"] {
                assert!(!body.contains(start), "{language} {path}: a bare key {start}");
            }
            if !matches!(*path, "/sign-in" | "/no-such-page/at/all") {
                assert!(
                    body.contains(&format!("<html lang=\"{language}\" dir=\"{dir}\"")),
                    "{path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_people_type_is_escaped_everywhere() {
    let p = place().await;
    let typed = "%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E%22%27%26";
    let (status, headers, _) = p.post("/companies/new", &format!("name={typed}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let record = headers[header::LOCATION].to_str().unwrap().to_owned();
    for path in ["/companies", &record, &format!("{record}/edit")] {
        let (status, _, body) = p.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!body.contains("<img src=x"), "{path}");
        assert!(body.contains("onerror=alert(1)"), "{path} shows the name");
    }
    assert!(CANARY.starts_with("<img"));
}

#[tokio::test]
async fn a_change_asked_for_by_another_site_is_refused() {
    let p = place().await;
    for site in ["cross-site", "same-site", "none"] {
        let (status, headers, _) = p.ask("POST", "/companies/new", "name=Acme", site).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{site}");
        assert!(headers.contains_key("content-security-policy"));
    }
    let (_, _, body) = p.get("/companies").await;
    assert!(!body.contains("Acme"));
}

#[tokio::test]
async fn a_form_keeps_what_was_typed_and_says_what_is_wrong() {
    let p = place().await;
    let (status, _, body) = p.post("/deals/new", "name=&amount=abc&next_step=keep-me").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("value=\"keep-me\""));
    assert!(body.contains("id=\"e-name\"") && body.contains("id=\"e-amount\""));
    assert!(body.contains("value=\"abc\""));
}

#[tokio::test]
async fn a_deleted_record_comes_back_by_undo() {
    let p = place().await;
    let (_, headers, _) = p.post("/companies/new", "name=Alborz").await;
    let record = headers[header::LOCATION].to_str().unwrap().to_owned();
    p.post(&format!("{record}/delete"), "").await;
    assert_eq!(p.get(&record).await.0, StatusCode::NOT_FOUND);
    p.post(&format!("{record}/restore"), "").await;
    assert_eq!(p.get(&record).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nobody_enters_without_a_session_and_tries_are_counted() {
    let mut p = place().await;
    p.cookie = "peyvand_session=0".to_owned();
    let (status, headers, _) = p.get("/contacts").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/sign-in?to=%2Fcontacts");
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = p
            .post("/sign-in", "email=negar%40example.ir&password=wrong-password")
            .await
            .0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert!(p.app.session("00").await.is_err());
}

#[test]
fn templates_have_no_inline_style_or_script() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        seen += 1;
        for banned in [
            " style=",
            "<style",
            " onclick",
            " onload",
            " onerror",
            " onsubmit",
            " onchange",
            "hx-on",
            "javascript:",
        ] {
            assert!(!text.contains(banned), "{}: {banned}", path.display());
        }
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(" src=") && script.split_once('>').unwrap().1.starts_with("</script>"),
                "{}: a script without a file",
                path.display()
            );
        }
    }
    assert!(seen >= 8);
}

#[test]
fn files_of_others_are_as_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("vendor/README.md")).unwrap();
    let mut compared = 0;
    for line in table.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line
            .split('|')
            .map(|c| c.trim().trim_matches('`'))
            .filter(|c| !c.is_empty())
            .collect();
        let bytes = std::fs::read(root.join(cells[0])).unwrap();
        assert_eq!(
            hex::encode(Sha256::digest(&bytes)),
            *cells.last().unwrap(),
            "{}",
            cells[0]
        );
        compared += 1;
    }
    assert_eq!(compared, 2);
}
