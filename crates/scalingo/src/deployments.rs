//! Deployments.

use deploykit_core::{Composite, Error, Result, Secret, Text, Time, lines};
use futures::stream::{BoxStream, StreamExt as _};

use crate::archive::Archive;
use crate::{API, AppRef, NoFields, Sources};

deploykit_core::id! {
    /// A deployment. Taken as it is: newer ones are UUIDs, older ones are not.
    pub struct DeploymentId(String);
}

deploykit_core::endpoints! {
    /// Deployments of applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewDeployment;
    ///
    /// let source = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";
    /// let deployment = client
    ///     .deployments()
    ///     .trigger("example-app", &NewDeployment::new(source).git_ref("v0.0.2"))
    ///     .await?;
    /// println!("{} is {:?}", deployment.id, deployment.status);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Deployments;

    /// Lists the deployments of an application, newest first.
    ///
    /// A deployment that begins while the list is read shifts the pages; none is given twice.
    listDeployments: GET "/v1/apps/{app}/deployments"
        => list(app: AppRef) -> Pages<Deployment> by id [envelope("deployments"), quota(&API)];

    /// Fetches one deployment.
    getDeployment: GET "/v1/apps/{app}/deployments/{deployment_id}"
        => get(app: AppRef, deployment_id: DeploymentId) -> Deployment [envelope("deployment"), quota(&API)];

    /// Deploys an archive that the platform fetches: one of a GitHub repository, or any other `.tar.gz` with a
    /// single folder at its root.
    ///
    /// Not idempotent: after an error that [may have been sent](Error::may_have_been_sent) the call is not
    /// repeated; look at the list first. Fails with 422 if a field is missing or wrong.
    triggerDeployment: POST "/v1/apps/{app}/deployments"
        => trigger(app: AppRef, body: &NewDeployment) -> Deployment [enveloped("deployment"), quota(&API)];

    /// Fetches the log of a deployment, whole. See [`output_lines`](Deployments::output_lines) for a long one.
    ///
    /// Fails with 404 if there is no log yet.
    getDeploymentOutput: GET "/v1/apps/{app}/deployments/{deployment_id}/output"
        => output(app: AppRef, deployment_id: DeploymentId) -> Text [accept("text/plain"), quota(&API)];

    /// Empties the deployment cache of an application: the next build fetches its dependencies anew.
    resetDeploymentCache: DELETE "/v1/apps/{app}/caches/deployment" => reset_cache(app: AppRef) [quota(&API)];
}

impl Deployments {
    /// Fetches the log of a deployment line by line, as it arrives; the whole is never held.
    ///
    /// Colours and leading spaces are kept, line ends are not. There is no time limit, but if nothing comes for
    /// 60 s, that is an error: see [`ClientBuilder::idle_timeout`](crate::ClientBuilder::idle_timeout).
    ///
    /// # Errors
    ///
    /// As [`output`](Deployments::output); if the connection breaks, the error comes after all lines before it.
    pub fn output_lines(
        &self,
        app: impl Into<AppRef>,
        deployment_id: impl Into<DeploymentId>,
    ) -> Composite<BoxStream<'static, Result<String>>> {
        self.lines(app.into(), deployment_id.into())
    }

    #[inline]
    fn lines(
        &self,
        app: AppRef,
        deployment_id: DeploymentId,
    ) -> Composite<BoxStream<'static, Result<String>>> {
        Composite::new(
            &self.client,
            "the log's beginning",
            move |client| async move {
                let output = Self::new(&client).output(app, deployment_id);
                let streaming = client.stream(output.request().clone()).await?;
                Ok(lines(streaming.body).boxed())
            },
        )
    }

    /// The same, after all calls that somebody waits for.
    pub(crate) async fn output_in_background(
        self,
        app: AppRef,
        deployment_id: DeploymentId,
    ) -> Result<BoxStream<'static, Result<String>>> {
        let call = self.output(app, deployment_id).background();
        let streaming = self.client.stream(call.request().clone()).await?;
        Ok(lines(streaming.body).boxed())
    }

    /// Uploads an archive and deploys it: a place for it is created, it is sent there, and the deployment is
    /// triggered with it.
    ///
    /// Creating the place and uploading are repeated where that helps; triggering is not, as in
    /// [`trigger`](Deployments::trigger).
    ///
    /// # Errors
    ///
    /// As the calls it is made of, and if the archive cannot be read.
    pub fn deploy_archive(
        &self,
        app: impl Into<AppRef>,
        archive: impl Into<Archive>,
    ) -> Composite<Deployment> {
        self.deploy(app.into(), archive.into())
    }

    #[inline]
    fn deploy(&self, app: AppRef, archive: Archive) -> Composite<Deployment> {
        let Archive { content, git_ref } = archive;
        Composite::new(&self.client, "the deployment", move |client| async move {
            let (deployments, sources) = (Self::new(&client), Sources::new(&client));
            let mut deployment = NewDeployment::new("not known yet");
            deployment.git_ref = git_ref;
            // What is wrong is refused before the upload, not after it.
            let trigger = deployments.trigger(app.clone(), &deployment);
            trigger.request().check()?;
            let body = content.open().await?;
            let source = sources.create(&NoFields {}).await?;
            sources.upload(&source, body).await?;
            deployment.source_url = source.download_url;
            deployments.trigger(app, &deployment).await
        })
    }
}

deploykit_core::request! {
    /// What to deploy.
    pub struct NewDeployment {
        required {
            /// Where the archive can be fetched. It may hold a token of yours, so it is treated as a secret.
            source_url: Secret,
        }
        optional {
            /// Any label of the version: a SHA, branch, tag or number. It must not begin with a dash. Without
            /// one, the platform makes one from the time; an empty one is refused.
            git_ref: String,
        }
    }
    check |it| {
        if it.source_url.is_blank() {
            return Err(Error::invalid_input("source_url", "is empty"));
        }
        it.git_ref.as_deref().map_or(Ok(()), check_git_ref)
    }
}

/// The platform makes the label a part of an image's tag, which cannot begin with a dash.
fn check_git_ref(git_ref: &str) -> Result<()> {
    match git_ref.trim() {
        "" => Err(Error::invalid_input("git_ref", "is empty")),
        label if label.starts_with('-') => {
            Err(Error::invalid_input("git_ref", "begins with a dash"))
        }
        _ => Ok(()),
    }
}

deploykit_core::open_enum! {
    /// State of a deployment: queued → building → pushing → starting → success, or one of the failures.
    pub enum DeploymentStatus {
        /// Waiting for a slot.
        Queued = "queued",
        /// The buildpack is at work.
        Building = "building",
        /// The image is sent to the registry.
        Pushing = "pushing",
        /// The application is starting.
        Starting = "starting",
        /// The application has started. Final.
        Success = "success",
        /// The connection between pusher and platform broke. Final.
        Aborted = "aborted",
        /// The buildpack failed. Final.
        BuildError = "build-error",
        /// The application crashed while starting. Final.
        CrashedError = "crashed-error",
        /// The application did not listen within 60 seconds. Final.
        TimeoutError = "timeout-error",
        /// The hook after the deployment failed. Final.
        HookError = "hook-error",
    }
}

impl DeploymentStatus {
    /// Whether the deployment has ended. A state that is not known has ended only if it is an error by its name.
    pub fn is_finished(&self) -> bool {
        *self == Self::Success || self.is_failure()
    }

    /// Whether the deployment has ended without success.
    pub fn is_failure(&self) -> bool {
        *self == Self::Aborted || self.as_str().ends_with("-error")
    }
}

deploykit_core::open_enum! {
    /// How a deployment came about.
    pub enum DeploymentKind {
        /// By `git push`.
        Git = "git",
        /// From an archive.
        Archive = "archive",
        /// By one click.
        OneClick = "oneclick",
    }
}

deploykit_core::model! {
    /// A deployment.
    pub struct Deployment {
        required {
            /// Id.
            id: DeploymentId,
        }
        /// Id of the application.
        app_id: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it ended; none while it is under way.
        finished_at: Option<Time>,
        /// State. Some answers leave it out: that does not mean that it has ended.
        status: Option<DeploymentStatus>,
        /// Label of the version: a SHA, branch, tag or any other text.
        git_ref: Option<String>,
        /// Label of the version before.
        previous_git_ref: Option<String>,
        /// How it came about.
        kind = "type": Option<DeploymentKind>,
        /// How long it took, in seconds; 0 while it is under way.
        duration: Option<u64> as deploykit_core::de::count,
        /// Size of the image, in bytes.
        image_size: Option<u64> as deploykit_core::de::count,
        /// Image that the stack is based on.
        stack_base_image: Option<String>,
        /// Image that was built.
        image: Option<String>,
        /// Registry that holds the image.
        registry: Option<String>,
        /// Command that runs after the deployment.
        postdeploy_hook: Option<String>,
        /// Who triggered it.
        pusher: Option<Pusher>,
        /// Addresses that belong to it.
        links: Option<DeploymentLinks>,
    }
}

impl Deployment {
    /// Whether it has ended, as far as the answer tells.
    pub fn is_finished(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(DeploymentStatus::is_finished)
    }

    /// Whether it has ended with success.
    pub fn succeeded(&self) -> bool {
        self.status == Some(DeploymentStatus::Success)
    }
}

deploykit_core::model! {
    /// Who triggered a deployment.
    pub struct Pusher {
        /// Id.
        id: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Name on the platform.
        username: Option<String>,
    }
}

deploykit_core::model! {
    /// Addresses of a deployment.
    pub struct DeploymentLinks {
        /// Address of the log, as the service wrote it. To fetch the log, use
        /// [`output`](Deployments::output): it needs no address from the server.
        output: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_has_ended_by_the_family_of_its_status() {
        for (status, finished, failure) in [
            ("queued", false, false),
            ("building", false, false),
            ("pushing", false, false),
            ("starting", false, false),
            ("success", true, false),
            ("aborted", true, true),
            ("build-error", true, true),
            ("crashed-error", true, true),
            ("timeout-error", true, true),
            ("hook-error", true, true),
            ("quota-error", true, true),
            ("paused", false, false),
            ("", false, false),
        ] {
            let status = DeploymentStatus::from(status);
            assert_eq!(status.is_finished(), finished, "{status}");
            assert_eq!(status.is_failure(), failure, "{status}");
        }
    }
}
