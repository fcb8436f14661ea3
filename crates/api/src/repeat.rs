//! Requests that come again, for operations whose use cases keep no key of their own: the answer is kept under the key of
//! the caller when the work is done, and given again word for word.
//!
//! The key is written behind the effect and not with it: a program that dies between the two does the work once more when
//! it is asked again. Changes of records have no such gap; their key stands in the transaction of the change.

use axum::body::Body as HttpBody;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use peyvand_app::records::Idempotency;
use serde_json::{Map, Value, json};

use crate::call::{Answer, BODY, Call, bad_parameter};
use crate::problem::Problem;
use crate::table::Operation;

/// The header with the key.
pub(crate) const KEY: &str = "Idempotency-Key";
/// Headers of an answer that are kept with it.
const KEPT: &[&str] = &["content-type", "location", "upload-offset", "etag"];

/// What an operation does with a request that comes again under the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Its answer is kept at the door.
    Kept,
    /// It sees to that itself, or has no effect that could be had twice.
    Own,
    /// Its answer is a secret that is shown once and kept nowhere: a key is refused.
    Never,
}

impl Operation {
    /// What it does with a request that comes again.
    pub(crate) fn repeated(&self) -> Repeat {
        let changes = matches!(self.method, Method::POST | Method::PATCH);
        if changes && !self.headers.contains(&KEY) {
            self.repeat
        } else {
            Repeat::Own
        }
    }

    /// The headers that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &'static str> {
        let key = (self.repeated() == Repeat::Kept).then_some(KEY);
        self.headers.iter().copied().chain(key)
    }
}

/// An answer as it is kept.
fn written(status: StatusCode, headers: &Map<String, Value>, body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?;
    Some(json!({"status": status.as_u16(), "headers": headers, "body": body}).to_string())
}

/// The answer that was kept.
fn read(kept: &str) -> Option<Response> {
    let value: Value = serde_json::from_str(kept).ok()?;
    let status = StatusCode::from_u16(value.get("status")?.as_u64()?.try_into().ok()?).ok()?;
    let mut response = Response::new(HttpBody::from(value.get("body")?.as_str()?.to_owned()));
    *response.status_mut() = status;
    for (name, text) in value.get("headers")?.as_object()? {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let text = HeaderValue::from_str(text.as_str()?).ok()?;
        response.headers_mut().insert(name, text);
    }
    Some(response)
}

/// The key of a request of an operation whose answers are kept.
pub(crate) fn key(operation: &Operation, call: &Call, target: &str) -> Result<Option<Idempotency>, Problem> {
    match operation.repeated() {
        Repeat::Own => Ok(None),
        Repeat::Kept => {
            // What is kept was answered to a request that could be read: so must this one be.
            if operation.headers.contains(&"If-Match") {
                call.known_version()?;
            }
            call.idempotency(&format!("{} {target}", operation.method))
        }
        // A key that was passed over would make two effects of one request.
        Repeat::Never if call.headers.contains_key(KEY) => Err(bad_parameter(KEY, "")),
        Repeat::Never => Ok(None),
    }
}

/// Does the work, unless it was done before under this key.
pub(crate) async fn once(operation: &Operation, call: Call, key: &Idempotency) -> Answer {
    let (app, caller, fail) = (call.app.clone(), call.caller()?.clone(), call.fail());
    let _turn = app.begin(&caller, Some(key)).map_err(&fail)?;
    if let Some(kept) = app.remembered(&caller, Some(key)).await.map_err(&fail)? {
        return read(&kept).ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"));
    }
    let response = (operation.run)(call).await?;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, BODY)
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))?;
    let headers: Map<String, Value> = KEPT
        .iter()
        .filter_map(|name| {
            let value = parts.headers.get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.into()))
        })
        .collect();
    if let Some(words) = written(parts.status, &headers, &bytes)
        && let Err(e) = app.keep(&caller, key, &words, parts.status.as_u16()).await
    {
        // The work is done and is answered; only its repetition would be done again.
        tracing::warn!(code = e.code(), "an answer could not be kept");
    }
    let mut response = Response::from_parts(parts, HttpBody::from(bytes));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(response)
}
