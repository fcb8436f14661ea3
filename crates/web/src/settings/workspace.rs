//! What holds for the whole workspace: currency, zone, language, calendar, sending.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use peyvand_app::workspace::Settings;
use peyvand_app::{App, AppError};
use peyvand_i18n::keys;
use peyvand_record::codec::FieldError;

use super::administrator;
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, html};

#[derive(Template)]
#[template(path = "settings_workspace.html")]
struct WorkspacePage {
    c: Chrome,
    css: String,
    currency: String,
    zone: String,
    fa: bool,
    jalali: bool,
    /// Name, label and state of what is switched on or off.
    switches: [(&'static str, String, bool); 2],
    /// What is wrong with the currency, with the zone, and with asking codes of all; empty when nothing is.
    currency_error: String,
    zone_error: String,
    codes_error: String,
}

fn of(visitor: &Visitor, settings: &Settings, errors: &[FieldError]) -> WorkspacePage {
    let said = |field: &str| {
        let of_field = errors.iter().find(|e| e.field == field);
        of_field
            .map(|e| e.message(visitor.view.language))
            .unwrap_or_default()
    };
    WorkspacePage {
        css: crate::assets::url("record.css"),
        currency: settings.base_currency.clone(),
        zone: settings.time_zone.clone(),
        fa: settings.language != "en",
        jalali: settings.calendar != "gregorian",
        switches: [
            (
                "paused",
                visitor.view.t(keys::SETTINGS_PAUSED),
                settings.sending_paused,
            ),
            (
                "codes",
                visitor.view.t(keys::SETTINGS_CODES_REQUIRED),
                settings.codes_required,
            ),
        ],
        currency_error: said("currency"),
        zone_error: said("time_zone"),
        codes_error: said("codes_required"),
        c: Chrome::of(visitor, &visitor.view.t(keys::SETTINGS_WORKSPACE)),
    }
}

/// The settings of the workspace.
pub(crate) async fn page(State(_): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let settings = &visitor.session.caller.workspace.settings;
    let page = of(&visitor, settings, &[]);
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Saves them.
pub(crate) async fn save(State(app): State<Arc<App>>, visitor: Visitor, Form(typed): Form<Typed>) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let text = |k: &str| typed.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    let mut settings = visitor.session.caller.workspace.settings.clone();
    settings.base_currency = text("currency").to_uppercase();
    settings.time_zone = text("zone");
    let language = if text("language") == "en" { "en" } else { "fa" };
    language.clone_into(&mut settings.language);
    let calendar = if text("calendar") == "gregorian" {
        "gregorian"
    } else {
        "jalali"
    };
    calendar.clone_into(&mut settings.calendar);
    settings.sending_paused = typed.contains_key("paused");
    settings.codes_required = typed.contains_key("codes");
    match app.change_settings(&visitor.session.caller, &settings).await {
        Ok(_) => {}
        Err(AppError::Invalid(errors)) => {
            let page = of(&visitor, &settings, &errors);
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
        }
        Err(e) => return Err(visitor.fail()(e)),
    }
    Ok(say("/settings/workspace", "settings-saved", ""))
}
