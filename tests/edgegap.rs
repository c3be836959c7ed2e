//! Edgegap flows against the sandbox: what is sent, what comes of it, and what never happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

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

#[tokio::test]
async fn the_token_is_sent_with_its_scheme_once() {
    let sandbox = quick().start().await.unwrap();
    let bare = sandbox.token();
    for token in [
        bare.clone(),
        format!("token {bare}"),
        format!(" Bearer token {bare}\n"),
    ] {
        let client = Client::builder()
            .token(token)
            .base_url(format!("{}/v1/", sandbox.base_url()));
        client
            .build()
            .unwrap()
            .deployments()
            .list(&DeploymentQuery::new())
            .await
            .unwrap();
    }
    for sent in sandbox.requests() {
        assert_eq!(
            sent.header("authorization"),
            Some(format!("token {bare}").as_str())
        );
    }
}

#[tokio::test]
async fn a_server_is_started_watched_and_stopped() {
    let (sandbox, client) = connected(
        quick()
            .speed(10.0)
            .port("game", 7777, "udp")
            .port("", 8080, "WS"),
    )
    .await;
    let deployments = client.deployments();
    let order = server().variable("MAP", "canyon").tag("eu");
    let id = deployments.deploy(&order).await.unwrap().request_id;

    let looks: Vec<_> = soon(deployments.ready(&id)).try_collect().await.unwrap();
    let steps: Vec<_> = looks
        .iter()
        .filter_map(|look| look.value().phase().step())
        .collect();
    assert!(steps.is_sorted() && steps.len() > 1, "{steps:?}");
    let Some(Progress::Done(status)) = looks.last() else {
        panic!("the last look is the end")
    };
    assert_eq!(
        status.location.as_ref().unwrap().city.as_deref(),
        Some("Frankfurt am Main")
    );
    let address = status.address("game").unwrap();
    assert!(
        address.starts_with(&format!("{id}.pr.edgegap.net:3")),
        "{address}"
    );
    assert_eq!(status.addresses().count(), 2);

    assert!(
        deployments
            .container_logs(&id)
            .await
            .unwrap()
            .text()
            .contains("listening")
    );
    let figures = deployments
        .metrics(&id, &MetricsQuery::new().steps(Steps::HalfMinute).raw(true))
        .await;
    assert!(!figures.unwrap().cpu.unwrap().datasets.is_empty());

    let stop = deployments.stop(&id).await.unwrap();
    assert_eq!(stop.outcome, StopOutcome::Stopping);
    assert_eq!(stop.deployment_summary.unwrap().phase(), Phase::Terminating);
    stops_as(&deployments, &id, StopOutcome::AlreadyGone).await;
    assert_eq!(
        deployments.status(&id).await.unwrap().phase(),
        Phase::Terminated
    );
    assert!(
        deployments
            .container_logs(&id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn a_stop_before_the_server_is_ready_is_queued() {
    let (_sandbox, client) = connected(quick().start_time(Duration::from_secs(1000))).await;
    let deployments = client.deployments();
    let id = deployments.deploy(&server()).await.unwrap().request_id;
    let stop = deployments.stop_with_logs(&id, "my-storage").await.unwrap();
    assert_eq!(stop.outcome, StopOutcome::Queued);
    stops_as(&deployments, &id, StopOutcome::AlreadyGone).await;
    let logs = deployments.container_logs(&id).await.unwrap();
    assert!(logs.logs_link.unwrap().expose().contains("my-storage"));
}

#[tokio::test]
async fn a_server_without_a_place_is_not_lost_from_sight() {
    let (sandbox, client) = connected(quick()).await;
    let deployments = client.deployments();
    sandbox.next_outcome(Outcome::NotPlaced);
    let error = deployments.deploy(&server()).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert!(!error.may_have_been_sent(), "the service said what it did");
    let id = error.deployment().unwrap();
    assert_eq!(deployments.status(&id).await.unwrap().phase(), Phase::Error);
    let error = soon(deployments.ready(&id)).await.unwrap_err();
    assert_eq!(error.last.unwrap().phase(), Phase::Error);
    assert_eq!(
        deployments.stop(&id).await.unwrap().outcome,
        StopOutcome::Stopping
    );
}

#[tokio::test]
async fn a_deploy_whose_answer_is_lost_is_not_repeated_and_can_be_found() {
    let (sandbox, client) = connected(quick()).await;
    let deployments = client.deployments();
    let path = "/v2/deployments";
    let lost: [fn(Plan) -> Fault; 2] = [Plan::reset_after, Plan::truncated_body];
    for (number, lose) in lost.into_iter().enumerate() {
        sandbox.clear_requests();
        lose(sandbox.faults().on("POST", path));
        let tag = format!("match-{number}");
        let error = deployments.deploy(&server().tag(&tag)).await.unwrap_err();
        assert!(error.may_have_been_sent(), "{}", error.report());
        assert_eq!((error.attempts(), posts_to(&sandbox, path)), (1, 1));
        assert_eq!(sandbox.created(), number + 1);
        let found = deployments.find_by_tag(&tag).await.unwrap().unwrap();
        assert_eq!(
            deployments.status(&found.request_id).await.unwrap().tags,
            [tag]
        );
    }
    assert!(deployments.find_by_tag("match-7").await.unwrap().is_none());
}

#[tokio::test]
async fn a_tagged_deploy_finds_its_server_by_itself() {
    let (sandbox, client) = connected(quick()).await;
    let deployments = client.deployments();
    for lost in ["in the answer", "by a gateway"] {
        match lost {
            "in the answer" => sandbox.faults().on("POST", "/v2/deployments").reset_after(),
            // Started by a request that the gateway gave up on.
            _ => {
                deployments.deploy(&server().tag(lost)).await.unwrap();
                sandbox
                    .faults()
                    .on("POST", "/v2/deployments")
                    .html_error(504)
            }
        };
        let before = sandbox.created();
        let deployed = deployments.deploy_tagged(&server(), lost).await.unwrap();
        let status = deployments.status(&deployed.request_id).await.unwrap();
        assert_eq!(status.tags, [lost]);
        assert!(sandbox.created() <= before + 1);
    }
    assert_eq!(sandbox.created(), 2);
}

#[tokio::test]
async fn a_damaged_answer_still_names_its_server() {
    let (sandbox, client) = connected(quick()).await;
    let damaged = r#"{"request_id":"a69f8e3e0555","message":"Depl"#;
    let answer = || sandbox.faults().on("POST", "/v2/deployments").body(damaged);
    answer().status(202);
    let error = client.deployments().deploy(&server()).await.unwrap_err();
    assert!(error.is_decode() && error.may_have_been_sent());
    assert_eq!(error.deployment().unwrap(), "a69f8e3e0555");
    sandbox.clear_requests();
    answer().status(202);
    let deployed = client.deployments().deploy_tagged(&server(), "a").await;
    assert_eq!(deployed.unwrap().request_id, "a69f8e3e0555");
    assert_eq!(sandbox.requests().len(), 1, "no need to look for it");
}

#[tokio::test]
async fn a_deploy_over_the_limit_is_repeated_because_nothing_was_done() {
    let (sandbox, client) = connected(quick()).await;
    let fault = sandbox
        .faults()
        .on("POST", "/v2/deployments")
        .header("retry-after", "0")
        .status(429);
    client.deployments().deploy(&server()).await.unwrap();
    assert_eq!((fault.hits(), sandbox.created()), (1, 1));
}

#[tokio::test]
async fn a_wait_ends_with_the_failure_or_the_deadline_and_the_last_state() {
    let (sandbox, client) = connected(quick()).await;
    let deployments = client.deployments();
    sandbox.next_outcome(Outcome::Error("Pull image timeout exceeded".to_owned()));
    let id = deployments.deploy(&server()).await.unwrap().request_id;
    let error = soon(deployments.ready(&id)).await.unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Failed);
    assert!(
        error.to_string().contains("Pull image timeout exceeded"),
        "{error}"
    );
    assert_eq!(error.last.unwrap().phase(), Phase::Error);

    sandbox.next_outcome(Outcome::Stuck);
    let id = deployments.deploy(&server()).await.unwrap().request_id;
    let wait = soon(deployments.ready(&id)).deadline(Duration::from_millis(100));
    let error = wait.await.unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Deadline);
    assert!(!error.last.unwrap().is_ready());
}

#[tokio::test]
async fn many_are_watched_and_each_is_reported_once() {
    let (sandbox, client) = connected(quick()).await;
    let deployments = client.deployments();
    for outcome in [
        Outcome::Ready,
        Outcome::Ready,
        Outcome::Error("no memory".to_owned()),
        Outcome::Stuck,
    ] {
        sandbox.next_outcome(outcome);
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(deployments.deploy(&server()).await.unwrap().request_id);
    }
    ids.push("000000000000".into());
    let watch = deployments.watch(&ids).every(Duration::from_millis(50));
    let mut watch = watch.deadline(Duration::from_secs(3));
    let mut found = Vec::new();
    while let Some((id, outcome)) = watch.next().await {
        let number = ids.iter().position(|known| *known == id).unwrap();
        found.push((
            number,
            outcome
                .map(|status| status.phase())
                .map_err(|error| error.to_string()),
        ));
    }
    found.sort_by_key(|(number, _)| *number);
    let [
        (0, Ok(Phase::Ready)),
        (1, Ok(Phase::Ready)),
        (2, Err(failed)),
        (3, Err(late)),
        (4, Err(unknown)),
    ] = found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert!(failed.contains("no memory"), "{failed}");
    assert!(late.contains("deadline"), "{late}");
    assert!(unknown.contains("404"), "{unknown}");
    assert!(watch.is_empty() && watch.next().await.is_none());

    let id = deployments.deploy(&server()).await.unwrap().request_id;
    watch.add(&id);
    assert_eq!(
        watch.next().await.unwrap().0,
        id,
        "it goes on after the end"
    );
}

#[tokio::test]
async fn a_watch_keeps_its_deadline_whatever_the_rounds_and_takes_any_duration() {
    let (sandbox, client) = connected(quick()).await;
    sandbox.next_outcome(Outcome::Stuck);
    let deployments = client.deployments();
    let id = deployments.deploy(&server()).await.unwrap().request_id;
    let rare = deployments.watch([&id]).every(Duration::MAX);
    let mut late = rare.deadline(Duration::from_millis(100));
    let (_, outcome) = tokio::time::timeout(Duration::from_secs(10), late.next())
        .await
        .expect("a round is longer than the deadline")
        .unwrap();
    let error = outcome.unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Deadline);
    assert!(error.last.is_some());

    let mut patient = deployments.watch([&id]).deadline(Duration::MAX);
    patient.add("another");
    assert_eq!(patient.len(), 2);
}

#[tokio::test]
async fn a_server_that_ends_is_not_taken_for_ready_although_the_list_says_so() {
    const IDS: [&str; 3] = ["aaa", "bbb", "ccc"];

    let service = MockServer::start().await;
    let listed = IDS.map(
        |id| serde_json::json!({"request_id": id, "ready": true, "status": "Status.TERMINATED"}),
    );
    Mock::given(path("/v1/deployments"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "data": listed, "total_count": 3,
        })))
        .mount(&service)
        .await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "request_id": "any", "current_status": "Status.TERMINATED",
        })))
        .mount(&service)
        .await;
    let client = Client::builder()
        .token("a")
        .base_url(service.uri())
        .build()
        .unwrap();
    let outcomes: Vec<_> = client.deployments().watch(IDS).collect().await;
    assert_eq!(outcomes.len(), 3);
    for (id, outcome) in outcomes {
        let error = outcome.expect_err(id.as_str());
        assert!(error.to_string().contains("TERMINATED"), "{error}");
    }
}

#[tokio::test]
async fn unknown_deployments_are_told_apart_from_bad_requests() {
    for status in [404, 400] {
        let (_sandbox, client) = connected(quick().unknown_id_status(status)).await;
        let error = client.deployments().status("nothing").await.unwrap_err();
        assert!(error.is_unknown_deployment(), "{status}");
        let error = client.private_fleets().hosts("nothing").await.unwrap_err();
        assert_eq!(error.status(), Some(404));
    }
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let (sandbox, client) = connected(quick().without_quotas()).await;
    let deployments = client.deployments();
    let mut ids = Vec::new();
    for number in 0..5 {
        let order = server().tag(if number % 2 == 0 { "even" } else { "odd" });
        ids.push(started(&deployments, &order).await);
    }
    let listed = async |query: DeploymentQuery| -> Vec<RequestId> {
        let items = deployments
            .list(&query)
            .items()
            .map_ok(|one| one.request_id);
        items.try_collect().await.unwrap()
    };
    let all = DeploymentQuery::new();
    assert_eq!(listed(all.clone()).await, ids, "three pages");
    let newest = listed(all.clone().tag("even").newest_first()).await;
    assert_eq!(newest, [&ids[4], &ids[2], &ids[0]].map(Clone::clone));
    assert_eq!(
        listed(all.clone().request_id(Match::none_of(&ids[1..]))).await,
        ids[..1]
    );
    let unborn = all.clone().created_from(Time::parse("2100-01-01"));
    for none in [all.clone().not_phase(Phase::Ready), unborn] {
        assert!(listed(none).await.is_empty());
    }
    assert_eq!(
        listed(all.clone().phase(Phase::Ready).application("my-app"))
            .await
            .len(),
        5
    );

    let page = deployments.list(&all).per_page(2).page(2).await.unwrap();
    assert_eq!(
        (page.number, page.total_pages, page.total_items),
        (Some(2), Some(3), Some(5))
    );
    assert_eq!(page.items[0].phase(), Some(Phase::Ready));
    let locations = deployments
        .locations(&LocationQuery::new().tags(true))
        .await
        .unwrap();
    assert!(
        locations
            .items
            .iter()
            .all(|location| !location.tags.is_empty())
    );
    assert_eq!(sandbox.rejected(), 0);
}

#[tokio::test]
async fn a_bulk_stop_needs_filters_and_everything_a_call_of_its_own() {
    let (sandbox, client) = connected(quick().stop_time(Duration::from_secs(5000))).await;
    let deployments = client.deployments();
    let keep = started(&deployments, &server().tag("eu").tag("keep")).await;
    let go = started(&deployments, &server().tag("eu")).await;
    sandbox.clear_requests();
    let nobody: [&str; 0] = [];
    for refused in [
        BulkStop::request_ids(nobody),
        BulkStop::request_ids(["ok", " "]),
        BulkStop::tags(FilterType::Not, nobody),
        BulkStop::tags(FilterType::Any, ["eu"])
            .and(BulkStopFilter::request_ids(FilterType::Any, nobody)),
    ] {
        let error = deployments.bulk_stop(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert!(sandbox.requests().is_empty());

    let some = BulkStop::tags(FilterType::All, ["eu"])
        .and(BulkStopFilter::tags(FilterType::Not, ["keep"]))
        .and(BulkStopFilter::request_ids(FilterType::Any, [&keep, &go]));
    let stopped = deployments.bulk_stop(&some).await.unwrap().processable;
    assert_eq!(
        stopped
            .iter()
            .map(|one| &one.request_id)
            .collect::<Vec<_>>(),
        [&go]
    );
    assert!(deployments.status(&keep).await.unwrap().is_ready());

    let stopped = deployments.stop_everything().await.unwrap().processable;
    assert!(stopped.iter().any(|one| one.request_id == keep));
}

#[tokio::test]
async fn fleets_take_the_first_host_with_room_at_either_address() {
    let (sandbox, client) = connected(quick().host_room(1)).await;
    let fleets = client.private_fleets();
    let hosts = fleets.hosts("test-fleet").await.unwrap().items;
    assert_eq!(hosts.len(), FLEET.len());
    assert_eq!(hosts[2].status, HostStatus::Pending);
    let ids = hosts
        .iter()
        .rev()
        .map(|host| host.host_id.clone())
        .collect::<Vec<_>>();
    let order = FleetDeploy::new("my-app", "v1", ids).user_ip("192.0.2.1");
    let mut took = Vec::new();
    for _ in 0..3 {
        let id = fleets.deploy(&order).await.unwrap().request_id;
        took.push(sandbox.host_of(id.as_str()));
    }
    let cloud = None;
    assert_eq!(
        took,
        [
            Some("alpha-2".to_owned()),
            Some("alpha-1".to_owned()),
            cloud
        ]
    );

    for path in [
        "/v2/private-fleets:deploy",
        "/v2/private-fleets/deployments",
    ] {
        let (sandbox, client) = connected(quick().fleet_path(path)).await;
        client
            .private_fleets()
            .deploy_at_any_path(&order)
            .await
            .unwrap();
        assert_eq!((sandbox.created(), posts_to(&sandbox, path)), (1, 1));
    }
}

#[tokio::test]
async fn tags_are_created_renamed_and_removed() {
    let (_sandbox, client) = connected(quick()).await;
    let (deployments, tags) = (client.deployments(), client.tags());
    let id = started(&deployments, &server().tag("eu")).await;
    let created = tags.create(&id, &TagName::new("a/b c")).await.unwrap();
    assert!(created.create_time.unwrap().timestamp().is_some());
    assert!(
        tags.create(&id, &TagName::new("eu"))
            .await
            .unwrap_err()
            .is_conflict()
    );
    assert_eq!(tags.get(&id, "a/b c").await.unwrap().name, "a/b c");
    assert_eq!(
        tags.update(&id, "a/b c", &TagName::new("us"))
            .await
            .unwrap()
            .name,
        "us"
    );
    tags.delete(&id, "eu").await.unwrap();
    assert!(tags.get(&id, "eu").await.unwrap_err().is_not_found());
    let left = tags.list(&id).await.unwrap().items;
    assert_eq!(
        left.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
        ["us"]
    );
    assert!(deployments.find_by_tag("us").await.unwrap().is_some());
}

#[tokio::test]
async fn webhooks_are_posted_and_read() {
    let (sandbox, client) = connected(quick()).await;
    let receiver = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(204))
        .mount(&receiver)
        .await;
    let hooked = |order: Deploy| {
        order
            .webhook_on_ready(format!("{}/ready", receiver.uri()))
            .webhook_on_error(format!("{}/error", receiver.uri()))
            .webhook_on_terminated(format!("{}/terminated?secret=1", receiver.uri()))
    };
    let deployments = client.deployments();
    sandbox.next_outcome(Outcome::Error("no memory".to_owned()));
    deployments.deploy(&hooked(server())).await.unwrap();
    let id = started(&deployments, &hooked(server())).await;
    stops_as(&deployments, &id, StopOutcome::AlreadyGone).await;

    let start = Instant::now();
    while sandbox.webhooks().len() < 3 {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            sandbox.webhooks()
        );
        tokio::task::yield_now().await;
    }
    assert!(
        sandbox
            .webhooks()
            .iter()
            .all(|posted| posted.status == Some(204))
    );
    for request in receiver.received_requests().await.unwrap() {
        let event = WebhookEvent::parse(&request.body).unwrap();
        match (request.url.path(), &event) {
            ("/ready", WebhookEvent::Ready(status)) => {
                assert!(status.request_id == id && status.address("gameport").is_some());
            }
            ("/terminated", WebhookEvent::Terminated(status)) => assert_eq!(status.request_id, id),
            ("/error", WebhookEvent::Error(status)) => {
                assert_eq!(status.error_detail.as_deref(), Some("no memory"));
            }
            (path, event) => panic!("{path}: {event:?}"),
        }
    }
    assert!(WebhookEvent::parse(b"<html>").unwrap_err().is_decode());
}

#[tokio::test]
async fn a_container_ends_itself_with_what_was_injected() {
    let (sandbox, client) = connected(quick()).await;
    let id = started(
        &client.deployments(),
        &server().tag("eu").hidden_variable("KEY", "canary"),
    )
    .await;
    let variables = sandbox.injected(id.as_str()).unwrap();
    let injected = Injected::from_vars(variables.clone()).unwrap();
    assert_eq!(
        (&injected.request_id, injected.tags.as_slice()),
        (&id, ["eu".to_owned()].as_slice())
    );
    assert_eq!(injected.port("gameport").unwrap().internal, Some(7777));
    let internal = ("ARBITRIUM_PORT_GAMEPORT_INTERNAL", "7777");
    assert!(
        variables
            .iter()
            .any(|(name, value)| (&**name, &**value) == internal)
    );
    let (url, token) = (
        injected.delete_url.clone().unwrap(),
        injected.delete_token.clone().unwrap(),
    );

    sandbox.clear_requests();
    assert_eq!(
        injected.self_stop().unwrap_err().kind(),
        ErrorKind::Origin,
        "not a host of Edgegap"
    );
    assert!(sandbox.requests().is_empty());
    // The whole way, with the variables in the environment of a program.
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "inside_a_container", "--ignored"])
        .envs(variables)
        .env("EDGEGAP_API_URL", sandbox.base_url());
    let output = tokio::task::spawn_blocking(move || program.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let [sent] = &sandbox.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(sent.header("authorization"), Some(token.expose()));
    assert!(url.expose().ends_with(&sent.path));

    let wrong = SelfStop::builder()
        .url(url)
        .token("wrong")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    assert!(wrong.stop().await.unwrap_err().is_unauthorized());
}

/// Run by the test above, in a process of its own.
#[tokio::test]
#[ignore = "needs the environment of a container"]
async fn inside_a_container() {
    let stop = SelfStop::from_env().unwrap().stop().await.unwrap();
    assert_eq!(stop.outcome, StopOutcome::Stopping);
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let (sandbox, client) = connected(quick()).await;
    let (deployments, fleets, tags) =
        (client.deployments(), client.private_fleets(), client.tags());
    let no_hosts: [&str; 0] = [];
    let fleet_order = |hosts: &[&str]| {
        FleetDeploy::new(
            "my-app",
            "v1",
            hosts.iter().map(|&host| host.into()).collect::<Vec<_>>(),
        )
    };
    let (start, end) = (Time::parse("2026-01-02"), Time::parse("2026-01-01"));
    let errors = [
        deployments
            .deploy(&Deploy::new("my-app", "v1"))
            .await
            .unwrap_err(),
        deployments
            .deploy(&Deploy::new("", "v1"))
            .await
            .unwrap_err(),
        deployments
            .deploy(&Deploy::new("my-app", " "))
            .await
            .unwrap_err(),
        deployments
            .deploy(&server().user_coordinates(90.5, 0.0))
            .await
            .unwrap_err(),
        deployments
            .deploy(&server().user_coordinates(f64::NAN, 0.0))
            .await
            .unwrap_err(),
        deployments.deploy(&server().user_ip("")).await.unwrap_err(),
        deployments
            .deploy(&server().variable("A", "x".repeat(4097)))
            .await
            .unwrap_err(),
        deployments
            .deploy(&server().variable("A", "1").variable("A", "2"))
            .await
            .unwrap_err(),
        deployments
            .deploy(&server().resources(deploykit::edgegap::Resources::new(100, 201)))
            .await
            .unwrap_err(),
        fleets.deploy(&fleet_order(&no_hosts)).await.unwrap_err(),
        fleets.deploy(&fleet_order(&["a", "a"])).await.unwrap_err(),
        deployments.status("..").await.unwrap_err(),
        deployments.stop("").await.unwrap_err(),
        deployments
            .list(&DeploymentQuery::new().tag("a").tag("b"))
            .await
            .unwrap_err(),
        deployments
            .locations(&LocationQuery::new().version("v1"))
            .await
            .unwrap_err(),
        deployments
            .metrics("a", &MetricsQuery::new().start_time(start).end_time(end))
            .await
            .unwrap_err(),
        tags.create("a", &TagName::new(" ")).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(!error.may_have_been_sent());
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn no_secret_is_shown() {
    const CANARY: &str = "11111111-canary";

    let sandbox = quick().api_token(CANARY).start().await.unwrap();
    let client = client_of(&sandbox);
    let deployments = client.deployments();
    let order = server()
        .hidden_variable("KEY", "canary-value")
        .variable("OTHER", "canary-value")
        .webhook_on_ready("https://example.com/canary-hook");
    let call = deployments.deploy(&order);
    let query = deployments.list(&DeploymentQuery::new().tag("canary-tag"));
    let address = "https://api.edgegap.com/v1/self/stop/a/canary-key";
    let own = SelfStop::builder().url(address).token("canary-delete");
    let built = SelfStop::builder()
        .url(address)
        .token("canary-delete")
        .build()
        .unwrap();
    let mut shown = vec![
        format!(
            "{client:?} {deployments:?} {order:?} {call:?} {query:?} {own:?} {built:?} {:?} {:?}",
            own_of(),
            built.stop()
        ),
        format!("{:?}", Client::builder().token(CANARY)),
    ];
    // A server that echoes what it was sent.
    let echo = format!(r#"{{"message":"bad token {CANARY}"}}"#);
    sandbox
        .faults()
        .on("*", "/**")
        .times(2)
        .body(echo)
        .status(403);
    sandbox.faults().on("*", "/**").times(1).reset_before();
    for _ in 0..3 {
        let error = deployments.deploy(&order).await.unwrap_err();
        shown.push(format!("{error} {error:?} {}", error.report()));
    }
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }

    fn own_of() -> SelfStop {
        SelfStop::builder()
            .deployment("a", "canary-key")
            .token("canary-delete")
            .build()
            .unwrap()
    }
}
