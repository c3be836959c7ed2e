//! Layers: what a program puts around its calls and their attempts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::StatusCode;

use crate::Endpoint;
use crate::answers::error::Result;
use crate::answers::raw::Answer;
use crate::calling::request::Request;
use crate::sending::retry::Outcome;
use crate::sending::transport::{HttpRequest, HttpResponse, Transport, TransportError};

/// Put around every call, every attempt, or both: for logging, metrics, caching, signing, tests.
///
/// Code before `next.run(…)` runs before, code after it after; a layer that does not run `next` answers by
/// itself. The first layer that a client is given is the outermost. A client without layers pays nothing.
///
/// ```
/// use deploykit_core::{Answer, Client, Layer, NextCall, Request, Result};
/// use futures::future::BoxFuture;
///
/// /// Says how long each call took, waiting and repeating included.
/// #[derive(Debug)]
/// struct Timing;
///
/// impl Layer for Timing {
///     fn call<'a>(&'a self, request: Request, next: NextCall<'a>) -> BoxFuture<'a, Result<Answer>> {
///         Box::pin(async move {
///             let operation = request.endpoint().operation;
///             let answer = next.run(request).await?;
///             println!("{operation}: {:?}", answer.response.elapsed);
///             Ok(answer)
///         })
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let client = Client::builder("http://127.0.0.1:7001").layer(Timing).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
pub trait Layer: fmt::Debug + Send + Sync {
    /// Around the call as a whole: credential, waiting for limits, attempts and back-off.
    fn call<'a>(&'a self, request: Request, next: NextCall<'a>) -> BoxFuture<'a, Result<Answer>> {
        next.run(request)
    }

    /// Around one attempt. The request is as it goes out, its credential included; the answer's body has not been
    /// read yet. The address was checked before: a layer that changes it answers for where the credential goes.
    fn attempt<'a>(
        &'a self,
        endpoint: &'static Endpoint,
        request: HttpRequest,
        next: NextAttempt<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse, TransportError>> {
        let _ = endpoint;
        next.run(request)
    }

    /// Whether it only observes, by [`attempted`](Self::attempted) and [`event`](Self::event): then the client does
    /// not run its [`call`](Self::call) and [`attempt`](Self::attempt), and a call needs no more memory than without
    /// layers. Asked once, when the client is built. Default: no.
    fn only_observes(&self) -> bool {
        false
    }

    /// Told how an attempt ended, once its body was read (a streamed one: began) or its time was up. Must not
    /// block. An attempt whose call is dropped has no end.
    fn attempted(&self, endpoint: &'static Endpoint, attempt: &Attempted<'_>) {
        let _ = (endpoint, attempt);
    }

    /// Told what happens between attempts. Must not block.
    fn event(&self, endpoint: &'static Endpoint, event: Event) {
        let _ = (endpoint, event);
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempted<'a> {
    /// The server's name or address.
    pub server: &'a str,
    /// The server's port.
    pub port: u16,
    /// Which attempt of its call it was, from one.
    pub number: u32,
    /// How long it took.
    pub elapsed: Duration,
    /// The status, whatever it means; or why there is none, or no whole body.
    pub result: std::result::Result<StatusCode, Outcome>,
}

/// What happens between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The call waited for a documented limit, or for a pause that the server asked for.
    Waited(Duration),
    /// The call will be sent again, after this delay.
    Again(Outcome, Duration),
    /// A live stream was connected again.
    Reconnected,
}

/// A client's layers.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// All of them, as they are told what happens.
    pub(crate) told: Arc<[Arc<dyn Layer>]>,
    /// Those that something runs through.
    pub(crate) around: Arc<[Arc<dyn Layer>]>,
}

impl From<Vec<Arc<dyn Layer>>> for Layers {
    fn from(layers: Vec<Arc<dyn Layer>>) -> Self {
        let around = layers.iter().filter(|layer| !layer.only_observes());
        Self {
            around: around.cloned().collect(),
            told: layers.into(),
        }
    }
}

/// The rest of a call: further layers, then the sending path.
pub struct NextCall<'a> {
    pub(crate) layers: &'a [Arc<dyn Layer>],
    pub(crate) path: &'a Path<'a>,
}

pub(crate) type Path<'a> = dyn Fn(Request) -> BoxFuture<'a, Result<Answer>> + Send + Sync + 'a;

impl<'a> NextCall<'a> {
    /// Runs it. Running it again sends the call again.
    pub fn run(&self, request: Request) -> BoxFuture<'a, Result<Answer>> {
        let path = self.path;
        match self.layers.split_first() {
            Some((layer, layers)) => layer.call(request, NextCall { layers, path }),
            None => path(request),
        }
    }
}

impl fmt::Debug for NextCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextCall")
            .field("layers", &self.layers)
            .finish_non_exhaustive()
    }
}

/// The rest of an attempt: further layers, then the transport.
#[derive(Debug)]
pub struct NextAttempt<'a> {
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) layers: &'a [Arc<dyn Layer>],
    pub(crate) transport: &'a dyn Transport,
}

impl<'a> NextAttempt<'a> {
    /// Runs it.
    pub fn run(self, request: HttpRequest) -> BoxFuture<'a, Result<HttpResponse, TransportError>> {
        let (endpoint, transport) = (self.endpoint, self.transport);
        match self.layers.split_first() {
            Some((layer, layers)) => layer.attempt(
                endpoint,
                request,
                NextAttempt {
                    endpoint,
                    layers,
                    transport,
                },
            ),
            None => transport.send(request),
        }
    }
}
