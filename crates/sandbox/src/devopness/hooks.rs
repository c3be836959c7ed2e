//! Hooks of pipelines: incoming ones run the pipeline when they are triggered with a valid
//! signature, and remember each request.

use serde_json::{Map, Value, json};

use super::Devopness;
use super::call::{Answer, Call};
use super::errors::{self, Invalid, Refusal};
use super::kinds::{HOOK, HOOK_REQUEST, PIPELINE};
use super::pipelines;
use super::resources::new_body;
use super::signature;
use super::store::{Record, State, place, timestamp};
use crate::reply::Reply;

/// What is shown instead of a secret.
const HIDDEN: &str = "*****";

/// `POST /pipelines/{pipeline_id}/hooks/{hook_type}`
pub(super) fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let pipeline = call.find(state, &PIPELINE, call.argument(0))?;
    let kind = stored_type(call.argument(1)).ok_or_else(|| call.missing("hook type"))?;
    check(call, kind)?;
    let mut body = new_body(call, &HOOK);
    for field in ["resource_type", "resource_id"] {
        body.insert(field.to_owned(), pipeline.field(field).clone());
    }
    body.insert(
        "action_type".to_owned(),
        pipeline.field("operation").clone(),
    );
    body.insert("pipeline_id".to_owned(), pipeline.id.clone());
    let parent = pipeline.place();
    for (field, default) in [("active", true), ("requires_secret", false)] {
        if call.body[field].is_null() {
            body.insert(field.to_owned(), json!(default));
        }
    }
    for (field, default) in [("settings", Value::Null), ("trigger_when", json!({}))] {
        if call.body[field].is_null() {
            body.insert(field.to_owned(), default);
        }
    }
    let id = state.uuid();
    let url = format!("http://{}/hooks/{id}/trigger", call.request.host());
    body.insert("type".to_owned(), json!(kind));
    body.insert("url".to_owned(), json!((kind == "in").then_some(url)));
    body.insert(
        "target_url".to_owned(),
        json!((kind == "out").then_some("https://example.com/hook")),
    );
    body.insert("secret".to_owned(), json!(HIDDEN));
    let secret = format!("whsec_sandbox{:032x}", state.count("secret"));
    let hook = state.add(&HOOK, json!(id), &parent, body, call.at);
    hook.secret = Some(secret.clone());
    let id = hook.key();
    let hook = call.find(state, &HOOK, &id)?;
    let mut shown = state.single(hook, call.now);
    shown["secret"] = json!(secret);
    Ok(call.reply(shown))
}

/// The type as hooks show it, of the type as paths name it.
fn stored_type(named: &str) -> Option<&'static str> {
    match named {
        "incoming" => Some("in"),
        "outgoing" => Some("out"),
        _ => None,
    }
}

fn check(call: &Call<'_>, kind: &str) -> Result<(), Refusal> {
    let mut invalid = Invalid::default();
    let requires = &call.body["requires_secret"];
    if kind == "in" && requires.is_null() {
        invalid.add(
            "requires_secret",
            "The requires secret field is required when type is in.",
        );
    }
    if *requires == true {
        for field in ["secret_algorithm", "secret_header_name"] {
            if call.text(field).is_empty() {
                let said = field.replace('_', " ");
                let message = format!("The {said} field is required when requires secret is true.");
                invalid.add(field, message);
            }
        }
    }
    let algorithm = call.text("secret_algorithm");
    if !algorithm.is_empty() && !signature::ALGORITHMS.contains(&algorithm) {
        invalid.add(
            "secret_algorithm",
            "The selected secret algorithm is invalid.",
        );
    }
    invalid.check()
}

/// The hook that a path with type and id names.
fn find<'s>(state: &'s State, call: &Call<'_>) -> Result<&'s Record, Refusal> {
    let hook = call.find(state, &HOOK, call.argument(1))?;
    match stored_type(call.argument(0)) {
        Some(kind) if hook.text("type") == kind => Ok(hook),
        _ => Err(call.missing("hook")),
    }
}

/// `GET`, `PUT`, `DELETE /hooks/{hook_type}/{hook_id}`
pub(super) fn item(state: &mut State, call: &Call<'_>) -> Answer {
    let hook = find(state, call)?;
    let id = hook.key();
    match call.request.method() {
        "GET" => return Ok(call.reply(state.single(hook, call.now))),
        "PUT" => {
            check(call, hook.text("type"))?;
            if let Some(hook) = state.get_mut(&HOOK, &id) {
                hook.body.extend(call.documented_fields());
                hook.set("updated_at", timestamp(call.at));
            }
        }
        _ => state.remove(&HOOK, &id),
    }
    Ok(call.done())
}

/// `GET /hooks/{hook_type}/{hook_id}/requests`
pub(super) fn requests(state: &State, call: &Call<'_>) -> Answer {
    let hook = find(state, call)?.place();
    let mut requests: Vec<_> = state
        .of(&HOOK_REQUEST, &hook)
        .map(|request| state.relation(request, call.now))
        .collect();
    requests.reverse();
    Ok(call.list(requests))
}

/// `GET /hook-requests/{hook_request_id}`
pub(super) fn request(state: &State, call: &Call<'_>) -> Answer {
    let request = call.find(state, &HOOK_REQUEST, call.argument(0))?;
    Ok(call.reply(state.single(request, call.now)))
}

/// The hooks of a pipeline, or of a resource's pipelines.
pub(super) fn list(state: &State, call: &Call<'_>, of: &str) -> Answer {
    let pipelines = |hook: &&Record| {
        let pipeline = hook.parent.strip_prefix("pipeline/").unwrap_or_default();
        hook.parent == of
            || state
                .get(&PIPELINE, pipeline)
                .is_some_and(|pipeline| pipeline.parent == of)
    };
    let hooks = state.of(&HOOK, "").filter(pipelines);
    Ok(call.list(hooks.map(|hook| state.relation(hook, call.now)).collect()))
}

impl Devopness {
    /// `POST /hooks/{hook_id}/trigger`
    pub(super) fn trigger(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let hook = call.find(state, &HOOK, call.argument(0))?;
        let (reply, action, id) = match self.run_hook(state, call, hook.key().as_str()) {
            Ok((reply, action, id)) => (reply, action, id),
            Err(refusal) => {
                let id = state.uuid();
                (refusal.reply(), None, id)
            }
        };
        remember(state, call, &id, action, &reply);
        Ok(reply)
    }

    fn run_hook(
        &self,
        state: &mut State,
        call: &Call<'_>,
        id: &str,
    ) -> Result<(Reply, Option<u64>, String), Refusal> {
        let hook = call.find(state, &HOOK, id)?;
        let body = call.request.json().unwrap_or(Value::Null);
        if hook.text("type") != "in" || *hook.field("active") != true || !is_signed(hook, call) {
            return Err(errors::forbidden());
        }
        check_variables(hook, &body)?;
        let answer = json!({"message": "Hook successfully triggered", "errors": null});
        let pipeline = hook.parent.strip_prefix("pipeline/").unwrap_or_default();
        let planned = state
            .get(&PIPELINE, pipeline)
            .and_then(|one| pipelines::order(state, one));
        let conditions_met = conditions_met(hook, &body);
        let request = state.uuid();
        let Some((kind, key, mut order)) = planned.filter(|_| conditions_met) else {
            return Ok((call.reply(answer), None, request));
        };
        order.hook = Some((id.to_owned(), request.clone()));
        let is_it = |record: &Record| record.kind == kind && record.key() == key;
        let record = state.records.iter().position(is_it);
        let record = record.ok_or_else(|| call.missing(kind.resource))?;
        let action = self.dispatch(state, record, order, &[], call)?;
        Ok((
            call.dispatched(call.reply(answer), action),
            Some(action),
            request,
        ))
    }
}

fn is_signed(hook: &Record, call: &Call<'_>) -> bool {
    if *hook.field("requires_secret") != true {
        return true;
    }
    let header = call
        .request
        .header(hook.text("secret_header_name"))
        .unwrap_or_default();
    let secret = hook.secret.as_deref().unwrap_or_default();
    signature::is_valid(
        hook.text("secret_algorithm"),
        secret,
        call.request.body(),
        header,
    )
}

/// The value at a dotted path.
fn at<'v>(body: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(body, |value, field| match value {
        Value::Array(items) => field
            .parse()
            .ok()
            .and_then(|at: usize| items.get(at))
            .unwrap_or(&Value::Null),
        value => &value[field],
    })
}

fn check_variables(hook: &Record, body: &Value) -> Result<(), Refusal> {
    let mut invalid = Invalid::default();
    for variable in hook.field("settings")["variables"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = variable["name"].as_str().unwrap_or_default();
        let given = at(body, variable["path"].as_str().unwrap_or(name));
        if given.is_null() && variable["required"] == true && variable["default_value"].is_null() {
            invalid.add(name, format!("The {name} field is required."));
        }
    }
    invalid.check()
}

fn conditions_met(hook: &Record, body: &Value) -> bool {
    let conditions = hook.field("trigger_when")["conditions"]
        .as_array()
        .into_iter()
        .flatten();
    conditions.into_iter().all(|condition| {
        let given = at(body, condition["path"].as_str().unwrap_or_default());
        let accepted = condition["accepted_values"].as_array();
        accepted.is_none_or(|accepted| accepted.contains(given))
    })
}

fn remember(state: &mut State, call: &Call<'_>, id: &str, action: Option<u64>, reply: &Reply) {
    let Some(hook) = state.get(&HOOK, call.argument(0)) else {
        return;
    };
    let headers = call.request.headers().iter();
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or_default())))
        .collect();
    let shown_hook = state
        .model("HookRelation")
        .cut(&state.single(hook, call.now));
    let body = json!({
        "hook_id": hook.key(),
        "action_id": action,
        "retry_of": null,
        "ip_address": "127.0.0.1",
        "url": hook.field("url"),
        "request_headers": headers,
        "request_body": call.request.json().unwrap_or_else(|_| json!({})),
        "response_status_code": reply.status(),
        "response_headers": {"content-type": "application/json"},
        "response_body": {},
        "hook": shown_hook,
    });
    let parent = place(HOOK.resource, &hook.key());
    let (project, environment) = (hook.project, hook.environment);
    let body = body.as_object().cloned().unwrap_or_default();
    let request = state.add(&HOOK_REQUEST, json!(id), &parent, body, call.at);
    request.project = project;
    request.environment = environment;
}
