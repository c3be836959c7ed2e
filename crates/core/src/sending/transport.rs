//! The last step of the sending path: one request goes out, one answer comes back.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::Stream;
use http::{HeaderMap, Method, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

use crate::sending::retry::Outcome;

/// A body as it arrives.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Sends one request. Two implementations exist: [`Reqwest`](crate::Reqwest), and [`Memory`](crate::memory::Memory) for tests on
/// virtual time.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request once; follows no redirect, repeats nothing.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;

    /// Sends a request that asks for another protocol (a WebSocket), once; after a 101, the connection comes with
    /// the answer. A transport that does not say otherwise makes none.
    fn upgrade(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'_, Result<(HttpResponse, Option<Duplex>), TransportError>> {
        let _ = request;
        Box::pin(async {
            let message = "this transport makes no live streams";
            Err(TransportError::new(Outcome::NotConnected, message))
        })
    }
}

/// A connection that has left HTTP.
pub type Duplex = Box<dyn ReadWrite + Send + Unpin>;

/// Both directions of a connection.
pub trait ReadWrite: AsyncRead + AsyncWrite {}

impl<T: AsyncRead + AsyncWrite> ReadWrite for T {}

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

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
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
