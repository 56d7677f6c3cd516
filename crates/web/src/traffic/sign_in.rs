//! Slowing down who tries passwords, without locking anybody out.
//!
//! Tries are counted for an account *from a network*, for a network, and for an account as a whole. The last
//! one alone could be used to keep a person out by failing in their name from everywhere; so it does not
//! count against a network from which that account has signed in before. Nothing is ever locked: every
//! bucket fills again within minutes.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ekinerja_app::Code;

use super::Client;
use super::buckets::Buckets;
use crate::problem::Problem;

/// Tries of one account from one network that may come at once, and how often one more.
const FROM_ONE_PLACE: (u32, Duration) = (10, Duration::from_secs(20));
/// How many more sign-ins at identity providers may begin from one network: no password is tried here, and a
/// whole office comes to work at the same hour.
const ELSEWHERE: u32 = 10;
/// Tries of one account from anywhere that may come at once, and how often one more.
const FROM_ANYWHERE: (u32, Duration) = (30, Duration::from_secs(10));
const SLOTS: usize = 4_096;
/// How many pairs of account and network are known; a power of two. A newer pair takes an older one's place.
const KNOWN: usize = 16_384;

/// See the module.
#[derive(Debug)]
pub(crate) struct SignInLimits {
    networks: Option<Buckets>,
    elsewhere: Option<Buckets>,
    here: Option<Buckets>,
    anywhere: Option<Buckets>,
    hash: RandomState,
    /// Hashes of account and network that belong together.
    known: Box<[AtomicU64]>,
}

impl SignInLimits {
    /// With so many tries a minute from one network; zero: no limit of any kind.
    pub(crate) fn new(per_minute: u32) -> Self {
        let of = |(burst, period): (u32, Duration)| {
            (per_minute > 0).then(|| Buckets::one_per(period, burst, SLOTS)).flatten()
        };
        let per_second = (per_minute > 0).then(|| Duration::from_mins(1) / per_minute);
        Self {
            networks: per_second.and_then(|it| Buckets::one_per(it, per_minute, SLOTS)),
            elsewhere: per_second.and_then(|it| {
                Buckets::one_per(it / ELSEWHERE, per_minute.saturating_mul(ELSEWHERE), SLOTS)
            }),
            here: of(FROM_ONE_PLACE),
            anywhere: of(FROM_ANYWHERE),
            hash: RandomState::new(),
            known: (0..KNOWN).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts a try; how long to wait when there were too many.
    ///
    /// # Errors
    /// [`Code::SignInTooOften`].
    pub(crate) fn count(&self, client: Client, username: &str) -> Result<(), Problem> {
        let name = username.trim().to_lowercase();
        let spend = |buckets: &Option<Buckets>, key: u64| match buckets {
            Some(buckets) => buckets.spend(key).map_err(slow_down),
            None => Ok(()),
        };
        spend(&self.networks, self.hash.hash_one(client))?;
        let pair = self.hash.hash_one((&name, client));
        spend(&self.here, pair)?;
        if self.place(pair).load(Ordering::Relaxed) != pair {
            spend(&self.anywhere, self.hash.hash_one(&name))?;
        }
        Ok(())
    }

    /// Counts a sign-in that begins or ends at an identity provider; how long to wait when there were too many.
    ///
    /// # Errors
    /// [`Code::SignInTooOften`].
    pub(crate) fn count_elsewhere(&self, client: Client) -> Result<(), Problem> {
        let Some(buckets) = &self.elsewhere else { return Ok(()) };
        buckets.spend(self.hash.hash_one(client)).map_err(slow_down)
    }

    /// Notes that an account signed in from a network.
    pub(crate) fn succeeded(&self, client: Client, username: &str) {
        let name = username.trim().to_lowercase();
        let pair = self.hash.hash_one((&name, client));
        self.place(pair).store(pair, Ordering::Relaxed);
    }

    fn place(&self, pair: u64) -> &AtomicU64 {
        let place = usize::try_from(pair & (KNOWN as u64 - 1)).unwrap_or_default();
        &self.known[place]
    }
}

fn slow_down(wait: Duration) -> Problem {
    Problem::new(Code::SignInTooOften).after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::Network;
    use std::net::IpAddr;

    fn client(last: u8) -> Client {
        Client(Network::of(IpAddr::from([203, 0, 113, last])))
    }

    fn allowed(limits: &SignInLimits, client: Client, name: &str, tries: usize) -> usize {
        let mut count = 0;
        for _ in 0..tries {
            count += usize::from(limits.count(client, name).is_ok());
        }
        count
    }

    #[test]
    fn tries_are_slowed_down_and_the_owner_gets_in_from_where_they_usually_do() {
        let limits = SignInLimits::new(60);
        limits.succeeded(client(1), "Ani");
        assert_eq!(allowed(&limits, client(2), "ani", 50), 10, "one place, one account");
        assert_eq!(allowed(&limits, client(2), "budi", 50), 10);
        let mut from_everywhere = 0;
        for last in 10..200 {
            from_everywhere += allowed(&limits, client(last), "ANI ", 1);
        }
        assert!(from_everywhere <= 21, "{from_everywhere}");
        assert_eq!(allowed(&limits, client(250), "ani", 1), 0, "a stranger waits");
        assert_eq!(allowed(&limits, client(1), "ani", 3), 3, "she does not");
    }

    #[test]
    fn one_place_cannot_try_all_accounts() {
        let limits = SignInLimits::new(60);
        let mut count = 0;
        for number in 0..200 {
            count += allowed(&limits, client(1), &format!("nama{number}"), 1);
        }
        assert!((60..=62).contains(&count), "{count}");
        let elsewhere = (0..2_000).filter(|_| limits.count_elsewhere(client(1)).is_ok()).count();
        assert!((600..=630).contains(&elsewhere), "{elsewhere}");
        assert!(limits.count_elsewhere(client(2)).is_ok());
        let none = SignInLimits::new(0);
        assert_eq!(allowed(&none, client(1), "ani", 500), 500);
        assert!((0..2_000).all(|_| none.count_elsewhere(client(1)).is_ok()));
    }
}
