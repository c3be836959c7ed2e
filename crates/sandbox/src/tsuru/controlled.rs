//! What can be seen of the tsuru stand-in, and done to it, from outside.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{self, User, Variable};
use super::{ADMIN, App, PASSWORD, TOKEN, Tsuru, methods};
use crate::controlled::{self, Answered, Controlled, Operation};
use crate::service::Context;
use crate::sync::lock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    apps: Vec<AppSeed>,
    /// Names of services.
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    users: Vec<UserSeed>,
    #[serde(default)]
    teams: Vec<TeamSeed>,
    /// Who is logged in, by token.
    #[serde(default)]
    tokens: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppSeed {
    pub(super) name: String,
    pub(super) platform: Option<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserSeed {
    email: String,
    password: String,
    #[serde(default)]
    admin: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamSeed {
    name: String,
    #[serde(default)]
    members: Vec<String>,
}

/// The only outcome that can be chosen: the next operation fails.
pub(super) const FAIL: &str = "fail";

/// How many failures are asked for.
pub(super) fn failures(outcomes: &[Value]) -> Result<u64, String> {
    match outcomes.iter().find(|one| *one != FAIL) {
        Some(other) => Err(format!("{other} is no outcome, only \"{FAIL}\" is")),
        None => Ok(outcomes.len() as u64),
    }
}

impl Controlled for Tsuru {
    fn hints(&self) -> Value {
        json!({"admin": ADMIN, "password": PASSWORD, "token": TOKEN, "team": "admin", "service": "mysql"})
    }

    fn state(&self) -> Value {
        let state = lock(&self.state);
        let app = |app: &App| {
            let env: Vec<_> = app.env.keys().collect();
            json!({"name": app.name, "platform": app.platform, "teams": app.teams, "env": env, "restarts": app.restarts})
        };
        let instance = |one: &state::Instance| json!({"name": one.name, "service": one.service, "apps": one.apps});
        json!({
            "apps": state.apps.values().map(app).collect::<Vec<_>>(),
            "instances": state.instances.values().map(instance).collect::<Vec<_>>(),
            "services": state.services.keys().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "teams": state.teams.iter().map(|(name, members)| json!({"name": name, "members": members})).collect::<Vec<_>>(),
            "users": state.users.iter().map(|(email, user)| json!({"email": email, "admin": user.is_admin})).collect::<Vec<_>>(),
        })
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: Seed = controlled::read("tsuru", seed)?;
        let admins = || vec!["admin".to_owned()];
        let state = &mut *lock(&self.state);
        let known = |email: &String| {
            state.users.contains_key(email) || seed.users.iter().any(|user| user.email == *email)
        };
        let members = seed.teams.iter().flat_map(|team| &team.members);
        if let Some(stranger) = members
            .chain(seed.tokens.values())
            .find(|email| !known(email))
        {
            return Err(format!("there is no user {stranger}: add it to users"));
        }
        for user in seed.users {
            let made = User {
                is_admin: user.admin,
                ..User::new(&user.password)
            };
            state.users.insert(user.email, made);
        }
        for app in seed.apps {
            let platform = app.platform.as_deref().unwrap_or("python");
            let mut made = App::new(&app.name, platform, admins(), ADMIN);
            made.env = app
                .env
                .into_iter()
                .map(|(name, value)| {
                    (
                        name,
                        Variable {
                            value,
                            public: true,
                        },
                    )
                })
                .collect();
            state.apps.insert(app.name, made);
        }
        for name in seed.services {
            let service = state::Service {
                owner_teams: admins(),
                teams: admins(),
                ..Default::default()
            };
            state.services.insert(name, service);
        }
        for team in seed.teams {
            state.teams.insert(team.name, team.members);
        }
        state.sessions.extend(seed.tokens);
        Ok(())
    }

    fn outcomes(&self) -> Vec<Value> {
        let failing = self.failing_restarts.load(Ordering::Relaxed);
        (0..failing).map(|_| json!(FAIL)).collect()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        let failing = failures(&outcomes)?;
        self.failing_restarts.store(failing, Ordering::Relaxed);
        Ok(())
    }

    fn operations(&self) -> Vec<Operation> {
        let mut operations = controlled::table(include_str!("operations.txt"));
        for operation in &mut operations {
            let path: Vec<_> = operation.path.split('/').skip(1).collect();
            let known = methods(self.knobs.era, &path).unwrap_or_default();
            if !known.contains(&operation.method.as_str()) {
                operation.answered = Answered::Missing;
            }
        }
        operations
    }

    fn copy(&self, context: Context) -> Option<Self> {
        Some(Self {
            context,
            knobs: self.knobs.clone(),
            state: self.state.clone(),
            failing_restarts: AtomicU64::new(self.failing_restarts.load(Ordering::Relaxed)),
        })
    }
}
