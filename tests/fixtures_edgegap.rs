//! Every documented exchange with Edgegap: sent exactly, read whole, covered.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::RetryPolicy;
use deploykit::edgegap::{
    BulkStop, Client, ContainerLogStorage, DeploymentQuery, ENDPOINTS, FleetDeploy, LocationQuery,
    Match, MetricsQuery, Phase, SelfStop, TagName, Time,
};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, rows_are, unit, value};

/// As the dashboard copies it; it must be sent with its scheme once.
const TOKEN: &str = "token 11111111-e458-4592-b607-c2c28afd8b62";

struct Connected {
    client: Client,
    server: Server,
}

fn connect(server: &Server) -> Connected {
    Connected {
        client: connected!(Client::builder(TOKEN), server),
        server: server.clone(),
    }
}

#[tokio::test]
async fn every_documented_exchange() {
    prove("edgegap", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[
    ("request_id", "identifies the deployment"),
    ("data[].host_id", "identifies the host"),
    ("tags[].name", "identifies the tag"),
    ("$.name", "identifies the tag"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("edgegap", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_operation_of_the_page_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            ("POST", "/v2/deployments"),
            ("GET", "/v1/status/{request_id}"),
            ("DELETE", "/v1/stop/{request_id}"),
            ("DELETE", "/v1/self/stop/{request_id}/{access_point_id}"),
            ("POST", "/v1/deployments/bulk-stop"),
            ("GET", "/v1/deployments"),
            ("GET", "/v1/locations"),
            ("GET", "/v1/deployment/{request_id}/container-logs"),
            ("GET", "/v1/metrics/deployment/{request_id}"),
            ("POST", "/v2/private-fleets:deploy"),
            ("GET", "/v2/private-fleets/{fleet_name}/hosts"),
            ("GET", "/v1/deployments/{request_id}/tags"),
            ("GET", "/v1/deployments/{request_id}/tags/{tag_name}"),
            ("POST", "/v1/deployments/{request_id}/tags"),
            ("DELETE", "/v1/deployments/{request_id}/tags/{tag_name}"),
            ("PATCH", "/v1/deployments/{request_id}/tags/{tag_name}"),
        ],
    );
}

fn call(connected: &Connected, fixture: &Fixture) -> Replayed {
    let client = &connected.client;
    let (deployments, fleets, tags) =
        (client.deployments(), client.private_fleets(), client.tags());
    let id = || fixture.arg("request_id");
    let tag = || fixture.arg("tag_name");
    match fixture.operation.as_str() {
        "deploy" => value(deployments.deploy(&fixture.body())),
        "getDeploymentStatus" => value(deployments.status(id())),
        "stopDeployment" => match logs(fixture) {
            Some(logs) => value(deployments.stop_with_logs(id(), logs)),
            None => value(deployments.stop(id())),
        },
        "selfStopDeployment" => value(self_stop(connected, fixture).stop()),
        "bulkStopDeployments" if fixture.request.body["filters"] == serde_json::json!([]) => {
            value(deployments.stop_everything())
        }
        "bulkStopDeployments" => value(deployments.bulk_stop(&fixture.body::<BulkStop>())),
        "listDeployments" => match query_of(fixture) {
            Some(query) => items(deployments.list(&query).per_page(100)),
            None => page(fixture, deployments.list(&DeploymentQuery::new())),
        },
        "listLocations" => match fixture.name.as_str() {
            "listLocations.filtered" => items(
                deployments.locations(
                    &LocationQuery::new()
                        .app("my-app")
                        .version("25.05.30-16.45.19-04")
                        .kind("standard")
                        .tags(true),
                ),
            ),
            _ => page(fixture, deployments.locations(&LocationQuery::new())),
        },
        "getContainerLogs" => value(deployments.container_logs(id())),
        "getDeploymentMetrics" => value(deployments.metrics(id(), &metrics(fixture))),
        "deployToPrivateFleet" => {
            let body = fixture.body::<FleetDeploy>();
            match fixture.name.as_str() {
                "deployToPrivateFleet.new-path" => value(fleets.deploy_at_new_path(&body)),
                _ => value(fleets.deploy(&body)),
            }
        }
        "listPrivateFleetHosts" => page(fixture, fleets.hosts(fixture.arg("fleet_name"))),
        "listDeploymentTags" => page(fixture, tags.list(id())),
        "getDeploymentTag" => value(tags.get(id(), tag())),
        "createDeploymentTag" => value(tags.create(id(), &fixture.body::<TagName>())),
        "updateDeploymentTag" => value(tags.update(id(), tag(), &fixture.body::<TagName>())),
        "deleteDeploymentTag" => unit(tags.delete(id(), tag())),
        other => panic!("{other}: no call"),
    }
}

fn logs(fixture: &Fixture) -> Option<ContainerLogStorage> {
    Some(match fixture.query_value("container_log_storage")? {
        "true" => ContainerLogStorage::Store,
        "false" => ContainerLogStorage::Drop,
        endpoint => endpoint.into(),
    })
}

/// With the injected address, and for a stop key from its parts.
fn self_stop(connected: &Connected, fixture: &Fixture) -> SelfStop {
    let token = "delete-token";
    let builder = match fixture.name.as_str() {
        "selfStopDeployment.stop-key" => SelfStop::of(
            fixture.arg("request_id"),
            fixture.arg("access_point_id"),
            token,
        ),
        _ => SelfStop::builder(
            format!("{}{}", connected.server.url, fixture.request.path),
            token,
        ),
    };
    let builder = match logs(fixture) {
        Some(logs) => builder.logs(logs),
        None => builder,
    };
    let builder = builder
        .base_url(&connected.server.url)
        .retry(RetryPolicy::never());
    match connected.server.transport.clone() {
        Some(transport) => builder.transport(transport),
        None => builder,
    }
    .build()
    .unwrap()
}

/// The typed queries that must come out as the fixtures have them.
fn query_of(fixture: &Fixture) -> Option<DeploymentQuery> {
    let query = DeploymentQuery::new();
    match fixture.name.as_str() {
        "listDeployments.filtered" => Some(query.phase(Phase::Ready).oldest_first()),
        "listDeployments.every-filter" => Some(
            query
                .not_phase(Phase::Error)
                .request_id(Match::one_of(["c0653765de3b", "93924761ccde"]))
                .tag(Match::none_of(["keep"]))
                .application("my-app")
                .version(Match::is_not("v1"))
                .fleet_name(Match::like("eu-%"))
                .host_name("alpha-north-america-95fab093")
                .created_from(Time::parse("2026-09-30T02:00:00+02:00"))
                .newest_first(),
        ),
        _ => None,
    }
}

fn metrics(fixture: &Fixture) -> MetricsQuery {
    let mut query = MetricsQuery::new();
    if let Some(start) = fixture.query_value("start_time") {
        query = query.start_time(Time::parse(start));
    }
    if let Some(end) = fixture.query_value("end_time") {
        query = query.end_time(Time::parse(end));
    }
    if let Some(steps) = fixture.query_value("steps") {
        query = query.steps(steps);
    }
    match fixture.query_value("raw") {
        Some(raw) => query.raw(raw == "true"),
        None => query,
    }
}

/// A page whose query the call itself must make.
fn items<T: serde::Serialize + Send + 'static>(pages: deploykit::Pages<T>) -> Replayed {
    Box::pin(async { Ok(serde_json::to_value(pages.await?.items).unwrap()) })
}
