//! A scripted server in memory, and a client for it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by tests, which may panic"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use deploykit_core::memory::{Memory, reply, with_header};
use deploykit_core::{
    Body, Client, ClientBuilder, Endpoint, HttpRequest, HttpResponse, Method, Outcome, Quota,
    Token, TransportError,
};

pub const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/v1/things/{id}");
pub const LIST: Endpoint = Endpoint::new("listThings", Method::GET, "/v1/things");
pub const CREATE: Endpoint = Endpoint::new("createThing", Method::POST, "/v1/things");
pub const LIMIT: Quota = Quota::new("things", 2, std::time::Duration::from_secs(10));
pub const LIMITED: Endpoint = Endpoint::new("limited", Method::POST, "/v1/limited").quota(&LIMIT);

/// What was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub authorization: Option<String>,
    pub headers: http::HeaderMap,
    pub body: String,
}

/// What the server does with a request.
pub enum Does {
    Answers(u16, &'static str),
    Adds(&'static str, &'static str, Box<Does>),
    Fails(Outcome),
    Hangs,
}

pub use Does::{Answers, Fails, Hangs};

pub fn adds(name: &'static str, value: &'static str, does: Does) -> Does {
    Does::Adds(name, value, Box::new(does))
}

#[derive(Clone, Default)]
pub struct Server {
    sent: Arc<Mutex<Vec<Sent>>>,
    script: Arc<Mutex<VecDeque<Does>>>,
}

impl Server {
    /// Does these things in order; the last one for ever.
    pub fn new(script: impl IntoIterator<Item = Does>) -> Self {
        Self {
            sent: Arc::default(),
            script: Arc::new(Mutex::new(script.into_iter().collect())),
        }
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub fn builder(&self) -> ClientBuilder {
        Client::builder("https://api.example.com").transport(self.transport())
    }

    pub fn client(&self) -> Client {
        let token = Token::bearer("canary-token").unwrap();
        self.builder().credential(token).build().unwrap()
    }

    pub fn transport(&self) -> Memory {
        let server = self.clone();
        Memory::new(move |request| {
            server.sent.lock().unwrap().push(record(&request));
            let mut script = server.script.lock().unwrap();
            let does = match script.len() {
                1 => again(&script[0]),
                _ => script.pop_front().expect("the script is empty"),
            };
            async move { act(does).await }
        })
    }
}

fn again(does: &Does) -> Does {
    match does {
        Answers(status, body) => Answers(*status, body),
        Does::Adds(name, value, does) => adds(name, value, again(does)),
        Fails(outcome) => Fails(*outcome),
        Hangs => Hangs,
    }
}

async fn act(does: Does) -> Result<HttpResponse, TransportError> {
    match does {
        Answers(status, body) => Ok(reply(status, body)),
        Does::Adds(name, value, does) => {
            let answer = Box::pin(act(*does)).await?;
            Ok(with_header(answer, name, value))
        }
        Fails(outcome) => Err(TransportError::new(outcome, "connection reset")),
        Hangs => std::future::pending().await,
    }
}

fn record(request: &HttpRequest) -> Sent {
    let text = |name: &str| {
        let value = request.headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    Sent {
        method: request.method.to_string(),
        url: request.url.to_string(),
        authorization: text("authorization"),
        headers: request.headers.clone(),
        body: match &request.body {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        },
    }
}
