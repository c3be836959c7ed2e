//! How connections are made: proxy, certificates, pool; and the transport that programs use.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use http::header;
use tokio::runtime;

use crate::answers::error::{Error, Result};
use crate::models::secret::Secret;
use crate::sending::retry::Outcome;
use crate::sending::transport::{
    Body, Duplex, HttpRequest, HttpResponse, Transport, TransportError,
};

/// How connections are made. Given to a client's builder; calls and live streams both keep to it.
///
/// ```
/// use std::time::Duration;
///
/// use deploykit_core::Http;
///
/// let http = Http::new()
///     .proxy("http://proxy.example.com:3128")
///     .connect_timeout(Duration::from_secs(3));
/// # let _ = http;
/// ```
#[derive(Clone)]
#[must_use]
pub struct Http {
    proxy: Proxy,
    roots: Vec<Vec<u8>>,
    identity: Option<Secret>,
    connect_timeout: Duration,
    idle_connections: Option<usize>,
    http2_only: bool,
    compressed: bool,
}

#[derive(Clone)]
enum Proxy {
    System,
    None,
    At(Secret),
}

impl Default for Http {
    fn default() -> Self {
        Self {
            proxy: Proxy::System,
            roots: Vec::new(),
            identity: None,
            connect_timeout: Duration::from_secs(10),
            idle_connections: None,
            http2_only: false,
            compressed: false,
        }
    }
}

impl Http {
    /// The system's proxy and certificates, 10 s to connect.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes through this proxy, `http://` or `https://`, with user and password in the address if it wants
    /// them; `socks5://` and `socks5h://` with the feature `socks`. Default: what the system is set to
    /// (`HTTPS_PROXY`, `NO_PROXY`, …).
    pub fn proxy(mut self, address: impl Into<Secret>) -> Self {
        self.proxy = Proxy::At(address.into());
        self
    }

    /// Goes through no proxy, whatever the system is set to.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Trusts these certificates (PEM, one or more) beside the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Shows this certificate to servers that ask for one. PEM: the certificates and the private key, in any order;
    /// with `native-tls` the key as PKCS#8 (`BEGIN PRIVATE KEY`).
    pub fn client_certificate(mut self, pem: impl Into<Secret>) -> Self {
        self.identity = Some(pem.into());
        self
    }

    /// Longest time to connect, TLS included. Default 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How many idle connections are kept to a host. Default: no limit.
    pub fn idle_connections(mut self, most: usize) -> Self {
        self.idle_connections = Some(most);
        self
    }

    /// Speaks HTTP/2 from the first byte, without asking whether the server does.
    pub fn http2_only(mut self) -> Self {
        self.http2_only = true;
        self
    }

    /// Asks for compressed answers; needs the feature `gzip` or `brotli`. Limits count what is unpacked.
    pub fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }

    /// The transport that clients with these settings send through, to be wrapped in one of your own.
    ///
    /// # Errors
    ///
    /// If the proxy is no address, or a certificate is none.
    pub fn transport(self) -> Result<Reqwest> {
        if let Proxy::At(address) = &self.proxy {
            let address = address.expose();
            if cfg!(not(feature = "socks")) && address.starts_with("socks") {
                let problem = "is a SOCKS proxy: turn the feature `socks` on";
                return Err(Error::invalid_input("proxy", problem));
            }
            if reqwest::Proxy::all(address).is_err() {
                return Err(Error::invalid_input("proxy", "is no address of a proxy"));
            }
        }
        let make = move |kind| self.client(kind);
        Reqwest::made_by(make)
            .map_err(|error| Error::invalid_input("http", "cannot be used").with_source(error))
    }

    fn client(&self, kind: Kind) -> Result<reqwest::Client, reqwest::Error> {
        #[cfg(feature = "rustls-ring")]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails only if somebody else was quicker: then that one is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut builder = reqwest::Client::builder().connect_timeout(self.connect_timeout);
        // With both compiled in, it would be the platform's.
        #[cfg(any(feature = "rustls", feature = "rustls-ring"))]
        {
            builder = builder.tls_backend_rustls();
        }
        builder = match &self.proxy {
            Proxy::System => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::At(address) => builder.proxy(reqwest::Proxy::all(address.expose())?),
        };
        #[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
        {
            let mut roots = Vec::new();
            for pem in &self.roots {
                roots.extend(reqwest::Certificate::from_pem_bundle(pem)?);
            }
            builder = builder.tls_certs_merge(roots);
        }
        if let Some(pem) = &self.identity {
            builder = with_identity(builder, pem)?;
        }
        if let Some(most) = self.idle_connections {
            builder = builder.pool_max_idle_per_host(most);
        }
        builder = match kind {
            Kind::Calls if self.http2_only => builder.http2_prior_knowledge(),
            Kind::Calls => builder,
            // A WebSocket begins as HTTP/1.1.
            Kind::Streams => builder.http1_only(),
        };
        #[cfg(feature = "gzip")]
        {
            builder = builder.gzip(self.compressed);
        }
        #[cfg(feature = "brotli")]
        {
            builder = builder.brotli(self.compressed);
        }
        builder
            .redirect(reqwest::redirect::Policy::none())
            // It would repeat what HTTP/2 servers refuse, unseen: repeating is the sending path's job.
            .retry(reqwest::retry::never())
            .build()
    }
}

#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn with_identity(
    builder: reqwest::ClientBuilder,
    pem: &Secret,
) -> Result<reqwest::ClientBuilder, reqwest::Error> {
    let identity = reqwest::Identity::from_pem(pem.expose().as_bytes())?;
    Ok(builder.identity(identity))
}

#[cfg(all(
    feature = "native-tls",
    not(any(feature = "rustls", feature = "rustls-ring"))
))]
fn with_identity(
    builder: reqwest::ClientBuilder,
    pem: &Secret,
) -> Result<reqwest::ClientBuilder, reqwest::Error> {
    const END: &str = "-----END PRIVATE KEY-----";
    // It wants the key alone. Where there is none, it says so.
    let pem = pem.expose();
    let (before, rest) = pem.split_at(pem.find("-----BEGIN PRIVATE KEY-----").unwrap_or(pem.len()));
    let (key, after) = rest.split_at(rest.find(END).map_or(0, |at| at + END.len()));
    let certificates = Secret::from(format!("{before}{after}"));
    let certificates = certificates.expose().as_bytes();
    let identity = reqwest::Identity::from_pkcs8_pem(certificates, key.as_bytes())?;
    Ok(builder.identity(identity))
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
fn with_identity(
    builder: reqwest::ClientBuilder,
    _pem: &Secret,
) -> Result<reqwest::ClientBuilder, reqwest::Error> {
    Ok(builder)
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = match self.proxy {
            Proxy::System => "the system's",
            Proxy::None => "none",
            Proxy::At(_) => "[redacted]",
        };
        f.debug_struct("Http")
            .field("proxy", &format_args!("{proxy}"))
            .field("root_certificates", &self.roots.len())
            .field("client_certificate", &self.identity)
            .field("connect_timeout", &self.connect_timeout)
            .field("http2_only", &self.http2_only)
            .finish_non_exhaustive()
    }
}

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Calls,
    Streams,
}

type Make = Box<dyn Fn(Kind) -> Result<reqwest::Client, reqwest::Error> + Send + Sync>;

/// The transport that programs use. A connection is driven by the runtime that made it, so each runtime has
/// connections of its own: one that stands still stops nobody in another.
#[derive(Clone)]
pub struct Reqwest(Arc<Pools>);

struct Pools {
    make: Make,
    /// Those of the last runtimes that sent something; the first is nobody's until one does.
    clients: RwLock<Vec<(Option<Kept>, reqwest::Client)>>,
}

type Kept = (Option<runtime::Id>, Kind);

/// Programs have one runtime, rarely two; tests have many, one after the other.
const MOST_CLIENTS: usize = 16;

impl Reqwest {
    /// Sends through a client of your own, in all runtimes. One that follows redirects by itself is refused
    /// when it does: the credential must not follow. Build it with `retry(reqwest::retry::never())`: else it
    /// repeats what HTTP/2 servers refuse, uncounted.
    pub fn new(client: reqwest::Client) -> Self {
        let first = client.clone();
        Self(Arc::new(Pools {
            make: Box::new(move |_| Ok(client.clone())),
            clients: RwLock::new(vec![(None, first)]),
        }))
    }

    fn made_by(
        make: impl Fn(Kind) -> Result<reqwest::Client, reqwest::Error> + Send + Sync + 'static,
    ) -> Result<Self, TransportError> {
        let first = (None, make(Kind::Calls)?);
        Ok(Self(Arc::new(Pools {
            make: Box::new(make),
            clients: RwLock::new(vec![first]),
        })))
    }

    /// The client of the runtime that asks. No lock is held across an await.
    fn client(&self, kind: Kind) -> Result<reqwest::Client, TransportError> {
        let here = (runtime::Handle::try_current().ok().map(|it| it.id()), kind);
        let of = |clients: &[(Option<Kept>, reqwest::Client)]| {
            let found = clients.iter().find(|(kept, _)| *kept == Some(here))?;
            Some(found.1.clone())
        };
        let clients = &self.0.clients;
        if let Some(known) = of(&clients.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let mut clients = clients.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = of(&clients) {
            return Ok(known);
        }
        if kind == Kind::Calls
            && let Some((kept, client)) = clients.iter_mut().find(|(kept, _)| kept.is_none())
        {
            *kept = Some(here);
            return Ok(client.clone());
        }
        if clients.len() == MOST_CLIENTS {
            clients.remove(0);
        }
        let made = (self.0.make)(kind)?;
        clients.push((Some(here), made.clone()));
        Ok(made)
    }

    async fn execute(
        &self,
        kind: Kind,
        request: HttpRequest,
    ) -> Result<reqwest::Response, TransportError> {
        let asked = request.url.clone();
        let mut out = reqwest::Request::new(request.method, request.url);
        *out.headers_mut() = request.headers;
        match request.body {
            Body::Empty => say_that_nothing_follows(&mut out),
            Body::Bytes(bytes) if bytes.is_empty() => say_that_nothing_follows(&mut out),
            Body::Bytes(bytes) => *out.body_mut() = Some(bytes.into()),
            Body::Source { length, open } => {
                out.headers_mut()
                    .insert(header::CONTENT_LENGTH, length.into());
                *out.body_mut() = Some(reqwest::Body::wrap_stream(open()));
            }
        }
        let answer = self.client(kind)?.execute(out).await?;
        if *answer.url() != asked {
            let message = "the HTTP client followed a redirect by itself: turn that off in it";
            return Err(TransportError::new(Outcome::Redirected, message));
        }
        Ok(answer)
    }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reqwest")
    }
}

/// A request that may have a body says that it has none (RFC 9110, 8.6): some proxies answer 411 otherwise.
fn say_that_nothing_follows(request: &mut reqwest::Request) {
    use http::Method;

    if matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    ) {
        let headers = request.headers_mut();
        headers.insert(http::header::CONTENT_LENGTH, 0.into());
    }
}

impl Transport for Reqwest {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let mut answer = self.execute(Kind::Calls, request).await?;
            let status = answer.status();
            if status.is_informational() {
                let message = format!("the answer is a mere {}", status.as_u16());
                return Err(TransportError::new(Outcome::Interrupted, message));
            }
            Ok(HttpResponse {
                status,
                headers: std::mem::take(answer.headers_mut()),
                body: answer.bytes_stream().map_err(TransportError::from).boxed(),
            })
        })
    }

    fn upgrade(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'_, Result<(HttpResponse, Option<Duplex>), TransportError>> {
        Box::pin(async move {
            let answer = self.execute(Kind::Streams, request).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let head = |body| HttpResponse {
                status,
                headers,
                body,
            };
            if status != http::StatusCode::SWITCHING_PROTOCOLS {
                let body = answer.bytes_stream().map_err(TransportError::from).boxed();
                return Ok((head(body), None));
            }
            let upgraded: Duplex = Box::new(answer.upgrade().await?);
            Ok((head(futures::stream::empty().boxed()), Some(upgraded)))
        })
    }
}

#[cfg(test)]
#[path = "connect_http2.rs"]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod http2;
