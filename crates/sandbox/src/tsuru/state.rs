//! What the server knows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::errors::{self, Answer, Refusal, refusal};
use crate::reply::Reply;
use crate::request::Request;

/// Everything that requests can change.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<String, User>,
    /// Who is logged in, by token.
    pub(super) sessions: BTreeMap<String, String>,
    pub(super) teams: BTreeMap<String, Vec<String>>,
    pub(super) apps: BTreeMap<String, App>,
    pub(super) services: BTreeMap<String, Service>,
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) healed: Vec<String>,
    pub(super) mails: Vec<(String, String)>,
    /// Tokens given so far, so that each is another one.
    tokens: u64,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) password: String,
    pub(super) keys: Vec<String>,
    pub(super) reset_token: Option<String>,
    pub(super) is_admin: bool,
}

impl User {
    pub(super) fn new(password: &str) -> Self {
        Self {
            password: password.to_owned(),
            keys: Vec::new(),
            reset_token: None,
            is_admin: false,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) name: String,
    pub(super) platform: String,
    pub(super) teams: Vec<String>,
    pub(super) owner: String,
    pub(super) memory: String,
    pub(super) ip: String,
    pub(super) env: BTreeMap<String, Variable>,
    pub(super) restarts: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) value: String,
    pub(super) public: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    pub(super) owner_teams: Vec<String>,
    pub(super) teams: Vec<String>,
    pub(super) doc: String,
}

#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) service: String,
    pub(super) teams: Vec<String>,
    pub(super) apps: Vec<String>,
}

impl State {
    /// A token that nobody had before.
    pub(super) fn new_token(&mut self) -> String {
        self.tokens += 1;
        format!("{:040x}", self.tokens)
    }

    /// The teams of a user, in alphabetical order.
    pub(super) fn teams_of(&self, user: &str) -> Vec<String> {
        let is_member = |members: &Vec<String>| members.iter().any(|member| member == user);
        let teams = self.teams.iter().filter(|(_, members)| is_member(members));
        teams.map(|(name, _)| name.clone()).collect()
    }

    /// Whether the user is in one of these teams.
    pub(super) fn is_in(&self, user: &str, teams: &[String]) -> bool {
        self.teams_of(user).iter().any(|team| teams.contains(team))
    }

    /// An app that the user has access to.
    pub(super) fn app(&self, name: &str, user: &str) -> Result<&App, Refusal> {
        let app = self.apps.get(name).ok_or_else(|| errors::no_app(name))?;
        if self.is_in(user, &app.teams) {
            Ok(app)
        } else {
            Err(errors::no_access())
        }
    }

    /// The same, to be changed.
    pub(super) fn app_mut(&mut self, name: &str, user: &str) -> Result<&mut App, Refusal> {
        self.app(name, user)?;
        self.apps.get_mut(name).ok_or_else(|| errors::no_app(name))
    }
}

/// JSON as most handlers send it: without saying so.
pub(super) fn unlabelled(value: Value) -> Answer {
    Ok(Reply::text(200, format!("{value}\n")))
}

/// Done, and nothing to say.
pub(super) fn done() -> Answer {
    Ok(Reply::empty(200))
}

/// The body as JSON; 400 with this text if it isn't.
pub(super) fn json(request: &Request, status: u16, text: &str) -> Result<Value, Refusal> {
    request.json().map_err(|_| refusal(status, text))
}

/// A text of the body, empty if it is missing.
pub(super) fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_default()
}
