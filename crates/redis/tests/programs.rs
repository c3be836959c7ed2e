//! Several programs, real processes, with one limit: this program starts itself again as each of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and a child tells its parent"
)]

mod common;

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::RedisServer;
use deploykit_core::{Ask, Call, Client, Endpoint, Limit, LimitStore as _, Method, Quota, Text};
use deploykit_redis::RedisLimits;
use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const SECOND: Duration = Duration::from_secs(1);
const FORTY: Quota = Quota::new("forty", 40, SECOND);
const GET: Endpoint = Endpoint::new("get", Method::GET, "/get").quota(&FORTY);

/// What makes this program a child: the address of Redis, that of the service, and what to do.
const CHILD: &str = "DEPLOYKIT_REDIS_CHILD";

/// A service that takes so many calls in any window, and counts.
#[derive(Default)]
struct Service {
    window: Mutex<VecDeque<Instant>>,
    taken: Mutex<Vec<Instant>>,
    refused: Mutex<Vec<Instant>>,
}

impl Service {
    async fn start() -> (Arc<Self>, String) {
        let service = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let serving = service.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (service, address)
    }

    /// The requests have no body: each ends with an empty line.
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut read = Vec::new();
        while let Ok(1..) = stream.read_buf(&mut read).await {
            while let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") {
                read.drain(..end + 4);
                let status = match self.takes() {
                    true => "200 OK",
                    false => "429 Too Many Requests",
                };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok");
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }

    fn takes(&self) -> bool {
        let now = Instant::now();
        let mut window = self.window.lock().unwrap();
        while window.front().is_some_and(|at| *at + FORTY.window <= now) {
            window.pop_front();
        }
        let takes = window.len() < FORTY.calls as usize;
        if takes {
            window.push_back(now);
            self.taken.lock().unwrap().push(now);
        } else {
            self.refused.lock().unwrap().push(now);
        }
        takes
    }

    /// How much of the limit was used between the first and the last call.
    fn rate(&self) -> f64 {
        let taken = self.taken.lock().unwrap();
        let windows = taken.len().div_ceil(FORTY.calls as usize) - 1;
        let took = taken[taken.len() - 1] - taken[0];
        windows as f64 / took.as_secs_f64()
    }

    fn refused(&self) -> Vec<Instant> {
        self.refused.lock().unwrap().clone()
    }
}

/// One of the programs; it ends with this.
struct Program(Child);

impl Program {
    fn start(redis: &RedisServer, service: &str, work: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, format!("{} {service} {work}", redis.url()))
            .stdout(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    /// Waits until it says this.
    fn says(&mut self, words: &str) {
        let said = BufReader::new(self.0.stdout.as_mut().unwrap()).lines();
        let mut said = said.map_while(Result::ok);
        assert!(said.any(|line| line.contains(words)), "not {words}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Not a test: what a child does.
#[tokio::test]
async fn child() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let [redis, service, work] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    let limits = RedisLimits::builder(redis).timeout(SECOND).build().unwrap();
    if work == "hoards" {
        let name = limits.name(&Limit::new(service, &"token".into(), FORTY));
        let ask = Ask::new(FORTY, 1000, 0);
        let granted = limits.decide(&name, ask).await.unwrap();
        assert_eq!(granted.permits, 40);
        println!("\nhas them");
        return std::future::pending().await;
    }
    let client = Client::builder(service)
        .limits_of(&"token".into())
        .limits_in(limits)
        .build()
        .unwrap();
    let calls = (0..work.parse().unwrap()).map(|_| {
        let call: Call<Text> = client.call(client.request(&GET));
        call.into_future()
    });
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    println!("\nall done");
}

/// Waits until each has made all its calls.
async fn done(programs: Vec<Program>) {
    let waits = programs
        .into_iter()
        .map(|mut program| tokio::task::spawn_blocking(move || program.says("all done")));
    let all = tokio::time::timeout(60 * SECOND, join_all(waits)).await;
    for done in all.expect("it is stuck") {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_programs_are_not_refused_and_one_that_is_killed_blocks_nobody() {
    let Some(redis) = RedisServer::start() else {
        return;
    };
    let (service, address) = Service::start().await;
    let mut hoarder = Program::start(&redis, &address, "hoards");
    hoarder.says("has them");
    drop(hoarder);
    let killed = Instant::now();
    let programs = (0..8).map(|_| Program::start(&redis, &address, "25"));
    done(programs.collect()).await;
    let first = service.taken.lock().unwrap()[0] - killed;
    let longest = Ask::COUNTED_WITHIN + 2 * SECOND;
    assert!(first < longest, "its permits held for {first:?}");
    assert_eq!(service.refused().len(), 0);
    // The long form of this is in the bench, with nothing else to do.
    let rate = service.rate();
    assert!(rate > 0.85, "{rate} of the rate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_killed_loses_no_call_and_is_used_again() {
    const CALLS: usize = 8 * 60;

    let Some(mut redis) = RedisServer::start() else {
        return;
    };
    let (service, address) = Service::start().await;
    let programs = (0..8).map(|_| Program::start(&redis, &address, "60"));
    let programs = programs.collect();
    let outage = tokio::task::spawn_blocking(move || {
        std::thread::sleep(3 * SECOND);
        redis.kill();
        std::thread::sleep(2 * SECOND);
        redis.restart();
        (Instant::now(), redis)
    });
    let (_, outage) = futures::join!(done(programs), outage);
    let (back, redis) = outage.unwrap();
    let taken = service.taken.lock().unwrap().len();
    assert_eq!(taken, CALLS, "nothing lost, nothing twice");
    let refused = service.refused();
    assert!(refused.len() * 100 < CALLS * 2, "{} refused", refused.len());
    let late = refused.iter().filter(|at| **at > back + 5 * SECOND);
    assert_eq!(late.count(), 0, "refused after it was back");
    let mut connection = redis.connection();
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> = keys.arg("*:calls").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 1, "it is used again");
}
