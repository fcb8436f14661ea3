//! Ids: UUID version 7 (RFC 9562), made by the program, never going backwards within one process.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Instant;
use crate::random;

/// The id of a record, user, job or any other thing with an identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl Id {
    /// The id of nothing: sixteen zero bytes.
    pub const NIL: Self = Self(Uuid::nil());

    /// The sixteen bytes, in the order in which ids compare.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// An id from sixteen bytes.
    #[must_use]
    pub const fn from_bytes(b: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(b))
    }

    /// When an id was made that begins with its time, to the millisecond.
    #[must_use]
    pub fn made_at(&self) -> Instant {
        let [a, b, c, d, e, f, ..] = *self.bytes();
        let millis = i64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        Instant(millis * 1000)
    }

    /// The bucket 0–15 that spreads event tables of range-sharded engines; from the random tail of the id.
    #[must_use]
    pub const fn bucket(&self) -> u8 {
        self.0.as_bytes()[15] & 0x0F
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {0}")]
pub struct NotAnId(pub String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        // Only the hyphenated form: one id has one spelling in links, keys and logs.
        if s.len() == 36
            && let Ok(u) = Uuid::try_parse(s)
        {
            return Ok(Self(u));
        }
        Err(NotAnId(s.chars().take(64).collect()))
    }
}

/// A workspace within one database: a small number that starts every key. Outside the database a workspace is
/// known by its slug and UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(pub i32);

/// Makes ids of version 7 that increase within the process, also when the clock stands still or jumps back.
#[derive(Debug)]
pub struct IdSource {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Milliseconds and the 12-bit counter, as one number that only grows.
    ticks: u64,
    /// Present only in seeded sources.
    seed: Option<random::SplitMix>,
}

impl Default for IdSource {
    fn default() -> Self {
        Self {
            state: Mutex::new(State { ticks: 0, seed: None }),
        }
    }
}

impl IdSource {
    /// A source whose random parts come from a seed, for invented data that must be equal on every run.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self {
            state: Mutex::new(State {
                ticks: 0,
                seed: Some(random::SplitMix::new(seed)),
            }),
        }
    }

    /// The next id at this instant. RFC 9562, method 1 (fixed-length dedicated counter): the 12 bits behind the
    /// version count up within one millisecond and carry into the timestamp when they run over.
    pub fn next(&self, now: Instant) -> Id {
        let millis = u64::try_from(now.micros().div_euclid(1000)).unwrap_or(0);
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        state.ticks = (state.ticks + 1).max(millis << 12);
        let ticks = state.ticks;
        let tail = match &mut state.seed {
            Some(s) => s.next_u64().to_be_bytes(),
            None => random::bytes(),
        };
        drop(state);
        let mut b = [0u8; 16];
        b[..6].copy_from_slice(&(ticks >> 12).to_be_bytes()[2..]);
        let counter = (ticks & 0x0FFF) as u16;
        b[6] = 0x70 | (counter >> 8) as u8;
        b[7] = counter as u8;
        b[8..].copy_from_slice(&tail);
        b[8] = 0x80 | (b[8] & 0x3F);
        Id::from_bytes(b)
    }
}

/// An id of an instant of the past, for records that were made before they came here. RFC 9562, version 7 with a random
/// tail: it sorts among the ids of its time, and in no order within its millisecond.
#[must_use]
pub fn id_at(past: Instant) -> Id {
    let millis = u64::try_from(past.micros().div_euclid(1000)).unwrap_or(0);
    let mut b: [u8; 16] = random::bytes();
    b[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    b[6] = 0x70 | (b[6] & 0x0F);
    b[8] = 0x80 | (b[8] & 0x3F);
    Id::from_bytes(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_increase_also_when_the_clock_jumps_back() {
        let source = IdSource::default();
        let mut last = source.next(Instant(1_700_000_000_000_000));
        for i in 0..20_000i64 {
            let id = source.next(Instant(1_700_000_000_000_000 - (i % 7) * 1_000_000));
            assert!(id > last);
            assert_eq!(id.0.get_version_num(), 7);
            last = id;
        }
        assert_eq!(last.to_string().parse::<Id>().unwrap(), last);
        assert!("not-an-id".parse::<Id>().is_err());
        assert!(
            last.0.simple().to_string().parse::<Id>().is_err(),
            "one spelling only"
        );
    }

    /// Item 113 of the trust list: 16 buckets, each within 20 % of its share.
    #[test]
    fn buckets_are_even() {
        let source = IdSource::default();
        let mut n = [0u32; 16];
        for i in 0..100_000 {
            n[usize::from(source.next(Instant(i)).bucket())] += 1;
        }
        assert!(n.iter().all(|&c| (5_000..=7_500).contains(&c)), "{n:?}");
        // Control: the time-ordered head would put them all into one bucket.
        let ids: Vec<Id> = (0..1000).map(|_| source.next(Instant(5))).collect();
        assert!(
            ids.iter()
                .all(|i| i.bytes()[0] & 0x0F == ids[0].bytes()[0] & 0x0F)
        );
    }
}
