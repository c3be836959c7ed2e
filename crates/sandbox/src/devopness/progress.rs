//! How far an action is, at any moment.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::actions::Action;
use super::outcome::Outcome;
use super::script;
use super::store::{Effect, timestamp};
use super::view::human;

/// How far a step, a target or the action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Pending,
    Queued,
    InProgress,
    Completed,
    Failed,
    Skipped,
}

impl Phase {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Pending => "pending",
            Phase::Queued => "queued",
            Phase::InProgress => "in-progress",
            Phase::Completed => "completed",
            Phase::Failed => "failed",
            Phase::Skipped => "skipped",
        }
    }

    pub(super) fn has_ended(self) -> bool {
        matches!(self, Phase::Completed | Phase::Failed | Phase::Skipped)
    }

    fn reason(self, outcome: Outcome) -> &'static str {
        match self {
            Phase::Failed if outcome == Outcome::InsufficientCredits => {
                "FAILED_INSUFFICIENT_CREDITS"
            }
            Phase::Pending => "PENDING",
            Phase::Queued => "QUEUED",
            Phase::InProgress => "IN_PROGRESS",
            Phase::Completed => "COMPLETED",
            Phase::Failed => "FAILED",
            Phase::Skipped => "SKIPPED",
        }
    }

    /// The four fields that all of them have.
    pub(super) fn show(self, value: &mut Value, outcome: Outcome) {
        let reason = self.reason(outcome);
        value["status"] = json!(self.name());
        value["status_human_readable"] = json!(human(self.name()));
        value["status_reason_code"] = json!(reason);
        value["status_reason_human_readable"] = json!(script::reason(reason));
    }
}

impl Action {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.order.kind == kind
    }

    pub(super) fn has_ended(&self, now: Instant) -> bool {
        self.phase(now).has_ended()
    }

    pub(super) fn has_succeeded(&self, now: Instant) -> bool {
        self.phase(now) == Phase::Completed
    }

    pub(super) fn has_failed(&self, now: Instant) -> bool {
        self.phase(now) == Phase::Failed
    }

    /// What its end does to its resource.
    pub(super) fn effect(&self, now: Instant) -> Effect {
        match (self.order.kind.as_str(), self.has_succeeded(now)) {
            ("delete" | "remove", true) => Effect::Remove,
            ("provision" | "start" | "restart" | "configure", true) => Effect::Status("running"),
            ("stop", true) => Effect::Status("stopped"),
            ("provision", false) => Effect::Status("failed"),
            ("restart", false) => Effect::Status("running"),
            _ => Effect::Nothing,
        }
    }

    /// The first tenth of the time it waits, half of that in a queue.
    pub(super) fn lead(&self) -> Duration {
        self.duration / 10
    }

    /// When, after the beginning, a step begins; the one after the last is the end.
    pub(super) fn step_at(&self, index: usize) -> Duration {
        let steps = u32::try_from(self.order.steps.len())
            .unwrap_or(u32::MAX)
            .max(1);
        let each = (self.duration - self.lead()) / steps;
        self.lead() + each * u32::try_from(index).unwrap_or(u32::MAX)
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    /// The index of the step that fails on a target, if one does.
    pub(super) fn failing(&self, target: usize) -> Option<usize> {
        match self.outcome {
            Outcome::FailedAt(step) if target == 0 => {
                let last = self.order.steps.len().saturating_sub(1);
                Some(step.saturating_sub(1).min(last))
            }
            _ => None,
        }
    }

    pub(super) fn step_phase(&self, target: usize, step: usize, now: Instant) -> Phase {
        let elapsed = self.elapsed(now);
        let failing = self.failing(target);
        if self.outcome == Outcome::InsufficientCredits {
            return if elapsed < self.lead() {
                Phase::Pending
            } else {
                Phase::Skipped
            };
        }
        if let Some(failing) = failing
            && step > failing
        {
            let failed = elapsed >= self.step_at(failing + 1);
            return if failed {
                Phase::Skipped
            } else {
                Phase::Pending
            };
        }
        if elapsed < self.step_at(step) {
            Phase::Pending
        } else if elapsed < self.step_at(step + 1) {
            Phase::InProgress
        } else if failing == Some(step) {
            Phase::Failed
        } else {
            Phase::Completed
        }
    }

    pub(super) fn target_phase(&self, target: usize, now: Instant) -> Phase {
        let elapsed = self.elapsed(now);
        if elapsed < self.lead() / 2 {
            return Phase::Pending;
        }
        if elapsed < self.lead() {
            return Phase::Queued;
        }
        if self.outcome == Outcome::InsufficientCredits {
            return Phase::Failed;
        }
        let end = self
            .failing(target)
            .unwrap_or(self.order.steps.len().saturating_sub(1));
        match self.step_phase(target, end, now) {
            ended if ended.has_ended() => ended,
            _ => Phase::InProgress,
        }
    }

    /// How far the action as a whole is.
    pub(super) fn phase(&self, now: Instant) -> Phase {
        let targets = 0..self.targets.len();
        let all: Vec<Phase> = targets
            .map(|target| self.target_phase(target, now))
            .collect();
        if all.iter().any(|phase| !phase.has_ended()) {
            let running = all.contains(&Phase::InProgress);
            return if running { Phase::InProgress } else { all[0] };
        }
        if all.contains(&Phase::Failed) {
            Phase::Failed
        } else {
            Phase::Completed
        }
    }

    /// The date of a moment after the beginning, if it has come.
    pub(super) fn date(&self, at: Duration, now: Instant) -> Value {
        if self.elapsed(now) < at {
            return Value::Null;
        }
        json!(timestamp(self.date_of(at)))
    }

    fn date_of(&self, at: Duration) -> Timestamp {
        let at = SignedDuration::try_from(at).unwrap_or(SignedDuration::MAX);
        self.created_at.saturating_add(at).unwrap_or(Timestamp::MAX)
    }

    /// When a target ends, after the beginning.
    pub(super) fn target_end(&self, target: usize) -> Duration {
        match self.outcome {
            Outcome::InsufficientCredits => self.lead(),
            _ => self.step_at(
                self.failing(target)
                    .map_or(self.order.steps.len(), |step| step + 1),
            ),
        }
    }

    pub(super) fn end(&self) -> Duration {
        let ends = (0..self.targets.len()).map(|target| self.target_end(target));
        ends.max().unwrap_or_default()
    }

    /// The latest of the moments of an action that have passed.
    pub(super) fn updated(&self, moments: &[Duration], now: Instant) -> Value {
        let elapsed = self.elapsed(now);
        let passed = moments.iter().copied().filter(|&at| at <= elapsed);
        json!(timestamp(self.date_of(passed.max().unwrap_or_default())))
    }
}
