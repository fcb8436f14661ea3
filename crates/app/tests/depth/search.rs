//! A search is paged without losing or repeating anybody while others write.

use std::collections::BTreeSet;

use peyvand_app::ListRequest;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

#[db_test]
async fn pages_of_a_search_stay_whole(db: TestDb) {
    let w = World::new(db).await;
    let mut all = BTreeSet::new();
    for n in 0..30 {
        let r = w
            .create(
                "contact",
                json!({"name": {"given": format!("کس{n}"), "family": "رهنورد"}}),
            )
            .await
            .unwrap();
        all.insert(r.id());
    }
    let contacts = w.object("contact");
    let ask = async |cursor: Option<String>, q: &str| {
        let request = ListRequest {
            q: Some(q.to_owned()),
            cursor,
            limit: Some(7),
            count: true,
            ..ListRequest::default()
        };
        w.app.list(&w.caller, &contacts, &request).await
    };
    let (mut seen, mut cursor, mut pages) = (BTreeSet::new(), None, 0);
    loop {
        let page = ask(cursor.clone(), "رهنورد").await.unwrap();
        for r in &page.records {
            assert!(seen.insert(r.id()), "shown twice");
        }
        pages += 1;
        assert!(
            !page.at_least,
            "how many there are is known, whichever page is shown"
        );
        if page.next.is_none() {
            break;
        }
        cursor = page.next;
        // A new one stands before all others: it moves the rest, and must not bring anybody back.
        w.create("contact", json!({"name": {"given": "نو", "family": "رهنورد"}}))
            .await
            .unwrap();
    }
    assert!(all.is_subset(&seen), "{} of {}", seen.len(), all.len());
    assert_eq!(pages, 5);
    // A cursor of one question is no cursor of another.
    let first = ask(None, "رهنورد").await.unwrap().next;
    assert_eq!(ask(first, "کس").await.unwrap_err().code(), "bad-parameter");
    assert_eq!(
        ask(Some("x".to_owned()), "کس").await.unwrap_err().code(),
        "bad-parameter"
    );
}
