//! What a rollout tells.

use std::fmt;

use super::Handle;

/// Where a deployment stands, in words that all services share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It waits for its turn, or for a place.
    Queued,
    /// What was sent is made into something that runs.
    Building,
    /// What was built takes over.
    Releasing,
    /// It is under way; the service does not say where, or in a word that this version does not know.
    Running,
    /// It has ended well.
    Done,
    /// It has ended without success.
    Failed,
    /// It was ended by somebody.
    Cancelled,
}

impl Status {
    /// Whether nothing follows.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// In one word: `queued`, `building`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Building => "building",
            Self::Releasing => "releasing",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What happens in a rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Save this, in place of the one before: [`Rollout::resume`](super::Rollout::resume) goes on with it.
    ///
    /// The first comes before anything is triggered, and nothing is until the rollout is polled again; the second as
    /// soon as the service has answered.
    Handle(Box<Handle>),
    /// It came to another status.
    Status {
        /// In words that all services share.
        status: Status,
        /// The service's own word.
        word: String,
    },
    /// A piece of its log, mostly one line, as the service wrote it: with colours, and whatever else is in it.
    Log(String),
    /// Log lines may be missing here.
    Gap,
    /// How far it is. Not all services tell; it never goes back.
    Progress {
        /// Steps that have ended.
        done: u64,
        /// All steps that are known.
        all: u64,
        /// The step under way, if it has a name.
        step: Option<String>,
    },
    /// An address to look at: the deployment's page, or what was deployed.
    Address(String),
    /// It has ended: the last event.
    Finished(Box<Outcome>),
}

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// [`Done`](Status::Done), [`Failed`](Status::Failed) or [`Cancelled`](Status::Cancelled).
    pub status: Status,
    /// The service's own word for that.
    pub word: String,
    /// Why it failed, as far as the service tells, in one line; none if it did not.
    pub reason: Option<String>,
    /// The addresses that were told, at most 100.
    pub addresses: Vec<String>,
}

impl Outcome {
    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        self.status == Status::Done
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match (&self.reason, self.succeeded()) {
            (Some(reason), _) => write!(f, " ({reason})"),
            (None, false) if !self.word.is_empty() => write!(f, " ({})", self.word),
            _ => Ok(()),
        }
    }
}
