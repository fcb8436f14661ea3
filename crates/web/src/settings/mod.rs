//! Settings: what the firm is run with, by subject.

pub(crate) mod backup;
pub(crate) mod choices;
pub(crate) mod deleted;
pub(crate) mod log;
mod naming;
pub(crate) mod numbering;
pub(crate) mod objects;
pub(crate) mod roles;
pub(crate) mod system;
pub(crate) mod time;
pub(crate) mod tokens;
mod words;
pub(crate) mod workspace;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use peyvand_app::{App, AppError};
use peyvand_i18n::keys;
use peyvand_record::{Reach, Verb};

use crate::door::Visitor;
use crate::shell::{Answer, Chrome, html, icon};

/// A door of the settings.
struct Card {
    to: String,
    icon: &'static str,
    label: String,
    about: String,
}

struct Group {
    label: String,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    c: Chrome,
    css: String,
    groups: Vec<Group>,
}

/// May the visitor run the workspace?
pub(crate) fn administrator(visitor: &Visitor) -> Result<(), AppError> {
    if visitor.session.caller.policy.unrestricted {
        Ok(())
    } else {
        Err(AppError::Forbidden)
    }
}

/// The doors of the settings.
pub(crate) async fn page(State(_): State<Arc<App>>, visitor: Visitor) -> Answer {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let admin = administrator(&visitor).is_ok();
    let object = |key: &str| -> Option<Card> {
        let def = caller.workspace.catalog().object(key)?;
        (caller.policy.reach(key, Verb::Read) != Reach::None).then(|| Card {
            to: format!("/{}", def.plural),
            icon: icon(&def.icon),
            label: v.label(&def.labels).to_owned(),
            about: String::new(),
        })
    };
    let own = |to: &str, icon: &'static str, label, about, all: bool| -> Option<Card> {
        (all || admin).then(|| Card {
            to: to.to_owned(),
            icon,
            label: v.t(label),
            about: v.t(about),
        })
    };
    let groups = [
        (
            keys::SETTINGS_GROUP_OWN,
            vec![
                own(
                    "/preferences",
                    "user",
                    keys::WEB_PREFS_TITLE,
                    keys::SETTINGS_ABOUT_PREFS,
                    true,
                ),
                own(
                    "/account",
                    "shield",
                    keys::PEOPLE_ACCOUNT_TITLE,
                    keys::SETTINGS_ABOUT_ACCOUNT,
                    true,
                ),
                own(
                    "/settings/tokens",
                    "shield",
                    keys::SETTINGS_TOKENS,
                    keys::SETTINGS_ABOUT_TOKENS,
                    true,
                ),
            ],
        ),
        (
            keys::SETTINGS_GROUP_PEOPLE,
            vec![
                own(
                    "/settings/people",
                    "people",
                    keys::PEOPLE_TITLE,
                    keys::SETTINGS_ABOUT_PEOPLE,
                    false,
                ),
                own(
                    "/settings/access",
                    "keys",
                    keys::PEOPLE_ACCESS_TITLE,
                    keys::SETTINGS_ABOUT_ACCESS,
                    false,
                ),
                own(
                    "/settings/roles",
                    "shield",
                    keys::ROLES_TITLE,
                    keys::ROLES_ABOUT,
                    caller.policy.reach("role", Verb::Update) == Reach::All,
                ),
                object("team"),
            ],
        ),
        (
            keys::SETTINGS_GROUP_DATA,
            vec![
                own(
                    "/settings/objects",
                    "cols",
                    keys::SETTINGS_OBJECTS,
                    keys::SETTINGS_ABOUT_OBJECTS,
                    false,
                ),
                own(
                    "/import",
                    "up",
                    keys::IMPORT_TITLE,
                    keys::SETTINGS_ABOUT_IMPORT,
                    true,
                ),
                own(
                    "/export",
                    "down",
                    keys::EXPORT_TITLE,
                    keys::SETTINGS_ABOUT_EXPORT,
                    true,
                ),
                object("tag"),
                object("territory"),
            ],
        ),
        (
            keys::SETTINGS_GROUP_SALES,
            vec![
                object("pipeline"),
                object("stage"),
                object("lost_reason"),
                object("price_list"),
                object("currency_rate"),
                own(
                    "/settings/numbering",
                    "hash",
                    keys::NUMBERING_TITLE,
                    keys::NUMBERING_ABOUT,
                    false,
                ),
            ],
        ),
        (
            keys::SETTINGS_GROUP_TIME,
            vec![
                own(
                    "/settings/holidays",
                    "cal",
                    keys::SETTINGS_HOLIDAYS,
                    keys::SETTINGS_ABOUT_HOLIDAYS,
                    true,
                ),
                own(
                    "/settings/hours",
                    "clock",
                    keys::SETTINGS_HOURS,
                    keys::SETTINGS_ABOUT_HOURS,
                    false,
                ),
            ],
        ),
        (
            keys::SETTINGS_GROUP_SYSTEM,
            vec![
                own(
                    "/settings/workspace",
                    "gear",
                    keys::SETTINGS_WORKSPACE,
                    keys::SETTINGS_ABOUT_WORKSPACE,
                    false,
                ),
                own(
                    "/settings/backup",
                    "shield",
                    keys::SETTINGS_BACKUPS,
                    keys::BACKUP_ABOUT,
                    false,
                ),
                own(
                    "/settings/log",
                    "book",
                    keys::SETTINGS_LOG,
                    keys::SETTINGS_ABOUT_LOG,
                    false,
                ),
                own(
                    "/settings/jobs",
                    "flow",
                    keys::SETTINGS_JOBS,
                    keys::SETTINGS_ABOUT_JOBS,
                    false,
                ),
            ],
        ),
    ];
    let page = SettingsPage {
        css: crate::assets::url("record.css"),
        groups: groups
            .into_iter()
            .map(|(label, cards)| Group {
                label: v.t(label),
                cards: cards.into_iter().flatten().collect(),
            })
            .filter(|g| !g.cards.is_empty())
            .collect(),
        c: Chrome::of(&visitor, &v.t(keys::COMMON_SETTINGS)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
