//! What a workspace is run with, over the interface: what cannot be is refused with its code, whoever asks.

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

#[db_test]
async fn what_others_stand_on_stays(db: TestDb) {
    let w = World::on(db).await;
    let line = w
        .make("pipelines", &json!({"name": "Sales", "position": 1}))
        .await;
    let stage = json!({"name": "New", "kind": "open", "pipeline_id": line, "position": 1});
    let stage = w.make("stages", &stage).await;
    let deal = w.make("deals", &json!({"name": "Roof", "stage_id": stage})).await;
    for path in [format!("/stages/{stage}"), format!("/pipelines/{line}")] {
        let a = w.send("DELETE", &path, &Value::Null).await;
        assert_eq!((a.status, &a.json["code"]), (409, &json!("in-use")), "{}", a.json);
        assert_eq!((&a.json["object"], &a.json["count"]), (&json!("deal"), &json!(1)));
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
        w.send("POST", to, &rate("EUR", "IRR", "0")).await.fault(),
        "422 rate out-of-range"
    );
    assert_eq!(
        w.send("POST", to, &rate("EUR", "EUR", "2")).await.fault(),
        "422 base same-currency"
    );
    assert_eq!(
        w.send("POST", to, &rate("XXQ", "IRR", "2")).await.fault(),
        "422 currency unknown-currency"
    );
    w.make("currency-rates", &rate("EUR", "IRR", "700000")).await;

    let nobody = json!({"name": "Sara", "email": "sara@example.ir"});
    assert_eq!(
        w.send("POST", "/users", &nobody).await.fault(),
        "422 role_id required"
    );
    let me = w.call("GET", "/users", &[], b"").await.json["data"][0]["id"].clone();
    let me = format!("/users/{}", me.as_str().expect("an id"));
    let seen = json!({"last_seen_at": "2026-01-01T00:00:00Z"});
    assert_eq!(
        w.send("PATCH", &me, &seen).await.fault(),
        "422 last_seen_at unknown-field"
    );
    assert_eq!(
        w.send("PATCH", &me, &json!({"role_id": null})).await.fault(),
        "422 role_id wrong-type"
    );
}
