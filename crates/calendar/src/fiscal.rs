//! Months, quarters and years of either calendar as half-open ranges of days; fiscal years with a settable start.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::names::Weekday;
use crate::ymd::Calendar;

/// The month that holds a day.
#[must_use]
pub fn month_of(calendar: Calendar, day: i32) -> Range<i32> {
    months(calendar, day, 1, 1)
}

/// The quarter that holds a day, in years that begin with `start_month` (1–12).
#[must_use]
pub fn quarter_of(calendar: Calendar, day: i32, start_month: u8) -> Range<i32> {
    months(calendar, day, start_month, 3)
}

/// The year that holds a day, in years that begin with `start_month` (1–12).
#[must_use]
pub fn year_of(calendar: Calendar, day: i32, start_month: u8) -> Range<i32> {
    months(calendar, day, start_month, 12)
}

/// The block of `length` months, counted from `start_month`, that holds a day.
fn months(calendar: Calendar, day: i32, start_month: u8, length: i32) -> Range<i32> {
    let at = calendar.ymd(day);
    let into = (i32::from(at.month) - i32::from(start_month)).rem_euclid(length);
    let first = i32::from(at.month) - into;
    calendar.days_clamped(at.year, first, 1)..calendar.days_clamped(at.year, first + length, 1)
}

/// A period named relative to today, as filters and reports use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodName {
    /// The day itself.
    Today,
    /// The day before.
    Yesterday,
    /// The day after.
    Tomorrow,
    /// The week, from the first weekday of the calendar.
    ThisWeek,
    /// The week before.
    LastWeek,
    /// The week after.
    NextWeek,
    /// The calendar month.
    ThisMonth,
    /// The month before.
    LastMonth,
    /// The month after.
    NextMonth,
    /// The quarter of the calendar year.
    ThisQuarter,
    /// The quarter before.
    LastQuarter,
    /// The quarter after.
    NextQuarter,
    /// The calendar year.
    ThisYear,
    /// The year before.
    LastYear,
    /// The year after.
    NextYear,
    /// The quarter of the fiscal year.
    ThisFiscalQuarter,
    /// The fiscal quarter before.
    LastFiscalQuarter,
    /// The fiscal year.
    ThisFiscalYear,
    /// The fiscal year before.
    LastFiscalYear,
    /// From the first day of the calendar year to today, today included («از نوروز» in Jalali).
    YearToDate,
    /// From the first day of the month to today, today included.
    MonthToDate,
}

/// The days of a named period. Weeks start as the calendar says; `fiscal_start` is the first month (1–12) of the fiscal year.
///
/// ```
/// use peyvand_calendar::{Calendar, fiscal::{PeriodName, period}};
/// let jalali = Calendar::Jalali;
/// let today = jalali.days(1405, 9, 1).unwrap();
/// let range = period(PeriodName::LastQuarter, jalali, today, 1);
/// assert_eq!(range, jalali.days(1405, 4, 1).unwrap()..jalali.days(1405, 7, 1).unwrap());
/// ```
#[must_use]
pub fn period(name: PeriodName, calendar: Calendar, today: i32, fiscal_start: u8) -> Range<i32> {
    use PeriodName as P;
    let start = fiscal_start.clamp(1, 12);
    let after = |day: i32| day.saturating_add(1);
    let moved = |count: i32| calendar.add_months(calendar.month_start(today), count);
    match name {
        P::Today => today..after(today),
        P::Yesterday => today.saturating_sub(1)..today,
        P::Tomorrow => after(today)..today.saturating_add(2),
        P::ThisWeek => week_of(today, calendar.first_weekday()),
        P::LastWeek => week_of(today.saturating_sub(7), calendar.first_weekday()),
        P::NextWeek => week_of(today.saturating_add(7), calendar.first_weekday()),
        P::ThisMonth => month_of(calendar, today),
        P::LastMonth => month_of(calendar, moved(-1)),
        P::NextMonth => month_of(calendar, moved(1)),
        P::ThisQuarter => quarter_of(calendar, today, 1),
        P::LastQuarter => quarter_of(calendar, moved(-3), 1),
        P::NextQuarter => quarter_of(calendar, moved(3), 1),
        P::ThisYear => year_of(calendar, today, 1),
        P::LastYear => year_of(calendar, moved(-12), 1),
        P::NextYear => year_of(calendar, moved(12), 1),
        P::ThisFiscalQuarter => quarter_of(calendar, today, start),
        P::LastFiscalQuarter => quarter_of(calendar, moved(-3), start),
        P::ThisFiscalYear => year_of(calendar, today, start),
        P::LastFiscalYear => year_of(calendar, moved(-12), start),
        P::YearToDate => calendar.year_start(today)..after(today),
        P::MonthToDate => calendar.month_start(today)..after(today),
    }
}

/// The week of a day, from its first weekday.
#[must_use]
pub fn week_of(day: i32, first: Weekday) -> Range<i32> {
    let back = (i32::from(Weekday::of(day).index()) - i32::from(first.index())).rem_euclid(7);
    let start = day.saturating_sub(back);
    start..start.saturating_add(7)
}
