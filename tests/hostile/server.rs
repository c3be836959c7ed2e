//! A server of scripted bytes: the n-th connection plays the n-th script, the last script is repeated.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deploykit::core::{Client, RetryPolicy, Token};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A step of a connection. After the last one the connection is closed.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads one request: its head, and as much body as `Content-Length` says.
    Request,
    /// Reads so many bytes and no more.
    Part(usize),
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again, until the client is gone or so many bytes were sent.
    Flood(Vec<u8>, usize),
    /// Sends these bytes again and again, with this pause between them, until the client is gone.
    Drip(Vec<u8>, Duration),
    /// Does nothing until the client is gone.
    Hang,
    /// Cuts the connection with a reset instead of an orderly end.
    Reset,
}

/// Sends a text.
pub fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// What came in on one connection.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// The requests, each as it stood on the wire.
    pub requests: Vec<String>,
    /// All bytes that came in.
    pub received: usize,
    /// All bytes that were taken from us.
    pub sent: usize,
}

/// A running server; it ends with the test.
pub struct Hostile {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<Seen>>>,
}

impl Hostile {
    /// Plays these scripts, one a connection.
    pub async fn plays(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let scripts: Vec<_> = scripts.into_iter().collect();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let all = connections.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let number = {
                    let mut all = lock(&all);
                    all.push(Seen::default());
                    all.len() - 1
                };
                let script = scripts[number.min(scripts.len() - 1)].clone();
                let mut played = Played {
                    socket,
                    number,
                    all: all.clone(),
                    unread: Vec::new(),
                };
                tokio::spawn(async move { played.all_of(script).await });
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// Reads one request and answers with these bytes, on every connection; then closes it.
    pub async fn answers(answer: impl AsRef<[u8]>) -> Self {
        Self::plays([vec![Step::Request, send(answer)]]).await
    }

    /// Where it listens.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of it that sends once and waits two seconds at the most.
    pub fn client(&self) -> Client {
        Client::builder(self.base_url())
            .credential(Token::bearer("canary-token").unwrap())
            .timeout(Duration::from_secs(2))
            .retry(RetryPolicy::never())
            .build()
            .unwrap()
    }

    /// What each connection saw, in the order in which they were made.
    pub fn connections(&self) -> Vec<Seen> {
        lock(&self.connections).clone()
    }

    /// All requests, on whatever connection.
    pub fn requests(&self) -> Vec<String> {
        self.connections()
            .into_iter()
            .flat_map(|seen| seen.requests)
            .collect()
    }
}

struct Played {
    socket: TcpStream,
    number: usize,
    all: Arc<Mutex<Vec<Seen>>>,
    unread: Vec<u8>,
}

impl Played {
    async fn all_of(&mut self, script: Vec<Step>) -> Option<()> {
        for step in script {
            match step {
                Step::Request => self.request().await?,
                Step::Part(length) => self.part(length).await?,
                Step::Send(bytes) => self.send(&bytes).await?,
                Step::Flood(bytes, most) => {
                    let mut sent = 0;
                    while sent < most {
                        self.send(&bytes).await?;
                        sent += bytes.len();
                    }
                }
                Step::Drip(bytes, pause) => loop {
                    self.send(&bytes).await?;
                    tokio::time::sleep(pause).await;
                },
                Step::Hang => while self.read().await? > 0 {},
                Step::Reset => {
                    let _ = self.socket.set_zero_linger();
                    return None;
                }
            }
        }
        let _ = self.socket.shutdown().await;
        // What the client still sends is read, so that no reset overtakes the answer.
        while self.read().await? > 0 {}
        None
    }

    async fn send(&mut self, bytes: &[u8]) -> Option<()> {
        self.socket.write_all(bytes).await.ok()?;
        self.note(|seen| seen.sent += bytes.len());
        Some(())
    }

    async fn read(&mut self) -> Option<usize> {
        let length = self.socket.read_buf(&mut self.unread).await.ok()?;
        self.note(|seen| seen.received += length);
        Some(length)
    }

    async fn part(&mut self, length: usize) -> Option<()> {
        self.socket.read_exact(&mut vec![0; length]).await.ok()?;
        self.note(|seen| seen.received += length);
        Some(())
    }

    /// Reads one request; ends the script if the client leaves before it is whole.
    async fn request(&mut self) -> Option<()> {
        loop {
            if let Some(end) = whole(&self.unread) {
                let request: Vec<_> = self.unread.drain(..end).collect();
                let request = String::from_utf8_lossy(&request).into_owned();
                self.note(|seen| seen.requests.push(request));
                return Some(());
            }
            if self.read().await? == 0 {
                return None;
            }
        }
    }

    fn note(&self, what: impl FnOnce(&mut Seen)) {
        what(&mut lock(&self.all)[self.number]);
    }
}

/// Where the first request ends, if it is all there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let body = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    (bytes.len() >= head + body).then_some(head + body)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
