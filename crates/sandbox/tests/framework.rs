//! The server itself, seen from the wire: faults, the request log, WebSockets, the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod raw;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use deploykit_sandbox::{Builder, Context, Reply, Request, Running, Service, Socket};
use futures::{SinkExt as _, StreamExt as _};
use raw::{exchange, request};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A service that counts its work.
struct Counter {
    context: Context,
    done: AtomicUsize,
}

impl Service for Counter {
    type Knobs = ();
    const NAME: &'static str = "counter";
    const PORT: u16 = 7099;

    fn new((): (), context: Context) -> Self {
        Self {
            context,
            done: AtomicUsize::new(0),
        }
    }

    fn token(&self) -> String {
        String::new()
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        self.done.fetch_add(1, Ordering::SeqCst);
        match request.segments().as_slice() {
            ["stream"] => {
                let pieces = ["one ", "two ", "three"].map(|piece| Ok(piece.into()));
                Reply::stream(200, "text/plain", futures::stream::iter(pieces))
            }
            ["socket"] => Reply::websocket(echo),
            _ => Reply::text(200, "0123456789"),
        }
    }
}

/// Five frames of its own, then what the client says, until it is gone.
async fn echo(mut socket: Socket) {
    for n in 0..5 {
        if socket.send_text(n.to_string()).await.is_err() {
            return;
        }
    }
    while let Some(text) = socket.receive().await {
        if text == "bye" {
            return socket.close().await;
        }
        if socket.send_text(text).await.is_err() {
            return;
        }
    }
}

async fn counter() -> Running<Counter> {
    Builder::new().start().await.unwrap()
}

fn done(server: &Running<Counter>) -> usize {
    server.service().done.load(Ordering::SeqCst)
}

#[tokio::test]
async fn requests_are_served_and_recorded() {
    let server = counter().await;
    let sent = "POST /a%2Fb/c?x=1&y=%20z HTTP/1.1\r\nHost: localhost\r\nX-Mark: m\r\nconnection: close\r\n\
                content-length: 4\r\n\r\nbody";
    let (answer, end) = exchange(server.address(), sent).await;
    assert!(end.is_ok());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n0123456789"), "{answer}");
    let recorded = &server.requests()[0];
    assert_eq!(
        (recorded.method.as_str(), recorded.path.as_str()),
        ("POST", "/a%2Fb/c")
    );
    let query = [("x", "1"), ("y", " z")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(recorded.query, query);
    assert_eq!(recorded.header("x-mark"), Some("m"));
    assert_eq!(recorded.body, "body");
    server.clear_requests();
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn only_the_latest_requests_are_kept() {
    let server: Running<Counter> = Builder::new().keep_requests(2).start().await.unwrap();
    for path in ["/1", "/2", "/3"] {
        let (_, end) = exchange(server.address(), &request("GET", path, "")).await;
        assert!(end.is_ok());
    }
    let paths: Vec<String> = server
        .requests()
        .into_iter()
        .map(|kept| kept.path)
        .collect();
    assert_eq!(paths, ["/2", "/3"]);
}

#[tokio::test]
async fn a_connection_is_kept_for_further_requests() {
    let server = counter().await;
    let twice = "GET /1 HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned() + &request("GET", "/2", "");
    let (answer, _) = exchange(server.address(), &twice).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
}

#[tokio::test]
async fn status_faults_answer_in_place_of_the_service() {
    let server = counter().await;
    let faults = server.faults();
    faults
        .on("GET", "/x")
        .header("retry-after", "7")
        .body("{\"a\":1}")
        .status(503);
    let (answer, _) = exchange(server.address(), &request("GET", "/x", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    assert!(answer.contains("retry-after: 7\r\n"), "{answer}");
    assert!(
        answer.contains("content-type: application/json\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n{\"a\":1}"), "{answer}");
    faults.on("GET", "/x").html_error(502);
    let (answer, _) = exchange(server.address(), &request("GET", "/x", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
        "{answer}"
    );
    assert!(answer.contains("content-type: text/html\r\n"), "{answer}");
    assert!(
        answer.contains("<title>502 Bad Gateway</title>"),
        "{answer}"
    );
    assert_eq!(done(&server), 0);
}

#[tokio::test]
async fn resets_come_before_or_after_the_work() {
    let server = counter().await;
    let reset_before = server.faults().on("POST", "/x").reset_before();
    let (answer, end) = exchange(server.address(), &request("POST", "/x", "b")).await;
    assert_eq!(answer, "");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!((done(&server), reset_before.hits()), (0, 1));
    assert_eq!(
        server.requests()[0].body,
        "b",
        "what was struck is recorded too"
    );

    server.faults().on("POST", "/x").reset_after();
    let (answer, end) = exchange(server.address(), &request("POST", "/x", "b")).await;
    assert_eq!(answer, "");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(done(&server), 1);

    let (answer, end) = exchange(server.address(), &request("POST", "/x", "b")).await;
    assert!(end.is_ok() && answer.ends_with("0123456789"));
}

#[tokio::test]
async fn a_truncated_body_announces_more_than_it_sends() {
    let server = counter().await;
    server.faults().on("GET", "/x").truncated_body();
    let (answer, _) = exchange(server.address(), &request("GET", "/x", "")).await;
    assert!(answer.contains("content-length: 10\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n01234"), "{answer}");
    assert_eq!(done(&server), 1);

    server.faults().on("GET", "/stream").truncated_body();
    let (answer, _) = exchange(server.address(), &request("GET", "/stream", "")).await;
    assert!(
        answer.contains("transfer-encoding: chunked\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("\r\n\r\n4\r\none \r\n"),
        "no last chunk: {answer}"
    );
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let server = counter().await;
    let delay = Duration::from_millis(80);
    server.faults().on("GET", "/x").delay(delay);
    let start = Instant::now();
    let (answer, _) = exchange(server.address(), &request("GET", "/x", "")).await;
    assert!(start.elapsed() >= delay);
    assert!(answer.ends_with("0123456789"));
}

#[tokio::test]
async fn websockets_are_served_and_closed() {
    let server = counter().await;
    let url = format!("ws://{}/socket", server.address());
    let (mut socket, _) = connect_async(url).await.unwrap();
    for n in 0..5 {
        let frame = socket.next().await.unwrap().unwrap();
        assert_eq!(frame, Message::text(n.to_string()));
    }
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::text("hello")
    );
    socket.send(Message::Ping("p".into())).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Pong("p".into())
    );
    socket.send(Message::text("bye")).await.unwrap();
    assert!(matches!(
        socket.next().await,
        Some(Ok(Message::Close(None)))
    ));

    let (answer, _) = exchange(server.address(), &request("GET", "/socket", "")).await;
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
}

#[tokio::test]
async fn a_websocket_drops_after_so_many_frames() {
    let server = counter().await;
    server.faults().on("GET", "/socket").drop_after(3);
    let url = format!("ws://{}/socket", server.address());
    let (socket, _) = connect_async(url.as_str()).await.unwrap();
    let frames: Vec<_> = socket.collect().await;
    assert_eq!(frames.iter().filter(|frame| frame.is_ok()).count(), 3);
    assert!(
        matches!(frames[3], Err(Error::Protocol(_))),
        "{:?}",
        frames[3]
    );

    let (mut socket, _) = connect_async(url.as_str()).await.unwrap();
    let five: Vec<_> = (&mut socket).take(5).collect().await;
    assert!(five.iter().all(Result::is_ok), "the fault has struck once");
}

#[tokio::test]
async fn nothing_is_left_after_the_end() {
    let server = counter().await;
    let address = server.address();
    let service = Arc::downgrade(&server.service());
    server.service().context.spawn({
        let held = server.service();
        async move {
            let _held = held;
            std::future::pending().await
        }
    });
    let (mut socket, _) = connect_async(format!("ws://{address}/socket"))
        .await
        .unwrap();
    socket.next().await.unwrap().unwrap();
    server.shutdown().await;
    assert!(
        TcpStream::connect(address).await.is_err(),
        "the port is closed"
    );
    assert!(
        socket
            .filter(|frame| std::future::ready(frame.is_err()))
            .next()
            .await
            .is_some()
    );
    assert!(service.upgrade().is_none(), "its tasks are gone");
}

#[tokio::test]
async fn dropping_ends_the_server_too() {
    let server = counter().await;
    let address = server.address();
    let service = Arc::downgrade(&server.service());
    let mut open = TcpStream::connect(address).await.unwrap();
    drop(server);
    let mut received = Vec::new();
    let reading = open.read_to_end(&mut received);
    let end = tokio::time::timeout(Duration::from_secs(10), reading).await;
    assert!(end.is_ok(), "the connection has ended");
    assert!(service.upgrade().is_none());
}
