//! What can be set before the start, seen afterwards, and done to a running server.

use std::time::Duration;

use serde_json::{Value, json};

use super::TsuruV1;
use super::state::Entry;
use crate::builder::Builder;
use crate::running::Running;
use crate::sync::lock;

/// The settings of the stand-in. [`Builder<TsuruV1>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) apps: Vec<String>,
    pub(super) deploy: Duration,
    pub(super) operation: Duration,
    pub(super) scheme: Option<Value>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            apps: Vec::new(),
            deploy: Duration::from_secs(10),
            operation: Duration::from_secs(1),
            scheme: None,
        }
    }
}

/// Settings of the stand-in of today's tsuru.
impl Builder<TsuruV1> {
    /// Adds an app of the administrator's team. There are none unless added.
    pub fn app(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.apps.push(name.to_owned()))
    }

    /// How long a deploy takes; 10 s unless set, divided by [`speed`](Self::speed).
    pub fn deploy_takes(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.deploy = duration)
    }

    /// How long other operations take; 1 s unless set, divided by [`speed`](Self::speed).
    pub fn operation_takes(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.operation = duration)
    }

    /// Keeps no passwords: users log in at this OIDC provider.
    pub fn oidc(self, token_url: &str) -> Self {
        let data = json!({"clientID": "tsuru", "scopes": ["openid"], "authURL": "https://id.example.com/auth", "tokenURL": token_url});
        let scheme = json!({"name": "oidc", "default": true, "data": data});
        self.knobs(|knobs| knobs.scheme = Some(scheme))
    }
}

/// What the stand-in of today's tsuru adds.
impl Running<TsuruV1> {
    /// The user that [`token`](Running::token) belongs to, an administrator.
    pub fn admin(&self) -> (&'static str, &'static str) {
        (super::ADMIN, super::PASSWORD)
    }

    /// Makes the next operation on an app fail: the status is 200, and the last line tells.
    pub fn fail_next(&self) {
        lock(&self.service().state).failing += 1;
    }

    /// How often an app was deployed with success.
    pub fn deploys(&self, app: &str) -> Option<u64> {
        let service = self.service();
        let mut state = lock(&service.state);
        state.settle(self.clock().now(), self.clock().instant());
        state.apps.get(app).map(|app| app.deploys)
    }

    /// How often an app was restarted, by itself or by a change of its variables.
    pub fn restarts(&self, app: &str) -> Option<u64> {
        lock(&self.service().state)
            .apps
            .get(app)
            .map(|app| app.restarts)
    }

    /// Lets an app write to its log.
    pub fn log(&self, app: &str, source: &str, message: &str) {
        if let Some(app) = lock(&self.service().state).apps.get_mut(app) {
            app.log.push(Entry {
                at: self.clock().now(),
                message: message.to_owned(),
                source: source.to_owned(),
                unit: format!("{}-web-0", app.name),
            });
        }
    }
}
