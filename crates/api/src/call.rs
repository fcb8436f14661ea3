//! A request on its way: matched against the table, let in by the declared policy, checked against the declared shapes,
//! and handed to the operation.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use peyvand_app::records::Idempotency;
use peyvand_app::{App, AppError, Caller};
use peyvand_catalog::{ObjectDef, Writes};
use peyvand_core::{Id, Instant};
use peyvand_numbers::Language;
use peyvand_record::{Reach, Verb};
use serde_json::{Map, Value, json};

use crate::auth;
use crate::params::decode;
use crate::problem::Problem;
use crate::repeat;
use crate::table::{Access, Body, Entry, Kind, Operation, Reply, table, variable};

/// Most bytes of a body of JSON.
pub(crate) const BODY: usize = 8 * 1024 * 1024;
/// Deepest JSON that is read.
const DEPTH: usize = 32;
/// Longest time in which a body must arrive.
const BODY_TIME: Duration = Duration::from_secs(20);
/// Longest time that an operation may take.
const TIME: Duration = Duration::from_secs(30);

/// What an operation answers.
pub(crate) type Answer = Result<Response, Problem>;

/// A request that was let in.
#[derive(Debug)]
pub(crate) struct Call {
    /// The application.
    pub(crate) app: Arc<App>,
    /// Who calls; `None` only where anybody may.
    who: Option<Caller>,
    /// The language of answers.
    pub(crate) language: Language,
    /// The object in the address.
    object: Option<Arc<ObjectDef>>,
    path: Vec<(&'static str, String)>,
    noun: &'static str,
    query: Vec<(&'static str, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body as it came.
    pub(crate) body: Bytes,
    /// The body as JSON, where the operation takes an object.
    pub(crate) json: Map<String, Value>,
    /// The token or the cookie's other half, for streams that must end with it.
    pub(crate) credential: Option<auth::Credential>,
}

pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found")
}

/// A parameter that cannot be used.
pub(crate) fn bad_parameter(name: &str, value: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-parameter")
        .with("parameter", json!(name.chars().take(60).collect::<String>()))
        .with("value", json!(value.chars().take(60).collect::<String>()))
}

impl Call {
    /// Who calls.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        self.who
            .as_ref()
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated"))
    }

    /// Who calls, where anybody may.
    pub(crate) fn guest(&self) -> Option<&Caller> {
        self.who.as_ref()
    }

    /// The object in the address.
    pub(crate) fn object(&self) -> Result<&Arc<ObjectDef>, Problem> {
        self.object.as_ref().ok_or_else(not_found)
    }

    /// A segment of the address.
    pub(crate) fn segment(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    /// The noun in the address: `users` in `/api/v1/users/{id}`.
    pub(crate) fn noun(&self) -> &str {
        self.noun
    }

    /// The id in the address: what is none leads nowhere.
    pub(crate) fn id(&self) -> Result<Id, Problem> {
        self.segment("id").parse().map_err(|_| not_found())
    }

    /// A parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }

    /// A parameter that was checked to be a number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.param(name)?.parse().ok()
    }

    /// A parameter that was checked to be a flag.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.param(name), Some("true" | "1"))
    }

    /// A member of the body that was checked to be text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.json.get(name).and_then(Value::as_str)
    }

    /// A member of the body that was checked to be an id.
    pub(crate) fn id_of(&self, name: &str) -> Option<Id> {
        self.text(name)?.parse().ok()
    }

    /// Turns a use case's error into a problem document.
    pub(crate) fn fail(&self) -> impl Fn(AppError) -> Problem + use<> {
        let language = self.language;
        move |e| Problem::of(&e, language)
    }

    /// The version that the caller has seen.
    pub(crate) fn known_version(&self) -> Result<Option<i64>, Problem> {
        let Some(v) = self.headers.get(header::IF_MATCH) else {
            return Ok(None);
        };
        let text = v.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(None);
        }
        text.trim_matches('"')
            .parse()
            .map(Some)
            .map_err(|_| bad_parameter("If-Match", text))
    }

    /// The key that makes a repeated request have one effect, bound to the address and the body.
    pub(crate) fn idempotency(&self, route: &str) -> Result<Option<Idempotency>, Problem> {
        let Some(v) = self.headers.get("idempotency-key") else {
            return Ok(None);
        };
        match v.to_str() {
            Ok(k) if !k.is_empty() && k.len() <= 255 => Ok(Some(Idempotency::new(k, route, &self.body))),
            _ => Err(bad_parameter("Idempotency-Key", "")),
        }
    }
}

/// An answer of JSON that was written already.
pub(crate) fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut r = (status, body).into_response();
    r.headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    r
}

/// An answer of JSON.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    json_bytes(status, body.to_string().into_bytes())
}

/// Puts a header on an answer; a value that cannot stand in one is left out.
pub(crate) fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(v) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, v);
    }
}

/// Is the JSON deeper than allowed? Looked at before parsing, so that depth costs nothing.
fn too_deep(body: &[u8]) -> bool {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    for b in body {
        if text {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => text = false,
                _ => {}
            }
            continue;
        }
        match b {
            b'"' => text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn bad_json(reason: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-json")
        .with("reason", json!(reason.chars().take(200).collect::<String>()))
}

fn read_json(body: &[u8]) -> Result<Value, Problem> {
    if too_deep(body) {
        return Err(bad_json("nested too deep"));
    }
    serde_json::from_slice(body).map_err(|e| bad_json(&e.to_string()))
}

/// Answers a request by the table.
pub(crate) async fn dispatch(State(app): State<Arc<App>>, request: Request) -> Response {
    let mut language = auth::language(request.headers()).unwrap_or(Language::En);
    let head = request.method() == Method::HEAD;
    let mut response = match answer(app, request, &mut language).await {
        Ok(r) => r,
        Err(p) => p.said(language).into_response(),
    };
    finish(response.headers_mut());
    if head {
        *response.body_mut() = HttpBody::empty();
    }
    response
}

/// What stands on every answer.
fn finish(headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        if !headers.contains_key(name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
}

/// The language becomes that of who asks, as soon as it is known: whatever is said then is said in it.
async fn answer(app: Arc<App>, request: Request, said: &mut Language) -> Answer {
    let language = *said;
    let (parts, body) = request.into_parts();
    let segments: Vec<String> = parts
        .uri
        .path()
        .split('/')
        .skip(1)
        .map(|s| decode(s, false).filter(|s| !s.contains('\0')))
        .collect::<Option<_>>()
        .ok_or_else(not_found)?;
    let mut fitting: Vec<&Entry> = table().iter().filter(|e| e.fits(&segments)).collect();
    let from = parts.extensions.get::<peyvand_app::Peer>().map(|p| p.address);
    fitting.sort_by_key(|e| std::cmp::Reverse(e.closeness()));
    let cookie = fitting.iter().any(|e| e.operation.cookie);
    let (who, credential) = match auth::caller(&app, &parts.headers, cookie, from).await {
        Ok(Some((caller, credential))) => (Some(caller), Some(credential)),
        Ok(None) => (None, None),
        // Nobody can be asked who this is: nobody is let in.
        Err(AppError::Store(e)) => {
            tracing::error!(code = e.code(), "the caller could not be looked up: {e}");
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout"));
        }
        Err(e) => return Err(Problem::of(&e, language)),
    };
    let language = auth::language(&parts.headers)
        .or(who.as_ref().map(|c| c.language))
        .unwrap_or(language);
    *said = language;
    // Said only now, so that a program that mistypes an address reads it in its own language.
    if fitting.is_empty() {
        return Err(not_found());
    }
    let open = |e: &&Entry| e.operation.access == Access::Anyone;
    if who.is_none() && !fitting.iter().any(open) {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated"));
    }
    let object = match &who {
        Some(c) if fitting.iter().any(|e| e.is_generic()) => segments
            .get(2)
            .and_then(|plural| c.workspace.catalog().by_plural(plural))
            .map(Arc::clone),
        _ => None,
    };
    fitting.retain(|e| {
        !e.is_generic()
            || object.as_ref().is_some_and(|o| e.operation.when.holds(o))
                && related(e, object.as_ref(), who.as_ref(), &segments)
    });
    if fitting.is_empty() {
        return Err(not_found());
    }
    let wanted = if parts.method == Method::HEAD {
        Method::GET
    } else {
        parts.method.clone()
    };
    let Some(entry) = fitting.iter().find(|e| e.operation.method == wanted) else {
        return Ok(not_this_method(&fitting, &parts.method, language));
    };
    let operation = &entry.operation;
    if who.is_none() && operation.access != Access::Anyone {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated"));
    }
    let path: Vec<(&'static str, String)> = entry
        .segments
        .iter()
        .zip(segments)
        .filter_map(|(s, value)| variable(s).map(|n| (n, value)))
        .collect();
    if let Some(caller) = &who {
        may(
            operation,
            caller,
            object.as_deref(),
            path.iter().any(|(n, _)| *n == "id"),
        )?;
    }
    acceptable(operation, &parts.headers)?;
    headers(operation, &parts.headers)?;
    let query = parameters(operation, parts.uri.query())?;
    let target = parts.uri.path_and_query().map_or("", |p| p.as_str()).to_owned();
    let mut call = Call {
        app,
        who,
        language,
        object,
        noun: entry.segments.get(2).copied().unwrap_or_default(),
        path,
        query,
        headers: parts.headers,
        body: Bytes::new(),
        json: Map::new(),
        credential,
    };
    read_body(operation, &mut call, body).await?;
    let work = async {
        match repeat::key(operation, &call, &target)? {
            Some(key) => repeat::once(operation, call, &key).await,
            None => (operation.run)(call).await,
        }
    };
    match tokio::time::timeout(TIME, work).await {
        Ok(answer) => answer,
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout")),
    }
}

/// Is the relation in the address one of the object?
fn related(
    entry: &Entry,
    object: Option<&Arc<ObjectDef>>,
    who: Option<&Caller>,
    segments: &[String],
) -> bool {
    let Some(at) = entry.segments.iter().position(|s| *s == "{relation}") else {
        return true;
    };
    let (Some(object), Some(caller), Some(name)) = (object, who, segments.get(at)) else {
        return false;
    };
    crate::relations::of(caller.workspace.catalog(), object)
        .iter()
        .any(|r| r.name == *name)
}

fn not_this_method(fitting: &[&Entry], method: &Method, language: Language) -> Response {
    let mut methods: Vec<&str> = fitting.iter().map(|e| e.operation.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    let mut response = if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
            .said(language)
            .into_response()
    };
    put(&mut response, header::ALLOW, &methods.join(", "));
    response
}

/// May the caller do this with any record of the object?
pub(crate) fn reaches(caller: &Caller, object: &ObjectDef, verb: Verb) -> bool {
    // A child has no rights of its own: the store holds its parent's.
    let child = object.writes == Writes::Generic && object.is_child();
    child || caller.policy.reach(&object.key, verb) != Reach::None
}

/// Does the declared policy let the caller in? Of one record the store decides again, by its owner and team.
fn may(operation: &Operation, caller: &Caller, object: Option<&ObjectDef>, one: bool) -> Result<(), Problem> {
    let forbidden = || Err(Problem::of(&AppError::Forbidden, caller.language));
    match operation.access {
        Access::Anyone | Access::Member => Ok(()),
        Access::Administrator if caller.policy.unrestricted => Ok(()),
        Access::Administrator => forbidden(),
        Access::All(object, verb) if caller.policy.reach(object, verb) == Reach::All => Ok(()),
        Access::All(..) => forbidden(),
        Access::Records(verb) => {
            let object = object.ok_or_else(not_found)?;
            if reaches(caller, object, verb) {
                return Ok(());
            }
            // Who may not know of a record is not told that it is there.
            if one && caller.policy.reach(&object.key, Verb::Read) == Reach::None {
                return Err(not_found());
            }
            forbidden()
        }
    }
}

/// Can the answer be of a kind that the caller takes?
fn acceptable(operation: &Operation, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(wanted) = headers.get(header::ACCEPT) else {
        return Ok(());
    };
    let ours = match operation.reply {
        Reply::Json(..) | Reply::Empty(_) | Reply::Description => "application/json",
        Reply::Events => "text/event-stream",
        Reply::Page(kind) => kind,
        Reply::File => return Ok(()),
    };
    let (group, _) = ours.split_once('/').unwrap_or((ours, ""));
    let taken = wanted.to_str().unwrap_or_default().split(',').any(|range| {
        let mut pieces = range.split(';').map(str::trim);
        let kind = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let refused = pieces.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let fits = kind == ours
            || kind == "*/*"
            || kind.strip_suffix("/*") == Some(group)
            || (ours == "application/json" && kind == "application/problem+json");
        fits && !refused
    });
    if taken {
        Ok(())
    } else {
        Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable").with("offered", json!([ours])))
    }
}

/// Headers that are kept or handed on as they come: of visible signs, and not too long. What does not fit is refused, for
/// a key that was passed over would make two effects of one request.
fn headers(operation: &Operation, headers: &HeaderMap) -> Result<(), Problem> {
    for (name, least, most) in [(repeat::KEY, 1, 255), ("Last-Event-ID", 0, 100)] {
        if !operation.reads().any(|h| h == name) {
            continue;
        }
        let mut given = headers.get_all(name).iter();
        let fits = given.next().is_none_or(|v| {
            (least..=most).contains(&v.len()) && v.as_bytes().iter().all(u8::is_ascii_graphic)
        });
        if !fits || given.next().is_some() {
            return Err(bad_parameter(name, ""));
        }
    }
    Ok(())
}

/// The parameters, each known, given once and of its type.
fn parameters(operation: &Operation, query: Option<&str>) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut out: Vec<(&'static str, String)> = Vec::new();
    for pair in query.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
        let (k, v) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(k, true), decode(v, true)) else {
            return Err(bad_parameter(k, v));
        };
        let Some(p) = operation.params.iter().find(|p| p.name == name) else {
            return Err(bad_parameter(&name, &value));
        };
        let fits = !value.contains('\0')
            && match p.kind {
                Kind::Text(most) => value.chars().nth(most).is_none(),
                Kind::Whole(least, most) => value.parse::<i64>().is_ok_and(|n| (least..=most).contains(&n)),
                Kind::Flag => matches!(value.as_str(), "true" | "false" | "1" | "0"),
                Kind::Choice(words) => words.contains(&value.as_str()),
                Kind::Id => value.parse::<Id>().is_ok(),
                Kind::Instant => value.parse::<Instant>().is_ok(),
            };
        if !fits || out.iter().any(|(n, _)| *n == p.name) {
            return Err(bad_parameter(&name, &value));
        }
        out.push((p.name, value));
    }
    Ok(out)
}

/// Is the body of this kind?
fn is_kind(headers: &HeaderMap, wanted: &str) -> bool {
    let Some(given) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = given
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == wanted || (wanted == "application/json" && kind == "application/merge-patch+json")
}

async fn read_body(operation: &Operation, call: &mut Call, body: HttpBody) -> Result<(), Problem> {
    let (kind, most) = match operation.body {
        Body::None => return Ok(()),
        Body::Json(_) => ("application/json", BODY),
        Body::Bytes(kind, most) => (kind, most),
    };
    let too_large =
        || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large").with("most", json!(most));
    let announced = call
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|n| n > most as u64) {
        return Err(too_large());
    }
    if !is_kind(&call.headers, kind) {
        return Err(
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type")
                .with("offered", json!([kind])),
        );
    }
    let read = tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, most)).await;
    call.body = match read {
        Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout")),
        Ok(Ok(bytes)) => bytes,
        Ok(Err(e)) => {
            let large = std::iter::successors(std::error::Error::source(&e), |e| e.source())
                .any(|e| e.to_string().contains("length limit"));
            return Err(if large {
                too_large()
            } else {
                bad_json("the body broke off")
            });
        }
    };
    let Body::Json(shape) = operation.body else {
        return Ok(());
    };
    let value = read_json(&call.body)?;
    let mut faults = Vec::new();
    match &value {
        Value::Object(_) => shape.faults("", &value, &mut faults),
        // The batch may come as a bare list.
        Value::Array(_) if operation.id == "batch" => {}
        _ => return Err(bad_json("an object is expected")),
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults, call.language));
    }
    call.json = match value {
        Value::Object(map) => map,
        list => std::iter::once(("items".to_owned(), list)).collect(),
    };
    Ok(())
}
