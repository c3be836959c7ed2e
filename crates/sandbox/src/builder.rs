//! Settings before the start.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;

use crate::controlled::Controlled;
use crate::faults::Faults;
use crate::log::Log;
use crate::running::Running;
use crate::server::{self, Seed, Server, Start};
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

    /// How many of the latest requests [`Running::requests`] remembers; 100 000 unless set. A
    /// server under heavy load keeps less memory with 0.
    pub fn keep_requests(mut self, most: usize) -> Self {
        self.kept_requests = most;
        self
    }

    /// How much of each body is remembered, in bytes; all of it unless set.
    pub fn keep_bodies(mut self, most: usize) -> Self {
        self.kept_bodies = most;
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
        let server = Server::new(start, base_url(address).into(), self.faults, log)
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
