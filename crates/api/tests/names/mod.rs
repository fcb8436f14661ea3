//! Names that a workspace's own objects cannot take.

use std::collections::BTreeSet;

use peyvand_api::declared;
use serde_json::{Value, json};

use crate::world::World;

fn own_object(plural: &str) -> Value {
    json!({"schema": {"object": [{
        "key": "machine", "plural": plural, "title": "name", "ownable": true, "default_sort": "name",
        "label": {"fa": "دستگاه", "en": "Machine"}, "labels": {"fa": "دستگاه‌ها", "en": "Machines"},
        "field": [{"key": "name", "type": "text", "label": {"fa": "نام", "en": "Name"}, "required": true,
                   "sort": true, "search": "title"}],
    }]}})
}

/// The words by which addresses of the interface are told apart: the nouns, and what stands behind any object or record.
fn words() -> BTreeSet<&'static str> {
    let mut out = BTreeSet::new();
    for d in declared() {
        let segments: Vec<&str> = d.path.split('/').collect();
        let [_, "api", "v1", noun, behind @ ..] = &segments[..] else {
            continue;
        };
        let told = if *noun == "{plural}" {
            behind
        } else {
            std::slice::from_ref(noun)
        };
        out.extend(told.iter().filter(|s| !s.contains(['{', '.'])));
    }
    out
}

/// None of these words is taken as the plural of a workspace's own object, so that no object stands in the place of an
/// operation. The control: another word is taken, and leads to the object.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_object_takes_the_place_of_an_operation() {
    let w = World::new().await;
    let words = words();
    assert!(words.len() > 20, "{words:?}");
    for word in words {
        let a = w
            .call(
                "POST",
                "/schema/apply",
                &[],
                own_object(word).to_string().as_bytes(),
            )
            .await;
        assert_eq!(a.status, 422, "{word}: {}", a.json);
    }
    let a = w
        .call(
            "POST",
            "/schema/apply",
            &[],
            own_object("machines").to_string().as_bytes(),
        )
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let a = w.call("POST", "/machines", &[], br#"{"name":"x"}"#).await;
    assert_eq!(a.status, 201, "{}", a.json);
}
