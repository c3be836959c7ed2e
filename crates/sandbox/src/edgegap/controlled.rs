//! What can be seen of the Edgegap stand-in, and done to it, from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployment::Deployment;
use super::fleets::Fleet;
use super::{Deployments, Edgegap, instances};
use crate::controlled::{self, Controlled, Operation};
use crate::limit::Limit;
use crate::service::Context;
use crate::sync::{Held, lock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    applications: Vec<ApplicationSeed>,
    #[serde(default)]
    fleets: Vec<FleetSeed>,
    #[serde(default)]
    images: Vec<ImageSeed>,
    /// Further API tokens.
    #[serde(default)]
    tokens: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationSeed {
    pub(super) name: String,
    /// Each with a name, and other fields as in the API.
    #[serde(default)]
    pub(super) versions: Vec<VersionSeed>,
}

#[derive(Deserialize)]
pub(super) struct VersionSeed {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) fields: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetSeed {
    name: String,
    #[serde(default)]
    hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageSeed {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Controlled for Edgegap {
    fn hints(&self) -> Value {
        let base_url = self.context.base_url();
        json!({
            "application": "my-app",
            "version": "v1",
            "matchmaker_url": format!("{base_url}/{}", instances::MATCHMAKER),
            "matchmaker_token": instances::MATCHMAKER_TOKEN,
            "server_browser_url": format!("{base_url}/{}", instances::BROWSER),
            "server_browser_token": instances::BROWSER_TOKEN,
            "server_browser_client_token": instances::BROWSER_CLIENT_TOKEN,
        })
    }

    fn state(&self) -> Value {
        let now = self.now();
        let deployments = lock(&self.deployments).all.clone();
        let deployment = |one: &Arc<Deployment>| {
            let view = one.status(now, self.clock());
            json!({
                "id": one.id, "status": view["current_status"], "application": view["app_name"],
                "version": view["app_version"], "public_ip": view["public_ip"], "host": one.host,
                "tags": view["tags"], "error": view["error_detail"], "log": one.log(now),
            })
        };
        let fleets = lock(&self.fleets);
        let fleets = fleets.iter().map(|fleet| {
            let hosts: Vec<_> = fleet.hosts.iter().map(|host| host.id.as_str()).collect();
            json!({"name": fleet.name(), "hosts": hosts})
        });
        let reports = lock(&self.posted);
        let webhook = |one: &super::Posted| json!({"deployment": one.request_id, "field": one.field, "answer": one.status});
        json!({
            "deployments": controlled::latest(&deployments).iter().rev().map(deployment).collect::<Vec<_>>(),
            "applications": lock(&self.catalog).summary(),
            "fleets": fleets.collect::<Vec<_>>(),
            "webhooks": controlled::latest(&reports).iter().rev().map(webhook).collect::<Vec<_>>(),
        })
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: Seed = controlled::read("edgegap", seed)?;
        lock(&self.catalog).seed(seed.applications, self.clock().now());
        let mut fleets = lock(&self.fleets);
        for fleet in seed.fleets {
            fleets.push(Fleet::new(fleet.name, fleet.hosts, self.clock()));
        }
        let images = seed
            .images
            .into_iter()
            .map(|image| (image.name, image.tags));
        lock(&self.images).add(images);
        lock(&self.tokens).extend(seed.tokens);
        Ok(())
    }

    fn outcomes(&self) -> Vec<Value> {
        let outcomes = lock(&self.next_outcomes);
        outcomes.iter().map(|outcome| json!(outcome)).collect()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        *lock(&self.next_outcomes) = controlled::read_outcomes(outcomes)?.into();
        Ok(())
    }

    fn limits(&self) -> Vec<(&'static str, &Limit)> {
        let limits = &self.limits;
        vec![
            ("deploy", &limits.deploy),
            ("fleet-deploy", &limits.fleet_deploy),
            ("status", &limits.status),
            ("list", &limits.list),
            ("hosts", &limits.hosts),
        ]
    }

    fn operations(&self) -> Vec<Operation> {
        controlled::table(include_str!("operations.txt"))
    }

    fn copy(&self, context: Context) -> Option<Self> {
        let all = lock(&self.deployments).all.clone();
        let all: Vec<_> = all
            .iter()
            .map(|one| Arc::new(Deployment::clone(one)))
            .collect();
        let by_id = all.iter().map(|one| (one.id.clone(), Arc::clone(one)));
        Some(Self {
            context,
            knobs: self.knobs.clone(),
            limits: self.limits.clone(),
            rejected: AtomicU64::new(self.rejected.load(Ordering::Relaxed)),
            tokens: self.tokens.clone(),
            deployments: Held::new(Deployments {
                by_id: by_id.collect(),
                all,
            }),
            next_outcomes: self.next_outcomes.clone(),
            fleets: self.fleets.clone(),
            posted: self.posted.clone(),
            catalog: self.catalog.clone(),
            images: self.images.clone(),
            storages: self.storages.clone(),
            relays: self.relays.clone(),
            matches: self.matches.clone(),
            browser: self.browser.clone(),
            reports: self.reports.clone(),
        })
    }

    fn resume(self: &Arc<Self>) {
        let now = self.now();
        let deployments = lock(&self.deployments).all.clone();
        for deployment in deployments.iter().filter(|one| !one.has_ended(now)) {
            self.post_webhooks(deployment);
        }
    }
}
