//! How Devopness words its refusals.

use serde_json::{Map, Value, json};

use crate::reply::Reply;

/// A request that isn't done, and what it is told.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    /// The answer.
    pub(super) fn reply(self) -> Reply {
        Reply::json(self.status, self.body)
    }
}

fn refusal(status: u16, message: impl Into<String>) -> Refusal {
    let body = json!({"message": message.into()});
    Refusal { status, body }
}

/// 400: the body isn't JSON.
pub(super) fn not_json() -> Refusal {
    refusal(400, "The request body is not valid JSON.")
}

/// 401: no token, or one that is unknown, revoked or expired.
pub(super) fn unauthenticated() -> Refusal {
    refusal(401, "Unauthenticated.")
}

/// 402: the subscription's actions are used up.
pub(super) fn payment_required() -> Refusal {
    let message = "The usage limit of the project's subscription has been reached. \
                   Ask the project owner to upgrade the subscription plan.";
    refusal(402, message)
}

/// 403: the token, or the resource's state, doesn't allow it.
pub(super) fn forbidden() -> Refusal {
    refusal(403, "This action is unauthorized.")
}

/// 404: there is no such resource.
pub(super) fn not_found(what: &str) -> Refusal {
    refusal(404, format!("The requested {what} was not found."))
}

/// 405: the path exists, with another method.
pub(super) fn method_not_allowed(method: &str) -> Refusal {
    refusal(
        405,
        format!("The {method} method is not supported for this route."),
    )
}

/// 415: a header that each request must carry is missing, or of another format.
pub(super) fn unsupported_media_type(header: &str) -> Refusal {
    refusal(
        415,
        format!("The {header} header must be application/json."),
    )
}

/// 422: what is wrong with each field.
#[derive(Debug, Default)]
pub(super) struct Invalid(Map<String, Value>);

impl Invalid {
    /// A single problem.
    pub(super) fn one(field: &str, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(field, message);
        invalid
    }

    /// Another problem.
    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        let messages = self.0.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(messages) = messages {
            messages.push(json!(message.into()));
        }
    }

    /// The error, if there is any problem.
    ///
    /// # Errors
    /// These problems.
    pub(super) fn check(self) -> Result<(), Refusal> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(self.refusal()),
        }
    }

    /// The refusal, whether or not there is a problem.
    pub(super) fn refusal(self) -> Refusal {
        let message = "The given data was invalid.";
        let body = json!({"message": message, "errors": self.0});
        Refusal { status: 422, body }
    }
}
