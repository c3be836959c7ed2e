//! How Scalingo words its refusals.

use http::header::RETRY_AFTER;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::knobs::RetryAfter;
use crate::limit::Verdict;
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::Problem;

/// The body of a 500, for a [fault](crate::Plan::body).
pub const INTERNAL_ERROR: &str = r#"{"error":"Internal error occured, we're on it!"}"#;

/// The body of a 402, for a [fault](crate::Plan::body).
pub const PAYMENT_REQUIRED: &str = r#"{"error":"Sorry, you need to verify your account…","url":"https://my.scalingo.com/apps/billing"}"#;

/// The body of the 403 of a region that is switched off, for a [fault](crate::Plan::body).
pub const REGION_DISABLED: &str = r#"{"error":"This region is disabled","code":"region_disabled"}"#;

/// How much of a body a refusal quotes.
const QUOTED: usize = 80;

/// 400: the body isn't JSON.
pub(super) fn not_json(request: &Request) -> Reply {
    let body = request.content().beginning(4 * QUOTED).bytes();
    let body = body.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let quoted: String = body.chars().take(QUOTED).collect();
    let error = format!(
        "There was a problem in the JSON you submitted: 795: unexpected token at '{quoted}'"
    );
    Reply::json(400, json!({ "error": error }))
}

/// 401: the token is wrong, or has expired.
pub(super) fn unauthorized() -> Reply {
    Reply::json(401, json!({"error": "Invalid credentials"}))
}

/// 404: there is no such app, deployment, …
pub(super) fn not_found(resource: &str) -> Reply {
    Reply::json(404, json!({"resource": resource, "error": "not found"}))
}

/// 404: there is no such route.
pub(super) fn no_route() -> Reply {
    Reply::json(404, json!({"error": "not found"})).lacking()
}

/// 422: what is wrong with one field.
pub(super) fn field(name: &str, problem: &str) -> Reply {
    Reply::json(422, json!({"errors": {name: [problem]}}))
}

/// 422: fields are missing or of the wrong type.
pub(super) fn invalid(problems: Vec<(String, Problem)>) -> Reply {
    let errors: Map<String, Value> = problems
        .into_iter()
        .map(|(field, problem)| match problem {
            Problem::Missing => (field, json!(["missing field"])),
            Problem::Not(kind) => (field, json!([format!("should be of type {}", kind.name())])),
        })
        .collect();
    Reply::json(422, json!({ "errors": errors }))
}

/// 429: plain text, and `Retry-After` only if it is wanted.
pub(super) fn too_many(verdict: Verdict, retry_after: Option<RetryAfter>, now: Timestamp) -> Reply {
    let reply = Reply::text(429, "Retry later");
    // Rounded up: who comes back at that second must not be early.
    let whole = verdict.reset.as_secs() + u64::from(verdict.reset.subsec_nanos() > 0);
    let seconds = i64::try_from(whole).unwrap_or(i64::MAX);
    match retry_after {
        None => reply,
        Some(RetryAfter::Seconds) => reply.header(RETRY_AFTER.as_str(), seconds.to_string()),
        Some(RetryAfter::Date) => {
            // A date has no fraction: the second in which `now` is has partly passed.
            let wait = SignedDuration::from_secs(seconds.saturating_add(1));
            let at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            reply.header(RETRY_AFTER.as_str(), date)
        }
    }
}
