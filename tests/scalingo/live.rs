//! The live stream against the stand-in: cut, silent, replayed in part, with odd frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use deploykit::core::{Endpoint, Event, Layer};
use deploykit::scalingo::{Client, DeploymentId, Frame, Gap, Live, LiveEvent};
use deploykit::{ErrorKind, Result};
use deploykit_sandbox::scalingo::{NewFrame, Replay, Scalingo};
use deploykit_sandbox::{Fault, Running};
use futures::StreamExt;

use crate::scripted::{Script, Seen, Step, scripted};
use crate::support::*;

/// Cuts each stream but the last after so many frames.
fn cut(sandbox: &Running<Scalingo>, times: u64, frames: u64) -> Fault {
    let streams = sandbox.faults().on("GET", "/apps/*");
    streams.times(times).drop_after(frames)
}

/// How long a deployment is queued and works, of the stand-in's time: longer than any machine needs to connect.
const HELD: Duration = Duration::from_secs(1800);

/// Puts the clock of a deployment that is [held](HELD) forward by this part of it.
fn go_on(sandbox: &Running<Scalingo>, part: f64) {
    let clock = sandbox.clock();
    clock.advance(HELD.mul_f64(part / clock.speed()));
}

/// Steers a deployment that is held in its queue and as long in its work: it builds until the stream has broken
/// twice. No step goes beyond the next status, so that no look at the deployment skips one.
fn breaks_twice(sandbox: &Running<Scalingo>) -> impl FnMut(&Told) {
    let mut step = 0;
    move |told| {
        let is = |status| told.statuses.iter().any(|it| it == status);
        let (is_due, part) = match step {
            0 => (is("queued"), 1.55),
            1 => (told.gaps.len() == 2, 0.17),
            2 => (is("pushing"), 0.17),
            3 => (is("starting"), 0.2),
            _ => return,
        };
        if is_due {
            go_on(sandbox, part);
            step += 1;
        }
    }
}

async fn cut_and_followed(replay: Replay, frames: u64, times: u64) {
    let sandbox = sandbox().queued_for(HELD);
    let sandbox = start(sandbox.replay(replay).log_lines(120)).await;
    let client = client(&sandbox);
    let cuts = cut(&sandbox, times, frames);
    let deployment = trigger(&client).await;
    let follow = follow(&client, &deployment.id).check_every(Duration::from_millis(100));
    let watched = async {
        let mut often = tokio::time::interval(Duration::from_millis(10));
        while cuts.hits() == 0 {
            often.tick().await;
        }
        go_on(&sandbox, 1.0);
    };
    let (told, ()) = tokio::join!(Told::by(follow), bounded(watched));

    let case = format!("{replay:?}, cut {times} times after {frames} frames");
    assert!(told.error.is_none(), "{case}: {told:?}");
    assert_eq!(told.lines, kept(&sandbox, &deployment.id), "{case}");
    assert_eq!(told.status(), "success", "{case}");
    let order = ["queued", "building", "pushing", "starting", "success"];
    let mut steps = order.iter();
    for status in &told.statuses {
        assert!(
            steps.any(|step| step == status),
            "{case}: {:?}",
            told.statuses
        );
    }
    assert!(cuts.hits() > 0, "{case}: nothing was cut");
    assert!(
        !told.gaps.contains(&Gap::Possible),
        "{case}: {:?}",
        told.gaps
    );
    assert_eq!(count(&sandbox, "POST", "/deployments"), 1, "{case}");
}

#[tokio::test]
async fn a_stream_cut_in_mid_log_loses_and_repeats_no_line() {
    for replay in [Replay::All, Replay::Logs, Replay::Nothing] {
        tokio::join!(
            cut_and_followed(replay, 1, 3),
            cut_and_followed(replay, 3, 5),
            cut_and_followed(replay, 7, 20),
            cut_and_followed(replay, 20, 10),
            cut_and_followed(replay, 50, 4),
            cut_and_followed(replay, 100, 2),
        );
    }
}

#[tokio::test]
async fn a_stream_that_is_always_cut_still_ends_with_every_line() {
    for frames in [1, 30] {
        let sandbox = start(sandbox()).await;
        let client = client(&sandbox);
        sandbox
            .faults()
            .on("GET", "/apps/*")
            .always()
            .drop_after(frames);
        let deployment = trigger(&client).await;
        let follow = follow(&client, &deployment.id).check_every(Duration::from_millis(50));
        let told = Told::by(follow).await;
        assert_eq!(told.lines, kept(&sandbox, &deployment.id));
        assert_eq!(told.status(), "success");
    }
}

/// Pings come twenty times as often: none is missed because the machine is busy.
const SILENCE: Duration = Duration::from_millis(700);

#[tokio::test]
async fn streams_that_fall_silent_are_connected_anew() {
    let sandbox = sandbox().queued_for(HELD).duration(HELD);
    let sandbox = sandbox
        .silent_streams(2, 9)
        .ping_every(Duration::from_secs(1));
    let sandbox = start(sandbox.log_lines(100)).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let follow = follow(&client, &deployment.id).silence(SILENCE);
    let told = Told::after_each(follow, breaks_twice(&sandbox)).await;
    assert_eq!(told.lines, kept(&sandbox, &deployment.id));
    assert_eq!(told.gaps.len(), 2, "{:?}", told.gaps);
    assert_eq!(told.status(), "success");
}

/// Counts the reconnections that layers are told of.
#[derive(Debug, Clone, Default)]
struct Reconnections(Arc<AtomicU32>);

impl Layer for Reconnections {
    fn event(&self, _: &'static Endpoint, event: Event) {
        if event == Event::Reconnected {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn layers_are_told_of_each_reconnection() {
    let sandbox = sandbox().queued_for(HELD).duration(HELD);
    let sandbox = sandbox
        .silent_streams(2, 9)
        .ping_every(Duration::from_secs(1));
    let sandbox = start(sandbox.log_lines(100)).await;
    let reconnections = Reconnections::default();
    let client = builder(&sandbox).layer(reconnections.clone());
    let client = client.build().unwrap();
    let deployment = trigger(&client).await;
    let follow = follow(&client, &deployment.id).silence(SILENCE);
    let told = Told::after_each(follow, breaks_twice(&sandbox)).await;
    assert_eq!(told.gaps.len(), 2);
    assert_eq!(reconnections.0.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn odd_frames_are_survived_through_a_cut() {
    let sandbox = sandbox().queued_for(HELD).duration(HELD);
    let sandbox = start(sandbox.odd_frames().new_frames(NewFrame::Object)).await;
    let client = client(&sandbox);
    let cuts = cut(&sandbox, 2, 25);
    let deployment = trigger(&client).await;
    let follow = follow(&client, &deployment.id);
    let told = Told::after_each(follow, breaks_twice(&sandbox)).await;
    assert_eq!(told.lines, kept(&sandbox, &deployment.id));
    let known: Vec<_> = told
        .statuses
        .iter()
        .filter(|status| *status != "warming")
        .collect();
    assert_eq!(
        known,
        ["queued", "building", "pushing", "starting", "success"]
    );
    assert_eq!(told.statuses.len(), known.len() + 1, "{:?}", told.statuses);
    assert!(cuts.hits() > 0);
}

/// Reads events until a deployment has ended, and a little more than that must not be needed.
async fn until_ended(live: &mut Live, id: &DeploymentId) -> Vec<LiveEvent> {
    let mut events = Vec::new();
    loop {
        let event = bounded(live.next()).await.unwrap().unwrap();
        let ended = matches!(
            &event,
            LiveEvent::Frame(Frame::Status { deployment, status })
                if deployment == id && status.is_finished()
        );
        events.push(event);
        if ended {
            return events;
        }
    }
}

fn lines(events: &[LiveEvent], id: &DeploymentId) -> Vec<String> {
    let line = |event: &LiveEvent| match event {
        LiveEvent::Frame(Frame::Log {
            deployment,
            content,
        }) if deployment == id => Some(content.trim_end().to_owned()),
        _ => None,
    };
    events.iter().filter_map(line).collect()
}

async fn connected(client: &Client) -> Live {
    let mut live = client.live(APP).reconnect_after(Duration::from_millis(5));
    // The first ping says that it listens.
    let first: Result<_> = bounded(live.next()).await.unwrap();
    assert!(
        matches!(first, Ok(LiveEvent::Frame(Frame::Ping { .. }))),
        "{first:?}"
    );
    live
}

#[tokio::test]
async fn the_whole_app_can_be_watched() {
    for shape in [NewFrame::Id, NewFrame::Object] {
        let sandbox = sandbox()
            .new_frames(shape)
            .ping_every(Duration::from_secs(1));
        let sandbox = start(sandbox.parallel_deployments()).await;
        let client = client(&sandbox);
        let mut live = connected(&client).await;
        let mine = trigger(&client).await.id;
        let others = DeploymentId::from(sandbox.trigger(APP, "theirs").unwrap());
        let mut events = until_ended(&mut live, &mine).await;
        if lines(&events, &others).len() < kept(&sandbox, &others).len()
            || !events.iter().any(|event| matches!(event, LiveEvent::Frame(Frame::Status { deployment, status }) if *deployment == others && status.is_finished()))
        {
            events.extend(until_ended(&mut live, &others).await);
        }
        for id in [&mine, &others] {
            let trimmed = kept(&sandbox, id);
            let trimmed: Vec<_> = trimmed.iter().map(|line| line.trim_end()).collect();
            assert_eq!(lines(&events, id), trimmed);
            let new = events.iter().filter_map(|event| match event {
                LiveEvent::Frame(Frame::New {
                    deployment,
                    details,
                }) if deployment == id => Some(details),
                _ => None,
            });
            let new: Vec<_> = new.collect();
            assert_eq!(new.len(), 1);
            assert_eq!(new[0].is_some(), shape == NewFrame::Object);
        }
        assert!(
            !events
                .iter()
                .any(|event| matches!(event, LiveEvent::Reconnected { .. }))
        );
    }
}

#[tokio::test]
async fn a_watched_app_tells_a_break_and_leaves_out_what_is_replayed() {
    let sandbox = sandbox().odd_frames().ping_every(Duration::from_secs(1));
    let sandbox = start(sandbox).await;
    let client = client(&sandbox);
    let cuts = cut(&sandbox, 3, 15);
    let mut live = connected(&client).await;
    let id = trigger(&client).await.id;
    let events = until_ended(&mut live, &id).await;
    let trimmed = kept(&sandbox, &id);
    let trimmed: Vec<_> = trimmed.iter().map(|line| line.trim_end()).collect();
    assert_eq!(lines(&events, &id), trimmed);
    let breaks = events
        .iter()
        .filter(|event| matches!(event, LiveEvent::Reconnected { attempts } if *attempts > 0));
    assert_eq!(breaks.count() as u64, cuts.hits());
    let unknown = |event: &&LiveEvent| matches!(event, LiveEvent::Frame(Frame::Unknown(_)));
    assert!(events.iter().filter(unknown).count() > 3);
}

#[tokio::test]
async fn a_watched_app_gives_up_after_so_many_attempts() {
    let sandbox = start(scripted([])).await;
    let refused = sandbox.faults().on("GET", "/apps/*").always().status(503);
    let client = client(&sandbox);
    let live = client.live(APP).attempts(3);
    let mut live = live.reconnect_after(Duration::from_millis(1));
    let error = bounded(live.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    assert_eq!(refused.hits(), 3);
    assert!(bounded(live.next()).await.is_none(), "an error is the end");
}

#[tokio::test]
async fn a_static_token_that_is_refused_is_an_error_for_whoever_watches() {
    let close = || vec![Step::CloseWith(4001)];
    let sandbox = start(scripted([close(), close(), close()]).status("queued")).await;
    let client = builder(&sandbox).bearer("the-own-token").build().unwrap();
    let mut live = client.live(APP).reconnect_after(Duration::from_millis(1));
    let error = bounded(live.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(sandbox.tokens().len() <= 2);
    assert!(
        sandbox
            .tokens()
            .iter()
            .all(|token| token == "the-own-token")
    );
}

#[tokio::test]
async fn bearers_that_expire_are_renewed_for_a_new_connection() {
    let sandbox = start(sandbox().log_lines(100)).await;
    let client = client(&sandbox);
    cut(&sandbox, 1, 10);
    let deployment = trigger(&client).await;
    sandbox.expire_tokens();
    let told = Told::by(follow(&client, &deployment.id)).await;
    assert_eq!(told.lines, kept(&sandbox, &deployment.id));
    assert_eq!(count(&sandbox, "POST", "/tokens/exchange"), 2);
}
