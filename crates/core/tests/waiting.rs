//! Waiters, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{Answers, Fails, GET, Hangs, Server, adds};
use deploykit_core::{Call, ErrorKind, Outcome, Progress, RetryPolicy, State, Wait, WaitError};
use futures::StreamExt;
use serde_json::Value;
use tokio::time::Instant;

fn wait(server: &Server) -> Wait<Value> {
    wait_with(server, RetryPolicy::never())
}

fn wait_with(server: &Server, retry: RetryPolicy) -> Wait<Value> {
    let client = server.client();
    let look = move || {
        let call: Call<Value> = client.call(client.request(&GET).segment("id", &7));
        Box::pin(call.retry(retry).send()) as _
    };
    Wait::new("thing 7", look, |thing: &Value| {
        let why = thing["detail"].as_str().unwrap_or_default().to_owned();
        let state = match thing["status"].as_str() {
            Some("ready") => State::Done,
            Some("error") => State::Failed,
            _ => State::Running,
        };
        (state, why)
    })
}

const RUNNING: &str = r#"{"status":"running"}"#;
const READY: &str = r#"{"status":"ready"}"#;

#[tokio::test(start_paused = true)]
async fn a_failed_look_is_not_a_failed_thing_and_unknown_means_running() {
    let server = Server::new([
        Answers(200, r#"{"status":"never heard of"}"#),
        Answers(503, ""),
        Fails(Outcome::Interrupted),
        Answers(200, RUNNING),
        Answers(200, READY),
    ]);
    let steps: Vec<_> = wait(&server).collect().await;
    assert_eq!(steps.len(), 3);
    assert!(matches!(steps[2], Ok(Progress::Done(_))));
    assert_eq!(wait(&server).await.unwrap()["status"], "ready");
}

#[tokio::test(start_paused = true)]
async fn a_failed_thing_ends_the_wait_and_says_why() {
    let server = Server::new([
        Answers(200, RUNNING),
        Answers(200, r#"{"status":"error","detail":"image not found"}"#),
    ]);
    let error = wait(&server).await.unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Failed);
    assert_eq!(error.to_string(), "thing 7: image not found");
    assert_eq!(error.last.unwrap()["status"], "error");
}

#[tokio::test(start_paused = true)]
async fn an_error_that_stays_ends_the_wait() {
    let server = Server::new([Answers(200, RUNNING), Answers(404, "gone")]);
    let error: WaitError<Value> = wait(&server).await.unwrap_err();
    assert!(error.cause.is_not_found());
    assert_eq!(
        error.last.unwrap()["status"],
        "running",
        "what was seen last is kept"
    );
    let server = Server::new([Answers(500, "")]);
    assert!(
        wait(&server)
            .no_deadline()
            .await
            .unwrap_err()
            .cause
            .is_server_error()
    );
}

#[tokio::test(start_paused = true)]
async fn it_looks_one_last_time_before_the_deadline() {
    let server = Server::new([Answers(200, RUNNING)]);
    let start = Instant::now();
    let error = wait(&server)
        .deadline(Duration::from_secs(60))
        .await
        .unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Deadline);
    assert!(error.cause.is_timeout());
    assert_eq!(start.elapsed().as_secs(), 60);
    assert!(error.last.is_some());

    let looks = server.sent().len();
    assert!((7..=12).contains(&looks), "2 s growing to 10 s: {looks}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_cuts_a_look_that_hangs() {
    for retry in [RetryPolicy::never(), RetryPolicy::default()] {
        let server = Server::new([Answers(200, RUNNING), Hangs]);
        let start = Instant::now();
        let error = wait_with(&server, retry)
            .deadline(Duration::from_secs(3))
            .await
            .unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        assert_eq!(error.cause.kind(), ErrorKind::Deadline);
        assert_eq!(
            error.to_string(),
            "thing 7: not before the deadline, and the last look got no answer"
        );
        assert_eq!(error.last.unwrap()["status"], "running");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_against_a_server_that_refuses_for_ever() {
    let refusal = || adds("retry-after", "7", Answers(429, "later"));
    for retry in [RetryPolicy::never(), RetryPolicy::default()] {
        let server = Server::new([Answers(200, RUNNING), refusal()]);
        let start = Instant::now();
        let error = wait_with(&server, retry)
            .deadline(Duration::from_secs(30))
            .await
            .unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(30));
        assert_eq!(error.cause.kind(), ErrorKind::Deadline);
        assert_eq!(error.last.unwrap()["status"], "running");
    }

    let server = Server::new([Answers(200, RUNNING), refusal()]);
    let error = wait(&server).deadline(Duration::from_secs(30)).await;
    let error = error.unwrap_err();
    let of_look = std::error::Error::source(&error.cause).unwrap();
    let of_look: &deploykit_core::Error = of_look.downcast_ref().unwrap();
    assert_eq!(
        of_look.status(),
        Some(429),
        "why the last look failed is told"
    );
    assert_eq!(
        error.to_string(),
        "thing 7: not before the deadline: getThing: 429 Too Many Requests: later"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_last_look_sees_is_given() {
    let server = Server::new([Answers(200, RUNNING)]);
    let steps: Vec<_> = wait(&server)
        .deadline(Duration::from_secs(1))
        .collect()
        .await;
    assert_eq!((steps.len(), server.sent().len()), (3, 2));
    assert!(steps[2].is_err());
}

#[tokio::test(start_paused = true)]
async fn the_server_sets_the_pace() {
    let server = Server::new([
        adds("retry-after", "25", Answers(200, RUNNING)),
        Answers(200, READY),
    ]);
    let start = Instant::now();
    wait(&server).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 25);
}

#[tokio::test(start_paused = true)]
async fn dropping_it_stops_it() {
    let server = Server::new([Answers(200, RUNNING)]);
    let mut waiting = wait(&server);
    waiting.next().await;
    drop(waiting);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_longest_interval_is_no_overflow() {
    let server = Server::new([Answers(200, RUNNING), Answers(200, READY)]);
    let wait = wait(&server).every(Duration::MAX, Duration::MAX);
    let thing = wait.deadline(Duration::from_secs(60)).await.unwrap();
    assert_eq!(thing["status"], "ready", "the last look is at the deadline");
}
