//! Shapes of JSON that belong to no object of the catalog: declared once, and read both by the check of a body and by the
//! description of the interface.

use peyvand_i18n::{Args, text_of_code};
use peyvand_numbers::Language;
use peyvand_record::codec::shorten;
use serde_json::{Map, Value, json};

/// The shape of a JSON value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// True or false.
    Flag,
    /// An id.
    Id,
    /// A point in time, RFC 3339.
    Instant,
    /// Any JSON.
    Any,
    /// An object whose members are named by data, each of this shape.
    Map(&'static Self),
    /// At most so many of one shape.
    List(&'static Self, usize),
    /// An object of these members and no others.
    Object(&'static [Member]),
    /// The shape, or null.
    Maybe(&'static Self),
    /// A record of the object in the address.
    Record,
    /// The values of a new record.
    New,
    /// Changed values of a record.
    Change,
    /// Some values of a record that is about to be made.
    Draft,
    /// Items of a batch: new records, and changes of records with their ids.
    Batch,
    /// A page of records of the object in the address.
    Page,
    /// A page of records of the object behind the relation in the address.
    Related,
    /// A shape that is described under a name of its own.
    Named(&'static str, &'static Self),
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    /// Its key.
    pub(crate) key: &'static str,
    /// Its shape.
    pub(crate) shape: Shape,
    /// Must it be there?
    pub(crate) required: bool,
}

/// A member that must be there.
pub(crate) const fn must(key: &'static str, shape: Shape) -> Member {
    Member {
        key,
        shape,
        required: true,
    }
}

/// A member that may be there.
pub(crate) const fn may(key: &'static str, shape: Shape) -> Member {
    Member {
        key,
        shape,
        required: false,
    }
}

/// What stands around the items of a batch. How many there may be is the business of the operation.
const ENVELOPE: &[Member] = &[must("items", Shape::List(&Shape::Any, usize::MAX))];
/// The version that a change was made of.
const VERSION: Shape = Shape::Whole(1, i64::MAX);

/// What is wrong with a value, as it stands in `errors` of a problem document.
fn wrong(field: &str, code: &str, value: &Value, args: &Args) -> Value {
    let shown = match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        v => v.to_string(),
    };
    json!({
        "field": shorten(field),
        "code": code,
        "value": shorten(&shown),
        "message": {
            "fa": text_of_code(Language::Fa, code, args),
            "en": text_of_code(Language::En, code, args),
        },
    })
}

impl Shape {
    /// What is wrong with a value; the fields of records are looked at by their codec instead.
    pub(crate) fn faults(&self, at: &str, value: &Value, out: &mut Vec<Value>) {
        if out.len() >= 20 {
            return;
        }
        let kind = |expected: &str| wrong(at, "wrong-type", value, &Args::new().text("expected", expected));
        match self {
            Self::Any | Self::Record | Self::New | Self::Draft | Self::Page | Self::Related => {}
            Self::Change => {
                if let Some(version) = value.get("version") {
                    VERSION.faults(&joined(at, "version"), version, out);
                }
            }
            // The batch may come as a bare list.
            Self::Batch => {
                if let Some(map) = value.as_object() {
                    members_of(at, ENVELOPE, map, out);
                }
            }
            Self::Named(_, shape) => shape.faults(at, value, out),
            Self::Maybe(shape) => {
                if !value.is_null() {
                    shape.faults(at, value, out);
                }
            }
            Self::Text(most) => match value.as_str() {
                None => out.push(kind("string")),
                Some(s) if s.contains('\0') => out.push(kind("string")),
                Some(s) if s.chars().nth(*most).is_some() => {
                    out.push(wrong(
                        at,
                        "too-long",
                        value,
                        &Args::new().number("max", *most as i64),
                    ));
                }
                Some(_) => {}
            },
            Self::Choice(words) => match value.as_str() {
                None => out.push(kind("string")),
                Some(s) if !words.contains(&s) => {
                    out.push(wrong(
                        at,
                        "unknown-choice",
                        value,
                        &Args::new().text("value", shorten(s)),
                    ));
                }
                Some(_) => {}
            },
            Self::Whole(least, most) => match whole(value) {
                None => out.push(kind("integer")),
                Some(n) if n < *least => {
                    out.push(wrong(at, "too-small", value, &Args::new().number("min", *least)));
                }
                Some(n) if n > *most => {
                    out.push(wrong(at, "too-large", value, &Args::new().number("max", *most)));
                }
                Some(_) => {}
            },
            Self::Flag => {
                if !value.is_boolean() {
                    out.push(kind("boolean"));
                }
            }
            Self::Id => {
                if value
                    .as_str()
                    .is_none_or(|s| s.parse::<peyvand_core::Id>().is_err())
                {
                    out.push(kind("uuid"));
                }
            }
            Self::Instant => {
                if value
                    .as_str()
                    .is_none_or(|s| s.parse::<peyvand_core::Instant>().is_err())
                {
                    out.push(kind("date-time"));
                }
            }
            Self::List(shape, most) => match value.as_array() {
                None => out.push(kind("array")),
                Some(list) if list.len() > *most => {
                    out.push(wrong(
                        at,
                        "too-large",
                        &Value::Null,
                        &Args::new().number("max", *most as i64),
                    ));
                }
                Some(list) => {
                    for (n, v) in list.iter().enumerate() {
                        shape.faults(&format!("{at}[{n}]"), v, out);
                    }
                }
            },
            Self::Map(shape) => match value.as_object() {
                None => out.push(kind("object")),
                Some(map) => {
                    for (k, v) in map {
                        shape.faults(&joined(at, k), v, out);
                    }
                }
            },
            Self::Object(members) => match value.as_object() {
                None => out.push(kind("object")),
                Some(map) => members_of(at, members, map, out),
            },
        }
    }

    /// The same as JSON Schema; records are described by `of`.
    pub(crate) fn schema(&self, of: &dyn Fn(&Self) -> Value) -> Value {
        match self {
            Self::Text(most) => json!({"type": "string", "maxLength": most}),
            Self::Choice(words) => json!({"type": "string", "enum": words}),
            Self::Whole(least, most) => {
                json!({"type": "integer", "format": "int64", "minimum": least, "maximum": most})
            }
            Self::Flag => json!({"type": "boolean"}),
            Self::Id => json!({"type": "string", "format": "uuid"}),
            Self::Instant => json!({"type": "string", "format": "date-time"}),
            Self::Any => json!({}),
            Self::Map(shape) => json!({"type": "object", "additionalProperties": shape.schema(of)}),
            Self::List(shape, most) => json!({"type": "array", "items": shape.schema(of), "maxItems": most}),
            Self::Maybe(shape) => json!({"anyOf": [shape.schema(of), {"type": "null"}]}),
            Self::Object(members) => {
                let required: Vec<&str> = members.iter().filter(|m| m.required).map(|m| m.key).collect();
                let properties: Map<String, Value> = members
                    .iter()
                    .map(|m| (m.key.to_owned(), m.shape.schema(of)))
                    .collect();
                let mut out = json!({"type": "object", "additionalProperties": false});
                if !required.is_empty() {
                    out["required"] = json!(required);
                }
                out["properties"] = Value::Object(properties);
                out
            }
            Self::Named(..)
            | Self::Record
            | Self::New
            | Self::Draft
            | Self::Change
            | Self::Batch
            | Self::Page
            | Self::Related => of(self),
        }
    }

    /// An example that has the shape.
    pub(crate) fn example(&self) -> Value {
        match self {
            Self::Text(_) => json!("متن"),
            Self::Choice(words) => json!(words.first()),
            Self::Whole(least, _) => json!(least.max(&1)),
            Self::Flag => json!(true),
            Self::Id => json!("0197b3a0-6c1e-7d2a-9f53-1c2d3e4f5a6b"),
            Self::Instant => json!("2026-11-22T08:30:00.000000Z"),
            Self::Any => json!({}),
            Self::Map(_) => json!({}),
            Self::List(shape, _) => json!([shape.example()]),
            Self::Maybe(shape) => shape.example(),
            Self::Named(_, shape) => shape.example(),
            Self::Object(members) => Value::Object(
                members
                    .iter()
                    .filter(|m| m.required)
                    .map(|m| (m.key.to_owned(), m.shape.example()))
                    .collect(),
            ),
            Self::Record
            | Self::New
            | Self::Draft
            | Self::Change
            | Self::Batch
            | Self::Page
            | Self::Related => Value::Null,
        }
    }
}

/// A whole number, also when it is written with a fraction of nothing.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let f = value.as_f64()?;
        (f.fract() == 0.0 && f.abs() < 9e15).then_some(f as i64)
    })
}

fn joined(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

fn members_of(at: &str, members: &[Member], map: &Map<String, Value>, out: &mut Vec<Value>) {
    for (k, v) in map {
        let path = joined(at, k);
        match members.iter().find(|m| m.key == k) {
            None => out.push(wrong(
                &path,
                "unknown-field",
                v,
                &Args::new().text("field", shorten(k)),
            )),
            Some(m) => m.shape.faults(&path, v, out),
        }
    }
    for m in members.iter().filter(|m| m.required && !map.contains_key(m.key)) {
        out.push(wrong(&joined(at, m.key), "required", &Value::Null, &Args::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: Shape = Shape::Object(&[
        must("name", Shape::Text(5)),
        may("age", Shape::Whole(0, 150)),
        may("tags", Shape::List(&Shape::Choice(&["a", "b"]), 2)),
    ]);

    fn codes(value: &Value) -> Vec<String> {
        let mut out = Vec::new();
        PERSON.faults("", value, &mut out);
        out.iter()
            .map(|f| format!("{} {}", f["field"].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect()
    }

    #[test]
    fn a_shape_names_what_is_wrong() {
        assert!(codes(&json!({"name": "سارا", "age": 3.0, "tags": ["a"]})).is_empty());
        assert_eq!(codes(&json!({})), ["name required"]);
        assert_eq!(
            codes(&json!({"name": "longer", "age": 151, "tags": ["c", 1], "x": null})),
            [
                "name too-long",
                "age too-large",
                "tags[0] unknown-choice",
                "tags[1] wrong-type",
                "x unknown-field"
            ]
        );
        assert_eq!(
            codes(&json!({"name": "a\u{0}", "age": 1.5})),
            ["name wrong-type", "age wrong-type"]
        );
        assert_eq!(codes(&json!([])), [" wrong-type"]);
    }

    #[test]
    fn what_stands_around_records_is_looked_at_too() {
        let codes = |shape: Shape, value: Value| -> Vec<String> {
            let mut out = Vec::new();
            shape.faults("", &value, &mut out);
            out.iter()
                .map(|f| format!("{} {}", f["field"].as_str().unwrap(), f["code"].as_str().unwrap()))
                .collect()
        };
        assert!(codes(Shape::Batch, json!({"items": [{"name": 1}]})).is_empty());
        assert!(codes(Shape::Batch, json!([])).is_empty());
        assert_eq!(codes(Shape::Batch, json!({})), ["items required"]);
        assert_eq!(
            codes(Shape::Batch, json!({"items": {}, "more": 42})),
            ["items wrong-type", "more unknown-field"]
        );
        assert!(codes(Shape::Change, json!({"version": 1, "name": 7})).is_empty());
        assert_eq!(codes(Shape::Change, json!({"version": 0})), ["version too-small"]);
        assert_eq!(
            codes(Shape::Change, json!({"version": "1"})),
            ["version wrong-type"]
        );
    }
}
