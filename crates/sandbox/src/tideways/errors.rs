//! How Tideways words its refusals. The pages say nothing about them; these are the shapes seen in use.

use serde_json::json;

use crate::reply::Reply;

/// 400: something is missing.
pub(super) fn invalid(problem: &str) -> Reply {
    Reply::json(400, json!({ "error": problem }))
}

/// 401: the token is missing or wrong.
pub(super) fn unauthorized() -> Reply {
    Reply::json(
        401,
        json!({"error": "invalid_grant", "error_description": "The access token is invalid."}),
    )
}

/// 403: the token is for another organization, or lacks the scope.
pub(super) fn forbidden() -> Reply {
    Reply::json(
        403,
        json!({"error": "The token does not grant access with the scope deployment."}),
    )
}

/// 404: there is no such route.
pub(super) fn no_route() -> Reply {
    not_found().lacking()
}

/// 404: there is no such project, issue, …
pub(super) fn not_found() -> Reply {
    Reply::json(404, json!({"status": 404, "msg": "Not Found"}))
}

/// 429: the hour's requests are used up.
pub(super) fn too_many() -> Reply {
    Reply::json(429, json!("API rate limit exceeded."))
}
