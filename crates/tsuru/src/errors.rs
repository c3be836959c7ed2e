//! What errors mean that old servers have no status for.

use deploykit_core::{Error, Secret};

/// Whether the server has no route for the method and path: it did nothing.
pub fn route_is_missing(error: &Error) -> bool {
    match error.status() {
        Some(405) => true,
        Some(404) => error
            .raw_body()
            .is_some_and(|body| body.expose().trim() == "404 page not found"),
        _ => false,
    }
}

/// Whether what should be created exists: 409, or the 500 that old servers answer instead.
pub fn already_exists(error: &Error) -> bool {
    let says_so = |body: Secret| {
        let body = body.expose();
        body.contains("already") || body.contains("duplicate")
    };
    error.is_conflict() || (error.status() == Some(500) && error.raw_body().is_some_and(says_so))
}
