//! The live stream: log frames, encoded beforehand, as fast as the client takes them.

use futures::StreamExt as _;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::Result;

/// How a request for the stream begins.
pub(super) const START: &[u8; 9] = b"GET /live";

/// Distinct frames; they are sent again and again.
pub(crate) const FRAMES: usize = 1000;

/// What builds say.
const LINES: [&str; 5] = [
    "-----> Installing dependencies using 1.6.3",
    "       Using thread_safe 0.3.5 from vendor/bundle/ruby/3.3.0",
    "       I, [2015-05-12T21:45:45.836623 #191]  INFO -- : Writing /build/public/assets/application.js\n",
    "\u{1b}[32m-----> Compiling Ruby/Rails\u{1b}[0m",
    "       Cleaning up the bundler cache.",
];

pub(super) async fn push(stream: TcpStream) -> Result<()> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    // The first frame is the client's, with its token.
    socket.next().await.ok_or("no token was sent")??;
    let encoded = encode();
    loop {
        socket.get_mut().write_all(&encoded).await?;
    }
}

fn encode() -> Vec<u8> {
    let mut encoded = Vec::new();
    for number in 0..FRAMES {
        let line = LINES[number % LINES.len()];
        let frame = json!({
            "type": "log",
            "id": "123e4567-e89b-12d3-a456-426655440000",
            "data": {"content": format!("{line} ({number})")},
        });
        put_text_frame(&mut encoded, frame.to_string().as_bytes());
    }
    encoded
}

/// A whole, unmasked text frame (RFC 6455, 5.2), below 64 KiB.
fn put_text_frame(out: &mut Vec<u8>, payload: &[u8]) {
    out.push(0x81);
    match u8::try_from(payload.len()) {
        Ok(short @ ..126) => out.push(short),
        _ => {
            let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
            out.push(126);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}
