//! The Tideways stand-in: one organization, its projects, and what was measured of them.
//!
//! | request, below `/apps/api/{organization}` | |
//! |---|---|
//! | `POST /deployment/provision` | creates the project once, gives its API key every time |
//! | `GET /applications` | |
//! | `GET /{application}/servers` | with the time of the last synchronization |
//! | `DELETE /{application}/servers` | a server that is alive comes back when it next synchronizes |
//! | `GET /{application}/performance`, `summary`, `transaction/1`, `history` | made-up figures: slower since a release |
//! | `GET /{application}/issues`, `issues/{id}` | an old error, and a new one for each release |
//! | `GET /{application}/observations`, `traces` | one of each |
//!
//! An environment other than `production` and `staging` is answered for `production`, as the service does.
//!
//! | request | |
//! |---|---|
//! | `POST /api/events` | the project's key is in the body; `…/external/{id}/{secret}` takes the same |
//! | `POST`, `DELETE /apps/api/organizations/{organization}/provisioning` | a project that was deleted stays so |
//! | `POST …/users/invite`, `DELETE …/users` | |
//! | `GET /apps/api/_token` | scopes and projects; not counted |
//!
//! Bodies of the first four are forms, all others JSON. Every answer to a good token carries `X-RateLimit-*`, for full hours of the wall
//! clock; what exceeds the quota gets 429.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::limit::{Limit, Verdict};
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::{Held, lock};

mod controlled;
mod errors;
mod events;
mod knobs;
mod measured;
mod organization;
mod servers;

use events::Event;
pub use knobs::Knobs;
use servers::Server;

/// The Tideways stand-in.
pub struct Tideways {
    context: Context,
    organization: String,
    scope: bool,
    gaps: bool,
    limit: Limit,
    projects: Held<Vec<Project>>,
    events: Held<Vec<Event>>,
    members: Held<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Project {
    name: String,
    api_key: String,
    servers: Vec<Server>,
    deleted: bool,
}

/// Requests an hour, as documented.
const QUOTA: u64 = 2500;

const TOKEN: &str = "tideways-sandbox-token";

/// Last part of the secret address for events.
const EXTERNAL_SECRET: &str = "sandbox-secret";

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
        let clock = context.clock().clone();
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
            limit: Limit::aligned(knobs.quota.unwrap_or(QUOTA), Duration::from_secs(3600))
                .switched(knobs.quota.is_some()),
            projects: Held::new(projects),
            events: Held::default(),
            members: Held::default(),
            context,
        }
    }

    fn token(&self) -> String {
        TOKEN.to_owned()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        match head.segments().as_slice() {
            // Their credential is in the body, or known to whoever has the address.
            ["api", ..] => Some(Reply::unproven()),
            _ => (head.bearer() != Some(TOKEN)).then(errors::unauthorized),
        }
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let segments = request.segments();
        match (request.method(), segments.as_slice()) {
            ("POST", ["api", "events"]) => return self.create_event(&request),
            ("POST", ["api", "events", "external", _, secret]) => {
                return self.create_external_event(secret, &request);
            }
            _ => {}
        }
        if request.bearer() != Some(TOKEN) {
            return errors::unauthorized();
        }
        let (organization, rest, newer) = match segments.as_slice() {
            ["apps", "api", "_token"] if request.method() == "GET" => return self.token_info(),
            ["apps", "api", "organizations", organization, rest @ ..] => (organization, rest, true),
            ["apps", "api", organization, rest @ ..] => (organization, rest, false),
            _ => return errors::no_route(),
        };
        let clock = self.context.clock();
        let now = clock.now();
        let verdict = self
            .limit
            .is_on()
            .then(|| self.limit.check(organization, clock));
        let reply = match verdict {
            Some(verdict) if !verdict.allowed => errors::too_many(),
            _ if *organization != self.organization || !self.scope => errors::forbidden(),
            _ if newer => self.of_organization(rest, &request),
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
            ("GET", [application, rest @ ..]) => {
                self.with_project(application, |project| self.read(project, rest, request))
            }
            _ => errors::no_route(),
        }
    }

    fn with_project(&self, name: &str, answer: impl FnOnce(&mut Project) -> Reply) -> Reply {
        match lock(&self.projects)
            .iter_mut()
            .find(|project| project.name == name && !project.deleted)
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
        let shown = projects.iter().filter(|project| !project.deleted);
        Reply::json(200, shown.map(view).collect())
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
        deleted: false,
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
