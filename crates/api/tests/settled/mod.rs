//! What a workspace is run with, over the interface: what cannot be is refused with its code, whoever asks.

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

async fn send(w: &World, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let a = w.call(method, path, &[], body.to_string().as_bytes()).await;
    (a.status, a.json)
}

async fn make(w: &World, path: &str, body: &Value) -> String {
    let (status, json) = send(w, "POST", path, body).await;
    assert_eq!(status, 201, "{path}: {json}");
    json["id"].as_str().expect("an id").to_owned()
}

/// The fields that are refused, with their codes.
fn refused((status, json): (u16, Value)) -> Vec<(String, String)> {
    assert_eq!(status, 422, "{json}");
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let errors = json["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|e| (text(&e["field"]), text(&e["code"])))
        .collect()
}

fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[db_test]
async fn what_others_stand_on_stays(db: TestDb) {
    let w = World::on(db).await;
    let line = make(&w, "/pipelines", &json!({"name": "Sales", "position": 1})).await;
    let stage = json!({"name": "New", "kind": "open", "pipeline_id": line, "position": 1});
    let stage = make(&w, "/stages", &stage).await;
    let deal = make(&w, "/deals", &json!({"name": "Roof", "stage_id": stage})).await;
    for path in [format!("/stages/{stage}"), format!("/pipelines/{line}")] {
        let (status, json) = send(&w, "DELETE", &path, &Value::Null).await;
        assert_eq!(
            (status, &json["code"], &json["count"]),
            (409, &json!("in-use"), &json!(1)),
            "{json}"
        );
        assert_eq!(json["object"], json!("deal"));
        assert_eq!(w.call("GET", &path, &[], b"").await.status, 200);
    }
    let gone = w.call("DELETE", &format!("/deals/{deal}"), &[], b"").await;
    assert!(gone.status < 300, "{}", gone.json);
    let gone = w.call("DELETE", &format!("/stages/{stage}"), &[], b"").await;
    assert!(gone.status < 300, "{}", gone.json);
}

#[db_test]
async fn rates_people_and_files_that_cannot_be(db: TestDb) {
    let w = World::on(db).await;
    let rate = |currency: &str, base: &str, rate: &str| json!({"currency": currency, "base": base, "rate": rate, "valid_on": "2026-11-01"});
    let to = "/currency-rates";
    assert_eq!(
        refused(send(&w, "POST", to, &rate("EUR", "IRR", "0")).await),
        one("rate", "out-of-range")
    );
    assert_eq!(
        refused(send(&w, "POST", to, &rate("EUR", "EUR", "2")).await),
        one("base", "same-currency")
    );
    assert_eq!(
        refused(send(&w, "POST", to, &rate("XXQ", "IRR", "2")).await),
        one("currency", "unknown-currency")
    );
    make(&w, to, &rate("EUR", "IRR", "700000")).await;

    let nobody = json!({"name": "Sara", "email": "sara@example.ir"});
    assert_eq!(
        refused(send(&w, "POST", "/users", &nobody).await),
        one("role_id", "required")
    );
    let me = w.call("GET", "/users", &[], b"").await.json["data"][0]["id"].clone();
    let me = format!("/users/{}", me.as_str().expect("an id"));
    let seen = json!({"last_seen_at": "2026-01-01T00:00:00Z"});
    assert_eq!(
        refused(send(&w, "PATCH", &me, &seen).await),
        one("last_seen_at", "unknown-field")
    );
    assert_eq!(
        refused(send(&w, "PATCH", &me, &json!({"role_id": null})).await),
        one("role_id", "wrong-type")
    );
}
