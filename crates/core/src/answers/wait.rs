//! Waiting for something to happen on a server.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::answers::answer;
use crate::answers::error::{Error, ErrorKind, Result};
use crate::calling::call::Response;
use crate::models::time::{after, scaled};

/// What a look at the server's state means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not there yet; a state that is not known means this too.
    Running,
    /// It happened.
    Done,
    /// It will not happen any more.
    Failed,
}

/// A look at the server's state, on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<T> {
    /// Not there yet.
    Running(T),
    /// There; the last one.
    Done(T),
}

impl<T> Progress<T> {
    /// What was seen.
    pub fn value(&self) -> &T {
        match self {
            Self::Running(value) | Self::Done(value) => value,
        }
    }
}

/// Why the wait ended, and what was seen last.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitError<T> {
    /// The last state that was seen.
    pub last: Option<T>,
    /// Why: [`Failed`](ErrorKind::Failed), [`Deadline`](ErrorKind::Deadline), or the error of a look. The
    /// source of a deadline is the error of the last look, if that failed.
    pub cause: Error,
}

impl<T> WaitError<T> {
    /// A wait that ended for this reason.
    pub fn new(last: Option<T>, cause: Error) -> Self {
        Self { last, cause }
    }
}

/// A wait that could not begin.
impl<T> From<Error> for WaitError<T> {
    fn from(cause: Error) -> Self {
        Self::new(None, cause)
    }
}

impl<T> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl<T: fmt::Debug> std::error::Error for WaitError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl<T> From<WaitError<T>> for Error {
    fn from(error: WaitError<T>) -> Self {
        error.cause
    }
}

type Look<T> = Box<dyn FnMut() -> BoxFuture<'static, Result<Response<T>>> + Send>;
type Judge<T> = Box<dyn Fn(&T) -> (State, String) + Send>;

/// A wait that has not begun: await it for the end, or poll it as a stream of progress.
///
/// Looks again after what the server asks for (`Retry-After`), else after a delay that grows. A look that
/// fails for a passing reason is repeated; it does not end the wait. The deadline holds whatever the server
/// does: it cuts a look that is under way. One last look is made shortly before it (a second, or a quarter of
/// the whole time). Dropping it stops the waiting, and nothing else; a wait that nobody polls only stands still.
#[must_use = "a wait begins when it is awaited or polled"]
pub struct Wait<T> {
    look: Option<Look<T>>,
    judge: Option<Judge<T>>,
    what: String,
    every: Duration,
    longest: Duration,
    deadline: Option<Duration>,
    running: Option<BoxStream<'static, Result<Progress<T>, WaitError<T>>>>,
}

impl<T: Clone + Send + 'static> Wait<T> {
    /// Waits for `what` (named in errors) by looking and judging what was seen; the text beside the state
    /// says why it failed.
    pub fn new(
        what: impl Into<String>,
        look: impl FnMut() -> BoxFuture<'static, Result<Response<T>>> + Send + 'static,
        judge: impl Fn(&T) -> (State, String) + Send + 'static,
    ) -> Self {
        Self {
            look: Some(Box::new(look)),
            judge: Some(Box::new(judge)),
            what: what.into(),
            every: Duration::from_secs(2),
            longest: Duration::from_secs(10),
            deadline: Some(Duration::from_secs(30 * 60)),
            running: None,
        }
    }

    /// First delay between two looks, and the one it grows to. Default 2 s and 10 s.
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.every = first;
        self.longest = longest.max(first);
        self
    }

    /// Waits no longer than this, counted from the first poll. Default 30 min.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Waits for as long as it takes.
    pub fn no_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    fn begin(&mut self) -> BoxStream<'static, Result<Progress<T>, WaitError<T>>> {
        let (Some(look), Some(judge)) = (self.look.take(), self.judge.take()) else {
            return stream::empty().boxed();
        };
        let start = Instant::now();
        let waiting = Waiting {
            look,
            judge,
            what: std::mem::take(&mut self.what),
            delay: self.every,
            longest: self.longest,
            deadline: self.deadline.map(|length| Deadline::new(start, length)),
            next: start,
            last: None,
            failed: None,
            failures: 0,
        };
        stream::unfold(Some(waiting), |waiting| async {
            let mut waiting = waiting?;
            match waiting.step().await {
                Ok(Progress::Running(value)) => Some((Ok(Progress::Running(value)), Some(waiting))),
                end => Some((end, None)),
            }
        })
        .boxed()
    }
}

struct Waiting<T> {
    look: Look<T>,
    judge: Judge<T>,
    what: String,
    delay: Duration,
    longest: Duration,
    deadline: Option<Deadline>,
    next: Instant,
    last: Option<T>,
    /// Why the last look failed, if it did.
    failed: Option<Error>,
    failures: u32,
}

#[derive(Clone, Copy)]
struct Deadline {
    /// When the wait ends, whatever is under way.
    end: Instant,
    /// When the last look begins: early enough for an answer.
    last_look: Instant,
}

impl Deadline {
    fn new(start: Instant, length: Duration) -> Self {
        let answering = (length / 4).min(Duration::from_secs(1));
        Self {
            end: after(start, length),
            last_look: after(start, length.saturating_sub(answering)),
        }
    }
}

/// So many looks may fail one after the other.
const FAILED_LOOKS: u32 = 8;

impl<T: Clone> Waiting<T> {
    async fn step(&mut self) -> Result<Progress<T>, WaitError<T>> {
        loop {
            sleep_until(self.next).await;
            let answer = match self.deadline {
                Some(deadline) if self.next >= deadline.end => return Err(self.too_late("")),
                Some(deadline) => match timeout_at(deadline.end, (self.look)()).await {
                    Ok(answer) => answer,
                    Err(_) => return Err(self.too_late(", and the last look got no answer")),
                },
                None => (self.look)().await,
            };
            match answer {
                Ok(response) => {
                    self.failures = 0;
                    self.failed = None;
                    let value = response.value;
                    let (state, why) = (self.judge)(&value);
                    self.last = Some(value.clone());
                    match state {
                        State::Done => return Ok(Progress::Done(value)),
                        State::Failed => {
                            let message = format!("{}: {why}", self.what);
                            return Err(self.end(Error::new(ErrorKind::Failed, message)));
                        }
                        State::Running => {
                            self.plan(answer::retry_after(&response.headers, SystemTime::now()));
                            return Ok(Progress::Running(value));
                        }
                    }
                }
                Err(error) => {
                    self.failures += 1;
                    if !error.is_passing() || self.failures >= FAILED_LOOKS {
                        return Err(self.end(error));
                    }
                    self.plan(error.retry_after());
                    self.failed = Some(error);
                }
            }
        }
    }

    fn plan(&mut self, asked: Option<Duration>) {
        let now = Instant::now();
        let delay = asked.unwrap_or(self.delay).max(self.delay);
        self.delay = scaled(self.delay, 1.5).min(self.longest);
        let next = after(now, delay);
        self.next = match self.deadline {
            Some(deadline) if now >= deadline.last_look => deadline.end,
            Some(deadline) => next.min(deadline.last_look),
            None => next,
        };
    }

    fn too_late(&mut self, how: &str) -> WaitError<T> {
        let message = format!("{}: not before the deadline{how}", self.what);
        let mut cause = Error::new(ErrorKind::Deadline, message);
        if let Some(failed) = self.failed.take() {
            cause = cause.with_source(failed);
        }
        self.end(cause)
    }

    fn end(&mut self, cause: Error) -> WaitError<T> {
        WaitError {
            last: self.last.take(),
            cause,
        }
    }
}

impl<T: Clone + Send + 'static> Stream for Wait<T> {
    type Item = Result<Progress<T>, WaitError<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.running.is_none() {
            let running = self.begin();
            self.running = Some(running);
        }
        match &mut self.running {
            Some(running) => running.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

impl<T> Unpin for Wait<T> {}

impl<T: Clone + Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T, WaitError<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while let Some(step) = self.next().await {
                if let Progress::Done(value) = step? {
                    return Ok(value);
                }
            }
            Err(WaitError {
                last: None,
                cause: Error::new(ErrorKind::Failed, "the wait has already ended"),
            })
        })
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("what", &self.what)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
