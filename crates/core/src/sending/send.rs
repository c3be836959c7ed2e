//! The one sending path. Every call of every service takes it:
//!
//! authorize → wait for the quota → attempt, in a span → classify → back off → … → answer.
//!
//! All of it ends within the call's total time. No lock is held across an await: a call whose owner stops polling
//! it holds nobody else.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::runtime;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;
use url::Url;

use crate::Endpoint;
use crate::answers::answer::{self, ApiError, RateLimit};
use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::raw::{Answer, RawResponse, Rest, Streaming};
use crate::calling::request::Request;
use crate::models::time::after;
use crate::sending::auth::Authorization;
use crate::sending::client::{Client, Shared};
use crate::sending::layer::{Attempted, Event, NextAttempt, NextCall};
use crate::sending::quota::Held;
use crate::sending::redact::Redactor;
use crate::sending::retry::{Decision, Outcome, Tried};
use crate::sending::sent::Sent;
use crate::sending::transport::{HttpRequest, HttpResponse, TransportError};
use crate::sending::{body, origin, telemetry};

impl Client {
    /// Sends a request and returns the undecoded answer.
    ///
    /// # Errors
    ///
    /// As any call, decoding aside.
    pub async fn send(&self, request: Request) -> Result<RawResponse> {
        send(self.clone(), request).await
    }

    /// Sends a request and returns as soon as the answer begins; its body follows as a stream.
    ///
    /// Nothing is repeated once the body began. The stream itself has no time limit, but it must not stand still
    /// for longer than the [idle limit](crate::Options::idle_timeout).
    ///
    /// # Errors
    ///
    /// As any call, decoding aside.
    pub async fn stream(&self, request: Request) -> Result<Streaming> {
        stream(self.clone(), request).await
    }
}

/// In a box, as what is behind it is long: without one, each crate that sends a call would compile it again.
pub(crate) fn send(client: Client, request: Request) -> BoxFuture<'static, Result<RawResponse>> {
    Box::pin(async move { Ok(run(&client, request, false).await?.response) })
}

pub(crate) fn stream(client: Client, request: Request) -> BoxFuture<'static, Result<Streaming>> {
    Box::pin(begin(client, request))
}

async fn begin(client: Client, request: Request) -> Result<Streaming> {
    let endpoint = request.endpoint;
    let idle = request.limits(client.shared().body).idle;
    let answer = run(&client, request, true).await?;
    let (head, Rest(rest)) = (answer.response, answer.rest);
    let status = head.status;
    let announced = body::announced(status, &head.headers);
    Ok(Streaming {
        status,
        headers: head.headers.clone(),
        head,
        body: body::watched(rest, announced, idle)
            .map_err(move |error| broken(error, Some(status)).with_call(endpoint))
            .boxed(),
    })
}

/// The request as it would be sent, its credential left out.
pub(crate) fn preview(client: &Client, request: &Request) -> Result<HttpRequest> {
    let shared = client.shared();
    let endpoint = request.endpoint;
    let url = request
        .url(&shared.common.base)
        .and_then(|url| may_go_to(shared, endpoint, url))
        .map_err(|error| error.with_call(endpoint))?;
    Ok(HttpRequest {
        method: endpoint.method.into(),
        url,
        headers: headers(shared, request, None),
        body: request.body.clone(),
    })
}

/// What one attempt came to.
enum Attempt {
    /// The body is read already, unless it is to be streamed.
    Answered(HttpResponse, Bytes),
    /// The status, if the connection broke only while the body was read.
    Broken(TransportError, Option<StatusCode>),
}

const MAX_REDIRECTS: u32 = 5;

/// Sends a request, through the client's layers if any is around calls, in a span of its own.
async fn run(client: &Client, request: Request, streaming: bool) -> Result<Answer> {
    let span = telemetry::call(request.endpoint);
    let layers = &client.shared().layers.around[..];
    let result = if layers.is_empty() {
        path(client, request, streaming)
            .instrument(span.clone())
            .await
    } else {
        let path = |request| -> BoxFuture<'_, _> { Box::pin(path(client, request, streaming)) };
        let next = NextCall {
            layers,
            path: &path,
        };
        next.run(request).instrument(span.clone()).await
    };
    telemetry::record_call(&span, result.as_ref().map(|it| it.response.attempts));
    result
}

/// Sends a request. With `streaming`, the answer's body is what still has to be read; else nothing is left.
pub(crate) async fn path(client: &Client, request: Request, streaming: bool) -> Result<Answer> {
    let shared = client.shared();
    let endpoint = request.endpoint;
    if runtime::Handle::try_current().is_err() {
        let problem = "must be inside of a tokio runtime: await the call there";
        return Err(Error::invalid_input("caller", problem).with_call(endpoint));
    }
    let started = Instant::now();
    let mut attempts = 0;
    let mut ambiguous = false;
    let fail = |error: Error, attempts: u32, ambiguous: bool| {
        let error = error
            .with_call(endpoint)
            .with_effort(attempts, started.elapsed());
        if ambiguous { error.maybe_sent() } else { error }
    };

    let mut url = request
        .url(&shared.common.base)
        .and_then(|url| may_go_to(shared, endpoint, url))
        .map_err(|error| {
            let redactor = shared.common.redactor(&request, None);
            fail(error.clean(&redactor), 0, false)
        })?;
    let policy = request.retry.unwrap_or(shared.retry);
    // Who gives a call more time than all attempts get by default means it.
    let total = policy.total.max(request.timeout.unwrap_or_default());
    let whole = request.total_timeout.unwrap_or(shared.total_timeout);
    let deadline = after(started, whole);
    let late = |what: &str, limit: Duration| {
        Error::new(ErrorKind::Timeout, format!("{what} within {limit:.1?}"))
    };
    let bucket = shared.quotas.bucket(endpoint.quota);
    let mut tried = Tried::default();
    let mut paced = Duration::ZERO;
    let mut replayed = false;
    let mut redirects = 0;

    loop {
        let authorization = match &shared.credential {
            Some(credential) if endpoint.authorized && origin::same(&shared.common.base, &url) => {
                let limit = request
                    .timeout
                    .unwrap_or(Duration::MAX)
                    .min(left_of(started, paced, total, deadline));
                let obtained = timeout(limit, credential.authorize()).await;
                let obtained =
                    obtained.unwrap_or_else(|_| Err(late("no credential was obtained", limit)));
                Some(obtained.map_err(|error| fail(error, attempts, ambiguous))?)
            }
            _ => None,
        };
        let permit = match &bucket {
            Some(bucket) => {
                let queued = Instant::now();
                let passed = bucket.pass(policy.longest_wait, request.background);
                let passed = timeout_at(deadline, passed).await.map_err(|_| {
                    let error = late("the rate limit left no room for the call", whole);
                    fail(error, attempts, ambiguous)
                })?;
                let permit = passed.map_err(|why| fail(held(why), attempts, ambiguous))?;
                let waited = queued.elapsed();
                if !waited.is_zero() {
                    client.tell(endpoint, Event::Waited(waited));
                }
                paced += waited;
                Some(permit)
            }
            None => None,
        };

        let left = left_of(started, paced, total, deadline);
        if left.is_zero() {
            let limit = match Instant::now() < deadline {
                true => total,
                false => whole,
            };
            return Err(fail(
                late("the call did not end", limit),
                attempts,
                ambiguous,
            ));
        }
        attempts += 1;
        let limit = request.timeout.unwrap_or(shared.timeout).min(left);
        let out = HttpRequest {
            method: endpoint.method.into(),
            url: url.clone(),
            headers: headers(shared, &request, authorization.as_ref()),
            body: request.body.clone(),
        };
        let span = telemetry::attempt(endpoint, &url, attempts);
        let began = Instant::now();
        let attempt = attempt(shared, &request, out, limit, streaming)
            .instrument(span.clone())
            .await;
        let result = attempt_status(&attempt);
        telemetry::record(&span, &result);
        // It ends here, not after the back-off.
        drop(span);
        let attempted = Attempted {
            server: url.host_str().unwrap_or_default(),
            port: url.port_or_known_default().unwrap_or_default(),
            number: attempts,
            elapsed: began.elapsed(),
            result,
        };
        for layer in shared.layers.told.iter() {
            layer.attempted(endpoint, &attempted);
        }
        if let Attempt::Answered(response, _) = &attempt
            && response.status != StatusCode::TOO_MANY_REQUESTS
            && let Some(permit) = &permit
        {
            permit.taken();
        }

        let (outcome, error, asked) = match attempt {
            Attempt::Answered(response, body)
                if endpoint.succeeds_with(response.status.as_u16()) =>
            {
                shared.budget.succeeded();
                let answer = RawResponse {
                    endpoint,
                    status: response.status,
                    headers: response.headers,
                    body,
                    attempts,
                    elapsed: started.elapsed(),
                    url,
                    sent: Some(Sent {
                        common: shared.common.clone(),
                        request,
                        used: authorization,
                    }),
                    unreadable: OnceLock::new(),
                };
                if let (Some(permit), Some(limit)) = (&permit, answer.rate_limit())
                    && let Some(pause) = limit.spent_for(SystemTime::now())
                {
                    permit.bucket().pause(pause.min(policy.longest_pause));
                }
                return Ok(Answer {
                    response: answer,
                    rest: Rest(response.body),
                });
            }
            Attempt::Answered(response, body) => {
                let status = response.status;
                if !replayed
                    && let (Some(credential), Some(used)) = (&shared.credential, &authorization)
                    && credential.is_refused_by(status.as_u16(), &body)
                    && credential.refused(used).await
                {
                    replayed = true;
                    continue;
                }
                if let Some(next) = redirect(endpoint, &url, &response) {
                    let next = next
                        .and_then(|next| may_go_to(shared, endpoint, next))
                        .map_err(|error| {
                            let used = authorization.as_ref();
                            let redactor = shared.common.redactor(&request, used);
                            let error = error.with_answer(status, &response.headers, &redactor);
                            fail(error, attempts, ambiguous)
                        })?;
                    redirects += 1;
                    if redirects <= MAX_REDIRECTS {
                        url = next;
                        continue;
                    }
                }
                let redactor = shared.common.redactor(&request, authorization.as_ref());
                let redactor = redactor.at(&shared.common.base, &url);
                let (error, asked) = refused(&response, &body, &redactor);
                (Outcome::Status(status.as_u16()), error, asked)
            }
            Attempt::Broken(error, status) => {
                let outcome = error.outcome;
                (outcome, broken(error, status), None)
            }
        };

        ambiguous |= outcome.is_ambiguous();
        tried.count(outcome);
        tried.elapsed = started.elapsed().saturating_sub(paced);
        let decision = policy.decide(outcome, tried, endpoint.idempotent, asked, fastrand::f64());
        if outcome == Outcome::Status(429)
            && let Some(permit) = &permit
            && let Some(pause) = pause_after(decision, asked)
        {
            permit.bucket().pause(pause.min(policy.longest_pause));
        }
        drop(permit);
        match decision {
            Decision::Again(delay)
                if after(Instant::now(), delay) < deadline && shared.budget.take(outcome) =>
            {
                tracing::debug!(
                    operation = endpoint.operation,
                    attempts,
                    delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
                    cause = error.kind().as_str(),
                    "sending again",
                );
                client.tell(endpoint, Event::Again(outcome, delay));
                tokio::time::sleep(delay).await;
            }
            _ => return Err(fail(error, attempts, ambiguous)),
        }
    }
}

/// How much time is left for attempts: waiting for limits counts only for the call as a whole.
fn left_of(started: Instant, paced: Duration, total: Duration, deadline: Instant) -> Duration {
    let attempting = started.elapsed().saturating_sub(paced);
    let left = total.saturating_sub(attempting);
    left.min(deadline.saturating_duration_since(Instant::now()))
}

fn held(why: Held) -> Error {
    match why {
        Held::Paused(pause) => {
            Error::new(ErrorKind::Quota, "the rate limit is spent").with_retry_after(Some(pause))
        }
        Held::NotKept => Error::new(
            ErrorKind::Quota,
            "the store that keeps the rate limit does not answer",
        ),
    }
}

/// A 429 holds everybody who shares the limit: as long as this call waits, or as long as the server asks.
fn pause_after(decision: Decision, asked: Option<Duration>) -> Option<Duration> {
    match decision {
        Decision::Again(delay) => Some(delay),
        Decision::GiveUp => asked,
    }
}

/// Refuses an address outside of the base's origin if the credential would go there.
fn may_go_to(shared: &Shared, endpoint: &Endpoint, url: Url) -> Result<Url> {
    let leaves = endpoint.leaves && origin::may_leave(&shared.common.base, &url);
    if origin::same(&shared.common.base, &url) || !endpoint.authorized || leaves {
        return Ok(url);
    }
    Err(Error::new(
        ErrorKind::Origin,
        format!(
            "the server pointed to {}, outside of {}",
            origin::shown(&url, ""),
            origin::shown(&shared.common.base, "")
        ),
    ))
}

fn headers(shared: &Shared, request: &Request, authorization: Option<&Authorization>) -> HeaderMap {
    let mut headers = shared.common.headers.clone();
    let accept = request.endpoint.accept;
    if !accept.is_empty() {
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    }
    for (name, value) in &request.headers {
        headers.insert(name, value.clone());
    }
    // Last, so that nothing overrides it.
    if let Some(authorization) = authorization {
        headers.insert(&authorization.name, authorization.value.clone());
    }
    headers
}

async fn attempt(
    shared: &Shared,
    request: &Request,
    out: HttpRequest,
    limit: Duration,
    streaming: bool,
) -> Attempt {
    let mut status = None;
    let work = async {
        let next = NextAttempt {
            endpoint: request.endpoint,
            layers: &shared.layers.around,
            transport: &*shared.transport,
        };
        let mut response = next.run(out).await?;
        status = Some(response.status);
        let body = match request.endpoint.succeeds_with(response.status.as_u16()) {
            true if streaming => Bytes::new(),
            true => body::whole(&mut response, request.limits(shared.body)).await?,
            false => body::of_error(&mut response).await,
        };
        Ok(Attempt::Answered(response, body))
    };
    let result = match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(TransportError::new(
            Outcome::TimedOut,
            format!("no answer within {limit:.1?}"),
        )),
    };
    result.unwrap_or_else(|error| Attempt::Broken(error, status))
}

fn attempt_status(attempt: &Attempt) -> Result<StatusCode, Outcome> {
    match attempt {
        Attempt::Answered(response, _) => Ok(response.status),
        Attempt::Broken(error, _) => Err(error.outcome),
    }
}

/// Where a redirect leads, if it is one that is followed: of a call that only reads.
fn redirect(endpoint: &Endpoint, from: &Url, response: &HttpResponse) -> Option<Result<Url>> {
    let follows = endpoint.method == crate::Method::GET
        && endpoint.idempotent
        && matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers.get(header::LOCATION)?;
    follows.then(|| {
        location
            .to_str()
            .ok()
            .and_then(|location| from.join(location).ok())
            .ok_or_else(|| Error::new(ErrorKind::Origin, "a redirect to no address"))
    })
}

/// The error of an answer with an error status, and how long the server asks to wait.
pub(crate) fn refused(
    response: &HttpResponse,
    body: &[u8],
    redactor: &Redactor,
) -> (Error, Option<Duration>) {
    let now = SystemTime::now();
    let status = response.status;
    let rate_limit = RateLimit::read(&response.headers, now);
    let asked = answer::retry_after(&response.headers, now).or_else(|| {
        let limited = status == StatusCode::TOO_MANY_REQUESTS;
        rate_limit.filter(|_| limited)?.spent_for(now)
    });
    let api = ApiError::read(body, redactor);
    let said = api.line();
    let mut message = status.as_u16().to_string();
    if let Some(reason) = status.canonical_reason() {
        message = format!("{message} {reason}");
    }
    if !said.is_empty() {
        message = format!("{message}: {said}");
    }
    let error = Error::new(ErrorKind::Status, message)
        .with_answer(status, &response.headers, redactor)
        .with_api(api)
        .with_body(body, redactor)
        .with_retry_after(asked);
    (error, asked)
}

fn broken(error: TransportError, status: Option<StatusCode>) -> Error {
    let (kind, message) = match error.outcome {
        Outcome::NotConnected => (ErrorKind::Connect, "no connection"),
        Outcome::Refused => (ErrorKind::Interrupted, "the server refused to begin"),
        Outcome::TimedOut => (ErrorKind::Timeout, "timed out"),
        Outcome::Redirected => (ErrorKind::Origin, "redirected"),
        Outcome::TooLong => (ErrorKind::TooLong, "the answer is too long"),
        _ => (ErrorKind::Interrupted, "the connection broke"),
    };
    let outer = match error.outcome.is_ambiguous() {
        true => Error::new(kind, message).maybe_sent(),
        false => Error::new(kind, message),
    };
    let outer = outer.with_source(error);
    match status {
        Some(status) => outer.with_status(status),
        None => outer,
    }
}
