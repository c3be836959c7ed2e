//! What can be seen of a stand-in, and done to it, from outside.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::limit::Limit;
use crate::service::{Context, Service};

/// How many things of a kind are shown.
const SHOWN: usize = 50;

/// A stand-in that can be controlled: over HTTP with the feature `control`, and seeded. All methods have a default
/// that says that there is nothing: `impl Controlled for Notes {}` is enough for faults, journal, clock and reset.
pub trait Controlled: Service {
    /// What a newcomer needs besides address and token: names and ids that are there from the start, further
    /// credentials. An object of texts.
    fn hints(&self) -> Value {
        json!({})
    }

    /// What there is now, for people and tests to look at: an object with a list for each kind of thing.
    fn state(&self) -> Value {
        json!({})
    }

    /// Adds things: an object with a list for each kind of thing.
    ///
    /// # Errors
    /// Says in words what isn't understood, and what would be. Nothing has been added then.
    fn seed(&self, seed: Value) -> Result<(), String> {
        let _ = seed;
        Err(format!("{} takes no seeds", Self::NAME))
    }

    /// How the next deployments will end, in the words that [`set_outcomes`](Self::set_outcomes) takes.
    fn outcomes(&self) -> Vec<Value> {
        Vec::new()
    }

    /// Decides how the next deployments end, instead of what was decided before.
    ///
    /// # Errors
    /// Says in words what isn't understood, and what would be.
    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        match outcomes.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{} has nothing whose end can be decided",
                Self::NAME
            )),
        }
    }

    /// The quotas, by name.
    fn limits(&self) -> Vec<(&'static str, &Limit)> {
        Vec::new()
    }

    /// What is answered, and how.
    fn operations(&self) -> Vec<Operation> {
        Vec::new()
    }

    /// A copy as it is at this moment, in another context: what happens to one doesn't touch the other. Nothing if
    /// this stand-in can't be copied; there are no snapshots then.
    fn copy(&self, context: Context) -> Option<Self> {
        let _ = context;
        None
    }

    /// Goes on with what was under way when this was [copied](Self::copy): called once it is in use.
    fn resume(self: &Arc<Self>) {}
}

/// What a seed says, or what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(service: &str, seed: Value) -> Result<T, String> {
    serde_json::from_value(seed)
        .map_err(|problem| format!("this is no seed of {service}: {problem}"))
}

/// The latest of many, as many as people look at.
pub(crate) fn latest<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(SHOWN)..]
}

/// How the next deployments end, in words.
#[cfg(any(feature = "scalingo", feature = "edgegap", feature = "devopness"))]
pub(crate) fn read_outcomes<T: DeserializeOwned>(outcomes: Vec<Value>) -> Result<Vec<T>, String> {
    let read = |outcome: Value| {
        serde_json::from_value(outcome.clone())
            .map_err(|problem| format!("{outcome} is no outcome: {problem}"))
    };
    outcomes.into_iter().map(read).collect()
}

/// An operation of a service, and how the stand-in answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name that its client's table has for it.
    pub id: String,
    /// The method, in capitals.
    pub method: String,
    /// The path, with names in braces.
    pub path: String,
    /// How it is answered.
    pub answered: Answered,
}

/// How a stand-in answers an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// From what it knows, and what it is told it remembers.
    Stateful,
    /// With the documented example, or one made up like it, to every good request.
    Example,
    /// Not at all: the answer is the service's for an unknown route.
    Missing,
}

impl Operation {
    /// An operation with its own words for where it is.
    pub fn new(id: &str, method: &str, path: &str, answered: Answered) -> Self {
        Self {
            id: id.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            answered,
        }
    }
}

/// Reads a table: name, method and path on each line, and `example` after those that are answered with one.
pub(crate) fn table(text: &str) -> Vec<Operation> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let (id, method, path) = (words.next()?, words.next()?, words.next()?);
        let answered = match words.next() {
            Some("example") => Answered::Example,
            Some("missing") => Answered::Missing,
            _ => Answered::Stateful,
        };
        Some(Operation::new(id, method, path, answered))
    };
    text.lines().filter_map(line).collect()
}

impl Answered {
    /// As the coverage report says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Answered::Stateful => "stateful",
            Answered::Example => "example",
            Answered::Missing => "missing",
        }
    }
}
