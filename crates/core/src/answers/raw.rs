//! An answer, before it is decoded.

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::Endpoint;
use crate::answers::answer::{self, RateLimit};
use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::unreadable::Unreadable;
use crate::sending::redact::Redactor;
use crate::sending::sent::Sent;
use crate::sending::transport::ByteStream;

/// An answer, before it is decoded.
pub struct RawResponse {
    /// The endpoint that was called.
    pub endpoint: &'static Endpoint,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long the call took in all.
    pub elapsed: Duration,
    pub(crate) url: Url,
    pub(crate) sent: Option<Sent>,
    /// What reading it left out.
    pub(crate) unreadable: OnceLock<Vec<Unreadable>>,
}

impl RawResponse {
    /// A value of the query that this is the answer to, for services that answer for something else than what they
    /// were asked for.
    pub fn asked(&self, name: &str) -> Option<String> {
        let mut query = self.url.query_pairs();
        Some(query.find(|(key, _)| key == name)?.1.into_owned())
    }

    /// An answer that no server gave, for layers and tests.
    pub fn new(
        endpoint: &'static Endpoint,
        status: StatusCode,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Self {
        // Nothing was sent there.
        const NOWHERE: &str = "http://localhost/";

        Self {
            endpoint,
            status,
            headers,
            body: body.into(),
            attempts: 0,
            elapsed: Duration::ZERO,
            url: Url::parse(NOWHERE).unwrap_or_else(|_| unreachable!("it is an address")),
            sent: None,
            unreadable: OnceLock::new(),
        }
    }

    /// Keeps what could not be read, for whoever asks; a warning tells everybody else.
    pub(crate) fn leaves_out(&self, unreadable: Vec<Unreadable>) {
        let (operation, items) = (self.endpoint.operation, unreadable.len());
        tracing::warn!(
            operation,
            items,
            "items of the list can't be read and are left out"
        );
        self.unreadable.get_or_init(|| unreadable);
    }

    pub(crate) fn redactor(&self) -> Redactor {
        self.sent.as_ref().map(Sent::redactor).unwrap_or_default()
    }

    /// The id that the server gave to the request.
    pub fn request_id(&self) -> Option<String> {
        answer::request_id(&self.headers)
    }

    /// State of the service's rate limit.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::read(&self.headers, SystemTime::now())
    }

    /// An error about this answer, with all that is known of it.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let redactor = self.redactor();
        Error::new(kind, message)
            .with_call(self.endpoint)
            .with_answer(self.status, &self.headers, &redactor)
            .with_body(&self.body, &redactor)
            .with_effort(self.attempts, self.elapsed)
            .maybe_sent()
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("operation", &self.endpoint.operation)
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// An answer whose body is still arriving.
pub struct Streaming {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, piece by piece.
    pub body: BoxStream<'static, Result<Bytes>>,
    /// What errors tell about it; its body is empty.
    pub(crate) head: RawResponse,
}

impl Streaming {
    /// An error about this answer, with all that is known of it but for its body.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.head.error(kind, message)
    }
}

impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An answer as [layers](crate::Layer) see it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The answer. Its body is empty if it is to be streamed.
    pub response: RawResponse,
    pub(crate) rest: Rest,
}

impl Answer {
    /// An answer that no server gave.
    pub fn new(response: RawResponse) -> Self {
        let rest = Rest(futures::stream::empty().boxed());
        Self { response, rest }
    }
}

/// What is left of a body that is streamed.
pub(crate) struct Rest(pub(crate) ByteStream);

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
