//! Public holidays as dated, editable data: fixed Jalali days, observed lunar days, ad hoc closures.

use std::collections::BTreeMap;

use peyvand_numbers::Language;
use serde::{Deserialize, Serialize};

use crate::jalali::Jalali;

/// Why a day is a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolidayKind {
    /// The same Jalali day every year.
    National,
    /// A lunar day, which follows the sighting of the moon.
    Lunar,
    /// A closure announced for one day (air pollution, power, mourning) or the workspace's own day off.
    Closure,
}

/// How sure the date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolidayStatus {
    /// Published officially.
    Confirmed,
    /// Computed beforehand, may be a day off: a screen that shows it must say so.
    Computed,
}

/// One holiday on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Days since 1970-01-01.
    pub days: i32,
    /// Why.
    pub kind: HolidayKind,
    /// How sure.
    pub status: HolidayStatus,
    /// Persian name.
    pub name_fa: String,
    /// English name.
    pub name_en: String,
    /// Where the date is from.
    pub source: String,
}

impl Holiday {
    /// The name in a language.
    #[must_use]
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Fa => &self.name_fa,
            Language::En => &self.name_en,
        }
    }
}

/// A day of every Jalali year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedHoliday {
    /// Jalali month.
    pub month: u8,
    /// Day of the month; years that lack it have no such holiday.
    pub day: u8,
    /// Persian name.
    pub name_fa: String,
    /// English name.
    pub name_en: String,
    /// Where the rule is from.
    pub source: String,
    /// First Jalali year in which it holds; always, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_year: Option<i32>,
    /// Last Jalali year in which it holds; for good, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_year: Option<i32>,
}

/// The holidays of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayBook {
    /// Rules of fixed Jalali days.
    pub fixed: Vec<FixedHoliday>,
    /// Dated holidays by day; one day may have several.
    pub dated: BTreeMap<i32, Vec<Holiday>>,
    /// What the workspace itself says of a day: it stands instead of everything above. An empty list is a day on which
    /// people work although the shipped book says otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<i32, Vec<Holiday>>,
}

/// Why a holiday file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// Not TOML of the expected shape.
    #[error("holiday-file-malformed: {detail}")]
    Malformed {
        /// The parser's words, in English.
        detail: String,
    },
    /// A row has a date that does not exist.
    #[error("holiday-date-invalid: {date}")]
    Date {
        /// The date as written.
        date: String,
    },
    /// A row names an unknown occasion or source.
    #[error("holiday-reference-unknown: {key}")]
    Reference {
        /// The unknown key.
        key: String,
    },
}

impl BookError {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "holiday-file-malformed",
            Self::Date { .. } => "holiday-date-invalid",
            Self::Reference { .. } => "holiday-reference-unknown",
        }
    }
}

/// The shape of the holiday file.
#[derive(Deserialize)]
struct File {
    source: Vec<SourceRow>,
    fixed: Vec<FixedHoliday>,
    occasion: Vec<OccasionRow>,
    lunar: Vec<LunarRow>,
}

#[derive(Deserialize)]
struct SourceRow {
    key: String,
    title: String,
}

#[derive(Deserialize)]
struct OccasionRow {
    key: String,
    name_fa: String,
    name_en: String,
}

#[derive(Deserialize)]
struct LunarRow {
    date: String,
    occasion: String,
    status: HolidayStatus,
    source: String,
}

impl HolidayBook {
    /// The shipped holidays of Iran: the fixed days of every year, the lunar days of 1400 to 1406.
    #[must_use]
    pub fn iran() -> Self {
        Self::from_toml(include_str!("../data/iran-holidays.toml")).unwrap_or_default()
    }

    /// Reads a holiday file of the shape of the shipped one.
    ///
    /// # Errors
    /// [`BookError`] naming what is wrong.
    pub fn from_toml(text: &str) -> Result<Self, BookError> {
        let file: File = toml::from_str(text).map_err(|error| BookError::Malformed {
            detail: error.message().to_owned(),
        })?;
        let source = |key: &str| {
            let row = file.source.iter().find(|row| row.key == key);
            row.map(|row| row.title.clone())
                .ok_or_else(|| BookError::Reference { key: key.to_owned() })
        };
        let mut book = Self::default();
        for mut rule in file.fixed {
            rule.source = source(&rule.source)?;
            book.fixed.push(rule);
        }
        for row in file.lunar {
            let days = jalali_date(&row.date).ok_or_else(|| BookError::Date {
                date: row.date.clone(),
            })?;
            let occasion = file.occasion.iter().find(|occasion| occasion.key == row.occasion);
            let occasion = occasion.ok_or_else(|| BookError::Reference {
                key: row.occasion.clone(),
            })?;
            book.add(Holiday {
                days,
                kind: HolidayKind::Lunar,
                status: row.status,
                name_fa: occasion.name_fa.clone(),
                name_en: occasion.name_en.clone(),
                source: source(&row.source)?,
            });
        }
        Ok(book)
    }

    /// Adds a dated holiday, for example a closure.
    pub fn add(&mut self, holiday: Holiday) {
        self.dated.entry(holiday.days).or_default().push(holiday);
    }

    /// Says of a day what holds there, whatever the book said before; nothing for a working day.
    pub fn replace(&mut self, days: i32, holidays: Vec<Holiday>) {
        self.own.insert(days, holidays);
    }

    /// Removes the dated holidays of a day (not the fixed ones) and returns them.
    pub fn remove(&mut self, days: i32) -> Vec<Holiday> {
        self.dated.remove(&days).unwrap_or_default()
    }

    /// Whether no one works on this day.
    #[must_use]
    pub fn is_holiday(&self, days: i32) -> bool {
        match self.own.get(&days) {
            Some(own) => !own.is_empty(),
            None => self.dated.contains_key(&days) || self.fixed_on(days).next().is_some(),
        }
    }

    /// The holidays of a day, fixed ones first.
    #[must_use]
    pub fn on(&self, days: i32) -> Vec<Holiday> {
        if let Some(own) = self.own.get(&days) {
            return own.clone();
        }
        let mut found: Vec<Holiday> = self
            .fixed_on(days)
            .map(|rule| Holiday {
                days,
                kind: HolidayKind::National,
                status: HolidayStatus::Confirmed,
                name_fa: rule.name_fa.clone(),
                name_en: rule.name_en.clone(),
                source: rule.source.clone(),
            })
            .collect();
        found.extend(self.dated.get(&days).into_iter().flatten().cloned());
        found
    }

    /// Whether the lunar holidays of a Jalali year are in the book; if not, a screen must say that they are missing.
    #[must_use]
    pub fn has_lunar_of(&self, jalali_year: i32) -> bool {
        let day = |year| {
            Jalali {
                year,
                month: 1,
                day: 1,
            }
            .to_days()
        };
        let mut rows = self
            .dated
            .range(day(jalali_year)..day(jalali_year.saturating_add(1)));
        rows.any(|(_, row)| row.iter().any(|holiday| holiday.kind == HolidayKind::Lunar))
    }

    fn fixed_on(&self, days: i32) -> impl Iterator<Item = &FixedHoliday> {
        let at = Jalali::from_days(days);
        self.fixed.iter().filter(move |rule| {
            (rule.month, rule.day) == (at.month, at.day)
                && rule.from_year.is_none_or(|year| year <= at.year)
                && rule.to_year.is_none_or(|year| at.year <= year)
        })
    }
}

/// A Jalali `YYYY/MM/DD` of a data file.
fn jalali_date(text: &str) -> Option<i32> {
    let mut parts = text.split('/');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Jalali::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        .ok()
        .map(Jalali::to_days)
}
