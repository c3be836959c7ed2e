//! A transport that answers by method and path, and writes down what it was asked.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::TryStreamExt as _;
use http::HeaderMap;
use serde_json::Value;

use super::reply;
use crate::sending::retry::Outcome;
use crate::sending::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};

/// Stands in for a service in a unit test: say what it answers, run the code, look at what it was asked.
///
/// Answers of one method and path are given in order, the last one for ever. `*` in a path stands for one
/// segment. A request that nothing was said about fails as if there were no connection, and says which it was.
///
/// ```
/// use deploykit_core::memory::Recorder;
/// use deploykit_core::{Call, Client, Endpoint, Method};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), deploykit_core::Error> {
/// const RENAME: Endpoint = Endpoint::new("rename", Method::PATCH, "/things/{id}");
///
/// let service = Recorder::new();
/// service.answers("PATCH", "/things/*", 200, json!({ "id": 7 }));
///
/// let client = Client::builder("https://api.example.com").transport(service.clone()).build()?;
/// let request = client.request(&RENAME).segment("id", &7).json(&json!({ "name": "web" }));
/// let call: Call<serde_json::Value> = client.call(request);
/// assert_eq!(call.await?["id"], 7);
///
/// let asked = service.requests();
/// assert_eq!((asked[0].path.as_str(), asked[0].json()), ("/things/7", json!({ "name": "web" })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    routes: Vec<Route>,
    requests: Vec<Recorded>,
}

struct Route {
    method: String,
    path: String,
    answers: VecDeque<Does>,
}

#[derive(Clone)]
enum Does {
    Answers(u16, HeaderMap, Bytes),
    Fails(Outcome),
}

/// A request as it went out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// Method.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Headers, the credential among them.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Recorded {
    /// The body as JSON; `null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Recorder {
    /// Answers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with this status and JSON.
    pub fn answers(&self, method: &str, path: &str, status: u16, json: impl Into<Value>) {
        let body = match json.into() {
            Value::Null => String::new(),
            json => json.to_string(),
        };
        self.does(
            method,
            path,
            Does::Answers(status, HeaderMap::new(), body.into()),
        );
    }

    /// Answers with this status, headers and body.
    pub fn answers_with(
        &self,
        method: &str,
        path: &str,
        status: u16,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) {
        self.does(method, path, Does::Answers(status, headers, body.into()));
    }

    /// Breaks in this way instead of answering.
    pub fn fails(&self, method: &str, path: &str, outcome: Outcome) {
        self.does(method, path, Does::Fails(outcome));
    }

    /// What it was asked so far, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state().requests.clone()
    }

    /// How often it was asked this.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let state = self.state();
        let asked = state.requests.iter();
        asked
            .filter(|it| it.method == method && matches(path, &it.path))
            .count()
    }

    fn does(&self, method: &str, path: &str, does: Does) {
        let mut state = self.state();
        let routes = &mut state.routes;
        let known = routes
            .iter_mut()
            .find(|route| route.method == method && route.path == path);
        match known {
            Some(route) => route.answers.push_back(does),
            None => routes.push(Route {
                method: method.to_owned(),
                path: path.to_owned(),
                answers: VecDeque::from([does]),
            }),
        }
    }

    fn answer(&self, request: Recorded) -> Result<HttpResponse, TransportError> {
        let mut state = self.state();
        let route = state
            .routes
            .iter_mut()
            .find(|route| route.method == request.method && matches(&route.path, &request.path));
        let does = match route {
            Some(route) if route.answers.len() > 1 => route.answers.pop_front(),
            Some(route) => route.answers.front().cloned(),
            None => None,
        };
        let unknown = format!("nothing was said about {request:?}");
        state.requests.push(request);
        match does {
            Some(Does::Answers(status, headers, body)) => Ok(HttpResponse {
                headers,
                ..reply(status, body)
            }),
            Some(Does::Fails(outcome)) => Err(TransportError::new(outcome, "as the test wants")),
            None => Err(TransportError::new(Outcome::NotConnected, unknown)),
        }
    }

    /// The lock is never held across an await.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

impl Transport for Recorder {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let body = match request.body {
                Body::Empty => Bytes::new(),
                Body::Bytes(bytes) => bytes,
                Body::Source { open, .. } => open().try_collect::<Vec<_>>().await?.concat().into(),
            };
            self.answer(Recorded {
                method: request.method.to_string(),
                path: request.url.path().to_owned(),
                query: request.url.query_pairs().into_owned().collect(),
                headers: request.headers,
                body,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Client, Endpoint, ErrorKind, Method, RetryPolicy};

    const GET: Endpoint = Endpoint::new("get", Method::GET, "/things/{id}");

    #[tokio::test]
    async fn answers_come_in_order_and_what_was_not_said_is_told() {
        let service = Recorder::new();
        service.answers("GET", "/things/*", 200, 1);
        service.answers(
            "GET",
            "/things/*",
            404,
            serde_json::json!({"error": "gone"}),
        );
        service.fails("GET", "/things/*", Outcome::Interrupted);
        let builder = Client::builder("https://api.example.com").retry(RetryPolicy::never());
        let client = builder.transport(service.clone()).build().unwrap();
        let get = || -> Call<u8> { client.call(client.request(&GET).segment("id", &7)) };
        assert_eq!(get().await.unwrap(), 1);
        assert!(get().await.unwrap_err().is_not_found());
        for _ in 0..2 {
            assert_eq!(get().await.unwrap_err().kind(), ErrorKind::Interrupted);
        }
        assert_eq!(service.count("GET", "/things/7"), 4);
        let elsewhere = Endpoint::new("other", Method::POST, "/others");
        let elsewhere: &'static Endpoint = Box::leak(Box::new(elsewhere));
        let error = client
            .call::<u8>(client.request(elsewhere))
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("nothing was said about POST /others"),
            "{error}"
        );
    }
}
