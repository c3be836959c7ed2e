//! Starting actions, and showing them.

use serde_json::{Value, json};

use super::Devopness;
use super::actions::{Action, Order, Source};
use super::call::{Answer, Call};
use super::errors::{self, Refusal};
use super::kinds::{APPLICATION, Kind, PIPELINE, PROJECT, SERVER};
use super::pipelines::step_names;
use super::store::{Record, State};
use super::version::Version;
use crate::sync::lock;

/// Action ids begin past 32 bits, so that clients that can't hold them are found out.
const BEFORE_FIRST_ACTION: u64 = 5_000_000_000;

impl Devopness {
    /// Starts an action on the thing at that place among all, and gives its id.
    pub(super) fn dispatch(
        &self,
        state: &mut State,
        record: usize,
        mut order: Order,
        servers: &[u64],
        call: &Call<'_>,
    ) -> Result<u64, Refusal> {
        if self
            .knobs
            .credits
            .is_some_and(|credits| state.started_actions >= credits)
        {
            return Err(errors::payment_required());
        }
        state.started_actions += 1;
        order.comment = call.body["trigger_comment"].as_str().map(str::to_owned);
        let targets = state.targets(record, servers, call.now);
        let data = state.shallow(&state.records[record], call.now);
        let id = BEFORE_FIRST_ACTION + state.count("action");
        let on = &mut state.records[record];
        if *on.kind == SERVER {
            match order.kind.as_str() {
                "provision" => on.set("status", "provisioning"),
                "restart" => on.set("status", "restarting"),
                _ => {}
            }
        }
        let outcome = lock(&self.next_outcomes)
            .pop_front()
            .unwrap_or(self.knobs.outcome);
        state.actions.push(Action {
            id,
            resource: (on.kind, on.key()),
            data,
            project: on.project,
            environment: on.environment,
            targets,
            outcome,
            duration: self.context.clock().scaled(self.knobs.duration),
            started: call.now,
            created_at: call.at,
            settled: false,
            order,
        });
        Ok(id)
    }

    /// `POST /applications/{application_id}/deployments`
    pub(super) fn deploy(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let id = call.argument(0);
        let application = call.find(state, &APPLICATION, id)?;
        let mut order = Order::new("deploy", &APPLICATION);
        let place = application.place();
        let asked = call.body["pipeline_id"].as_u64();
        let pipeline = state.of(&PIPELINE, &place).find(|pipeline| match asked {
            Some(id) => pipeline.number() == id,
            None => pipeline.text("operation") == "deploy",
        });
        if asked.is_some() && pipeline.is_none() {
            let message = "The selected pipeline id is invalid.";
            return Err(errors::Invalid::one("pipeline_id", message).refusal());
        }
        let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
        order.source = Some(Source {
            deployment: call.text("type").to_owned(),
            kind: or(call.text("source_type"), "branch"),
            reference: or(call.text("source_ref"), application.text("default_branch")),
            repository: application.text("repository").to_owned(),
        });
        if let Some(pipeline) = pipeline {
            order.pipeline = Some(pipeline.number());
            order.steps = step_names(pipeline);
        }
        self.act(state, call, &APPLICATION, id, order)
    }

    /// `POST /actions/{action_id}/retry`
    pub(super) fn retry(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let action = find(state, call)?;
        if !action.has_failed(call.now) {
            return Err(errors::forbidden());
        }
        let (kind, key) = action.resource.clone();
        let order = Order {
            retry_of: Some(action.id),
            ..action.order.clone()
        };
        let servers: Vec<u64> = action
            .targets
            .iter()
            .filter(|target| *target.kind == SERVER && *kind != SERVER)
            .map(|target| target.key)
            .collect();
        let is_it = |record: &Record| record.kind == kind && record.key() == key;
        let record = state.records.iter().position(is_it);
        let record = record.ok_or_else(|| call.missing(kind.resource))?;
        self.dispatch(state, record, order, &servers, call)?;
        Ok(call.reply(latest(state, call)))
    }
}

/// The action that was started last.
pub(super) fn latest(state: &State, call: &Call<'_>) -> Value {
    json!(
        state
            .actions
            .last()
            .map(|action| state.model("Action").cut(&state.action(action, call.now)))
    )
}

fn find<'s>(state: &'s State, call: &Call<'_>) -> Result<&'s Action, Refusal> {
    let id = call.argument(0).parse().ok();
    let action = state.actions.iter().find(|action| Some(action.id) == id);
    let action = action.ok_or_else(|| call.missing("action"))?;
    match call.may_touch(action.project) {
        true => Ok(action),
        false => Err(errors::forbidden()),
    }
}

/// `GET /actions/{action_id}`
pub(super) fn get(state: &State, call: &Call<'_>) -> Answer {
    let action = find(state, call)?;
    let whole = state.action(action, call.now);
    Ok(call.reply(state.model("Action").cut(&whole)))
}

/// `GET /actions/{action_id}/targets/{action_target_id}/steps/{action_step_order}/logs`
pub(super) fn log(state: &State, call: &Call<'_>) -> Answer {
    let action = find(state, call)?;
    let target = call.argument(1).parse().unwrap_or_default();
    let step = call.argument(2).parse().unwrap_or_default();
    let log = action.log(target, step, call.now);
    log.map(|log| call.reply(log))
        .ok_or_else(|| call.missing("log"))
}

/// The actions that `wanted` chooses, newest first.
pub(super) fn list(state: &State, call: &Call<'_>, wanted: impl Fn(&Action) -> bool) -> Answer {
    let model = state.model("ActionRelation");
    let chosen = state.actions.iter().rev();
    let filters = filters(call);
    let chosen = chosen.filter(|action| {
        call.may_touch(action.project) && wanted(action) && fits(state, action, &filters, call)
    });
    let shown = chosen.map(|action| model.cut(&state.action(action, call.now)));
    Ok(call.list(shown.collect()))
}

/// The query's `filter[…]` and their values.
fn filters<'c>(call: &'c Call<'_>) -> Vec<(&'c str, &'c str)> {
    if call.version == Version::V2025_11 {
        return Vec::new();
    }
    let queries = call.request.queries().iter();
    let filter = |name: &'c str| name.strip_prefix("filter[")?.strip_suffix(']');
    queries
        .filter_map(|(name, value)| Some((filter(name)?, value.as_str())))
        .collect()
}

/// Whether an action is all that the filters ask for.
fn fits(state: &State, action: &Action, filters: &[(&str, &str)], call: &Call<'_>) -> bool {
    let number = |id: Option<u64>| id.map(|id| id.to_string()).unwrap_or_default();
    filters.iter().all(|(name, wanted)| match *name {
        "status" => action.phase(call.now).name() == *wanted,
        "operation" => action.order.kind == *wanted,
        "resource_type" => is_on(action, wanted, ""),
        "resource_id" => action.resource.1 == *wanted,
        "environment_id" => number(action.environment) == *wanted,
        "project_id" => number(action.project) == *wanted,
        "organization_id" => {
            let project = state.get(&PROJECT, &number(action.project));
            let organization = project.and_then(|project| state.organization_of(project));
            organization.is_some_and(|found| found.key() == *wanted)
        }
        _ => true,
    })
}

/// Whether an action is on that resource.
pub(super) fn is_on(action: &Action, resource: &str, id: &str) -> bool {
    let (kind, key): &(&Kind, String) = &action.resource;
    // A deployment is an action on an application.
    let resource = if resource == "deployment" {
        "application"
    } else {
        resource
    };
    kind.resource == resource && (id.is_empty() || key == id)
}
