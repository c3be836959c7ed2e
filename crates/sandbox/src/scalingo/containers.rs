//! Containers: which types there shall be, and which run.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::around::Formation;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// Sizes of containers, with their memory in MiB.
const SIZES: [(&str, u64); 6] = [
    ("S", 256),
    ("M", 512),
    ("L", 1024),
    ("XL", 2048),
    ("2XL", 4096),
    ("3XL", 8192),
];

/// The service's limit of containers of one type.
const MOST: u64 = 10;

pub(super) fn size(name: &str) -> Option<Value> {
    let at = SIZES.iter().position(|(size, _)| *size == name)?;
    let memory = SIZES[at].1 * 1024 * 1024;
    Some(json!({
        "id": format!("size-{}", name.to_lowercase()),
        "name": name,
        "human_name": name,
        "human_cpu": "Standard",
        "sku": format!("osc-fr1-container-{}", name.to_lowercase()),
        "memory": memory,
        "pids_limit": 256,
        "swap": null,
        "hourly_price": at + 1,
        "thirtydays_price": (at + 1) * 720,
        "ordinal": at,
    }))
}

pub(super) fn sizes() -> Reply {
    let all: Vec<_> = SIZES.iter().filter_map(|(name, _)| size(name)).collect();
    Reply::json(200, json!({"container_sizes": all}))
}

fn view(app: &App, formation: &[Formation]) -> Vec<Value> {
    let types = formation.iter().map(|one| {
        json!({
            "id": format!("ty-{}", one.name),
            "app_id": app.id,
            "name": one.name,
            "amount": one.amount,
            "size": one.size,
            "command": format!("bundle exec {}", one.name),
        })
    });
    types.collect()
}

impl Scalingo {
    pub(super) fn container_types(&self, app: &App) -> Reply {
        let formation = lock(&app.around).formation.clone();
        Reply::json(200, json!({"containers": view(app, &formation)}))
    }

    /// What runs: as many containers as are wanted, once the app was deployed, and the one-offs.
    pub(super) fn ps(&self, app: &App) -> Reply {
        let now = self.clock().instant();
        let around = lock(&app.around);
        let mut running = Vec::new();
        if app.was_deployed(now) {
            for one in &around.formation {
                running.extend((1..=one.amount).map(|index| {
                    json!({
                        "id": format!("ct-{}-{index}", one.name),
                        "app_id": app.id,
                        "type": one.name,
                        "type_index": index,
                        "label": format!("{}-{index}", one.name),
                        "state": "running",
                        "size": "",
                        "command": format!("bundle exec {}", one.name),
                        "created_at": timestamp(app.created_at),
                        "deleted_at": null,
                        "container_size": size(&one.size),
                    })
                }));
            }
        }
        let one_offs = around
            .one_offs
            .iter()
            .filter(|one| one.ends > now && !one.stopped);
        running.extend(one_offs.map(|one| one.view(&app.id)));
        Reply::json(200, json!({"containers": running}))
    }

    pub(super) fn scale(&self, app: &App, request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let Some(orders) = body["containers"].as_array() else {
            return Reply::json(400, json!({"error": "'container' should be defined"}));
        };
        let mut formation = lock(&app.around).formation.clone();
        let before: serde_json::Map<_, _> = spelled(&formation);
        for order in orders {
            let name = order["name"].as_str().unwrap_or_default();
            if name.is_empty() {
                return errors::field("name", "missing field");
            }
            let Some(amount) = order["amount"].as_u64().filter(|amount| *amount <= MOST) else {
                return errors::field(
                    &format!("container-{name}-amount"),
                    "must be between 0 and 10",
                );
            };
            let wanted = order["size"].as_str();
            if wanted.is_some_and(|name| size(name).is_none()) {
                return errors::field(&format!("container-{name}-size"), "is unknown");
            }
            if !formation.iter().any(|one| one.name == name) {
                formation.push(Formation {
                    name: name.into(),
                    amount: 0,
                    size: "M".into(),
                });
            }
            for one in formation.iter_mut().filter(|one| one.name == name) {
                one.amount = amount;
                one.size = wanted.unwrap_or(&one.size).to_owned();
            }
        }
        let after = spelled(&formation);
        lock(&app.around).formation.clone_from(&formation);
        self.event(
            app,
            "scale",
            json!({"previous_containers": before, "containers": after}),
        );
        let answer = json!({"containers": view(app, &formation)});
        if !app.was_deployed(self.clock().instant()) {
            return Reply::json(200, answer);
        }
        let location = self.operation(app, "scale", None, request);
        Reply::json(202, answer).header("location", location)
    }

    /// Begins an operation; gives its address.
    pub(super) fn operation(
        &self,
        app: &App,
        kind: &'static str,
        data: Option<Value>,
        request: &Request,
    ) -> String {
        let fails = self.knobs.operations_fail;
        let id = self
            .operations
            .begin_with(&app.id, kind, fails, data, self.clock());
        format!(
            "http://{}/v1/apps/{}/operations/{id}",
            request.host(),
            app.name()
        )
    }

    pub(super) fn container(&self, app: &App, id: &str, act: &str, request: &Request) -> Reply {
        let now = self.clock().instant();
        let mut around = lock(&app.around);
        let one_off = around
            .one_offs
            .iter_mut()
            .find(|one| one.id == id && one.ends > now);
        match (act, one_off) {
            ("stop", Some(one_off)) => {
                one_off.stopped = true;
                Reply::empty(202)
            }
            ("kill", found) => {
                let body = request.json().unwrap_or_default();
                match body["signal"].as_str() {
                    Some("SIGUSR1" | "SIGUSR2") if found.is_some() || id.starts_with("ct-") => {
                        Reply::empty(204)
                    }
                    Some("SIGUSR1" | "SIGUSR2") => errors::not_found("container"),
                    _ => errors::field("signal", "is not allowed"),
                }
            }
            _ => errors::not_found("container"),
        }
    }
}

/// As events spell it: `"3:S"`.
fn spelled(formation: &[Formation]) -> serde_json::Map<String, Value> {
    let pairs = formation.iter().map(|one| {
        (
            one.name.clone(),
            json!(format!("{}:{}", one.amount, one.size)),
        )
    });
    pairs.collect()
}
