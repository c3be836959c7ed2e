//! One deployment, from its trigger to its end.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt as _};
use tokio::time::{sleep, timeout};

use super::service::{Pace, Watching};
use super::tell::{Next, Teller, Telling};
use super::{Clients, Event, Handle, Outcome, Target};
use crate::core::{Error, ErrorKind, Result};

/// A deployment that is triggered and followed to its end: await it, or poll it as a stream of [`Event`]s.
///
/// It is a value that owns what it needs; nothing is sent before it is polled. A deployment that fails is no error: its
/// last event is [`Finished`](Event::Finished) with the [`Outcome`]. An error is what could not be triggered or
/// followed; it is the last that comes. Programs that are not async have `deploykit::blocking::run`.
///
/// ```
/// # #[cfg(feature = "scalingo")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(50.0).start().await?;
/// # let client = deploykit::scalingo::Client::builder().token(sandbox.token()).base_url(sandbox.base_url());
/// # let clients = deploykit::deploy::Clients::new().with_scalingo(client.build()?);
/// use deploykit::deploy::{Event, Rollout, Scalingo};
/// use futures::TryStreamExt as _;
///
/// let target = Scalingo::new("example-app", "https://example.com/app.tar.gz").git_ref("v7");
/// // For real, without `clients`: they are then made from the environment.
/// let mut rollout = Rollout::new(target).clients(&clients);
/// while let Some(event) = rollout.try_next().await? {
///     match event {
///         Event::Status { status, word } => println!("== {status} ({word})"),
///         Event::Log(line) => println!("{line}"),
///         Event::Address(address) => println!("see {address}"),
///         Event::Finished(outcome) => assert!(outcome.succeeded()),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "scalingo"))]
/// # fn main() {}
/// ```
///
/// # Nothing twice, nothing lost
///
/// The trigger is sent once. If its answer is lost, so that the deployment may have begun, it is looked for, four times
/// within seven seconds: the one that is newer than all that were there before and looks the same; by its tag on
/// Edgegap. If it is not found, or several fit, the call's error comes back, and nothing is triggered again.
///
/// Dropping a rollout stops the following, not the deployment. [`resume`](Self::resume) goes on with the last
/// [`Handle`] that was told, in another process too. A handle from before the trigger's answer is looked for in the same
/// way.
#[must_use = "a rollout begins when it is awaited or polled"]
pub struct Rollout {
    target: Option<Target>,
    handle: Option<Handle>,
    /// Whether it only goes on.
    resumes: bool,
    /// Those of the environment, unless set.
    clients: Option<Clients>,
    pace: Pace,
    total_timeout: Duration,
    running: Option<Telling<Event, Result<Outcome>>>,
}

impl Rollout {
    /// Deploys to a target.
    pub fn new(target: impl Into<Target>) -> Self {
        Self::of(Some(target.into()), None)
    }

    /// Goes on with a deployment that was triggered before; triggers nothing.
    ///
    /// The log comes from its beginning again.
    pub fn resume(handle: Handle) -> Self {
        Self::of(None, Some(handle))
    }

    /// Says what was deployed, where the rollout was resumed: going back from it may take that.
    pub fn with_target(mut self, target: impl Into<Target>) -> Self {
        self.target = Some(target.into());
        self
    }

    fn of(target: Option<Target>, handle: Option<Handle>) -> Self {
        Self {
            target,
            resumes: handle.is_some(),
            handle,
            clients: None,
            pace: Pace::default(),
            total_timeout: Duration::from_secs(3600),
            running: None,
        }
    }

    /// Calls with these clients. Default: with those that the environment describes.
    pub fn clients(mut self, clients: &Clients) -> Self {
        self.clients = Some(clients.clone());
        self
    }

    /// The same, unless it has clients.
    pub(super) fn or_clients(mut self, clients: &Clients) -> Self {
        self.clients.get_or_insert_with(|| clients.clone());
        self
    }

    /// Follows for no longer than this, all of it included; then an error of kind
    /// [`Deadline`](ErrorKind::Deadline) comes, and the deployment goes on. Default one hour.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = limit;
        self
    }

    /// First time between two looks, and the one it grows to, where a service has no stream (Devopness, Edgegap, a
    /// deploy of tsuru that was resumed). Default 2 s and 10 s.
    pub fn look_every(mut self, first: Duration, longest: Duration) -> Self {
        self.pace = Pace(Some((first, longest)));
        self
    }

    /// What the rollout is found again by: as soon as the first [`Event::Handle`] has come.
    pub fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    /// What it deploys to; none if it was resumed without.
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// What to call it: `scalingo my-app`.
    pub fn name(&self) -> String {
        match (&self.target, &self.handle) {
            (Some(target), _) => target.to_string(),
            (None, Some(handle)) => format!("{} {}", handle.service, handle.name),
            (None, None) => String::new(),
        }
    }

    /// Asks the service to end the deployment. What becomes of it, the stream tells: poll it to the end.
    ///
    /// The future needs no borrow of the rollout: both can be polled at once.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if nothing was triggered yet, or the service cannot (Scalingo,
    /// Devopness); else that of the call.
    #[must_use = "nothing is asked for before it is awaited"]
    pub fn cancel(&self) -> BoxFuture<'static, Result<()>> {
        let clients = self.clients.clone().unwrap_or_default();
        let (handle, pace) = (self.handle.clone(), self.pace);
        Box::pin(async move {
            let handle = handle.filter(|handle| handle.id.is_some());
            let nothing = || Error::invalid_input("rollout", "has triggered nothing yet");
            let handle = handle.ok_or_else(nothing)?;
            clients.watching(&handle, pace)?.cancel(&handle).await
        })
    }

    /// A rollout that goes back to what ran before this one, with the same clients. Nothing is sent yet.
    ///
    /// - Scalingo deploys what [`Scalingo::roll_back_to`](super::Scalingo::roll_back_to) names.
    /// - Devopness rolls an application back; a pipeline has no way back.
    /// - tsuru rolls back to the newest version that went well before.
    /// - Edgegap stops the server that was started; those of other versions were never touched.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if nothing was triggered yet, or there is no way back.
    pub fn roll_back(&self) -> Result<Self> {
        let handle = self.handle.as_ref().filter(|handle| handle.id.is_some());
        let nothing = || Error::invalid_input("rollout", "has triggered nothing yet");
        let back = Target::back(self.target.as_ref(), handle.ok_or_else(nothing)?)?;
        Ok(Self {
            clients: self.clients.clone(),
            pace: self.pace,
            total_timeout: self.total_timeout,
            ..Self::new(back)
        })
    }

    fn begin(&self) -> Telling<Event, Result<Outcome>> {
        let (target, handle) = (self.target.clone(), self.handle.clone());
        let clients = self.clients.clone().unwrap_or_default();
        let (pace, limit) = (self.pace, self.total_timeout);
        let (name, resumes) = (self.name(), self.resumes);
        Telling::new(move |tell| {
            Box::pin(async move {
                let mut teller = Teller::new(tell);
                let work = async {
                    match (target, handle) {
                        (Some(target), _) if !resumes => {
                            deploy(&target, &clients, pace, &mut teller).await
                        }
                        (_, Some(handle)) => go_on(handle, &clients, pace, &mut teller).await,
                        (_, None) => Err(Error::invalid_input("target", "is missing")),
                    }
                };
                let late = || {
                    let message = format!("{name}: not before the deadline; it may go on");
                    Error::new(ErrorKind::Deadline, message).maybe_sent()
                };
                timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
            })
        })
    }
}

impl From<Target> for Rollout {
    fn from(target: Target) -> Self {
        Self::new(target)
    }
}

async fn deploy(
    target: &Target,
    clients: &Clients,
    pace: Pace,
    teller: &mut Teller,
) -> Result<Outcome> {
    let starting = target.starting(clients)?;
    let mut handle = starting.prepare().await?;
    let watching = clients.watching(&handle, pace)?;
    teller.event(Event::Handle(Box::new(handle.clone()))).await;
    let mut lines = None;
    match starting.trigger(&handle).await {
        Ok(started) => {
            handle.id = started.id;
            lines = started.lines;
        }
        Err(error) if starting.is_lost(&error) => {
            match look(&*watching, &handle).await {
                Ok(found) if !found.is_empty() => handle.id = Some(one(found)?),
                // What went wrong first is what there is to say.
                _ => return Err(error),
            }
        }
        Err(error) => return Err(error),
    }
    match (&handle.id, &lines) {
        (None, None) => handle.id = Some(one(look(&*watching, &handle).await?)?),
        // The output tells, too; what has no name cannot be resumed.
        (None, Some(_)) => handle.id = one(watching.find(&handle).await.unwrap_or_default()).ok(),
        _ => {}
    }
    teller.event(Event::Handle(Box::new(handle.clone()))).await;
    watching.follow(&handle, lines, teller).await
}

async fn go_on(
    mut handle: Handle,
    clients: &Clients,
    pace: Pace,
    teller: &mut Teller,
) -> Result<Outcome> {
    let watching = clients.watching(&handle, pace)?;
    if handle.id.is_none() {
        handle.id = Some(one(look(&*watching, &handle).await?)?);
    }
    teller.event(Event::Handle(Box::new(handle.clone()))).await;
    watching.follow(&handle, None, teller).await
}

/// How often, and with what delay, a deployment is looked for.
const LOOKS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Looks for a deployment that may have been triggered.
async fn look(watching: &dyn Watching, handle: &Handle) -> Result<Vec<String>> {
    let mut last = Ok(Vec::new());
    for delay in LOOKS {
        sleep(delay).await;
        last = watching.find(handle).await;
        // A look that fails says nothing; the next one may tell.
        if last.as_ref().is_ok_and(|found| !found.is_empty()) {
            break;
        }
    }
    last
}

/// The only one that fits.
fn one(mut found: Vec<String>) -> Result<String> {
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (Some(_), others) => {
            let message = format!("{} deployments may be the one; see which it is", others + 1);
            Err(Error::new(ErrorKind::Failed, message).maybe_sent())
        }
        (None, _) => {
            let message = "no deployment was found: it may not have been triggered";
            Err(Error::new(ErrorKind::Failed, message).maybe_sent())
        }
    }
}

impl Stream for Rollout {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.begin(),
        };
        let next = running.poll(cx);
        self.running = Some(running);
        Poll::Ready(match ready!(next) {
            Some(Next::Told(event)) => {
                if let Event::Handle(handle) = &event {
                    self.handle = Some((**handle).clone());
                }
                Some(Ok(event))
            }
            Some(Next::Ended(outcome)) => {
                Some(outcome.map(|outcome| Event::Finished(Box::new(outcome))))
            }
            None => None,
        })
    }
}

impl IntoFuture for Rollout {
    type Output = Result<Outcome>;
    type IntoFuture = BoxFuture<'static, Result<Outcome>>;

    fn into_future(mut self) -> Self::IntoFuture {
        async move {
            while let Some(event) = self.next().await {
                if let Event::Finished(outcome) = event? {
                    return Ok(*outcome);
                }
            }
            let message = "the rollout was already followed to its end";
            Err(Error::new(ErrorKind::Failed, message))
        }
        .boxed()
    }
}

impl fmt::Debug for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollout")
            .field("target", &self.target)
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}
