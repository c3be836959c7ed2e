//! The last step of the sending path: one request goes out, one answer comes back.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, Method, StatusCode};
use tokio::runtime;
use url::Url;

use crate::retry::Outcome;

/// A body as it arrives.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Sends one request. Two implementations exist: reqwest, and [`Memory`](crate::memory::Memory) for tests on
/// virtual time.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request once; follows no redirect, repeats nothing.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;
}

/// A request, ready to go out. Its `Debug` shows neither path and query nor secret headers.
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute address.
    pub url: Url,
    /// Headers; secret ones are marked sensitive.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("server", &self.url.origin().ascii_serialization())
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish()
    }
}

/// An answer, its body still to be read.
pub struct HttpResponse {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: ByteStream,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What a request carries.
#[derive(Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes at hand.
    Bytes(Bytes),
    /// A source that is opened anew for each attempt, and its length.
    Source {
        /// Length in bytes, sent as `Content-Length`.
        length: u64,
        /// Opens the source.
        open: Arc<dyn Fn() -> ByteStream + Send + Sync>,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Source { length, .. } => write!(f, "source of {length} bytes"),
        }
    }
}

/// Why an attempt brought no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// How far the attempt came.
    pub outcome: Outcome,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error with a one-line message.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            message: message.into(),
            source: None,
        }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold a secret in its query.
        let error = error.without_url();
        let outcome = if error.is_connect() {
            Outcome::NotConnected
        } else if error.is_request() && refused_unread(&error) {
            Outcome::Refused
        } else if error.is_timeout() {
            Outcome::TimedOut
        } else {
            Outcome::Interrupted
        };
        Self {
            outcome,
            message: innermost(&error),
            source: Some(Box::new(error)),
        }
    }
}

/// Whether an HTTP/2 server says that it did nothing with the request (RFC 9113 §8.7): it refused the stream, or
/// went away and named an earlier stream as its last. Streams that a GOAWAY leaves open fail otherwise.
fn refused_unread(error: &(dyn StdError + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(cause) = error {
        if let Some(http2) = cause.downcast_ref::<h2::Error>() {
            let refused = http2.is_reset() && http2.reason() == Some(h2::Reason::REFUSED_STREAM);
            return http2.is_remote() && (refused || http2.is_go_away());
        }
        error = cause.source();
    }
    false
}

/// The chain's last message says what happened; the outer ones say "error sending request".
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// The transport that programs use. A connection is driven by the runtime that made it, so each runtime has
/// connections of its own: one that stands still stops nobody in another.
#[derive(Clone)]
pub(crate) struct Reqwest(Arc<Pools>);

struct Pools {
    builder: fn() -> reqwest::ClientBuilder,
    /// The last runtimes that sent something; the first is nobody's until one does.
    clients: RwLock<Vec<(Option<runtime::Id>, reqwest::Client)>>,
}

/// Programs have one runtime, rarely two; tests have many, one after the other.
const MOST_RUNTIMES: usize = 8;

impl Reqwest {
    pub(crate) fn new() -> Result<Self, TransportError> {
        Self::with(reqwest::Client::builder)
    }

    fn with(builder: fn() -> reqwest::ClientBuilder) -> Result<Self, TransportError> {
        let first = (None, client(builder)?);
        Ok(Self(Arc::new(Pools {
            builder,
            clients: RwLock::new(vec![first]),
        })))
    }

    /// The client of the runtime that asks. No lock is held across an await.
    fn client(&self) -> Result<reqwest::Client, TransportError> {
        let here = runtime::Handle::try_current().ok().map(|it| it.id());
        let of = |clients: &[(Option<runtime::Id>, reqwest::Client)]| {
            let found = clients.iter().find(|(runtime, _)| *runtime == here)?;
            Some(found.1.clone())
        };
        let clients = &self.0.clients;
        if let Some(known) = of(&clients.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let mut clients = clients.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((runtime, client)) = clients.iter_mut().find(|(runtime, _)| runtime.is_none()) {
            *runtime = here;
            return Ok(client.clone());
        }
        if let Some(known) = of(&clients) {
            return Ok(known);
        }
        if clients.len() == MOST_RUNTIMES {
            clients.remove(0);
        }
        let made = client(self.0.builder)?;
        clients.push((here, made.clone()));
        Ok(made)
    }
}

fn client(builder: fn() -> reqwest::ClientBuilder) -> Result<reqwest::Client, TransportError> {
    Ok(builder()
        .redirect(reqwest::redirect::Policy::none())
        // It would repeat what HTTP/2 servers refuse, unseen: repeating is the sending path's job.
        .retry(reqwest::retry::never())
        .connect_timeout(std::time::Duration::from_secs(10))
        .build()?)
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reqwest")
    }
}

impl Transport for Reqwest {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let mut out = reqwest::Request::new(request.method, request.url);
            *out.headers_mut() = request.headers;
            match request.body {
                Body::Empty => {}
                Body::Bytes(bytes) => *out.body_mut() = Some(bytes.into()),
                Body::Source { length, open } => {
                    out.headers_mut()
                        .insert(http::header::CONTENT_LENGTH, length.into());
                    *out.body_mut() = Some(reqwest::Body::wrap_stream(open()));
                }
            }
            let mut answer = self.client()?.execute(out).await?;
            let status = answer.status();
            if status.is_informational() {
                let message = format!("the answer is a mere {}", status.as_u16());
                return Err(TransportError::new(Outcome::Interrupted, message));
            }
            Ok(HttpResponse {
                status,
                headers: std::mem::take(answer.headers_mut()),
                body: answer.bytes_stream().map_err(TransportError::from).boxed(),
            })
        })
    }
}

#[cfg(test)]
#[path = "transport_http2.rs"]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod http2;
