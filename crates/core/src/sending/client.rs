//! The client: what all calls of one program to one service share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::HeaderMap;
use tokio::time::Instant;
use url::Url;

use crate::Endpoint;
use crate::answers::error::{Error, Result};
use crate::calling::request::Request;
use crate::models::secret::Secret;
use crate::models::time::after;
use crate::sending::auth::{Authorization, Credential};
use crate::sending::body::BodyLimits;
use crate::sending::layer::{Event, Layers};
use crate::sending::origin;
use crate::sending::quota::Quotas;
use crate::sending::retry::{RetryBudget, RetryPolicy};
use crate::sending::sent::Common;
use crate::sending::transport::{
    Body, Duplex, HttpRequest, HttpResponse, Transport, TransportError,
};

/// A client of one service. Cheap to clone; clones share connections, credential, quotas and retry budget.
///
/// Service crates wrap it; use it directly for a service that has no crate.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) common: Arc<Common>,
    pub(crate) credential: Option<Arc<dyn Credential>>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) layers: Layers,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) body: BodyLimits,
    pub(crate) total_timeout: Duration,
    pub(crate) quotas: Quotas,
    pub(crate) budget: Arc<RetryBudget>,
    pub(crate) limits: Option<Limits>,
    pub(crate) bound: Vec<(&'static str, String)>,
    pub(crate) slash_refused: bool,
}

impl Client {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// The service's address.
    pub fn base_url(&self) -> &Url {
        &self.0.common.base
    }

    /// A request to this endpoint, with what the client itself fills in.
    pub fn request(&self, endpoint: &'static Endpoint) -> Request {
        let mut request = Request::new(endpoint, self.0.slash_refused);
        if let Some(limits) = &self.0.limits {
            request = limits.apply(request);
        }
        for (name, value) in &self.0.bound {
            if endpoint.template.contains(&format!("{{{name}}}")) {
                request = request.segment(name, value);
            }
        }
        request
    }

    /// The same client with another credential: connections and options are shared, limits are not, as they
    /// belong to a credential.
    #[must_use]
    pub fn with_credential(&self, credential: impl Credential + 'static) -> Self {
        let mut shared = self.copy();
        shared.credential = Some(Arc::new(credential));
        Self::new(shared)
    }

    /// The same client at another address, with a credential of its own: connections and options are shared,
    /// limits are not. For services with several hosts.
    ///
    /// # Errors
    ///
    /// If the address is none of a server.
    pub fn elsewhere(&self, base_url: &str, credential: Arc<dyn Credential>) -> Result<Self> {
        let mut shared = self.copy();
        shared.common = Arc::new(Common {
            base: parse_base_url(base_url)?,
            ..Common::clone(&shared.common)
        });
        shared.credential = Some(credential);
        Ok(Self::new(shared))
    }

    /// The same client, filling this placeholder in every path that has it; see
    /// [`bind`](crate::ClientBuilder::bind).
    #[must_use]
    pub fn bound(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut shared = self.copy();
        shared.quotas = self.0.quotas.clone();
        shared.bound.push((name, value.into()));
        Self::new(shared)
    }

    /// The same client, each of whose calls has these time limits unless it is told otherwise: one for an attempt, and
    /// one for all that the client will do, from now on. For values that are made of several calls, where a
    /// [`Composite`](crate::Composite) will not do.
    #[must_use]
    pub fn limited(&self, timeout: Option<Duration>, total: Option<Duration>) -> Self {
        self.within(Limits::new(timeout, total))
    }

    pub(crate) fn within(&self, limits: Limits) -> Self {
        let mut shared = self.copy();
        shared.quotas = self.0.quotas.clone();
        shared.budget = self.0.budget.clone();
        let known = self.0.limits.unwrap_or_default();
        shared.limits = Some(limits.inside(known));
        Self(Arc::new(shared))
    }

    /// How much of its time a [limited](Self::limited) client has left; none if it may take as long as it likes.
    pub fn time_left(&self) -> Option<Duration> {
        self.0.limits.as_ref()?.left()
    }

    /// What another client like this one shares with it.
    fn copy(&self) -> Shared {
        let shared = &self.0;
        Shared {
            common: shared.common.clone(),
            credential: shared.credential.clone(),
            transport: shared.transport.clone(),
            layers: shared.layers.clone(),
            retry: shared.retry,
            timeout: shared.timeout,
            body: shared.body,
            total_timeout: shared.total_timeout,
            quotas: shared.quotas.unshared(),
            budget: Arc::new(RetryBudget::new()),
            limits: shared.limits,
            bound: shared.bound.clone(),
            slash_refused: shared.slash_refused,
        }
    }

    /// A request to a signed address that the server gave: it goes to any host, but only by TLS (unless the
    /// client itself does without), and what signs the address is shown in no error. The endpoint must be
    /// [public](Endpoint::public); one that is not is refused when it is sent.
    ///
    /// # Errors
    ///
    /// [`Origin`](crate::ErrorKind::Origin), if it is no such address.
    pub fn signed(&self, endpoint: &'static Endpoint, address: &Secret) -> Result<Request> {
        let url = origin::signed(&self.0.common.base, address.expose()).ok_or_else(|| {
            let message = "the server gave no safe address to send to";
            Error::new(crate::ErrorKind::Origin, message).with_call(endpoint)
        })?;
        Ok(self.request(endpoint).at(url))
    }

    /// The credential's header, for a connection that this crate does not make itself (a WebSocket).
    ///
    /// # Errors
    ///
    /// If the client has none, or it cannot be obtained.
    pub fn authorization(&self) -> BoxFuture<'_, Result<Authorization>> {
        match &self.0.credential {
            Some(credential) => credential.authorize(),
            None => Box::pin(async {
                Err(Error::invalid_input(
                    "token",
                    "is missing: the client has none",
                ))
            }),
        }
    }

    /// Tells the credential that it was refused outside of a call; returns whether another try makes sense.
    pub async fn authorization_refused(&self, used: &Authorization) -> bool {
        match &self.0.credential {
            Some(credential) => credential.refused(used).await,
            None => false,
        }
    }

    /// Opens a connection for another protocol (a WebSocket), as calls do: same proxy, same certificates. The
    /// credential is not sent, nothing is repeated, and there is no time limit.
    ///
    /// # Errors
    ///
    /// If there is no answer. An answer other than 101 comes without a connection.
    pub async fn upgrade(
        &self,
        url: Url,
        headers: HeaderMap,
    ) -> Result<(HttpResponse, Option<Duplex>), TransportError> {
        let request = HttpRequest {
            method: http::Method::GET,
            url,
            headers,
            body: Body::Empty,
        };
        self.0.transport.upgrade(request).await
    }

    /// Tells the client's layers what happened outside of a call: that a live stream was connected again.
    pub fn tell(&self, endpoint: &'static Endpoint, event: Event) {
        for layer in self.0.layers.told.iter() {
            layer.event(endpoint, event);
        }
    }

    /// Checks a WebSocket address that the server gave; see [`origin`](crate::stream_is_allowed).
    ///
    /// # Errors
    ///
    /// [`Origin`](crate::ErrorKind::Origin), if the credential must not go there.
    pub fn check_stream(&self, url: &Url, allowed: &[&str]) -> Result<()> {
        if origin::stream_is_allowed(&self.0.common.base, url, allowed) {
            return Ok(());
        }
        Err(Error::new(
            crate::ErrorKind::Origin,
            format!(
                "the stream address {} is not trusted",
                origin::shown(url, "")
            ),
        ))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &origin::shown(&self.0.common.base, ""))
            .field("credential", &self.0.credential)
            .finish_non_exhaustive()
    }
}

/// What the calls of one client keep to, unless they are told otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) timeout: Option<Duration>,
    /// When all of them must have ended.
    pub(crate) end: Option<Instant>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl Limits {
    /// For values that are more than one composite.
    pub(crate) fn new(timeout: Option<Duration>, total: Option<Duration>) -> Self {
        Self {
            timeout,
            end: total.map(|total| after(Instant::now(), total)),
            retry: None,
        }
    }

    /// These limits, within wider ones.
    pub(crate) fn inside(self, wider: Self) -> Self {
        Self {
            timeout: self.timeout.or(wider.timeout),
            end: self.end.into_iter().chain(wider.end).min(),
            retry: self.retry.or(wider.retry),
        }
    }

    pub(crate) fn left(&self) -> Option<Duration> {
        let end = self.end?;
        Some(end.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn apply(&self, mut request: Request) -> Request {
        request.timeout = self.timeout.or(request.timeout);
        request.total_timeout = self.left();
        request.retry = self.retry;
        request
    }
}

/// Reads a base URL.
///
/// # Errors
///
/// If it is not `http` or `https`, or has a user, query or fragment.
pub fn parse_base_url(text: &str) -> Result<Url> {
    let refuse = |problem: &str| Error::invalid_input("base_url", problem);
    let url = Url::parse(text.trim()).map_err(|_| refuse("is not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("has a user or password in it"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or fragment"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_http_and_nothing_more() {
        for good in [
            "http://127.0.0.1:1",
            "https://api.example.com/v1/",
            " https://x ",
        ] {
            assert!(parse_base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.example.com",
            "ftp://api.example.com",
            "https://user:canary@api.example.com",
            "https://api.example.com?x=1",
            "https://api.example.com/#x",
        ] {
            let error = parse_base_url(bad).unwrap_err();
            assert!(error.to_string().contains("`base_url`"), "{bad}");
            assert!(!error.to_string().contains("canary"));
        }
    }
}
