//! Style sheet, scripts, fonts and icons: embedded, under names with the hash of their content.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// One file as it is served.
struct Asset {
    address: String,
    kind: &'static str,
    bytes: Vec<u8>,
    /// The same in gzip, of what gets smaller by it.
    packed: Option<Vec<u8>>,
}

/// All files, and their names by content.
struct Assets {
    by_name: HashMap<&'static str, Asset>,
    by_address: HashMap<String, &'static str>,
}

const JS: &str = "text/javascript; charset=utf-8";

/// The sheets of every page, in their order: within a layer the later one wins.
const SHEETS: [&str; 15] = [
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/shell.css"),
    include_str!("../assets/css/parts.css"),
    include_str!("../assets/css/controls.css"),
    include_str!("../assets/css/grid.css"),
    include_str!("../assets/css/peek.css"),
    include_str!("../assets/css/board.css"),
    include_str!("../assets/css/palette.css"),
    include_str!("../assets/css/forms.css"),
    include_str!("../assets/css/story.css"),
    include_str!("../assets/css/home.css"),
    include_str!("../assets/css/lists.css"),
    include_str!("../assets/css/figures.css"),
    include_str!("../assets/css/states.css"),
];

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
        include_str!("../assets/remind.js"),
        "\n",
        include_str!("../assets/repeat.js"),
        "\n",
        include_str!("../assets/zones.js")
    );
    all.add("pick.js", JS, include_bytes!("../assets/pick.js").to_vec());
    let ui = ui.replace("{{pick.js}}", &address(&all, "pick.js"));
    all.add("ui.js", JS, ui.into_bytes());
    all.add("import.js", JS, include_bytes!("../assets/import.js").to_vec());
    all.add(
        "duplicates.js",
        JS,
        include_bytes!("../assets/duplicates.js").to_vec(),
    );
    all.add("marks.js", JS, include_bytes!("../assets/marks.js").to_vec());
    all.add("press.js", JS, include_bytes!("../assets/press.js").to_vec());
    let css = "text/css; charset=utf-8";
    all.add(
        "calendar.css",
        css,
        concat!(
            include_str!("../assets/css/calendar.css"),
            "\n",
            include_str!("../assets/css/timegrid.css")
        )
        .as_bytes()
        .to_vec(),
    );
    all.add(
        "record.css",
        css,
        include_bytes!("../assets/css/record.css").to_vec(),
    );
    // Modules name each other by their addresses, which follow from their content.
    for (name, text) in [
        ("list.js", include_str!("../assets/list.js")),
        ("board.js", include_str!("../assets/board.js")),
        ("record.js", include_str!("../assets/record.js")),
        ("calendar.js", include_str!("../assets/calendar.js")),
        ("timegrid.js", include_str!("../assets/timegrid.js")),
    ] {
        let text = text
            .replace("{{ui.js}}", &address(&all, "ui.js"))
            .replace("{{press.js}}", &address(&all, "press.js"));
        all.add(name, JS, text.into_bytes());
    }
    // The style sheet names the fonts by their addresses, which follow from their content.
    let mut css = SHEETS.join("\n");
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
        // Fonts are packed in themselves.
        let packed = (kind != "font/woff2").then(|| packed(&bytes)).flatten();
        let asset = Asset {
            address,
            kind,
            bytes,
            packed,
        };
        self.by_name.insert(name, asset);
    }
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).ok()?;
    out.finish().ok()
}

/// Does whoever asks read gzip? A weight of nothing says no (RFC 9110, 12.5.3).
fn reads_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = codings.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|n| n.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The address of a file.
pub(crate) fn url(name: &str) -> String {
    address(&ASSETS, name)
}

/// Serves a file. Its name changes with its content, so it is kept for ever.
pub(crate) async fn serve(asked: HeaderMap, Path(address): Path<String>) -> Response {
    let Some(asset) = ASSETS
        .by_address
        .get(&address)
        .and_then(|name| ASSETS.by_name.get(name))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let packed = asset.packed.as_deref().filter(|_| reads_gzip(&asked));
    let mut r = packed.unwrap_or(&asset.bytes).into_response();
    let headers = r.headers_mut();
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    r
}
