//! Deploying: from an archive, an image, a Dockerfile, an address; back to a version, and the same again.

use std::time::Duration;

use deploykit_core::{
    Body, Composite, Error, Multipart, Request, Result, Streamed, endpoints, request,
};

use super::following::Deploying;
use super::jobs::JobName;
use super::locked::when_unlocked;
use super::{Client, EventFilter, EventId, Events, JSON_LINES, Output};
use crate::AppName;

/// How long an upload may take until the answer begins.
const UPLOAD: Duration = Duration::from_secs(3600);

endpoints! {
    /// What [`Client`] sends to deploy, as it is: without a source, and without what follows. [`Client::deploy`]
    /// and its neighbours are what programs want.
    pub struct Starts;

    /// Deploys an app.
    AppDeploy: POST "/1.0/apps/{app}/deploy" => deploy(app: AppName) -> Streamed<Output>
        [streams("text/plain"), patience(UPLOAD)];

    /// Builds an image of an app without deploying it.
    AppBuild: POST "/1.5/apps/{app}/build" => build(app: AppName) -> Streamed<Output>
        [streams("text/plain"), patience(UPLOAD)];

    /// Deploys a version again that was.
    deployRollback: POST "/1.0/apps/{app}/deploy/rollback" => rollback(app: AppName, body: &Rollback)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Deploys again what runs.
    deployRebuild: POST "/1.3/apps/{app}/deploy/rebuild" => rebuild(app: AppName, body: &Rebuild)
        -> Streamed<Output> [streams(JSON_LINES)];

    /// Deploys a job.
    jobDeploy: POST "/1.23/jobs/{job}/deploy" => deploy_job(job: JobName) -> Streamed<Output>
        [streams("text/plain"), patience(UPLOAD)];
}

/// What to deploy, and how.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use deploykit_tsuru::core::Body;
/// use deploykit_tsuru::v1::NewDeploy;
///
/// let archive = Body::file("app.tar.gz").await?.on_progress(|sent, all| eprint!("\r{sent} of {all}"));
/// let from_archive = NewDeploy::archive(archive).message("release 7");
/// let from_image = NewDeploy::image("registry.example.com/app:7").new_version();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct NewDeploy {
    fields: Vec<(&'static str, String)>,
    file: Option<Body>,
    lock: Duration,
    follow: Duration,
}

impl NewDeploy {
    fn new(fields: Vec<(&'static str, String)>, file: Option<Body>) -> Self {
        Self {
            fields,
            file,
            lock: Duration::ZERO,
            follow: Duration::from_secs(30 * 60),
        }
    }

    /// From an archive (`.tar.gz`) of the sources: see [`Body::file`] and [`Body::on_progress`].
    pub fn archive(archive: Body) -> Self {
        Self::new(Vec::new(), Some(archive)).origin("app-deploy")
    }

    /// From an image.
    pub fn image(image: impl Into<String>) -> Self {
        Self::new(vec![("image", image.into())], None).origin("image")
    }

    /// From the text of a Dockerfile alone.
    pub fn dockerfile(dockerfile: impl Into<String>) -> Self {
        Self::new(vec![("dockerfile", dockerfile.into())], None).origin("app-deploy")
    }

    /// From the text of a Dockerfile and an archive of the files that it takes.
    pub fn dockerfile_with(dockerfile: impl Into<String>, files: Body) -> Self {
        Self::new(vec![("dockerfile", dockerfile.into())], Some(files)).origin("app-deploy")
    }

    /// From an archive that the server fetches.
    pub fn archive_at(address: impl Into<String>) -> Self {
        Self::new(vec![("archive-url", address.into())], None).origin("app-deploy")
    }

    /// Where it comes from, if not what the source implies: `app-deploy`, `git`, `drag-and-drop`, `image`.
    pub fn origin(self, origin: impl Into<String>) -> Self {
        self.field("origin", origin.into())
    }

    /// What to say about it.
    pub fn message(self, message: impl Into<String>) -> Self {
        self.field("message", message.into())
    }

    /// Adds a version beside those that run.
    pub fn new_version(self) -> Self {
        self.field("new-version", "true".to_owned())
    }

    /// Takes the place of all versions that run.
    pub fn override_versions(self) -> Self {
        self.field("override-versions", "true".to_owned())
    }

    /// Waits so long for another operation that holds the app. Without, that is an error at once: see
    /// [`is_locked`](super::is_locked).
    pub fn wait_for_lock(mut self, longest: Duration) -> Self {
        self.lock = longest;
        self
    }

    /// How long to follow the deploy's event if the connection breaks. Default 30 min.
    pub fn follow_for(mut self, longest: Duration) -> Self {
        self.follow = longest;
        self
    }

    fn field(mut self, name: &'static str, value: String) -> Self {
        self.fields.retain(|(known, _)| *known != name);
        self.fields.push((name, value));
        self
    }

    /// A form with files only if there is one: without, servers fail over its missing header.
    fn fill(&self, request: Request) -> Request {
        match &self.file {
            Some(file) if file.length() == 0 => request.refuse("archive", "is empty"),
            Some(file) => {
                let form = Multipart::new();
                let form = self
                    .fields
                    .iter()
                    .fold(form, |form, (name, value)| form.text(name, value));
                let gzip = "application/gzip";
                request.multipart(form.file("file", "archive.tar.gz", gzip, file.clone()))
            }
            None => match self
                .fields
                .iter()
                .find(|(_, value)| value.trim().is_empty())
            {
                Some((name, _)) => request.refuse(name, "is empty"),
                None => request.form(&self.fields),
            },
        }
    }
}

request! {
    /// Which version to go back to.
    pub struct Rollback {
        required {
            /// Image, or number of the version.
            image: String,
        }
        optional {
            /// `rollback`, unless set.
            origin: String,
            /// Adds a version beside those that run.
            #[serde(rename = "new-version")]
            new_version: bool,
            /// Takes the place of all versions that run.
            #[serde(rename = "override-versions")]
            override_versions: bool,
        }
    }
    check |it| {
        if it.image.trim().is_empty() {
            return Err(Error::invalid_input("image", "is empty"));
        }
        Ok(())
    }
}

request! {
    /// How to deploy the same again.
    #[derive(Default)]
    pub struct Rebuild {
        optional {
            /// `rebuild`, unless set.
            origin: String,
            /// Adds a version beside those that run.
            #[serde(rename = "new-version")]
            new_version: bool,
            /// Takes the place of all versions that run.
            #[serde(rename = "override-versions")]
            override_versions: bool,
        }
    }
}

impl Client {
    /// Deploys an app. It is never sent again once it may have begun.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").speed(100.0).start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::NewDeploy;
    /// use futures::TryStreamExt;
    ///
    /// let mut deploying = tsuru.deploy("myapp", &NewDeploy::image("registry.example.com/app:7")).await?;
    /// while let Some(line) = deploying.try_next().await? {
    ///     println!("{}", line.text);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// 404, 403, 400 if the source is wrong, and [locked](super::is_locked) if another operation holds the
    /// app. If the connection breaks before the answer begins, the error
    /// [may have been sent](Error::may_have_been_sent): [`Events::list`](super::Events::list) tells.
    pub fn deploy(&self, app: impl Into<AppName>, deploy: &NewDeploy) -> Composite<Deploying> {
        let app = app.into();
        self.begin(deploy.clone(), move |starts| starts.deploy(&app))
    }

    /// Builds an image of an app without deploying it, under this tag. As [`deploy`](Self::deploy).
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn build_image(
        &self,
        app: impl Into<AppName>,
        tag: &str,
        deploy: &NewDeploy,
    ) -> Composite<Deploying> {
        let (app, deploy) = (app.into(), deploy.clone().field("tag", tag.to_owned()));
        self.begin(deploy, move |starts| starts.build(&app))
    }

    /// Deploys a job: an image or a Dockerfile. As [`deploy`](Self::deploy).
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn deploy_job(&self, job: impl Into<JobName>, deploy: &NewDeploy) -> Composite<Deploying> {
        let job = job.into();
        self.begin(deploy.clone(), move |starts| starts.deploy_job(&job))
    }

    /// Goes back to a version. The answer names no event: the one that holds the app is asked for.
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn rollback(&self, app: impl Into<AppName>, body: &Rollback) -> Composite<Deploying> {
        let (this, app, mut body) = (self.clone(), app.into(), body.clone());
        body.origin.get_or_insert_with(|| "rollback".to_owned());
        Composite::new(self.core(), "the rollback", move |client| async move {
            let output = Starts::new(&client).rollback(&app, &body).await?;
            Ok(this.holding(&client, &app, output).await)
        })
    }

    /// Deploys again what runs. As [`rollback`](Self::rollback).
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn rebuild(&self, app: impl Into<AppName>, body: &Rebuild) -> Composite<Deploying> {
        let (this, app, mut body) = (self.clone(), app.into(), body.clone());
        body.origin.get_or_insert_with(|| "rebuild".to_owned());
        Composite::new(self.core(), "the rebuild", move |client| async move {
            let output = Starts::new(&client).rebuild(&app, &body).await?;
            Ok(this.holding(&client, &app, output).await)
        })
    }

    fn begin(
        &self,
        deploy: NewDeploy,
        call: impl Fn(&Starts) -> Streamed<Output> + Send + Sync + 'static,
    ) -> Composite<Deploying> {
        // It follows for longer than the beginning may take.
        let events = self.events();
        Composite::new(
            self.core(),
            "the deploy's beginning",
            move |client| async move {
                let starts = Starts::new(&client);
                let send = || call(&starts).map_request(|request| deploy.fill(request));
                let output = when_unlocked(deploy.lock, send).await?.with_verdict();
                let event = output.header("x-tsuru-eventid").map(EventId::from);
                Ok(Deploying::new(output, event, events, deploy.follow))
            },
        )
    }

    /// Follows what holds the app now. Without an event, only the output tells.
    async fn holding(
        &self,
        client: &deploykit_core::Client,
        app: &AppName,
        output: Output,
    ) -> Deploying {
        let held = EventFilter::new()
            .target_type("app")
            .target(app.as_str())
            .running(true);
        let events = Events::new(client).list(&held).await.unwrap_or_default();
        let event = events
            .into_iter()
            .find(|event| event.kind_name().starts_with("app.deploy"));
        let follow = Duration::from_secs(30 * 60);
        Deploying::new(output, event.map(|event| event.id), self.events(), follow)
    }
}
