//! Reset, snapshots and seeds of running stand-ins.

#![cfg(all(
    feature = "scalingo",
    feature = "tideways",
    feature = "tsuru",
    feature = "edgegap",
    feature = "devopness"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use deploykit_sandbox::{Builder, Controlled, Running, Sandbox};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

async fn start<S: Controlled>(sandbox: Builder<S>) -> Running<S> {
    sandbox.start().await.unwrap()
}

async fn status(url: String, authorization: &str) -> u16 {
    let request = reqwest::Client::new().get(url);
    let request = request.header("authorization", authorization);
    request.send().await.unwrap().status().as_u16()
}

/// The status of the last deployment.
fn last(scalingo: &Running<deploykit_sandbox::scalingo::Scalingo>) -> String {
    let deployments = scalingo.deployments("example-app");
    let last = deployments.last().map(|one| one["status"].clone());
    last.unwrap_or_default()
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[tokio::test]
async fn a_reset_brings_back_the_start() {
    let scalingo = Sandbox::scalingo()
        .seed(json!({"apps": [{"name": "seeded-app"}]}))
        .faults(|faults| drop(faults.on("GET", "/v1/regions").status(503)));
    let scalingo = start(scalingo).await;
    let regions = || status(format!("{}/v1/regions", scalingo.base_url()), "");
    assert_eq!((regions().await, regions().await), (503, 200));
    scalingo.trigger("example-app", "v1").unwrap();
    scalingo.faults().on("*", "/**").always().status(500);
    scalingo.clock().advance(MINUTE);
    scalingo.clock().set_speed(50.0);
    assert_eq!(last(&scalingo), "success");
    let old = scalingo.service();

    scalingo.reset();
    assert_eq!(last(&scalingo), "none");
    assert!(scalingo.requests().is_empty());
    assert_eq!(scalingo.clock().speed(), 1.0);
    assert_eq!(scalingo.clock().ahead(), Duration::ZERO);
    let names = |state: Value| state["apps"].as_array().unwrap().len();
    assert_eq!(
        names(scalingo.service().state()),
        2,
        "seeds are part of the start"
    );
    assert_eq!(
        (regions().await, regions().await),
        (503, 200),
        "so are faults"
    );
    drop(old);
}

#[tokio::test]
async fn a_snapshot_goes_on_from_where_it_was() {
    let scalingo = start(Sandbox::scalingo()).await;
    scalingo.trigger("example-app", "v1").unwrap();
    scalingo.clock().advance(Duration::from_secs(2));
    assert_eq!(last(&scalingo), "building");
    let building = scalingo.snapshot().unwrap();

    scalingo.clock().advance(MINUTE);
    scalingo.trigger("example-app", "v2").unwrap();
    scalingo.clock().advance(MINUTE);
    assert_eq!(scalingo.deployments("example-app").len(), 2);
    for _ in 0..2 {
        scalingo.restore(&building);
        assert_eq!(scalingo.deployments("example-app").len(), 1);
        assert_eq!(last(&scalingo), "building");
        scalingo.clock().advance(MINUTE);
        assert_eq!(last(&scalingo), "success");
    }
}

#[tokio::test]
async fn what_happens_after_a_copy_touches_only_one_of_both() {
    let edgegap = start(Sandbox::edgegap()).await;
    let order = json!({
        "application": "my-app", "version": "v1",
        "users": [{"user_type": "ip_address", "user_data": {"ip_address": "192.0.2.7"}}],
    });
    let authorization = format!("token {}", edgegap.token());
    let deploy = || {
        let body = order.to_string();
        edgegap.answer("POST", "/v2/deployments", Some(&authorization), body)
    };
    assert_eq!(deploy().await.unwrap().0, 202);
    edgegap.clock().advance(MINUTE);
    let ready = edgegap.snapshot().unwrap();
    let id = edgegap.deployments()[0]["request_id"].clone();
    let stop = format!("/v1/stop/{}", id.as_str().unwrap());
    let stopped = edgegap
        .answer("DELETE", &stop, Some(&authorization), "")
        .await;
    assert_eq!(stopped.unwrap().0, 200);
    assert_eq!(deploy().await.unwrap().0, 202);
    edgegap.clock().advance(MINUTE);
    assert_eq!(
        edgegap.deployments()[0]["current_status"],
        "Status.TERMINATED"
    );

    edgegap.restore(&ready);
    assert_eq!(edgegap.deployments().len(), 1);
    assert_eq!(edgegap.deployments()[0]["current_status"], "Status.READY");
    edgegap.clock().advance(MINUTE);
    assert_eq!(
        edgegap.deployments()[0]["current_status"],
        "Status.READY",
        "nobody stopped this one"
    );
}

#[tokio::test]
async fn every_stand_in_can_be_copied_seeded_and_looked_at() {
    async fn check<S: Controlled>(sandbox: Builder<S>, seed: Value, shows: &str) {
        let refused = Builder::<S>::new()
            .seed(json!({"nonsense": []}))
            .start()
            .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("nonsense"), "{}: {refused}", S::NAME);
        let server = sandbox.start().await.unwrap();
        let before = server.service().state();
        assert!(!before.to_string().contains(shows), "{}", S::NAME);
        let snapshot = server.snapshot().expect(S::NAME);
        server.service().seed(seed).unwrap();
        let seeded = server.service().state().to_string();
        assert!(seeded.contains(shows), "{}: {seeded}", S::NAME);
        server.restore(&snapshot);
        let restored = server.service().state().to_string();
        assert!(!restored.contains(shows), "{}: {restored}", S::NAME);
        let hints = server.service().hints();
        assert!(hints.as_object().is_some_and(|hints| !hints.is_empty()));
    }
    let named = |name: &str| json!([{"name": name}]);
    check(
        Sandbox::scalingo(),
        json!({"apps": named("web-shop")}),
        "web-shop",
    )
    .await;
    check(
        Sandbox::tideways(),
        json!({"applications": named("shop"), "members": ["a@example.com"]}),
        "shop",
    )
    .await;
    let tsuru = json!({"apps": named("shop"), "users": [{"email": "me@example.com", "password": "secret"}],
        "teams": [{"name": "crew", "members": ["me@example.com"]}], "tokens": {"t": "me@example.com"}});
    check(Sandbox::tsuru(), tsuru, "crew").await;
    let v1 = json!({"apps": named("shop"), "users": {"me@example.com": "secret"}, "things": {"pools": named("far-away")}});
    check(Sandbox::tsuru_v1(), v1, "far-away").await;
    let edgegap = json!({"applications": [{"name": "arena", "versions": [{"name": "v7", "docker_tag": "x"}]}], "fleets": [{"name": "metal", "hosts": ["h1"]}]});
    check(Sandbox::edgegap(), edgegap, "metal").await;
    check(
        Sandbox::devopness(),
        json!({"servers": [{"hostname": "late-comer"}]}),
        "late-comer",
    )
    .await;
}

#[tokio::test]
async fn seeded_credentials_open_the_service() {
    let devopness = Sandbox::devopness()
        .seed(json!({"personal-access-tokens": [{"token": "devopness_pat_mine"}]}));
    let devopness = start(devopness).await;
    let url = format!("{}/projects", devopness.base_url());
    let ask = |token: &'static str| {
        let request = reqwest::Client::new().get(&url).bearer_auth(token);
        let request = request.header("accept", "application/json");
        request.header("content-type", "application/json").send()
    };
    assert_eq!(ask("devopness_pat_mine").await.unwrap().status(), 200);
    assert_eq!(ask("devopness_pat_other").await.unwrap().status(), 401);

    let edgegap = start(Sandbox::edgegap().seed(json!({"tokens": ["mine"]}))).await;
    let apps = format!("{}/v1/apps", edgegap.base_url());
    assert_eq!(status(apps.clone(), "token mine").await, 200);
    assert_eq!(status(apps, "token other").await, 401);
}

#[tokio::test]
async fn seeds_are_refused_as_a_whole() {
    let devopness = start(Sandbox::devopness()).await;
    let before = devopness.service().state();
    let seed = json!({"servers": [{"hostname": "a"}, {"hostnam": "b"}]});
    let refused = devopness.service().seed(seed).unwrap_err();
    assert!(
        refused.contains("servers have no hostnam, only ") && refused.contains("hostname"),
        "{refused}"
    );
    assert_eq!(devopness.service().state(), before);
}
