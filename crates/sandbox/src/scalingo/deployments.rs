//! Deployments: how they begin, and what clients see of them.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::fields::{timestamp, user};
use super::knobs::Knobs;
use super::outcome::{Outcome, Phase};
use super::timeline::{Event, Schedule, Timeline, What};
use crate::clock::Clock;

/// One deployment. Nothing in it changes: the timeline knows how it goes on.
#[derive(Debug)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) created_at: Timestamp,
    pub(super) timeline: Timeline,
    app_id: String,
    git_ref: String,
    previous_git_ref: Option<String>,
    /// Real time from the creation to the end.
    length: Duration,
    /// The same in sandbox time, whole seconds.
    duration: u64,
    /// Whether it was there before the server started; the stream doesn't know it.
    pub(super) historic: bool,
}

/// What is asked for.
pub(super) struct Order<'a> {
    pub(super) app_id: &'a str,
    pub(super) git_ref: Option<&'a str>,
    pub(super) outcome: Outcome,
}

impl Deployment {
    /// The deployment that follows `before` in its app.
    pub(super) fn begin(
        order: Order<'_>,
        before: &[Arc<Deployment>],
        knobs: &Knobs,
        clock: &Clock,
    ) -> Self {
        let (created_at, created) = (clock.now(), clock.instant());
        let share = Phase::Queued.share();
        let (queued, work) = match knobs.queued {
            Some(queued) => (queued, knobs.duration),
            None => (
                knobs.duration.mul_f64(share),
                knobs.duration.mul_f64(1.0 - share),
            ),
        };
        let ends = before
            .iter()
            .filter_map(|deployment| deployment.timeline.end());
        let free = if knobs.parallel { None } else { ends.max() };
        let held_back = free.map_or(Duration::ZERO, |free| {
            free.saturating_duration_since(created)
        });
        let schedule = Schedule {
            created,
            queued: held_back + clock.scaled(queued),
            work: clock.scaled(work),
        };
        let timeline = Timeline::plan(schedule, &order.outcome, knobs.log_lines);
        let length = timeline.end().map_or(Duration::ZERO, |end| end - created);
        let succeeded = |deployment: &&Arc<Deployment>| deployment.status(created) == "success";
        let git_ref = order.git_ref.map(str::to_owned);
        Self {
            id: id(order.app_id, before.len()),
            created_at,
            timeline,
            app_id: order.app_id.to_owned(),
            git_ref: git_ref.unwrap_or_else(|| created_at.strftime("%Y%m%d%H%M%S").to_string()),
            previous_git_ref: before
                .iter()
                .rev()
                .find(succeeded)
                .map(|last| last.git_ref.clone()),
            length,
            duration: clock.unscaled(length).as_secs_f64().round() as u64,
            historic: false,
        }
    }

    /// A deployment that ended well, `hours` before the server started.
    pub(super) fn historic(app_id: &str, number: usize, hours: usize, clock: &Clock) -> Self {
        let hours = i64::try_from(hours).unwrap_or(i64::MAX / 3600);
        let ago = SignedDuration::from_secs(hours.saturating_mul(3600));
        let ended = Event {
            at: clock.instant(),
            what: What::Status(Outcome::Success.status().to_owned()),
        };
        Self {
            id: id(app_id, number),
            created_at: clock.now().saturating_sub(ago).unwrap_or(Timestamp::MIN),
            timeline: Timeline {
                events: vec![ended],
            },
            app_id: app_id.to_owned(),
            git_ref: format!("v0.0.{}", number + 1),
            previous_git_ref: number.checked_sub(1).map(|_| format!("v0.0.{number}")),
            length: Duration::from_secs(92),
            duration: 92,
            historic: true,
        }
    }

    /// The status at that time; never empty.
    pub(super) fn status(&self, now: Instant) -> &str {
        self.timeline.status(now).unwrap_or(Phase::Queued.status())
    }

    fn has_ended(&self, now: Instant) -> bool {
        self.timeline.end().is_none_or(|end| end <= now)
    }

    /// The deployment with all its fields, as clients of `host` see it.
    pub(super) fn view(&self, host: &str, now: Instant) -> Value {
        let ended = self.has_ended(now);
        let finished_at = SignedDuration::try_from(self.length)
            .ok()
            .and_then(|length| self.created_at.checked_add(length).ok())
            // The service writes this one time with an offset.
            .map(|at| timestamp(at).replace('Z', "+00:00"));
        let tag = |text: &str| text.chars().take(15).collect::<String>();
        json!({
            "id": self.id,
            "app_id": self.app_id,
            "created_at": timestamp(self.created_at),
            "finished_at": if ended { finished_at } else { None },
            "status": self.status(now),
            "git_ref": self.git_ref,
            "previous_git_ref": self.previous_git_ref,
            "type": "archive",
            "duration": if ended { self.duration } else { 0 },
            "image_size": 104_857_600,
            "stack_base_image": "scalingo/ubuntu-20:v4",
            "image": format!("registry.scalingo.com/app:{}-{}", tag(&self.git_ref), tag(&self.id)),
            "registry": "registry.scalingo.com",
            "postdeploy_hook": null,
            "pusher": user(),
            "links": {
                "output": format!(
                    "http://{host}/v1/apps/{}/deployments/{}/output",
                    self.app_id, self.id
                ),
            },
        })
    }

    /// The view without some of its fields.
    pub(super) fn view_without(&self, fields: &[&str], host: &str, now: Instant) -> Value {
        let mut view = self.view(host, now);
        if let Some(object) = view.as_object_mut() {
            object.retain(|name, _| !fields.contains(&name.as_str()));
        }
        view
    }
}

/// The id of an app's deployment number `number`, from 0. The end of the app's id tells apps apart.
fn id(app_id: &str, number: usize) -> String {
    let app = app_id.get(20..).unwrap_or_default();
    format!("123e4567-e89b-12d3-{app}-{:012}", number + 1)
}
