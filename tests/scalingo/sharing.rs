//! Followers of one application: they share a stream and the looks, and none holds up another.

use std::time::{Duration, Instant};

use deploykit::Quota;
use deploykit::scalingo::{Client, DeploymentId, Follow, FollowEvent, Gap};
use deploykit_sandbox::Running;
use deploykit_sandbox::scalingo::Scalingo;
use futures::StreamExt;
use futures::future::join_all;

use crate::support::*;

/// Deployments that run side by side.
fn triggered(sandbox: &Running<Scalingo>, number: usize) -> Vec<DeploymentId> {
    let label = |number: usize| format!("v{number}");
    let trigger = |number| sandbox.trigger(APP, &label(number)).unwrap();
    (0..number)
        .map(|number| DeploymentId::from(trigger(number)))
        .collect()
}

async fn all_followed(client: &Client, ids: &[DeploymentId]) -> Vec<Told> {
    join_all(ids.iter().map(|id| Told::by(follow(client, id)))).await
}

fn calls(sandbox: &Running<Scalingo>) -> usize {
    let requests = sandbox.requests();
    let calls = requests
        .iter()
        .filter(|sent| sent.path.starts_with("/v1/apps/"));
    calls.count()
}

#[tokio::test]
async fn twenty_followers_share_one_stream_and_half_the_calls() {
    let sandbox = start(sandbox().parallel_deployments()).await;
    let client = client(&sandbox);
    let ids = triggered(&sandbox, 20);
    let told = all_followed(&client, &ids).await;
    for (told, id) in told.iter().zip(&ids) {
        assert_eq!(told.lines, kept(&sandbox, id));
        assert_eq!(told.status(), "success");
        assert!(told.gaps.is_empty() && told.doubts.is_empty(), "{told:?}");
    }
    assert_eq!(
        count(&sandbox, "GET", "/apps/example-app"),
        2,
        "one look, one stream"
    );
    // It was 120: one call more and a minute's limit is spent.
    let calls = calls(&sandbox);
    assert!(calls <= 60, "{calls} calls");
}

#[tokio::test]
async fn followers_leave_room_for_calls_that_somebody_waits_for() {
    // Less than they need at once: they wait for each other, in one task.
    for (number, limit) in [
        (20, Quota::new("api", 20, Duration::from_secs(1))),
        (4, Quota::new("api", 5, Duration::from_millis(200))),
    ] {
        let sandbox = start(sandbox().parallel_deployments()).await;
        let client = Client::builder()
            .token(sandbox.token())
            .base_url(sandbox.base_url())
            .quota(limit)
            .build()
            .unwrap();
        let ids = triggered(&sandbox, number);
        let follows = bounded(all_followed(&client, &ids));
        let others = async {
            let mut longest = Duration::ZERO;
            for _ in 0..8 {
                let before = Instant::now();
                bounded(client.apps().list().into_future()).await.unwrap();
                longest = longest.max(before.elapsed());
            }
            longest
        };
        let (told, longest) = tokio::join!(follows, others);
        assert!(told.iter().all(|told| told.status() == "success"));
        // No call waits for more than a window to pass.
        assert!(
            longest < limit.window + Duration::from_secs(1),
            "{longest:?}"
        );
    }
}

async fn first_event(follow: &mut Follow) {
    bounded(follow.next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_follower_that_is_held_but_not_polled_stops_no_other() {
    let sandbox = start(sandbox().parallel_deployments().log_lines(100)).await;
    let client = client(&sandbox);
    let ids = triggered(&sandbox, 2);
    // The first has begun to connect for both when it is left alone; or it has just looked.
    for looked in [false, true] {
        let mut held = follow(&client, &ids[0]);
        match looked {
            true => first_event(&mut held).await,
            false => assert!(futures::poll!(held.next()).is_pending()),
        }
        let told = Told::by(follow(&client, &ids[1])).await;
        assert_eq!(told.lines, kept(&sandbox, &ids[1]));
        assert_eq!(told.status(), "success");
        let told = Told::by(held).await;
        assert_eq!(told.lines, kept(&sandbox, &ids[0]));
    }
}

#[tokio::test]
async fn a_follower_that_is_dropped_stops_no_other() {
    let sandbox = start(sandbox().parallel_deployments().log_lines(100)).await;
    let client = client(&sandbox);
    let ids = triggered(&sandbox, 2);
    let mut first = follow(&client, &ids[0]);
    first_event(&mut first).await;
    let other = tokio::spawn(Told::by(follow(&client, &ids[1])));
    first_event(&mut first).await;
    drop(first);
    let told = bounded(other).await.unwrap();
    assert_eq!(told.lines, kept(&sandbox, &ids[1]));
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn a_slow_follower_is_told_what_it_missed_and_holds_nobody_up() {
    const LINES: usize = 9000;
    // Two seconds: long enough to come before its end on a busy machine.
    let sandbox = sandbox().duration(Duration::from_secs(60));
    let sandbox = start(sandbox.log_lines(LINES)).await;
    let client = client(&sandbox);
    let id = trigger(&client).await.id;
    let mut slow = follow(&client, &id);
    first_event(&mut slow).await;
    let told = Told::by(follow(&client, &id)).await;
    assert_eq!(told.lines, kept(&sandbox, &id));
    assert!(told.doubts.is_empty());

    let mut lines = Vec::new();
    let mut gaps = Vec::new();
    while let Some(event) = bounded(slow.next()).await {
        match event.unwrap() {
            FollowEvent::Log(line) => lines.push(line),
            FollowEvent::Gap(gap) => gaps.push(gap),
            _ => {}
        }
    }
    assert_eq!(lines, kept(&sandbox, &id), "all of them, once and in order");
    assert!(matches!(gaps[..], [Gap::Filled(1000..)]), "{gaps:?}");
}
