//! How actions can end.

use serde::{Deserialize, Serialize};

/// How an action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// All steps are completed on all targets.
    #[default]
    Completed,
    /// The step with this number, from 1, fails on the first target: the steps after it are
    /// skipped there, while other targets complete. The number of a step that doesn't exist
    /// counts as the last.
    FailedAt(usize),
    /// It fails before its first step, with the reason `FAILED_INSUFFICIENT_CREDITS`.
    InsufficientCredits,
}
