//! What errors and `Debug` show of what was sent, if a server quotes it in any way.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex};

use common::{CREATE, GET, Server};
use deploykit_core::memory::{Memory, reply};
use deploykit_core::{
    Body, Call, Client, Endpoint, Error, ErrorKind, Method, Nullable, Payload, RetryPolicy, Secret,
    Token,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

const TOKEN: &str = "canary-token-1";

deploykit_core::request! {
    /// A key.
    pub struct Key {
        required {
            /// The key.
            key: Secret,
        }
    }
}

deploykit_core::request! {
    /// All places that a secret may stand in.
    pub struct Everywhere {
        required {
            /// A word.
            name: String,
        }
        optional {
            /// In a field.
            field: Secret,
            /// In a struct.
            nested: Key,
            /// In a list of structs.
            list: Vec<Key>,
            /// In a map.
            map: BTreeMap<String, Secret>,
            /// In what can be cleared.
            nullable: Nullable<Secret>,
            /// In a struct that can be cleared.
            deep: Nullable<Vec<Option<Key>>>,
        }
    }
}

fn everywhere() -> Everywhere {
    Everywhere::new("john")
        .field("canary-field")
        .nested(Key::new("canary-nested"))
        .list([Key::new("canary-list")])
        .map(BTreeMap::from([("K".to_owned(), "canary-map".into())]))
        .nullable(Secret::from("canary-nullable"))
        .deep(vec![Some(Key::new("canary/deep \"é\"\n"))])
}

/// A client of a server that answers with what a closure makes of the request's body.
fn client(
    answer: impl Fn(String) -> (u16, Vec<(&'static str, String)>, String) + Send + Sync + 'static,
) -> Client {
    let answer = Arc::new(answer);
    Client::builder("https://api.example.com/canary-base/")
        .transport(Memory::new(move |request| {
            let sent = match &request.body {
                Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => String::new(),
            };
            let sent = format!("{} {sent} {:?}", request.url, Headers(&request.headers));
            let (status, headers, body) = answer(sent);
            let mut reply = reply(status, body);
            for (name, value) in headers {
                reply.headers.append(name, value.parse().unwrap());
            }
            async move { Ok(reply) }
        }))
        .credential(Token::bearer(TOKEN).unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// Shows the values of sensitive headers too, as a server does that quotes them.
struct Headers<'a>(&'a http::HeaderMap);

impl std::fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|(name, value)| writeln!(f, "{name}: {}", value.to_str().unwrap()))
    }
}

fn shown(error: &Error) -> String {
    let mut all = format!(
        "{error} {error:?} {error:#?} {} {:?} {:?} {:?}",
        error.report(),
        error.body(),
        error.api(),
        error.headers()
    );
    let mut cause = error.source();
    while let Some(error) = cause {
        all += &format!("{error} {error:?}");
        cause = error.source();
    }
    all
}

#[track_caller]
fn clean(error: &Error) {
    let shown = shown(error);
    assert!(
        !shown.contains("canary") && !shown.contains("Y2FuYXJ5"),
        "{shown}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_wherever_it_stands_in_what_was_sent() {
    for status in [200, 422] {
        let echo = client(move |sent| (status, vec![], sent));
        let body: Call<Value> = echo.call(echo.request(&CREATE).json(&everywhere()));
        let envelope: Call<Value> = echo.call(echo.request(&ENVELOPED).json(&[everywhere()][..]));
        let form: Call<Value> = echo.call(echo.request(&CREATE).form(&Key::new("canary form&1")));
        let query: Call<Value> =
            echo.call(echo.request(&CREATE).query(&Key::new("canary query/1")));
        let path: Call<Value> = echo.call(
            echo.request(&CONNECT)
                .segment("id", &7)
                .segment("key", &"canary path"),
        );
        let header: Call<Value> = echo
            .call(echo.request(&CREATE))
            .header("x-api-key", "canary header");
        let address =
            Url::parse("https://store.example.com/b/canary-up?sign=canary%2Fsign").unwrap();
        let address: Call<Value> = echo.call(echo.request(&UPLOAD).at(address));
        let inside: Call<Value> = echo.call(
            echo.request(&CREATE)
                .yaml("key: canary text")
                .hide([Secret::from("canary text")]),
        );
        for call in [body, envelope, form, query, path, header, address, inside] {
            let debug = format!("{call:?}");
            let preview = format!("{:?}", call.preview().unwrap());
            assert!(
                !debug.contains("canary") && !preview.contains("canary"),
                "{debug} {preview}"
            );
            let error = call.await.unwrap_err();
            clean(&error);
            assert!(
                error.body().unwrap().contains("example.com"),
                "it was an echo"
            );
            assert!(error.raw_body().unwrap().expose().contains("canary"));
        }
    }
}

const ENVELOPED: Endpoint = Endpoint::new("create", Method::POST, "/things").body_envelope("thing");
const CONNECT: Endpoint = Endpoint::new("connect", Method::POST, "/x/{id}/{key}").secret_path();
const UPLOAD: Endpoint = Endpoint::new("upload", Method::PUT, "").public();

#[tokio::test(start_paused = true)]
async fn the_credential_is_not_shown_from_any_header_or_text_that_quotes_it() {
    for (status, kind) in [
        (403, ErrorKind::Status),
        (302, ErrorKind::Origin),
        (200, ErrorKind::Decode),
    ] {
        let quoting = client(move |_| {
            let basic = "dXNlcjpjYW5hcnktdG9rZW4tMQ==";
            let headers = vec![
                ("x-request-id", format!("id-{TOKEN}")),
                (
                    "location",
                    format!("https://{TOKEN}.evil.net/{TOKEN}?t={TOKEN}"),
                ),
                ("link", format!("<https://evil.net/{TOKEN}>; rel=\"next\"")),
                ("x-reason", basic.to_owned()),
                ("x-beyond-ascii", format!("»{TOKEN}« is no token")),
                ("set-cookie", "session=canary-cookie".to_owned()),
            ];
            let said = format!(
                r#"{{"{TOKEN}":["{basic}"],"code":"{TOKEN}","error":"no\u00a0canary\u002dtoken-1",
                "errors":{{"{TOKEN}":["{TOKEN}"]}}}}"#
            );
            (status, headers, said)
        });
        let call: Call<Vec<u8>> = quoting.call(quoting.request(&GET).segment("id", &1));
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        clean(&error);
        assert_eq!(error.request_id(), Some("id-[redacted]"));
        assert_eq!(error.header("x-reason"), Some("dXNlcj[redacted]"));
        assert_eq!(error.header("set-cookie"), Some("session=canary-cookie"));
        let beyond = error.headers()["x-beyond-ascii"].as_bytes();
        assert_eq!(beyond, "»[redacted]« is no token".as_bytes());
        assert_eq!(error.header("x-none"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_client_knows_is_hidden_though_this_call_did_not_send_it() {
    let client = Client::builder("https://api.example.com")
        .transport(Memory::new(|_| async {
            Ok(reply(403, "canary-account and canary-other are blocked"))
        }))
        .limits_of(&Secret::from("canary-account"))
        .hide(Secret::from("canary-other"))
        .build()
        .unwrap();
    let call: Call<Value> = client.call(client.request(&GET).segment("id", &1));
    clean(&call.await.unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn ordinary_words_and_what_is_decided_on_stay() {
    let body =
        r#"{"code":"not_found","error":"page not found","errors":{"password":["is a password"]}}"#;
    let client = client(move |_| (404, vec![("retry-after", "7".to_owned())], body.to_owned()));
    let words = [Key::new("page"), Key::new("password"), Key::new("error")];
    let call: Call<Value> = client.call(client.request(&CREATE).json(&words[..]));
    let error = call.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "createThing: 404 Not Found: page not found; password: is a password"
    );
    assert_eq!(error.body(), Some(body));
    assert_eq!(error.header("Retry-After"), Some("7"));
    let api = error.api().unwrap();
    assert_eq!(api.code(), Some("not_found"));
    assert_eq!(api.fields()["password"], ["is a password"]);

    // A secret that stands in what is decided on is taken out of what is shown only.
    let key = [Key::new("not_found, really")];
    let client = self::client(move |_| (500, vec![], "it is not_found, really".to_owned()));
    let call: Call<Value> = client.call(client.request(&CREATE).json(&key[..]));
    let error = call.await.unwrap_err();
    assert_eq!(error.body(), Some("it is [redacted]"));
    assert_eq!(
        error.raw_body().unwrap().expose(),
        "it is not_found, really"
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_crosses_a_cut_is_found() {
    let secret = "canary/".repeat(40);
    for before in [250, 299, (64 << 10) - 150, (64 << 10) - 3] {
        let key = Key::new(secret.as_str());
        let quoted = secret.replace('/', r"\/");
        let client = client(move |_| (400, vec![], format!("{}{quoted}", "-".repeat(before))));
        let call: Call<Value> = client.call(client.request(&CREATE).json(&key));
        let error = call.await.unwrap_err();
        let shown = format!("{error} {}", error.body().unwrap());
        assert!(!shown.contains('c') || !shown.contains("can"), "{before}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_one_bounded_line_whatever_the_server_says() {
    let evil = "\u{1b}[2J\u{202e}\u{7}\r\nroot@host# \u{9b}31m\u{2066}x";
    let long = evil.repeat(20_000);
    let json = serde_json::json!({
        "error": long, "code": long, "resource": long,
        "errors": (0..2000).map(|n| (format!("{n}{evil}"), vec![long.get(..999).unwrap_or(evil)])).collect::<BTreeMap<_, _>>(),
    });
    for body in [long.clone(), json.to_string()] {
        let headers = vec![("x-request-id", "i\tx".repeat(5000))];
        let client = client(move |_| (400, headers.clone(), body.clone()));
        let call: Call<Value> = client.call(client.request(&CREATE));
        let error = call.await.unwrap_err();
        let (line, debug, report) = (error.to_string(), format!("{error:?}"), error.report());
        assert!(
            line.chars().count() < 2500 && debug.len() < 20_000,
            "{}",
            debug.len()
        );
        assert!(report.lines().count() < 100 && report.chars().count() < 250_000);
        for text in [&line, &debug, &report] {
            let harmful =
                |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..'\u{202f}').contains(&c);
            assert!(!text.contains(harmful), "{text:?}");
        }
        assert!(!line.contains('\n') && !debug.contains('\n'));
        assert!(error.request_id().unwrap().chars().count() <= 200);
    }
}

#[tokio::test(start_paused = true)]
async fn debug_shows_no_base_path_no_header_and_no_cookie() {
    let ok = client(|_| {
        (
            200,
            vec![("set-cookie", "canary-cookie".to_owned())],
            "1".to_owned(),
        )
    });
    let call = || -> Call<u32> { ok.call(ok.request(&CREATE)).header("x-api-key", "canary") };
    let built = Client::builder("https://joe:canary@example.com/canary").header(
        http::HeaderName::from_static("x-key"),
        http::HeaderValue::from_static("canary"),
    );
    let response = call().send().await.unwrap();
    let preview = call().preview().unwrap();
    let shown = format!(
        "{ok:?} {:?} {built:?} {response:?} {preview:?} {:?}",
        call(),
        preview.headers
    );
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("https://api.example.com/…"), "{shown}");
    let error = Server::new([common::Answers(200, "{}")]);
    let payload: &dyn std::fmt::Debug = &everywhere();
    assert!(everywhere().check().is_ok() && error.sent().is_empty());
    assert!(!format!("{payload:?}").contains("canary"));
}

/// What a client sends, byte by byte.
async fn on_the_wire(request: impl FnOnce(&Client) -> deploykit_core::Request) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder(format!("http://{}", listener.local_addr().unwrap()))
        .build()
        .unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = seen.clone();
    let server = async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        while !kept.lock().unwrap().ends_with(b"\r\n\r\n") {
            let read = socket.read(&mut buffer).await.unwrap();
            assert!(read > 0);
            kept.lock().unwrap().extend_from_slice(&buffer[..read]);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        socket.write_all(answer).await.unwrap();
    };
    let call: Call<Value> = client.call(request(&client));
    let (answer, ()) = tokio::join!(call.into_future(), server);
    answer.unwrap();
    let seen = seen.lock().unwrap();
    String::from_utf8(seen.clone())
        .unwrap()
        .to_ascii_lowercase()
}

#[tokio::test]
async fn a_request_that_may_have_a_body_says_that_it_has_none() {
    const POST: Endpoint = Endpoint::new("post", Method::POST, "/x");
    const PUT: Endpoint = Endpoint::new("put", Method::PUT, "/x");
    const PATCH: Endpoint = Endpoint::new("patch", Method::PATCH, "/x");
    const DELETE: Endpoint = Endpoint::new("delete", Method::DELETE, "/x");
    const READ: Endpoint = Endpoint::new("read", Method::GET, "/x");

    for (endpoint, says_so) in [
        (&POST, true),
        (&PUT, true),
        (&PATCH, true),
        (&DELETE, false),
        (&READ, false),
    ] {
        let sent = on_the_wire(|client| client.request(endpoint)).await;
        assert_eq!(
            sent.contains("\r\ncontent-length: 0\r\n"),
            says_so,
            "{sent}"
        );
        assert!(!sent.contains("transfer-encoding"), "{sent}");
    }
    let sent = on_the_wire(|client| client.request(&POST).text("")).await;
    assert_eq!(sent.matches("content-length: 0\r\n").count(), 1, "{sent}");
}
