//! Edgegap beyond deployments, against the sandbox: releases, the other resources, and instances of one's own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod instances;
mod program;
mod release;
mod resources;

use std::time::Duration;

use deploykit::edgegap::{Client, RetryPolicy};
use deploykit_sandbox::edgegap::Edgegap;
use deploykit_sandbox::{Builder, Running, Sandbox};

/// A sandbox in which starting takes no time and stopping milliseconds, and a client that takes every failure as it
/// comes.
async fn connected(
    change: impl FnOnce(Builder<Edgegap>) -> Builder<Edgegap>,
) -> (Running<Edgegap>, Client) {
    let sandbox = change(Sandbox::edgegap().speed(500.0).start_time(Duration::ZERO))
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    (sandbox, client)
}

/// How many requests of this method went to this path.
fn sent(sandbox: &Running<Edgegap>, method: &str, path: &str) -> usize {
    let requests = sandbox.requests();
    requests
        .iter()
        .filter(|sent| sent.method == method && sent.path == path)
        .count()
}
