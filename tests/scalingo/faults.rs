//! What the network and the server do wrong.

use std::time::{Duration, Instant};

use deploykit::scalingo::NewDeployment;
use deploykit::{ErrorKind, Quota, RetryPolicy};
use deploykit_sandbox::scalingo::RetryAfter;
use deploykit_sandbox::{Fault, Faults, Plan};
use futures::StreamExt as _;

use crate::support::*;

const DEPLOYMENTS: &str = "/v1/apps/*/deployments";

async fn triggered(set: impl FnOnce(&Faults) -> Fault) -> (deploykit::Error, usize, usize) {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    client.apps().list().await.unwrap();
    let fault = set(sandbox.faults());
    let call = client
        .deployments()
        .trigger(APP, &NewDeployment::new(SOURCE));
    let error = bounded(call.into_future()).await.unwrap_err();
    assert_eq!(fault.hits(), 1);
    let (sent, done) = (
        count(&sandbox, "POST", "/deployments"),
        sandbox.deployments(APP).len(),
    );
    (error, sent, done)
}

#[tokio::test]
async fn a_trigger_whose_answer_is_lost_is_not_repeated() {
    let (error, sent, done) =
        triggered(|faults| faults.on("POST", DEPLOYMENTS).reset_after()).await;
    assert!(error.may_have_been_sent(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!((sent, done), (1, 1));
    assert_eq!(error.operation(), Some("triggerDeployment"));
}

#[tokio::test]
async fn a_trigger_that_breaks_before_the_work_is_not_repeated_either() {
    let (error, sent, done) =
        triggered(|faults| faults.on("POST", DEPLOYMENTS).reset_before()).await;
    assert!(error.may_have_been_sent(), "nobody can tell");
    assert_eq!((sent, done), (1, 0));
}

#[tokio::test]
async fn a_trigger_whose_answer_is_cut_is_not_repeated() {
    let (error, sent, done) =
        triggered(|faults| faults.on("POST", DEPLOYMENTS).truncated_body()).await;
    assert!(error.may_have_been_sent());
    assert_eq!(error.status(), Some(201), "the status is kept");
    assert_eq!((sent, done), (1, 1));
}

#[tokio::test]
async fn a_trigger_that_fails_at_the_server_is_not_repeated() {
    let (error, sent, _) = triggered(|faults| faults.on("POST", DEPLOYMENTS).status(500)).await;
    assert!(error.is_server_error() && error.may_have_been_sent());
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_trigger_that_was_refused_was_not_sent() {
    let refused = |faults: &Faults| {
        let body = r#"{"errors":{"source_url":["is not reachable"]}}"#;
        faults.on("POST", DEPLOYMENTS).body(body).status(422)
    };
    let (error, sent, done) = triggered(refused).await;
    assert!(error.is_invalid() && !error.may_have_been_sent());
    assert_eq!(
        error.api().unwrap().fields()["source_url"],
        ["is not reachable"]
    );
    assert_eq!((sent, done), (1, 0));
}

#[tokio::test]
async fn a_trigger_without_a_connection_is_tried_again_and_was_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let policy = RetryPolicy {
        attempts: 3,
        base: Duration::from_millis(1),
        ..RetryPolicy::default()
    };
    let client = deploykit::scalingo::Client::builder()
        .bearer("test-token")
        .base_url(format!("http://{address}"))
        .retry(policy)
        .build()
        .unwrap();
    let call = client
        .deployments()
        .trigger(APP, &NewDeployment::new(SOURCE));
    let error = bounded(call.into_future()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!error.may_have_been_sent());
    assert_eq!(error.attempts(), 3);
}

#[tokio::test]
async fn reading_survives_whatever_passes() {
    let sandbox = start(sandbox().history(3)).await;
    let client = client(&sandbox);
    let cases: [fn(Plan) -> Fault; 5] = [
        |plan| plan.reset_before(),
        |plan| plan.reset_after(),
        |plan| plan.truncated_body(),
        |plan| plan.status(503),
        |plan| plan.html_error(502),
    ];
    for set in cases {
        let fault = set(sandbox.faults().on("GET", DEPLOYMENTS).times(2));
        let page = bounded(client.deployments().list(APP).into_future()).await;
        assert_eq!(page.unwrap().items.len(), 3);
        assert_eq!(fault.hits(), 2);
    }
}

#[tokio::test]
async fn a_503_is_waited_out_for_as_long_as_the_server_asks() {
    // Dates have no fraction.
    let now = jiff::Timestamp::now().as_second();
    let date = jiff::Timestamp::from_second(now + 2).unwrap();
    let shown = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let waited = |retry_after: &'static str| async move {
        let sandbox = start(sandbox()).await;
        let client = client(&sandbox);
        client.apps().list().await.unwrap();
        let fault = sandbox.faults().on("GET", "/v1/apps/*");
        fault.header("retry-after", retry_after).status(503);
        let before = Instant::now();
        let answer = bounded(client.apps().get(APP).send()).await.unwrap();
        assert_eq!(answer.attempts, 2);
        (before.elapsed(), jiff::Timestamp::now())
    };
    let ((elapsed, _), (_, ended)) = tokio::join!(waited("1"), waited(shown.leak()));
    assert!(elapsed >= Duration::from_secs(1), "{elapsed:?}");
    assert!(ended >= date, "{ended} is before {date}");
}

#[tokio::test]
async fn a_wait_that_is_too_long_comes_back_at_once() {
    for retry_after in ["3600", "1e19", "18446744073709551615"] {
        for status in [429, 503] {
            let sandbox = start(sandbox()).await;
            // With a quota: what the server asks for holds everybody who shares it.
            let builder = deploykit::scalingo::Client::builder().token(sandbox.token());
            let client = builder.base_url(sandbox.base_url()).build().unwrap();
            client.apps().list().await.unwrap();
            let fault = sandbox.faults().on("GET", "/v1/apps/*").always();
            let fault = fault.header("retry-after", retry_after).status(status);
            let error = bounded(client.apps().get(APP).into_future())
                .await
                .unwrap_err();
            assert!(error.retry_after().unwrap() >= Duration::from_secs(3600));
            assert_eq!(fault.hits(), 1);
        }
    }
}

#[tokio::test]
async fn the_documented_limit_is_waited_out() {
    for style in [None, Some(RetryAfter::Seconds), Some(RetryAfter::Date)] {
        // A minute of the stand-in is two seconds: long enough for 61 calls on a busy machine.
        let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(30.0);
        let sandbox = match style {
            Some(style) => sandbox.retry_after(style),
            None => sandbox,
        };
        let sandbox = start(sandbox).await;
        let client = client(&sandbox);
        let calls = (0..61).map(|_| client.apps().get(APP).send());
        let answers = bounded(futures::future::join_all(calls)).await;
        let attempts = answers.into_iter().map(|answer| answer.unwrap().attempts);
        let attempts: Vec<_> = attempts.collect();
        assert!(attempts.iter().any(|attempts| *attempts > 1), "{style:?}");
        assert_eq!(
            sandbox.requests().len() as u32,
            1 + attempts.iter().sum::<u32>()
        );
    }
}

#[tokio::test]
async fn a_limit_kept_here_leaves_the_server_nothing_to_refuse() {
    // The same half a second on both sides.
    let sandbox = start(deploykit_sandbox::Sandbox::scalingo().speed(120.0)).await;
    let client = deploykit::scalingo::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .quota(Quota::new("api", 60, Duration::from_millis(500)))
        .build()
        .unwrap();
    // Few at once: on a busy machine many take longer to arrive than a limit allows for.
    let calls = futures::stream::iter(0..150).map(|_| client.apps().get(APP).send());
    let answers: Vec<_> = bounded(calls.buffer_unordered(8).collect::<Vec<_>>()).await;
    for answer in answers {
        assert_eq!(answer.unwrap().attempts, 1);
    }
    assert_eq!(sandbox.requests().len(), 151);
}

#[tokio::test]
async fn a_429_that_does_not_end_is_an_error_with_what_the_server_said() {
    let sandbox = start(sandbox()).await;
    let busy = sandbox.faults().on("GET", "/v1/apps/*").always();
    let busy = busy.body("Retry later").status(429);
    let policy = RetryPolicy {
        rate_limited: 0,
        ..RetryPolicy::default()
    };
    let client = client(&sandbox);
    let call = client.apps().get(APP).retry(policy);
    let error = bounded(call.into_future()).await.unwrap_err();
    assert!(error.is_rate_limited() && !error.may_have_been_sent());
    assert_eq!(error.api().unwrap().message(), Some("Retry later"));
    assert_eq!(busy.hits(), 1);
}

#[tokio::test]
async fn a_page_of_html_keeps_its_status() {
    let sandbox = start(sandbox()).await;
    sandbox
        .faults()
        .on("GET", "/v1/apps/*")
        .always()
        .html_error(502);
    let error = bounded(client(&sandbox).apps().get(APP).into_future())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(502));
    let shown = error.to_string();
    assert!(shown.contains("502") && shown.contains("HTML"), "{shown}");
    assert!(!shown.contains("<html"), "{shown}");
}

#[tokio::test]
async fn an_answer_that_is_not_what_was_promised_names_where() {
    let sandbox = start(sandbox()).await;
    let odd = sandbox.faults().on("GET", "/v1/apps/*");
    odd.body(r#"{"app":{"name":"x","owner":{"username":7}}}"#)
        .status(200);
    let error = client(&sandbox).apps().get(APP).await.unwrap_err();
    assert!(error.is_decode());
    assert_eq!(
        (error.status(), error.operation()),
        (Some(200), Some("getApp"))
    );
    assert!(error.to_string().contains("app.owner.username"), "{error}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    client.apps().list().await.unwrap();
    let slow = || sandbox.faults().on("*", "/v1/apps/**").always();
    slow().delay(Duration::from_secs(20));
    let call = client.apps().get(APP).timeout(Duration::from_millis(30));
    let error = bounded(call.into_future()).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.attempts(), 4);
    let source = NewDeployment::new(SOURCE);
    let call = client.deployments().trigger(APP, &source);
    let call = call.timeout(Duration::from_millis(30));
    let error = bounded(call.into_future()).await.unwrap_err();
    assert!(error.is_timeout() && error.may_have_been_sent());
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_deployment_is_followed_through_a_shaky_network() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    sandbox.faults().on("GET", "/v1/**").every(2).reset_before();
    sandbox
        .faults()
        .on("GET", "/v1/**")
        .every(3)
        .truncated_body();
    sandbox.faults().on("GET", "/apps/*").times(4).drop_after(8);
    let follow = follow(&client, &deployment.id).check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert_eq!(told.lines, kept(&sandbox, &deployment.id));
    assert_eq!(told.status(), "success");
    assert_eq!(count(&sandbox, "POST", "/deployments"), 1);
}
