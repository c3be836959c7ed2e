//! One application's live stream, through all its connections.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Authorization, Client, Endpoint, Error, ErrorKind, Event, Method, Result};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{self, Message};
use url::Url;

use crate::dial::{Socket, dial, send_secretly};
use crate::ending::{self, Ending, Token};
use crate::frame::Auth;
use crate::region::DOMAIN;
use crate::{App, AppRef, Apps, Frame};

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
    /// What the service said, be it for the first time or again.
    Frame(Frame),
    /// It has not stood for so many tries that it should not be waited for. It is tried on.
    Down(Error),
}

/// What layers are told that it was which connected again. No call is made to it.
const STREAM: Endpoint = Endpoint::new(
    "deploymentsStream",
    Method::GET,
    "/apps/{app}/deployments/stream",
);

const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(60);
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const FIRST_DELAY: Duration = Duration::from_secs(1);
pub(crate) const SILENCE: Duration = Duration::from_secs(90);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// A connection that ends sooner, without a word, may have been refused.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Connects, and connects anew. Dropping a `next` that is under way loses nothing.
pub(crate) struct Connection {
    client: Client,
    app: AppRef,
    pub(crate) silence: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) first_delay: Duration,
    /// Whether it is tried on after `max_attempts`.
    pub(crate) tireless: bool,
    /// Set by whoever found something new in what was said: then the next try need not come more slowly.
    pub(crate) news: Arc<AtomicBool>,
    state: State,
    /// Tries in a row that brought no frame.
    attempts: u32,
    /// Tries in a row that brought nothing new: they come ever more slowly.
    fruitless: u32,
    /// Refusals in a row.
    refusals: u32,
    /// Whether a fresh token was fetched because a connection ended without a word.
    suspected: bool,
    connected_before: bool,
    down: bool,
    waiting: VecDeque<Said>,
}

enum State {
    Broken {
        until: Instant,
        /// The token that was refused, if that was the reason.
        refused: Option<Authorization>,
    },
    Connecting(BoxFuture<'static, Result<Box<Open>, Refused>>),
    Open(Box<Open>),
}

/// A try that failed, and the token that it was made with.
struct Refused(Ending, Option<Authorization>);

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

impl Connection {
    pub(crate) fn new(client: &Client, app: AppRef) -> Self {
        Self {
            client: client.clone(),
            app,
            silence: SILENCE,
            max_attempts: 10,
            first_delay: FIRST_DELAY,
            tireless: false,
            news: Arc::default(),
            state: State::Broken {
                until: Instant::now(),
                refused: None,
            },
            attempts: 0,
            fruitless: 0,
            refusals: 0,
            suspected: false,
            connected_before: false,
            down: false,
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
                    Err(Refused(ending, used)) => self.ended(ending, used)?,
                },
                State::Open(open) => match open.next(self.silence).await {
                    Some(Some(Ok(message))) => self.received(&message)?,
                    Some(Some(Err(error))) => self.broke(ending::failed(error))?,
                    Some(None) => self.broke(ending::vanished())?,
                    None => {
                        let silent = ending::broken("the live stream was silent for too long");
                        self.broke(silent.into())?;
                    }
                },
            }
        }
    }

    /// The connection that stood broke.
    fn broke(&mut self, ending: Ending) -> Result<()> {
        let used = match &self.state {
            State::Open(open) => {
                // Whoever said something, or took his time, did not refuse without a word.
                let at_once = !open.spoken && open.since.elapsed() < AT_ONCE;
                let refused = ending.token == Token::Refused || at_once;
                refused.then(|| open.used.clone())
            }
            _ => None,
        };
        self.ended(ending, used)
    }

    /// A try failed, or a connection broke. A passing reason is waited out, any other one is final.
    fn ended(&mut self, ending: Ending, used: Option<Authorization>) -> Result<()> {
        let Ending { error, token } = ending;
        match (token, used) {
            // Once with a fresh one; who refuses that as well means it.
            (Token::Refused, Some(used)) if self.refusals == 0 => {
                self.refusals = 1;
                let passing = ending::broken(error.to_string());
                self.failed(passing, Some(used))
            }
            (Token::Unknown, Some(used)) if !self.suspected => {
                self.suspected = true;
                self.failed(error, Some(used))
            }
            _ => self.failed(error, None),
        }
    }

    fn failed(&mut self, error: Error, refused: Option<Authorization>) -> Result<()> {
        tracing::debug!(cause = %error, "the live stream broke");
        let stood = match &self.state {
            State::Open(open) => open.since.elapsed() > LONGEST_DELAY,
            _ => false,
        };
        if self.news.swap(false, Ordering::Relaxed) || stood {
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
        self.attempts = self.attempts.saturating_add(1);
        self.fruitless = self.fruitless.saturating_add(1);
        if !error.is_passing() {
            return Err(error);
        }
        if self.attempts < self.max_attempts {
            return Ok(());
        }
        if !self.tireless {
            return Err(error);
        }
        if !std::mem::replace(&mut self.down, true) {
            self.waiting.push_back(Said::Down(error));
        }
        Ok(())
    }

    fn received(&mut self, message: &Message) -> Result<()> {
        let text = match message {
            Message::Text(text) => text.as_str(),
            Message::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return Ok(()),
            },
            // Nothing follows, and a server that does not hang up is not waited for.
            Message::Close(frame) => {
                let code = frame.as_ref().map(|frame| frame.code.into());
                return self.broke(ending::closed(code));
            }
            // Answered below this layer.
            _ => return Ok(()),
        };
        let frame = match Frame::parse(text) {
            Some(frame) => frame,
            None => Frame::Unknown(Value::String(text.to_owned())),
        };
        let spoken = matches!(&self.state, State::Open(open) if open.spoken);
        if !spoken
            && let Frame::Unknown(value) = &frame
            && let Some(refusal) = ending::refusal(value)
        {
            return self.broke(refusal);
        }
        if !spoken {
            self.spoke();
        }
        self.waiting.push_back(Said::Frame(frame));
        Ok(())
    }

    /// The service said something: the token is good, and the connection stands.
    fn spoke(&mut self) {
        if let State::Open(open) = &mut self.state {
            open.spoken = true;
        }
        self.refusals = 0;
        self.suspected = false;
        self.down = false;
        let again = std::mem::replace(&mut self.connected_before, true);
        if again {
            self.client.tell(&STREAM, Event::Reconnected);
        }
        self.waiting.push_back(Said::Connected {
            attempts: std::mem::take(&mut self.attempts),
            again,
        });
    }
}

/// The address of an application's stream, if the token may go there.
fn stream_of(client: &Client, app: App) -> Result<Url> {
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
    Ok(address)
}

async fn connect(
    client: Client,
    app: AppRef,
    refused: Option<Authorization>,
) -> Result<Box<Open>, Refused> {
    let late = || ending::broken("the live stream did not connect in time");
    if let Some(refused) = refused {
        // If it hangs, so does the next call, which says so.
        let _ = timeout(EXCHANGE_TIMEOUT, client.authorization_refused(&refused)).await;
    }
    // Read anew each time: the address holds the application's name, which may have changed.
    let app = Apps::new(&client).get(app).background();
    let address = app.await.and_then(|app| stream_of(&client, app));
    let address = address.map_err(|error| Refused(error.into(), None))?;
    let used = match timeout(EXCHANGE_TIMEOUT, client.authorization()).await {
        Ok(Ok(used)) => used,
        Ok(Err(error)) => return Err(Refused(error.into(), None)),
        Err(_) => return Err(Refused(late().into(), None)),
    };
    let dialling = async {
        let mut socket = dial(&client, &address).await?;
        let auth = serde_json::to_string(&Auth::new(used.secret.expose().trim()))
            .map_err(|error| ending::broken("the token cannot be sent").with_source(error))?;
        send_secretly(&mut socket, auth)
            .await
            .map_err(ending::failed)?;
        Ok::<_, Ending>(socket)
    };
    let socket = match timeout(DIAL_TIMEOUT, dialling).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(ending)) => {
            let used = (ending.token == Token::Refused).then_some(used);
            return Err(Refused(ending, used));
        }
        Err(_) => return Err(Refused(late().into(), None)),
    };
    let now = Instant::now();
    Ok(Box::new(Open {
        socket,
        used,
        since: now,
        quiet_since: Some(now),
        spoken: false,
    }))
}
