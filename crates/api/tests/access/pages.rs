//! What happened, read page by page to its end.

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use super::world::World;

/// All of a list, so many at a time.
async fn walked(w: &World, token: &str, path: &str, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    for _ in 0..100 {
        let mark = if path.contains('?') { '&' } else { '?' };
        let (status, page) = w
            .ask(token, "GET", &format!("{path}{mark}limit={limit}{cursor}"), None)
            .await;
        assert_eq!(status, 200, "{page}");
        let lines = page["data"].as_array().unwrap();
        assert!(lines.len() <= limit, "{}", lines.len());
        all.extend(lines.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
    panic!("{path} has no end");
}

/// Timeline, log and jobs go on page by page; of several things of the same instant none is passed over and none comes
/// twice.
#[db_test]
async fn what_happened_is_read_to_its_end(db: TestDb) {
    let w = World::new(&db).await;
    let (_, chief) = w.person("chief", "admin").await;
    let contact = w.contact(false).await;
    let at = format!("/api/v1/contacts/{contact}");
    // The clock stands still: all of this is of one instant.
    for n in 0..12 {
        let body = json!({"job_title": format!("title {n}")});
        let (status, answer) = w.call(&chief, "PATCH", &at, Some(&body)).await;
        assert_eq!(status, 200, "{answer}");
    }
    let note = json!({"body": "a note", "contact_id": contact.to_string()});
    let (status, answer) = w.call(&chief, "POST", "/api/v1/notes", Some(&note)).await;
    assert_eq!(status, 201, "{answer}");
    for limit in [1, 5, 13] {
        for path in ["timeline", "timeline?kind=change", "audit"] {
            let path = format!("{at}/{path}");
            let whole = walked(&w, &chief, &path, 200).await;
            // Twelve changes, and the note on the timeline or the beginning in the log.
            let lines = if path.ends_with("change") { 12 } else { 13 };
            assert_eq!(whole.len(), lines, "{path}: {whole:?}");
            assert_eq!(walked(&w, &chief, &path, limit).await, whole, "{path} by {limit}");
        }
    }
    let notes = walked(&w, &chief, &format!("{at}/timeline?kind=note"), 200).await;
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0]["object"], "note");
    for wrong in [
        "timeline?kind=nothing",
        "timeline?cursor=x",
        "audit?cursor=1.x",
        "audit?limit=0",
    ] {
        let (status, answer) = w.call(&chief, "GET", &format!("{at}/{wrong}"), None).await;
        assert_eq!(status, 400, "{wrong}: {answer}");
    }
    for _ in 0..5 {
        let body = json!({"object": "contacts", "format": "csv"});
        w.owned("POST", "/api/v1/exports", Some(&body), "id").await;
    }
    let whole = walked(&w, &chief, "/api/v1/jobs?state=waiting", 200).await;
    assert!(whole.len() >= 5, "{whole:?}");
    assert_eq!(walked(&w, &chief, "/api/v1/jobs?state=waiting", 2).await, whole);
}
