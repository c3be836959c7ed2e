//! One client in several runtimes: a connection lives in the runtime that made it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use deploykit_core::{Call, Client, Endpoint, Method};
use tokio::runtime::{Builder, Runtime};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const ACT: Endpoint = Endpoint::new("act", Method::POST, "/act");

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn act(client: &Client) -> Call<serde_json::Value> {
    client
        .call(client.request(&ACT))
        .timeout(Duration::from_secs(5))
}

#[test]
fn a_runtime_that_is_not_driven_stops_no_client_in_another() {
    let server = Builder::new_multi_thread().enable_all().build().unwrap();
    let mock = server.block_on(async {
        let mock = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_string("{}");
        Mock::given(matchers::any())
            .respond_with(answer)
            .mount(&mock)
            .await;
        mock
    });
    let client = Client::builder(mock.uri()).build().unwrap();
    let first = runtime();
    for _ in 0..3 {
        first.block_on(act(&client).send()).unwrap();
    }
    // Its connections are pooled, and nobody drives them now.
    let second = runtime();
    for _ in 0..3 {
        second.block_on(act(&client).send()).unwrap();
    }
    drop(second);
    first.block_on(act(&client).send()).unwrap();
    for _ in 0..20 {
        runtime().block_on(act(&client).send()).unwrap();
    }
}
