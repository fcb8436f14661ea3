//! Records of every object.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use peyvand_app::records::{COUNT_CAP, Idempotency};
use peyvand_app::{App, AppError, Caller};
use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_record::Record;
use peyvand_record::codec;
use serde_json::{Map, Value, json};

use crate::auth::Door;
use crate::params;
use crate::problem::Problem;

/// Most items of a batch.
const BATCH: usize = 1000;
/// Deepest JSON that is read.
const DEPTH: usize = 32;

pub(crate) type Answer = Result<Response, Problem>;

pub(crate) fn fail(caller: &Caller) -> impl Fn(AppError) -> Problem + '_ {
    move |e| Problem::of(&e, caller.language)
}

pub(crate) fn id(text: &str) -> Result<Id, Problem> {
    text.parse()
        .map_err(|_| Problem::new(StatusCode::NOT_FOUND, "not-found"))
}

/// Routes of one record take no parameters: one that is given is an error, not a silent nothing.
fn no_parameters(query: Option<&str>) -> Result<(), Problem> {
    match query
        .unwrap_or_default()
        .split(['&', '='])
        .find(|p| !p.is_empty())
    {
        None => Ok(()),
        Some(name) => Err(Problem::new(StatusCode::BAD_REQUEST, "bad-parameter")
            .with("parameter", json!(name.chars().take(60).collect::<String>()))),
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

fn json_value(body: &Bytes) -> Result<Value, Problem> {
    let bad = |reason: &str| {
        Problem::new(StatusCode::BAD_REQUEST, "bad-json")
            .with("detail", json!(reason.chars().take(200).collect::<String>()))
    };
    if too_deep(body) {
        return Err(bad("nested too deep"));
    }
    serde_json::from_slice(body).map_err(|e| bad(&e.to_string()))
}

pub(crate) fn json_object(body: &Bytes) -> Result<Map<String, Value>, Problem> {
    match json_value(body)? {
        Value::Object(map) => Ok(map),
        _ => {
            Err(Problem::new(StatusCode::BAD_REQUEST, "bad-json")
                .with("detail", json!("an object is expected")))
        }
    }
}

fn version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(v) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    v.to_str()
        .ok()
        .and_then(|s| s.trim().trim_matches('"').parse().ok())
        .map(Some)
        .ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, "bad-parameter").with("parameter", json!("If-Match"))
        })
}

fn idempotency(headers: &HeaderMap, route: &str, body: &[u8]) -> Result<Option<Idempotency>, Problem> {
    let Some(v) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match v.to_str() {
        Ok(k) if !k.is_empty() && k.len() <= 255 => Ok(Some(Idempotency::new(k, route, body))),
        _ => Err(Problem::new(StatusCode::BAD_REQUEST, "bad-parameter")
            .with("parameter", json!("Idempotency-Key"))),
    }
}

pub(crate) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let mut r = (status, body).into_response();
    r.headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    r.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    r
}

pub(crate) fn one(
    app: &App,
    caller: &Caller,
    object: &ObjectDef,
    status: StatusCode,
    record: &Record,
) -> Answer {
    let fields = app.visible(caller, object, None).map_err(fail(caller))?;
    let mut body = Vec::with_capacity(1024);
    codec::write_json(&mut body, object, record, Some(&fields));
    let mut r = json_response(status, body);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", record.version())) {
        r.headers_mut().insert(header::ETAG, tag);
    }
    Ok(r)
}

/// The catalog: which objects there are, with their fields.
pub(crate) async fn objects(Door(caller): Door) -> Answer {
    let list: Vec<Value> = caller
        .workspace
        .catalog()
        .objects()
        .iter()
        .filter(|o| caller.policy.reach(&o.key, peyvand_record::Verb::Read) != peyvand_record::Reach::None)
        .map(|o| {
            let fields: Vec<&peyvand_catalog::FieldDef> = o
                .fields
                .iter()
                .enumerate()
                .filter(|(i, f)| {
                    f.class != peyvand_catalog::Class::Secret
                        && caller.policy.field(&o.key, peyvand_catalog::FieldIx(*i as u16))
                            != Some(peyvand_record::FieldRule::Hidden)
                })
                .map(|(_, f)| f)
                .collect();
            json!({"key": o.key, "plural": o.plural, "label": o.label, "labels": o.labels, "title": o.title,
                   "writes": o.writes, "custom": o.custom, "fields": fields})
        })
        .collect();
    Ok(json_response(
        StatusCode::OK,
        json!({ "data": list }).to_string().into_bytes(),
    ))
}

/// A page of records.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path(plural): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let request = params::list(query.as_deref())?;
    let listed = app
        .list(&caller, &object, &request)
        .await
        .map_err(fail(&caller))?;
    let mut body = Vec::with_capacity(64 + listed.records.len() * 600);
    body.extend_from_slice(b"{\"data\":[");
    for (n, r) in listed.records.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        codec::write_json(&mut body, &object, r, Some(&listed.fields));
    }
    body.extend_from_slice(b"],\"next_cursor\":");
    body.extend_from_slice(json!(listed.next).to_string().as_bytes());
    if let Some(n) = listed.count {
        let more = n > COUNT_CAP;
        body.extend_from_slice(
            format!(",\"count\":{},\"count_is_exact\":{}", n.min(COUNT_CAP), !more).as_bytes(),
        );
    }
    if listed.cut {
        body.extend_from_slice(b",\"search_stopped_early\":true");
    }
    body.push(b'}');
    Ok(json_response(StatusCode::OK, body))
}

/// One record.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let record = app
        .get(&caller, &object, id(&key)?)
        .await
        .map_err(fail(&caller))?;
    one(&app, &caller, &object, StatusCode::OK, &record)
}

/// A new record.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path(plural): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let json = json_object(&body)?;
    let key = idempotency(&headers, &format!("POST /{plural}"), &body)?;
    let record = app
        .create(&caller, &object, &json, key.as_ref())
        .await
        .map_err(fail(&caller))?;
    let mut answer = one(&app, &caller, &object, StatusCode::CREATED, &record)?;
    if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/{plural}/{}", record.id())) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// Some fields of a record.
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let mut json = json_object(&body)?;
    let mut known = version(&headers)?;
    if let Some(v) = json.remove("version") {
        known = known.or(v.as_i64());
    }
    let record = app
        .patch(&caller, &object, id(&key)?, &json, known)
        .await
        .map_err(fail(&caller))?;
    one(&app, &caller, &object, StatusCode::OK, &record)
}

/// A record into the recycle bin.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    app.delete(&caller, &object, id(&key)?, version(&headers)?)
        .await
        .map_err(fail(&caller))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A record out of the recycle bin.
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let record = app
        .restore(&caller, &object, id(&key)?)
        .await
        .map_err(fail(&caller))?;
    one(&app, &caller, &object, StatusCode::OK, &record)
}

/// Up to 1,000 changes, each with its own result.
pub(crate) async fn batch(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path(plural): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    no_parameters(query.as_deref())?;
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let items = match json_value(&body)? {
        Value::Array(items) => items,
        Value::Object(mut map) => match map.remove("items") {
            Some(Value::Array(items)) => items,
            _ => return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-json")),
        },
        _ => return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-json")),
    };
    if items.len() > BATCH {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-items").with("most", json!(BATCH)));
    }
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        let outcome = match item {
            Value::Object(mut map) => match map.remove("id") {
                Some(Value::String(key)) => match key.parse::<Id>() {
                    Ok(id) => {
                        let known = map.remove("version").and_then(|v| v.as_i64());
                        app.patch(&caller, &object, id, &map, known)
                            .await
                            .map(|r| (200, r))
                    }
                    Err(_) => Err(AppError::NotFound),
                },
                _ => app.create(&caller, &object, &map, None).await.map(|r| (201, r)),
            },
            _ => Err(AppError::Parameter {
                name: "item",
                value: String::new(),
            }),
        };
        results.push(match outcome {
            Ok((status, r)) => json!({"status": status, "id": r.id().to_string(), "version": r.version()}),
            Err(e) => json!({"status": "error", "code": e.code(), "detail": e.message(caller.language)}),
        });
    }
    Ok(json_response(
        StatusCode::OK,
        json!({ "data": results }).to_string().into_bytes(),
    ))
}
