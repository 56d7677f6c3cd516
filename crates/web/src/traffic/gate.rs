//! Turns among governments: a fixed number of requests is worked on at once, and when more wait, the
//! governments take turns. None ever holds all places, so that another finds one free: who sends a thousand at
//! once waits for itself.
//!
//! While there is room nobody waits and no lock is taken: two atomic numbers are counted.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ekinerja_domain::ids::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Counters of the places that governments hold; two may share one, and then share what one may hold.
const COUNTERS: usize = 1_024;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    room: Arc<Semaphore>,
    /// Places that one government may hold.
    share: usize,
    held: Box<[AtomicUsize]>,
    hash: RandomState,
    /// How many wait; read without the lock.
    waiting: AtomicUsize,
    queues: Mutex<Queues>,
    /// How many of one government may wait.
    most: usize,
}

/// Who waits: each government's requests in their order, the governments in the order of their turns.
#[derive(Debug, Default)]
struct Queues {
    of: HashMap<TenantId, VecDeque<oneshot::Sender<Place>>>,
    turns: VecDeque<TenantId>,
}

/// A place at work, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    counter: usize,
    gate: Gate,
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.gate.0.held[self.counter].fetch_sub(1, Ordering::SeqCst);
        self.gate.call();
    }
}

/// Why there is no place.
enum Refused {
    /// Nowhere.
    Full,
    /// The government holds its share.
    Share,
}

impl Gate {
    /// A gate that lets `room` be worked on at once and `most` of one government wait.
    pub(crate) fn new(room: usize, most: usize) -> Self {
        let room = room.max(1);
        Self(Arc::new(Inner {
            room: Arc::new(Semaphore::new(room)),
            share: (room - room.div_ceil(4)).max(1),
            held: (0..COUNTERS).map(|_| AtomicUsize::new(0)).collect(),
            hash: RandomState::new(),
            waiting: AtomicUsize::new(0),
            queues: Mutex::default(),
            most,
        }))
    }

    /// Waits for a place; none when too many of this government wait already.
    pub(crate) async fn pass(&self, tenant: TenantId) -> Option<Place> {
        if self.0.waiting.load(Ordering::SeqCst) == 0
            && let Ok(place) = self.try_place(tenant)
        {
            return Some(place);
        }
        let called = self.queue(tenant);
        // A place that was freed between the look and the queue is given out here.
        self.call();
        // The sender lives in the queue until it is served; a caller who leaves drops the receiver.
        called?.await.ok()
    }

    fn try_place(&self, tenant: TenantId) -> Result<Place, Refused> {
        let counters = self.0.held.len() as u64;
        let counter = usize::try_from(self.0.hash.hash_one(tenant) % counters).unwrap_or_default();
        let held = &self.0.held[counter];
        if held.fetch_add(1, Ordering::SeqCst) >= self.0.share {
            held.fetch_sub(1, Ordering::SeqCst);
            return Err(Refused::Share);
        }
        let Ok(permit) = Arc::clone(&self.0.room).try_acquire_owned() else {
            held.fetch_sub(1, Ordering::SeqCst);
            return Err(Refused::Full);
        };
        Ok(Place { permit: Some(permit), counter, gate: self.clone() })
    }

    fn queue(&self, tenant: TenantId) -> Option<oneshot::Receiver<Place>> {
        let mut queues = self.0.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.of.entry(tenant).or_default();
        // Who has left does not count.
        queue.retain(|it| !it.is_closed());
        if queue.len() >= self.0.most {
            return None;
        }
        let (call, called) = oneshot::channel();
        queue.push_back(call);
        if !queues.turns.contains(&tenant) {
            queues.turns.push_back(tenant);
        }
        self.count(&queues);
        Some(called)
    }

    fn count(&self, queues: &Queues) {
        let count = queues.of.values().map(VecDeque::len).sum();
        self.0.waiting.store(count, Ordering::SeqCst);
    }

    /// Gives free places to those who wait, one government after the other.
    fn call(&self) {
        if self.0.waiting.load(Ordering::SeqCst) == 0 {
            return;
        }
        let mut queues = self.0.queues.lock().unwrap_or_else(PoisonError::into_inner);
        // Dropped after the lock, since giving a place back calls again.
        let mut unclaimed = Vec::new();
        let mut sated = VecDeque::new();
        while let Some(tenant) = queues.turns.pop_front() {
            let queue = queues.of.entry(tenant).or_default();
            queue.retain(|it| !it.is_closed());
            if queue.is_empty() {
                queues.of.remove(&tenant);
                continue;
            }
            match self.try_place(tenant) {
                Err(Refused::Full) => {
                    queues.turns.push_front(tenant);
                    break;
                }
                Err(Refused::Share) => sated.push_back(tenant),
                Ok(place) => {
                    if let Some(call) = queue.pop_front() {
                        // Who left in this moment gives the place back.
                        unclaimed.extend(call.send(place).err());
                    }
                    queues.turns.push_back(tenant);
                }
            }
        }
        // Those that hold their share come first once they hold less.
        while let Some(tenant) = sated.pop_back() {
            queues.turns.push_front(tenant);
        }
        self.count(&queues);
        drop(queues);
        drop(unclaimed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use uuid::Uuid;

    fn tenant(number: u128) -> TenantId {
        TenantId::from(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_government_that_waits_for_itself_does_not_delay_another() {
        let gate = Gate::new(1, 100);
        let first = gate.pass(tenant(1)).await.expect("room");
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = tokio::task::JoinSet::new();
        for (number, of) in [1, 1, 1, 1, 2, 3, 2].into_iter().enumerate() {
            let (gate, order) = (gate.clone(), Arc::clone(&order));
            waiting.spawn(async move {
                let place = gate.pass(tenant(of)).await.expect("a place");
                order.lock().expect("the order").push((of, number));
                tokio::time::sleep(Duration::from_millis(1)).await;
                drop(place);
            });
            tokio::task::yield_now().await;
        }
        drop(first);
        waiting.join_all().await;
        let order: Vec<_> = order.lock().expect("the order").iter().map(|it| it.0).collect();
        assert_eq!(order, [1, 2, 3, 1, 2, 1, 1]);
        assert_eq!(gate.0.waiting.load(Ordering::SeqCst), 0);
        assert!(gate.0.queues.lock().expect("queues").of.is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn too_many_of_one_government_are_turned_away_and_who_left_takes_no_place() {
        let gate = Gate::new(1, 2);
        let busy = gate.pass(tenant(1)).await.expect("room");
        let wait = |of: u128| {
            let gate = gate.clone();
            tokio::time::timeout(
                Duration::from_millis(20),
                async move { gate.pass(tenant(of)).await },
            )
        };
        let (one, two, three) = tokio::join!(wait(1), wait(1), wait(1));
        assert!(one.is_err() && two.is_err(), "they wait");
        assert!(matches!(three, Ok(None)), "the third is turned away");
        // The two have left; their places in the queue are free again.
        assert!(wait(1).await.is_err());
        drop(busy);
        assert!(matches!(wait(2).await, Ok(Some(_))));
        assert!(matches!(wait(1).await, Ok(Some(_))));
    }

    #[tokio::test]
    async fn no_government_holds_every_place() {
        let gate = Gate::new(4, 10);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(gate.pass(tenant(1)).await.expect("room"));
        }
        let more = tokio::time::timeout(Duration::from_millis(20), gate.pass(tenant(1)));
        assert!(more.await.is_err(), "the fourth waits");
        let other = tokio::time::timeout(Duration::from_millis(20), gate.pass(tenant(2)));
        assert!(matches!(other.await, Ok(Some(_))), "another finds a place at once");
        held.pop();
        let again = tokio::time::timeout(Duration::from_millis(20), gate.pass(tenant(1)));
        assert!(matches!(again.await, Ok(Some(_))));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_place_is_lost_under_load() {
        let gate = Gate::new(3, 10_000);
        let at_once = Arc::new(AtomicUsize::new(0));
        let mut all = tokio::task::JoinSet::new();
        for number in 0..2_000_u64 {
            let (gate, at_once) = (gate.clone(), Arc::clone(&at_once));
            all.spawn(async move {
                let pass = gate.pass(tenant(u128::from(number % 7)));
                let pass = tokio::time::timeout(Duration::from_micros(50 * (number % 9)), pass);
                let Ok(Some(_place)) = pass.await else { return };
                assert!(at_once.fetch_add(1, Ordering::SeqCst) < 3);
                tokio::task::yield_now().await;
                at_once.fetch_sub(1, Ordering::SeqCst);
            });
        }
        all.join_all().await;
        let all =
            [gate.pass(tenant(1)).await, gate.pass(tenant(2)).await, gate.pass(tenant(3)).await];
        assert!(all.iter().all(Option::is_some), "every place is free again");
        assert_eq!(gate.0.waiting.load(Ordering::SeqCst), 0);
        assert_eq!(gate.0.room.available_permits(), 0);
    }
}
