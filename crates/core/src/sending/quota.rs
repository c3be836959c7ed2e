//! Documented limits, kept on this side so that the server need not refuse.
//!
//! A turn is a time, not a lock: each call takes its place when it asks, wakes by its own timer, and gives the
//! place back when it is dropped. One that is not polled when its time comes is passed by. No lock of this file
//! is held across an await.
//!
//! Where the limit is kept [together with other programs](crate::LimitStore), its turns are permits of a store:
//! `shared` fetches them, and those who wait here take them in their order.

mod shared;
#[cfg(test)]
mod tests;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::hash::{Hash, Hasher as _};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::models::secret::Secret;
use crate::models::time::after;
use crate::sending::limits::{Fallback, Limit, LimitStore};
use shared::Shared;

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
    store: Option<Arc<dyn LimitStore>>,
    /// Whom a store would count for: origin and account.
    whom: Option<Arc<(String, Secret)>>,
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
            store: self.store.clone(),
            whom: None,
            buckets: Arc::default(),
        }
    }

    /// Counts in this store, once it is known for whom.
    pub(crate) fn keep_in(&mut self, store: Arc<dyn LimitStore>) {
        self.store = Some(store);
    }

    /// Counts together with all others in this program that are for the same and have the same store.
    pub(crate) fn count_for(&mut self, origin: String, account: &Secret) {
        let mut hasher = DefaultHasher::new();
        (&origin, account.expose()).hash(&mut hasher);
        if let Some(store) = &self.store {
            Arc::as_ptr(store).cast::<()>().hash(&mut hasher);
            self.whom = Some(Arc::new((origin, account.clone())));
        }
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
            .or_insert_with(|| Arc::new(Bucket::new(*quota, self.kept(*quota))))
            .clone();
        Some(bucket)
    }

    fn kept(&self, quota: Quota) -> Option<Kept> {
        let (store, whom) = (self.store.as_ref()?, self.whom.as_ref()?);
        let (origin, account) = &**whom;
        Some(Kept {
            name: store.name(&Limit {
                origin,
                account,
                quota,
            }),
            fallback: store.fallback(),
            store: store.clone(),
        })
    }
}

/// One limit in use: calls pass in the order in which they came.
#[derive(Debug)]
pub(crate) struct Bucket {
    quota: Quota,
    window: Mutex<Window>,
    kept: Option<Kept>,
}

/// Where a limit is kept together with other programs.
#[derive(Debug)]
struct Kept {
    store: Arc<dyn LimitStore>,
    name: String,
    fallback: Fallback,
}

/// Why a call does not get its turn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The server paused the limit for longer than the call waits.
    Paused(Duration),
    /// The limit is kept in a store that does not answer, and nothing else is wanted.
    NotKept,
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
    shared: Shared,
}

#[derive(Debug)]
struct Passed {
    id: u64,
    at: Instant,
    /// When the answer came: by then the server has surely counted the call.
    answered: Option<Instant>,
    /// Whether the store knows when it was counted.
    told: bool,
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
    fn new(quota: Quota, kept: Option<Kept>) -> Self {
        Self {
            quota,
            window: Mutex::default(),
            kept,
        }
    }

    /// Waits for the call's time. Where the server paused the bucket for longer than `longest_wait`, that
    /// pause comes back as the error, at once; but for one call at a time, which sees whether it still holds.
    pub(crate) async fn pass(
        self: &Arc<Self>,
        longest_wait: Duration,
        background: bool,
    ) -> Result<Permit, Held> {
        let mut place = Place {
            bucket: self,
            key: None,
        };
        let mut timer: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|cx| {
            loop {
                let look = self.look(&mut place.key, cx.waker(), longest_wait, background);
                if self.kept.is_some() {
                    self.drive();
                }
                let due = match look {
                    Look::Free(permit) => return Poll::Ready(Ok(permit)),
                    Look::Held(why) => return Poll::Ready(Err(why)),
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
        if self.kept.is_some() {
            window.shared.look(now);
        }
        let by_permit = self.kept.is_some() && window.shared.is_kept();
        let mut probe = false;
        let mut permit = None;
        if let Some(until) = paused
            && until - now > longest_wait
        {
            let again = window
                .probed
                .is_none_or(|last| now >= last + BETWEEN_PROBES);
            if by_permit {
                permit = window.shared.take_probe();
                probe = permit.is_some();
                window.shared.tell.asks |= !probe;
                window.shared.tell.probes |= !probe && again;
            } else if again {
                window.probed = Some(now);
                probe = true;
            }
            // Whether another program's call went through lately is asked first.
            let asks = by_permit && again;
            if !(probe || asks) {
                return Look::Held(Held::Paused(until - now));
            }
        }
        if let Some(kept) = &self.kept
            && window.shared.refuses(kept)
        {
            window.shared.tell.asks = true;
            return Look::Held(Held::NotKept);
        }
        let (id, rank) = if let Some((_, id)) = *key {
            (id, window.rank((background, id)))
        } else {
            let id = window.next_id;
            window.next_id += 1;
            *key = Some((background, id));
            (id, window.rank((background, id)))
        };
        let (calls, length) = self.allowed(&window.shared);
        window.forget(now, length);
        let rank = window.pass_by_sleepers(rank, now);
        let room = match by_permit {
            true => window.shared.has_permits(rank, now),
            false => window.calls.len() + rank < calls,
        };
        if probe || (paused.is_none() && room) {
            window.remove((background, id));
            *key = None;
            if by_permit && !probe {
                permit = window.shared.take_permit();
            }
            let id = permit.unwrap_or(id);
            if self.is_counted() {
                window.calls.push_back(Passed {
                    id,
                    at: now,
                    answered: None,
                    told: false,
                });
            }
            return Look::Free(Permit {
                bucket: self.clone(),
                id,
                probe,
            });
        }
        if by_permit {
            let due = window.shared.late(now);
            window.wait(rank, (background, id), due, waker);
            return Look::At(due);
        }
        let mut due = window.free_at(rank, calls, length);
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
    pub(crate) fn pause(self: &Arc<Self>, delay: Duration) {
        let until = Some(after(Instant::now(), delay));
        let mut window = lock(&self.window);
        window.paused_until = window.paused_until.max(until);
        if self.kept.is_some() {
            window.shared.tell.pause = window.shared.tell.pause.max(until);
            drop(window);
            self.drive();
        }
    }

    fn is_counted(&self) -> bool {
        self.quota.calls != u32::MAX
    }

    fn calls(&self) -> usize {
        self.quota.calls.max(1) as usize
    }

    /// How many calls may pass here in how long a window.
    fn allowed(&self, shared: &Shared) -> (usize, Duration) {
        match &self.kept {
            Some(kept) => shared.allowed(self.quota, kept),
            None => (self.calls(), self.quota.window),
        }
    }

    /// Wakes those who may pass earlier than they think, once this change is made.
    fn change(self: &Arc<Self>, change: impl FnOnce(&mut Window)) {
        let mut window = lock(&self.window);
        change(&mut window);
        if self.kept.is_some() && window.shared.is_kept() {
            drop(window);
            return self.drive();
        }
        let (calls, length) = self.allowed(&window.shared);
        let sooner = window.sooner(calls, length);
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
            self.shared.forgotten();
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
    Held(Held),
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
    pub(crate) fn bucket(&self) -> &Arc<Bucket> {
        &self.bucket
    }

    /// The server took the call: a long pause that it was sent through does not hold any more.
    pub(crate) fn taken(&self) {
        if self.probe {
            self.bucket.change(|window| {
                window.paused_until = None;
                window.shared.tell.pause = None;
                window.shared.tell.resumed = true;
            });
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
