//! What HTTP/2 servers refuse, over plain TCP with prior knowledge. The frames are written by hand, as no
//! server library goes away in bad order.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::{Call, Client, Endpoint, Error, ErrorKind, Raw, RetryPolicy};

const ACT: Endpoint = Endpoint::new("act", crate::Method::POST, "/act");

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Does {
    Answers,
    /// `RST_STREAM` with this code.
    Resets(u32),
    /// `GOAWAY` that names an earlier stream as the last one; the connection stays open.
    GoesAwayBefore(u32),
    /// `GOAWAY` that leaves the stream open; then the connection ends without an answer.
    GoesAwayAfter(u32),
    /// Two of an answer's 20 bytes, then `RST_STREAM` without an error: this ends the body in silence.
    EndsEarly,
}

use Does::*;

/// A server that does these things in order, the last one for ever; it counts the requests.
struct Server {
    base: String,
    requests: Arc<Mutex<u32>>,
}

impl Server {
    async fn new(script: &'static [Does]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(0));
        let counted = requests.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let counted = counted.clone();
                tokio::spawn(async move { serve(socket, script, &counted).await });
            }
        });
        Self { base, requests }
    }

    fn client(&self) -> Client {
        Client::builder(&self.base)
            .transport(Http::new().http2_only().transport().unwrap())
            .timeout(std::time::Duration::from_secs(5))
            .build()
            .unwrap()
    }

    async fn act(&self, policy: RetryPolicy) -> crate::Result<Raw> {
        let client = self.client();
        let call: Call<Raw> = client.call(client.request(&ACT).text("do it"));
        call.retry(policy).await
    }

    async fn fails(&self) -> Error {
        self.act(RetryPolicy::never()).await.unwrap_err()
    }

    fn requests(&self) -> u32 {
        *self.requests.lock().unwrap()
    }
}

async fn serve(mut socket: TcpStream, script: &[Does], counted: &Mutex<u32>) -> Option<()> {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    const END: u8 = 1;

    let mut preface = [0; 24];
    socket.read_exact(&mut preface).await.ok()?;
    frame(&mut socket, SETTINGS, 0, 0, &[]).await?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        socket.read_exact(&mut payload).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if kind == SETTINGS && flags & 1 == 0 {
            frame(&mut socket, SETTINGS, 1, 0, &[]).await?;
        }
        if !matches!(kind, DATA | HEADERS) || flags & END == 0 {
            continue;
        }
        let number = {
            let mut counted = counted.lock().unwrap();
            *counted += 1;
            *counted as usize - 1
        };
        let away = |last: u32, code: u32| [last.to_be_bytes(), code.to_be_bytes()].concat();
        // `0x88` is `:status: 200` in HPACK's static table.
        match script[number.min(script.len() - 1)] {
            Answers => {
                frame(&mut socket, HEADERS, 4, stream, &[0x88]).await?;
                frame(&mut socket, DATA, END, stream, b"{}").await?;
            }
            Resets(code) => {
                frame(&mut socket, RST_STREAM, 0, stream, &code.to_be_bytes()).await?;
            }
            GoesAwayBefore(code) => {
                frame(&mut socket, GOAWAY, 0, 0, &away(stream - 1, code)).await?;
            }
            EndsEarly => {
                // `content-length: 20`, spelt out.
                let head = b"\x88\x0f\x0d\x0220";
                frame(&mut socket, HEADERS, 4, stream, head).await?;
                frame(&mut socket, DATA, 0, stream, b"{}").await?;
                frame(&mut socket, RST_STREAM, 0, stream, &NO_ERROR.to_be_bytes()).await?;
            }
            GoesAwayAfter(code) => {
                return frame(&mut socket, GOAWAY, 0, 0, &away(stream, code)).await;
            }
        }
    }
}

async fn frame(
    socket: &mut TcpStream,
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &[u8],
) -> Option<()> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    socket.write_all(&bytes).await.ok()
}

#[tokio::test]
async fn what_a_server_refused_to_begin_is_repeated_and_counted() {
    for script in [
        &[Resets(REFUSED_STREAM), Answers],
        &[GoesAwayBefore(NO_ERROR), Answers],
        &[GoesAwayBefore(ENHANCE_YOUR_CALM), Answers],
    ] {
        let server = Server::new(script).await;
        let client = server.client();
        let call: Call<Raw> = client.call(client.request(&ACT).text("do it"));
        let response = call.send().await.unwrap();
        assert_eq!((server.requests(), response.attempts), (2, 2));
    }
}

#[tokio::test]
async fn a_refusal_is_not_called_maybe_sent_and_nobody_repeats_it_in_secret() {
    for script in [
        &[Resets(REFUSED_STREAM)],
        &[GoesAwayBefore(NO_ERROR)],
        &[GoesAwayBefore(INTERNAL_ERROR)],
    ] {
        let server = Server::new(script).await;
        let error = server.fails().await;
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert!(!error.may_have_been_sent(), "{error}");
        assert_eq!((server.requests(), error.attempts()), (1, 1), "{error}");
    }
}

#[tokio::test]
async fn what_the_server_may_have_begun_is_not_repeated() {
    for script in [
        &[Resets(INTERNAL_ERROR)],
        &[Resets(NO_ERROR)],
        &[GoesAwayAfter(NO_ERROR)],
        &[GoesAwayAfter(INTERNAL_ERROR)],
        &[EndsEarly],
    ] {
        let server = Server::new(script).await;
        let error = server.act(RetryPolicy::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert!(error.may_have_been_sent(), "{error}");
        assert_eq!((server.requests(), error.attempts()), (1, 1), "{error}");
    }
}
