//! What can be set before the start.

use std::time::Duration;

use super::Devopness;
use super::outcome::Outcome;
use super::version::Version;
use crate::builder::Builder;

/// The settings of the Devopness stand-in. [`Builder<Devopness>`](Builder) has a method for each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knobs {
    pub(super) token: String,
    pub(super) token_lifetime: Duration,
    pub(super) servers: usize,
    pub(super) outcome: Outcome,
    pub(super) duration: Duration,
    pub(super) credits: Option<u64>,
    pub(super) version: Version,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            token: "devopness_pat_sandbox".to_owned(),
            token_lifetime: Duration::from_secs(30 * 24 * 3600),
            servers: 2,
            outcome: Outcome::Completed,
            duration: Duration::from_secs(6),
            credits: None,
            version: Version::default(),
        }
    }
}

/// Settings of the Devopness stand-in.
impl Builder<Devopness> {
    /// The personal access token that is there from the beginning; `devopness_pat_sandbox`
    /// unless set.
    pub fn personal_access_token(self, token: &str) -> Self {
        self.knobs(|knobs| knobs.token = token.to_owned())
    }

    /// How long that token lives; 30 days unless set. This is real time whatever the
    /// [`speed`](Builder::speed), as the token says when it expires.
    pub fn token_lifetime(self, lifetime: Duration) -> Self {
        self.knobs(|knobs| knobs.token_lifetime = lifetime)
    }

    /// How many servers the environment `staging` has; 2 unless set. The first two are linked to
    /// the application.
    pub fn servers(self, servers: usize) -> Self {
        self.knobs(|knobs| knobs.servers = servers)
    }

    /// How actions end; all well unless set. [`Running::next_outcome`](crate::Running) decides
    /// for a single one.
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.knobs(|knobs| knobs.outcome = outcome)
    }

    /// How long an action takes, divided by [`speed`](Builder::speed); 6 s unless set. The first
    /// tenth it waits, the rest is shared by its steps. At zero, it has ended at once.
    pub fn duration(self, duration: Duration) -> Self {
        self.knobs(|knobs| knobs.duration = duration)
    }

    /// Which description of the service is played; the one of August 2026 unless set.
    pub fn version(self, version: Version) -> Self {
        self.knobs(|knobs| knobs.version = version)
    }

    /// How many actions the subscription pays for: those that follow are refused with 402. There
    /// is no limit unless set.
    pub fn credits(self, actions: u64) -> Self {
        self.knobs(|knobs| knobs.credits = Some(actions))
    }
}
