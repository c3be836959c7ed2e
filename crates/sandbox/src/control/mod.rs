//! Control of running stand-ins over HTTP, on an address of its own, for tests in any language; and a page for
//! people at `/`.
//!
//! ```
//! # #[cfg(not(feature = "scalingo"))]
//! # fn main() {}
//! # #[cfg(feature = "scalingo")]
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! use deploykit_sandbox::Sandbox;
//! use deploykit_sandbox::control::Control;
//!
//! let scalingo = Sandbox::scalingo().start().await?;
//! let control = Control::of(&scalingo).start().await?;
//! // … POST {base_url}/__sandbox/services/scalingo/faults, and see what the program under test makes of it …
//! assert!(control.base_url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! All operations are described by the OpenAPI file at `/__sandbox/openapi.json`; docs/sandbox.md shows them with
//! `curl`. Who may use them is who may use the stand-ins: programs on the same machine, and pages from there.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::builder::base_url;
use crate::controlled::Controlled;
use crate::guard::Guard;
use crate::running::Running;
use crate::sync::lock;
use crate::tasks::Tasks;

mod acts;
mod asked;
mod faults;
mod journal;
mod page;
mod remote;
mod routes;
mod snapshots;
#[cfg(test)]
mod tests;

use asked::{Asked, Problem};
use remote::Remote;
use snapshots::Snapshots;

/// The description of all operations.
const OPENAPI: &str = include_str!("openapi.json");

/// The program's port for the control, unless told otherwise.
pub const PORT: u16 = 7000;

/// How long the headers of a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait when no connection can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Control of stand-ins, not started yet.
pub struct Control {
    remotes: Vec<Arc<dyn Remote>>,
    address: SocketAddr,
    allowed_hosts: Vec<String>,
}

/// The control of stand-ins, running. It ends when this is dropped; the stand-ins don't.
#[derive(Debug)]
pub struct RunningControl {
    address: SocketAddr,
    base_url: String,
    tasks: Arc<Tasks>,
}

impl Control {
    /// Control of no stand-in yet.
    pub fn new() -> Self {
        Self {
            remotes: Vec::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allowed_hosts: Vec::new(),
        }
    }

    /// Control of this stand-in.
    pub fn of<S: Controlled>(running: &Running<S>) -> Self {
        Self::new().and(running)
    }

    /// Control of this one, too. It doesn't keep it running.
    pub fn and<S: Controlled>(mut self, running: &Running<S>) -> Self {
        self.remotes
            .push(Arc::clone(&running.server) as Arc<dyn Remote>);
        self
    }

    /// The address to listen on; any free port of 127.0.0.1 unless set.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Lets clients and pages reach it by a further name, as
    /// [`Builder::allow_host`](crate::Builder::allow_host) does for a stand-in.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Starts it. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address can't be listened on, or two of the stand-ins have the same name
    /// ([`InvalidInput`](io::ErrorKind)).
    pub async fn start(self) -> io::Result<RunningControl> {
        let mut names: Vec<_> = self.remotes.iter().map(|remote| remote.name()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let text = format!(
                "there are two {} to control: give each a control of its own",
                twice[0]
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let listener = TcpListener::bind(self.address).await?;
        let address = listener.local_addr()?;
        let tasks = Arc::new(Tasks::new());
        let router = routes::router(Arc::new(Stands {
            remotes: self.remotes,
            kept: Mutex::default(),
        }));
        let guard = Arc::new(Guard {
            allowed: self.allowed_hosts,
            address: address.ip(),
            cors: false,
        });
        let router = router.layer(from_fn(move |request, next| {
            admit(Arc::clone(&guard), request, next)
        }));
        tasks.spawn(accept(listener, router, Arc::clone(&tasks)));
        Ok(RunningControl {
            base_url: base_url(address),
            address,
            tasks,
        })
    }
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.remotes.iter().map(|remote| remote.name()).collect();
        f.debug_struct("Control")
            .field("services", &names)
            .field("address", &self.address)
            .finish()
    }
}

impl RunningControl {
    /// Scheme, host and port, without a slash at the end: where the page is.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and returns when its port is closed.
    pub async fn shutdown(self) {
        self.tasks.shutdown().await;
    }
}

impl Drop for RunningControl {
    fn drop(&mut self) {
        self.tasks.abort();
    }
}

/// Lets a request pass that comes from this machine, or to an allowed name.
async fn admit(guard: Arc<Guard>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match guard.refusal(&head) {
        Some(refusal) => routes::response(refusal),
        None => next.run(Request::from_parts(head, body)).await,
    }
}

async fn accept(listener: TcpListener, router: Router, tasks: Arc<Tasks>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => tasks.spawn(connection(stream, router.clone())),
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    // A connection that ends badly was ended by the client.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
}

/// The stand-ins that are controlled, and the snapshots of them.
struct Stands {
    remotes: Vec<Arc<dyn Remote>>,
    kept: Mutex<Snapshots>,
}

impl Stands {
    fn all(&self) -> impl Iterator<Item = &dyn Remote> {
        self.remotes.iter().map(|remote| &**remote)
    }

    fn remote(&self, name: &str) -> Result<&dyn Remote, Problem> {
        self.all()
            .find(|remote| remote.name() == name)
            .ok_or_else(|| {
                let known: Vec<_> = self.all().map(Remote::name).collect();
                Problem::missing(format!(
                    "there is no service {name}, only {}",
                    known.join(", ")
                ))
            })
    }

    /// The stand-in that the path names.
    fn named(&self, asked: &Asked) -> Result<&dyn Remote, Problem> {
        self.remote(asked.argument("service"))
    }

    /// Those that are listed; all if there is no list.
    fn chosen(&self, names: Option<&[String]>) -> Result<Vec<&dyn Remote>, Problem> {
        match names {
            Some(names) => names.iter().map(|name| self.remote(name)).collect(),
            None => Ok(self.all().collect()),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Snapshots> {
        lock(&self.kept)
    }
}
