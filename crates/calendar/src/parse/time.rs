//! Times of day, and dates with times.

use jiff::tz::TimeZone;

use super::{DateError, ParseContext, ParsedDate, Token, Word, date_of_tokens, lex};
use crate::zone::{self, MINUTE_MICROS};

use Token::{Mark, Number};

/// Microseconds in an hour.
const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;

/// An instant that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedDateTime {
    /// UTC microseconds since 1970-01-01.
    pub micros: i64,
    /// The date part, as typed.
    pub date: ParsedDate,
    /// Whether a time was typed; without one the instant is the start of the day.
    pub has_time: bool,
}

/// A time read from the start of some tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakenTime {
    /// Microseconds since midnight.
    pub(crate) micros: i64,
    /// Offset from UTC in microseconds, if written.
    pub(crate) offset: Option<i64>,
    /// Whether seconds were written.
    pub(crate) seconds: bool,
    /// Whether «صبح», "pm" and the like were written.
    pub(crate) half: bool,
    /// Tokens used.
    pub(crate) used: usize,
}

/// Reads a time of day: `14:30`, `3pm`, «ساعت ۱۴:۳۰», «۳ بعدازظهر», «ظهر». Microseconds since midnight.
///
/// ```
/// use peyvand_calendar::parse::parse_time;
/// assert_eq!(parse_time("ساعت ۱۴:۳۰"), parse_time("2:30 pm"));
/// ```
///
/// # Errors
/// [`DateError::Empty`], [`DateError::TimeInvalid`] and the errors of unreadable text.
pub fn parse_time(text: &str) -> Result<i64, DateError> {
    let tokens = lex(text)?.tokens;
    if tokens.is_empty() {
        return Err(DateError::Empty);
    }
    match take_time(&tokens)? {
        Some(time) if time.used == tokens.len() && time.offset.is_none() => Ok(time.micros),
        _ => Err(DateError::TimeInvalid),
    }
}

/// Reads a date with an optional time before or after it: «فردا ساعت ۱۴:۳۰», "3pm tomorrow", RFC 3339.
///
/// The civil time is of `zone` unless an offset is written. A time that occurs twice is the first of the two.
///
/// # Errors
/// Those of [`super::parse_date`]; [`DateError::TimeSkipped`] for a time that the zone skipped.
pub fn parse_datetime(
    text: &str,
    context: &ParseContext,
    zone: &TimeZone,
) -> Result<ParsedDateTime, DateError> {
    let lexed = lex(text)?;
    let tokens = lexed.tokens.as_slice();
    let start = (0..tokens.len()).find(|&index| starts_time(&tokens[index..]));
    let mut rest: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut time = None;
    match start {
        None => rest.extend_from_slice(tokens),
        Some(start) => {
            let taken = take_time(&tokens[start..])?.ok_or(DateError::TimeInvalid)?;
            rest.extend_from_slice(&tokens[..start]);
            while matches!(rest.last(), Some(Mark(',' | '-') | Token::Word(Word::IsoT))) {
                rest.pop();
            }
            let mut after = &tokens[start + taken.used..];
            while let [Mark(','), more @ ..] = after {
                after = more;
            }
            rest.extend_from_slice(after);
            time = Some(taken);
        }
    }
    let date = date_of_tokens(&rest, lexed.persian, lexed.latin, context)?;
    let of_day = time.map_or(0, |time| time.micros);
    let micros = match time.and_then(|time| time.offset) {
        Some(offset) => i64::from(date.days) * zone::DAY_MICROS + of_day - offset,
        // The first moment of a day whose midnight was skipped is the end of the gap.
        None if time.is_none() => zone::instant(date.days, 0, zone),
        None => zone::instant_checked(date.days, of_day, zone).ok_or(DateError::TimeSkipped)?,
    };
    Ok(ParsedDateTime {
        micros,
        date,
        has_time: time.is_some(),
    })
}

/// Whether a time begins here.
fn starts_time(tokens: &[Token]) -> bool {
    matches!(
        tokens,
        [Token::Word(Word::Clock | Word::Noon | Word::Midnight), ..]
            | [
                Number { .. },
                Mark(':') | Token::Word(Word::Am | Word::Pm | Word::Night | Word::Noon),
                ..
            ]
    )
}

/// Reads a time from the start of the tokens; `None` if they start with none.
pub(crate) fn take_time(tokens: &[Token]) -> Result<Option<TakenTime>, DateError> {
    let mut used = 0;
    let clock = matches!(tokens, [Token::Word(Word::Clock), ..]);
    if clock {
        used = 1;
    }
    let (hour, minute, micros, seconds) = match *tokens.get(used..).unwrap_or_default() {
        [Token::Word(Word::Noon), ..] => {
            return Ok(Some(bare(12, used + 1)));
        }
        [Token::Word(Word::Midnight), ..] => return Ok(Some(bare(0, used + 1))),
        [
            Number {
                value: hour,
                digits: 1..=2,
            },
            Mark(':'),
            Number {
                value: minute,
                digits: 2,
            },
            Mark(':'),
            Number {
                value: second,
                digits: 2,
            },
            ref after @ ..,
        ] => {
            used += 5;
            let mut micros = i64::from(second) * 1_000_000;
            if second > 59 {
                return Err(DateError::TimeInvalid);
            }
            if let [
                Mark('.' | ','),
                Number {
                    value,
                    digits: digits @ 1..,
                },
                ..,
            ] = *after
            {
                used += 2;
                micros += i64::from(value) * 1_000_000 / 10_i64.pow(u32::from(digits));
            }
            (hour, minute, micros, true)
        }
        [
            Number {
                value: hour,
                digits: 1..=2,
            },
            Mark(':'),
            Number {
                value: minute,
                digits: 2,
            },
            ..,
        ] => {
            used += 3;
            (hour, minute, 0, false)
        }
        [
            Number {
                value: hour,
                digits: ..=2,
            },
            ..,
        ] => {
            used += 1;
            (hour, 0, 0, false)
        }
        _ if clock => return Err(DateError::TimeInvalid),
        _ => return Ok(None),
    };
    let half = match tokens.get(used) {
        Some(Token::Word(word @ (Word::Am | Word::Pm | Word::Night | Word::Noon))) => {
            used += 1;
            Some(*word)
        }
        _ => None,
    };
    let colon = tokens.iter().take(used).any(|token| *token == Mark(':'));
    if !clock && half.is_none() && !colon {
        return Ok(None);
    }
    let hour = full_hour(hour, half).ok_or(DateError::TimeInvalid)?;
    if minute > 59 {
        return Err(DateError::TimeInvalid);
    }
    let (offset, more) = if colon {
        take_offset(tokens.get(used..).unwrap_or_default())?
    } else {
        (None, 0)
    };
    Ok(Some(TakenTime {
        micros: i64::from(hour) * HOUR_MICROS + i64::from(minute) * MINUTE_MICROS + micros,
        offset,
        seconds,
        half: half.is_some(),
        used: used + more,
    }))
}

fn bare(hour: i64, used: usize) -> TakenTime {
    TakenTime {
        micros: hour * HOUR_MICROS,
        offset: None,
        seconds: false,
        half: true,
        used,
    }
}

/// The hour 0–23 of a typed hour and its half of the day.
fn full_hour(hour: u32, half: Option<Word>) -> Option<u32> {
    match (half, hour) {
        (None, 0..=23)
        | (Some(Word::Am), 0..=11)
        | (Some(Word::Pm | Word::Noon), 12..=23)
        | (Some(Word::Noon), 10..=11)
        | (Some(Word::Night), 0..=5 | 13..=23) => Some(hour),
        (Some(Word::Pm), 1..=11) | (Some(Word::Noon), 1..=3) | (Some(Word::Night), 6..=11) => Some(hour + 12),
        (Some(Word::Am | Word::Night), 12) => Some(0),
        _ => None,
    }
}

/// `Z`, `+03:30` or `+0330`, in microseconds, and the tokens used.
fn take_offset(tokens: &[Token]) -> Result<(Option<i64>, usize), DateError> {
    let (sign, hours, minutes, used) = match *tokens {
        [Token::Word(Word::Utc), ..] => return Ok((Some(0), 1)),
        [
            Mark(sign @ ('+' | '-')),
            Number {
                value: hours,
                digits: 2,
            },
            Mark(':'),
            Number {
                value: minutes,
                digits: 2,
            },
            ..,
        ] => (sign, hours, minutes, 4),
        [Mark(sign @ ('+' | '-')), Number { value, digits: 4 }] => (sign, value / 100, value % 100, 2),
        _ => return Ok((None, 0)),
    };
    if hours > 18 || minutes > 59 {
        return Err(DateError::TimeInvalid);
    }
    let offset = i64::from(hours) * HOUR_MICROS + i64::from(minutes) * MINUTE_MICROS;
    Ok((Some(if sign == '+' { offset } else { -offset }), used))
}
