//! Scalingo: deployments of archives.

use std::fmt;
use std::path::PathBuf;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::fields::Fields;
use super::service::{Started, Starting, Watching, id_of, unused_label};
use super::tell::Teller;
use super::{Event, Handle, Outcome, Status};
use crate::core::{Error, Result, Secret};
use crate::scalingo::{
    Archive, Client, Deployment, DeploymentStatus, FollowEvent, Gap, NewDeployment,
};

/// An application on Scalingo, and what to deploy to it.
///
/// ```
/// use deploykit::deploy::Scalingo;
/// use deploykit::scalingo::Archive;
///
/// let fetched = Scalingo::new("my-app", "https://example.com/app-v7.tar.gz")
///     .git_ref("v7")
///     .roll_back_to("https://example.com/app-v6.tar.gz");
/// let uploaded = Scalingo::archive("my-app", Archive::file("build/app.tar.gz"));
/// # let _ = (fetched, uploaded);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Scalingo {
    app: String,
    source: Source,
    git_ref: Option<String>,
    /// It may hold a token.
    roll_back_to: Option<Secret>,
}

#[derive(Clone)]
enum Source {
    /// It may hold a token.
    Fetched(Secret),
    Uploaded(Archive),
}

impl Scalingo {
    /// Deploys an archive (`.tar.gz`) that the platform fetches.
    pub fn new(app: impl Into<String>, source_url: impl Into<Secret>) -> Self {
        Self::of(app.into(), Source::Fetched(source_url.into()))
    }

    /// Deploys an archive of this machine: a path, or bytes.
    pub fn archive(app: impl Into<String>, archive: impl Into<Archive>) -> Self {
        Self::of(app.into(), Source::Uploaded(archive.into()))
    }

    fn of(app: String, source: Source) -> Self {
        Self {
            app,
            source,
            git_ref: None,
            roll_back_to: None,
        }
    }

    /// Label of the version: a SHA, branch, tag or number. Default: one that was never used (`rollout-…`), which tells the
    /// deployment from all others if the answer is lost.
    pub fn git_ref(mut self, git_ref: impl Into<String>) -> Self {
        self.git_ref = Some(git_ref.into());
        self
    }

    /// The archive to deploy when this is to be rolled back: the platform does not keep where it had one from.
    pub fn roll_back_to(mut self, source_url: impl Into<Secret>) -> Self {
        self.roll_back_to = Some(source_url.into());
        self
    }

    pub(super) fn read(mut fields: Fields) -> Result<Self> {
        let app = fields.required("app")?;
        let source = match fields.one_of(&["source_url", "archive"], true)? {
            Some(("archive", path)) => Source::Uploaded(PathBuf::from(path).into()),
            found => Source::Fetched(found.map(|(_, url)| url).unwrap_or_default().into()),
        };
        let git_ref = fields.text("git_ref")?;
        let roll_back_to = fields.text("roll_back_to")?.map(Secret::from);
        fields.finish("scalingo")?;
        Ok(Self {
            app,
            source,
            git_ref,
            roll_back_to,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.app
    }

    pub(super) fn back(&self) -> Result<Self> {
        let unknown = || {
            let problem =
                "has no way back: the platform does not keep archives; set `roll_back_to`";
            Error::invalid_input("rollout", problem)
        };
        let source = self.roll_back_to.clone().ok_or_else(unknown)?;
        Ok(Self::new(&*self.app, source))
    }

    pub(super) fn with(self, client: Client) -> Starts {
        Starts(self, client)
    }
}

/// What is deployed is not shown: an address may hold a token, and bytes are long.
impl fmt::Debug for Scalingo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalingo")
            .field("app", &self.app)
            .field("git_ref", &self.git_ref)
            .finish_non_exhaustive()
    }
}

pub(super) struct Starts(Scalingo, Client);

impl Starting for Starts {
    fn prepare(&self) -> BoxFuture<'_, Result<Handle>> {
        Box::pin(async {
            let Self(target, client) = self;
            let newest = client.deployments().list(&*target.app).await?;
            let newest = newest.items.into_iter().next();
            Ok(Handle {
                before: newest.map(|deployment| deployment.id.to_string()),
                label: Some(target.git_ref.clone().unwrap_or_else(unused_label)),
                ..Handle::new("scalingo", "app", &target.app)
            })
        })
    }

    fn trigger<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async {
            let Self(target, client) = self;
            let label = &handle.label;
            let deployments = client.deployments();
            let triggered = match target.source.clone() {
                Source::Fetched(url) => {
                    let mut new = NewDeployment::new(url);
                    new.git_ref.clone_from(label);
                    deployments.trigger(&*target.app, &new).await?
                }
                Source::Uploaded(archive) => {
                    let archive = match label {
                        Some(git_ref) => archive.git_ref(git_ref),
                        None => archive,
                    };
                    deployments.deploy_archive(&*target.app, archive).await?
                }
            };
            Ok(Started::new(triggered.id))
        })
    }

    /// An upload that breaks off triggers nothing.
    fn is_lost(&self, error: &Error) -> bool {
        error.may_have_been_sent() && error.operation() == Some("triggerDeployment")
    }
}

pub(super) struct Follows(pub(super) Client);

impl Watching for Follows {
    /// Those that are newer than the newest before, and have the label.
    fn find<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(async {
            let page = self.0.deployments().list(handle.name()).await?;
            let is_new = |one: &Deployment| Some(one.id.as_str()) != handle.before.as_deref();
            let fits = |one: &Deployment| handle.label.is_none() || one.git_ref == handle.label;
            let new = page.items.into_iter().take_while(is_new).filter(fits);
            Ok(new.map(|deployment| deployment.id.to_string()).collect())
        })
    }

    fn follow<'a>(
        &'a self,
        handle: &'a Handle,
        _: Option<BoxStream<'static, Result<String>>>,
        teller: &'a mut Teller,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            let mut follow = self.0.follow(handle.name(), id_of(handle)?);
            while let Some(event) = follow.next().await {
                match event? {
                    FollowEvent::Status(status) if status.is_finished() => {}
                    FollowEvent::Status(own) => teller.status(status(&own), own.as_str()).await,
                    FollowEvent::Log(line) => teller.log(line).await,
                    FollowEvent::Gap(Gap::Possible)
                    | FollowEvent::Reconnected {
                        gap: Gap::Possible, ..
                    } => teller.event(Event::Gap).await,
                    FollowEvent::Finished(ended) => {
                        return self.ended(handle, &ended, teller).await;
                    }
                    _ => {}
                }
            }
            Err(super::lost(handle))
        })
    }

    fn cancel<'a>(&'a self, _: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(super::no_cancel("Scalingo")) })
    }
}

impl Follows {
    async fn ended(
        &self,
        handle: &Handle,
        ended: &Deployment,
        teller: &mut Teller,
    ) -> Result<Outcome> {
        let own = ended.status.as_ref();
        let word = own.map_or("", DeploymentStatus::as_str);
        if !ended.succeeded() {
            let reason = own.and_then(reason).map(str::to_owned);
            return Ok(teller.end(Status::Failed, word, reason).await);
        }
        // The deployment went well whether or not its address can be told.
        if let Ok(app) = self.0.apps().get(handle.name()).await {
            teller
                .address(app.url.or(app.base_url).unwrap_or_default())
                .await;
        }
        Ok(teller.end(Status::Done, word, None).await)
    }
}

fn status(own: &DeploymentStatus) -> Status {
    match own {
        DeploymentStatus::Queued => Status::Queued,
        DeploymentStatus::Building => Status::Building,
        DeploymentStatus::Pushing | DeploymentStatus::Starting => Status::Releasing,
        _ => Status::Running,
    }
}

/// What a failure means.
fn reason(own: &DeploymentStatus) -> Option<&'static str> {
    match own {
        DeploymentStatus::Aborted => Some("aborted: the platform lost the build"),
        DeploymentStatus::BuildError => Some("build-error: the build failed"),
        DeploymentStatus::CrashedError => Some("crashed-error: the app crashed while it started"),
        DeploymentStatus::TimeoutError => Some("timeout-error: the app did not listen in time"),
        DeploymentStatus::HookError => Some("hook-error: the hook after the deployment failed"),
        _ => None,
    }
}
