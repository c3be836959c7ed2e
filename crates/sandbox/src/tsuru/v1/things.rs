//! What is kept as plain documents: plans, pools, volumes, roles and the like.

use serde_json::{Value, json};

use super::super::errors::{Answer, Refusal, refusal};
use super::input::Input;
use super::state::State;
use super::{Call, TsuruV1, done, list};
use crate::reply::Reply;
use std::sync::Arc;

/// The name of a document, however it is spelled.
pub(super) fn name_of(document: &Value) -> String {
    ["name", "Name", "id", "token_id", "PoolExpr"]
        .iter()
        .find_map(|key| document[key].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// A document that must be there.
pub(super) fn thing<'a>(
    state: &'a mut State,
    collection: &'static str,
    name: &str,
) -> Result<&'a mut Value, Refusal> {
    let found = state.things.entry(collection).or_default().get_mut(name);
    found.ok_or_else(|| refusal(404, format!("{collection}: {name} not found")))
}

/// What an operation does with a document.
#[derive(Debug, Clone, Copy)]
enum Act {
    List,
    Get,
    Create,
    Change,
    Remove,
}

/// The collection of an operation, and what it does.
fn meaning(operation: &str) -> Option<(&'static str, Act)> {
    use Act::{Change, Create, Get, List, Remove};

    Some(match operation {
        "PlanList" => ("plans", List),
        "PlanCreate" => ("plans", Create),
        "DeletePlan" => ("plans", Remove),
        "PoolList" => ("pools", List),
        "PoolGet" => ("pools", Get),
        "PoolCreate" => ("pools", Create),
        "PoolUpdate" => ("pools", Change),
        "PoolDelete" => ("pools", Remove),
        "ConstraintList" => ("constraints", List),
        "ConstraintSet" => ("constraints", Create),
        "VolumeList" => ("volumes", List),
        "VolumeGet" => ("volumes", Get),
        "VolumeCreate" => ("volumes", Create),
        "volumeUpdate" => ("volumes", Change),
        "VolumeDelete" => ("volumes", Remove),
        "RouterList" => ("routers", List),
        "RouterCreate" => ("routers", Create),
        "RouterUpdate" => ("routers", Change),
        "RouterDelete" => ("routers", Remove),
        "PlatformList" => ("platforms", List),
        "PlatformDelete" => ("platforms", Remove),
        "ClusterList" => ("clusters", List),
        "ClusterInfo" => ("clusters", Get),
        "WebhookList" => ("webhooks", List),
        "WebhookGet" => ("webhooks", Get),
        "WebhookCreate" => ("webhooks", Create),
        "WebhookUpdate" => ("webhooks", Change),
        "WebhookDelete" => ("webhooks", Remove),
        "listRoles" => ("roles", List),
        "roleInfo" => ("roles", Get),
        "DeleteRole" => ("roles", Remove),
        "TeamsList" => ("teams", List),
        "TeamCreate" => ("teams", Create),
        "TeamUpdate" | "updateTeam" => ("teams", Change),
        "TeamDelete" => ("teams", Remove),
        "ServiceCreate" => ("services", Create),
        "ServiceUpdate" => ("services", Change),
        "ServiceDelete" => ("services", Remove),
        "DeleteJob" => ("jobs", Remove),
        _ => return None,
    })
}

impl TsuruV1 {
    pub(super) fn things(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let name = call.stars.first().copied().unwrap_or_default();
        if let Some((collection, act)) = meaning(operation) {
            return Some(state.act(collection, act, name, input));
        }
        Some(match operation {
            "ListJob" => {
                let jobs = state.things.get("jobs").into_iter().flatten();
                list(jobs.map(|(_, job)| job.clone()).collect())
            }
            "CreateJob" => create_job(state, input, call),
            "GetJob" => thing(state, "jobs", name).map(|job| {
                Reply::json(
                    200,
                    json!({"job": job, "units": null, "serviceInstanceBinds": []}),
                )
            }),
            "UpdateJob" => thing(state, "jobs", name).and_then(|job| {
                if !input.text("description").is_empty() {
                    job["description"] = input.text("description").into();
                }
                done()
            }),
            "TriggerJob" => thing(state, "jobs", name).map(|_| ()).and_then(|()| {
                let event = self.event(call, "job.trigger", ("job", name), self.knobs.operation);
                state.begin(event)?;
                Ok(Reply::json(200, json!({"status": "success"})))
            }),
            "killJob" => thing(state, "jobs", name).and_then(|_| done()),
            "VolumePlansList" => Ok(Reply::json(
                200,
                json!({"kubernetes": [{"Name": "nfs", "Opts": null}]}),
            )),
            "VolumeBind" | "VolumeUnbind" => input.required("app").and_then(|app| {
                thing(state, "volumes", name)?;
                state.app(&app)?;
                self.operation(
                    state,
                    call,
                    "volume.update",
                    ("app", &app),
                    "Binding the volume",
                )
            }),
            "ProvisionerList" => list(vec![json!({"name": "kubernetes", "cluster_help": {}})]),
            "ClusterCreate" | "ClusterUpdate" => input.required("name").and_then(|cluster| {
                let told = self.operation(
                    state,
                    call,
                    "cluster.create",
                    ("cluster", &cluster),
                    "Adding",
                )?;
                state
                    .things
                    .entry("clusters")
                    .or_default()
                    .insert(cluster, input.json.clone());
                Ok(told)
            }),
            "ClusterDelete" => thing(state, "clusters", name).map(|_| ()).and_then(|()| {
                state.things.entry("clusters").or_default().remove(name);
                self.operation(state, call, "cluster.delete", ("cluster", name), "Removing")
            }),
            "PlatformInfo" => thing(state, "platforms", name).map(|platform| {
                Reply::json(
                    200,
                    json!({"platform": platform, "images": [format!("tsuru/{name}:v1")]}),
                )
            }),
            "PlatformAdd" | "PlatformUpdate" | "PlatformRollback" => {
                let platform = if name.is_empty() {
                    input.text("name")
                } else {
                    name.to_owned()
                };
                let document = json!({"Name": platform, "Disabled": false});
                state
                    .things
                    .entry("platforms")
                    .or_default()
                    .insert(platform.clone(), document);
                self.operation(
                    state,
                    call,
                    "platform.update",
                    ("platform", &platform),
                    "Building",
                )
            }
            "addTeamToPoolHandler" | "removeTeamToPoolHandler" => thing(state, "pools", name)
                .and_then(|pool| {
                    let given = input.texts("team");
                    let mut teams: Vec<String> =
                        serde_json::from_value(pool["teams"].clone()).unwrap_or_default();
                    teams.retain(|team| !given.contains(team));
                    if operation.starts_with("add") {
                        teams.extend(given);
                    }
                    pool["teams"] = json!(teams);
                    done()
                }),
            "ServiceManifestGet" => thing(state, "services", name).map(|service| {
                let manifest = service["manifest"].clone();
                Reply::json(
                    200,
                    if manifest.is_null() {
                        json!({"enabled": false})
                    } else {
                        manifest
                    },
                )
            }),
            "ServiceManifestSet" => thing(state, "services", name).and_then(|service| {
                service["manifest"] = input.json.clone();
                done()
            }),
            _ => return None,
        })
    }
}

impl State {
    fn act(&mut self, collection: &'static str, act: Act, name: &str, input: &Input) -> Answer {
        let documents = self.things.entry(collection).or_default();
        let missing = || refusal(404, format!("{collection}: {name} not found"));
        match act {
            Act::List => list(documents.values().cloned().collect()),
            Act::Get => documents
                .get(name)
                .map(|found| Reply::json(200, found.clone()))
                .ok_or_else(missing),
            Act::Remove => documents
                .remove(name)
                .ok_or_else(missing)
                .and_then(|_| done()),
            Act::Create => {
                let document = match &input.json {
                    Value::Null => json!({"name": input.text("name")}),
                    json => json.clone(),
                };
                let name = name_of(&document);
                if name.is_empty() {
                    return Err(refusal(400, "the name is missing"));
                }
                if documents.contains_key(&name) && collection != "constraints" {
                    return Err(refusal(409, format!("{name} already exists")));
                }
                documents.insert(name, document);
                Ok(Reply::empty(201))
            }
            Act::Change => {
                let found = documents.get_mut(name).ok_or_else(missing)?;
                if let (Value::Object(found), Value::Object(changes)) = (found, &input.json) {
                    found.extend(changes.clone());
                }
                done()
            }
        }
    }
}

fn create_job(state: &mut State, input: &Input, call: &Call<'_>) -> Answer {
    let name = input.required("name")?;
    if thing(state, "jobs", &name).is_ok() {
        return Err(refusal(409, "a job with the same name already exists"));
    }
    if input.text("schedule").is_empty() && !input.flag("manual") {
        return Err(refusal(400, "invalid schedule"));
    }
    let job = json!({
        "name": name, "teamOwner": input.text("teamowner"), "owner": call.user, "pool": "local",
        "plan": {"name": "small", "memory": 0, "cpumilli": 0}, "description": input.text("description"),
        "tags": input.texts("tags"), "metadata": {"labels": null, "annotations": null},
        "spec": {
            "schedule": input.text("schedule"), "manual": input.flag("manual"),
            "container": input.json["container"], "envs": [],
        },
    });
    state
        .things
        .entry("jobs")
        .or_default()
        .insert(name.clone(), job);
    Ok(Reply::json(
        201,
        json!({"jobName": name, "status": "success"}),
    ))
}
