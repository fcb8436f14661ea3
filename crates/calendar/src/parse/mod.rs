//! Dates and times as people type them, in both languages, both calendars and any digits.
//!
//! Rules, so that the same text always means the same day:
//!
//! * A four-digit year decides the calendar: 1178–1633 is Jalali, 1634–9999 Gregorian.
//! * A two-digit year: Jalali 00–29 is 1400–1429 and 30–99 is 1330–1399; Gregorian 00–68 is 2000–2068 and 69–99 is
//!   1969–1999 (the rule of POSIX `strptime`).
//! * Numbers alone (`03/04/2026`, `05/8/30`) that can be read in more than one way are refused with the readings,
//!   unless the context states the calendar or the order. A two-digit Jalali date is always year first.
//! * A day and month without a year are of the current year of that month's calendar.
//! * A weekday alone is the first such day from today on, today included; «آینده», «بعد», "next" is the first one after
//!   today; «گذشته», "last" the last one before today.
//! * Months and years of relative dates are of the context's calendar; without one, Persian words mean Jalali and English
//!   words Gregorian. A day that the target month lacks becomes its last day.

mod find;
mod lex;
mod numeric;
mod time;
mod worded;
mod words;

use peyvand_numbers::Language;

use crate::names::Weekday;
use crate::ymd::{Calendar, DateInvalid, Part};
pub use find::{FoundDate, find_dates};
pub(crate) use lex::{LexError, Token, lex};
pub(crate) use time::take_time;
pub use time::{ParsedDateTime, parse_datetime, parse_time};
pub(crate) use words::Word;

/// The order of the fields of a numeric date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldOrder {
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// What the reader of a typed date knows beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseContext {
    /// Today in the typist's zone, as days since 1970-01-01 (see [`crate::zone::day_of`]).
    pub today: i32,
    /// The calendar of numbers, when the typist or the form states it.
    pub calendar: Option<Calendar>,
    /// The order of Gregorian numbers, when the typist or the form states it. Says nothing about Jalali dates.
    pub order: Option<FieldOrder>,
    /// The language of the typist; decides the calendar of `+1m` when `calendar` is not stated.
    pub language: Language,
    /// First day of the week for «اول هفته بعد».
    pub week_start: Weekday,
    /// First month (1–12) of the fiscal year for «اول سال مالی».
    pub fiscal_start: u8,
}

impl ParseContext {
    /// A context that states nothing but today and the language; weeks start on Saturday, fiscal
    /// years in the first month.
    #[must_use]
    pub fn new(today: i32, language: Language) -> Self {
        Self {
            today,
            calendar: None,
            order: None,
            language,
            week_start: Weekday::Saturday,
            fiscal_start: 1,
        }
    }

    /// The same context with the calendar of numbers stated.
    #[must_use]
    pub fn with_calendar(self, calendar: Calendar) -> Self {
        Self {
            calendar: Some(calendar),
            ..self
        }
    }

    /// The same context with the order of Gregorian numbers stated.
    #[must_use]
    pub fn with_order(self, order: FieldOrder) -> Self {
        Self {
            order: Some(order),
            ..self
        }
    }
}

/// A day that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedDate {
    /// Days since 1970-01-01.
    pub days: i32,
    /// The calendar in which it was read, to show it back the same way.
    pub calendar: Calendar,
}

/// One way to read an ambiguous date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Days since 1970-01-01.
    pub days: i32,
    /// The calendar of this reading.
    pub calendar: Calendar,
    /// The order of the fields in this reading.
    pub order: FieldOrder,
}

/// Why a text is not one day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Nothing but spaces.
    #[error("date-empty")]
    Empty,
    /// Longer than any date.
    #[error("date-too-long")]
    TooLong,
    /// Not a date in any known form.
    #[error("date-unrecognised")]
    Unrecognised,
    /// The form is known but the day does not exist (31 Aban, month 13).
    #[error(transparent)]
    Invalid(#[from] DateInvalid),
    /// More than one reading, and the context does not say which.
    #[error("date-ambiguous: {} readings", readings.len())]
    Ambiguous {
        /// Every reading, Jalali first.
        readings: Vec<Reading>,
    },
    /// The weekday written beside the date is not the weekday of that date.
    #[error("date-weekday-mismatch")]
    WeekdayMismatch {
        /// The weekday that was typed.
        typed: Weekday,
        /// The weekday of the date.
        actual: Weekday,
    },
    /// The hour, minute or second does not exist, or the time is in no known form.
    #[error("time-invalid")]
    TimeInvalid,
    /// The time was skipped by a change of the clock in that zone.
    #[error("time-skipped")]
    TimeSkipped,
}

impl DateError {
    /// Stable key of the message; the fields of the variant are its data.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "date-empty",
            Self::TooLong => "date-too-long",
            Self::Unrecognised => "date-unrecognised",
            Self::Invalid(_) => "date-invalid",
            Self::Ambiguous { .. } => "date-ambiguous",
            Self::WeekdayMismatch { .. } => "date-weekday-mismatch",
            Self::TimeInvalid => "time-invalid",
            Self::TimeSkipped => "time-skipped",
        }
    }
}

impl From<LexError> for DateError {
    fn from(error: LexError) -> Self {
        match error {
            LexError::TooLong => Self::TooLong,
            LexError::Unknown => Self::Unrecognised,
        }
    }
}

/// Reads one day.
///
/// ```
/// use peyvand_calendar::{Calendar, Language, parse::{ParseContext, parse_date}};
/// let today = Calendar::Gregorian.days(2026, 11, 22).unwrap();
/// let context = ParseContext::new(today, Language::Fa);
/// for text in ["۱۴۰۵/۹/۲", "۲ آذر ۱۴۰۵", "فردا", "2026-11-23", "next Monday", "+1d"] {
///     assert_eq!(parse_date(text, &context).unwrap().days, today + 1, "{text}");
/// }
/// ```
///
/// # Errors
/// [`DateError`]; [`DateError::Ambiguous`] carries the readings to offer.
pub fn parse_date(text: &str, context: &ParseContext) -> Result<ParsedDate, DateError> {
    let lexed = lex(text)?;
    date_of_tokens(&lexed.tokens, lexed.persian, lexed.latin, context)
}

/// Reads one day from tokens.
fn date_of_tokens(
    tokens: &[Token],
    persian: bool,
    latin: bool,
    context: &ParseContext,
) -> Result<ParsedDate, DateError> {
    if tokens.is_empty() {
        return Err(if persian || latin {
            DateError::Unrecognised
        } else {
            DateError::Empty
        });
    }
    if tokens.iter().any(|token| matches!(token, Token::Word(_))) {
        let words = if persian {
            Calendar::Jalali
        } else if latin {
            Calendar::Gregorian
        } else {
            language_calendar(context.language)
        };
        worded::date(tokens, words, context)
    } else {
        numeric::date(tokens, context)
    }
}

/// The calendar in which speakers of a language count months when nothing else is said.
fn language_calendar(language: Language) -> Calendar {
    match language {
        Language::Fa => Calendar::Jalali,
        Language::En => Calendar::Gregorian,
    }
}

/// The calendar that a four-digit year belongs to.
pub(crate) fn calendar_of_year(year: i32) -> Option<Calendar> {
    match year {
        crate::jalali::MIN_TYPED_YEAR..=crate::jalali::MAX_TYPED_YEAR => Some(Calendar::Jalali),
        1634..=9999 => Some(Calendar::Gregorian),
        _ => None,
    }
}

/// The full year of a two-digit one, by the pivots of the module documentation.
pub(crate) fn full_year(two_digits: u32, calendar: Calendar) -> i32 {
    let year = two_digits as i32;
    match calendar {
        Calendar::Jalali => year + if year < 30 { 1400 } else { 1300 },
        Calendar::Gregorian => year + if year < 69 { 2000 } else { 1900 },
    }
}

/// A typed year of two or four digits in a known calendar.
pub(crate) fn typed_year(value: u32, digits: u8, calendar: Calendar) -> Result<i32, DateError> {
    match digits {
        2 => Ok(full_year(value, calendar)),
        4 if calendar_of_year(value as i32) == Some(calendar) => Ok(value as i32),
        4 => {
            let max = if calendar == Calendar::Jalali {
                i64::from(crate::jalali::MAX_TYPED_YEAR)
            } else {
                9999
            };
            Err(DateInvalid {
                part: Part::Year,
                value: i64::from(value),
                max,
            }
            .into())
        }
        _ => Err(DateError::Unrecognised),
    }
}

/// Day of typed numbers; numbers too large for a field are an invalid field, not an overflow.
pub(crate) fn typed_day(calendar: Calendar, year: i32, month: u32, day: u32) -> Result<i32, DateError> {
    let small = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    Ok(calendar.days(year, small(month), small(day))?)
}
