//! What is special to a kind of event, as it came.

use std::fmt;

use deploykit_core::Absent;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is special to a kind of event, as it came. Its `Debug` shows names alone: events tell the values of variables,
/// addresses with tokens in them, and whatever will be told tomorrow.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventData(pub Value);

impl EventData {
    /// One of its fields; none if it is not there, or `null`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

impl Absent for EventData {
    fn absent() -> Self {
        Self::default()
    }
}

impl fmt::Debug for EventData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.as_object().into_iter().flat_map(|data| data.keys());
        f.debug_set().entries(names).finish()
    }
}
