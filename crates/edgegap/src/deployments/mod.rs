//! Deployments: game servers, from the order to the end.

mod deploy;
mod legacy;
mod list;
mod locations;
mod logs;
mod metrics;
mod status;
mod stop;

use std::time::Duration;

use deploykit_core::{Call, Composite, Error, Result, State, Wait};
use serde_json::{Map, Value};

use crate::watch::Watch;
use crate::{ErrorExt as _, limits};

pub use deploy::{Deploy, Deployed, EnvironmentVariable, Resources, User, Webhook};
pub(crate) use deploy::{check_order, deployment_request};
pub use legacy::{
    DeployV1, DeployedV1, DeploymentChange, DeploymentChanged, LogStorage, LogStorageV1,
    PlaceFilterV1, PlacedPlayer,
};
pub use list::{DeploymentQuery, ListedDeployment, Match};
pub use locations::{Location, LocationBeacon, LocationQuery, LocationTag};
pub use logs::{ContainerLogs, CrashData};
pub use metrics::{DeploymentMetrics, Metrics, MetricsQuery, NetworkMetrics, Steps, TotalMetrics};
pub use status::{DeploymentStatus, Phase, Port, Protocol, SessionSummary};
pub(crate) use stop::LOG_STORAGE;
pub use stop::{
    BulkStop, BulkStopFilter, BulkStopped, ContainerLogStorage, FilterField, FilterType,
    Processable, Stop, StopOutcome,
};

deploykit_core::id! {
    /// The id of a deployment, which Edgegap calls request id: `93924761ccde`.
    pub struct RequestId(String);
}

deploykit_core::endpoints! {
    /// Game servers.
    ///
    /// ```
    /// # async fn run(client: deploykit_edgegap::Client) -> Result<(), deploykit_edgegap::Error> {
    /// use deploykit_edgegap::{Deploy, StopOutcome};
    ///
    /// let deployments = client.deployments();
    /// let server = Deploy::new("my-app", "v1").user_coordinates(45.5, -73.6).tag("match-4711");
    /// // Under a tag of its own a server is found again, even if the answer is lost on its way.
    /// let deployed = deployments.deploy_tagged(&server, "match-4711").await?;
    /// let status = deployments.ready(&deployed.request_id).await?;
    /// println!("{} is ready at {:?}", deployed.request_id, status.address("gameport"));
    /// match deployments.stop(&deployed.request_id).await?.outcome {
    ///     StopOutcome::Stopping | StopOutcome::Queued => println!("will be gone soon"),
    ///     StopOutcome::AlreadyGone => println!("was gone before"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Deployments;

    /// Starts a server. Counts against 40 a second.
    ///
    /// It is never repeated by itself unless the service surely did nothing (no connection, 429), because a
    /// second server costs money. After any other failure
    /// [`may_have_been_sent`](deploykit_core::Error::may_have_been_sent) tells whether there may be one:
    /// look for it by a tag, or let [`deploy_tagged`](Self::deploy_tagged) do so. A 422 (no place for it) leaves
    /// a deployment in error state; [`ErrorExt::deployment`](crate::ErrorExt::deployment) names it.
    /// Errors: 400, 401, 422, 429, 500.
    deploy: POST "/v2/deployments" => deploy(body: &Deploy) -> Deployed [quota(&limits::DEPLOY)];

    /// Fetches the state of a deployment. Counts against 20 a second.
    ///
    /// To wait for a server see [`ready`](Self::ready), for many of them [`watch`](Self::watch).
    /// Errors: 400 or 404 for an unknown id, 401, 500.
    getDeploymentStatus: GET "/v1/status/{request_id}" => status(request_id: RequestId) -> DeploymentStatus
        [quota(&limits::STATUS)];

    /// Stops a deployment gracefully (SIGTERM). Stopping it again does no harm.
    ///
    /// A deployment that is neither ready nor in error is stopped as soon as it is. One that has already ended
    /// (410) is no error. Errors: 400 or 404 for an unknown id, 401, 403, 500.
    stopDeployment: DELETE "/v1/stop/{request_id}" => stop(request_id: RequestId) -> Stop [outcomes(&[410])];

    /// Stops all deployments that match every filter, for good, and tells which they are.
    ///
    /// No filters would mean all deployments of the organization; that is refused here before anything is
    /// sent, and has a call of its own: [`stop_everything`](Self::stop_everything). Not repeated by itself.
    /// Errors: 400, 401, 500.
    bulkStopDeployments: POST "/v1/deployments/bulk-stop" => bulk_stop(body: &BulkStop) -> BulkStopped;

    /// Lists deployments. Counts against 10 a second.
    ///
    /// The service decides how many a page holds at the most, commonly 100. Errors: 400, 401, 500.
    listDeployments: GET "/v1/deployments" => list(query: &DeploymentQuery) -> Pages<ListedDeployment> by request_id
        [envelope("data"), per_page("limit"), quota(&limits::LIST)];

    /// Lists the places where servers can run; given an application and version, those with room for it.
    ///
    /// Errors: 400, 401, 500.
    listLocations: GET "/v1/locations" => locations(query: &LocationQuery) -> Pages<Location>
        [envelope("locations"), per_page("limit")];

    /// Lists the places where players can measure their latency before there is a server. The answer tells nothing
    /// about pages: [`items`](deploykit_core::Pages::items) goes on until one is empty. Errors: 400, 401, 500.
    listBeacons: GET "/v1/locations/beacons" => beacons() -> Pages<LocationBeacon> by host
        [envelope("locations"), per_page("limit"), until_empty];

    /// Reports a deployment that misbehaves to Edgegap. What comes of it is not documented, so that it is never
    /// repeated by itself. Errors: 400, 401, 403, 500, 503.
    reportDeployment: POST "/v1/deployments/{request_id}:report"
        => report(request_id: RequestId, body: &DeploymentReport);

    /// Starts a server, as version 1 did. Not repeated by itself. Errors: 400, 401, 404, 409, 422, 500.
    #[deprecated = "the service has deprecated it (2026-04): use `deploy`"]
    deployV1: POST "/v1/deploy" => deploy_v1(body: &DeployV1) -> DeployedV1;

    /// Says whether sessions may still join. Errors: 400, 401, 404, 500.
    #[deprecated = "the service has deprecated it (2026-04), with the sessions"]
    updateDeployment: PATCH "/v1/deployments/{request_id}"
        => update(request_id: RequestId, body: &DeploymentChange) -> DeploymentChanged [idempotent];

    /// Fetches what the container has written. Gone when the deployment has ended, unless an endpoint storage
    /// keeps it. Errors: 400, 401, 404, 500.
    getContainerLogs: GET "/v1/deployment/{request_id}/container-logs"
        => container_logs(request_id: RequestId) -> ContainerLogs;

    /// Fetches CPU, memory, network and disk figures of a deployment.
    ///
    /// Errors: 400, 401, 404, 422 (the request makes no sense), 500.
    getDeploymentMetrics: GET "/v1/metrics/deployment/{request_id}"
        => metrics(request_id: RequestId, query: &MetricsQuery) -> DeploymentMetrics;
}

deploykit_core::request! {
    /// What is wrong with a deployment.
    pub struct DeploymentReport {
        required {
            /// In words, 1 to 255 characters.
            reason: String,
        }
        optional {
            /// More about it, by name.
            metadata: Map<String, Value>,
        }
    }
    check |it| {
        if it.reason.trim().is_empty() || it.reason.chars().count() > 255 {
            return refuse("reason", "must have 1 to 255 characters");
        }
        Ok(())
    }
}

/// How often, and with what delay, a lost server is looked for.
pub(crate) const LOOKS_FOR_LOST: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// How long a server takes to start at the most, unless told otherwise.
pub(crate) const START_TIME: Duration = Duration::from_secs(300);

impl Deployments {
    /// Starts a server under a tag that no other deployment has, and finds it again if the answer is lost.
    ///
    /// The tag is added to the body's unless it is there. If the call fails so that a server may have been
    /// started, it is taken from the answer, if that was only damaged, or looked for: the deployments with the
    /// tag are listed, four times within seven seconds. The deploy call itself is sent once.
    ///
    /// If no server is found the call's error comes back. That is no proof that there is none: the looks may
    /// have failed as well, or the service may be slow. See that [`find_by_tag`](Self::find_by_tag) answers
    /// with nothing before you call this again.
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn deploy_tagged(&self, body: &Deploy, tag: &str) -> Composite<Deployed> {
        let (mut body, tag) = (body.clone(), tag.to_owned());
        if !body.tags.iter().flatten().any(|known| *known == tag) {
            body = body.tag(&*tag);
        }
        Composite::new(&self.client, "the deployment", move |client| async move {
            let deployments = Self::new(&client);
            let error = match deployments.deploy(&body).await {
                Ok(deployed) => return Ok(deployed),
                Err(error) => error,
            };
            if !error.may_have_been_sent() {
                return Err(error);
            }
            if let Some(request_id) = error.deployment() {
                return Ok(Deployed::found(request_id));
            }
            for delay in LOOKS_FOR_LOST {
                if client.time_left().is_some_and(|left| left <= delay) {
                    break;
                }
                tokio::time::sleep(delay).await;
                // A look that fails says nothing about the server; the next one may tell.
                if let Ok(Some(found)) = deployments.find_by_tag(&tag).await {
                    return Ok(Deployed::found(found.request_id));
                }
            }
            Err(error)
        })
    }

    /// The newest deployment with this tag, if there is one.
    ///
    /// This is how a server is found whose deploy call failed without an answer. Give each server a tag of its
    /// own beforehand (a match id):
    ///
    /// ```
    /// use deploykit_edgegap::{Deploy, Deployments, Error, RequestId};
    ///
    /// async fn start(deployments: &Deployments, server: Deploy, tag: &str) -> Result<RequestId, Error> {
    ///     match deployments.deploy(&server.tag(tag)).await {
    ///         Ok(deployed) => Ok(deployed.request_id),
    ///         // It may be running: look before starting another one.
    ///         Err(error) if error.may_have_been_sent() => match deployments.find_by_tag(tag).await? {
    ///             Some(found) => Ok(found.request_id),
    ///             None => Err(error),
    ///         },
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn find_by_tag(&self, tag: &str) -> Composite<Option<ListedDeployment>> {
        let query = DeploymentQuery::new().tag(tag).newest_first();
        Composite::new(&self.client, "the search", move |client| async move {
            let page = Self::new(&client).list(&query).per_page(1).await?;
            Ok(page.items.into_iter().next())
        })
    }

    /// As [`stop`](Self::stop), but says what becomes of the container's log.
    pub fn stop_with_logs(
        &self,
        request_id: impl Into<RequestId>,
        logs: impl Into<ContainerLogStorage>,
    ) -> Call<Stop> {
        let logs = logs.into();
        self.stop(request_id)
            .map_request(|request| request.query_pair(LOG_STORAGE, &logs))
    }

    /// Stops every deployment of the organization, for good. Not repeated by itself.
    pub fn stop_everything(&self) -> Call<BulkStopped> {
        self.bulk_stop(&BulkStop::everything())
    }

    /// Waits until a server is ready: await it for its status, or poll it as a stream of progress.
    ///
    /// Looks every 2 s at first, every 10 s later, for 5 minutes unless a deadline is set. A deployment that
    /// goes into error or ends meanwhile fails the wait; the error holds its last state. For more than a few
    /// servers at once use [`watch`](Self::watch).
    ///
    /// ```
    /// # use deploykit_edgegap::{Deployments, RequestId, WaitError, DeploymentStatus};
    /// # async fn run(deployments: Deployments, id: RequestId) -> Result<(), WaitError<DeploymentStatus>> {
    /// use futures::TryStreamExt as _;
    ///
    /// let mut looks = deployments.ready(&id);
    /// while let Some(look) = looks.try_next().await? {
    ///     println!("{}", look.value().phase());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ready(&self, request_id: impl Into<RequestId>) -> Wait<DeploymentStatus> {
        let (deployments, id) = (self.clone(), request_id.into());
        let what = format!("deployment {id}");
        let look = move || -> futures::future::BoxFuture<'static, _> {
            Box::pin(deployments.status(&id).send())
        };
        Wait::new(what, look, |status: &DeploymentStatus| {
            match status.failure() {
                _ if status.is_ready() => (State::Done, String::new()),
                Some(failure) => (State::Failed, failure),
                None => (State::Running, String::new()),
            }
        })
        .deadline(START_TIME)
    }

    /// Waits for many servers at once, within the documented limits; each is reported once.
    pub fn watch<I>(&self, request_ids: I) -> Watch
    where
        I: IntoIterator,
        I::Item: Into<RequestId>,
    {
        let mut watch = Watch::new(self.clone());
        for id in request_ids {
            watch.add(id);
        }
        watch
    }
}

/// A refusal before anything is sent.
fn refuse<T>(argument: &str, problem: &str) -> Result<T> {
    Err(Error::invalid_input(argument, problem))
}
