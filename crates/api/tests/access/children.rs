//! What belongs to another record is taken out in bulk as that one is.

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use super::world::World;

/// A file of order lines or contact points holds those of the records that its owner may take out, however much of the
/// rest they may read, and whatever the role says of the lines themselves.
#[db_test]
async fn a_file_of_children_ends_where_that_of_their_parents_does(db: TestDb) {
    let w = World::new(&db).await;
    let (_, boss) = w.person("boss", "admin").await;
    let system = peyvand_app::Caller::system(&w.main, peyvand_core::Via::Cli);
    for (name, own) in [
        ("plain", json!({})),
        (
            "named",
            json!({"order_line": {"export": "all"}, "contact_point": {"export": "all"}}),
        ),
    ] {
        let rules = json!({"default": {"read": "all", "export": "own"}, "objects": own});
        w.app
            .save_role(&system, name, Some(name), Some(&rules))
            .await
            .unwrap();
        let (me, token) = w.person(name, name).await;
        for (owner, mark) in [(Some(me), "mine"), (None, "theirs")] {
            let owner = owner.map(|o| o.to_string());
            let contact = json!({
                "name": {"family": "Kamali"}, "emails": [format!("{mark}-{name}@example.com")], "owner_id": owner
            });
            let (status, contact) = w.ask(&boss, "POST", "/api/v1/contacts", Some(&contact)).await;
            assert_eq!(status, 201, "{contact}");
            let order = json!({"contact_id": contact["id"], "owner_id": owner, "kind": "sale"});
            let (status, order) = w.ask(&boss, "POST", "/api/v1/orders", Some(&order)).await;
            assert_eq!(status, 201, "{order}");
            let line =
                json!({"order_id": order["id"], "description": format!("{mark} {name}"), "quantity": "1"});
            let (status, line) = w.ask(&boss, "POST", "/api/v1/order-lines", Some(&line)).await;
            assert_eq!(status, 201, "{line}");
        }
        for (plural, mine, theirs) in [
            ("order-lines", format!("mine {name}"), format!("theirs {name}")),
            (
                "contact-points",
                format!("mine-{name}@"),
                format!("theirs-{name}@"),
            ),
        ] {
            // Control: both are read.
            let (_, list) = w
                .call(&token, "GET", &format!("/api/v1/{plural}?limit=200"), None)
                .await;
            assert!(list.contains(&mine) && list.contains(&theirs), "{list}");
            let body = json!({"object": plural, "format": "csv"});
            let (status, begun) = w.ask(&token, "POST", "/api/v1/exports", Some(&body)).await;
            assert_eq!(status, 202, "{begun}");
            w.work().await;
            let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
            let (status, bytes) = w.bytes(&token, &path).await;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(status, 200, "{text}");
            assert!(text.contains(&mine), "{plural}: {text}");
            assert!(!text.contains(&theirs), "{plural} as {name}: {text}");
        }
    }
}
