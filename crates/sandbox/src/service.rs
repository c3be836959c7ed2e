//! What a stand-in is made of.

use std::future::Future;
use std::sync::Arc;

use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::{Request, Slash};
use crate::tasks::Tasks;

/// A stand-in for one service.
pub trait Service: Send + Sync + Sized + 'static {
    /// What users can set before the start, and its defaults.
    type Knobs: Default + Clone + Send + Sync + 'static;

    /// The service's name in small letters; the binary's `--only` takes it.
    const NAME: &'static str;

    /// The binary's port for it, unless told otherwise.
    const PORT: u16;

    /// What the service makes of `%2F` in a path.
    const SLASH: Slash = Slash::InSegment;

    /// Makes the service, before the first request.
    fn new(knobs: Self::Knobs, context: Context) -> Self;

    /// The credential that a client of this server is to be given.
    fn token(&self) -> String;

    /// Which version of the service is played, where there are several.
    fn version(&self) -> Option<&'static str> {
        None
    }

    /// The refusal of a large request, judged by its head: it has no body yet. The server asks this before it
    /// receives more than 64 KiB, so that nobody without a credential makes it keep more. What this lets pass
    /// still has to be checked by [`handle`](Self::handle), as smaller requests come there at once.
    fn refuses(&self, head: &Request) -> Option<Reply> {
        let _ = head;
        None
    }

    /// Answers a request. Each runs in the task of its own connection.
    fn handle(self: Arc<Self>, request: Request) -> impl Future<Output = Reply> + Send;
}

/// What the server gives to its service.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) clock: Clock,
    pub(crate) base_url: Arc<str>,
    pub(crate) tasks: Arc<Tasks>,
}

impl Context {
    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Scheme, host and port of the server, without a slash at the end. For links in answers,
    /// prefer [`Request::host`]: a client may reach the server under another name.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Starts a task that ends with the server.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}
