//! Several calls as one: a value that is carried out when it is awaited.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::runtime;
use tokio::time::{Instant, timeout_at};

use crate::answers::error::{Error, ErrorKind, Result};
use crate::models::time::after;
use crate::sending::client::{Client, Limits};
use crate::sending::retry::RetryPolicy;

/// Several calls that have not been sent: awaiting it sends them, one after the other as each needs.
///
/// It is owned and `Send + 'static`, as a [`Call`](crate::Call) is, and has the same limits: one for each attempt of
/// each call, and one for the whole.
///
/// ```
/// # use deploykit_core::memory::Recorder;
/// use std::time::Duration;
///
/// use deploykit_core::{Call, Client, Composite, Endpoint, Method};
/// use serde_json::{Value, json};
///
/// const MAKE: Endpoint = Endpoint::new("makeThing", Method::POST, "/things");
/// const READ: Endpoint = Endpoint::new("readThing", Method::GET, "/things/{id}");
///
/// fn make_and_read(client: &Client) -> Composite<Value> {
///     Composite::new(client, "make and read", |client| async move {
///         let made: Value = client.call(client.request(&MAKE).json(&json!({}))).await?;
///         client.call(client.request(&READ).segment("id", &made["id"])).await
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> deploykit_core::Result<()> {
/// # let service = Recorder::new();
/// # service.answers("POST", "/things", 201, json!({ "id": 7 }));
/// # service.answers("GET", "/things/7", 200, json!({ "id": 7, "name": "one" }));
/// # let client = Client::builder("https://api.example.com").transport(service).build()?;
/// let thing = make_and_read(&client).timeout(Duration::from_secs(5)).total_timeout(Duration::from_secs(20));
/// assert_eq!(thing.await?["name"], "one");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before it is awaited"]
pub struct Composite<T> {
    client: Client,
    what: &'static str,
    limits: Limits,
    total: Option<Duration>,
    run: Run<T>,
}

type Run<T> = Box<dyn FnOnce(Client) -> BoxFuture<'static, Result<T>> + Send>;

impl<T> Composite<T> {
    /// What is to be done; `what` names it in errors. It must send by the client that it is given, which keeps to
    /// the limits; what it returns should hold the one from outside.
    pub fn new<F>(
        client: &Client,
        what: &'static str,
        run: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self {
            client: client.clone(),
            what,
            limits: Limits::default(),
            total: None,
            run: Box::new(|client| Box::pin(run(client))),
        }
    }

    /// Cuts each attempt of each call after this time. Default: as the client does; uploads and the like may take
    /// longer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// Cuts the whole after this time, waiting and back-off included. Default: only each call has an end.
    ///
    /// What was done until then stays done, and the error [says so](Error::may_have_been_sent).
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total = Some(timeout);
        self
    }

    /// Repeats each call by this policy instead of the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.limits.retry = Some(policy);
        self
    }
}

impl<T: 'static> IntoFuture for Composite<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            what,
            limits,
            total,
            run,
        } = self;
        Box::pin(async move {
            let Some(total) = total else {
                return run(client.within(limits)).await;
            };
            // A timer needs one; without it, the first call says so.
            if runtime::Handle::try_current().is_err() {
                return run(client).await;
            }
            let end = after(Instant::now(), total);
            let limits = Limits {
                end: Some(end),
                ..limits
            };
            // Calls end by themselves and say how far they came; what is between them ends here.
            let run = run(client.within(limits));
            timeout_at(end, run).await.unwrap_or_else(|_| {
                let message = format!("{what} did not end within {total:.1?}");
                Err(Error::new(ErrorKind::Timeout, message).maybe_sent())
            })
        })
    }
}

impl<T> fmt::Debug for Composite<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composite")
            .field("what", &self.what)
            .field("timeout", &self.limits.timeout)
            .field("total_timeout", &self.total)
            .finish_non_exhaustive()
    }
}
