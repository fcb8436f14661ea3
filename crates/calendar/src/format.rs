//! Dates and times as a reader wants to see them: any of {fa, en} × {Jalali, Gregorian} × digits × zone.
//!
//! The writer is own code because lists and exports format millions of dates; nothing is allocated but the caller's
//! buffer.

use jiff::tz::TimeZone;
use peyvand_numbers::{Digits, Language};

use crate::names::{Weekday, month_name};
use crate::ymd::Calendar;
use crate::zone;

/// How a reader sees dates: three independent choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateView {
    /// Language of names and connecting words.
    pub language: Language,
    /// Calendar of the numbers.
    pub calendar: Calendar,
    /// Shape of the digits.
    pub digits: Digits,
}

impl DateView {
    /// Persian, Jalali, Persian digits: «۳۰ آبان ۱۴۰۵».
    pub const FA: Self = Self {
        language: Language::Fa,
        calendar: Calendar::Jalali,
        digits: Digits::Persian,
    };
    /// English, Gregorian, Latin digits: "21 November 2026".
    pub const EN: Self = Self {
        language: Language::En,
        calendar: Calendar::Gregorian,
        digits: Digits::Latin,
    };

    /// The same view in another calendar.
    #[must_use]
    pub fn in_calendar(self, calendar: Calendar) -> Self {
        Self { calendar, ..self }
    }
}

/// How much of a date to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateStyle {
    /// `۱۴۰۵/۰۸/۳۰`, `2026-11-21`. The separator is `-` only for Gregorian in English (ISO 8601), else `/`.
    Short,
    /// `۳۰ آبان ۱۴۰۵`, `21 November 2026`.
    Long,
    /// `شنبه ۳۰ آبان ۱۴۰۵`, `Saturday 21 November 2026`.
    LongWeekday,
    /// `۳۰ آبان`, `21 November`.
    DayMonth,
    /// `آبان ۱۴۰۵`, `November 2026`.
    MonthYear,
}

/// How much of a time of day to write after a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeStyle {
    /// `۱۴:۳۰`
    Minutes,
    /// `۱۴:۳۰:۰۵`
    Seconds,
}

/// Appends the date of a stored day (days since 1970-01-01).
///
/// ```
/// use peyvand_calendar::format::{DateStyle, DateView, format_date_into};
/// let day = peyvand_calendar::Calendar::Gregorian.days(2026, 11, 21).unwrap();
/// let mut out = String::new();
/// format_date_into(&mut out, day, DateStyle::Long, DateView::FA);
/// assert_eq!(out, "۳۰ آبان ۱۴۰۵");
/// ```
pub fn format_date_into(out: &mut String, days: i32, style: DateStyle, view: DateView) {
    let at = view.calendar.ymd(days);
    let month = || month_name(view.calendar, at.month, view.language);
    match style {
        DateStyle::Short => {
            let separator = match (view.language, view.calendar) {
                (Language::En, Calendar::Gregorian) => '-',
                _ => '/',
            };
            push_year(out, at.year, view.digits);
            out.push(separator);
            push_two(out, at.month, view.digits);
            out.push(separator);
            push_two(out, at.day, view.digits);
        }
        DateStyle::Long | DateStyle::LongWeekday | DateStyle::DayMonth => {
            if style == DateStyle::LongWeekday {
                out.push_str(Weekday::of(days).name(view.language));
                out.push(' ');
            }
            push_number(out, u64::from(at.day), view.digits);
            out.push(' ');
            out.push_str(month());
            if style != DateStyle::DayMonth {
                out.push(' ');
                push_year(out, at.year, view.digits);
            }
        }
        DateStyle::MonthYear => {
            out.push_str(month());
            out.push(' ');
            push_year(out, at.year, view.digits);
        }
    }
}

/// [`format_date_into`] into a new string.
#[must_use]
pub fn format_date(days: i32, style: DateStyle, view: DateView) -> String {
    let mut out = String::with_capacity(48);
    format_date_into(&mut out, days, style, view);
    out
}

/// Appends a time of day given in microseconds since midnight, in 24 hours.
pub fn format_time_into(out: &mut String, time_micros: i64, style: TimeStyle, digits: Digits) {
    let second = time_micros.rem_euclid(zone::DAY_MICROS) / 1_000_000;
    push_two(out, (second / 3600) as u8, digits);
    out.push(':');
    push_two(out, (second / 60 % 60) as u8, digits);
    if style == TimeStyle::Seconds {
        out.push(':');
        push_two(out, (second % 60) as u8, digits);
    }
}

/// Appends the date and time of an instant (UTC microseconds) in a zone: `۱۴۰۵/۰۸/۳۰ ۱۴:۳۰`,
/// «۳۰ آبان ۱۴۰۵، ساعت ۱۴:۳۰», `21 November 2026, 14:30`.
pub fn format_instant_into(
    out: &mut String,
    micros: i64,
    style: DateStyle,
    time: TimeStyle,
    view: DateView,
    zone: &TimeZone,
) {
    let (days, of_day) = zone::civil(micros, zone);
    format_date_into(out, days, style, view);
    out.push_str(match (style, view.language) {
        (DateStyle::Short, _) => " ",
        (_, Language::Fa) => "، ساعت ",
        (_, Language::En) => ", ",
    });
    format_time_into(out, of_day, time, view.digits);
}

/// [`format_instant_into`] into a new string.
#[must_use]
pub fn format_instant(
    micros: i64,
    style: DateStyle,
    time: TimeStyle,
    view: DateView,
    zone: &TimeZone,
) -> String {
    let mut out = String::with_capacity(64);
    format_instant_into(&mut out, micros, style, time, view, zone);
    out
}

/// A year with at least four digits; a year before the era keeps its sign.
fn push_year(out: &mut String, year: i32, digits: Digits) {
    if year < 0 {
        out.push('-');
    }
    let year = year.unsigned_abs();
    if year < 10_000 {
        push_two(out, (year / 100) as u8, digits);
        push_two(out, (year % 100) as u8, digits);
    } else {
        push_number(out, u64::from(year), digits);
    }
}

/// Two digits, with a leading zero.
fn push_two(out: &mut String, value: u8, digits: Digits) {
    let (tens, ones) = (value / 10 % 10, value % 10);
    match digits {
        Digits::Latin => {
            out.push((b'0' + tens) as char);
            out.push((b'0' + ones) as char);
        }
        Digits::Persian => {
            out.push(persian(tens));
            out.push(persian(ones));
        }
    }
}

/// A number without leading zeros.
pub(crate) fn push_number(out: &mut String, value: u64, digits: Digits) {
    if value >= 10 {
        push_number(out, value / 10, digits);
    }
    let digit = (value % 10) as u8;
    out.push(match digits {
        Digits::Latin => (b'0' + digit) as char,
        Digits::Persian => persian(digit),
    });
}

fn persian(digit: u8) -> char {
    ['۰', '۱', '۲', '۳', '۴', '۵', '۶', '۷', '۸', '۹'][usize::from(digit % 10)]
}
