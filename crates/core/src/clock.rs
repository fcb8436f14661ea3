//! The clock: instants are UTC microseconds since 1970-01-01T00:00:00Z.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Microseconds in a day.
    pub const DAY: i64 = 86_400_000_000;
    /// Microseconds in a second.
    pub const SECOND: i64 = 1_000_000;

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant `micros` later (earlier when negative), saturating at the ends of the range.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The UTC day of this instant, as days since 1970-01-01.
    #[must_use]
    pub const fn utc_day(self) -> i32 {
        self.0.div_euclid(Self::DAY) as i32
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with microseconds, for example `2026-11-22T08:30:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t:.6}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// The text is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant: {0}")]
pub struct NotAnInstant(pub String);

impl FromStr for Instant {
    type Err = NotAnInstant;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|_| NotAnInstant(s.chars().take(64).collect()))
    }
}

/// Where the present comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// The machine's clock. It never goes backwards within one process: after a jump back it stands still.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: AtomicI64,
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Instant {
        let now = jiff::Timestamp::now().as_microsecond();
        let before = self.last.fetch_max(now, Ordering::Relaxed);
        Instant(now.max(before))
    }
}

/// A point of the machine's monotonic clock by which something must be done: it does not care about clock changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(std::time::Instant);

impl Deadline {
    /// So much from now.
    #[must_use]
    pub fn after(span: std::time::Duration) -> Self {
        Self(std::time::Instant::now() + span)
    }

    /// How long ago it passed; nothing while it has not.
    #[must_use]
    pub fn passed_for(self) -> std::time::Duration {
        std::time::Instant::now().saturating_duration_since(self.0)
    }

    /// Has it passed?
    #[must_use]
    pub fn passed(self) -> bool {
        std::time::Instant::now() >= self.0
    }
}

/// A clock that tests set by hand.
#[derive(Debug)]
pub struct FixedClock {
    now: AtomicI64,
}

impl FixedClock {
    /// A clock that stands at `at`.
    #[must_use]
    pub const fn at(at: Instant) -> Self {
        Self {
            now: AtomicI64::new(at.0),
        }
    }

    /// Moves the clock by so many microseconds.
    pub fn advance(&self, micros: i64) {
        self.now.fetch_add(micros, Ordering::Relaxed);
    }

    /// Sets the clock.
    pub fn set(&self, at: Instant) {
        self.now.store(at.0, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant(self.now.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_and_write_rfc_3339() {
        let t: Instant = "2026-11-22T12:00:00+03:30".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-22T08:30:00.000000Z");
        assert_eq!(t.to_string().parse::<Instant>().unwrap(), t);
        assert!("yesterday".parse::<Instant>().is_err());
        assert_eq!(Instant(-1).utc_day(), -1);
    }
}
