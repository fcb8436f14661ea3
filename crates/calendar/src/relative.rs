//! Distances in time as people say them: «۳ ساعت پیش», "in 2 days", «دیروز».

use jiff::tz::TimeZone;

use peyvand_numbers::Language;

use crate::format::{DateView, push_number};

use crate::zone;

/// Up to this distance an instant is told in minutes or hours even across midnight, beyond it in civil days.
const HOURS_LIMIT_MICROS: i64 = 12 * 3600 * 1_000_000;

#[derive(Clone, Copy)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Appends the distance of an instant from now.
///
/// Under a minute «هم‌اکنون» / "just now"; under an hour minutes; under 12 hours, or on the same day, hours; otherwise
/// as [`relative_day_into`] of the two civil days in the zone.
///
/// ```
/// use peyvand_calendar::{format::DateView, relative::relative_into, zone};
/// let now = 1_795_300_000_000_000;
/// let mut out = String::new();
/// relative_into(&mut out, now - 3 * 3_600_000_000, now, DateView::FA, &zone::tehran());
/// assert_eq!(out, "۳ ساعت پیش");
/// ```
pub fn relative_into(out: &mut String, then: i64, now: i64, view: DateView, zone: &TimeZone) {
    let distance = then.saturating_sub(now);
    let size = distance.saturating_abs();
    let future = distance > 0;
    if size < zone::MINUTE_MICROS {
        out.push_str(match view.language {
            Language::Fa => "هم\u{200c}اکنون",
            Language::En => "just now",
        });
        return;
    }
    if size < 60 * zone::MINUTE_MICROS {
        return push(out, size / zone::MINUTE_MICROS, Unit::Minute, future, view);
    }
    let (then_day, today) = (zone::day_of(then, zone), zone::day_of(now, zone));
    if size < HOURS_LIMIT_MICROS || then_day == today {
        return push(out, size / (60 * zone::MINUTE_MICROS), Unit::Hour, future, view);
    }
    relative_day_into(out, then_day, today, view);
}

/// [`relative_into`] into a new string.
#[must_use]
pub fn relative(then: i64, now: i64, view: DateView, zone: &TimeZone) -> String {
    let mut out = String::new();
    relative_into(&mut out, then, now, view, zone);
    out
}

/// Appends the distance of a day from today: «امروز», «فردا», «پس‌فردا», «۵ روز دیگر», "2 weeks ago".
///
/// Whole months and years are counted in the view's calendar: under 7 days in days, under a month in weeks, under a
/// year in months.
pub fn relative_day_into(out: &mut String, day: i32, today: i32, view: DateView) {
    let distance = i64::from(day) - i64::from(today);
    let word = match (view.language, distance) {
        (Language::Fa, 0) => "امروز",
        (Language::Fa, 1) => "فردا",
        (Language::Fa, 2) => "پس\u{200c}فردا",
        (Language::Fa, -1) => "دیروز",
        (Language::Fa, -2) => "پریروز",
        (Language::En, 0) => "today",
        (Language::En, 1) => "tomorrow",
        (Language::En, -1) => "yesterday",
        _ => "",
    };
    if !word.is_empty() {
        out.push_str(word);
        return;
    }
    let (size, future) = (distance.abs(), distance > 0);
    let months = whole_months(day.min(today), day.max(today), view);
    let (count, unit) = match (size, months) {
        (..7, _) => (size, Unit::Day),
        (_, 0) => (size / 7, Unit::Week),
        (_, 1..12) => (months, Unit::Month),
        _ => (months / 12, Unit::Year),
    };
    push(out, count, unit, future, view);
}

/// [`relative_day_into`] into a new string.
#[must_use]
pub fn relative_day(day: i32, today: i32, view: DateView) -> String {
    let mut out = String::new();
    relative_day_into(&mut out, day, today, view);
    out
}

/// Whole months of the view's calendar from `from` to `to`.
fn whole_months(from: i32, to: i32, view: DateView) -> i64 {
    let (a, b) = (view.calendar.ymd(from), view.calendar.ymd(to));
    let months = (i64::from(b.year) - i64::from(a.year)) * 12 + i64::from(b.month) - i64::from(a.month);
    months - i64::from(b.day < a.day)
}

fn push(out: &mut String, count: i64, unit: Unit, future: bool, view: DateView) {
    let count = count.unsigned_abs();
    match view.language {
        Language::Fa => {
            push_number(out, count, view.digits);
            out.push_str(match unit {
                Unit::Minute => " دقیقه",
                Unit::Hour => " ساعت",
                Unit::Day => " روز",
                Unit::Week => " هفته",
                Unit::Month => " ماه",
                Unit::Year => " سال",
            });
            out.push_str(if future { " دیگر" } else { " پیش" });
        }
        Language::En => {
            if future {
                out.push_str("in ");
            }
            push_number(out, count, view.digits);
            out.push_str(match unit {
                Unit::Minute => " minute",
                Unit::Hour => " hour",
                Unit::Day => " day",
                Unit::Week => " week",
                Unit::Month => " month",
                Unit::Year => " year",
            });
            if count != 1 {
                out.push('s');
            }
            if !future {
                out.push_str(" ago");
            }
        }
    }
}
