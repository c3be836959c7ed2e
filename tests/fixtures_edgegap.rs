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
    BulkStop, Client, ContainerLogStorage, DeploymentQuery, ENDPOINTS, FleetDeploy, LocationQuery,
    Match, MetricsQuery, NewApplication, Phase, SelfStop, TagName, Time,
    matchmaker::InstanceBuilder,
    matchmaker::Matchmaker,
    server_browser::{Filter, InstanceQuery, ServerBrowser},
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
fn every_operation_of_the_page_and_the_descriptions_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            // The page of 2025.
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
            // The descriptions of 2026-04 (version 1) and 2026-06 (version 2): 51 operations, with 15 of the above
            // and these. Of their own names, `deployment_id` is `request_id` here and `stop_key` `access_point_id`.
            ("POST", "/v1/app"),
            ("GET", "/v1/app/{app_name}"),
            ("PATCH", "/v1/app/{app_name}"),
            ("DELETE", "/v1/app/{app_name}"),
            ("GET", "/v1/apps"),
            ("POST", "/v1/app/{app_name}/version"),
            ("GET", "/v1/app/{app_name}/version/{version_name}"),
            ("PATCH", "/v1/app/{app_name}/version/{version_name}"),
            ("DELETE", "/v1/app/{app_name}/version/{version_name}"),
            ("GET", "/v1/app/{app_name}/versions"),
            (
                "POST",
                "/v1/container-registry/images/{image_name}/tags/bulk-delete",
            ),
            ("GET", "/v1/container-registry/images/{image_name}/tags"),
            (
                "DELETE",
                "/v1/container-registry/images/{image_name}/tags/{tag_name}",
            ),
            ("POST", "/v1/deployments/{request_id}:report"),
            ("POST", "/v1/deploy"),
            ("PATCH", "/v1/deployments/{request_id}"),
            ("GET", "/v1/locations/beacons"),
            ("GET", "/v1/relays/sessions"),
            ("POST", "/v1/relays/sessions"),
            ("GET", "/v1/relays/sessions/{session_id}"),
            ("DELETE", "/v1/relays/sessions/{session_id}"),
            ("POST", "/v1/relays/sessions:authorize-user"),
            ("POST", "/v1/relays/sessions:revoke-user"),
            ("POST", "/v1/storage/endpoint"),
            ("GET", "/v1/storage/endpoint/{endpoint_name}"),
            ("PATCH", "/v1/storage/endpoint/{endpoint_name}"),
            ("DELETE", "/v1/storage/endpoint/{endpoint_name}"),
            ("GET", "/v1/storage/endpoints"),
            ("POST", "/v1/storage/endpoint/{endpoint_name}/pull-profile"),
            (
                "GET",
                "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}",
            ),
            (
                "PATCH",
                "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}",
            ),
            (
                "DELETE",
                "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}",
            ),
            ("GET", "/v1/storage/endpoint/{endpoint_name}/pull-profiles"),
            (
                "PUT",
                "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}/app/{app_name}/version/{version_name}",
            ),
            (
                "DELETE",
                "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}/app/{app_name}/version/{version_name}",
            ),
            ("POST", "/v2/private-fleets/deployments"),
            // Not documented: what Edgegap's own plugins call.
            ("POST", "/v1/wizard/init-quick-start"),
            ("GET", "/v1/wizard/registry-credentials"),
        ],
    );
}

#[test]
fn every_call_that_is_known_of_the_instances_is_a_row() {
    rows_are(
        Matchmaker::ENDPOINTS,
        &[
            ("GET", "/monitor"),
            ("GET", "/locations/beacons"),
            ("POST", "/tickets"),
            ("GET", "/tickets/{ticket_id}"),
            ("DELETE", "/tickets/{ticket_id}"),
            ("POST", "/group-tickets"),
            ("POST", "/groups"),
            ("GET", "/groups/{group_id}"),
            ("DELETE", "/groups/{group_id}"),
            ("POST", "/groups/{group_id}/members"),
            ("GET", "/groups/{group_id}/members/{member_id}"),
            ("PATCH", "/groups/{group_id}/members/{member_id}"),
            ("DELETE", "/groups/{group_id}/members/{member_id}"),
            ("POST", "/backfills"),
            ("GET", "/backfills/{backfill_id}"),
            ("DELETE", "/backfills/{backfill_id}"),
            ("GET", "/inspect/tickets"),
            ("GET", "/inspect/matches"),
        ],
    );
    rows_are(
        ServerBrowser::ENDPOINTS,
        &[
            ("GET", "/monitor"),
            ("GET", "/locations/beacons"),
            ("POST", "/server-instances"),
            ("GET", "/server-instances"),
            ("GET", "/server-instances/{request_id}"),
            ("PATCH", "/server-instances/{request_id}"),
            ("DELETE", "/server-instances/{request_id}"),
            ("POST", "/server-instances/{request_id}/keep-alive"),
            ("PATCH", "/server-instances/{request_id}/slots/{slot_name}"),
            ("POST", "/server-instances/reservations"),
            (
                "POST",
                "/server-instances/{request_id}/slots/{slot_name}/reservations",
            ),
            (
                "POST",
                "/server-instances/{request_id}/reservations/confirm",
            ),
        ],
    );
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
    let arg = |name: &str| fixture.arg(name);
    match fixture.operation.as_str() {
        "getMonitor" => value(matchmaker.monitor()),
        "listBeacons" => value(matchmaker.beacons()),
        "createTicket" => value(matchmaker.create_ticket(&fixture.body())),
        "getTicket" => value(matchmaker.ticket(arg("ticket_id"))),
        "deleteTicket" => unit(matchmaker.delete_ticket(arg("ticket_id"))),
        "createGroupTicket" => value(matchmaker.create_group_ticket(&fixture.body())),
        "createGroup" => value(matchmaker.create_group(&fixture.body())),
        "getGroup" => value(matchmaker.group(arg("group_id"))),
        "deleteGroup" => unit(matchmaker.delete_group(arg("group_id"))),
        "createGroupMember" => value(matchmaker.join_group(arg("group_id"), &fixture.body())),
        "getGroupMember" => value(matchmaker.member(arg("group_id"), arg("member_id"))),
        "updateGroupMember" => {
            value(matchmaker.update_member(arg("group_id"), arg("member_id"), &fixture.body()))
        }
        "deleteGroupMember" => unit(matchmaker.leave_group(arg("group_id"), arg("member_id"))),
        "createBackfill" => value(matchmaker.create_backfill(&fixture.body())),
        "getBackfill" => value(matchmaker.backfill(arg("backfill_id"))),
        "deleteBackfill" => unit(matchmaker.delete_backfill(arg("backfill_id"))),
        "inspectTickets" => value(matchmaker.inspect_tickets()),
        "inspectMatches" => value(matchmaker.inspect_matches()),
        other => panic!("{other}: no call"),
    }
}

fn browser_call(browser: &ServerBrowser, fixture: &Fixture) -> Replayed {
    let id = || fixture.arg("request_id");
    match fixture.operation.as_str() {
        "getMonitor" => value(browser.monitor()),
        "listBeacons" => value(browser.beacons()),
        "createServerInstance" => value(browser.create(&fixture.body())),
        "listServerInstances" if fixture.request.query.is_empty() => {
            page(fixture, browser.list(&InstanceQuery::new()))
        }
        "listServerInstances" => {
            let filter = Filter::new().eq("metadata.mode", "ranked");
            let filter = filter.at_least("slots.joinable_seats", 4);
            let query = InstanceQuery::new().filter(filter).order("created_at desc");
            items(
                browser
                    .list(&query)
                    .per_page(1)
                    .start_at(Position::cursor("c1")),
            )
        }
        "getServerInstance" => value(browser.get(id())),
        "updateServerInstance" => value(browser.update(id(), &fixture.body())),
        "deleteServerInstance" => unit(browser.delete(id())),
        "keepServerInstanceAlive" => value(browser.keep_alive(id())),
        "updateSlot" => value(browser.update_slot(id(), fixture.arg("slot_name"), &fixture.body())),
        "reserveAnySeats" => value(browser.reserve_any(&fixture.body())),
        "reserveSeats" => value(browser.reserve(id(), fixture.arg("slot_name"), &fixture.body())),
        "confirmReservations" => value(browser.confirm(id(), &fixture.body())),
        other => panic!("{other}: no call"),
    }
}

/// The image of a registry path: it has slashes of its own.
fn image(fixture: &Fixture) -> String {
    let path = &fixture.request.path;
    let from = path.split_once("/images/").unwrap().1;
    from.split_once("/tags").unwrap().0.to_owned()
}

#[allow(deprecated, reason = "deprecated operations are proven as well")]
fn call_of_2026(client: &Client, fixture: &Fixture) -> Replayed {
    let arg = |name: &str| fixture.arg(name);
    let (app, version) = (|| arg("app_name"), || arg("version_name"));
    let (endpoint, profile) = (|| arg("endpoint_name"), || arg("pull_profile_name"));
    let (applications, versions) = (client.applications(), client.versions());
    let (registry, relays) = (client.registry(), client.relays());
    let (storages, profiles) = (client.endpoint_storages(), client.pull_profiles());
    let deployments = client.deployments();
    match fixture.operation.as_str() {
        "createApplication" if fixture.name.ends_with("named") => {
            value(applications.create(&NewApplication::named("my-game-server")))
        }
        "createApplication" => value(applications.create(&fixture.body())),
        "getApplication" => value(applications.get(app())),
        "updateApplication" => value(applications.update(app(), &fixture.body())),
        "deleteApplication" => unit(applications.delete(app())),
        "listApplications" => page(fixture, applications.list()),
        "createVersion" => value(versions.create(app(), &fixture.body())),
        "getVersion" => value(versions.get(app(), version())),
        "updateVersion" => value(versions.update(app(), version(), &fixture.body())),
        "deleteVersion" => value(versions.delete(app(), version())),
        "listVersions" => page(fixture, versions.list(app())),
        "listImageTags" => page(fixture, registry.tags(image(fixture))),
        "deleteImageTag" => value(registry.delete_tag(image(fixture), "1.0.0")),
        "deleteImageTags" => value(registry.delete_tags(image(fixture), &fixture.body())),
        "initQuickStart" => unit(registry.init_quick_start(&fixture.body())),
        "getRegistryCredentials" => value(registry.credentials()),
        "createEndpointStorage" => value(storages.create(&fixture.body())),
        "getEndpointStorage" => value(storages.get(endpoint())),
        "updateEndpointStorage" => value(storages.update(endpoint(), &fixture.body())),
        "deleteEndpointStorage" => unit(storages.delete(endpoint())),
        "listEndpointStorages" => page(fixture, storages.list()),
        "createPullProfile" => value(profiles.create(endpoint(), &fixture.body())),
        "getPullProfile" => value(profiles.get(endpoint(), profile())),
        "updatePullProfile" => value(profiles.update(endpoint(), profile(), &fixture.body())),
        "deletePullProfile" => unit(profiles.delete(endpoint(), profile())),
        "listPullProfiles" => page(fixture, profiles.list(endpoint())),
        "linkPullProfile" => value(profiles.link(endpoint(), profile(), app(), version())),
        "unlinkPullProfile" => unit(profiles.unlink(endpoint(), profile(), app(), version())),
        "listRelaySessions" => page(fixture, relays.list()),
        "createRelaySession" => value(relays.create(&fixture.body())),
        "getRelaySession" => value(relays.get(arg("session_id"))),
        "deleteRelaySession" => unit(relays.delete(arg("session_id"))),
        "authorizeRelayUser" => value(relays.authorize_user(&fixture.body())),
        "revokeRelayUser" => value(relays.revoke_user(&fixture.body())),
        "listBeacons" => page(fixture, deployments.beacons()),
        "reportDeployment" => unit(deployments.report(arg("request_id"), &fixture.body())),
        "deployV1" => value(deployments.deploy_v1(&fixture.body())),
        "updateDeployment" => value(deployments.update(arg("request_id"), &fixture.body())),
        other => panic!("{other}: no call"),
    }
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
        "deployToPrivateFleet" => value(fleets.deploy(&fixture.body::<FleetDeploy>())),
        "createPrivateFleetDeployment" => {
            value(fleets.deploy_at_new_path(&fixture.body::<FleetDeploy>()))
        }
        "listPrivateFleetHosts" => page(fixture, fleets.hosts(fixture.arg("fleet_name"))),
        "listDeploymentTags" => page(fixture, tags.list(id())),
        "getDeploymentTag" => value(tags.get(id(), tag())),
        "createDeploymentTag" => value(tags.create(id(), &fixture.body::<TagName>())),
        "updateDeploymentTag" => value(tags.update(id(), tag(), &fixture.body::<TagName>())),
        "deleteDeploymentTag" => unit(tags.delete(id(), tag())),
        _ => call_of_2026(client, fixture),
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
