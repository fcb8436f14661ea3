//! Sign-in, the first start, and the way out.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use peyvand_app::links::FirstPerson;
use peyvand_app::passwords::SHORTEST_PASSWORD;
use peyvand_app::settings::Firm;
use peyvand_app::sign_in::SignIn;
use peyvand_app::{App, AppError};
use peyvand_calendar::Calendar;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::{Currency, Language};
use serde::Deserialize;

use super::DoorPage;
use crate::door::{self, Coming, Visitor, language, safe_path};
use crate::shell::{Answer, html};

/// What a form of the door holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) code: String,
    pub(super) to: String,
    pub(super) language: String,
    pub(super) calendar: String,
    pub(super) time_zone: String,
    pub(super) currency: String,
}

impl Given {
    /// What was given under the name of an input.
    pub(super) fn of(&self, name: &str) -> &str {
        match name {
            "email" => &self.email,
            "password" => &self.password,
            "name" => &self.name,
            "code" => &self.code,
            "language" => &self.language,
            "calendar" => &self.calendar,
            "time_zone" => &self.time_zone,
            "currency" => &self.currency,
            _ => "",
        }
    }
}

pub(super) fn password_rule(page: DoorPage) -> DoorPage {
    let rule = page.c.v.with(
        keys::WEB_PASSWORD_RULE,
        &Args::new().number("least", SHORTEST_PASSWORD as i64),
    );
    page.input("password", keys::COMMON_PASSWORD, "password", "", "new-password")
        .help(rule)
}

fn sign_in_form(app: &App, headers: &HeaderMap, given: &Given) -> DoorPage {
    DoorPage::new(
        app,
        headers,
        keys::WEB_SIGNIN_TITLE,
        keys::WEB_SIGNIN_LEAD,
        "/sign-in",
        keys::COMMON_SIGN_IN,
    )
    .hide("to", safe_path(&given.to))
    .email(&given.email)
    .input(
        "password",
        keys::COMMON_PASSWORD,
        "password",
        "",
        "current-password",
    )
}

fn code_form(app: &App, headers: &HeaderMap, half: &str, to: &str) -> DoorPage {
    DoorPage::new(
        app,
        headers,
        keys::PEOPLE_CODE_TITLE,
        keys::PEOPLE_CODE_LEAD,
        "/sign-in/code",
        keys::COMMON_SIGN_IN,
    )
    .hide("to", safe_path(to))
    .hide("token", half)
    .code()
}

/// Goes on after a first step: into the application, or to the code.
pub(super) async fn go_on(app: &App, coming: &Coming, done: SignIn, to: &str) -> Response {
    match done {
        SignIn::Done(opened) => door::let_in(app, coming, &opened, safe_path(to)).await,
        SignIn::NeedsCode(half) => code_form(app, &coming.headers, &half, to).show(),
    }
}

/// The page of sign-in.
pub(crate) async fn sign_in_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    sign_in_form(&app, &headers, &given).show()
}

/// Signs in by address and password.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    coming: Coming,
    Form(given): Form<Given>,
) -> Response {
    if let Err(lacking) = sign_in_form(&app, &coming.headers, &given).complete(&given) {
        return lacking;
    }
    match app.sign_in(&given.email, &given.password, &coming.visit).await {
        Ok(done) => go_on(&app, &coming, done, &given.to).await,
        Err(AppError::Unauthenticated) => {
            let mut page = sign_in_form(&app, &coming.headers, &given);
            page.error = page.c.t(keys::WEB_SIGNIN_FAILED);
            html(StatusCode::UNPROCESSABLE_ENTITY, &page, false)
        }
        Err(e) => sign_in_form(&app, &coming.headers, &given).refused(&e),
    }
}

/// The second step: a one-time code or a recovery code.
pub(crate) async fn code(State(app): State<Arc<App>>, coming: Coming, Form(given): Form<Given>) -> Response {
    if let Err(lacking) = code_form(&app, &coming.headers, &given.token, &given.to).complete(&given) {
        return lacking;
    }
    match app.sign_in_code(&given.token, &given.code, &coming.visit).await {
        Ok(opened) => door::let_in(&app, &coming, &opened, safe_path(&given.to)).await,
        Err(AppError::Unauthenticated) => {
            let mut page = sign_in_form(&app, &coming.headers, &given);
            page.error = page.c.t(keys::PEOPLE_CODE_LATE);
            html(StatusCode::UNPROCESSABLE_ENTITY, &page, false)
        }
        Err(e) => code_form(&app, &coming.headers, &given.token, &given.to).refused(&e),
    }
}

/// The firm as the form has it. What the form does not say is as firms that read the page mostly have it.
fn firm_of(headers: &HeaderMap, given: &Given) -> Firm {
    let mut firm = Firm::of(language(headers));
    match given.language.as_str() {
        "fa" => firm.language = Language::Fa,
        "en" => firm.language = Language::En,
        _ => {}
    }
    if let Some(calendar) = Calendar::from_key(&given.calendar) {
        firm.calendar = calendar;
    }
    for (said, is) in [
        (&given.time_zone, &mut firm.time_zone),
        (&given.currency, &mut firm.currency),
    ] {
        if !said.trim().is_empty() {
            said.trim().clone_into(is);
        }
    }
    firm
}

fn set_up_form(app: &App, headers: &HeaderMap, given: &Given) -> DoorPage {
    let firm = firm_of(headers, given);
    let tongue = language(headers);
    let page = DoorPage::new(
        app,
        headers,
        keys::WEB_SETUP_TITLE,
        keys::WEB_SETUP_LEAD,
        "/set-up",
        keys::WEB_SETUP_DO,
    )
    .hide("token", &given.token)
    .input("name", keys::WEB_SETUP_NAME, "text", &given.name, "name")
    .email(&given.email);
    let mut page = password_rule(page);
    let languages = [("fa", "فارسی"), ("en", "English")];
    let calendars = [Calendar::Jalali, Calendar::Gregorian].map(|c| {
        let name = match c {
            Calendar::Jalali => keys::CALENDAR_JALALI,
            Calendar::Gregorian => keys::CALENDAR_GREGORIAN,
        };
        (c.key().to_owned(), page.c.t(name))
    });
    let mut currencies: Vec<(String, String)> = Currency::all()
        .map(|c| (c.code().to_owned(), format!("{} · {}", c.code(), c.name(tongue))))
        .collect();
    currencies.sort();
    page = page
        .choice(
            "language",
            keys::COMMON_LANGUAGE,
            firm.language.tag(),
            languages
                .into_iter()
                .map(|(tag, name)| (tag.to_owned(), name.to_owned())),
        )
        .choice(
            "calendar",
            keys::CALENDAR_CALENDAR,
            firm.calendar.key(),
            calendars.into_iter(),
        )
        .zone(
            &firm.time_zone,
            tongue == Language::En && given.time_zone.is_empty(),
        )
        .choice(
            "currency",
            keys::SETTINGS_CURRENCY,
            &firm.currency,
            currencies.into_iter(),
        );
    let lead = page.c.t(keys::WEB_SETUP_FIRM);
    page.help(lead)
}

/// The page of the first start.
pub(crate) async fn set_up_page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    let page = set_up_form(&app, &headers, &given);
    if app.set_up_open(&given.token).await.is_err() {
        return page.dead();
    }
    page.show()
}

/// Makes the first administrator.
pub(crate) async fn set_up(
    State(app): State<Arc<App>>,
    coming: Coming,
    Form(given): Form<Given>,
) -> Response {
    let firm = firm_of(&coming.headers, &given);
    // What the form does not say of the firm is settled by its language.
    let given = Given {
        language: firm.language.tag().to_owned(),
        calendar: firm.calendar.key().to_owned(),
        time_zone: firm.time_zone.clone(),
        currency: firm.currency.clone(),
        ..given
    };
    if app.set_up_open(&given.token).await.is_ok()
        && let Err(lacking) = set_up_form(&app, &coming.headers, &given).complete(&given)
    {
        return lacking;
    }
    let first = FirstPerson {
        name: given.name.clone(),
        email: given.email.clone(),
        password: given.password.clone(),
    };
    let done = app.set_up(&given.token, &firm, &first, &coming.visit).await;
    match done {
        Ok(opened) => door::let_in(&app, &coming, &opened, "/").await,
        Err(AppError::Unauthenticated) => set_up_form(&app, &coming.headers, &given).dead(),
        Err(e) => set_up_form(&app, &coming.headers, &given).refused(&e),
    }
}

/// Ends the session.
pub(crate) async fn sign_out(State(app): State<Arc<App>>, coming: Coming, visitor: Visitor) -> Answer {
    app.sign_out(&visitor.session).await.map_err(visitor.fail())?;
    Ok(door::without_session(&coming, "/sign-in"))
}

/// The language of a page for somebody who is not signed in.
pub(super) fn tongue(coming: &Coming) -> peyvand_numbers::Language {
    language(&coming.headers)
}
