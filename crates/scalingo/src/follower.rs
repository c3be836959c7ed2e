//! One follower: puts together what its hub brings, and tells it in order.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Client, Error, ErrorKind, Result};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::connection::{FIRST_DELAY, SILENCE};
use crate::hub::{Hubs, Membership, Stream};
use crate::member::{Item, Lines, Look, Member};
use crate::progress::Progress;
use crate::reading::Reading;
use crate::replay::Replay;
use crate::{AppRef, Deployment, DeploymentId, DeploymentStatus, FollowEvent, Frame};

mod lines;

/// After the last status, the last lines may still be on their way.
const QUIET: Duration = Duration::from_millis(300);
const LAST_LINES: Duration = Duration::from_secs(2);
/// So many looks in a row may fail.
const FAILED_LOOKS: u32 = 10;
/// How often the kept log is read, if reading it breaks off.
const READINGS: u32 = 3;
/// Lines that may be new or not wait so long for others that tell; then the kept log is asked.
const SETTLE: Duration = Duration::from_secs(1);
/// So often after a connection; and not if it is longer than this: then it is guessed, and seen at the end.
const ASKS: u32 = 3;
const LONG_LOG: usize = 200_000;
/// The hub is driven on after so many steps at the latest.
const STEPS_AT_ONCE: u32 = 32;
/// A task is given back after so many steps that told nothing.
const MOST_STEPS: u32 = 256;

pub(crate) struct Follower {
    hubs: Hubs,
    client: Client,
    app: AppRef,
    id: DeploymentId,
    pub(crate) deadline: Option<Instant>,
    pub(crate) check_every: Duration,
    pub(crate) silence: Duration,
    pub(crate) reconnect_after: Duration,
    membership: Option<Membership>,
    phase: Phase,
    progress: Progress,
    /// The last status that was told.
    status: Option<DeploymentStatus>,
    /// As the API showed it last.
    last: Option<Deployment>,
    failed_looks: u32,
    /// To be told next.
    ready: VecDeque<FollowEvent>,
    /// To be told after that: nothing follows.
    error: Option<Error>,
    /// Taken from the hub.
    items: VecDeque<Item>,
    /// When the last of them came.
    heard: Instant,
    replay: Replay,
    log: Log,
    /// A kept log whose turn has not come: what came before it was asked for goes first.
    opened: Option<Result<Lines>>,
    /// Lines that were found in the kept log.
    missed: usize,
    readings: u32,
    /// How often it was asked for because of a doubt, since the stream was connected.
    asks: u32,
    /// When a doubt is to be settled.
    settle_at: Option<Instant>,
    /// When the kept log is to be read next, as there is no live stream.
    read_at: Option<Instant>,
    followers: usize,
    connected: bool,
    /// Whether a look is to say if there can be a kept log.
    awaits_look: bool,
    /// A reconnection that is to be told once the gap is known, and after how many tries.
    reconnected: Option<u32>,
    /// Whether the hub left something out, and what it was is to be told.
    lagged: bool,
    /// Whether it was told that lines may be missing.
    doubted: bool,
    steps: u32,
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is known yet.
    Start,
    Under,
    /// It has ended; its last lines may be on their way until then.
    Ending(Instant),
    /// What tells how it ended is fetched: a last look and the whole log.
    Last {
        looks: bool,
        reads: bool,
    },
    Over,
}

/// How the kept log is.
enum Log {
    Idle,
    Wanted,
    /// It is being asked for: all that the stream brings from now on may be in it or not.
    Asked,
    Open(Reading),
}

impl Follower {
    pub(crate) fn new(hubs: Hubs, client: Client, app: AppRef, id: DeploymentId) -> Self {
        Self {
            hubs,
            client,
            app,
            id,
            deadline: None,
            check_every: Duration::from_secs(30),
            silence: SILENCE,
            reconnect_after: FIRST_DELAY,
            membership: None,
            phase: Phase::Start,
            progress: Progress::default(),
            status: None,
            last: None,
            failed_looks: 0,
            ready: VecDeque::new(),
            error: None,
            items: VecDeque::new(),
            heard: Instant::now(),
            replay: Replay::default(),
            log: Log::Idle,
            opened: None,
            missed: 0,
            readings: 0,
            asks: 0,
            settle_at: None,
            read_at: None,
            followers: 1,
            connected: false,
            awaits_look: false,
            reconnected: None,
            lagged: false,
            doubted: false,
            steps: 0,
            timer: None,
        }
    }

    /// Follows from this place.
    #[cfg(test)]
    pub(crate) fn at(mut self, membership: Membership) -> Self {
        self.membership = Some(membership);
        self
    }

    /// The next event; none after the last.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<FollowEvent>>> {
        for _ in 0..MOST_STEPS {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(error) = self.error.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if self.phase == Phase::Over {
                return Poll::Ready(None);
            }
            // Before anything else: a server that never pauses must not move it.
            let now = Instant::now();
            if self.deadline.is_some_and(|deadline| deadline <= now) {
                let message = format!("deployment {}: not before the deadline", self.id);
                self.end(Some(Error::new(ErrorKind::Deadline, message)));
                continue;
            }
            match self.step(now, cx) {
                Err(error) => self.end(Some(error)),
                Ok(true) => {}
                Ok(false) => {
                    if self.poll_timer(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.due().into_iter().chain(self.deadline).min();
        let Some(due) = due else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }

    /// Nothing comes after what is ready, and the error.
    fn end(&mut self, error: Option<Error>) {
        self.error = error;
        self.phase = Phase::Over;
        self.membership = None;
        self.log = Log::Idle;
        self.opened = None;
        self.items.clear();
    }

    /// Does one thing; returns whether there was anything to do.
    fn step(&mut self, now: Instant, cx: &mut Context<'_>) -> Result<bool> {
        self.steps += 1;
        let may_take = self.takes() && self.items.is_empty();
        let at_once = self.steps < STEPS_AT_ONCE;
        if at_once && (self.read(cx) || self.take_item(now)) {
            return Ok(true);
        }
        self.steps = 0;
        let found_any = self.hub(now, may_take, cx)?;
        // Before what the stream says: it may never pause.
        if self.due().is_some_and(|due| due <= now) {
            self.in_time(now);
            return Ok(true);
        }
        if found_any {
            return Ok(true);
        }
        if let Some(opened) = self.opened.take_if(|_| matches!(self.log, Log::Asked)) {
            match opened {
                Ok(lines) => self.log = Log::Open(Reading::new(lines, self.silence)),
                Err(error) => self.unreadable(error),
            }
            return Ok(true);
        }
        if self.read(cx) || self.take_item(now) {
            return Ok(true);
        }
        Ok(self.finish())
    }

    /// Whether what the stream brings is taken.
    fn takes(&self) -> bool {
        match self.log {
            Log::Idle => !matches!(self.phase, Phase::Last { .. }),
            Log::Wanted => self.opened.is_some() || self.replay.has_room(),
            // Whether it is in the kept log is known when that was read.
            Log::Asked | Log::Open(_) => false,
        }
    }

    /// Drives the hub on, and takes what it has.
    fn hub(&mut self, now: Instant, may_take: bool, cx: &mut Context<'_>) -> Result<bool> {
        let membership = self.membership.get_or_insert_with(|| {
            let mut member = Member::new(self.id.clone(), self.silence, self.reconnect_after);
            member.check_every = self.check_every;
            self.hubs.join(&self.client, &self.app, member)
        });
        membership.drive(cx);
        let found = membership.find();
        let mut lagged = false;
        if may_take {
            (self.items, lagged) = membership.take();
        }
        self.followers = found.followers;
        match found.stream {
            // Who only waits for the last looks needs no stream.
            Stream::Refused(error) if matches!(self.phase, Phase::Start | Phase::Under) => {
                return Err(Error::new(error.kind(), error.to_string()));
            }
            Stream::Down | Stream::Refused(_) => {
                self.read_at.get_or_insert(now);
            }
            Stream::Connecting | Stream::Stands => self.read_at = None,
        }
        let mut found_any = !self.items.is_empty() && may_take;
        if found.log.is_some() {
            self.opened = found.log;
            found_any = true;
        }
        if let Some(look) = found.look {
            self.looked(look, now)?;
            found_any = true;
        }
        if matches!(self.phase, Phase::Last { .. }) {
            // The kept log is read anyway.
            self.lagged |= found.lags;
        } else if lagged {
            // What was left out is in the kept log.
            self.lagged = true;
            self.replay.hold();
            self.ask_look();
            self.ask_log();
            found_any = true;
        }
        Ok(found_any)
    }

    /// Takes what the stream brought next; returns whether there was anything to take.
    fn take_item(&mut self, now: Instant) -> bool {
        if !self.takes() {
            return false;
        }
        let Some(item) = self.items.pop_front() else {
            return false;
        };
        match item {
            Item::Frame(Frame::Log { content, .. }) => {
                self.heard = now;
                self.logged(content, now);
            }
            Item::Frame(Frame::Status { status, .. }) => {
                self.heard = now;
                self.came_to(&status, now);
            }
            Item::Connected { attempts } => self.connected(attempts, now),
            Item::Asked => self.log = Log::Asked,
            Item::Frame(_) => {}
        }
        true
    }

    /// What was told before the connection stood, or while there was none, is in the kept log only.
    fn connected(&mut self, attempts: u32, now: Instant) {
        self.replay.hold_anew();
        self.settle_at = None;
        self.asks = 0;
        let again = std::mem::replace(&mut self.connected, true);
        if again {
            self.reconnected = Some(attempts);
        }
        match self.phase {
            // All of it is read in a moment.
            Phase::Ending(_) => self.phase = Phase::Ending(now),
            Phase::Last { .. } | Phase::Over => {}
            Phase::Start | Phase::Under => {
                self.ask_look();
                let waits = matches!(self.status, None | Some(DeploymentStatus::Queued));
                if waits && self.replay.count() == 0 {
                    self.awaits_look = true;
                } else {
                    self.ask_log();
                }
            }
        }
    }

    fn looked(&mut self, look: Look, now: Instant) -> Result<()> {
        let awaited = look.is_fresh && std::mem::take(&mut self.awaits_look);
        match look.result {
            Ok(deployment) => {
                self.failed_looks = 0;
                if self.phase == Phase::Start {
                    self.phase = Phase::Under;
                }
                if let Some(status) = &deployment.status {
                    self.came_to(status, now);
                }
                let has_ended = deployment.is_finished();
                // A deployment whose turn has not come has written nothing.
                let waits = deployment.status == Some(DeploymentStatus::Queued);
                self.last = Some(*deployment);
                if let Phase::Last { looks, .. } = &mut self.phase {
                    *looks &= !(has_ended || look.is_fresh);
                } else if awaited && waits && matches!(self.log, Log::Idle) {
                    self.tell_new(Replay::compared);
                } else if awaited {
                    self.ask_log();
                }
            }
            Err(error) if self.phase == Phase::Start => return Err(error),
            Err(error) => {
                self.failed_looks += 1;
                if let Phase::Last { looks, .. } = &mut self.phase {
                    if self.last.is_none() {
                        return Err(error);
                    }
                    tracing::warn!(cause = %error, "the outcome is known from the live stream alone");
                    *looks = false;
                } else if is_final(&error) || self.failed_looks >= FAILED_LOOKS {
                    return Err(error);
                } else if awaited {
                    self.ask_log();
                }
            }
        }
        Ok(())
    }

    fn came_to(&mut self, status: &DeploymentStatus, now: Instant) {
        if !self.progress.comes_to(status) {
            return;
        }
        if let Some(membership) = &self.membership {
            membership.found_news();
        }
        if self.progress.is_finished() {
            // Where no stream stands, nothing is on its way.
            let streams = self.connected && self.read_at.is_none();
            self.heard = now;
            self.phase = Phase::Ending(match streams {
                true => now + LAST_LINES,
                false => now,
            });
        }
        self.status = Some(status.clone());
        self.ready.push_back(FollowEvent::Status(status.clone()));
    }

    fn ask_look(&self) {
        if let Some(membership) = &self.membership {
            membership.ask_look();
        }
    }

    /// When something is to be done, whatever comes.
    fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Ending(until) => Some(until.min(after(self.heard, QUIET))),
            Phase::Under if matches!(self.log, Log::Idle) => {
                let waits = self.status == Some(DeploymentStatus::Queued);
                let read_at = self.read_at.filter(|_| !waits);
                self.settle_at.into_iter().chain(read_at).min()
            }
            _ => None,
        }
    }

    fn in_time(&mut self, now: Instant) {
        if let Phase::Ending(_) = self.phase {
            return self.begin_last();
        }
        if self.settle_at.is_none_or(|at| at > now) {
            return self.ask_log();
        }
        self.settle_at = None;
        if self.asks < ASKS && self.replay.count() < LONG_LOG && !self.doubted {
            self.asks += 1;
            self.replay.hold();
            self.ask_log();
        } else {
            self.tell_new(Replay::settle);
        }
    }

    /// It has ended, and nothing more comes over the stream.
    fn begin_last(&mut self) {
        let has_ended = self.last.as_ref().is_some_and(Deployment::is_finished);
        let asked_before = matches!(self.log, Log::Asked | Log::Open(_));
        self.phase = Phase::Last {
            looks: !has_ended,
            reads: asked_before,
        };
        self.awaits_look = false;
        self.replay.hold();
        self.ask_log();
        if !has_ended {
            self.ask_look();
        }
    }

    /// All that is to be told was: the end follows.
    fn finish(&mut self) -> bool {
        let all = Phase::Last {
            looks: false,
            reads: false,
        };
        if self.phase != all || !matches!(self.log, Log::Idle) {
            return false;
        }
        let Some(mut deployment) = self.last.take() else {
            return false;
        };
        if !deployment.is_finished() {
            // The stream was ahead of the API.
            deployment.status = self.status.clone();
        }
        let finished = FollowEvent::Finished(Box::new(deployment));
        self.ready.push_back(finished);
        self.end(None);
        true
    }
}

/// Whether asking again cannot help.
fn is_final(error: &Error) -> bool {
    let refused = error.is_unauthorized() || error.is_forbidden() || error.is_not_found();
    let kind = matches!(error.kind(), ErrorKind::Origin | ErrorKind::InvalidInput);
    // An exchange that fails in passing says nothing against the token.
    (refused || kind) && !error.is_passing()
}
