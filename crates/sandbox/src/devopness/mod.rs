//! The Devopness stand-in: all 232 operations of August 2026, or the 206 of November 2025, as
//! [`Builder::version`](crate::Builder::version) says.
//!
//! What is kept, can be created, changed and deleted, and changes by itself:
//!
//! | | |
//! |---|---|
//! | projects, environments, organizations, teams, roles | created, listed, changed; environments are archived |
//! | servers, networks, subnets | provisioned and destroyed by actions; servers change their status |
//! | applications, credentials, cron jobs, daemons, network rules, services, SSH keys, SSL certificates, virtual hosts | in an environment, linked to servers |
//! | variables | of applications, services, servers and virtual hosts |
//! | pipelines | steps are added, moved, unlinked and linked again; a run is an action |
//! | hooks | incoming ones check their signature, variables and conditions, and remember requests |
//! | actions | walk through their steps on each target, write logs, can fail and be retried |
//! | API tokens, personal access tokens | open the API; rotated, revoked, expiring |
//!
//! The other operations check token and body and answer the documented example.
//!
//! Every request needs `Accept` and `Content-Type`, both `application/json`, as documented, and a
//! token unless the documentation says otherwise. A body that breaks a documented rule is refused
//! with 422, all problems at once. A project's token opens that project only; everything else is
//! 403 to it.
//!
//! From the beginning there are: organization 1 `acme` with project 1 and roles 1 and 2, environment 1 `staging` with
//! two servers, credential 1 for GitHub and 2 for AWS linked to it, application 1 on those servers, its pipeline
//! 1 `Deploy`, and the token. In November 2025 there is no organization; roles are the project's, and credentials
//! the environment's.
//!
//! An incoming hook that requires a secret wants the HMAC of the body in its header, in
//! hexadecimal digits, with or without the algorithm's name and `=` before it.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! use deploykit_sandbox::Sandbox;
//! use deploykit_sandbox::devopness::Outcome;
//!
//! let devopness = Sandbox::devopness().servers(20).speed(100.0).start().await?;
//! devopness.next_outcome(Outcome::FailedAt(3));
//! let (base_url, token) = (devopness.base_url(), devopness.token());
//! // … let the program under test deploy application 1 there, and see how it takes the failure …
//! assert!(devopness.actions().is_empty());
//! # Ok(())
//! # }
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::{Held, lock};

mod actions;
mod call;
mod check;
mod control;
mod controlled;
mod credentials;
mod derived;
mod dispatch;
mod errors;
mod hooks;
mod kinds;
mod knobs;
mod outcome;
mod pipelines;
mod progress;
mod provision;
mod resources;
mod routes;
mod script;
mod seed;
mod signature;
mod store;
mod table;
mod templates;
mod tokens;
mod version;
mod view;

use call::Call;
use errors::{Invalid, Refusal};
use kinds::HOOK;
use store::State;
use table::{Found, Row, table};

pub use knobs::Knobs;
pub use outcome::Outcome;
pub use version::Version;

/// The Devopness stand-in.
pub struct Devopness {
    context: Context,
    knobs: Knobs,
    state: Held<State>,
    next_outcomes: Held<VecDeque<Outcome>>,
}

impl fmt::Debug for Devopness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("Devopness")
            .field("resources", &state.records.len())
            .field("actions", &state.actions.len())
            .finish_non_exhaustive()
    }
}

impl Service for Devopness {
    type Knobs = Knobs;
    const NAME: &'static str = "devopness";
    const PORT: u16 = 7005;

    fn new(knobs: Knobs, context: Context) -> Self {
        let mut state = State::default();
        state.version = knobs.version;
        seed::seed(&mut state, &knobs, &context);
        Self {
            state: Held::new(state),
            next_outcomes: Held::default(),
            context,
            knobs,
        }
    }

    fn token(&self) -> String {
        self.knobs.token.clone()
    }

    fn version(&self) -> Option<&'static str> {
        Some(self.knobs.version.as_str())
    }

    fn refuses(&self, head: &Request) -> Option<Reply> {
        let segments = head.segments();
        match table(self.knobs.version).find(head.method(), &segments) {
            // Who has the address of a hook may trigger it; whether the body is signed, the body shows.
            Found::Row(row, arguments) if row.public => {
                let id = arguments.first().copied().unwrap_or_default();
                let is_hook = lock(&self.state).get(&HOOK, id).is_some();
                (!is_hook).then(Reply::unproven)
            }
            _ => {
                let secret = head.bearer().unwrap_or_default();
                let at = self.context.clock().now();
                let access = tokens::accept(&mut lock(&self.state), secret, at);
                access.is_none().then(|| errors::unauthenticated().reply())
            }
        }
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let segments = request.segments();
        match table(self.knobs.version).find(request.method(), &segments) {
            Found::Row(row, arguments) => {
                let answer = self.answer(&request, row, arguments);
                answer.unwrap_or_else(Refusal::reply)
            }
            Found::OtherMethod => errors::method_not_allowed(request.method()).reply(),
            Found::Nothing => errors::not_found("route").reply().lacking(),
        }
    }
}

impl Devopness {
    /// Checks what is alike for all operations, in the service's order, then routes.
    fn answer(&self, request: &Request, row: &'static Row, arguments: Vec<&str>) -> call::Answer {
        let clock = self.context.clock();
        let (now, at) = (clock.instant(), clock.now());
        let mut state = lock(&self.state);
        state.settle(now);
        let scope = match row.public {
            true => None,
            false => {
                let secret = request.bearer().unwrap_or_default();
                let access = tokens::accept(&mut state, secret, at);
                access.ok_or_else(errors::unauthenticated)?.scope
            }
        };
        check_headers(request)?;
        let body = check_body(request, row)?;
        let call = Call {
            request,
            row,
            version: self.knobs.version,
            arguments,
            body,
            scope,
            now,
            at,
        };
        self.route(&mut state, &call)
    }
}

/// Both headers are required of every request, also where there is no body.
fn check_headers(request: &Request) -> Result<(), Refusal> {
    for name in ["Accept", "Content-Type"] {
        let sent = request.header(name).unwrap_or_default();
        if !sent.contains("application/json") {
            return Err(errors::unsupported_media_type(name));
        }
    }
    Ok(())
}

fn check_body(request: &Request, row: &Row) -> Result<Value, Refusal> {
    let Some(rules) = &row.fields else {
        return Ok(Value::Null);
    };
    let body = match request.body().is_empty() {
        true => Value::Object(serde_json::Map::new()),
        false => request.json().map_err(|_| errors::not_json())?,
    };
    let mut invalid = Invalid::default();
    check::fields(rules, &body, "", &mut invalid);
    invalid.check()?;
    Ok(body)
}
