//! The live stream's WebSocket (RFC 6455), once the handshake is done: the client's half, with nothing that it does not
//! need. It writes to no log, as a token goes through it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use deploykit_core::Duplex;
use futures::stream::Stream;
use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};

/// No message may be longer, in one frame or in several.
pub(crate) const LONGEST_MESSAGE: usize = 4 << 20;

/// So much is read at once.
const READ: usize = 16 << 10;

/// Longest payload of a ping, pong or close.
const LONGEST_CONTROL: usize = 125;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What the server sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A text, whether it is one or not.
    Text(Bytes),
    /// Bytes.
    Binary(Bytes),
    /// A sign of life, answered already.
    Alive,
    /// The end, with the server's code. Nothing that comes after it counts.
    Close(Option<u16>),
}

/// Why there is no socket, or no longer one.
#[derive(Debug)]
pub(crate) enum SocketError {
    /// The handshake was answered with this status.
    Refused(u16),
    /// The connection broke, or there is none.
    Io(io::Error),
    /// A message is longer than [`LONGEST_MESSAGE`].
    TooLong,
    /// The server does not keep to the protocol.
    Protocol(&'static str),
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "the handshake was answered with {status}"),
            Self::Io(error) => error.fmt(f),
            Self::TooLong => write!(f, "a message is longer than {LONGEST_MESSAGE} bytes"),
            Self::Protocol(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for SocketError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<io::Error> for SocketError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An open socket. As a stream, it gives what the server sends; dropping it hangs up.
pub(crate) struct Socket {
    stream: Duplex,
    received: BytesMut,
    read: Box<[u8]>,
    /// The message of which not all fragments are here: what it began as, and what there is of it.
    begun: Option<(u8, BytesMut)>,
    /// A pong that is being written.
    writing: Bytes,
    /// What the last ping asked for; earlier ones need no answer.
    asked: Option<Bytes>,
}

impl Socket {
    /// A socket over a connection whose handshake is done.
    pub(crate) fn new(stream: Duplex) -> Self {
        Self {
            stream,
            received: BytesMut::new(),
            read: vec![0; READ].into(),
            begun: None,
            writing: Bytes::new(),
            asked: None,
        }
    }

    /// Sends a text. Not to be dropped half-way, and not after reading began.
    pub(crate) async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(&frame(TEXT, text.as_bytes())).await?;
        self.stream.flush().await
    }

    /// Answers pings as far as the connection takes it. It never waits, and a connection that takes nothing more is not
    /// the end: there may be something to read, and reading tells.
    fn answer(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.writing.is_empty() {
                let Some(asked) = self.asked.take() else {
                    return;
                };
                self.writing = frame(PONG, &asked).into();
            }
            match Pin::new(&mut self.stream).poll_write(cx, &self.writing) {
                Poll::Ready(Ok(written @ 1..)) => self.writing.advance(written),
                Poll::Ready(_) => self.writing.clear(),
                Poll::Pending => return,
            }
            if self.writing.is_empty() {
                let _ = Pin::new(&mut self.stream).poll_flush(cx);
            }
        }
    }

    /// The next message of what was received; none if it is not complete.
    fn parse(&mut self) -> Result<Option<Message>, SocketError> {
        let Some((last, opcode, payload)) = self.frame()? else {
            return Ok(None);
        };
        match opcode {
            PING => self.asked = Some(payload),
            PONG => {}
            CLOSE => return close(&payload).map(Some),
            TEXT | BINARY if self.begun.is_some() => {
                return Err(SocketError::Protocol("a message began within another"));
            }
            TEXT | BINARY if last => return Ok(Some(whole(opcode, payload))),
            TEXT | BINARY => self.begun = Some((opcode, payload.into())),
            CONTINUATION => {
                let Some((opcode, mut begun)) = self.begun.take() else {
                    return Err(SocketError::Protocol("a message goes on that never began"));
                };
                begun.extend_from_slice(&payload);
                if last {
                    return Ok(Some(whole(opcode, begun.freeze())));
                }
                self.begun = Some((opcode, begun));
            }
            _ => return Err(SocketError::Protocol("a frame is of an unknown kind")),
        }
        // However many fragments there are, somebody else gets a turn.
        Ok(Some(Message::Alive))
    }

    /// The next frame: whether it ends its message, its opcode and payload. What it must not be is refused before
    /// its payload is waited for.
    fn frame(&mut self) -> Result<Option<(bool, u8, Bytes)>, SocketError> {
        let &[first, second, ..] = &self.received[..] else {
            return Ok(None);
        };
        let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(SocketError::Protocol("a frame has an unknown extension"));
        }
        if second & 0x80 != 0 {
            return Err(SocketError::Protocol("the server masks its frames"));
        }
        let rest = &self.received[2..];
        let (header, length) = match second {
            126 => match rest.first_chunk() {
                Some(length) => (4, u64::from(u16::from_be_bytes(*length))),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(length) => (10, u64::from_be_bytes(*length)),
                None => return Ok(None),
            },
            length => (2, u64::from(length)),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if opcode >= CLOSE && (!last || length > LONGEST_CONTROL) {
            return Err(SocketError::Protocol("a control frame is in parts"));
        }
        let begun = self.begun.as_ref().map_or(0, |(_, begun)| begun.len());
        if opcode < CLOSE && length > LONGEST_MESSAGE - begun {
            return Err(SocketError::TooLong);
        }
        if self.received.len() - header < length {
            return Ok(None);
        }
        self.received.advance(header);
        Ok(Some((
            last,
            opcode,
            self.received.split_to(length).freeze(),
        )))
    }
}

impl Stream for Socket {
    type Item = Result<Message, SocketError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(message) = this.parse().transpose() {
                return Poll::Ready(Some(message));
            }
            this.answer(cx);
            let mut read = ReadBuf::new(&mut this.read);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(None);
            }
            this.received.extend_from_slice(read.filled());
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}

fn whole(opcode: u8, payload: Bytes) -> Message {
    match opcode {
        TEXT => Message::Text(payload),
        _ => Message::Binary(payload),
    }
}

fn close(payload: &[u8]) -> Result<Message, SocketError> {
    match payload {
        [] => Ok(Message::Close(None)),
        [high, low, ..] => Ok(Message::Close(Some(u16::from_be_bytes([*high, *low])))),
        [_] => Err(SocketError::Protocol("a close has half a code")),
    }
}

/// A frame of this client, masked as the protocol wants it.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mask = fastrand::u32(..).to_ne_bytes();
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => frame.push(0x80 | length),
        (_, Ok(length)) => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    let masked = payload.iter().zip(mask.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
