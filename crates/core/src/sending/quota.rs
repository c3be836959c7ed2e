//! Documented limits, kept on this side so that the server need not refuse.
//!
//! A turn is a time, not a lock: each call takes its place when it asks, wakes by its own timer, and gives the
//! place back when it is dropped. One that is not polled when its time comes is passed by. No lock of this file
//! is held across an await.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::hash::{Hash, Hasher as _};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::models::time::after;

/// A documented limit: so many calls in any window of this length.
///
/// ```
/// use deploykit_core::Quota;
/// use std::time::Duration;
///
/// const DEPLOY: Quota = Quota::new("deploy", 40, Duration::from_secs(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Quota {
    /// Name of the bucket; endpoints that name the same bucket share it.
    pub name: &'static str,
    /// Calls allowed in a window; [`u32::MAX`] for a limit that is not known: it is not counted, but a 429 or a
    /// spent `X-RateLimit-*` holds everybody who shares it.
    pub calls: u32,
    /// Length of the window.
    pub window: Duration,
}

impl Quota {
    /// A limit of `calls` in any `window`.
    pub const fn new(name: &'static str, calls: u32, window: Duration) -> Self {
        Self {
            name,
            calls,
            window,
        }
    }
}

type Buckets = Mutex<HashMap<Quota, Arc<Bucket>>>;

/// The buckets in use in this program, by a hash of whom they count for.
static IN_USE: LazyLock<Mutex<HashMap<u64, Weak<Buckets>>>> = LazyLock::new(Mutex::default);

/// The buckets of one client and its clones, and of the clients that share its limits.
#[derive(Debug, Default, Clone)]
pub(crate) struct Quotas {
    off: bool,
    replaced: HashMap<&'static str, Quota>,
    buckets: Arc<Buckets>,
}

impl Quotas {
    pub(crate) fn off() -> Self {
        Self {
            off: true,
            ..Self::default()
        }
    }

    /// The same limits, counted on their own.
    pub(crate) fn unshared(&self) -> Self {
        Self {
            off: self.off,
            replaced: self.replaced.clone(),
            buckets: Arc::default(),
        }
    }

    /// Counts together with all others in this program that are for the same.
    pub(crate) fn count_for(&mut self, whom: impl Hash) {
        let mut hasher = DefaultHasher::new();
        whom.hash(&mut hasher);
        let mut in_use = lock(&IN_USE);
        in_use.retain(|_, buckets| buckets.strong_count() > 0);
        let known = in_use.entry(hasher.finish()).or_default();
        match known.upgrade() {
            Some(buckets) => self.buckets = buckets,
            None => *known = Arc::downgrade(&self.buckets),
        }
    }

    pub(crate) fn replace(&mut self, quota: Quota) {
        self.replaced.insert(quota.name, quota);
    }

    pub(crate) fn bucket(&self, documented: Option<&Quota>) -> Option<Arc<Bucket>> {
        let documented = documented.filter(|_| !self.off)?;
        let quota = self.replaced.get(documented.name).unwrap_or(documented);
        let bucket = lock(&self.buckets)
            .entry(*quota)
            .or_insert_with(|| Arc::new(Bucket::new(*quota)))
            .clone();
        Some(bucket)
    }
}

/// One limit in use: calls pass in the order in which they came.
#[derive(Debug)]
pub(crate) struct Bucket {
    quota: Quota,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    /// The last calls, oldest first.
    calls: VecDeque<Passed>,
    /// Those who wait, in the order of their keys. Who was not polled when its time came is not in here: it
    /// takes its place again when it looks.
    queue: VecDeque<Waiting>,
    next_id: u64,
    paused_until: Option<Instant>,
    /// When a call was last let through a long pause, to see whether it still holds.
    probed: Option<Instant>,
}

#[derive(Debug)]
struct Passed {
    id: u64,
    at: Instant,
    /// When the answer came: by then the server has surely counted the call.
    answered: Option<Instant>,
}

impl Passed {
    /// When the server has surely counted the call.
    fn counted(&self) -> Instant {
        let latest = self.at + COUNTED_WITHIN;
        self.answered.map_or(latest, |at| at.min(latest))
    }
}

/// A call that waits for its time. Calls that somebody waits for stand before those in the background.
#[derive(Debug)]
struct Waiting {
    key: Key,
    /// When it will look again by itself.
    due: Instant,
    waker: Waker,
}

/// In the background or not, then first come, first served.
type Key = (bool, u64);

/// A call that takes this long to be answered was counted by the server long before.
const COUNTED_WITHIN: Duration = Duration::from_millis(250);

/// Who has not looked this long after its time came is asleep, and loses its place to those behind.
const ASLEEP_AFTER: Duration = Duration::from_millis(50);

/// How many of those in front are looked at for sleepers.
const WATCHED: usize = 16;

/// At most one call a minute goes through a long pause.
const BETWEEN_PROBES: Duration = Duration::from_secs(60);

impl Bucket {
    fn new(quota: Quota) -> Self {
        Self {
            quota,
            window: Mutex::default(),
        }
    }

    /// Waits for the call's time. Where the server paused the bucket for longer than `longest_wait`, that
    /// pause comes back as the error, at once; but for one call at a time, which sees whether it still holds.
    pub(crate) async fn pass(
        self: &Arc<Self>,
        longest_wait: Duration,
        background: bool,
    ) -> Result<Permit, Duration> {
        let mut place = Place {
            bucket: self,
            key: None,
        };
        let mut timer: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|cx| {
            loop {
                let due = match self.look(&mut place.key, cx.waker(), longest_wait, background) {
                    Look::Free(permit) => return Poll::Ready(Ok(permit)),
                    Look::Paused(pause) => return Poll::Ready(Err(pause)),
                    Look::At(due) => due,
                };
                let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
                if timer.deadline() != due {
                    timer.as_mut().reset(due);
                }
                ready!(timer.as_mut().poll(cx));
            }
        })
        .await
    }

    fn look(
        self: &Arc<Self>,
        key: &mut Option<Key>,
        waker: &Waker,
        longest_wait: Duration,
        background: bool,
    ) -> Look {
        let now = Instant::now();
        let mut window = lock(&self.window);
        let window = &mut *window;
        let paused = window.paused_until.filter(|until| *until > now);
        window.paused_until = paused;
        let mut probe = false;
        if let Some(until) = paused
            && until - now > longest_wait
        {
            let again = window
                .probed
                .is_none_or(|last| now >= last + BETWEEN_PROBES);
            if !again {
                return Look::Paused(until - now);
            }
            window.probed = Some(now);
            probe = true;
        }
        let (id, rank) = if let Some((_, id)) = *key {
            (id, window.rank((background, id)))
        } else {
            let id = window.next_id;
            window.next_id += 1;
            *key = Some((background, id));
            (id, window.rank((background, id)))
        };
        let calls = self.calls();
        window.forget(now, self.quota.window);
        let rank = window.pass_by_sleepers(rank, now);
        let room = probe || (paused.is_none() && window.calls.len() + rank < calls);
        if room {
            window.remove((background, id));
            *key = None;
            if self.is_counted() {
                window.calls.push_back(Passed {
                    id,
                    at: now,
                    answered: None,
                });
            }
            return Look::Free(Permit {
                bucket: self.clone(),
                id,
                probe,
            });
        }
        let mut due = window.free_at(rank, calls, self.quota.window);
        if rank > 0 {
            // Whoever is before may be asleep; not all look at once.
            let watched = rank.min(WATCHED);
            let rounds = u32::try_from(rank / WATCHED).unwrap_or(u32::MAX).max(1);
            let asleep = ASLEEP_AFTER.saturating_mul(rounds);
            due = due.min(after(window.queue[watched - 1].due, asleep));
        }
        let due = due
            .max(paused.unwrap_or(now))
            .max(now + Duration::from_millis(1));
        window.wait(rank, (background, id), due, waker);
        Look::At(due)
    }

    /// Nobody passes for this long: the server said so.
    pub(crate) fn pause(&self, delay: Duration) {
        let until = after(Instant::now(), delay);
        let mut window = lock(&self.window);
        window.paused_until = window.paused_until.max(Some(until));
    }

    fn is_counted(&self) -> bool {
        self.quota.calls != u32::MAX
    }

    fn calls(&self) -> usize {
        self.quota.calls.max(1) as usize
    }

    /// Wakes those who may pass earlier than they think, once this change is made.
    fn change(&self, change: impl FnOnce(&mut Window)) {
        let mut window = lock(&self.window);
        change(&mut window);
        let sooner = window.sooner(self.calls(), self.quota.window);
        drop(window);
        for waker in sooner {
            waker.wake();
        }
    }
}

impl Window {
    /// How many wait before the one with this key.
    fn rank(&self, key: Key) -> usize {
        self.queue.partition_point(|waiting| waiting.key < key)
    }

    fn wait(&mut self, rank: usize, key: Key, due: Instant, waker: &Waker) {
        match self.queue.get_mut(rank).filter(|there| there.key == key) {
            Some(there) => {
                there.due = due;
                there.waker.clone_from(waker);
            }
            None => self.queue.insert(
                rank,
                Waiting {
                    key,
                    due,
                    waker: waker.clone(),
                },
            ),
        }
    }

    fn remove(&mut self, key: Key) {
        let rank = self.rank(key);
        if self.queue.get(rank).is_some_and(|there| there.key == key) {
            self.queue.remove(rank);
        }
    }

    /// Forgets calls that have left the window.
    fn forget(&mut self, now: Instant, length: Duration) {
        while let Some(oldest) = self.calls.front() {
            if after(oldest.counted(), length) > now {
                break;
            }
            self.calls.pop_front();
        }
    }

    /// Takes the place from those in front whose time came and who did not look; returns the rank without them.
    fn pass_by_sleepers(&mut self, rank: usize, now: Instant) -> usize {
        let mut rank = rank;
        let mut at = 0;
        while at < rank.min(WATCHED) {
            if self.queue[at].due + ASLEEP_AFTER <= now {
                self.queue.remove(at);
                rank -= 1;
            } else {
                at += 1;
            }
        }
        rank
    }

    /// When the one with this rank may pass, if all before it do at the latest that they may.
    fn free_at(&self, rank: usize, calls: usize, length: Duration) -> Instant {
        // The one that must have left the window before; further back, one that will have passed by then.
        let rounds = rank / calls;
        let leaves = self.calls.len() + rank % calls;
        let counted = match leaves.checked_sub(calls) {
            Some(last) => self.calls.range(..=last).map(Passed::counted).max(),
            None => None,
        };
        let first = match counted {
            Some(counted) => after(counted, length),
            None => Instant::now(),
        };
        let round = COUNTED_WITHIN.saturating_add(length);
        after(
            first,
            round.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX)),
        )
    }

    /// Those among the next to pass who sleep for longer than they need to.
    fn sooner(&self, calls: usize, length: Duration) -> Vec<Waker> {
        let mut sooner = Vec::new();
        if self.queue.is_empty() {
            return sooner;
        }
        let now = Instant::now();
        let paused = self.paused_until.unwrap_or(now);
        let mut counted = self.calls.iter().map(Passed::counted);
        let mut latest = None;
        for _ in calls..self.calls.len() {
            latest = latest.max(counted.next());
        }
        for (rank, waiting) in self.queue.iter().take(calls).enumerate() {
            if self.calls.len() + rank >= calls {
                latest = latest.max(counted.next());
            }
            let free = latest.map_or(now, |counted| after(counted, length));
            if free.max(paused) + Duration::from_millis(1) < waiting.due {
                sooner.push(waiting.waker.clone());
            }
        }
        sooner
    }
}

enum Look {
    Free(Permit),
    Paused(Duration),
    At(Instant),
}

/// A place among those who wait, given back when dropped.
struct Place<'a> {
    bucket: &'a Arc<Bucket>,
    key: Option<Key>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.bucket.change(|window| window.remove(key));
        }
    }
}

/// Leave to make one call; dropped when the answer came. Nobody waits for that: a call that is not polled any
/// more counts as answered after [`COUNTED_WITHIN`].
#[derive(Debug)]
pub(crate) struct Permit {
    bucket: Arc<Bucket>,
    id: u64,
    probe: bool,
}

impl Permit {
    pub(crate) fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The server took the call: a long pause that it was sent through does not hold any more.
    pub(crate) fn taken(&self) {
        if self.probe {
            self.bucket.change(|window| window.paused_until = None);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let id = self.id;
        self.bucket.change(|window| {
            if let Some(call) = window.calls.iter_mut().rfind(|call| call.id == id) {
                call.answered = Some(Instant::now());
            }
        });
    }
}

/// The lock guards plain data that is whole at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const FOREVER: Duration = Duration::MAX;

    fn bucket(calls: u32, window: Duration) -> Arc<Bucket> {
        Arc::new(Bucket::new(Quota::new("test", calls, window)))
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_holds_more_calls_than_allowed() {
        let bucket = bucket(40, SECOND);
        let latency = Duration::from_millis(30);
        let start = Instant::now();
        let times = join_all((0..400).map(|_| async {
            let permit = bucket.pass(FOREVER, false).await.unwrap();
            // The server counts a call at the latest when it answers.
            tokio::time::sleep(latency).await;
            let counted = start.elapsed();
            drop(permit);
            counted
        }))
        .await;
        for (early, late) in times.iter().zip(&times[40..]) {
            assert!(*late >= *early + SECOND - Duration::from_millis(1));
        }
        let ideal = 9 * (SECOND + latency) + latency;
        assert!(start.elapsed() <= ideal + Duration::from_millis(20));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_pass_in_order_and_a_cancelled_one_blocks_nobody() {
        let bucket = bucket(1, SECOND);
        let first = bucket.pass(FOREVER, false).await.unwrap();
        let mut cancelled = Box::pin(bucket.pass(FOREVER, false));
        assert!(futures::poll!(&mut cancelled).is_pending());
        drop(cancelled);
        drop(first);
        let start = Instant::now();
        drop(bucket.pass(FOREVER, false).await.unwrap());
        assert!(start.elapsed() <= SECOND + Duration::from_millis(2));
    }

    #[test]
    fn those_who_count_for_the_same_share_buckets_for_as_long_as_they_live() {
        let quota = Quota::new("shared", 1, SECOND);
        let quotas = |whom: &str| {
            let mut quotas = Quotas::default();
            quotas.count_for(whom);
            quotas
        };
        let one = quotas("host, token");
        let bucket = one.bucket(Some(&quota)).unwrap();
        let other = quotas("host, token").bucket(Some(&quota)).unwrap();
        assert!(Arc::ptr_eq(&bucket, &other));
        let stranger = quotas("host, another token").bucket(Some(&quota));
        assert!(!Arc::ptr_eq(&bucket, &stranger.unwrap()));
        let mut more = quotas("host, token");
        more.replace(Quota::new("shared", 2, SECOND));
        assert!(!Arc::ptr_eq(&bucket, &more.bucket(Some(&quota)).unwrap()));
        drop((one, more));
        let later = quotas("host, token").bucket(Some(&quota)).unwrap();
        assert!(!Arc::ptr_eq(&bucket, &later));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_and_a_long_one_is_an_error_at_once() {
        let bucket = bucket(100, SECOND);
        bucket.pause(5 * SECOND);
        let start = Instant::now();
        drop(bucket.pass(60 * SECOND, false).await.unwrap());
        assert!(start.elapsed() >= 5 * SECOND);
        bucket.pause(3600 * SECOND);
        let start = Instant::now();
        let probe = bucket.pass(60 * SECOND, false).await.unwrap();
        assert!(bucket.pass(60 * SECOND, false).await.unwrap_err() > 3599 * SECOND);
        drop(probe);
        assert!(
            bucket.pass(60 * SECOND, false).await.is_err(),
            "one a minute"
        );
        assert_eq!(start.elapsed(), Duration::ZERO);
        tokio::time::advance(BETWEEN_PROBES).await;
        bucket.pass(60 * SECOND, false).await.unwrap().taken();
        assert!(
            bucket.pass(60 * SECOND, false).await.is_ok(),
            "it holds no more"
        );
    }

    /// Whoever is not polled neither keeps its place nor loses its age.
    #[tokio::test(start_paused = true)]
    async fn those_who_sleep_hold_nobody() {
        let bucket = bucket(2, SECOND);
        drop((
            bucket.pass(FOREVER, false).await,
            bucket.pass(FOREVER, false).await,
        ));
        let mut sleepers: Vec<_> = (0..20)
            .map(|_| Box::pin(bucket.pass(FOREVER, false)))
            .collect();
        for sleeper in &mut sleepers {
            assert!(futures::poll!(sleeper).is_pending());
        }
        let start = Instant::now();
        for _ in 0..10 {
            drop(bucket.pass(FOREVER, false).await.unwrap());
        }
        // Two a second; the first one had to find out that those before it sleep.
        assert!(start.elapsed() < 7 * SECOND, "{:?}", start.elapsed());
        let start = Instant::now();
        join_all(sleepers.into_iter().map(async |it| drop(it.await))).await;
        assert!(start.elapsed() <= 11 * SECOND, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_somebody_waits_for_go_before_those_in_the_background() {
        let bucket = bucket(1, SECOND);
        drop(bucket.pass(FOREVER, false).await);
        let done = Mutex::new(Vec::new());
        let call = |name: &'static str, background| {
            let (bucket, done) = (bucket.clone(), &done);
            async move {
                drop(bucket.pass(FOREVER, background).await.unwrap());
                lock(done).push(name);
            }
        };
        futures::join!(call("look", true), call("look", true), call("call", false));
        assert_eq!(*lock(&done), ["call", "look", "look"]);
    }

    /// The limit holds whatever callers do: poll late, stop, come back.
    #[tokio::test(start_paused = true)]
    async fn no_pattern_of_polling_breaks_the_limit() {
        for seed in 0..40 {
            let mut random = fastrand::Rng::with_seed(seed);
            let bucket = bucket(5, SECOND);
            let mut waiting = Vec::new();
            let mut passed = VecDeque::new();
            for _ in 0..400 {
                match random.u8(..10) {
                    0..4 => waiting.push(Box::pin(bucket.pass(FOREVER, random.bool()))),
                    4 if !waiting.is_empty() => {
                        drop(waiting.swap_remove(random.usize(..waiting.len())))
                    }
                    _ => tokio::time::advance(Duration::from_millis(random.u64(1..300))).await,
                }
                let some = random.usize(..=waiting.len());
                let mut at = 0;
                while at < some.min(waiting.len()) {
                    match futures::poll!(&mut waiting[at]) {
                        Poll::Ready(permit) => {
                            drop((permit.unwrap(), waiting.swap_remove(at)));
                            passed.push_back(Instant::now());
                        }
                        Poll::Pending => at += 1,
                    }
                }
            }
            let start = Instant::now();
            let left = u32::try_from(waiting.len()).unwrap();
            drop(join_all(waiting).await);
            assert!(
                start.elapsed() <= SECOND * (left / 5 + 3),
                "{left} in {:?}",
                start.elapsed()
            );
            let times: Vec<_> = passed.into();
            for (early, late) in times.iter().zip(times.iter().skip(5)) {
                assert!(*late >= *early + SECOND, "seed {seed}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_call_does_not_hold_the_window_open() {
        let bucket = bucket(1, SECOND);
        let slow = bucket.pass(FOREVER, false).await.unwrap();
        let start = Instant::now();
        drop(bucket.pass(FOREVER, false).await.unwrap());
        assert!(start.elapsed() <= SECOND + COUNTED_WITHIN + Duration::from_millis(2));
        drop(slow);
    }
}
