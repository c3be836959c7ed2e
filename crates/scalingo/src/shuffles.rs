//! A follower against services that cut, leave out, repeat and shuffle as they like: each line comes once and in
//! order, or it is said that this is not certain. On virtual time, with seeds that do not change.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit_core::{Client, Error, ErrorKind};
use fastrand::Rng;
use futures::future::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::connection::Said;
use crate::follower::Follower;
use crate::hub::{Hubs, Membership, Shared};
use crate::member::{Item, Member, Opened};
use crate::wakers::lock;
use crate::{Deployment, DeploymentStatus, FollowEvent, Frame, Gap};

const ID: &str = "one";

/// What a service sends of its log after a connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replay {
    Nothing,
    Some,
    All,
    Twice,
    Shuffled,
}

/// Whether the kept log can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Always,
    Sometimes,
    Never,
}

struct Service {
    shared: Arc<Shared>,
    rng: Rng,
    replay: Replay,
    keeps: Keeps,
    written: Arc<Mutex<Vec<String>>>,
    connected: bool,
    status: &'static str,
    /// How many more steps pass until the kept log that was asked for is answered.
    answers_in: Option<u32>,
    looks: u64,
}

impl Service {
    /// Few lines are unlike all others.
    fn line(&mut self) -> String {
        match self.rng.u32(0..10) {
            0..3 => String::new(),
            3..6 => "a".to_owned(),
            6..8 => "b".to_owned(),
            _ => self.rng.u32(..).to_string(),
        }
    }

    fn write(&mut self, is_sent: bool) {
        let line = self.line();
        lock(&self.written).push(line.clone());
        if is_sent {
            self.send([line]);
        }
    }

    fn send(&self, lines: impl IntoIterator<Item = String>) {
        let frame = |content| {
            Said::Frame(Frame::Log {
                deployment: ID.into(),
                content,
            })
        };
        self.shared.said(lines.into_iter().map(frame));
    }

    fn connect(&mut self) {
        let again = std::mem::replace(&mut self.connected, true);
        let connected = Said::Connected { attempts: 1, again };
        self.shared.said([connected]);
        let log = lock(&self.written).clone();
        let from = self.rng.usize(0..=log.len());
        let mut some = log[from..].to_vec();
        match self.replay {
            Replay::Nothing => {}
            Replay::Some => self.send(some),
            Replay::All => self.send(log),
            Replay::Twice => self.send([&some[..], &some].concat()),
            Replay::Shuffled => {
                self.rng.shuffle(&mut some);
                self.send(some);
            }
        }
    }

    /// Answers what the follower asked for, sooner or later.
    fn answer(&mut self) {
        let mut members = lock(&self.shared.members);
        members.looks += 1;
        self.looks = members.looks;
        for member in members.all.values_mut() {
            if member.due <= Instant::now() {
                let deployment = serde_json::from_value::<Deployment>(
                    serde_json::json!({"id": ID, "status": self.status}),
                );
                let result = deployment.map(Box::new).map_err(|error| {
                    Error::new(ErrorKind::Decode, "no deployment").with_source(error)
                });
                let next = Instant::now() + Duration::from_secs(30);
                member.looked(self.looks, next, result);
            }
            if std::mem::take(&mut member.wants_log) {
                member.push(Item::Asked);
                self.answers_in = Some(self.rng.u32(0..4));
            }
            if let Some(steps) = self.answers_in {
                self.answers_in = steps.checked_sub(1);
                if self.answers_in.is_none() {
                    let refuses = match self.keeps {
                        Keeps::Always => false,
                        Keeps::Sometimes => self.rng.bool(),
                        Keeps::Never => true,
                    };
                    let lines = lock(&self.written).clone();
                    member.log = Some(Opened(match refuses {
                        true => Err(Error::new(ErrorKind::Failed, "there is no kept log")),
                        false => Ok(stream::iter(lines.into_iter().map(Ok)).boxed()),
                    }));
                }
            }
        }
    }

    async fn pause(&mut self) {
        self.answer();
        self.shared.wake([1]);
        // Mostly a moment; at times long enough for doubts to be settled.
        match self.rng.u32(0..20) {
            0 => sleep(Duration::from_millis(1500)).await,
            _ => yield_now().await,
        }
    }

    async fn run(mut self) {
        for _ in 0..self.rng.u32(0..3) {
            self.write(false);
        }
        self.pause().await;
        self.connect();
        for _ in 0..self.rng.u32(5..40) {
            match self.rng.u32(0..8) {
                0 => {
                    for _ in 0..self.rng.u32(0..3) {
                        self.write(false);
                    }
                    self.connect();
                }
                1 => self.pause().await,
                _ => self.write(true),
            }
            if self.rng.bool() {
                self.pause().await;
            }
        }
        self.status = "success";
        let ended = Frame::Status {
            deployment: ID.into(),
            status: DeploymentStatus::Success,
        };
        self.shared.said([Said::Frame(ended)]);
        loop {
            self.pause().await;
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What came of one run.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Exact,
    /// It is not, and that was said.
    Told,
    Silent,
}

async fn run(
    client: &Client,
    seed: u64,
    replay: Replay,
    keeps: Keeps,
) -> (Outcome, Vec<String>, Vec<String>) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let log = written.clone();
    let second = Duration::from_secs(1);
    let member = Member::new(ID.into(), 90 * second, second);
    let membership = Membership::alone(member, |shared| {
        let service = Service {
            shared,
            rng: Rng::with_seed(seed),
            replay,
            keeps,
            written: log,
            connected: false,
            status: "building",
            answers_in: None,
            looks: 0,
        };
        service.run().boxed()
    });
    let follower = Follower::new(Hubs::default(), client.clone(), "app".into(), ID.into());
    let mut follower = follower.at(membership);
    let mut lines = Vec::new();
    let mut told = false;
    loop {
        match poll_fn(|cx| follower.poll(cx)).await.unwrap().unwrap() {
            FollowEvent::Log(line) => lines.push(line),
            FollowEvent::Gap(gap) | FollowEvent::Reconnected { gap, .. } => {
                told |= gap == Gap::Possible;
            }
            FollowEvent::Finished(deployment) => {
                assert!(deployment.succeeded());
                break;
            }
            _ => {}
        }
    }
    let written = lock(&written).clone();
    let outcome = match (lines == written, told) {
        (true, _) => Outcome::Exact,
        (false, true) => Outcome::Told,
        (false, false) => Outcome::Silent,
    };
    (outcome, lines, written)
}

const REPLAYS: [Replay; 5] = [
    Replay::Nothing,
    Replay::Some,
    Replay::All,
    Replay::Twice,
    Replay::Shuffled,
];

/// How many of so many runs were exact; none is silent.
async fn exact(replay: Replay, keeps: Keeps, runs: u64) -> usize {
    // It calls nobody.
    let client = Client::builder("http://127.0.0.1:1").build().unwrap();
    let mut exact = 0;
    for seed in 0..runs {
        let (outcome, lines, written) = run(&client, seed, replay, keeps).await;
        assert_ne!(
            outcome,
            Outcome::Silent,
            "{replay:?} {keeps:?} {seed}:\n{lines:?}\n{written:?}"
        );
        exact += usize::from(outcome == Outcome::Exact);
    }
    exact
}

#[tokio::test(start_paused = true)]
async fn with_a_kept_log_lines_come_once_and_in_order_or_a_doubt_is_told() {
    for replay in REPLAYS {
        let exact = exact(replay, Keeps::Always, 400).await;
        // Some cannot be: where a guess was the best that could be done, it is told.
        assert!(exact >= 396, "{replay:?}: {exact}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_one_no_loss_is_silent() {
    for replay in REPLAYS {
        for keeps in [Keeps::Sometimes, Keeps::Never] {
            exact(replay, keeps, 200).await;
        }
    }
}
