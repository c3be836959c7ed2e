//! Operations that answer with a word or two, or with nothing.

use deploykit_core::{Error, ErrorKind, FromResponse, RawResponse, Result, Text};

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
        match output::read_whole(&body) {
            Ok(text) => Ok(Self { text }),
            Err(message) => Err(failed(response, message)),
        }
    }
}

/// A text as it is, unless the server's handler crashed.
pub(crate) struct Whole(String);

impl FromResponse for Whole {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let Text(text) = Text::from_response(response)?;
        match output::crash(&text) {
            Some(message) => Err(failed(response, message.to_owned())),
            None => Ok(Self(text)),
        }
    }
}

impl From<Whole> for Text {
    fn from(whole: Whole) -> Self {
        Self(whole.0)
    }
}

fn failed(response: &RawResponse, message: String) -> Error {
    response.error(ErrorKind::Failed, message)
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for Done {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            Ok(self.text.clone().into())
        }
    }
}
