//! Turns of a limit that is kept together with other programs: permits of a store, fetched by a task of their own.
//!
//! The task asks for all who wait, and ends when nobody does. It belongs to no call: one that is dropped or not
//! polled stops nobody. If its runtime stands still, the next who looks starts another.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::{ASLEEP_AFTER, Bucket, Kept, Quota, Window, lock};
use crate::models::time::after;
use crate::sending::limits::{Ask, Fallback, Granted, StoreError};

/// A store that takes longer does not answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// A permit that nobody has used for so long is given back. Together with the time for the answer and that for a
/// call, this makes `Ask::COUNTED_WITHIN`.
const IN_HAND: Duration = Duration::from_millis(100);

/// How long a call that was counted may wait to be told: others come along.
const TOLD_WITHIN: Duration = Duration::from_millis(25);

/// How often a store is asked that has nothing to give, or does not answer.
const BETWEEN_ASKS: Duration = Duration::from_secs(1);

/// A task that is so much later than it said is not driven any more.
const STALLED_AFTER: Duration = Duration::from_secs(1);

/// What there is to know of the store's permits.
#[derive(Debug, Default)]
pub(super) struct Shared {
    mode: Mode,
    /// Whether it did not answer the last question.
    missed: bool,
    /// When each permit was given, and its number; oldest first.
    in_hand: VecDeque<(u64, Instant)>,
    /// A permit to go through the pause.
    probe: Option<u64>,
    pub(super) tell: Tell,
    /// How many of the oldest calls need no look: the store knows of them.
    told: usize,
    /// How many programs share the limit, as far as is known.
    programs: u32,
    /// Asking for more before brings nothing.
    ask_at: Option<Instant>,
    runner: Option<Runner>,
    runners: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The store decides.
    #[default]
    Kept,
    /// It does not answer.
    Away,
    /// It answers again, but does not know yet what others did meanwhile: until then.
    Settling(Instant),
}

/// What the store is told with the next question.
#[derive(Debug, Default)]
pub(super) struct Tell {
    pub(super) pause: Option<Instant>,
    pub(super) resumed: bool,
    /// A call would go through the pause.
    pub(super) probes: bool,
    /// Nothing: whether the pause still holds is what is to be known.
    pub(super) asks: bool,
    unused: Vec<u64>,
}

impl Tell {
    fn is_empty(&self) -> bool {
        let flags = self.resumed || self.probes || self.asks;
        self.pause.is_none() && !flags && self.unused.is_empty()
    }
}

/// The task that asks.
#[derive(Debug)]
struct Runner {
    id: u64,
    bell: Arc<Notify>,
    /// By then it has looked again.
    late: Instant,
}

impl Shared {
    /// Whoever looks finds out that the store may be back.
    pub(super) fn look(&mut self, now: Instant) {
        let over = match self.mode {
            Mode::Kept => false,
            Mode::Settling(until) => until <= now,
            // Nobody has asked for a while.
            Mode::Away => self.runner.is_none() && self.ask_at.is_none_or(|at| at <= now),
        };
        if over {
            self.mode = Mode::Kept;
            self.ask_at = None;
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.mode == Mode::Kept
    }

    pub(super) fn refuses(&self, kept: &Kept) -> bool {
        self.mode == Mode::Away && kept.fallback == Fallback::Refuse
    }

    /// What this program may do on its own.
    pub(super) fn allowed(&self, quota: Quota, kept: &Kept) -> (usize, Duration) {
        let calls = quota.calls.max(1);
        let whole = self.is_kept() || (self.mode == Mode::Away && kept.fallback == Fallback::Local);
        let programs = if whole { 1 } else { self.programs.max(1) };
        match calls / programs {
            0 => (1, quota.window.saturating_mul(programs) / calls),
            share => (share as usize, quota.window),
        }
    }

    pub(super) fn has_permits(&mut self, rank: usize, now: Instant) -> bool {
        self.put_back(now);
        self.in_hand.len() > rank
    }

    pub(super) fn take_permit(&mut self) -> Option<u64> {
        Some(self.in_hand.pop_front()?.0)
    }

    pub(super) fn take_probe(&mut self) -> Option<u64> {
        self.probe.take()
    }

    /// When one who waits for a permit looks whether anybody asks for it.
    pub(super) fn late(&self, now: Instant) -> Instant {
        let asked = self.runner.as_ref().map_or(now, |it| it.late);
        asked.max(now + BETWEEN_ASKS)
    }

    /// The oldest call has left the window.
    pub(super) fn forgotten(&mut self) {
        self.told = self.told.saturating_sub(1);
    }

    fn put_back(&mut self, now: Instant) {
        while let Some((id, _)) = self.in_hand.front().filter(|it| it.1 + IN_HAND <= now) {
            self.tell.unused.push(*id);
            self.in_hand.pop_front();
        }
    }

    fn put_all_back(&mut self) {
        let all = self.in_hand.drain(..).map(|(id, _)| id);
        self.tell.unused.extend(all);
    }
}

/// What is to be done next.
enum Next {
    Ask,
    Look(Instant),
    Nothing,
}

impl Window {
    fn wanted(&self) -> usize {
        self.queue.len().saturating_sub(self.shared.in_hand.len())
    }

    fn next(&self, now: Instant) -> Next {
        let shared = &self.shared;
        let untold = self.calls.range(shared.told..).filter(|call| !call.told);
        let counted = untold.map(|call| call.counted() + TOLD_WITHIN).min();
        let wants = self.wanted() > 0;
        let at = if shared.mode != Mode::Away {
            // While it settles, what is done here is told as ever.
            let more = wants.then(|| shared.ask_at.unwrap_or(now));
            let tell = (!shared.tell.is_empty()).then_some(now);
            let unused = shared.in_hand.front().map(|(_, given)| {
                let asleep = *given + ASLEEP_AFTER;
                if asleep > now {
                    asleep
                } else {
                    *given + IN_HAND
                }
            });
            [more, tell, counted, unused].into_iter().flatten().min()
        } else {
            let asks = wants || counted.is_some() || !shared.tell.is_empty();
            asks.then(|| shared.ask_at.unwrap_or(now))
        };
        match at {
            None => Next::Nothing,
            Some(at) if at <= now => Next::Ask,
            Some(at) => Next::Look(at),
        }
    }

    fn ask(&mut self, quota: Quota, now: Instant) -> (Ask, Asked) {
        let kept = self.shared.is_kept();
        let wanted = if kept { self.wanted() } else { 0 };
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        let first = self.next_id;
        self.next_id += u64::from(wanted);
        let mut counted = Vec::new();
        if self.shared.missed {
            // It may have forgotten those before, too.
            self.calls.iter_mut().for_each(|call| call.told = false);
            self.shared.told = 0;
        }
        for call in self.calls.range(self.shared.told..) {
            if !call.told && call.counted() <= now {
                counted.push((call.id, now - call.counted()));
            }
        }
        let tell = std::mem::take(&mut self.shared.tell);
        let mut ask = Ask::new(quota, wanted, first);
        ask.counted = counted.clone();
        ask.unused = tell.unused.clone();
        ask.pause = tell.pause.map(|until| until.saturating_duration_since(now));
        ask.resumed = tell.resumed;
        ask.probes = tell.probes && kept;
        ask.back = self.shared.missed;
        let asked = Asked {
            wanted,
            first,
            counted,
            tell,
        };
        (ask, asked)
    }

    /// Those who may pass now with a permit in hand, and do not know yet.
    fn served(&mut self, now: Instant) -> Vec<Waker> {
        let served = self.queue.iter_mut().take(self.shared.in_hand.len());
        served
            .filter(|waiting| waiting.due > now)
            .map(|waiting| {
                waiting.due = now;
                waiting.waker.clone()
            })
            .collect()
    }

    fn everybody(&self) -> Vec<Waker> {
        self.queue.iter().map(|it| it.waker.clone()).collect()
    }
}

/// A question under way.
struct Asked {
    wanted: u32,
    first: u64,
    counted: Vec<(u64, Duration)>,
    tell: Tell,
}

enum Step {
    Ask(Ask, Asked),
    Wait(Instant),
    End,
}

impl Bucket {
    /// Sees to it that somebody asks, if there is something to ask.
    pub(super) fn drive(self: &Arc<Self>) {
        let now = Instant::now();
        let mut window = lock(&self.window);
        if let Some(runner) = window.shared.runner.as_ref().filter(|it| it.late >= now) {
            runner.bell.notify_one();
            return;
        }
        if matches!(window.next(now), Next::Nothing) {
            return;
        }
        // Who is dropped outside of a runtime leaves it to the next call.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let shared = &mut window.shared;
        shared.runners += 1;
        let running = Running {
            bucket: self.clone(),
            id: shared.runners,
            bell: Arc::default(),
            asked: None,
        };
        shared.runner = Some(Runner {
            id: running.id,
            bell: running.bell.clone(),
            late: now + STALLED_AFTER,
        });
        // A runtime that is shutting down drops it at once, which takes the lock.
        drop(window);
        runtime.spawn(running.run());
    }

    fn step(&self, id: u64) -> Step {
        let now = Instant::now();
        let mut window = lock(&self.window);
        if window.shared.runner.as_ref().is_none_or(|it| it.id != id) {
            return Step::End;
        }
        window.shared.look(now);
        let (_, length) = self.allowed(&window.shared);
        window.forget(now, length);
        window.shared.put_back(now);
        if window.paused_until.is_some_and(|until| until > now) {
            window.shared.put_all_back();
        }
        let served = window.shared.in_hand.len().min(window.queue.len());
        window.pass_by_sleepers(served, now);
        let served = window.served(now);
        let (step, late) = match window.next(now) {
            Next::Nothing => {
                window.shared.runner = None;
                return Step::End;
            }
            Next::Look(at) => (Step::Wait(at), at),
            Next::Ask => {
                let (ask, asked) = window.ask(self.quota, now);
                (Step::Ask(ask, asked), now + ANSWERS_WITHIN)
            }
        };
        if let Some(runner) = &mut window.shared.runner {
            runner.late = late + STALLED_AFTER;
        }
        drop(window);
        wake(served);
        step
    }

    fn settle(&self, asked: Asked, answer: Result<Granted, StoreError>) {
        let now = Instant::now();
        let mut window = lock(&self.window);
        let woken = match answer {
            Ok(granted) => self.granted(&mut window, &asked, granted, now),
            Err(error) => self.unanswered(&mut window, asked, &*error, now),
        };
        drop(window);
        wake(woken);
    }

    fn granted(
        &self,
        window: &mut Window,
        asked: &Asked,
        granted: Granted,
        now: Instant,
    ) -> Vec<Waker> {
        let told: HashSet<u64> = asked.counted.iter().map(|(id, _)| *id).collect();
        let known = window.shared.told;
        for call in window.calls.range_mut(known..) {
            call.told |= told.contains(&call.id);
        }
        let untold = window.calls.range(known..).position(|call| !call.told);
        window.shared.told = untold.map_or(window.calls.len(), |at| known + at);
        let shared = &mut window.shared;
        let before = shared.mode;
        shared.programs = match granted.settles.is_zero() {
            true => granted.programs,
            // Not all are back yet.
            false => granted.programs.max(shared.programs),
        };
        let permits = granted.permits.min(asked.wanted);
        let mut ids = asked.first..asked.first + u64::from(permits);
        if !granted.settles.is_zero() {
            let settled = after(now, granted.settles);
            shared.mode = Mode::Settling(settled);
            shared.ask_at = Some(settled.min(now + BETWEEN_ASKS));
        } else {
            shared.mode = Mode::Kept;
            shared.probe = granted.pause.and_then(|_| ids.next());
            shared.in_hand.extend(ids.map(|id| (id, now)));
            let again = granted.again.clamp(Duration::from_millis(1), BETWEEN_ASKS);
            shared.ask_at = (permits < asked.wanted).then(|| now + again);
        }
        if std::mem::take(&mut shared.missed) {
            tracing::info!(
                limit = self.quota.name,
                "the store of the limit answers again"
            );
        }
        // What came up meanwhile is told next.
        let paused = granted.pause.map(|pause| after(now, pause));
        let paused = paused.max(shared.tell.pause);
        let was_paused = window.paused_until.is_some_and(|until| until > now);
        let changed = paused.is_some() != was_paused || before != shared.mode;
        window.paused_until = paused;
        let probed = granted.probed.and_then(|ago| now.checked_sub(ago));
        window.probed = match asked.tell.probes {
            true => probed.or(Some(now)),
            false => window.probed.max(probed),
        };
        match changed || asked.tell.probes {
            true => window.everybody(),
            false => window.served(now),
        }
    }

    fn unanswered(
        &self,
        window: &mut Window,
        asked: Asked,
        error: &(dyn std::error::Error + Send + Sync),
        now: Instant,
    ) -> Vec<Waker> {
        window.shared.put_all_back();
        window.not_told(asked.tell);
        window.shared.ask_at = Some(now + BETWEEN_ASKS);
        let before = std::mem::replace(&mut window.shared.mode, Mode::Away);
        if !std::mem::replace(&mut window.shared.missed, true) {
            tracing::warn!(
                limit = self.quota.name,
                error = %error,
                fallback = ?self.kept.as_ref().map(|it| it.fallback),
                programs = window.shared.programs,
                "the store of the limit does not answer",
            );
        }
        match before {
            Mode::Away => Vec::new(),
            _ => window.everybody(),
        }
    }
}

impl Window {
    /// What did not reach the store is told with the next question.
    fn not_told(&mut self, tell: Tell) {
        let next = &mut self.shared.tell;
        next.pause = next.pause.max(tell.pause);
        next.resumed |= tell.resumed && next.pause.is_none();
        next.unused.extend(tell.unused);
    }
}

/// The task; what it leaves undone is left to the next, should its runtime drop it.
struct Running {
    bucket: Arc<Bucket>,
    id: u64,
    bell: Arc<Notify>,
    asked: Option<Asked>,
}

impl Running {
    async fn run(mut self) {
        let bucket = self.bucket.clone();
        let Some(kept) = &bucket.kept else { return };
        loop {
            match bucket.step(self.id) {
                Step::End => return,
                Step::Wait(until) => {
                    // Late or not: it looks.
                    let _ = timeout_at(until, self.bell.notified()).await;
                }
                Step::Ask(ask, asked) => {
                    self.asked = Some(asked);
                    let answer = timeout(ANSWERS_WITHIN, kept.store.decide(&kept.name, ask)).await;
                    let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
                    if let Some(asked) = self.asked.take() {
                        bucket.settle(asked, answer);
                    }
                }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut window = lock(&self.bucket.window);
        if let Some(asked) = self.asked.take() {
            window.not_told(asked.tell);
        }
        if window
            .shared
            .runner
            .as_ref()
            .is_some_and(|it| it.id == self.id)
        {
            window.shared.runner = None;
            let waiting = window.everybody();
            drop(window);
            wake(waiting);
        }
    }
}

fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}
