//! Working hours as dated data: per weekday, and special periods such as the shorter days of Ramadan.

use serde::{Deserialize, Serialize};

use crate::names::Weekday;
use crate::week::Minute;
use crate::zone::from_civil_date;

/// A stretch of work within a day, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Work begins.
    pub start: Minute,
    /// Work ends; a span that ends before it starts holds no work.
    pub end: Minute,
}

/// The hours of every weekday from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursRule {
    /// First day (Gregorian `YYYY-MM-DD`) on which these hours hold.
    pub from: jiff::civil::Date,
    /// شنبه
    pub saturday: Vec<Span>,
    /// یکشنبه
    pub sunday: Vec<Span>,
    /// دوشنبه
    pub monday: Vec<Span>,
    /// سه‌شنبه
    pub tuesday: Vec<Span>,
    /// چهارشنبه
    pub wednesday: Vec<Span>,
    /// پنجشنبه
    pub thursday: Vec<Span>,
    /// جمعه
    pub friday: Vec<Span>,
}

impl HoursRule {
    fn day(&self, weekday: Weekday) -> &[Span] {
        match weekday {
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
        }
    }
}

/// Other hours for a while, the same on each of its working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialPeriod {
    /// First day (Gregorian).
    pub from: jiff::civil::Date,
    /// Last day (Gregorian), included.
    pub to: jiff::civil::Date,
    /// Persian name.
    pub name_fa: String,
    /// English name.
    pub name_en: String,
    /// The hours.
    pub hours: Vec<Span>,
}

/// Working hours over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkHours {
    /// Weekly hours, in any order; the latest that has begun holds.
    #[serde(rename = "rule")]
    pub rules: Vec<HoursRule>,
    /// Special periods; the first that covers a day wins over the weekly hours.
    #[serde(rename = "special", default, skip_serializing_if = "Vec::is_empty")]
    pub specials: Vec<SpecialPeriod>,
}

impl WorkHours {
    /// The shipped default of Iran: 08:00 to 17:00.
    #[must_use]
    pub fn iran() -> Self {
        Self::shipped(include_str!("../data/iran-hours.toml"))
    }

    /// The shipped default of other countries: Monday to Friday, 09:00 to 17:00.
    #[must_use]
    pub fn five_days() -> Self {
        Self::shipped(include_str!("../data/five-day-hours.toml"))
    }

    fn shipped(file: &str) -> Self {
        toml::from_str(file).unwrap_or(Self {
            rules: Vec::new(),
            specials: Vec::new(),
        })
    }

    /// The hours of a day, weekend and holidays aside. A day before every rule follows the earliest one.
    #[must_use]
    pub fn on(&self, days: i32) -> &[Span] {
        let covers = |period: &&SpecialPeriod| {
            (from_civil_date(period.from)..=from_civil_date(period.to)).contains(&days)
        };
        if let Some(period) = self.specials.iter().find(covers) {
            return &period.hours;
        }
        self.rules
            .iter()
            .filter(|rule| from_civil_date(rule.from) <= days)
            .max_by_key(|rule| rule.from)
            .or_else(|| self.rules.iter().min_by_key(|rule| rule.from))
            .map_or(&[], |rule| rule.day(Weekday::of(days)))
    }
}
