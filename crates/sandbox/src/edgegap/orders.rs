//! Orders for servers: checks and placement.

use std::sync::Arc;

use serde_json::{Value, json};

use super::deployment::Deployment;
use super::errors::{self, Refusal};
use super::knobs::Outcome;
use super::{Edgegap, locations};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;
use crate::validate::{Fields, Kind, Problem};

/// The longest value of an environment variable.
const LONGEST_VALUE: usize = 4096;

impl Edgegap {
    /// `POST /v2/deployments`
    pub(super) fn deploy(self: &Arc<Self>, request: &Request) -> Reply {
        let Ok(order) = request.json() else {
            return errors::bad_request("The request body is not valid JSON");
        };
        match check(&order) {
            Ok(()) => self.start(order, None),
            Err(refusal) => *refusal,
        }
    }

    /// `POST /v2/private-fleets:deploy`
    pub(super) fn fleet_deploy(self: &Arc<Self>, request: &Request) -> Reply {
        let Ok(order) = request.json() else {
            return errors::bad_request("The request body is not valid JSON");
        };
        let fields = Fields::of(&order)
            .required("private_host_ids", Kind::Array)
            .check();
        if let Err(problems) = fields {
            return errors::invalid_order(problems);
        }
        if let Err(refusal) = check(&order) {
            return *refusal;
        }
        let ids: Vec<&str> = order["private_host_ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if ids.is_empty() {
            return errors::bad_request("'private_host_ids' must not be empty");
        }
        let fleets = lock(&self.fleets).clone();
        let hosts = fleets.iter().flat_map(|fleet| &fleet.hosts);
        let known: Vec<_> = hosts
            .filter(|host| ids.contains(&host.id.as_str()))
            .collect();
        if known.len() != ids.len() {
            return errors::bad_request("'private_host_ids' has an unknown host, or one twice");
        }
        let has_room = |id: &&&str| {
            let active = known
                .iter()
                .any(|host| host.id == ***id && host.is_active());
            active && self.servers_on(id) < self.knobs.host_room
        };
        // Without room on any of them, it overflows to the cloud.
        let host = ids.iter().find(has_room).map(|&id| id.to_owned());
        self.start(order, host)
    }

    /// How many servers there are on a private host.
    pub(super) fn servers_on(&self, host: &str) -> usize {
        let now = self.now();
        let deployments = lock(&self.deployments);
        let here =
            |one: &&Arc<Deployment>| one.host.as_deref() == Some(host) && !one.has_ended(now);
        deployments.all.iter().filter(here).count()
    }

    fn start(self: &Arc<Self>, order: Value, host: Option<String>) -> Reply {
        let part = |name: &str| order[name].as_str().unwrap_or_default();
        if let Err(problem) = lock(&self.catalog).deployable(part("application"), part("version")) {
            return errors::bad_request(&problem);
        }
        let deployment = self.begin(order, host);
        match deployment.outcome {
            Outcome::NotPlaced => {
                errors::not_placed(&deployment.id, "No location found for this deployment")
            }
            _ => Reply::json(202, json!({"request_id": deployment.id})),
        }
    }

    /// Begins a deployment that was checked.
    pub(super) fn begin(self: &Arc<Self>, order: Value, host: Option<String>) -> Arc<Deployment> {
        let part = |name: &str| order[name].as_str().unwrap_or_default();
        let catalog = lock(&self.catalog);
        let version = catalog
            .deployable(part("application"), part("version"))
            .ok()
            .flatten();
        let lacks_image = version.is_some_and(|version| catalog.lacks_image(version));
        let version = version.cloned().unwrap_or_default();
        drop(catalog);
        let chosen = lock(&self.next_outcomes).pop_front();
        let outcome = match chosen {
            Some(outcome) => outcome,
            None if lacks_image => Outcome::Error("The image could not be pulled".to_owned()),
            None => self.knobs.outcome.clone(),
        };
        let users = order["users"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let place = locations::nearest(users);
        let deployment = {
            let mut deployments = lock(&self.deployments);
            let number = deployments.all.len();
            let (knobs, clock) = (&self.knobs, self.clock());
            let deployment =
                Deployment::begin(number, order, &version, host, place, outcome, knobs, clock);
            let deployment = Arc::new(deployment);
            deployments.all.push(Arc::clone(&deployment));
            deployments
                .by_id
                .insert(deployment.id.clone(), Arc::clone(&deployment));
            deployment
        };
        self.post_webhooks(&deployment);
        deployment
    }
}

/// What both kinds of order must be.
pub(super) fn check(order: &Value) -> Result<(), Refusal> {
    let mut fields = Fields::of(order)
        .required("application", Kind::String)
        .required("version", Kind::String)
        .optional("require_cached_locations", Kind::Boolean);
    for list in ["users", "environment_variables", "tags"] {
        fields = fields.optional(list, Kind::Array);
    }
    for object in [
        "webhook_on_ready",
        "webhook_on_error",
        "webhook_on_terminated",
        "resources",
    ] {
        fields = fields.optional(object, Kind::Object);
    }
    fields.check().map_err(refuse_fields)?;
    // By its description; the page of 2025 does not tell of users.
    if order["users"].as_array().is_none_or(Vec::is_empty) {
        return Err(refuse("'users' must have one at least"));
    }
    let items = |list: &str| order[list].as_array().cloned().unwrap_or_default();
    items("users").iter().try_for_each(check_user)?;
    for variable in items("environment_variables") {
        Fields::of(&variable)
            .required("key", Kind::String)
            .required("is_hidden", Kind::Boolean)
            .check()
            .map_err(refuse_fields)?;
        match variable["value"].as_str() {
            Some(value) if value.len() <= LONGEST_VALUE => {}
            _ => {
                return Err(refuse(
                    "an environment variable has no value, or one over 4 KB",
                ));
            }
        }
    }
    if !items("tags").iter().all(Value::is_string) {
        return Err(refuse("'tags' must be strings"));
    }
    for webhook in [
        "webhook_on_ready",
        "webhook_on_error",
        "webhook_on_terminated",
    ] {
        if !order[webhook].is_null() {
            let url = Fields::of(&order[webhook])
                .required("url", Kind::String)
                .check();
            url.map_err(refuse_fields)?;
        }
    }
    Ok(())
}

fn check_user(user: &Value) -> Result<(), Refusal> {
    let data = &user["user_data"];
    let within = |name: &str, most: f64| {
        data[name]
            .as_f64()
            .is_some_and(|degrees| degrees.abs() <= most)
    };
    let good = match user["user_type"].as_str() {
        Some("ip_address") => data["ip_address"].as_str().is_some_and(is_ip),
        Some("geo_coordinates") => within("latitude", 90.0) && within("longitude", 180.0),
        _ => false,
    };
    if good {
        return Ok(());
    }
    Err(refuse("'users' has one without a usable address or place"))
}

fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

fn refuse(problem: &str) -> Refusal {
    Box::new(errors::bad_request(problem))
}

fn refuse_fields(problems: Vec<(String, Problem)>) -> Refusal {
    Box::new(errors::invalid_order(problems))
}
