//! Reminders: when a person is told of an open activity.

use jiff::tz::TimeZone;
use peyvand_calendar::zone::{DAY_MICROS, civil, instant};
use peyvand_core::Instant;

/// So long before its time an activity is told of, in microseconds.
pub const AHEAD: i64 = 15 * 60 * Instant::SECOND;
/// What has no hour of its own, and what is late, is told of from this hour of the day on, in microseconds after midnight.
pub const MORNING: i64 = 7 * 3600 * Instant::SECOND;
/// What has been late for longer is told of no more: who has not done it in a week will not for the eighth telling.
pub const LATE_DAYS: i32 = 7;

/// What a person is told of an open activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// Its time has come, or will in a moment.
    Due,
    /// Its day has passed.
    Overdue,
}

/// What its owner is to be told now of an open activity that is due at this instant; days are those of the owner's zone.
#[must_use]
pub fn reminder(due: Instant, now: Instant, zone: &TimeZone) -> Option<Reminder> {
    let (today, time) = civil(now.micros(), zone);
    let (day, hour) = civil(due.micros(), zone);
    let morning = time >= MORNING;
    // Midnight stands for the whole day.
    let near = if hour == 0 {
        day == today && morning
    } else {
        day <= today.saturating_add(1) && now.micros() >= due.micros().saturating_sub(AHEAD)
    };
    if day >= today {
        near.then_some(Reminder::Due)
    } else {
        (morning && today.saturating_sub(day) <= LATE_DAYS).then_some(Reminder::Overdue)
    }
}

/// The due times that can lead to a reminder now: from the first, up to and with the second.
#[must_use]
pub fn span(now: Instant, zone: &TimeZone) -> (Instant, Instant) {
    let (today, _) = civil(now.micros(), zone);
    let from = instant(today.saturating_sub(LATE_DAYS), 0, zone);
    (Instant(from), now.plus_micros(AHEAD))
}

/// When the owner's day began.
#[must_use]
pub fn day_began(now: Instant, zone: &TimeZone) -> Instant {
    let (today, _) = civil(now.micros(), zone);
    let began = instant(today, 0, zone);
    // A day without a midnight, at a change of the clock, began at its first moment.
    Instant(began.clamp(now.micros().saturating_sub(DAY_MICROS), now.micros()))
}

#[cfg(test)]
mod tests {
    use peyvand_calendar::zone::{tehran, zone};

    use super::{Reminder, day_began, reminder, span};

    fn at(text: &str) -> peyvand_core::Instant {
        text.parse().unwrap()
    }

    #[test]
    fn told_in_time_and_in_the_morning() {
        use Reminder::{Due, Overdue};
        // Tehran is 03:30 ahead: 2026-11-22 begins at 20:30 of the day before.
        for (due, now, wanted) in [
            // An hour of its own: a quarter before it, and until the day ends.
            ("2026-11-22T10:00:00Z", "2026-11-22T09:44:59Z", None),
            ("2026-11-22T10:00:00Z", "2026-11-22T09:45:00Z", Some(Due)),
            ("2026-11-22T10:00:00Z", "2026-11-22T19:00:00Z", Some(Due)),
            // Five past midnight is told of on the evening before.
            ("2026-11-21T20:35:00Z", "2026-11-21T20:25:00Z", Some(Due)),
            // Midnight is the whole day: from seven in the morning on, not the evening before.
            ("2026-11-21T20:30:00Z", "2026-11-21T20:25:00Z", None),
            ("2026-11-21T20:30:00Z", "2026-11-22T03:29:00Z", None),
            ("2026-11-21T20:30:00Z", "2026-11-22T03:30:00Z", Some(Due)),
            // Late from the next morning on, for a week.
            ("2026-11-21T10:00:00Z", "2026-11-21T20:31:00Z", None),
            ("2026-11-21T10:00:00Z", "2026-11-22T03:30:00Z", Some(Overdue)),
            ("2026-11-15T10:00:00Z", "2026-11-22T12:00:00Z", Some(Overdue)),
            ("2026-11-14T10:00:00Z", "2026-11-22T12:00:00Z", None),
        ] {
            let (due, now) = (at(due), at(now));
            assert_eq!(reminder(due, now, &tehran()), wanted, "{due} at {now}");
            let (from, to) = span(now, &tehran());
            assert!(wanted.is_none() || (from <= due && due <= to), "{due} at {now}");
        }
    }

    #[test]
    fn the_day_is_the_owners() {
        let london = zone("Europe/London").unwrap();
        let now = at("2026-11-22T21:00:00Z");
        assert_eq!(day_began(now, &tehran()), at("2026-11-22T20:30:00Z"));
        assert_eq!(day_began(now, &london), at("2026-11-22T00:00:00Z"));
    }
}
