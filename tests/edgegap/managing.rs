//! Lists, bulk stops, fleets, tags, webhooks, a server that ends itself, and what is refused.

use super::*;

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
        .args(["--exact", "managing::inside_a_container", "--ignored"])
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
