//! Devopness.

use std::time::Duration;

use deploykit::deploy::{Clients, Devopness, Rollout, Status};
use deploykit::devopness::Client;
use deploykit::devopness::applications::{DeploymentType, NewDeployment};
use deploykit::devopness::pipelines::PipelineRun;
use deploykit_sandbox::devopness::{Devopness as Service, Outcome};
use deploykit_sandbox::{Running, Sandbox};

use crate::{all, quick, saved, sent, triggered};

async fn start() -> (Running<Service>, Clients) {
    let sandbox = Sandbox::devopness().duration(Duration::from_secs(12));
    let sandbox = sandbox.speed(50.0).start().await.unwrap();
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    (sandbox, Clients::new().with_devopness(client))
}

fn application() -> Devopness {
    Devopness::application(1u64, NewDeployment::new(DeploymentType::Deploy))
}

fn pipeline() -> Devopness {
    Devopness::pipeline(1u64, PipelineRun::new().trigger_comment("release 7"))
}

#[tokio::test]
async fn applications_and_pipelines_are_told_step_by_step() {
    for target in [application(), pipeline()] {
        let (sandbox, clients) = start().await;
        let told = all(Rollout::new(target).clients(&clients)).await.unwrap();
        assert!(told.outcome().succeeded());
        assert_eq!(told.statuses.last(), Some(&Status::Done));
        assert_eq!(told.words.last().unwrap(), "completed");
        assert!(told.progress.is_sorted(), "{:?}", told.progress);
        let (done, all) = told.progress.last().unwrap();
        assert_eq!((done, all), (&12, &12), "six steps on two servers");
        // Each step's log once, on each server.
        let activated = told
            .lines
            .iter()
            .filter(|line| line.contains("==> Activate new release"));
        assert_eq!(activated.count(), 2);
        let id = told.handles.last().unwrap().id().unwrap();
        assert_eq!(
            told.addresses,
            [format!("https://devopness.com/actions/{id}")]
        );
        assert_eq!(sandbox.actions().len(), 1);
    }
}

#[tokio::test]
async fn a_failure_names_the_step_and_has_its_log() {
    let (sandbox, clients) = start().await;
    sandbox.next_outcome(Outcome::FailedAt(3));
    let told = all(Rollout::new(application()).clients(&clients))
        .await
        .unwrap();
    let outcome = told.outcome();
    assert_eq!(
        (outcome.status, outcome.word.as_str()),
        (Status::Failed, "failed")
    );
    assert!(
        outcome
            .reason
            .as_deref()
            .unwrap()
            .contains("`Build application` failed"),
        "{outcome}"
    );
    assert!(told.has_line("exit status 1"));
}

#[tokio::test]
async fn it_cannot_be_cancelled_and_says_so() {
    let (_sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(application()).clients(&clients));
    triggered(&mut rollout).await;
    let error = rollout.cancel().await.unwrap_err();
    assert!(
        error.to_string().contains("Devopness has no call for it"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dropped_rollout_is_resumed_without_deploying_twice() {
    for (target, end) in [(application(), "/deployments"), (pipeline(), "/actions")] {
        let (sandbox, clients) = start().await;
        let mut rollout = quick(Rollout::new(target).clients(&clients));
        let handle = saved(&triggered(&mut rollout).await);
        drop(rollout);
        let told = all(Rollout::resume(handle).clients(&clients))
            .await
            .unwrap();
        assert!(told.outcome().succeeded());
        assert!(told.has_line("==> Get new release"));
        assert_eq!(sent(&sandbox, "POST", end), 1);
        assert_eq!(sandbox.actions().len(), 1);
    }
}

#[tokio::test]
async fn applications_go_back_and_pipelines_do_not() {
    let (sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(pipeline()).clients(&clients));
    triggered(&mut rollout).await;
    let error = rollout.roll_back().unwrap_err();
    assert!(error.to_string().contains("not pipelines"), "{error}");

    let mut rollout = quick(Rollout::new(application()).clients(&clients));
    let handle = triggered(&mut rollout).await;
    assert!(rollout.await.unwrap().succeeded());
    // The handle is enough.
    let back = Rollout::resume(handle)
        .clients(&clients)
        .roll_back()
        .unwrap();
    assert!(quick(back).await.unwrap().succeeded());
    let actions = sandbox.actions();
    let kind = &actions.last().unwrap()["action_data"]["deployment"]["type"];
    assert_eq!(kind, "rollback");
}
