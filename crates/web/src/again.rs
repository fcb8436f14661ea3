//! A form that was sent when its session had ended: it is kept for the browser that sent it, and sent again after sign-in.
//! It is kept in the memory of the process, for an hour, and named by a cookie that no script can read.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use peyvand_core::{Deadline, random};
use peyvand_i18n::keys;

use crate::door::{Visitor, cookie, encode};
use crate::shell::{Answer, Chrome, html};

/// The cookie.
const COOKIE: &str = "peyvand_kept";
/// Most bytes of one form; longer ones are not kept.
const MOST_BYTES: usize = 512 * 1024;
/// Most forms; the oldest goes first.
const MOST_FORMS: usize = 200;
/// How long one is kept.
const LIFE: Duration = Duration::from_hours(1);

struct Kept {
    action: String,
    body: Vec<u8>,
    until: Deadline,
    order: u64,
}

static FORMS: LazyLock<Mutex<HashMap<String, Kept>>> = LazyLock::new(Mutex::default);

fn put(action: String, body: Vec<u8>) -> String {
    let name = hex::encode(random::bytes::<16>());
    let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
    forms.retain(|_, k| !k.until.passed());
    let order = forms.values().map(|k| k.order).max().unwrap_or(0) + 1;
    if forms.len() >= MOST_FORMS
        && let Some(oldest) = forms.iter().min_by_key(|(_, k)| k.order).map(|(n, _)| n.clone())
    {
        forms.remove(&oldest);
    }
    forms.insert(
        name.clone(),
        Kept {
            action,
            body,
            until: Deadline::after(LIFE),
            order,
        },
    );
    name
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"))
}

/// Keeps a form whose sender is no longer signed in.
pub(crate) async fn keep(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let outside = path.starts_with("/sign-") || path == "/set-up" || path == "/preferences";
    let part = request.headers().contains_key("x-part");
    if *request.method() != Method::POST || outside || part || !is_form(request.headers()) {
        return next.run(request).await;
    }
    let action = request
        .uri()
        .path_and_query()
        .map_or(path, |p| p.as_str().to_owned());
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, 2 * 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let copy = (bytes.len() <= MOST_BYTES).then(|| bytes.clone());
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let sent_away = response.status().is_redirection()
        && response
            .headers()
            .get(header::LOCATION)
            .is_some_and(|l| l.as_bytes().starts_with(b"/sign-in?to="));
    let Some(bytes) = copy.filter(|_| sent_away) else {
        return response;
    };
    let name = put(action, bytes.to_vec());
    let mut response = Redirect::to(&format!("/sign-in?to={}", encode("/again"))).into_response();
    let text = format!(
        "{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}",
        LIFE.as_secs()
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    c: Chrome,
    action: String,
    fields: Vec<(String, String)>,
}

/// The form that was kept, ready to be sent again.
pub(crate) async fn page(visitor: Visitor, headers: HeaderMap) -> Answer {
    let kept = cookie(&headers, COOKIE).and_then(|name| {
        FORMS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .filter(|k| !k.until.passed())
            .map(|k| (k.action.clone(), k.body.clone()))
    });
    let Some((action, body)) = kept else {
        return Ok(Redirect::to("/").into_response());
    };
    let fields = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let page = AgainPage {
        action,
        fields,
        c: Chrome::of(&visitor, &visitor.view.t(keys::AGAIN_TITLE)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
