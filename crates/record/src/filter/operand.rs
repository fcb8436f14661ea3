//! Values of a filter in the form in which fields are stored.

use std::ops::Range;

use peyvand_calendar::fiscal::{PeriodName, period};
use peyvand_calendar::parse::{DateError, parse_date, parse_datetime};
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::{FieldDef, FieldType};
use peyvand_core::{Actor, Id, Instant};
use peyvand_identifiers::phone::Region;
use peyvand_identifiers::{email, phone, url};
use peyvand_numbers::amount::{AmountContext, parse_amount};
use peyvand_numbers::{Currency, Decimal, Money, NumberError, digits, parse_number};
use peyvand_text::{clean_line, countries, fold};

use super::check::FilterContext;
use super::error::{FilterError, FilterErrorCode as Code};
use super::syntax::{Literal, LiteralKind};
use super::{Op, Operand};
use crate::codec::{find_choice, is_mail, parse_boolean, with_extension};

/// What a value stands for.
pub(super) enum Meaning {
    One(Operand),
    /// `my_team()`.
    Several(Vec<Operand>),
}

/// Reads a value for a test of a field; `null` has been dealt with before.
pub(super) fn read(
    field: &FieldDef,
    op: Op,
    value: &Literal,
    context: &FilterContext<'_>,
) -> Result<Meaning, FilterError> {
    let ty = field.stored();
    if let LiteralKind::Call { name, args } = &value.kind {
        return call(field, value, name, args, context);
    }
    let wrong = || fail(Code::WrongValue, value);
    let one = match ty {
        FieldType::Number | FieldType::Decimal => {
            let places = if ty == FieldType::Decimal {
                field.decimals()
            } else {
                0
            };
            let n = number(value, context)?;
            let scaled = n
                .scaled(u32::from(places))
                .and_then(|n| i64::try_from(n).ok())
                .ok_or_else(wrong)?;
            Operand::Int(scaled)
        }
        FieldType::Money => money(value, context)?,
        FieldType::Boolean => Operand::Int(i64::from(parse_boolean(text(value)?).ok_or_else(wrong)?)),
        FieldType::Date | FieldType::Instant => when(text(value)?, value, context)?.operand(ty, context),
        FieldType::Choice | FieldType::Choices => {
            let wanted = text(value)?;
            let choice = find_choice(field, wanted)
                .ok_or_else(|| wrong().expecting(field.choices.iter().map(|c| c.key.as_str())))?;
            Operand::Text(choice.key.as_str().into())
        }
        FieldType::Link | FieldType::Links | FieldType::File => {
            Operand::Id(text(value)?.trim().parse::<Id>().map_err(|_| wrong())?)
        }
        FieldType::Text | FieldType::PersonName => filled(fold(text(value)?), value)?,
        // A country is asked for by its code or by its name.
        FieldType::Code if field.is_country() && countries::code_of(text(value)?).is_some() => {
            Operand::Text(countries::code_of(text(value)?).unwrap_or_default().into())
        }
        FieldType::Code => filled(digits::to_ascii(&clean_line(text(value)?)).into_owned(), value)?,
        FieldType::Email => filled(mail(text(value)?, op).ok_or_else(wrong)?, value)?,
        FieldType::Points if is_mail(field) => filled(mail(text(value)?, op).ok_or_else(wrong)?, value)?,
        FieldType::Phone | FieldType::Points => {
            let number = dialled(text(value)?, op, ty == FieldType::Phone, context).ok_or_else(wrong)?;
            filled(number, value)?
        }
        FieldType::Url => filled(web(text(value)?, op).ok_or_else(wrong)?, value)?,
        _ => return Err(wrong()),
    };
    Ok(Meaning::One(one))
}

/// A whole number, as counts are compared with.
pub(super) fn whole(value: &Literal, context: &FilterContext<'_>) -> Result<i64, FilterError> {
    let wrong = || fail(Code::WrongAggregate, value);
    if matches!(value.kind, LiteralKind::Call { .. } | LiteralKind::Null) {
        return Err(wrong());
    }
    number(value, context)?
        .to_int()
        .and_then(|n| i64::try_from(n).ok())
        .ok_or_else(wrong)
}

fn fail(code: Code, value: &Literal) -> FilterError {
    let found = match &value.kind {
        LiteralKind::Null => "null",
        LiteralKind::Quoted(s) | LiteralKind::Word(s) => s,
        LiteralKind::Amount { number, .. } => number,
        LiteralKind::Call { name, .. } => name,
    };
    FilterError::new(code, value.place.0, found)
}

fn text(value: &Literal) -> Result<&str, FilterError> {
    match &value.kind {
        LiteralKind::Quoted(s) | LiteralKind::Word(s) => Ok(s),
        _ => Err(fail(Code::WrongValue, value)),
    }
}

fn filled(text: String, value: &Literal) -> Result<Operand, FilterError> {
    if text.is_empty() {
        Err(fail(Code::EmptyText, value))
    } else {
        Ok(Operand::Text(text.into()))
    }
}

/// A bare word is read as data first (`1.234` is what it is everywhere), then, like quoted text, as people type.
fn number(value: &Literal, context: &FilterContext<'_>) -> Result<Decimal, FilterError> {
    let (LiteralKind::Quoted(raw) | LiteralKind::Word(raw)) = &value.kind else {
        return Err(fail(Code::WrongValue, value));
    };
    exact(raw, matches!(value.kind, LiteralKind::Word(_)), value, context)
}

fn exact(
    raw: &str,
    data: bool,
    value: &Literal,
    context: &FilterContext<'_>,
) -> Result<Decimal, FilterError> {
    if data && let Ok(n) = Decimal::parse(&digits::to_ascii(raw)) {
        return Ok(n);
    }
    parse_number(raw, &context.edge.numbers()).map_err(|e| match e {
        NumberError::Ambiguous { readings } => {
            fail(Code::AmbiguousValue, value).expecting(readings.iter().map(ToString::to_string))
        }
        _ => fail(Code::WrongValue, value),
    })
}

/// An amount. Without a currency it is in the main unit of the base currency, and is compared with the twins.
fn money(value: &Literal, context: &FilterContext<'_>) -> Result<Operand, FilterError> {
    let wrong = || fail(Code::WrongValue, value);
    let base = context.edge.base_currency;
    let in_unit = |n: Decimal, currency: Currency, factor: i64| {
        n.checked_mul(Decimal::from(factor))
            .and_then(|n| Money::from_decimal(n, currency).ok())
            .ok_or_else(wrong)
    };
    match &value.kind {
        LiteralKind::Word(raw) => {
            let minor = in_unit(exact(raw, true, value, context)?, base, 1)?.minor;
            Ok(Operand::Money {
                minor,
                currency: None,
            })
        }
        LiteralKind::Amount { number, currency } => {
            let n = exact(number, true, value, context)?;
            let (currency, factor) = match currency.to_ascii_lowercase().as_str() {
                "toman" | "tomans" | "تومان" | "irt" => (Currency::IRR, 10),
                "rial" | "rials" | "ریال" => (Currency::IRR, 1),
                code => (
                    Currency::new(code)
                        .map_err(|_| fail(Code::WrongValue, value).expecting(["IRR", "USD", "EUR"]))?,
                    1,
                ),
            };
            let m = in_unit(n, currency, factor)?;
            Ok(Operand::Money {
                minor: m.minor,
                currency: Some(m.currency.code().into()),
            })
        }
        LiteralKind::Quoted(raw) => {
            let plain = context.edge.amounts();
            let m = parse_amount(raw, &plain).map_err(|_| wrong())?;
            // A text that names no unit follows the default: read with another default, it comes out otherwise.
            let other = if base == Currency::USD {
                Currency::EUR
            } else {
                Currency::USD
            };
            let named = parse_amount(
                raw,
                &AmountContext {
                    default_currency: other,
                    ..plain
                },
            )
            .is_ok_and(|again| again.currency == m.currency);
            Ok(Operand::Money {
                minor: m.minor,
                currency: named.then(|| m.currency.code().into()),
            })
        }
        _ => Err(wrong()),
    }
}

/// Part of an address for `:` and `^`, a whole one otherwise.
fn mail(raw: &str, op: Op) -> Option<String> {
    match op {
        Op::Has | Op::Starts => Some(digits::to_ascii(&clean_line(raw)).to_lowercase()),
        _ => email::normalise(raw).ok().map(|m| m.key),
    }
}

/// Part of a number for `:` and `^`, a whole one otherwise.
fn dialled(raw: &str, op: Op, extension: bool, context: &FilterContext<'_>) -> Option<String> {
    if !matches!(op, Op::Has | Op::Starts) {
        let p = phone::normalise(raw, &context.edge.phones()).ok()?;
        return Some(if extension { with_extension(&p) } else { p.e164 });
    }
    let ascii = digits::to_ascii(raw);
    let plus = ascii.trim_start().starts_with('+');
    let number: String = ascii.chars().filter(char::is_ascii_digit).collect();
    if number.is_empty() {
        return None;
    }
    let abroad = if plus {
        Some(number.as_str())
    } else {
        number.strip_prefix("00")
    };
    let home = context.edge.default_region == Some(Region::IR);
    Some(match (op, abroad) {
        (_, Some(rest)) => format!("+{rest}"),
        // The trunk zero is not part of the stored number.
        (Op::Starts, None) if home => format!("+98{}", number.strip_prefix('0').unwrap_or(&number)),
        (Op::Starts, None) => format!("+{number}"),
        _ => number
            .strip_prefix('0')
            .filter(|n| !n.is_empty())
            .unwrap_or(&number)
            .to_owned(),
    })
}

fn web(raw: &str, op: Op) -> Option<String> {
    let part = clean_line(raw).to_lowercase();
    match op {
        Op::Has => Some(part),
        Op::Starts if part.is_empty() || part.contains("://") => Some(part),
        Op::Starts => Some(format!("https://{part}")),
        _ => url::normalise(raw).ok(),
    }
}

/// Days or a moment.
enum When {
    Days(Range<i32>),
    Moment(i64),
}

impl When {
    fn operand(self, ty: FieldType, context: &FilterContext<'_>) -> Operand {
        let zone = &context.edge.time_zone;
        match (self, ty) {
            (Self::Days(days), FieldType::Date) if days.end - days.start == 1 => {
                Operand::Int(i64::from(days.start))
            }
            (Self::Days(days), FieldType::Date) => Operand::Range {
                from: i64::from(days.start),
                to: i64::from(days.end),
            },
            (Self::Days(days), _) => Operand::Range {
                from: zone::instant(days.start, 0, zone),
                to: zone::instant(days.end, 0, zone),
            },
            (Self::Moment(micros), FieldType::Date) => Operand::Int(i64::from(zone::day_of(micros, zone))),
            (Self::Moment(micros), _) => Operand::Int(micros),
        }
    }
}

/// A date, or a date and time, as typed.
fn when(raw: &str, value: &Literal, context: &FilterContext<'_>) -> Result<When, FilterError> {
    if let Ok(instant) = raw.trim().parse::<Instant>() {
        return Ok(When::Moment(instant.micros()));
    }
    match parse_datetime(raw, &context.edge.dates(), &context.edge.time_zone) {
        Ok(d) if d.has_time => Ok(When::Moment(d.micros)),
        Ok(d) => Ok(one_day(d.date.days)),
        Err(e) => Err(date_error(e, value)),
    }
}

fn one_day(day: i32) -> When {
    When::Days(day..day.saturating_add(1))
}

fn date_error(e: DateError, value: &Literal) -> FilterError {
    match e {
        DateError::Ambiguous { readings } => fail(Code::AmbiguousValue, value).expecting(
            readings
                .into_iter()
                .map(|r| crate::codec::Reading::Date(r).canonical()),
        ),
        _ => fail(Code::WrongValue, value),
    }
}

/// The functions that stand for values.
const FUNCTIONS: [&str; 12] = [
    "today",
    "now",
    "this_month",
    "last_month",
    "next_month",
    "last_days",
    "next_days",
    "since_nowruz",
    "date",
    "datetime",
    "me",
    "my_team",
];

fn call(
    field: &FieldDef,
    value: &Literal,
    name: &str,
    args: &[Literal],
    context: &FilterContext<'_>,
) -> Result<Meaning, FilterError> {
    let ty = field.stored();
    let link_to = |object: &str| {
        matches!(ty, FieldType::Link | FieldType::Links)
            && field.to.as_deref().is_some_and(|t| t == object || t == "*")
    };
    match name {
        "me" | "my_team" => {
            if !args.is_empty() {
                return Err(fail(Code::WrongArguments, value));
            }
            if !link_to(if name == "me" { "user" } else { "team" }) {
                return Err(fail(Code::WrongValue, value));
            }
            let Actor::User(me) = context.policy.actor else {
                return Err(fail(Code::NoUser, value));
            };
            if name == "me" {
                return Ok(Meaning::One(Operand::Id(me)));
            }
            Ok(Meaning::Several(
                context.policy.teams.iter().copied().map(Operand::Id).collect(),
            ))
        }
        _ => {
            let when = time_function(value, name, args, context)?;
            if !matches!(ty, FieldType::Date | FieldType::Instant) {
                return Err(fail(Code::WrongValue, value));
            }
            Ok(Meaning::One(when.operand(ty, context)))
        }
    }
}

/// Most days that `last_days` and `next_days` reach.
const MOST_DAYS: i64 = 36_525;

fn time_function(
    value: &Literal,
    name: &str,
    args: &[Literal],
    context: &FilterContext<'_>,
) -> Result<When, FilterError> {
    use PeriodName as P;
    let today = context.edge.today;
    let arguments = || fail(Code::WrongArguments, value);
    let none = |when: When| {
        if args.is_empty() {
            Ok(when)
        } else {
            Err(arguments())
        }
    };
    let days = || match args {
        [n] => {
            let n = number(n, context)?
                .to_int()
                .and_then(|n| i64::try_from(n).ok())
                .unwrap_or(0);
            if (1..=MOST_DAYS).contains(&n) {
                Ok(n as i32)
            } else {
                Err(arguments())
            }
        }
        _ => Err(arguments()),
    };
    let text = |args: &[Literal]| match args {
        [
            Literal {
                kind: LiteralKind::Quoted(s) | LiteralKind::Word(s),
                ..
            },
        ] => Ok(s.clone()),
        _ => Err(arguments()),
    };
    let named = |p: PeriodName| {
        let calendar = match args {
            [] => context.calendar,
            [_] => calendar_of(&text(args)?).ok_or_else(arguments)?,
            _ => return Err(arguments()),
        };
        Ok(When::Days(period(p, calendar, today, context.fiscal_start)))
    };
    match name {
        "now" => none(When::Moment(context.now.micros())),
        "today" | "this_day" => named(P::Today),
        "yesterday" | "last_day" => named(P::Yesterday),
        "tomorrow" | "next_day" => named(P::Tomorrow),
        "this_week" => named(P::ThisWeek),
        "last_week" => named(P::LastWeek),
        "next_week" => named(P::NextWeek),
        "this_month" => named(P::ThisMonth),
        "last_month" => named(P::LastMonth),
        "next_month" => named(P::NextMonth),
        "this_quarter" => named(P::ThisQuarter),
        "last_quarter" => named(P::LastQuarter),
        "next_quarter" => named(P::NextQuarter),
        "this_year" => named(P::ThisYear),
        "last_year" => named(P::LastYear),
        "next_year" => named(P::NextYear),
        "this_fiscal_quarter" => named(P::ThisFiscalQuarter),
        "last_fiscal_quarter" => named(P::LastFiscalQuarter),
        "this_fiscal_year" => named(P::ThisFiscalYear),
        "last_fiscal_year" => named(P::LastFiscalYear),
        "year_to_date" => named(P::YearToDate),
        "month_to_date" => named(P::MonthToDate),
        "since_nowruz" => none(When::Days(period(P::YearToDate, Calendar::Jalali, today, 1))),
        // Both count today.
        "last_days" => days().map(|n| When::Days(today.saturating_sub(n - 1)..today.saturating_add(1))),
        "next_days" => days().map(|n| When::Days(today..today.saturating_add(n))),
        "date" => {
            let raw = text(args)?;
            parse_date(&raw, &context.edge.dates())
                .map(|d| one_day(d.days))
                .map_err(|e| date_error(e, args.first().unwrap_or(value)))
        }
        "datetime" => {
            let raw = text(args)?;
            when(&raw, args.first().unwrap_or(value), context)
        }
        _ => Err(fail(Code::UnknownFunction, value).expecting(FUNCTIONS)),
    }
}

fn calendar_of(word: &str) -> Option<Calendar> {
    match word {
        "شمسی" | "جلالی" | "خورشیدی" => Some(Calendar::Jalali),
        "میلادی" => Some(Calendar::Gregorian),
        _ => Calendar::from_key(&word.to_ascii_lowercase()),
    }
}
