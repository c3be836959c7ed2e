//! Against a server of another make, and against one that means no good.

use futures::{SinkExt as _, StreamExt as _};
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Theirs;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};

use super::*;

async fn pair(buffer: usize) -> (Socket, WebSocketStream<DuplexStream>) {
    let (ours, theirs) = duplex(buffer);
    let server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    (Socket::new(Box::new(ours)), server)
}

/// What comes of these bytes: the messages, and how it ended.
fn read(bytes: &[u8]) -> (Vec<Message>, Option<SocketError>) {
    let (ours, mut theirs) = duplex(bytes.len().max(1));
    let reading = async {
        theirs.write_all(bytes).await.unwrap();
        drop(theirs);
        let (mut socket, mut messages) = (Socket::new(Box::new(ours)), Vec::new());
        while let Some(message) = socket.next().await {
            match message {
                Ok(message) => messages.push(message),
                Err(error) => return (messages, Some(error)),
            }
        }
        (messages, None)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(reading)
}

#[tokio::test]
async fn messages_of_every_length_arrive_whole() {
    // A connection that takes a few bytes at a time, and one that takes all.
    for buffer in [3, 1 << 20] {
        let (mut socket, mut server) = pair(buffer).await;
        let lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
        let sending = async {
            for length in lengths {
                let text = Theirs::text("é".repeat(length / 2));
                server.send(text).await.unwrap();
                server.send(Theirs::binary(vec![7; length])).await.unwrap();
            }
        };
        let receiving = async {
            for length in lengths {
                let Some(Ok(Message::Text(text))) = socket.next().await else {
                    panic!("no text of {length}");
                };
                assert_eq!(text, "é".repeat(length / 2));
                let Some(Ok(Message::Binary(bytes))) = socket.next().await else {
                    panic!("no bytes of {length}");
                };
                assert_eq!(bytes, vec![7; length]);
            }
        };
        tokio::join!(sending, receiving);
    }
}

#[tokio::test]
async fn fragments_are_put_together_around_pings() {
    let (mut socket, mut server) = pair(1 << 16).await;
    let part = |text: &'static str, opcode, last| {
        Theirs::Frame(Frame::message(text, OpCode::Data(opcode), last))
    };
    server.send(part("one, ", Data::Text, false)).await.unwrap();
    server.send(Theirs::Ping("alive?".into())).await.unwrap();
    server
        .send(part("two, ", Data::Continue, false))
        .await
        .unwrap();
    server
        .send(part("three", Data::Continue, true))
        .await
        .unwrap();
    let text = loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Alive => {}
            other => break other,
        }
    };
    assert_eq!(text, Message::Text("one, two, three".into()));
    // The ping is answered while reading goes on.
    assert!(futures::poll!(socket.next()).is_pending());
    assert_eq!(
        server.next().await.unwrap().unwrap(),
        Theirs::Pong("alive?".into())
    );
}

#[tokio::test]
async fn what_is_sent_is_read_by_the_other_side() {
    for length in [0, 125, 126, 65_535, 65_536] {
        let (mut socket, mut server) = pair(1 << 20).await;
        let text = "x".repeat(length);
        socket.send(&text).await.unwrap();
        assert_eq!(server.next().await.unwrap().unwrap(), Theirs::text(text));
    }
    // Masked anew each time.
    assert_ne!(frame(TEXT, b"the same"), frame(TEXT, b"the same"));
}

#[tokio::test]
async fn a_server_that_reads_nothing_does_not_stop_the_reading() {
    let (mut socket, mut server) = pair(64).await;
    let sending = async {
        for n in 0..100u8 {
            server.feed(Theirs::Ping(vec![n; 50].into())).await.unwrap();
            server.feed(Theirs::text(n.to_string())).await.unwrap();
            server.flush().await.unwrap();
        }
        server
    };
    let receiving = async {
        let mut texts = 0;
        while texts < 100 {
            if let Message::Text(_) = socket.next().await.unwrap().unwrap() {
                texts += 1;
            }
        }
    };
    let both = async { tokio::join!(sending, receiving) };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, both)
        .await
        .expect("it stands still");
    // No more than one answer waits.
    assert!(socket.writing.len() <= 2 + 4 + 50);
}

#[tokio::test]
async fn a_close_tells_its_code() {
    let (mut socket, mut server) = pair(1 << 10).await;
    let frame = CloseFrame {
        code: CloseCode::Library(4001),
        reason: "because".into(),
    };
    server.close(Some(frame)).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Close(Some(4001))
    );
    let (mut socket, mut server) = pair(1 << 10).await;
    server.close(None).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Close(None));
}

#[test]
fn what_breaks_the_protocol_is_refused() {
    for (what, bytes) in [
        ("masked", &[0x81, 0x81, 0, 0, 0, 0, b'x'][..]),
        ("an extension", &[0xc1, 1, b'x']),
        ("unknown data", &[0x83, 1, b'x']),
        ("unknown control", &[0x8b, 0]),
        ("a ping in parts", &[0x09, 0]),
        ("a long ping", &[0x89, 126, 0, 126]),
        ("a message within another", &[0x01, 1, b'x', 0x81, 1, b'x']),
        ("half a code", &[0x88, 1, 3]),
        ("what never began", &[0x80, 1, b'x']),
    ] {
        let (_, error) = read(bytes);
        assert!(
            matches!(error, Some(SocketError::Protocol(_))),
            "{what}: {error:?}"
        );
    }
}

#[test]
fn too_long_is_refused_before_it_is_read() {
    let longest = (LONGEST_MESSAGE as u64).to_be_bytes();
    let mut fits = vec![0x82, 127];
    fits.extend(longest);
    assert!(read(&fits).1.is_none(), "only its end is missing");
    for length in [LONGEST_MESSAGE as u64 + 1, u64::MAX, 1 << 63] {
        let mut long = vec![0x82, 127];
        long.extend(length.to_be_bytes());
        assert!(
            matches!(read(&long).1, Some(SocketError::TooLong)),
            "{length}"
        );
    }
    // In parts, too.
    let mut parts = vec![0x02, 1, b'x', 0x80, 127];
    parts.extend(longest);
    assert!(matches!(read(&parts).1, Some(SocketError::TooLong)));
}

#[test]
fn a_connection_that_ends_anywhere_ends_the_stream() {
    let whole = [0x01, 1, b'a', 0x89, 1, b'p', 0x80, 126, 0, 2, b'b', b'c'];
    for length in 0..whole.len() {
        let (messages, error) = read(&whole[..length]);
        assert!(error.is_none(), "{length}");
        assert!(messages.iter().all(|it| *it == Message::Alive), "{length}");
    }
    let (messages, _) = read(&whole);
    assert_eq!(messages.last(), Some(&Message::Text("abc".into())));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }
}
