//! tsuru, from the login to the last app, against servers of several years.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod life;
mod restart;
mod safety;
mod users;

use deploykit::tsuru::{Client, ClientBuilder};
use deploykit_sandbox::tsuru::{Era, Tsuru};
use deploykit_sandbox::{Builder, Running};

const ERAS: [Era; 4] = [Era::Page, Era::V0_2, Era::V0_4, Era::V0_7];

async fn start(sandbox: Builder<Tsuru>) -> Running<Tsuru> {
    sandbox.speed(1000.0).start().await.unwrap()
}

fn builder(sandbox: &Running<Tsuru>) -> ClientBuilder {
    Client::builder()
        .target(sandbox.base_url())
        .token(sandbox.token())
}

fn client(sandbox: &Running<Tsuru>) -> Client {
    builder(sandbox).build().unwrap()
}
