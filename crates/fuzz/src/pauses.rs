//! How long a server can hold its clients.

use std::time::{Duration, SystemTime};

use deploykit_core::{Call, Endpoint, Method, Quota, RetryPolicy, Text};
use tokio::time::Instant;

use crate::server::{Server, parts, run};

const WINDOW: Duration = Duration::from_secs(10);
const LIMIT: Quota = Quota::new("things", 2, WINDOW);
const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/thing").quota(&LIMIT);

const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Sends twice, and measures for how long the first answer holds the second call.
fn held(server: &Server) -> Duration {
    let patient = RetryPolicy {
        longest_wait: YEAR,
        total: YEAR,
        ..RetryPolicy::never()
    };
    let builder = server.builder().retry(patient).own_limits();
    let client = builder.total_timeout(YEAR).build().expect("it is right");
    run(async {
        let get = || -> Call<Text> { client.call(client.request(&GET)) };
        let _ = get().await;
        let start = Instant::now();
        let _ = get().await;
        start.elapsed()
    })
}

/// `Retry-After`, and the answer's `Date` on the next line.
pub fn retry_after(data: &[u8]) {
    let [value, date] = parts(data);
    for status in [429, 503] {
        let server = Server::new(status, "").header("retry-after", value);
        let server = server.header("date", date);
        let client = server.client();
        let call: Call<Text> = client.call(client.request(&GET));
        let error = run(call.send()).expect_err("it is no success");
        assert_eq!(error.status(), Some(status));
        let asked = error.retry_after();
        assert!(asked.is_none_or(|asked| asked <= YEAR), "{asked:?}");
        let plain = std::str::from_utf8(value).ok();
        let plain = plain.and_then(|text| text.parse::<u32>().ok());
        if let Some(seconds) = plain.filter(|seconds| *seconds < 1_000_000) {
            assert_eq!(asked, Some(Duration::from_secs(seconds.into())));
        }
        let held = held(&server);
        assert!(held <= HOUR + WINDOW, "held for {held:?}");
    }
}

/// Limit, what remains, when it is reset, and the answer's `Date`, each on a line.
pub fn rate_limit(data: &[u8]) {
    let [limit, remaining, reset, date] = parts(data);
    for status in [200, 429] {
        let mut server = Server::new(status, "fine").header("date", date);
        for (name, value) in [
            ("x-ratelimit-limit", limit),
            ("ratelimit-remaining", remaining),
            ("x-ratelimit-reset", reset),
        ] {
            server = server.header(name, value);
        }
        let client = server.client();
        let call: Call<Text> = client.call(client.request(&GET));
        let before = SystemTime::now();
        let read = match run(call.send()) {
            Ok(answer) => answer.rate_limit,
            Err(error) => error.rate_limit(),
        };
        if let Some(read) = read {
            let window = read.reset.duration_since(before).unwrap_or_default();
            assert!(window <= YEAR + WINDOW, "{read:?}");
            let digits = |text: &[u8]| String::from_utf8_lossy(text).trim().parse().ok();
            assert_eq!(Some(read.limit), digits(limit));
            assert_eq!(Some(read.remaining), digits(remaining));
        }
        let held = held(&server);
        assert!(held <= HOUR + WINDOW, "held for {held:?}");
    }
}
