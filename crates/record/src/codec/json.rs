//! Values from the JSON of the interface.

use peyvand_calendar::Calendar;
use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Instant;
use peyvand_numbers::{Currency, Decimal, DecimalError, digits};
use serde_json::{Map, Value as Json};

use super::context::EdgeContext;
use super::error::{Expected, FieldError, FieldErrorCode as Code};
use super::rules::is_writable;
use super::{parts, scalar};
use crate::value::Value;

/// Greatest number of levels of a JSON field.
const JSON_DEPTH: u32 = 32;
/// Greatest number of bytes of a JSON field.
const JSON_BYTES: u32 = 65_536;
/// First Gregorian year that JSON dates may have: years below it are Jalali dates sent by mistake.
const FIRST_YEAR: i32 = 1634;

/// Reads the flat object of a request: each key a field of the catalog.
///
/// # Errors
/// Every field that cannot be read, in the order given: unknown fields, fields that callers may not write, values of
/// another kind or outside the limits, and `null` for a required field. Fields that are not given are not looked at
/// (see [`super::check_required`]).
pub fn parse_json(
    catalog: &Catalog,
    object: &ObjectDef,
    json: &Map<String, Json>,
    context: &EdgeContext,
) -> Result<Vec<(FieldIx, Value)>, Vec<FieldError>> {
    let mut values = Vec::with_capacity(json.len());
    let mut errors = Vec::new();
    for (key, given) in json {
        let Some((ix, field)) = object.field(key).filter(|(_, f)| f.deleted_on.is_none()) else {
            let mut error = FieldError::unknown(key, &shown(given));
            // A relation is known, and yet it is written at its other end.
            if catalog.inverse(&object.key, key).is_some() {
                error.code = Code::ReadOnly;
            }
            errors.push(error);
            continue;
        };
        if !is_writable(field, context) {
            errors.push(FieldError::of(
                field,
                Code::ReadOnly,
                &shown(given),
                Expected::Nothing,
            ));
            continue;
        }
        match parse_json_value(field, given, context) {
            Ok(Value::Null) if field.required => {
                errors.push(FieldError::of(field, Code::Required, "", Expected::SomeValue));
            }
            Ok(value) => values.push((ix, value)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(errors)
    }
}

/// A JSON value as it is quoted in messages.
pub(super) fn shown(json: &Json) -> String {
    match json {
        Json::String(s) => s.clone(),
        Json::Null => String::new(),
        Json::Array(_) | Json::Object(_) | Json::Bool(_) | Json::Number(_) => json.to_string(),
    }
}

/// Reads one value; whether it may be written is not looked at.
///
/// # Errors
/// When the value is of another kind than the field, or outside its limits.
pub fn parse_json_value(field: &FieldDef, json: &Json, context: &EdgeContext) -> Result<Value, FieldError> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    scalar::checked(field, read(field, json, context)?, context)
}

fn read(field: &FieldDef, json: &Json, context: &EdgeContext) -> Result<Value, FieldError> {
    match field.stored() {
        FieldType::Text | FieldType::LongText | FieldType::RichText | FieldType::Code => {
            let max = scalar::max_length(field);
            let raw = string(field, json, || Expected::Text { max })?;
            // What a program sends is measured as it was sent: its limit is a promise of the description.
            if raw.chars().nth(max as usize).is_some() {
                return Err(scalar::too_long(field, raw, max));
            }
            scalar::text(field, raw)
        }
        FieldType::Number | FieldType::Decimal => number(field, json),
        FieldType::Money => money(field, json, context),
        FieldType::Boolean => match json {
            Json::Bool(b) => Ok(Value::Bool(*b)),
            _ => Err(wrong(field, json, Expected::Boolean)),
        },
        FieldType::Date => date(field, string(field, json, || Expected::IsoDate)?),
        FieldType::Instant => {
            let text = string(field, json, || Expected::Rfc3339)?;
            match text.parse::<Instant>() {
                Ok(i) => Ok(Value::Instant(i)),
                Err(_) => Err(FieldError::of(field, Code::NotAnInstant, text, Expected::Rfc3339)),
            }
        }
        FieldType::Choice => {
            let key = string(field, json, || scalar::expected_choice(field))?;
            if key.is_empty() {
                return Ok(Value::Null);
            }
            let choice = scalar::choice(field, field.choice(key), key, context)?;
            Ok(Value::Choice(choice.key.as_str().into()))
        }
        FieldType::Choices => {
            let keys = strings(field, json, || scalar::expected_choice(field))?;
            let picked = keys
                .into_iter()
                .map(|k| scalar::choice(field, field.choice(k), k, context))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(scalar::choices(field, &picked))
        }
        FieldType::Email => non_empty(string(field, json, || Expected::Email)?, |s| {
            scalar::email_key(field, s)
        }),
        FieldType::Phone => non_empty(string(field, json, || Expected::Phone)?, |s| {
            scalar::phone_number(field, s, context)
        }),
        FieldType::Url => non_empty(string(field, json, || Expected::Url)?, |s| scalar::web(field, s)),
        FieldType::Link | FieldType::File => non_empty(string(field, json, || Expected::Id)?, |s| {
            Ok(Value::Id(scalar::id(field, s)?))
        }),
        FieldType::Links => {
            let ids = strings(field, json, || Expected::Id)?
                .into_iter()
                .map(|s| scalar::id(field, s))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(scalar::ids(ids))
        }
        FieldType::Address => parts::address(field, json),
        FieldType::PersonName => parts::name(field, json),
        FieldType::Points => parts::points(field, json, context),
        FieldType::Json => structured(field, json),
        // `stored` never answers these; a formula without a stored type stores text.
        FieldType::Formula | FieldType::Computed => Err(FieldError::of(
            field,
            Code::ReadOnly,
            &shown(json),
            Expected::Nothing,
        )),
    }
}

fn non_empty(text: &str, read: impl FnOnce(&str) -> Result<Value, FieldError>) -> Result<Value, FieldError> {
    if text.trim().is_empty() {
        Ok(Value::Null)
    } else {
        read(text)
    }
}

pub(super) fn wrong(field: &FieldDef, json: &Json, expected: Expected) -> FieldError {
    FieldError::of(field, Code::WrongType, &shown(json), expected)
}

pub(super) fn string<'j>(
    field: &FieldDef,
    json: &'j Json,
    expected: impl FnOnce() -> Expected,
) -> Result<&'j str, FieldError> {
    json.as_str().ok_or_else(|| wrong(field, json, expected()))
}

/// A list of strings; one string counts as a list of one.
fn strings<'j>(
    field: &FieldDef,
    json: &'j Json,
    expected: impl Fn() -> Expected,
) -> Result<Vec<&'j str>, FieldError> {
    match json {
        Json::String(s) if s.is_empty() => Ok(Vec::new()),
        Json::String(s) => Ok(vec![s]),
        Json::Array(list) if list.len() > scalar::MOST_ENTRIES as usize => Err(too_many(field, json)),
        Json::Array(list) => list.iter().map(|j| string(field, j, &expected)).collect(),
        _ => Err(wrong(field, json, expected())),
    }
}

pub(super) fn too_many(field: &FieldDef, json: &Json) -> FieldError {
    FieldError::of(
        field,
        Code::TooLarge,
        &shown(json),
        Expected::List {
            max: scalar::MOST_ENTRIES,
        },
    )
}

/// A JSON number or its canonical text, in any digits.
fn number(field: &FieldDef, json: &Json) -> Result<Value, FieldError> {
    let raw = shown(json);
    let fail = |code| FieldError::of(field, code, &raw, scalar::expected_number(field));
    let n = match json {
        Json::String(s) if s.trim().is_empty() => return Ok(Value::Null),
        Json::String(s) => Decimal::parse(&digits::to_ascii(s.trim())).map_err(|e| match e {
            DecimalError::Syntax => fail(Code::NotANumber),
            DecimalError::TooLarge => fail(Code::OutOfRange),
            DecimalError::TooPrecise => fail(Code::TooManyDecimals),
        })?,
        Json::Number(n) => {
            if let Some(i) = n.as_i64() {
                Decimal::from(i)
            } else if let Some(u) = n.as_u64() {
                Decimal::from(u)
            } else {
                // Display of a binary fraction is its shortest decimal: what was sent, up to 15 digits.
                let text = n.as_f64().map(|f| f.to_string()).unwrap_or_default();
                let all: String = text.chars().filter(char::is_ascii_digit).collect();
                if all.trim_matches('0').len() > 15 {
                    return Err(fail(Code::InexactNumber));
                }
                Decimal::parse(&text).map_err(|_| fail(Code::OutOfRange))?
            }
        }
        _ => return Err(wrong(field, json, scalar::expected_number(field))),
    };
    scalar::number(field, n, &raw)
}

fn money(field: &FieldDef, json: &Json, context: &EdgeContext) -> Result<Value, FieldError> {
    let Json::Object(map) = json else {
        return Err(wrong(field, json, Expected::AmountObject));
    };
    if map.keys().any(|k| !matches!(k.as_str(), "amount" | "currency")) {
        return Err(FieldError::of(
            field,
            Code::UnknownPart,
            &shown(json),
            Expected::AmountObject,
        ));
    }
    let fail = |code| FieldError::of(field, code, &shown(json), Expected::AmountObject);
    let minor = match map.get("amount") {
        Some(Json::String(s)) => {
            let text = digits::to_ascii(s.trim());
            let body = text.strip_prefix('-').unwrap_or(&text);
            if body.is_empty() || !body.bytes().all(|b| b.is_ascii_digit()) {
                return Err(fail(Code::NotAnAmount));
            }
            text.parse::<i64>().map_err(|_| fail(Code::OutOfRange))?
        }
        Some(Json::Number(n)) if n.is_i64() => n.as_i64().unwrap_or_default(),
        Some(Json::Number(n)) if n.is_u64() => return Err(fail(Code::OutOfRange)),
        _ => return Err(fail(Code::NotAnAmount)),
    };
    let currency = match map.get("currency") {
        None | Some(Json::Null) => context.base_currency,
        Some(Json::String(code)) => Currency::new(code.trim())
            .map_err(|_| FieldError::of(field, Code::UnknownCurrency, code, Expected::Currency))?,
        Some(other) => return Err(wrong(field, other, Expected::Currency)),
    };
    Ok(scalar::money(minor, currency, context))
}

/// `YYYY-MM-DD` of the Gregorian calendar, in any digits.
fn date(field: &FieldDef, raw: &str) -> Result<Value, FieldError> {
    let text = digits::to_ascii(raw.trim());
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let fail = |code| FieldError::of(field, code, raw, Expected::IsoDate);
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if matches!(i, 4 | 7) {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if !shape {
        return Err(fail(Code::NotADate));
    }
    let part =
        |range: std::ops::Range<usize>| text.get(range).and_then(|s| s.parse::<i32>().ok()).unwrap_or(0);
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    if year < FIRST_YEAR {
        return Err(fail(Code::NoSuchDate));
    }
    Calendar::Gregorian
        .days(year, month as u8, day as u8)
        .map(Value::Date)
        .map_err(|_| fail(Code::NoSuchDate))
}

/// JSON of bounded depth and size, without NUL characters (PostgreSQL refuses them).
fn structured(field: &FieldDef, json: &Json) -> Result<Value, FieldError> {
    fn depth(json: &Json, left: u32) -> bool {
        left > 0
            && match json {
                Json::Array(list) => list.iter().all(|j| depth(j, left - 1)),
                Json::Object(map) => map.values().all(|j| depth(j, left - 1)),
                _ => true,
            }
    }
    fn without_nul(json: &Json) -> Json {
        let clean = |s: &str| s.replace('\0', "");
        match json {
            Json::String(s) => Json::String(clean(s)),
            Json::Array(list) => list.iter().map(without_nul).collect(),
            Json::Object(map) => map.iter().map(|(k, v)| (clean(k), without_nul(v))).collect(),
            other => other.clone(),
        }
    }
    if !depth(json, JSON_DEPTH) || json.to_string().len() > JSON_BYTES as usize {
        let expected = Expected::Json {
            depth: JSON_DEPTH,
            bytes: JSON_BYTES,
        };
        return Err(FieldError::of(field, Code::TooLarge, &shown(json), expected));
    }
    Ok(Value::Json(Box::new(without_nul(json))))
}
