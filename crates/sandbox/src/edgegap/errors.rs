//! How Edgegap words its refusals.

use serde_json::{Map, Value, json};

use crate::reply::Reply;
use crate::validate::Problem;

/// What a check refuses a request with.
pub(super) type Refusal = Box<Reply>;

fn message(status: u16, text: &str) -> Reply {
    Reply::json(status, json!({ "message": text }))
}

/// 400: what was sent makes no sense.
pub(super) fn bad_request(text: &str) -> Reply {
    message(400, text)
}

/// 400 of version 1: fields are missing or of the wrong type.
pub(super) fn invalid(problems: Vec<(String, Problem)>) -> Reply {
    let errors = worded(problems);
    Reply::json(
        400,
        json!({"message": "Input payload validation failed", "errors": errors}),
    )
}

/// 400 of version 2: the same, under another key.
pub(super) fn invalid_order(problems: Vec<(String, Problem)>) -> Reply {
    let details = worded(problems);
    Reply::json(
        400,
        json!({"message": "Invalid request body", "details": details}),
    )
}

fn worded(problems: Vec<(String, Problem)>) -> Map<String, Value> {
    let word = |(field, problem): (String, Problem)| {
        let text = match problem {
            Problem::Missing => format!("'{field}' is a required property"),
            Problem::Not(kind) => format!("'{field}' is not of type '{}'", kind.name()),
        };
        (field, json!(text))
    };
    problems.into_iter().map(word).collect()
}

/// 401: the token is missing or wrong.
pub(super) fn unauthorized() -> Reply {
    message(401, "Unauthorized")
}

/// 403: the token may not do this.
pub(super) fn forbidden() -> Reply {
    message(403, "Forbidden")
}

/// 424: the image can't be pulled.
pub(super) fn no_image(tag: &str) -> Reply {
    message(
        424,
        &format!("The image with the tag {tag} could not be found or pulled"),
    )
}

/// 404: there is no such thing.
pub(super) fn not_found(text: &str) -> Reply {
    message(404, text)
}

/// 404: there is no such route.
pub(super) fn no_route() -> Reply {
    message(404, "The requested URL was not found on the server.").lacking()
}

/// 404 by its description, 400 in practice: there is no such deployment.
pub(super) fn unknown_deployment(status: u16) -> Reply {
    message(status, "Bad Request ID provided")
}

/// 409: there is one of that name.
pub(super) fn conflict(text: &str) -> Reply {
    message(409, text)
}

/// 410: the deployment has ended.
pub(super) fn gone(id: &str) -> Reply {
    message(410, &format!("Instance {id} is already terminated"))
}

/// 422: no place was found, but the deployment exists.
pub(super) fn not_placed(id: &str, text: &str) -> Reply {
    Reply::json(422, json!({"request_id": id, "message": text}))
}

/// 422: the request makes no sense in itself.
pub(super) fn unprocessable(text: &str) -> Reply {
    message(422, text)
}

/// The status 429.
pub(super) fn too_many() -> Reply {
    message(429, "Too Many Requests")
}
