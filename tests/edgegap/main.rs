//! Edgegap flows against the sandbox: what is sent, what comes of it, and what never happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod managing;
mod running;

use std::process::Command;
use std::time::{Duration, Instant};

use deploykit::edgegap::{
    BulkStop, BulkStopFilter, Client, Deploy, DeploymentQuery, DeploymentStatus, Deployments,
    ErrorExt as _, ErrorKind, FilterType, FleetDeploy, HostStatus, Injected, LocationQuery, Match,
    MetricsQuery, Phase, Progress, RequestId, SelfStop, Steps, StopOutcome, TagName, Time, Wait,
    WebhookEvent,
};
use deploykit_sandbox::edgegap::{Edgegap, Outcome};
use deploykit_sandbox::{Builder, Fault, Plan, Running, Sandbox};
use futures::{StreamExt as _, TryStreamExt as _};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const FLEET: [&str; 3] = ["alpha-1", "alpha-2", "alpha-3-pending"];

/// A sandbox in which starting and stopping take milliseconds.
fn quick() -> Builder<Edgegap> {
    Sandbox::edgegap().speed(500.0).fleet("test-fleet", &FLEET)
}

async fn connected(sandbox: Builder<Edgegap>) -> (Running<Edgegap>, Client) {
    let sandbox = sandbox.start().await.unwrap();
    let client = client_of(&sandbox);
    (sandbox, client)
}

fn client_of(sandbox: &Running<Edgegap>) -> Client {
    Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap()
}

fn server() -> Deploy {
    Deploy::new("my-app", "v1").user_coordinates(48.2, 16.4)
}

fn soon(wait: Wait<DeploymentStatus>) -> Wait<DeploymentStatus> {
    let (first, longest) = (Duration::from_millis(2), Duration::from_millis(10));
    wait.every(first, longest).deadline(Duration::from_secs(10))
}

async fn started(deployments: &Deployments, order: &Deploy) -> RequestId {
    let id = deployments.deploy(order).await.unwrap().request_id;
    soon(deployments.ready(&id)).await.unwrap();
    id
}

/// Repeats a stop until it comes to this.
async fn stops_as(deployments: &Deployments, id: &RequestId, wanted: StopOutcome) {
    let start = Instant::now();
    while deployments.stop(id).await.unwrap().outcome != wanted {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "never {wanted:?}"
        );
        tokio::task::yield_now().await;
    }
}

fn posts_to(sandbox: &Running<Edgegap>, path: &str) -> usize {
    let requests = sandbox.requests();
    requests
        .iter()
        .filter(|sent| sent.method == "POST" && sent.path == path)
        .count()
}
