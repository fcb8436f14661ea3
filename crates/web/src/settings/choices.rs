//! The choices of a field, shipped or of the workspace's own: their names in both languages, colours, order, and which are
//! offered no longer.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_catalog::schema::{Change, FieldRef};
use peyvand_catalog::{Catalog, Choice, FieldDef, ObjectDef};
use peyvand_i18n::{Key, keys};
use peyvand_numbers::Language;

use super::administrator;
use super::naming::{self, key_of};
use super::objects::object_of;
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, checked};

/// The pigments with their names.
const COLOURS: [(&str, Key); 7] = [
    ("lapis", keys::CHOICES_LAPIS),
    ("violet", keys::CHOICES_VIOLET),
    ("saffron", keys::CHOICES_SAFFRON),
    ("pistachio", keys::CHOICES_PISTACHIO),
    ("anar", keys::CHOICES_ANAR),
    ("clay", keys::CHOICES_CLAY),
    ("firouzeh", keys::CHOICES_FIROUZEH),
];

struct Line {
    key: String,
    fa: String,
    en: String,
    /// Key, name, chosen.
    colours: Vec<(&'static str, String, bool)>,
    pigment: String,
    /// Its name in the reader's language.
    label: String,
    at: usize,
    retired: bool,
    /// New records have it: it cannot be retired.
    usual: bool,
}

#[derive(Template)]
#[template(path = "settings_choices.html")]
struct ChoicesPage {
    c: Chrome,
    css: String,
    /// Address of the object's fields.
    back: String,
    address: String,
    lines: Vec<Line>,
    fresh: Line,
    open: bool,
    error: String,
}

fn colours(visitor: &Visitor, chosen: &str) -> Vec<(&'static str, String, bool)> {
    COLOURS
        .iter()
        .map(|(key, name)| (*key, visitor.view.t(*name), *key == chosen))
        .collect()
}

fn show(
    visitor: &Visitor,
    object: &ObjectDef,
    field: &FieldDef,
    choices: &[Choice],
    typed: &Typed,
    error: String,
) -> Response {
    let v = &visitor.view;
    let usual = field.default.as_ref().and_then(|d| d.as_str());
    let typed = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let page = ChoicesPage {
        css: crate::assets::url("record.css"),
        back: format!("/settings/objects/{}#field-{}", object.key, field.key),
        address: format!("/settings/objects/{}/choices/{}", object.key, field.key),
        lines: choices
            .iter()
            .enumerate()
            .map(|(n, c)| Line {
                key: c.key.clone(),
                fa: c.fa.clone(),
                en: c.en.clone(),
                colours: colours(visitor, c.color.as_deref().unwrap_or_default()),
                pigment: c.color.clone().unwrap_or_else(|| "clay".to_owned()),
                label: if v.language == Language::Fa { &c.fa } else { &c.en }.clone(),
                at: n + 1,
                retired: c.retired,
                usual: usual == Some(c.key.as_str()),
            })
            .collect(),
        fresh: Line {
            key: "+".to_owned(),
            fa: typed("fa.+"),
            en: typed("en.+"),
            colours: colours(visitor, &typed("color.+")),
            pigment: String::new(),
            label: String::new(),
            at: choices.len() + 1,
            retired: false,
            usual: false,
        },
        open: field.takes_choices(),
        c: Chrome::of(
            visitor,
            &format!("{} · {}", v.label(&field.label), v.label(&object.label)),
        ),
        error,
    };
    checked(&page, &page.error, visitor.said.is_some())
}

fn field_of<'o>(object: &'o ObjectDef, key: &str) -> Result<&'o FieldDef, AppError> {
    object
        .field(key)
        .map(|(_, f)| f)
        .filter(|f| !f.choices.is_empty() && f.deleted_on.is_none())
        .ok_or(AppError::NotFound)
}

/// The choices of a field.
pub(crate) async fn page(
    State(_): State<Arc<App>>,
    visitor: Visitor,
    Path((key, field)): Path<(String, String)>,
) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let field = field_of(&object, &field).map_err(visitor.fail())?;
    Ok(show(
        &visitor,
        &object,
        field,
        &field.choices,
        &Typed::new(),
        String::new(),
    ))
}

/// The choices as they were typed, in their order.
fn read(field: &FieldDef, typed: &Typed) -> Vec<Choice> {
    let text = |name: &str, key: &str| {
        typed
            .get(&format!("{name}.{key}"))
            .map(|s| s.trim())
            .filter(|s| !s.is_empty())
            .map(|s| s.chars().take(100).collect::<String>())
    };
    let colour = |key: &str| text("color", key).filter(|c| COLOURS.iter().any(|(known, _)| known == c));
    let open = field.takes_choices();
    let mut out: Vec<(i64, Choice)> = Vec::new();
    for (n, old) in field.choices.iter().enumerate() {
        let at = text("at", &old.key).and_then(|s| s.parse().ok());
        out.push((
            at.filter(|_| open).unwrap_or(n as i64 + 1),
            Choice {
                key: old.key.clone(),
                fa: text("fa", &old.key).unwrap_or_else(|| old.fa.clone()),
                en: text("en", &old.key).unwrap_or_else(|| old.en.clone()),
                color: if typed.contains_key(&format!("color.{}", old.key)) {
                    colour(&old.key)
                } else {
                    old.color.clone()
                },
                retired: open && typed.contains_key(&format!("retired.{}", old.key)),
            },
        ));
    }
    let (fa, en) = (text("fa", "+"), text("en", "+"));
    if open && let Some(one) = en.clone().or_else(|| fa.clone()) {
        let key = key_of(&one, "choice", &|k| field.choice(k).is_some());
        let at = text("at", "+").and_then(|s| s.parse().ok());
        out.push((
            at.unwrap_or(i64::MAX),
            Choice {
                key,
                fa: fa.clone().unwrap_or_else(|| one.clone()),
                en: one.clone(),
                color: colour("+"),
                retired: false,
            },
        ));
    }
    out.sort_by_key(|(at, _)| *at);
    out.into_iter().map(|(_, c)| c).collect()
}

/// Saves them.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((key, field)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let field = field_of(&object, &field).map_err(visitor.fail())?;
    let v = &visitor.view;
    let wanted = read(field, &typed);
    let usual = field.default.as_ref().and_then(|d| d.as_str());
    if wanted.iter().any(|c| c.retired && usual == Some(c.key.as_str())) || wanted.iter().all(|c| c.retired) {
        let error = v.t(keys::CHOICES_NEEDED);
        return Ok(show(&visitor, &object, field, &wanted, &typed, error));
    }
    if let Some(error) = naming::twice(&visitor, &wanted) {
        // What is new stands in its own row still.
        let there: Vec<Choice> = wanted
            .into_iter()
            .filter(|c| field.choice(&c.key).is_some())
            .collect();
        return Ok(show(&visitor, &object, field, &there, &typed, error));
    }
    let change = change_of(&app, &visitor, &object, field, &wanted);
    // What goes back to the shipped list takes nothing away from any record: only what is equal to it goes back.
    let changes: Vec<Change> = change.into_iter().collect();
    match app.change_schema(&visitor.session.caller, &changes, true).await {
        Ok(_) => {
            app.forget_sessions();
            let address = format!("/settings/objects/{}/choices/{}", object.key, field.key);
            Ok(say(&address, "settings-saved", ""))
        }
        Err(e) => Ok(show(
            &visitor,
            &object,
            field,
            &wanted,
            &typed,
            e.message(v.language),
        )),
    }
}

/// The change that makes these the choices of a field; `None` when they are that already.
fn change_of(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    field: &FieldDef,
    wanted: &[Choice],
) -> Option<Change> {
    let workspace = &visitor.session.caller.workspace;
    if wanted == field.choices {
        return None;
    }
    if let Some(number) = field.number.filter(|_| field.custom) {
        Some(Change::ChangeChoices {
            field: FieldRef {
                object: object.key.clone(),
                key: field.key.clone(),
                number,
            },
            from: field.choices.clone(),
            to: wanted.to_vec(),
        })
    } else {
        let standard = Catalog::standard();
        let shipped = standard.object(&object.key).and_then(|o| o.field(&field.key));
        let own = app.schema_of(workspace).choices;
        let own = own.get(&object.key).and_then(|o| o.get(&field.key));
        Some(Change::ShippedChoices {
            object: object.key.clone(),
            field: field.key.clone(),
            from: own.cloned().unwrap_or_default(),
            to: if shipped.is_some_and(|(_, f)| f.choices == wanted) {
                Vec::new()
            } else {
                wanted.to_vec()
            },
        })
    }
}

/// May the visitor give fields further choices?
pub(crate) fn may_add_choices(visitor: &Visitor) -> bool {
    administrator(visitor).is_ok()
}

/// Gives a field further choices of these names, behind those that it has.
pub(crate) async fn add_choices(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    field: &FieldDef,
    names: &BTreeSet<&str>,
) -> Result<(), AppError> {
    administrator(visitor)?;
    if !field.takes_choices() {
        return Err(AppError::Forbidden);
    }
    let mut wanted = field.choices.clone();
    for name in names {
        let name: String = name.chars().take(100).collect();
        let key = key_of(&name, "choice", &|k| wanted.iter().any(|c| c.key == k));
        wanted.push(Choice {
            key,
            fa: name.clone(),
            en: name,
            color: None,
            retired: false,
        });
    }
    if let Some(change) = change_of(app, visitor, object, field, &wanted) {
        app.change_schema(&visitor.session.caller, &[change], true)
            .await?;
        app.forget_sessions();
    }
    Ok(())
}
