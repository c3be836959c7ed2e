//! A client that sees what is really on the wire.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends `request` as it is, and reads until the server ends the connection.
pub(crate) async fn exchange(address: SocketAddr, request: &str) -> (String, io::Result<()>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let reading = stream.read_to_end(&mut received);
    let end = tokio::time::timeout(Duration::from_secs(10), reading).await;
    let end = end.expect("the server ends the connection").map(drop);
    (String::from_utf8_lossy(&received).into_owned(), end)
}

/// A request that asks for the end of the connection.
pub(crate) fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
