//! Scalingo.

use deploykit::ErrorKind;
use deploykit::deploy::{Clients, Rollout, Scalingo, Status};
use deploykit::scalingo::{Archive, Client};
use deploykit_sandbox::scalingo::{Outcome, Scalingo as Service};
use deploykit_sandbox::{Running, Sandbox};

use crate::{all, quick, saved, sent, triggered};

const APP: &str = "example-app";
const SOURCE: &str = "https://user:canary@example.com/app.tar.gz";

async fn start() -> (Running<Service>, Clients) {
    let sandbox = Sandbox::scalingo().speed(30.0).without_quota().history(3);
    let sandbox = sandbox.start().await.unwrap();
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .without_quotas()
        .build()
        .unwrap();
    (sandbox, Clients::new().with_scalingo(client))
}

fn target() -> Scalingo {
    Scalingo::new(APP, SOURCE).git_ref("v7")
}

#[tokio::test]
async fn a_deployment_is_told_from_the_queue_to_its_address() {
    let (sandbox, clients) = start().await;
    let rollout = Rollout::new(target()).clients(&clients);
    assert!(!format!("{rollout:?}").contains("canary"));
    let told = all(rollout).await.unwrap();
    assert!(told.outcome().succeeded());
    assert_eq!(told.outcome().word, "success");
    // Steps that pass unseen are left out; what is told is in order.
    let order = [
        Status::Queued,
        Status::Building,
        Status::Releasing,
        Status::Done,
    ];
    let place = |status: &Status| order.iter().position(|one| one == status).unwrap();
    assert!(
        told.statuses.iter().map(place).is_sorted(),
        "{:?}",
        told.statuses
    );
    assert_eq!(told.statuses.last(), Some(&Status::Done));
    assert!(told.has_line("Your application is up and running"));
    assert_eq!(told.addresses, told.outcome().addresses);
    assert_eq!(told.addresses.len(), 1);

    // A handle before the trigger, and one after; no secret in them.
    assert_eq!(told.handles.len(), 2);
    assert_eq!(told.handles[0].id(), None);
    let deployments = sandbox.deployments(APP);
    assert_eq!(told.handles[1].id(), deployments[3]["id"].as_str());
    assert!(
        !serde_json::to_string(&told.handles)
            .unwrap()
            .contains("canary")
    );
    assert_eq!(deployments.len(), 4);
}

#[tokio::test]
async fn a_failure_is_an_outcome_with_a_reason() {
    let (sandbox, clients) = start().await;
    sandbox.next_outcome(Outcome::BuildError);
    let told = all(Rollout::new(target()).clients(&clients)).await.unwrap();
    let outcome = told.outcome();
    assert_eq!(
        (outcome.status, outcome.word.as_str()),
        (Status::Failed, "build-error")
    );
    assert!(
        outcome
            .reason
            .as_deref()
            .unwrap()
            .contains("the build failed")
    );
    assert!(told.has_line("Build has failed"));
}

#[tokio::test]
async fn an_archive_is_uploaded() {
    let (sandbox, clients) = start().await;
    let target = Scalingo::archive(APP, Archive::bytes(vec![0x1f, 0x8b, 1]));
    let told = all(Rollout::new(target).clients(&clients)).await.unwrap();
    assert!(told.outcome().succeeded());
    assert_eq!(sandbox.uploads().len(), 1);
}

#[tokio::test]
async fn it_cannot_be_cancelled_and_says_so() {
    let (_sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    let early = rollout.cancel().await.unwrap_err();
    assert!(early.to_string().contains("nothing yet"), "{early}");
    triggered(&mut rollout).await;
    let error = rollout.cancel().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains("Scalingo has no call for it"),
        "{error}"
    );
    assert!(rollout.await.unwrap().succeeded());
}

#[tokio::test]
async fn a_dropped_rollout_is_resumed_without_deploying_twice() {
    let (sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    let handle = saved(&triggered(&mut rollout).await);
    drop(rollout);
    let told = all(Rollout::resume(handle).clients(&clients))
        .await
        .unwrap();
    assert!(told.outcome().succeeded());
    assert!(
        told.has_line("Cloning source code"),
        "the log comes from its beginning"
    );
    assert_eq!(sent(&sandbox, "POST", "/deployments"), 1);
    assert_eq!(sandbox.deployments(APP).len(), 4);
}

#[tokio::test]
async fn it_goes_back_to_the_archive_that_is_named() {
    let (sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    assert!(rollout.roll_back().is_err(), "nothing was triggered");
    triggered(&mut rollout).await;
    let error = rollout.roll_back().unwrap_err();
    assert!(error.to_string().contains("`roll_back_to`"), "{error}");

    let target = target().roll_back_to("https://example.com/v6.tar.gz");
    let mut rollout = quick(Rollout::new(target.clone()).clients(&clients));
    let handle = triggered(&mut rollout).await;
    assert!(rollout.await.unwrap().succeeded());
    let resumed = Rollout::resume(handle).clients(&clients);
    assert!(resumed.roll_back().is_err(), "a handle does not know it");
    let resumed = resumed.with_target(target);
    let back = resumed.roll_back().unwrap();
    assert!(resumed.await.unwrap().succeeded());
    assert_eq!(
        sent(&sandbox, "POST", "/deployments"),
        2,
        "going on triggers nothing"
    );
    assert!(back.await.unwrap().succeeded());
    let bodies = sandbox.requests();
    let last = bodies.iter().rfind(|sent| sent.method == "POST").unwrap();
    assert!(String::from_utf8_lossy(&last.body).contains("v6.tar.gz"));
}
