//! Servers: started, watched, stopped, and what is never done twice.

use super::*;

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
