//! A followed deployment whose stream breaks in every way that a script can say.

use std::time::Duration;

use deploykit::ErrorKind;
use deploykit::scalingo::Gap;
use futures::StreamExt;
use serde_json::json;

use crate::scripted::Step::*;
use crate::scripted::*;
use crate::support::*;

#[tokio::test]
async fn lines_of_a_break_come_from_the_kept_log_when_nothing_is_replayed() {
    let first = vec![Status("building"), Line("a"), Line("b")];
    let second = vec![
        Unsent("c"),
        Unsent("d"),
        Line("e"),
        Line("f"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([first, second])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(told.gaps.len(), 1);
    assert!(matches!(told.gaps[0], Gap::Filled(2..)), "{:?}", told.gaps);
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn lines_from_before_the_first_connection_come_from_the_kept_log() {
    let only = vec![Line("c"), Line("d"), Status("success"), Silence];
    let sandbox = start(scripted([only]).written(&["a", "b"])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c", "d"]);
    assert_eq!(told.gaps, [], "that was no reconnection");
}

#[tokio::test]
async fn the_end_of_the_log_is_replayed() {
    let first = vec![Line("a"), Line("b"), Line("c")];
    let second = vec![
        Unsent("d"),
        Sent("c"),
        Sent("d"),
        Line("e"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([first, second])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_log_that_repeats_itself_is_neither_cut_nor_doubled() {
    let first = vec![Line("."), Line("."), Line("."), Line("x"), Line(".")];
    let second = vec![
        Sent("."),
        Sent("."),
        Sent("."),
        Sent("x"),
        Sent("."),
        Line("."),
        Line("x"),
    ];
    let third = vec![
        Unsent("."),
        Line("."),
        Line("y"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([first, second, third])).await;
    let told = followed(&sandbox).await;
    let expected = [".", ".", ".", "x", ".", ".", "x", ".", ".", "y"];
    assert_eq!(told.lines, expected);
}

#[tokio::test]
async fn lines_that_are_alike_come_to_an_end() {
    const LINES: usize = 40_000;
    let same = || std::iter::repeat_with(|| Line("."));
    let first = same().take(LINES).collect();
    let mut second: Vec<_> = std::iter::repeat_with(|| Sent(".")).take(LINES).collect();
    second.extend([Line("end"), Status("success"), Silence]);
    let sandbox = start(scripted([first, second])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines.len(), LINES + 1);
    assert_eq!(told.lines.last().unwrap(), "end");
}

#[tokio::test]
async fn a_frame_of_several_lines_is_several_lines() {
    let first = vec![Line("a\nb"), Line(""), Line("c\r")];
    let second = vec![
        Sent("a\nb"),
        Sent(""),
        Sent("c\r"),
        Line("d\n  e"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([first, second])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "", "c", "d", "  e"]);
    assert!(!told.gaps.contains(&Gap::Possible), "{:?}", told.gaps);
}

#[tokio::test]
async fn a_kept_log_that_cannot_be_compared_is_a_possible_gap() {
    let first = vec![Line("a"), Sent("never kept")];
    let second = vec![Line("b"), Status("success"), Silence];
    let sandbox = start(scripted([first, second])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "never kept", "b"]);
    assert_eq!(told.gaps, [Gap::Possible]);
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn a_kept_log_that_cannot_be_had_is_a_possible_gap() {
    let first = vec![Line("a"), Line("b")];
    let second = vec![Sent("a"), Sent("b"), Line("c"), Status("success"), Silence];
    let sandbox = start(scripted([first, second])).await;
    let path = "/v1/apps/*/deployments/*/output";
    sandbox.faults().on("GET", path).always().status(403);
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c"]);
    assert_eq!(told.gaps, [Gap::Possible]);
    assert_eq!(
        told.doubts,
        [Gap::Possible],
        "what came before is not known"
    );
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn a_kept_log_that_breaks_off_is_read_again() {
    let first = vec![Line("a"), Line("b")];
    let second = vec![
        Unsent("c"),
        Unsent("d"),
        Line("e"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([first, second])).await;
    let path = "/v1/apps/*/deployments/*/output";
    sandbox.faults().on("GET", path).after(1).truncated_body();
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c", "d", "e"]);
    assert_eq!(told.gaps.len(), 1);
    assert!(matches!(told.gaps[0], Gap::Filled(_)), "{:?}", told.gaps);
}

#[tokio::test]
async fn statuses_are_told_once_and_in_order_through_breaks_and_unknown_ones() {
    let first = vec![Status("queued"), Status("building"), Status("warming")];
    let again = [Status("queued"), Status("building"), Status("warming")];
    let second = [&again[..], &[Status("pushing")]].concat();
    let third = [
        &again[..],
        &[
            Status("pushing"),
            Status("success"),
            Status("warming"),
            Silence,
        ],
    ]
    .concat();
    let sandbox = start(scripted([first, second, third]).status("queued")).await;
    let told = followed(&sandbox).await;
    assert_eq!(
        told.statuses,
        ["queued", "building", "warming", "pushing", "success"]
    );
    assert_eq!(told.status(), "success", "an end is an end");
}

#[tokio::test]
async fn silence_is_noticed_however_often_the_api_is_asked() {
    let first = vec![Line("a"), Silence];
    let second = vec![Sent("a"), Line("b"), Status("success"), Silence];
    let sandbox = start(scripted([first, second])).await;
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into())
        .silence(Duration::from_millis(150))
        .check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert_eq!(told.lines, ["a", "b"]);
    assert_eq!(told.gaps.len(), 1);
}

#[tokio::test]
async fn a_slow_connection_is_made_however_often_the_api_is_asked() {
    let only = vec![Line("a"), Line("b"), Status("success"), Silence];
    let sandbox = start(scripted([only])).await;
    let slow = Duration::from_millis(150);
    sandbox.faults().on("GET", "/apps/*").delay(slow);
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert_eq!(told.lines, ["a", "b"]);
    assert_eq!(sandbox.tokens().len(), 1);
}

#[tokio::test]
async fn a_stream_that_never_spoke_is_silent_and_not_refused() {
    let spoken = vec![Line("a"), Status("success"), Silence];
    let sandbox = start(scripted([
        vec![Silence],
        vec![Silence],
        vec![Silence],
        spoken,
    ]))
    .await;
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).silence(Duration::from_millis(50));
    let told = Told::by(follow).await;
    assert_eq!(told.status(), "success", "{told:?}");
    assert_eq!(told.lines, ["a"]);
    assert_eq!(sandbox.exchanges(), 1, "the token was never refused");
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_then_an_error() {
    let refusal = Frame(json!({"type": "error", "data": {"message": "invalid token"}}));
    for ending in [
        CloseWith(1008),
        CloseWith(4001),
        CloseWith(4003),
        refusal.clone(),
    ] {
        let refused = || vec![ending.clone(), Silence];
        let sandbox = start(scripted([refused(), refused(), refused()])).await;
        let told = followed(&sandbox).await;
        let error = told.error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Credential, "{error}");
        assert!(error.is_unauthorized());
        assert!(error.to_string().contains("refused the token"), "{error}");
        let tokens = sandbox.tokens();
        assert_eq!(tokens, ["the-bearer-token-1", "the-bearer-token-2"]);
        assert_eq!(sandbox.exchanges(), 2);
    }
}

#[tokio::test]
async fn one_refusal_is_overcome_with_a_fresh_token() {
    // The service documents no more than that it ends the stream at once.
    for ending in [CloseWith(4001), Close, Text("")] {
        let good = vec![Line("a"), Status("success"), Silence];
        let sandbox = match ending {
            Text(_) => start(scripted([vec![], good])).await,
            ending => start(scripted([vec![ending], good])).await,
        };
        let told = followed(&sandbox).await;
        assert_eq!(told.lines, ["a"]);
        assert_eq!(told.gaps, [], "nothing had been told before");
        assert_eq!(sandbox.exchanges(), 2);
    }
}

#[tokio::test]
async fn a_server_that_restarts_or_breaks_refuses_nothing() {
    let large = || vec![Large(5 << 20), Silence];
    for ending in [1001, 1011, 1012, 1013].map(|code| vec![CloseWith(code)]) {
        let good = vec![Line("a"), Status("success"), Silence];
        let sandbox = start(scripted([
            ending.clone(),
            ending.clone(),
            ending.clone(),
            large(),
            good,
        ]))
        .await;
        let told = followed(&sandbox).await;
        assert_eq!(told.lines, ["a"], "{told:?}");
        assert_eq!(told.status(), "success");
        assert_eq!(sandbox.exchanges(), 1, "the token is good");
        assert_eq!(sandbox.tokens().len(), 5);
    }
}

#[tokio::test]
async fn a_stream_that_only_breaks_is_said_to_and_the_api_is_asked() {
    let cases = [
        (CloseWith(1012), "closed with 1012: the server restarts"),
        (Large(5 << 20), "a message longer than 4194304 bytes"),
        (Close, "closed without a reason"),
    ];
    for (ending, said) in cases {
        let connections: [Vec<Step>; 10] = std::array::from_fn(|_| vec![ending.clone()]);
        let sandbox = start(scripted(connections)).await;
        let live = client(&sandbox).live(APP);
        let mut live = live.reconnect_after(Duration::from_millis(1)).attempts(4);
        let error = bounded(live.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert!(error.to_string().contains(said), "{error}");

        // Meanwhile a follower asks the API.
        let path = "/v1/apps/*/deployments/*";
        let ended = json!({"deployment": {"id": ID, "status": "success"}}).to_string();
        let ended = sandbox
            .faults()
            .on("GET", path)
            .after(1)
            .always()
            .body(ended);
        ended.status(200);
        let follow = follow(&client(&sandbox), &ID.into());
        let told = Told::by(follow.check_every(Duration::from_millis(20))).await;
        assert_eq!(told.status(), "success", "{told:?}");
    }
}

#[tokio::test]
async fn a_link_to_a_foreign_host_is_an_error_and_not_followed() {
    let foreign = wiremock::MockServer::start().await;
    let link = foreign.uri().replace("http", "ws") + "/apps/example-app";
    let sandbox = start(scripted([]).link(Some(&link))).await;
    let told = followed(&sandbox).await;
    let error = told.error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
    assert_eq!(foreign.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn without_a_live_stream_the_api_is_asked() {
    let written = ["a", "b", "  c"];
    let no_link = || scripted([]).link(None).written(&written).status("success");
    for sandbox in [
        no_link().status("starting"),
        no_link().link(Some("no address")).status("starting"),
        scripted([])
            .handshake(404)
            .written(&written)
            .status("starting"),
    ] {
        let sandbox = start(sandbox).await;
        let path = "/v1/apps/*/deployments/*";
        let ended = json!({"deployment": {"id": ID, "status": "hook-error"}});
        let ended = sandbox
            .faults()
            .on("GET", path)
            .after(1)
            .always()
            .body(ended.to_string());
        ended.status(200);
        let told = followed(&sandbox).await;
        assert_eq!(told.lines, written);
        assert_eq!(told.statuses, ["starting", "hook-error"]);
        assert_eq!(told.status(), "hook-error");
        assert_eq!(sandbox.tokens().len(), 0, "no stream was opened");
        let requests = sandbox.requests();
        let dialled = requests
            .iter()
            .filter(|sent| sent.path == "/apps/example-app");
        assert!(dialled.count() <= 1, "what is not there is not tried again");
    }
}

#[tokio::test]
async fn an_end_that_the_stream_does_not_tell_is_found_by_asking() {
    let only = vec![Line("a"), Unheard("timeout-error"), Silence];
    let sandbox = start(scripted([only])).await;
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).check_every(Duration::from_millis(50));
    let told = Told::by(follow).await;
    assert_eq!(told.lines, ["a"]);
    assert_eq!(told.statuses, ["building", "timeout-error"]);
    assert_eq!(told.status(), "timeout-error");
}

#[tokio::test]
async fn the_last_lines_may_come_after_the_last_status() {
    let only = vec![
        Line("a"),
        Status("build-error"),
        Line("b"),
        Unsent("c"),
        Silence,
    ];
    let sandbox = start(scripted([only])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b", "c"]);
}

#[tokio::test]
async fn an_outcome_that_was_told_survives_an_api_that_fails() {
    let only = vec![Line("a"), Status("crashed-error"), Silence];
    let sandbox = start(scripted([only])).await;
    let path = "/v1/apps/*/deployments/*";
    sandbox
        .faults()
        .on("GET", path)
        .after(1)
        .always()
        .status(503);
    let told = followed(&sandbox).await;
    assert_eq!(told.status(), "crashed-error", "{told:?}");
    assert_eq!(told.lines, ["a"]);
}

#[tokio::test]
async fn looks_that_fail_are_no_failed_deployment() {
    let only = vec![Line("a"), Silence];
    let sandbox = start(scripted([only])).await;
    let path = "/v1/apps/*/deployments/*";
    sandbox
        .faults()
        .on("GET", path)
        .after(1)
        .times(8)
        .status(500);
    let ended = json!({"deployment": {"id": ID, "status": "success"}}).to_string();
    sandbox
        .faults()
        .on("GET", path)
        .after(9)
        .always()
        .body(ended)
        .status(200);
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert_eq!(told.status(), "success", "{told:?}");
}

#[tokio::test]
async fn an_exchange_that_fails_for_a_while_does_not_end_the_following() {
    let only = vec![Line("a"), Silence];
    let sandbox = start(scripted([only])).await;
    let client = client(&sandbox);
    let path = "/v1/apps/*/deployments/*";
    let asked = || sandbox.faults().on("GET", path).after(1);
    // The bearer token expires, and for some looks no other one is to be had.
    let expired = asked().times(2).status(401);
    let exchange = sandbox.faults().on("POST", "/v1/tokens/exchange").after(1);
    let exchange = exchange.times(9).status(503);
    let ended = json!({"deployment": {"id": ID, "status": "success"}});
    asked().always().body(ended.to_string()).status(200);
    let follow = follow(&client, &ID.into()).check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert_eq!(told.status(), "success", "{told:?}");
    assert_eq!((expired.hits() > 0, exchange.hits()), (true, 9));
}

#[tokio::test]
async fn a_deployment_that_is_gone_is_an_error() {
    let sandbox = start(scripted([vec![Line("a"), Silence]])).await;
    let path = "/v1/apps/*/deployments/*";
    let gone = sandbox.faults().on("GET", path).after(1).always();
    gone.body(r#"{"resource":"deployment","error":"not found"}"#)
        .status(404);
    let client = client(&sandbox);
    let follow = follow(&client, &ID.into()).check_every(Duration::from_millis(20));
    let told = Told::by(follow).await;
    assert!(told.error.as_ref().unwrap().is_not_found(), "{told:?}");
}

#[tokio::test]
async fn frames_of_other_deployments_and_of_no_sense_are_passed_over() {
    let other = |content: &str| {
        Frame(json!({"type": "log", "id": "another", "data": {"content": content}}))
    };
    let only = vec![
        other("not mine"),
        Line("a"),
        Text("{\"type\":\"log\",\"id\":"),
        Text("no JSON"),
        Frame(json!([])),
        Frame(json!({"type": "log", "id": ID, "data": {"content": 42}})),
        Frame(json!({"type": "status", "id": ID, "data": []})),
        Frame(json!({"type": "status", "id": "another", "data": {"status": "success"}})),
        Frame(json!({"type": "new", "data": {"deployment": "another"}})),
        Frame(json!({"type": "new", "data": {"deployment": {"id": "third"}}})),
        Line("b"),
        Status("success"),
        Silence,
    ];
    let sandbox = start(scripted([only])).await;
    let told = followed(&sandbox).await;
    assert_eq!(told.lines, ["a", "b"]);
    assert_eq!(told.statuses, ["building", "success"]);
}
