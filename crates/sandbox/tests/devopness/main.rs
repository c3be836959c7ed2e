//! The Devopness stand-in, driven by a client that knows nothing but HTTP and JSON.

#![cfg(feature = "devopness")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod actions;
mod client;
mod documented;
mod hooks;
mod pipelines;
mod resources;
mod today;
mod tokens;
