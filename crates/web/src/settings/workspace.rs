//! What holds for the whole workspace: currency, zone, language, calendar, sending.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_i18n::keys;
use peyvand_numbers::Currency;

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
    /// Errors of the currency and of the zone.
    errors: (String, String),
    /// Why codes cannot be asked of all.
    codes: String,
}

fn of(
    visitor: &Visitor,
    settings: &peyvand_app::workspace::Settings,
    errors: (String, String),
) -> WorkspacePage {
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
        errors,
        codes: String::new(),
        c: Chrome::of(visitor, &visitor.view.t(keys::SETTINGS_WORKSPACE)),
    }
}

/// The settings of the workspace.
pub(crate) async fn page(State(_): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let settings = &visitor.session.caller.workspace.settings;
    let page = of(&visitor, settings, (String::new(), String::new()));
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Saves them.
pub(crate) async fn save(State(app): State<Arc<App>>, visitor: Visitor, Form(typed): Form<Typed>) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
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
    let mut errors = (String::new(), String::new());
    if Currency::new(&settings.base_currency).is_err() {
        errors.0 = v.t(keys::SETTINGS_CURRENCY_UNKNOWN);
    }
    if peyvand_calendar::zone::zone(&settings.time_zone).is_none() {
        errors.1 = v.t(keys::SETTINGS_ZONE_UNKNOWN);
    }
    // Whoever asks them of all and has none themselves could go nowhere but to their own account, not even back here.
    let asked = settings.codes_required && !visitor.session.caller.workspace.settings.codes_required;
    let own = app.security(&visitor.session).await.map_err(visitor.fail())?.totp;
    let codes = if asked && !own {
        v.t(keys::SETTINGS_CODES_OWN_FIRST)
    } else {
        String::new()
    };
    if !codes.is_empty() || !errors.0.is_empty() || !errors.1.is_empty() {
        let mut page = of(&visitor, &settings, errors);
        page.codes = codes;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
    }
    app.save_settings(&visitor.session.caller, &settings)
        .await
        .map_err(visitor.fail())?;
    app.forget_sessions();
    Ok(say("/settings/workspace", "settings-saved", ""))
}
