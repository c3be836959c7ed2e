//! Every documented exchange with Edgegap: sent exactly, read whole, covered.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::RetryPolicy;
use deploykit::core::Position;
use deploykit::edgegap::{
    Client, ContainerLogStorage, DeploymentQuery, ENDPOINTS, Match, NewApplication, Phase,
    SelfStop, Time,
    matchmaker::InstanceBuilder,
    matchmaker::Matchmaker,
    server_browser::{Filter, InstanceQuery, ServerBrowser},
};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, rows_are, value};

/// As the dashboard copies it; it must be sent with its scheme once.
const TOKEN: &str = "token 11111111-e458-4592-b607-c2c28afd8b62";

struct Connected {
    client: Client,
    server: Server,
}

fn connect(server: &Server) -> Connected {
    Connected {
        client: connected!(Client::builder().token(TOKEN), server),
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
    ("$.name", "identifies the tag, application or version"),
    ("applications[].name", "identifies the application"),
    ("versions[].name", "identifies the version"),
    ("version.name", "identifies the version"),
    ("data[].tag", "identifies the tag of an image"),
    ("session_id", "identifies the relay session"),
    ("locations[].host", "identifies the beacon"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("edgegap", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_operation_that_is_known_is_a_row() {
    rows_are("edgegap", &ENDPOINTS);
    rows_are("edgegap_matchmaker", Matchmaker::ENDPOINTS);
    rows_are("edgegap_server_browser", ServerBrowser::ENDPOINTS);
}

#[tokio::test]
async fn every_exchange_with_the_instances() {
    prove(
        "edgegap_matchmaker",
        Matchmaker::ENDPOINTS,
        matchmaker,
        matchmaker_call,
    )
    .await;
    prove(
        "edgegap_server_browser",
        ServerBrowser::ENDPOINTS,
        browser,
        browser_call,
    )
    .await;
}

#[test]
fn what_an_answer_of_an_instance_leaves_out_does_not_break_it() {
    prove_bent(
        "edgegap_matchmaker",
        Matchmaker::ENDPOINTS,
        &[
            ("$.id", "identifies the ticket or backfill"),
            ("player_tickets[].id", "identifies the ticket"),
            ("member_id", "identifies the member"),
        ],
        matchmaker,
        matchmaker_call,
    );
    prove_bent(
        "edgegap_server_browser",
        ServerBrowser::ENDPOINTS,
        &[("request_id", "identifies the server")],
        browser,
        browser_call,
    );
}

fn matchmaker(server: &Server) -> Matchmaker {
    connected_instance(
        Matchmaker::builder()
            .base_url(&server.url)
            .token("matchmaker-token"),
        server,
    )
}

fn browser(server: &Server) -> ServerBrowser {
    connected_instance(
        ServerBrowser::builder()
            .base_url(&server.url)
            .token("server-token"),
        server,
    )
}

fn connected_instance<T>(builder: InstanceBuilder<T>, server: &Server) -> T {
    let builder = builder.retry(RetryPolicy::never());
    match server.transport.clone() {
        Some(transport) => builder.transport(transport),
        None => builder,
    }
    .build()
    .unwrap()
}

fn matchmaker_call(matchmaker: &Matchmaker, fixture: &Fixture) -> Replayed {
    harness::call(matchmaker.core(), fixture)
}

fn browser_call(browser: &ServerBrowser, fixture: &Fixture) -> Replayed {
    if fixture.name == "listServerInstances.filtered" {
        let filter = Filter::new().eq("metadata.mode", "ranked");
        let filter = filter.at_least("slots.joinable_seats", 4);
        let query = InstanceQuery::new().filter(filter).order("created_at desc");
        let pages = browser.list(&query).per_page(1);
        return items(pages.start_at(Position::cursor("c1")));
    }
    harness::call(browser.core(), fixture)
}

fn call(connected: &Connected, fixture: &Fixture) -> Replayed {
    let beside = beside_the_rows(connected, fixture);
    beside.unwrap_or_else(|| harness::call(connected.client.core(), fixture))
}

/// What has a client of its own, a query of its own making, or a shorter way to say it.
fn beside_the_rows(connected: &Connected, fixture: &Fixture) -> Option<Replayed> {
    let client = &connected.client;
    let deployments = client.deployments();
    Some(match fixture.operation.as_str() {
        "selfStopDeployment" => value(self_stop(connected, fixture).stop()),
        "stopDeployment" => {
            value(deployments.stop_with_logs(fixture.arg("request_id"), logs(fixture)?))
        }
        "listDeployments" => match query_of(fixture) {
            Some(query) => items(deployments.list(&query).per_page(100)),
            None => page(fixture, deployments.list(&DeploymentQuery::new())),
        },
        "bulkStopDeployments" if fixture.request.body["filters"] == serde_json::json!([]) => {
            value(deployments.stop_everything())
        }
        "createApplication" if fixture.name.ends_with("named") => {
            let named = NewApplication::named("my-game-server");
            value(client.applications().create(&named))
        }
        _ => return None,
    })
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
        "selfStopDeployment.stop-key" => SelfStop::builder()
            .deployment(fixture.arg("request_id"), fixture.arg("access_point_id")),
        _ => SelfStop::builder().url(format!("{}{}", connected.server.url, fixture.request.path)),
    };
    let builder = builder.token(token);
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

/// A page whose query the call itself must make.
fn items<T: serde::Serialize + Send + 'static>(pages: deploykit::Pages<T>) -> Replayed {
    Box::pin(async { Ok(serde_json::to_value(pages.await?.items).unwrap()) })
}
