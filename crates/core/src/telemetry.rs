//! Spans, named by the OpenTelemetry conventions for HTTP clients: one for each attempt.

use http::StatusCode;
use tracing::field::Empty;
use tracing::{Span, info_span};
use url::Url;

use crate::retry::Outcome;
use crate::{Endpoint, origin};

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
    match result {
        Ok(status) => {
            span.record("http.response.status_code", status.as_u16());
            if status.is_client_error() || status.is_server_error() {
                span.record("error.type", status.as_str());
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(outcome) => {
            let name = match outcome {
                Outcome::NotConnected => "connect",
                Outcome::Refused => "refused",
                Outcome::TimedOut => "timeout",
                Outcome::TooLong => "too_long",
                Outcome::Redirected => "redirected",
                _ => "interrupted",
            };
            span.record("error.type", name);
            span.record("otel.status_code", "ERROR");
        }
    }
}
