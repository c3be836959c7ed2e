//! Which operation is answered where.

use serde_json::json;

use super::Devopness;
use super::actions::Order;
use super::call::{Answer, Call};
use super::credentials;
use super::dispatch::{self, is_on};
use super::errors;
use super::hooks;
use super::kinds::{
    APPLICATION, ENVIRONMENT, Kind, ORGANIZATION, PERSONAL_TOKEN, PIPELINE, PROJECT, PROJECT_TOKEN,
    SERVER, SUBNET, VARIABLE,
};
use super::pipelines;
use super::resources::parent_of;
use super::store::{State, place};
use super::tokens;

impl Devopness {
    pub(super) fn route(&self, state: &mut State, call: &Call<'_>) -> Answer {
        let shape = call.row.shape();
        let foreign = matches!(shape[0], "users" | "organizations" | "social-accounts");
        if call.scope.is_some()
            && (foreign || (call.request.method(), &shape[..]) == ("POST", &["projects"]))
        {
            return Err(errors::forbidden());
        }
        match shape[0] {
            "actions" => self.actions(state, call, &shape),
            "hooks" | "hook-requests" => self.hooks(state, call, &shape),
            "pipelines" => self.pipelines(state, call, &shape),
            _ => self.things(state, call, &shape),
        }
    }

    fn actions(&self, state: &mut State, call: &Call<'_>, shape: &[&str]) -> Answer {
        let (first, second) = (call.argument(0), call.argument(1));
        match shape[1..] {
            [] => dispatch::list(state, call, |_| true),
            ["*"] => dispatch::get(state, call),
            ["*", "retry"] => self.retry(state, call),
            ["*", "*"] => dispatch::list(state, call, |action| is_on(action, first, second)),
            ["targets", ..] => dispatch::list(state, call, |action| {
                let is_it =
                    |kind: &Kind, key: u64| kind.resource == first && key.to_string() == second;
                action
                    .targets
                    .iter()
                    .any(|target| is_it(target.kind, target.key))
            }),
            _ => dispatch::log(state, call),
        }
    }

    fn hooks(&self, state: &mut State, call: &Call<'_>, shape: &[&str]) -> Answer {
        match shape {
            ["hooks", "*", "trigger"] => self.trigger(state, call),
            ["hooks", "*", "*"] => hooks::item(state, call),
            ["hooks", ..] => hooks::requests(state, call),
            _ => hooks::request(state, call),
        }
    }

    fn pipelines(&self, state: &mut State, call: &Call<'_>, shape: &[&str]) -> Answer {
        let id = call.argument(0);
        match (call.request.method(), &shape[1..]) {
            (_, ["*"]) => self.item(state, call, &PIPELINE, id),
            ("GET", ["*", "*"]) => self.list(state, call, &PIPELINE, &place(id, call.argument(1))),
            (_, ["*", "*"]) => self.create(state, call, &PIPELINE, &place(id, call.argument(1))),
            ("GET", ["*", "actions"]) => {
                let pipeline = Some(call.find(state, &PIPELINE, id)?.number());
                dispatch::list(state, call, |action| action.order.pipeline == pipeline)
            }
            (_, ["*", "actions"]) => self.run_pipeline(state, call),
            (_, ["*", "hooks"]) => {
                let pipeline = call.find(state, &PIPELINE, id)?.place();
                hooks::list(state, call, &pipeline)
            }
            (_, ["*", "hooks", _]) => hooks::create(state, call),
            (_, ["*", "steps"]) => pipelines::add_step(state, call),
            (_, ["*", "steps", "*"]) => pipelines::update_step(state, call),
            (_, ["*", "steps", "*", "link"]) => pipelines::link_step(state, call),
            _ => pipelines::unlink_step(state, call),
        }
    }

    fn things(&self, state: &mut State, call: &Call<'_>, shape: &[&str]) -> Answer {
        let (id, second) = (call.argument(0), call.argument(1));
        match (call.request.method(), shape) {
            (_, ["projects", "*", "tokens", rest @ ..]) => {
                let project = place(PROJECT.resource, id);
                tokens::answer(state, call, &PROJECT_TOKEN, &project, rest)
            }
            (_, ["users", "personal-access-tokens", rest @ ..]) => {
                tokens::answer(state, call, &PERSONAL_TOKEN, "", rest)
            }
            (_, ["projects", "*", "environments", "archived"]) => archived(state, call),
            (_, ["projects", "*", "actions", "*"]) => {
                let project = call.find(state, &PROJECT, id)?.project;
                dispatch::list(state, call, |one| {
                    one.project == project && is_on(one, second, "")
                })
            }
            (_, ["environments", "*", "actions", ..]) => {
                let environment = call.find(state, &ENVIRONMENT, id)?.environment;
                dispatch::list(state, call, |action| {
                    action.environment == environment
                        && (second.is_empty() || is_on(action, second, ""))
                })
            }
            (_, ["environments", "*", "credentials", "*", "link" | "unlink"]) => {
                credentials::change_link(state, call)
            }
            (_, ["environments", "*", "subnets"]) => {
                let environment = call.find(state, &ENVIRONMENT, id)?.environment;
                let subnets = state.of(&SUBNET, "");
                let here = subnets.filter(|subnet| subnet.environment == environment);
                Ok(call.list(here.map(|one| state.relation(one, call.now)).collect()))
            }
            (_, ["environments", "*", "applications", "apply-template"]) => {
                self.apply_template(state, call)
            }
            (method, ["organizations", "*", collection]) => {
                let parent = call.find(state, &ORGANIZATION, id)?.place();
                match Kind::of_collection(collection) {
                    Some(kind) => self.collection(state, call, method, kind, &parent),
                    None => Ok(call.example()),
                }
            }
            ("POST", ["users", "login" | "refresh-token"]) => tokens::log_in(state, call),
            (method, ["resource-links", "*", "*", "*", "*", _]) => {
                change_server_link(state, call, method == "POST")
            }
            (_, ["environments", "*", "archive"]) => archive(state, call, true),
            (_, ["environments", "*", "unarchive"]) => archive(state, call, false),
            (_, ["applications", "*", "deployments"]) => self.deploy(state, call),
            (_, ["applications", "*", "hooks"]) => {
                let application = call.find(state, &APPLICATION, id)?.place();
                hooks::list(state, call, &application)
            }
            (_, ["servers", "*", "connect", "*"]) => {
                let order = Order::new("configure", &SERVER);
                self.act(state, call, &SERVER, id, order)
            }
            (method, ["variables", "*", "*"]) => {
                self.collection(state, call, method, &VARIABLE, &place(id, second))
            }
            (_, ["users", "*", "projects"]) => self.list(state, call, &PROJECT, ""),
            (_, ["users", "*", "environments"]) => self.list(state, call, &ENVIRONMENT, ""),
            (method, [collection]) => match Kind::of_collection(collection) {
                Some(kind) => self.collection(state, call, method, kind, ""),
                None => Ok(call.example()),
            },
            (_, [collection, "*"]) => match Kind::of_collection(collection) {
                Some(kind) => self.item(state, call, kind, id),
                None => Ok(call.example()),
            },
            (method, [owner, "*", last]) => {
                let kind = Kind::of_collection(last);
                match (Kind::of_collection(owner), kind, parent_of(owner, id)) {
                    (_, Some(kind), Some(parent)) => {
                        self.collection(state, call, method, kind, &parent)
                    }
                    (Some(owner), None, _) if call.row.action => {
                        let order = Order::new(&last.replace('-', "_"), owner);
                        self.act(state, call, owner, id, order)
                    }
                    (Some(owner), None, _) => {
                        call.find(state, owner, id)?;
                        Ok(call.example())
                    }
                    _ => Ok(call.example()),
                }
            }
            _ => Ok(call.example()),
        }
    }

    fn collection(
        &self,
        state: &mut State,
        call: &Call<'_>,
        method: &str,
        kind: &'static Kind,
        parent: &str,
    ) -> Answer {
        match method {
            "GET" => self.list(state, call, kind, parent),
            _ => self.create(state, call, kind, parent),
        }
    }
}

/// `POST /resource-links/{resource_type}/{resource_id}/{child_type}/{child_id}/link` and `DELETE …/unlink`:
/// things are linked to servers, from either side.
fn change_server_link(state: &mut State, call: &Call<'_>, link: bool) -> Answer {
    let ends = [
        (call.argument(0), call.argument(1)),
        (call.argument(2), call.argument(3)),
    ];
    let mut kinds = Vec::new();
    for (resource, id) in ends {
        let kind = Kind::of_resource(resource).ok_or_else(|| call.missing("resource type"))?;
        call.find(state, kind, id)?;
        kinds.push(kind);
    }
    for (thing, server) in [(0, 1), (1, 0)] {
        let number: u64 = ends[server].1.parse().unwrap_or_default();
        if *kinds[server] == SERVER
            && let Some(thing) = state.get_mut(kinds[thing], ends[thing].1)
        {
            thing.servers.retain(|linked| *linked != number);
            thing.servers.extend(link.then_some(number));
        }
    }
    Ok(call.done())
}

/// `POST /environments/{environment_id}/archive` and `unarchive`
fn archive(state: &mut State, call: &Call<'_>, archived: bool) -> Answer {
    call.find(state, &ENVIRONMENT, call.argument(0))?;
    if let Some(environment) = state.get_mut(&ENVIRONMENT, call.argument(0)) {
        let at = archived.then(|| super::store::timestamp(call.at));
        environment.set("is_archived", archived);
        environment.set("archived_at", json!(at));
    }
    Ok(call.done())
}

/// `GET /projects/{project_id}/environments/archived`
fn archived(state: &State, call: &Call<'_>) -> Answer {
    let project = call.find(state, &PROJECT, call.argument(0))?.place();
    let environments = state.of(&ENVIRONMENT, &project);
    let archived = environments.filter(|one| *one.field("is_archived") == true);
    Ok(call.list(archived.map(|one| state.relation(one, call.now)).collect()))
}
