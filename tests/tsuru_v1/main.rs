//! Today's tsuru: deploys that stream, locks, events, logs that follow, and the rest of an app's life.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod deploys;
mod life;
mod login;
mod logs;

use deploykit::tsuru::v1::Client;
use deploykit_sandbox::tsuru::v1::TsuruV1;
use deploykit_sandbox::{Builder, Running, Sandbox};

async fn start(change: impl FnOnce(Builder<TsuruV1>) -> Builder<TsuruV1>) -> Running<TsuruV1> {
    let sandbox = Sandbox::tsuru_v1().app("myapp").speed(100.0);
    change(sandbox).start().await.unwrap()
}

fn client(sandbox: &Running<TsuruV1>) -> Client {
    Client::builder()
        .target(sandbox.base_url())
        .token(sandbox.token())
        .build()
        .unwrap()
}

/// Requests of this method to paths that end so.
fn sent(sandbox: &Running<TsuruV1>, method: &str, end: &str) -> usize {
    let requests = sandbox.requests();
    let sent = requests
        .iter()
        .filter(|sent| sent.method == method && sent.path.ends_with(end));
    sent.count()
}
