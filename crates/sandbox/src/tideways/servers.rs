//! Servers: some still synchronize, some have fallen silent.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;

/// How often a server that is alive synchronizes.
const SYNC_EVERY: Duration = Duration::from_secs(60);

/// What is known of a server before the start.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) sync: Sync,
}

/// When a server synchronizes.
#[derive(Debug, Clone)]
pub(super) enum Sync {
    /// Again and again.
    Alive,
    /// Last so long ago.
    Silent(Duration),
    /// What `last_sync` shows, whatever it is.
    Shown(Value),
}

#[derive(Debug, Clone)]
pub(super) struct Server {
    plan: Plan,
    started: Instant,
    started_at: Timestamp,
    removed: Option<Instant>,
}

impl Server {
    pub(super) fn new(plan: Plan, clock: &Clock) -> Self {
        Self {
            plan,
            started: clock.instant(),
            started_at: clock.now(),
            removed: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.plan.name
    }

    pub(super) fn remove(&mut self, clock: &Clock) {
        self.removed = Some(clock.instant());
    }

    /// Whether it is in the list: it was never removed, or has synchronized since.
    pub(super) fn is_registered(&self, clock: &Clock) -> bool {
        match (self.removed, &self.plan.sync) {
            (None, _) => true,
            (Some(removed), Sync::Alive) => {
                self.syncs_until(clock.instant(), clock) > self.syncs_until(removed, clock)
            }
            (Some(_), _) => false,
        }
    }

    /// How often it synchronized up to an instant.
    fn syncs_until(&self, instant: Instant, clock: &Clock) -> u128 {
        let every = clock.scaled(SYNC_EVERY).as_nanos().max(1);
        instant.saturating_duration_since(self.started).as_nanos() / every
    }

    fn last_sync(&self, clock: &Clock) -> Value {
        let ago = |at: Timestamp, ago: Duration| {
            let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::MAX);
            at.saturating_sub(ago).unwrap_or(Timestamp::MIN)
        };
        let at = match &self.plan.sync {
            Sync::Shown(shown) => return shown.clone(),
            Sync::Silent(silent) => ago(self.started_at, *silent),
            Sync::Alive => {
                let every = clock.scaled(SYNC_EVERY).as_nanos().max(1);
                let since = clock
                    .instant()
                    .saturating_duration_since(self.started)
                    .as_nanos()
                    % every;
                ago(
                    clock.now(),
                    Duration::from_nanos(u64::try_from(since).unwrap_or(0)),
                )
            }
        };
        at.strftime("%Y-%m-%d %H:%M:%S").to_string().into()
    }

    pub(super) fn view(&self, organization: &str, application: &str, clock: &Clock) -> Value {
        json!({
            "organization": organization,
            "application": application,
            "server": self.plan.name,
            "continuous_tracing": true,
            "last_sync": self.last_sync(clock),
            "profiler_version": "2.0.10",
            "daemon_version": "1.2.6",
        })
    }
}
