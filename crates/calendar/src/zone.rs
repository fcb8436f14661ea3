//! Between stored instants (UTC microseconds) and the civil day and time of a zone.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::ymd::Calendar;

/// Microseconds in a day without a change of offset.
pub const DAY_MICROS: i64 = 86_400_000_000;
/// Microseconds in a minute.
pub const MINUTE_MICROS: i64 = 60_000_000;

/// Instants beyond ±250 thousand million seconds (about 7,900 years) take the offset of that end: jiff ends near there.
const SPAN_SECONDS: i64 = 250_000_000_000;

/// The zone of an IANA name from the bundled database (`Asia/Tehran`, with its daylight-saving history).
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

/// The name of a zone as the database writes it, whatever its case: `asia/tehran` is `Asia/Tehran`. `None` for what is no
/// zone.
///
/// ```
/// use peyvand_calendar::zone::canonical;
/// assert_eq!(canonical(" asia/tehran ").as_deref(), Some("Asia/Tehran"));
/// assert_eq!(canonical("utc").as_deref(), Some("UTC"));
/// assert_eq!(canonical("Tehran"), None);
/// ```
#[must_use]
pub fn canonical(name: &str) -> Option<String> {
    zone(name.trim())?.iana_name().map(str::to_owned)
}

/// Is it the zone of Iran, under either of the names that the database has for it?
#[must_use]
pub fn is_iran(name: &str) -> bool {
    region(name) == Some("IR") || name == "Iran"
}

/// The country of a zone, as a code of two letters (ISO 3166-1); `None` for zones of no country, such as UTC. The table is
/// the tz database's own, in the public domain (zone.tab).
#[must_use]
pub fn region(name: &str) -> Option<&'static str> {
    static REGIONS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let table = include_str!("../data/zone-regions.tsv");
        table.lines().filter_map(|line| line.split_once('\t')).collect()
    });
    REGIONS.get(name).copied()
}

/// The zone of Iran: daylight saving by year until 2022-09-21, fixed +03:30 since.
#[must_use]
pub fn tehran() -> TimeZone {
    zone("Asia/Tehran").unwrap_or_else(|| TimeZone::fixed(jiff::tz::offset(3)))
}

/// Offset of the zone from UTC at an instant, in microseconds.
#[must_use]
pub fn offset_micros(zone: &TimeZone, micros: i64) -> i64 {
    let second = micros.div_euclid(1_000_000).clamp(-SPAN_SECONDS, SPAN_SECONDS);
    jiff::Timestamp::from_second(second).map_or(0, |ts| i64::from(zone.to_offset(ts).seconds()) * 1_000_000)
}

/// The civil day and the microseconds since its midnight at an instant.
#[must_use]
pub fn civil(micros: i64, zone: &TimeZone) -> (i32, i64) {
    let local = micros.saturating_add(offset_micros(zone, micros));
    (local.div_euclid(DAY_MICROS) as i32, local.rem_euclid(DAY_MICROS))
}

/// The civil day at an instant: "today" when the instant is now.
#[must_use]
pub fn day_of(micros: i64, zone: &TimeZone) -> i32 {
    civil(micros, zone).0
}

/// The instant of a civil day and time of day.
///
/// A time that occurs twice (the end of daylight saving) is the first of the two; a time that a change of offset skips
/// is moved forward by the length of the gap, as clocks are.
#[must_use]
pub fn instant(days: i32, time_micros: i64, zone: &TimeZone) -> i64 {
    resolve(days, time_micros, zone).0
}

/// As [`instant`], and whether that civil time exists at all.
#[must_use]
pub fn instant_checked(days: i32, time_micros: i64, zone: &TimeZone) -> Option<i64> {
    let (micros, exists) = resolve(days, time_micros, zone);
    exists.then_some(micros)
}

fn resolve(days: i32, time_micros: i64, zone: &TimeZone) -> (i64, bool) {
    let local = i64::from(days)
        .saturating_mul(DAY_MICROS)
        .saturating_add(time_micros);
    let Some(at) = civil_datetime(local) else {
        return (local, true);
    };
    let (offset, exists) = match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, true),
        AmbiguousOffset::Gap { before, .. } => (before, false),
        AmbiguousOffset::Fold { before, .. } => (before, true),
    };
    (
        local.saturating_sub(i64::from(offset.seconds()) * 1_000_000),
        exists,
    )
}

/// The jiff civil date of a stored day; `None` outside the years −9999 to 9999.
#[must_use]
pub fn to_civil_date(days: i32) -> Option<Date> {
    let at = Calendar::Gregorian.ymd(days);
    Date::new(i16::try_from(at.year).ok()?, at.month as i8, at.day as i8).ok()
}

/// The stored day of a jiff civil date.
#[must_use]
pub fn from_civil_date(date: Date) -> i32 {
    Calendar::Gregorian.days_clamped(
        i32::from(date.year()),
        i32::from(date.month()),
        date.day().unsigned_abs(),
    )
}

fn civil_datetime(local: i64) -> Option<DateTime> {
    let date = to_civil_date(i32::try_from(local.div_euclid(DAY_MICROS)).ok()?)?;
    let second = local.rem_euclid(DAY_MICROS) / 1_000_000;
    let time = Time::new(
        (second / 3600) as i8,
        (second / 60 % 60) as i8,
        (second % 60) as i8,
        0,
    )
    .ok()?;
    Some(DateTime::from_parts(date, time))
}
