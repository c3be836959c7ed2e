//! The Tideways stand-in: the deployment API of one organization.
//!
//! | request, below `/apps/api/{organization}` | |
//! |---|---|
//! | `POST /deployment/provision` | creates the project once, gives its API key every time |
//! | `GET /applications` | |
//! | `GET /{application}/servers` | with the time of the last synchronization |
//! | `DELETE /{application}/servers` | a server that is alive comes back when it next synchronizes |
//!
//! Bodies are forms. Every answer to a good token carries `X-RateLimit-*`, for full hours of the wall
//! clock; what exceeds the quota gets 429.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::limit::{Limit, Verdict};
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::lock;

mod errors;
mod knobs;
mod servers;

pub use knobs::Knobs;
use servers::Server;

/// The Tideways stand-in.
pub struct Tideways {
    context: Context,
    organization: String,
    scope: bool,
    gaps: bool,
    limit: Option<Limit>,
    projects: Mutex<Vec<Project>>,
}

#[derive(Debug)]
struct Project {
    name: String,
    api_key: String,
    servers: Vec<Server>,
}

const TOKEN: &str = "tideways-sandbox-token";

impl fmt::Debug for Tideways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tideways")
            .field("organization", &self.organization)
            .field("projects", &lock(&self.projects).len())
            .finish_non_exhaustive()
    }
}

impl Service for Tideways {
    type Knobs = Knobs;
    const NAME: &'static str = "tideways";
    const PORT: u16 = 7002;

    fn new(knobs: Knobs, context: Context) -> Self {
        let clock = *context.clock();
        let mut projects = Vec::new();
        for (name, servers) in knobs.projects() {
            let servers = servers
                .into_iter()
                .map(|server| Server::new(server, &clock))
                .collect();
            add_project(&mut projects, &name).servers = servers;
        }
        Self {
            organization: knobs.organization,
            scope: knobs.scope,
            gaps: knobs.gaps,
            limit: knobs
                .quota
                .map(|requests| Limit::aligned(requests, Duration::from_secs(3600))),
            projects: Mutex::new(projects),
            context,
        }
    }

    fn token(&self) -> String {
        TOKEN.to_owned()
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        if request.bearer() != Some(TOKEN) {
            return errors::unauthorized();
        }
        let segments = request.segments();
        let ["apps", "api", organization, rest @ ..] = segments.as_slice() else {
            return errors::not_found();
        };
        let clock = self.context.clock();
        let now = clock.now();
        let verdict = self
            .limit
            .as_ref()
            .map(|limit| limit.check(organization, clock));
        let reply = match verdict {
            Some(verdict) if !verdict.allowed => errors::too_many(),
            _ if *organization != self.organization || !self.scope => errors::forbidden(),
            _ => self.route(rest, &request),
        };
        match verdict {
            // What doesn't exist isn't counted, and says nothing about the quota.
            Some(verdict) if reply.status() != 404 => with_quota(reply, verdict, now),
            _ => reply,
        }
    }
}

impl Tideways {
    fn route(&self, segments: &[&str], request: &Request) -> Reply {
        match (request.method(), segments) {
            ("POST", ["deployment", "provision"]) => self.provision(request),
            ("GET", ["applications"]) => self.applications(),
            ("GET", [application, "servers"]) => {
                self.with_project(application, |project| self.servers(project))
            }
            ("DELETE", [application, "servers"]) => {
                self.with_project(application, |project| self.decommission(project, request))
            }
            _ => errors::not_found(),
        }
    }

    fn with_project(&self, name: &str, answer: impl FnOnce(&mut Project) -> Reply) -> Reply {
        match lock(&self.projects)
            .iter_mut()
            .find(|project| project.name == name)
        {
            Some(project) => answer(project),
            None => errors::not_found(),
        }
    }

    fn provision(&self, request: &Request) -> Reply {
        let form = request.form();
        let application = form.iter().find(|(name, _)| name == "application");
        let Some((_, application)) = application.filter(|(_, name)| !name.is_empty()) else {
            return errors::invalid("The application is missing.");
        };
        let mut projects = lock(&self.projects);
        let known = projects
            .iter()
            .position(|project| project.name == *application);
        let project = match known {
            Some(at) => &projects[at],
            None => add_project(&mut projects, application),
        };
        Reply::json(200, json!({"api_key": project.api_key}))
    }

    fn applications(&self) -> Reply {
        let projects = lock(&self.projects);
        let view =
            |project: &Project| json!({"organization": self.organization, "name": project.name});
        Reply::json(200, projects.iter().map(view).collect())
    }

    fn servers(&self, project: &Project) -> Reply {
        let clock = self.context.clock();
        let visible = project
            .servers
            .iter()
            .enumerate()
            .filter(|(_, server)| server.is_registered(clock));
        let view = |server: &Server| server.view(&self.organization, &project.name, clock);
        let servers: Vec<(usize, Value)> = visible
            .map(|(index, server)| (index, view(server)))
            .collect();
        let has_gaps = servers
            .iter()
            .enumerate()
            .any(|(at, (index, _))| at != *index);
        if self.gaps && has_gaps {
            let servers = servers
                .into_iter()
                .map(|(index, view)| (index.to_string(), view));
            return Reply::json(200, servers.collect::<Map<_, _>>().into());
        }
        Reply::json(200, servers.into_iter().map(|(_, view)| view).collect())
    }

    fn decommission(&self, project: &mut Project, request: &Request) -> Reply {
        let form = request.form();
        let asked = form
            .iter()
            .filter(|(name, _)| is_server_field(name))
            .map(|(_, server)| server.as_str());
        let asked: Vec<&str> = asked.filter(|server| !server.is_empty()).collect();
        if asked.is_empty() {
            return errors::invalid("The servers are missing.");
        }
        let clock = self.context.clock();
        let mut removed = 0;
        for server in &mut project.servers {
            if asked.contains(&server.name()) && server.is_registered(clock) {
                server.remove(clock);
                removed += 1;
            }
        }
        Reply::json(200, json!({"ok": true, "removed_servers": removed}))
    }
}

fn with_quota(reply: Reply, verdict: Verdict, now: Timestamp) -> Reply {
    // Rounded up: who comes back at that second must not be early.
    let reset = now + SignedDuration::try_from(verdict.reset).unwrap_or_default();
    let reset = reset.as_second() + i64::from(reset.subsec_nanosecond() > 0);
    reply
        .header("x-ratelimit-limit", verdict.limit.to_string())
        .header("x-ratelimit-remaining", verdict.remaining.to_string())
        .header("x-ratelimit-reset", reset.to_string())
}

fn add_project<'a>(projects: &'a mut Vec<Project>, name: &str) -> &'a mut Project {
    let api_key = format!("tw_{:016x}", projects.len() + 1);
    projects.push(Project {
        name: name.to_owned(),
        api_key,
        servers: Vec::new(),
    });
    let last = projects.len() - 1;
    &mut projects[last]
}

/// `servers[]`, or `servers[0]` as PHP itself writes it.
fn is_server_field(name: &str) -> bool {
    let index = name
        .strip_prefix("servers[")
        .and_then(|rest| rest.strip_suffix(']'));
    index.is_some_and(|index| index.bytes().all(|digit| digit.is_ascii_digit()))
}
