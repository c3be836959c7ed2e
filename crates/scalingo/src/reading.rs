//! Reading a kept log, compared as it arrives: nothing of it is held but the last line.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Error, ErrorKind, Result};
use futures::StreamExt as _;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::member::Lines;
use crate::replay::{Kept, Replay};

/// So many lines are compared at once.
const AT_ONCE: usize = 256;

/// A kept log that is being read.
pub(crate) struct Reading {
    lines: Lines,
    at: usize,
    /// The line that was read last: it may be half a line, if the reading breaks off.
    last: Option<String>,
    over: bool,
    /// When something came last, and what wakes if nothing follows.
    since: Instant,
    silence: Duration,
    timer: Pin<Box<Sleep>>,
}

/// What the kept log brought.
pub(crate) enum Read {
    /// A line that was not told before.
    New(String),
    /// Lines that were; there may be more at once.
    Known,
    /// It is over; whether it is what was told.
    Over { fits: bool },
}

impl Reading {
    pub(crate) fn new(lines: Lines, silence: Duration) -> Self {
        let since = Instant::now();
        Self {
            lines,
            at: 0,
            last: None,
            over: false,
            since,
            silence,
            timer: Box::pin(sleep_until(after(since, silence))),
        }
    }

    pub(crate) fn poll(&mut self, replay: &mut Replay, cx: &mut Context<'_>) -> Poll<Result<Read>> {
        for _ in 0..AT_ONCE {
            if self.over {
                let fits = replay.is_kept(self.at);
                return Poll::Ready(Ok(Read::Over { fits }));
            }
            let next = match self.lines.poll_next_unpin(cx) {
                Poll::Ready(next) => next.transpose()?,
                Poll::Pending => return self.poll_silence(cx),
            };
            self.since = Instant::now();
            self.over = next.is_none();
            if let Some(line) = std::mem::replace(&mut self.last, next) {
                let kept = replay.kept(self.at, &line);
                self.at += 1;
                match kept {
                    Kept::Given => {}
                    Kept::New => return Poll::Ready(Ok(Read::New(line))),
                    Kept::Other => return Poll::Ready(Ok(Read::Over { fits: false })),
                }
            }
        }
        Poll::Ready(Ok(Read::Known))
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Result<Read>> {
        let until = after(self.since, self.silence);
        if self.timer.deadline() != until {
            self.timer.as_mut().reset(until);
        }
        match self.timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(Error::new(
                ErrorKind::Timeout,
                "the kept log stopped arriving",
            ))),
        }
    }
}
