//! What can be set before the start, and seen afterwards.

use std::time::Duration;

use serde_json::Value;

use super::servers::{Plan, Sync};
use super::{QUOTA, Tideways};
use crate::builder::Builder;
use crate::running::Running;
use crate::sync::lock;

/// The settings of the Tideways stand-in. [`Builder<Tideways>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) organization: String,
    projects: Vec<(String, Vec<Plan>)>,
    pub(super) scope: bool,
    pub(super) quota: Option<u64>,
    pub(super) gaps: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            organization: "acme".to_owned(),
            projects: Vec::new(),
            scope: true,
            quota: Some(QUOTA),
            gaps: false,
        }
    }
}

impl Knobs {
    /// The projects to start with.
    pub(super) fn projects(&self) -> Vec<(String, Vec<Plan>)> {
        const DAY: Duration = Duration::from_secs(24 * 3600);

        if !self.projects.is_empty() {
            return self.projects.clone();
        }
        let plan = |name: &str, sync| Plan {
            name: name.to_owned(),
            sync,
        };
        let app1 = vec![
            plan("app1.foo.bar.local", Sync::Alive),
            plan("app2.foo.bar.local", Sync::Silent(70 * DAY)),
        ];
        vec![("app1".to_owned(), app1)]
    }

    fn add(&mut self, application: &str, server: Option<Plan>) {
        let known = self
            .projects
            .iter()
            .position(|(name, _)| name == application);
        let at = known.unwrap_or_else(|| {
            self.projects.push((application.to_owned(), Vec::new()));
            self.projects.len() - 1
        });
        self.projects[at].1.extend(server);
    }
}

/// Settings of the Tideways stand-in.
impl Builder<Tideways> {
    /// The organization that the token belongs to; `acme` unless set.
    pub fn organization(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.organization = name.to_owned())
    }

    /// Adds an application. Without any, there is `app1` with one server that is alive and one that has
    /// been silent for 70 days.
    pub fn application(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.add(name, None))
    }

    /// Adds a server that synchronizes once a minute: when it is removed, it comes back.
    pub fn alive_server(self, application: &str, name: &str) -> Self {
        self.server(application, name, Sync::Alive)
    }

    /// Adds a server that last synchronized so long before the start. That long is real time, whatever the
    /// speed.
    pub fn silent_server(self, application: &str, name: &str, silent_for: Duration) -> Self {
        self.server(application, name, Sync::Silent(silent_for))
    }

    /// Adds a server with any `last_sync`: null, a date in another spelling, what is no date.
    pub fn odd_server(self, application: &str, name: &str, last_sync: impl Into<Value>) -> Self {
        self.server(application, name, Sync::Shown(last_sync.into()))
    }

    /// The token lacks the scope: every request gets 403.
    pub fn without_scope(self) -> Self {
        self.knobs(|knobs| knobs.scope = false)
    }

    /// Requests an hour, 2500 unless set; `None` switches the quota and its headers off.
    pub fn quota(self, requests: Option<u64>) -> Self {
        self.knobs(|knobs| knobs.quota = requests)
    }

    /// Writes a list of servers whose first was removed as PHP writes an array with gaps: as an object of
    /// its indexes.
    pub fn gaps(self, gaps: bool) -> Self {
        self.knobs(|knobs| knobs.gaps = gaps)
    }

    fn server(self, application: &str, name: &str, sync: Sync) -> Self {
        let plan = Plan {
            name: name.to_owned(),
            sync,
        };
        self.knobs(|knobs| knobs.add(application, Some(plan)))
    }
}

/// What the Tideways stand-in adds.
impl Running<Tideways> {
    /// The API key of a project, as its servers and events use it; none if there is no such project.
    pub fn api_key(&self, application: &str) -> Option<String> {
        let service = self.service();
        let projects = lock(&service.projects);
        let project = projects.iter().find(|project| project.name == application);
        project.map(|project| project.api_key.clone())
    }

    /// The events that were created, oldest first, as project, type and name.
    pub fn events(&self) -> Vec<(String, String, String)> {
        let service = self.service();
        let events = lock(&service.events);
        let view = |event: &super::events::Event| {
            (
                event.project.clone(),
                event.kind.clone(),
                event.name.clone(),
            )
        };
        events.iter().map(view).collect()
    }

    /// The members of the organization, by e-mail.
    pub fn members(&self) -> Vec<String> {
        lock(&self.service().members).clone()
    }

    /// The names of all projects, oldest first.
    pub fn projects(&self) -> Vec<String> {
        let service = self.service();
        let projects = lock(&service.projects);
        projects
            .iter()
            .map(|project| project.name.clone())
            .collect()
    }

    /// The servers that are registered with an application now; none if there is no such application.
    pub fn servers(&self, application: &str) -> Vec<String> {
        let service = self.service();
        let projects = lock(&service.projects);
        let project = projects.iter().find(|project| project.name == application);
        let servers = project
            .map(|project| project.servers.as_slice())
            .unwrap_or_default();
        let registered = servers
            .iter()
            .filter(|server| server.is_registered(self.clock()));
        registered.map(|server| server.name().to_owned()).collect()
    }
}
