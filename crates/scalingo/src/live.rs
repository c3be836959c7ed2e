//! The live stream of an application's deployments.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::{Authorization, Error, ErrorKind, Result};
use futures::stream::{self, BoxStream, Stream};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use url::Url;

use crate::dial::{Socket, dial};
use crate::frame::Auth;
use crate::region::DOMAIN;
use crate::replay::Replay;
use crate::{AppRef, Apps, DeploymentId, DeploymentStatus, Frame};

/// What happens on a live stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LiveEvent {
    /// The service said something that it had not said before.
    Frame(Frame),
    /// The connection broke and was made anew. What was said meanwhile may be missing.
    Reconnected {
        /// How many tries it took.
        attempts: u32,
    },
}

/// The live stream of an application: every deployment that is under way, until it is dropped.
///
/// Connects when it is first polled. A connection that breaks, or is silent for too long, is made anew with a
/// fresh bearer token and growing delays; log lines and statuses that the service then repeats are left out.
/// An error ends the stream.
#[must_use = "streams do nothing unless polled"]
pub struct Live {
    connection: Option<Connection>,
    events: Option<BoxStream<'static, Result<LiveEvent>>>,
}

impl Live {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection: Some(connection),
            events: None,
        }
    }

    /// Longest silence before the connection is made anew. Default 90 s; the service sends pings more often.
    pub fn silence(mut self, silence: Duration) -> Self {
        if let Some(connection) = &mut self.connection {
            connection.silence = silence;
        }
        self
    }

    /// How often in a row a connection is tried. Default 10.
    pub fn attempts(mut self, attempts: u32) -> Self {
        if let Some(connection) = &mut self.connection {
            connection.max_attempts = attempts;
        }
        self
    }
}

impl Stream for Live {
    type Item = Result<LiveEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(connection) = self.connection.take() {
            let events = stream::try_unfold(connection, |mut connection| async {
                let event = connection.next().await?;
                Ok(Some((event, connection)))
            });
            self.events = Some(events.boxed());
        }
        match &mut self.events {
            Some(events) => events.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// More finished deployments than this are not remembered.
const REMEMBERED: usize = 64;

/// One application's stream, through all its connections. Dropping a `next` that is under way loses nothing.
pub(crate) struct Connection {
    client: deploykit_core::Client,
    app: AppRef,
    pub(crate) silence: Duration,
    pub(crate) max_attempts: u32,
    /// The first delay between two tries; tests shorten it.
    pub(crate) first_delay: Duration,
    open: Option<Open>,
    /// Tries in a row that brought no frame.
    attempts: u32,
    /// Tries in a row that ended right after the token was sent.
    refusals: u32,
    connected_before: bool,
    retry_at: Instant,
    seen: HashMap<DeploymentId, Seen>,
    waiting: std::collections::VecDeque<LiveEvent>,
}

struct Open {
    socket: Socket,
    used: Authorization,
    /// Whether the service has said anything on this connection.
    spoken: bool,
}

#[derive(Default)]
struct Seen {
    log: Replay,
    status: Option<DeploymentStatus>,
}

impl Connection {
    pub(crate) fn new(client: &deploykit_core::Client, app: AppRef) -> Self {
        Self {
            client: client.clone(),
            app,
            silence: Duration::from_secs(90),
            max_attempts: 10,
            first_delay: FIRST_DELAY,
            open: None,
            attempts: 0,
            refusals: 0,
            connected_before: false,
            retry_at: Instant::now(),
            seen: HashMap::new(),
            waiting: std::collections::VecDeque::new(),
        }
    }

    /// The next event. An error is final.
    pub(crate) async fn next(&mut self) -> Result<LiveEvent> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            match &mut self.open {
                None => {
                    sleep_until(self.retry_at).await;
                    match self.connect().await {
                        Ok(open) => self.open = Some(open),
                        Err(error) => self.failed(error)?,
                    }
                }
                Some(open) => match timeout(self.silence, open.socket.next()).await {
                    Ok(Some(Ok(message))) => self.received(message),
                    Ok(Some(Err(error))) => self.lost(interrupted(error)).await?,
                    Ok(None) => self.lost(closed("the stream was closed")).await?,
                    Err(_) => {
                        self.lost(closed("the stream was silent for too long"))
                            .await?
                    }
                },
            }
        }
    }

    async fn connect(&self) -> Result<Open> {
        // Read anew each time: the address holds the application's name, which may have changed.
        let app = Apps::new(&self.client).get(self.app.clone()).await?;
        let address = app.links.and_then(|links| links.deployments_stream);
        let address = address
            .as_deref()
            .and_then(|address| Url::parse(address).ok())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Decode,
                    "getApp: the answer has no stream address",
                )
            })?;
        self.client.check_stream(&address, &[DOMAIN])?;
        let used = self.client.authorization().await?;
        let dial = async {
            let mut socket = dial(address.as_str()).await.map_err(interrupted)?;
            let auth = serde_json::to_string(&Auth::new(used.secret.expose().trim()))
                .map_err(|error| closed("the token cannot be sent").with_source(error))?;
            socket
                .send(Message::text(auth))
                .await
                .map_err(interrupted)?;
            Ok::<_, Error>(socket)
        };
        let socket = timeout(CONNECT_TIMEOUT, dial)
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "the stream did not connect in time"))??;
        Ok(Open {
            socket,
            used,
            spoken: false,
        })
    }

    /// A try failed: a passing reason is waited out, any other one is final.
    fn failed(&mut self, error: Error) -> Result<()> {
        self.attempts += 1;
        if !error.is_passing() || self.attempts >= self.max_attempts {
            return Err(error);
        }
        let doublings = (self.attempts - 1).min(16);
        let ceiling = self
            .first_delay
            .saturating_mul(1 << doublings)
            .min(LONGEST_DELAY);
        self.retry_at = Instant::now() + ceiling.mul_f64(0.5 + fastrand::f64() / 2.0);
        Ok(())
    }

    /// The connection is gone. One that ended before the service said anything was most likely refused.
    async fn lost(&mut self, error: Error) -> Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        tracing::debug!(cause = %error, "the live stream broke");
        if open.spoken {
            return self.failed(error);
        }
        self.refusals += 1;
        self.client.authorization_refused(&open.used).await;
        if self.refusals > 1 {
            return Err(Error::new(
                ErrorKind::Credential,
                "the live stream refused the token: it closed at once, twice",
            )
            .with_source(error));
        }
        self.failed(error)
    }

    fn received(&mut self, message: Message) {
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return,
            },
            // Answered below this layer; a close is followed by the end of the stream.
            _ => return,
        };
        self.spoke();
        match Frame::parse(text) {
            Some(frame) => self.said(frame),
            None => self.push(Frame::Unknown(Value::String(text.to_owned()))),
        }
    }

    /// The service said something: the token is good, and the connection stands.
    fn spoke(&mut self) {
        let Some(open) = &mut self.open else { return };
        if std::mem::replace(&mut open.spoken, true) {
            return;
        }
        let attempts = std::mem::take(&mut self.attempts);
        self.refusals = 0;
        if std::mem::replace(&mut self.connected_before, true) {
            for seen in self.seen.values_mut() {
                seen.log.reconnected();
            }
            self.waiting.push_back(LiveEvent::Reconnected { attempts });
        }
    }

    fn said(&mut self, frame: Frame) {
        match frame {
            Frame::Log {
                deployment,
                content,
            } => {
                for content in self.seen(&deployment).log.line(content) {
                    self.push(Frame::Log {
                        deployment: deployment.clone(),
                        content,
                    });
                }
            }
            Frame::Status { deployment, status } => {
                let seen = self.seen(&deployment);
                if is_later(seen.status.as_ref(), &status) {
                    seen.status = Some(status.clone());
                    self.push(Frame::Status { deployment, status });
                }
            }
            Frame::New { ref deployment, .. } => {
                if !self.seen.contains_key(deployment) {
                    self.seen(deployment);
                    self.push(frame);
                }
            }
            frame => self.push(frame),
        }
    }

    fn seen(&mut self, deployment: &DeploymentId) -> &mut Seen {
        if !self.seen.contains_key(deployment) && self.seen.len() >= REMEMBERED {
            self.seen.retain(|_, seen| {
                !seen
                    .status
                    .as_ref()
                    .is_some_and(DeploymentStatus::is_finished)
            });
        }
        self.seen.entry(deployment.clone()).or_default()
    }

    fn push(&mut self, frame: Frame) {
        self.waiting.push_back(LiveEvent::Frame(frame));
    }

    /// Takes over the log of a deployment, as the service keeps it; see [`Replay::whole`].
    pub(crate) fn whole_log(
        &mut self,
        deployment: &DeploymentId,
        log: &str,
    ) -> Option<Vec<String>> {
        self.seen(deployment).log.whole(log.lines())
    }

    /// Gives out what is held back of a deployment's log.
    pub(crate) fn held_log(&mut self, deployment: &DeploymentId) -> Vec<String> {
        self.seen(deployment).log.give_up()
    }
}

/// Whether a status comes after another one; the service repeats earlier ones after a reconnection.
pub(crate) fn is_later(before: Option<&DeploymentStatus>, now: &DeploymentStatus) -> bool {
    let step = |status: &DeploymentStatus| match status {
        DeploymentStatus::Queued => Some(0),
        DeploymentStatus::Building => Some(1),
        DeploymentStatus::Pushing => Some(2),
        DeploymentStatus::Starting => Some(3),
        status if status.is_finished() => Some(4),
        _ => None,
    };
    match before {
        None => true,
        Some(before) => match (step(before), step(now)) {
            (Some(before), Some(now)) => now > before,
            _ => before != now,
        },
    }
}

fn closed(message: &str) -> Error {
    Error::new(ErrorKind::Interrupted, message)
}

fn interrupted(error: tungstenite::Error) -> Error {
    use tungstenite::Error as Socket;

    match &error {
        Socket::Http(answer) if matches!(answer.status().as_u16(), 401 | 403) => {
            Error::new(ErrorKind::Credential, "the live stream refused the token")
        }
        Socket::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
            Error::new(ErrorKind::Connect, "no connection to the live stream").with_source(error)
        }
        _ => closed("the live stream broke").with_source(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_statuses_are_not_later() {
        let later = |before: &str, now: &str| is_later(Some(&before.into()), &now.into());
        assert!(is_later(None, &DeploymentStatus::Queued));
        assert!(later("queued", "building"));
        assert!(later("queued", "success"));
        assert!(!later("building", "building"));
        assert!(!later("starting", "queued"));
        assert!(!later("success", "build-error"));
        assert!(later("building", "paused"));
        assert!(!later("paused", "paused"));
    }
}
