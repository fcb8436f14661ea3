//! Fields and objects of the workspace's own, asked about as the product's are: along links, in counts, sums and groups.

use std::collections::BTreeSet;

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

fn named(key: &str) -> Value {
    json!({"fa": key, "en": key})
}

/// Machines that stand at companies, mentees of contacts, a margin of deals.
fn schema() -> Value {
    let field = |key: &str, rest: Value| {
        let mut all = json!({"key": key, "label": named(key)});
        for (k, v) in rest.as_object().expect("members") {
            all[k] = v.clone();
        }
        all
    };
    json!({"schema": {
        "fields": {
            "contact": [field("mentor", json!({"type": "link", "to": "contact", "inverse": "mentees"})),
                        field("friends", json!({"type": "links", "to": "contact", "inverse": "befriended"}))],
            "deal": [field("margin", json!({"type": "money"}))],
        },
        "object": [{
            "key": "machine", "plural": "machines", "title": "name", "ownable": true,
            "label": named("machine"), "labels": named("machines"),
            "field": [field("name", json!({"type": "text", "required": true})),
                      field("qty", json!({"type": "number"})),
                      field("page", json!({"type": "url"})),
                      field("weight", json!({"type": "decimal", "scale": 2})),
                      field("company", json!({"type": "link", "to": "company", "inverse": "machines"}))],
        }],
    }})
}

/// The names of what a filter finds.
async fn found(w: &World, plural: &str, filter: &str) -> BTreeSet<String> {
    let written: String = filter.bytes().map(|b| format!("%{b:02X}")).collect();
    let a = w
        .call("GET", &format!("/{plural}?filter={written}"), &[], b"")
        .await;
    assert_eq!(a.status, 200, "{plural}: {filter}: {}", a.json);
    let name = |r: &Value| {
        r["name"]
            .as_str()
            .or(r["name"]["family"].as_str())
            .map(str::to_owned)
    };
    a.json["data"]
        .as_array()
        .expect("a page")
        .iter()
        .filter_map(name)
        .collect()
}

#[db_test]
async fn own_links_and_numbers_are_filtered_and_summed(db: TestDb) {
    let w = World::on(db).await;
    let a = w
        .call("POST", "/schema/apply", &[], schema().to_string().as_bytes())
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let mcco = w.make("companies", &json!({"name": "McCo"})).await;
    let saba = w.make("companies", &json!({"name": "Saba"})).await;
    w.make("companies", &json!({"name": "None"})).await;
    for (name, qty, company) in [("one", 1, &mcco), ("two", 2, &mcco), ("three", 3, &saba)] {
        let body = json!({"name": name, "qty": qty, "weight": format!("{qty}.50"), "company": company});
        w.make("machines", &body).await;
    }
    w.make("machines", &json!({"name": "loose"})).await;
    let mentor = w.make("contacts", &json!({"name": {"family": "Mentor"}})).await;
    let pupil = json!({"name": {"family": "Pupil"}, "mentor": mentor});
    let pupil = w.make("contacts", &pupil).await;
    let lonely = json!({"name": {"family": "Friend"}, "friends": [mentor, pupil]});
    w.make("contacts", &lonely).await;
    let irr = |n: i64| json!({"amount": n.to_string(), "currency": "IRR"});
    for (name, company, margin) in [("a", &mcco, 70), ("b", &mcco, 40), ("c", &saba, 100)] {
        w.make(
            "deals",
            &json!({"name": name, "company_id": company, "margin": irr(margin)}),
        )
        .await;
    }
    w.make("deals", &json!({"name": "d", "company_id": saba})).await;
    // Longer than what the index keeps of a text.
    let page = format!("https://example.com/{}", "long/".repeat(300));
    w.make("machines", &json!({"name": "paged", "page": page})).await;
    for (plural, filter, wanted) in [
        ("machines", "page : example", vec!["paged"]),
        ("machines", "page : nothing", vec![]),
        ("machines", "company.name = McCo", vec!["one", "two"]),
        (
            "machines",
            "NOT company.name = McCo",
            vec!["three", "loose", "paged"],
        ),
        ("machines", "company.machines.count() > 1", vec!["one", "two"]),
        ("companies", "machines.count() > 0", vec!["McCo", "Saba"]),
        ("companies", "machines.count() = 0", vec!["None"]),
        ("companies", "machines.any(qty > 1)", vec!["McCo", "Saba"]),
        ("companies", "machines.any(qty > 2)", vec!["Saba"]),
        ("companies", "machines.count(qty < 3) = 2", vec!["McCo"]),
        ("companies", "machines.sum(qty) = 3", vec!["McCo", "Saba"]),
        ("companies", "machines.sum(weight) = 4", vec!["McCo"]),
        ("companies", "machines.sum(qty, qty > 1) = 2", vec!["McCo"]),
        ("companies", "deals.sum(margin) > 100", vec!["McCo"]),
        ("companies", "deals.sum(margin) >= 100 IRR", vec!["McCo", "Saba"]),
        ("contacts", "mentees.count() > 0", vec!["Mentor"]),
        ("contacts", "mentees.any(name : pup)", vec!["Mentor"]),
        ("contacts", "mentor.name : ment", vec!["Pupil"]),
        ("contacts", "befriended.any()", vec!["Mentor", "Pupil"]),
        ("contacts", "friends.any(mentor != null)", vec!["Friend"]),
        ("contacts", "friends.count() = 2", vec!["Friend"]),
    ] {
        let wanted = wanted.into_iter().map(str::to_owned).collect();
        assert_eq!(found(&w, plural, filter).await, wanted, "{plural}: {filter}");
    }
    // Sums of a list and of its groups.
    let a = w.call("GET", "/deals/sums?field=margin", &[], b"").await;
    assert_eq!((a.status, &a.json["base"]), (200, &json!("210")), "{}", a.json);
    assert_eq!(
        a.json["by_currency"],
        json!([{"currency": "IRR", "count": 3, "total": "210"}])
    );
    let a = w.call("GET", "/machines/sums?field=weight", &[], b"").await;
    assert_eq!(
        (a.status, &a.json["base"], &a.json["decimals"]),
        (200, &json!("750"), &json!(2)),
        "{}",
        a.json
    );
    let a = w
        .call("GET", "/deals/groups?by=company_id&sum=margin", &[], b"")
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let sums: BTreeSet<(String, String)> = a.json["data"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|g| (g["title"].to_string(), g["sums"]["margin"]["amount"].to_string()))
        .collect();
    let wanted = [("\"McCo\"", "\"110\""), ("\"Saba\"", "\"100\"")];
    assert_eq!(sums, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
}

/// What is wrong with a definition is said in both languages, with the field that it is about, when it is compared and when
/// it is applied; a confirmation is asked for in the words of whoever asks.
#[db_test]
async fn wrong_definitions_are_told_in_sentences(db: TestDb) {
    let w = World::on(db).await;
    let field = |rest: Value| {
        let mut all = json!({"key": "size", "type": "number", "label": named("size")});
        for (k, v) in rest.as_object().expect("members") {
            all[k] = v.clone();
        }
        json!({"schema": {"fields": {"contact": [all]}}})
    };
    let made = w
        .call(
            "POST",
            "/schema/apply",
            &[],
            field(json!({})).to_string().as_bytes(),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.json);
    let twice = json!({"schema": {"fields": {"contact": [
        {"key": "size", "type": "number", "label": named("size")},
        {"key": "city", "type": "text", "label": named("city")},
    ]}}});
    for (body, code, en, fa) in [
        (
            field(json!({"min": 5, "max": 1})),
            "catalog-field",
            "contact.size is not right. The lower bound",
            "contact.size درست نیست. کران پایین",
        ),
        (
            field(json!({"choices": [{"key": "a", "fa": "a", "en": "a"}]})),
            "catalog-field",
            "contact.size is not right. Only fields",
            "contact.size درست نیست. تنها",
        ),
        (
            field(json!({"key": "Bad Key"})),
            "catalog-bad-key",
            "“Bad Key” is no key",
            "«Bad Key» کلید نیست",
        ),
        (
            field(json!({"key": "to", "type": "link", "to": "nothing"})),
            "catalog-unknown",
            "contact.to speaks of “nothing”",
            "contact.to به «nothing» اشاره",
        ),
        (
            field(json!({"type": "date"})),
            "schema-not-widening",
            "contact.size is number and cannot become date",
            "contact.size اکنون number است",
        ),
        (
            twice,
            "catalog-duplicate",
            "contact.city is there already",
            "contact.city از پیش هست",
        ),
    ] {
        for path in ["/schema/diff", "/schema/apply"] {
            for (language, wanted) in [("en", en), ("fa", fa)] {
                let mut sent = body.clone();
                sent["confirmed"] = json!(true);
                let headers = [("Accept-Language", language)];
                let a = w.call("POST", path, &headers, sent.to_string().as_bytes()).await;
                assert_eq!(
                    (a.status, a.json["code"].as_str()),
                    (422, Some(code)),
                    "{path}: {}",
                    a.json
                );
                // Names among the words of the other direction are kept apart by marks that nobody sees.
                let said = a.json["detail"]
                    .as_str()
                    .expect("a sentence")
                    .replace(['\u{2068}', '\u{2069}'], "");
                assert!(said.contains(wanted), "{path}: {said}");
            }
        }
    }
    let a = w.call("POST", "/schema/apply", &[], br#"{"schema":{}}"#).await;
    assert_eq!(
        (a.status, a.json["code"].as_str()),
        (409, Some("schema-unconfirmed")),
        "{}",
        a.json
    );
    assert!(
        a.json["detail"]
            .as_str()
            .expect("a sentence")
            .contains("confirmed=true")
    );
    let a = w
        .call("POST", "/schema/apply", &[], br#"{"schema":{},"confirmed":true}"#)
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
}
