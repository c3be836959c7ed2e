//! A call that its owner stops polling holds nobody: on virtual time, each case with a limit.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{Answers, Hangs, Server, adds};
use deploykit_core::memory::{Memory, reply};
use deploykit_core::{
    Call, Client, Endpoint, ErrorKind, Exchanged, ExchangedToken, Method, Pages, Quota,
    RetryPolicy, Secret,
};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::{Instant, timeout};

const FIVE: Quota = Quota::new("five", 5, Duration::from_secs(1));
const GET: Endpoint = Endpoint::new("get", Method::GET, "/get").quota(&FIVE);
const ACT: Endpoint = Endpoint::new("act", Method::POST, "/act").quota(&FIVE);
const LIMIT: Duration = Duration::from_secs(600);

/// Ten pages of three items, and anything else, after 20 ms.
fn client() -> Client {
    let memory = Memory::new(|request| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let page: u64 = request
            .url
            .query_pairs()
            .find_map(|(name, value)| (name == "page").then(|| value.parse().unwrap()))
            .unwrap_or(1);
        let next = (page < 10).then_some(page + 1);
        let body = serde_json::json!({
            "items": [page * 3, page * 3 + 1, page * 3 + 2],
            "meta": {"pagination": {"current_page": page, "next_page": next, "total_pages": 10}},
        });
        Ok(reply(200, body.to_string()))
    });
    Client::builder("https://api.example.com")
        .transport(memory)
        .build()
        .unwrap()
}

fn get(client: &Client) -> Call<Value> {
    client.call(client.request(&GET))
}

fn items(client: &Client) -> Pages<u64> {
    const ITEMS: Endpoint = Endpoint::new("items", Method::GET, "/items")
        .quota(&FIVE)
        .envelope("items");
    Pages::new(client, client.request(&ITEMS))
}

#[tokio::test(start_paused = true)]
async fn pages_ahead_and_a_call_for_each_item() {
    for ahead in [1, 4, 8] {
        let client = client();
        let start = Instant::now();
        let work = async {
            let mut items = items(&client).concurrent(ahead).items();
            let mut seen = Vec::new();
            while let Some(item) = items.next().await {
                seen.push(item.unwrap());
                get(&client).await.unwrap();
            }
            seen
        };
        let seen = timeout(LIMIT, work).await.expect("it is stuck");
        assert_eq!(seen, (3..33).collect::<Vec<_>>());
        // 40 calls at five a second.
        assert!(
            start.elapsed() < Duration::from_secs(12),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn many_waits_in_one_task_and_a_call_for_each() {
    let client = client();
    let work = async {
        let mut waits: FuturesUnordered<_> = (0..60).map(|_| get(&client).into_future()).collect();
        let mut done = 0;
        while let Some(answer) = waits.next().await {
            answer.unwrap();
            get(&client).await.unwrap();
            done += 1;
        }
        done
    };
    let start = Instant::now();
    assert_eq!(timeout(LIMIT, work).await.expect("it is stuck"), 60);
    assert!(
        start.elapsed() < Duration::from_secs(48),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn select_over_a_call_and_then_another_call() {
    let client = client();
    for _ in 0..5 {
        get(&client).await.unwrap();
    }
    let mut held = get(&client).into_future();
    tokio::select! {
        _ = &mut held => panic!("the limit is spent"),
        () = tokio::time::sleep(Duration::from_millis(10)) => {}
    }
    for _ in 0..20 {
        timeout(LIMIT, get(&client).into_future())
            .await
            .expect("it is stuck")
            .unwrap();
    }
    timeout(LIMIT, held).await.expect("it is stuck").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_stopped_while_it_is_answered_holds_nobody() {
    let client = client();
    let mut stopped: Vec<_> = (0..5).map(|_| get(&client).into_future()).collect();
    for call in &mut stopped {
        assert!(futures::poll!(call).is_pending());
    }
    let start = Instant::now();
    timeout(LIMIT, get(&client).into_future())
        .await
        .expect("it is stuck")
        .unwrap();
    assert!(
        start.elapsed() < Duration::from_millis(1400),
        "{:?}",
        start.elapsed()
    );
}

fn exchanging(server: &Server, takes: Duration) -> Client {
    let credential = ExchangedToken::new(
        Duration::ZERO,
        Box::new(move || {
            Box::pin(async move {
                tokio::time::sleep(takes).await;
                Ok(Exchanged {
                    token: Secret::new("bearer"),
                    lifetime: Duration::from_secs(3600),
                })
            })
        }),
    );
    server.builder().credential(credential).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn select_during_a_token_exchange() {
    let client = exchanging(&Server::new([Answers(200, "{}")]), Duration::from_secs(1));
    let mut held = get(&client).into_future();
    assert!(futures::poll!(&mut held).is_pending());
    let other = timeout(LIMIT, get(&client).into_future()).await;
    other.expect("it is stuck").unwrap();
    held.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_holds_during_a_token_exchange_that_hangs() {
    let client = exchanging(&Server::new([Answers(200, "{}")]), LIMIT * 1000);
    let act = || -> Call<Value> { client.call(client.request(&ACT)) };
    for call in [
        act().timeout(Duration::from_secs(2)),
        act().total_timeout(Duration::from_secs(2)),
    ] {
        let start = Instant::now();
        let error = call.await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(2));
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(!error.may_have_been_sent());
        assert!(error.to_string().contains("credential"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_total_covers_limits_attempts_and_back_off() {
    let total = Duration::from_secs(4);
    let elapsed = async |call: Call<Value>| {
        let start = Instant::now();
        let error = call.total_timeout(total).await.unwrap_err();
        (error, start.elapsed())
    };

    // Attempts.
    let hanging = Server::new([Hangs]);
    let client = hanging.client();
    let (error, took) = elapsed(get(&client).timeout(Duration::from_secs(1))).await;
    assert!(error.is_timeout() && took <= total, "{error} {took:?}");
    assert!(hanging.sent().len() >= 2);
    let (error, took) = elapsed(client.call(client.request(&ACT))).await;
    assert!(
        error.may_have_been_sent() && took == total,
        "{error} {took:?}"
    );

    // The limit: nothing was sent.
    let busy = Server::new([Answers(200, "{}")]);
    let client = busy.client();
    for _ in 0..5 {
        get(&client).await.unwrap();
    }
    let call = get(&client).total_timeout(Duration::from_millis(500));
    let error = call.await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_sent(), "{error}");
    assert_eq!((error.attempts(), busy.sent().len()), (0, 5));

    // Back-off: what the server asks for lies beyond, so its answer comes back at once.
    let asking = Server::new([adds("retry-after", "30", Answers(503, ""))]);
    let (error, took) = elapsed(get(&asking.client())).await;
    assert_eq!((error.status(), took), (Some(503), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_refusals_does_not_multiply() {
    let server = Server::new([Answers(429, "")]);
    let client = server.client();
    let start = Instant::now();
    let calls = (0..100).map(|_| get(&client).into_future());
    let errors = futures::future::join_all(calls).await;
    assert!(
        errors
            .iter()
            .all(|it| it.as_ref().is_err_and(|it| it.status() == Some(429)))
    );
    let sent = server.sent().len();
    assert!(sent <= 100 + 250, "{sent} requests, {:?}", start.elapsed());
    // Each call of a quiet client still waits out a limit of a minute.
    let quiet = server.client();
    assert!(get(&quiet).await.unwrap_err().attempts() > 5);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_centuries_stops_nobody_for_long() {
    let server = Server::new([
        adds("retry-after", "9999999999", Answers(429, "")),
        Answers(200, "{}"),
    ]);
    let client = server.client();
    let error = get(&client).await.unwrap_err();
    assert!(error.is_rate_limited());
    // One goes through to see whether it still holds, and it does not.
    for _ in 0..5 {
        get(&client).await.unwrap();
    }

    // A server that means it: one call a minute asks again, the others are told at once.
    let server = Server::new([adds("retry-after", "9999999999", Answers(429, ""))]);
    let client = server.client();
    for _ in 0..20 {
        assert!(get(&client).await.unwrap_err().is_rate_limited());
    }
    assert_eq!(server.sent().len(), 2);
    let patient = RetryPolicy {
        longest_wait: Duration::from_secs(2 * 3600),
        ..RetryPolicy::default()
    };
    let start = Instant::now();
    let _ = get(&client).retry(patient).await;
    assert!(
        start.elapsed() <= Duration::from_secs(3700),
        "an hour at the most"
    );
}

#[tokio::test(start_paused = true)]
async fn a_redirected_post_may_have_been_done() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::new([adds("location", "/done", Answers(status, ""))]);
        let client = server.client();
        let call: Call<Value> = client.call(client.request(&ACT));
        let error = call.await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.may_have_been_sent(), "{status}");
        assert_eq!(server.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_500_is_repeated_once_and_a_503_to_the_end() {
    const DELETE: Endpoint = Endpoint::new("delete", Method::DELETE, "/thing");
    for (status, times) in [(500, 2), (501, 1), (502, 4), (503, 4), (504, 4), (505, 1)] {
        let server = Server::new([Answers(status, "instance is bound")]);
        let client = server.client();
        let call: Call<Value> = client.call(client.request(&DELETE));
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains("instance is bound"));
        assert_eq!(server.sent().len(), times, "{status}");
    }
}

/// The limits that ended a call are told apart: here the call's own hour, spent in the queue of a documented limit.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_late_names_the_limit_that_it_broke() {
    const HOURLY: Quota = Quota::new("hourly", 1, Duration::from_secs(3600));
    const ACT: Endpoint = Endpoint::new("act", Method::POST, "/v1/act").quota(&HOURLY);

    let server = Server::new([Answers(200, "{}")]);
    let patient = RetryPolicy {
        longest_wait: Duration::from_secs(7200),
        ..RetryPolicy::default()
    };
    let client = server.builder().retry(patient).build().unwrap();
    let act = || -> Call<Value> {
        let call = client.call(client.request(&ACT));
        call.total_timeout(Duration::from_secs(3600))
    };
    act().await.unwrap();
    let error = act().await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_sent(), "{error}");
    assert!(
        error.to_string().ends_with("did not end within 3600.0s"),
        "{error}"
    );
    assert_eq!(server.sent().len(), 1);
}
