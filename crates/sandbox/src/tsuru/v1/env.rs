//! Environment variables of apps and jobs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::errors::{Answer, Refusal, refusal};
use super::input::{Input, text};
use super::state::{State, Variable};
use super::{Call, TsuruV1};
use crate::reply::Reply;

type Variables = BTreeMap<String, Variable>;

impl TsuruV1 {
    pub(super) fn environment(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let name = call.stars.first().copied().unwrap_or_default();
        let (target, action) = match operation {
            "EnvGet" | "EnvSet" | "EnvUnset" => ("app", &operation[3..]),
            "JobEnvGet" | "JobEnvSet" | "JobEnvUnset" => ("job", &operation[6..]),
            _ => return None,
        };
        Some(match action {
            "Get" => variables(state, target, name).map(|known| get(known, input)),
            "Set" => self.change(state, (target, name), call, input, "set", set),
            _ => self.change(state, (target, name), call, input, "unset", unset),
        })
    }

    fn change(
        self: &Arc<Self>,
        state: &mut State,
        target: (&str, &str),
        call: &Call<'_>,
        input: &Input,
        kind: &str,
        act: fn(&mut Variables, &Input) -> Result<usize, Refusal>,
    ) -> Answer {
        let mut changed = variables(state, target.0, target.1)?.clone();
        let count = act(&mut changed, input)?;
        let kind = format!("{}.update.env.{kind}", target.0);
        let told = self.operation(state, call, &kind, target, &format!("{count} variables"))?;
        *variables(state, target.0, target.1)? = changed;
        if target.0 == "app" && !input.flag("norestart") {
            state.app(target.1)?.restarts += 1;
        }
        Ok(told)
    }
}

fn variables<'a>(
    state: &'a mut State,
    target: &str,
    name: &str,
) -> Result<&'a mut Variables, Refusal> {
    if target == "app" {
        return Ok(&mut state.app(name)?.env);
    }
    super::things::thing(state, "jobs", name)?;
    Ok(state.job_env.entry(name.to_owned()).or_default())
}

fn get(known: &Variables, input: &Input) -> Reply {
    let wanted = input.texts("env");
    let shown = known
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    let view = |(name, variable): (&String, &Variable)| {
        json!({
            "name": name, "value": variable.value, "alias": variable.alias, "public": !variable.private,
            "managedBy": variable.managed_by,
        })
    };
    let list: Vec<Value> = shown.map(view).collect();
    // A list that was never made is null in Go.
    Reply::json(
        200,
        if list.is_empty() {
            Value::Null
        } else {
            list.into()
        },
    )
}

fn set(known: &mut Variables, input: &Input) -> Result<usize, Refusal> {
    let none = Vec::new();
    let given = input.get("envs").as_array().unwrap_or(&none);
    let managed_by = input.text("managedby");
    if given.is_empty() && !input.flag("pruneunused") {
        return Err(refusal(
            400,
            "You must provide the list of environment variables",
        ));
    }
    if input.flag("pruneunused") {
        known.retain(|_, variable| managed_by.is_empty() || variable.managed_by != managed_by);
    }
    for variable in given {
        let name = text(&variable["name"]);
        if name.is_empty() {
            return Err(refusal(400, "invalid environment variable name"));
        }
        let private = text(&variable["private"]) == "true" || input.flag("private");
        let variable = Variable {
            value: text(&variable["value"]),
            alias: text(&variable["alias"]),
            private,
            managed_by: managed_by.clone(),
        };
        known.insert(name, variable);
    }
    Ok(given.len())
}

fn unset(known: &mut Variables, input: &Input) -> Result<usize, Refusal> {
    let gone = input.texts("env");
    if gone.is_empty() {
        return Err(refusal(
            400,
            "You must provide the list of environment variables.",
        ));
    }
    known.retain(|name, _| !gone.contains(name));
    Ok(gone.len())
}
