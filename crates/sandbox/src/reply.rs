//! What a service answers.

use std::future::Future;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::socket::Socket;

/// An answer: status, headers and a body, which may be a stream or a WebSocket.
#[derive(Debug)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Whether the stand-in lacks the route that was asked for.
    pub(crate) lacking: bool,
}

/// The header of what the sandbox says for itself, in place of the service.
const OWN: &str = "x-deploykit-sandbox";

pub(crate) type Session =
    Box<dyn FnOnce(Socket) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

pub(crate) enum Body {
    Bytes(Bytes),
    Stream(BoxStream<'static, io::Result<Bytes>>),
    WebSocket(Session),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Body::Stream(_) => f.write_str("Stream"),
            Body::WebSocket(_) => f.write_str("WebSocket"),
        }
    }
}

impl Reply {
    /// No body, for example 204.
    pub fn empty(status: u16) -> Self {
        Self::with_body(status, Body::Bytes(Bytes::new()))
    }

    /// A JSON body, `content-type: application/json`.
    pub fn json(status: u16, body: Value) -> Self {
        Self::bytes(status, "application/json", body.to_string())
    }

    /// A text body, `content-type: text/plain; charset=utf-8`.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::bytes(status, "text/plain; charset=utf-8", body.into())
    }

    /// A page as a proxy would write it, `content-type: text/html`.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::bytes(status, "text/html", body.into())
    }

    /// A body of any type.
    pub fn bytes(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::with_body(status, Body::Bytes(body.into())).header("content-type", content_type)
    }

    /// A body of unknown length, sent as it comes (chunked). An error in the stream breaks the
    /// connection off.
    pub fn stream(
        status: u16,
        content_type: &str,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::with_body(status, Body::Stream(body.boxed())).header("content-type", content_type)
    }

    /// Accepts a WebSocket and hands it to `session`; the connection ends when that returns. A
    /// request that isn't a WebSocket upgrade gets 426.
    pub fn websocket<F, Fut>(session: F) -> Self
    where
        F: FnOnce(Socket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let session: Session = Box::new(move |socket| Box::pin(session(socket)));
        Self::with_body(101, Body::WebSocket(session))
    }

    /// Sets a header. A name or value that HTTP doesn't allow is left out.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::try_from(value.as_ref());
        if let (Ok(name), Ok(value)) = (name, value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Says that the stand-in has no such route, whether or not the service has: the answer gets the header
    /// `x-deploykit-sandbox: no such route here`, and [`Builder::on_lacking`](crate::Builder::on_lacking) is told.
    pub fn lacking(mut self) -> Self {
        self.lacking = true;
        self.header(OWN, "no such route here")
    }

    /// Says that this is the documented example, or made up like it, whatever the service knows: the answer gets the
    /// header `x-deploykit-sandbox: example`.
    pub fn example(self) -> Self {
        match self.lacking {
            true => self,
            false => self.header(OWN, "example"),
        }
    }

    /// What the sandbox says for itself, marked as such.
    pub(crate) fn own(status: u16, text: impl Into<String>, mark: &str) -> Self {
        Self::text(status, text).header(OWN, mark)
    }

    /// 413 for a large body whose sender can't be told from its head: the credential is in the body, or there
    /// is none.
    #[cfg_attr(
        not(any(feature = "tideways", feature = "tsuru", feature = "devopness")),
        allow(dead_code, reason = "other services have credentials in headers only")
    )]
    pub(crate) fn unproven() -> Self {
        let text = "This stand-in takes no large body here before it knows who sends it.\n";
        Self::own(413, text, "body too large")
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    fn with_body(status: u16, body: Body) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            body,
            lacking: false,
        }
    }
}

/// The answer to a plain request where only a WebSocket is served, or to another version of WebSocket.
pub(crate) fn upgrade_required() -> Reply {
    Reply::text(426, "this address speaks WebSocket")
        .header(header::UPGRADE.as_str(), "websocket")
        .header(header::CONNECTION.as_str(), "upgrade")
        .header(header::SEC_WEBSOCKET_VERSION.as_str(), "13")
}
