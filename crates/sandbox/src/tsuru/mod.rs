//! The tsuru stand-in: users, teams, apps, services and their instances.
//!
//! It has all operations that the API's page documents, in the shapes of the page or of one of the servers
//! ([`Era`]): their routes, their statuses, their texts, and the labels under which they send JSON.
//!
//! At the start there are the administrator `admin@example.com` (password `123456`) in the team `admin`, four
//! platforms, the service `mysql` and the healer `app-heal`. Anybody may create a user. Binding an instance
//! sets three private variables.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream;
use serde_json::json;

use crate::reply::Reply;
use crate::request::{Request, Slash};
use crate::service::{Context, Service};
use crate::sync::{Held, lock};

mod apps;
mod controlled;
mod era;
mod errors;
mod instances;
mod knobs;
mod services;
mod state;
mod teams;
mod users;
pub mod v1;

use apps::Telling;
use errors::Answer;
use state::{App, State, User, done, unlabelled};

pub use era::Era;
pub use knobs::Knobs;

const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "123456";
const TOKEN: &str = "tsuru-sandbox-token";
const HEALER: &str = "app-heal";

/// The tsuru stand-in.
pub struct Tsuru {
    context: Context,
    knobs: Knobs,
    state: Held<State>,
    failing_restarts: AtomicU64,
}

/// Who calls, and which server is called.
#[derive(Debug, Clone, Copy)]
struct Caller<'a> {
    era: Era,
    user: &'a str,
    token: &'a str,
}

impl fmt::Debug for Tsuru {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tsuru")
            .field("era", &self.knobs.era)
            .finish_non_exhaustive()
    }
}

impl Service for Tsuru {
    type Knobs = Knobs;
    const NAME: &'static str = "tsuru";
    const PORT: u16 = 7003;
    const SLASH: Slash = Slash::Separates;

    fn new(knobs: Knobs, context: Context) -> Self {
        let team = || vec!["admin".to_owned()];
        let mut state = State::default();
        state.users.insert(
            ADMIN.to_owned(),
            User {
                is_admin: true,
                ..User::new(PASSWORD)
            },
        );
        state.sessions.insert(TOKEN.to_owned(), ADMIN.to_owned());
        state
            .teams
            .insert("admin".to_owned(), vec![ADMIN.to_owned()]);
        for name in &knobs.apps {
            state
                .apps
                .insert(name.clone(), App::new(name, "python", team(), ADMIN));
        }
        let mysql = ["mysql".to_owned()];
        let services = if knobs.services.is_empty() {
            &mysql[..]
        } else {
            &knobs.services
        };
        for name in services {
            let service = state::Service {
                owner_teams: team(),
                teams: team(),
                ..Default::default()
            };
            state.services.insert(name.clone(), service);
        }
        Self {
            context,
            knobs,
            state: Held::new(state),
            failing_restarts: AtomicU64::new(0),
        }
    }

    fn token(&self) -> String {
        TOKEN.to_owned()
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        let era = self.knobs.era;
        match (head.method(), head.segments().as_slice()) {
            ("POST", ["users"] | ["users", _, "tokens" | "password"]) => Some(Reply::unproven()),
            _ if lock(&self.state).sessions.contains_key(token(era, head)) => None,
            _ => Some(errors::unauthorized(era, head.header("authorization").is_some()).into()),
        }
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let era = self.knobs.era;
        let Some(methods) = methods(era, &request.segments()) else {
            return errors::no_route().into();
        };
        let reply = if methods.contains(&request.method()) {
            self.answer(&request).unwrap_or_else(Reply::from)
        } else {
            return errors::wrong_method(era).into();
        };
        match era.supported() {
            Some(version) => reply.header("supported-tsuru", version),
            None => reply,
        }
    }
}

/// The methods of a path; none if there is no such path.
fn methods(era: Era, segments: &[&str]) -> Option<&'static [&'static str]> {
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    Some(match segments {
        ["apps"] => &["GET", "POST"],
        ["apps", _] => &["GET", "DELETE"],
        ["apps", _, "restart"] if era.restart_method() == "POST" => &["POST"],
        ["apps", _, "restart"] => &["GET"],
        ["apps", _, "env"] => &["GET", "POST", "DELETE"],
        ["swap"] => &["PUT"],
        ["services"] => &["GET", "POST", "PUT"],
        ["services", "instances"] => &["GET", "POST"],
        ["services", "instances", _] => &["GET", "DELETE"],
        ["services", "instances", _, "status"] => &["GET", "PUT", "DELETE"],
        ["services", "instances", _, _] => &["PUT", "DELETE"],
        ["services", _] => &["GET", "DELETE"],
        ["services", _, "doc"] => &["GET", "PUT", "DELETE"],
        ["services", _, _] => &["PUT", "DELETE"],
        ["quota", _] if era <= Era::V0_2 => &["GET"],
        ["healers"] | ["healers", _] | ["platforms"] => &["GET"],
        ["users"] => &["POST", "DELETE"],
        ["users", "tokens"] => &["DELETE"],
        ["users", "password"] => &["PUT"],
        ["users", "keys"] => &["POST", "DELETE"],
        ["users", _, "password"] | ["users", _, "tokens"] | ["tokens"] => &["POST"],
        ["teams"] => &["GET", "POST"],
        ["teams", _] => &["GET", "DELETE"],
        ["teams", _, _] => &["PUT", "DELETE"],
        _ => return None,
    })
}

impl Tsuru {
    fn answer(&self, request: &Request) -> Answer {
        let era = self.knobs.era;
        let mut state = lock(&self.state);
        match (request.method(), request.segments().as_slice()) {
            ("POST", ["users"]) => return state.create_user(request, era),
            ("POST", ["users", email, "tokens"]) => return state.login(email, request, era),
            ("POST", ["users", email, "password"]) => {
                return state.reset_password(email, request, era);
            }
            _ => {}
        }
        let token = token(era, request);
        let Some(user) = state.sessions.get(token).cloned() else {
            return Err(errors::unauthorized(
                era,
                request.header("authorization").is_some(),
            ));
        };
        self.authorized(
            &mut state,
            request,
            Caller {
                era,
                user: &user,
                token,
            },
        )
    }

    fn authorized(&self, state: &mut State, request: &Request, caller: Caller<'_>) -> Answer {
        let user = caller.user;
        match (request.method(), request.segments().as_slice()) {
            ("GET", ["apps"]) => state.list_apps(caller),
            ("POST", ["apps"]) => state.create_app(request, caller),
            ("GET", ["apps", app]) => state.app_info(app, caller, request.host()),
            ("DELETE", ["apps", app]) => state.remove_app(app, caller),
            (_, ["apps", app, "restart"]) => self.restart(state, app, caller),
            ("GET", ["apps", app, "env"]) => state.env(app, request, caller),
            ("POST", ["apps", app, "env"]) => state.set_env(app, request, caller),
            ("DELETE", ["apps", app, "env"]) => state.delete_env(app, request, caller),
            (_, ["swap"]) => state.swap(request, caller),

            ("GET", ["services"]) => state.list_services(caller),
            ("POST", ["services"]) => state.create_service(request, caller),
            ("PUT", ["services"]) => state.update_service(request, caller),
            ("GET", ["services", "instances"]) => state.services(caller, |service| {
                service.teams.is_empty() || state.is_in(user, &service.teams)
            }),
            ("POST", ["services", "instances"]) => state.add_instance(request, caller),
            ("GET", ["services", "instances", name]) => state.instance_info(name, caller),
            ("DELETE", ["services", "instances", name]) => state.remove_instance(name, caller),
            ("GET", ["services", "instances", name, "status"]) => {
                state.instance_status(name, caller)
            }
            ("PUT", ["services", "instances", name, app]) => state.bind(name, app, caller),
            ("DELETE", ["services", "instances", name, app]) => state.unbind(name, app, caller),
            ("GET", ["services", name]) => state.service_info(name, caller),
            ("DELETE", ["services", name]) => state.remove_service(name, caller),
            ("GET", ["services", name, "doc"]) => state.service_doc(name, caller),
            ("PUT", ["services", name, "doc"]) => state.update_doc(name, request, caller),
            ("PUT", ["services", name, team]) => state.grant(name, team, caller),
            ("DELETE", ["services", name, team]) => state.revoke(name, team, caller),

            (_, ["quota", user]) => state.quota(user, caller.era),
            (_, ["healers"]) => unlabelled(match caller.era {
                Era::Page => json!([{HEALER: "http://healer.com"}]),
                _ => json!({HEALER: format!("/healers/{HEALER}")}),
            })
            .map(Reply::example),
            (_, ["healers", healer]) => heal(state, healer, caller.era),
            (_, ["platforms"]) => unlabelled(
                apps::PLATFORMS
                    .iter()
                    .map(|name| json!({ "Name": name }))
                    .collect(),
            )
            .map(Reply::example),

            ("DELETE", ["users"]) => state.remove_user(caller),
            (_, ["users", "tokens"]) => state.logout(caller),
            (_, ["users", "password"]) => state.change_password(request, caller),
            ("POST", ["users", "keys"]) => state.add_key(request, caller),
            ("DELETE", ["users", "keys"]) => state.remove_key(request, caller),

            ("GET", ["teams"]) => state.list_teams(caller),
            ("POST", ["teams"]) => state.add_team(request, caller),
            ("GET", ["teams", team]) => state.team_info(team, caller),
            ("DELETE", ["teams", team]) => state.remove_team(team, caller),
            ("PUT", ["teams", team, user]) => state.add_to_team(team, user, caller),
            ("DELETE", ["teams", team, user]) => state.remove_from_team(team, user, caller),

            (_, ["tokens"]) => state.app_token(request, caller, self.context.clock()),
            _ => Err(errors::no_route()),
        }
    }

    fn restart(&self, state: &mut State, app: &str, caller: Caller<'_>) -> Answer {
        state.begin_restart(app, caller)?;
        let one_less = |left: u64| left.checked_sub(1);
        let order = Ordering::Relaxed;
        let telling = Telling {
            json: self.knobs.json_lines,
            fails: self
                .failing_restarts
                .fetch_update(order, order, one_less)
                .is_ok(),
            duration: self.knobs.restart,
        };
        Ok(apps::restart(app, telling, self.context.clock()))
    }
}

/// Executes a healer. A server doesn't survive a name that it doesn't have.
fn heal(state: &mut State, healer: &str, era: Era) -> Answer {
    if healer == HEALER {
        state.healed.push(healer.to_owned());
        return done();
    }
    let broken = || stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    match era {
        Era::V0_7 => Ok(Reply::text(
            200,
            "PANIC: runtime error: invalid memory address or nil pointer dereference\n",
        )),
        _ => Ok(Reply::stream(200, "text/plain; charset=utf-8", broken())),
    }
}

/// The token of a request: the header's second word, or from 0.3 on its only one.
fn token(era: Era, request: &Request) -> &str {
    let words: Vec<&str> = request
        .header("authorization")
        .unwrap_or_default()
        .split(' ')
        .collect();
    match words.as_slice() {
        [_, token] => token,
        [token] if era != Era::V0_2 => token,
        _ => "",
    }
}
