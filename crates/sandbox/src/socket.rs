//! The server's end of a WebSocket.

use std::fmt;

use futures::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use crate::wire::Ending;

/// An accepted WebSocket. Dropping it ends the TCP connection without a closing handshake.
pub struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    ending: Ending,
    /// How many more frames a fault lets through.
    allowed: Option<u64>,
}

/// The client is gone, or a fault has ended the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl Socket {
    pub(crate) async fn accept(upgraded: Upgraded, ending: Ending, allowed: Option<u64>) -> Self {
        let io = TokioIo::new(upgraded);
        Self {
            stream: WebSocketStream::from_raw_socket(io, Role::Server, None).await,
            ending,
            allowed,
        }
    }

    /// Sends a text frame.
    ///
    /// # Errors
    /// [`Closed`] when nothing can be sent any more. The session should return then.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), Closed> {
        self.feed_text(text).await?;
        self.flush().await
    }

    /// Puts a text frame among those that the next [`flush`](Self::flush) sends: the way to send
    /// many frames at once.
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn feed_text(&mut self, text: impl Into<String>) -> Result<(), Closed> {
        if self.allowed != Some(0) {
            let frame = Message::text(text.into());
            self.stream.feed(frame).await.map_err(|_| Closed)?;
            self.allowed = self.allowed.map(|left| left - 1);
        }
        if self.allowed == Some(0) {
            self.flush().await?;
            return Err(Closed);
        }
        Ok(())
    }

    /// Sends the frames that are waiting.
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn flush(&mut self) -> Result<(), Closed> {
        self.stream.flush().await.map_err(|_| Closed)
    }

    /// Sends a JSON value as a text frame.
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn send_json(&mut self, value: &Value) -> Result<(), Closed> {
        self.send_text(value.to_string()).await
    }

    /// The next text frame of the client; `None` once it has closed. Pings are answered along the
    /// way, so a session should always be listening.
    pub async fn receive(&mut self) -> Option<String> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) => {
                    // Its answer lies ready; a client that is gone doesn't miss it.
                    let _ = self.stream.flush().await;
                    return None;
                }
                Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Ends the connection with a closing handshake.
    pub async fn close(mut self) {
        // The client may be gone already, which is a close too.
        let _ = self.stream.close(None).await;
    }

    /// Ends the connection with a closing handshake that says why: a code of RFC 6455 §7.4, or one of 3000 to
    /// 4999.
    pub async fn close_with(mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        let _ = self.stream.close(Some(frame)).await;
    }

    /// Ends the connection with a TCP reset.
    pub fn reset(self) {
        self.ending.reset();
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}
