//! Errors as RFC 9457 problem documents with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use peyvand_app::AppError;
use peyvand_app::errors::MOST_TOLD;
use peyvand_i18n::{Args, text_of_code};
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
        let detail: Vec<&str> = errors.iter().filter_map(|e| e["message"][key].as_str()).collect();
        let detail = detail.join("\n");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid")
            .with("detail", json!(detail))
            .with("errors", Value::Array(errors))
    }

    /// With a sentence about its code, when it has none yet: problems are made in many places that know no language.
    #[must_use]
    pub(crate) fn said(self, language: Language) -> Self {
        if self.body.contains_key("detail") {
            return self;
        }
        let member = |name: &str| self.body.get(name);
        let mut args = Args::new();
        if let Some(name) = member("parameter").and_then(Value::as_str) {
            args = args.text("name", name);
        }
        if let Some(most) = member("most").and_then(Value::as_i64) {
            args = args.number("most", most);
        }
        let code = member("code").and_then(Value::as_str).unwrap_or_default();
        let sentence = text_of_code(language, code, &args);
        self.with("detail", json!(sentence))
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
                Value::Array(errors.iter().take(MOST_TOLD).map(FieldError::to_json).collect()),
            ),
            AppError::Filter(f) => p
                .with("position", json!(f.position))
                .with("reason", json!(f.code.key())),
            AppError::Parameter { name, value } => {
                p.with("parameter", json!(name)).with("value", json!(value))
            }
            AppError::InRecycleBin(id) => p.with("id", json!(id.to_string())),
            AppError::InUse { object, count } => p.with("object", json!(object)).with("count", json!(count)),
            AppError::LaterMerge { operation } => p.with("operation", json!(operation.to_string())),
            AppError::FileRefused { reason } => p.with("reason", json!(reason)),
            AppError::UploadOffset { offset } => p.with("position", json!(offset)),
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

/// The stable codes with their statuses.
pub(crate) const CODES: &[(&str, u16)] = &[
    ("bad-filter", 400),
    ("bad-json", 400),
    ("bad-parameter", 400),
    ("bad-query", 400),
    ("unauthenticated", 401),
    ("forbidden", 403),
    ("rights-changed", 403),
    ("not-found", 404),
    ("method-not-allowed", 405),
    ("not-acceptable", 406),
    ("already-undone", 409),
    ("conflict", 409),
    ("duplicate", 409),
    ("idempotency-in-flight", 409),
    ("in-recycle-bin", 409),
    ("in-use", 409),
    ("later-merge", 409),
    ("likely-duplicate", 409),
    ("not-mergeable", 409),
    ("schema-unconfirmed", 409),
    ("upload-offset", 409),
    ("payload-too-large", 413),
    ("too-many-items", 413),
    ("unsupported-media-type", 415),
    ("bad-range", 416),
    ("consent-expiry", 422),
    ("consent-in-future", 422),
    ("consent-no-address", 422),
    ("consent-no-proof", 422),
    ("consent-scope", 422),
    ("consent-too-long", 422),
    ("invalid", 422),
    ("not-permitted", 422),
    ("idempotency-key-reused", 422),
    ("sum-overflow", 422),
    ("file-refused", 422),
    ("last-administrator", 409),
    ("limit-reached", 429),
    ("rate-limited", 429),
    ("prove-again", 403),
    ("wrong-code", 422),
    ("password-too-short", 422),
    ("password-too-long", 422),
    ("password-common", 422),
    ("password-leaked", 422),
    ("password-personal", 422),
    ("file-missing", 500),
    ("internal", 500),
    ("timeout", 503),
    ("disk-full", 507),
];

mod codes {
    use super::{AppError, CODES, StatusCode};

    /// The status of an error, by its code.
    pub(super) fn status(e: &AppError) -> StatusCode {
        let known = CODES.iter().find(|(code, _)| *code == e.code()).map(|(_, s)| *s);
        let status = match e {
            // Definitions that do not fit are values that cannot be taken.
            AppError::Schema(_) | AppError::Formula(_) => 422,
            _ => known.unwrap_or(500),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes whose sentence is made of what they are about.
    const OWN: [&str; 4] = ["bad-filter", "bad-query", "invalid", "not-permitted"];

    #[test]
    fn every_code_has_its_sentence() {
        for (code, status) in CODES.iter().filter(|(c, _)| !OWN.contains(c)) {
            for language in [Language::Fa, Language::En] {
                let problem = Problem::new(StatusCode::from_u16(*status).unwrap(), code)
                    .with("parameter", json!("limit"))
                    .with("most", json!(300))
                    .said(language);
                let known = ["rate-limited", "password-too-short", "in-use"];
                if known.contains(code) {
                    // With a number of their own, which the use case gives.
                    continue;
                }
                let said = problem.into_json()["detail"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                assert!(!said.is_empty() && !said.contains(code), "{code}: {said}");
            }
        }
        // The control: a code without a sentence is shown as such.
        let odd = Problem::new(StatusCode::BAD_REQUEST, "no-such-code").said(Language::En);
        assert!(
            odd.into_json()["detail"]
                .as_str()
                .unwrap_or_default()
                .contains("no-such-code")
        );
    }
}
