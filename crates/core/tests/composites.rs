//! Several calls as one value: what it owns, and how its time is kept.

mod common;

use std::time::Duration;

use common::{Answers, Fails, Hangs, Server};
use deploykit_core::{Client, Composite, Endpoint, ErrorKind, Method, Outcome, Quota, RetryPolicy};
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

static FIRST: Endpoint = Endpoint::new("first", Method::GET, "/first");
static SECOND: Endpoint = Endpoint::new("second", Method::POST, "/second");
static PATIENT: Endpoint =
    Endpoint::new("patient", Method::GET, "/patient").patience(Duration::from_secs(600));
static SLOW: Quota = Quota::new("slow", 1, Duration::from_secs(60));
static LIMITED: Endpoint = Endpoint::new("limited", Method::GET, "/limited").quota(&SLOW);

fn two(client: &Client) -> Composite<u32> {
    Composite::new(client, "the two", |client| async move {
        let first: u32 = client.call(client.request(&FIRST)).await?;
        let second: u32 = client.call(client.request(&SECOND)).await?;
        Ok(first + second)
    })
}

fn owned<T: Send + 'static>(value: T) -> T {
    value
}

#[tokio::test(start_paused = true)]
async fn it_owns_what_it_needs_and_sends_nothing_before_it_is_awaited() {
    let server = Server::new([Answers(200, "1"), Answers(200, "2")]);
    let composite = owned(two(&server.client()));
    assert!(server.sent().is_empty());
    let task = tokio::spawn(composite.into_future());
    assert_eq!(task.await.unwrap().unwrap(), 3);
    assert_eq!(server.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_of_each_call_has_its_time() {
    let server = Server::new([Hangs, Answers(200, "1"), Hangs]);
    let began = Instant::now();
    let error = two(&server.client())
        .timeout(Duration::from_secs(3))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.operation(), Some("second"));
    assert!(error.may_have_been_sent());
    // Two attempts of 3 s each, and the back-off between the first two calls.
    let took = began.elapsed();
    let expected = Duration::from_secs(6)..Duration::from_secs(9);
    assert!(expected.contains(&took), "{took:?}");
    assert_eq!(server.sent().len(), 3);

    // It takes the place of what the table says, too.
    let server = Server::new([Hangs]);
    let began = Instant::now();
    let patient = Composite::new(&server.client(), "it", |client| async move {
        client.call::<u32>(client.request(&PATIENT)).await
    });
    let patient = patient.retry(RetryPolicy::never());
    patient.timeout(Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn the_whole_has_its_time_in_a_call() {
    let server = Server::new([Fails(Outcome::NotConnected)]);
    let began = Instant::now();
    let patience = RetryPolicy {
        attempts: 1000,
        ..RetryPolicy::default()
    };
    let composite = two(&server.client()).retry(patience);
    let total = Duration::from_secs(5);
    let error = composite.total_timeout(total).await.unwrap_err();
    assert!(began.elapsed() <= total, "{:?}", began.elapsed());
    // The call knows how far it came: not at all.
    assert_eq!(error.operation(), Some("first"));
    assert!(!error.may_have_been_sent(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_whole_has_its_time_between_calls_too() {
    let server = Server::new([Answers(200, "1")]);
    let composite: Composite<()> =
        Composite::new(&server.client(), "the two", |client| async move {
            client.call::<u32>(client.request(&FIRST)).await?;
            sleep(Duration::from_secs(3600)).await;
            Ok(())
        });
    let began = Instant::now();
    let error = composite.total_timeout(Duration::from_secs(5)).await;
    let error = error.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.may_have_been_sent());
    assert_eq!(error.to_string(), "the two did not end within 5.0s");
}

#[tokio::test(start_paused = true)]
async fn one_within_another_has_the_narrower_limits() {
    let server = Server::new([Hangs]);
    let outer = |inner: Duration, outer: Duration| {
        let composite = Composite::new(&server.client(), "outer", move |client| async move {
            two(&client).total_timeout(inner).await
        });
        composite.total_timeout(outer)
    };
    for (inner, whole) in [(2, 20), (20, 2)] {
        let began = Instant::now();
        let composite = outer(Duration::from_secs(inner), Duration::from_secs(whole));
        composite.await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }
}

#[tokio::test(start_paused = true)]
async fn limits_are_counted_with_the_client_s() {
    let server = Server::new([Answers(200, "1")]);
    let client = server.client();
    let limited = |client: &Client| {
        Composite::new(client, "it", |client| async move {
            client.call::<u32>(client.request(&LIMITED)).await
        })
    };
    let began = Instant::now();
    for _ in 0..3 {
        limited(&client)
            .timeout(Duration::from_secs(1))
            .await
            .unwrap();
    }
    assert!(
        began.elapsed() >= Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let server = Server::new([Answers(200, "1")]);
    let composite = two(&server.client()).total_timeout(Duration::from_secs(1));
    let error = composite.into_future().now_or_never().unwrap().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}
