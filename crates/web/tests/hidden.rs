//! A field that is hidden takes itself off the pages, not the pages: whichever it is, they open.

mod common;

use common::place;
use peyvand_app::Caller;
use peyvand_core::Via;
use serde_json::json;

/// Pages that ask of their own accord for what these objects hold.
const PAGES: &[&str] = &[
    "/",
    "/deals/board",
    "/calendar",
    "/calendar?view=day",
    "/calendar?view=agenda",
];
const ASKED: &[&str] = &[
    "activity", "contact", "company", "deal", "order", "pipeline", "stage", "user",
];

#[tokio::test]
async fn whichever_field_is_hidden_the_pages_open() {
    let mut p = place().await;
    let boss = Caller::system(&p.workspace, Via::Cli);
    for (object, given) in [
        ("pipelines", "name=Sales"),
        ("companies", "name=Globex"),
        ("activities", "subject=Call&kind=call&due_at=2026-11-24"),
    ] {
        p.make(object, given).await;
    }
    let catalog = std::sync::Arc::clone(p.workspace.catalog());
    let all = json!({"default": {"read": "all", "create": "all", "update": "all", "export": "all"}});
    p.app
        .save_role(&boss, "reader-of-most", Some("خواننده"), Some(&all))
        .await
        .unwrap();
    let reader = p.person("sara@example.ir", "سارا", "reader-of-most").await;
    p.cookie = reader;
    let mut tried = 0;
    for object in catalog.objects() {
        for (i, field) in object.fields.iter().enumerate() {
            let of_page = ASKED.contains(&object.key.as_str());
            let ordered = object
                .default_sort
                .as_deref()
                .is_some_and(|s| s.trim_start_matches('-') == field.key);
            if field.is_system() || !(of_page || ordered) {
                continue;
            }
            let rule = if i % 2 == 0 { "hidden" } else { "masked" };
            let mut rules = all.clone();
            rules["fields"] = json!({&object.key: {&field.key: rule}});
            if p.app
                .save_role(&boss, "reader-of-most", None, Some(&rules))
                .await
                .is_err()
            {
                // A rule that the field does not take.
                continue;
            }
            tried += 1;
            let list = format!("/{}", object.plural);
            let pages = PAGES.iter().copied().filter(|_| of_page);
            for page in pages.chain([list.as_str()]) {
                let answer = p.get(page).await;
                assert!(
                    answer.status.is_success(),
                    "{page} with {}.{} {rule}: {}\n{}",
                    object.key,
                    field.key,
                    answer.status,
                    answer.body
                );
            }
            // The control: the field is hidden indeed.
            if rule == "hidden" && field.filter {
                let asked = p.get(&format!("{list}?filter={}%20%3D%20null", field.key)).await;
                assert!(!asked.status.is_success(), "{}.{}", object.key, field.key);
            }
        }
    }
    assert!(tried > 80, "{tried}");
}
