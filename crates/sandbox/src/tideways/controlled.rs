//! What can be seen of the Tideways stand-in, and done to it, from outside.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::servers::{Plan, Server, Sync};
use super::{Project, Tideways, add_project};
use crate::controlled::{self, Controlled, Operation};
use crate::limit::Limit;
use crate::service::Context;
use crate::sync::lock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    applications: Vec<ApplicationSeed>,
    #[serde(default)]
    members: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationSeed {
    name: String,
    #[serde(default)]
    servers: Vec<ServerSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerSeed {
    name: String,
    /// For how long it has been silent; one that is alive unless given.
    silent_seconds: Option<u64>,
}

impl Controlled for Tideways {
    fn hints(&self) -> Value {
        let projects = lock(&self.projects);
        let first = projects.first();
        json!({
            "organization": self.organization,
            "application": first.map(|project| &project.name),
            "api_key": first.map(|project| &project.api_key),
        })
    }

    fn state(&self) -> Value {
        let clock = self.context.clock();
        let projects = lock(&self.projects);
        let shown = || {
            controlled::latest(&projects)
                .iter()
                .filter(|one| !one.deleted)
        };
        let application = |one: &Project| json!({"name": one.name, "api_key": one.api_key, "servers": one.servers.len()});
        let servers = shown().flat_map(|project| {
            let registered = project
                .servers
                .iter()
                .filter(|server| server.is_registered(clock));
            registered.map(|server| server.view(&self.organization, &project.name, clock))
        });
        let events = lock(&self.events);
        let event = |one: &super::Event| json!({"project": one.project, "type": one.kind, "name": one.name, "at": one.at.to_string()});
        json!({
            "events": controlled::latest(&events).iter().rev().map(event).collect::<Vec<_>>(),
            "applications": shown().map(application).collect::<Vec<_>>(),
            "servers": servers.collect::<Vec<_>>(),
            "members": lock(&self.members).iter().map(|email| json!({"email": email})).collect::<Vec<_>>(),
        })
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: Seed = controlled::read("tideways", seed)?;
        let clock = self.context.clock();
        let mut projects = lock(&self.projects);
        for application in seed.applications {
            let known = projects.iter().position(|one| one.name == application.name);
            let project = match known {
                Some(at) => &mut projects[at],
                None => add_project(&mut projects, &application.name),
            };
            project.deleted = false;
            for server in application.servers {
                let silent = server.silent_seconds.map(Duration::from_secs);
                let plan = Plan {
                    name: server.name,
                    sync: silent.map_or(Sync::Alive, Sync::Silent),
                };
                project.servers.push(Server::new(plan, clock));
            }
        }
        lock(&self.members).extend(seed.members);
        Ok(())
    }

    fn limits(&self) -> Vec<(&'static str, &Limit)> {
        vec![("requests", &self.limit)]
    }

    fn operations(&self) -> Vec<Operation> {
        controlled::table(include_str!("operations.txt"))
    }

    fn copy(&self, context: Context) -> Option<Self> {
        Some(Self {
            context,
            organization: self.organization.clone(),
            scope: self.scope,
            gaps: self.gaps,
            limit: self.limit.clone(),
            projects: self.projects.clone(),
            events: self.events.clone(),
            members: self.members.clone(),
        })
    }
}
