//! What can be set before the start, seen afterwards, and done to a running server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Tsuru;
use super::era::Era;
use crate::builder::Builder;
use crate::running::Running;
use crate::sync::lock;

/// The settings of the tsuru stand-in. [`Builder<Tsuru>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) era: Era,
    pub(super) apps: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) json_lines: bool,
    pub(super) restart: Duration,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            era: Era::V0_4,
            apps: Vec::new(),
            services: Vec::new(),
            json_lines: false,
            restart: Duration::from_secs(2),
        }
    }
}

/// Settings of the tsuru stand-in.
impl Builder<Tsuru> {
    /// Which server it is; [`Era::V0_4`] unless set.
    pub fn era(self, era: Era) -> Self {
        self.knobs(|knobs| knobs.era = era)
    }

    /// Adds an app of the administrator's team. There are none unless added.
    pub fn app(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.apps.push(name.to_owned()))
    }

    /// Adds a service of the administrator's team. Without any, there is `mysql`.
    pub fn service(self, name: &str) -> Self {
        self.knobs(|knobs| knobs.services.push(name.to_owned()))
    }

    /// Tells restarts in JSON lines, as servers from 0.8 on do.
    pub fn json_lines(self) -> Self {
        self.knobs(|knobs| knobs.json_lines = true)
    }

    /// How long a restart takes; 2 s unless set, divided by [`speed`](Self::speed).
    pub fn restart_takes(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.restart = duration)
    }
}

/// What the tsuru stand-in adds.
impl Running<Tsuru> {
    /// The user that [`token`](Running::token) belongs to, an administrator.
    pub fn admin(&self) -> (&'static str, &'static str) {
        (super::ADMIN, super::PASSWORD)
    }

    /// Makes the next restart fail: the status is 200, and the last line tells.
    pub fn fail_next_restart(&self) {
        self.service()
            .failing_restarts
            .fetch_add(1, Ordering::Relaxed);
    }

    /// How often an app was restarted, by itself or by a change of its variables; none if there is no such app.
    pub fn restarts(&self, app: &str) -> Option<u64> {
        lock(&self.service().state)
            .apps
            .get(app)
            .map(|app| app.restarts)
    }

    /// The healers that were executed, oldest first.
    pub fn healed(&self) -> Vec<String> {
        lock(&self.service().state).healed.clone()
    }

    /// What was mailed, oldest first: address, and the token or new password.
    pub fn mails(&self) -> Vec<(String, String)> {
        lock(&self.service().state).mails.clone()
    }
}
