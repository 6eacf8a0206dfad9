//! Choices that a seed decides.

/// A generator of numbers (SplitMix64: Steele, Lea, Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    /// For one case of one run.
    pub(crate) fn of(seed: u64, case: u64) -> Self {
        // Mixed, so that no case goes on where another began.
        Self(Self(seed).next() ^ Self(!case).next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below the bound")
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// So many different numbers below a bound.
    pub(crate) fn distinct(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..bound).collect();
        (0..count).map(|_| all.swap_remove(self.below(all.len()))).collect()
    }
}
