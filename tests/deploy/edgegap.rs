//! Edgegap.

use std::time::Duration;

use deploykit::deploy::{Clients, Edgegap, Event, Rollout, Status};
use deploykit::edgegap::Client;
use deploykit_sandbox::edgegap::{Edgegap as Service, Outcome};
use deploykit_sandbox::{Running, Sandbox};
use futures::StreamExt as _;

use crate::{all, quick, saved, triggered};

async fn start() -> (Running<Service>, Clients) {
    let sandbox = Sandbox::edgegap().start_time(Duration::from_secs(10));
    let sandbox = sandbox.speed(50.0).without_quotas().start().await.unwrap();
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .without_quotas()
        .build()
        .unwrap();
    (sandbox, Clients::new().with_edgegap(client))
}

fn target() -> Edgegap {
    Edgegap::new("my-game", "v2").near_ip("198.51.100.7")
}

#[tokio::test]
async fn a_server_is_told_phase_by_phase_to_its_address() {
    let (sandbox, clients) = start().await;
    let told = all(Rollout::new(target()).clients(&clients)).await.unwrap();
    assert!(told.outcome().succeeded());
    assert_eq!(told.statuses.last(), Some(&Status::Done));
    assert_eq!(told.progress.last(), Some(&(5, 5)));
    assert!(told.progress.is_sorted());
    assert_eq!(told.lines, ["Server is listening"]);
    let id = told.handles[1].id().unwrap();
    assert!(told.addresses[0].starts_with(&format!("{id}.pr.edgegap.net:")));
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn a_failure_is_an_outcome_with_a_reason() {
    for (outcome, detail) in [
        (
            Outcome::Error("image not found".to_owned()),
            "image not found",
        ),
        // The order is refused, but there is a deployment: it tells why.
        (Outcome::NotPlaced, "No location found"),
    ] {
        let (sandbox, clients) = start().await;
        sandbox.next_outcome(outcome);
        let told = all(Rollout::new(target()).clients(&clients)).await.unwrap();
        let outcome = told.outcome();
        assert_eq!(
            (outcome.status, outcome.word.as_str()),
            (Status::Failed, "ERROR")
        );
        assert!(
            outcome.reason.as_deref().unwrap().contains(detail),
            "{outcome}"
        );
        assert_eq!(sandbox.created(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_stopped_was_cancelled() {
    let (sandbox, clients) = start().await;
    sandbox.next_outcome(Outcome::Stuck);
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    triggered(&mut rollout).await;
    rollout.cancel().await.unwrap();
    let outcome = rollout.await.unwrap();
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(["TERMINATING", "TERMINATED"].contains(&outcome.word.as_str()));
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
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn a_handle_from_before_the_answer_finds_the_server_by_its_tag() {
    let (sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    let Some(Ok(Event::Handle(before))) = rollout.next().await else {
        panic!("the handle comes first");
    };
    assert_eq!(
        (before.id(), sandbox.created()),
        (None, 0),
        "nothing is sent yet"
    );
    let handle = triggered(&mut rollout).await;
    drop(rollout);
    let told = all(Rollout::resume(saved(&before)).clients(&clients))
        .await
        .unwrap();
    assert_eq!(told.handles[0].id(), handle.id());
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn going_back_stops_the_server() {
    let (sandbox, clients) = start().await;
    let mut rollout = quick(Rollout::new(target()).clients(&clients));
    let handle = triggered(&mut rollout).await;
    assert!(rollout.await.unwrap().succeeded());
    let mut back = Rollout::resume(handle)
        .clients(&clients)
        .roll_back()
        .unwrap();
    // It may end between the handle and the stop: resumed, it stops all the same.
    let Some(Ok(Event::Handle(handle))) = back.next().await else {
        panic!("the handle comes first");
    };
    assert_eq!(sandbox.deployments()[0]["current_status"], "Status.READY");
    drop(back);
    let back = Rollout::resume(saved(&handle)).clients(&clients);
    let told = all(back).await.unwrap();
    assert!(told.outcome().succeeded());
    assert_eq!(told.outcome().word, "TERMINATED");
    assert_eq!(
        sandbox.deployments()[0]["current_status"],
        "Status.TERMINATED"
    );
    let stopped = Rollout::resume(told.handles[0].clone()).roll_back();
    assert!(stopped.is_err(), "a stop has no way back");
}
