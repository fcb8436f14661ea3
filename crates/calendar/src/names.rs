//! Names of months and weekdays in Persian and English.

use peyvand_numbers::Language;
use serde::{Deserialize, Serialize};

use crate::ymd::Calendar;

/// A day of the week. The Iranian week starts on Saturday, and so does the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// شنبه
    Saturday,
    /// یکشنبه
    Sunday,
    /// دوشنبه
    Monday,
    /// سه‌شنبه
    Tuesday,
    /// چهارشنبه
    Wednesday,
    /// پنجشنبه
    Thursday,
    /// جمعه
    Friday,
}

const JALALI_FA: [&str; 12] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
];
const JALALI_EN: [&str; 12] = [
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
];
const GREGORIAN_FA: [&str; 12] = [
    "ژانویه",
    "فوریه",
    "مارس",
    "آوریل",
    "مه",
    "ژوئن",
    "ژوئیه",
    "اوت",
    "سپتامبر",
    "اکتبر",
    "نوامبر",
    "دسامبر",
];
const GREGORIAN_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAY_FA: [&str; 7] = [
    "شنبه",
    "یکشنبه",
    "دوشنبه",
    "سه\u{200c}شنبه",
    "چهارشنبه",
    "پنجشنبه",
    "جمعه",
];
const WEEKDAY_EN: [&str; 7] = [
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
];

/// The name of month 1–12 of a calendar; empty for a month that does not exist.
#[must_use]
pub fn month_name(calendar: Calendar, month: u8, language: Language) -> &'static str {
    let names = match (calendar, language) {
        (Calendar::Jalali, Language::Fa) => &JALALI_FA,
        (Calendar::Jalali, Language::En) => &JALALI_EN,
        (Calendar::Gregorian, Language::Fa) => &GREGORIAN_FA,
        (Calendar::Gregorian, Language::En) => &GREGORIAN_EN,
    };
    names
        .get(usize::from(month).wrapping_sub(1))
        .copied()
        .unwrap_or("")
}

impl Weekday {
    /// The seven days in the order of the Iranian week.
    pub const ALL: [Self; 7] = [
        Self::Saturday,
        Self::Sunday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
    ];

    /// The weekday of a stored day. 1970-01-01 was a Thursday.
    #[must_use]
    pub fn of(days: i32) -> Self {
        Self::ALL[(i64::from(days) + 5).rem_euclid(7) as usize]
    }

    /// 0 for Saturday to 6 for Friday.
    #[must_use]
    pub fn index(self) -> u8 {
        self as u8
    }

    /// The name in a language: «سه‌شنبه», "Tuesday".
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        match language {
            Language::Fa => WEEKDAY_FA[self as usize],
            Language::En => WEEKDAY_EN[self as usize],
        }
    }

    /// Two-letter key of RFC 5545: `SA`, `SU` … `FR`.
    #[must_use]
    pub fn key(self) -> &'static str {
        ["SA", "SU", "MO", "TU", "WE", "TH", "FR"][self as usize]
    }

    /// The weekday of a key written by [`Weekday::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.key() == key)
    }
}
