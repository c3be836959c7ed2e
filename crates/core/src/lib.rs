//! The core of the deploykit crates: how an endpoint is declared, sent, retried, paged and decoded.
//!
//! Nothing else in the workspace sends a request. A service crate declares its endpoints in a table
//! ([`endpoints!`]), its bodies with [`request!`], its answers with [`model!`], ids with [`id!`] and enumerations
//! with [`open_enum!`]. All the rest is here, one file a job:
//!
//! | file | job |
//! |---|---|
//! | `endpoint` | the table and its rows |
//! | `request`, `payload`, `multipart`, `source` | a request as a value; what it carries |
//! | `call`, `streamed` | a call: awaiting it sends it |
//! | `send` | the one sending path |
//! | `auth`, `origin` | credentials, and where they may go |
//! | `redact` | what was sent that no error may show |
//! | `retry`, `quota` | when to send again; documented limits |
//! | `body` | reading a body within its limits |
//! | `error`, `answer`, `json` | what went wrong, and where |
//! | `show` | texts of others in one harmless line |
//! | `page`, `items`, `unreadable` | lists that come in pages, and their odd items |
//! | `wait`, `lines` | waiting for a state; lines of a stream |
//! | `save` | a stream written to a file |
//! | `transport`, `connect` | what sends one request |
//! | `memory`, `testing` | for tests: transports without a network, errors and models without a server |
//! | `layer` | what programs put around calls and attempts |
//! | `blocking` | all of it from programs that are not async |
//! | `dispatch`, `drift` | by feature: rows without a client; the table compared with a description |
//! | `env` | variables that set a client up |
//! | `telemetry`, `metrics` | spans; metrics, by feature |
//! | `model`, `secret`, `time`, `ids`, `open_enum`, `de` | building blocks of models |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod call;
mod client;
mod connect;
pub mod de;
#[cfg(feature = "dispatch")]
pub mod dispatch;
#[cfg(feature = "dispatch")]
pub mod drift;
mod endpoint;
pub mod env;
mod error;
mod ids;
mod items;
mod json;
mod layer;
mod lines;
pub mod memory;
#[cfg(feature = "metrics")]
pub mod metrics;
mod model;
mod multipart;
mod open_enum;
mod origin;
mod page;
mod payload;
mod quota;
mod redact;
mod request;
mod retry;
mod save;
mod secret;
mod send;
mod show;
mod source;
mod streamed;
mod telemetry;
pub mod testing;
mod time;
mod transport;
mod unreadable;
mod wait;

pub use answer::{ApiError, RateLimit};
pub use auth::{Authorization, Basic, Credential, Exchange, Exchanged, ExchangedToken, Token};
pub use call::{Call, CallFuture, FromResponse, Raw, Response, Text};
pub use client::{Client, ClientBuilder, Options, parse_base_url};
pub use connect::{Http, Reqwest};
pub use endpoint::{Endpoint, Method};
pub use error::{Error, ErrorKind, Result};
pub use items::Items;
pub use layer::{Attempted, Event, Layer, NextAttempt, NextCall};
pub use lines::{lines, lines_up_to};
pub use model::Absent;
pub use multipart::Multipart;
pub use open_enum::Unknown;
pub use origin::stream_is_allowed;
pub use page::{Page, Pages, Position};
pub use payload::{Nullable, Payload};
pub use quota::Quota;
pub use request::Request;
pub use retry::{Decision, Outcome, RetryPolicy, Tried};
pub use save::{Saved, Saving};
pub use secret::Secret;
pub use send::{Answer, RawResponse, Streaming};
pub use streamed::Streamed;
pub use time::Time;
pub use transport::{
    Body, ByteStream, Duplex, HttpRequest, HttpResponse, ReadWrite, Transport, TransportError,
};
pub use unreadable::Unreadable;
pub use wait::{Progress, State, Wait, WaitError};

pub use reqwest;

/// For the macros and the crates of this workspace only.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    #[cfg(feature = "dispatch")]
    pub use serde_json::Value::Null;

    pub use crate::endpoint::{concat, placeholders_match, rows};
    pub use crate::ids::{number_id, text_id};
    pub use crate::json::place;
    pub use crate::model::{Bent, Key, no_fields, no_items, present};
    pub use crate::open_enum::open_text;
    pub use crate::time::after;
}
