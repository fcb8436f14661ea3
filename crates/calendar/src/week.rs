//! Which days of the week are worked, as dated data.

use serde::{Deserialize, Serialize};

use crate::names::Weekday;
use crate::zone::{MINUTE_MICROS, from_civil_date};

/// A time of day in whole minutes since midnight, written `HH:MM`; 24:00 is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minute(u16);

impl Minute {
    /// The end of the day.
    pub const END: Self = Self(24 * 60);

    /// A time from hours (0–24) and minutes (0–59); `None` outside the day.
    #[must_use]
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        let total = u16::from(hour) * 60 + u16::from(minute);
        (minute < 60 && total <= Self::END.0).then_some(Self(total))
    }

    /// Microseconds since midnight.
    #[must_use]
    pub fn micros(self) -> i64 {
        i64::from(self.0) * MINUTE_MICROS
    }
}

impl TryFrom<String> for Minute {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(hour, minute)| {
            let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            let known = digits(hour) && digits(minute);
            if known {
                Some((hour.parse().ok()?, minute.parse().ok()?))
            } else {
                None
            }
        });
        parts
            .and_then(|(hour, minute)| Self::new(hour, minute))
            .ok_or_else(|| format!("time-invalid: {text}"))
    }
}

impl From<Minute> for String {
    fn from(minute: Minute) -> Self {
        format!("{:02}:{:02}", minute.0 / 60, minute.0 % 60)
    }
}

/// How a weekday is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayKind {
    /// A full working day.
    Working,
    /// Work ends at this time.
    Half(Minute),
    /// No work.
    Off,
}

/// The week from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekendRule {
    /// First day (Gregorian `YYYY-MM-DD`) on which this rule holds.
    pub from: jiff::civil::Date,
    /// شنبه
    pub saturday: DayKind,
    /// یکشنبه
    pub sunday: DayKind,
    /// دوشنبه
    pub monday: DayKind,
    /// سه‌شنبه
    pub tuesday: DayKind,
    /// چهارشنبه
    pub wednesday: DayKind,
    /// پنجشنبه
    pub thursday: DayKind,
    /// جمعه
    pub friday: DayKind,
}

impl WeekendRule {
    /// How the weekday is worked under this rule.
    #[must_use]
    pub fn day(&self, weekday: Weekday) -> DayKind {
        match weekday {
            Weekday::Saturday => self.saturday,
            Weekday::Sunday => self.sunday,
            Weekday::Monday => self.monday,
            Weekday::Tuesday => self.tuesday,
            Weekday::Wednesday => self.wednesday,
            Weekday::Thursday => self.thursday,
            Weekday::Friday => self.friday,
        }
    }
}

/// The weekend of an organisation over time: dated rules, the latest that has begun holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekendRules {
    /// The rules, in any order.
    #[serde(rename = "rule")]
    pub rules: Vec<WeekendRule>,
}

impl WeekendRules {
    /// The shipped default: Friday off, Thursday until 13:00. Data for an administrator to change.
    #[must_use]
    pub fn iran() -> Self {
        toml::from_str(include_str!("../data/iran-weekend.toml")).unwrap_or(Self { rules: Vec::new() })
    }

    /// How a day is worked, holidays aside. A day before every rule follows the earliest one; without rules every day
    /// is a working day.
    #[must_use]
    pub fn day(&self, days: i32) -> DayKind {
        let holds = self
            .rules
            .iter()
            .filter(|rule| from_civil_date(rule.from) <= days)
            .max_by_key(|rule| rule.from)
            .or_else(|| self.rules.iter().min_by_key(|rule| rule.from));
        holds.map_or(DayKind::Working, |rule| rule.day(Weekday::of(days)))
    }
}
