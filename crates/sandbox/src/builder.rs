//! Settings before the start.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;

use crate::controlled::Controlled;
use crate::faults::Faults;
use crate::guard::Guard;
use crate::log::Log;
use crate::running::Running;
use crate::server::{self, Limits, OnLacking, Rules, Seed, Server, Start};
use crate::service::Service;

/// A stand-in that has not been started. Each service adds its own settings to these.
pub struct Builder<S: Service> {
    knobs: S::Knobs,
    address: SocketAddr,
    speed: f64,
    faults: Faults,
    kept_requests: usize,
    kept_bodies: usize,
    seed: Option<Seed<S>>,
    limits: Limits,
    allowed_hosts: Vec<String>,
    cors: bool,
    on_lacking: Option<OnLacking>,
}

impl<S: Service> Builder<S> {
    /// A stand-in with its defaults. For those of this crate, [`Sandbox`](crate::Sandbox) has a
    /// function each.
    pub fn new() -> Self {
        Self {
            knobs: S::Knobs::default(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            speed: 1.0,
            faults: Faults::default(),
            kept_requests: 100_000,
            kept_bodies: usize::MAX,
            seed: None,
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            cors: false,
            on_lacking: None,
        }
    }

    /// Changes the service's own settings. Stand-ins have a method for each of them.
    pub fn knobs(mut self, set: impl FnOnce(&mut S::Knobs)) -> Self {
        set(&mut self.knobs);
        self
    }

    /// The address to listen on; any free port of 127.0.0.1 unless set.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How many times as fast everything happens: at 100, a deployment of 6 s takes 60 ms, and a
    /// quota of 60 requests a minute becomes one of 60 requests in 0.6 s. 1 unless set.
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// Sets faults that must be there for the first request.
    pub fn faults(self, set: impl FnOnce(&Faults)) -> Self {
        set(&self.faults);
        self
    }

    /// How many of the latest requests [`Running::requests`] remembers; 100 000 unless set, and fewer if their
    /// bodies are more than 256 MiB. A server under heavy load keeps less memory with 0.
    pub fn keep_requests(mut self, most: usize) -> Self {
        self.kept_requests = most;
        self
    }

    /// How much of each body is remembered, in bytes; all of it unless set.
    pub fn keep_bodies(mut self, most: usize) -> Self {
        self.kept_bodies = most;
        self
    }

    /// How large a body may be, in bytes; 64 MiB unless set. A larger one gets 413. What is larger than 1 MiB is
    /// kept in a temporary file.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.limits.body = bytes;
        self
    }

    /// How long a connection may take to say something, in real time; 60 s unless set. It ends when no whole
    /// request head has come in that time since it began or since the last answer, and when no further piece of
    /// a body has.
    pub fn idle_timeout(mut self, patience: Duration) -> Self {
        self.limits.idle = patience;
        self
    }

    /// Lets clients reach the server by a further name, for example that of a container; `"*"` is any name.
    ///
    /// Unless named here, a request gets 403 whose `Host` or `Origin` is no loopback address: this is how a page
    /// in a browser on this machine would ask. A server that is [bound](Self::bind) to more than loopback can
    /// also be asked by an IP address.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Lets pages in a browser read the answers (CORS), if their origin is loopback or
    /// [allowed](Self::allow_host).
    pub fn cors(mut self) -> Self {
        self.cors = true;
        self
    }

    /// Is called with method and path of each request whose route the stand-in lacks.
    pub fn on_lacking(mut self, tell: impl Fn(&str, &str) + Send + Sync + 'static) -> Self {
        self.on_lacking = Some(Box::new(tell));
        self
    }

    /// Starts the server. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address can't be listened on, or the seed isn't one ([`InvalidInput`](io::ErrorKind)).
    pub async fn start(self) -> io::Result<Running<S>> {
        let listener = TcpListener::bind(self.address).await?;
        let address = listener.local_addr()?;
        let start = Start {
            knobs: self.knobs,
            speed: self.speed,
            faults: self.faults.copy(),
            seed: self.seed,
        };
        let log = Log::new(self.kept_requests, self.kept_bodies);
        let rules = Rules {
            limits: self.limits,
            guard: Guard {
                allowed: self.allowed_hosts,
                address: address.ip(),
                cors: self.cors,
            },
            on_lacking: self.on_lacking,
        };
        let server = Server::new(start, base_url(address).into(), self.faults, log, rules)
            .map_err(|problem| io::Error::new(io::ErrorKind::InvalidInput, problem))?;
        let server = Arc::new(server);
        server
            .tasks
            .spawn(server::accept(Arc::clone(&server), listener));
        Ok(Running { server, address })
    }
}

/// Stand-ins that can be controlled can be seeded before the first request.
impl<S: Controlled> Builder<S> {
    /// What is to be there from the start, and again after a reset: the JSON that
    /// [`seed`](Controlled::seed) takes. [`start`](Self::start) refuses what isn't understood.
    pub fn seed(mut self, seed: Value) -> Self {
        self.seed = Some(Box::new(move |service: &S| service.seed(seed.clone())));
        self
    }
}

/// Where clients on this machine reach the address.
pub(crate) fn base_url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}

impl<S: Service> Default for Builder<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Service> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("service", &S::NAME)
            .field("address", &self.address)
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}
