//! The transport as a [`tower_service::Service`], and the other way round: what is made for tower goes between a client
//! and its connections.
//!
//! Requests and answers are those of the `http` crate, with this crate's bodies. What stands here sees each attempt, as
//! it goes out; a [`Layer`](crate::Layer) sees calls, too, and knows which operation it is.
//!
//! ```
//! use deploykit_core::memory::{Memory, reply};
//! use deploykit_core::tower::{ServiceTransport, TransportService};
//! use deploykit_core::{Call, Client, Endpoint, Method};
//! use tower::ServiceBuilder;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> deploykit_core::Result<()> {
//! // For real: `Http::new().transport()?`
//! let transport = Memory::new(|_| async { Ok(reply(200, "[]")) });
//! let service = ServiceBuilder::new()
//!     .concurrency_limit(2) // no more at once, whatever the service allows
//!     .service(TransportService::new(transport));
//!
//! let client = Client::builder("https://api.example.com").transport(ServiceTransport::new(service)).build()?;
//! const LIST: Endpoint = Endpoint::new("list", Method::GET, "/things");
//! let things: Call<Vec<u32>> = client.call(client.request(&LIST));
//! assert!(things.await?.is_empty());
//! # Ok(())
//! # }
//! ```

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::{Request, Response, Uri};
pub use tower_service::Service;
use url::Url;

use crate::sending::retry::Outcome;
use crate::sending::transport::{
    Body, ByteStream, Duplex, HttpRequest, HttpResponse, Transport, TransportError,
};

/// A transport as a service. It is always ready; cheap to clone.
pub struct TransportService<T: ?Sized>(Arc<T>);

impl<T: Transport> TransportService<T> {
    /// Sends through this transport.
    pub fn new(transport: T) -> Self {
        Self(Arc::new(transport))
    }
}

impl<T: ?Sized> Clone for TransportService<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for TransportService<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TransportService").field(&self.0).finish()
    }
}

impl<T: Transport + ?Sized + 'static> Service<Request<Body>> for TransportService<T> {
    type Response = Response<ByteStream>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Self::Response, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let transport = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let url = Url::parse(&head.uri.to_string());
            let url = url.map_err(|_| nowhere("the service's request has no absolute address"))?;
            let request = HttpRequest {
                method: head.method,
                url,
                headers: head.headers,
                body,
            };
            let answer = transport.send(request).await?;
            let mut response = Response::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}

/// A service as a transport. Each request is sent by a clone of the service, once that is ready.
///
/// An error that is, or wraps, a [`TransportError`] counts as what it says. Of any other error of an answer nobody knows
/// how far the request came, so that it is repeated only where that does no harm; of one before the service was ready,
/// that nothing was sent.
pub struct ServiceTransport<S> {
    service: Mutex<S>,
    streams: Option<Arc<dyn Transport>>,
}

impl<S> ServiceTransport<S> {
    /// Sends through this service. Live streams are refused, unless they go [another way](Self::streams_by).
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
            streams: None,
        }
    }

    /// Makes connections for live streams by this transport: a service knows requests and answers only.
    #[must_use]
    pub fn streams_by(mut self, transport: impl Transport + 'static) -> Self {
        self.streams = Some(Arc::new(transport));
        self
    }
}

impl<S> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceTransport")
    }
}

impl<S> Transport for ServiceTransport<S>
where
    S: Service<Request<Body>, Response = Response<ByteStream>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let mut service = service.clone();
        Box::pin(async move {
            let uri = Uri::try_from(request.url.as_str());
            let uri = uri.map_err(|_| nowhere("the address is none that a service takes"))?;
            let mut out = Request::new(request.body);
            *out.method_mut() = request.method;
            *out.uri_mut() = uri;
            *out.headers_mut() = request.headers;

            let ready = poll_fn(|cx| service.poll_ready(cx)).await;
            ready.map_err(|error| failed(error.into(), Outcome::NotConnected))?;
            let answer = service.call(out).await;
            let answer = answer.map_err(|error| failed(error.into(), Outcome::Interrupted))?;
            let (head, body) = answer.into_parts();
            Ok(HttpResponse {
                status: head.status,
                headers: head.headers,
                body,
            })
        })
    }

    fn upgrade(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'_, Result<(HttpResponse, Option<Duplex>), TransportError>> {
        match &self.streams {
            Some(transport) => transport.upgrade(request),
            None => Box::pin(async { Err(nowhere("this service makes no live streams")) }),
        }
    }
}

fn nowhere(message: &str) -> TransportError {
    TransportError::new(Outcome::NotConnected, message)
}

/// The transport's own error, if it is one.
fn failed(error: Box<dyn StdError + Send + Sync>, otherwise: Outcome) -> TransportError {
    match error.downcast::<TransportError>() {
        Ok(error) => *error,
        Err(error) => {
            let outcome = within(&*error).unwrap_or(otherwise);
            TransportError::new(outcome, "the service in between failed").with_source(error)
        }
    }
}

fn within(error: &(dyn StdError + Send + Sync + 'static)) -> Option<Outcome> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(known) = error.downcast_ref::<TransportError>() {
            return Some(known.outcome);
        }
        cause = error.source();
    }
    None
}
