//! Apps.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::around::Around;
use super::deployments::Deployment;
use super::fields::{timestamp, user};
use crate::sync::{Held, lock};

/// An app and its deployments, oldest first.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) id: String,
    name: Held<String>,
    pub(super) created_at: Timestamp,
    pub(super) around: Held<Around>,
    deployments: Held<Vec<Arc<Deployment>>>,
}

impl App {
    pub(super) fn new(number: usize, name: String, created_at: Timestamp) -> Self {
        let id = format!("54100930736f7563d503{number:04x}");
        Self {
            around: Held::new(Around::new(&id, &timestamp(created_at))),
            id,
            name: Held::new(name),
            created_at,
            deployments: Held::default(),
        }
    }

    /// Whether the path names this app, by name or by id.
    pub(super) fn is(&self, name_or_id: &str) -> bool {
        *lock(&self.name) == name_or_id || self.id == name_or_id
    }

    pub(super) fn name(&self) -> String {
        lock(&self.name).clone()
    }

    pub(super) fn rename(&self, name: &str) {
        name.clone_into(&mut lock(&self.name));
    }

    /// Whether a deployment of it has succeeded by then.
    pub(super) fn was_deployed(&self, now: Instant) -> bool {
        self.deployments()
            .iter()
            .any(|deployment| deployment.status(now) == "success")
    }

    /// All deployments so far, oldest first.
    pub(super) fn deployments(&self) -> Vec<Arc<Deployment>> {
        lock(&self.deployments).clone()
    }

    pub(super) fn deployment(&self, id: &str) -> Option<Arc<Deployment>> {
        lock(&self.deployments)
            .iter()
            .find(|deployment| deployment.id == id)
            .cloned()
    }

    /// Adds the deployment that `make` derives from those before it.
    pub(super) fn deploy(
        &self,
        make: impl FnOnce(&[Arc<Deployment>]) -> Deployment,
    ) -> Arc<Deployment> {
        let mut deployments = lock(&self.deployments);
        let deployment = Arc::new(make(&deployments));
        deployments.push(Arc::clone(&deployment));
        deployment
    }

    /// The app as clients of `host` see it.
    pub(super) fn view(&self, host: &str, now: Instant) -> Value {
        let name = self.name();
        let deployments = self.deployments();
        let succeeded = |deployment: &&Arc<Deployment>| deployment.status(now) == "success";
        let last = deployments.iter().rev().find(succeeded);
        let last_at = last.map(|deployment| timestamp(deployment.created_at));
        let mut view = json!({
            "id": self.id,
            "name": name,
            "region": "osc-fr1",
            "created_at": timestamp(self.created_at),
            "updated_at": last_at.clone().unwrap_or_else(|| timestamp(self.created_at)),
            "git_url": format!("git@ssh.osc-fr1.scalingo.com:{}.git", name),
            "git_source": null,
            "url": format!("https://{}.osc-fr1.scalingo.io", name),
            "base_url": format!("https://{}.osc-fr1.scalingo.io", name),
            "status": if last.is_some() { "running" } else { "new" },
            "owner": user(),
            "links": {"deployments_stream": format!("ws://{host}/apps/{}", name)},
            "force_https": false,
            "sticky_session": false,
            "router_logs": false,
            "flags": {},
            "limits": {},
            "last_deployed_at": last_at,
            "last_deployed_by": last.map(|_| "john"),
            "last_deployment_id": last.map(|deployment| deployment.id.as_str()),
            "stack_id": "st-b13c29bb-3b1c-4dd8-b1b2-1f2f0d9d4a6e",
            "parent_app_name": "",
            "hds_resource": false,
            "private_networks_ids": [],
        });
        for (name, value) in &lock(&self.around).settings {
            view[name] = value.clone();
        }
        view
    }
}
