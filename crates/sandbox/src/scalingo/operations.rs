//! Operations: what happens after an answer that says "accepted".

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::fields::timestamp;
use crate::clock::Clock;
use crate::sync::{Held, lock};

/// How long an operation takes; it is pending for the first quarter.
const LENGTH: Duration = Duration::from_secs(2);

/// All operations so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Operations {
    all: Held<Vec<Operation>>,
}

#[derive(Debug, Clone)]
struct Operation {
    id: String,
    app_id: String,
    kind: &'static str,
    created_at: Timestamp,
    created: Instant,
    fails: bool,
    /// What it tells when it is done.
    data: Option<Value>,
}

impl Operations {
    /// Begins an operation and gives its id.
    pub(super) fn begin_with(
        &self,
        app_id: &str,
        kind: &'static str,
        fails: bool,
        data: Option<Value>,
        clock: &Clock,
    ) -> String {
        let mut all = lock(&self.all);
        let id = format!("52fd2357356330032b{:06x}", all.len() + 1);
        all.push(Operation {
            id: id.clone(),
            app_id: app_id.to_owned(),
            kind,
            created_at: clock.now(),
            created: clock.instant(),
            fails,
            data,
        });
        id
    }

    /// What clients see of an app's operation.
    pub(super) fn view(&self, app_id: &str, id: &str, clock: &Clock) -> Option<Value> {
        let all = lock(&self.all);
        let operation = all
            .iter()
            .find(|one| one.app_id == app_id && one.id == id)?;
        Some(json!({"operation": operation.view(clock)}))
    }
}

impl Operation {
    fn view(&self, clock: &Clock) -> Value {
        let age = clock.unscaled(clock.instant() - self.created);
        let finished = age >= LENGTH;
        let status = match () {
            () if finished && self.fails => "error",
            () if finished => "done",
            () if age >= LENGTH / 4 => "running",
            () => "pending",
        };
        let mut view = json!({
            "id": self.id,
            "app_id": self.app_id,
            "created_at": timestamp(self.created_at),
            "status": status,
            "type": self.kind,
            "error": (status == "error").then_some("fail to change the containers"),
        });
        if let Some(data) = self.data.as_ref().filter(|_| status == "done") {
            view["start_one_off_data"] = data.clone();
        }
        if finished {
            let length = SignedDuration::try_from(clock.scaled(LENGTH)).unwrap_or_default();
            let at = self
                .created_at
                .saturating_add(length)
                .unwrap_or(Timestamp::MAX);
            view["finished_at"] = json!(timestamp(at));
        }
        view
    }
}
