//! Actions, followed to their end.

use deploykit_core::{Call, Response, Result, State, Wait};
use futures::future::BoxFuture;

use super::{Action, ActionId, ActionStatus, ActionStep, ActionTarget, Actions, Log};

impl Actions {
    /// Follows an action to its end.
    ///
    /// Awaited, it gives the completed action. As a stream, it gives the action each time it was looked at:
    /// [`Action::steps_done`] and [`Action::current_steps`] tell how far it is. An action that failed or was
    /// skipped ends the wait with [`Failed`](deploykit_core::ErrorKind::Failed); the error tells which step
    /// failed on which target, and has the action as `last`.
    pub fn wait(&self, action_id: impl Into<ActionId>) -> Wait<Action> {
        let (actions, id) = (self.clone(), action_id.into());
        Action::waiting(format!("action {id}"), move || {
            Box::pin(actions.get(id).send())
        })
    }

    /// Fetches what a step wrote, as [`log`](Self::log) does.
    #[inline]
    pub fn step_log(&self, step: &ActionStep) -> Call<Log> {
        match (step.action_id, step.action_target_id, step.order) {
            (Some(action), Some(target), Some(order)) => self.log(action, target, order),
            _ => {
                let problem = "does not tell its action, target and place";
                let unknown = self.log(0u64, 0u64, 0u32);
                unknown.map_request(|request| request.refuse("step", problem))
            }
        }
    }
}

impl ActionStatus {
    /// Whether nothing will happen any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped)
    }
}

impl Action {
    /// The current step of each target that is being worked on.
    pub fn current_steps(&self) -> impl Iterator<Item = (&ActionTarget, &ActionStep)> {
        let under_way = |target: &&ActionTarget| !target.status.is_final();
        self.all_targets()
            .filter(under_way)
            .filter_map(|target| Some((target, target.current_step.as_ref()?)))
    }

    /// The steps that failed, with their targets.
    pub fn failed_steps(&self) -> impl Iterator<Item = (&ActionTarget, &ActionStep)> {
        self.all_targets().flat_map(|target| {
            let failed = |step: &&ActionStep| step.status == ActionStatus::Failed;
            target
                .known_steps()
                .iter()
                .filter(failed)
                .map(move |step| (target, step))
        })
    }

    /// How many steps have ended, and how many there are, on all targets together. What a target does not
    /// tell yet counts as none.
    pub fn steps_done(&self) -> (u32, u32) {
        self.all_targets().fold((0, 0), |(done, all), target| {
            let (target_done, target_all) = target.steps_done();
            (done + target_done, all + target_all)
        })
    }

    fn all_targets(&self) -> impl Iterator<Item = &ActionTarget> {
        self.targets.iter().flatten()
    }

    /// Waits for the action that `look` fetches.
    pub(crate) fn waiting(
        what: impl Into<String>,
        look: impl FnMut() -> BoxFuture<'static, Result<Response<Self>>> + Send + 'static,
    ) -> Wait<Self> {
        Wait::new(what, look, |action: &Self| match action.status {
            ActionStatus::Completed => (State::Done, String::new()),
            ActionStatus::Failed | ActionStatus::Skipped => (State::Failed, action.failure()),
            _ => (State::Running, String::new()),
        })
    }

    /// What failed and why, in one line.
    fn failure(&self) -> String {
        let mut line = format!("{} {}", self.kind, self.status);
        if !self.status_reason_human_readable.is_empty() {
            line = format!("{line} ({})", self.status_reason_human_readable);
        }
        for (target, step) in self.failed_steps() {
            let place = target.label();
            let name = step.name.as_deref().unwrap_or("unnamed");
            let order = step
                .order
                .map_or_else(String::new, |order| format!("{order} "));
            line = format!("{line}; {place}: step {order}`{name}` failed");
        }
        line
    }
}

impl ActionTarget {
    /// What to call the target: the name of the server, network or credential, else its type and id.
    pub fn label(&self) -> String {
        let name = self.resource_data.as_ref().and_then(|data| data.label());
        name.map_or_else(
            || match self.resource_id {
                Some(id) => format!("{} {id}", self.resource_type),
                None => format!("target {}", self.id),
            },
            str::to_owned,
        )
    }

    /// All steps, or at least the current one.
    fn known_steps(&self) -> &[ActionStep] {
        match &self.steps {
            Some(steps) if !steps.is_empty() => steps,
            _ => self.current_step.as_slice(),
        }
    }

    fn steps_done(&self) -> (u32, u32) {
        let known = self.known_steps();
        let last = known
            .iter()
            .filter_map(|step| step.order)
            .max()
            .unwrap_or(0);
        let all = self.total_steps.unwrap_or(0).max(last);
        let done = if self.status.is_final() {
            all
        } else {
            // Steps run in order: those before the last that ended have ended too.
            let ended = known.iter().filter(|step| step.status.is_final());
            let current = self
                .current_step
                .as_ref()
                .and_then(|step| step.order)
                .map_or(0, |order| order.saturating_sub(1));
            ended
                .filter_map(|step| step.order)
                .max()
                .unwrap_or(0)
                .max(current)
        };
        (done, all)
    }
}
