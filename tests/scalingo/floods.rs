//! Servers that never pause: deadlines hold, an end is noticed, and memory has a bound.

use std::time::{Duration, Instant};

use deploykit::ErrorKind;
use deploykit::scalingo::FollowEvent;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::scripted::Step::*;
use crate::scripted::*;
use crate::support::*;

/// Longer than this after a deadline nothing may take, on a machine that does many other things as well: what does
/// not notice its end takes for ever.
const LATE: Duration = Duration::from_secs(10);

fn floods() -> [Value; 4] {
    [
        json!({"type": "ping", "data": {"ts": 1}}),
        json!({"type": "log", "id": ID, "data": {"content": "more"}}),
        json!({"type": "log", "id": "another", "data": {"content": "more"}}),
        json!({"type": "status", "id": ID, "data": {"status": "building"}}),
    ]
}

#[tokio::test]
async fn a_deadline_holds_under_any_flood() {
    for flood in floods() {
        let sandbox = start(scripted([vec![Flood(flood.to_string())]])).await;
        let client = client(&sandbox);
        let deadline = Duration::from_millis(500);
        let before = Instant::now();
        let mut events = follow(&client, &ID.into()).deadline(deadline);
        let mut last = None;
        while let Some(event) = bounded(events.next()).await {
            assert!(last.is_none(), "{event:?} after the error");
            last = event.err();
        }
        assert_eq!(last.unwrap().kind(), ErrorKind::Deadline, "{flood}");
        let elapsed = before.elapsed();
        assert!(
            (deadline..deadline + LATE).contains(&elapsed),
            "{flood}: {elapsed:?}"
        );
    }
}

#[tokio::test]
async fn an_end_is_noticed_under_any_flood() {
    for flood in floods() {
        let sandbox = start(scripted([vec![Flood(flood.to_string())]])).await;
        let client = client(&sandbox);
        let path = "/v1/apps/*/deployments/*";
        let ended = json!({"deployment": {"id": ID, "status": "success"}}).to_string();
        let asked = sandbox.faults().on("GET", path).after(2).always();
        asked.body(ended).status(200);
        let before = Instant::now();
        let events = follow(&client, &ID.into()).check_every(Duration::from_millis(100));
        let deployment = bounded(events.wait()).await.unwrap();
        assert!(deployment.succeeded());
        // Two seconds are for the last lines.
        assert!(
            before.elapsed() < 2 * LATE,
            "{flood}: {:?}",
            before.elapsed()
        );
    }
}

#[tokio::test]
async fn a_kept_log_without_an_end_does_not_move_a_deadline_and_its_error_comes_last() {
    let sandbox = start(scripted([vec![Line("a"), Silence]]).endless_output()).await;
    let client = client(&sandbox);
    // Long enough to read some of it on a busy machine.
    let deadline = Duration::from_secs(3);
    let before = Instant::now();
    let mut events = follow(&client, &ID.into()).deadline(deadline);
    let mut lines = 0;
    let mut error = None;
    while let Some(event) = bounded(events.next()).await {
        assert!(error.is_none(), "{event:?} after the error");
        match event {
            Ok(FollowEvent::Log(_)) => lines += 1,
            Ok(_) => {}
            Err(late) => error = Some(late),
        }
    }
    assert_eq!(error.unwrap().kind(), ErrorKind::Deadline);
    assert!(lines > 100, "it was read meanwhile: {lines}");
    assert!(before.elapsed() < deadline + LATE, "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_kept_log_that_stands_still_is_noticed() {
    let only = vec![Line("a"), Status("success"), Silence];
    let sandbox = start(scripted([only]).stalling_output()).await;
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).silence(Duration::from_millis(200));
    let told = Told::by(follow).await;
    assert_eq!(told.status(), "success");
    assert_eq!(told.lines, ["a"]);
    assert!(told.doubts.contains(&deploykit::scalingo::Gap::Possible));
}
