//! Spans: one for each call, and below it one for each attempt, named by the OpenTelemetry conventions for HTTP
//! clients. Their names and fields are part of the interface.
//!
//! | span | fields |
//! |---|---|
//! | `deploykit.call` | `otel.name` (the operation), `otel.kind` (`internal`), `otel.status_code`, `deploykit.operation`, `deploykit.attempts`, `error.type` |
//! | `http.client` | `otel.name` (`{method} {url.template}`), `otel.kind` (`client`), `otel.status_code`, `http.request.method`, `http.request.resend_count`, `http.response.status_code`, `url.template`, `url.full`, `server.address`, `server.port`, `error.type`, `deploykit.operation` |
//!
//! A call's span lasts as long as the call, waiting and back-off included; an attempt's until its answer is read.

use http::StatusCode;
use tracing::field::Empty;
use tracing::{Span, info_span};
use url::Url;

use crate::sending::origin;
use crate::sending::retry::Outcome;
use crate::{Endpoint, Error};

/// The span of a call.
pub(crate) fn call(endpoint: &Endpoint) -> Span {
    info_span!(
        "deploykit.call",
        otel.name = endpoint.operation,
        otel.kind = "internal",
        otel.status_code = Empty,
        deploykit.operation = endpoint.operation,
        deploykit.attempts = Empty,
        error.type = Empty,
    )
}

/// Records what the call came to: how often it was sent, or its error.
pub(crate) fn record_call(span: &Span, result: Result<u32, &Error>) {
    if span.is_disabled() {
        return;
    }
    let attempts = result.unwrap_or_else(Error::attempts);
    span.record("deploykit.attempts", attempts);
    if let Err(error) = result {
        span.record("error.type", error.kind().as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of one attempt. It holds no query, no header and no body.
pub(crate) fn attempt(endpoint: &Endpoint, url: &Url, attempts: u32) -> Span {
    let span = info_span!(
        "http.client",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = endpoint.method.as_str(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        url.template = endpoint.template,
        url.full = Empty,
        server.address = Empty,
        server.port = Empty,
        error.type = Empty,
        deploykit.operation = endpoint.operation,
    );
    if !span.is_disabled() {
        let name = format!("{} {}", endpoint.method, endpoint.template);
        span.record("otel.name", name.as_str());
        if !endpoint.secret_path {
            span.record("url.full", origin::shown(url, endpoint.template).as_str());
        }
        span.record("server.address", url.host_str());
        span.record("server.port", url.port_or_known_default());
        if attempts > 1 {
            span.record("http.request.resend_count", attempts - 1);
        }
    }
    span
}

/// Records what the attempt came to.
pub(crate) fn record(span: &Span, result: &Result<StatusCode, Outcome>) {
    if span.is_disabled() {
        return;
    }
    if let Ok(status) = result {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(name) = error_type(result) {
        span.record("error.type", name);
        span.record("otel.status_code", "ERROR");
    }
}

/// What an attempt failed of: the error status that it was answered with, or what went wrong before.
pub(crate) fn error_type(result: &Result<StatusCode, Outcome>) -> Option<&str> {
    match result {
        Ok(status) if status.is_client_error() || status.is_server_error() => Some(status.as_str()),
        Ok(_) => None,
        Err(outcome) => Some(outcome_name(*outcome)),
    }
}

pub(crate) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotConnected => "connect",
        Outcome::Refused => "refused",
        Outcome::TimedOut => "timeout",
        Outcome::TooLong => "too_long",
        Outcome::Redirected => "redirected",
        Outcome::Interrupted | Outcome::Status(_) => "interrupted",
    }
}
