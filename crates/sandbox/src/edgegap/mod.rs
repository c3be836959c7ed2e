//! The Edgegap stand-in: deployments of game servers, private fleets and tags, v1 and v2 at one
//! address.
//!
//! | request | |
//! |---|---|
//! | `POST /v2/deployments` | 202 and an id; 422 with an id when no place is found |
//! | `GET /v1/status/{id}` | walks through all phases; ports and address once it is ready |
//! | `DELETE /v1/stop/{id}` | 200, 202 before the server is ready, 410 when it has ended |
//! | `DELETE /v1/self/stop/{id}/{access point}` | the same, with the raw token of that deployment |
//! | `POST /v1/deployments/bulk-stop` | by ids and tags; no filters stop everything |
//! | `GET /v1/deployments` | what has not ended; `query`, `page`, `limit` (50 unless set, at most 100) |
//! | `POST /v1/deploy`, `PATCH /v1/deployments/{id}` | as they were before version 2; both are deprecated |
//! | `POST /v1/deployments/{id}:report` | kept, and nothing else |
//! | `/v1/app…`, `/v1/apps` | applications and their versions; `my-app` with `v1` is there from the start |
//! | `/v1/container-registry/images/…` | tags of images; some deleted and others not is 207 |
//! | `/v1/wizard/…` | the credentials of the container registry; not documented by the service |
//! | `/v1/storage/…` | endpoint storages and their pull profiles |
//! | `/v1/relays/…` | relay sessions, ready after 2 s |
//! | `GET /v1/locations`, `GET /v1/locations/beacons` | `tags=true` adds the tags |
//! | `GET /v1/deployment/{id}/container-logs` | 404 when the deployment has ended, unless stored |
//! | `GET /v1/metrics/deployment/{id}` | figures between two times |
//! | `POST /v2/private-fleets:deploy` | on the first host with room, else in the cloud |
//! | `POST /v2/private-fleets/deployments` | the same, at its newer address |
//! | `GET /v2/private-fleets/{fleet}/hosts` | |
//! | `/v1/deployments/{id}/tags…` | list, get, create, rename, delete |
//!
//! Webhooks given with a deployment are posted, over http. The documented limits are kept: 40
//! deployments, 40 deployments to fleets, 20 looks at a status, 10 lists and 10 lists of hosts a
//! second. Any version of `my-app` can be deployed, and any application that was not created here; of one that was,
//! only the versions that it has. A version's ports are those of its servers.
//!
//! Below `/matchmaker` and `/server-browser` there is one of each, with tokens of their own. Two players of a profile
//! make a match, which starts a server of `my-app`.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::limit::Limit;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::{Held, lock};

mod applications;
mod browser;
mod control;
mod controlled;
mod deployment;
mod errors;
mod filters;
mod fleets;
mod instances;
mod knobs;
mod legacy;
mod lists;
mod locations;
mod matchmaker;
mod metrics;
mod orders;
mod registry;
mod relays;
mod shelf;
mod stops;
mod storage;
mod tags;
mod webhooks;

use applications::Catalog;
use browser::Browser;
use deployment::Deployment;
use fleets::Fleet;
use matchmaker::Matches;
use registry::Images;
use relays::Relays;
use storage::Storages;

pub use knobs::{Knobs, Outcome};
pub use webhooks::Posted;

/// The Edgegap stand-in.
pub struct Edgegap {
    context: Context,
    knobs: Knobs,
    limits: Limits,
    rejected: AtomicU64,
    /// Tokens besides the one of the settings.
    tokens: Held<Vec<String>>,
    deployments: Held<Deployments>,
    next_outcomes: Held<VecDeque<Outcome>>,
    fleets: Held<Vec<Fleet>>,
    posted: Held<Vec<Posted>>,
    catalog: Held<Catalog>,
    images: Held<Images>,
    storages: Held<Storages>,
    relays: Held<Relays>,
    matches: Held<Matches>,
    browser: Held<Browser>,
    reports: Held<Vec<(String, Value)>>,
}

/// All deployments ever started, in order and by id.
#[derive(Clone, Default)]
struct Deployments {
    all: Vec<Arc<Deployment>>,
    by_id: HashMap<String, Arc<Deployment>>,
}

/// The documented limits. All tokens of an organization share them, and there is one here.
#[derive(Clone)]
struct Limits {
    deploy: Limit,
    fleet_deploy: Limit,
    status: Limit,
    list: Limit,
    hosts: Limit,
}

impl Limits {
    fn documented(on: bool) -> Self {
        let per_second = |calls| Limit::new(calls, Duration::from_secs(1)).switched(on);
        Self {
            deploy: per_second(40),
            fleet_deploy: per_second(40),
            status: per_second(20),
            list: per_second(10),
            hosts: per_second(10),
        }
    }
}

impl fmt::Debug for Edgegap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edgegap")
            .field("deployments", &lock(&self.deployments).all.len())
            .finish_non_exhaustive()
    }
}

impl Service for Edgegap {
    type Knobs = Knobs;
    const NAME: &'static str = "edgegap";
    const PORT: u16 = 7004;

    fn new(mut knobs: Knobs, context: Context) -> Self {
        let fleets = std::mem::take(&mut knobs.fleets);
        let fleet = |(name, hosts)| Fleet::new(name, hosts, context.clock());
        Self {
            limits: Limits::documented(knobs.quotas),
            rejected: AtomicU64::new(0),
            tokens: Held::default(),
            deployments: Held::default(),
            next_outcomes: Held::default(),
            fleets: Held::new(fleets.into_iter().map(fleet).collect()),
            posted: Held::default(),
            catalog: Held::new(Catalog::new(&knobs, context.clock().now())),
            images: Held::new(Images::new(&knobs.images)),
            storages: Held::default(),
            relays: Held::default(),
            matches: Held::default(),
            browser: Held::default(),
            reports: Held::default(),
            context,
            knobs,
        }
    }

    fn token(&self) -> String {
        self.knobs.token.clone()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        let opened = match head.segments().as_slice() {
            [name @ (instances::MATCHMAKER | instances::BROWSER), ..] => {
                instances::opens(name, head)
            }
            _ => self.is_authorized(head),
        };
        (!opened).then(errors::unauthorized)
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let segments = request.segments();
        if let ("DELETE", ["v1", "self", "stop", id, access_point]) =
            (request.method(), segments.as_slice())
        {
            return self.self_stop(id, access_point, &request);
        }
        if let [
            name @ (instances::MATCHMAKER | instances::BROWSER),
            rest @ ..,
        ] = segments.as_slice()
        {
            return self.instance(name, rest, &request);
        }
        if !self.is_authorized(&request) {
            return errors::unauthorized();
        }
        self.route(&request, &segments)
    }
}

impl Edgegap {
    fn is_authorized(&self, request: &Request) -> bool {
        let known =
            |token| token == self.knobs.token || lock(&self.tokens).iter().any(|one| one == token);
        let sent = request.header("authorization");
        sent.and_then(|sent| sent.strip_prefix("token "))
            .is_some_and(known)
    }

    fn route(self: &Arc<Self>, request: &Request, segments: &[&str]) -> Reply {
        let limits = &self.limits;
        match (request.method(), segments) {
            ("POST", ["v2", "deployments"]) => self.within(&limits.deploy, || self.deploy(request)),
            ("POST", ["v2", "private-fleets:deploy"])
            | ("POST", ["v2", "private-fleets", "deployments"]) => {
                if self
                    .knobs
                    .fleet_path
                    .is_some_and(|path| path != request.path())
                {
                    return errors::not_found("The requested URL was not found on the server.");
                }
                self.within(&limits.fleet_deploy, || self.fleet_deploy(request))
            }
            ("GET", ["v2", "private-fleets", fleet, "hosts"]) => {
                self.within(&limits.hosts, || self.hosts(fleet))
            }
            ("GET", ["v1", "status", id]) => self.within(&limits.status, || {
                self.with(id, |deployment| {
                    Reply::json(200, deployment.status(self.now(), self.clock()))
                })
            }),
            ("GET", ["v1", "deployments"]) => self.within(&limits.list, || self.list(request)),
            ("DELETE", ["v1", "stop", id]) => {
                self.with(id, |deployment| self.stop(deployment, request))
            }
            ("POST", ["v1", "deployments", "bulk-stop"]) => self.bulk_stop(request),
            (_, ["v1", "app", rest @ ..]) => {
                lock(&self.catalog).route(rest, request, self.clock().now())
            }
            ("GET", ["v1", "apps"]) => lock(&self.catalog).list(request),
            (_, ["v1", "container-registry", "images", rest @ ..]) => {
                lock(&self.images).route(rest, request, self.clock().now())
            }
            ("POST", ["v1", "wizard", "init-quick-start"]) => Reply::empty(204).example(),
            ("GET", ["v1", "wizard", "registry-credentials"]) => Reply::json(
                200,
                json!({
                    "registry_url": "registry.edgegap.com", "project": "my-org",
                    "username": "robot$my-org+client-push", "token": "registry-1c5a77e0",
                }),
            )
            .example(),
            (_, ["v1", "storage", rest @ ..]) => {
                let catalog = lock(&self.catalog);
                lock(&self.storages).route(rest, request, &catalog, self.clock().now())
            }
            (_, ["v1", "relays", rest @ ..]) => {
                lock(&self.relays).route(rest, request, self.clock())
            }
            ("POST", ["v1", "deploy"]) => self.deploy_v1(request),
            ("PATCH", ["v1", "deployments", id]) => {
                self.with(id, |deployment| self.update(deployment, request))
            }
            ("POST", ["v1", "deployments", action]) if action.ends_with(":report") => self
                .with(action.trim_end_matches(":report"), |deployment| {
                    self.report(deployment, request)
                }),
            ("GET", ["v1", "locations", "beacons"]) => locations::beacons(request).example(),
            ("GET", ["v1", "locations"]) => {
                let catalog = lock(&self.catalog);
                let known = match (request.query("app"), request.query("version")) {
                    (Some(app), Some(version)) => catalog.deployable(app, version).map(drop),
                    _ => Ok(()),
                };
                locations::list(request, known).example()
            }
            ("GET", ["v1", "deployment", id, "container-logs"]) => {
                self.with(id, |deployment| self.logs(deployment))
            }
            ("GET", ["v1", "metrics", "deployment", id]) => self.with(id, |deployment| {
                metrics::figures(deployment, request, self.clock()).example()
            }),
            (method, ["v1", "deployments", id, "tags", rest @ ..]) => self.with(id, |deployment| {
                tags::route(deployment, method, rest, request, self.clock())
            }),
            _ => errors::no_route(),
        }
    }

    fn clock(&self) -> &Clock {
        self.context.clock()
    }

    fn now(&self) -> Instant {
        self.clock().instant()
    }

    /// Answers, unless the organization has used up this limit.
    fn within(&self, limit: &Limit, answer: impl FnOnce() -> Reply) -> Reply {
        if limit.check("", self.clock()).allowed {
            return answer();
        }
        self.rejected.fetch_add(1, Ordering::Relaxed);
        errors::too_many()
    }

    fn deployment(&self, id: &str) -> Option<Arc<Deployment>> {
        lock(&self.deployments).by_id.get(id).cloned()
    }

    /// Answers about a deployment, if there is one of this id.
    fn with(&self, id: &str, answer: impl FnOnce(&Arc<Deployment>) -> Reply) -> Reply {
        match self.deployment(id) {
            Some(deployment) => answer(&deployment),
            None => errors::unknown_deployment(self.knobs.unknown_id_status),
        }
    }

    fn logs(&self, deployment: &Deployment) -> Reply {
        let now = self.now();
        match deployment.log_storage() {
            None if deployment.has_ended(now) => errors::not_found("Container logs not found"),
            storage => {
                let link = storage
                    .filter(|_| deployment.has_ended(now))
                    .map(|name| format!("https://{name}.example.com/{}.txt", deployment.id));
                Reply::json(
                    200,
                    json!({
                        "logs": deployment.log(now),
                        "encoding": "utf-8",
                        "crash_logs": null,
                        "crash_data": null,
                        "logs_link": link,
                    }),
                )
            }
        }
    }
}
