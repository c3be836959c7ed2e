//! Proxies that are no HTTP proxies, or that nobody named.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use deploykit_core::{Client, Endpoint, Http, Method, RetryPolicy};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const GET: Endpoint = Endpoint::new("get", Method::GET, "/thing");
const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

async fn head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// One call to a host that only the proxy could know.
async fn call(http: Http) {
    let client = Client::builder("http://api.example.com")
        .http(http)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let _: Value = client.call(client.request(&GET)).await.unwrap();
}

/// Speaks SOCKS 5 with user and password (RFC 1928, RFC 1929), and answers the call in place of the host.
#[cfg(feature = "socks")]
async fn socks(listener: TcpListener) -> String {
    let (mut socket, _) = listener.accept().await.unwrap();
    let [version, methods] = [
        socket.read_u8().await.unwrap(),
        socket.read_u8().await.unwrap(),
    ];
    let mut offered = vec![0; methods.into()];
    socket.read_exact(&mut offered).await.unwrap();
    assert!(
        version == 5 && offered.contains(&2),
        "{version} {offered:?}"
    );
    socket.write_all(&[5, 2]).await.unwrap();
    assert_eq!(socket.read_u8().await.unwrap(), 1);
    for expected in ["user", "canary"] {
        let mut text = vec![0; socket.read_u8().await.unwrap().into()];
        socket.read_exact(&mut text).await.unwrap();
        assert_eq!(text, expected.as_bytes());
    }
    socket.write_all(&[1, 0]).await.unwrap();

    let mut asked = [0; 4];
    socket.read_exact(&mut asked).await.unwrap();
    assert_eq!(asked, [5, 1, 0, 3], "connect, to a name");
    let mut name = vec![0; socket.read_u8().await.unwrap().into()];
    socket.read_exact(&mut name).await.unwrap();
    let port = socket.read_u16().await.unwrap();
    socket
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    assert!(head(&mut socket).await.starts_with("GET /thing HTTP/1.1"));
    socket.write_all(EMPTY.as_bytes()).await.unwrap();
    format!("{}:{port}", String::from_utf8(name).unwrap())
}

#[cfg(feature = "socks")]
#[tokio::test]
async fn a_socks_proxy_finds_the_host_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(socks(listener));
    call(Http::new().proxy(format!("socks5h://user:canary@{address}"))).await;
    assert_eq!(asked.await.unwrap(), "api.example.com:80");
}

#[cfg(not(feature = "socks"))]
#[test]
fn a_socks_proxy_is_refused_without_the_feature() {
    let http = Http::new().proxy("socks5h://user:canary@127.0.0.1:1");
    let error = Client::builder("http://api.example.com")
        .http(http)
        .build()
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
    assert!(!error.report().contains("canary"));
}

/// The system's proxy is read from the environment, which only another process can be given.
#[tokio::test]
async fn the_proxy_of_the_system_is_taken_unless_told_otherwise() {
    const WHICH: &str = "DEPLOYKIT_TEST_PROXY";

    if let Ok(which) = std::env::var(WHICH) {
        return match which.as_str() {
            "system" => call(Http::new()).await,
            // `NO_PROXY` names the host: nobody answers there.
            _ => {
                let client = Client::builder("http://localhost:1").build().unwrap();
                let call = client.call::<Value>(client.request(&GET).retry(RetryPolicy::never()));
                assert!(!call.await.unwrap_err().may_have_been_sent());
            }
        };
    }
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let run = |which: &'static str| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "the_proxy_of_the_system_is_taken_unless_told_otherwise",
            ])
            .env(WHICH, which)
            .env(
                "http_proxy",
                format!("http://{}", proxy.local_addr().unwrap()),
            )
            .env("no_proxy", "localhost");
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let (output, asked) = tokio::join!(run("system"), async {
        let (mut socket, _) = proxy.accept().await.unwrap();
        let asked = head(&mut socket).await;
        socket.write_all(EMPTY.as_bytes()).await.unwrap();
        asked
    });
    assert!(output.unwrap().status.success());
    assert!(
        asked.starts_with("GET http://api.example.com/thing HTTP/1.1"),
        "{asked}"
    );

    let output = run("none").await.unwrap();
    assert!(output.status.success(), "{output:?}");
}
