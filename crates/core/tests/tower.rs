//! The transport as a tower service, and a service as the transport.
#![cfg(feature = "tower")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use common::{Fails, Server};
use deploykit_core::memory::{Memory, Recorder, reply};
use deploykit_core::tower::{Service, ServiceTransport, TransportService};
use deploykit_core::{Body, ByteStream, Call, Client, Endpoint, ErrorKind, Method, Outcome, Token};
use futures::future::{BoxFuture, join_all};
use http::{HeaderValue, Request, Response};
use serde_json::json;
use tower::{BoxError, ServiceBuilder, service_fn};

static READ: Endpoint = Endpoint::new("read", Method::GET, "/things/{id}");
static MAKE: Endpoint = Endpoint::new("make", Method::POST, "/things");

fn read(client: &Client) -> Call<u32> {
    client.call(client.request(&READ).segment("id", &"a b"))
}

fn client<S>(transport: ServiceTransport<S>) -> Client
where
    ServiceTransport<S>: deploykit_core::Transport + 'static,
{
    let token = Token::bearer("canary").unwrap();
    let builder = Client::builder("https://api.example.com").credential(token);
    builder.transport(transport).build().unwrap()
}

#[tokio::test]
async fn a_request_arrives_as_it_was_and_middleware_changes_it() {
    let recorder = Recorder::new();
    recorder.answers("GET", "/things/a%20b", 200, json!(7));
    recorder.answers("POST", "/things", 201, json!(8));
    let mark = |mut request: Request<Body>| {
        assert!(request.headers()["authorization"].is_sensitive());
        let headers = request.headers_mut();
        headers.insert("x-mark", HeaderValue::from_static("here"));
        request
    };
    let service = ServiceBuilder::new()
        .map_request(mark)
        .service(TransportService::new(recorder.clone()));
    let client = client(ServiceTransport::new(service));
    assert_eq!(read(&client).await.unwrap(), 7);
    let made: Call<u32> = client.call(client.request(&MAKE).json(&json!({"a": 1})));
    let response = made.send().await.unwrap();
    assert_eq!((response.status, response.value), (201, 8));
    let asked = recorder.requests();
    assert_eq!(asked[0].headers["x-mark"], "here");
    assert_eq!(asked[0].headers["authorization"], "Bearer canary");
    assert_eq!(asked[1].json(), json!({"a": 1}));
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_tower_holds_calls_back() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let slow = Memory::new(move |_| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(reply(200, "1"))
        }
    });
    let service = ServiceBuilder::new()
        .concurrency_limit(2)
        .service(TransportService::new(slow));
    let client = client(ServiceTransport::new(service));
    let calls = (0..6).map(|_| read(&client).into_future());
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

/// Never ready.
#[derive(Clone)]
struct Shed;

impl Service<Request<Body>> for Shed {
    type Response = Response<ByteStream>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Err("too much to do".into()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        unreachable!("it is not ready")
    }
}

#[tokio::test(start_paused = true)]
async fn errors_say_how_far_a_request_came() {
    // A transport's own error passes through a middleware that boxes it.
    for outcome in [Outcome::NotConnected, Outcome::Interrupted] {
        let server = Server::new([Fails(outcome)]);
        let boxed = ServiceBuilder::new()
            .map_err(BoxError::from)
            .service(TransportService::new(server.transport()));
        let client = client(ServiceTransport::new(boxed));
        let error = client.call::<u32>(client.request(&MAKE)).await.unwrap_err();
        let ambiguous = outcome == Outcome::Interrupted;
        assert_eq!(error.may_have_been_sent(), ambiguous, "{error}");
        // What may have arrived is not sent again.
        assert_eq!(server.sent().len() == 1, ambiguous);
    }
    // A middleware's own.
    let failing = service_fn(|_: Request<Body>| async {
        Err::<Response<ByteStream>, BoxError>("lost in between".into())
    });
    let error = {
        let client = client(ServiceTransport::new(failing));
        client.call::<u32>(client.request(&MAKE)).await.unwrap_err()
    };
    assert!(error.may_have_been_sent());
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let error = read(&client(ServiceTransport::new(Shed)))
        .await
        .unwrap_err();
    assert!(!error.may_have_been_sent());
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(
        error.report().to_string().contains("too much to do"),
        "{}",
        error.report()
    );
}

#[tokio::test]
async fn live_streams_are_refused_in_words() {
    let never = service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(reply(200, "").body))
    });
    let refused = client(ServiceTransport::new(never))
        .upgrade(
            "http://127.0.0.1:1/".parse().unwrap(),
            http::HeaderMap::new(),
        )
        .await;
    let Err(refused) = refused else {
        panic!("it has no connection to give");
    };
    assert!(refused.to_string().contains("no live streams"));
}
