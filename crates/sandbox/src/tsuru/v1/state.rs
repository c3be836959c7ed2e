//! What the server knows.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::super::errors::{Refusal, refusal};

/// Everything that requests can change.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) apps: BTreeMap<String, App>,
    pub(super) events: Vec<Event>,
    pub(super) deploys: Vec<Deploy>,
    pub(super) blocks: Vec<(String, Value)>,
    /// Plain documents, by collection and name.
    pub(super) things: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// Passwords by user.
    pub(super) users: BTreeMap<String, String>,
    /// Who calls, by token.
    pub(super) tokens: BTreeMap<String, String>,
    /// Variables of jobs.
    pub(super) job_env: BTreeMap<String, BTreeMap<String, Variable>>,
    pub(super) failing: u64,
    pub(super) numbers: u64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct App {
    pub(super) name: String,
    pub(super) document: Value,
    pub(super) owner: String,
    pub(super) teams: Vec<String>,
    pub(super) cnames: Vec<String>,
    pub(super) env: BTreeMap<String, Variable>,
    pub(super) units: u64,
    pub(super) stopped: bool,
    pub(super) version: u64,
    pub(super) deploys: u64,
    pub(super) restarts: u64,
    pub(super) limit: i64,
    pub(super) log: Vec<Entry>,
    pub(super) routers: BTreeMap<String, Value>,
    pub(super) autoscale: BTreeMap<String, Value>,
    pub(super) certificates: BTreeMap<String, (String, String)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Variable {
    pub(super) value: String,
    pub(super) alias: String,
    pub(super) private: bool,
    pub(super) managed_by: String,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) message: String,
    pub(super) source: String,
    pub(super) unit: String,
}

/// An operation, under way or over. It holds its target until it is over.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) target: (String, String),
    pub(super) kind: String,
    pub(super) owner: String,
    pub(super) at: Timestamp,
    pub(super) begun: Instant,
    pub(super) takes: Duration,
    pub(super) ended: Option<Timestamp>,
    /// What it says at its end, if it fails.
    pub(super) fails: Option<String>,
    pub(super) error: String,
    pub(super) lines: Vec<String>,
    pub(super) cancel: Option<(String, String, Timestamp)>,
    /// What it deploys.
    pub(super) deploy: Option<Deploy>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Deploy {
    pub(super) event: String,
    pub(super) app: String,
    pub(super) image: String,
    pub(super) origin: String,
    pub(super) message: String,
    pub(super) version: u64,
}

impl State {
    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn app(&mut self, name: &str) -> Result<&mut App, Refusal> {
        let missing = || refusal(404, format!("App {name} not found."));
        self.apps.get_mut(name).ok_or_else(missing)
    }

    /// Ends what is over.
    pub(super) fn settle(&mut self, now: Timestamp, instant: Instant) {
        for event in &mut self.events {
            if event.ended.is_some() {
                continue;
            }
            if event.cancel.is_some() {
                event.error = "canceled by user request".to_owned();
            } else if instant.saturating_duration_since(event.begun) >= event.takes {
                event.error = event.fails.clone().unwrap_or_default();
            } else {
                continue;
            }
            event.ended = Some(now);
            let Some(mut deploy) = event.deploy.clone() else {
                continue;
            };
            if let Some(app) = self.apps.get_mut(&deploy.app)
                && event.error.is_empty()
            {
                app.version += 1;
                app.deploys += 1;
                app.units = app.units.max(1);
                deploy.version = app.version;
                if deploy.image.is_empty() {
                    deploy.image = format!("tsuru/app-{}:v{}", app.name, app.version);
                }
            }
            self.deploys.push(deploy);
        }
    }

    /// Begins an operation, unless another one holds its target.
    pub(super) fn begin(&mut self, mut event: Event) -> Result<String, Refusal> {
        self.settle(event.at, event.begun);
        let holds = |other: &&Event| other.ended.is_none() && other.target == event.target;
        if let Some(holder) = self.events.iter().find(holds) {
            let (kind, name) = &holder.target;
            return Err(refusal(
                500,
                format!(
                    "event locked: {kind}({name}) running \"{}\" start by user {} at {}",
                    holder.kind, holder.owner, holder.at
                ),
            ));
        }
        if let Some((_, block)) = self.blocks.iter().find(|(_, block)| {
            block["Active"] == true && block["KindName"].as_str() == Some(event.kind.as_str())
        }) {
            return Err(refusal(
                500,
                format!(
                    "error running \"{}\": block by {}",
                    event.kind, block["Reason"]
                ),
            ));
        }
        event.id = format!("{:024x}", self.number());
        if let Some(deploy) = &mut event.deploy {
            deploy.event.clone_from(&event.id);
        }
        let id = event.id.clone();
        self.events.push(event);
        Ok(id)
    }

    pub(super) fn event(&self, id: &str) -> Result<&Event, Refusal> {
        let found = self.events.iter().find(|event| event.id == id);
        found.ok_or_else(|| refusal(404, "uuid not found"))
    }
}
