//! A server in memory that always gives the same answer, and the runtime that drives its clients.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use deploykit_core::memory::{Memory, reply};
use deploykit_core::{Client, ClientBuilder, RetryPolicy, Token};
use http::{HeaderName, HeaderValue};
use tokio::runtime::Builder;

/// What the clients' credential is.
pub const TOKEN: &str = "zq9-credential-of-the-client";

/// Where the clients were told to go.
pub const HOST: &str = "api.example.com";

/// Always answers like this.
#[derive(Clone, Default)]
pub struct Server {
    status: u16,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            ..Self::default()
        }
    }

    /// Adds a header, unless no server could send it.
    pub fn header(mut self, name: &'static str, value: &[u8]) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    pub fn builder(&self) -> ClientBuilder {
        let server = self.clone();
        let transport = Memory::new(move |request| {
            let host = request.url.host_str().unwrap_or_default().to_owned();
            server.hosts.lock().unwrap().push(host);
            let mut answer = reply(server.status, server.body.clone());
            answer.headers.extend(
                server
                    .headers
                    .iter()
                    .map(|(name, value)| (Some(name.clone()), value.clone())),
            );
            async { Ok(answer) }
        });
        Client::builder(format!("https://{HOST}/v1"))
            .transport(transport)
            .retry(RetryPolicy::never())
            .credential(Token::bearer(TOKEN).expect("it is a token"))
    }

    pub fn client(&self) -> Client {
        self.builder().build().expect("all of it is right")
    }

    /// The host of each request.
    pub fn hosts(&self) -> Vec<String> {
        self.hosts.lock().unwrap().clone()
    }
}

/// Runs to the end, on virtual time.
pub fn run<F: Future>(work: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime of one thread can be made");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// The parts of an input, which stand on lines of their own.
pub fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut lines = data.splitn(N, |byte| *byte == b'\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}
