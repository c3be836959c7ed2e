//! What the followers of one application share: its live stream, and the looks at the API beside it.
//!
//! Nobody owns the work: the hub's future is driven by whichever of the followers is polled, and all of them are
//! woken when it can go on. So a follower that is held but not polled stops no other one, and when the last is
//! dropped, so is the connection. No lock is held across an await.

use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError, Weak};
use std::task::{Context, Poll, Wake as _, Waker};

use deploykit_core::{Client, Error};
use futures::future::{BoxFuture, FutureExt as _};
use rustc_hash::FxHashMap;
use tokio::runtime;
use tokio::sync::Notify;

use crate::connection::Said;
use crate::driver;
use crate::member::{Item, Lines, Look, Member};
use crate::wakers::{Wakers, lock};
use crate::{AppRef, DeploymentId, Frame};

/// The hubs in use, of one client and its clones. Sockets and timers belong to a runtime: each has its own.
#[derive(Clone, Default)]
pub(crate) struct Hubs(Arc<Mutex<InUse>>);

type InUse = FxHashMap<(AppRef, Option<runtime::Id>), Weak<Hub>>;

impl Hubs {
    pub(crate) fn join(&self, client: &Client, app: &AppRef, member: Member) -> Membership {
        let runtime = runtime::Handle::try_current().ok();
        let key = (app.clone(), runtime.map(|runtime| runtime.id()));
        let mut hubs = lock(&self.0);
        hubs.retain(|_, hub| hub.strong_count() > 0);
        let hub = match hubs.entry(key) {
            Entry::Occupied(known) => known.get().upgrade(),
            Entry::Vacant(vacant) => {
                let hub = Hub::new(client, app);
                vacant.insert(Arc::downgrade(&hub));
                Some(hub)
            }
        };
        // Only if the last follower left at this very moment.
        let hub = hub.unwrap_or_else(|| Hub::new(client, app));
        drop(hubs);
        let number = hub.shared.join(member);
        Membership { hub, number }
    }
}

impl fmt::Debug for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hubs")
    }
}

struct Hub {
    shared: Arc<Shared>,
    waker: Waker,
    work: Mutex<BoxFuture<'static, ()>>,
}

impl Hub {
    fn new(client: &Client, app: &AppRef) -> Arc<Self> {
        Self::at_work(|shared| driver::run(shared, client.clone(), app.clone()).boxed())
    }

    fn at_work(work: impl FnOnce(Arc<Shared>) -> BoxFuture<'static, ()>) -> Arc<Self> {
        let shared = Arc::new(Shared::default());
        Arc::new(Self {
            waker: shared.wakers.clone().into(),
            work: Mutex::new(work(shared.clone())),
            shared,
        })
    }
}

/// What the hub's future and the followers both see.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) members: Mutex<Members>,
    wakers: Arc<Wakers>,
    /// A follower came, went, asked for something or made room.
    pub(crate) changed: Notify,
    /// A follower found something new in what the stream said.
    pub(crate) news: Arc<AtomicBool>,
}

#[derive(Default)]
pub(crate) struct Members {
    pub(crate) all: FxHashMap<u64, Member>,
    by_deployment: FxHashMap<DeploymentId, Vec<u64>>,
    last_number: u64,
    /// Looks that were begun.
    pub(crate) looks: u64,
    pub(crate) stream: Stream,
}

/// How the live stream is.
#[derive(Clone, Default)]
pub(crate) enum Stream {
    /// It is being connected.
    #[default]
    Connecting,
    Stands,
    /// It is not to be had, for now or for good.
    Down,
    /// It is not to be had, and nobody may go on without.
    Refused(Arc<Error>),
}

impl Shared {
    fn join(&self, mut member: Member) -> u64 {
        let mut members = lock(&self.members);
        let number = members.last_number + 1;
        members.last_number = number;
        member.ask(members.looks);
        if matches!(members.stream, Stream::Stands) {
            member.push(Item::Connected { attempts: 0 });
        }
        let followers = members.by_deployment.entry(member.deployment.clone());
        followers.or_default().push(number);
        members.all.insert(number, member);
        drop(members);
        self.changed.notify_one();
        number
    }

    /// Hands on what the stream said, in order.
    pub(crate) fn said(&self, said: impl IntoIterator<Item = Said>) {
        let mut members = lock(&self.members);
        let mut told = Vec::new();
        for said in said {
            match said {
                Said::Frame(frame) => members.frame(frame, &mut told),
                Said::Connected { attempts, .. } => {
                    members.stream = Stream::Stands;
                    for (number, member) in &mut members.all {
                        member.push(Item::Connected { attempts });
                        told.push(*number);
                    }
                }
                Said::Down(error) => {
                    tracing::warn!(cause = %error, "no live stream; asking the API instead");
                    members.stream = Stream::Down;
                    told.extend(members.all.keys());
                }
            }
        }
        drop(members);
        told.sort_unstable();
        told.dedup();
        self.wake(told);
    }

    pub(crate) fn wake(&self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            self.wakers.wake_one(number);
        }
    }
}

impl Members {
    fn frame(&mut self, frame: Frame, told: &mut Vec<u64>) {
        let (Frame::Log { deployment, .. } | Frame::Status { deployment, .. }) = &frame else {
            return;
        };
        let Some((last, others)) = self
            .by_deployment
            .get(deployment)
            .and_then(|followers| followers.split_last())
        else {
            return;
        };
        told.extend_from_slice(others);
        told.push(*last);
        for number in others {
            if let Some(member) = self.all.get_mut(number) {
                member.push(Item::Frame(frame.clone()));
            }
        }
        if let Some(member) = self.all.get_mut(last) {
            member.push(Item::Frame(frame));
        }
    }

    fn leave(&mut self, number: u64) {
        let Some(member) = self.all.remove(&number) else {
            return;
        };
        if let Some(followers) = self.by_deployment.get_mut(&member.deployment) {
            followers.retain(|other| *other != number);
            if followers.is_empty() {
                self.by_deployment.remove(&member.deployment);
            }
        }
    }
}

/// A place among the followers of an application; dropping it leaves them.
pub(crate) struct Membership {
    hub: Arc<Hub>,
    number: u64,
}

/// What a follower finds when it looks.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) look: Option<Look>,
    pub(crate) log: Option<deploykit_core::Result<Lines>>,
    pub(crate) stream: Stream,
    /// Whether something was left out after what is in the queue.
    pub(crate) lags: bool,
    /// How many follow.
    pub(crate) followers: usize,
}

impl Membership {
    /// The only place in a hub that does something else.
    #[cfg(test)]
    pub(crate) fn alone(
        member: Member,
        work: impl FnOnce(Arc<Shared>) -> BoxFuture<'static, ()>,
    ) -> Self {
        let hub = Hub::at_work(work);
        let number = hub.shared.join(member);
        Self { hub, number }
    }

    /// Drives the hub on, unless somebody else does at this moment; then the task is woken when it is its turn.
    pub(crate) fn drive(&self, cx: &Context<'_>) {
        self.hub.shared.wakers.register(self.number, cx.waker());
        let mut work = match self.hub.work.try_lock() {
            Ok(work) => work,
            Err(TryLockError::Poisoned(work)) => work.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let mut cx = Context::from_waker(&self.hub.waker);
        // It never ends.
        let _: Poll<()> = work.as_mut().poll(&mut cx);
    }

    /// What came, apart from the queue.
    pub(crate) fn find(&self) -> Found {
        let mut members = lock(&self.hub.shared.members);
        let stream = members.stream.clone();
        let followers = members.all.len();
        let Some(member) = members.all.get_mut(&self.number) else {
            return Found::default();
        };
        Found {
            look: member.look.take(),
            log: member.log.take().map(|opened| opened.0),
            lags: member.lags(),
            stream,
            followers,
        }
    }

    /// Takes what is in the queue; and whether something was left out after what was taken before.
    pub(crate) fn take(&self) -> (std::collections::VecDeque<Item>, bool) {
        let mut members = lock(&self.hub.shared.members);
        let Some(member) = members.all.get_mut(&self.number) else {
            return Default::default();
        };
        let was_full = !member.has_room();
        let taken = member.take();
        let lagged = taken.is_empty() && member.caught_up();
        drop(members);
        if was_full {
            self.hub.shared.changed.notify_one();
        }
        (taken, lagged)
    }

    /// Says that something new was found in what the stream said.
    pub(crate) fn found_news(&self) {
        self.hub.shared.news.store(true, Ordering::Relaxed);
    }

    /// Asks for a look that begins from now on.
    pub(crate) fn ask_look(&self) {
        self.change(|member, looks| member.ask(looks));
    }

    /// Asks for the kept log.
    pub(crate) fn ask_log(&self) {
        self.change(|member, _| member.wants_log = true);
    }

    fn change(&self, change: impl FnOnce(&mut Member, u64)) {
        let mut members = lock(&self.hub.shared.members);
        let looks = members.looks;
        if let Some(member) = members.all.get_mut(&self.number) {
            change(member, looks);
        }
        drop(members);
        self.hub.shared.changed.notify_one();
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        lock(&self.hub.shared.members).leave(self.number);
        self.hub.shared.wakers.remove(self.number);
        // It may have been woken to drive the others on.
        self.hub.shared.changed.notify_one();
        self.hub.shared.wakers.wake_by_ref();
    }
}
