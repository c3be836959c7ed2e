//! The Scalingo stand-in, seen by clients.

#![cfg(feature = "scalingo")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;
mod deployments;
mod resources;
mod stream;
mod watching;
