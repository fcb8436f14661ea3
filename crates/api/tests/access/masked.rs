//! What a role masks is told from what is not there, and still not told.

use peyvand_app::Caller;
use peyvand_core::Via;
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use super::world::World;

/// That somebody looked at a field is told to those who know of it.
#[db_test]
async fn a_hidden_field_is_not_named_by_who_looked_at_it(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({"default": {"read": "all"}, "fields": {"contact": {"national_id": "hidden"}}});
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let (_, clerk) = w.person("clerk", "clerk").await;
    let (_, boss) = w.person("boss", "admin").await;
    let body = json!({"name": {"family": "Kamali"}, "national_id": "0499370899"});
    let (_, made) = w.ask(&boss, "POST", "/api/v1/contacts", Some(&body)).await;
    let path = format!("/api/v1/contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(w.call(&boss, "GET", &path, None).await.0, 200);
    let log = format!("{path}/audit");
    for (token, told) in [(&boss, true), (&clerk, false)] {
        let (status, answer) = w.call(token, "GET", &log, None).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer.contains("viewed"), "{answer}");
        assert_eq!(answer.contains("national_id"), told, "{answer}");
    }
}

/// A number, a date and an amount that are masked stand in every answer as such: a number by dots and its end, what has no
/// room for dots by its name in a list. Who has none has none, and what would tell the value is nowhere.
#[db_test]
async fn a_mask_is_told_from_nothing(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({
        "default": {"read": "all", "export": "all"},
        "fields": {
            "contact": {"phones": "masked", "birth_date": "masked", "job_title": "hidden"},
            "deal": {"amount": "masked", "name": "read_only"},
            "note": {"body": "masked"}
        }
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let (_, clerk) = w.person("clerk", "clerk").await;
    let (_, boss) = w.person("boss", "admin").await;
    let make = async |plural: &str, body: Value| -> String {
        let path = format!("/api/v1/{plural}");
        let (status, made) = w.ask(&boss, "POST", &path, Some(&body)).await;
        assert_eq!(status, 201, "{made}");
        format!("{path}/{}", made["id"].as_str().unwrap())
    };
    let with = json!({
        "name": {"family": "Kamali"}, "phones": ["09121234567"], "birth_date": "1987-06-05", "job_title": "Head"
    });
    let with = make("contacts", with).await;
    let without = make("contacts", json!({"name": {"family": "Rad"}})).await;
    let deal = json!({"name": "Zagros", "amount": {"amount": "987654321", "currency": "IRR"}});
    let deal = make("deals", deal).await;
    let note = make("notes", json!({"body": "<p>private words</p>"})).await;
    let as_clerk = async |path: &str| -> Value {
        let (status, answer) = w.ask(&clerk, "GET", path, None).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };

    let seen = as_clerk(&with).await;
    // +989121234567 has thirteen characters.
    assert_eq!(seen["phones"][0]["value"], "•••••••••••67", "{seen}");
    assert_eq!(seen["birth_date"], Value::Null);
    assert_eq!(seen["masked"], json!(["birth_date"]));
    assert!(seen.get("job_title").is_none());
    let none = as_clerk(&without).await;
    assert!(
        none.get("masked").is_none() && none["birth_date"].is_null(),
        "{none}"
    );
    let list = as_clerk("/api/v1/contacts?sort=created_at&fields=birth_date").await;
    assert_eq!(list["data"][0]["masked"], json!(["birth_date"]), "{list}");
    assert!(list["data"][1].get("masked").is_none(), "{list}");
    let seen = as_clerk(&deal).await;
    assert_eq!(
        (&seen["amount"], &seen["masked"]),
        (&Value::Null, &json!(["amount"]))
    );
    let seen = as_clerk(&note).await;
    assert_eq!(seen["body"], "•••••••••••ds");
    // The number stands as a record of its own, too.
    let id = with.rsplit('/').next().unwrap();
    let points = as_clerk(&format!("/api/v1/contacts/{id}/contact-points")).await;
    assert_eq!(points["data"][0]["value"], "•••••••••••67", "{points}");

    for (object, format, shown) in [
        ("contacts", "csv", true),
        ("contacts", "ndjson", true),
        ("contacts", "vcf", false),
        ("deals", "csv", true),
    ] {
        let body = json!({"object": object, "format": format});
        let (_, begun) = w.ask(&clerk, "POST", "/api/v1/exports", Some(&body)).await;
        w.work().await;
        let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
        let (status, bytes) = w.bytes(&clerk, &path).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(status, 200, "{text}");
        assert_eq!(text.contains("•••"), shown, "{object} as {format}: {text}");
        for value in ["1987", "912123", "987654321"] {
            assert!(!text.contains(value), "{object} as {format}: {text}");
        }
    }
}
