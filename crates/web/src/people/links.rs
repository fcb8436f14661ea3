//! One-time links: to sign in, to join, to set a new password. Opening a link only shows a page: a program that looks at
//! links does not use them up.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use peyvand_app::links::LinkInfo;
use peyvand_app::{App, AppError};
use peyvand_i18n::{Args, keys};

use super::DoorPage;
use super::entry::{Given, go_on, password_rule, tongue};
use crate::door::{Coming, safe_path};

fn sign_in_form(app: &App, headers: &HeaderMap, given: &Given) -> DoorPage {
    DoorPage::new(
        app,
        headers,
        keys::WEB_LINK_TITLE,
        keys::WEB_LINK_LEAD,
        "/sign-in/link",
        keys::COMMON_SIGN_IN,
    )
    .hide("token", &given.token)
    .hide("to", safe_path(&given.to))
}

/// The page of a link that signs in.
pub(crate) async fn sign_in_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    sign_in_form(&app, &headers, &given).show()
}

/// Signs in by a one-time link.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    coming: Coming,
    Form(given): Form<Given>,
) -> Response {
    match app.sign_in_by_link(&given.token, &coming.visit).await {
        Ok(done) => go_on(&app, &coming, done, &given.to).await,
        Err(AppError::Unauthenticated) => sign_in_form(&app, &coming.headers, &given).dead(),
        Err(e) => crate::shell::failure(&e, tongue(&coming)),
    }
}

fn join_form(app: &App, headers: &HeaderMap, given: &Given, info: Option<&LinkInfo>) -> DoorPage {
    let mut page = DoorPage::new(
        app,
        headers,
        keys::PEOPLE_JOIN_TITLE,
        keys::PEOPLE_JOIN_LEAD,
        "/join",
        keys::PEOPLE_JOIN_DO,
    )
    .hide("token", &given.token);
    let Some(info) = info else { return page };
    let args = Args::new()
        .text("workspace", info.workspace.clone())
        .text("email", info.email.clone());
    let lead = if info.has_password {
        keys::PEOPLE_JOIN_KNOWN
    } else {
        keys::PEOPLE_JOIN_NEW
    };
    page.lead = page.c.v.with(lead, &args);
    if info.has_password {
        page.input(
            "password",
            keys::COMMON_PASSWORD,
            "password",
            "",
            "current-password",
        )
    } else {
        password_rule(page)
    }
}

/// The page of an invitation.
pub(crate) async fn join_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    match app.link_info(&given.token, false).await {
        Ok(info) => join_form(&app, &headers, &given, Some(&info)).show(),
        Err(_) => join_form(&app, &headers, &given, None).dead(),
    }
}

/// Takes an invitation.
pub(crate) async fn join(State(app): State<Arc<App>>, coming: Coming, Form(given): Form<Given>) -> Response {
    let info = app.link_info(&given.token, false).await.ok();
    let page = join_form(&app, &coming.headers, &given, info.as_ref());
    if info.is_none() {
        return page.dead();
    }
    let page = match page.complete(&given) {
        Ok(page) => page,
        Err(lacking) => return lacking,
    };
    match app
        .accept_invitation(&given.token, &given.password, &coming.visit)
        .await
    {
        Ok(done) => go_on(&app, &coming, done, "/").await,
        Err(e) => page.refused(&e),
    }
}

fn reset_form(app: &App, headers: &HeaderMap, given: &Given) -> DoorPage {
    DoorPage::new(
        app,
        headers,
        keys::PEOPLE_RESET_TITLE,
        keys::PEOPLE_RESET_LEAD,
        "/reset",
        keys::PEOPLE_RESET_DO,
    )
    .hide("token", &given.token)
}

/// The page of a link to a new password.
pub(crate) async fn reset_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    match app.link_info(&given.token, true).await {
        Ok(_) => password_rule(reset_form(&app, &headers, &given)).show(),
        Err(_) => reset_form(&app, &headers, &given).dead(),
    }
}

/// Sets a new password.
pub(crate) async fn reset(State(app): State<Arc<App>>, coming: Coming, Form(given): Form<Given>) -> Response {
    if app.link_info(&given.token, true).await.is_ok() {
        let page = password_rule(reset_form(&app, &coming.headers, &given));
        if let Err(lacking) = page.complete(&given) {
            return lacking;
        }
    }
    match app
        .reset_password(&given.token, &given.password, &coming.visit)
        .await
    {
        Ok(done) => go_on(&app, &coming, done, "/").await,
        Err(AppError::Unauthenticated) => reset_form(&app, &coming.headers, &given).dead(),
        Err(e) => password_rule(reset_form(&app, &coming.headers, &given)).refused(&e),
    }
}
