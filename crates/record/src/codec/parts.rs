//! Values of several parts: names, addresses, contact points.

use peyvand_catalog::{FieldDef, FieldType};
use peyvand_core::Id;
use peyvand_identifiers::{email, phone};
use peyvand_numbers::digits;
use peyvand_text::{clean_line, names};
use serde_json::{Map, Value as Json};

use super::context::EdgeContext;
use super::error::{Expected, FieldError, FieldErrorCode as Code};
use super::json::{shown, too_many, wrong};
use super::scalar;
use crate::value::{AddressValue, NameValue, Point, Value};

/// Keys of a name.
const NAME: &[&str] = &["title", "given", "middle", "family", "suffix", "latin"];
/// Keys of an address.
const ADDRESS: &[&str] = &["street", "city", "province", "postal_code", "country"];
/// Keys of a contact point.
const POINT: &[&str] = &["value", "label", "primary", "channel", "id"];
/// Greatest number of characters of a part of a name or address, and of a label.
const PART: usize = 255;
/// Greatest number of characters of a street.
const STREET: usize = 1000;

/// The text of one key, cleaned and measured; empty when it is not given.
fn part(field: &FieldDef, map: &Map<String, Json>, key: &str, max: usize) -> Result<Box<str>, FieldError> {
    match map.get(key) {
        None | Some(Json::Null) => Ok(Box::default()),
        Some(Json::String(s)) => {
            let cleaned = clean_line(s);
            if cleaned.chars().nth(max).is_some() {
                return Err(FieldError::of(
                    field,
                    Code::TooLong,
                    s,
                    Expected::Text { max: max as u32 },
                ));
            }
            Ok(cleaned.into())
        }
        Some(other) => Err(wrong(field, other, Expected::Text { max: max as u32 })),
    }
}

fn known(field: &FieldDef, map: &Map<String, Json>, keys: &'static [&'static str]) -> Result<(), FieldError> {
    match map.keys().find(|k| !keys.contains(&k.as_str())) {
        Some(key) => Err(FieldError::of(
            field,
            Code::UnknownPart,
            key,
            Expected::Parts(keys),
        )),
        None => Ok(()),
    }
}

/// A name from an object of its parts, or from one text.
pub(super) fn name(field: &FieldDef, json: &Json) -> Result<Value, FieldError> {
    match json {
        Json::String(s) => name_text(field, s),
        Json::Object(map) => {
            known(field, map, NAME)?;
            let get = |key| part(field, map, key, PART);
            Ok(name_value(NameValue {
                title: get("title")?,
                given: get("given")?,
                middle: get("middle")?,
                family: get("family")?,
                suffix: get("suffix")?,
                latin: get("latin")?,
            }))
        }
        _ => Err(wrong(field, json, Expected::Parts(NAME))),
    }
}

fn name_value(name: NameValue) -> Value {
    if name == NameValue::default() {
        Value::Null
    } else {
        Value::Name(Box::new(name))
    }
}

/// A name from one text.
pub(super) fn name_text(field: &FieldDef, raw: &str) -> Result<Value, FieldError> {
    let text = clean_line(raw);
    if text.chars().nth(PART).is_some() {
        return Err(FieldError::of(
            field,
            Code::TooLong,
            raw,
            Expected::Text { max: PART as u32 },
        ));
    }
    let name = names::parse(&text);
    Ok(name_value(NameValue {
        title: name.title.into(),
        given: name.given.into(),
        middle: name.middle.into(),
        family: name.family.into(),
        suffix: name.suffix.into(),
        latin: Box::default(),
    }))
}

/// An address from an object of its parts, or from one text, which becomes the street.
pub(super) fn address(field: &FieldDef, json: &Json) -> Result<Value, FieldError> {
    let value = match json {
        Json::String(s) => {
            let street = clean_line(s);
            if street.chars().nth(STREET).is_some() {
                return Err(FieldError::of(
                    field,
                    Code::TooLong,
                    s,
                    Expected::Text { max: STREET as u32 },
                ));
            }
            AddressValue {
                street: street.into(),
                ..AddressValue::default()
            }
        }
        Json::Object(map) => {
            known(field, map, ADDRESS)?;
            let get = |key| part(field, map, key, PART);
            AddressValue {
                street: part(field, map, "street", STREET)?,
                city: get("city")?,
                province: get("province")?,
                postal_code: digits::to_ascii(&get("postal_code")?).into(),
                country: get("country")?,
            }
        }
        _ => return Err(wrong(field, json, Expected::Parts(ADDRESS))),
    };
    Ok(if value == AddressValue::default() {
        Value::Null
    } else {
        Value::Address(Box::new(value))
    })
}

/// Does the field hold e-mail addresses (rather than numbers)?
pub(crate) fn is_mail(field: &FieldDef) -> bool {
    field.stored() == FieldType::Points && field.channel.as_deref() == Some("email")
}

/// Contact points from a list of texts and objects; one of them counts as a list of one.
pub(super) fn points(field: &FieldDef, json: &Json, context: &EdgeContext) -> Result<Value, FieldError> {
    let one = std::slice::from_ref(json);
    let list = match json {
        Json::Array(list) if list.len() > scalar::MOST_ENTRIES as usize => return Err(too_many(field, json)),
        Json::Array(list) => list.as_slice(),
        Json::String(s) if s.trim().is_empty() => &[],
        Json::String(_) | Json::Object(_) => one,
        _ => return Err(wrong(field, json, Expected::Parts(POINT))),
    };
    let mut points = Vec::with_capacity(list.len());
    for entry in list {
        match entry {
            Json::String(s) => points.push(point(field, s, context)?),
            Json::Object(map) => {
                known(field, map, POINT)?;
                let Some(raw) = map.get("value").and_then(Json::as_str) else {
                    return Err(wrong(field, entry, Expected::Parts(POINT)));
                };
                let mut p = point(field, raw, context)?;
                p.label = Some(part(field, map, "label", PART)?).filter(|l| !l.is_empty());
                p.primary = match map.get("primary") {
                    None | Some(Json::Null) => false,
                    Some(Json::Bool(b)) => *b,
                    Some(other) => return Err(wrong(field, other, Expected::Boolean)),
                };
                match map.get("id") {
                    None | Some(Json::Null) => {}
                    Some(Json::String(id)) => p.id = scalar::id(field, id)?,
                    Some(other) => return Err(wrong(field, other, Expected::Id)),
                }
                match map.get("channel").map(|c| c.as_str().unwrap_or("")) {
                    None => {}
                    // What a line is used for is known to the caller only; the rest is known from the number.
                    Some("fax") if !is_mail(field) => p.channel = "fax".into(),
                    Some("mobile" | "phone") if !is_mail(field) => {}
                    Some("email") if is_mail(field) => {}
                    Some(other) => {
                        return Err(FieldError::of(
                            field,
                            Code::UnknownPart,
                            other,
                            Expected::Parts(POINT),
                        ));
                    }
                }
                points.push(p);
            }
            _ => return Err(wrong(field, &Json::String(shown(entry)), Expected::Parts(POINT))),
        }
    }
    tidy(field, points)
}

/// One contact point from its text.
pub(super) fn point(field: &FieldDef, raw: &str, context: &EdgeContext) -> Result<Point, FieldError> {
    if is_mail(field) {
        let mail = email::normalise(raw).map_err(|r| scalar::email_error(field, raw, r))?;
        return Ok(Point {
            id: Id::NIL,
            value: mail.address.into(),
            normalised: mail.key.into(),
            channel: "email".into(),
            label: None,
            primary: false,
        });
    }
    let number = phone::normalise(raw, &context.phones()).map_err(|r| scalar::phone_error(field, raw, r))?;
    let channel = if number.kind == phone::PhoneKind::Mobile {
        "mobile"
    } else {
        "phone"
    };
    Ok(Point {
        id: Id::NIL,
        value: scalar::with_extension(&number).into(),
        normalised: number.e164.into(),
        channel: channel.into(),
        label: None,
        primary: false,
    })
}

/// Removes doubles (the first stays, and takes label, id and primary mark of the others where it has none) and sees to it
/// that exactly one is primary: the first, when none is marked.
pub(super) fn tidy(field: &FieldDef, points: Vec<Point>) -> Result<Value, FieldError> {
    let mut unique: Vec<Point> = Vec::with_capacity(points.len());
    for p in points {
        match unique.iter_mut().find(|u| u.normalised == p.normalised) {
            Some(first) => {
                first.primary |= p.primary;
                first.label = first.label.take().or(p.label);
                if first.id == Id::NIL {
                    first.id = p.id;
                }
            }
            None => unique.push(p),
        }
    }
    match unique.iter().filter(|p| p.primary).count() {
        0 => {
            if let Some(first) = unique.first_mut() {
                first.primary = true;
            }
        }
        1 => {}
        _ => {
            let marked: Vec<&str> = unique.iter().filter(|p| p.primary).map(|p| &*p.value).collect();
            return Err(FieldError::of(
                field,
                Code::SeveralPrimary,
                &marked.join("; "),
                Expected::OnePrimary,
            ));
        }
    }
    Ok(if unique.is_empty() {
        Value::Null
    } else {
        Value::Points(unique)
    })
}
