//! Every address asks who is there, and leads out again.

use axum::http::StatusCode;

use crate::world::World;

/// An address with something in the place of what it leaves open.
fn filled(address: &str, contact: &str) -> String {
    address
        .replace("{plural}", "contacts")
        .replace("{id}", contact)
        .replace("{object}", "contact")
        .replace("{field}", "job_title")
        .replace("{key}", "contact")
        .replace("{number}", "1")
        .replace("{file}", contact)
        .replace("{stage}", contact)
}

/// Every address of the pages, as the program declares them. An address that is added is among them by itself.
fn addresses() -> Vec<String> {
    let source = include_str!("../../src/lib.rs");
    source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Addresses for whoever is not signed in: ways in and out, and what pages are made of.
const PUBLIC: [&str; 8] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-in/link",
    "/set-up",
    "/sign-out",
    "/join",
    "/reset",
    "/assets/{name}",
];

/// No address is forgotten: whoever is not signed in is led to the door by each, whatever the way of asking, and changes
/// nothing. The control: the administrator is answered.
#[tokio::test]
async fn every_address_asks_who_is_there() {
    let w = World::new().await;
    let all = addresses();
    assert!(all.len() > 70, "{all:?}");
    for open in PUBLIC {
        assert!(all.iter().any(|a| a == open), "{open} is gone");
    }
    let contact = w.contact.to_string();
    let before = w.digest().await;
    let (mut answered, mut paths) = (0, Vec::new());
    for address in all.iter().filter(|a| !PUBLIC.contains(&a.as_str())) {
        let path = filled(address, &contact);
        assert!(!path.contains('{'), "{path}: say what stands there");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            let a = w
                .send(method, &path, &headers, "name=x&on=false&from=x", false)
                .await;
            let to = a
                .headers
                .get("location")
                .and_then(|l| l.to_str().ok())
                .unwrap_or_default();
            let led = a.status.is_redirection() && to.starts_with("/sign-in");
            let refused = matches!(a.status.as_u16(), 401 | 403 | 404 | 405 | 415);
            assert!(led || refused, "{method} {path}: {} {to}", a.status);
            assert!(
                !a.body.contains(&contact) && !a.body.contains("onerror"),
                "{method} {path}"
            );
        }
        paths.push(path);
    }
    assert!(w.digest().await == before, "a stranger changed something");
    for path in &paths {
        answered += usize::from(w.get(path).await.status == StatusCode::OK);
    }
    assert!(answered > 25, "the administrator is answered by {answered}");
}

/// Whoever is signed in finds the way out on every page that is a whole page.
#[tokio::test]
async fn every_page_leads_out() {
    let w = World::new().await;
    let (mut seen, contact) = (0, w.contact.to_string());
    for address in addresses() {
        let path = filled(&address, &contact);
        if PUBLIC.contains(&address.as_str()) {
            continue;
        }
        let a = w.get(&path).await;
        // Parts of pages, fetched by pages, have no head.
        if a.status == StatusCode::OK
            && a.body.trim_start().starts_with("<!doctype html>")
            && a.body.contains("<nav")
        {
            assert!(a.body.contains("action=\"/sign-out\""), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} pages");
    // The control: who is not signed in has nothing to leave.
    let door = w.send("GET", "/sign-in", &[], "", false).await;
    assert!(!door.body.contains("action=\"/sign-out\""));
}
