//! The door: no handler without a caller.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use peyvand_app::{App, Caller};
use peyvand_core::Via;
use peyvand_numbers::Language;

use crate::problem::Problem;

/// A caller who has shown a token.
#[derive(Debug)]
pub struct Door(pub Caller);

/// The language that the request asks for.
fn language(parts: &Parts) -> Option<Language> {
    let wanted = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = wanted.split(',').next()?.trim();
    if first.starts_with("fa") {
        Some(Language::Fa)
    } else if first.starts_with("en") {
        Some(Language::En)
    } else {
        None
    }
}

impl FromRequestParts<Arc<App>> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer "))
            .map(str::trim)
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated"))?;
        let wanted = language(parts);
        let mut caller = app
            .caller_of_token(token, Via::Api)
            .await
            .map_err(|e| Problem::of(&e, wanted.unwrap_or(Language::En)))?;
        if let Some(l) = wanted {
            caller.language = l;
        }
        Ok(Self(caller))
    }
}
