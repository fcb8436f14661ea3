//! One view of a day in either calendar, and month arithmetic in it.

use serde::{Deserialize, Serialize};

use crate::jalali::{self, Jalali};
use crate::names::Weekday;

/// The calendar in which a day is shown or was typed. Storage does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calendar {
    /// Solar Hijri, the civil calendar of Iran.
    Jalali,
    /// Proleptic Gregorian.
    Gregorian,
}

/// Year, month and day in a calendar that the context names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ymd {
    /// Year of the calendar's own era.
    pub year: i32,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

/// The part of a date that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The year is outside the supported range.
    Year,
    /// The month is not 1–12.
    Month,
    /// The month has fewer days.
    Day,
}

impl Part {
    /// `year`, `month` or `day`: a stable word for messages in any language.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// A year, month and day that name no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("date-invalid: {} {value} (at most {max})", part.code())]
pub struct DateInvalid {
    /// The first part that is wrong.
    pub part: Part,
    /// What was given.
    pub value: i64,
    /// The largest value this part could have had.
    pub max: i64,
}

impl DateInvalid {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "date-invalid"
    }
}

impl Calendar {
    /// `jalali` or `gregorian`: the word used in stored keys.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Jalali => "jalali",
            Self::Gregorian => "gregorian",
        }
    }

    /// The calendar of a key written by [`Calendar::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "jalali" => Some(Self::Jalali),
            "gregorian" => Some(Self::Gregorian),
            _ => None,
        }
    }

    /// The day on which the weeks of its readers begin: Saturday in Iran, else Monday (ISO 8601).
    #[must_use]
    pub fn first_weekday(self) -> Weekday {
        match self {
            Self::Jalali => Weekday::Saturday,
            Self::Gregorian => Weekday::Monday,
        }
    }

    /// The view of a stored day (days since 1970-01-01) in this calendar. Total: every `i32` has a view.
    #[must_use]
    pub fn ymd(self, days: i32) -> Ymd {
        match self {
            Self::Jalali => {
                let Jalali { year, month, day } = Jalali::from_days(days);
                Ymd { year, month, day }
            }
            Self::Gregorian => gregorian_from_days(days),
        }
    }

    /// The stored day of a date of this calendar.
    ///
    /// # Errors
    /// [`DateInvalid`] when the date does not exist.
    pub fn days(self, year: i32, month: u8, day: u8) -> Result<i32, DateInvalid> {
        match self {
            Self::Jalali => Jalali::new(year, month, day).map(Jalali::to_days),
            Self::Gregorian => {
                if !(-999_999..=999_999).contains(&year) {
                    return Err(DateInvalid {
                        part: Part::Year,
                        value: i64::from(year),
                        max: 999_999,
                    });
                }
                if !(1..=12).contains(&month) {
                    return Err(DateInvalid {
                        part: Part::Month,
                        value: i64::from(month),
                        max: 12,
                    });
                }
                let max = self.month_length(year, month);
                if !(1..=max).contains(&day) {
                    return Err(DateInvalid {
                        part: Part::Day,
                        value: i64::from(day),
                        max: i64::from(max),
                    });
                }
                Ok(gregorian_to_days(year, month, day))
            }
        }
    }

    /// The stored day; a month outside 1–12 carries into the year, a day outside the month is clamped to it.
    /// Used by arithmetic, where "31 + one month" must land on the last day.
    #[must_use]
    pub fn days_clamped(self, year: i32, month: i32, day: u8) -> i32 {
        let index = i64::from(year) * 12 + i64::from(month) - 1;
        let year = index.div_euclid(12).clamp(-999_999, 999_999) as i32;
        let month = index.rem_euclid(12) as u8 + 1;
        let day = day.clamp(1, self.month_length(year, month));
        match self {
            Self::Jalali => Jalali { year, month, day }.to_days(),
            Self::Gregorian => gregorian_to_days(year, month, day),
        }
    }

    /// Whether the year has 366 days.
    #[must_use]
    pub fn is_leap(self, year: i32) -> bool {
        match self {
            Self::Jalali => jalali::is_leap(year),
            Self::Gregorian => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0),
        }
    }

    /// Days of a month; 0 for a month that does not exist.
    #[must_use]
    pub fn month_length(self, year: i32, month: u8) -> u8 {
        match self {
            Self::Jalali => jalali::month_length(year, month),
            Self::Gregorian => match month {
                4 | 6 | 9 | 11 => 30,
                2 => 28 + u8::from(self.is_leap(year)),
                1..=12 => 31,
                _ => 0,
            },
        }
    }

    /// The first day of the month that holds `days`.
    #[must_use]
    pub fn month_start(self, days: i32) -> i32 {
        days.saturating_sub(i32::from(self.ymd(days).day) - 1)
    }

    /// The first day of the year that holds `days`.
    #[must_use]
    pub fn year_start(self, days: i32) -> i32 {
        self.days_clamped(self.ymd(days).year, 1, 1)
    }

    /// The same day `months` later (earlier if negative); a day that the target month lacks becomes its last day.
    ///
    /// ```
    /// use peyvand_calendar::Calendar;
    /// let day = Calendar::Jalali.days(1405, 6, 31).unwrap();
    /// assert_eq!(Calendar::Jalali.ymd(Calendar::Jalali.add_months(day, 1)).day, 30);
    /// ```
    #[must_use]
    pub fn add_months(self, days: i32, months: i32) -> i32 {
        let at = self.ymd(days);
        self.days_clamped(at.year, i32::from(at.month).saturating_add(months), at.day)
    }
}

/// Gregorian view of a day: the era-of-400-years algorithm of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn gregorian_from_days(days: i32) -> Ymd {
    let z = i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u8;
    let month = (if mp < 10 { mp + 3 } else { mp - 9 }) as u8;
    let year = (yoe + era * 400 + i64::from(month <= 2)) as i32;
    Ymd { year, month, day }
}

/// The inverse of [`gregorian_from_days`] for a date that exists.
fn gregorian_to_days(year: i32, month: u8, day: u8) -> i32 {
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = (i64::from(month) + 9) % 12;
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    (era * 146_097 + doe - 719_468) as i32
}
