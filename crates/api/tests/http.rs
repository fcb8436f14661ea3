//! The interface over HTTP, on a real socket: what comes from outside is answered, whatever it is.

mod batch;
mod deleted;
mod description;
mod events;
mod groups;
mod lines;
mod named;
mod names;
mod own;
mod resources;
mod settings;
mod settled;
mod values;
mod world;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};
use world::{Answer, World};

const CONTACT: &str = r#"{"name":"سارا احمدی","city":"تهران"}"#;

fn field<'a>(a: &'a Answer, key: &str) -> &'a str {
    a.json[key].as_str().unwrap_or_default()
}

/// Wrong types, huge numbers, NUL, depth, invalid UTF-8, unknown fields and parameters: 4xx with a problem document,
/// never a 5xx, never a hang.
#[db_test]
async fn bad_input_is_refused_in_good_order(db: TestDb) {
    let w = World::on(db).await;
    let made = w.call("POST", "/contacts", &[], CONTACT.as_bytes()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let id = field(&made, "id").to_owned();
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let ten_megabytes = format!("{{\"name\":{}1{}}}", "[".repeat(5_000_000), "]".repeat(5_000_000));
    let long = format!("{{\"name\":\"{}\"}}", "ا".repeat(1_000_000));
    let bodies: Vec<(Vec<u8>, &[u16])> = vec![
        (b"".to_vec(), &[400]),
        (b"null".to_vec(), &[400]),
        (b"[]".to_vec(), &[400]),
        (b"7".to_vec(), &[400]),
        (b"{".to_vec(), &[400]),
        (b"{\"name\":\"\xFF\xFE\"}".to_vec(), &[400]),
        (b"{\"name\":\"\\ud800\"}".to_vec(), &[400]),
        (deep.into_bytes(), &[400]),
        (ten_megabytes.into_bytes(), &[413]),
        (long.into_bytes(), &[422]),
        (b"{\"name\":7,\"city\":[1]}".to_vec(), &[422]),
        (b"{\"no_such_field\":1}".to_vec(), &[422]),
        (b"{\"name\":\"x\",\"deleted_at\":1}".to_vec(), &[422]),
        (b"{\"name\":\"x\",\"company_id\":\"nonsense\"}".to_vec(), &[422]),
        (b"{\"name\":\"x\",\"birth_date\":1e400}".to_vec(), &[400, 422]),
        (
            b"{\"name\":\"x\",\"birth_date\":999999999999999999999}".to_vec(),
            &[422],
        ),
        (b"{\"name\":\"x\",\"emails\":{\"a\":{}}}".to_vec(), &[422]),
        (
            b"{\"name\":\"a\\u0000b\",\"city\":\"\\u0000\"}".to_vec(),
            &[200, 201, 422],
        ),
    ];
    for (body, wanted) in &bodies {
        for (method, path) in [
            ("POST", "/contacts".to_owned()),
            ("PATCH", format!("/contacts/{id}")),
        ] {
            let a = w.call(method, &path, &[], body).await;
            let shown: String = String::from_utf8_lossy(body).chars().take(60).collect();
            assert!(
                wanted.contains(&a.status),
                "{method} {shown}: {} {}",
                a.status,
                a.json
            );
            if a.status >= 400 && a.status != 413 {
                assert!(!field(&a, "code").is_empty(), "{shown}: no code");
            }
        }
    }
    // Every field of every object with a value of every JSON type.
    let objects = w.call("GET", "/objects", &[], b"").await;
    let list = objects.json["data"].as_array().expect("objects").clone();
    assert!(list.len() > 30);
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(0.1),
        json!(""),
        json!("\u{0}"),
        json!("' OR 1=1 --"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": null}),
        json!("9".repeat(400)),
        json!([1, "x", null]),
    ];
    let mut tried = 0;
    for o in &list {
        let plural = o["plural"].as_str().expect("a plural");
        for (n, f) in o["fields"].as_array().expect("fields").iter().enumerate() {
            let key = f["key"].as_str().expect("a key");
            for value in [&odd[n % odd.len()], &odd[(n * 7 + 3) % odd.len()]] {
                let body = json!({ key: value }).to_string();
                let a = w.call("POST", &format!("/{plural}"), &[], body.as_bytes()).await;
                assert!(a.status < 500, "{plural}.{key} = {value}: {}", a.json);
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

/// Every operation that takes JSON, by the description: bodies that are none, that are too deep or too large, and its own
/// example with each member in turn of another kind. Refused in good order, never a 5xx.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_takes_bad_bodies() {
    let w = World::new().await;
    let document = w.call("GET", "/openapi.json", &[], b"").await.json;
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes();
    let large = format!("{{\"name\":{}1{}}}", "[".repeat(5_000_000), "]".repeat(5_000_000)).into_bytes();
    let broken: [(&[u8], u16); 6] = [
        (b"{\"name\":\"\xFF\xFE\"}", 400),
        (b"{\"name\":", 400),
        (b"\0", 400),
        (b"{\"name\":1e400}", 400),
        (&deep, 400),
        (&large, 413),
    ];
    let odd = [
        json!("\u{0}"),
        json!(u64::MAX),
        json!([[1e308]]),
        json!({"a": null}),
        json!("9".repeat(400)),
        json!(-1),
        json!(true),
    ];
    let (mut operations, mut tried) = (0, 0);
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, o) in methods.as_object().expect("methods") {
            let Some(example) = o["requestBody"]["content"]["application/json"].get("example") else {
                continue;
            };
            let path = batch::filled(path);
            let method = method.to_ascii_uppercase();
            operations += 1;
            for (body, wanted) in broken {
                let a = w.call(&method, &path, &[], body).await;
                assert_eq!(a.status, wanted, "{method} {path}: {}", a.json);
            }
            for (n, key) in example.as_object().into_iter().flat_map(|m| m.keys()).enumerate() {
                for value in [
                    &odd[(operations + n) % odd.len()],
                    &odd[(operations + n + 3) % odd.len()],
                ] {
                    let mut body = example.clone();
                    body[key] = value.clone();
                    let a = w.call(&method, &path, &[], body.to_string().as_bytes()).await;
                    assert!(a.status < 500, "{method} {path} {key} = {value}: {}", a.json);
                    tried += 1;
                }
            }
        }
    }
    assert!(
        operations > 150 && tried > 800,
        "{operations} operations, {tried} values"
    );
}

/// Addresses, parameters and headers.
#[db_test]
async fn bad_addresses_and_parameters(db: TestDb) {
    let w = World::on(db).await;
    let made = w.call("POST", "/contacts", &[], CONTACT.as_bytes()).await;
    let id = field(&made, "id").to_owned();
    let nobody = "01900000-0000-7000-8000-000000000000";
    let long = "a".repeat(9000);
    let mut cases: Vec<(&str, String, &[u16])> = vec![
        ("GET", "/nothing".into(), &[404]),
        ("GET", "/contacts/nonsense".into(), &[404]),
        ("GET", format!("/contacts/{nobody}"), &[404]),
        ("PATCH", format!("/contacts/{nobody}"), &[404]),
        ("DELETE", format!("/contacts/{nobody}"), &[404]),
        ("POST", format!("/contacts/{nobody}/restore"), &[404]),
        ("POST", format!("/contacts/{id}/restore"), &[404]),
        ("PUT", "/contacts".into(), &[405]),
        ("GET", "/%FF%FE".into(), &[400, 404]),
        ("GET", "/contacts/%00".into(), &[400, 404]),
        ("GET", "/contacts?filter=%FF".into(), &[400]),
        ("GET", format!("/contacts?filter=city%3D{long}"), &[400, 414]),
        ("GET", "/contacts?limit=99999999999999999999".into(), &[400]),
        ("GET", "/contacts?limit=0".into(), &[400]),
        ("GET", "/contacts?deleted=".into(), &[400]),
        ("GET", "/contacts?count".into(), &[400]),
        ("GET", "/contacts?limit=-1".into(), &[400]),
        ("GET", "/contacts?unknown=1".into(), &[400]),
        ("GET", format!("/contacts/{id}?unknown=1"), &[400]),
        ("POST", "/contacts?unknown=1".into(), &[400]),
        ("PATCH", format!("/contacts/{id}?x"), &[400]),
        ("DELETE", format!("/contacts/{id}?x=1"), &[400]),
        ("GET", "/contacts?deleted=perhaps".into(), &[400]),
        ("GET", "/contacts?sort=address".into(), &[400]),
        (
            "GET",
            "/contacts?sort=name,city,job_title,created_at".into(),
            &[400],
        ),
        ("GET", "/contacts?cursor=AAAA".into(), &[400]),
        ("GET", "/contacts?filter=city%20%3D%3D%3D".into(), &[400]),
        ("GET", "/contacts?q=%00".into(), &[400]),
        ("GET", "/contacts?q=%22%20OR%20*".into(), &[200]),
    ];
    // Cursors that were made by hand: another order, keys of another kind.
    for keys in [
        "[]",
        "[null]",
        "[{\"I\":1}]",
        "[{\"T\":\"x\"}]",
        "[{\"T\":\"\\u0000\"}]",
        "[{\"B\":[1]}]",
        "[{\"B\":[]},{\"I\":1}]",
    ] {
        for order in [
            0_u32,
            world::order_of("contact", "name"),
            world::order_of("contact", "-created_at"),
        ] {
            let json = format!("{{\"order\":{order},\"keys\":{keys},\"id\":\"{nobody}\"}}");
            let cursor = world::base64(json.as_bytes());
            cases.push(("GET", format!("/contacts?sort=name&cursor={cursor}"), &[200, 400]));
            cases.push(("GET", format!("/contacts?cursor={cursor}"), &[200, 400]));
        }
    }
    for (method, path, wanted) in &cases {
        let body: &[u8] = if *method == "GET" { b"" } else { b"{}" };
        let a = w.call(method, path, &[], body).await;
        let shown: String = path.chars().take(90).collect();
        assert!(
            wanted.contains(&a.status),
            "{method} {shown}: {} {}",
            a.status,
            a.json
        );
    }
    for (name, value) in [
        ("If-Match", "\"x\""),
        ("If-Match", "99999999999999999999"),
        ("Idempotency-Key", ""),
    ] {
        let method = if name == "If-Match" { "PATCH" } else { "POST" };
        let path = if name == "If-Match" {
            format!("/contacts/{id}")
        } else {
            "/contacts".to_owned()
        };
        let a = w.call(method, &path, &[(name, value)], CONTACT.as_bytes()).await;
        assert_eq!(a.status, 400, "{name}: {value}");
    }
    for token in ["", "Bearer ", "Bearer x", "Basic eA=="] {
        let a = w.call_as(token, "GET", "/contacts", &[], b"").await;
        assert_eq!(a.status, 401, "{token}");
    }
}

/// An answer that is kept is no answer to a request that cannot be read.
#[db_test]
async fn a_kept_answer_does_not_hide_a_bad_header(db: TestDb) {
    let w = World::on(db).await;
    let made = w.call("POST", "/teams", &[], br#"{"name": "North"}"#).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let path = format!("/teams/{}", made.json["id"].as_str().expect("an id"));
    let patch = async |version: &str| {
        let headers = [("Idempotency-Key", "k"), ("If-Match", version)];
        w.call("PATCH", &path, &headers, br#"{"name": "South"}"#).await
    };
    assert_eq!(patch("\"1\"").await.status, 200);
    assert_eq!(patch("\"1\"").await.status, 200, "the control: it is kept");
    for bad in ["", "x", "\"x\""] {
        assert_eq!(patch(bad).await.status, 400, "{bad}");
    }
}

/// The records of another workspace are not there: by id, as a link, in lists.
#[db_test]
async fn another_workspace_is_not_there(db: TestDb) {
    let w = World::on(db).await;
    let theirs = w
        .call_as(&w.other, "POST", "/contacts", &[], CONTACT.as_bytes())
        .await;
    assert_eq!(theirs.status, 201);
    let id = field(&theirs, "id");
    for method in ["GET", "PATCH", "DELETE"] {
        let a = w
            .call(method, &format!("/contacts/{id}"), &[], b"{\"city\":\"x\"}")
            .await;
        assert_eq!(a.status, 404, "{method}");
    }
    let a = w
        .call(
            "POST",
            "/deals",
            &[],
            json!({"name": "x", "contact_id": id}).to_string().as_bytes(),
        )
        .await;
    assert_eq!(a.status, 422, "{}", a.json);
    let a = w
        .call("GET", "/contacts?q=%D8%B3%D8%A7%D8%B1%D8%A7", &[], b"")
        .await;
    assert_eq!(a.json["data"].as_array().map(Vec::len), Some(0), "{}", a.json);
    let a = w.call("GET", "/contacts", &[], b"").await;
    assert_eq!(a.json["data"].as_array().map(Vec::len), Some(0));
    let a = w
        .call_as(&w.other, "GET", &format!("/contacts/{id}"), &[], b"")
        .await;
    assert_eq!((a.status, a.json["version"].as_i64()), (200, Some(1)));
}

/// Item 14: fifty equal requests with one key have one effect; another body under the key is refused.
#[db_test]
async fn one_key_one_effect(db: TestDb) {
    let w = World::on(db).await;
    let calls = (0..50).map(|_| {
        let w = w.clone();
        tokio::spawn(async move {
            w.call(
                "POST",
                "/contacts",
                &[("Idempotency-Key", "k1")],
                CONTACT.as_bytes(),
            )
            .await
        })
    });
    let mut ids = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        let a = call.await.expect("an answer");
        if a.status == 409 {
            // Asked while the first was still being done.
            assert_eq!(field(&a, "code"), "idempotency-in-flight");
            continue;
        }
        assert_eq!(a.status, 201, "{}", a.json);
        ids.insert(field(&a, "id").to_owned());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    let again = w
        .call(
            "POST",
            "/contacts",
            &[("Idempotency-Key", "k1")],
            CONTACT.as_bytes(),
        )
        .await;
    assert_eq!((again.status, ids.contains(field(&again, "id"))), (201, true));
    let list = w.call("GET", "/contacts", &[], b"").await;
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(1));
    let a = w
        .call(
            "POST",
            "/contacts",
            &[("Idempotency-Key", "k1")],
            b"{\"name\":\"y\"}",
        )
        .await;
    assert_eq!(a.status, 422);
    assert_eq!(field(&a, "code"), "idempotency-key-reused");
    // The control: without a key, each has its effect.
    for _ in 0..2 {
        w.call("POST", "/contacts", &[], CONTACT.as_bytes()).await;
    }
    let list = w.call("GET", "/contacts", &[], b"").await;
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(3));
}

/// Fifty equal requests with one key on every other road of writing: one effect, one answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_one_effect_on_every_write() {
    let w = World::new().await;
    let make = async |name: &str| {
        let a = w
            .call(
                "POST",
                "/contacts",
                &[],
                format!("{{\"name\":\"{name}\"}}").as_bytes(),
            )
            .await;
        field(&a, "id").to_owned()
    };
    let (one, two) = (make("یک").await, make("دو").await);
    let audit = async |id: &str| {
        let a = w.call("GET", &format!("/contacts/{id}/audit"), &[], b"").await;
        a.json["data"].as_array().map_or(0, Vec::len)
    };
    // Sends it fifty times at once and once more; the body of the last answer.
    let fifty = async |method: &'static str, path: String, body: &'static str, wanted: u16| {
        let calls = (0..50).map(|_| {
            let (w, path) = (w.clone(), path.clone());
            tokio::spawn(async move {
                w.call(method, &path, &[("Idempotency-Key", "k")], body.as_bytes())
                    .await
            })
        });
        let mut served = 0;
        for call in calls.collect::<Vec<_>>() {
            let a = call.await.expect("an answer");
            if a.status == wanted {
                served += 1;
            } else {
                assert_eq!(
                    (a.status, field(&a, "code")),
                    (409, "idempotency-in-flight"),
                    "{method} {path}: {}",
                    a.json
                );
            }
        }
        assert!(served > 0, "{method} {path}: nobody was served");
        let again = w
            .call(method, &path, &[("Idempotency-Key", "k")], body.as_bytes())
            .await;
        assert_eq!(again.status, wanted, "{method} {path} again: {}", again.json);
        again
    };
    let a = fifty("PATCH", format!("/contacts/{one}"), "{\"job_title\":\"x\"}", 200).await;
    assert_eq!(a.json["version"], 2);
    let other = w
        .call(
            "PATCH",
            &format!("/contacts/{one}"),
            &[("Idempotency-Key", "k")],
            b"{\"job_title\":\"y\"}",
        )
        .await;
    assert_eq!(
        (other.status, field(&other, "code")),
        (422, "idempotency-key-reused")
    );
    fifty("DELETE", format!("/contacts/{one}"), "", 204).await;
    let a = fifty("POST", format!("/contacts/{one}/restore"), "", 200).await;
    assert_eq!(a.json["version"], 4);
    let body: &'static str = Box::leak(format!("{{\"from\":\"{two}\"}}").into_boxed_str());
    let a = fifty("POST", format!("/contacts/{one}/merge"), body, 200).await;
    let operation = a.header("peyvand-operation").expect("the operation").to_owned();
    let a = fifty("POST", format!("/merges/{operation}/undo"), "", 200).await;
    assert_eq!(field(&a, "id"), two);
    assert!(audit(&one).await <= 8, "{} entries", audit(&one).await);
    let items = "{\"items\":[{\"name\":\"سه\"},{\"name\":\"چهار\"},{\"name\":\"\"}]}";
    let a = fifty("POST", "/contacts/batch".to_owned(), items, 200).await;
    let made: Vec<u64> = a.json["data"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|r| r["status"].as_u64())
        .collect();
    assert_eq!(made, [201, 201, 422]);
    let list = w.call("GET", "/contacts?limit=200", &[], b"").await;
    assert_eq!(
        list.json["data"].as_array().map(Vec::len),
        Some(4),
        "two before, two by the batch"
    );
    let other = w
        .call(
            "POST",
            "/contacts/batch",
            &[("Idempotency-Key", "k")],
            b"{\"items\":[{\"name\":\"z\"}]}",
        )
        .await;
    assert_eq!(other.status, 422);
}

/// A creation tells of likely duplicates in a header, refuses when it is asked to, and is asked beforehand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn likely_duplicates_are_told() {
    let w = World::new().await;
    let body = "{\"name\":\"محمدرضا جلیلی\",\"phones\":[\"09123456789\"]}".as_bytes();
    let first = w.call("POST", "/contacts", &[], body).await;
    assert_eq!((first.status, first.header("duplicate-of")), (201, None));
    let id = field(&first, "id").to_owned();
    let asked = w
        .call(
            "POST",
            "/contacts/duplicates",
            &[],
            "{\"phones\":[\"+98 912 345 6789\"]}".as_bytes(),
        )
        .await;
    assert_eq!(asked.json["data"][0]["id"], id.as_str(), "{}", asked.json);
    assert_eq!(asked.json["data"][0]["reasons"], serde_json::json!(["mobile"]));
    let refused = w.call("POST", "/contacts?on_duplicate=refuse", &[], body).await;
    assert_eq!(
        (refused.status, field(&refused, "code")),
        (409, "likely-duplicate")
    );
    assert_eq!(refused.json["candidates"][0]["id"], id.as_str());
    let second = w.call("POST", "/contacts", &[], body).await;
    assert_eq!(second.status, 201);
    assert!(
        second.header("duplicate-of").is_some_and(|h| h.contains(&id)),
        "{:?}",
        second.header("duplicate-of")
    );
    let silent = w.call("POST", "/contacts?on_duplicate=ignore", &[], body).await;
    assert_eq!((silent.status, silent.header("duplicate-of")), (201, None));
}

/// Item 8: writers on different fields all survive; on one field one wins and the others are shown what is there now.
#[db_test]
async fn concurrent_edits_do_not_vanish(db: TestDb) {
    let w = World::on(db).await;
    let made = w.call("POST", "/contacts", &[], b"{\"name\":\"x\"}").await;
    let id = field(&made, "id").to_owned();
    assert_eq!(made.header("etag"), Some("\"1\""));
    let objects = w.call("GET", "/objects", &[], b"").await;
    let fields: Vec<String> = objects.json["data"]
        .as_array()
        .expect("objects")
        .iter()
        .find(|o| o["key"] == "contact")
        .and_then(|o| o["fields"].as_array())
        .expect("fields")
        .iter()
        .filter(|f| {
            matches!(f["type"].as_str(), Some("text" | "long_text"))
                && f.get("writes").is_none_or(|w| w == "generic")
        })
        .filter_map(|f| f["key"].as_str().map(str::to_owned))
        .collect();
    let mut changes: Vec<Value> = fields.iter().map(|k| json!({ k: format!("by {k}") })).collect();
    for (k, v) in [
        ("birth_date", json!("1990-01-02")),
        ("gender", json!("female")),
        ("national_id", json!("0499370899")),
        ("language", json!("en")),
        ("calendar", json!("gregorian")),
        ("country", json!("IR")),
        ("postal_code", json!("1234567890")),
        ("lifecycle", json!("acquired")),
        ("formality", json!("formal")),
        ("preferred_channel", json!("phone")),
        ("emails", json!(["a@example.com"])),
        ("phones", json!(["09123456789"])),
    ] {
        changes.push(json!({ k: v }));
    }
    changes.truncate(20);
    assert_eq!(changes.len(), 20);
    let patch = |change: Value| {
        let (w, path) = (w.clone(), format!("/contacts/{id}"));
        tokio::spawn(async move {
            w.call(
                "PATCH",
                &path,
                &[("If-Match", "\"1\"")],
                change.to_string().as_bytes(),
            )
            .await
        })
    };
    let calls: Vec<_> = changes.iter().cloned().map(patch).collect();
    for (call, change) in calls.into_iter().zip(&changes) {
        let a = call.await.expect("an answer");
        assert_eq!(a.status, 200, "{change}: {}", a.json);
    }
    let now = w.call("GET", &format!("/contacts/{id}"), &[], b"").await;
    assert_eq!(now.json["version"], json!(21));
    for change in &changes {
        for (k, v) in change.as_object().expect("an object") {
            if v.is_string() && k != "birth_date" {
                assert_eq!(now.json[k], *v, "{k}");
            } else {
                assert!(!now.json[k].is_null(), "{k}");
            }
        }
    }
    let patch = |n: usize| {
        let (w, path) = (w.clone(), format!("/contacts/{id}"));
        tokio::spawn(async move {
            let body = json!({"city": format!("city {n}")}).to_string();
            w.call("PATCH", &path, &[("If-Match", "\"21\"")], body.as_bytes())
                .await
        })
    };
    let calls: Vec<_> = (0..20).map(patch).collect();
    let mut statuses = Vec::new();
    let mut winner = Value::Null;
    let mut shown = Vec::new();
    for call in calls {
        let a = call.await.expect("an answer");
        if a.status == 200 {
            winner = a.json["city"].clone();
        } else {
            shown.push(a.json["now"]["city"].clone());
        }
        statuses.push(a.status);
    }
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 409).count(), 19, "{statuses:?}");
    assert!(shown.iter().all(|s| *s == winner), "{shown:?} {winner}");
}

/// Item 57: what looks like an identifier is looked up, never spelled into a statement.
#[db_test]
async fn parameters_never_become_statement_text(db: TestDb) {
    let w = World::on(db).await;
    let payloads = [
        "'",
        "\"",
        "`",
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        "%",
        "name\"; DROP TABLE contact; --",
        "name' OR '1'='1",
        "1) UNION SELECT 1 --",
        "(SELECT hash FROM token)",
        "name,(SELECT 1)",
        "contact_id) OR 1=1",
        "id COLLATE NOCASE",
        "\u{2019}",
        "name\u{0}",
        "ｎａｍｅ",
        "rowid",
        "custom",
        "custom_record",
        "name__fold",
        "sqlite_master",
        "pg_sleep(9)",
        "t.id",
        "*",
        "token.hash",
        "workspace_id",
    ];
    let encode = |s: &str| {
        s.bytes().fold(String::new(), |mut out, b| {
            let _ = write!(out, "%{b:02X}");
            out
        })
    };
    // What the well-meant forms need is made first; from here on nothing new may be spelled.
    for path in [
        "/contacts",
        "/contacts?sort=name&count=1",
        "/contacts?fields=name",
        "/contacts?filter=city%3Dx",
        "/contacts?q=abc",
    ] {
        assert_eq!(w.call("GET", path, &[], b"").await.status, 200, "{path}");
    }
    let before = w.statements();
    assert!(before.len() >= 3, "{before:?}");
    for p in payloads {
        let e = encode(p);
        for path in [
            format!("/contacts?sort={e}"),
            format!("/contacts?sort=-{e}"),
            format!("/contacts?fields={e}"),
            format!("/contacts?filter={e}%3D1"),
            format!("/contacts?filter={e}.any(name%3Dx)"),
            format!("/contacts?cursor={e}"),
            format!("/contacts?limit={e}"),
            format!("/contacts?{e}=1"),
            format!("/{e}"),
            format!("/contacts/{e}"),
        ] {
            let a = w.call("GET", &path, &[], b"").await;
            assert!(
                matches!(a.status, 400 | 404),
                "{p} in {path}: {} {}",
                a.status,
                a.json
            );
        }
        let a = w
            .call(
                "POST",
                "/contacts",
                &[],
                json!({"name": "x", p: 1}).to_string().as_bytes(),
            )
            .await;
        assert_eq!(a.status, 422, "{p}: {}", a.json);
        // As a value it is a value: the statement is the same, the payload is bound.
        let quoted = encode(&format!("\"{}\"", p.replace(['"', '\\', '\0'], "x")));
        let a = w
            .call("GET", &format!("/contacts?filter=city%3D{quoted}"), &[], b"")
            .await;
        assert!(matches!(a.status, 200 | 400), "{p}: {}", a.json);
    }
    let after = w.statements();
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:?}");
    // The control: a field that does exist is a new statement, so the watch sees them.
    w.call("GET", "/contacts?sort=job_title", &[], b"").await;
    assert!(w.statements().len() > after.len());
}

/// Whatever goes wrong is said in a sentence, in the language that was asked for, and never by its code alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_problem_is_a_sentence() {
    let w = World::new().await;
    let made = w.call("POST", "/contacts", &[], CONTACT.as_bytes()).await;
    let id = field(&made, "id").to_owned();
    let many = json!({"items": vec![json!({"name": "x"}); 1001]}).to_string();
    let mut codes = BTreeSet::new();
    for (language, persian) in [("fa", true), ("en", false)] {
        for (method, path, headers, body, status) in [
            ("GET", "/nothing".to_owned(), vec![], "", 404),
            ("GET", format!("/contacts/{}", "0".repeat(32)), vec![], "", 404),
            ("PUT", "/contacts".to_owned(), vec![], "{}", 405),
            (
                "GET",
                "/contacts".to_owned(),
                vec![("Accept", "image/png")],
                "",
                406,
            ),
            ("GET", "/contacts?limit=x".to_owned(), vec![], "", 400),
            ("GET", "/contacts?sort=nothing".to_owned(), vec![], "", 400),
            ("GET", "/contacts?filter=city%20%3D".to_owned(), vec![], "", 400),
            ("POST", "/contacts".to_owned(), vec![], "{", 400),
            ("POST", "/contacts".to_owned(), vec![], "{\"city\":7}", 422),
            (
                "PATCH",
                format!("/contacts/{id}"),
                vec![("If-Match", "x")],
                "{}",
                400,
            ),
            ("POST", "/contacts/batch".to_owned(), vec![], many.as_str(), 413),
        ] {
            let mut headers = headers;
            headers.push(("Accept-Language", language));
            let a = w.call(method, &path, &headers, body.as_bytes()).await;
            assert_eq!(a.status, status, "{method} {path}: {}", a.json);
            let (code, said) = (field(&a, "code"), field(&a, "detail"));
            assert!(
                !said.is_empty() && !said.contains(code),
                "{method} {path}: {}",
                a.json
            );
            let letters = said.chars().any(|c| ('\u{600}'..='\u{6FF}').contains(&c));
            assert_eq!(letters, persian, "{method} {path}: {said}");
            codes.insert(code.to_owned());
        }
        let a = w
            .call_as("", "GET", "/contacts", &[("Accept-Language", language)], b"")
            .await;
        assert_eq!(a.status, 401);
        assert!(!field(&a, "detail").is_empty(), "{}", a.json);
    }
    // Who asks for no language is told in their own, wherever the address leads.
    let people = w.call("GET", "/users", &[], b"").await;
    for one in people.json["data"].as_array().expect("people") {
        let path = format!("/users/{}", one["id"].as_str().expect("an id"));
        let a = w.call("PATCH", &path, &[], br#"{"language":"fa"}"#).await;
        assert_eq!(a.status, 200, "{}", a.json);
    }
    let any = [("Accept-Language", "*")];
    let known = w.call("GET", "/contacts?limit=x", &any, b"").await;
    let persian = |a: &Answer| field(a, "detail").contains(|c| ('\u{600}'..='\u{6FF}').contains(&c));
    assert!(persian(&known), "{}", known.json);
    for path in ["/nothing", "/contacts/none", "/contacts/none/notes"] {
        let a = w.call("GET", path, &any, b"").await;
        assert_eq!(a.status, 404, "{path}");
        assert!(persian(&a), "{path}: {}", a.json);
    }
    assert!(codes.len() >= 8, "{codes:?}");
}
