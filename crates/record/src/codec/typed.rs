//! Values as people type them into forms and as files hold them.

use peyvand_calendar::parse::{DateError, parse_date, parse_datetime};
use peyvand_catalog::{Choice, FieldDef, FieldType};
use peyvand_core::Instant;
use peyvand_numbers::amount::{AmountError, parse_amount};
use peyvand_numbers::quantity::QuantityError;
use peyvand_numbers::{NumberError, parse_number};
use peyvand_text::{clean_line, countries, fold};

use super::context::EdgeContext;
use super::error::{Expected, FieldError, FieldErrorCode as Code, Reading};
use super::{json, parts, scalar};
use crate::value::Value;

/// Words for yes, folded.
const YES: &[&str] = &[
    "true", "yes", "y", "1", "on", "t", "x", "بله", "بلی", "اری", "درست", "هست", "دارد", "فعال", "✓", "✔",
];
/// Words for no, folded.
const NO: &[&str] = &[
    "false",
    "no",
    "n",
    "0",
    "off",
    "f",
    "خیر",
    "نه",
    "نخیر",
    "نادرست",
    "نیست",
    "ندارد",
    "غیرفعال",
    "✗",
    "✘",
];
/// What people write into a cell to leave it empty.
const EMPTY: &[&str] = &["-", "–", "—", "n/a", "N/A", "NULL", "null", "#N/A"];

/// Reads one value as a person typed it or a file holds it: dates in any form, amounts with words, booleans and choices
/// in either language, several entries separated by `;`, `؛`, `|` or line ends. Empty text is no value.
///
/// # Errors
/// When the text cannot be read, or can be read in several ways (then with the readings).
pub fn parse_text(field: &FieldDef, raw: &str, context: &EdgeContext) -> Result<Value, FieldError> {
    scalar::checked(field, read(field, raw, context)?, context)
}

fn read(field: &FieldDef, raw: &str, context: &EdgeContext) -> Result<Value, FieldError> {
    let text = raw.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let stored = field.stored();
    let verbatim = matches!(
        stored,
        FieldType::Text | FieldType::LongText | FieldType::RichText | FieldType::Code | FieldType::PersonName
    );
    if !verbatim && EMPTY.contains(&text) {
        return Ok(Value::Null);
    }
    match stored {
        // Whoever types a country, or has a file of them, writes its name.
        FieldType::Code if field.is_country() => scalar::text(field, countries::code_of(text).unwrap_or(raw)),
        FieldType::Text | FieldType::LongText | FieldType::RichText | FieldType::Code => {
            scalar::text(field, raw)
        }
        FieldType::Number | FieldType::Decimal => number(field, text, context),
        FieldType::Money => money(field, text, context),
        FieldType::Boolean => boolean(field, text),
        FieldType::Date => parse_date(text, &context.dates())
            .map(|d| Value::Date(d.days))
            .map_err(|e| date_error(field, text, e, Expected::Date)),
        FieldType::Instant => {
            if let Ok(instant) = text.parse::<Instant>() {
                return Ok(Value::Instant(instant));
            }
            parse_datetime(text, &context.dates(), &context.time_zone)
                .map(|d| Value::Instant(Instant(d.micros)))
                .map_err(|e| date_error(field, text, e, Expected::DateTime))
        }
        FieldType::Choice => {
            let choice = scalar::choice(field, find_choice(field, text), text, context)?;
            Ok(Value::Choice(choice.key.as_str().into()))
        }
        FieldType::Choices => {
            let picked = entries(text, true)
                .map(|t| scalar::choice(field, find_choice(field, t), t, context))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(scalar::choices(field, &picked))
        }
        FieldType::Email => scalar::email_key(field, text),
        FieldType::Phone => scalar::phone_number(field, text, context),
        FieldType::Url => scalar::web(field, text),
        FieldType::Link | FieldType::File => Ok(Value::Id(scalar::id(field, text)?)),
        FieldType::Links => {
            let ids = entries(text, true)
                .map(|t| scalar::id(field, t))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(scalar::ids(ids))
        }
        FieldType::PersonName => parts::name_text(field, text),
        FieldType::Address => parts::address(field, &serde_json::Value::String(text.to_owned())),
        FieldType::Points => {
            // A comma separates addresses, and stands inside numbers never; a space stands inside numbers.
            let list = point_entries(text, true);
            if list.len() > scalar::MOST_ENTRIES as usize {
                let expected = Expected::List {
                    max: scalar::MOST_ENTRIES,
                };
                return Err(FieldError::of(field, Code::TooLarge, text, expected));
            }
            let points = list
                .into_iter()
                .map(|t| parts::point(field, t, context))
                .collect::<Result<Vec<_>, _>>()?;
            parts::tidy(field, points)
        }
        FieldType::Json => match serde_json::from_str(text) {
            Ok(value) => json::parse_json_value(field, &value, context),
            Err(_) => Err(FieldError::of(
                field,
                Code::WrongType,
                text,
                Expected::Json {
                    depth: 32,
                    bytes: 65_536,
                },
            )),
        },
        FieldType::Formula | FieldType::Computed => {
            Err(FieldError::of(field, Code::ReadOnly, text, Expected::Nothing))
        }
    }
}

/// The entries of a list in one text.
fn entries(text: &str, commas: bool) -> impl Iterator<Item = &str> {
    text.split(move |c: char| {
        matches!(c, ';' | '؛' | '|' | '\n' | '\r') || (commas && matches!(c, ',' | '،'))
    })
    .map(str::trim)
    .filter(|t| !t.is_empty())
}

/// The contact points in one text. A semicolon before an extension (`;ext=12`, as numbers are stored) parts nothing.
#[must_use]
pub fn point_entries(text: &str, commas: bool) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some((at, c)) = rest[from..]
        .char_indices()
        .find(|(_, c)| matches!(c, ';' | '؛' | '|' | '\n' | '\r') || (commas && matches!(c, ',' | '،')))
    {
        let (at, behind) = (from + at, from + at + c.len_utf8());
        let next = &rest.as_bytes()[behind..];
        if c == ';' && next.get(..4).is_some_and(|t| t.eq_ignore_ascii_case(b"ext=")) {
            from = behind;
            continue;
        }
        out.push(rest[..at].trim());
        rest = &rest[behind..];
        from = 0;
    }
    out.push(rest.trim());
    out.retain(|t| !t.is_empty());
    out
}

/// A choice by its key or by its label in either language; with or without the spaces and hyphens in it, when that leaves
/// one: «جذب شده» is «جذب‌شده».
pub(crate) fn find_choice<'f>(field: &'f FieldDef, text: &str) -> Option<&'f Choice> {
    let found = |same: &dyn Fn(&str) -> bool| {
        let mut all = field.choices.iter();
        let first = all.find(|c| [&c.key, &c.fa, &c.en].into_iter().any(|l| same(l)));
        let alone = !all.any(|c| [&c.key, &c.fa, &c.en].into_iter().any(|l| same(l)));
        first.map(|c| (c, alone))
    };
    let wanted = fold(text);
    if wanted.is_empty() {
        return None;
    }
    let glued = |s: &str| fold(s).replace([' ', '-', '_'], "");
    let bare = glued(text);
    field
        .choice(text)
        .or_else(|| found(&|label| fold(label) == wanted).map(|(c, _)| c))
        .or_else(|| {
            found(&|label| glued(label) == bare)
                .filter(|(_, alone)| *alone)
                .map(|(c, _)| c)
        })
}

fn boolean(field: &FieldDef, text: &str) -> Result<Value, FieldError> {
    parse_boolean(text)
        .map(Value::Bool)
        .ok_or_else(|| FieldError::of(field, Code::NotABoolean, text, Expected::Boolean))
}

/// Yes or no, in either language.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    let folded = fold(text);
    let word = if folded.is_empty() {
        clean_line(text)
    } else {
        folded
    };
    if YES.contains(&word.as_str()) {
        Some(true)
    } else if NO.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

fn number(field: &FieldDef, text: &str, context: &EdgeContext) -> Result<Value, FieldError> {
    let expected = scalar::expected_number(field);
    let n = match parse_number(text, &context.numbers()) {
        Ok(n) => n,
        Err(NumberError::Ambiguous { readings }) => {
            // The places of the field may leave only one reading.
            let [a, b] = readings.map(|n| scalar::number(field, n, text).map(|v| (n, v)));
            return match (a, b) {
                (Ok((_, v)), Err(_)) | (Err(_), Ok((_, v))) => Ok(v),
                _ => Err(FieldError::of(field, Code::AmbiguousNumber, text, expected)
                    .readings(readings.iter().map(|n| Reading::Number(n.to_string())).collect())),
            };
        }
        Err(NumberError::TooLarge) => return Err(FieldError::of(field, Code::OutOfRange, text, expected)),
        Err(NumberError::TooPrecise) => {
            return Err(FieldError::of(field, Code::TooManyDecimals, text, expected));
        }
        Err(_) => return Err(FieldError::of(field, Code::NotANumber, text, expected)),
    };
    scalar::number(field, n, text)
}

fn money(field: &FieldDef, text: &str, context: &EdgeContext) -> Result<Value, FieldError> {
    use peyvand_numbers::money::MoneyError;
    let fail = |code| FieldError::of(field, code, text, Expected::Amount);
    match parse_amount(text, &context.amounts()) {
        Ok(m) => Ok(scalar::money(m.minor, m.currency, context)),
        Err(AmountError::Ambiguous { readings }) => Err(fail(Code::AmbiguousAmount).readings(
            readings
                .iter()
                .map(|m| Reading::Number(format!("{} {}", m.to_decimal(), m.currency)))
                .collect(),
        )),
        Err(AmountError::Money(MoneyError::TooPrecise { .. })) => Err(fail(Code::TooManyDecimals)),
        Err(
            AmountError::Money(MoneyError::Overflow)
            | AmountError::Quantity(QuantityError::Number(NumberError::TooLarge)),
        ) => Err(fail(Code::OutOfRange)),
        Err(_) => Err(fail(Code::NotAnAmount)),
    }
}

fn date_error(field: &FieldDef, text: &str, error: DateError, expected: Expected) -> FieldError {
    match error {
        DateError::Ambiguous { readings } => FieldError::of(field, Code::AmbiguousDate, text, expected)
            .readings(readings.into_iter().map(Reading::Date).collect()),
        DateError::Invalid(_) | DateError::WeekdayMismatch { .. } | DateError::TimeSkipped => {
            FieldError::of(field, Code::NoSuchDate, text, expected)
        }
        _ if expected == Expected::DateTime => FieldError::of(field, Code::NotAnInstant, text, expected),
        _ => FieldError::of(field, Code::NotADate, text, expected),
    }
}
