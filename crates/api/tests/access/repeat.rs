//! Requests that come again, for every operation that changes something.

use std::collections::BTreeSet;

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use super::world::World;

/// Operations about what the tests of the interface do not make here (dead jobs, queued messages, merges), which refuse
/// the first request already.
const REFUSED: [&str; 5] = [
    "cancel-message",
    "queue-message",
    "requeue-message",
    "retry-job",
    "unmerge",
];
/// Operations whose answer is a secret: they take no key.
const SECRET: [&str; 3] = ["create-token", "invite", "reset-link"];
/// Questions: they change nothing at all.
const QUESTIONS: [&str; 2] = ["duplicates", "schema-diff"];

/// Every operation that is called by POST or PATCH, twice under one key: the second request changes no row and gets the
/// answer of the first.
#[db_test]
async fn a_request_that_comes_again_has_one_effect(db: TestDb) {
    let w = World::new(&db).await;
    let (chief_id, chief) = w.person("chief", "admin").await;
    let (leaver, _) = w.person("leaver", "reader").await;
    let (mut refused, mut done) = (BTreeSet::new(), 0);
    for d in peyvand_api::declared() {
        if !matches!(d.method, "POST" | "PATCH") {
            continue;
        }
        let people = ["/users", "/roles", "/teams", "/schema", "/jobs", "/workspace"];
        let token = if people.iter().any(|p| d.path.starts_with(&format!("/api/v1{p}"))) {
            chief.as_str()
        } else {
            w.token("own")
        };
        let (mut path, mut body) = w.request(d.id, d.path).await;
        if d.id == "hand-over" {
            // The owner is still needed.
            path = d.path.replace("{id}", &leaver.to_string());
            body = Some(json!({"to": chief_id.to_string()}));
        }
        let key = format!("again-{}", d.id);
        let before = w.digest().await;
        let send = async || w.call_under(&key, token, d.method, &path, body.as_ref()).await;
        let (status, first) = send().await;
        if SECRET.contains(&d.id) {
            assert_eq!(status, 400, "{}: {first}", d.id);
            assert!(first.contains("Idempotency-Key"), "{}: {first}", d.id);
            assert!(w.digest().await == before, "{} did something", d.id);
            continue;
        }
        if status >= 400 {
            refused.insert(d.id);
            continue;
        }
        let after = w.digest().await;
        // The control: the first one had an effect.
        assert!(QUESTIONS.contains(&d.id) || after != before, "{}", d.id);
        let (again, second) = send().await;
        if d.id == "upload-part" {
            // What came already is refused by where it would stand.
            assert_eq!(again, 409, "{second}");
        } else {
            assert_eq!((again, &second), (status, &first), "{}", d.id);
        }
        assert!(w.digest().await == after, "{} was done twice", d.id);
        done += 1;
    }
    assert_eq!(refused, BTreeSet::from(REFUSED));
    assert!(done > 20, "{done}");
}

/// Another body under the same key is refused; many at once have one effect; without a key each has its own.
#[db_test]
async fn one_upload_for_one_key(db: TestDb) {
    let w = World::new(&db).await;
    let owner = w.token("own");
    let body = |size: u32| json!({"name": "a.csv", "size": size});
    let at = "/api/v1/uploads";
    let asked = (0..20).map(|_| {
        let body = body(5);
        let w = &w;
        async move { w.call_under("k", owner, "POST", at, Some(&body)).await }
    });
    let mut ids = BTreeSet::new();
    for (status, answer) in futures::future::join_all(asked).await {
        match status {
            201 => drop(ids.insert(answer)),
            409 => assert!(answer.contains("idempotency-in-flight"), "{answer}"),
            _ => panic!("{status}: {answer}"),
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    let (status, answer) = w.call_under("k", owner, "POST", at, Some(&body(6))).await;
    assert_eq!(status, 422, "{answer}");
    assert!(answer.contains("idempotency-key-reused"), "{answer}");
    // The key is of its caller: another one's is another.
    let (status, answer) = w
        .call_under("k", w.token("team"), "POST", at, Some(&body(5)))
        .await;
    assert!(status == 201 && !ids.contains(&answer), "{status}: {answer}");
    let (_, one) = w.call(owner, "POST", at, Some(&body(5))).await;
    let (_, two) = w.call(owner, "POST", at, Some(&body(5))).await;
    assert_ne!(one, two);
}
