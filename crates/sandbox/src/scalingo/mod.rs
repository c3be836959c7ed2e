//! The Scalingo stand-in: the authentication API, a regional API, the storage for sources and the
//! deployment stream, all at one address.
//!
//! | request | |
//! |---|---|
//! | `POST /v1/tokens/exchange` | Basic, empty user, API token → a bearer token that expires |
//! | `GET /v1/regions` | this server as the only region; needs no token |
//! | `/v1/tokens…`, `/v1/keys…`, `/v1/users…`, `/v1/scm_integrations…` | the account; tokens made here can be exchanged |
//! | `POST`, `DELETE /v1/users`, `POST /v1/users/delete…` | signing up, and the end of the account, at once or by mail |
//! | `/v1/projects…` | with invitations to take one over; the default one has the apps |
//! | `/v1/databases…` | dedicated databases and their networks |
//! | `/v1/apps/{app}/domains…` | a certificate after 3 s; none for `*.invalid`, and `*.…` needs the DNS |
//! | `/v1/apps/{app}/collaborators…` | invited, accepted, removed |
//! | `GET /v1/apps`, `GET /v1/apps/{app}` | by name or id; `links.deployments_stream` |
//! | `POST`, `PATCH`, `DELETE /v1/apps…` | made, changed, renamed, handed over, deleted |
//! | `/v1/apps/{app}/variables…` | set by `POST` and `PUT`, deleted one by one or many at once |
//! | `GET /v1/apps/{app}/ps`, `containers` | one web container once the app was deployed, and the one-offs |
//! | `POST /v1/apps/{app}/scale`, `restart` | 202 and an operation in `Location` |
//! | `POST /v1/apps/{app}/run` | a container that runs for 4 s; its end at `{attach_url}/wait`, its output in the log |
//! | `GET /v1/apps/{app}/audit_logs/{id}` | what was typed into a one-off and shown; the event of its run has the id |
//! | `/v1/apps/{app}/data_access_consent`, `hds_contact` | kept; a consent for 30 days at the most |
//! | `GET /v1/apps/{app}/logs` | a signed address: dumped, or followed by events of the server or by WebSocket |
//! | `GET /v1/apps/{app}/logs_archives` | by cursor; signed addresses |
//! | `/v1/apps/{app}/log_drains`, `/v1/apps/{app}/addons/{addon}/log_drains` | nothing is sent to them |
//! | `GET /v1/apps/{app}/events…`, `/v1/events`, `/v1/projects/{id}/events` | what is done here, newest first |
//! | `GET /v1/event_types`, `event_categories`, `/v1/notification_platforms…` | |
//! | `/v1/apps/{app}/notifiers…` | one by mail from the start; nothing is sent |
//! | `/v1/apps/{app}/alerts…`, `autoscalers…` | kept; none acts by itself |
//! | `GET /v1/apps/{app}/cron_tasks` | two, once the app was deployed |
//! | `GET /v1/features/metrics`, `/v1/apps/{app}/stats…` | made-up values of the containers that run |
//! | `/v1/apps/{app}/scm_repo_link…` | one link an app; `manual_deploy` starts a deployment |
//! | `/v1/apps/{app}/addons…` | a PostgreSQL from the start; tokens for the database API |
//! | `/api/databases/{addon}…` | the database API: with the add-on's own token only (others: 400); backups take 3 s |
//! | `GET /v1/apps/{app}/operations/{id}` | pending, running, then done or error |
//! | `POST /v1/sources` | signed addresses, good for 10 minutes |
//! | `PUT`, `GET` of those | upload and download, without a token |
//! | `GET /v1/apps/{app}/deployments` | newest first, in pages of 20, at most 50 |
//! | `POST /v1/apps/{app}/deployments` | starts a deployment |
//! | `GET /v1/apps/{app}/deployments/{id}` | |
//! | `GET /v1/apps/{app}/deployments/{id}/output` | the log so far; 404 while there is none |
//! | `DELETE /v1/apps/{app}/caches/deployment` | 204 |
//! | WebSocket `/apps/{app}` | the deployment stream |
//!
//! A deployment whose `source_url` is a source of this server that was never uploaded, or has
//! expired, ends with `build-error`. Any other address counts as good; nothing is ever fetched.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::limit::Limit;
use crate::page::Page;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::{Held, lock};
use crate::validate::{Fields, Kind};

mod account;
mod accounts;
mod addons;
mod alerts;
mod apps;
mod around;
mod around_databases;
mod auth;
mod autoscalers;
mod collaborators;
mod consents;
mod containers;
mod control;
mod controlled;
mod cron;
mod databases;
mod dedicated;
mod deployments;
mod domains;
mod drains;
mod environment;
mod errors;
mod events;
mod extras;
mod fields;
mod knobs;
mod links;
mod logs;
mod metrics;
mod notifiers;
mod one_offs;
mod operations;
mod orders;
mod outcome;
mod output;
mod projects;
mod scm_integrations;
mod script;
mod shelves;
mod sources;
mod stacks;
mod stream;
mod timeline;

use account::Account;
use apps::App;
use auth::Auth;
use databases::Databases;
use deployments::{Deployment, Order};
use events::Events;
use operations::Operations;
use sources::Sources;

pub use errors::{INTERNAL_ERROR, PAYMENT_REQUIRED, REGION_DISABLED};
pub use knobs::{Knobs, NewFrame, Replay, RetryAfter};
pub use outcome::Outcome;

/// Items of a page, unless asked for otherwise.
const PER_PAGE: usize = 20;

/// Items of a page at most.
const MOST_PER_PAGE: usize = 50;

/// The Scalingo stand-in.
pub struct Scalingo {
    context: Context,
    knobs: Knobs,
    auth: Auth,
    limit: Limit,
    apps: Held<Vec<Arc<App>>>,
    /// How many apps were ever made.
    made: AtomicUsize,
    account: Held<Account>,
    databases: Held<Databases>,
    sources: Sources,
    operations: Operations,
    events: Events,
    next_outcomes: Held<VecDeque<Outcome>>,
    silent_connections: AtomicU64,
    /// Sends when a deployment is created, for the streams.
    changes: watch::Sender<()>,
    /// Sends when a line is written to a log.
    logged: watch::Sender<()>,
}

impl fmt::Debug for Scalingo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalingo")
            .field("apps", &lock(&self.apps).len())
            .finish_non_exhaustive()
    }
}

impl Service for Scalingo {
    type Knobs = Knobs;
    const NAME: &'static str = "scalingo";
    const PORT: u16 = 7001;

    fn new(mut knobs: Knobs, context: Context) -> Self {
        let clock = context.clock().clone();
        let mut names = std::mem::take(&mut knobs.apps);
        if names.is_empty() {
            names.push("example-app".to_owned());
        }
        let app = |(number, name)| {
            let app = App::new(number, name, clock.now());
            for number in 0..knobs.history {
                let hours = knobs.history - number;
                app.deploy(|_| Deployment::historic(&app.id, number, hours, &clock));
            }
            Arc::new(app)
        };
        Self {
            made: AtomicUsize::new(names.len()),
            apps: Held::new(names.into_iter().enumerate().map(app).collect()),
            account: Held::new(Account::new("sandbox", &fields::timestamp(clock.now()))),
            databases: Held::default(),
            auth: Auth::new(knobs.api_token.clone(), knobs.token_lifetime),
            limit: Limit::new(60, Duration::from_secs(60)).switched(knobs.quota),
            sources: Sources::default(),
            operations: Operations::default(),
            events: Events::default(),
            next_outcomes: Held::default(),
            silent_connections: AtomicU64::new(knobs.stream.silent_connections),
            changes: watch::Sender::new(()),
            logged: watch::Sender::new(()),
            context,
            knobs,
        }
    }

    fn token(&self) -> String {
        self.auth.api_token().to_owned()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        let accepted = match head.segments().as_slice() {
            ["v1", "tokens", "exchange"] => self.auth.may_exchange(head),
            ["sources", _] => return self.sources.refusal(head, self.clock()),
            ["api", rest @ ..] => return self.refuses_database(rest, head),
            _ => self.is_authorized(head),
        };
        (!accepted).then(errors::unauthorized)
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        match (request.method(), request.segments().as_slice()) {
            ("POST", ["v1", "tokens", "exchange"]) => self.exchange(&request),
            ("GET", ["v1", "regions"]) => self.regions(&request).example(),
            ("PUT" | "GET", ["sources", _]) => self.sources.serve(&request, self.clock()),
            ("GET", ["apps", app]) => self.stream(app, &request),
            ("GET", ["one-offs", id, "wait"]) => self.attach_wait(id, &request).await,
            ("GET", ["logs", app]) => self.logs(app, &request),
            ("GET", ["logs_archives", app, number]) => self.logs_archive(app, number, &request),
            ("GET", ["backups", name]) => self.backup_file(name, &request),
            ("GET", ["database-logs", addon]) => around_databases::log(addon, &request),
            (_, ["api", rest @ ..]) => self.database_api(rest, &request),
            (_, ["v1", rest @ ..]) => self.regional(rest, &request),
            _ => errors::no_route(),
        }
    }
}

impl Scalingo {
    fn clock(&self) -> &Clock {
        self.context.clock()
    }

    fn exchange(&self, request: &Request) -> Reply {
        if !self.auth.may_exchange(request) {
            return errors::unauthorized();
        }
        self.within_quota("authentication API", || {
            Reply::json(200, json!({"token": self.auth.issue(self.clock())}))
        })
    }

    fn regions(&self, request: &Request) -> Reply {
        let origin = format!("http://{}", request.host());
        let region = json!({
            "name": "osc-fr1",
            "display_name": "Paris - Outscale",
            "api": origin,
            "dashboard": "https://dashboard.scalingo.com",
            "database_api": origin,
            "ssh": "ssh.osc-fr1.scalingo.com:22",
            "default": true,
        });
        Reply::json(200, json!({"regions": [region]}))
    }

    fn stream(self: Arc<Self>, app: &str, request: &Request) -> Reply {
        let Some(app) = self.app(app) else {
            return errors::not_found("app");
        };
        let host = request.host().to_owned();
        Reply::websocket(move |socket| stream::serve(self, app, host, socket))
    }

    /// After how many frames the stream that opens now falls silent.
    fn silent_after(&self) -> Option<u64> {
        let one_less = |left: u64| left.checked_sub(1);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let taken = self.silent_connections.fetch_update(set, fetch, one_less);
        taken.is_ok().then_some(self.knobs.stream.silent_after)
    }

    fn is_authorized(&self, request: &Request) -> bool {
        let accepted = |bearer| self.auth.accepts(bearer, self.clock());
        request.bearer().is_some_and(accepted)
    }

    /// All that needs a bearer token, and what is public beside it.
    fn regional(&self, rest: &[&str], request: &Request) -> Reply {
        if !is_public(rest, request) && !self.is_authorized(request) {
            return errors::unauthorized();
        }
        match rest.first() {
            Some(&"users") if rest.len() == 1 => {
                self.within_quota("regional API", || self.accounts(request))
            }
            Some(
                &("users" | "keys" | "tokens" | "client" | "scm_integrations" | "organizations"),
            ) => {
                let answer = || self.auth_api(rest, request);
                self.within_quota("authentication API", || {
                    answer().unwrap_or_else(errors::no_route)
                })
            }
            _ => self.within_quota("regional API", || self.route(request)),
        }
    }

    /// Answers, unless the account has used up its quota. All tokens belong to one account.
    fn within_quota(&self, api: &str, answer: impl FnOnce() -> Reply) -> Reply {
        let verdict = self.limit.check(api, self.clock());
        match verdict.allowed {
            true => answer(),
            false => errors::too_many(verdict, self.knobs.retry_after, self.clock().now()),
        }
    }

    fn route(&self, request: &Request) -> Reply {
        let segments = request.segments();
        match (request.method(), &segments[1..]) {
            ("GET", ["apps"]) => {
                let now = self.clock().instant();
                let view = |app: &Arc<App>| app.view(request.host(), now);
                Reply::json(
                    200,
                    json!({"apps": self.all_apps().iter().map(view).collect::<Vec<_>>()}),
                )
            }
            ("POST", ["sources"]) => {
                Reply::json(201, self.sources.create(request.host(), self.clock()))
            }
            ("POST", ["apps"]) => self.create_app(None, request),
            ("GET", ["features", "container_sizes"]) => containers::sizes().example(),
            ("GET", ["features", "metrics"]) => metrics::catalogue().example(),
            ("GET", ["event_types"]) => events::types(),
            ("GET", ["event_categories"]) => events::categories(),
            ("GET", ["notification_platforms", rest @ ..]) => {
                notifiers::platforms(rest, request.query("name"))
            }
            ("GET", ["events"]) => self.user_events(request),
            ("GET", ["projects", project, "events"]) => self.project_events(project, request),
            ("GET", ["features", "stacks"]) => stacks::list().example(),
            ("GET", ["account", "invoices"]) => {
                let page = Page::asked(request, 0, PER_PAGE, MOST_PER_PAGE);
                let meta = page.meta(self.knobs.meta.unwrap_or_default());
                Reply::json(200, json!({"invoices": [], "meta": {"pagination": meta}})).example()
            }
            ("GET", ["collaborators"]) => self.all_collaborators(),
            ("GET", ["apps", "collaboration"]) => self.accept_invitation(request),
            (_, ["projects", rest @ ..]) => self.projects(rest, request),
            (_, ["databases", rest @ ..]) => self.dedicated(rest, request),
            ("GET", ["addon_providers", rest @ ..]) => self.providers(rest).example(),
            ("GET", ["addon_categories"]) => self.categories().example(),
            ("GET", ["scm_repo_links"]) => {
                let wanted = request.query("auth_integration_uuid");
                let is_wanted = |link: &serde_json::Value| {
                    wanted.is_none_or(|wanted| link["auth_integration_uuid"] == wanted)
                };
                let links = self
                    .all_apps()
                    .into_iter()
                    .filter_map(|app| lock(&app.around).link.clone())
                    .filter(is_wanted);
                Reply::json(200, json!({"scm_repo_links": links.collect::<Vec<_>>()}))
            }
            (_, ["apps", app, rest @ ..]) => match self.app(app) {
                Some(app) => self.route_app(&app, rest, request),
                None => errors::not_found("app"),
            },
            _ => errors::no_route(),
        }
    }

    fn route_app(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let now = self.clock().instant();
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({"app": app.view(request.host(), now)})),
            ("GET", ["deployments"]) => self.list(app, request),
            ("POST", ["deployments"]) => self.trigger(app, request),
            ("GET", ["deployments", id]) => self.get(app, id, request),
            ("GET", ["deployments", id, "output"]) => self.output(app, id),
            ("DELETE", ["caches", "deployment"]) => Reply::empty(204).example(),
            ("POST", ["restart"]) => self.restart(app, request),
            ("PATCH", []) => self.change_app(app, request),
            ("DELETE", []) => self.delete_app(app, request),
            ("POST", ["rename"]) => self.rename_app(app, request),
            ("POST", ["child_apps"]) => self.create_app(Some(app), request),
            ("GET", ["child_apps"]) => self.child_apps(app, request),
            ("GET", ["ps"]) => self.ps(app),
            ("GET", ["containers"]) => self.container_types(app),
            ("POST", ["containers", id, act]) => self.container(app, id, act, request),
            ("POST", ["scale"]) => self.scale(app, request),
            ("POST", ["run"]) => self.run_one_off(app, request),
            ("GET", ["logs"]) => self.logs_url(app, request),
            ("GET", ["logs_archives"]) => self.logs_archives(app, request),
            ("GET", ["events", rest @ ..]) => self.app_events(app, rest, request),
            ("GET", ["cron_tasks"]) => self.cron_tasks(app),
            ("GET", ["stats", rest @ ..]) => self.stats(app, rest, request),
            (_, ["log_drains"]) => self.drains(app, None, request),
            (_, ["addons", addon, "log_drains"]) => self.drains(app, Some(addon), request),
            (_, ["alerts", rest @ ..]) => self.shelf(&alerts::ALERTS, app, rest, request),
            (_, ["autoscalers", rest @ ..]) => {
                self.shelf(&autoscalers::AUTOSCALERS, app, rest, request)
            }
            (_, ["notifiers", rest @ ..]) => self.shelf(&notifiers::NOTIFIERS, app, rest, request),
            ("GET", ["private_network_domain_names"]) => {
                extras::private_network_domain_names(&app.name())
            }
            (_, ["variables", rest @ ..]) => self.variables(app, rest, request),
            (_, ["domains", rest @ ..]) => self.domains(app, rest, request),
            (_, ["collaborators", rest @ ..]) => self.collaborators(app, rest, request),
            (_, ["addons", rest @ ..]) => self.addons(app, rest, request),
            (_, ["scm_repo_link", rest @ ..]) => self.link(app, rest, request),
            (_, ["data_access_consent"]) => self.consent(app, request),
            ("PUT", ["hds_contact"]) => self.set_hds_contact(app, request),
            ("GET", ["audit_logs", id]) => self.audit_log(app, id),
            ("GET", ["operations", id]) => match self.operations.view(&app.id, id, self.clock()) {
                Some(operation) => Reply::json(200, operation),
                None => errors::not_found("operation"),
            },
            _ => errors::no_route(),
        }
    }

    fn app(&self, name_or_id: &str) -> Option<Arc<App>> {
        lock(&self.apps)
            .iter()
            .find(|app| app.is(name_or_id))
            .cloned()
    }

    fn list(&self, app: &App, request: &Request) -> Reply {
        let mut deployments = app.deployments();
        deployments.reverse();
        let now = self.clock().instant();
        let page = Page::asked(request, deployments.len(), PER_PAGE, MOST_PER_PAGE);
        let left_out: &[&str] = if self.knobs.sparse { &["links"] } else { &[] };
        let views = page.of(&deployments).iter();
        let views = views.map(|one| one.view_without(left_out, request.host(), now));
        let mut body = json!({"deployments": views.collect::<Vec<_>>()});
        if let Some(style) = self.knobs.meta {
            body["meta"] = json!({"pagination": page.meta(style)});
        }
        Reply::json(200, body)
    }

    fn get(&self, app: &App, id: &str, request: &Request) -> Reply {
        let Some(deployment) = app.deployment(id) else {
            return errors::not_found("deployment");
        };
        let left_out: &[&str] = if self.knobs.sparse {
            &["status", "links"]
        } else {
            &[]
        };
        let view = deployment.view_without(left_out, request.host(), self.clock().instant());
        Reply::json(200, json!({ "deployment": view }))
    }

    fn trigger(&self, app: &App, request: &Request) -> Reply {
        let Ok(body) = request.json() else {
            return errors::not_json(request);
        };
        if let Err(problems) = Fields::of(&body)
            .required("deployment", Kind::Object)
            .check()
        {
            return errors::invalid(problems);
        }
        let order = &body["deployment"];
        let fields = Fields::of(order)
            .required("source_url", Kind::String)
            .optional("git_ref", Kind::String);
        if let Err(problems) = fields.check() {
            return errors::invalid(problems);
        }
        let source_url = order["source_url"].as_str().unwrap_or_default();
        let deployment = self.deploy(app, source_url, order["git_ref"].as_str());
        let view = deployment.view(request.host(), self.clock().instant());
        Reply::json(self.knobs.trigger_status, json!({ "deployment": view }))
    }

    /// Starts a deployment and tells the streams.
    fn deploy(&self, app: &App, source_url: &str, git_ref: Option<&str>) -> Arc<Deployment> {
        let chosen = lock(&self.next_outcomes).pop_front();
        let outcome = match self.sources.can_be_fetched(source_url, self.clock()) {
            Some(false) => Outcome::BuildError,
            _ => chosen.unwrap_or_else(|| self.knobs.outcome.clone()),
        };
        let order = Order {
            app_id: &app.id,
            git_ref,
            outcome,
        };
        let deployment =
            app.deploy(|before| Deployment::begin(order, before, &self.knobs, self.clock()));
        self.deployment_event(app, &deployment.id);
        self.changes.send_replace(());
        deployment
    }

    fn output(&self, app: &App, id: &str) -> Reply {
        let now = self.clock().instant();
        let log = app
            .deployment(id)
            .map(|deployment| deployment.timeline.log(now));
        match (log, self.knobs.output_bytes) {
            (Some(log), Some(bytes)) if !log.is_empty() => {
                Reply::stream(200, "text/plain; charset=utf-8", output::generated(bytes))
            }
            (Some(log), None) if !log.is_empty() => Reply::text(200, log),
            _ => errors::not_found("deployment"),
        }
    }

    fn restart(&self, app: &App, request: &Request) -> Reply {
        let body = if request.body().is_empty() {
            Ok(json!({}))
        } else {
            request.json()
        };
        let Ok(body) = body else {
            return errors::not_json(request);
        };
        if let Err(problems) = Fields::of(&body).optional("scope", Kind::Array).check() {
            return errors::invalid(problems);
        }
        let location = self.operation(app, "restart", None, request);
        self.event(app, "restart", json!({"scope": body["scope"]}));
        Reply::empty(202)
            .header("content-type", "text/plain")
            .header("location", location)
    }
}

/// What is answered without a token.
fn is_public(rest: &[&str], request: &Request) -> bool {
    let first = rest.first().copied().unwrap_or_default();
    if (request.method(), rest) == ("POST", &["users"]) {
        return true;
    }
    let catalogs = [
        "features",
        "addon_providers",
        "addon_categories",
        "notification_platforms",
        "event_types",
        "event_categories",
    ];
    request.method() == "GET" && catalogs.contains(&first)
}
