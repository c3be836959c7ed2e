//! tsuru: deploys of apps.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt as _, TryStreamExt as _};

use super::fields::Fields;
use super::service::{Pace, Started, Starting, Watching, id_of};
use super::tell::Teller;
use super::{Handle, Outcome, Status};
use crate::core::{Body, Error, ErrorKind, Progress, Result};
use crate::tsuru::v1::{
    Cancel, Client, Deploy, DeployFilter, Deploying, Event, EventFilter, NewDeploy, Rollback,
    is_locked,
};

/// An app of today's tsuru, and what to deploy to it.
///
/// ```
/// use deploykit::deploy::Tsuru;
/// use deploykit::tsuru::v1::NewDeploy;
///
/// let image = Tsuru::new("shop", NewDeploy::image("registry.example.com/shop:7").message("release 7"));
/// let archive = Tsuru::archive("shop", "build/shop.tar.gz").message("release 7");
/// # let _ = (image, archive);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Tsuru {
    app: String,
    source: Source,
    message: Option<String>,
}

#[derive(Clone)]
enum Source {
    New(NewDeploy),
    Archive(PathBuf),
    /// Goes back to this image.
    Back(String),
}

impl Tsuru {
    /// Deploys this.
    pub fn new(app: impl Into<String>, deploy: NewDeploy) -> Self {
        Self::of(app.into(), Source::New(deploy))
    }

    /// Deploys an archive (`.tar.gz`) of this machine. It is opened when the deploy is triggered.
    pub fn archive(app: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self::of(app.into(), Source::Archive(path.into()))
    }

    fn of(app: String, source: Source) -> Self {
        Self {
            app,
            source,
            message: None,
        }
    }

    /// What to say about the deploy.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    pub(super) fn read(mut fields: Fields) -> Result<Self> {
        let app = fields.required("app")?;
        let source = match fields.one_of(&["image", "archive", "archive_url"], true)? {
            Some(("archive", path)) => Source::Archive(path.into()),
            Some(("archive_url", url)) => Source::New(NewDeploy::archive_at(url)),
            found => Source::New(NewDeploy::image(
                found.map(|(_, image)| image).unwrap_or_default(),
            )),
        };
        let message = fields.text("message")?;
        fields.finish("tsuru")?;
        Ok(Self {
            app,
            source,
            message,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.app
    }

    pub(super) fn back(handle: &Handle) -> Result<Self> {
        let nothing = || {
            let problem = "has no way back: no version before it may be rolled back to";
            Error::invalid_input("rollout", problem)
        };
        let image = handle.back_to.clone().ok_or_else(nothing)?;
        Ok(Self::of(handle.name.clone(), Source::Back(image)))
    }

    pub(super) fn with(self, client: Client) -> Starts {
        Starts(self, client)
    }
}

/// Addresses of archives may hold tokens: what is deployed is not shown.
impl fmt::Debug for Tsuru {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tsuru")
            .field("app", &self.app)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

pub(super) struct Starts(Tsuru, Client);

/// The deadline of the rollout is the one that counts.
const FOLLOW: Duration = Duration::from_secs(30 * 24 * 3600);

impl Starts {
    async fn send(&self) -> Result<Deploying> {
        let Self(target, client) = self;
        let new = match &target.source {
            Source::Back(image) => {
                return client
                    .rollback(&*target.app, &Rollback::new(&**image))
                    .await;
            }
            Source::New(new) => new.clone(),
            Source::Archive(path) => {
                let archive = Body::file(path).await.map_err(|error| {
                    let problem = format!("cannot be read: {}", path.display());
                    Error::invalid_input("archive", problem).with_source(error)
                })?;
                NewDeploy::archive(archive)
            }
        };
        let new = match &target.message {
            Some(message) => new.message(message),
            None => new,
        };
        client.deploy(&*target.app, &new.follow_for(FOLLOW)).await
    }
}

impl Starting for Starts {
    fn prepare(&self) -> BoxFuture<'_, Result<Handle>> {
        Box::pin(async {
            let Self(target, client) = self;
            let events = client.events().list(&deploys_of(&target.app)).await?;
            let last = DeployFilter::new().app(&*target.app).limit(20u32);
            let deploys = match client.deploys().list(&last).await {
                // Who may deploy may be kept from looking back; only the way back takes it.
                Err(error) if error.is_forbidden() => Vec::new(),
                deploys => deploys?,
            };
            let good = |one: &Deploy| one.error.is_empty() && one.can_rollback == Some(true);
            Ok(Handle {
                before: events.first().map(|event| event.id.to_string()),
                back_to: deploys.into_iter().find(good).map(|deploy| deploy.image),
                ..Handle::new("tsuru", "app", &target.app)
            })
        })
    }

    fn trigger<'a>(&'a self, _: &'a Handle) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async {
            let deploying = self.send().await?;
            Ok(Started {
                id: deploying.event().map(ToString::to_string),
                lines: Some(deploying.map_ok(|line| line.text).boxed()),
            })
        })
    }

    /// An app that is held was surely not touched.
    fn is_lost(&self, error: &Error) -> bool {
        error.may_have_been_sent() && !is_locked(error)
    }
}

fn deploys_of(app: &str) -> EventFilter {
    EventFilter::new()
        .target_type("app")
        .target(app)
        .kind("app.deploy")
}

pub(super) struct Follows(pub(super) Client, pub(super) Pace);

impl Watching for Follows {
    /// Those that are newer than the newest before; an app is deployed once at a time.
    fn find<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(async {
            let events = self.0.events().list(&deploys_of(handle.name())).await?;
            let is_new = |one: &Event| Some(one.id.as_str()) != handle.before.as_deref();
            let new = events.into_iter().take_while(is_new);
            Ok(new.map(|event| event.id.to_string()).collect())
        })
    }

    fn follow<'a>(
        &'a self,
        handle: &'a Handle,
        lines: Option<BoxStream<'static, Result<String>>>,
        teller: &'a mut Teller,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            teller.status(Status::Running, "running").await;
            let failed = match lines {
                Some(mut lines) => loop {
                    match lines.next().await {
                        Some(Ok(line)) => teller.log(line).await,
                        Some(Err(error)) if error.kind() == ErrorKind::Failed => break Some(error),
                        Some(Err(error)) => return Err(error),
                        None => break None,
                    }
                },
                None => return self.resumed(handle, teller).await,
            };
            match failed {
                None => self.done(handle, teller).await,
                Some(error) => {
                    // The output says the same of a failure and of a deploy that was cancelled.
                    let event = match id_of(handle) {
                        Ok(id) => self.0.events().get(id).await.ok(),
                        Err(_) => None,
                    };
                    Ok(not_done(event.as_ref(), error.to_string(), teller).await)
                }
            }
        })
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            let reason = Cancel::new("cancelled by whoever deployed");
            self.0.events().cancel(id_of(handle)?, &reason).await?;
            Ok(())
        })
    }
}

impl Follows {
    /// Only the event is left to tell; its log comes with its end.
    async fn resumed(&self, handle: &Handle, teller: &mut Teller) -> Result<Outcome> {
        let mut looks = self.1.of(self.0.events().wait(id_of(handle)?));
        while let Some(look) = looks.next().await {
            let (event, failed) = match look {
                Ok(Progress::Running(_)) => continue,
                Ok(Progress::Done(event)) => (event, None),
                Err(end) => match (end.cause.kind(), end.last) {
                    (ErrorKind::Failed, Some(event)) => (event, Some(end.cause)),
                    _ => return Err(end.cause),
                },
            };
            let structured = event.lines.iter().map(|line| line.message.as_str());
            let plain = event.log.lines().filter(|_| event.lines.is_empty());
            for line in structured.chain(plain) {
                teller.log(line.trim_end_matches('\n')).await;
            }
            return match failed {
                None => self.done(handle, teller).await,
                Some(error) => Ok(not_done(Some(&event), error.to_string(), teller).await),
            };
        }
        Err(super::lost(handle))
    }

    async fn done(&self, handle: &Handle, teller: &mut Teller) -> Result<Outcome> {
        // The deploy went well whether or not its address can be told.
        if let Ok(app) = self.0.apps().get(handle.name()).await {
            let routers = app.routers.into_iter().map(|router| router.address);
            let addresses = app.cname.into_iter().chain(routers).chain([app.ip]);
            for address in addresses {
                teller.address(address).await;
            }
        }
        Ok(teller.end(Status::Done, "OK", None).await)
    }
}

async fn not_done(event: Option<&Event>, said: String, teller: &mut Teller) -> Outcome {
    let cancelled = event
        .and_then(|event| event.cancel.as_ref())
        .is_some_and(|cancel| cancel.canceled == Some(true) || cancel.asked == Some(true));
    let (status, word) = match cancelled {
        true => (Status::Cancelled, "canceled"),
        false => (Status::Failed, "failed"),
    };
    let known = event.map(|event| event.error.trim().to_owned());
    let reason = known.filter(|error| !error.is_empty()).unwrap_or(said);
    teller.end(status, word, Some(reason)).await
}
