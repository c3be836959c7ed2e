//! One application's live stream, through all its connections.

use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Authorization, Client, Error, ErrorKind, Result};
use futures::future::BoxFuture;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{self, Message};
use url::Url;

use crate::dial::{Socket, dial};
use crate::frame::Auth;
use crate::progress::Progress;
use crate::region::DOMAIN;
use crate::replay::{Kept, Replay};
use crate::{AppRef, Apps, DeploymentId, Frame};

/// What a connection brings.
#[derive(Debug)]
pub(crate) enum Said {
    /// It stands: the service has spoken.
    Connected {
        /// How many tries it took since the last one broke.
        attempts: u32,
        /// Whether there was one before.
        again: bool,
    },
    /// Something that was not said before.
    Frame(Frame),
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// A connection that ends sooner, before the service said anything, was most likely refused.
const AT_ONCE: Duration = Duration::from_secs(10);

/// More finished deployments than this are not remembered.
const REMEMBERED: usize = 64;

/// Connects, and connects anew. Dropping a `next` that is under way loses nothing.
pub(crate) struct Connection {
    client: Client,
    app: AppRef,
    /// The only deployment of interest. Its log is held back whenever a connection was made, until
    /// [`release_log`](Self::release_log).
    only: Option<DeploymentId>,
    pub(crate) silence: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) first_delay: Duration,
    state: State,
    /// Tries in a row that brought no frame.
    attempts: u32,
    /// Tries in a row that brought nothing new: they come ever more slowly.
    fruitless: u32,
    /// Tries in a row that ended right after the token was sent.
    refusals: u32,
    connected_before: bool,
    /// Few at a time: looking through them is faster than a map.
    seen: Vec<(DeploymentId, Seen)>,
    waiting: VecDeque<Said>,
}

enum State {
    Broken {
        until: Instant,
        /// The token that was refused, if that was the reason.
        refused: Option<Authorization>,
    },
    Connecting(BoxFuture<'static, Result<Box<Open>>>),
    Open(Box<Open>),
}

struct Open {
    socket: Socket,
    used: Authorization,
    since: Instant,
    /// When the service had given its last sign of life; none while there is more to read.
    quiet_since: Option<Instant>,
    /// Whether the service has said anything on this connection.
    spoken: bool,
}

impl Open {
    /// The next message; none after so much silence. The clock is asked, and a timer made, only if nothing
    /// has come yet.
    async fn next(
        &mut self,
        silence: Duration,
    ) -> Option<Option<Result<Message, tungstenite::Error>>> {
        let next = match futures::poll!(self.socket.next()) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                let since = *self.quiet_since.get_or_insert_with(Instant::now);
                timeout_at(after(since, silence), self.socket.next())
                    .await
                    .ok()?
            }
        };
        self.quiet_since = None;
        Some(next)
    }
}

#[derive(Default)]
struct Seen {
    announced: bool,
    log: Replay,
    progress: Progress,
}

impl Connection {
    pub(crate) fn new(client: &Client, app: AppRef, only: Option<DeploymentId>) -> Self {
        Self {
            client: client.clone(),
            app,
            only,
            silence: Duration::from_secs(90),
            max_attempts: 10,
            first_delay: FIRST_DELAY,
            state: State::Broken {
                until: Instant::now(),
                refused: None,
            },
            attempts: 0,
            fruitless: 0,
            refusals: 0,
            connected_before: false,
            seen: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// The next event. An error is final.
    pub(crate) async fn next(&mut self) -> Result<Said> {
        loop {
            if let Some(said) = self.waiting.pop_front() {
                return Ok(said);
            }
            match &mut self.state {
                State::Broken { until, refused } => {
                    sleep_until(*until).await;
                    let connecting = connect(self.client.clone(), self.app.clone(), refused.take());
                    self.state = State::Connecting(Box::pin(connecting));
                }
                State::Connecting(connecting) => match connecting.await {
                    Ok(open) => self.state = State::Open(open),
                    Err(error) => self.failed(error, None)?,
                },
                State::Open(open) => match open.next(self.silence).await {
                    Some(Some(Ok(message))) => self.received(&message),
                    Some(Some(Err(error))) => self.ended(interrupted(error))?,
                    Some(None) => self.ended(closed("the stream was closed"))?,
                    None => {
                        let silent = closed("the stream was silent for too long");
                        self.failed(silent, None)?;
                    }
                },
            }
        }
    }

    /// A try failed, or the connection broke: a passing reason is waited out, any other one is final.
    fn failed(&mut self, error: Error, refused: Option<Authorization>) -> Result<()> {
        tracing::debug!(cause = %error, "the live stream broke");
        if let State::Open(open) = &self.state
            && open.since.elapsed() > LONGEST_DELAY
        {
            self.fruitless = 0;
        }
        let ceiling = self
            .first_delay
            .saturating_mul(1 << self.fruitless.min(16))
            .min(LONGEST_DELAY);
        self.state = State::Broken {
            until: Instant::now() + ceiling.mul_f64(0.5 + fastrand::f64() / 2.0),
            refused,
        };
        self.attempts += 1;
        self.fruitless += 1;
        if error.is_passing() && self.attempts < self.max_attempts {
            return Ok(());
        }
        Err(error)
    }

    /// The other side ended the connection. If it did so without a word, the token was most likely refused.
    fn ended(&mut self, error: Error) -> Result<()> {
        let refused = match &self.state {
            State::Open(open) if !open.spoken && open.since.elapsed() < AT_ONCE => {
                Some(open.used.clone())
            }
            _ => return self.failed(error, None),
        };
        self.refusals += 1;
        if self.refusals == 1 {
            return self.failed(error, refused);
        }
        let message = "the live stream refused the token: it closed at once, twice";
        let refusal = Error::new(ErrorKind::Credential, message).with_source(error);
        self.failed(refusal, None)
    }

    fn received(&mut self, message: &Message) {
        let text = match message {
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
        let State::Open(open) = &mut self.state else {
            return;
        };
        if std::mem::replace(&mut open.spoken, true) {
            return;
        }
        let attempts = std::mem::take(&mut self.attempts);
        self.refusals = 0;
        let again = std::mem::replace(&mut self.connected_before, true);
        if let Some(only) = self.only.clone() {
            self.seen(&only).log.hold();
        } else {
            for (_, seen) in &mut self.seen {
                seen.log.hold();
                // What is held is dropped: it comes again.
                seen.log.release();
            }
        }
        self.waiting.push_back(Said::Connected { attempts, again });
    }

    fn said(&mut self, frame: Frame) {
        match frame {
            Frame::Log {
                deployment,
                content,
            } => {
                if self.concerns(&deployment) {
                    self.logged(deployment, content);
                }
            }
            Frame::Status {
                ref deployment,
                ref status,
            } => {
                if self.concerns(deployment) && self.seen(deployment).progress.comes_to(status) {
                    self.news(frame);
                }
            }
            Frame::New { ref deployment, .. } => {
                if self.concerns(deployment)
                    && !std::mem::replace(&mut self.seen(deployment).announced, true)
                {
                    self.news(frame);
                }
            }
            frame => self.push(frame),
        }
    }

    fn concerns(&self, deployment: &DeploymentId) -> bool {
        self.only.as_ref().is_none_or(|only| only == deployment)
    }

    /// Mostly one line; where several come at once, they are told apart as in the kept log.
    fn logged(&mut self, deployment: DeploymentId, content: String) {
        if content.trim_end_matches(['\r', '\n']).contains('\n') {
            for line in content.split_inclusive('\n') {
                self.logged(deployment.clone(), line.to_owned());
            }
            return;
        }
        let log = &mut self.seen(&deployment).log;
        if log.passes(&content) {
            self.news(Frame::Log {
                deployment,
                content,
            });
            return;
        }
        for content in log.line(content) {
            self.news(Frame::Log {
                deployment: deployment.clone(),
                content,
            });
        }
    }

    fn seen(&mut self, deployment: &DeploymentId) -> &mut Seen {
        let known = self.seen.iter().position(|(id, _)| id == deployment);
        let at = known.unwrap_or_else(|| {
            if self.seen.len() >= REMEMBERED {
                self.seen.retain(|(_, seen)| !seen.progress.is_finished());
            }
            self.seen.push((deployment.clone(), Seen::default()));
            self.seen.len() - 1
        });
        &mut self.seen[at].1
    }

    fn news(&mut self, frame: Frame) {
        self.fruitless = 0;
        self.push(frame);
    }

    fn push(&mut self, frame: Frame) {
        self.waiting.push_back(Said::Frame(frame));
    }

    /// Takes a line of a deployment's kept log; see [`Replay::kept`].
    pub(crate) fn kept_line(&mut self, deployment: &DeploymentId, at: usize, line: &str) -> Kept {
        self.seen(deployment).log.kept(at, line)
    }

    /// How many lines of a deployment's log were given out.
    pub(crate) fn lines_given(&mut self, deployment: &DeploymentId) -> usize {
        self.seen(deployment).log.count()
    }

    /// Gives out what is new of the lines held back since the connection was made.
    pub(crate) fn release_log(&mut self, deployment: &DeploymentId) -> Vec<String> {
        self.seen(deployment).log.release()
    }

    /// Gives out what is still held back of a deployment's log.
    pub(crate) fn rest_of_log(&mut self, deployment: &DeploymentId) -> Vec<String> {
        self.seen(deployment).log.give_up()
    }
}

async fn connect(client: Client, app: AppRef, refused: Option<Authorization>) -> Result<Box<Open>> {
    if let Some(refused) = refused {
        client.authorization_refused(&refused).await;
    }
    // Read anew each time: the address holds the application's name, which may have changed.
    let app = Apps::new(&client).get(app).await?;
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
    client.check_stream(&address, &[DOMAIN])?;
    let used = client.authorization().await?;
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
    let now = Instant::now();
    Ok(Box::new(Open {
        socket,
        used,
        since: now,
        quiet_since: Some(now),
        spoken: false,
    }))
}

fn closed(message: &str) -> Error {
    Error::new(ErrorKind::Interrupted, message)
}

fn interrupted(error: tungstenite::Error) -> Error {
    use tungstenite::Error as Socket;

    let kind = match &error {
        Socket::Http(answer) => match answer.status().as_u16() {
            401 | 403 => ErrorKind::Credential,
            408 | 429 | 500.. => ErrorKind::Interrupted,
            _ => ErrorKind::Failed,
        },
        Socket::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => ErrorKind::Connect,
        _ => ErrorKind::Interrupted,
    };
    let message = match kind {
        ErrorKind::Credential => "the live stream refused the token",
        ErrorKind::Failed => "there is no live stream at its address",
        ErrorKind::Connect => "no connection to the live stream",
        _ => "the live stream broke",
    };
    Error::new(kind, message).with_source(error)
}
