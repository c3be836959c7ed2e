//! What the server refuses, what it gives up on, and how it says so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod raw;

use std::io::{BufReader, Read as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deploykit_sandbox::{Builder, Context, Reply, Request, Running, Service, Socket};
use futures::{SinkExt as _, StreamExt as _};
use raw::{exchange, request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Adds the bytes of each body up, of whoever says `Bearer good`.
#[derive(Default)]
struct Adder {
    asked: AtomicU64,
    handled: AtomicU64,
}

impl Service for Adder {
    type Knobs = ();
    const NAME: &'static str = "adder";
    const PORT: u16 = 7099;

    fn new((): (), _: Context) -> Self {
        Self::default()
    }

    fn token(&self) -> String {
        "good".to_owned()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        (head.bearer() != Some("good")).then(|| Reply::text(401, "who are you?"))
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        self.handled.fetch_add(1, Ordering::SeqCst);
        match request.segments().as_slice() {
            ["sum"] => {
                let bytes = BufReader::new(request.content().reader()).bytes();
                let sum: u64 = bytes.map(|byte| u64::from(byte.unwrap())).sum();
                assert_eq!(request.body().len() as u64, request.content().len());
                Reply::text(200, format!("{} bytes: {sum}", request.content().len()))
            }
            ["socket"] => Reply::websocket(listen),
            _ => Reply::text(404, "nothing").lacking(),
        }
    }
}

async fn listen(mut socket: Socket) {
    while socket.receive().await.is_some() {}
}

async fn adder(set: impl FnOnce(Builder<Adder>) -> Builder<Adder>) -> Running<Adder> {
    set(Builder::new()).start().await.unwrap()
}

/// A body of zeros and one 7, sent in chunks if `chunked`.
async fn post(server: &Running<Adder>, len: usize, token: &str, chunked: bool) -> (u16, String) {
    let mut body = vec![0; len];
    body[len - 1] = 7;
    let pieces: Vec<Vec<u8>> = body.chunks(100_000).map(<[u8]>::to_vec).collect();
    let pieces = futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let request = reqwest::Client::new()
        .post(format!("{}/sum", server.base_url()))
        .bearer_auth(token);
    let request = match chunked {
        true => request.body(reqwest::Body::wrap_stream(pieces)),
        false => request.body(body),
    };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn large_bodies_come_whole_and_small_ones_without_asking() {
    let server = adder(|it| it).await;
    for (len, asked) in [(60_000, 0), (1_000_000, 2), (3_000_000, 4)] {
        for chunked in [false, true] {
            let answer = post(&server, len, "good", chunked).await;
            assert_eq!(answer, (200, format!("{len} bytes: 7")));
        }
        assert_eq!(server.service().asked.load(Ordering::SeqCst), asked);
    }
    let recorded = server.requests();
    assert_eq!(recorded.len(), 6);
    let last = &recorded[5].body;
    assert_eq!((last.len(), last[2_999_999]), (3_000_000, 7));
}

#[tokio::test]
async fn nobody_without_a_credential_makes_it_keep_a_large_body() {
    let server = adder(|it| it).await;
    for chunked in [false, true] {
        let (status, text) = post(&server, 20_000_000, "bad", chunked).await;
        assert_eq!((status, text.as_str()), (401, "who are you?"));
    }
    assert_eq!(server.service().handled.load(Ordering::SeqCst), 0);
    let recorded = server.requests();
    assert_eq!(recorded.len(), 2, "what was refused is recorded");
    assert!(recorded.iter().all(|refused| refused.body.is_empty()));
    // A fault strikes what the service would refuse, too.
    server.faults().on("POST", "/sum").status(503);
    assert_eq!(post(&server, 100_000, "bad", false).await.0, 503);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let server = adder(|it| it.max_body(200_000)).await;
    for chunked in [false, true] {
        assert_eq!(post(&server, 200_000, "good", chunked).await.0, 200);
        let (status, text) = post(&server, 200_001, "good", chunked).await;
        assert_eq!(status, 413);
        assert!(
            text.contains("200000 bytes") && text.contains("--max-body"),
            "{text}"
        );
    }
    assert_eq!(server.service().handled.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_client_that_asks_first_is_not_told_to_send() {
    let server = adder(|it| it.max_body(10)).await;
    let asking = "POST /sum HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
                  connection: close\r\ncontent-length: 11\r\n\r\n";
    let (answer, _) = exchange(server.address(), asking).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(!answer.contains("100 Continue"), "{answer}");
}

#[tokio::test]
async fn pages_from_elsewhere_are_refused_in_words() {
    let server = adder(|it| it.allow_host("sandbox")).await;
    let ask = |headers: &str| {
        let request = format!("GET /sum HTTP/1.1\r\nconnection: close\r\n{headers}\r\n\r\n");
        let address = server.address();
        async move { exchange(address, &request).await.0 }
    };
    for headers in [
        "host: evil.example:7001",
        "host: localhost\r\norigin: https://evil.example",
    ] {
        let answer = ask(headers).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(
            answer.contains("x-deploykit-sandbox: host not allowed\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("\"evil.example\" is no loopback address"),
            "{answer}"
        );
        assert!(answer.contains("--allow-host"), "{answer}");
    }
    assert!(ask("x: y").await.starts_with("HTTP/1.1 400 "));
    assert_eq!(server.service().handled.load(Ordering::SeqCst), 0);
    assert_eq!(server.requests().len(), 3, "what was refused is recorded");
    let allowed = ask("host: sandbox\r\norigin: http://localhost:3000").await;
    assert!(allowed.starts_with("HTTP/1.1 200 "), "{allowed}");
    assert!(
        !allowed.contains("access-control"),
        "only on request: {allowed}"
    );
}

#[tokio::test]
async fn browsers_may_read_if_asked_for() {
    let server = adder(Builder::cors).await;
    let preflight = "OPTIONS /sum HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:3000\r\n\
                     access-control-request-method: PATCH\r\n\
                     access-control-request-headers: authorization,x-mine\r\nconnection: close\r\n\r\n";
    let (answer, _) = exchange(server.address(), preflight).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    for header in [
        "access-control-allow-origin: http://localhost:3000\r\n",
        "access-control-allow-methods: PATCH\r\n",
        "access-control-allow-headers: authorization,x-mine\r\n",
    ] {
        assert!(answer.contains(header), "{answer}");
    }
    assert_eq!(server.service().handled.load(Ordering::SeqCst), 0);

    server.faults().on("GET", "/sum").status(503);
    let get = "GET /sum HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:3000\r\n\
               connection: close\r\n\r\n";
    let (answer, _) = exchange(server.address(), get).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: http://localhost:3000\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-expose-headers: *\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_the_stand_in_lacks_is_told_by_a_header_and_to_who_listens() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let server = adder(|it| {
        it.on_lacking(move |method, path| telling.lock().unwrap().push(format!("{method} {path}")))
    })
    .await;
    let (answer, _) = exchange(server.address(), &request("GET", "/what/is", "")).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(
        answer.contains("x-deploykit-sandbox: no such route here\r\n"),
        "{answer}"
    );
    let (answer, _) = exchange(server.address(), &request("GET", "/sum", "")).await;
    assert!(!answer.contains("x-deploykit-sandbox"), "{answer}");
    assert_eq!(*told.lock().unwrap(), ["GET /what/is"]);
}

#[tokio::test]
async fn only_the_version_of_websocket_that_there_is_is_spoken() {
    let server = adder(|it| it).await;
    let upgrade = |version: &str| {
        format!(
            "GET /socket HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, close\r\n\
             upgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{version}\r\n"
        )
    };
    for version in ["", "sec-websocket-version: 8\r\n"] {
        let (answer, _) = exchange(server.address(), &upgrade(version)).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("sec-websocket-version: 13\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_close_frame_is_answered_with_one() {
    let server = adder(|it| it).await;
    let url = format!("ws://{}/socket", server.address());
    let (mut socket, _) = connect_async(url).await.unwrap();
    let goodbye = CloseFrame {
        code: 4001.into(),
        reason: "done".into(),
    };
    let close = Message::Close(Some(goodbye));
    socket.send(close.clone()).await.unwrap();
    let patience = Duration::from_secs(10);
    let answer = tokio::time::timeout(patience, socket.next()).await;
    assert_eq!(answer.unwrap().unwrap().unwrap(), close);
    let end = tokio::time::timeout(patience, socket.next()).await;
    assert!(
        end.unwrap().is_none(),
        "then the connection ends, without an error"
    );
}

#[tokio::test]
async fn slow_and_silent_connections_end() {
    let idle = Duration::from_millis(200);
    let server = adder(|it| it.idle_timeout(idle)).await;
    let starts = [
        "",
        "GET /sum HTTP/1.1\r\nhost: local",
        "POST /sum HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nab",
        "GET /sum HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ];
    let began = Instant::now();
    for start in starts {
        let mut open = TcpStream::connect(server.address()).await.unwrap();
        open.write_all(start.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let reading = open.read_to_end(&mut received);
        let end = tokio::time::timeout(Duration::from_secs(20), reading).await;
        assert!(end.is_ok(), "{start:?} is ended");
    }
    assert!(began.elapsed() >= idle * 4, "each was given its time");
}

/// What a service answers to a body of so many bytes, from somebody without a credential.
async fn answer_to(base_url: &str, path: &str, len: usize) -> (u16, String) {
    let answer = reqwest::Client::new()
        .post(format!("{base_url}{path}"))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(" ".repeat(len));
    let answer = answer.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[cfg(all(
    feature = "scalingo",
    feature = "tideways",
    feature = "tsuru",
    feature = "edgegap",
    feature = "devopness"
))]
#[tokio::test]
async fn every_service_refuses_a_large_body_as_it_does_a_small_one() {
    use deploykit_sandbox::Sandbox;

    let scalingo = Sandbox::scalingo().start().await.unwrap();
    let tideways = Sandbox::tideways().start().await.unwrap();
    let tsuru = Sandbox::tsuru().start().await.unwrap();
    let tsuru_v1 = Sandbox::tsuru_v1().start().await.unwrap();
    let edgegap = Sandbox::edgegap().start().await.unwrap();
    let devopness = Sandbox::devopness().start().await.unwrap();
    for (base_url, path) in [
        (scalingo.base_url(), "/v1/apps/example-app/deployments"),
        (scalingo.base_url(), "/v1/tokens/exchange"),
        (scalingo.base_url(), "/api/databases/1/backups"),
        (
            tideways.base_url(),
            "/apps/api/example/deployment/provision",
        ),
        (tsuru.base_url(), "/apps"),
        (tsuru_v1.base_url(), "/1.0/apps/a/deploy"),
        (edgegap.base_url(), "/v2/deployments"),
        (edgegap.base_url(), "/matchmaker/tickets"),
        (devopness.base_url(), "/projects"),
    ] {
        let small = answer_to(base_url, path, 2).await;
        assert!([400, 401].contains(&small.0), "{path}: {small:?}");
        assert_eq!(answer_to(base_url, path, 200_000).await, small, "{path}");
    }
    for (base_url, path) in [
        (tideways.base_url(), "/api/events"),
        (tsuru.base_url(), "/users"),
        (tsuru_v1.base_url(), "/1.0/users"),
        (devopness.base_url(), "/users/login"),
        (devopness.base_url(), "/hooks/none/trigger"),
    ] {
        let large = answer_to(base_url, path, 200_000).await;
        assert_eq!(large.0, 413, "{path}: the credential isn't in the head");
    }
}

#[cfg(feature = "scalingo")]
#[tokio::test]
async fn a_large_archive_is_kept_whole_and_a_large_mistake_is_quoted_in_part() {
    let scalingo = deploykit_sandbox::Sandbox::scalingo()
        .start()
        .await
        .unwrap();
    let client = reqwest::Client::new();
    let base_url = scalingo.base_url();
    let bearer = scalingo.bearer();
    let sources = client
        .post(format!("{base_url}/v1/sources"))
        .bearer_auth(&bearer);
    let source = sources.send().await.unwrap().text().await.unwrap();
    let source: serde_json::Value = serde_json::from_str(&source).unwrap();
    let archive: Vec<u8> = (0..2_500_000_u32).map(|at| (at % 251) as u8).collect();
    let upload = client
        .put(source["source"]["upload_url"].as_str().unwrap())
        .header("content-type", "application/x-gzip")
        .body(archive.clone());
    assert_eq!(upload.send().await.unwrap().status(), 200);
    assert_eq!(scalingo.uploads(), [archive.as_slice()]);
    let download = client.get(source["source"]["download_url"].as_str().unwrap());
    let download = download.send().await.unwrap();
    assert_eq!(download.content_length(), Some(2_500_000));
    assert_eq!(download.bytes().await.unwrap(), archive);

    let order = client
        .post(format!("{base_url}/v1/apps/example-app/deployments"))
        .bearer_auth(&bearer)
        .body(format!("{{{}", "é".repeat(100_000)));
    let refused = order.send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let text = refused.text().await.unwrap();
    assert!(
        text.len() < 300 && text.contains("unexpected token at '{ééé"),
        "{text}"
    );
}

#[cfg(feature = "tsuru")]
#[tokio::test]
async fn the_file_of_a_large_form_is_counted_and_its_fields_are_read() {
    let tsuru = deploykit_sandbox::Sandbox::tsuru_v1()
        .app("web")
        .speed(1000.0)
        .start()
        .await
        .unwrap();
    let mut body =
        b"--b\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\nfirst\r\n--b\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.tar.gz\"\r\n\r\n"
            .to_vec();
    body.resize(body.len() + 2_000_000, b'\n');
    body.extend(b"\r\n--b--\r\n");
    let deploy = reqwest::Client::new()
        .post(format!("{}/1.0/apps/web/deploy", tsuru.base_url()))
        .header("authorization", format!("bearer {}", tsuru.token()))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body);
    let answer = deploy.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(text.contains("received 2000000 bytes"), "{text}");
}
