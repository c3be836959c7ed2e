//! Operations that answer with a word or two, or with nothing.

use deploykit_core::{ErrorKind, FromResponse, RawResponse, Result};

use crate::output;

/// What the server wrote about an operation that it carried out; mostly nothing, or `success`.
///
/// Some servers answer 200 to what failed and say so in the body; such an answer is an error of kind
/// [`Failed`](ErrorKind::Failed).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// The text, trimmed.
    pub text: String,
}

impl FromResponse for Done {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let body = String::from_utf8_lossy(&response.body);
        if body.starts_with("PANIC:") {
            return Err(response.error(ErrorKind::Failed, "the server's handler crashed"));
        }
        match output::read_whole(&body) {
            Ok(text) => Ok(Self { text }),
            Err(failure) => Err(response.error(ErrorKind::Failed, failure.to_string())),
        }
    }
}
