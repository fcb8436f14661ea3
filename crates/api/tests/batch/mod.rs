//! Many records in one request: what stands around them, each with its own result, all or nothing.

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

/// Words of the faults of an answer: the field and what is wrong with it.
fn faults(json: &Value) -> Vec<String> {
    json["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| {
            format!(
                "{} {}",
                e["field"].as_str().unwrap_or_default(),
                e["code"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

async fn total(w: &World, plural: &str) -> u64 {
    let a = w.call("GET", &format!("/{plural}?count=true"), &[], b"").await;
    a.json["total"].as_u64().expect("a total")
}

/// Every operation that takes JSON, by the description: its example with one member that is not declared is refused, and
/// the member named. The control: the example alone is never refused for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_declared_is_refused_everywhere() {
    const UNKNOWN: &str = "x-nobody-knows";
    let w = World::new().await;
    let document = w.call("GET", "/openapi.json", &[], b"").await.json;
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, o) in methods.as_object().expect("methods") {
            let Some(example) = o["requestBody"]["content"]["application/json"].get("example") else {
                continue;
            };
            let path = filled(path);
            let method = method.to_ascii_uppercase();
            let named = |a: &crate::world::Answer| {
                a.json["errors"]
                    .as_array()
                    .is_some_and(|e| e.iter().any(|e| e["field"] == UNKNOWN))
            };
            let mut body = example.clone();
            let a = w.call(&method, &path, &[], body.to_string().as_bytes()).await;
            assert!(!named(&a), "{method} {path}: {}", a.json);
            body[UNKNOWN] = json!(42);
            let a = w.call(&method, &path, &[], body.to_string().as_bytes()).await;
            assert!(
                a.status == 422 && named(&a),
                "{method} {path}: {} {}",
                a.status,
                a.json
            );
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried}");
}

/// What an item may have beside its fields is looked at, item by item; nothing is guessed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_what_it_says() {
    let w = World::new().await;
    let a = w
        .call("POST", "/tags/batch", &[], br#"{"items":[{"name":"a"}]}"#)
        .await;
    let id = a.json["data"][0]["id"].as_str().expect("an id").to_owned();
    let items = json!([
        {"id": 7, "name": "b"},
        {"id": id, "version": 0, "name": "b"},
        {"id": id, "version": "1", "name": "b"},
        {"version": 1, "name": "b"},
        {"id": "nonsense", "name": "b"},
        {"id": "01900000-0000-7000-8000-000000000000", "name": "b"},
        7,
        {"id": id, "version": 1, "name": "c"},
    ]);
    let a = w
        .call("POST", "/tags/batch", &[], items.to_string().as_bytes())
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let results = a.json["data"].as_array().expect("results");
    let said: Vec<(u64, Vec<String>)> = results
        .iter()
        .map(|r| (r["status"].as_u64().expect("a status"), faults(r)))
        .collect();
    let wrong = |s: &str| (422, vec![s.to_owned()]);
    assert_eq!(
        said,
        [
            wrong("id wrong-type"),
            wrong("version too-small"),
            wrong("version wrong-type"),
            wrong("version read-only"),
            (404, vec![]),
            (404, vec![]),
            wrong("item wrong-type"),
            (200, vec![]),
        ]
    );
    assert_eq!(total(&w, "tags").await, 1);
    let a = w.call("GET", &format!("/tags/{id}"), &[], b"").await;
    assert_eq!(a.json["name"], "c");
    // What would be made is held to the same rules as what is made.
    for (body, fault) in [
        (json!({"version": 0}), "version read-only"),
        (json!({"nothing": 1}), "nothing unknown-field"),
        (json!({"name": 7}), "name wrong-type"),
    ] {
        let a = w
            .call("POST", "/tags/duplicates", &[], body.to_string().as_bytes())
            .await;
        assert_eq!((a.status, faults(&a.json)), (422, vec![fault.to_owned()]));
    }
    let a = w.call("POST", "/tags/duplicates", &[], b"{}").await;
    assert_eq!(a.status, 200, "some of the values are enough: {}", a.json);
}

/// `atomic=true`: one item that cannot be done, and nothing is; the same items without it are done one by one.
#[db_test]
async fn all_or_nothing(db: TestDb) {
    let w = World::on(db).await;
    let a = w
        .call("POST", "/categories", &[], br#"{"name":"old","code":"OLD"}"#)
        .await;
    let id = a.json["id"].as_str().expect("an id").to_owned();
    let theirs = w
        .call_as(&w.other, "POST", "/categories", &[], br#"{"name":"theirs"}"#)
        .await;
    let theirs = theirs.json["id"].as_str().expect("an id").to_owned();
    let fine = json!({"name": "new"});
    let twice = json!({"id": id, "name": "twice"});
    // Each with what is answered and the number of the item that is to blame.
    let refused: Vec<(Vec<Value>, u16, Option<u64>)> = vec![
        (vec![fine.clone(), json!({"name": ""})], 422, Some(1)),
        (
            vec![fine.clone(), json!({"name": "x", "nothing": 1})],
            422,
            Some(1),
        ),
        (vec![fine.clone(), fine.clone(), json!(7)], 422, Some(2)),
        (
            vec![fine.clone(), json!({"id": theirs, "name": "x"})],
            404,
            Some(1),
        ),
        (
            vec![fine.clone(), json!({"name": "x", "parent_id": theirs})],
            422,
            Some(1),
        ),
        (vec![fine.clone(), twice.clone(), twice.clone()], 400, Some(2)),
        // Not known before it is written: two of one code, one of them new and one of them there.
        (
            vec![
                json!({"name": "x", "code": "A"}),
                json!({"name": "y", "code": "A"}),
            ],
            409,
            None,
        ),
        (vec![fine.clone(), json!({"name": "x", "code": "OLD"})], 409, None),
        (vec![fine.clone(); 301], 413, None),
    ];
    for (items, status, item) in &refused {
        let body = json!({ "items": items }).to_string();
        let a = w
            .call("POST", "/categories/batch?atomic=true", &[], body.as_bytes())
            .await;
        assert_eq!(
            (a.status, a.json["item"].as_u64()),
            (*status, *item),
            "{body:.200}: {}",
            a.json
        );
        assert_eq!(total(&w, "categories").await, 1, "{body:.200}");
        let kept = w.call("GET", &format!("/categories/{id}"), &[], b"").await;
        assert_eq!(kept.json["version"], 1, "{body:.200}");
    }
    // The log is sealed before it is shown.
    w.work().await;
    let log = w.call("GET", "/audit?object=category", &[], b"").await;
    assert_eq!(log.json["data"].as_array().map(Vec::len), Some(1), "{}", log.json);
    // The control: one by one, the same items leave what could be done.
    let body = json!({ "items": refused[0].0 }).to_string();
    let a = w.call("POST", "/categories/batch", &[], body.as_bytes()).await;
    let statuses: Vec<u64> = (0..2)
        .filter_map(|n| a.json["data"][n]["status"].as_u64())
        .collect();
    assert_eq!((statuses, total(&w, "categories").await), (vec![201, 422], 2));
    // What can be done is done at once, and once under one key.
    let items = json!({"items": [{"name": "one", "code": "1"}, {"id": id, "version": 1, "name": "changed"}, {"name": "two"}]});
    for _ in 0..2 {
        let a = w
            .call(
                "POST",
                "/categories/batch?atomic=true",
                &[("Idempotency-Key", "k")],
                items.to_string().as_bytes(),
            )
            .await;
        assert_eq!(a.status, 200, "{}", a.json);
        let said: Vec<(u64, u64)> = (0..3)
            .filter_map(|n| {
                let r = &a.json["data"][n];
                Some((r["status"].as_u64()?, r["version"].as_u64()?))
            })
            .collect();
        assert_eq!(said, [(201, 1), (200, 2), (201, 1)]);
        assert_eq!(total(&w, "categories").await, 4);
    }
    let again = json!({"items": [{"id": id, "version": 1, "name": "too late"}, fine]});
    let a = w
        .call(
            "POST",
            "/categories/batch?atomic=1",
            &[],
            again.to_string().as_bytes(),
        )
        .await;
    assert_eq!((a.status, a.json["item"].as_u64()), (409, Some(0)), "{}", a.json);
    assert_eq!(total(&w, "categories").await, 4);
}

/// An address of a description with something in the place of each parameter.
pub(crate) fn filled(path: &str) -> String {
    path.replace("{id}", "01900000-0000-7000-8000-000000000000")
        .replace("{grantee}", "01900000-0000-7000-8000-000000000000")
        .replace("{source}", "shop")
        .replace("{key}", "1")
}
