//! How several deployments ended.

use std::fmt;
use std::time::Duration;

use super::{Handle, Outcome};
use crate::core::Error;

/// How all deployments ended, in the order in which they were given. Its `Display` is a line each.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Each target.
    pub targets: Vec<Ended>,
}

impl Summary {
    /// Whether all went well.
    pub fn succeeded(&self) -> bool {
        self.targets.iter().all(|target| target.end.succeeded())
    }
}

/// How one of them ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Service and name.
    pub name: String,
    /// What the deployment is found again by, if it came that far.
    pub handle: Option<Handle>,
    /// How it ended.
    pub end: End,
    /// How long it took; nothing if it was left out.
    pub took: Duration,
    /// How going back ended, if that was asked for and begun.
    pub back: Option<End>,
}

/// How something ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// The service told.
    Outcome(Outcome),
    /// It could not be triggered, or not be followed: it may go on.
    Error(Error),
    /// It was not begun, as another one had failed.
    Skipped,
}

impl End {
    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Outcome(outcome) if outcome.succeeded())
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(outcome) => outcome.fmt(f),
            Self::Error(error) => write!(f, "error: {error}"),
            Self::Skipped => f.write_str("left out"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.end)?;
        if !matches!(self.end, End::Skipped) {
            write!(f, " after {:.1} s", self.took.as_secs_f64())?;
        }
        match &self.back {
            Some(back) if back.succeeded() => f.write_str("; rolled back"),
            Some(End::Error(error)) => write!(f, "; not rolled back: {error}"),
            Some(back) => write!(f, "; not rolled back: {back}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.targets
            .iter()
            .try_for_each(|target| writeln!(f, "{target}"))
    }
}
