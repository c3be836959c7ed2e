//! Servers that do what no server should: whatever they send, a call ends in time, with an error that says
//! rightly whether the server may have acted, and nothing grows without a bound.
//!
//! [`server`] plays scripted bytes, one script a connection. Real sockets, real time: every test has a limit.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bodies;
mod cuts;
mod framing;
mod server;

use std::future::IntoFuture;
use std::time::Duration;

use deploykit::core::{Call, Client, Endpoint, Method};
use serde_json::Value;

/// A call that only reads.
const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/v1/thing");
/// A call that acts: it must not be sent twice unless the server surely did nothing.
const ACT: Endpoint = Endpoint::new("createThing", Method::POST, "/v1/things");

fn get(client: &Client) -> Call<Value> {
    client.call(client.request(&GET))
}

fn act(client: &Client) -> Call<Value> {
    client.call(client.request(&ACT).text("do it"))
}

/// No test waits for longer than this.
async fn within<T>(seconds: u64, work: impl IntoFuture<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), work.into_future())
        .await
        .expect("it took too long")
}
