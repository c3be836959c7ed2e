//! Pipelines, their steps, and running them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Devopness;
use super::actions::{Order, Source};
use super::call::{Answer, Call};
use super::dispatch;
use super::errors::Refusal;
use super::kinds::{Kind, PIPELINE};
use super::script;
use super::store::{Record, State, timestamp};
use super::view::human;

/// The distance between the orders of steps, which leaves room for others in between.
const ORDER_STEP: u64 = 1000;

/// Sets what follows from a new pipeline's resource, and gives it the steps of its operation.
pub(super) fn complete(state: &mut State, at: Timestamp) {
    let Some(pipeline) = state.records.last() else {
        return;
    };
    let (resource, id) = pipeline.parent.split_once('/').unwrap_or_default();
    let (resource, id) = (resource.to_owned(), json!(id.parse::<u64>().ok()));
    let operation = pipeline.text("operation").to_owned();
    let pipeline_id = pipeline.number();
    let names = script::steps(&operation, &resource);
    let steps: Vec<Value> = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let fields = json!({
                "name": name,
                "description": null,
                "type": "default-step",
                "command": format!("devopness {}", name.to_lowercase().replace(' ', "-")),
                "is_auto_generated": true,
                "is_default_step": true,
            });
            let mut step = new_step(state, pipeline_id, &fields, at);
            step["trigger_order"] = json!((index as u64 + 1) * ORDER_STEP);
            step
        })
        .collect();
    if let Some(pipeline) = state.records.last_mut() {
        pipeline.set("resource_type_human_readable", human(&resource));
        pipeline.set("resource_type", resource);
        pipeline.set("resource_id", id);
        pipeline.set("steps", steps);
    }
}

/// The names of a pipeline's steps, in order.
pub(super) fn step_names(pipeline: &Record) -> Vec<String> {
    let steps = pipeline.field("steps").as_array().into_iter().flatten();
    let name = |step: &Value| {
        step["name"]
            .as_str()
            .or(step["command"].as_str())
            .map(str::to_owned)
    };
    steps.filter_map(name).collect()
}

fn new_step(state: &mut State, pipeline: u64, fields: &Value, at: Timestamp) -> Value {
    let id = state.count("step");
    let mut step = state.model("Step").example.clone();
    step["name"] = Value::Null;
    step["description"] = Value::Null;
    step["type"] = json!("user-step");
    for (field, value) in fields.as_object().into_iter().flatten() {
        step[field] = value.clone();
    }
    step["id"] = json!(id);
    step["script_id"] = json!(id);
    step["pipeline_id"] = json!(pipeline);
    for field in ["created_at", "updated_at"] {
        step[field] = json!(timestamp(at));
    }
    step
}

fn order_of(step: &Value) -> u64 {
    step["trigger_order"].as_u64().unwrap_or_default()
}

fn sort(steps: &mut [Value]) {
    steps.sort_by_key(order_of);
}

/// The steps of the pipeline that the path names.
fn steps_of<'s>(state: &'s mut State, call: &Call<'_>) -> Result<&'s mut Vec<Value>, Refusal> {
    call.find(state, &PIPELINE, call.argument(0))?;
    let pipeline = state.get_mut(&PIPELINE, call.argument(0));
    let steps = pipeline.and_then(|pipeline| pipeline.body.get_mut("steps")?.as_array_mut());
    steps.ok_or_else(|| call.missing("pipeline"))
}

fn place_of(steps: &[Value], call: &Call<'_>) -> Result<usize, Refusal> {
    let id = call.argument(1).parse::<u64>().ok();
    let is_it = |step: &Value| step["id"].as_u64() == id;
    steps
        .iter()
        .position(is_it)
        .ok_or_else(|| call.missing("step"))
}

/// `POST /pipelines/{pipeline_id}/steps`
pub(super) fn add_step(state: &mut State, call: &Call<'_>) -> Answer {
    let last = steps_of(state, call)?
        .iter()
        .map(order_of)
        .max()
        .unwrap_or_default();
    let pipeline = call.argument(0).parse().unwrap_or_default();
    let fields = Value::Object(call.documented_fields().collect());
    let mut step = new_step(state, pipeline, &fields, call.at);
    step["trigger_order"] = json!(last + ORDER_STEP);
    steps_of(state, call)?.push(step.clone());
    Ok(call.reply(step))
}

/// `PUT /pipelines/{pipeline_id}/steps/{step_id}`
pub(super) fn update_step(state: &mut State, call: &Call<'_>) -> Answer {
    let steps = steps_of(state, call)?;
    let at = place_of(steps, call)?;
    for (field, value) in call.documented_fields() {
        if field != "trigger_after" {
            steps[at][field] = value;
        }
    }
    if let Some(after) = call.body["trigger_after"].as_u64() {
        steps[at]["trigger_order"] = json!(after + 1);
    }
    steps[at]["updated_at"] = json!(timestamp(call.at));
    sort(steps);
    Ok(call.done())
}

/// `DELETE /pipelines/{pipeline_id}/steps/{step_id}/unlink`: the step stays known, and can be
/// linked again.
pub(super) fn unlink_step(state: &mut State, call: &Call<'_>) -> Answer {
    let steps = steps_of(state, call)?;
    let at = place_of(steps, call)?;
    let step = steps.remove(at);
    state
        .unlinked_steps
        .push((call.argument(0).to_owned(), step));
    Ok(call.done())
}

/// `POST /pipelines/{pipeline_id}/steps/{step_id}/link`
pub(super) fn link_step(state: &mut State, call: &Call<'_>) -> Answer {
    if place_of(steps_of(state, call)?, call).is_ok() {
        return Ok(call.done());
    }
    let id = call.argument(1).parse::<u64>().ok();
    let known = |(_, step): &(String, Value)| step["id"].as_u64() == id;
    let at = state.unlinked_steps.iter().position(known);
    let (_, mut step) = match at {
        Some(at) => state.unlinked_steps.remove(at),
        None => return Err(call.missing("step")),
    };
    step["pipeline_id"] = json!(call.argument(0).parse::<u64>().ok());
    let steps = steps_of(state, call)?;
    steps.push(step);
    sort(steps);
    Ok(call.done())
}

/// What running a pipeline does, and to what.
pub(super) fn order(state: &State, pipeline: &Record) -> Option<(&'static Kind, String, Order)> {
    let (resource, key) = pipeline.parent.split_once('/')?;
    let kind = Kind::of_resource(resource)?;
    let mut order = Order::new(pipeline.text("operation"), kind);
    order.steps = step_names(pipeline);
    order.pipeline = Some(pipeline.number());
    if order.kind == "deploy" {
        let application = state.get(kind, key)?;
        order.source = Some(Source {
            deployment: "deploy".to_owned(),
            kind: "branch".to_owned(),
            reference: application.text("default_branch").to_owned(),
            repository: application.text("repository").to_owned(),
        });
    }
    Some((kind, key.to_owned(), order))
}

impl Devopness {
    /// `POST /pipelines/{pipeline_id}/actions`
    pub(super) fn run_pipeline(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let pipeline = call.find(state, &PIPELINE, call.argument(0))?;
        let planned = order(state, pipeline);
        let (kind, key, mut order) = planned.ok_or_else(|| call.missing("resource"))?;
        if let Some(source) = &mut order.source {
            for (own, field) in [
                (&mut source.kind, "source_type"),
                (&mut source.reference, "source_ref"),
            ] {
                if !call.text(field).is_empty() {
                    *own = call.text(field).to_owned();
                }
            }
        }
        self.act(state, call, kind, &key, order)?;
        Ok(call.reply(dispatch::latest(state, call)))
    }
}
