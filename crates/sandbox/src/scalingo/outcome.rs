//! How deployments go.

use serde::{Deserialize, Serialize};

/// How a deployment ends, and with that, which statuses it walks through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// queued, building, pushing, starting, success
    Success,
    /// queued, building, build-error
    BuildError,
    /// queued, building, aborted
    AbortedBuilding,
    /// queued, building, pushing, aborted
    AbortedPushing,
    /// queued, building, pushing, starting, crashed-error
    CrashedError,
    /// queued, building, pushing, starting, timeout-error
    TimeoutError,
    /// queued, building, pushing, starting, hook-error
    HookError,
    /// queued, building, pushing, starting, and a status of your own
    Other(String),
}

/// What a deployment does before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Queued,
    Building,
    Pushing,
    Starting,
}

impl Phase {
    /// All phases in their order.
    pub(super) const ALL: [Phase; 4] =
        [Self::Queued, Self::Building, Self::Pushing, Self::Starting];

    /// The status while it lasts.
    pub(super) fn status(self) -> &'static str {
        match self {
            Phase::Queued => "queued",
            Phase::Building => "building",
            Phase::Pushing => "pushing",
            Phase::Starting => "starting",
        }
    }

    /// Its share of the time that a whole deployment takes.
    pub(super) fn share(self) -> f64 {
        match self {
            Phase::Queued => 0.05,
            Phase::Building => 0.6,
            Phase::Pushing => 0.15,
            Phase::Starting => 0.2,
        }
    }
}

impl Outcome {
    /// The last status.
    pub fn status(&self) -> &str {
        match self {
            Outcome::Success => "success",
            Outcome::BuildError => "build-error",
            Outcome::AbortedBuilding | Outcome::AbortedPushing => "aborted",
            Outcome::CrashedError => "crashed-error",
            Outcome::TimeoutError => "timeout-error",
            Outcome::HookError => "hook-error",
            Outcome::Other(status) => status,
        }
    }

    /// The phase in which it shows.
    pub(super) fn last_phase(&self) -> Phase {
        match self {
            Outcome::BuildError | Outcome::AbortedBuilding => Phase::Building,
            Outcome::AbortedPushing => Phase::Pushing,
            _ => Phase::Starting,
        }
    }
}
