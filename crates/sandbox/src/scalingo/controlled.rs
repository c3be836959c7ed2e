//! What can be seen of the Scalingo stand-in, and done to it, from outside.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Scalingo;
use super::apps::App;
use super::deployments::Deployment;
use super::environment;
use crate::controlled::{self, Controlled, Operation};
use crate::limit::Limit;
use crate::service::Context;
use crate::sync::{Held, lock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    apps: Vec<AppSeed>,
    /// Further API tokens.
    #[serde(default)]
    tokens: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppSeed {
    name: String,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// How many finished deployments it has.
    #[serde(default)]
    deployments: usize,
}

/// The most of finished deployments that a seed gives an app.
const MOST_DEPLOYMENTS: usize = 10_000;

impl Controlled for Scalingo {
    fn hints(&self) -> Value {
        let apps = self.all_apps();
        json!({
            "app": apps.first().map(|app| app.name()),
            "region": "osc-fr1",
        })
    }

    fn state(&self) -> Value {
        let now = self.clock().instant();
        let host = self.context.base_url().trim_start_matches("http://");
        let apps = self.all_apps();
        let apps = controlled::latest(&apps);
        let app = |app: &Arc<App>| {
            let view = app.view(host, now);
            let variables = lock(&app.around).variables.len();
            json!({
                "name": view["name"], "id": view["id"], "status": view["status"], "url": view["url"],
                "deployments": app.deployments().len(), "variables": variables,
            })
        };
        let deployments = apps.iter().flat_map(|app| {
            let all = app.deployments();
            let name = app.name();
            let shown = controlled::latest(&all).iter().rev();
            let shown = shown.map(|one| one.summary(&name, host, now));
            shown.collect::<Vec<_>>()
        });
        let variables = apps.iter().flat_map(|app| {
            let name = app.name();
            let variables = lock(&app.around).variables.clone();
            let view =
                move |one: Value| json!({"app": name, "name": one["name"], "value": one["value"]});
            variables.into_iter().map(view)
        });
        json!({
            "deployments": deployments.collect::<Vec<_>>(),
            "apps": apps.iter().map(app).collect::<Vec<_>>(),
            "variables": variables.collect::<Vec<_>>(),
            "uploads": self.sources.archives().iter().map(|one| json!({"bytes": one.len()})).collect::<Vec<_>>(),
        })
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: Seed = controlled::read("scalingo", seed)?;
        for app in &seed.apps {
            if app.name.is_empty() {
                return Err("an app needs a name".to_owned());
            }
            if app.deployments > MOST_DEPLOYMENTS {
                return Err(format!(
                    "{} shall have {} deployments; {MOST_DEPLOYMENTS} is the most",
                    app.name, app.deployments
                ));
            }
        }
        for app in seed.apps {
            let made = self
                .app(&app.name)
                .unwrap_or_else(|| self.make_app(app.name.clone(), None));
            for (name, value) in app.variables {
                environment::set(&made, &json!({"name": name, "value": value}));
            }
            for number in 0..app.deployments {
                let hours = app.deployments - number;
                made.deploy(|before| {
                    Deployment::historic(&made.id, before.len(), hours, self.clock())
                });
            }
        }
        for token in seed.tokens {
            self.auth.add(token);
        }
        Ok(())
    }

    fn outcomes(&self) -> Vec<Value> {
        let outcomes = lock(&self.next_outcomes);
        outcomes.iter().map(|outcome| json!(outcome)).collect()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        *lock(&self.next_outcomes) = controlled::read_outcomes(outcomes)?.into();
        Ok(())
    }

    fn limits(&self) -> Vec<(&'static str, &Limit)> {
        vec![("requests", &self.limit)]
    }

    fn operations(&self) -> Vec<Operation> {
        controlled::table(include_str!("operations.txt"))
    }

    fn copy(&self, context: Context) -> Option<Self> {
        let apps = self.all_apps();
        let apps = apps.iter().map(|app| Arc::new(App::clone(app))).collect();
        let order = Ordering::Relaxed;
        Some(Self {
            context,
            knobs: self.knobs.clone(),
            auth: self.auth.clone(),
            limit: self.limit.clone(),
            apps: Held::new(apps),
            made: AtomicUsize::new(self.made.load(order)),
            account: self.account.clone(),
            databases: self.databases.clone(),
            sources: self.sources.clone(),
            operations: self.operations.clone(),
            events: self.events.clone(),
            next_outcomes: self.next_outcomes.clone(),
            silent_connections: AtomicU64::new(self.silent_connections.load(order)),
            changes: watch::Sender::new(()),
            logged: watch::Sender::new(()),
        })
    }
}

impl Deployment {
    /// What people look at.
    fn summary(&self, app: &str, host: &str, now: tokio::time::Instant) -> Value {
        let view = self.view(host, now);
        json!({
            "app": app, "id": view["id"], "status": view["status"], "git_ref": view["git_ref"],
            "created_at": view["created_at"], "log": end_of(&self.timeline.log(now)),
        })
    }
}

/// The end of a log, as much as people look at.
fn end_of(log: &str) -> &str {
    let from = log.len().saturating_sub(4 * 1024);
    let from = (from..=log.len()).find(|&at| log.is_char_boundary(at));
    &log[from.unwrap_or_default()..]
}
