//! One deploy for all services: each to its end, cancelled, resumed, and never twice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod config;
mod devopness;
mod edgegap;
mod lost;
mod program;
mod scalingo;
mod several;
mod tsuru;

use std::time::Duration;

use deploykit::deploy::{Event, Handle, Outcome, Rollout, Status};
use deploykit_sandbox::{Running, Service};
use futures::StreamExt as _;

/// What a rollout told.
#[derive(Debug, Default)]
struct Told {
    handles: Vec<Handle>,
    statuses: Vec<Status>,
    words: Vec<String>,
    lines: Vec<String>,
    progress: Vec<(u64, u64)>,
    addresses: Vec<String>,
    outcome: Option<Outcome>,
}

impl Told {
    fn take(&mut self, event: Event) {
        match event {
            Event::Handle(handle) => self.handles.push(*handle),
            Event::Status { status, word } => {
                self.statuses.push(status);
                self.words.push(word);
            }
            Event::Log(line) => self.lines.push(line),
            Event::Progress { done, all, .. } => self.progress.push((done, all)),
            Event::Address(address) => self.addresses.push(address),
            Event::Finished(outcome) => self.outcome = Some(*outcome),
            _ => {}
        }
    }

    fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().expect("it was told how it ended")
    }

    fn has_line(&self, part: &str) -> bool {
        self.lines.iter().any(|line| line.contains(part))
    }
}

/// Looks often: the stand-ins are quick.
fn quick(rollout: Rollout) -> Rollout {
    rollout
        .look_every(Duration::from_millis(5), Duration::from_millis(20))
        .total_timeout(Duration::from_secs(20))
}

/// Follows it to its end.
async fn all(rollout: Rollout) -> deploykit::Result<Told> {
    let mut told = Told::default();
    let mut rollout = quick(rollout);
    while let Some(event) = rollout.next().await {
        assert!(told.outcome.is_none(), "nothing follows the end");
        told.take(event?);
    }
    Ok(told)
}

/// Polls it until the service has answered, and gives its handle.
async fn triggered(rollout: &mut Rollout) -> Handle {
    while let Some(event) = rollout.next().await {
        if let Event::Handle(handle) = event.unwrap()
            && handle.id().is_some()
        {
            return *handle;
        }
    }
    panic!("it was never triggered");
}

/// A handle, saved and read again.
fn saved(handle: &Handle) -> Handle {
    let saved = serde_json::to_string(handle).unwrap();
    serde_json::from_str(&saved).unwrap()
}

/// Requests of this method to paths that end so.
fn sent<S: Service>(sandbox: &Running<S>, method: &str, end: &str) -> usize {
    let requests = sandbox.requests();
    let sent = requests
        .iter()
        .filter(|sent| sent.method == method && sent.path.ends_with(end));
    sent.count()
}
