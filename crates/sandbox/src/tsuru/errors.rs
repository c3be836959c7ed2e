//! How tsuru words its refusals: a line of plain text.

use crate::reply::Reply;

use super::era::Era;

/// An answer, or a refusal.
pub(super) type Answer = Result<Reply, Refusal>;

/// A refusal: status and text.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    text: String,
    /// Whether the stand-in lacks the route.
    lacking: bool,
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let reply = Reply::text(refusal.status, refusal.text + "\n");
        match refusal.lacking {
            true => reply.lacking(),
            false => reply,
        }
    }
}

pub(super) fn refusal(status: u16, text: impl Into<String>) -> Refusal {
    Refusal {
        status,
        text: text.into(),
        lacking: false,
    }
}

/// The refusal of what the stand-in lacks.
pub(super) fn lacking(status: u16, text: impl Into<String>) -> Refusal {
    Refusal {
        lacking: true,
        ..refusal(status, text)
    }
}

/// What the router says.
const NO_PAGE: &str = "404 page not found";

/// 404 of the router: there is no such route.
pub(super) fn no_route() -> Refusal {
    lacking(404, NO_PAGE)
}

/// The path exists, but not for this method.
pub(super) fn wrong_method(era: Era) -> Refusal {
    match era {
        Era::V0_7 => refusal(404, NO_PAGE),
        _ => refusal(405, "Method Not Allowed"),
    }
}

/// 401: no token, or one that is none.
pub(super) fn unauthorized(era: Era, has_header: bool) -> Refusal {
    let text = match (era, has_header) {
        (Era::V0_7, _) => "You must provide a valid Authorization header",
        (_, true) => "Invalid token",
        (_, false) => "You must provide the Authorization header",
    };
    refusal(401, text)
}

/// 404: there is no such app.
pub(super) fn no_app(name: &str) -> Refusal {
    refusal(404, format!("App {name} not found."))
}

/// 403: the user is in none of the app's teams.
pub(super) fn no_access() -> Refusal {
    refusal(403, "User does not have access to this app")
}
