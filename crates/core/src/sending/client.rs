//! The client: what all calls of one program to one service share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::Endpoint;
use crate::answers::error::{Error, Result};
use crate::calling::call::{self, Call, FromResponse};
use crate::calling::composite::Limits;
use crate::calling::request::Request;
use crate::models::secret::Secret;
use crate::sending::auth::{Authorization, Credential};
use crate::sending::body::BodyLimits;
use crate::sending::connect::{Http, Reqwest};
use crate::sending::layer::{Event, Layer, Layers};
use crate::sending::limits::LimitStore;
use crate::sending::origin;
use crate::sending::quota::{Quota, Quotas};
use crate::sending::retry::{RetryBudget, RetryPolicy};
use crate::sending::send::{self, RawResponse, Streaming};
use crate::sending::transport::{
    Body, Duplex, HttpRequest, HttpResponse, Transport, TransportError,
};

/// A client of one service. Cheap to clone; clones share connections, credential, quotas and retry budget.
///
/// Service crates wrap it; use it directly for a service that has no crate.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) base: Url,
    pub(crate) credential: Option<Arc<dyn Credential>>,
    pub(crate) headers: HeaderMap,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) layers: Layers,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) body: BodyLimits,
    pub(crate) total_timeout: Duration,
    pub(crate) quotas: Quotas,
    pub(crate) budget: Arc<RetryBudget>,
    limits: Option<Limits>,
    /// What no error may show, whether it was sent or not.
    pub(crate) hidden: Vec<Secret>,
    bound: Vec<(&'static str, String)>,
    slash_refused: bool,
}

impl Client {
    /// Starts a client of the service at this address.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            base_url: Secret::new(base_url),
            credential: None,
            headers: HeaderMap::new(),
            bound: Vec::new(),
            slash_refused: false,
            account: None,
            hidden: Vec::new(),
            options: Options::default(),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// The service's address.
    pub fn base_url(&self) -> &Url {
        &self.0.base
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

    /// A call that has not been sent yet, with an answer type of your own.
    pub fn call<T: FromResponse>(&self, request: Request) -> Call<T> {
        Call::new(self, request, T::from_response)
    }

    /// As [`call`](Self::call), for a value that comes in several shapes: read as `W`, handed on as `T`.
    pub fn call_via<W: FromResponse + Into<T>, T>(&self, request: Request) -> Call<T> {
        Call::new(self, request, |response| {
            W::from_response(response).map(Into::into)
        })
    }

    /// A call for a list, read as `W`. An item that can't be read does not lose the others: it is in
    /// [`Response::unreadable`](crate::Response::unreadable).
    pub fn call_items<W, T>(&self, request: Request) -> Call<Vec<T>>
    where
        W: FromResponse + Into<Vec<T>>,
        T: DeserializeOwned,
    {
        Call::new(self, request, call::read_items::<W, T>)
    }

    /// The same client with another credential: connections and options are shared, limits are not, as they
    /// belong to a credential.
    #[must_use]
    pub fn with_credential(&self, credential: impl Credential + 'static) -> Self {
        let mut shared = self.copy();
        shared.credential = Some(Arc::new(credential));
        Self(Arc::new(shared))
    }

    /// The same client at another address, with a credential of its own: connections and options are shared,
    /// limits are not. For services with several hosts.
    ///
    /// # Errors
    ///
    /// If the address is none of a server.
    pub fn elsewhere(&self, base_url: &str, credential: Arc<dyn Credential>) -> Result<Self> {
        let mut shared = self.copy();
        shared.base = parse_base_url(base_url)?;
        shared.credential = Some(credential);
        Ok(Self(Arc::new(shared)))
    }

    /// The same client, filling this placeholder in every path that has it; see
    /// [`bind`](ClientBuilder::bind).
    #[must_use]
    pub fn bound(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut shared = self.copy();
        shared.quotas = self.0.quotas.clone();
        shared.bound.push((name, value.into()));
        Self(Arc::new(shared))
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
            base: shared.base.clone(),
            credential: shared.credential.clone(),
            headers: shared.headers.clone(),
            transport: shared.transport.clone(),
            layers: shared.layers.clone(),
            retry: shared.retry,
            timeout: shared.timeout,
            body: shared.body,
            total_timeout: shared.total_timeout,
            quotas: shared.quotas.unshared(),
            budget: Arc::new(RetryBudget::new()),
            limits: shared.limits,
            hidden: shared.hidden.clone(),
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
        let url = origin::signed(&self.0.base, address.expose()).ok_or_else(|| {
            let message = "the server gave no safe address to send to";
            Error::new(crate::ErrorKind::Origin, message).with_call(endpoint)
        })?;
        Ok(self.request(endpoint).at(url))
    }

    /// Sends a request and returns the undecoded answer.
    ///
    /// # Errors
    ///
    /// As any call, decoding aside.
    pub async fn send(&self, request: Request) -> Result<RawResponse> {
        send::send(self.clone(), request).await
    }

    /// Sends a request and returns as soon as the answer begins; its body follows as a stream.
    ///
    /// Nothing is repeated once the body began. The stream itself has no time limit, but it must not stand still
    /// for longer than the [idle limit](Options::idle_timeout).
    ///
    /// # Errors
    ///
    /// As any call, decoding aside.
    pub async fn stream(&self, request: Request) -> Result<Streaming> {
        send::stream(self.clone(), request).await
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
        if origin::stream_is_allowed(&self.0.base, url, allowed) {
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
            .field("base_url", &origin::shown(&self.0.base, ""))
            .field("credential", &self.0.credential)
            .finish_non_exhaustive()
    }
}

/// What every client can be told, whatever the service.
#[derive(Debug)]
#[must_use]
pub struct Options {
    transport: Option<Arc<dyn Transport>>,
    http: Http,
    layers: Vec<Arc<dyn Layer>>,
    /// Whether limits are counted apart from other clients of the same account.
    apart: bool,
    retry: RetryPolicy,
    timeout: Duration,
    body: BodyLimits,
    total_timeout: Duration,
    quotas: Quotas,
    user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: None,
            http: Http::default(),
            layers: Vec::new(),
            apart: false,
            retry: RetryPolicy::default(),
            timeout: Duration::from_secs(30),
            body: BodyLimits::default(),
            total_timeout: Duration::from_secs(24 * 60 * 60),
            quotas: Quotas::default(),
            user_agent: concat!("deploykit/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Options {
    /// When and how often calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Longest time of one attempt. Default 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Longest body of an answer, in bytes; a longer one is an [error](crate::ErrorKind::TooLong), not read.
    /// Default 64 MiB. Streams have no limit; of an error's body, 1 MiB is read.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.body.longest = bytes;
        self
    }

    /// Longest time in which nothing of a streamed body comes; then it is cut with a
    /// [time-out](crate::ErrorKind::Timeout). Default 60 s; `None` waits for ever.
    pub fn idle_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.body.idle = limit.into();
        self
    }

    /// Longest time of a call as a whole: credential, waiting for limits, attempts and back-off. Default 24 h,
    /// as a documented limit of so many calls an hour can make many of them wait for hours.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Another limit in place of the documented one of the same name.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quotas.replace(quota);
        self
    }

    /// Keeps no documented limit on this side; a 429 is still retried.
    pub fn without_quotas(mut self) -> Self {
        self.quotas = Quotas::off();
        self
    }

    /// Counts calls together with another client's. Clients of a service with the same token do so anyway.
    pub fn share_limits_with(mut self, client: &Client) -> Self {
        self.quotas = client.0.quotas.clone();
        self.apart = true;
        self
    }

    /// Keeps documented limits in this store, together with other programs that have the same token, instead of in
    /// this program alone. Clients that are to count together take clones of one `Arc`. See [`LimitStore`].
    pub fn limits_in(mut self, store: Arc<dyn LimitStore>) -> Self {
        self.quotas.keep_in(store);
        self
    }

    /// Sent as `User-Agent`. Default `deploykit/…`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// How connections are made: proxy, certificates, pool.
    pub fn http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    /// Sends through an HTTP client of your own; what [`http`](Self::http) says does not apply to it.
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.transport(Reqwest::new(client))
    }

    /// Sends through this instead of reqwest.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Puts this around every call; the first layer is the outermost. See [`Layer`].
    pub fn layer(mut self, layer: impl Layer + 'static) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// Counts calls apart from those of other clients in this program, even if they have the same token.
    pub fn own_limits(mut self) -> Self {
        self.apart = true;
        self
    }

    /// The same options twice, for two clients of one service that share their connections.
    ///
    /// # Errors
    ///
    /// If no HTTP client can be made.
    pub fn share(mut self) -> Result<(Self, Self)> {
        let transport = self.take_transport()?;
        let second = Self {
            transport: Some(transport.clone()),
            http: self.http.clone(),
            layers: self.layers.clone(),
            apart: self.apart,
            retry: self.retry,
            timeout: self.timeout,
            body: self.body,
            total_timeout: self.total_timeout,
            quotas: self.quotas.unshared(),
            user_agent: self.user_agent.clone(),
        };
        self.transport = Some(transport);
        Ok((self, second))
    }

    fn take_transport(&mut self) -> Result<Arc<dyn Transport>> {
        match self.transport.take() {
            Some(transport) => Ok(transport),
            None => Ok(Arc::new(self.http.clone().transport()?)),
        }
    }
}

/// Gives a service's builder the methods of [`Options`]; `self.$options` holds them.
#[macro_export]
macro_rules! builder_options {
    ($options:ident) => {
        /// When and how often calls are repeated.
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.$options = self.$options.retry(policy);
            self
        }

        /// Longest time of one attempt. Default 30 s.
        pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$options = self.$options.timeout(timeout);
            self
        }

        /// Longest body of an answer, in bytes; a longer one is an error, not read. Default 64 MiB. Streams have
        /// no limit; of an error's body, 1 MiB is read.
        pub fn max_body(mut self, bytes: usize) -> Self {
            self.$options = self.$options.max_body(bytes);
            self
        }

        /// Longest time in which nothing of a streamed body comes; then it is cut with a time-out. Default
        /// 60 s; `None` waits for ever.
        pub fn idle_timeout(
            mut self,
            limit: impl Into<::std::option::Option<::std::time::Duration>>,
        ) -> Self {
            self.$options = self.$options.idle_timeout(limit);
            self
        }

        /// Longest time of a call as a whole: credential, waiting for limits, attempts and back-off. Default 24 h,
        /// as a documented limit of so many calls an hour can make many of them wait for hours.
        pub fn total_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$options = self.$options.total_timeout(timeout);
            self
        }

        /// Another limit in place of the documented one of the same name.
        pub fn quota(mut self, quota: $crate::Quota) -> Self {
            self.$options = self.$options.quota(quota);
            self
        }

        /// Keeps no documented limit on this side; a 429 is still retried.
        pub fn without_quotas(mut self) -> Self {
            self.$options = self.$options.without_quotas();
            self
        }

        /// Counts calls together with another client's. Clients of a service with the same token do so anyway.
        pub fn share_limits_with(mut self, client: &$crate::Client) -> Self {
            self.$options = self.$options.share_limits_with(client);
            self
        }

        /// Keeps documented limits in this store, together with other programs that have the same token, instead of
        /// in this program alone. Clients that are to count together take clones of one `Arc`. See
        /// [`LimitStore`]($crate::LimitStore).
        pub fn limits_in(mut self, store: ::std::sync::Arc<dyn $crate::LimitStore>) -> Self {
            self.$options = self.$options.limits_in(store);
            self
        }

        /// Sent as `User-Agent`. Default `deploykit/…`.
        pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
            self.$options = self.$options.user_agent(user_agent);
            self
        }

        /// How connections are made: proxy, certificates, pool.
        pub fn http(mut self, http: $crate::Http) -> Self {
            self.$options = self.$options.http(http);
            self
        }

        /// Sends through an HTTP client of your own; what `http` says does not apply to it.
        pub fn http_client(mut self, client: $crate::reqwest::Client) -> Self {
            self.$options = self.$options.http_client(client);
            self
        }

        /// Sends through this instead of reqwest.
        pub fn transport(mut self, transport: impl $crate::Transport + 'static) -> Self {
            self.$options = self.$options.transport(transport);
            self
        }

        /// Puts this around every call; the first layer is the outermost. See [`Layer`]($crate::Layer).
        pub fn layer(mut self, layer: impl $crate::Layer + 'static) -> Self {
            self.$options = self.$options.layer(layer);
            self
        }

        /// Counts calls apart from those of other clients in this program, even if they have the same token.
        pub fn own_limits(mut self) -> Self {
            self.$options = self.$options.own_limits();
            self
        }
    };
}

/// Collects what a [`Client`] needs.
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    /// Its path may be a secret, and what is refused later may have a password.
    base_url: Secret,
    credential: Option<Arc<dyn Credential>>,
    headers: HeaderMap,
    bound: Vec<(&'static str, String)>,
    slash_refused: bool,
    account: Option<Secret>,
    hidden: Vec<Secret>,
    options: Options,
}

impl ClientBuilder {
    /// Whose limits the calls count against: all clients in this program with the same address and the same
    /// secret share them, unless they [count apart](Options::own_limits). Without it, only clones do.
    pub fn limits_of(mut self, account: &Secret) -> Self {
        self.account = Some(account.clone());
        self.hide(account.clone())
    }

    /// No error of this client shows this, even if the server quotes it: for what the service knows and not every
    /// call sends. The secret of [`limits_of`](Self::limits_of) is hidden already.
    pub fn hide(mut self, secret: Secret) -> Self {
        self.hidden.push(secret);
        self
    }

    /// Proves who makes the calls.
    pub fn credential(mut self, credential: impl Credential + 'static) -> Self {
        self.credential = Some(Arc::new(credential));
        self
    }

    /// As [`credential`](Self::credential), for one that the caller keeps a hold of.
    pub fn shared_credential(mut self, credential: Arc<dyn Credential>) -> Self {
        self.credential = Some(credential);
        self
    }

    /// A header that the service wants on every call.
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(crate::sending::redact::may_be_secret(&name));
        self.headers.insert(name, value);
        self
    }

    /// Fills this placeholder in every path that has it.
    pub fn bind(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.bound.push((name, value.into()));
        self
    }

    /// Refuses a `/` in path segments, for servers that decode `%2F` before they route.
    pub fn refuse_slashes(mut self) -> Self {
        self.slash_refused = true;
        self
    }

    /// Takes all general options at once.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    crate::builder_options!(options);

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If the base URL is not `http` or `https`, or has a user, query or fragment.
    pub fn build(self) -> Result<Client> {
        let mut options = self.options;
        let mut headers = self.headers;
        let user_agent = HeaderValue::try_from(options.user_agent.as_str()).map_err(|_| {
            Error::invalid_input("user_agent", "has characters no header can carry")
        })?;
        headers.insert(http::header::USER_AGENT, user_agent);
        let base = parse_base_url(self.base_url.expose())?;
        if let Some(account) = self.account.filter(|_| !options.apart) {
            let origin = base.origin().ascii_serialization();
            options.quotas.count_for(origin, &account);
        }
        let no_tls = cfg!(not(any(feature = "rustls", feature = "native-tls")));
        if base.scheme() == "https" && no_tls && options.transport.is_none() {
            let problem =
                "is https, and no TLS is compiled in: turn the feature `rustls` or `native-tls` on";
            return Err(Error::invalid_input("base_url", problem));
        }
        let transport = options.take_transport()?;
        Ok(Client(Arc::new(Shared {
            base,
            credential: self.credential,
            headers,
            transport,
            layers: options.layers.into(),
            retry: options.retry,
            timeout: options.timeout,
            body: options.body,
            total_timeout: options.total_timeout,
            quotas: options.quotas,
            budget: Arc::new(RetryBudget::new()),
            limits: None,
            hidden: self.hidden,
            bound: self.bound,
            slash_refused: self.slash_refused,
        })))
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
