//! Schemas and examples of records: what is answered, what is taken for a new record, what is taken for a change.

use std::collections::BTreeMap;

use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Instant;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::Language;
use peyvand_record::codec::{EdgeContext, MASKED, Mode, is_writable};
use serde_json::{Map, Value, json};

use super::{Reader, component, reference};
use crate::batch::BATCH;
use crate::shape::Shape;

/// Greatest number of characters of one line of text that does not say otherwise.
const LINE: u32 = 255;
/// Greatest number of characters of long and rich text that does not say otherwise.
const LONG: u32 = 100_000;
/// Greatest number of entries of a list.
const ENTRIES: u32 = 100;
/// An id in examples.
const ID: &str = "0197b3a0-6c1e-7d2a-9f53-1c2d3e4f5a6b";

/// The components that every object shares.
pub(super) fn shared(schemas: &mut BTreeMap<String, Value>) {
    let text = |most: u32| json!({"type": "string", "maxLength": most});
    let part = |names: &[&str], most: u32| -> Map<String, Value> {
        names.iter().map(|n| ((*n).to_owned(), text(most))).collect()
    };
    let optional = |names: &[&str]| -> Map<String, Value> {
        names
            .iter()
            .map(|n| {
                (
                    (*n).to_owned(),
                    json!({"type": ["string", "null"], "maxLength": LINE}),
                )
            })
            .collect()
    };
    let closed = |properties: Map<String, Value>, required: &[&str]| {
        let mut out = json!({"type": "object", "additionalProperties": false});
        if !required.is_empty() {
            out["required"] = json!(required);
        }
        out["properties"] = Value::Object(properties);
        out
    };
    let name = ["title", "given", "middle", "family", "suffix", "latin"];
    let address = ["street", "city", "province", "postal_code", "country"];
    schemas.insert("value.Name".to_owned(), closed(part(&name, LINE), &[]));
    schemas.insert("value.Address".to_owned(), closed(part(&address, 1000), &[]));
    schemas.insert(
        "value.Money".to_owned(),
        json!({
            "type": "object", "additionalProperties": false, "required": ["amount", "currency"],
            "properties": {
                "amount": {"type": "string", "pattern": "^-?[0-9]{1,19}$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "example": {"amount": "1250000", "currency": "IRR"},
        }),
    );
    schemas.insert(
        "value.Point".to_owned(),
        json!({
            "type": "object", "additionalProperties": false, "required": ["value", "channel", "primary"],
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "value": {"type": "string"},
                "channel": {"type": "string"},
                "label": {"type": "string"},
                "primary": {"type": "boolean"},
            },
        }),
    );
    schemas.insert(
        "given.Name".to_owned(),
        json!({"anyOf": [text(LINE), closed(optional(&name), &[])]}),
    );
    schemas.insert(
        "given.Address".to_owned(),
        json!({"anyOf": [text(1000), closed(optional(&address), &[])]}),
    );
    schemas.insert(
        "given.Money".to_owned(),
        json!({
            "type": "object", "additionalProperties": false, "required": ["amount"],
            "properties": {
                "amount": {"anyOf": [
                    {"type": "string", "pattern": "^-?[0-9]{1,19}$"},
                    {"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX},
                ]},
                "currency": {"type": ["string", "null"], "pattern": "^[A-Z]{3}$"},
            },
            "example": {"amount": "1250000", "currency": "IRR"},
        }),
    );
    schemas.insert(
        "given.Point".to_owned(),
        json!({"anyOf": [
            {"type": "string", "maxLength": LINE},
            {
                "type": "object", "additionalProperties": false, "required": ["value"],
                "properties": {
                    "id": {"type": ["string", "null"], "format": "uuid"},
                    "value": {"type": "string", "maxLength": LINE},
                    "channel": {"type": "string"},
                    "label": {"type": ["string", "null"], "maxLength": LINE},
                    "primary": {"type": ["boolean", "null"]},
                },
            },
        ]}),
    );
}

/// The schema of a shape that belongs to an object.
pub(super) fn schema(
    reader: &Reader<'_>,
    object: &ObjectDef,
    shape: &Shape,
    schemas: &mut BTreeMap<String, Value>,
) -> Value {
    let name = component(object);
    match shape {
        Shape::Record => {
            answered(reader, object, schemas);
            reference(&name)
        }
        Shape::Page | Shape::Related => {
            answered(reader, object, schemas);
            let page = format!("{name}.page");
            schemas.entry(page.clone()).or_insert_with(|| {
                json!({
                    "type": "object", "additionalProperties": false, "required": ["data", "next_cursor"],
                    "properties": {
                        "data": {"type": "array", "items": reference(&name), "maxItems": 200},
                        "next_cursor": {"type": ["string", "null"]},
                        "total": {"type": "integer", "minimum": 0, "maximum": 10_000},
                        "total_is_at_least": {"type": "boolean"},
                        "search_stopped_early": {"type": "boolean"},
                    },
                })
            });
            reference(&page)
        }
        Shape::New => taken(reader, object, Given::New, schemas),
        Shape::Draft => taken(reader, object, Given::Draft, schemas),
        Shape::Change => taken(reader, object, Given::Change, schemas),
        Shape::Batch => {
            taken(reader, object, Given::New, schemas);
            taken(reader, object, Given::Change, schemas);
            // An item that does not fit is refused alone: the list as a whole takes anything.
            let list = json!({
                "type": "array", "maxItems": BATCH, "items": {},
                "x-items": {"anyOf": [reference(&format!("{name}.create")), reference(&format!("{name}.change"))]},
            });
            json!({"anyOf": [
                {"type": "object", "additionalProperties": false, "required": ["items"], "properties": {"items": list}},
                list,
            ]})
        }
        _ => json!({}),
    }
}

fn answered(reader: &Reader<'_>, object: &ObjectDef, schemas: &mut BTreeMap<String, Value>) {
    let name = component(object);
    if schemas.contains_key(&name) {
        return;
    }
    let mut properties = Map::new();
    for (ix, f) in visible(reader, object) {
        let always = ix.index() < 4;
        let mut s = output(f, always);
        describe(&mut s, f, reader.language);
        properties.insert(f.key.clone(), s);
    }
    let about = peyvand_i18n::text(reader.language, keys::API_MASKED, &Args::new());
    properties.insert(
        MASKED.to_owned(),
        json!({"type": "array", "items": {"type": "string"}, "description": about}),
    );
    schemas.insert(
        name,
        json!({
            "type": "object", "additionalProperties": false, "required": ["id", "version"],
            "title": reader.label(object, false), "properties": properties,
        }),
    );
}

fn visible<'o>(reader: &Reader<'_>, object: &'o ObjectDef) -> Vec<(FieldIx, &'o FieldDef)> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, _)| reader.sees(object, *ix))
        .collect()
}

/// For what values of a record are given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// For a new record.
    New,
    /// For a record that is about to be made: some of its values.
    Draft,
    /// For a change of a record.
    Change,
}

fn taken(
    reader: &Reader<'_>,
    object: &ObjectDef,
    given: Given,
    schemas: &mut BTreeMap<String, Value>,
) -> Value {
    let (word, mode) = match given {
        Given::New => ("create", Mode::Create),
        Given::Draft => ("draft", Mode::Create),
        Given::Change => ("change", Mode::Patch),
    };
    let name = format!("{}.{word}", component(object));
    let named = reference(&name);
    if schemas.contains_key(&name) {
        return named;
    }
    let edge = EdgeContext::new(reader.language, 0, mode);
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (ix, f) in visible(reader, object) {
        if !is_writable(f, &edge) || reader.policy.field(&object.key, ix).is_some() {
            continue;
        }
        let mut s = input(f);
        if f.required {
            if given == Given::New && f.default.is_none() {
                required.push(f.key.as_str());
            }
        } else {
            s = or_null(or_empty(s, f));
        }
        describe(&mut s, f, reader.language);
        properties.insert(f.key.clone(), s);
    }
    if given == Given::Change {
        properties.insert("version".to_owned(), json!({"type": "integer", "minimum": 1}));
    }
    let mut out = json!({"type": "object", "additionalProperties": false});
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    out["properties"] = Value::Object(properties);
    schemas.insert(name, out);
    named
}

fn describe(schema: &mut Value, f: &FieldDef, language: Language) {
    let label = match language {
        Language::Fa => &f.label.fa,
        Language::En => &f.label.en,
    };
    schema["title"] = json!(label);
    let help = f.help.as_ref().map(|h| match language {
        Language::Fa => &h.fa,
        Language::En => &h.en,
    });
    if let Some(h) = help {
        schema["description"] = json!(h);
    }
    if f.class == Class::Personal || f.class == Class::Sensitive {
        schema["x-class"] = serde_json::to_value(f.class).unwrap_or_default();
    }
}

/// The same, or the empty text that forms send for nothing.
fn or_empty(mut schema: Value, f: &FieldDef) -> Value {
    let nothing = || json!({"type": "string", "maxLength": 0});
    match f.stored() {
        FieldType::Number | FieldType::Decimal | FieldType::Links | FieldType::Choices => {
            if let Some(Value::Array(ways)) = schema.get_mut("anyOf") {
                ways.push(nothing());
            }
            schema
        }
        FieldType::Date | FieldType::Link | FieldType::File => json!({"anyOf": [schema, nothing()]}),
        FieldType::Choice => {
            if let Some(Value::Array(words)) = schema.get_mut("enum") {
                words.push(json!(""));
            }
            schema
        }
        _ => schema,
    }
}

/// The same, or null.
fn or_null(mut schema: Value) -> Value {
    if let Some(Value::String(ty)) = schema.get("type").cloned() {
        schema["type"] = json!([ty, "null"]);
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
        return schema;
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({"type": "null"}));
        return schema;
    }
    if schema.as_object().is_none_or(Map::is_empty) {
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn length(f: &FieldDef) -> u32 {
    f.max_length.unwrap_or(match f.stored() {
        FieldType::LongText | FieldType::RichText => LONG,
        FieldType::Url => 2048,
        _ => LINE,
    })
}

/// What is answered for a field.
fn output(f: &FieldDef, always: bool) -> Value {
    let plain = match f.stored() {
        FieldType::Text
        | FieldType::LongText
        | FieldType::RichText
        | FieldType::Code
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url => json!({"type": "string"}),
        FieldType::Number => json!({"type": "integer", "format": "int64"}),
        FieldType::Decimal => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}),
        FieldType::Money => reference("value.Money"),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Instant => json!({"type": "string", "format": "date-time"}),
        FieldType::Choice => words(f, false),
        FieldType::Choices => json!({"type": "array", "items": words(f, false)}),
        FieldType::Link | FieldType::File => json!({"type": "string", "format": "uuid"}),
        FieldType::Links => json!({"type": "array", "items": {"type": "string", "format": "uuid"}}),
        FieldType::Address => reference("value.Address"),
        FieldType::PersonName => reference("value.Name"),
        FieldType::Points => json!({"type": "array", "items": reference("value.Point")}),
        FieldType::Json | FieldType::Formula | FieldType::Computed => json!({}),
    };
    if always { plain } else { or_null(plain) }
}

/// The keys of a choice; retired ones are still answered.
fn words(f: &FieldDef, offered: bool) -> Value {
    let keys: Vec<&str> = f
        .choices
        .iter()
        .filter(|c| !(offered && c.retired))
        .map(|c| c.key.as_str())
        .collect();
    if keys.is_empty() {
        json!({"type": "string"})
    } else {
        json!({"type": "string", "enum": keys})
    }
}

/// What is taken for a field.
fn input(f: &FieldDef) -> Value {
    let string = || {
        let mut s = json!({"type": "string", "maxLength": length(f)});
        if f.required {
            s["pattern"] = json!("[A-Za-z0-9\u{0621}-\u{06CC}]");
        }
        s
    };
    match f.stored() {
        FieldType::Text
        | FieldType::LongText
        | FieldType::RichText
        | FieldType::Code
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url => string(),
        FieldType::Number => {
            let (least, most) = (f.min.unwrap_or(i64::MIN), f.max.unwrap_or(i64::MAX));
            json!({"anyOf": [
                {"type": "integer", "format": "int64", "minimum": least, "maximum": most},
                {"type": "string", "pattern": "^-?[0-9]{1,19}$"},
            ]})
        }
        FieldType::Decimal => {
            let mut number = json!({"type": "number"});
            if let Some(least) = f.min {
                number["minimum"] = json!(least);
            }
            if let Some(most) = f.max {
                number["maximum"] = json!(most);
            }
            let places = f.decimals();
            json!({"anyOf": [
                {"type": "string", "pattern": format!("^-?[0-9]{{1,9}}(\\.[0-9]{{1,{}}})?$", places.max(1))},
                number,
            ]})
        }
        FieldType::Money => reference("given.Money"),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Instant => json!({"type": "string", "format": "date-time"}),
        FieldType::Choice => words(f, true),
        FieldType::Choices => json!({"anyOf": [
            {"type": "array", "items": words(f, true), "maxItems": ENTRIES},
            words(f, true),
        ]}),
        FieldType::Link | FieldType::File => json!({"type": "string", "format": "uuid"}),
        FieldType::Links => json!({"anyOf": [
            {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": ENTRIES},
            {"type": "string", "format": "uuid"},
        ]}),
        FieldType::Address => reference("given.Address"),
        FieldType::PersonName => reference("given.Name"),
        FieldType::Points => json!({"anyOf": [
            {"type": "array", "items": reference("given.Point"), "maxItems": ENTRIES},
            reference("given.Point"),
        ]}),
        FieldType::Json | FieldType::Formula | FieldType::Computed => json!({}),
    }
}

/// An example of a shape.
pub(super) fn example(reader: &Reader<'_>, object: Option<&ObjectDef>, shape: &Shape) -> Value {
    let Some(o) = object else { return shape.example() };
    match shape {
        Shape::New | Shape::Draft => Value::Object(values(reader, o, true)),
        Shape::Change => {
            let mut some = values(reader, o, true);
            if let Some((_, f)) = visible(reader, o)
                .into_iter()
                .find(|(_, f)| f.key == o.title && some.contains_key(&f.key))
            {
                some.retain(|k, _| *k == f.key);
            }
            Value::Object(some)
        }
        Shape::Batch => json!({"items": [values(reader, o, true)]}),
        Shape::Record => Value::Object(values(reader, o, false)),
        Shape::Page | Shape::Related => json!({"data": [values(reader, o, false)], "next_cursor": null}),
        other => other.example(),
    }
}

/// Values of the fields that matter: what must be there and what the default list shows.
fn values(reader: &Reader<'_>, object: &ObjectDef, given: bool) -> Map<String, Value> {
    let edge = EdgeContext::new(reader.language, 0, Mode::Create);
    let mut out = Map::new();
    for (ix, f) in visible(reader, object) {
        let wanted = if given {
            // A link in an example would lead nowhere: only what must be there.
            is_writable(f, &edge)
                && reader.policy.field(&object.key, ix).is_none()
                && (f.required
                    || (f.list
                        && !matches!(f.stored(), FieldType::Link | FieldType::Links | FieldType::File)))
        } else {
            ix.index() < 4 || f.required || f.list
        };
        if wanted {
            out.insert(f.key.clone(), value(f, reader.language));
        }
    }
    out
}

fn value(f: &FieldDef, language: Language) -> Value {
    let fa = language == Language::Fa;
    match f.stored() {
        FieldType::Code => json!("K-1024"),
        FieldType::Text | FieldType::LongText | FieldType::RichText => {
            let text = match language {
                Language::Fa => &f.label.fa,
                Language::En => &f.label.en,
            };
            json!(text)
        }
        FieldType::Number => json!(f.min.unwrap_or(1).max(1)),
        FieldType::Decimal => json!("2.5"),
        FieldType::Money => json!({"amount": "1250000", "currency": "IRR"}),
        FieldType::Boolean => json!(true),
        FieldType::Date => json!("2026-11-22"),
        FieldType::Instant => json!(Instant(1_795_336_200_000_000).to_string()),
        FieldType::Choice => json!(f.choices.iter().find(|c| !c.retired).map(|c| &c.key)),
        FieldType::Choices => json!([f.choices.iter().find(|c| !c.retired).map(|c| &c.key)]),
        FieldType::Email => json!("sara@example.com"),
        FieldType::Phone => json!("+989121234567"),
        FieldType::Url => json!("https://example.com/"),
        FieldType::Link | FieldType::File => json!(ID),
        FieldType::Links => json!([ID]),
        FieldType::Address => json!({"street": if fa { "خیابان ولی‌عصر" } else { "12 High Street" }}),
        FieldType::PersonName if fa => json!({"given": "سارا", "family": "احمدی"}),
        FieldType::PersonName => json!({"given": "Sara", "family": "Ahmadi"}),
        FieldType::Points if f.channel.as_deref() == Some("email") => json!([{
            "value": "sara@example.com", "channel": "email", "primary": true,
        }]),
        FieldType::Points => json!([{"value": "+989121234567", "channel": "mobile", "primary": true}]),
        FieldType::Json | FieldType::Formula | FieldType::Computed => json!({}),
    }
}
