//! How connections are made: proxies, clients of one's own, other protocols.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use deploykit_core::{Call, Client, Endpoint, ErrorKind, Http, Method, Token, reqwest};
use futures::FutureExt as _;
use http::HeaderMap;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const GET: Endpoint = Endpoint::new("get", Method::GET, "/thing");
const ACT: Endpoint = Endpoint::new("act", Method::POST, "/thing");

async fn head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Answers one connection and tells what it was asked.
async fn once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let asked = head(&mut socket).await;
        socket.write_all(answer.as_bytes()).await.unwrap();
        asked
    });
    (address, asked)
}

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn calls_go_through_the_proxy_that_they_are_told() {
    let (proxy, asked) = once(EMPTY).await;
    let http = Http::new().proxy(format!("http://user:canary@{proxy}"));
    assert!(!format!("{http:?}").contains("canary"));
    let client = Client::builder("http://api.example.com")
        .http(http)
        .build()
        .unwrap();
    let _: Value = client.call(client.request(&GET)).await.unwrap();
    let asked = asked.await.unwrap().to_lowercase();
    assert!(
        asked.starts_with("get http://api.example.com/thing http/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains("proxy-authorization: basic dxnlcjpjyw5hcnk="),
        "{asked}"
    );
}

#[tokio::test]
async fn a_secure_call_asks_the_proxy_for_a_tunnel() {
    let (proxy, asked) = once("HTTP/1.1 403 Forbidden\r\n\r\n").await;
    let http = Http::new().proxy(format!("http://{proxy}"));
    let token = Token::bearer("canary-token").unwrap();
    let builder = Client::builder("https://api.example.com").credential(token);
    let client = builder.http(http).build().unwrap();
    let call: Call<Value> = client.call(client.request(&ACT));
    let policy = deploykit_core::RetryPolicy::never();
    let error = call.retry(policy).await.unwrap_err();
    assert!(!error.may_have_been_sent(), "{}", error.report());
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("CONNECT api.example.com:443 "), "{asked}");
    assert!(!asked.contains("canary"), "the proxy sees no credential");
}

#[tokio::test]
async fn wrong_settings_are_refused_when_the_client_is_built() {
    for http in [
        Http::new().proxy("not a proxy"),
        Http::new().client_certificate("canary"),
        Http::new()
            .root_certificates("-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----"),
    ] {
        let error = Client::builder("https://api.example.com")
            .http(http)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.report().contains("canary"), "{}", error.report());
    }
}

#[tokio::test]
async fn a_client_of_ones_own_is_used_and_must_not_follow_redirects() {
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(302).append_header("location", "/elsewhere");
    Mock::given(matchers::path("/thing"))
        .respond_with(moved)
        .mount(&server)
        .await;
    Mock::given(matchers::path("/elsewhere"))
        .and(matchers::header("x-mine", "yes"))
        .respond_with(ResponseTemplate::new(200).set_body_string("{}"))
        .mount(&server)
        .await;
    let mine = |policy| {
        let mut headers = HeaderMap::new();
        headers.insert("x-mine", "yes".parse().unwrap());
        let builder = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(policy);
        let client = Client::builder(server.uri()).http_client(builder.build().unwrap());
        client.build().unwrap()
    };
    let good = mine(reqwest::redirect::Policy::none());
    let _: Value = good.call(good.request(&GET)).await.unwrap();
    let bad = mine(reqwest::redirect::Policy::default());
    let call: Call<Value> = bad.call(bad.request(&GET));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn another_protocol_gets_the_connection() {
    let answer =
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello";
    let (address, asked) = once(answer).await;
    let client = Client::builder(format!("http://{address}"))
        .build()
        .unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("connection", "upgrade".parse().unwrap());
    headers.insert("upgrade", "echo".parse().unwrap());
    let url = format!("http://{address}/live").parse().unwrap();
    let (head, connection) = client.upgrade(url, headers).await.unwrap();
    assert_eq!(head.status, 101);
    let mut text = String::new();
    connection.unwrap().read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "hello");
    assert!(asked.await.unwrap().starts_with("GET /live HTTP/1.1"));

    let (address, _) = once("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("http://{address}/live").parse().unwrap();
    let (head, connection) = client.upgrade(url, HeaderMap::new()).await.unwrap();
    assert_eq!((head.status.as_u16(), connection.is_none()), (403, true));
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let client = Client::builder("http://127.0.0.1:1").build().unwrap();
    let call: Call<Value> = client.call(client.request(&GET).timeout(Duration::from_secs(1)));
    let error = call.send().now_or_never().unwrap().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}
