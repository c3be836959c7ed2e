//! What several kinds of objects carry.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The user that everything belongs to.
pub(super) fn user() -> Value {
    json!({
        "id": "us-676bb0c1-1ca9-4682-8ee1-257422e9eab5",
        "username": "john",
        "email": "user@example.com",
    })
}

/// A time as the service writes it.
pub(super) fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
