//! What surrounds every request: its rate, its place in the metrics, its line in the log. The log has the route, never the
//! address, so that no name, number or token stands in it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use peyvand_app::{App, Peer};
use peyvand_core::Deadline;
use peyvand_i18n::{Args, keys, text, text_of_code};
use peyvand_numbers::Language;
use sha2::{Digest, Sha256};

use super::Settings;
use super::limit::{AtOnce, Buckets};
use super::metrics::{Metrics, transactions};
use super::peer::Direct;

/// Requests under way at once; more are asked to come again.
const AT_ONCE: i64 = 512;
/// Requests of one caller under way at once.
const AT_ONCE_OF_ONE: usize = 64;

/// What the requests share.
#[derive(Debug)]
pub(super) struct State {
    app: Arc<App>,
    pub(super) metrics: Metrics,
    buckets: Buckets,
    at_once: Arc<AtOnce>,
    token: Option<[u8; 32]>,
    data: PathBuf,
}

impl State {
    pub(super) fn new(app: Arc<App>, settings: &Settings) -> Self {
        Self {
            app,
            metrics: Metrics::default(),
            buckets: Buckets::new(settings.rate),
            at_once: Arc::new(AtOnce::new(AT_ONCE_OF_ONE)),
            token: settings
                .metrics_token
                .as_ref()
                .map(|t| Sha256::digest(t.as_bytes()).into()),
            data: settings.data.clone(),
        }
    }

    /// Waits until no request is under way, but no longer than this.
    pub(super) async fn wait_idle(&self, longest: Duration) {
        let end = Deadline::after(longest);
        while self.metrics.in_flight() > 0 && !end.passed() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The routes with everything around them.
pub(super) fn wrap(routes: Router, state: Arc<State>) -> Router {
    let own = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(&state));
    routes.merge(own).layer(from_fn_with_state(state, around))
}

/// Words that stand in addresses as they are; everything else stands for a value.
const WORDS: &[&str] = &[
    "api",
    "v1",
    "batch",
    "restore",
    "merge",
    "audit",
    "merges",
    "undo",
    "objects",
    "health",
    "metrics",
    "assets",
    "sign-in",
    "link",
    "code",
    "set-up",
    "sign-out",
    "join",
    "reset",
    "account",
    "password",
    "prove",
    "codes",
    "confirm",
    "end",
    "recovery",
    "workspace",
    "settings",
    "people",
    "access",
    "hand-over",
    "invite",
    "reset-link",
    "active",
    "preferences",
    "lookup",
    "board",
    "move",
    "new",
    "edit",
    "delete",
    "notes",
    "timeline",
    "files",
    "imports",
    "exports",
    "events",
    "openapi.json",
    "tokens",
    "jobs",
    "shares",
    "external",
    "schema",
    "docs",
];

/// The words of the interface's addresses, read off its operations: one that is added is told apart by itself.
fn of_operations() -> &'static HashSet<&'static str> {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        peyvand_api::declared()
            .iter()
            .flat_map(|d| d.path.split('/'))
            .filter(|s| !s.starts_with('{'))
            .collect()
    })
}

/// The route of an address: known words stay, everything else is `{}`. Of at most six parts, so that nobody fills the
/// metrics with inventions.
pub(crate) fn route(path: &str) -> String {
    let mut out = String::new();
    for part in path.split('/').skip(1).take(6) {
        let known = WORDS.contains(&part)
            || of_operations().contains(part)
            || peyvand_catalog::Catalog::standard().by_plural(part).is_some()
            || part.is_empty();
        out.push('/');
        out.push_str(if known { part } else { "{}" });
    }
    out
}

fn counted_as(of: impl AsRef<[u8]>) -> u64 {
    let digest = Sha256::digest(of);
    u64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
}

/// The network that a request comes from, as it is counted.
fn network(peer: Option<Peer>) -> u64 {
    counted_as(peyvand_app::sessions::network(peer.map(|p| p.address)))
}

/// Who a request is counted for: its token, its session, or its network.
fn caller(headers: &HeaderMap, peer: Option<Peer>) -> u64 {
    let text = |name: header::HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    let session = text(header::COOKIE).and_then(|c| {
        c.split(|b| *b == b';')
            .map(<[u8]>::trim_ascii)
            .find(|c| c.windows(16).any(|w| w == b"peyvand_session="))
    });
    match (text(header::AUTHORIZATION), session) {
        (Some(a), _) => counted_as(a),
        (None, Some(s)) => counted_as(s),
        (None, None) => network(peer),
    }
}

fn busy(status: StatusCode, seconds: u64, code: &str, language: Language) -> Response {
    let detail = if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = Args::new().number("seconds", seconds as i64);
        text_of_code(language, code, &seconds)
    } else {
        text(language, keys::ERROR_BUSY, &Args::new())
    };
    let body = serde_json::json!({
        "type": format!("about:blank#{code}"),
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    let mut r = (status, body.to_string()).into_response();
    let h = r.headers_mut();
    h.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    h.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    h.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    r
}

/// A request under way; no longer when it is dropped, whether it was answered or its sender went away.
struct UnderWay(Arc<State>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.metrics.left();
    }
}

async fn around(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let began = Deadline::after(Duration::ZERO);
    let method = request.method().as_str().to_owned();
    let method = match method.as_str() {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => method,
        _ => "OTHER".to_owned(),
    };
    let path = route(request.uri().path());
    let language = peyvand_api::language(request.headers()).unwrap_or(Language::En);
    let peer = request.extensions().get::<Peer>().copied();
    let direct = request.extensions().get::<Direct>().is_some_and(|d| d.0);
    state.metrics.begin();
    let _under_way = UnderWay(Arc::clone(&state));
    let counted = !direct || state.buckets.rate().local;
    let now = state.app.clock.now();
    let who = caller(request.headers(), peer);
    let limited = |seconds| (StatusCode::TOO_MANY_REQUESTS, seconds, "rate-limited");
    let permit = if counted {
        state.buckets.take(who, now).map_err(limited)
    } else {
        Ok(())
    };
    // Health is asked by machines that nobody should keep from it.
    let turn = if path == "/health" {
        Ok(None)
    } else {
        state.at_once.take(who).map(Some).ok_or(1).map_err(limited)
    };
    let permit = permit.and(turn);
    let crowded = state.metrics.in_flight() > AT_ONCE && path != "/health";
    let response = match permit {
        Err((status, seconds, code)) => {
            state.metrics.limited();
            busy(status, seconds, code, language)
        }
        Ok(_) if crowded => busy(StatusCode::SERVICE_UNAVAILABLE, 1, "busy", language),
        Ok(_turn) => next.run(request).await,
    };
    // Who shows a token that nobody knows is held by its network, so that inventing tokens gains nothing.
    let network = network(peer);
    let unknown = counted && who != network && response.status() == StatusCode::UNAUTHORIZED;
    let response = match unknown.then(|| state.buckets.take(network, now)) {
        Some(Err(seconds)) => {
            state.metrics.limited();
            busy(StatusCode::TOO_MANY_REQUESTS, seconds, "rate-limited", language)
        }
        _ => response,
    };
    let status = response.status().as_u16();
    let micros = began.passed_for().as_micros() as u64;
    state.metrics.end(&method, &path, status, micros);
    tracing::info!(target: "peyvand::request", method, route = path, status, micros);
    response
}

/// The metrics: for this machine, or for whoever shows the configured token. For others there is no such page.
async fn metrics(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let direct = request.extensions().get::<Direct>().is_some_and(|d| d.0);
    let shown = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
        .map(|t| <[u8; 32]>::from(Sha256::digest(t.as_bytes())));
    let by_token = match (&state.token, &shown) {
        // Hashes are compared: time tells nothing of the token.
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    if !(by_token || (direct && state.token.is_none())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match gauges(&state).await {
        Ok(g) => {
            let text = state.metrics.text(&g) + &transactions(&state.app.store.engine().transactions());
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(e) => {
            tracing::error!("no metrics: {e}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

type Gauge = (&'static str, &'static str, Vec<(String, u64)>);

async fn gauges(state: &State) -> Result<Vec<Gauge>, peyvand_app::AppError> {
    let mut jobs = std::collections::BTreeMap::from([("waiting", 0), ("running", 0), ("dead", 0)]);
    for (slug, _) in state.app.workspaces().await? {
        let w = state.app.workspace(Some(&slug)).await?;
        for (name, n) in &mut jobs {
            *n += state.app.jobs(w.id, Some(name)).await?.len() as u64;
        }
    }
    let size = ["peyvand.db", "peyvand.db-wal"]
        .iter()
        .filter_map(|f| std::fs::metadata(state.data.join(f)).ok())
        .map(|m| m.len())
        .sum();
    Ok(vec![
        (
            "peyvand_jobs",
            "Background jobs by state, at most 1000 of each workspace.",
            jobs.into_iter()
                .map(|(k, n)| (format!("state=\"{k}\""), n))
                .collect(),
        ),
        (
            "peyvand_database_bytes",
            "Size of the embedded database on the disk.",
            vec![(String::new(), size)],
        ),
        (
            "peyvand_sessions",
            "Sessions that are open, at most 10000.",
            vec![(String::new(), state.app.open_sessions().await?)],
        ),
    ])
}
