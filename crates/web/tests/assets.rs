//! Style sheets and scripts: packed on their way, and light enough for a first load.

mod common;

use std::collections::BTreeSet;
use std::io::Read as _;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use common::{Place, place};
use flate2::read::GzDecoder;
use tower::ServiceExt as _;

async fn asset(p: &Place, address: &str, coding: &str) -> (HeaderMap, Bytes) {
    let asked = Request::get(address)
        .header("accept-encoding", coding)
        .body(Body::empty())
        .unwrap();
    let answer = p.routes.clone().oneshot(asked).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{address}");
    let (head, body) = answer.into_parts();
    (head.headers, to_bytes(body, usize::MAX).await.unwrap())
}

/// The addresses of assets in a text, with this ending.
fn addresses(text: &str, ending: &str) -> BTreeSet<String> {
    text.split("/assets/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '\'', ')', '#']).next())
        .filter(|name| name.ends_with(ending))
        .map(|name| format!("/assets/{name}"))
        .collect()
}

/// The bytes on the wire of all that a page brings with this ending, and of what that brings in turn.
async fn weight(p: &Place, page: &str, ending: &str) -> usize {
    let mut wanted = addresses(page, ending);
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    while let Some(address) = wanted.pop_first() {
        bytes += asset(p, &address, "gzip, br").await.1.len();
        let (_, text) = asset(p, &address, "identity").await;
        let text = String::from_utf8(text.to_vec()).unwrap();
        seen.insert(address);
        wanted.extend(addresses(&text, ending).difference(&seen).cloned());
    }
    bytes
}

#[tokio::test]
async fn a_first_load_is_light() {
    let p = place().await;
    let contact = p.make("contacts", "name.given=سارا").await;
    for path in [
        "/",
        "/contacts",
        "/deals/board",
        "/calendar?view=week",
        "/import",
        &contact,
    ] {
        let page = p.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let scripts = weight(&p, &page.body, ".js").await;
        let styles = weight(&p, &page.body, ".css").await;
        assert!(
            (1_000..=60 * 1024).contains(&scripts),
            "{path}: {scripts} bytes of scripts"
        );
        assert!(
            (1_000..=20 * 1024).contains(&styles),
            "{path}: {styles} bytes of styles"
        );
    }
}

#[tokio::test]
async fn whoever_reads_gzip_gets_the_same_packed() {
    let p = place().await;
    let page = p.get("/").await.body;
    for ending in [".css", ".js", ".svg", ".woff2"] {
        for address in addresses(&page, ending) {
            let (head, plain) = asset(&p, &address, "br, gzip;q=0").await;
            assert!(!head.contains_key("content-encoding"), "{address}");
            assert_eq!(head.get("vary").unwrap(), "accept-encoding");
            let (head, packed) = asset(&p, &address, "br;q=1.0, gzip;q=0.8, *;q=0.1").await;
            if ending == ".woff2" {
                assert_eq!(plain, packed);
                continue;
            }
            assert_eq!(head.get("content-encoding").unwrap(), "gzip", "{address}");
            assert!(packed.len() * 2 < plain.len(), "{address}");
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, plain, "{address}");
        }
    }
    assert!(!addresses(&page, ".css").is_empty() && !addresses(&page, ".js").is_empty());
}
