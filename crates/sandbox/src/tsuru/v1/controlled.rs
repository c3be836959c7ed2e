//! What can be seen of the stand-in of today's tsuru, and done to it, from outside.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::controlled::{AppSeed, FAIL, failures};
use super::state::{Event, Variable};
use super::{ADMIN, App, PASSWORD, TOKEN, TsuruV1, things};
use crate::controlled::{self, Controlled, Operation};
use crate::service::Context;
use crate::sync::lock;

/// Collections of plain documents that a seed can add to.
const COLLECTIONS: [&str; 10] = [
    "teams",
    "platforms",
    "pools",
    "plans",
    "routers",
    "services",
    "volumes",
    "webhooks",
    "roles",
    "clusters",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    apps: Vec<AppSeed>,
    /// Passwords by user.
    #[serde(default)]
    users: BTreeMap<String, String>,
    /// Users by token.
    #[serde(default)]
    tokens: BTreeMap<String, String>,
    /// Documents by collection.
    #[serde(default)]
    things: BTreeMap<String, Vec<Value>>,
}

impl Controlled for TsuruV1 {
    fn hints(&self) -> Value {
        json!({"admin": ADMIN, "password": PASSWORD, "token": TOKEN, "team": "admin", "pool": "local", "platform": "python"})
    }

    fn state(&self) -> Value {
        let clock = self.context.clock();
        let mut state = lock(&self.state);
        state.settle(clock.now(), clock.instant());
        let app = |app: &App| {
            let env: Vec<_> = app.env.keys().collect();
            let log: Vec<_> = controlled::latest(&app.log)
                .iter()
                .map(|entry| entry.message.as_str())
                .collect();
            json!({
                "name": app.name, "platform": app.document["platform"], "units": app.units, "deploys": app.deploys,
                "restarts": app.restarts, "env": env, "log": log.join("\n"),
            })
        };
        let event = |event: &Event| {
            let status = match event.ended {
                None => "running",
                Some(_) if event.error.is_empty() => "done",
                Some(_) => "failed",
            };
            json!({
                "id": event.id, "kind": event.kind, "target": format!("{} {}", event.target.0, event.target.1),
                "status": status, "at": event.at.to_string(), "error": event.error, "log": event.lines.join("\n"),
            })
        };
        let mut shown = Map::new();
        let events = controlled::latest(&state.events).iter().rev().map(event);
        shown.insert("events".to_owned(), events.collect());
        shown.insert("apps".to_owned(), state.apps.values().map(app).collect());
        for (collection, things) in &state.things {
            shown.insert((*collection).to_owned(), things.values().cloned().collect());
        }
        let users = state.users.keys().map(|email| json!({"email": email}));
        shown.insert("users".to_owned(), users.collect());
        shown.into()
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: Seed = controlled::read("tsuru-v1", seed)?;
        let mut state = lock(&self.state);
        let known =
            |email: &&String| state.users.contains_key(*email) || seed.users.contains_key(*email);
        if let Some(stranger) = seed.tokens.values().find(|email| !known(email)) {
            return Err(format!("there is no user {stranger}: add it to users"));
        }
        let mut documents = Vec::new();
        for (collection, things) in seed.things {
            let Some(collection) = COLLECTIONS.iter().find(|one| **one == collection) else {
                return Err(format!(
                    "there are no {collection}, only {}",
                    COLLECTIONS.join(", ")
                ));
            };
            for thing in things {
                let name = things::name_of(&thing);
                if name.is_empty() {
                    return Err(format!("one of {collection} has no name"));
                }
                documents.push((*collection, name, thing));
            }
        }
        for (collection, name, thing) in documents {
            state
                .things
                .entry(collection)
                .or_default()
                .insert(name, thing);
        }
        for app in seed.apps {
            let platform = app.platform.as_deref().unwrap_or("python");
            let document = json!({"name": app.name, "platform": platform, "teamOwner": "admin", "pool": "local"});
            let mut made = App::new(&app.name, document, ADMIN);
            let variable = |value| Variable {
                value,
                ..Variable::default()
            };
            made.env = app
                .env
                .into_iter()
                .map(|(name, value)| (name, variable(value)))
                .collect();
            state.apps.insert(app.name, made);
        }
        state.users.extend(seed.users);
        state.tokens.extend(seed.tokens);
        Ok(())
    }

    fn outcomes(&self) -> Vec<Value> {
        let failing = lock(&self.state).failing;
        (0..failing).map(|_| json!(FAIL)).collect()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        lock(&self.state).failing = failures(&outcomes)?;
        Ok(())
    }

    fn operations(&self) -> Vec<Operation> {
        controlled::table(include_str!("operations.txt"))
    }

    fn copy(&self, context: Context) -> Option<Self> {
        Some(Self {
            context,
            knobs: self.knobs.clone(),
            state: self.state.clone(),
        })
    }
}
