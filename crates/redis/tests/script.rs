//! The script's decisions, by a server of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::RedisServer;
use deploykit_core::{Ask, Granted, Limit, LimitStore, Quota};
use deploykit_redis::{RedisBuilder, RedisLimits};
use futures::future::join_all;

const TOKEN: &str = "tk-us-canary";

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

async fn decide(store: &RedisLimits, ask: Ask) -> Granted {
    let token = TOKEN.into();
    let name = store.name(&Limit::new("https://api.example.com", &token, ask.quota));
    store.decide(&name, ask).await.unwrap()
}

fn two(server: &RedisServer) -> (Arc<RedisLimits>, Arc<RedisLimits>) {
    let store = || server.limits().build().unwrap();
    (store(), store())
}

/// Takes so many permits, as many at once as there are, and uses each as it comes.
async fn take(
    store: &RedisLimits,
    quota: Quota,
    count: u32,
    used: &Mutex<Vec<Instant>>,
) -> Instant {
    let mut ask = Ask::new(quota, count, 0);
    let mut untold: Vec<(u64, Instant)> = Vec::new();
    while ask.wanted > 0 {
        ask.counted = untold
            .drain(..)
            .map(|(id, at)| (id, at.elapsed()))
            .collect();
        let granted = decide(store, ask.clone()).await;
        let now = Instant::now();
        let next = ask.first + u64::from(granted.permits);
        untold.extend((ask.first..next).map(|id| (id, now)));
        let all = std::iter::repeat_n(now, granted.permits as usize);
        used.lock().unwrap().extend(all);
        ask.first = next;
        ask.wanted -= granted.permits;
        if granted.permits == 0 {
            tokio::time::sleep(granted.again).await;
        }
    }
    ask.counted = untold.iter().map(|(id, at)| (*id, at.elapsed())).collect();
    decide(store, ask).await;
    Instant::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_window_ever_holds_more_and_all_get_the_same() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("many", 20, millis(200));
    let used = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let takers = (0..10).map(|_| {
        let (store, used) = (server.limits().build().unwrap(), used.clone());
        tokio::spawn(async move { take(&store, quota, 20, &used).await })
    });
    let ends = join_all(takers).await.into_iter().map(Result::unwrap);
    let mut ends: Vec<_> = ends.collect();
    ends.sort();
    let took = start.elapsed();
    let mut used = used.lock().unwrap().clone();
    used.sort();
    assert_eq!(used.len(), 200);
    for (early, late) in used.iter().zip(&used[20..]) {
        let apart = *late - *early;
        assert!(apart >= millis(199), "21 in {apart:?}");
    }
    // Nine windows at least.
    assert!(took < millis(4000), "{took:?}");
    // The very first had all of the first window, as nobody else was there.
    let second = ends[1] - start;
    assert!(second > took / 2, "{second:?} of {took:?}");
}

#[tokio::test]
async fn one_that_wants_little_does_not_wait_for_one_that_wants_much() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("fair", 4, millis(300));
    let (busy, other) = two(&server);
    let used = Mutex::default();
    let little = async {
        tokio::time::sleep(millis(400)).await;
        let start = Instant::now();
        take(&other, quota, 2, &Mutex::default()).await;
        start.elapsed()
    };
    let (_, took) = futures::join!(take(&busy, quota, 24, &used), little);
    assert!(took < millis(1000), "{took:?}");
}

#[tokio::test]
async fn who_ends_with_permits_and_a_turn_blocks_nobody() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("dead", 10, millis(200));
    let (dead, living) = two(&server);
    let granted = decide(&dead, Ask::new(quota, 50, 0)).await;
    assert_eq!((granted.permits, granted.programs), (10, 1));
    let start = Instant::now();
    take(&living, quota, 20, &Mutex::default()).await;
    let longest = Ask::COUNTED_WITHIN + quota.window * 3 + millis(500);
    assert!(start.elapsed() < longest, "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_is_given_back_is_given_on() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("back", 10, Duration::from_secs(60));
    let (one, other) = two(&server);
    assert_eq!(decide(&one, Ask::new(quota, 10, 0)).await.permits, 10);
    assert_eq!(decide(&other, Ask::new(quota, 3, 0)).await.permits, 0);
    let mut unused = Ask::new(quota, 0, 10);
    unused.unused = vec![7, 8];
    decide(&one, unused).await;
    let granted = decide(&other, Ask::new(quota, 3, 3)).await;
    assert_eq!((granted.permits, granted.programs), (2, 2));
    // Those that were made without a permit count, too, but for those that have left the window.
    let mut made = Ask::new(quota, 0, 10);
    made.unused = vec![0, 1, 2];
    made.counted = vec![(20, millis(5)), (21, Duration::from_secs(61))];
    decide(&one, made).await;
    assert_eq!(decide(&other, Ask::new(quota, 9, 6)).await.permits, 2);
}

#[tokio::test]
async fn a_pause_holds_all_and_one_call_goes_through_it() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let counted = Quota::new("pause", 10, millis(200));
    let uncounted = Quota::new("pause", u32::MAX, millis(200));
    for quota in [counted, uncounted] {
        let (one, other) = two(&server);
        let mut pause = Ask::new(quota, 1, 0);
        pause.pause = Some(Duration::from_secs(1000));
        assert_eq!(decide(&one, pause).await.permits, 0);
        let granted = decide(&other, Ask::new(quota, 5, 0)).await;
        assert_eq!(granted.permits, 0);
        assert!(granted.pause.unwrap() > Duration::from_secs(990));
        let mut probes = Ask::new(quota, 5, 5);
        probes.probes = true;
        assert_eq!(decide(&other, probes.clone()).await.permits, 1);
        let granted = decide(&one, probes).await;
        assert_eq!(granted.permits, 0, "one a minute");
        assert!(granted.probed.unwrap() < Duration::from_secs(5));
        let mut resumed = Ask::new(quota, 0, 5);
        resumed.resumed = true;
        assert_eq!(decide(&other, resumed).await.pause, None);
        assert_eq!(decide(&one, Ask::new(quota, 2, 5)).await.permits, 2);

        let mut short = Ask::new(quota, 0, 10);
        short.pause = Some(millis(200));
        decide(&one, short).await;
        assert_eq!(decide(&other, Ask::new(quota, 1, 10)).await.permits, 0);
        tokio::time::sleep(millis(210)).await;
        assert_eq!(decide(&other, Ask::new(quota, 1, 20)).await.permits, 1);
    }
}

#[tokio::test]
async fn after_an_outage_nothing_is_given_before_all_are_back() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("outage", 10, millis(200));
    let (one, other) = two(&server);
    assert_eq!(decide(&one, Ask::new(quota, 1, 0)).await.permits, 1);
    let mut back = Ask::new(quota, 0, 0);
    back.back = true;
    // One was late, but others were not.
    let granted = decide(&other, back.clone()).await;
    assert_eq!(granted.settles, Duration::ZERO);
    let mut connection = server.connection();
    let _: () = redis::cmd("FLUSHALL").query(&mut connection).unwrap();
    let settles = decide(&other, back).await.settles;
    assert!(
        settles >= quota.window && settles < millis(3000),
        "{settles:?}"
    );
    let granted = decide(&one, Ask::new(quota, 5, 5)).await;
    assert_eq!(granted.permits, 0);
    tokio::time::sleep(granted.settles + millis(320)).await;
    let granted = decide(&one, Ask::new(quota, 5, 10)).await;
    assert_eq!((granted.permits, granted.settles), (5, Duration::ZERO));
}

#[tokio::test]
async fn all_keys_end_by_themselves_and_none_has_a_credential() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let quota = Quota::new("names", 2, millis(200));
    let (one, other) = two(&server);
    decide(&one, Ask::new(quota, 5, 0)).await;
    let mut pause = Ask::new(quota, 5, 5);
    pause.pause = Some(Duration::from_secs(3600));
    pause.counted = vec![(1, Duration::ZERO)];
    decide(&other, pause).await;
    let mut connection = server.connection();
    let mut all_keys = redis::cmd("KEYS");
    let keys: Vec<String> = all_keys.arg("*").query(&mut connection).unwrap();
    assert!(keys.len() >= 3, "{keys:?}");
    for key in &keys {
        let left: i64 = redis::cmd("PTTL").arg(key).query(&mut connection).unwrap();
        assert!((1..=3_700_000).contains(&left), "{key}: {left}");
        assert!(key.starts_with("{deploykit:"), "{key}");
    }
    let _: () = redis::cmd("SAVE").query(&mut connection).unwrap();
    let all = std::fs::read(server.dir.path().join("dump.rdb")).unwrap();
    let has = |text: &str| all.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has("names:2:200:calls"));
    for secret in [TOKEN, "canary", "api.example.com"] {
        assert!(!has(secret), "{secret}");
    }
}

#[test]
fn a_name_is_the_same_for_the_same_and_for_nothing_else() {
    let store = |change: fn(RedisBuilder) -> RedisBuilder| {
        let builder = RedisLimits::builder("redis://user:canary@127.0.0.1:1/");
        change(builder).build().unwrap()
    };
    let quota = Quota::new("thing", 40, Duration::from_secs(1));
    let named = |store: &RedisLimits, origin: &str, token: &str, quota| {
        store.name(&Limit::new(origin, &token.into(), quota))
    };
    let plain = store(|it| it);
    let name = named(&plain, "https://a", "token", quota);
    assert_eq!(named(&store(|it| it), "https://a", " token\n", quota), name);
    let more = Quota::new("thing", 41, Duration::from_secs(1));
    for other in [
        named(&plain, "https://b", "token", quota),
        named(&plain, "https://a", "token2", quota),
        named(&plain, "https://a", "token", more),
        named(&store(|it| it.key("k")), "https://a", "token", quota),
        named(&store(|it| it.namespace("n")), "https://a", "token", quota),
    ] {
        assert_ne!(other, name);
    }
    assert!(!format!("{plain:?}").contains("canary"));
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let good = || RedisLimits::builder("redis://canary@127.0.0.1:1/");
    for (name, bad) in [
        ("url", RedisLimits::builder("http://canary@x")),
        ("namespace", good().namespace("a}")),
        ("namespace", good().namespace("")),
        ("key", good().key(" ")),
        ("timeout", good().timeout(Duration::ZERO)),
        ("timeout", good().timeout(millis(1001))),
    ] {
        let error = bad.build().unwrap_err();
        assert!(
            error.is_invalid() && error.to_string().contains(name),
            "{error}"
        );
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}
