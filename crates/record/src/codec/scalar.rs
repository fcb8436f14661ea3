//! Values of one part, from text that is known to be meant for them; shared by the readers of JSON and of typed text.

use peyvand_calendar::zone;
use peyvand_catalog::{Check, Choice, FieldDef, FieldType};
use peyvand_core::Id;
use peyvand_identifiers::national::national_id;
use peyvand_identifiers::{Reason, email, phone, url};
use peyvand_numbers::{Currency, Decimal, digits};
use peyvand_text::{clean, clean_line, rich};

use super::context::{EdgeContext, Mode};
use super::error::{Expected, ExpectedChoice, FieldError, FieldErrorCode as Code};
use crate::value::{MoneyValue, Value};

/// Greatest number of characters of one line of text that does not say otherwise.
const LINE: u32 = 255;
/// Greatest number of characters of long and rich text that does not say otherwise.
const LONG: u32 = 100_000;
/// Greatest number of entries of a list.
pub(super) const MOST_ENTRIES: u32 = 100;

/// The greatest number of characters of a text field.
pub(super) fn max_length(field: &FieldDef) -> u32 {
    field.max_length.unwrap_or(match field.stored() {
        FieldType::LongText | FieldType::RichText => LONG,
        FieldType::Url => 2048,
        _ => LINE,
    })
}

/// Text of a field, cleaned and measured; null when nothing is left.
pub(super) fn text(field: &FieldDef, raw: &str) -> Result<Value, FieldError> {
    let max = max_length(field);
    // Cleaning may shorten, never lengthen by much; what is far too long is not cleaned first.
    let long = |s: &str| s.chars().nth(max as usize).is_some();
    if raw.len() > (max as usize).saturating_mul(16) && long(raw) {
        return Err(too_long(field, raw, max));
    }
    let cleaned = match field.stored() {
        FieldType::LongText => clean(raw).trim().to_owned(),
        // Cleaned of what acts before it is stored, and once more before it is shown. Text without markup becomes
        // paragraphs, by whichever door it comes.
        FieldType::RichText => rich::from_typed(clean(raw).trim()).trim().to_owned(),
        FieldType::Code => digits::to_ascii(&clean_line(raw)).into_owned(),
        _ => clean_line(raw),
    };
    if long(&cleaned) {
        return Err(too_long(field, raw, max));
    }
    Ok(Value::text(cleaned))
}

pub(super) fn too_long(field: &FieldDef, raw: &str, max: u32) -> FieldError {
    FieldError::of(field, Code::TooLong, raw, Expected::Text { max })
}

/// The value, unless it breaks what the field asks for beyond its type.
pub(super) fn checked(field: &FieldDef, value: Value, context: &EdgeContext) -> Result<Value, FieldError> {
    let refused = |code, said: &str| FieldError::of(field, code, said, Expected::Nothing);
    match (field.check, &value) {
        (Some(Check::NationalId), Value::Text(said)) => {
            let ten = said.len() == 10 && said.bytes().all(|b| b.is_ascii_digit());
            match national_id(said).reason.filter(|_| ten) {
                Some(reason) => Err(refused(Code::BadIdentifier, said).because(reason)),
                None => Ok(value),
            }
        }
        (Some(Check::TimeZone), Value::Text(said)) => match zone::canonical(said) {
            Some(name) => Ok(Value::text(name)),
            None => Err(FieldError::of(field, Code::UnknownZone, said, Expected::TimeZone)),
        },
        (Some(Check::Past), Value::Date(day)) if *day > context.today => Err(refused(Code::InTheFuture, "")),
        (Some(Check::NotNegative), Value::Money(m)) if m.minor < 0 => Err(refused(Code::NegativeAmount, "")),
        _ => Ok(value),
    }
}

/// The range and places that a number field accepts.
pub(super) fn expected_number(field: &FieldDef) -> Expected {
    match field.stored() {
        FieldType::Decimal => Expected::Decimal {
            places: field.decimals(),
            min: field.min,
            max: field.max,
        },
        _ => Expected::Whole {
            min: field.min.unwrap_or(i64::MIN),
            max: field.max.unwrap_or(i64::MAX),
        },
    }
}

/// A number or decimal of the field from an exact number.
pub(super) fn number(field: &FieldDef, n: Decimal, raw: &str) -> Result<Value, FieldError> {
    let fail = |code| Err(FieldError::of(field, code, raw, expected_number(field)));
    if field.min.is_some_and(|m| n < Decimal::from(m)) || field.max.is_some_and(|m| n > Decimal::from(m)) {
        return fail(Code::OutOfRange);
    }
    let places = if field.stored() == FieldType::Decimal {
        field.decimals()
    } else {
        0
    };
    if n.scale() > places {
        return fail(Code::TooManyDecimals);
    }
    match n.scaled(u32::from(places)).and_then(|c| i64::try_from(c).ok()) {
        None => fail(Code::OutOfRange),
        Some(c) if field.stored() == FieldType::Decimal => Ok(Value::Decimal(c)),
        Some(c) => Ok(Value::Int(c)),
    }
}

/// An amount with its twin, where the twin needs no rate.
pub(super) fn money(minor: i64, currency: Currency, context: &EdgeContext) -> Value {
    Value::money(MoneyValue {
        minor,
        currency: currency.code().into(),
        base: (currency == context.base_currency).then_some(minor),
        rate: None,
        rated_on: None,
    })
}

/// The choices that may be picked.
pub(super) fn expected_choice(field: &FieldDef) -> Expected {
    Expected::OneOf(
        field
            .choices
            .iter()
            .filter(|c| !c.retired)
            .map(|c| ExpectedChoice {
                key: c.key.clone(),
                label: peyvand_catalog::Text {
                    fa: c.fa.clone(),
                    en: c.en.clone(),
                },
            })
            .collect(),
    )
}

/// The choice, if it may be picked.
pub(super) fn choice<'f>(
    field: &'f FieldDef,
    found: Option<&'f Choice>,
    raw: &str,
    context: &EdgeContext,
) -> Result<&'f Choice, FieldError> {
    match found {
        None => Err(FieldError::of(
            field,
            Code::UnknownChoice,
            raw,
            expected_choice(field),
        )),
        // A record that has the retired choice already may be sent back as it is.
        Some(c) if c.retired && context.mode == Mode::Create => Err(FieldError::of(
            field,
            Code::RetiredChoice,
            raw,
            expected_choice(field),
        )),
        Some(c) => Ok(c),
    }
}

/// Chosen keys in the order of the definition, each once; null when there is none.
pub(super) fn choices(field: &FieldDef, picked: &[&Choice]) -> Value {
    let keys: Vec<Box<str>> = field
        .choices
        .iter()
        .filter(|c| picked.iter().any(|p| p.key == c.key))
        .map(|c| c.key.as_str().into())
        .collect();
    if keys.is_empty() {
        Value::Null
    } else {
        Value::Choices(keys)
    }
}

/// Links, each once, in the order given; null when there is none.
pub(super) fn ids(found: Vec<Id>) -> Value {
    let mut unique: Vec<Id> = Vec::with_capacity(found.len());
    for id in found {
        if !unique.contains(&id) {
            unique.push(id);
        }
    }
    if unique.is_empty() {
        Value::Null
    } else {
        Value::Ids(unique)
    }
}

/// An id.
pub(super) fn id(field: &FieldDef, raw: &str) -> Result<Id, FieldError> {
    raw.trim()
        .parse::<Id>()
        .ok()
        .filter(|&id| id != Id::NIL)
        .ok_or_else(|| FieldError::of(field, Code::NotAnId, raw, Expected::Id))
}

/// An e-mail address in the form by which it is compared.
pub(super) fn email_key(field: &FieldDef, raw: &str) -> Result<Value, FieldError> {
    email::normalise(raw)
        .map(|e| Value::text(e.key))
        .map_err(|r| email_error(field, raw, r))
}

pub(super) fn email_error(field: &FieldDef, raw: &str, reason: Reason) -> FieldError {
    FieldError::of(field, Code::NotAnEmail, raw, Expected::Email).because(reason)
}

/// A phone number: E.164, with the extension behind it as RFC 3966 writes it.
pub(super) fn phone_number(field: &FieldDef, raw: &str, context: &EdgeContext) -> Result<Value, FieldError> {
    let p = phone::normalise(raw, &context.phones()).map_err(|r| phone_error(field, raw, r))?;
    Ok(Value::text(with_extension(&p)))
}

pub(crate) fn with_extension(p: &phone::Phone) -> String {
    match &p.extension {
        Some(extension) => format!("{};ext={extension}", p.e164),
        None => p.e164.clone(),
    }
}

pub(super) fn phone_error(field: &FieldDef, raw: &str, reason: Reason) -> FieldError {
    FieldError::of(field, Code::NotAPhone, raw, Expected::Phone).because(reason)
}

/// A web address in normalised form.
pub(super) fn web(field: &FieldDef, raw: &str) -> Result<Value, FieldError> {
    let max = max_length(field);
    let url = url::normalise(raw)
        .map_err(|r| FieldError::of(field, Code::NotAUrl, raw, Expected::Url).because(r))?;
    if url.chars().nth(max as usize).is_some() {
        return Err(too_long(field, raw, max));
    }
    Ok(Value::text(url))
}
