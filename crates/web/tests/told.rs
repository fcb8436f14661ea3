//! What a form says of what was typed into it: beside the field, in the reader's language, with what was typed kept; never by
//! the browser in its own.

mod common;

use axum::http::StatusCode;
use common::{Place, between, enc, place, place_on};
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// The forms of a page with an input that a browser would judge by itself, each as its opening tag.
fn judged(page: &str) -> Vec<String> {
    let rules = [
        " required",
        " pattern=",
        " minlength=",
        " min=",
        "type=\"email\"",
        "type=\"number\"",
    ];
    page.split("<form")
        .skip(1)
        .filter_map(|rest| rest.split_once("</form>"))
        .filter_map(|(form, _)| form.split_once('>'))
        .filter(|(_, body)| {
            body.split('<')
                .filter(|tag| ["input", "select", "textarea"].iter().any(|t| tag.starts_with(t)))
                .filter_map(|tag| tag.split('>').next())
                .any(|tag| rules.iter().any(|r| tag.contains(r)))
        })
        .map(|(tag, _)| tag.to_owned())
        .collect()
}

#[tokio::test]
async fn no_form_leaves_its_errors_to_the_browser() {
    let p = place().await;
    let stranger = p.of(String::new());
    let contact = p.make("contacts", "name.family=Kamali").await;
    let mut seen = 0;
    for path in [
        "/account",
        "/account/prove",
        "/settings/people",
        "/settings/roles",
        "/settings/tokens",
        "/settings/objects/company/choices/industry",
        "/import",
        "/contacts",
        "/contacts?q=k",
        "/contacts/new",
        "/quick",
        "/calendar",
        &contact,
    ] {
        let page = p.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for tag in judged(&page.body) {
            assert!(tag.contains(" novalidate"), "{path}: {tag}");
            seen += 1;
        }
    }
    for tag in judged(&stranger.get("/sign-in").await.body) {
        assert!(tag.contains(" novalidate"), "{tag}");
        seen += 1;
    }
    assert!(seen > 8, "{seen}");
    // The control: a form that a browser would judge is seen.
    assert_eq!(
        judged("<form method=\"post\"><input name=\"a\" required></form>").len(),
        1
    );
}

/// What stands of an error beside the input of this name, if anything does.
fn beside(page: &str, name: &str) -> String {
    let input = page
        .split('<')
        .find(|tag| tag.contains(&format!(" name=\"{name}\"")) && tag.contains("aria-invalid=\"true\""))
        .unwrap_or_default();
    let id = between(input, "aria-describedby=\"", "\"");
    if id.is_empty() {
        return String::new();
    }
    between(page, &format!("class=\"err\" id=\"{id}\">"), "</").to_owned()
}

#[tokio::test]
async fn what_is_missing_is_said_beside_its_field_by_the_server() {
    let p = place().await;
    let people = p.post("/settings/people", "name=&email=&role=").await;
    assert_eq!(people.status, StatusCode::UNPROCESSABLE_ENTITY);
    for name in ["name", "email", "role"] {
        let said = beside(&people.body, name);
        assert!(said.contains('ا') || said.contains('ی'), "{name}: {said}");
    }
    // What was typed is kept.
    let people = p
        .post("/settings/people", "name=Sara+Ahmadi&email=nonsense&role=")
        .await;
    assert!(people.body.contains("value=\"Sara Ahmadi\"") && people.body.contains("value=\"nonsense\""));
    assert!(beside(&people.body, "name").is_empty() && !beside(&people.body, "email").is_empty());
    let stranger = p.of(String::new());
    let door = stranger.post("/sign-in", "email=a%40example.ir&password=").await;
    assert_eq!(door.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(beside(&door.body, "email").is_empty());
    assert!(!beside(&door.body, "password").is_empty(), "{}", door.body);
    let tokens = p.post("/settings/tokens", "name=&scopes=").await;
    assert_eq!(tokens.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!beside(&tokens.body, "name").is_empty() && !beside(&tokens.body, "whole").is_empty());
    // Everything else that asks for something says so too, in the reader's language.
    for (path, form) in [
        ("/account/password", "old=&new="),
        ("/account/prove", "password="),
        ("/settings/roles", "name="),
    ] {
        let a = p.post(path, form).await;
        assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let said = between(&a.body, "role=\"alert\">", "</p>");
        assert!(said.contains('ا'), "{path}: {said}");
    }
}

async fn contact(p: &Place) -> String {
    p.make("contacts", "name.family=Kamali").await
}

#[db_test]
async fn the_composer_says_what_is_wrong_in_place_and_keeps_what_was_typed(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let at = contact(&p).await;
    let form = format!(
        "kind=call&body={}&when={}&repeat=daily",
        enc("Ring about the offer"),
        enc("the day after never"),
    );
    let a = p.post(&format!("{at}/story"), &form).await;
    assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY);
    // It is the page of the record, not another form.
    assert!(a.body.contains("class=\"record\"") && a.body.contains("Kamali"));
    let composer = between(&a.body, "<form class=\"composer\"", "</form>");
    let said = beside(composer, "when");
    // It is called as the form calls it.
    assert!(
        said.contains("“When”") && said.contains("the day after never"),
        "{said}"
    );
    assert!(composer.contains("name=\"repeat\" value=\"daily\""));
    assert!(composer.contains(">Ring about the offer</textarea>"));
    assert!(composer.contains("value=\"the day after never\""));
    let kind = between(composer, "value=\"call\"", ">");
    assert!(kind.contains("checked"), "{kind}");
    // The address leads to the record for whoever opens it anew.
    assert_eq!(p.get(&format!("{at}/story")).await.to(), at);
    // A script gets the same by the names of the inputs.
    let told = p.script(&format!("{at}/story"), &form).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = told.json()["wrong"].clone();
    assert!(
        wrong["when"].as_str().unwrap().contains("the day after never"),
        "{wrong}"
    );
    assert_eq!(wrong.as_object().unwrap().len(), 1, "{wrong}");
    // What only the use case finds is said beside its input too.
    let repeat = format!("kind=task&body=Report&repeat={}", enc("every other blue moon"));
    let told = p.script(&format!("{at}/story"), &repeat).await;
    assert!(told.json()["wrong"]["repeat"].is_string(), "{}", told.body);
    let told = p.script(&format!("{at}/story"), "kind=note&body=+").await;
    assert!(told.json()["wrong"]["body"].is_string());
    // Nothing of it was written; what is right is.
    assert!(!p.get(&at).await.body.contains("Ring about the offer</"));
    let form = format!(
        "kind=call&body={}&when={}",
        enc("Ring about the offer"),
        enc("2026-12-01 10:00")
    );
    let done = p.script(&format!("{at}/story"), &form).await;
    assert_eq!(
        (done.status, done.json()["to"].as_str()),
        (StatusCode::OK, Some(at.as_str()))
    );
    assert!(p.get(&at).await.body.contains("Ring about the offer"));
}

#[db_test]
async fn a_quick_lead_names_the_field_that_it_shows_and_begins_there(db: TestDb) {
    let p = place_on(&db).await;
    let a = p
        .post("/quick", &format!("name={}&reach=12&wish=", enc("سارا احمدی")))
        .await;
    assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = beside(&a.body, "reach");
    assert!(
        said.contains("موبایل یا ایمیل") && !said.contains("شماره‌های تلفن"),
        "{said}"
    );
    let input = |name: &str| between(&a.body, &format!("name=\"{name}\""), ">").to_owned();
    assert!(input("reach").contains("autofocus") && !input("name").contains("autofocus"));
    assert_eq!(a.body.matches(" autofocus").count(), 1);
    // An empty form begins with the name.
    let fresh = p.get("/quick").await.body;
    assert!(between(&fresh, "name=\"name\"", ">").contains("autofocus"));
    // The same of an address of e-mail.
    let a = p
        .post("/quick", &format!("name={}&reach=a%40b", enc("سارا")))
        .await;
    assert!(beside(&a.body, "reach").contains("موبایل یا ایمیل"), "{}", a.body);
}
