//! Drawing lots.

use peyvand_core::random::SplitMix;

/// A generator with the questions that this crate asks.
#[derive(Debug)]
pub(crate) struct Draw(SplitMix);

impl Draw {
    /// The generator of one part of the company, so that a change in one part leaves the others as they are.
    pub(crate) const fn new(part: u64) -> Self {
        Self(SplitMix::new(0x0050_4559_5641_4E44 ^ (part << 32)))
    }

    /// A number from 0 up to but not including `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.below(n as u64) as usize
    }

    /// A number between both, which may be drawn too.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.0.below((most - least + 1).max(1) as u64) as i64
    }

    /// One of the items.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        self.0.pick(items)
    }

    /// One of the words.
    pub(crate) fn word(&mut self, words: &[&'static str]) -> &'static str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.0.chance(percent)
    }

    /// The place of an item, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let sum: u64 = weights.clone().map(u64::from).sum();
        let mut left = self.0.below(sum);
        for (i, w) in weights.enumerate() {
            if left < u64::from(w) {
                return i;
            }
            left -= u64::from(w);
        }
        0
    }

    /// One of the keys, each as likely as its weight.
    pub(crate) fn key(&mut self, keys: &[(&'static str, u32)]) -> &'static str {
        let i = self.weighted(keys.iter().map(|k| k.1));
        keys.get(i).map_or("", |k| k.0)
    }

    /// The place in a running sum of weights.
    pub(crate) fn cumulative(&mut self, sums: &[u64]) -> usize {
        let x = self.0.below(sums.last().copied().unwrap_or(1));
        sums.partition_point(|&s| s <= x)
    }
}
