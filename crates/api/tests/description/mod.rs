//! The table of operations, its policies, and the description made of it.

use std::collections::{BTreeMap, BTreeSet};

use peyvand_api::{Access, declared, description, readable};
use peyvand_catalog::Catalog;
use peyvand_numbers::Language;
use serde_json::Value;

use crate::world::World;

/// The committed description is what the table and the standard catalog say.
#[test]
fn the_description_is_the_committed_one() {
    let now = readable(&description(&Catalog::standard(), Language::En));
    let kept = include_str!("../../openapi.json");
    if now != kept {
        let line = now
            .lines()
            .zip(kept.lines())
            .find(|(a, b)| a != b)
            .map_or_else(String::new, |(a, b)| {
                let cut = |s: &str| s.chars().take(300).collect::<String>();
                format!("\nnow:  {}\nkept: {}", cut(a), cut(b))
            });
        panic!(
            "the description differs from crates/api/openapi.json; if that is meant, run \
             `cargo run -p peyvand-api --example openapi_json > crates/api/openapi.json`{line}"
        );
    }
}

/// Walks a schema: every object is closed or says what its members are.
fn closed(at: &str, schema: &Value, out: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if map.get("type").is_some_and(|t| t == "object") && !map.contains_key("additionalProperties") {
                out.push(at.to_owned());
            }
            for (k, v) in map {
                if k != "example" {
                    closed(&format!("{at}/{k}"), v, out);
                }
            }
        }
        Value::Array(list) => {
            for v in list {
                closed(at, v, out);
            }
        }
        _ => {}
    }
}

fn references(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(r)) = map.get("$ref") {
                out.insert(r.clone());
            }
            map.values().for_each(|v| references(v, out));
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, out)),
        _ => {}
    }
}

#[test]
fn the_description_is_closed_whole_and_in_both_languages() {
    let catalog = Catalog::standard();
    let en = description(&catalog, Language::En);
    let fa = description(&catalog, Language::Fa);
    assert_eq!(en["openapi"], "3.1.0");
    let mut open = Vec::new();
    closed("schemas", &en["components"]["schemas"], &mut open);
    assert!(open.is_empty(), "{open:#?}");
    let mut names = BTreeSet::new();
    references(&en, &mut names);
    assert!(names.len() > 100);
    for name in names {
        let place = name.trim_start_matches('#');
        assert!(en.pointer(place).is_some(), "{name} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    let paths = en["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        for (method, o) in methods.as_object().expect("methods") {
            let id = o["operationId"].as_str().expect("a name").to_owned();
            assert!(ids.insert(id.clone()), "{id} is there twice");
            let sentence = o["summary"].as_str().expect("a sentence");
            let persian = fa["paths"][path][method]["summary"].as_str().expect("a sentence");
            assert_ne!(sentence, persian, "{id}");
            assert!(o["responses"].as_object().is_some_and(|r| r.len() > 1), "{id}");
        }
    }
    // Every object of the catalog with what it takes.
    for object in catalog.objects() {
        let list = &paths[&format!("/{}", object.plural)];
        assert!(list.get("get").is_some(), "{}", object.plural);
    }
    // Every operation of the table stands in it, but for what is not under its base.
    for d in declared().iter().filter(|d| d.path.starts_with("/api/v1/")) {
        assert!(ids.iter().any(|id| id.starts_with(d.id)), "{} is missing", d.id);
    }
}

/// An address of an operation with ids that lead nowhere.
fn somewhere(path: &str) -> String {
    path.replace("{plural}", "contacts")
        .replace("{relation}", "deals")
        .replace("{source}", "shop")
        .replace("{key}", "1")
        .replace("{id}", "01900000-0000-7000-8000-000000000000")
}

/// Who comes without a token, with one that is made up, or with one that may do nothing gets nothing from any operation,
/// unless the table says that anybody may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_holds_its_policy() {
    let w = World::new().await;
    let nothing = w.token(&["competitors:delete"]).await;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for d in declared() {
        let path = somewhere(d.path);
        let path = path.strip_prefix("/api/v1").unwrap_or(&path);
        if d.path.starts_with("/api/v1/") {
            for token in [
                "",
                "Bearer pvd_0000000000000000000000000000000000000000000000000000000000000000",
            ] {
                let a = w.call_as(token, d.method, path, &[], b"{}").await;
                if d.access == Access::Anyone {
                    assert_eq!(a.status, 200, "{d:?}");
                } else {
                    assert_eq!(a.status, 401, "{d:?}: {}", a.json);
                }
            }
        }
        match d.access {
            Access::Anyone => *seen.entry("anyone").or_default() += 1,
            Access::Member => *seen.entry("member").or_default() += 1,
            Access::Records(_) | Access::All(..) | Access::Administrator => {
                *seen.entry("right").or_default() += 1;
                let a = w.call_as(&nothing, d.method, path, &[], b"{}").await;
                assert!(matches!(a.status, 403 | 404), "{d:?}: {} {}", a.status, a.json);
            }
        }
    }
    assert!(
        seen["anyone"] >= 3 && seen["member"] >= 3 && seen["right"] >= 9,
        "{seen:?}"
    );
}

/// What is not there, methods that are not, kinds that are not spoken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edges_of_the_protocol() {
    let w = World::new().await;
    let a = w.call("PUT", "/contacts", &[], b"{}").await;
    assert_eq!(
        (a.status, a.header("allow")),
        (405, Some("GET, HEAD, OPTIONS, POST"))
    );
    let a = w.call("OPTIONS", "/contacts", &[], b"").await;
    assert_eq!(
        (a.status, a.header("allow")),
        (204, Some("GET, HEAD, OPTIONS, POST"))
    );
    let a = w.call("HEAD", "/contacts", &[], b"").await;
    assert_eq!(a.status, 200);
    let a = w.call("POST", "/consent-entries", &[], b"{}").await;
    assert_eq!(a.status, 405, "{}", a.json);
    let a = w
        .call(
            "GET",
            "/contacts",
            &[("Accept", "image/png, text/html;q=0.5")],
            b"",
        )
        .await;
    assert_eq!((a.status, a.json["code"].as_str()), (406, Some("not-acceptable")));
    let a = w
        .call("GET", "/contacts", &[("Accept", "application/*")], b"")
        .await;
    assert_eq!(a.status, 200);
    let a = w.call("GET", "/contacts?limit=1&limit=2", &[], b"").await;
    assert_eq!(a.status, 400);
    let a = w
        .plain("POST", "/contacts", "Content-Type: text/plain\r\n", b"x")
        .await;
    assert_eq!(
        (a.status, a.json["code"].as_str()),
        (415, Some("unsupported-media-type"))
    );
    assert_eq!(a.header("x-content-type-options"), Some("nosniff"));
    let made = w.call("POST", "/contacts", &[], br#"{"name":"x"}"#).await;
    let id = made.json["id"].as_str().expect("an id");
    let a = w
        .call(
            "POST",
            &format!("/contacts/{id}/merge"),
            &[],
            br#"{"from":7,"extra":1}"#,
        )
        .await;
    assert_eq!(a.status, 422);
    let fields: Vec<&str> = a.json["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|e| e["field"].as_str())
        .collect();
    assert_eq!(fields, ["from", "extra"]);
}

/// The description follows the workspace's own catalog and the rights of the token; the page is in both languages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_follows_the_workspace() {
    let w = World::new().await;
    w.own_field("contact", "shoe_size").await;
    let mine = w.call("GET", "/openapi.json", &[], b"").await;
    let properties = &mine.json["components"]["schemas"]["Contact.create"]["properties"];
    assert!(properties.get("shoe_size").is_some());
    let other = w.call_as(&w.other, "GET", "/openapi.json", &[], b"").await;
    assert!(
        other.json["components"]["schemas"]["Contact.create"]["properties"]
            .get("shoe_size")
            .is_none()
    );
    let narrow = w.token(&["contacts:read"]).await;
    let a = w.call_as(&narrow, "GET", "/openapi.json", &[], b"").await;
    assert!(a.json["paths"].get("/contacts").is_some() && a.json["paths"].get("/orders").is_none());
    for (language, word) in [("fa", "عملیات"), ("en", "Operations")] {
        let page = w.page(&format!("/api/docs?language={language}")).await;
        assert!(
            page.contains(word) && page.contains("/api/v1/contacts/{id}"),
            "{language}"
        );
        assert!(
            page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("http://")
        );
    }
}
