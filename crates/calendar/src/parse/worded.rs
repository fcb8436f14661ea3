//! Dates with words: month names, weekdays, relative days, starts and ends of periods.

use super::words::Unit;
use super::{
    DateError, ParseContext, ParsedDate, Token, Word, language_calendar, numeric, typed_day, typed_year,
};
use crate::fiscal;
use crate::names::Weekday;
use crate::ymd::Calendar;

use Token::{Mark, Number};
use Word::{Day, End, First, In, Next, Previous, This};

pub(super) fn date(
    tokens: &[Token],
    words: Calendar,
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    let calendar = context.calendar.unwrap_or(words);
    let today = context.today;
    let at = |days: i32| Ok(ParsedDate { days, calendar });
    match *tokens {
        [Token::Word(Day(offset))] | [Token::Word(Word::Unit(Unit::Day)), Token::Word(Day(offset))] => {
            at(today.saturating_add(i32::from(offset)))
        }
        [
            Token::Word(Word::Unit(Unit::Day)),
            Token::Word(Word::Weekday(_)),
            ..,
        ] => date(&tokens[1..], words, context),
        [Token::Word(Word::Weekday(day))] | [Token::Word(This), Token::Word(Word::Weekday(day))] => {
            at(upcoming(today, day))
        }
        [Token::Word(Word::Weekday(day)), Token::Word(Next)]
        | [Token::Word(Next), Token::Word(Word::Weekday(day))] => at(upcoming(today.saturating_add(1), day)),
        [Token::Word(Word::Weekday(day)), Token::Word(Previous)]
        | [Token::Word(Previous), Token::Word(Word::Weekday(day))] => {
            at(upcoming(today.saturating_sub(7), day))
        }
        [
            Mark(sign @ ('+' | '-')),
            Number { value, .. },
            Token::Word(Word::Unit(unit)),
        ] => {
            let calendar = context.calendar.unwrap_or(language_calendar(context.language));
            let days = shift(calendar, today, unit, value, sign == '+')?;
            Ok(ParsedDate { days, calendar })
        }
        [
            Number { value, .. },
            Token::Word(Word::Unit(unit)),
            Token::Word(Next),
        ]
        | [
            Token::Word(In),
            Number { value, .. },
            Token::Word(Word::Unit(unit)),
        ] => at(shift(calendar, today, unit, value, true)?),
        [
            Number { value, .. },
            Token::Word(Word::Unit(unit)),
            Token::Word(Previous),
        ] => at(shift(calendar, today, unit, value, false)?),
        [Token::Word(Word::Unit(unit)), Token::Word(Next)]
        | [Token::Word(Next), Token::Word(Word::Unit(unit))] => at(shift(calendar, today, unit, 1, true)?),
        [Token::Word(Word::Unit(unit)), Token::Word(Previous)]
        | [Token::Word(Previous), Token::Word(Word::Unit(unit))] => {
            at(shift(calendar, today, unit, 1, false)?)
        }
        [
            Token::Word(edge @ (First | End | Previous)),
            Token::Word(Word::Unit(Unit::Day)),
            ref period @ ..,
        ] if !period.is_empty() => edge_of(edge, period, calendar, context),
        [Token::Word(edge @ (First | End)), ref period @ ..] => edge_of(edge, period, calendar, context),
        [Token::Word(Word::Weekday(day)), Mark(','), ref rest @ ..]
        | [Token::Word(Word::Weekday(day)), ref rest @ ..]
        | [ref rest @ .., Mark(','), Token::Word(Word::Weekday(day))]
        | [ref rest @ .., Token::Word(Word::Weekday(day))] => beside_weekday(day, rest, words, context),
        _ => with_month_name(tokens, context),
    }
}

/// The first such weekday from a day on, that day included.
fn upcoming(from: i32, day: Weekday) -> i32 {
    let ahead = (7 + i32::from(day.index()) - i32::from(Weekday::of(from).index())) % 7;
    from.saturating_add(ahead)
}

/// A date with its weekday written beside it: both must agree.
fn beside_weekday(
    typed: Weekday,
    rest: &[Token],
    words: Calendar,
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    let parsed = if rest.iter().any(|token| matches!(token, Token::Word(_))) {
        date(rest, words, context)?
    } else {
        match numeric::date(rest, context) {
            // The weekday picks among several readings.
            Err(DateError::Ambiguous { readings }) => {
                let mut fitting = readings
                    .iter()
                    .filter(|reading| Weekday::of(reading.days) == typed);
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => ParsedDate {
                        days: only.days,
                        calendar: only.calendar,
                    },
                    _ => return Err(DateError::Ambiguous { readings }),
                }
            }
            other => other?,
        }
    };
    let actual = Weekday::of(parsed.days);
    if actual == typed {
        Ok(parsed)
    } else {
        Err(DateError::WeekdayMismatch { typed, actual })
    }
}

/// Today moved by a number of units; beyond about 30,000 years it is no date that anyone means.
fn shift(calendar: Calendar, today: i32, unit: Unit, count: u32, forward: bool) -> Result<i32, DateError> {
    let count = i32::try_from(count)
        .ok()
        .filter(|count| *count <= 9_999)
        .ok_or(DateError::Unrecognised)?;
    let count = if forward { count } else { -count };
    Ok(match unit {
        Unit::Day => today.saturating_add(count),
        Unit::Week => today.saturating_add(count * 7),
        Unit::Month => calendar.add_months(today, count),
        Unit::Quarter => calendar.add_months(today, count * 3),
        Unit::Year | Unit::FiscalYear => calendar.add_months(today, count * 12),
    })
}

/// The first or last day of a week, month, quarter or year: «اول ماه بعد», «آخر اسفند», "end of next month".
fn edge_of(
    edge: Word,
    period: &[Token],
    calendar: Calendar,
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    let (unit, step) = match *period {
        [Token::Word(Word::Unit(unit))]
        | [Token::Word(This), Token::Word(Word::Unit(unit))]
        | [Token::Word(Word::Unit(unit)), Token::Word(This)] => (unit, 0),
        [Token::Word(Word::Unit(unit)), Token::Word(Next)]
        | [Token::Word(Next), Token::Word(Word::Unit(unit))] => (unit, 1),
        [Token::Word(Word::Unit(unit)), Token::Word(Previous)]
        | [Token::Word(Previous), Token::Word(Word::Unit(unit))] => (unit, -1),
        [Token::Word(Word::Month(..)), ..] => return edge_of_named_month(edge, period, context),
        _ => return Err(DateError::Unrecognised),
    };
    let today = context.today;
    let range = match unit {
        Unit::Day => return Err(DateError::Unrecognised),
        Unit::Week => {
            let back = i32::from(Weekday::of(today).index()) - i32::from(context.week_start.index());
            let start = today.saturating_sub(back.rem_euclid(7)).saturating_add(7 * step);
            start..start.saturating_add(7)
        }
        Unit::Month => fiscal::month_of(calendar, calendar.add_months(today, step)),
        Unit::Quarter => fiscal::quarter_of(calendar, calendar.add_months(today, 3 * step), 1),
        Unit::Year => fiscal::year_of(calendar, calendar.add_months(today, 12 * step), 1),
        Unit::FiscalYear => fiscal::year_of(
            calendar,
            calendar.add_months(today, 12 * step),
            context.fiscal_start.clamp(1, 12),
        ),
    };
    let days = if edge == First {
        range.start
    } else {
        range.end.saturating_sub(1)
    };
    Ok(ParsedDate { days, calendar })
}

fn edge_of_named_month(
    edge: Word,
    period: &[Token],
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    let mut tokens = Vec::with_capacity(period.len() + 1);
    tokens.push(Number { value: 1, digits: 1 });
    tokens.extend_from_slice(period);
    let first = with_month_name(&tokens, context)?;
    let range = fiscal::month_of(first.calendar, first.days);
    let days = if edge == First { range.start } else { range.end - 1 };
    Ok(ParsedDate {
        days,
        calendar: first.calendar,
    })
}

/// «۳۰ آبان ۱۴۰۵», "Nov 22, 2026", "2026-Nov-22": separators around a month name say nothing.
fn with_month_name(tokens: &[Token], context: &ParseContext) -> Result<ParsedDate, DateError> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let after_name = matches!(kept.last(), Some(Token::Word(Word::Month(..))));
        match token {
            Mark('/' | '-' | '.' | ',') if index > 0 && index + 1 < tokens.len() => {}
            // «آبان‌ماه», «سال ۱۴۰۵»
            Token::Word(Word::Unit(Unit::Month)) if after_name => {}
            Token::Word(Word::Unit(Unit::Year)) if index + 1 < tokens.len() => {}
            token => kept.push(*token),
        }
    }
    let this_year = |calendar: Calendar| calendar.ymd(context.today).year;
    let (calendar, year, month, day) = match *kept.as_slice() {
        [
            Number {
                value: day,
                digits: ..=2,
            },
            Token::Word(Word::Month(calendar, month)),
        ]
        | [
            Token::Word(Word::Month(calendar, month)),
            Number {
                value: day,
                digits: ..=2,
            },
        ] => (calendar, this_year(calendar), month, day),
        [
            Number { value, digits: 4 },
            Token::Word(Word::Month(calendar, month)),
            Number {
                value: day,
                digits: ..=2,
            },
        ] => (calendar, typed_year(value, 4, calendar)?, month, day),
        [
            Number {
                value: day,
                digits: ..=2,
            },
            Token::Word(Word::Month(calendar, month)),
            Number { value, digits },
        ]
        | [
            Token::Word(Word::Month(calendar, month)),
            Number {
                value: day,
                digits: ..=2,
            },
            Number { value, digits },
        ] => (calendar, typed_year(value, digits, calendar)?, month, day),
        _ => return Err(DateError::Unrecognised),
    };
    let days = typed_day(calendar, year, u32::from(month), day)?;
    Ok(ParsedDate { days, calendar })
}
