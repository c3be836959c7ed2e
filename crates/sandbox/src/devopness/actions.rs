//! Actions: what they do to which targets, and how they are shown.
//!
//! Nothing runs. An action knows when it began and how long it takes; its state, that of its
//! targets and steps, and the log are worked out when somebody looks.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::kinds::{ENVIRONMENT, HOOK_REQUEST, Kind, NETWORK, PROJECT, SERVER};
use super::outcome::Outcome;
use super::progress::Phase;
use super::script;
use super::store::{Record, State, timestamp};
use super::table::table;
use super::version::Version;
use super::view::human;

/// What was done, or is being done, to a resource.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) id: u64,
    pub(super) order: Order,
    pub(super) resource: (&'static Kind, String),
    /// The resource as it was when the action began.
    pub(super) data: Value,
    pub(super) project: Option<u64>,
    pub(super) environment: Option<u64>,
    pub(super) targets: Vec<Target>,
    pub(super) outcome: Outcome,
    /// Real time from beginning to end.
    pub(super) duration: Duration,
    pub(super) started: Instant,
    pub(super) created_at: Timestamp,
    /// Whether its effect has happened.
    pub(super) settled: bool,
}

/// What an action is asked to do.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// Such as `deploy` or `restart`.
    pub(super) kind: String,
    /// The names of its steps.
    pub(super) steps: Vec<String>,
    pub(super) pipeline: Option<u64>,
    pub(super) retry_of: Option<u64>,
    /// The hook and its request, if they triggered it.
    pub(super) hook: Option<(String, String)>,
    /// What is deployed, for a deployment.
    pub(super) source: Option<Source>,
    /// Why, as whoever started it wrote.
    pub(super) comment: Option<String>,
}

impl Order {
    /// An order of that kind, with the steps that such actions usually have.
    pub(super) fn new(kind: &str, resource: &Kind) -> Self {
        Self {
            kind: kind.to_owned(),
            steps: script::steps(kind, resource.resource),
            pipeline: None,
            retry_of: None,
            hook: None,
            source: None,
            comment: None,
        }
    }
}

/// What a deployment deploys.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) deployment: String,
    pub(super) kind: String,
    pub(super) reference: String,
    pub(super) repository: String,
}

/// Where an action does its steps.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) id: u64,
    pub(super) kind: &'static Kind,
    pub(super) key: u64,
    /// What is shown of it.
    pub(super) data: Value,
}

impl Action {
    fn show_step(&self, target: usize, step: usize, now: Instant) -> Value {
        let phase = self.step_phase(target, step, now);
        let (starts, ends) = (self.step_at(step), self.step_at(step + 1));
        let begun = phase != Phase::Skipped;
        let mut shown = json!({
            "id": self.targets[target].id * 100 + step as u64 + 1,
            "action_id": self.id,
            "action_target_id": self.targets[target].id,
            "name": self.order.steps[step],
            "description": null,
            "order": step + 1,
            "started_at": if begun { self.date(starts, now) } else { Value::Null },
            "completed_at": if begun { self.date(ends, now) } else { Value::Null },
            "created_at": timestamp(self.created_at),
            "updated_at": self.updated(&[starts, ends], now),
        });
        phase.show(&mut shown, Outcome::Completed);
        shown
    }

    fn show_target(&self, target: usize, now: Instant) -> Value {
        let own = &self.targets[target];
        let count = self.order.steps.len();
        let steps: Vec<Value> = (0..count)
            .map(|step| self.show_step(target, step, now))
            .collect();
        let begun = |step: &&Value| !step["started_at"].is_null();
        let current = steps.iter().rfind(begun).cloned();
        let (starts, ends) = (self.lead(), self.target_end(target));
        let mut shown = json!({
            "id": own.id,
            "resource_type": own.kind.resource,
            "resource_type_human_readable": human(own.kind.resource),
            "resource_id": own.key,
            "total_steps": count,
            "current_step": current,
            "steps": steps,
            "resource_data": own.data,
            "started_at": self.date(starts, now),
            "completed_at": self.date(ends, now),
            "created_at": timestamp(self.created_at),
            "updated_at": self.updated(&[starts, ends], now),
        });
        self.target_phase(target, now)
            .show(&mut shown, self.outcome);
        shown
    }

    fn summary(&self, now: Instant) -> Value {
        let count = |wanted: &[Phase]| {
            let phases = (0..self.targets.len()).map(|target| self.target_phase(target, now));
            phases.filter(|phase| wanted.contains(phase)).count()
        };
        json!({"targets": {
            "count": self.targets.len(),
            "pending": count(&[Phase::Pending, Phase::Queued]),
            "in_progress": count(&[Phase::InProgress]),
            "completed": count(&[Phase::Completed]),
            "failed": count(&[Phase::Failed]),
        }})
    }

    fn action_data(&self) -> Value {
        let Some(source) = &self.order.source else {
            return Value::Null;
        };
        let mut data = table(Version::default()).model("Action").example["action_data"].clone();
        data["release_name"] = json!(self.created_at.strftime("%Y-%m-%d-%H-%M-%S").to_string());
        data["commit"]["repository"] = json!(source.repository);
        data["deployment"] = json!({
            "type": source.deployment,
            "source_type": source.kind,
            "source_ref": source.reference,
            "repository": source.repository,
            "provider_name": "github",
            "pipeline_id": self.order.pipeline,
        });
        data
    }

    fn triggered_from(&self) -> Value {
        let mut from = table(Version::default()).model("Action").example["triggered_from"].clone();
        let (hook, request) = self.order.hook.clone().unzip();
        let manual = hook.is_none();
        from["trigger_type"] = json!(if manual { "manual" } else { "hook" });
        if !manual {
            for field in ["email", "user_id", "origin"] {
                from[field] = Value::Null;
            }
        }
        from["hook_id"] = json!(hook);
        from["hook_request_id"] = json!(request);
        from
    }

    /// What a step has written on a target so far.
    pub(super) fn log(&self, target: u64, order: usize, now: Instant) -> Option<Value> {
        let target = self.targets.iter().position(|own| own.id == target)?;
        let step = order
            .checked_sub(1)
            .filter(|&step| step < self.order.steps.len())?;
        let phase = self.step_phase(target, step, now);
        let shown = self.show_step(target, step, now);
        let lines = script::log(&self.order.steps[step], self.failing(target) == Some(step));
        let (starts, ends) = (self.step_at(step), self.step_at(step + 1));
        let visible = match phase {
            Phase::InProgress => {
                let passed = self.elapsed(now).saturating_sub(starts).as_secs_f64();
                let all = (ends - starts).as_secs_f64().max(f64::MIN_POSITIVE);
                (lines.len() as f64 * passed / all) as usize
            }
            phase if phase.has_ended() && phase != Phase::Skipped => lines.len(),
            _ => 0,
        };
        let output: String = lines[..visible.min(lines.len())].concat();
        let output = (visible > 0).then_some(output);
        Some(json!({
            "target": self.targets[target].data,
            "step": {
                "order": order,
                "started_at": shown["started_at"],
                "completed_at": shown["completed_at"],
                "output": output,
            },
            "updated_at": shown["updated_at"],
        }))
    }
}

impl State {
    /// The actions on a resource, oldest first.
    pub(super) fn actions_on<'a>(
        &'a self,
        record: &Record,
    ) -> impl DoubleEndedIterator<Item = &'a Action> + use<'a> {
        let resource = (record.kind, record.key());
        self.actions
            .iter()
            .filter(move |action| action.resource == resource)
    }

    /// An action with all fields of a single one.
    pub(super) fn action(&self, action: &Action, now: Instant) -> Value {
        let order = &action.order;
        let (kind, key) = &action.resource;
        let id = |key: &str| key.parse().map_or_else(|_| json!(key), |id: u64| json!(id));
        let other = |id: Option<u64>| self.actions.iter().find(|other| Some(other.id) == id);
        let related = |action: &Action| {
            json!({
                "id": action.id,
                "status": action.phase(now).name(),
                "status_human_readable": human(action.phase(now).name()),
                "type": action.order.kind,
                "type_human_readable": human(&action.order.kind),
                "resource_name": action.data["name"],
                "resource_type": action.resource.0.resource,
                "resource_type_human_readable": human(action.resource.0.resource),
                "url_web_permalink": permalink(action.id),
            })
        };
        let retries = self
            .actions
            .iter()
            .filter(|one| one.order.retry_of == Some(action.id));
        let place = |kind: &Kind, id: Option<u64>| {
            let record = id.and_then(|id| self.get(kind, &id.to_string()));
            json!(record.map(|record| self.shallow(record, now)))
        };
        let project = action
            .project
            .and_then(|id| self.get(&PROJECT, &id.to_string()));
        let organization = project.and_then(|project| self.organization_of(project));
        let organization = organization.map(|found| self.shallow(found, now));
        let targets = (0..action.targets.len()).map(|target| action.show_target(target, now));
        let request = order.hook.as_ref().and_then(|(_, request)| {
            let request = self.get(&HOOK_REQUEST, request)?;
            Some(
                self.model("HookRequestRelation")
                    .cut(&request.body.clone().into()),
            )
        });
        let mut shown = json!({
            "id": action.id,
            "pipeline_id": order.pipeline,
            "retry_of": order.retry_of,
            "type": order.kind,
            "type_human_readable": human(&order.kind),
            "url_web_permalink": permalink(action.id),
            "action_data": action.action_data(),
            "trigger_comment": order.comment,
            "triggered_from": action.triggered_from(),
            "parent": other(order.retry_of).map(related),
            "children": retries.map(related).collect::<Vec<_>>(),
            "triggered_by_user": self.model("UserRelation").example,
            "resource": {
                "id": id(key),
                "type": kind.resource,
                "type_human_readable": human(kind.resource),
                "data": action.data,
            },
            "summary": action.summary(now),
            "organization": organization,
            "environment": place(&ENVIRONMENT, action.environment),
            "project": place(&PROJECT, action.project),
            "targets": targets.collect::<Vec<_>>(),
            "hook_requests": {"incoming": request},
            "started_at": action.date(action.lead(), now),
            "completed_at": action.date(action.end(), now),
            "created_at": timestamp(action.created_at),
            "updated_at": action.updated(&[action.lead(), action.end()], now),
        });
        action.phase(now).show(&mut shown, action.outcome);
        shown
    }

    /// Where an action on this thing does its steps: the servers asked for, those the thing is
    /// linked to, or all of its environment. A server, and what has no servers, is its own target.
    pub(super) fn targets(&mut self, record: usize, asked: &[u64], now: Instant) -> Vec<Target> {
        let record = &self.records[record];
        let own_target = *record.kind == SERVER
            || !asked.is_empty()
            || matches!(record.kind.resource, "credential" | "network" | "subnet");
        let server = |id: &u64| self.get(&SERVER, &id.to_string());
        let chosen = if asked.is_empty() {
            &record.servers
        } else {
            asked
        };
        let mut targets: Vec<&Record> = chosen.iter().filter_map(server).collect();
        if targets.is_empty() && !own_target {
            let near = |server: &&Record| server.environment == record.environment;
            targets = self.of(&SERVER, "").filter(near).collect();
        }
        if targets.is_empty() || *record.kind == SERVER {
            targets = vec![record];
        }
        let shown: Vec<_> = targets
            .into_iter()
            .map(|target| (target.kind, target.number(), self.target_data(target, now)))
            .collect();
        let target = |(kind, key, data)| Target {
            id: self.count("target"),
            kind,
            key,
            data,
        };
        shown.into_iter().map(target).collect()
    }

    fn target_data(&self, record: &Record, now: Instant) -> Value {
        let whole = self.single(record, now);
        let model = match record.kind.resource {
            "server" => "ActionTargetServerData",
            "network" | "subnet" => "ActionTargetNetworkData",
            _ => "ActionTargetCredentialData",
        };
        let mut data = self.model(model).cut(&whole);
        let network = record.parent.strip_prefix("network/");
        if let Some(network) = network.and_then(|id| self.get(&NETWORK, id)) {
            // A subnet does not say at which cloud service it is.
            data["provision_input"] = network.field("provision_input").clone();
        }
        data
    }
}

fn permalink(id: u64) -> String {
    format!("https://devopness.com/actions/{id}")
}
