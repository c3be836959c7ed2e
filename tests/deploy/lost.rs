//! Triggers whose answer is lost: found where that can be told, and never sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deploykit::core::memory::{Memory, reply};
use deploykit::core::{Outcome as Sent, TransportError};
use deploykit::deploy::{Clients, Devopness, Edgegap, Event, Rollout, Scalingo, Target, Tsuru};
use deploykit::devopness::applications::{DeploymentType, NewDeployment};
use deploykit::devopness::pipelines::PipelineRun;
use deploykit::scalingo::Archive;
use deploykit::tsuru::v1::NewDeploy;
use deploykit::{ErrorKind, RetryPolicy, devopness, edgegap, scalingo, tsuru};
use deploykit_sandbox::scalingo::Scalingo as StandIn;
use deploykit_sandbox::{Running, Sandbox, Service};
use futures::StreamExt as _;

use crate::{all, quick, saved, sent, triggered};

/// Loses the answer to the trigger, and sees that the deployment is followed all the same; and once more from what was
/// saved before the trigger.
async fn is_found<S: Service>(
    sandbox: &Running<S>,
    clients: &Clients,
    target: impl Into<Target>,
    path: &str,
) {
    let lost = sandbox.faults().on("POST", path).reset_after();
    let told = all(Rollout::new(target).clients(clients)).await.unwrap();
    assert_eq!(lost.hits(), 1);
    assert!(told.outcome().succeeded());
    let resumed = Rollout::resume(saved(&told.handles[0])).clients(clients);
    let again = all(resumed).await.unwrap();
    assert!(again.outcome().succeeded());
    assert_eq!(
        (told.handles[0].id(), again.handles[0].id()),
        (None, told.handles[1].id())
    );
    let end = path.rsplit('/').next().unwrap();
    assert_eq!(sent(sandbox, "POST", end), 1, "sent once");
}

#[tokio::test]
async fn a_lost_answer_of_scalingo() {
    let sandbox = Sandbox::scalingo().speed(30.0).without_quota().history(30);
    let sandbox = sandbox.start().await.unwrap();
    let client = scalingo::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .without_quotas();
    let clients = Clients::new().with_scalingo(client.build().unwrap());
    // A label that others had before is no obstacle.
    let target = Scalingo::new("example-app", "https://example.com/a.tar.gz").git_ref("v0.0.30");
    is_found(&sandbox, &clients, target, "/v1/apps/*/deployments").await;
    assert_eq!(sandbox.deployments("example-app").len(), 31);
}

/// An application of Scalingo that takes several deployments at once.
async fn where_others_deploy() -> (Running<StandIn>, Clients) {
    let sandbox = Sandbox::scalingo().speed(30.0).without_quota();
    let sandbox = sandbox.parallel_deployments().start().await.unwrap();
    let client = scalingo::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .without_quotas();
    let clients = Clients::new().with_scalingo(client.build().unwrap());
    (sandbox, clients)
}

#[tokio::test]
async fn without_a_label_one_of_its_own_tells_it_from_others() {
    let (sandbox, clients) = where_others_deploy().await;
    let target = Scalingo::new("example-app", "https://example.com/a.tar.gz");
    let mut rollout = quick(Rollout::new(target).clients(&clients));
    rollout.next().await.unwrap().unwrap();
    sandbox.trigger("example-app", "v7").unwrap();
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/deployments")
        .reset_after();
    let handle = triggered(&mut rollout).await;
    assert!(rollout.await.unwrap().succeeded());
    let deployments = sandbox.deployments("example-app");
    assert_eq!(deployments.len(), 2);
    assert_eq!(handle.id(), deployments[1]["id"].as_str());
    let label = deployments[1]["git_ref"].as_str().unwrap();
    assert!(
        label.starts_with("rollout-") && label.len() == 20,
        "{label}"
    );
}

#[tokio::test]
async fn an_upload_that_breaks_off_has_triggered_nothing() {
    let sandbox = Sandbox::scalingo()
        .speed(30.0)
        .without_quota()
        .start()
        .await
        .unwrap();
    let client = scalingo::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::never())
        .without_quotas();
    let clients = Clients::new().with_scalingo(client.build().unwrap());
    let uploads = sandbox.faults().on("PUT", "/**").always().reset_after();
    let target = Scalingo::archive("example-app", Archive::bytes(vec![0x1f, 0x8b, 1]));
    let lists = || sent(&sandbox, "GET", "/deployments");
    let error = quick(Rollout::new(target).clients(&clients))
        .await
        .unwrap_err();
    assert!(uploads.hits() > 0, "{error}");
    assert_eq!(
        (lists(), sent(&sandbox, "POST", "/deployments")),
        (1, 0),
        "none is looked for"
    );
}

#[tokio::test]
async fn lost_answers_of_devopness() {
    let sandbox = Sandbox::devopness().speed(50.0).start().await.unwrap();
    let client = devopness::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url());
    let clients = Clients::new().with_devopness(client.build().unwrap());
    let deployment = NewDeployment::new(DeploymentType::Deploy);
    let application = Devopness::application(1u64, deployment);
    is_found(
        &sandbox,
        &clients,
        application,
        "/applications/*/deployments",
    )
    .await;
    let pipeline = Devopness::pipeline(1u64, PipelineRun::new().trigger_comment("release 7"));
    is_found(&sandbox, &clients, pipeline, "/pipelines/*/actions").await;
    assert_eq!(sandbox.actions().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_of_tsuru() {
    let sandbox = Sandbox::tsuru_v1()
        .app("shop")
        .speed(100.0)
        .start()
        .await
        .unwrap();
    let client = tsuru::v1::Client::builder()
        .base_url(sandbox.base_url())
        .token(sandbox.token());
    let clients = Clients::new().with_tsuru(client.build().unwrap());
    for version in 1..=2 {
        let target = Tsuru::new("shop", NewDeploy::image(format!("shop:{version}")));
        sandbox.clear_requests();
        is_found(&sandbox, &clients, target, "/1.0/apps/*/deploy").await;
        assert_eq!(sandbox.deploys("shop"), Some(version));
    }
}

#[tokio::test]
async fn a_lost_answer_of_edgegap() {
    let sandbox = Sandbox::edgegap().speed(100.0).start().await.unwrap();
    let client = edgegap::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url());
    let clients = Clients::new().with_edgegap(client.build().unwrap());
    let target = Edgegap::new("my-game", "v2").near_ip("198.51.100.7");
    is_found(&sandbox, &clients, target, "/v2/deployments").await;
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn wherever_it_is_dropped_it_goes_on() {
    let sandbox = Sandbox::tsuru_v1()
        .app("shop")
        .speed(100.0)
        .start()
        .await
        .unwrap();
    let client = tsuru::v1::Client::new(sandbox.base_url(), sandbox.token());
    let clients = Clients::new().with_tsuru(client.unwrap());
    // Two handles, a status, lines: all of it.
    for events in 2..10 {
        let target = Tsuru::new("shop", NewDeploy::image(format!("shop:{events}")));
        let mut rollout = quick(Rollout::new(target).clients(&clients));
        for _ in 0..events {
            rollout.next().await.unwrap().unwrap();
        }
        let handle = saved(rollout.handle().unwrap());
        drop(rollout);
        let told = all(Rollout::resume(handle).clients(&clients))
            .await
            .unwrap();
        assert!(told.outcome().succeeded(), "dropped after {events}");
    }
    assert_eq!(sent(&sandbox, "POST", "/deploy"), 8);
    assert_eq!(sandbox.deploys("shop"), Some(8));
}

/// Edgegap, where every order breaks off, and every list has `found` servers.
fn breaking(found: &'static str) -> (edgegap::Client, Arc<AtomicUsize>) {
    let orders = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&orders);
    let service = Memory::new(move |request| {
        let is_order = request.method == "POST";
        counted.fetch_add(usize::from(is_order), Ordering::Relaxed);
        async move {
            match is_order {
                true => Err(TransportError::new(Sent::Interrupted, "broken")),
                false => Ok(reply(200, found)),
            }
        }
    });
    let client = edgegap::Client::builder()
        .token("lost")
        .transport(service)
        .own_limits();
    (client.build().unwrap(), orders)
}

#[tokio::test(start_paused = true)]
async fn what_is_not_found_is_not_sent_again() {
    let (client, orders) = breaking(r#"{"data":[]}"#);
    let clients = Clients::new().with_edgegap(client);
    let target = Edgegap::new("my-game", "v2").near_ip("198.51.100.7");
    let mut rollout = Rollout::new(target).clients(&clients);
    let mut handles = 0;
    let error = loop {
        match rollout.next().await {
            Some(Ok(Event::Handle(_))) => handles += 1,
            Some(Err(error)) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(error.operation(), Some("deploy"), "{error}");
    assert!(error.may_have_been_sent());
    assert_eq!((handles, orders.load(Ordering::Relaxed)), (1, 1));

    // The handle that was told does not send either: it says that nothing is there.
    let handle = rollout.handle().unwrap().clone();
    let error = Rollout::resume(handle).clients(&clients).await.unwrap_err();
    assert!(
        error.to_string().contains("no deployment was found"),
        "{error}"
    );
    assert_eq!(orders.load(Ordering::Relaxed), 1);
    assert!(rollout.next().await.is_none(), "nothing follows the end");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_has_a_deadline_and_the_deployment_goes_on() {
    let service = Memory::new(|request| async move {
        Ok(match request.method == "POST" {
            true => reply(200, r#"{"request_id":"a1"}"#),
            false => reply(
                200,
                r#"{"request_id":"a1","current_status":"Status.SEEKING"}"#,
            ),
        })
    });
    let client = edgegap::Client::builder()
        .token("late")
        .transport(service)
        .own_limits();
    let clients = Clients::new().with_edgegap(client.build().unwrap());
    let target = Edgegap::new("my-game", "v2").near_ip("198.51.100.7");
    let begin = tokio::time::Instant::now();
    let rollout = Rollout::new(target).clients(&clients);
    let error = rollout
        .total_timeout(Duration::from_secs(90))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(begin.elapsed(), Duration::from_secs(90));
    assert!(error.to_string().contains("edgegap my-game/v2"), "{error}");
}

#[tokio::test]
async fn several_that_may_be_the_one_are_not_taken() {
    let (sandbox, clients) = where_others_deploy().await;
    let target = Scalingo::new("example-app", "https://example.com/a.tar.gz").git_ref("v7");
    let mut rollout = quick(Rollout::new(target).clients(&clients));
    let first = rollout.next().await.unwrap().unwrap();
    assert!(matches!(first, Event::Handle(_)));
    // Somebody else deploys the same label in between.
    sandbox.trigger("example-app", "v7").unwrap();
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/deployments")
        .reset_after();
    let error = rollout.await.unwrap_err();
    assert!(
        error.to_string().contains("2 deployments may be the one"),
        "{error}"
    );
    assert!(error.may_have_been_sent());
}
