//! The deployment stream of the Scalingo stand-in.

use std::time::Duration;

use deploykit_sandbox::scalingo::{NewFrame, Outcome, Replay, Scalingo};
use deploykit_sandbox::{Builder, Running, Sandbox};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::PATIENCE;

const APP: &str = "example-app";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn start(builder: Builder<Scalingo>) -> Running<Scalingo> {
    builder.start().await.unwrap()
}

/// Opens the stream and sends the frame that authenticates; the server may not have read it yet.
async fn open(server: &Running<Scalingo>, token: &str) -> Socket {
    let url = server.stream_url(APP).unwrap();
    let (mut socket, _) = connect_async(url).await.unwrap();
    let auth = json!({"type": "auth", "data": {"token": token}}).to_string();
    socket.send(Message::text(auth)).await.unwrap();
    socket
}

/// Frames until one satisfies `last`, that one included.
async fn until(socket: &mut Socket, last: impl Fn(&Value) -> bool) -> Vec<Value> {
    let reading = async {
        let mut frames = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                frames.push(serde_json::from_str(&text).unwrap_or_else(|_| json!(text.as_str())));
                if frames.last().is_some_and(&last) {
                    break;
                }
            }
        }
        frames
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("frames come in time")
}

fn is_status(frame: &Value, status: &str) -> bool {
    frame["type"] == "status" && frame["data"]["status"] == status
}

fn statuses(frames: &[Value]) -> Vec<&str> {
    let of = |frame: &'_ Value| frame["type"] == "status";
    frames
        .iter()
        .filter(|frame| of(frame))
        .filter_map(|frame| frame["data"]["status"].as_str())
        .collect()
}

fn log(frames: &[Value]) -> Vec<&str> {
    let of = |frame: &'_ Value| frame["type"] == "log";
    frames
        .iter()
        .filter(|frame| of(frame))
        .filter_map(|frame| frame["data"]["content"].as_str())
        .collect()
}

#[tokio::test]
async fn each_outcome_walks_through_its_statuses() {
    let walks: [(Outcome, &[&str]); 8] = [
        (
            Outcome::Success,
            &["queued", "building", "pushing", "starting", "success"],
        ),
        (
            Outcome::CrashedError,
            &["queued", "building", "pushing", "starting", "crashed-error"],
        ),
        (
            Outcome::TimeoutError,
            &["queued", "building", "pushing", "starting", "timeout-error"],
        ),
        (
            Outcome::HookError,
            &["queued", "building", "pushing", "starting", "hook-error"],
        ),
        (
            Outcome::AbortedPushing,
            &["queued", "building", "pushing", "aborted"],
        ),
        (Outcome::AbortedBuilding, &["queued", "building", "aborted"]),
        (Outcome::BuildError, &["queued", "building", "build-error"]),
        (
            Outcome::Other("held".to_owned()),
            &["queued", "building", "pushing", "starting", "held"],
        ),
    ];
    for (outcome, walk) in walks {
        let end = outcome.status().to_owned();
        let server = start(Sandbox::scalingo().speed(100.0).outcome(outcome)).await;
        let mut socket = open(&server, &server.bearer()).await;
        let id = server.trigger(APP, "v1").unwrap();
        let frames = until(&mut socket, |frame| is_status(frame, &end)).await;
        assert_eq!(statuses(&frames), walk);
        assert!(!log(&frames).is_empty());
        let of_it = |frame: &Value| {
            frame["id"] == id.as_str() || frame["data"]["deployment"] == id.as_str()
        };
        assert!(frames.iter().all(of_it));
        let output = server.output(APP, &id).unwrap();
        let lines: Vec<&str> = log(&frames).iter().map(|line| line.trim_end()).collect();
        assert_eq!(lines, output.lines().map(str::trim_end).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_new_deployment_is_announced_in_either_shape() {
    for shape in [NewFrame::Id, NewFrame::Object] {
        let server = start(
            Sandbox::scalingo()
                .ping_every(Duration::from_millis(1))
                .new_frames(shape),
        )
        .await;
        let mut socket = open(&server, &server.bearer()).await;
        until(&mut socket, |frame| frame["type"] == "ping").await;
        let id = server.trigger(APP, "v1").unwrap();
        let frames = until(&mut socket, |frame| frame["type"] == "new").await;
        let deployment = &frames.last().unwrap()["data"]["deployment"];
        match shape {
            NewFrame::Id => assert_eq!(deployment, &json!(id)),
            NewFrame::Object => {
                assert_eq!(
                    (&deployment["id"], &deployment["git_ref"]),
                    (&json!(id), &json!("v1"))
                );
                assert!(deployment["pusher"]["username"].is_string());
            }
        }
    }
    let server = start(
        Sandbox::scalingo()
            .ping_every(Duration::from_millis(1))
            .without_new_frames(),
    )
    .await;
    let mut socket = open(&server, &server.bearer()).await;
    until(&mut socket, |frame| frame["type"] == "ping").await;
    server.trigger(APP, "v1").unwrap();
    let frames = until(&mut socket, |frame| is_status(frame, "queued")).await;
    assert!(frames.iter().all(|frame| frame["type"] != "new"));
}

#[tokio::test]
async fn a_wrong_token_ends_the_stream_without_a_frame() {
    let server = start(Sandbox::scalingo().duration(Duration::ZERO)).await;
    server.trigger(APP, "v1").unwrap();
    for token in ["wrong", &server.token()] {
        let socket = open(&server, token).await;
        let messages: Vec<Message> = socket
            .filter_map(|message| async { message.ok() })
            .collect()
            .await;
        assert!(messages.iter().all(Message::is_close), "{messages:?}");
    }
    let url = server.stream_url(APP).unwrap();
    let (mut socket, _) = connect_async(url).await.unwrap();
    socket.send(Message::text("not JSON")).await.unwrap();
    assert!(until(&mut socket, |_| true).await.is_empty());
    assert!(
        connect_async(format!("ws://{}/apps/none", server.address()))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_has_happened_is_told_to_latecomers() {
    let finished = async |replay| {
        let server = start(
            Sandbox::scalingo()
                .duration(Duration::ZERO)
                .history(3)
                .replay(replay)
                .ping_every(Duration::from_millis(20)),
        )
        .await;
        let id = server.trigger(APP, "v1").unwrap();
        let mut socket = open(&server, &server.bearer()).await;
        let frames = until(&mut socket, |frame| frame["type"] == "ping").await;
        let lines = server.output(APP, &id).unwrap().lines().count();
        assert!(frames.iter().all(|frame| frame["type"] != "new"));
        (
            log(&frames).len() == lines,
            statuses(&frames).len(),
            frames.len(),
        )
    };
    assert!(matches!(finished(Replay::All).await, (true, 5, _)));
    assert!(matches!(finished(Replay::Logs).await, (true, 0, _)));
    assert!(matches!(finished(Replay::Nothing).await, (false, 0, 1)));
}

#[tokio::test]
async fn history_comes_before_what_happens_live() {
    let server = start(Sandbox::scalingo().duration(Duration::ZERO)).await;
    let first = server.trigger(APP, "v1").unwrap();
    let mut socket = open(&server, &server.bearer()).await;
    let history = until(&mut socket, |frame| is_status(frame, "success")).await;
    assert!(history.iter().all(|frame| frame["id"] == first.as_str()));
    let second = server.trigger(APP, "v2").unwrap();
    let live = until(&mut socket, |frame| is_status(frame, "success")).await;
    assert_eq!(
        live[0],
        json!({"type": "new", "data": {"deployment": second}})
    );
    assert!(live[1..].iter().all(|frame| frame["id"] == second.as_str()));
}

#[tokio::test]
async fn deployments_follow_each_other_unless_they_may_run_in_parallel() {
    let order = async |builder: Builder<Scalingo>| {
        let server = start(builder.speed(100.0)).await;
        let mut socket = open(&server, &server.bearer()).await;
        let first = server.trigger(APP, "v1").unwrap();
        let second = server.trigger(APP, "v2").unwrap();
        let both = |frame: &Value| is_status(frame, "success") && frame["id"] == second.as_str();
        let frames = until(&mut socket, both).await;
        let of = |frame: &&Value| frame["type"] == "log";
        let ids: Vec<bool> = frames
            .iter()
            .filter(of)
            .map(|frame| frame["id"] == first.as_str())
            .collect();
        ids.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    assert_eq!(order(Sandbox::scalingo()).await, 1, "one after the other");
    assert!(
        order(Sandbox::scalingo().parallel_deployments()).await > 10,
        "interleaved"
    );
}

#[tokio::test]
async fn pings_carry_the_time() {
    let server = start(Sandbox::scalingo().speed(1000.0)).await;
    let mut socket = open(&server, &server.bearer()).await;
    for _ in 0..3 {
        let frames = until(&mut socket, |frame| frame["type"] == "ping").await;
        let ts = frames.last().unwrap()["data"]["ts"].as_i64().unwrap();
        assert!((ts - jiff::Timestamp::now().as_second()).abs() < 60);
    }
}

#[tokio::test]
async fn odd_frames_come_between_the_lines() {
    let server = start(Sandbox::scalingo().duration(Duration::ZERO).odd_frames()).await;
    server.trigger(APP, "v1").unwrap();
    let mut socket = open(&server, &server.bearer()).await;
    let frames = until(&mut socket, |frame| is_status(frame, "success")).await;
    let some = |check: &dyn Fn(&Value) -> bool| frames.iter().any(check);
    assert!(some(&|frame| frame.is_string()), "not JSON");
    assert!(some(&|frame| frame["type"] == "metrics"), "unknown");
    assert!(
        some(&|frame| frame["type"] == "log" && !frame["data"]["content"].is_string()),
        "malformed"
    );
    assert!(
        some(&|frame| is_status(frame, "warming")),
        "an unknown status"
    );
    assert!(
        some(&|frame| frame.is_object() && frame.get("type").is_none()),
        "no type"
    );
}

#[tokio::test]
async fn streams_can_fall_silent_or_drop() {
    let server = start(
        Sandbox::scalingo()
            .duration(Duration::ZERO)
            .silent_streams(1, 2),
    )
    .await;
    server.trigger(APP, "v1").unwrap();
    let mut silent = open(&server, &server.bearer()).await;
    let mut told = 0;
    let more = tokio::time::timeout(Duration::from_millis(100), async {
        while silent.next().await.is_some() {
            told += 1;
        }
    });
    assert!(more.await.is_err(), "it stays open");
    assert_eq!(told, 2);
    let mut second = open(&server, &server.bearer()).await;
    assert!(
        until(&mut second, |frame| is_status(frame, "success"))
            .await
            .len()
            > 20
    );

    server.faults().on("GET", "/apps/*").drop_after(5);
    let mut dropped = open(&server, &server.bearer()).await;
    assert_eq!(until(&mut dropped, |_| false).await.len(), 5);
    let mut second = open(&server, &server.bearer()).await;
    assert!(
        until(&mut second, |frame| is_status(frame, "success"))
            .await
            .len()
            > 20
    );
}

#[tokio::test]
async fn a_build_can_write_any_number_of_lines() {
    let server = start(
        Sandbox::scalingo()
            .duration(Duration::ZERO)
            .log_lines(20_000),
    )
    .await;
    server.trigger(APP, "v1").unwrap();
    let mut socket = open(&server, &server.bearer()).await;
    let frames = until(&mut socket, |frame| is_status(frame, "success")).await;
    let numbered = log(&frames)
        .iter()
        .filter(|line| line.contains("] Using"))
        .count();
    assert_eq!(numbered, 20_000);
}
