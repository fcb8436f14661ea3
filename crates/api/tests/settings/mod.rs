//! What the pages can do and programs can too: tags of a record, settings of the workspace, numbers; and what is said when
//! something cannot be.

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

#[db_test]
async fn tags_are_put_on_and_taken_off(db: TestDb) {
    let w = World::on(db).await;
    let tag = w.make("tags", &json!({"name": "Key account"})).await;
    let company = w.make("companies", &json!({"name": "Saba"})).await;
    let names = async || {
        let a = w
            .call("GET", &format!("/companies/{company}/tags"), &[], b"")
            .await;
        assert_eq!(a.status, 200, "{}", a.json);
        let all = a.json["data"].as_array().expect("tags").clone();
        all.iter()
            .map(|t| t["name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    let found = async || {
        let filter = "tagged(%22key%20account%22)";
        let a = w
            .call("GET", &format!("/companies?filter={filter}"), &[], b"")
            .await;
        a.json["data"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((names().await.len(), found().await), (0, 0));
    let at = format!("/companies/{company}/tags/{tag}");
    for _ in 0..2 {
        assert_eq!(w.call("PUT", &at, &[], b"").await.status, 204);
        assert_eq!(
            (names().await, found().await),
            (vec!["Key account".to_owned()], 1)
        );
    }
    let log = w
        .call("GET", &format!("/companies/{company}/audit"), &[], b"")
        .await;
    assert_eq!(
        log.json["data"][0]["detail"],
        json!({"tag": [null, tag]}),
        "{}",
        log.json
    );
    assert_eq!(
        log.json["data"].as_array().map(Vec::len),
        Some(2),
        "made, and tagged once"
    );
    for _ in 0..2 {
        assert_eq!(w.call("DELETE", &at, &[], b"").await.status, 204);
        assert_eq!((names().await.len(), found().await), (0, 0));
    }
    let nothing = format!("/companies/{company}/tags/{company}");
    assert_eq!(w.call("PUT", &nothing, &[], b"").await.status, 404);
}

#[db_test]
async fn settings_are_read_and_changed(db: TestDb) {
    let w = World::on(db).await;
    let a = w.call("GET", "/workspace", &[], b"").await;
    assert_eq!(a.json["currency"], "IRR", "{}", a.json);
    assert_eq!(a.json["iran_holidays"], true, "{}", a.json);
    let off = json!({"time_zone": "europe/london"});
    let a = w.send("PATCH", "/workspace", &off).await;
    assert_eq!(a.json["time_zone"], "Europe/London", "{}", a.json);
    assert_eq!(a.json["iran_holidays"], false, "{}", a.json);
    assert_eq!(a.json["numbering"], json!({"order": null, "product": null}));
    let a = w.send("PATCH", "/workspace", &json!({"currency": "eur", "time_zone": "Europe/London", "calendar": "gregorian", "sending_paused": true, "iran_holidays": true}))
    .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let a = w.call("GET", "/workspace", &[], b"").await;
    for (key, value) in [
        ("currency", json!("EUR")),
        ("time_zone", json!("Europe/London")),
        ("calendar", json!("gregorian")),
        ("language", json!("fa")),
        ("sending_paused", json!(true)),
        ("iran_holidays", json!(true)),
        ("codes_required", json!(false)),
    ] {
        assert_eq!(a.json[key], value, "{key}: {}", a.json);
    }
    let a = w
        .send(
            "PATCH",
            "/workspace",
            &json!({"currency": "XQX", "time_zone": "Nowhere/At_all"}),
        )
        .await;
    assert_eq!(a.status, 422, "{}", a.json);
    let fields: Vec<&str> = a.json["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|e| e["field"].as_str())
        .collect();
    assert_eq!(fields, ["currency", "time_zone"]);
    // Who has no codes could not take it back: everything but their own account would be closed to them.
    let all = json!({"codes_required": true});
    assert_eq!(
        w.send("PATCH", "/workspace", &all).await.fault(),
        "422 codes_required own-codes-first"
    );
    let a = w.call("GET", "/workspace", &[], b"").await;
    assert_eq!(a.json["codes_required"], json!(false), "{}", a.json);

    let a = w
        .send(
            "PUT",
            "/workspace/numbering/order",
            &json!({"prefix": "1405-", "width": 4, "next": 7}),
        )
        .await;
    assert_eq!(a.status, 204, "{}", a.json);
    let order = w.make("orders", &json!({})).await;
    let a = w.call("GET", &format!("/orders/{order}"), &[], b"").await;
    assert_eq!(a.json["number"], "1405-0007");
    let a = w.call("GET", "/workspace", &[], b"").await;
    assert_eq!(a.json["numbering"]["order"]["next"], 8, "{}", a.json);
    let a = w.call("DELETE", "/workspace/numbering/order", &[], b"").await;
    assert_eq!(a.status, 204);
    let order = w.make("orders", &json!({})).await;
    let a = w.call("GET", &format!("/orders/{order}"), &[], b"").await;
    assert!(a.json["number"].is_null(), "{}", a.json);
    let a = w.call("DELETE", "/workspace/numbering/contact", &[], b"").await;
    assert_eq!(a.status, 404);
}

#[db_test]
async fn numbers_without_a_country_are_of_the_firms_own(db: TestDb) {
    let w = World::on(db).await;
    for (zone, typed, kept) in [
        ("Asia/Tehran", "021 8888 1234", "+982188881234"),
        ("Europe/London", "020 7946 0958", "+442079460958"),
        ("Europe/London", "07700 900123", "+447700900123"),
        ("Europe/Berlin", "030 901820", "+4930901820"),
    ] {
        let a = w.send("PATCH", "/workspace", &json!({"time_zone": zone})).await;
        assert_eq!(a.status, 200, "{}", a.json);
        let made = w
            .make("contacts", &json!({"name": typed, "phones": [{"value": typed}]}))
            .await;
        let a = w.call("GET", &format!("/contacts/{made}"), &[], b"").await;
        assert_eq!(a.json["phones"][0]["value"], kept, "{zone}: {}", a.json);
    }
}

#[db_test]
async fn a_view_that_could_not_be_shown_is_not_kept(db: TestDb) {
    let w = World::on(db).await;
    let view = json!({"name": "Tehran", "object_key": "contact", "filter_text": "city = \"Tehran\"", "sort_by": "-created_at",
                      "group_by": "lifecycle",
                      "columns": {"columns": "name,city:120", "density": "compact"}});
    let id = w.make("saved-views", &view).await;
    for (change, fault) in [
        (
            json!({"filter_text": "city = = 1"}),
            "422 filter_text not-a-filter",
        ),
        (
            json!({"filter_text": "no_such = 1"}),
            "422 filter_text not-a-filter",
        ),
        (json!({"sort_by": "no_such"}), "422 sort_by not-an-order"),
        (json!({"group_by": "description"}), "422 group_by not-groupable"),
        (
            json!({"columns": {"columns": "name,no_such"}}),
            "422 columns not-columns",
        ),
        (
            json!({"columns": {"columns": "name:wide"}}),
            "422 columns not-columns",
        ),
        (json!({"columns": {"density": "huge"}}), "422 columns not-columns"),
        (json!({"columns": ["name"]}), "422 columns not-columns"),
        (json!({"object_key": "no_such"}), "422 object_key unknown-object"),
        // Deals have no city.
        (json!({"object_key": "deal"}), "422 filter_text not-a-filter"),
    ] {
        let a = w.send("PATCH", &format!("/saved-views/{id}"), &change).await;
        assert_eq!(a.fault(), fault, "{change}: {}", a.json);
        let mut whole = view.clone();
        for (key, value) in change.as_object().expect("a change") {
            whole[key] = value.clone();
        }
        assert_eq!(
            w.send("POST", "/saved-views", &whole).await.fault(),
            fault,
            "{whole}"
        );
    }
    let said = w
        .send(
            "PATCH",
            &format!("/saved-views/{id}"),
            &json!({"filter_text": "no_such = 1"}),
        )
        .await;
    let message = said.json["errors"][0]["message"]["en"]
        .as_str()
        .unwrap_or_default();
    assert!(
        message.contains("no_such"),
        "the sentence says what is wrong: {message}"
    );
    let other = json!({"filter_text": "city = \"Qom\"", "sort_by": "name", "name": "Qom"});
    assert_eq!(
        w.send("PATCH", &format!("/saved-views/{id}"), &other)
            .await
            .status,
        200
    );
}

#[db_test]
async fn a_refusal_says_what_is_there(db: TestDb) {
    let w = World::on(db).await;
    // An item of a batch that somebody else was faster with says what is there now, as a single change does.
    let company = w.make("companies", &json!({"name": "a"})).await;
    w.send("PATCH", &format!("/companies/{company}"), &json!({"name": "b"}))
        .await;
    let items = json!({"items": [{"id": company, "version": 1, "name": "c"}]});
    let a = w.send("POST", "/companies/batch", &items).await;
    let item = &a.json["data"][0];
    assert_eq!(item["status"], 409, "{}", a.json);
    assert_eq!(item["id"], company);
    assert_eq!(item["version"], 2);
    assert_eq!(item["now"], json!({"name": "b"}));

    // A role that people have is in use.
    let roles = w.call("GET", "/roles?limit=200", &[], b"").await;
    let admin = roles.json["data"]
        .as_array()
        .expect("roles")
        .iter()
        .find(|r| r["key"] == "admin")
        .expect("the administrators' role")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let a = w.call("DELETE", &format!("/roles/{admin}"), &[], b"").await;
    assert_eq!(
        (a.status, a.json["code"].as_str()),
        (409, Some("in-use")),
        "{}",
        a.json
    );
}
