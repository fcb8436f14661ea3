//! Values as they are stored: in the columns of a table, in the JSON of custom fields, in before-images; and back.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_record::{AddressValue, Record, Value};

use crate::short;
use crate::value::SqlVal;

/// A value as it stands in its main column.
#[must_use]
pub fn plain(value: &Value) -> SqlVal {
    match value {
        Value::Null | Value::Money(_) => SqlVal::Null,
        Value::Text(s) | Value::Choice(s) => SqlVal::Text(s.to_string()),
        Value::Int(i) | Value::Decimal(i) => SqlVal::Int(*i),
        Value::Bool(b) => SqlVal::Int(i64::from(*b)),
        Value::Date(d) => SqlVal::Int(i64::from(*d)),
        Value::Instant(t) => SqlVal::Int(t.micros()),
        Value::Id(id) => SqlVal::Uuid(*id),
        Value::Json(j) => SqlVal::Text(j.to_string()),
        Value::Name(n) => SqlVal::Text(short::encode_name(n)),
        Value::Points(p) => SqlVal::Text(short::encode_points(p)),
        v => to_stored_json(v).map_or(SqlVal::Null, |j| SqlVal::Text(j.to_string())),
    }
}

/// The JSON object of a column; empty when there is none.
pub(super) fn object_of(v: Option<SqlVal>) -> serde_json::Map<String, serde_json::Value> {
    match v {
        Some(SqlVal::Text(s)) => serde_json::from_str(&s).unwrap_or_default(),
        _ => serde_json::Map::new(),
    }
}

pub(super) fn from_plain(ty: FieldType, v: SqlVal) -> Value {
    match (ty, v) {
        (_, SqlVal::Null) => Value::Null,
        (FieldType::Number, SqlVal::Int(i)) => Value::Int(i),
        (FieldType::Decimal, SqlVal::Int(i)) => Value::Decimal(i),
        (FieldType::Boolean, SqlVal::Int(i)) => Value::Bool(i != 0),
        (FieldType::Date, SqlVal::Int(i)) => Value::Date(i as i32),
        (FieldType::Instant, SqlVal::Int(i)) => Value::Instant(Instant(i)),
        (FieldType::Link | FieldType::File, SqlVal::Uuid(id)) => Value::Id(id),
        (FieldType::Choice, SqlVal::Text(s)) => Value::Choice(s.into()),
        (
            FieldType::PersonName
            | FieldType::Address
            | FieldType::Points
            | FieldType::Choices
            | FieldType::Links
            | FieldType::Json,
            SqlVal::Text(s),
        ) => decode_text(ty, &s),
        (_, SqlVal::Text(s)) => Value::Text(s.into()),
        (_, SqlVal::Int(i)) => Value::Int(i),
        _ => Value::Null,
    }
}

fn decode_text(ty: FieldType, s: &str) -> Value {
    // What does not parse was not written by this program; an empty field says so better than a failed page.
    match ty {
        FieldType::PersonName => short::decode_name(s).map_or(Value::Null, |n| Value::Name(Box::new(n))),
        FieldType::Address => {
            serde_json::from_str::<AddressValue>(s).map_or(Value::Null, |a| Value::Address(Box::new(a)))
        }
        FieldType::Points => short::decode_points(s).map_or(Value::Null, Value::Points),
        _ => serde_json::from_str::<serde_json::Value>(s).map_or(Value::Null, |j| from_stored_json(ty, &j)),
    }
}

/// A value as it stands in the JSON column (and in before-images); `None` for no value.
#[must_use]
pub fn to_stored_json(value: &Value) -> Option<serde_json::Value> {
    use serde_json::Value as J;
    Some(match value {
        Value::Null => return None,
        Value::Text(s) | Value::Choice(s) => J::from(&**s),
        Value::Int(i) | Value::Decimal(i) => J::from(*i),
        Value::Bool(b) => J::from(*b),
        Value::Date(d) => J::from(*d),
        Value::Instant(t) => J::from(t.micros()),
        Value::Id(id) => J::from(id.to_string()),
        Value::Ids(ids) => J::from(ids.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Value::Choices(keys) => J::from(keys.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Value::Money(m) => serde_json::to_value(m).ok()?,
        Value::Name(n) => serde_json::to_value(n).ok()?,
        Value::Address(a) => serde_json::to_value(a).ok()?,
        Value::Points(p) => serde_json::to_value(p).ok()?,
        Value::Json(j) => (**j).clone(),
    })
}

/// The value that stands in the JSON column.
#[must_use]
pub fn from_stored_json(ty: FieldType, j: &serde_json::Value) -> Value {
    use serde_json::Value as J;
    let id = |j: &J| j.as_str().and_then(|s| s.parse::<Id>().ok());
    let value = match ty {
        FieldType::Number => j.as_i64().map(Value::Int),
        FieldType::Decimal => j.as_i64().map(Value::Decimal),
        FieldType::Boolean => j.as_bool().map(Value::Bool),
        FieldType::Date => j.as_i64().map(|d| Value::Date(d as i32)),
        FieldType::Instant => j.as_i64().map(|t| Value::Instant(Instant(t))),
        FieldType::Choice => j.as_str().map(|s| Value::Choice(s.into())),
        FieldType::Link | FieldType::File => id(j).map(Value::Id),
        FieldType::Links => j
            .as_array()
            .map(|a| Value::Ids(a.iter().filter_map(id).collect())),
        FieldType::Choices => j
            .as_array()
            .map(|a| Value::Choices(a.iter().filter_map(|k| k.as_str().map(Into::into)).collect())),
        FieldType::Money => serde_json::from_value(j.clone()).ok().map(Value::Money),
        FieldType::PersonName => serde_json::from_value(j.clone())
            .ok()
            .map(|n| Value::Name(Box::new(n))),
        FieldType::Address => serde_json::from_value(j.clone())
            .ok()
            .map(|a| Value::Address(Box::new(a))),
        FieldType::Points => serde_json::from_value(j.clone()).ok().map(Value::Points),
        FieldType::Json => Some(Value::Json(Box::new(j.clone()))),
        _ => j.as_str().map(|s| Value::Text(s.into())),
    };
    value.unwrap_or(Value::Null)
}

/// The key of a before-image under which the values of deleted fields stand; no field can be called so.
const KEPT: &str = "-deleted";

/// A record as stored JSON by field key, for before-images.
#[must_use]
pub fn image(object: &ObjectDef, record: &Record) -> String {
    let mut map = serde_json::Map::new();
    for (i, f) in object.fields.iter().enumerate() {
        if let Some(j) = to_stored_json(record.get(FieldIx(i as u16))) {
            map.insert(f.key.clone(), j);
        }
    }
    if let Some(Value::Json(kept)) = record.values.get(object.fields.len()) {
        map.insert(KEPT.to_owned(), (**kept).clone());
    }
    serde_json::Value::Object(map).to_string()
}

/// The record of a before-image.
#[must_use]
pub fn from_image(object: &ObjectDef, text: &str) -> Option<Record> {
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let mut record = Record {
        object: object.key.as_str().into(),
        values: vec![Value::Null; object.fields.len()],
    };
    for (i, f) in object.fields.iter().enumerate() {
        if let Some(j) = map.get(&f.key) {
            record.values[i] = from_stored_json(f.stored(), j);
        }
    }
    if let Some(kept) = map.get(KEPT) {
        record.values.push(Value::Json(Box::new(kept.clone())));
    }
    (record.get(system::ID).as_id().is_some()).then_some(record)
}
