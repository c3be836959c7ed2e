//! The stand-in of today's tsuru: a server of 1.x, API version 1.31.
//!
//! It has apps that are deployed (from archives, images and Dockerfiles, with an output that streams), their
//! environment, units, names, logs and locks, events that can be followed and cancelled, jobs, services and
//! their instances, users, tokens, and what else administrators keep (pools, plans, roles, volumes, …) as
//! plain documents. Each route is served with its API version and without. JSON is read, and forms in Go's
//! dialect. An operation holds its app until it is over, whether or not anybody reads its output.
//!
//! Not there: builds without a deploy have no image afterwards, nothing scales by itself, roles permit nothing
//! (whoever has a token may do everything), quotas are kept but for units not enforced, and webhooks are not
//! called.
//!
//! At the start there are the administrator `admin@example.com` (password `123456`) in the team `admin`, two
//! platforms, the pool `local`, the plan `small`, the router `none` and the service `mysql`.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{self, Answer, refusal};
use crate::reply::Reply;
use crate::request::{Request, Slash};
use crate::service::{Context, Service};
use crate::sync::{Held, lock};

mod access;
mod apps;
mod controlled;
mod deploys;
mod env;
mod events;
mod input;
mod instances;
mod knobs;
mod logs;
mod routes;
mod state;
mod things;

use input::Input;
use state::{App, State};

pub use knobs::Knobs;

const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "123456";
const TOKEN: &str = "tsuru-sandbox-token";

/// The stand-in of today's tsuru.
pub struct TsuruV1 {
    context: Context,
    knobs: Knobs,
    state: Held<State>,
}

impl fmt::Debug for TsuruV1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TsuruV1").finish_non_exhaustive()
    }
}

/// Who calls, and what stands in the path.
#[derive(Debug)]
struct Call<'a> {
    user: &'a str,
    token: &'a str,
    stars: Vec<&'a str>,
}

impl Service for TsuruV1 {
    type Knobs = Knobs;
    const NAME: &'static str = "tsuru-v1";
    const PORT: u16 = 7006;
    const SLASH: Slash = Slash::Separates;

    fn new(knobs: Knobs, context: Context) -> Self {
        let mut state = State::default();
        state.users.insert(ADMIN.to_owned(), PASSWORD.to_owned());
        state.tokens.insert(TOKEN.to_owned(), ADMIN.to_owned());
        for name in &knobs.apps {
            let document =
                json!({"name": name, "platform": "python", "teamOwner": "admin", "pool": "local"});
            state
                .apps
                .insert(name.clone(), App::new(name, document, ADMIN));
        }
        for (collection, document) in [
            ("teams", json!({"name": "admin", "tags": []})),
            ("platforms", json!({"Name": "python", "Disabled": false})),
            ("platforms", json!({"Name": "go", "Disabled": false})),
            (
                "pools",
                json!({"name": "local", "default": true, "provisioner": "kubernetes", "teams": ["admin"]}),
            ),
            (
                "plans",
                json!({"name": "small", "memory": 134_217_728, "cpumilli": 100, "default": true}),
            ),
            (
                "routers",
                json!({"name": "none", "type": "none", "default": true}),
            ),
            (
                "services",
                json!({"id": "mysql", "team": "admin", "doc": "MySQL for apps."}),
            ),
        ] {
            let name = things::name_of(&document);
            state
                .things
                .entry(collection)
                .or_default()
                .insert(name, document);
        }
        Self {
            context,
            knobs,
            state: Held::new(state),
        }
    }

    fn token(&self) -> String {
        TOKEN.to_owned()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        match routes::find(head.method(), &head.segments()) {
            Some((operation, _)) if routes::PUBLIC.contains(&operation) => Some(Reply::unproven()),
            _ if lock(&self.state).tokens.contains_key(token(head)) => None,
            _ => Some(unauthorized()),
        }
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let segments = request.segments();
        let Some((operation, stars)) = routes::find(request.method(), &segments) else {
            return errors::no_route().into();
        };
        let reply = self.answer(&request, operation, stars);
        let reply = reply.unwrap_or_else(Reply::from);
        let reply = match routes::EXAMPLES.contains(&operation) {
            true => reply.example(),
            false => reply,
        };
        reply
            .header("supported-tsuru", "1.0.1")
            .header("supported-tsuru-admin", "1.0.0")
    }
}

/// A list; empty, it is a 204.
fn list(items: Vec<Value>) -> Answer {
    Ok(match items.is_empty() {
        true => Reply::empty(204),
        false => Reply::json(200, items.into()),
    })
}

/// The last word of the credential: the scheme before it is optional.
fn token(request: &Request) -> &str {
    let credential = request.header("authorization").unwrap_or_default();
    credential.rsplit(' ').next().unwrap_or_default()
}

/// 401: no token, or one that is none.
fn unauthorized() -> Reply {
    Reply::text(401, "You must provide a valid Authorization header\n")
        .header("www-authenticate", "Bearer realm=\"tsuru\" scope=\"tsuru\"")
}

fn done() -> Answer {
    Ok(Reply::empty(200))
}

impl TsuruV1 {
    fn answer(self: &Arc<Self>, request: &Request, operation: &str, stars: Vec<&str>) -> Answer {
        let token = token(request);
        let user = lock(&self.state).tokens.get(token).cloned();
        if user.is_none() && !routes::PUBLIC.contains(&operation) {
            return Ok(unauthorized());
        }
        let input = Input::read(request)?;
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        let clock = self.context.clock();
        state.settle(clock.now(), clock.instant());
        let user = user.unwrap_or_default();
        let call = Call {
            user: &user,
            token,
            stars,
        };
        // Each knows its own operations, and leaves the others alone.
        let found = self
            .apps(state, operation, &input, &call)
            .or_else(|| self.environment(state, operation, &input, &call))
            .or_else(|| self.deploys(state, operation, &input, &call))
            .or_else(|| self.logs(state, operation, &input, &call))
            .or_else(|| self.instances(state, operation, &input, &call))
            .or_else(|| self.access(state, operation, &input, &call))
            .or_else(|| self.events(state, operation, &input, &call))
            .or_else(|| self.things(state, operation, &input, &call));
        let lacking = || errors::lacking(501, format!("the stand-in has no {operation}"));
        found.unwrap_or_else(|| Err(lacking()))
    }

    fn events(
        &self,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        Some(match (operation, call.stars.as_slice()) {
            ("EventList", _) => state.list_events(input),
            ("EventInfo", [id]) => state.event(id).map(|event| Reply::json(200, event.view())),
            ("EventCancel", [id]) => self.cancel(state, id, input, call),
            ("kindList", _) => {
                let kinds = [
                    "app.create",
                    "app.deploy",
                    "app.update.env.set",
                    "app.update.restart",
                ];
                list(
                    kinds
                        .map(|name| json!({"Type": "permission", "Name": name}))
                        .to_vec(),
                )
            }
            ("eventBlockList", _) => {
                let active = input.text("active");
                let wanted = |block: &&(String, Value)| {
                    active.is_empty() || block.1["Active"].as_bool() == active.parse().ok()
                };
                list(
                    state
                        .blocks
                        .iter()
                        .filter(wanted)
                        .map(|(_, block)| block.clone())
                        .collect(),
                )
            }
            ("eventBlockAdd", _) => {
                if let Err(refused) = input.required("reason") {
                    return Some(Err(refused));
                }
                let id = format!("{:024x}", state.number());
                let block = json!({
                    "ID": id, "StartTime": self.context.clock().now().to_string(),
                    "EndTime": "0001-01-01T00:00:00Z", "KindName": input.text("kindname"),
                    "OwnerName": input.text("ownername"), "Target": {"Type": "", "Value": ""},
                    "Reason": input.text("reason"), "Active": true,
                });
                state.blocks.push((id, block));
                done()
            }
            ("eventBlockRemove", [id]) => {
                match state.blocks.iter_mut().find(|(known, _)| known == id) {
                    Some((_, block)) => {
                        block["Active"] = false.into();
                        done()
                    }
                    None => Err(refusal(404, "block not found")),
                }
            }
            _ => return None,
        })
    }
}
