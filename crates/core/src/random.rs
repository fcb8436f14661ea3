//! Randomness of the operating system.

/// Fills the buffer with random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done without it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks for randomness"
)]
pub fn fill(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system gives randomness");
}

/// So many random bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut b = [0; N];
    fill(&mut b);
    b
}

/// A small, fast, seedable generator for invented data and jitter: SplitMix64 (Steele, Lea, Flood 2014).
/// Never for secrets.
#[derive(Debug, Clone)]
pub struct SplitMix(u64);

impl SplitMix {
    /// The generator with this seed; the same seed gives the same numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to but not including `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // Multiply-shift: the bias of at most n / 2^64 does not matter for invented data.
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// One of the items.
    ///
    /// # Panics
    /// When the slice is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
