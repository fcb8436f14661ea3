//! When a workspace works: the shipped calendar, overridden by the workspace's own holidays and working hours.

use peyvand_calendar::Calendar;
use peyvand_calendar::holidays::{Holiday, HolidayBook, HolidayKind, HolidayStatus};
use peyvand_calendar::hours::{HoursRule, Span, SpecialPeriod, WorkHours};
use peyvand_calendar::week::{Minute, WeekendRules};
use peyvand_calendar::work::WorkCalendar;
use peyvand_calendar::zone::{self, to_civil_date};
use peyvand_catalog::handles::{holiday, working_hours};
use peyvand_core::Actor;
use peyvand_record::query::Query;
use peyvand_record::{Policy, Record, Value};

use crate::app::App;
use crate::errors::AppError;
use crate::workspace::Workspace;

/// Years around a day for which yearly holidays are laid out.
const YEARS: i32 = 10;
/// Where a holiday of the workspace itself says it is from.
pub const OWN_SOURCE: &str = "workspace";
/// When a half day ends, as in the shipped week.
const HALF: (u8, u8) = (13, 0);

/// The days on which a row's holiday lies, within some years around a day.
fn days_of(row: &Record, today: i32) -> Vec<i32> {
    let Value::Date(day) = *row.get(holiday::DAY) else {
        return Vec::new();
    };
    let calendar = match row.get(holiday::REPEATS).as_str() {
        Some("jalali") => Calendar::Jalali,
        Some("gregorian") => Calendar::Gregorian,
        _ => return vec![day],
    };
    let at = calendar.ymd(day);
    let now = calendar.ymd(today).year;
    (now - YEARS..=now + YEARS)
        .filter(|year| *year >= at.year)
        .filter_map(|year| calendar.days(year, at.month, at.day).ok())
        .collect()
}

fn spans_of(week: &serde_json::Value, day: &str) -> Vec<Span> {
    week.get(day)
        .and_then(|d| serde_json::from_value(d.clone()).ok())
        .unwrap_or_default()
}

impl App {
    /// The records of a small object of the workspace, as the program itself sees them.
    async fn small(&self, workspace: &Workspace, object: &str) -> Result<Vec<Record>, AppError> {
        let page = self
            .store
            .page(
                workspace.id,
                &workspace.layout,
                &Policy::all(Actor::System),
                &Query::of(object).limit(1000),
            )
            .await?;
        Ok(page.records)
    }

    /// The holidays of a workspace: the shipped ones, where it keeps them; a row of the workspace on a day stands instead of them. A row that
    /// is not official makes the day an ordinary one. Yearly rows are laid out for ten years around `today`.
    pub async fn holidays_of(&self, workspace: &Workspace, today: i32) -> Result<HolidayBook, AppError> {
        let mut book = if workspace.settings.keeps_iran_holidays() {
            HolidayBook::iran()
        } else {
            HolidayBook::default()
        };
        let mut own: std::collections::BTreeMap<i32, Vec<Holiday>> = std::collections::BTreeMap::new();
        for row in self.small(workspace, holiday::OBJECT).await? {
            let off = *row.get(holiday::OFFICIAL) != Value::Bool(false)
                && *row.get(holiday::HALF_DAY) != Value::Bool(true);
            let name = row.get(holiday::NAME).as_str().unwrap_or_default();
            for days in days_of(&row, today) {
                let list = own.entry(days).or_default();
                if off {
                    list.push(Holiday {
                        days,
                        kind: HolidayKind::Closure,
                        status: HolidayStatus::Confirmed,
                        name_fa: name.to_owned(),
                        name_en: name.to_owned(),
                        source: OWN_SOURCE.to_owned(),
                    });
                }
            }
        }
        for (day, list) in own {
            book.replace(day, list);
        }
        Ok(book)
    }

    /// When a workspace works: its default working hours, or the shipped week and hours, with its holidays.
    pub async fn work_calendar(&self, workspace: &Workspace, today: i32) -> Result<WorkCalendar, AppError> {
        let mut calendar = if zone::is_iran(&workspace.settings.time_zone) {
            WorkCalendar::iran()
        } else {
            WorkCalendar::five_days()
        };
        calendar.zone = zone::zone(&workspace.settings.time_zone).unwrap_or_else(zone::tehran);
        calendar.holidays = self.holidays_of(workspace, today).await?;
        let rows = self.small(workspace, working_hours::OBJECT).await?;
        let mut rules = Vec::new();
        for row in rows
            .iter()
            .filter(|r| *r.get(working_hours::DEFAULT) == Value::Bool(true))
        {
            let Value::Json(week) = row.get(working_hours::WEEK) else {
                continue;
            };
            let from = match row.get(working_hours::VALID_FROM) {
                Value::Date(d) => *d,
                _ => 0,
            };
            let Some(from) = to_civil_date(from) else { continue };
            let day = |name: &str| spans_of(week, name);
            rules.push(HoursRule {
                from,
                saturday: day("saturday"),
                sunday: day("sunday"),
                monday: day("monday"),
                tuesday: day("tuesday"),
                wednesday: day("wednesday"),
                thursday: day("thursday"),
                friday: day("friday"),
            });
            if let Some(z) = row.get(working_hours::TIME_ZONE).as_str().and_then(zone::zone) {
                calendar.zone = z;
            }
        }
        if !rules.is_empty() {
            // A day without hours is a day off: the week needs no rule beside them.
            calendar.hours = WorkHours {
                rules,
                specials: Vec::new(),
            };
            calendar.weekend = WeekendRules { rules: Vec::new() };
        }
        for row in self.small(workspace, holiday::OBJECT).await? {
            if *row.get(holiday::HALF_DAY) != Value::Bool(true) {
                continue;
            }
            let name = row.get(holiday::NAME).as_str().unwrap_or_default();
            for day in days_of(&row, today) {
                let (Some(date), Some(noon)) = (to_civil_date(day), Minute::new(HALF.0, HALF.1)) else {
                    continue;
                };
                let hours = calendar
                    .hours
                    .on(day)
                    .iter()
                    .map(|s| Span {
                        start: s.start,
                        end: s.end.min(noon),
                    })
                    .filter(|s| s.start < s.end)
                    .collect();
                calendar.hours.specials.push(SpecialPeriod {
                    from: date,
                    to: date,
                    name_fa: name.to_owned(),
                    name_en: name.to_owned(),
                    hours,
                });
            }
        }
        Ok(calendar)
    }
}
