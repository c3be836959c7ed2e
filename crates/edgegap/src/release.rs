//! From an image to a ready server, in one call.

mod difference;
mod error;

use std::future::{Future, IntoFuture};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use deploykit_core::{Error, ErrorKind, Result};
use futures::future::BoxFuture;

pub use difference::Difference;
pub use error::{ReleaseError, ReleaseStep};

use crate::deployments::{LOOKS_FOR_LOST, START_TIME};
use crate::{
    AppVersion, Application, Client, Deploy, DeploymentQuery, DeploymentStatus, ErrorExt as _,
    NewApplication, NewVersion, RequestId, User,
};

/// What an image becomes a ready server by: the application if it is missing, the version, a deployment, and the wait
/// until it is ready. Await it.
///
/// Nothing is created twice. What exists is used; what was created by a call whose answer was lost is found again. A
/// version that exists with the same content is no error. One with other content is: the error
/// [shows the difference](ReleaseError::differences), and nothing was changed; give each build a version of its own.
/// Released again under the same [`tag`](Self::tag), a server that still runs is the one that is waited for.
///
/// If it fails the error says at which step, [what to change](ReleaseError::advice), and which deployment there is
/// ([`ReleaseError::deployment`]): it is not stopped, so that its log can be read. Dropping the future stops nothing.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = deploykit_sandbox::Sandbox::edgegap().speed(1000.0).start().await?;
/// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
/// use deploykit_edgegap::{NewVersion, Protocol, Resources, NewPort};
///
/// let image = "registry.example.com/my-org/my-game:build-17".parse()?;
/// let version = NewVersion::of("build-17", &image, Resources::new(512, 1024))
///     .private_username("robot$my-org+pull")
///     .private_token("token of the registry")
///     .port(NewPort::new(7777, Protocol::Udp).name("gameport"));
/// match client.release("my-game", version).user_ip("192.0.2.7").await {
///     Ok(released) => println!("connect to {:?}", released.status.address("gameport")),
///     Err(error) => eprintln!("{error}\n{}", error.advice().unwrap_or_default()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a release begins when it is awaited"]
pub struct Release {
    client: Client,
    application: NewApplication,
    version: NewVersion,
    order: Deploy,
    tag: Option<String>,
    deadline: Duration,
    timeout: Option<Duration>,
    total: Option<Duration>,
}

/// The application and version, ready to be deployed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prepared {
    /// The application.
    pub application: Application,
    /// Whether it was missing before.
    pub application_created: bool,
    /// The version.
    pub version: AppVersion,
    /// Whether it was missing before.
    pub version_created: bool,
}

/// A server that is ready.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Released {
    /// What it was made of.
    pub prepared: Prepared,
    /// The deployment.
    pub request_id: RequestId,
    /// The tag by which it is found.
    pub tag: String,
    /// Its state, with the addresses that players connect to.
    pub status: DeploymentStatus,
}

impl Client {
    /// Makes a ready server of an image: see [`Release`].
    pub fn release(&self, application: impl Into<String>, version: NewVersion) -> Release {
        let application = application.into();
        Release {
            order: Deploy::new(&*application, &*version.name),
            application: NewApplication::named(application),
            client: self.clone(),
            version,
            tag: None,
            deadline: START_TIME,
            timeout: None,
            total: None,
        }
    }
}

impl Release {
    /// Adds a player by IP address. The server is placed near the players; one is needed at least.
    pub fn user_ip(self, ip_address: impl Into<String>) -> Self {
        self.order(|order| order.user(User::ip(ip_address)))
    }

    /// Adds a player by place: latitude (−90 to 90) and longitude (−180 to 180) in degrees.
    pub fn user_coordinates(self, latitude: f64, longitude: f64) -> Self {
        self.order(|order| order.user(User::coordinates(latitude, longitude)))
    }

    /// Changes the deployment in any other way: variables, webhooks, further tags.
    pub fn order(mut self, change: impl FnOnce(Deploy) -> Deploy) -> Self {
        self.order = change(self.order);
        self
    }

    /// The application's picture in the dashboard, if it is missing: a small PNG, as base64. Default one pixel.
    pub fn picture(mut self, image: impl Into<String>) -> Self {
        self.application.image = image.into();
        self
    }

    /// A tag that no other deployment has, by which the server is found again. Default one that was never used.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// How long the server may take to be ready. Default 5 minutes.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Cuts each attempt of each call after this time. Default: as the client does.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Cuts the whole after this time, the wait until the server is ready included. Default: only each step has an
    /// end.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total = Some(timeout);
        self
    }

    /// Only makes sure that the application and the version are there.
    ///
    /// # Errors
    ///
    /// As [`Release`], for its first two steps.
    pub fn prepare(&self) -> BoxFuture<'static, Result<Prepared, ReleaseError>> {
        let release = self.clone();
        Box::pin(async move { release.limited().prepared().await })
    }

    /// The same, sending within its limits from now on.
    fn limited(mut self) -> Self {
        self.client = Client(self.client.0.limited(self.timeout, self.total));
        self
    }

    async fn prepared(&self) -> Result<Prepared, ReleaseError> {
        let failed = |step, cause| ReleaseError::new(step, cause, &self.version);
        let (application, application_created) = self
            .application()
            .await
            .map_err(|cause| failed(ReleaseStep::Application, cause))?;
        let (version, version_created) = self.version().await?;
        Ok(Prepared {
            application,
            application_created,
            version,
            version_created,
        })
    }

    async fn run(self) -> Result<Released, ReleaseError> {
        let failed = |step, cause| ReleaseError::new(step, cause, &self.version);
        let call = self.client.deployments().deploy(&self.order);
        // An order that would be refused leaves no application behind.
        let refused = call.request().check();
        refused.map_err(|cause| failed(ReleaseStep::Deployment, cause))?;
        let prepared = self.prepared().await?;
        let tag = self.tag.clone().unwrap_or_else(unused_tag);
        let request_id = match self.deploy(&tag).await {
            Ok(request_id) => request_id,
            Err(cause) => {
                let deployment = cause.deployment();
                return Err(failed(ReleaseStep::Deployment, cause).at(deployment, None));
            }
        };
        let wait = self.client.deployments().ready(&request_id);
        let left = self.client.0.time_left().unwrap_or(Duration::MAX);
        match wait.deadline(self.deadline.min(left)).await {
            Ok(status) => Ok(Released {
                prepared,
                request_id,
                tag,
                status,
            }),
            Err(error) => {
                Err(failed(ReleaseStep::Ready, error.cause).at(Some(request_id), error.last))
            }
        }
    }

    async fn application(&self) -> Result<(Application, bool)> {
        let applications = self.client.applications();
        let name = &self.application.name;
        let (application, created) = found_or_created(
            &self.client,
            || applications.get(name.as_str()).into_future(),
            || async { applications.create(&self.application).await.map(Some) },
        )
        .await?;
        if application.is_active == Some(false) {
            let message = format!("application {name} is not active");
            return Err(Error::new(ErrorKind::Failed, message));
        }
        Ok((application, created))
    }

    async fn version(&self) -> Result<(AppVersion, bool), ReleaseError> {
        let versions = self.client.versions();
        let (application, name) = (&self.application.name, &self.version.name);
        let outcome = found_or_created(
            &self.client,
            || {
                versions
                    .get(application.as_str(), name.as_str())
                    .into_future()
            },
            || async {
                let answer = versions.create(application.as_str(), &self.version).await?;
                if answer.success == Some(false) {
                    let message = format!("version {name} was not created");
                    return Err(Error::new(ErrorKind::Failed, message));
                }
                Ok(answer.version)
            },
        )
        .await;
        let failed = |cause| ReleaseError::new(ReleaseStep::Version, cause, &self.version);
        let (version, created) = outcome.map_err(failed)?;
        let differences = difference::between(&self.version, &version);
        let problem = if !differences.is_empty() {
            "exists with other content"
        } else if version.is_active == Some(false) && self.version.is_active != Some(false) {
            "is not active"
        } else {
            return Ok((version, created));
        };
        let message = format!("version {name} {problem}");
        let error = failed(Error::new(ErrorKind::Failed, message));
        Err(error.with_differences(differences))
    }

    /// The deployment with this tag, or a new one.
    async fn deploy(&self, tag: &str) -> Result<RequestId> {
        let deployments = self.client.deployments();
        if self.tag.is_some() {
            let query = DeploymentQuery::new()
                .tag(tag)
                .application(&*self.application.name)
                .version(&*self.version.name)
                .newest_first();
            let page = deployments.list(&query).per_page(1).await?;
            let alive = |phase: Option<crate::Phase>| !phase.is_some_and(|phase| phase.is_over());
            if let Some(one) = page.items.into_iter().find(|one| alive(one.phase())) {
                return Ok(one.request_id);
            }
        }
        let deployed = deployments.deploy_tagged(&self.order, tag).await?;
        Ok(deployed.request_id)
    }
}

impl IntoFuture for Release {
    type Output = Result<Released, ReleaseError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.limited().run().await })
    }
}

/// What exists already, or is created now; found again if it was created but the answer got lost. Tells whether it
/// was created.
async fn found_or_created<T, G, C>(
    client: &Client,
    get: impl Fn() -> G,
    create: impl Fn() -> C,
) -> Result<(T, bool)>
where
    G: Future<Output = Result<T>>,
    C: Future<Output = Result<Option<T>>>,
{
    match get().await {
        Err(error) if error.is_not_found() => {}
        found => return Ok((found?, false)),
    }
    let error = match create().await {
        Ok(Some(created)) => return Ok((created, true)),
        Ok(None) => return Ok((get().await?, true)),
        Err(error) => error,
    };
    // Somebody else was faster.
    if error.is_conflict() {
        return get().await.map(|found| (found, false));
    }
    if !error.may_have_been_sent() {
        return Err(error);
    }
    for delay in LOOKS_FOR_LOST {
        if client.0.time_left().is_some_and(|left| left <= delay) {
            break;
        }
        tokio::time::sleep(delay).await;
        // A look that fails says nothing; the next one may tell.
        if let Ok(found) = get().await {
            return Ok((found, true));
        }
    }
    Err(error)
}

/// A tag of 20 characters, as many as every version of the service takes, that was never used.
fn unused_tag() -> String {
    static USED: AtomicU64 = AtomicU64::new(0);

    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
    let process = u64::from(std::process::id()) << 20;
    let number = micros
        .wrapping_add(process)
        .wrapping_add(USED.fetch_add(1, Ordering::Relaxed));
    format!("release-{:012x}", number & 0xffff_ffff_ffff)
}
