//! The steps of an import on the page: values that a field does not know, and records that are there already.

mod common;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use common::{Place, between, enc, place_in};
use peyvand_app::Caller;
use peyvand_app::jobs::Worker;
use peyvand_core::Via;
use tower::ServiceExt;

/// Puts a file down; the address of its steps.
async fn uploaded(p: &Place, object: &str, name: &str, text: &str) -> String {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\n{object}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--b--\r\n"
    );
    let request = Request::post("/import")
        .header(header::HOST, "crm.example.ir")
        .header(header::COOKIE, &p.cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    let answer = p.routes.clone().oneshot(request).await.unwrap();
    let to = answer
        .headers()
        .get(header::LOCATION)
        .map(|l| l.to_str().unwrap().to_owned());
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    to.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&body)))
}

/// Sends the form of the page as it stands, but for `other` values, and does what it begins.
async fn go_on(p: &Place, to: &str, form: &str) -> String {
    let answer = p.post(to, form).await;
    assert_eq!(answer.to(), to, "{}", answer.body);
    let mut worker = Worker::new(Arc::clone(&p.app), Duration::from_mins(1));
    // As it is now: choices may have been made.
    let workspace = p.app.workspace(None).await.unwrap();
    assert!(worker.step(&workspace).await.unwrap());
    p.get(to).await.body
}

const FIELDS: &str = "field:0=name.family&field:1=lifecycle&policy=skip&source=";

/// What a trial did not know is explained beside the choices of the field, and a choice can be made of it: then all rows
/// come in.
#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_not_known_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let text = "Last name,Stage\nOne,Hot\nTwo,Hot\nThree,Ice <cold>\nFour,Spam\nFive,acquired\n";
    let to = uploaded(&p, "contacts", "people.csv", text).await;
    let page = p.get(&to).await.body;
    assert!(!page.contains("name=\"means:"), "nothing is asked before a trial");
    let page = go_on(&p, &to, &format!("{FIELDS}&do=try")).await;
    // The one of most rows first, each with all choices of the field.
    let first = between(&page, "name=\"value:1:0\"", "</tr>");
    assert!(
        first.contains("value=\"Hot\"") && first.contains("value=\"=nurtured\""),
        "{first}"
    );
    // Lifecycles are the same everywhere: no choice is made of a value.
    assert!(!first.contains("value=\"+\""), "{first}");
    assert!(page.contains("value=\"Ice &#60;cold&#62;\"") || page.contains("value=\"Ice &lt;cold&gt;\""));
    let means = format!(
        "&value:1:0=Hot&means:1:0={}&value:1:1={}&means:1:1={}&value:1:2=Spam&means:1:2=-",
        enc("=nurtured"),
        enc("Ice <cold>"),
        enc("=lost"),
    );
    let page = go_on(&p, &to, &format!("{FIELDS}{means}&do=try")).await;
    assert!(!page.contains("class=\"troubles\""), "{page}");
    // What was chosen is shown and can be chosen otherwise.
    assert!(between(&page, "value=\"Hot\"", "</tr>").contains("value=\"=nurtured\" selected"));
    let page = go_on(&p, &to, "do=import").await;
    assert!(!page.contains("class=\"troubles\""), "{page}");
    let list = p.get("/contacts?filter=lifecycle+%3D+nurtured").await.body;
    assert!(list.contains("One") && list.contains("Two") && !list.contains("Three"));
}

/// A choice that the firm needs is made where it is missed.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_becomes_a_choice() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let fields = "field:0=name.family&field:1=source&policy=skip&source=";
    let to = uploaded(
        &p,
        "contacts",
        "people.csv",
        "Last name,Source\nOne,نمایشگاه تبریز\n",
    )
    .await;
    let page = go_on(&p, &to, &format!("{fields}&do=try")).await;
    assert!(
        between(&page, "name=\"value:1:0\"", "</tr>").contains("value=\"+\""),
        "{page}"
    );
    let means = format!("&value:1:0={}&means:1:0={}", enc("نمایشگاه تبریز"), enc("+"));
    let page = go_on(&p, &to, &format!("{fields}{means}&do=try")).await;
    assert!(!page.contains("class=\"troubles\""), "{page}");
    let choices = p.get("/settings/objects/contact/choices/source").await.body;
    assert!(choices.contains("نمایشگاه تبریز"));
}

/// A record that is there already is named, with the way to it; columns of a card are named in words.
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_named_and_columns_of_cards_have_words() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let caller = Caller::system(&p.workspace, Via::Web);
    let json = serde_json::json!({"name": {"family": "Walker"}, "emails": ["sara@example.org"]});
    let contacts = p.workspace.catalog().object("contact").unwrap();
    let made = p
        .app
        .create(&caller, contacts, json.as_object().unwrap(), None)
        .await
        .unwrap();
    let id = made.id().to_string();
    let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:S. Walker\r\nEMAIL:sara@example.org\r\nTEL;TYPE=cell:+447700900123\r\nX-ODD;TYPE=a:b\r\nEND:VCARD\r\n";
    let to = uploaded(&p, "contacts", "people.vcf", card).await;
    let page = p.get(&to).await.body;
    for raw in ["<bdi>name.given</bdi>", "<bdi>phones</bdi>", "<bdi>skipped</bdi>"] {
        assert!(!page.contains(raw), "{raw}");
    }
    for words in ["<bdi>نام خانوادگی</bdi>", "<bdi>آنچه جایی ندارد</bdi>"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let page = go_on(&p, &to, "do=try").await;
    let troubles = between(&page, "class=\"troubles\"", "</section>");
    assert!(
        !troubles.is_empty(),
        "{}",
        between(&page, "id=\"import\"", "<h2>")
    );
    assert!(
        troubles.contains(&format!("href=\"/contacts/{id}\"")) && troubles.contains("Walker"),
        "{troubles}"
    );
    assert!(!troubles.replace(&format!("/contacts/{id}"), "").contains(&id));
}
