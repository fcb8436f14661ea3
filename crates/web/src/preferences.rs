//! A person's own choices: language, calendar, digits, theme, rial or toman, time zone.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use peyvand_app::wishes::KINDS;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::notification;
use peyvand_i18n::keys;
use peyvand_numbers::Language;

use crate::door::{Coming, Visitor, keep_language, safe_path, say};
use crate::shell::{Answer, Chrome, html};

/// The choices, in the order of the page.
const CHOICES: [&str; 5] = ["language", "calendar", "digits", "theme", "rial_display"];

/// Begins the names of the boxes of notifications.
const TOLD: &str = "told";

/// A choice with its options: key, label, options (key, label, chosen).
struct Choice {
    key: String,
    label: String,
    options: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "preferences.html")]
struct PreferencesPage {
    c: Chrome,
    choices: Vec<Choice>,
    zone_label: String,
    zone: String,
    zone_error: String,
    /// Kinds of notifications: key, label, wanted.
    told: Vec<(String, String, bool)>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    show(&app, &visitor, &HashMap::new(), String::new(), StatusCode::OK).await
}

/// The page with what was chosen, or with what is stored where nothing was.
async fn show(
    app: &App,
    visitor: &Visitor,
    given: &HashMap<String, String>,
    zone_error: String,
    status: StatusCode,
) -> Answer {
    let v = &visitor.view;
    let mut choices = Vec::new();
    let (mut zone, mut zone_label) = (String::new(), String::new());
    if let Some(def) = visitor.session.caller.workspace.catalog().object("user") {
        for key in CHOICES {
            let Some((ix, f)) = def.field(key) else { continue };
            let stored = visitor.session.user.get(ix).as_str().unwrap_or_default();
            // Where a person has chosen nothing, what the workspace has is chosen.
            let stored = match (stored, key) {
                ("", "language") => v.tag(),
                ("", "calendar") => v.calendar.key(),
                (stored, _) => stored,
            };
            let now = given.get(key).map_or(stored, String::as_str);
            choices.push(Choice {
                key: key.to_owned(),
                label: v.label(&f.label).to_owned(),
                options: f
                    .choices
                    .iter()
                    .map(|c| {
                        let fa = v.language == Language::Fa;
                        (
                            c.key.clone(),
                            if fa { c.fa.clone() } else { c.en.clone() },
                            c.key == now,
                        )
                    })
                    .collect(),
            });
        }
        if let Some((ix, f)) = def.field("time_zone") {
            let own = visitor.session.user.get(ix).as_str();
            let stored = own.or_else(|| v.zone.iana_name()).unwrap_or_default();
            given
                .get("time_zone")
                .map_or(stored, String::as_str)
                .clone_into(&mut zone);
            v.label(&f.label).clone_into(&mut zone_label);
        }
    }
    let wishes = app
        .notification_wishes(&visitor.session.caller)
        .await
        .map_err(visitor.fail())?;
    let kinds = visitor
        .session
        .caller
        .workspace
        .catalog()
        .object(notification::OBJECT);
    let kinds = kinds.and_then(|def| def.at(notification::KIND));
    let fa = v.language == Language::Fa;
    let told = wishes
        .into_iter()
        .filter_map(|(key, on)| {
            let c = kinds?.choice(key)?;
            let on = if given.contains_key(TOLD) {
                given.contains_key(&format!("{TOLD}:{key}"))
            } else {
                on
            };
            Some((key.to_owned(), if fa { c.fa.clone() } else { c.en.clone() }, on))
        })
        .collect();
    let page = PreferencesPage {
        told,
        c: Chrome::of(visitor, &v.t(keys::WEB_PREFS_TITLE)),
        choices,
        zone_label,
        zone,
        zone_error,
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// Saves what was chosen and goes back to where the person was.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    coming: Coming,
    visitor: Visitor,
    Form(given): Form<HashMap<String, String>>,
) -> Answer {
    let chosen: Vec<(&str, &str)> = given
        .iter()
        .filter(|(k, x)| *k != "to" && !k.starts_with(TOLD) && !x.is_empty())
        .map(|(k, x)| (k.as_str(), x.as_str()))
        .collect();
    match app.save_preferences(&visitor.session, &chosen).await {
        Ok(()) => {}
        Err(AppError::Parameter {
            name: "time_zone", ..
        }) => {
            let said = visitor.view.t(keys::WEB_PREFS_ZONE);
            return show(&app, &visitor, &given, said, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Err(e) => return Err(visitor.fail()(e)),
    }
    // The boxes say nothing where they are not ticked: the form says that it has them.
    if given.contains_key(TOLD) {
        let wishes: Vec<(&str, bool)> = KINDS
            .iter()
            .map(|(kind, _)| (*kind, given.contains_key(&format!("{TOLD}:{kind}"))))
            .collect();
        app.set_notification_wishes(&visitor.session.caller, &wishes)
            .await
            .map_err(visitor.fail())?;
    }
    let to = safe_path(given.get("to").map_or("/preferences", String::as_str));
    let response = say(to, "web-saved", "");
    Ok(match given.get("language").map(String::as_str) {
        Some("fa") => keep_language(&coming, Language::Fa, response),
        Some("en") => keep_language(&coming, Language::En, response),
        _ => response,
    })
}
