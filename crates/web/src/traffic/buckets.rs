//! Buckets for any number of keys in a fixed amount of memory, without a lock.
//!
//! A key has two buckets, one in each of two tables, found by a hash that nobody outside can foresee. It is
//! turned away only when both are empty, so that somebody innocent suffers for others only where they share both
//! of their buckets with busy ones. The arithmetic of a bucket is `governor`'s (GCRA on one atomic number).

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZero;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// See the module.
#[derive(Debug)]
pub(crate) struct Buckets<C: Clock = MonotonicClock> {
    hash: RandomState,
    tables: [Box<[Bucket<C>]>; 2],
    clock: C,
}

impl Buckets {
    /// Buckets that fill by so many a minute and hold a tenth of them; none for zero.
    pub(crate) fn per_minute(count: u32, slots: usize) -> Option<Self> {
        let count = NonZero::new(count)?;
        let burst = NonZero::new(count.get().div_ceil(10)).unwrap_or(NonZero::<u32>::MIN);
        Some(Self::of(Quota::per_minute(count).allow_burst(burst), slots, &MonotonicClock))
    }

    /// Buckets that hold `burst` and fill by one each `period`.
    pub(crate) fn one_per(period: Duration, burst: u32, slots: usize) -> Option<Self> {
        let quota = Quota::with_period(period)?.allow_burst(NonZero::new(burst)?);
        Some(Self::of(quota, slots, &MonotonicClock))
    }
}

impl<C: Clock + Clone> Buckets<C> {
    fn of(quota: Quota, slots: usize, clock: &C) -> Self {
        let slots = slots.next_power_of_two();
        let table = || {
            let bucket = |_| RateLimiter::direct_with_clock(quota, clock.clone());
            (0..slots).map(bucket).collect()
        };
        Self { hash: RandomState::new(), tables: [table(), table()], clock: clock.clone() }
    }

    /// Takes one out of the buckets of `key`; how long to wait when there is none.
    pub(crate) fn spend(&self, key: impl Hash) -> Result<(), Duration> {
        let hash = self.hash.hash_one(key);
        let [low, high] = &self.tables;
        let bucket = |table: &'_ [Bucket<C>], hash: u64| {
            // Slots are a power of two, so the lower bits are a place.
            let place = usize::try_from(hash & (table.len() as u64 - 1)).unwrap_or_default();
            table[place].check().map_err(|it: NotUntil<_>| it.wait_time_from(self.clock.now()))
        };
        match (bucket(low, hash), bucket(high, hash >> 32)) {
            (Err(one), Err(other)) => Err(one.min(other)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn buckets(slots: usize) -> (Buckets<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let quota = Quota::per_second(NonZero::new(10).expect("ten"));
        (Buckets::of(quota, slots, &clock), clock)
    }

    #[test]
    fn a_bucket_empties_fills_again_and_says_how_long_that_takes() {
        let (buckets, clock) = buckets(64);
        assert!((0..10).all(|_| buckets.spend("a").is_ok()));
        let wait = buckets.spend("a").expect_err("it is empty");
        assert!(wait > Duration::ZERO && wait <= Duration::from_millis(100), "{wait:?}");
        clock.advance(wait);
        assert!(buckets.spend("a").is_ok() && buckets.spend("a").is_err());
        clock.advance(Duration::from_mins(1));
        assert_eq!(
            (0..50).filter(|_| buckets.spend("a").is_ok()).count(),
            10,
            "no more than it holds"
        );
    }

    #[test]
    fn whoever_calls_the_memory_stays_and_the_innocent_are_hardly_ever_turned_away() {
        let (buckets, _) = buckets(4096);
        // Two hundred senders empty their buckets over and over.
        for sender in 0..200 {
            for _ in 0..40 {
                let _refused = buckets.spend(sender);
            }
            assert!(buckets.spend(sender).is_err(), "{sender}");
        }
        let innocent = (1_000..11_000).filter(|it| buckets.spend(it).is_ok()).count();
        assert!(innocent >= 9_900, "{innocent} of 10000");
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(Buckets::per_minute(0, 64).is_none());
        assert!(Buckets::per_minute(1, 64).is_some_and(|it| it.spend(1).is_ok()));
    }
}
