//! An exact format of the dates of a column, with a stored key such as `gregorian:dd-mm-yy hh:mm`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::parse::{DateError, FieldOrder, Token, Word, lex, take_time, typed_day, typed_year};
use crate::ymd::Calendar;

/// How many digits a year has; two follow the pivots of [`crate::parse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum YearDigits {
    /// `2026`, `1405`
    Four,
    /// `26`, `05`
    Two,
}

/// How the fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fields {
    /// Numbers with one of `/`, `-`, `.` or a space between them, with or without leading zeros.
    Separated,
    /// Eight digits without separators.
    Compact,
    /// The month by its name, in either language.
    MonthName,
}

/// The time after the date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimePart {
    /// No time.
    None,
    /// `7:45`, with or without seconds, in 24 hours, in the zone of the importer.
    Clock,
    /// `7:45 pm`, with or without seconds.
    HalfDay,
    /// A time with `Z` or an offset (RFC 3339).
    Offset,
}

/// An exact format: calendar, order, years, form of the month, time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateFormat {
    /// Calendar of the numbers.
    pub calendar: Calendar,
    /// Order of the fields.
    pub order: FieldOrder,
    /// Digits of the year.
    pub year: YearDigits,
    /// How the fields are written.
    pub fields: Fields,
    /// The time after the date.
    pub time: TimePart,
}

/// A value read with an exact format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnValue {
    /// Days since 1970-01-01, in the civil calendar of the writer.
    pub days: i32,
    /// Microseconds since midnight, if the format has a time.
    pub time_micros: Option<i64>,
    /// Offset from UTC in microseconds, if the format has one.
    pub offset_micros: Option<i64>,
}

impl ColumnValue {
    /// The instant in UTC microseconds; the time is of `zone` unless the value has its own offset.
    #[must_use]
    pub fn micros(&self, zone: &jiff::tz::TimeZone) -> i64 {
        let time = self.time_micros.unwrap_or(0);
        match self.offset_micros {
            Some(offset) => i64::from(self.days) * crate::zone::DAY_MICROS + time - offset,
            None => crate::zone::instant(self.days, time, zone),
        }
    }
}

/// A key that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("date-format-unknown: {key}")]
pub struct FormatUnknown {
    /// What was given.
    pub key: String,
}

impl FormatUnknown {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "date-format-unknown"
    }
}

/// Keys of the time part.
const TIMES: [(TimePart, &str); 4] = [
    (TimePart::None, ""),
    (TimePart::Clock, " hh:mm"),
    (TimePart::HalfDay, " hh:mm am"),
    (TimePart::Offset, " hh:mm zone"),
];

/// Keys of the date part.
const SHAPES: [(FieldOrder, YearDigits, Fields, &str); 10] = [
    (FieldOrder::Ymd, YearDigits::Four, Fields::Separated, "yyyy-mm-dd"),
    (FieldOrder::Ymd, YearDigits::Two, Fields::Separated, "yy-mm-dd"),
    (FieldOrder::Dmy, YearDigits::Four, Fields::Separated, "dd-mm-yyyy"),
    (FieldOrder::Dmy, YearDigits::Two, Fields::Separated, "dd-mm-yy"),
    (FieldOrder::Mdy, YearDigits::Four, Fields::Separated, "mm-dd-yyyy"),
    (FieldOrder::Mdy, YearDigits::Two, Fields::Separated, "mm-dd-yy"),
    (FieldOrder::Ymd, YearDigits::Four, Fields::Compact, "yyyymmdd"),
    (
        FieldOrder::Dmy,
        YearDigits::Four,
        Fields::MonthName,
        "dd-mmm-yyyy",
    ),
    (FieldOrder::Dmy, YearDigits::Two, Fields::MonthName, "dd-mmm-yy"),
    (
        FieldOrder::Mdy,
        YearDigits::Four,
        Fields::MonthName,
        "mmm-dd-yyyy",
    ),
];

impl DateFormat {
    /// Every format, the plainest first: the order in which readings are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        [Calendar::Gregorian, Calendar::Jalali]
            .into_iter()
            .flat_map(|calendar| {
                SHAPES.into_iter().flat_map(move |(order, year, fields, _)| {
                    TIMES.into_iter().map(move |(time, _)| Self {
                        calendar,
                        order,
                        year,
                        fields,
                        time,
                    })
                })
            })
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = SHAPES
            .iter()
            .find(|(order, year, fields, _)| (*order, *year, *fields) == (self.order, self.year, self.fields))
            .map_or("", |(.., key)| key);
        let time = TIMES
            .iter()
            .find(|(time, _)| *time == self.time)
            .map_or("", |(_, key)| key);
        write!(f, "{}:{shape}{time}", self.calendar.key())
    }
}

impl FromStr for DateFormat {
    type Err = FormatUnknown;

    fn from_str(key: &str) -> Result<Self, FormatUnknown> {
        let unknown = || FormatUnknown {
            key: key.chars().take(64).collect(),
        };
        let (calendar, rest) = key.split_once(':').ok_or_else(unknown)?;
        let calendar = Calendar::from_key(calendar).ok_or_else(unknown)?;
        let (shape, time) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
        let (order, year, fields, _) = *SHAPES
            .iter()
            .find(|(.., key)| *key == shape)
            .ok_or_else(unknown)?;
        let (time, _) = *TIMES.iter().find(|(_, key)| *key == time).ok_or_else(unknown)?;
        Ok(Self {
            calendar,
            order,
            year,
            fields,
            time,
        })
    }
}

impl Serialize for DateFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Reads a value in exactly this format.
///
/// ```
/// use peyvand_calendar::{Calendar, DateFormat, date_format::parse_with};
/// let format: DateFormat = "gregorian:dd-mm-yy".parse().unwrap();
/// assert_eq!(parse_with(&format, "20-10-16").unwrap().days, Calendar::Gregorian.days(2016, 10, 20).unwrap());
/// let format: DateFormat = "jalali:yyyy-mm-dd".parse().unwrap();
/// assert_eq!(parse_with(&format, "۱۴۰۵/۸/۳۰").unwrap().days, Calendar::Jalali.days(1405, 8, 30).unwrap());
/// ```
///
/// # Errors
/// [`DateError`] when the text is not of this format or names no day.
pub fn parse_with(format: &DateFormat, text: &str) -> Result<ColumnValue, DateError> {
    let tokens = lex(text)?.tokens;
    if tokens.is_empty() {
        return Err(DateError::Empty);
    }
    parse_tokens(*format, &tokens)
}

/// Reads lexed tokens in exactly this format.
pub(crate) fn parse_tokens(format: DateFormat, tokens: &[Token]) -> Result<ColumnValue, DateError> {
    let (days, mut rest) = take_date(format, tokens)?;
    if format.time == TimePart::None {
        return if rest.is_empty() {
            Ok(ColumnValue {
                days,
                time_micros: None,
                offset_micros: None,
            })
        } else {
            Err(DateError::Unrecognised)
        };
    }
    if let [Token::Mark(',' | '-') | Token::Word(Word::IsoT), after @ ..] = rest {
        rest = after;
    }
    let time = take_time(rest)?
        .filter(|time| time.used == rest.len())
        .ok_or(DateError::Unrecognised)?;
    let fits = match format.time {
        TimePart::None => false,
        TimePart::Clock => !time.half && time.offset.is_none(),
        TimePart::HalfDay => time.half && time.offset.is_none(),
        TimePart::Offset => time.offset.is_some(),
    };
    if !fits {
        return Err(DateError::Unrecognised);
    }
    Ok(ColumnValue {
        days,
        time_micros: Some(time.micros),
        offset_micros: time.offset,
    })
}

/// The date at the start of the tokens, and what follows.
fn take_date(format: DateFormat, tokens: &[Token]) -> Result<(i32, &[Token]), DateError> {
    if format.fields == Fields::Compact {
        let [Token::Number { value, digits: 8 }, rest @ ..] = tokens else {
            return Err(DateError::Unrecognised);
        };
        let year = typed_year(value / 10_000, 4, format.calendar)?;
        return Ok((
            typed_day(format.calendar, year, value / 100 % 100, value % 100)?,
            rest,
        ));
    }
    let mut fields = [(0_u32, 0_u8); 3];
    let mut rest = tokens;
    let mut separator = None;
    for (index, field) in fields.iter_mut().enumerate() {
        let found = match rest {
            [Token::Mark(mark @ ('/' | '-' | '.' | ',')), after @ ..] if index > 0 => {
                rest = after;
                Some(*mark)
            }
            _ => None,
        };
        let uneven = index == 2 && found != separator && format.fields == Fields::Separated;
        if uneven || (found == Some(',') && format.fields == Fields::Separated) {
            return Err(DateError::Unrecognised);
        }
        separator = found;
        match rest {
            [
                Token::Number {
                    value,
                    digits: digits @ 1..,
                },
                after @ ..,
            ] => {
                *field = (*value, *digits);
                rest = after;
            }
            [Token::Word(Word::Month(calendar, month)), after @ ..]
                if format.fields == Fields::MonthName && *calendar == format.calendar =>
            {
                *field = (u32::from(*month), 0);
                rest = after;
            }
            _ => return Err(DateError::Unrecognised),
        }
    }
    let [a, b, c] = fields;
    let (year, month, day) = match format.order {
        FieldOrder::Ymd => (a, b, c),
        FieldOrder::Dmy => (c, b, a),
        FieldOrder::Mdy => (c, a, b),
    };
    let digits = if format.year == YearDigits::Four { 4 } else { 2 };
    let named = month.1 == 0;
    if year.1 != digits
        || named != (format.fields == Fields::MonthName)
        || !(1..=2).contains(&day.1)
        || month.1 > 2
    {
        return Err(DateError::Unrecognised);
    }
    let year = typed_year(year.0, year.1, format.calendar)?;
    Ok((typed_day(format.calendar, year, month.0, day.0)?, rest))
}
