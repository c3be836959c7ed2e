//! Today's tsuru.

use std::time::Duration;

use deploykit::deploy::{Clients, Rollout, Status, Tsuru};
use deploykit::tsuru::v1::{Client, NewDeploy};
use deploykit_sandbox::tsuru::v1::TsuruV1;
use deploykit_sandbox::{Running, Sandbox};

use crate::{Told, all, quick, saved, sent, triggered};

async fn start(takes: u64) -> (Running<TsuruV1>, Clients) {
    let sandbox = Sandbox::tsuru_v1().app("shop").speed(100.0);
    let sandbox = sandbox.deploy_takes(Duration::from_secs(takes));
    let sandbox = sandbox.start().await.unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .token(sandbox.token());
    let clients = Clients::new().with_tsuru(client.build().unwrap());
    (sandbox, clients)
}

fn image(version: u32) -> Tsuru {
    Tsuru::new("shop", NewDeploy::image(format!("shop:{version}")))
}

async fn deploy(clients: &Clients, version: u32) -> Told {
    all(Rollout::new(image(version)).clients(clients))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_deploy_is_told_line_by_line() {
    let (sandbox, clients) = start(10).await;
    let told = deploy(&clients, 1).await;
    assert!(told.outcome().succeeded());
    assert_eq!(told.statuses, [Status::Running, Status::Done]);
    assert!(told.has_line("---- Building image ----"));
    assert!(!told.addresses.is_empty());
    assert_eq!(sandbox.deploys("shop"), Some(1));
    assert_eq!(told.handles.len(), 2);
}

#[tokio::test]
async fn a_failure_is_an_outcome_with_a_reason() {
    let (sandbox, clients) = start(10).await;
    sandbox.fail_next();
    let told = deploy(&clients, 1).await;
    assert_eq!(told.outcome().status, Status::Failed);
    assert_eq!(
        told.outcome().reason.as_deref(),
        Some("deploy failed: exit status 1")
    );
    assert_eq!(sandbox.deploys("shop"), Some(0));
}

#[tokio::test]
async fn a_cancelled_deploy_is_no_failure() {
    let (sandbox, clients) = start(60).await;
    let mut rollout = quick(Rollout::new(image(1)).clients(&clients));
    triggered(&mut rollout).await;
    rollout.cancel().await.unwrap();
    let outcome = rollout.await.unwrap();
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(outcome.reason.unwrap().contains("canceled by user request"));
    assert_eq!(sandbox.deploys("shop"), Some(0));
}

#[tokio::test]
async fn a_dropped_rollout_is_resumed_without_deploying_twice() {
    for fails in [false, true] {
        let (sandbox, clients) = start(10).await;
        if fails {
            sandbox.fail_next();
        }
        let mut rollout = quick(Rollout::new(image(1)).clients(&clients));
        let handle = saved(&triggered(&mut rollout).await);
        drop(rollout);
        let told = all(Rollout::resume(handle).clients(&clients))
            .await
            .unwrap();
        assert_eq!(told.outcome().succeeded(), !fails);
        let reason = told.outcome().reason.as_deref();
        assert_eq!(reason, fails.then_some("deploy failed: exit status 1"));
        assert!(
            told.has_line("---- Building image ----"),
            "the event has the log"
        );
        assert_eq!(sent(&sandbox, "POST", "/deploy"), 1);
        assert_eq!(sandbox.deploys("shop"), Some(u64::from(!fails)));
    }
}

#[tokio::test]
async fn it_goes_back_to_the_version_before() {
    let (sandbox, clients) = start(10).await;
    let mut first = quick(Rollout::new(image(1)).clients(&clients));
    triggered(&mut first).await;
    let error = first.roll_back().unwrap_err();
    assert!(error.to_string().contains("no version before"), "{error}");
    assert!(first.await.unwrap().succeeded());

    let mut second = quick(Rollout::new(image(2)).clients(&clients));
    let handle = triggered(&mut second).await;
    assert!(second.await.unwrap().succeeded());
    let back = Rollout::resume(handle)
        .clients(&clients)
        .roll_back()
        .unwrap();
    let told = all(back).await.unwrap();
    assert!(told.outcome().succeeded());
    assert!(told.handles.last().unwrap().id().is_some());
    let requests = sandbox.requests();
    let back = requests
        .iter()
        .find(|sent| sent.path.ends_with("/rollback"))
        .unwrap();
    assert!(String::from_utf8_lossy(&back.body).contains("shop:1"));
    assert_eq!(sandbox.deploys("shop"), Some(3));
}

#[tokio::test]
async fn an_app_that_is_held_is_an_error_at_once() {
    let (sandbox, clients) = start(60).await;
    let mut first = quick(Rollout::new(image(1)).clients(&clients));
    triggered(&mut first).await;
    let looks = sent(&sandbox, "GET", "/events");
    let error = quick(Rollout::new(image(2)).clients(&clients))
        .await
        .unwrap_err();
    assert!(deploykit::tsuru::v1::is_locked(&error), "{error}");
    // The deploy that holds the app is not taken for the one that was refused.
    assert_eq!(sent(&sandbox, "GET", "/events"), looks + 1);
}
