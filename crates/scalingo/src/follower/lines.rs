//! What a follower tells of the log: lines of the stream, and what the kept log has besides.

use std::task::{Context, Poll};

use deploykit_core::__private::after;
use deploykit_core::Error;
use tokio::time::Instant;

use super::{Follower, Log, Phase, READINGS, SETTLE};
use crate::driver::POLL_INTERVAL;
use crate::reading::Read;
use crate::replay::{Line, Replay, are_several};
use crate::{FollowEvent, Gap};

impl Follower {
    /// Mostly one line; where several come at once, they are told apart as in the kept log.
    pub(super) fn logged(&mut self, content: String, now: Instant) {
        if !are_several(&content) {
            return self.line(content, now);
        }
        for line in content.split_inclusive('\n') {
            self.line(line.to_owned(), now);
        }
    }

    fn line(&mut self, line: String, now: Instant) {
        let told = self.ready.len();
        if self.replay.passes(&line) {
            self.tell(line);
        } else {
            let mut new = Vec::new();
            let verdict = self.replay.line(line, &mut new);
            for line in new {
                self.tell(line);
            }
            let settle_at = after(now, SETTLE);
            match verdict {
                _ if !matches!(self.log, Log::Idle) || self.awaits_look => {}
                Line::Clear => self.settle_at = None,
                Line::Held => self.settle_at = Some(settle_at),
                Line::Doubt => self.settle_at = self.settle_at.or(Some(settle_at)),
            }
            if matches!(self.log, Log::Idle) && !self.replay.has_room() {
                self.settle_at = Some(now);
            }
        }
        if self.ready.len() > told
            && let Some(membership) = &self.membership
        {
            membership.found_news();
        }
    }

    fn tell(&mut self, mut line: String) {
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        self.ready.push_back(FollowEvent::Log(line));
    }

    pub(super) fn tell_new(&mut self, find: impl FnOnce(&mut Replay, &mut Vec<String>)) {
        let mut new = Vec::new();
        find(&mut self.replay, &mut new);
        for line in new {
            self.tell(line);
        }
    }

    /// Reads on in the kept log; returns whether anything came.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        let Log::Open(reading) = &mut self.log else {
            return false;
        };
        match reading.poll(&mut self.replay, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(Read::Known)) => {}
            Poll::Ready(Ok(Read::New(line))) => {
                self.missed += 1;
                self.tell(line);
            }
            Poll::Ready(Ok(Read::Over { fits })) => self.compared(fits),
            Poll::Ready(Err(error)) => self.unreadable(error),
        }
        true
    }

    /// Asks for the kept log, unless that was done already.
    pub(super) fn ask_log(&mut self) {
        if matches!(self.log, Log::Idle) {
            self.settle_at = None;
            self.missed = 0;
            self.readings = 1;
            self.want_log();
        }
    }

    fn want_log(&mut self) {
        self.log = Log::Wanted;
        if let Some(membership) = &self.membership {
            membership.ask_log();
        }
    }

    /// The kept log cannot be read, or broke off.
    pub(super) fn unreadable(&mut self, error: Error) {
        if error.is_not_found() {
            // There is none yet.
            self.compared(self.replay.count() == 0);
        } else if error.is_passing() && self.readings < READINGS {
            self.readings += 1;
            self.want_log();
        } else {
            tracing::debug!(cause = %error, "the kept log cannot be read");
            self.compared(false);
        }
    }

    /// The kept log was read, or cannot be.
    fn compared(&mut self, fits: bool) {
        self.log = Log::Idle;
        let gap = match (fits, self.missed) {
            (false, _) => Gap::Possible,
            (true, 0) => Gap::None,
            (true, missed) => Gap::Filled(missed),
        };
        let is_news = gap == Gap::Possible && !self.doubted;
        self.doubted = gap == Gap::Possible;
        if let Some(attempts) = self.reconnected.take() {
            self.lagged = false;
            let reconnected = FollowEvent::Reconnected { attempts, gap };
            self.ready.push_back(reconnected);
        } else if std::mem::take(&mut self.lagged) || is_news {
            self.ready.push_back(FollowEvent::Gap(gap));
        }
        match fits {
            true => self.tell_new(Replay::compared),
            false => self.tell_new(Replay::guess),
        }
        if self.read_at.is_some() {
            // Each in turn.
            let followers = u32::try_from(self.followers.max(1)).unwrap_or(u32::MAX);
            let pause = POLL_INTERVAL.saturating_mul(followers);
            self.read_at = Some(after(Instant::now(), pause));
        }
        if let Phase::Last { reads, .. } = &mut self.phase {
            // One that was asked for before the end was known does not count.
            if !std::mem::take(reads) {
                self.tell_new(Replay::settle);
                return;
            }
            self.replay.hold();
            self.ask_log();
        }
    }
}
