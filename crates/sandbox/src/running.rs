//! A server that runs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::log::Recorded;
use crate::server::Server;
use crate::service::{Context, Service};

/// A running stand-in. It ends when this is dropped. Each service adds what one can see of its
/// state, and do to it.
pub struct Running<S: Service> {
    pub(crate) server: Arc<Server<S>>,
    pub(crate) context: Context,
    pub(crate) address: SocketAddr,
}

impl<S: Service> Running<S> {
    /// Scheme, host and port, without a slash at the end: `http://127.0.0.1:40123`.
    pub fn base_url(&self) -> &str {
        self.context.base_url()
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The credential to give to a client.
    pub fn token(&self) -> String {
        self.server.service.token()
    }

    /// Makes things go wrong.
    pub fn faults(&self) -> &Faults {
        &self.server.faults
    }

    /// What the server was asked, oldest first: also what it refused and what a fault struck.
    pub fn requests(&self) -> Vec<Recorded> {
        self.server.log.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.server.log.clear();
    }

    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.server.clock
    }

    /// Ends the server, and returns when its port is closed and its connections are gone.
    pub async fn shutdown(self) {
        self.context.tasks.shutdown().await;
    }

    /// The service itself. Stand-ins have methods here for what there is to see or do.
    pub fn service(&self) -> &Arc<S> {
        &self.server.service
    }
}

impl<S: Service> Drop for Running<S> {
    fn drop(&mut self) {
        self.context.tasks.abort();
    }
}

impl<S: Service> fmt::Debug for Running<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("service", &S::NAME)
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}
