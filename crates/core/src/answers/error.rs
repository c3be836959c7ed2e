//! The one error type.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};

use crate::answers::answer::{self, ApiError, RateLimit};
use crate::answers::show::{LONGEST_LINE, OneLine, one_line};
use crate::sending::redact::{LONGEST_BODY, Redactor};
use crate::{Endpoint, Method, Secret};

/// The longest request id that is kept, in characters.
const LONGEST_ID: usize = 200;

/// More fields that are wrong are not listed.
const MOST_FIELDS: usize = 50;

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument was refused before any request.
    InvalidInput,
    /// The credential could not be obtained, or the service refused it where the protocol has no status.
    Credential,
    /// A link, redirect or stream pointed to a host that must not see the credential; nothing was sent there.
    Origin,
    /// No connection could be made: the server saw nothing.
    Connect,
    /// No answer in time.
    Timeout,
    /// The connection broke while sending or reading.
    Interrupted,
    /// The server answered with an error status.
    Status,
    /// The answer could not be decoded.
    Decode,
    /// The answer is longer than the [limit](crate::Options::max_body) for it.
    TooLong,
    /// A list's pages lead in a circle, are empty without end, or do not tell what follows.
    Paging,
    /// A documented limit is spent for longer than the call may wait; nothing was sent.
    Quota,
    /// What was waited for did not happen in time.
    Deadline,
    /// What was waited for ended in failure.
    Failed,
}

impl ErrorKind {
    /// Low-cardinality name, as used for `error.type` in traces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Credential => "credential",
            Self::Origin => "foreign_origin",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Status => "status",
            Self::Decode => "decode",
            Self::TooLong => "too_long",
            Self::Paging => "paging",
            Self::Quota => "quota",
            Self::Deadline => "deadline",
            Self::Failed => "failed",
        }
    }
}

/// Why a call failed.
///
/// `Display` is one line that carries the cause; [`report`](Error::report) is the long form. Neither holds a
/// secret or a query value, and neither has more than one line of what a server said.
pub struct Error(Box<Inner>);

#[derive(Default)]
struct Inner {
    kind: Option<ErrorKind>,
    message: String,
    call: Option<(&'static str, Method, &'static str)>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    attempts: u32,
    elapsed: Duration,
    api: Option<ApiError>,
    body: Option<String>,
    /// The body before anything was taken out of it, if anything was.
    raw_body: Option<Secret>,
    headers: HeaderMap,
    retry_after: Option<Duration>,
    rate_limit: Option<RateLimit>,
    sent: bool,
    /// The service means the status as a refusal.
    refused: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind; the text says what happened, in one line.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind: Some(kind),
            message: message.into(),
            ..Inner::default()
        }))
    }

    /// A refused argument: `argument` names it, `problem` continues the sentence ("is empty").
    pub fn invalid_input(argument: &str, problem: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::InvalidInput,
            format!("invalid input: `{argument}` {problem}"),
        )
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_call(mut self, endpoint: &Endpoint) -> Self {
        self.0
            .call
            .get_or_insert((endpoint.operation, endpoint.method, endpoint.template));
        let status = self.status();
        self.0.refused |= status.is_some_and(|status| endpoint.refusals.contains(&status));
        self
    }

    pub(crate) fn with_answer(
        mut self,
        status: StatusCode,
        headers: &HeaderMap,
        redactor: &Redactor,
    ) -> Self {
        self = self.clean(redactor);
        let id = answer::request_id(headers);
        self.0.request_id = id.map(|id| one_line(&redactor.clean(&id), LONGEST_ID));
        self.0.rate_limit = RateLimit::read(headers, SystemTime::now());
        self.0.headers = redactor.clean_headers(headers);
        self.with_status(status)
    }

    /// Takes what may not be shown out of the message.
    pub(crate) fn clean(mut self, redactor: &Redactor) -> Self {
        self.0.message = redactor.clean(&self.0.message);
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_api(mut self, api: ApiError) -> Self {
        self.0.api = Some(api);
        self
    }

    pub(crate) fn with_body(mut self, body: &[u8], redactor: &Redactor) -> Self {
        let shown = redactor.clean_body(body);
        if shown.as_bytes() != body {
            let kept = &body[..body.len().min(LONGEST_BODY)];
            self.0.raw_body = Some(Secret::new(String::from_utf8_lossy(kept)));
        }
        self.0.body = Some(shown);
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn with_effort(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// The error of a call that was never sent, because its credential could not be obtained. Several calls may
    /// share the cause.
    pub(crate) fn of_exchange(error: Arc<Self>) -> Self {
        let kind = match error.kind() {
            ErrorKind::Status => ErrorKind::Credential,
            kind => kind,
        };
        let mut outer = Self::new(kind, "the token exchange failed");
        outer.0.status = error.0.status;
        outer.0.headers = error.0.headers.clone();
        outer.0.retry_after = error.0.retry_after;
        outer.with_source(error)
    }

    /// Marks the call as one that the server may have carried out.
    #[must_use]
    pub fn maybe_sent(mut self) -> Self {
        self.0.sent = true;
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind.unwrap_or(ErrorKind::Failed)
    }

    /// The operation that failed, if one was called.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.call.map(|(operation, ..)| operation)
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// The id the server gave to the request, if it gave one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took in all, waiting included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// What the server said, if it answered with an error status.
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The answer's body as text, without secrets that it quotes, cut at 64 KiB. It is in neither `Display` nor
    /// `Debug`.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The answer's body as the server sent it, cut at 64 KiB: to decide by, as nothing was taken out of it.
    pub fn raw_body(&self) -> Option<Secret> {
        let raw = self.0.raw_body.clone();
        raw.or_else(|| self.body().map(Secret::from))
    }

    /// A header of the answer, without secrets that it quotes; its first value, if it has more than one.
    ///
    /// No header is in `Display` or `Debug`. A connection that broke has none.
    ///
    /// ```
    /// # fn look(error: deploykit_core::Error) {
    /// if let Some(region) = error.header("x-served-by") {
    ///     eprintln!("{error} (served by {region})");
    /// }
    /// # }
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// All headers of the answer, without secrets that they quote. The values of cookies, which are secrets of
    /// the server's, are marked sensitive: `Debug` does not show them.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// How long the server asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// State of the service's rate limit, as the answer told it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.rate_limit
    }

    /// There is no such thing (status 404).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// It is in conflict with what is there (status 409).
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// 401, or a credential that was refused where the protocol has no status.
    pub fn is_unauthorized(&self) -> bool {
        match self.status() {
            Some(status) => status == 401,
            None => self.kind() == ErrorKind::Credential,
        }
    }

    /// It is not allowed (status 403).
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// It has to be paid for (status 402).
    pub fn is_payment_required(&self) -> bool {
        self.status() == Some(402)
    }

    /// 400 or 422: the server refused what was sent.
    pub fn is_invalid(&self) -> bool {
        matches!(self.status(), Some(400 | 422)) || self.kind() == ErrorKind::InvalidInput
    }

    /// 429, or a documented limit that is spent.
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429) || self.kind() == ErrorKind::Quota
    }

    /// The server is in trouble (a status from 500).
    pub fn is_server_error(&self) -> bool {
        self.status().is_some_and(|status| status >= 500)
    }

    /// No answer in time, or a deadline that passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::Deadline)
    }

    /// Whether the same call may succeed later: a limit, a server error, or a connection that failed.
    pub fn is_passing(&self) -> bool {
        self.is_rate_limited()
            || (self.is_server_error() && !self.0.refused)
            || matches!(
                self.kind(),
                ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted
            )
    }

    /// The answer came but could not be decoded.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// Whether the server may have carried the call out: false only if it surely saw nothing or refused.
    ///
    /// A call that is not idempotent is never repeated by itself after such an error; look first.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent
    }

    /// The long form: what was called, how often, how long it took, what the server said, and every cause.
    pub fn report(&self) -> String {
        use fmt::Write as _;

        let mut text = format!("{self}\n");
        let inner = &self.0;
        let mut line = |name: &str, value: &dyn fmt::Display| {
            // Writing to a string does not fail.
            let name = one_line(&name, LONGEST_ID);
            let _ = writeln!(text, "  {name}: {}", one_line(value, LONGEST_LINE));
        };
        if let Some((operation, method, template)) = inner.call {
            line(
                "operation",
                &format_args!("{operation} ({method} {template})"),
            );
        }
        if let Some(status) = inner.status {
            line("status", &status);
        }
        if let Some(id) = &inner.request_id {
            line("request id", id);
        }
        if inner.attempts > 0 {
            let elapsed = inner.elapsed;
            line(
                "attempts",
                &format_args!("{} in {elapsed:.1?}", inner.attempts),
            );
        }
        if let Some(delay) = inner.retry_after {
            line("retry after", &format_args!("{delay:.0?}"));
        }
        if let Some(api) = &inner.api {
            if let Some(code) = api.code() {
                line("code", &code);
            }
            for (field, problems) in api.fields().iter().take(MOST_FIELDS) {
                line(field, &problems.join("; "));
            }
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            line("caused by", &error);
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;

        let inner = &self.0;
        if let Some((operation, ..)) = inner.call {
            write!(f, "{operation}: ")?;
        }
        let mut line = OneLine::new(f, LONGEST_LINE);
        write!(line, "{}", inner.message)?;
        if let Some(source) = &inner.source {
            write!(line, ": {source}")?;
        }
        if inner.attempts > 1 {
            let elapsed = inner.elapsed;
            write!(f, " (after {} attempts in {elapsed:.1?})", inner.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("status", &inner.status)
            .field("message", &one_line(&inner.message, LONGEST_LINE))
            .field("request_id", &inner.request_id)
            .field("attempts", &inner.attempts)
            .field("elapsed", &inner.elapsed)
            .field("retry_after", &inner.retry_after)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
