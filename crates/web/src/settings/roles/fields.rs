//! What a role does to the fields of an object: hidden, masked, read only.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::rights::RoleRules;
use peyvand_app::{App, AppError};
use peyvand_catalog::{Class, FieldDef, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::{FieldRule, Record};

use super::read::{self, Wrong};
use super::table::Choice;
use super::{HERE, name_of, role_of, to_be_mended};
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::people::access;
use crate::shell::{Answer, Chrome, html, status};

struct Line {
    name: String,
    label: String,
    key: String,
    sensitive: bool,
    /// What follows from other rules.
    note: String,
    choices: Vec<Choice>,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "settings_role_fields.html")]
struct FieldsPage {
    c: Chrome,
    css: String,
    back: String,
    action: String,
    role: String,
    version: String,
    everything: bool,
    lines: Vec<Line>,
    error: String,
    errors: Vec<String>,
}

/// Fields that a rule can be made for: all but the ones that the program writes for itself.
fn listed(object: &ObjectDef, f: &FieldDef) -> bool {
    f.class != Class::Secret
        && (!f.is_system() || (object.ownable && matches!(f.key.as_str(), "owner_id" | "team_id")))
}

struct Shown<'a> {
    record: &'a Record,
    rules: &'a RoleRules,
    error: String,
    wrong: Vec<Wrong>,
    status: StatusCode,
}

fn fields_page(visitor: &Visitor, object: &ObjectDef, shown: Shown<'_>) -> Response {
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    let own = shown.rules.fields.get(&object.key);
    let bounded = RoleRules {
        everything: false,
        ..shown.rules.clone()
    };
    let policy = bounded.policy(catalog, Id::NIL, Vec::new(), Vec::new());
    let lines = object
        .fields
        .iter()
        .filter(|f| listed(object, f))
        .map(|f| {
            let now = own.and_then(|o| o.get(&f.key)).copied();
            let follows = f.ty == FieldType::Formula
                && now != Some(FieldRule::Hidden)
                && object
                    .field(&f.key)
                    .is_some_and(|(ix, _)| policy.field(&object.key, ix) == Some(FieldRule::Hidden));
            let mut choices = vec![Choice {
                value: "",
                label: v.t(keys::ROLES_NO_RULE),
                on: now.is_none(),
            }];
            choices.extend(read::offered(f).map(|(value, rule)| Choice {
                value,
                label: v.t(access::rule(rule)),
                on: now == Some(rule),
            }));
            let name = format!("field:{}", f.key);
            Line {
                label: v.label(&f.label).to_owned(),
                key: f.key.clone(),
                sensitive: f.class == Class::Sensitive,
                note: if follows {
                    v.t(keys::ROLES_HIDDEN_BY_INPUT)
                } else {
                    String::new()
                },
                choices,
                wrong: shown.wrong.iter().any(|w| w.cell == name),
                name,
            }
        })
        .collect();
    let role = shown.record.id();
    let page = FieldsPage {
        css: crate::assets::url("record.css"),
        back: format!("{HERE}/{role}"),
        action: format!("{HERE}/{role}/fields/{}", object.key),
        role: name_of(shown.record),
        version: shown.record.version().to_string(),
        everything: shown.rules.everything,
        lines,
        error: shown.error,
        errors: shown.wrong.iter().map(|w| w.sentence(v)).collect(),
        c: Chrome::of(visitor, v.label(&object.labels)),
    };
    html(shown.status, &page, visitor.said.is_some())
}

fn object_of(visitor: &Visitor, key: &str) -> Result<Arc<ObjectDef>, AppError> {
    let catalog = visitor.session.caller.workspace.catalog();
    catalog.object(key).cloned().ok_or(AppError::NotFound)
}

/// The fields of an object under a role.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, key)): Path<(String, String)>,
) -> Answer {
    let (record, rules) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let shown = Shown {
        record: &record,
        rules: &rules,
        error: String::new(),
        wrong: Vec::new(),
        status: StatusCode::OK,
    };
    Ok(fields_page(&visitor, &object, shown))
}

/// Saves the rules of the fields of an object.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let (record, before) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let (rules, wrong) = read::fields(v, caller.workspace.catalog(), &object, &before, &typed);
    if !wrong.is_empty() {
        let shown = Shown {
            record: &record,
            rules: &rules,
            error: v.t(keys::ROLES_NOT_SAVED),
            wrong,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        };
        return Ok(fields_page(&visitor, &object, shown));
    }
    let known = typed.get("version").and_then(|n| n.parse().ok());
    let json = serde_json::to_value(&rules).unwrap_or_default();
    match app
        .change_role(caller, record.id(), None, Some(&json), known)
        .await
    {
        Ok(r) => Ok(say(&format!("{HERE}/{}", r.id()), "settings-saved", "")),
        Err(e) if to_be_mended(&e) => {
            let (now, _) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
            let shown = Shown {
                record: &now,
                rules: &rules,
                error: e.message(v.language),
                wrong: Vec::new(),
                status: status(&e),
            };
            Ok(fields_page(&visitor, &object, shown))
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}
