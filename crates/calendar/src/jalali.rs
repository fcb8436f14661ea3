//! The Jalali (Solar Hijri, Shamsi) calendar by the 33-year rule.
//!
//! `leap(y) = (25*y + 11) mod 33 < 8`. The rule equals the table of the Iranian calendar authority for every year of
//! that table (1206–1498) and is used here for every year; years outside the table are a projection. The often copied
//! 2820-year cycle is wrong (it moves 1403's leap day to 1404) and is not used.

use std::fmt;

use crate::ymd::{DateInvalid, Part};

/// First year that a person may type as a Jalali year.
pub const MIN_TYPED_YEAR: i32 = 1178;
/// Last year that a person may type as a Jalali year.
pub const MAX_TYPED_YEAR: i32 = 1633;

/// Days between the day 0 of the 33-year formula below and 1970-01-01; fixed by 1 Farvardin 1404 = 2025-03-21.
const EPOCH: i64 = 492_633;
/// Days in one cycle of 33 years with 8 leap days.
const CYCLE_DAYS: i64 = 33 * 365 + 8;

/// A date of the Jalali calendar. Any combination that exists can be stored; `Ord` is the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jalali {
    /// Year of the Solar Hijri era, for example 1405.
    pub year: i32,
    /// 1 (Farvardin) to 12 (Esfand).
    pub month: u8,
    /// 1 to 29, 30 or 31.
    pub day: u8,
}

impl Jalali {
    /// The date, if it exists.
    ///
    /// # Errors
    /// [`DateInvalid`] naming the part that does not exist: month 13, 30 Esfand of a common year, a year beyond ±999,999.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, DateInvalid> {
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
        let max = month_length(year, month);
        if !(1..=max).contains(&day) {
            return Err(DateInvalid {
                part: Part::Day,
                value: i64::from(day),
                max: i64::from(max),
            });
        }
        Ok(Self { year, month, day })
    }

    /// The Jalali date of a day counted from 1970-01-01.
    ///
    /// ```
    /// use peyvand_calendar::Jalali;
    /// assert_eq!(Jalali::from_days(0), Jalali { year: 1348, month: 10, day: 11 });
    /// ```
    #[must_use]
    pub fn from_days(days: i32) -> Self {
        let d = i64::from(days) + EPOCH;
        // year = the largest y with new_year(y) <= d, solved for y: 12053*y + 21 <= 33*d + 32.
        let year = (33 * d + 11).div_euclid(CYCLE_DAYS);
        let of_year = d - new_year(year);
        let (month, day) = if of_year < 186 {
            (of_year / 31, of_year % 31)
        } else {
            (6 + (of_year - 186) / 30, (of_year - 186) % 30)
        };
        Self {
            year: year as i32,
            month: month as u8 + 1,
            day: day as u8 + 1,
        }
    }

    /// Days since 1970-01-01. A date that was not made by [`Jalali::new`] may saturate at the ends of `i32`.
    #[must_use]
    pub fn to_days(self) -> i32 {
        let m = i64::from(self.month) - 1;
        let before = if m < 6 { m * 31 } else { 186 + (m - 6) * 30 };
        let days = new_year(i64::from(self.year)) + before + i64::from(self.day) - 1 - EPOCH;
        i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
    }

    /// 1 on 1 Farvardin, 366 on 30 Esfand.
    #[must_use]
    pub fn day_of_year(self) -> u16 {
        let m = u16::from(self.month) - 1;
        (if m < 6 { m * 31 } else { 186 + (m - 6) * 30 }) + u16::from(self.day)
    }
}

/// Days before 1 Farvardin of `year` in the count of the formula: `365*year + floor((8*year + 21) / 33)`.
/// The floor steps exactly after the years with `(25*y + 11) mod 33 < 8`.
fn new_year(year: i64) -> i64 {
    365 * year + (8 * year + 21).div_euclid(33)
}

/// Whether Esfand of this Jalali year has 30 days.
#[must_use]
pub fn is_leap(year: i32) -> bool {
    (25 * i64::from(year) + 11).rem_euclid(33) < 8
}

/// Days of a Jalali month: 31 for 1–6, 30 for 7–11, 29 or 30 for 12; 0 for a month that does not exist.
#[must_use]
pub fn month_length(year: i32, month: u8) -> u8 {
    match month {
        1..=6 => 31,
        7..=11 => 30,
        12 => 29 + u8::from(is_leap(year)),
        _ => 0,
    }
}

/// `1405/08/30`, in ASCII digits (for logs; use [`crate::format`] for readers).
impl fmt::Display for Jalali {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}
