//! How long a server can hold everybody who shares a limit, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use deploykit_core::memory::{Memory, reply};
use deploykit_core::{Call, Client, Endpoint, Method, Quota, RetryPolicy, Text};
use tokio::time::Instant;

const LIMIT: Quota = Quota::new("things", 1000, Duration::from_secs(1));
const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/v1/thing").quota(&LIMIT);

/// Calls twice; the first answer succeeds, and says with these headers that the limit is spent. Returns for how
/// many seconds the second call was held.
async fn held(headers: &[(&'static str, String)]) -> u64 {
    let headers = headers.to_vec();
    let calls = AtomicU32::new(0);
    let transport = Memory::new(move |_| {
        let mut answer = reply(200, "ok");
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            for (name, value) in &headers {
                answer.headers.insert(*name, value.parse().unwrap());
            }
        }
        async { Ok(answer) }
    });
    let patient = RetryPolicy {
        longest_wait: Duration::MAX,
        ..RetryPolicy::default()
    };
    let client = Client::builder("https://api.example.com")
        .transport(transport)
        .retry(patient)
        .total_timeout(Duration::from_secs(7200))
        .build()
        .unwrap();
    let get = || -> Call<Text> { client.call(client.request(&GET)) };
    get().await.unwrap();
    let start = Instant::now();
    get().await.unwrap();
    start.elapsed().as_secs()
}

fn spent(reset: u128) -> [(&'static str, String); 3] {
    [
        ("x-ratelimit-limit", "10".to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", reset.to_string()),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_reset_means_the_same_pause_in_every_unit() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let end = now + Duration::from_secs(60);
    let seconds = held(&spent(u128::from(end.as_secs()))).await;
    assert!((58..=60).contains(&seconds), "{seconds}");
    let seconds = held(&spent(end.as_millis())).await;
    assert!((58..=60).contains(&seconds), "{seconds}");
    assert_eq!(held(&spent(60)).await, 60);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_makes_no_longer_pause() {
    // The server lives in 2035, and says so.
    let date = ("date", "Mon, 01 Jan 2035 00:00:00 GMT".to_owned());
    let end = 2_051_222_400 + 60;
    let headers = [spent(end).to_vec(), vec![date]].concat();
    assert_eq!(held(&headers).await, 60);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_reset_is_none_and_a_long_one_is_cut_to_an_hour() {
    for absurd in [u128::from(u64::MAX), 99_999_999_999, 999_999_999] {
        assert_eq!(held(&spent(absurd)).await, 0, "{absurd}");
    }
    assert_eq!(held(&spent(30 * 24 * 3600)).await, 3600);
}
