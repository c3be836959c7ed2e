//! How a client is built, and what it can be told.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::answers::error::{Error, Result};
use crate::models::secret::Secret;
use crate::sending::auth::Credential;
use crate::sending::body::BodyLimits;
use crate::sending::client::{Client, Shared, parse_base_url};
use crate::sending::connect::{Http, Reqwest};
use crate::sending::layer::Layer;
use crate::sending::limits::LimitStore;
use crate::sending::quota::{Quota, Quotas};
use crate::sending::redact;
use crate::sending::retry::{RetryBudget, RetryPolicy};
use crate::sending::sent::Common;
use crate::sending::transport::Transport;

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
        self.quotas = client.shared().quotas.clone();
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
        value.set_sensitive(redact::may_be_secret(&name));
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
        let no_tls = cfg!(not(any(
            feature = "rustls",
            feature = "rustls-ring",
            feature = "native-tls"
        )));
        if base.scheme() == "https" && no_tls && options.transport.is_none() {
            let problem =
                "is https, and no TLS is compiled in: turn the feature `rustls` or `native-tls` on";
            return Err(Error::invalid_input("base_url", problem));
        }
        let transport = options.take_transport()?;
        let common = Common {
            base,
            headers,
            hidden: self.hidden,
        };
        Ok(Client::new(Shared {
            common: Arc::new(common),
            credential: self.credential,
            transport,
            layers: options.layers.into(),
            retry: options.retry,
            timeout: options.timeout,
            body: options.body,
            total_timeout: options.total_timeout,
            quotas: options.quotas,
            budget: Arc::new(RetryBudget::new()),
            limits: None,
            bound: self.bound,
            slash_refused: self.slash_refused,
        }))
    }
}
