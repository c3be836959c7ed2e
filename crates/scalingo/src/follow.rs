//! Following one deployment to its end.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Error, ErrorKind, Result};
use futures::future::{BoxFuture, OptionFuture};
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::connection::{Connection, Said};
use crate::progress::Progress;
use crate::replay::Kept;
use crate::{AppRef, Deployment, DeploymentId, DeploymentStatus, Deployments, Frame};

/// What a person wants to see of a deployment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FollowEvent {
    /// It came to another status. Steps that passed unseen are left out.
    Status(DeploymentStatus),
    /// A piece of its log, mostly one line: colours and leading spaces kept.
    Log(String),
    /// The live stream broke and stands again.
    Reconnected {
        /// How many tries it took.
        attempts: u32,
        /// What happened to the lines of the time between.
        gap: Gap,
    },
    /// It has ended: the last event.
    Finished(Box<Deployment>),
}

/// What happened to the log lines that were sent while the live stream was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// None were sent.
    None,
    /// So many were, and follow.
    Filled(usize),
    /// Not known: the kept log cannot be compared. What is missing is given at the end, if it can be.
    Possible,
}

/// A deployment being followed: a stream of events that ends with [`Finished`](FollowEvent::Finished).
///
/// The live stream gives log and statuses as they come; the API is the safety net: it is asked at the start,
/// every 30 seconds, after each connection and at the end, and alone if there is no live stream to be had.
/// No line is lost or repeated as long as the service keeps the log.
#[must_use = "streams do nothing unless polled"]
pub struct Follow {
    follower: Option<Follower>,
    events: Option<BoxStream<'static, Result<FollowEvent>>>,
}

impl Follow {
    pub(crate) fn new(client: &deploykit_core::Client, app: AppRef, id: DeploymentId) -> Self {
        Self {
            follower: Some(Follower::new(client, app, id)),
            events: None,
        }
    }

    /// Follows for no longer than this. Default: to the end.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        if let Some(follower) = &mut self.follower {
            follower.deadline = Some(after(Instant::now(), deadline));
        }
        self
    }

    /// How often the API is asked beside the live stream. Default 30 s.
    pub fn check_every(mut self, interval: Duration) -> Self {
        if let Some(follower) = &mut self.follower {
            follower.interval = interval;
        }
        self
    }

    /// Longest silence of the live stream before it is connected anew. Default 90 s.
    pub fn silence(mut self, silence: Duration) -> Self {
        if let Some(follower) = &mut self.follower {
            follower.live.silence = silence;
        }
        self
    }

    /// First delay before the live stream is connected anew; it doubles up to 30 s. Default 1 s.
    pub fn reconnect_after(mut self, delay: Duration) -> Self {
        if let Some(follower) = &mut self.follower {
            follower.live.first_delay = delay;
        }
        self
    }

    /// Follows to the end, leaving out what happens on the way.
    ///
    /// A deployment that failed is no error here: look at [`Deployment::succeeded`].
    ///
    /// # Errors
    ///
    /// If the deployment cannot be followed any further; it goes on all the same.
    pub async fn wait(mut self) -> Result<Deployment> {
        while let Some(event) = self.next().await {
            if let FollowEvent::Finished(deployment) = event? {
                return Ok(*deployment);
            }
        }
        Err(Error::new(
            ErrorKind::Failed,
            "the deployment was already followed to its end",
        ))
    }
}

impl Stream for Follow {
    type Item = Result<FollowEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(follower) = self.follower.take() {
            let events = stream::unfold(follower, |mut follower| async {
                let event = follower.next().await?;
                if event.is_err() {
                    follower.phase = Phase::Over;
                }
                Some((event, follower))
            });
            self.events = Some(events.boxed());
        }
        match &mut self.events {
            Some(events) => events.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Follow")
    }
}

/// Without a live stream the API is asked this often, within the documented limit.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// After the last status, the last lines may still be on their way.
const QUIET: Duration = Duration::from_millis(300);
const LAST_LINES: Duration = Duration::from_secs(2);
/// So many looks in a row may fail.
const FAILED_LOOKS: u32 = 10;
/// How often the kept log is read, if reading it breaks off.
const READINGS: u32 = 3;

struct Follower {
    deployments: Deployments,
    app: AppRef,
    id: DeploymentId,
    live: Connection,
    phase: Phase,
    progress: Progress,
    /// The last status that was told.
    status: Option<DeploymentStatus>,
    /// As the API showed it last.
    last: Option<Deployment>,
    ready: VecDeque<FollowEvent>,
    interval: Duration,
    next_look: Instant,
    /// A look under way beside the live stream.
    look: Option<BoxFuture<'static, Result<Deployment>>>,
    failed_looks: u32,
    deadline: Option<Instant>,
}

#[derive(Clone, Copy)]
enum Phase {
    Start,
    Live,
    /// There is no live stream to be had.
    Polling,
    /// It has ended; its last lines may be on their way until then.
    Ending(Instant),
    Over,
}

impl Follower {
    fn new(client: &deploykit_core::Client, app: AppRef, id: DeploymentId) -> Self {
        Self {
            deployments: Deployments::new(client),
            live: Connection::new(client, app.clone(), Some(id.clone())),
            app,
            id,
            phase: Phase::Start,
            progress: Progress::default(),
            status: None,
            last: None,
            ready: VecDeque::new(),
            interval: Duration::from_secs(30),
            next_look: Instant::now(),
            look: None,
            failed_looks: 0,
            deadline: None,
        }
    }

    async fn next(&mut self) -> Option<Result<FollowEvent>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if matches!(self.phase, Phase::Over) {
                return None;
            }
            let step = match self.deadline {
                Some(deadline) => timeout_at(deadline, self.step()).await.unwrap_or_else(|_| {
                    let message = format!("deployment {}: not before the deadline", self.id);
                    Err(Error::new(ErrorKind::Deadline, message))
                }),
                None => self.step().await,
            };
            if let Err(error) = step {
                return Some(Err(error));
            }
        }
    }

    async fn step(&mut self) -> Result<()> {
        match self.phase {
            Phase::Start => {
                let deployment = self.get().await?;
                self.phase = Phase::Live;
                self.next_look = after(Instant::now(), self.interval);
                let finished = deployment.is_finished();
                self.looked(deployment);
                match finished {
                    true => self.finish().await,
                    false => Ok(()),
                }
            }
            Phase::Live => self.live_step().await,
            Phase::Polling => {
                sleep_until(self.next_look).await;
                self.next_look = Instant::now() + POLL_INTERVAL;
                self.catch_up().await;
                let look = self.get().await;
                self.look_ended(look)
            }
            Phase::Ending(until) => {
                let now = Instant::now();
                if now < until
                    && let Ok(Ok(Said::Frame(frame))) =
                        timeout_at(until.min(now + QUIET), self.live.next()).await
                {
                    self.said(frame);
                    return Ok(());
                }
                // The kept log has all that did not come.
                self.finish().await
            }
            Phase::Over => Ok(()),
        }
    }

    async fn live_step(&mut self) -> Result<()> {
        let looking = self.look.is_some();
        let look = OptionFuture::from(self.look.as_mut());
        tokio::select! {
            // Frames first: what they tell is newer.
            biased;
            said = self.live.next() => match said {
                Ok(Said::Frame(frame)) => self.said(frame),
                Ok(Said::Connected { attempts, again }) => self.connected(attempts, again).await,
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    tracing::warn!(cause = %error, "no live stream; asking the API instead");
                    self.phase = Phase::Polling;
                    self.next_look = Instant::now();
                    self.look = None;
                }
            },
            Some(result) = look, if looking => {
                self.look = None;
                self.look_ended(result)?;
            }
            () = sleep_until(self.next_look), if !looking => self.begin_look(),
        }
        Ok(())
    }

    fn get(&self) -> impl Future<Output = Result<Deployment>> + Send + 'static {
        let call = self.deployments.get(self.app.clone(), self.id.clone());
        call.into_future()
    }

    fn begin_look(&mut self) {
        self.look = Some(Box::pin(self.get()));
        self.next_look = after(Instant::now(), self.interval);
    }

    fn look_ended(&mut self, result: Result<Deployment>) -> Result<()> {
        match result {
            Ok(deployment) => {
                self.failed_looks = 0;
                self.looked(deployment);
                Ok(())
            }
            Err(error) => {
                self.failed_looks += 1;
                if is_final(&error) || self.failed_looks >= FAILED_LOOKS {
                    return Err(error);
                }
                Ok(())
            }
        }
    }

    fn looked(&mut self, deployment: Deployment) {
        if let Some(status) = &deployment.status {
            self.came_to(status.clone());
        }
        self.last = Some(deployment);
    }

    fn said(&mut self, frame: Frame) {
        match frame {
            Frame::Log {
                deployment,
                content,
            } if deployment == self.id => self.log(content),
            Frame::Status { deployment, status } if deployment == self.id => self.came_to(status),
            _ => {}
        }
    }

    fn log(&mut self, content: String) {
        let end = content.trim_end_matches(['\r', '\n']).len();
        let mut content = content;
        content.truncate(end);
        self.ready.push_back(FollowEvent::Log(content));
    }

    fn came_to(&mut self, status: DeploymentStatus) {
        if !self.progress.comes_to(&status) {
            return;
        }
        if self.progress.is_finished() {
            let now = Instant::now();
            self.phase = Phase::Ending(match self.phase {
                Phase::Live => now + LAST_LINES,
                _ => now,
            });
        }
        self.status = Some(status.clone());
        self.ready.push_back(FollowEvent::Status(status));
    }

    /// What was told before the connection stood, or while there was none, is in the kept log only.
    async fn connected(&mut self, attempts: u32, again: bool) {
        let gap = match self.catch_up().await {
            Some(0) => Gap::None,
            Some(lines) => Gap::Filled(lines),
            None => Gap::Possible,
        };
        if again {
            let reconnected = FollowEvent::Reconnected { attempts, gap };
            self.ready.push_front(reconnected);
        }
        self.begin_look();
    }

    /// Gives the lines that the kept log has more, and returns how many; none, if it could not be read or does
    /// not continue what was given.
    async fn catch_up(&mut self) -> Option<usize> {
        let mut missed = 0;
        let mut continued = false;
        for _ in 0..READINGS {
            match self.read_kept_log(&mut missed).await {
                Err(error) if error.is_passing() => {}
                result => {
                    continued = result.unwrap_or(false);
                    break;
                }
            }
        }
        for line in self.live.release_log(&self.id) {
            self.log(line);
        }
        continued.then_some(missed)
    }

    /// Reads the kept log once, adding to what was missed; returns whether it continues what was given.
    async fn read_kept_log(&mut self, missed: &mut usize) -> Result<bool> {
        let call = self
            .deployments
            .output_lines(self.app.clone(), self.id.clone());
        let mut lines = match call.await {
            Ok(lines) => lines,
            // There is none yet.
            Err(error) if error.is_not_found() => return Ok(self.live.lines_given(&self.id) == 0),
            Err(error) => return Err(error),
        };
        let mut at = 0;
        let mut last = None;
        loop {
            let next = timeout(self.live.silence, lines.next()).await;
            // What came before an error may be half a line.
            let next = next
                .map_err(|_| Error::new(ErrorKind::Timeout, "the kept log stopped arriving"))?
                .transpose()?;
            let over = next.is_none();
            if let Some(line) = std::mem::replace(&mut last, next) {
                match self.live.kept_line(&self.id, at, &line) {
                    Kept::Given => {}
                    Kept::New => {
                        *missed += 1;
                        self.log(line);
                    }
                    Kept::Other => return Ok(false),
                }
                at += 1;
            }
            if over {
                return Ok(at >= self.live.lines_given(&self.id));
            }
        }
    }

    /// Fetches what tells how it ended, and the last lines.
    async fn finish(&mut self) -> Result<()> {
        let mut deployment = match (self.get().await, self.last.take()) {
            (Ok(deployment), _) => deployment,
            (Err(error), Some(last)) => {
                tracing::warn!(cause = %error, "the outcome is known from the live stream alone");
                last
            }
            (Err(error), None) => return Err(error),
        };
        if self.catch_up().await.is_none() {
            for line in self.live.rest_of_log(&self.id) {
                self.log(line);
            }
        }
        if !deployment.is_finished() {
            // The stream was ahead of the API.
            deployment.status = self.status.clone();
        }
        self.phase = Phase::Over;
        self.ready
            .push_back(FollowEvent::Finished(Box::new(deployment)));
        Ok(())
    }
}

/// Whether asking again cannot help.
fn is_final(error: &Error) -> bool {
    let refused = error.is_unauthorized() || error.is_forbidden() || error.is_not_found();
    let kind = matches!(error.kind(), ErrorKind::Origin | ErrorKind::InvalidInput);
    // An exchange that fails in passing says nothing against the token.
    (refused || kind) && !error.is_passing()
}
