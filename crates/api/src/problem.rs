//! Errors as RFC 9457 problem documents with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use peyvand_app::AppError;
use peyvand_numbers::Language;
use peyvand_record::codec::FieldError;
use serde_json::{Map, Value, json};

/// A problem document.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    body: Map<String, Value>,
}

impl Problem {
    /// A problem with a status and a stable code.
    #[must_use]
    pub fn new(status: StatusCode, code: &str) -> Self {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(format!("about:blank#{code}")));
        body.insert(
            "title".to_owned(),
            json!(status.canonical_reason().unwrap_or("error")),
        );
        body.insert("status".to_owned(), json!(status.as_u16()));
        body.insert("code".to_owned(), json!(code));
        Self { status, body }
    }

    /// With one more member.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.body.insert(key.to_owned(), value);
        self
    }

    /// Members of a body that cannot be taken.
    #[must_use]
    pub(crate) fn invalid(errors: Vec<Value>, language: Language) -> Self {
        let key = if language == Language::Fa { "fa" } else { "en" };
        let detail: Vec<&str> = errors
            .iter()
            .filter_map(|e| e["message"][key].as_str())
            .collect();
        let detail = detail.join("\n");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid")
            .with("detail", json!(detail))
            .with("errors", Value::Array(errors))
    }

    /// The status.
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The document.
    pub(crate) fn into_json(self) -> Map<String, Value> {
        self.body
    }

    /// The document of a use case's error, in the caller's language.
    #[must_use]
    pub fn of(e: &AppError, language: Language) -> Self {
        let status = codes::status(e);
        if status.is_server_error() {
            tracing::error!(code = e.code(), "{e}");
        }
        let p = Self::new(status, e.code()).with("detail", json!(e.message(language)));
        match e {
            AppError::Invalid(errors) => p.with(
                "errors",
                Value::Array(errors.iter().map(FieldError::to_json).collect()),
            ),
            AppError::Filter(f) => p
                .with("position", json!(f.position))
                .with("reason", json!(f.code.key())),
            AppError::Parameter { name, value } => {
                p.with("parameter", json!(name)).with("value", json!(value))
            }
            AppError::LaterMerge { operation } => p.with("operation", json!(operation.to_string())),
            AppError::Duplicate { fields } => p.with("field", json!(fields)),
            AppError::Changed { id, version, fields } => {
                let now: Map<String, Value> = fields.iter().cloned().collect();
                p.with("id", json!(id.to_string()))
                    .with("version", json!(version))
                    .with("now", Value::Object(now))
            }
            _ => p,
        }
    }
}

mod codes {
    use super::{AppError, StatusCode};

    /// The status of an error, by its code.
    pub(super) fn status(e: &AppError) -> StatusCode {
        match e.code() {
            "not-found" => StatusCode::NOT_FOUND,
            "unauthenticated" => StatusCode::UNAUTHORIZED,
            "forbidden" => StatusCode::FORBIDDEN,
            "invalid" | "idempotency-key-reused" => StatusCode::UNPROCESSABLE_ENTITY,
            "bad-filter" | "bad-parameter" | "bad-query" => StatusCode::BAD_REQUEST,
            "conflict" | "duplicate" | "later-merge" | "not-mergeable" => StatusCode::CONFLICT,
            "limit-reached" => StatusCode::TOO_MANY_REQUESTS,
            "disk-full" => StatusCode::INSUFFICIENT_STORAGE,
            "timeout" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Value::Object(self.body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
