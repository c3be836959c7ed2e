//! Services and their instances.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::errors::{Answer, Refusal, refusal};
use super::input::Input;
use super::state::{State, Variable};
use super::things::thing;
use super::{Call, TsuruV1, done, list};
use crate::reply::Reply;

/// What every binding sets.
const VARIABLES: [(&str, &str); 2] = [
    ("DATABASE_HOST", "localhost"),
    ("DATABASE_PASSWORD", "s3cr3t"),
];

impl TsuruV1 {
    pub(super) fn instances(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        Some(match (operation, call.stars.as_slice()) {
            ("ServicesList" | "InstancesList", _) => {
                let services = state.things.get("services").cloned().unwrap_or_default();
                list(services.keys().map(|service| service_view(state, service)).collect())
            }
            ("ServiceInfo", [service]) => thing(state, "services", service)
                .map(|_| ())
                .map(|()| Reply::json(200, instances_of(state, service).into())),
            ("ServicePlans", [service]) => thing(state, "services", service).map(|_| {
                Reply::json(200, json!([{"Name": "small", "Description": "one core"}]))
            }),
            ("ServiceDoc", [service]) => thing(state, "services", service)
                .map(|service| Reply::text(200, service["doc"].as_str().unwrap_or_default())),
            ("ServiceAddDoc", [service]) => thing(state, "services", service).and_then(|service| {
                service["doc"] = input.text("doc").into();
                done()
            }),
            ("ServiceGrantTeam" | "ServiceRevokeTeam", [service, _]) => {
                thing(state, "services", service).and_then(|_| done())
            }
            ("InstanceCreate", [service]) => create(state, service, input),
            ("InstanceGet", [service, name]) => instance(state, service, name).map(|found| {
                Reply::json(200, json!({
                    "Apps": found["apps"], "Jobs": found["jobs"], "Teams": found["teams"],
                    "TeamOwner": found["team_owner"], "Description": found["description"],
                    "PlanName": found["plan_name"], "PlanDescription": "one core", "Tags": found["tags"],
                    "CustomInfo": {}, "Parameters": found["parameters"], "Pool": "",
                }))
            }),
            ("ServiceInstanceStatus", [service, name]) => instance(state, service, name)
                .map(|_| Reply::text(200, format!("Service instance \"{name}\" is up"))),
            ("InstanceUpdate", [service, name]) => instance(state, service, name).and_then(|found| {
                for (field, name) in [("description", "description"), ("teamowner", "team_owner"), ("plan", "plan_name"), ("tags", "tags")] {
                    if !input.get(field).is_null() {
                        found[name] = input.get(field).clone();
                    }
                }
                done()
            }),
            ("InstanceDelete", [service, name]) => self.remove(state, input, call, service, name),
            ("ServiceInstanceGrant" | "ServiceInstanceRevoke", [_, _, _]) => done(),
            ("ServiceInstanceBind" | "ServiceInstanceBind1_0", [service, name, app]) => {
                self.bind(state, call, ("app", app), service, name)
            }
            ("ServiceInstanceUnbind" | "ServiceInstanceUnbind1_0", [service, name, app]) => {
                self.unbind(state, call, ("app", app), service, name)
            }
            ("JobServiceInstanceBind", [service, name, job]) => self.bind(state, call, ("job", job), service, name),
            ("JobServiceInstanceUnbind", [service, name, job]) => {
                self.unbind(state, call, ("job", job), service, name)
            }
            _ => return None,
        })
    }

    fn remove(
        self: &Arc<Self>,
        state: &mut State,
        input: &Input,
        call: &Call<'_>,
        service: &str,
        name: &str,
    ) -> Answer {
        let bound = instance(state, service, name)?["apps"]
            .as_array()
            .is_some_and(|apps| !apps.is_empty());
        if bound && !input.flag("unbindall") {
            return Err(refusal(
                400,
                "This service instance is bound to at least one app. Unbind them before removing it",
            ));
        }
        let told = self.operation(
            state,
            call,
            "service-instance.delete",
            ("service-instance", name),
            "Removing",
        )?;
        state
            .things
            .entry("instances")
            .or_default()
            .remove(&key(service, name));
        Ok(told)
    }

    fn bind(
        self: &Arc<Self>,
        state: &mut State,
        call: &Call<'_>,
        (kind, target): (&str, &str),
        service: &str,
        name: &str,
    ) -> Answer {
        let list = if kind == "app" { "apps" } else { "jobs" };
        exists(state, kind, target)?;
        let found = instance(state, service, name)?;
        if is_bound(found, list, target) {
            return Err(refusal(
                409,
                format!("{kind} \"{target}\" is already bound to the service instance"),
            ));
        }
        let told = self.operation(
            state,
            call,
            &format!("{kind}.update.bind"),
            (kind, target),
            "Binding",
        )?;
        if let Some(bound) = instance(state, service, name)?[list].as_array_mut() {
            bound.push(target.into());
        }
        if kind == "app" {
            let env = &mut state.app(target)?.env;
            for (name, value) in VARIABLES {
                let variable = Variable {
                    value: value.to_owned(),
                    private: true,
                    ..Variable::default()
                };
                env.insert(name.to_owned(), variable);
            }
        }
        Ok(told)
    }

    fn unbind(
        self: &Arc<Self>,
        state: &mut State,
        call: &Call<'_>,
        (kind, target): (&str, &str),
        service: &str,
        name: &str,
    ) -> Answer {
        let list = if kind == "app" { "apps" } else { "jobs" };
        exists(state, kind, target)?;
        let found = instance(state, service, name)?;
        if !is_bound(found, list, target) {
            return Err(refusal(
                412,
                format!("{kind} \"{target}\" is not bound to the service instance"),
            ));
        }
        let told = self.operation(
            state,
            call,
            &format!("{kind}.update.unbind"),
            (kind, target),
            "Unbinding",
        )?;
        if let Some(bound) = instance(state, service, name)?[list].as_array_mut() {
            bound.retain(|bound| bound != target);
        }
        if kind == "app" {
            let env = &mut state.app(target)?.env;
            env.retain(|name, _| !VARIABLES.iter().any(|(set, _)| set == name));
        }
        Ok(told)
    }
}

fn exists(state: &mut State, kind: &str, target: &str) -> Result<(), Refusal> {
    match kind {
        "app" => state.app(target).map(|_| ()),
        _ => thing(state, "jobs", target).map(|_| ()),
    }
}

fn key(service: &str, name: &str) -> String {
    format!("{service}/{name}")
}

fn instance<'a>(state: &'a mut State, service: &str, name: &str) -> Result<&'a mut Value, Refusal> {
    let found = state
        .things
        .entry("instances")
        .or_default()
        .get_mut(&key(service, name));
    found.ok_or_else(|| refusal(404, "service instance not found"))
}

fn is_bound(instance: &Value, list: &str, target: &str) -> bool {
    let bound = instance[list].as_array();
    bound.is_some_and(|bound| bound.contains(&target.into()))
}

fn instances_of(state: &State, service: &str) -> Vec<Value> {
    let all = state.things.get("instances").into_iter().flatten();
    all.filter(|(_, instance)| instance["service_name"] == service)
        .map(|(_, instance)| instance.clone())
        .collect()
}

fn service_view(state: &State, service: &str) -> Value {
    let instances = instances_of(state, service);
    let names: Vec<_> = instances
        .iter()
        .map(|instance| instance["name"].clone())
        .collect();
    json!({"service": service, "instances": names, "plans": ["small"], "service_instances": instances})
}

fn create(state: &mut State, service: &str, input: &Input) -> Answer {
    thing(state, "services", service)?;
    let name = input.required("name")?;
    if instance(state, service, &name).is_ok() {
        return Err(refusal(409, "service instance name already exists"));
    }
    let owner = match input.text("owner") {
        owner if owner.is_empty() => "admin".to_owned(),
        owner => owner,
    };
    let number = state.number();
    let document = json!({
        "id": number, "name": name, "service_name": service, "plan_name": input.text("plan"), "apps": [],
        "jobs": [], "teams": [owner], "team_owner": owner, "description": input.text("description"),
        "tags": input.texts("tags"), "parameters": input.json["parameters"],
    });
    state
        .things
        .entry("instances")
        .or_default()
        .insert(key(service, &name), document);
    Ok(Reply::empty(201))
}
