//! Days and hours of the company.

use peyvand_calendar::Jalali;
use peyvand_core::Instant;

use crate::draw::Draw;

/// Days that the company looks back on: two years.
pub(crate) const PAST: i32 = 730;
/// Minutes that Tehran is ahead of UTC.
pub(crate) const TEHRAN: i64 = 210;

/// `YYYY-MM-DD`.
pub(crate) fn date(day: i32) -> String {
    let mut text = Instant(i64::from(day) * 86_400_000_000).to_string();
    text.truncate(10);
    text
}

/// RFC 3339 of a minute of a day, in a place so many minutes ahead of UTC.
pub(crate) fn instant(day: i32, minute: i64, ahead: i64) -> String {
    Instant((i64::from(day) * 1440 + minute - ahead) * 60_000_000).to_string()
}

/// A minute of the working day, from 8:00 to 17:59.
pub(crate) fn working_minute(draw: &mut Draw) -> i64 {
    draw.between(8 * 60, 18 * 60 - 1)
}

/// 0 on Monday, 4 on Friday, 6 on Sunday.
pub(crate) const fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

/// The day, or the next one that is worked on: not Friday in Iran, not Saturday or Sunday abroad.
pub(crate) const fn workday(day: i32, persian: bool) -> i32 {
    match (weekday(day), persian) {
        (4, true) | (6, false) => day + 1,
        (5, false) => day + 2,
        _ => day,
    }
}

/// The running sums of how much is bought on each day of the two years before `today`, which is the last one. In Iran
/// much before Nowruz, little in its holidays, some before Yalda and when school begins; abroad much before Christmas.
/// Both grow over the years.
pub(crate) fn season(today: i32, persian: bool) -> Vec<u64> {
    let mut sum = 0;
    (0..=PAST)
        .map(|i| {
            let day = today - PAST + i;
            let date = Jalali::from_days(day);
            let mut weight = 700 + (i as u64 * 500) / PAST as u64;
            let percent = match (persian, date.month, date.day) {
                (true, 12, 15..) => 320,
                (true, 12, _) => 190,
                (true, 1, 1..=13) => 25,
                (true, 6, 20..) | (true, 7, 1..=10) => 140,
                (true, 9, 20..) | (false, 8, 20..) => 160,
                (false, 9, _) => 210,
                (false, 10, 11..=20) => 45,
                _ => 100,
            };
            weight = weight * percent / 100;
            let rest = if persian {
                weekday(day) == 4
            } else {
                weekday(day) >= 5
            };
            if rest {
                weight = weight * 45 / 100;
            }
            sum += weight;
            sum
        })
        .collect()
}
