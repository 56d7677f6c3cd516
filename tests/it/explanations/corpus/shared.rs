//! Chance that is the same on every run.

use rust_decimal::Decimal;

/// A small generator (splitmix64) with the choices that a corpus needs.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("small");
        usize::try_from(self.next() % end).expect("small")
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Half the time.
    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.one_in(2) { Some(make(self)) } else { None }
    }

    /// Nearly always.
    pub(crate) fn often<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.one_in(12) { None } else { Some(make(self)) }
    }

    /// Up to six digits with up to six decimals, below zero and zero now and then.
    pub(crate) fn number(&mut self) -> Decimal {
        match self.below(12) {
            0 => Decimal::ZERO,
            1 => -self.positive(),
            _ => self.positive(),
        }
    }

    pub(crate) fn positive(&mut self) -> Decimal {
        let digits = i64::try_from(1 + self.below(1_000_000)).expect("small");
        Decimal::new(digits, u32::try_from(self.below(5)).expect("small"))
    }
}
