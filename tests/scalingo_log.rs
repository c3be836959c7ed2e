//! What the libraries below write to the log while a stream is opened: no bearer. A program of its own, as it
//! listens to all threads; and its server is one of bare sockets, as the stand-in's would log what it receives.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use deploykit::scalingo::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const BEARER: &str = "the-canary-bearer";

/// Writes down every event, those of the `log` crate too.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

impl Visit for &Notes {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field} = {value:?}").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Notes {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        event.record(&mut &*self);
    }
}

/// As `tracing-log` does.
struct Bridge;

impl log::Log for Bridge {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        tracing::trace!("{}: {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

/// The head of a request.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// The text frame that a client sends: short, and masked.
async fn frame(stream: &mut TcpStream) -> String {
    let mut start = [0; 2];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!((start[0], start[1] & 0x80), (0x81, 0x80));
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await.unwrap();
    let mut text = vec![0; usize::from(start[1] & 0x7f)];
    stream.read_exact(&mut text).await.unwrap();
    let unmasked = text.iter().zip(mask.iter().cycle());
    String::from_utf8(unmasked.map(|(byte, mask)| byte ^ mask).collect()).unwrap()
}

async fn serve(mut stream: TcpStream, received: Arc<Mutex<Vec<String>>>) {
    let address = stream.local_addr().unwrap();
    while let Some(head) = head(&mut stream).await {
        let path = head.split(' ').nth(1).unwrap();
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("sec-websocket-key")
                .then_some(value)
        });
        if let Some(key) = key {
            let accept = derive_accept_key(key.as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-accept: {accept}\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            let auth = frame(&mut stream).await;
            received.lock().unwrap().push(auth);
            let ended = r#"{"type":"status","id":"1","data":{"status":"success"}}"#;
            stream.write_all(&[0x81, ended.len() as u8]).await.unwrap();
            stream.write_all(ended.as_bytes()).await.unwrap();
            // Until the client leaves.
            let _ = stream.read(&mut [0; 16]).await;
            return;
        }
        let (status, body) = match path {
            "/v1/apps/x" => (
                200,
                format!(
                    r#"{{"app":{{"name":"x","links":{{"deployments_stream":"ws://{address}/live"}}}}}}"#
                ),
            ),
            "/v1/apps/x/deployments/1" => (
                200,
                r#"{"deployment":{"id":"1","status":"building"}}"#.to_owned(),
            ),
            _ => (404, r#"{"error":"not found"}"#.to_owned()),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} Some Reason\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn no_log_shows_the_bearer_that_opens_a_stream() {
    let notes = Notes::default();
    let subscriber = tracing_subscriber::registry().with(notes.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_logger(&Bridge).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let seen = received.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, seen.clone()));
        }
    });
    let client = Client::builder()
        .bearer(BEARER)
        .base_url(format!("http://{address}"))
        .build()
        .unwrap();
    let limit = std::time::Duration::from_secs(20);
    let deployment = client.follow("x", "1").deadline(limit).wait().await;
    assert!(deployment.unwrap().succeeded());

    let auth = format!(r#"{{"type":"auth","data":{{"token":"{BEARER}"}}}}"#);
    assert_eq!(*received.lock().unwrap(), [auth], "one whole frame");
    let notes = notes.0.lock().unwrap();
    assert!(notes.contains("tungstenite"), "the library was listened to");
    assert!(notes.contains("success"), "at TRACE");
    assert!(!notes.contains("canary"), "{notes}");
}
