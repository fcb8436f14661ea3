//! Coming in and going out: sign-in, one-time links, the first start.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use peyvand_app::sessions::SHORTEST_PASSWORD;
use peyvand_app::{App, AppError};
use peyvand_i18n::{Args, keys};
use serde::Deserialize;

use crate::door::{self, Visitor, device, language, safe_path};
use crate::shell::{Answer, Chrome, html};
use crate::view::Viewer;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct DoorPage {
    c: Chrome,
    /// `sign-in`, `link` or `set-up`.
    kind: &'static str,
    heading: String,
    lead: String,
    action: &'static str,
    token: String,
    name: String,
    email: String,
    to: String,
    rule: String,
    error: String,
    usable: bool,
    button: String,
}

/// What a form of the door holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    email: String,
    password: String,
    name: String,
    token: String,
    to: String,
}

fn door_page(app: &App, headers: &HeaderMap, kind: &'static str, given: &Given) -> DoorPage {
    let v = Viewer::stranger(app, language(headers));
    let (heading, lead, action, button) = match kind {
        "link" => (
            keys::WEB_LINK_TITLE,
            keys::WEB_LINK_LEAD,
            "/sign-in/link",
            keys::COMMON_SIGN_IN,
        ),
        "set-up" => (
            keys::WEB_SETUP_TITLE,
            keys::WEB_SETUP_LEAD,
            "/set-up",
            keys::WEB_SETUP_DO,
        ),
        _ => (
            keys::WEB_SIGNIN_TITLE,
            keys::WEB_SIGNIN_LEAD,
            "/sign-in",
            keys::COMMON_SIGN_IN,
        ),
    };
    DoorPage {
        kind,
        heading: v.t(heading),
        lead: v.t(lead),
        action,
        token: given.token.clone(),
        name: given.name.clone(),
        email: given.email.clone(),
        to: safe_path(&given.to).to_owned(),
        rule: v.with(
            keys::WEB_PASSWORD_RULE,
            &Args::new().number("least", SHORTEST_PASSWORD as i64),
        ),
        error: String::new(),
        usable: true,
        button: v.t(button),
        c: Chrome::outside(v.clone(), &v.t(heading)),
    }
}

/// The page of sign-in.
pub(crate) async fn sign_in_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    html(
        StatusCode::OK,
        &door_page(&app, &headers, "sign-in", &given),
        false,
    )
}

/// Signs in by address and password.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    match app
        .sign_in(&given.email, &given.password, &device(&headers))
        .await
    {
        Ok(token) => door::with_session(&headers, &token, safe_path(&given.to)),
        Err(e) => {
            let mut page = door_page(&app, &headers, "sign-in", &given);
            let (status, text) = match e.code() {
                "unauthenticated" => (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    page.c.t(keys::WEB_SIGNIN_FAILED),
                ),
                "limit-reached" => (StatusCode::TOO_MANY_REQUESTS, page.c.t(keys::WEB_SIGNIN_TOO_MANY)),
                _ => (crate::shell::status(&e), e.message(page.c.v.language)),
            };
            page.error = text;
            html(status, &page, false)
        }
    }
}

/// The page of a one-time link: a program that only looks at the link does not use it up.
pub(crate) async fn link_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    html(StatusCode::OK, &door_page(&app, &headers, "link", &given), false)
}

/// Signs in by a one-time link.
pub(crate) async fn link(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    match app.sign_in_by_link(&given.token, &device(&headers)).await {
        Ok(token) => door::with_session(&headers, &token, safe_path(&given.to)),
        Err(AppError::Unauthenticated) => {
            let mut page = door_page(&app, &headers, "link", &given);
            page.error = page.c.t(keys::WEB_LINK_DEAD);
            page.usable = false;
            html(StatusCode::UNPROCESSABLE_ENTITY, &page, false)
        }
        Err(e) => crate::shell::failure(&e, language(&headers)),
    }
}

/// The page of the first start.
pub(crate) async fn set_up_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    let mut page = door_page(&app, &headers, "set-up", &given);
    let mut status = StatusCode::OK;
    if app.set_up_open(&given.token).await.is_err() {
        page.error = page.c.t(keys::WEB_LINK_DEAD);
        page.usable = false;
        status = StatusCode::NOT_FOUND;
    }
    html(status, &page, false)
}

/// Makes the first administrator.
pub(crate) async fn set_up(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    match app
        .set_up(
            &given.token,
            &given.name,
            &given.email,
            &given.password,
            &device(&headers),
        )
        .await
    {
        Ok(token) => door::with_session(&headers, &token, "/"),
        Err(e) => {
            let mut page = door_page(&app, &headers, "set-up", &given);
            page.error = match &e {
                AppError::Unauthenticated => page.c.t(keys::WEB_LINK_DEAD),
                AppError::Parameter { name: "password", .. } => page.rule.clone(),
                e => e.message(page.c.v.language),
            };
            page.usable = !matches!(e, AppError::Unauthenticated);
            html(StatusCode::UNPROCESSABLE_ENTITY, &page, false)
        }
    }
}

/// Ends the session.
pub(crate) async fn sign_out(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    app.sign_out(&visitor.session).await.map_err(visitor.fail())?;
    Ok(door::without_session("/sign-in"))
}
