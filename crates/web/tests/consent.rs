//! Permission on the pages, in both languages, without script.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use peyvand_app::people::NewUser;
use peyvand_app::sign_in::SignIn;
use peyvand_app::{App, Caller, Visit};
use peyvand_core::{Id, IdSource, SystemClock, Via};
use peyvand_domain::consent::{Channel, Decision, Purpose};
use peyvand_store::{Engine, Keys, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use tower::ServiceExt as _;

struct Site {
    app: Arc<App>,
    caller: Caller,
    cookie: String,
    person: Id,
    _folder: tempfile::TempDir,
}

async fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> =
        Arc::new(SqliteEngine::open(&folder.path().join("p.db"), &Options::default()).unwrap());
    engine.migrate().await.unwrap();
    let store = Arc::new(Store::new(engine, Keys::new([7; 32])));
    let app = Arc::new(App::new(
        store,
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    ));
    let w = app.create_workspace("main", "آزمایش").await.unwrap();
    let user = NewUser {
        email: "a@firm.example".to_owned(),
        name: "مریم".to_owned(),
        role: "admin".to_owned(),
        active: true,
        team: None,
    };
    app.create_user(&w, &user).await.unwrap();
    let link = app.create_sign_in_link(&w, "a@firm.example").await.unwrap();
    let SignIn::Done(opened) = app.sign_in_by_link(&link, &Visit::default()).await.unwrap() else {
        panic!("no code is asked for");
    };
    let caller = Caller::system(&w, Via::Cli);
    let contacts = app.object(&caller, "contacts").unwrap();
    let json = serde_json::json!({"name": "سارا احمدی", "emails": ["sara@example.com"], "phones": ["+989121234567"]});
    let person = app
        .create(&caller, &contacts, json.as_object().unwrap(), None)
        .await
        .unwrap()
        .id();
    Site {
        app,
        caller,
        cookie: format!("peyvand_session={}", opened.token),
        person,
        _folder: folder,
    }
}

impl Site {
    async fn ask(&self, method: &str, path: &str, form: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "crm.example")
            .header(header::ORIGIN, "http://crm.example")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let router = peyvand_web::router(Arc::clone(&self.app));
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 10_000_000).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn open(&self) -> bool {
        let d = self
            .app
            .may_send(&self.caller, self.person, Channel::Email, Purpose::Newsletter)
            .await
            .unwrap();
        matches!(d, Decision::Allowed(_))
    }

    async fn language(&self, tag: &str) {
        let (status, _) = self
            .ask("POST", "/preferences", &format!("language={tag}&to=/"))
            .await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_says_yes_and_no_on_the_page() {
    let s = site().await;
    let contact = format!("/contacts/{}", s.person);
    let page = format!("{contact}/consent");
    for (tag, words) in [
        (
            "fa",
            ["اجازه‌ها", "ثبت و تاریخچه", "خبرنامه", "هنوز چیزی ثبت نشده است"],
        ),
        (
            "en",
            [
                "Permissions",
                "Record and history",
                "Newsletter",
                "Nothing has been recorded yet",
            ],
        ),
    ] {
        s.language(tag).await;
        let (status, card) = s.ask("GET", &contact, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(card.contains(&format!("href=\"{page}\"")), "{card}");
        assert!(words[..3].iter().all(|w| card.contains(w)), "{tag}: {card}");
        let (status, shown) = s.ask("GET", &page, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(shown.contains(words[3]), "{shown}");
    }
    assert!(!s.open().await);
    // A yes without proof comes back with the reason, and what was typed.
    let bare =
        "verdict=granted&channel=email&purpose=newsletter&source=paper&form_url=https%3A%2F%2Fa.example";
    let (status, again) = s.ask("POST", &page, bare).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.contains("A consent needs its proof") && again.contains("https://a.example"),
        "{again}"
    );
    assert!(!s.open().await);
    // With it, it counts.
    let (status, _) = s
        .ask("POST", &page, &format!("{bare}&text_shown=%3Cb%3Eyes%3C%2Fb%3E"))
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(s.open().await);
    let (_, shown) = s.ask("GET", &page, "").await;
    assert!(
        shown.contains("&#60;b&#62;yes") || shown.contains("&lt;b&gt;yes"),
        "{shown}"
    );
    assert!(!shown.contains("<b>yes</b>"), "what was typed is text");
    let (_, card) = s.ask("GET", &contact, "").await;
    assert!(
        card.contains("E-mail, Newsletter: Granted"),
        "the timeline tells of it: {card}"
    );
    // The buttons beside a yes and for everything are forms of their own: one press.
    assert!(shown.contains("name=\"verdict\" value=\"withdrawn\""));
    let (status, _) = s
        .ask(
            "POST",
            &page,
            "verdict=withdrawn&source=staff&channel=any&purpose=all",
        )
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(!s.open().await);
    // A restriction, and back.
    let (status, _) = s
        .ask(
            "POST",
            &page,
            "verdict=blocked&source=staff&channel=any&purpose=processing",
        )
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    s.language("fa").await;
    let (_, shown) = s.ask("GET", &page, "").await;
    assert!(
        shown.contains("محدود شده است") && shown.contains("برداشتن محدودیت"),
        "{shown}"
    );
    // Other objects have no such page; nonsense writes nothing.
    let before = s.app.consent_history(&s.caller, s.person).await.unwrap().len();
    assert_eq!(
        s.ask("GET", &format!("/companies/{}/consent", s.person), "")
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    for nonsense in [
        "",
        "verdict=yes",
        "verdict=granted&channel=email&purpose=all&proof=1",
    ] {
        assert_eq!(
            s.ask("POST", &page, nonsense).await.0,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{nonsense}"
        );
    }
    assert_eq!(
        s.app.consent_history(&s.caller, s.person).await.unwrap().len(),
        before
    );
}
