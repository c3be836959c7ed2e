//! What tests can see of a running Scalingo stand-in, and do to it.

use bytes::Bytes;
use serde_json::Value;

use super::Scalingo;
use super::apps::App;
use super::outcome::Outcome;
use crate::running::Running;
use crate::sync::lock;

/// What the Scalingo stand-in adds. Methods that take an app, by name or id, return nothing for
/// one that doesn't exist.
impl Running<Scalingo> {
    /// A bearer token that is accepted, as an exchange would give it.
    pub fn bearer(&self) -> String {
        self.service().auth.issue(self.clock())
    }

    /// Makes all bearer tokens so far expire now.
    pub fn expire_tokens(&self) {
        self.service().auth.expire_all();
    }

    /// How the next deployment ends. Called several times, it decides for as many.
    pub fn next_outcome(&self, outcome: Outcome) {
        lock(&self.service().next_outcomes).push_back(outcome);
    }

    /// Starts a deployment, as if somebody else had triggered it, and gives its id.
    pub fn trigger(&self, app: &str, git_ref: &str) -> Option<String> {
        let service = self.service();
        let deployment = service.deploy(&*service.app(app)?, "", Some(git_ref));
        Some(deployment.id.clone())
    }

    /// All deployments of an app as they are now, oldest first, with all fields.
    pub fn deployments(&self, app: &str) -> Vec<Value> {
        let now = self.clock().instant();
        let view = |app: &App| {
            let deployments = app.deployments();
            let host = self.address().to_string();
            deployments
                .iter()
                .map(|deployment| deployment.view(&host, now))
                .collect()
        };
        self.service()
            .app(app)
            .map(|app| view(&app))
            .unwrap_or_default()
    }

    /// The log that a deployment has written so far.
    pub fn output(&self, app: &str, deployment: &str) -> Option<String> {
        let deployment = self.service().app(app)?.deployment(deployment)?;
        Some(deployment.timeline.log(self.clock().instant()))
    }

    /// Writes a line to an app's log, as a container of this name does: `web-1`.
    pub fn write_log(&self, app: &str, container: &str, line: &str) -> Option<()> {
        let service = self.service();
        service.write_log(&*service.app(app)?, container, &[line]);
        Some(())
    }

    /// The address of an app's deployment stream.
    pub fn stream_url(&self, app: &str) -> Option<String> {
        let app = self.service().app(app)?;
        Some(format!("ws://{}/apps/{}", self.address(), app.name()))
    }

    /// The archives that were uploaded, oldest first.
    pub fn uploads(&self) -> Vec<Bytes> {
        self.service().sources.archives()
    }
}
