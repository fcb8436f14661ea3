//! Style sheet, scripts, fonts and icons: embedded, under names with the hash of their content.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// One file as it is served.
struct Asset {
    address: String,
    kind: &'static str,
    bytes: Vec<u8>,
}

/// All files, and their names by content.
struct Assets {
    by_name: HashMap<&'static str, Asset>,
    by_address: HashMap<String, &'static str>,
}

const JS: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut all = Assets {
        by_name: HashMap::new(),
        by_address: HashMap::new(),
    };
    let plain: [(&'static str, &'static str, &[u8]); 3] = [
        (
            "vazirmatn-arabic.woff2",
            "font/woff2",
            include_bytes!("../assets/vazirmatn-arabic.woff2"),
        ),
        (
            "inter-latin.woff2",
            "font/woff2",
            include_bytes!("../assets/inter-latin.woff2"),
        ),
        (
            "icons.svg",
            "image/svg+xml",
            include_bytes!("../assets/icons.svg"),
        ),
    ];
    for (name, kind, bytes) in plain {
        all.add(name, kind, bytes.to_vec());
    }
    let ui = concat!(
        include_str!("../assets/ui.js"),
        "\n",
        include_str!("../assets/remind.js")
    );
    all.add("ui.js", JS, ui.as_bytes().to_vec());
    all.add("import.js", JS, include_bytes!("../assets/import.js").to_vec());
    all.add(
        "duplicates.js",
        JS,
        include_bytes!("../assets/duplicates.js").to_vec(),
    );
    all.add("record.js", JS, include_bytes!("../assets/record.js").to_vec());
    all.add(
        "calendar.js",
        JS,
        include_bytes!("../assets/calendar.js").to_vec(),
    );
    all.add("marks.js", JS, include_bytes!("../assets/marks.js").to_vec());
    all.add(
        "timegrid.js",
        JS,
        include_bytes!("../assets/timegrid.js").to_vec(),
    );
    let css = "text/css; charset=utf-8";
    all.add(
        "calendar.css",
        css,
        concat!(
            include_str!("../assets/calendar.css"),
            "\n",
            include_str!("../assets/timegrid.css")
        )
        .as_bytes()
        .to_vec(),
    );
    all.add("record.css", css, include_bytes!("../assets/record.css").to_vec());
    // Modules name each other by their addresses, which follow from their content.
    for (name, text) in [
        ("list.js", include_str!("../assets/list.js")),
        ("board.js", include_str!("../assets/board.js")),
    ] {
        let text = text.replace("{{ui.js}}", &address(&all, "ui.js"));
        all.add(name, JS, text.into_bytes());
    }
    // The style sheet names the fonts by their addresses, which follow from their content.
    let mut css = concat!(
        include_str!("../assets/ui.css"),
        "\n",
        include_str!("../assets/app.css"),
        "\n",
        include_str!("../assets/work.css")
    )
    .to_owned();
    for name in ["vazirmatn-arabic.woff2", "inter-latin.woff2"] {
        css = css.replace(&format!("{{{{{name}}}}}"), &address(&all, name));
    }
    all.add("ui.css", "text/css; charset=utf-8", css.into_bytes());
    all
});

fn address(all: &Assets, name: &str) -> String {
    all.by_name
        .get(name)
        .map(|a| format!("/assets/{}", a.address))
        .unwrap_or_default()
}

impl Assets {
    fn add(&mut self, name: &'static str, kind: &'static str, bytes: Vec<u8>) {
        let hash = hex::encode(&Sha256::digest(&bytes)[..8]);
        let address = match name.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}-{hash}.{ending}"),
            None => format!("{name}-{hash}"),
        };
        self.by_address.insert(address.clone(), name);
        self.by_name.insert(name, Asset { address, kind, bytes });
    }
}

/// The address of a file.
pub(crate) fn url(name: &str) -> String {
    address(&ASSETS, name)
}

/// Serves a file. Its name changes with its content, so it is kept for ever.
pub(crate) async fn serve(Path(address): Path<String>) -> Response {
    let Some(asset) = ASSETS
        .by_address
        .get(&address)
        .and_then(|name| ASSETS.by_name.get(name))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut r = asset.bytes.as_slice().into_response();
    let headers = r.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    r
}
