//! Tokens: exchanged once, renewed when needed, never in circles.

use std::time::{Duration, Instant};

use deploykit::ErrorKind;
use deploykit::scalingo::Client;
use deploykit_sandbox::Running;
use deploykit_sandbox::scalingo::Scalingo;
use futures::TryStreamExt;
use futures::future::join_all;

use crate::support::*;

fn exchanges(sandbox: &Running<Scalingo>) -> usize {
    count(sandbox, "POST", "/tokens/exchange")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_first_calls_make_one_exchange() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let calls = (0..50).map(|_| tokio::spawn(client.apps().get(APP).into_future()));
    for call in bounded(join_all(calls)).await {
        call.unwrap().unwrap();
    }
    assert_eq!(exchanges(&sandbox), 1);
    assert_eq!(sandbox.requests().len(), 51);
}

#[tokio::test]
async fn a_bearer_that_expires_in_the_middle_of_a_list_costs_one_more_exchange() {
    let sandbox = start(sandbox().history(25)).await;
    let client = client(&sandbox);
    let mut items = client.deployments().list(APP).per_page(5).items();
    let mut ids = Vec::new();
    while let Some(deployment) = bounded(items.try_next()).await.unwrap() {
        ids.push(deployment.id.to_string());
        if ids.len() == 8 {
            sandbox.expire_tokens();
        }
    }
    let mut all: Vec<_> = sandbox.deployments(APP);
    all.reverse();
    let all: Vec<_> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, all);
    assert_eq!(exchanges(&sandbox), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_with_an_expired_bearer_make_one_exchange() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    client.apps().get(APP).await.unwrap();
    sandbox.expire_tokens();
    let calls = (0..20).map(|_| client.apps().get(APP).into_future());
    for call in bounded(join_all(calls)).await {
        call.unwrap();
    }
    assert_eq!(exchanges(&sandbox), 2);
}

#[tokio::test]
async fn a_wrong_api_token_is_an_error_at_once() {
    let sandbox = start(sandbox()).await;
    let client = builder(&sandbox).token("tk-us-wrong").build().unwrap();
    let error = bounded(client.apps().list().into_future())
        .await
        .unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(!error.may_have_been_sent(), "the call itself never left");
    assert_eq!(sandbox.requests().len(), 1, "one exchange, nothing else");
    let told = Told::by(follow(&client, &"any".into())).await;
    assert!(told.error.unwrap().is_unauthorized());
    assert_eq!(sandbox.requests().len(), 1, "the refusal is remembered");
}

#[tokio::test]
async fn a_401_to_a_fresh_bearer_is_not_replayed_again() {
    let sandbox = start(sandbox()).await;
    let no_access = sandbox.faults().on("GET", "/v1/apps/*").always();
    let no_access = no_access
        .body(r#"{"error":"Invalid credentials"}"#)
        .status(401);
    let client = client(&sandbox);
    let error = bounded(client.apps().get(APP).into_future())
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!((no_access.hits(), exchanges(&sandbox)), (2, 2));
}

#[tokio::test]
async fn a_static_bearer_is_not_replayed() {
    let sandbox = start(sandbox()).await;
    let build = |bearer: &str| -> Client { builder(&sandbox).bearer(bearer).build().unwrap() };
    let error = build("old").apps().list().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(sandbox.requests().len(), 1);
    build(&sandbox.bearer()).apps().list().await.unwrap();
    assert_eq!(exchanges(&sandbox), 0);
}

#[tokio::test]
async fn a_bearer_with_less_than_the_margin_left_is_used_all_the_same() {
    let sandbox = start(sandbox().token_lifetime(Duration::from_secs(60))).await;
    let client = client(&sandbox);
    for calls in 1..=3 {
        client.apps().list().await.unwrap();
        assert_eq!(exchanges(&sandbox), 1, "call {calls}");
    }
    // Until it is refused.
    sandbox.expire_tokens();
    client.apps().list().await.unwrap();
    assert_eq!(exchanges(&sandbox), 2);
}

/// The claims of a token are the server's: no number in them may hurt.
#[tokio::test]
async fn a_bearer_that_never_expires_is_no_panic() {
    // The claims as they are sent: `{"exp":1e19}` and so on.
    for (expires, claims) in [
        ("1e19", "eyJleHAiOjFlMTl9"),
        (
            "18446744073709551615",
            "eyJleHAiOjE4NDQ2NzQ0MDczNzA5NTUxNjE1fQ",
        ),
        (
            "9223372036854775807",
            "eyJleHAiOjkyMjMzNzIwMzY4NTQ3NzU4MDd9",
        ),
        ("1e300", "eyJleHAiOjFlMzAwfQ"),
        ("-1", "eyJleHAiOi0xfQ"),
    ] {
        let sandbox = start(sandbox()).await;
        let exchange = sandbox.faults().on("POST", "/v1/tokens/exchange");
        exchange
            .body(format!(r#"{{"token":"e30.{claims}.c2ln"}}"#))
            .status(200);
        let apps = sandbox.faults().on("GET", "/v1/apps").always();
        apps.body(r#"{"apps":[]}"#).status(200);
        let client = client(&sandbox);
        for _ in 0..2 {
            bounded(client.apps().list().into_future()).await.unwrap();
        }
        assert_eq!(exchanges(&sandbox), 1, "{expires}");
    }
}

#[tokio::test]
async fn an_exchange_that_fails_in_passing_is_repeated() {
    let sandbox = start(sandbox()).await;
    let exchange = || sandbox.faults().on("POST", "/v1/tokens/exchange");
    exchange().status(503);
    exchange().reset_after();
    exchange().truncated_body();
    client(&sandbox).apps().list().await.unwrap();
    assert_eq!(exchanges(&sandbox), 4);
}

/// A hundred calls at once behind an exchange that goes wrong: what came of each, how many exchanges there were,
/// and how long all of it took.
async fn hundred(
    sandbox: &Running<Scalingo>,
    client: &Client,
) -> (Vec<deploykit::Error>, usize, Duration) {
    let before = exchanges(sandbox);
    let start = Instant::now();
    let calls = (0..100).map(|_| {
        let call = client.apps().list().timeout(Duration::from_secs(2));
        tokio::spawn(call.into_future())
    });
    let ended = bounded(join_all(calls)).await;
    let errors = ended.into_iter().map(|call| call.unwrap().unwrap_err());
    let errors = errors.collect();
    (errors, exchanges(sandbox) - before, start.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_behind_an_exchange_that_fails_share_its_failure() {
    let sandbox = start(sandbox()).await;
    let exchange = || sandbox.faults().on("POST", "/v1/tokens/exchange").always();

    // Refused: one exchange, and none for a while after it.
    exchange().status(401);
    let refused = client(&sandbox);
    let (errors, made, _) = hundred(&sandbox, &refused).await;
    assert!(errors.iter().all(|error| error.is_unauthorized()));
    assert_eq!(made, 1);
    let (_, made, _) = hundred(&sandbox, &refused).await;
    assert_eq!(made, 0, "the refusal is remembered");

    // Failing: one exchange with its repetitions.
    sandbox.faults().clear();
    exchange().status(503);
    let (errors, made, took) = hundred(&sandbox, &client(&sandbox)).await;
    assert!(errors.iter().all(|error| error.status() == Some(503)));
    assert_eq!(made, 4, "one exchange, sent four times");
    assert!(took < Duration::from_secs(5), "{took:?}");

    // Hanging: the calls' own limits hold, for all of them at once.
    sandbox.faults().clear();
    exchange().delay(Duration::from_secs(300));
    let (errors, made, took) = hundred(&sandbox, &client(&sandbox)).await;
    assert!(errors.iter().all(|error| error.is_timeout()));
    assert_eq!(made, 1);
    assert!(took < Duration::from_secs(5), "{took:?}");

    assert_eq!(count(&sandbox, "GET", "/v1/apps"), 0, "no call was sent");
    sandbox.faults().clear();
    client(&sandbox).apps().list().await.unwrap();
}
