//! Settings before the start.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::log::Log;
use crate::running::Running;
use crate::server::{self, Server};
use crate::service::{Context, Service};
use crate::tasks::Tasks;

/// A stand-in that has not been started. Each service adds its own settings to these.
pub struct Builder<S: Service> {
    knobs: S::Knobs,
    address: SocketAddr,
    clock: Clock,
    faults: Faults,
    kept_requests: usize,
}

impl<S: Service> Builder<S> {
    /// A stand-in with its defaults. For those of this crate, [`Sandbox`](crate::Sandbox) has a
    /// function each.
    pub fn new() -> Self {
        Self {
            knobs: S::Knobs::default(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Clock::default(),
            faults: Faults::default(),
            kept_requests: 100_000,
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
        self.clock = Clock::new(speed);
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

    /// Starts the server. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address can't be listened on.
    pub async fn start(self) -> io::Result<Running<S>> {
        let listener = TcpListener::bind(self.address).await?;
        let address = listener.local_addr()?;
        let context = Context {
            clock: self.clock,
            base_url: base_url(address).into(),
            tasks: Arc::new(Tasks::new()),
        };
        let server = Arc::new(Server {
            service: Arc::new(S::new(self.knobs, context.clone())),
            clock: self.clock,
            faults: self.faults,
            log: Log::new(self.kept_requests),
            tasks: Arc::clone(&context.tasks),
        });
        context.spawn(server::accept(Arc::clone(&server), listener));
        Ok(Running {
            server,
            context,
            address,
        })
    }
}

/// Where clients on this machine reach the address.
fn base_url(mut address: SocketAddr) -> String {
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
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
