//! How long transactions of writing take, and how many rows they touch: short ones let others in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use peyvand_core::Deadline;

/// Upper bounds of the buckets of a duration, in milliseconds; one more bucket holds what is longer.
pub const BOUNDS: [u64; 8] = [1, 5, 10, 50, 100, 250, 500, 1_000];

/// The transactions of writing since the engine was opened.
#[derive(Debug, Default)]
pub struct Transactions {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_micros: AtomicU64,
    longest_micros: AtomicU64,
    most_steps: AtomicU64,
}

/// What was measured of transactions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransactionTimes {
    /// How many ended within each of [`BOUNDS`], each bucket without those before it; the last holds the longer ones.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// All of them together.
    pub sum: Duration,
    /// The longest.
    pub longest: Duration,
    /// Most steps (rows written or checked) of one.
    pub most_steps: u64,
}

/// A transaction under way.
#[derive(Debug, Clone, Copy)]
pub struct Begun(Deadline);

impl Transactions {
    /// A transaction begins.
    #[must_use]
    pub fn begin() -> Begun {
        Begun(Deadline::after(Duration::ZERO))
    }

    /// It ended, one way or the other, after so many steps.
    pub fn end(&self, begun: Begun, steps: usize) {
        self.add(begun.0.passed_for(), steps);
    }

    fn add(&self, took: Duration, steps: usize) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS
            .iter()
            .position(|b| took <= b * 1_000)
            .unwrap_or(BOUNDS.len());
        if let Some(b) = self.buckets.get(bucket) {
            b.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_micros.fetch_add(took, Ordering::Relaxed);
        self.longest_micros.fetch_max(took, Ordering::Relaxed);
        self.most_steps
            .fetch_max(u64::try_from(steps).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was measured so far.
    #[must_use]
    pub fn times(&self) -> TransactionTimes {
        TransactionTimes {
            buckets: std::array::from_fn(|n| self.buckets.get(n).map_or(0, |b| b.load(Ordering::Relaxed))),
            sum: Duration::from_micros(self.sum_micros.load(Ordering::Relaxed)),
            longest: Duration::from_micros(self.longest_micros.load(Ordering::Relaxed)),
            most_steps: self.most_steps.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transaction_is_in_one_bucket() {
        let t = Transactions::default();
        for (micros, steps) in [(1_000, 3), (1_001, 7), (6_000, 5), (1_000_001, 1)] {
            t.add(Duration::from_micros(micros), steps);
        }
        let seen = t.times();
        assert_eq!(seen.buckets, [1, 1, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(seen.most_steps, 7);
        assert_eq!(seen.longest, Duration::from_micros(1_000_001));
        assert_eq!(seen.sum, Duration::from_micros(1_008_002));
    }
}
