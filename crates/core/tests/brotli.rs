//! Answers in brotli. Those in gzip are tested with the hostile servers.

#![cfg(feature = "brotli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use deploykit_core::{Client, ClientBuilder, Endpoint, ErrorKind, Http, Method};
use serde_json::{Value, json};
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

const GET: Endpoint = Endpoint::new("get", Method::GET, "/thing");

/// `{"ok":true}`, as node's zlib packs it.
const OK: [u8; 15] = [
    11, 5, 128, 123, 34, 111, 107, 34, 58, 116, 114, 117, 101, 125, 3,
];
/// A text of 1 MiB of the digit 0, in quotes.
const BOMB: [u8; 17] = [
    155, 1, 0, 16, 248, 165, 68, 96, 74, 145, 203, 2, 129, 185, 247, 15, 2,
];

async fn server(body: &[u8]) -> (MockServer, ClientBuilder) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).insert_header("content-encoding", "br");
    let packed = Mock::given(method("GET")).and(header("accept-encoding", "br"));
    packed
        .respond_with(answer.set_body_bytes(body))
        .mount(&server)
        .await;
    let plain = ResponseTemplate::new(200).set_body_json(json!({"plain": true}));
    Mock::given(method("GET"))
        .respond_with(plain)
        .mount(&server)
        .await;
    let builder = Client::builder(server.uri());
    (server, builder)
}

#[tokio::test]
async fn what_is_packed_is_unpacked_if_it_was_asked_for() {
    let (_server, builder) = server(&OK).await;
    let client = builder
        .http(Http::new().no_proxy().compressed())
        .build()
        .unwrap();
    let answer: Value = client.call(client.request(&GET)).await.unwrap();
    assert_eq!(answer, json!({"ok": true}));

    let (_server, builder) = server(&OK).await;
    let client = builder.build().unwrap();
    let answer: Value = client.call(client.request(&GET)).await.unwrap();
    assert_eq!(answer, json!({"plain": true}), "nothing was asked for");
}

#[tokio::test]
async fn a_limit_counts_what_is_unpacked() {
    let (_server, builder) = server(&BOMB).await;
    let http = Http::new().no_proxy().compressed();
    let client = builder.http(http).max_body(100_000).build().unwrap();
    let error = client
        .call::<Value>(client.request(&GET))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong, "{}", error.report());
}
