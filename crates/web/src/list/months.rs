//! Rows that are grouped by a day or a time stand in groups of months, in the reader's calendar and zone.

use peyvand_app::records::{GroupKey, Tally};
use peyvand_calendar::format::{DateStyle, format_date};
use peyvand_calendar::zone;
use peyvand_record::Value;

use crate::view::Viewer;

/// The day of a day or a time.
pub(super) fn day(v: &Viewer, value: &Value) -> Option<i32> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Instant(at) => Some(zone::day_of(at.micros(), &v.zone)),
        _ => None,
    }
}

/// The group of a value: of a day and of a time the first day of its month, of anything else the value itself.
pub(super) fn group(v: &Viewer, value: &Value) -> Option<GroupKey> {
    match day(v, value) {
        Some(day) => Some(GroupKey::Whole(i64::from(v.calendar.month_start(day)))),
        None => GroupKey::of(value),
    }
}

/// Do these values stand in one group?
pub(super) fn together(v: &Viewer, one: &Value, other: &Value) -> bool {
    match (group(v, one), group(v, other)) {
        (Some(a), Some(b)) => a == b,
        _ => one == other,
    }
}

/// What a group of days is called.
pub(super) fn name(v: &Viewer, day: i32) -> String {
    format_date(day, DateStyle::MonthYear, v.dates())
}

/// What is known of days, of their months.
pub(super) fn told(v: &Viewer, days: Vec<Tally>) -> Vec<Tally> {
    let mut out: Vec<Tally> = Vec::new();
    for day in days {
        let key = match day.key {
            GroupKey::Whole(n) => i32::try_from(n)
                .ok()
                .and_then(|n| group(v, &Value::Date(n)))
                .unwrap_or(GroupKey::Whole(n)),
            key => key,
        };
        let Some(month) = out.iter_mut().find(|t| t.key == key) else {
            out.push(Tally { key, ..day });
            continue;
        };
        month.count = month.count.saturating_add(day.count);
        for (all, one) in month.sums.iter_mut().zip(day.sums) {
            *all = match (*all, one) {
                // A sum that leaves 64 bits is left out.
                (Some(a), Some(b)) => a.checked_add(b),
                (a, b) => a.or(b),
            };
        }
    }
    out
}
