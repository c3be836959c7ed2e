//! What the tests share: clients of a stand-in, and what a followed deployment told.

use std::time::Duration;

use deploykit::scalingo::{
    Client, ClientBuilder, Deployment, DeploymentId, Follow, FollowEvent, Gap, NewDeployment,
};
use deploykit::{Error, ErrorKind, RetryPolicy};
use deploykit_sandbox::scalingo::Scalingo;
use deploykit_sandbox::{Builder, Recorded, Running, Sandbox, Service};
use futures::StreamExt;

pub const APP: &str = "example-app";
pub const SOURCE: &str = "https://example.com/sources.tar.gz";

/// No test takes longer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A stand-in on which a deployment takes a fifth of a second, without a quota.
pub fn sandbox() -> Builder<Scalingo> {
    Sandbox::scalingo().speed(30.0).without_quota()
}

pub async fn start<S: Service>(builder: Builder<S>) -> Running<S> {
    builder.start().await.unwrap()
}

pub fn builder<S: Service>(sandbox: &Running<S>) -> ClientBuilder {
    let quick = RetryPolicy {
        base: Duration::from_millis(5),
        ..RetryPolicy::default()
    };
    Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(quick)
        .without_quotas()
}

pub fn client<S: Service>(sandbox: &Running<S>) -> Client {
    builder(sandbox).build().unwrap()
}

pub async fn trigger(client: &Client) -> Deployment {
    let deployment = NewDeployment::new(SOURCE).git_ref("v1");
    bounded(client.deployments().trigger(APP, &deployment).into_future())
        .await
        .unwrap()
}

/// Waits, but not for ever.
pub async fn bounded<F: IntoFuture>(future: F) -> F::Output {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.expect("the test hangs")
}

/// A follower that comes back quickly when the stream breaks.
pub fn follow(client: &Client, deployment: &DeploymentId) -> Follow {
    client
        .follow(APP, deployment.clone())
        .reconnect_after(Duration::from_millis(5))
}

/// What a followed deployment told, sorted by kind.
#[derive(Debug, Default)]
pub struct Told {
    pub statuses: Vec<String>,
    pub lines: Vec<String>,
    pub gaps: Vec<Gap>,
    /// Gaps without a reconnection.
    pub doubts: Vec<Gap>,
    pub finished: Option<Deployment>,
    pub error: Option<Error>,
}

impl Told {
    pub async fn by(follow: Follow) -> Self {
        Self::after_each(follow, |_| {}).await
    }

    /// Calls this after each event, with what was told so far.
    pub async fn after_each(mut follow: Follow, mut then: impl FnMut(&Self)) -> Self {
        let mut told = Self::default();
        while let Some(event) = bounded(follow.next()).await {
            assert!(told.finished.is_none(), "{event:?} after the end");
            assert!(told.error.is_none(), "{event:?} after an error");
            match event {
                Ok(FollowEvent::Status(status)) => told.statuses.push(status.to_string()),
                Ok(FollowEvent::Log(line)) => told.lines.push(line),
                Ok(FollowEvent::Reconnected { attempts, gap }) => {
                    assert!(attempts > 0);
                    told.gaps.push(gap);
                }
                Ok(FollowEvent::Gap(gap)) => told.doubts.push(gap),
                Ok(FollowEvent::Finished(deployment)) => told.finished = Some(*deployment),
                Ok(other) => panic!("{other:?}"),
                Err(error) => told.error = Some(error),
            }
            then(&told);
        }
        told
    }

    pub fn status(&self) -> String {
        let finished = self.finished.as_ref();
        let finished = finished.unwrap_or_else(|| panic!("it has not finished: {self:?}"));
        finished.status.as_ref().unwrap().to_string()
    }
}

/// The lines that the stand-in has kept of a deployment.
pub fn kept(sandbox: &Running<Scalingo>, deployment: &DeploymentId) -> Vec<String> {
    let output = sandbox.output(APP, deployment.as_str()).unwrap();
    output.lines().map(str::to_owned).collect()
}

/// How many requests of this method went to a path that ends like this.
pub fn count<S: Service>(sandbox: &Running<S>, method: &str, end: &str) -> usize {
    let is_meant = |sent: &&Recorded| sent.method == method && sent.path.ends_with(end);
    sandbox.requests().iter().filter(is_meant).count()
}

/// Each is a refusal that names its argument, and nothing was sent.
pub fn are_refused_unsent<'a>(
    refused: impl IntoIterator<Item = (Error, &'a str)>,
    sandbox: &Running<Scalingo>,
) {
    for (error, argument) in refused {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(
            error.to_string().contains(&format!("`{argument}`")),
            "{error}"
        );
    }
    assert_eq!(sandbox.requests().len(), 0);
}
