//! Dates of numbers and separators only.

use super::{
    DateError, FieldOrder, ParseContext, ParsedDate, Reading, Token, calendar_of_year, full_year, typed_day,
};
use crate::ymd::Calendar;

/// A number as it was typed.
#[derive(Clone, Copy)]
struct Field {
    value: u32,
    digits: u8,
}

pub(super) fn date(tokens: &[Token], context: &ParseContext) -> Result<ParsedDate, DateError> {
    let field = |value: u32, digits: u8| Field { value, digits };
    match *tokens {
        [Token::Number { value, digits: 8 }] => {
            let parts = [
                field(value / 10_000, 4),
                field(value / 100 % 100, 2),
                field(value % 100, 2),
            ];
            three(parts, context)
        }
        [
            Token::Number { value: a, digits: da },
            Token::Mark(first),
            Token::Number { value: b, digits: db },
            Token::Mark(second),
            Token::Number { value: c, digits: dc },
        ] if first == second && matches!(first, '/' | '-' | '.') => {
            three([field(a, da), field(b, db), field(c, dc)], context)
        }
        [
            Token::Number { value: a, digits: da },
            Token::Number { value: b, digits: db },
            Token::Number { value: c, digits: dc },
        ] => three([field(a, da), field(b, db), field(c, dc)], context),
        [
            Token::Number {
                value: a,
                digits: 1..=2,
            },
            Token::Mark('/' | '-' | '.'),
            Token::Number {
                value: b,
                digits: 1..=2,
            },
        ] => two(a, b, context),
        _ => Err(DateError::Unrecognised),
    }
}

/// Year, month and day in some order.
fn three([a, b, c]: [Field; 3], context: &ParseContext) -> Result<ParsedDate, DateError> {
    let short = |field: Field| (1..=2).contains(&field.digits);
    let mut candidates: Vec<(Calendar, FieldOrder, i32, u32, u32)> = Vec::with_capacity(4);
    if a.digits == 4 && short(b) && short(c) {
        let year = a.value as i32;
        let calendar = calendar_of_year(year).ok_or(DateError::Unrecognised)?;
        candidates.push((calendar, FieldOrder::Ymd, year, b.value, c.value));
    } else if c.digits == 4 && short(a) && short(b) {
        let year = c.value as i32;
        let calendar = calendar_of_year(year).ok_or(DateError::Unrecognised)?;
        candidates.push((calendar, FieldOrder::Dmy, year, b.value, a.value));
        if calendar == Calendar::Gregorian {
            candidates.push((calendar, FieldOrder::Mdy, year, a.value, b.value));
        }
    } else if short(a) && short(b) && short(c) {
        if context.calendar != Some(Calendar::Gregorian) && a.digits == 2 {
            let year = full_year(a.value, Calendar::Jalali);
            candidates.push((Calendar::Jalali, FieldOrder::Ymd, year, b.value, c.value));
        }
        if context.calendar != Some(Calendar::Jalali) {
            if c.digits == 2 {
                let year = full_year(c.value, Calendar::Gregorian);
                candidates.push((Calendar::Gregorian, FieldOrder::Dmy, year, b.value, a.value));
                candidates.push((Calendar::Gregorian, FieldOrder::Mdy, year, a.value, b.value));
            }
            if a.digits == 2 {
                let year = full_year(a.value, Calendar::Gregorian);
                candidates.push((Calendar::Gregorian, FieldOrder::Ymd, year, b.value, c.value));
            }
        }
    }
    choose(candidates, context)
}

/// Month and day of the current year, only where the context states the calendar.
fn two(a: u32, b: u32, context: &ParseContext) -> Result<ParsedDate, DateError> {
    let mut candidates = Vec::with_capacity(3);
    if context.calendar != Some(Calendar::Gregorian) {
        let year = Calendar::Jalali.ymd(context.today).year;
        candidates.push((Calendar::Jalali, FieldOrder::Ymd, year, a, b));
    }
    if context.calendar != Some(Calendar::Jalali) {
        let year = Calendar::Gregorian.ymd(context.today).year;
        candidates.push((Calendar::Gregorian, FieldOrder::Dmy, year, b, a));
        candidates.push((Calendar::Gregorian, FieldOrder::Mdy, year, a, b));
    }
    choose(candidates, context)
}

/// The one reading that exists, or that the stated order picks among several.
fn choose(
    candidates: Vec<(Calendar, FieldOrder, i32, u32, u32)>,
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    let mut failure = DateError::Unrecognised;
    let mut readings: Vec<Reading> = Vec::with_capacity(candidates.len());
    for (calendar, order, year, month, day) in candidates {
        match typed_day(calendar, year, month, day) {
            Ok(days) => readings.push(Reading {
                days,
                calendar,
                order,
            }),
            Err(error) if failure == DateError::Unrecognised => failure = error,
            Err(_) => {}
        }
    }
    let stated = |reading: &Reading| {
        reading.calendar == Calendar::Jalali || context.order.is_none_or(|order| order == reading.order)
    };
    if readings.iter().any(stated) {
        readings.retain(stated);
    }
    match readings.as_slice() {
        [] => Err(failure),
        [first, rest @ ..] if rest.iter().all(|other| other.days == first.days) => Ok(ParsedDate {
            days: first.days,
            calendar: first.calendar,
        }),
        _ => Err(DateError::Ambiguous { readings }),
    }
}
