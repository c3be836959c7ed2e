//! How it is sent: the one path, and what decides on the way.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod connect;
pub(crate) mod layer;
pub(crate) mod limits;
#[cfg(feature = "metrics")]
pub mod metrics;
pub(crate) mod origin;
pub(crate) mod quota;
pub(crate) mod redact;
pub(crate) mod retry;
pub(crate) mod send;
pub(crate) mod sent;
pub(crate) mod telemetry;
pub(crate) mod token_store;
pub(crate) mod transport;
