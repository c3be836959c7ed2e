//! The core of the deploykit crates: how an endpoint is declared, sent, retried, paged and decoded.
//!
//! Nothing else in the workspace sends a request. A service crate declares its endpoints in a table
//! ([`endpoints!`]), its bodies with [`request!`], its answers with [`model!`], ids with [`id!`] and enumerations
//! with [`open_enum!`]. All the rest is here, in four rooms, one file a job:
//!
//! | room | file | job |
//! |---|---|---|
//! | `calling`: what is called | `table`, `endpoint`, `dispatch` | the table and its rows; by feature: rows without a client |
//! | | `request`, `payload`, `multipart`, `source` | a request as a value; what it carries |
//! | | `call`, `streamed`, `composite` | a call: awaiting it sends it; several as one |
//! | `sending`: how it is sent | `client`, `builder` | what calls of one service share, and how it is built |
//! | | `send` | the one sending path |
//! | | `auth`, `origin` | credentials, and where they may go |
//! | | `token_store` | exchanged tokens that programs share |
//! | | `sent`, `redact` | what was sent, and what of it no error may show |
//! | | `retry`, `quota` | when to send again; documented limits |
//! | | `limits` | where they are kept together with other programs |
//! | | `transport`, `connect` | what sends one request |
//! | | `body` | reading a body within its limits |
//! | | `layer` | what programs put around calls and attempts |
//! | | `telemetry`, `metrics` | spans; metrics, by feature |
//! | `answers`: what comes back | `raw`, `json` | an answer before it is decoded, and decoding it |
//! | | `error`, `answer` | what went wrong, and what the server said of it |
//! | | `show` | texts of others in one harmless line |
//! | | `page`, `items`, `unreadable` | lists that come in pages, and their odd items |
//! | | `wait`, `lines` | waiting for a state; lines of a stream |
//! | | `save` | a stream written to a file |
//! | `models`: what models are made of | `model`, `secret`, `time`, `ids`, `open_enum`, `de`, `written` | the macros and their types |
//! | beside them | `blocking` | all of it from programs that are not async |
//! | | `memory`, `testing` | for tests: transports without a network, errors and models without a server |
//! | | `drift` | by feature: the table compared with a description |
//! | | `tower` | by feature: the transport as a service of tower, and the other way round |
//! | | `env` | variables that set a client up |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answers;
#[cfg(feature = "blocking")]
pub mod blocking;
mod calling;
#[cfg(feature = "dispatch")]
pub mod drift;
pub mod env;
pub mod memory;
mod models;
mod sending;
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(feature = "dispatch")]
pub use calling::dispatch;
pub use models::de;
#[cfg(feature = "metrics")]
pub use sending::metrics;

pub use answers::answer::{ApiError, RateLimit};
pub use answers::error::{Error, ErrorKind, Result};
pub use answers::items::Items;
pub use answers::lines::{lines, lines_up_to};
pub use answers::page::{Page, Pages, Position};
pub use answers::raw::{Answer, RawResponse, Streaming};
pub use answers::save::{Saved, Saving};
pub use answers::unreadable::Unreadable;
pub use answers::wait::{Progress, State, Wait, WaitError};
pub use calling::call::{Call, CallFuture, FromResponse, Raw, Response, Text};
pub use calling::composite::Composite;
pub use calling::endpoint::{Endpoint, Method};
pub use calling::multipart::Multipart;
pub use calling::payload::{Nullable, Payload};
pub use calling::request::Request;
pub use calling::streamed::Streamed;
pub use models::model::Absent;
pub use models::open_enum::Unknown;
pub use models::secret::Secret;
pub use models::time::Time;
pub use sending::auth::{
    Authorization, Basic, Credential, Exchange, Exchanged, ExchangedToken, Token,
};
pub use sending::builder::{ClientBuilder, Options};
pub use sending::client::{Client, parse_base_url};
pub use sending::connect::{Http, Reqwest};
pub use sending::layer::{Attempted, Event, Layer, NextAttempt, NextCall};
pub use sending::limits::{Ask, Fallback, Granted, Limit, LimitStore, StoreError};
pub use sending::origin::stream_is_allowed;
pub use sending::quota::Quota;
pub use sending::retry::{Decision, Outcome, RetryPolicy, Tried};
pub use sending::token_store::{StoredToken, TokenStore};
pub use sending::transport::{
    Body, ByteStream, Duplex, HttpRequest, HttpResponse, ReadWrite, Transport, TransportError,
};

pub use reqwest;

/// For the macros and the crates of this workspace only.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    #[cfg(feature = "dispatch")]
    pub use serde_json::Value::Null;

    pub use crate::answers::json::place;
    pub use crate::calling::payload::{Fields, set};
    pub use crate::calling::table::{checked, concat, placed, rows};
    pub use crate::models::ids::{number_id, text_id};
    pub use crate::models::model::{Field, Model, Shape, lacking, read_model};
    pub use crate::models::open_enum::open_text;
    pub use crate::models::time::after;
    pub use crate::models::written::{Written, count, show};
}
