//! Transports without a network: for tests, on virtual time if need be.

mod recorder;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub use recorder::{Recorded, Recorder};

use crate::sending::transport::{HttpRequest, HttpResponse, Transport, TransportError};

type Answer = BoxFuture<'static, Result<HttpResponse, TransportError>>;

/// Answers requests from a closure.
///
/// ```
/// use deploykit_core::memory::{Memory, reply};
/// use deploykit_core::{Call, Client, Endpoint, Method};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), deploykit_core::Error> {
/// let client = Client::builder("https://api.example.com")
///     .transport(Memory::new(|_request| async { Ok(reply(200, r#"{"id": 1}"#)) }))
///     .build()?;
/// const GET: Endpoint = Endpoint::new("get", Method::GET, "/things");
/// let call: Call<serde_json::Value> = client.call(client.request(&GET));
/// assert_eq!(call.await?["id"], 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Memory(Arc<dyn Fn(HttpRequest) -> Answer + Send + Sync>);

impl Memory {
    /// Answers every request with what the closure returns.
    pub fn new<F, A>(answer: F) -> Self
    where
        F: Fn(HttpRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Result<HttpResponse, TransportError>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(answer(request))))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Transport for Memory {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        (self.0)(request)
    }
}

/// An answer with a status and a body; a status that does not exist becomes 500.
pub fn reply(status: u16, body: impl Into<Bytes>) -> HttpResponse {
    let body = body.into();
    HttpResponse {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers: HeaderMap::new(),
        body: stream::iter([Ok(body)]).boxed(),
    }
}

/// The same answer with one more header.
#[must_use]
pub fn with_header(
    mut answer: HttpResponse,
    name: &'static str,
    value: &'static str,
) -> HttpResponse {
    answer.headers.append(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    );
    answer
}
