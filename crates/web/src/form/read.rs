//! What was typed into a form, as values or as errors beside their fields.

use std::collections::HashMap;

use peyvand_app::{App, AppError, ListRequest, reading};
use peyvand_catalog::definition::Text;
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::Language;
use peyvand_record::codec::{self, EdgeContext, FieldError, Mode};
use peyvand_record::{Record, Value};

use super::Typed;
use super::inputs::target_of;
use super::repeat::{self, is_repeat};
use crate::door::Visitor;
use crate::view::Viewer;

/// How this reader's forms are read.
pub(crate) fn edge(app: &App, visitor: &Visitor, mode: Mode) -> EdgeContext {
    let caller = &visitor.session.caller;
    let mut edge = caller.workspace.edge(caller.language, app.clock.now(), mode);
    edge.time_zone = visitor.view.zone.clone();
    edge.today = visitor.view.today();
    edge.rial_unit = visitor.view.unit;
    // A year below 1634 is Jalali, one above Gregorian; words follow the reader's calendar.
    edge
}

/// A link as it was typed: the id that stands beside it while the text is still its title, else the one record of this
/// name.
pub(crate) async fn read_link(
    app: &App,
    visitor: &Visitor,
    field: &FieldDef,
    typed: &Typed,
) -> Result<Value, String> {
    let key = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let beside = key(&format!("{}.id", field.key));
    find_link(app, visitor, target_of(field), &key(&field.key), &beside).await
}

async fn find_link(
    app: &App,
    visitor: &Visitor,
    to: &str,
    text: &str,
    beside: &str,
) -> Result<Value, String> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if let Ok(id) = text.parse::<Id>() {
        return Ok(Value::Id(id));
    }
    if let Ok(id) = beside.parse::<Id>() {
        let wanted = HashMap::from([(to.to_owned(), vec![id])]);
        let titles = app
            .titles(caller, &wanted)
            .await
            .map_err(|e| e.message(v.language))?;
        if titles.get(&id).is_some_and(|t| t.trim() == text) {
            return Ok(Value::Id(id));
        }
    }
    let none = || v.with(keys::WEB_FORM_LINK_NONE, &Args::new().text("value", text));
    let Some(object) = caller.workspace.catalog().object(to) else {
        return Err(none());
    };
    let request = ListRequest {
        q: Some(text.to_owned()),
        limit: Some(10),
        ..ListRequest::default()
    };
    let found = app
        .list(caller, object, &request)
        .await
        .map_err(|e| e.message(v.language))?
        .records;
    let exact: Vec<&Record> = found
        .iter()
        .filter(|r| reading::title(object, r).trim() == text)
        .collect();
    match (exact.as_slice(), found.as_slice()) {
        ([one], _) => Ok(Value::Id(one.id())),
        ([], [one]) => Ok(Value::Id(one.id())),
        ([], []) => Err(none()),
        _ => Err(v.with(keys::WEB_FORM_LINK_MANY, &Args::new().text("value", text))),
    }
}

/// The record of an object that was typed under a name, as [`read_link`] finds it.
pub(crate) async fn read_link_to(
    app: &App,
    visitor: &Visitor,
    object: &str,
    name: &str,
    typed: &Typed,
) -> Result<Option<Id>, String> {
    let key = |k: &str| typed.get(k).cloned().unwrap_or_default();
    match find_link(app, visitor, object, &key(name), &key(&format!("{name}.id"))).await? {
        Value::Id(id) => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// The values of a form, or what is wrong with which field.
pub(crate) async fn read(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    fields: &[FieldIx],
    typed: &Typed,
    mode: Mode,
) -> (Vec<(FieldIx, Value)>, HashMap<String, String>) {
    let v = &visitor.view;
    let edge = edge(app, visitor, mode);
    let mut values = Vec::new();
    let mut errors = HashMap::new();
    for &ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let text = typed.get(&f.key).map(String::as_str).unwrap_or_default();
        let value = match f.stored() {
            FieldType::PersonName | FieldType::Address => {
                let prefix = format!("{}.", f.key);
                let map: serde_json::Map<String, serde_json::Value> = typed
                    .iter()
                    .filter_map(|(k, x)| k.strip_prefix(&prefix).map(|k| (k, x.trim())))
                    .filter(|(_, x)| !x.is_empty())
                    .map(|(k, x)| (k.to_owned(), x.into()))
                    .collect();
                if map.is_empty() {
                    Ok(Value::Null)
                } else {
                    codec::parse_json_value(f, &serde_json::Value::Object(map), &edge)
                        .map_err(|e| e.message(v.language))
                }
            }
            FieldType::Link => read_link(app, visitor, f, typed).await,
            FieldType::Boolean => Ok(Value::Bool(text == "true" || text == "on")),
            FieldType::Choices => {
                let prefix = format!("{}:", f.key);
                let picked: Vec<serde_json::Value> = f
                    .choices
                    .iter()
                    .filter(|c| typed.contains_key(&format!("{prefix}{}", c.key)))
                    .map(|c| c.key.clone().into())
                    .collect();
                codec::parse_json_value(f, &serde_json::Value::Array(picked), &edge)
                    .map_err(|e| e.message(v.language))
            }
            // In forms rich text is written with marks; over the other roads it comes as it is.
            FieldType::RichText => {
                let html = peyvand_text::marked::from_written(text);
                codec::parse_text(f, &html, &edge).map_err(|e| e.message(v.language))
            }
            FieldType::Text if is_repeat(f) => repeat::read(v, f, typed, &edge)
                .and_then(|rule| codec::parse_text(f, &rule, &edge).map_err(|e| e.message(v.language))),
            _ => codec::parse_text(f, text, &edge).map_err(|e| e.message(v.language)),
        };
        match value {
            Ok(Value::Null) if f.required => {
                errors.insert(
                    f.key.clone(),
                    peyvand_i18n::text_of_code(v.language, "required", &Args::new()),
                );
            }
            // A new record without a value takes the field's default; said is only what was typed.
            Ok(Value::Null) if mode == Mode::Create => {}
            Ok(x) => values.push((ix, x)),
            Err(e) => {
                errors.insert(f.key.clone(), e);
            }
        }
    }
    (values, errors)
}

/// An error about a field that the form calls otherwise than the catalog does.
pub(crate) fn called(mut e: FieldError, label: Key) -> FieldError {
    let text = |language| peyvand_i18n::text(language, label, &Args::new());
    e.label = Some(Box::new(Text {
        fa: text(Language::Fa),
        en: text(Language::En),
    }));
    e
}

/// What a use case refused, beside the fields it is about.
pub(crate) fn refusals(v: &Viewer, object: &ObjectDef, e: &AppError) -> (HashMap<String, String>, String) {
    match e {
        AppError::Invalid(list) => {
            let known = |f: &&FieldError| object.field(&f.field).is_some();
            let map = list
                .iter()
                .filter(known)
                .map(|f| (f.field.clone(), f.message(v.language)))
                .collect::<HashMap<_, _>>();
            let rest: Vec<String> = list
                .iter()
                .filter(|f| !known(f))
                .map(|f| f.message(v.language))
                .collect();
            (map, rest.join("\n"))
        }
        AppError::Duplicate { fields } => {
            let named: Vec<&FieldDef> = fields
                .split(',')
                .filter_map(|k| object.field(k.trim()))
                .map(|(_, f)| f)
                .filter(|f| !f.is_system())
                .collect();
            let text = match named.as_slice() {
                [] => e.message(v.language),
                some => {
                    let comma = if v.dir() == "rtl" { "، " } else { ", " };
                    let labels: Vec<&str> = some.iter().map(|f| v.label(&f.label)).collect();
                    v.with(keys::FORM_TAKEN, &Args::new().word("fields", labels.join(comma)))
                }
            };
            let map = named.iter().map(|f| (f.key.clone(), text.clone())).collect();
            (map, text)
        }
        e => (HashMap::new(), e.message(v.language)),
    }
}
