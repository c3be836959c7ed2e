//! A server that runs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::controlled::Controlled;
use crate::faults::Faults;
use crate::log::Recorded;
use crate::server::{Server, Snapshot};
use crate::service::Service;

/// A running stand-in. It ends when this is dropped. Each service adds what one can see of its
/// state, and do to it.
pub struct Running<S: Service> {
    pub(crate) server: Arc<Server<S>>,
    pub(crate) address: SocketAddr,
}

impl<S: Service> Running<S> {
    /// Scheme, host and port, without a slash at the end: `http://127.0.0.1:40123`.
    pub fn base_url(&self) -> &str {
        &self.server.base_url
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The credential to give to a client.
    pub fn token(&self) -> String {
        self.service().token()
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
        self.server.shutdown().await;
    }

    /// The service itself, as it is now: after a [reset](Self::reset) it is another one. Stand-ins have methods
    /// here for what there is to see or do.
    pub fn service(&self) -> Arc<S> {
        self.server.service()
    }

    /// Everything as it was before the first request: state, clock, speed, faults and quotas. The
    /// [requests](Self::requests) are forgotten. WebSockets end without a closing handshake; other connections stay.
    pub fn reset(&self) {
        // What could be made at the start can be made again.
        let _ = self.server.reset();
    }
}

impl<S: Controlled> Running<S> {
    /// Keeps this moment of the service, to go back to it with [`restore`](Self::restore), however often. Nothing for
    /// a service that can't be [copied](Controlled::copy); those of this crate can.
    pub fn snapshot(&self) -> Option<Snapshot<S>> {
        self.server.snapshot()
    }

    /// Goes back to a moment. What was under way then goes on from where it was; timestamps stay those of now. Faults
    /// and requests stay as they are; WebSockets end without a closing handshake.
    pub fn restore(&self, snapshot: &Snapshot<S>) {
        // What could be copied once can be copied again.
        let _ = self.server.restore(snapshot);
    }
}

impl<S: Service> Drop for Running<S> {
    fn drop(&mut self) {
        self.server.abort();
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
