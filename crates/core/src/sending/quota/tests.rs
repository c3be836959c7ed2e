use futures::future::join_all;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const FOREVER: Duration = Duration::MAX;

fn bucket(calls: u32, window: Duration) -> Arc<Bucket> {
    Arc::new(Bucket::new(Quota::new("test", calls, window), None))
}

#[tokio::test(start_paused = true)]
async fn no_window_ever_holds_more_calls_than_allowed() {
    let bucket = bucket(40, SECOND);
    let latency = Duration::from_millis(30);
    let start = Instant::now();
    let times = join_all((0..400).map(|_| async {
        let permit = bucket.pass(FOREVER, false).await.unwrap();
        // The server counts a call at the latest when it answers.
        tokio::time::sleep(latency).await;
        let counted = start.elapsed();
        drop(permit);
        counted
    }))
    .await;
    for (early, late) in times.iter().zip(&times[40..]) {
        assert!(*late >= *early + SECOND - Duration::from_millis(1));
    }
    let ideal = 9 * (SECOND + latency) + latency;
    assert!(start.elapsed() <= ideal + Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn calls_pass_in_order_and_a_cancelled_one_blocks_nobody() {
    let bucket = bucket(1, SECOND);
    let first = bucket.pass(FOREVER, false).await.unwrap();
    let mut cancelled = Box::pin(bucket.pass(FOREVER, false));
    assert!(futures::poll!(&mut cancelled).is_pending());
    drop(cancelled);
    drop(first);
    let start = Instant::now();
    drop(bucket.pass(FOREVER, false).await.unwrap());
    assert!(start.elapsed() <= SECOND + Duration::from_millis(2));
}

#[test]
fn those_who_count_for_the_same_share_buckets_for_as_long_as_they_live() {
    let quota = Quota::new("shared", 1, SECOND);
    let quotas = |whom: &str| {
        let mut quotas = Quotas::default();
        quotas.count_for("https://host".to_owned(), &whom.into());
        quotas
    };
    let one = quotas("token");
    let bucket = one.bucket(Some(&quota)).unwrap();
    let other = quotas("token").bucket(Some(&quota)).unwrap();
    assert!(Arc::ptr_eq(&bucket, &other));
    let stranger = quotas("another token").bucket(Some(&quota));
    assert!(!Arc::ptr_eq(&bucket, &stranger.unwrap()));
    let mut more = quotas("token");
    more.replace(Quota::new("shared", 2, SECOND));
    assert!(!Arc::ptr_eq(&bucket, &more.bucket(Some(&quota)).unwrap()));
    drop((one, more));
    let later = quotas("token").bucket(Some(&quota)).unwrap();
    assert!(!Arc::ptr_eq(&bucket, &later));
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everybody_and_a_long_one_is_an_error_at_once() {
    let bucket = bucket(100, SECOND);
    bucket.pause(5 * SECOND);
    let start = Instant::now();
    drop(bucket.pass(60 * SECOND, false).await.unwrap());
    assert!(start.elapsed() >= 5 * SECOND);
    bucket.pause(3600 * SECOND);
    let start = Instant::now();
    let probe = bucket.pass(60 * SECOND, false).await.unwrap();
    let held = bucket.pass(60 * SECOND, false).await.unwrap_err();
    assert!(matches!(held, Held::Paused(pause) if pause > 3599 * SECOND));
    drop(probe);
    assert!(
        bucket.pass(60 * SECOND, false).await.is_err(),
        "one a minute"
    );
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::advance(BETWEEN_PROBES).await;
    bucket.pass(60 * SECOND, false).await.unwrap().taken();
    assert!(
        bucket.pass(60 * SECOND, false).await.is_ok(),
        "it holds no more"
    );
}

/// Whoever is not polled neither keeps its place nor loses its age.
#[tokio::test(start_paused = true)]
async fn those_who_sleep_hold_nobody() {
    let bucket = bucket(2, SECOND);
    drop((
        bucket.pass(FOREVER, false).await,
        bucket.pass(FOREVER, false).await,
    ));
    let mut sleepers: Vec<_> = (0..20)
        .map(|_| Box::pin(bucket.pass(FOREVER, false)))
        .collect();
    for sleeper in &mut sleepers {
        assert!(futures::poll!(sleeper).is_pending());
    }
    let start = Instant::now();
    for _ in 0..10 {
        drop(bucket.pass(FOREVER, false).await.unwrap());
    }
    // Two a second; the first one had to find out that those before it sleep.
    assert!(start.elapsed() < 7 * SECOND, "{:?}", start.elapsed());
    let start = Instant::now();
    join_all(sleepers.into_iter().map(async |it| drop(it.await))).await;
    assert!(start.elapsed() <= 11 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn calls_that_somebody_waits_for_go_before_those_in_the_background() {
    let bucket = bucket(1, SECOND);
    drop(bucket.pass(FOREVER, false).await);
    let done = Mutex::new(Vec::new());
    let call = |name: &'static str, background| {
        let (bucket, done) = (bucket.clone(), &done);
        async move {
            drop(bucket.pass(FOREVER, background).await.unwrap());
            lock(done).push(name);
        }
    };
    futures::join!(call("look", true), call("look", true), call("call", false));
    assert_eq!(*lock(&done), ["call", "look", "look"]);
}

/// The limit holds whatever callers do: poll late, stop, come back.
#[tokio::test(start_paused = true)]
async fn no_pattern_of_polling_breaks_the_limit() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let bucket = bucket(5, SECOND);
        let mut waiting = Vec::new();
        let mut passed = VecDeque::new();
        for _ in 0..400 {
            match random.u8(..10) {
                0..4 => waiting.push(Box::pin(bucket.pass(FOREVER, random.bool()))),
                4 if !waiting.is_empty() => {
                    drop(waiting.swap_remove(random.usize(..waiting.len())))
                }
                _ => tokio::time::advance(Duration::from_millis(random.u64(1..300))).await,
            }
            let some = random.usize(..=waiting.len());
            let mut at = 0;
            while at < some.min(waiting.len()) {
                match futures::poll!(&mut waiting[at]) {
                    Poll::Ready(permit) => {
                        drop((permit.unwrap(), waiting.swap_remove(at)));
                        passed.push_back(Instant::now());
                    }
                    Poll::Pending => at += 1,
                }
            }
        }
        let start = Instant::now();
        let left = u32::try_from(waiting.len()).unwrap();
        drop(join_all(waiting).await);
        assert!(
            start.elapsed() <= SECOND * (left / 5 + 3),
            "{left} in {:?}",
            start.elapsed()
        );
        let times: Vec<_> = passed.into();
        for (early, late) in times.iter().zip(times.iter().skip(5)) {
            assert!(*late >= *early + SECOND, "seed {seed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_does_not_hold_the_window_open() {
    let bucket = bucket(1, SECOND);
    let slow = bucket.pass(FOREVER, false).await.unwrap();
    let start = Instant::now();
    drop(bucket.pass(FOREVER, false).await.unwrap());
    assert!(start.elapsed() <= SECOND + COUNTED_WITHIN + Duration::from_millis(2));
    drop(slow);
}
