//! Documented limits, kept on this side so that the server need not refuse.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher as _};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Notify};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::time::after;

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
    /// Held by the call that is next; the others queue here, first come, first served.
    turn: Turn<()>,
    window: Mutex<Window>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Window {
    /// The last calls, oldest first.
    calls: VecDeque<Passed>,
    next_id: u64,
    paused_until: Option<Instant>,
}

#[derive(Debug)]
struct Passed {
    id: u64,
    at: Instant,
    /// When the answer came: by then the server has surely counted the call.
    answered: Option<Instant>,
}

/// A call that takes this long to be answered was counted by the server long before.
const COUNTED_WITHIN: Duration = Duration::from_millis(250);

impl Bucket {
    fn new(quota: Quota) -> Self {
        Self {
            quota,
            turn: Turn::new(()),
            window: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Waits for the call's turn. Where the server paused the bucket for longer than `longest_pause`, that
    /// pause comes back as the error, at once.
    pub(crate) async fn pass(
        self: &Arc<Self>,
        longest_pause: Duration,
    ) -> Result<Permit, Duration> {
        let _turn = self.turn.lock().await;
        loop {
            // Made before the look, so that no change in between is missed.
            let changed = self.changed.notified();
            match self.look(longest_pause)? {
                Look::Free(permit) => return Ok(permit),
                Look::At(instant) => sleep_until(instant).await,
                Look::AnsweredOrAt(instant) => {
                    // Either is a reason to look again.
                    let _ = timeout_at(instant, changed).await;
                }
            }
        }
    }

    fn look(self: &Arc<Self>, longest_pause: Duration) -> Result<Look, Duration> {
        let now = Instant::now();
        let mut window = lock(&self.window);
        if let Some(until) = window.paused_until {
            if until > now {
                let pause = until - now;
                return if pause > longest_pause {
                    Err(pause)
                } else {
                    Ok(Look::At(until))
                };
            }
            window.paused_until = None;
        }
        let calls = self.quota.calls.max(1) as usize;
        let counted = self.quota.calls != u32::MAX;
        if counted && window.calls.len() >= calls {
            // The call that must have left the window before one more may enter.
            let oldest = &window.calls[window.calls.len() - calls];
            let (passed, answered) = match oldest.answered {
                Some(at) => (at.min(oldest.at + COUNTED_WITHIN), true),
                None => (oldest.at + COUNTED_WITHIN, false),
            };
            let free = after(passed, self.quota.window);
            if free > now {
                return Ok(if answered {
                    Look::At(free)
                } else {
                    Look::AnsweredOrAt(free)
                });
            }
            let expired = window.calls.len() + 1 - calls;
            window.calls.drain(..expired);
        }
        let id = window.next_id;
        window.next_id += 1;
        if counted {
            window.calls.push_back(Passed {
                id,
                at: now,
                answered: None,
            });
        }
        Ok(Look::Free(Permit {
            bucket: self.clone(),
            id,
        }))
    }

    /// Nobody passes for this long: the server said so.
    pub(crate) fn pause(&self, delay: Duration) {
        let until = after(Instant::now(), delay);
        let mut window = lock(&self.window);
        window.paused_until = window.paused_until.max(Some(until));
    }
}

enum Look {
    Free(Permit),
    At(Instant),
    AnsweredOrAt(Instant),
}

/// Leave to make one call; dropped when the answer came.
#[derive(Debug)]
pub(crate) struct Permit {
    bucket: Arc<Bucket>,
    id: u64,
}

impl Permit {
    pub(crate) fn bucket(&self) -> &Bucket {
        &self.bucket
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut window = lock(&self.bucket.window);
        if let Some(call) = window.calls.iter_mut().find(|call| call.id == self.id) {
            call.answered = Some(Instant::now());
        }
        drop(window);
        self.bucket.changed.notify_waiters();
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
            let permit = bucket.pass(FOREVER).await.unwrap();
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
        let first = bucket.pass(FOREVER).await.unwrap();
        let mut cancelled = Box::pin(bucket.pass(FOREVER));
        assert!(futures::poll!(&mut cancelled).is_pending());
        drop(cancelled);
        drop(first);
        let start = Instant::now();
        drop(bucket.pass(FOREVER).await.unwrap());
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
        drop(bucket.pass(60 * SECOND).await.unwrap());
        assert!(start.elapsed() >= 5 * SECOND);
        bucket.pause(3600 * SECOND);
        let start = Instant::now();
        assert!(bucket.pass(60 * SECOND).await.unwrap_err() > 3599 * SECOND);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_call_does_not_hold_the_window_open() {
        let bucket = bucket(1, SECOND);
        let slow = bucket.pass(FOREVER).await.unwrap();
        let start = Instant::now();
        drop(bucket.pass(FOREVER).await.unwrap());
        assert!(start.elapsed() <= SECOND + COUNTED_WITHIN + Duration::from_millis(2));
        drop(slow);
    }
}
