//! One's own account: workspaces, password, one-time codes, devices.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use peyvand_app::{App, AppError};
use peyvand_i18n::{Args, keys};
use serde::Deserialize;

use super::once;
use crate::door::{self, Coming, Visitor, encode, safe_path, say};
use crate::shell::{Answer, Chrome, checked, html};

/// What the forms of the account hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    old: String,
    new: String,
    password: String,
    code: String,
    device: String,
    workspace: String,
    to: String,
}

struct Row {
    id: String,
    device: String,
    network: String,
    seen: String,
    opened: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    c: Chrome,
    email: String,
    rule: String,
    workspaces: Vec<(String, String, bool)>,
    devices: Vec<Row>,
    totp: bool,
    /// The workspace asks for one-time codes.
    wanted: bool,
    codes_left: String,
    error: String,
}

async fn show(app: &App, visitor: &Visitor, error: Option<&AppError>) -> Answer {
    let v = &visitor.view;
    let fail = visitor.fail();
    let s = app.security(&visitor.session).await.map_err(&fail)?;
    let devices = app.devices(&visitor.session).await.map_err(&fail)?;
    let page = AccountPage {
        email: s.email,
        rule: v.with(
            keys::WEB_PASSWORD_RULE,
            &Args::new().number("least", peyvand_app::passwords::SHORTEST_PASSWORD as i64),
        ),
        workspaces: app.workspaces_of(&visitor.session).await.map_err(&fail)?,
        devices: devices
            .into_iter()
            .map(|d| Row {
                id: d.id,
                device: d.device,
                network: d.network,
                seen: v.ago(d.seen_at),
                opened: v.instant(d.created_at),
                current: d.current,
            })
            .collect(),
        totp: s.totp,
        wanted: visitor.session.caller.workspace.settings.codes_required && !s.totp,
        codes_left: v.with(
            keys::PEOPLE_CODES_LEFT,
            &Args::new().number("count", s.recovery_codes as i64),
        ),
        error: match error {
            // Signed in they are: it is the password that did not fit.
            Some(AppError::Unauthenticated) => v.t(keys::PEOPLE_PASSWORD_WRONG),
            Some(e) => e.message(v.language),
            None => String::new(),
        },
        c: Chrome::of(visitor, &v.t(keys::PEOPLE_ACCOUNT_TITLE)),
    };
    let status = error.map_or(StatusCode::OK, super::status_of);
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    show(&app, &visitor, None).await
}

/// Where to give the password again, and then on to `to`.
fn prove_first(to: &str) -> Response {
    Redirect::to(&format!("/account/prove?to={}", encode(to))).into_response()
}

/// What a refused step answers: the page again, or the way to prove oneself.
async fn refused(app: &App, visitor: &Visitor, e: &AppError, to: &str) -> Answer {
    match e {
        AppError::ProveAgain => Ok(prove_first(to)),
        e if super::status_of(e).is_server_error() => Err(visitor.fail()(AppError::Forbidden)),
        e => show(app, visitor, Some(e)).await,
    }
}

/// Changes the password.
pub(crate) async fn password(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    match app
        .change_password(&visitor.session, &given.old, &given.new, &coming.visit)
        .await
    {
        Ok(opened) => Ok(door::saying(
            door::with_session(&coming, &opened, "/account"),
            "people-password-changed",
            "",
        )),
        Err(e) => refused(&app, &visitor, &e, "/account").await,
    }
}

#[derive(Template)]
#[template(path = "prove.html")]
struct ProvePage {
    c: Chrome,
    to: String,
    totp: bool,
    error: String,
}

async fn prove_form(app: &App, visitor: &Visitor, to: &str, error: String) -> Answer {
    let s = app.security(&visitor.session).await.map_err(visitor.fail())?;
    let page = ProvePage {
        to: safe_path(to).to_owned(),
        totp: s.totp,
        error,
        c: Chrome::of(visitor, &visitor.view.t(keys::PEOPLE_PROVE_TITLE)),
    };
    Ok(checked(&page, &page.error, false))
}

/// The page that asks for the password again.
pub(crate) async fn prove_page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(given): Query<Given>,
) -> Answer {
    prove_form(&app, &visitor, &given.to, String::new()).await
}

/// Takes the password again; the session gets a new id.
pub(crate) async fn prove(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    match app
        .prove(&visitor.session, &given.password, &given.code, &coming.visit)
        .await
    {
        Ok(opened) => Ok(door::with_session(&coming, &opened, safe_path(&given.to))),
        Err(e) => {
            let text = match e {
                AppError::Unauthenticated => visitor.view.t(keys::PEOPLE_PASSWORD_WRONG),
                e => e.message(visitor.view.language),
            };
            prove_form(&app, &visitor, &given.to, text).await
        }
    }
}

#[derive(Template)]
#[template(path = "totp.html")]
struct TotpPage {
    c: Chrome,
    picture: String,
    secret: String,
    error: String,
}

/// The secret in groups of four, as people type it.
fn grouped(secret: &str) -> String {
    secret
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A picture of an address, drawn by the server: nothing about it leaves the machine.
fn picture(address: &str) -> String {
    qrcode::QrCode::new(address.as_bytes()).map_or_else(
        |_| String::new(),
        |code| {
            code.render::<qrcode::render::svg::Color<'_>>()
                .min_dimensions(220, 220)
                .dark_color(qrcode::render::svg::Color("#000"))
                .light_color(qrcode::render::svg::Color("#fff"))
                .build()
                // The prologue of a file has no place inside a page.
                .trim_start_matches(r#"<?xml version="1.0" standalone="yes"?>"#)
                .to_owned()
        },
    )
}

async fn totp_form(app: &App, visitor: &Visitor, error: Option<&AppError>) -> Answer {
    let (secret, address) = match app.begin_totp(&visitor.session).await {
        Ok(s) => s,
        Err(AppError::ProveAgain) => return Ok(prove_first("/account/codes")),
        Err(e) => return Err(visitor.fail()(e)),
    };
    let page = TotpPage {
        picture: picture(&address),
        secret: grouped(&secret),
        error: error
            .map(|e| e.message(visitor.view.language))
            .unwrap_or_default(),
        c: Chrome::of(visitor, &visitor.view.t(keys::PEOPLE_TOTP_TITLE)),
    };
    let status = error.map_or(StatusCode::OK, super::status_of);
    Ok(html(status, &page, false))
}

/// Begins to switch one-time codes on.
pub(crate) async fn totp_begin(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    totp_form(&app, &visitor, None).await
}

/// Where the way through the proof leads back to.
pub(crate) async fn totp_page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    // Looking changes nothing: the secret is made by the button.
    show(&app, &visitor, None).await
}

/// Switches one-time codes on.
pub(crate) async fn totp_confirm(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    match app
        .confirm_totp(&visitor.session, &given.code, &coming.visit)
        .await
    {
        Ok((opened, codes)) => {
            let page = once(
                &visitor,
                keys::PEOPLE_RECOVERY_TITLE,
                keys::PEOPLE_RECOVERY_LEAD,
                codes,
                "/account",
            );
            Ok(door::keep_session(&coming, &opened, page))
        }
        Err(AppError::ProveAgain) => Ok(prove_first("/account")),
        Err(e) => totp_form(&app, &visitor, Some(&e)).await,
    }
}

/// Switches one-time codes off.
pub(crate) async fn totp_end(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    match app.end_totp(&visitor.session, &given.code, &coming.visit).await {
        Ok(opened) => Ok(door::saying(
            door::with_session(&coming, &opened, "/account"),
            "people-totp-ended",
            "",
        )),
        Err(e) => refused(&app, &visitor, &e, "/account").await,
    }
}

/// New recovery codes.
pub(crate) async fn recovery(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    match app.renew_recovery_codes(&visitor.session).await {
        Ok(codes) => Ok(once(
            &visitor,
            keys::PEOPLE_RECOVERY_TITLE,
            keys::PEOPLE_RECOVERY_LEAD,
            codes,
            "/account",
        )),
        Err(e) => refused(&app, &visitor, &e, "/account").await,
    }
}

/// Ends one device's session, or all others.
pub(crate) async fn sign_out_device(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    let done = if given.device == "all" {
        app.sign_out_everywhere(&visitor.session).await
    } else {
        app.sign_out_device(&visitor.session, &given.device).await
    };
    match done {
        Ok(()) => Ok(say("/account", "people-device-ended", "")),
        Err(AppError::ProveAgain) => Ok(prove_first("/account")),
        Err(e) => Err(visitor.fail()(e)),
    }
}

/// Goes to another workspace.
pub(crate) async fn switch(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    let opened = app
        .switch_workspace(&visitor.session, &given.workspace, &coming.visit)
        .await
        .map_err(visitor.fail())?;
    Ok(door::with_session(&coming, &opened, "/"))
}
