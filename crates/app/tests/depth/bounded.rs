//! A filter that asks too much at once is cut off with a clear error, and disturbs nobody.

use std::time::Duration;

use peyvand_app::ListRequest;
use peyvand_numbers::Language;
use peyvand_testkit::db::open_within;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

#[db_test]
async fn a_filter_over_three_relations_is_bounded_by_time(db: TestDb) {
    let w = World::new(open_within(db.kind, Duration::from_secs(2)).await).await;
    let company = w
        .create("company", json!({"name": "بزرگ"}))
        .await
        .unwrap()
        .id()
        .to_string();
    for n in 0..250 {
        for object in ["contact", "deal"] {
            w.create(object, json!({"name": format!("{n}"), "company_id": company}))
                .await
                .unwrap();
        }
    }
    let contacts = w.object("contact");
    let ask = async |filter: &str| {
        let request = ListRequest {
            filter: Some(filter.to_owned()),
            ..ListRequest::default()
        };
        w.app.list(&w.caller, &contacts, &request).await
    };
    // Each contact, its company's deals, their company's contacts, their company's deals: 250⁴ rows.
    let wide =
        "company.deals.count(company.contacts.count(company.deals.count(name = \"نیست\") > 0) > 0) > 0";
    let e = ask(wide).await.unwrap_err();
    assert_eq!(e.code(), "timeout", "{e}");
    for language in [Language::Fa, Language::En] {
        assert!(
            !e.message(language).contains("timeout"),
            "{}",
            e.message(language)
        );
    }
    // The next question is answered, and so is a smaller one of the same kind.
    assert_eq!(ask("name = \"7\"").await.unwrap().records.len(), 1);
    assert_eq!(
        ask("company.deals.count(name = \"نیست\") > 0")
            .await
            .unwrap()
            .records
            .len(),
        0
    );
}
