//! Limits that several programs keep together, on virtual time: each program has a store of its own onto one shelf.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;
#[path = "common/store.rs"]
mod store;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit_core::memory::{Memory, reply, with_header};
use deploykit_core::{
    Ask, Call, Client, Endpoint, ErrorKind, Fallback, Limit, LimitStore, Method, Quota, Text,
};
use futures::future::join_all;
use store::{Answers, Program, Shelf};
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);
const FORTY: Quota = Quota::new("forty", 40, SECOND);
const GET: Endpoint = Endpoint::new("get", Method::GET, "/get").quota(&FORTY);
const LIMIT: Duration = Duration::from_secs(600);

/// A service that takes so many calls in any window, and counts.
#[derive(Debug, Default)]
struct Service {
    calls: Mutex<VecDeque<Instant>>,
    refused: AtomicU32,
    /// Answered to the next call instead.
    next: Mutex<Option<(u16, &'static str)>>,
}

impl Service {
    fn takes(&self, quota: Quota) -> bool {
        let now = Instant::now();
        let mut calls = self.calls.lock().unwrap();
        while calls.front().is_some_and(|at| *at + quota.window <= now) {
            calls.pop_front();
        }
        let takes = calls.len() < quota.calls as usize;
        match takes {
            true => calls.push_back(now),
            false => _ = self.refused.fetch_add(1, Ordering::SeqCst),
        }
        takes
    }

    fn refused(&self) -> u32 {
        self.refused.load(Ordering::SeqCst)
    }

    fn client(self: &Arc<Self>, store: Arc<Program>, quota: Quota) -> Client {
        let service = self.clone();
        let transport = Memory::new(move |_| {
            let service = service.clone();
            async move {
                sleep(Duration::from_millis(5)).await;
                if let Some((status, after)) = service.next.lock().unwrap().take() {
                    return Ok(with_header(reply(status, ""), "retry-after", after));
                }
                let status = if service.takes(quota) { 200 } else { 429 };
                sleep(Duration::from_millis(5)).await;
                Ok(reply(status, "ok"))
            }
        });
        Client::builder("https://api.example.com")
            .transport(transport)
            .limits_of(&"token".into())
            .quota(quota)
            .limits_in(store)
            .build()
            .unwrap()
    }
}

fn get(client: &Client) -> Call<Text> {
    client.call(client.request(&GET))
}

/// So many calls of each client at once; all must succeed.
async fn all(clients: &[Client], each: usize) {
    let calls = (0..each).flat_map(|_| clients.iter().map(|it| get(it).into_future()));
    let answers = timeout(LIMIT, join_all(calls)).await.expect("it is stuck");
    for answer in answers {
        answer.unwrap();
    }
}

fn programs(service: &Arc<Service>, shelf: &Arc<Shelf>, count: usize, quota: Quota) -> Vec<Client> {
    let numbers = 0..count;
    let client = |number| service.client(shelf.program(number), quota);
    numbers.map(client).collect()
}

#[tokio::test(start_paused = true)]
async fn eight_programs_are_never_refused_and_use_the_whole_limit() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let clients = programs(&service, &shelf, 8, FORTY);
    let start = Instant::now();
    all(&clients, 100).await;
    assert_eq!(service.refused(), 0);
    // 800 calls take 19 windows at least.
    let rate = 19.0 / start.elapsed().as_secs_f64();
    assert!(rate > 0.95, "{rate} of the rate");
    let asked = shelf.asked.lock().unwrap().len();
    assert!(asked < 1600, "{asked} questions for 800 calls");
}

#[tokio::test(start_paused = true)]
async fn a_slow_limit_is_shared_evenly() {
    let quota = Quota::new("forty", 6, 60 * SECOND);
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let clients = programs(&service, &shelf, 3, quota);
    let start = Instant::now();
    // One has much to do, the others little: they do not wait for it.
    let busy = all(&clients[..1], 40);
    let (_, took) = futures::join!(busy, async {
        sleep(SECOND).await;
        let start = Instant::now();
        all(&clients[1..], 2).await;
        start.elapsed()
    });
    assert!(took < 125 * SECOND, "{took:?}");
    assert_eq!(service.refused(), 0);
    // 44 calls, six a minute.
    assert!(start.elapsed() < 440 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_away_and_comes_back_loses_no_call_and_no_limit() {
    for (outage, forgets) in [
        (Answers::WithErrors, false),
        (Answers::WithErrors, true),
        (Answers::Never, true),
    ] {
        let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
        let clients = programs(&service, &shelf, 8, FORTY);
        let start = Instant::now();
        let away = async {
            sleep(Duration::from_millis(4500)).await;
            shelf.answers(outage);
            sleep(5 * SECOND).await;
            if forgets {
                shelf.forget();
            }
            shelf.answers(Answers::Well);
        };
        futures::join!(all(&clients, 100), away);
        let refused = service.refused();
        assert!(refused <= 16, "{refused} of 800, {outage:?} {forgets}");
        // A share each while it is away, and the whole again afterwards.
        assert!(start.elapsed() < 27 * SECOND, "{:?}", start.elapsed());
        all(&clients, 20).await;
        assert_eq!(service.refused(), refused, "it is used again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_that_is_alone_finds_its_way_back() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let clients = programs(&service, &shelf, 1, FORTY);
    all(&clients, 1).await;
    shelf.answers(Answers::WithErrors);
    all(&clients, 1).await;
    sleep(2 * SECOND).await;
    shelf.forget();
    shelf.answers(Answers::Well);
    for _ in 0..7 {
        all(&clients, 1).await;
        sleep(SECOND).await;
    }
    shelf.asked.lock().unwrap().clear();
    all(&clients, 10).await;
    let asked = std::mem::take(&mut *shelf.asked.lock().unwrap());
    assert_eq!(asked[0].wanted, 10, "it asks for permits again");
    assert!(asked.iter().all(|it| !it.back));

    // One that had nothing to do when it came back asks before it calls.
    shelf.answers(Answers::WithErrors);
    all(&clients, 1).await;
    sleep(60 * SECOND).await;
    shelf.answers(Answers::Well);
    let asked = || shelf.asked.lock().unwrap().len();
    assert_eq!(asked(), 0);
    all(&clients, 1).await;
    assert_eq!(asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_ends_with_permits_in_hand_blocks_nobody() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let dead = shelf.program(7);
    let name = dead.name(&Limit::new("", &"token".into(), FORTY));
    let granted = dead.decide(&name, Ask::new(FORTY, 1000, 0)).await.unwrap();
    assert_eq!(granted.permits, 40);
    let start = Instant::now();
    all(&programs(&service, &shelf, 1, FORTY), 80).await;
    let longest = Ask::COUNTED_WITHIN + 2 * SECOND + Duration::from_millis(300);
    assert!(start.elapsed() < longest, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_all_programs_and_one_call_ends_it_for_all() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let clients = programs(&service, &shelf, 2, FORTY);
    *service.next.lock().unwrap() = Some((429, "5"));
    let start = Instant::now();
    let refused = async { get(&clients[0]).await.unwrap() };
    let other = async {
        sleep(Duration::from_millis(100)).await;
        get(&clients[1]).await.unwrap();
        start.elapsed()
    };
    let (_, other) = futures::join!(refused, other);
    assert!(other >= 5 * SECOND && other < 11 * SECOND / 2, "{other:?}");

    // A long one is an error at once, in the other program too, but for one call a minute.
    *service.next.lock().unwrap() = Some((429, "3000"));
    assert!(get(&clients[0]).await.unwrap_err().is_rate_limited());
    sleep(Duration::from_millis(100)).await;
    *service.next.lock().unwrap() = Some((429, "3000"));
    assert!(get(&clients[0]).await.is_err(), "it still holds");
    sleep(Duration::from_millis(100)).await;
    let error = get(&clients[1]).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Quota, 0));
    assert!(error.retry_after().unwrap() > 2900 * SECOND);
    sleep(60 * SECOND).await;
    get(&clients[0]).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    // The first to look is told, the next knows that it is over.
    let _ = get(&clients[1]).await;
    sleep(Duration::from_millis(100)).await;
    get(&clients[1]).await.unwrap();
    get(&clients[1]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_the_store_holds_what_was_chosen() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let program = |fallback| {
        Arc::new(Program {
            number: 0,
            shelf: shelf.clone(),
            fallback,
        })
    };
    // Two share it, as both know.
    let clients = [
        service.client(program(Fallback::LocalShare), FORTY),
        service.client(shelf.program(1), FORTY),
    ];
    for _ in 0..2 {
        all(&clients, 1).await;
    }
    shelf.answers(Answers::WithErrors);
    sleep(2 * SECOND).await;
    let start = Instant::now();
    all(&clients[..1], 60).await;
    assert!(
        start.elapsed() > 2 * SECOND,
        "20 a second: {:?}",
        start.elapsed()
    );

    let client = service.client(program(Fallback::Local), FORTY);
    sleep(2 * SECOND).await;
    let start = Instant::now();
    all(&[client], 80).await;
    let took = start.elapsed();
    assert!(
        took > SECOND && took < 3 * SECOND / 2,
        "40 a second: {took:?}"
    );

    let client = service.client(program(Fallback::Refuse), FORTY);
    let before = service.calls.lock().unwrap().len();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Quota);
    assert!(error.to_string().contains("store"), "{error}");
    assert!(!error.may_have_been_sent() && error.attempts() == 0);
    assert!(
        service.calls.lock().unwrap().len() <= before,
        "nothing is sent"
    );
    shelf.answers(Answers::Well);
    sleep(SECOND).await;
    let _ = get(&client).await;
    sleep(5 * SECOND).await;
    get(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_delays_a_call_by_a_second_once() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    shelf.answers(Answers::Never);
    let client = service.client(shelf.program(0), FORTY);
    let start = Instant::now();
    get(&client).await.unwrap();
    assert!(start.elapsed() < 3 * SECOND / 2, "{:?}", start.elapsed());
    let start = Instant::now();
    for _ in 0..10 {
        get(&client).await.unwrap();
    }
    assert!(start.elapsed() < SECOND / 2, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_not_polled_or_dropped_hold_nobody() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let clients = programs(&service, &shelf, 2, FORTY);
    let mut asleep: Vec<_> = (0..60).map(|_| get(&clients[0]).into_future()).collect();
    for call in &mut asleep {
        assert!(futures::poll!(call).is_pending());
    }
    sleep(Duration::from_millis(300)).await;
    let start = Instant::now();
    for client in [0, 1, 0, 1] {
        timeout(LIMIT, get(&clients[client]).into_future())
            .await
            .expect("it is stuck")
            .unwrap();
    }
    assert!(start.elapsed() < 2 * SECOND, "{:?}", start.elapsed());
    drop(asleep.split_off(30));
    let start = Instant::now();
    for answer in timeout(LIMIT, join_all(asleep)).await.expect("it is stuck") {
        answer.unwrap();
    }
    assert!(start.elapsed() < 3 * SECOND, "{:?}", start.elapsed());
    assert_eq!(service.refused(), 0);
}

/// The task that asks runs in the runtime of the call that needed it first.
#[test]
fn a_runtime_that_stands_still_stops_no_other() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let client = service.client(shelf.program(0), FORTY);
    let (stopped, driven) = (runtime(), runtime());
    let mut held = get(&client).into_future();
    stopped.block_on(async { assert!(futures::poll!(&mut held).is_pending()) });
    let call = async { timeout(10 * SECOND, get(&client).into_future()).await };
    driven.block_on(call).expect("it is stuck").unwrap();
    // One that is shut down while it asks leaves it to the next.
    let mut other = get(&client).into_future();
    driven.block_on(async { assert!(futures::poll!(&mut other).is_pending()) });
    drop((driven, stopped));
    let third = runtime();
    let call = async { timeout(10 * SECOND, get(&client).into_future()).await };
    third.block_on(call).expect("it is stuck").unwrap();
}

#[tokio::test(start_paused = true)]
async fn clients_without_an_account_and_those_that_count_apart_ask_no_store() {
    let (service, shelf) = <(Arc<Service>, Arc<Shelf>)>::default();
    let apart = Client::builder("https://api.example.com")
        .transport(Memory::new(|_| async { Ok(reply(200, "ok")) }))
        .limits_of(&"token".into())
        .limits_in(shelf.program(0))
        .own_limits()
        .build()
        .unwrap();
    get(&apart).await.unwrap();
    let unnamed = Client::builder("https://api.example.com")
        .transport(Memory::new(|_| async { Ok(reply(200, "ok")) }))
        .limits_in(shelf.program(0))
        .build()
        .unwrap();
    get(&unnamed).await.unwrap();
    assert!(shelf.asked.lock().unwrap().is_empty());
    get(&service.client(shelf.program(0), FORTY)).await.unwrap();
    assert_eq!(shelf.asked.lock().unwrap()[0].wanted, 1);
}
