//! For tests of your own code: answers and errors without a server.
//!
//! | take | to test |
//! |---|---|
//! | values from here | code that gets a model, a page or an error handed in |
//! | [`memory::Recorder`](crate::memory::Recorder) | what your code sends, and how it takes an answer; on virtual time if you like |
//! | `deploykit-sandbox` | whole flows: what was created can be found, deployments run, tokens expire, faults strike |
//! | wiremock | real sockets, against answers of your own |
//!
//! ```
//! use deploykit_core::{Page, testing};
//! use serde_json::json;
//!
//! deploykit_core::model! {
//!     /// A server.
//!     pub struct Server {
//!         required {
//!             /// Identifies it.
//!             id: u64,
//!         }
//!         /// Its name.
//!         name: String,
//!     }
//! }
//!
//! // Models cannot be written out as literals, as fields may be added; what is left out reads as absent.
//! let server: Server = testing::from_json(json!({ "id": 7 })).unwrap();
//! let page = Page::new(vec![server]);
//! assert_eq!(page.items[0].name, "");
//!
//! let gone = testing::error(404, r#"{"error": "no such server"}"#);
//! assert!(gone.is_not_found());
//! assert!(testing::error(502, "").may_have_been_sent());
//! ```

use bytes::Bytes;
use futures::stream::StreamExt as _;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answers::error::{Error, ErrorKind, Result};
use crate::sending::redact::Redactor;
use crate::sending::retry::Outcome;
use crate::sending::send;
use crate::sending::transport::HttpResponse;

/// A model as an answer with this JSON would give it.
///
/// # Errors
///
/// If a required field is missing, or a value has another type; the error names its path.
pub fn from_json<T: DeserializeOwned>(json: Value) -> Result<T> {
    crate::answers::json::decode(json.to_string().as_bytes()).map_err(|error| {
        Error::new(ErrorKind::Decode, "the JSON is not that of the model").with_source(error)
    })
}

/// The error of a call that was answered with this status and body, after one attempt. A status that does not
/// exist counts as 500.
pub fn error(status: u16, body: impl Into<Bytes>) -> Error {
    let response = HttpResponse {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers: HeaderMap::new(),
        body: futures::stream::empty().boxed(),
    };
    let (error, _) = send::refused(&response, &body.into(), &Redactor::default());
    let error = error.with_effort(1, std::time::Duration::ZERO);
    match Outcome::Status(response.status.as_u16()).is_ambiguous() {
        true => error.maybe_sent(),
        false => error,
    }
}
