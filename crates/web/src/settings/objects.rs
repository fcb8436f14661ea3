//! Fields and objects of the workspace's own: a new field is one form away.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_catalog::schema::{Change, FieldRef};
use peyvand_catalog::{Choice, FieldDef, FieldType, ObjectDef, Text};
use peyvand_i18n::{Key, keys};
use serde_json::json;

use super::administrator;
use super::deleted::{self, Deleted};
use super::naming::{self, either, key_of, plural_of};
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, checked};

/// Types of fields that people make, with their names.
const TYPES: [(&str, Key); 14] = [
    ("text", keys::SETTINGS_TYPE_TEXT),
    ("long_text", keys::SETTINGS_TYPE_LONG_TEXT),
    ("number", keys::SETTINGS_TYPE_NUMBER),
    ("decimal", keys::SETTINGS_TYPE_DECIMAL),
    ("money", keys::SETTINGS_TYPE_MONEY),
    ("boolean", keys::SETTINGS_TYPE_BOOLEAN),
    ("date", keys::SETTINGS_TYPE_DATE),
    ("instant", keys::SETTINGS_TYPE_INSTANT),
    ("choice", keys::SETTINGS_TYPE_CHOICE),
    ("choices", keys::SETTINGS_TYPE_CHOICES),
    ("email", keys::SETTINGS_TYPE_EMAIL),
    ("phone", keys::SETTINGS_TYPE_PHONE),
    ("url", keys::SETTINGS_TYPE_URL),
    ("link", keys::SETTINGS_TYPE_LINK),
];

struct ObjectLine {
    key: String,
    label: String,
    fields: String,
    own: String,
    custom: bool,
}

#[derive(Template)]
#[template(path = "settings_objects.html")]
struct ObjectsPage {
    c: Chrome,
    css: String,
    list: Vec<ObjectLine>,
    fa: String,
    en: String,
    fa_many: String,
    en_many: String,
    deleted: Vec<Deleted>,
    error: String,
}

struct FieldLine {
    key: String,
    label: String,
    kind: String,
    required: bool,
    in_list: bool,
    /// Number of a field of the workspace's own; 0 for one that is shipped.
    number: i32,
    fa: String,
    en: String,
    /// Choices as lines, when it has any.
    choices: Option<String>,
}

#[derive(Template)]
#[template(path = "settings_object.html")]
struct ObjectPage {
    c: Chrome,
    css: String,
    key: String,
    list: String,
    /// Of the workspace's own: it can be taken away.
    custom: bool,
    fields: Vec<FieldLine>,
    deleted: Vec<Deleted>,
    types: Vec<(&'static str, String, bool)>,
    targets: Vec<(String, String)>,
    fa: String,
    en: String,
    choices: String,
    required: bool,
    in_list: bool,
    error: String,
}

fn type_label(visitor: &Visitor, ty: FieldType) -> String {
    TYPES.iter().find(|(key, _)| *key == ty.key()).map_or_else(
        || visitor.view.t(keys::SETTINGS_TYPE_OTHER),
        |(_, k)| visitor.view.t(*k),
    )
}

/// A choice on a line of its own: `فارسی | English`, or one word for both.
fn lines_of(choices: &[Choice]) -> String {
    choices
        .iter()
        .filter(|c| !c.retired)
        .map(|c| {
            if c.fa == c.en {
                c.fa.clone()
            } else {
                format!("{} | {}", c.fa, c.en)
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads choices from lines; those that are there keep their keys.
fn choices_of(text: &str, before: &[Choice]) -> Vec<Choice> {
    let mut out: Vec<Choice> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (fa, en) = line.split_once('|').unwrap_or((line, line));
        let Some(Text { fa, en }) = either(fa.trim().to_owned(), en.trim().to_owned()) else {
            continue;
        };
        if let Some(old) = before.iter().find(|c| c.fa == fa || c.en == en) {
            out.push(Choice {
                fa,
                en,
                retired: false,
                ..old.clone()
            });
            continue;
        }
        let key = key_of(&en, "choice", &|k| out.iter().chain(before).any(|c| c.key == k));
        let made = json!({ "key": key, "fa": fa, "en": en });
        if let Ok(choice) = serde_json::from_value(made) {
            out.push(choice);
        }
    }
    out
}

fn objects_page(visitor: &Visitor, typed: &Typed, error: String) -> Response {
    let v = &visitor.view;
    let text = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let page = ObjectsPage {
        css: crate::assets::url("record.css"),
        list: visitor
            .session
            .caller
            .workspace
            .catalog()
            .objects()
            .iter()
            .filter(|o| o.writes == peyvand_catalog::Writes::Generic && (o.spine || o.custom))
            .map(|o| ObjectLine {
                key: o.key.clone(),
                label: v.label(&o.labels).to_owned(),
                fields: v.number(o.fields.iter().filter(|f| !f.is_system()).count() as i64),
                own: v.number(o.fields.iter().filter(|f| f.custom).count() as i64),
                custom: o.custom,
            })
            .collect(),
        fa: text("fa"),
        en: text("en"),
        fa_many: text("fa_many"),
        en_many: text("en_many"),
        deleted: deleted::objects(visitor),
        c: Chrome::of(visitor, &v.t(keys::SETTINGS_OBJECTS)),
        error,
    };
    checked(&page, &page.error, visitor.said.is_some())
}

/// Every object, and a form for a new one.
pub(crate) async fn page(State(_): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    Ok(objects_page(&visitor, &Typed::new(), String::new()))
}

/// Makes an object with a name.
pub(crate) async fn add_object(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    let Some(one) = naming::typed(&typed, "fa", "en") else {
        return Ok(objects_page(&visitor, &typed, v.t(keys::SETTINGS_NAME_MISSING)));
    };
    let text = |k: &str| typed.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    let or = |a: String, b: &String| if a.is_empty() { b.clone() } else { a };
    let many = Text {
        fa: or(text("fa_many"), &one.fa),
        en: or(text("en_many"), &one.en),
    };
    let wrong =
        naming::too_long(&visitor, &[&one, &many]).or_else(|| naming::object_there(&visitor, &one, &many));
    if let Some(error) = wrong {
        return Ok(objects_page(&visitor, &typed, error));
    }
    // One that is deleted keeps its key while it can come back.
    let own = &visitor.session.caller.workspace.schema.objects;
    let key = key_of(&one.en, "object", &|k| {
        catalog.object(k).is_some() || own.iter().any(|o| o.key == k)
    });
    let plural = plural_of(&many.en, "things", &|k| {
        catalog.by_plural(k).is_some() || own.iter().any(|o| o.plural == k)
    });
    let made = json!({
        "key": key, "plural": plural, "label": one, "labels": many,
        "icon": "box", "title": "name", "area": "custom", "ownable": true, "custom": true,
        "field": [{
            "key": "name", "type": "text", "label": {"fa": "نام", "en": "Name"},
            "required": true, "sort": true, "search": "title", "list": true, "section": "main", "custom": true,
        }],
    });
    let change = match serde_json::from_value::<ObjectDef>(made) {
        Ok(object) => Change::AddObject {
            object: Box::new(object),
        },
        Err(e) => return Ok(objects_page(&visitor, &typed, e.to_string())),
    };
    match app.change_schema(&visitor.session.caller, &[change], false).await {
        Ok(_) => {
            app.forget_sessions();
            Ok(say(&format!("/settings/objects/{key}"), "settings-saved", ""))
        }
        Err(e) => Ok(objects_page(&visitor, &typed, e.message(v.language))),
    }
}

fn object_page(visitor: &Visitor, object: &ObjectDef, typed: &Typed, error: String) -> Response {
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    let text = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let ty = text("type");
    let page = ObjectPage {
        css: crate::assets::url("record.css"),
        key: object.key.clone(),
        list: format!("/{}", object.plural),
        custom: object.custom,
        fields: object
            .fields
            .iter()
            .filter(|f| !f.is_system())
            .map(|f| FieldLine {
                key: f.key.clone(),
                label: v.label(&f.label).to_owned(),
                kind: type_label(visitor, f.ty),
                required: f.required,
                in_list: f.list,
                number: if f.custom { f.number.unwrap_or(0) } else { 0 },
                fa: f.label.fa.clone(),
                en: f.label.en.clone(),
                choices: matches!(f.ty, FieldType::Choice | FieldType::Choices).then(|| lines_of(&f.choices)),
            })
            .collect(),
        deleted: deleted::of(visitor, object),
        types: TYPES
            .iter()
            .map(|(key, label)| (*key, v.t(*label), *key == ty))
            .collect(),
        targets: catalog
            .objects()
            .iter()
            .filter(|o| o.spine)
            .map(|o| (o.key.clone(), v.label(&o.label).to_owned()))
            .collect(),
        fa: text("fa"),
        en: text("en"),
        choices: text("choices"),
        required: typed.contains_key("required"),
        in_list: typed.is_empty() || typed.contains_key("list"),
        c: Chrome::of(visitor, v.label(&object.labels)),
        error,
    };
    checked(&page, &page.error, visitor.said.is_some())
}

pub(super) fn object_of(visitor: &Visitor, key: &str) -> Result<Arc<ObjectDef>, AppError> {
    administrator(visitor)?;
    let catalog = visitor.session.caller.workspace.catalog();
    catalog.object(key).cloned().ok_or(AppError::NotFound)
}

/// The fields of an object, and a form for a new one.
pub(crate) async fn object(State(_): State<Arc<App>>, visitor: Visitor, Path(key): Path<String>) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    Ok(object_page(&visitor, &object, &Typed::new(), String::new()))
}

/// Makes a field.
pub(crate) async fn add_field(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let v = &visitor.view;
    let refuse = |text| Ok(object_page(&visitor, &object, &typed, text));
    let text = |k: &str| typed.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    let Some(name) = naming::typed(&typed, "fa", "en") else {
        return refuse(v.t(keys::SETTINGS_NAME_MISSING));
    };
    let wrong =
        naming::too_long(&visitor, &[&name]).or_else(|| naming::field_there(&visitor, &object, &name, None));
    if let Some(error) = wrong {
        return refuse(error);
    }
    let ty = text("type");
    if !TYPES.iter().any(|(key, _)| *key == ty) {
        return refuse(v.t(keys::SETTINGS_TYPE_UNKNOWN));
    }
    // One that is deleted keeps its key while it can come back.
    let kept = visitor.session.caller.workspace.schema.fields_of(&object.key);
    let own = key_of(&name.en, "field", &|k| {
        object.field(k).is_some() || kept.iter().any(|f| f.key == k)
    });
    let mut made = json!({
        "key": own, "type": ty, "label": name, "section": "main",
        "required": typed.contains_key("required"), "list": typed.contains_key("list"),
        "sort": matches!(ty.as_str(), "text" | "number" | "decimal" | "date" | "instant"),
        "custom": true,
    });
    match ty.as_str() {
        "choice" | "choices" => {
            let choices = choices_of(&text("choices"), &[]);
            if choices.is_empty() {
                return refuse(v.t(keys::SETTINGS_CHOICES_MISSING));
            }
            if let Some(error) = naming::twice(&visitor, &choices) {
                return refuse(error);
            }
            made["choices"] = json!(choices);
        }
        "link" => {
            made["to"] = json!(text("to"));
            made["inverse"] = json!(format!("{}_{own}", object.key));
            made["on_delete"] = json!("clear");
            made["on_merge"] = json!("relink");
        }
        "decimal" => made["scale"] = json!(2),
        _ => {}
    }
    let change = match serde_json::from_value::<FieldDef>(made) {
        Ok(field) => Change::AddField {
            object: object.key.clone(),
            field: Box::new(field),
        },
        Err(e) => return Ok(object_page(&visitor, &object, &typed, e.to_string())),
    };
    match app.change_schema(&visitor.session.caller, &[change], false).await {
        Ok(_) => {
            app.forget_sessions();
            Ok(say(&format!("/settings/objects/{key}"), "settings-saved", ""))
        }
        Err(e) => Ok(object_page(&visitor, &object, &typed, e.message(v.language))),
    }
}

/// Changes the name, the switches and the choices of a field of one's own, or takes it away.
pub(crate) async fn change_field(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((key, number)): Path<(String, i32)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    let f = object
        .fields
        .iter()
        .find(|f| f.custom && f.number == Some(number))
        .ok_or_else(|| visitor.fail()(AppError::NotFound))?;
    let field = FieldRef {
        object: object.key.clone(),
        key: f.key.clone(),
        number,
    };
    let mut changes = Vec::new();
    let mut confirmed = false;
    let delete = typed.contains_key("delete");
    if delete && !typed.contains_key("sure") {
        return deleted::ask(&app, &visitor, &object, f).await;
    }
    if delete {
        confirmed = true;
        changes.push(Change::DeleteField { field });
    } else {
        let mut label = f.label.clone();
        for (k, side) in [("fa", &mut label.fa), ("en", &mut label.en)] {
            if let Some(s) = typed.get(k).map(|s| s.trim()).filter(|s| !s.is_empty()) {
                s.clone_into(side);
            }
        }
        let wrong = naming::too_long(&visitor, &[&label])
            .or_else(|| naming::field_there(&visitor, &object, &label, Some(number)))
            .filter(|_| label != f.label);
        if let Some(text) = wrong {
            return Ok(object_page(&visitor, &object, &Typed::new(), text));
        }
        if label != f.label {
            changes.push(Change::RenameLabel {
                field: field.clone(),
                from: f.label.clone(),
                to: label,
            });
        }
        // A box that is not ticked is not sent: only a form that has the boxes says that they are off.
        if typed.contains_key("switches") {
            let to = FieldDef {
                required: typed.contains_key("required"),
                list: typed.contains_key("list"),
                ..f.clone()
            };
            if (to.required, to.list) != (f.required, f.list) {
                changes.push(Change::EditField {
                    field: field.clone(),
                    from: Box::new(f.clone()),
                    to: Box::new(to),
                });
            }
        }
        if let Some(text) = typed.get("choices") {
            let mut to = choices_of(text, &f.choices);
            if let Some(text) = naming::twice(&visitor, &to) {
                return Ok(object_page(&visitor, &object, &Typed::new(), text));
            }
            // A choice that is no longer on the list is retired, so that records that have it keep it.
            for old in &f.choices {
                if !to.iter().any(|c| c.key == old.key) {
                    to.push(Choice {
                        retired: true,
                        ..old.clone()
                    });
                }
            }
            if to != f.choices {
                changes.push(Change::ChangeChoices {
                    field,
                    from: f.choices.clone(),
                    to,
                });
            }
        }
    }
    match app
        .change_schema(&visitor.session.caller, &changes, confirmed)
        .await
    {
        Ok(_) => {
            app.forget_sessions();
            Ok(if delete {
                deleted::gone(&key, number)
            } else {
                say(&format!("/settings/objects/{key}"), "settings-saved", "")
            })
        }
        Err(e) => Ok(object_page(
            &visitor,
            &object,
            &Typed::new(),
            e.message(visitor.view.language),
        )),
    }
}
