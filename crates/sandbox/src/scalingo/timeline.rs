//! What happens in a deployment, and when. It is all known when the deployment begins; it has
//! happened when its time has come.

use std::time::Duration;

use tokio::time::Instant;

use super::outcome::{Outcome, Phase};
use super::script;

/// Everything that happens in one deployment, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) events: Vec<Event>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) at: Instant,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The deployment is created.
    New,
    /// It has this status from now on.
    Status(String),
    /// It writes a line, with its line end.
    Log(String),
}

/// When a deployment happens, in real time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// When it is created.
    pub(super) created: Instant,
    /// How long it is queued.
    pub(super) queued: Duration,
    /// How long the phases after that take, if it gets through all of them.
    pub(super) work: Duration,
}

impl Timeline {
    pub(super) fn plan(schedule: Schedule, outcome: &Outcome, build_lines: Option<usize>) -> Self {
        let mut events = vec![Event {
            at: schedule.created,
            what: What::New,
        }];
        let mut at = schedule.created;
        for phase in Phase::ALL {
            if phase > outcome.last_phase() {
                break;
            }
            events.push(Event {
                at,
                what: What::Status(phase.status().to_owned()),
            });
            let length = match phase {
                Phase::Queued => schedule.queued,
                _ => schedule
                    .work
                    .mul_f64(phase.share() / (1.0 - Phase::Queued.share())),
            };
            let lines = script::lines(phase, outcome, build_lines);
            let steps = lines.len() as f64 + 1.0;
            for (line, step) in lines.into_iter().zip(1_u32..) {
                let at = at + length.mul_f64(f64::from(step) / steps);
                events.push(Event {
                    at,
                    what: What::Log(line),
                });
            }
            at += length;
        }
        events.push(Event {
            at,
            what: What::Status(outcome.status().to_owned()),
        });
        Self { events }
    }

    /// What has happened by then.
    pub(super) fn until(&self, now: Instant) -> &[Event] {
        &self.events[..self.events.partition_point(|event| event.at <= now)]
    }

    /// When the last thing happens.
    pub(super) fn end(&self) -> Option<Instant> {
        self.events.last().map(|event| event.at)
    }

    /// The status at that time.
    pub(super) fn status(&self, now: Instant) -> Option<&str> {
        self.until(now)
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                What::Status(status) => Some(status.as_str()),
                _ => None,
            })
    }

    /// The log written by then.
    pub(super) fn log(&self, now: Instant) -> String {
        let lines = self
            .until(now)
            .iter()
            .filter_map(|event| match &event.what {
                What::Log(line) => Some(line.as_str()),
                _ => None,
            });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(outcome: &Outcome) -> Timeline {
        let schedule = Schedule {
            created: Instant::now(),
            queued: Duration::from_secs(1),
            work: Duration::from_secs(19),
        };
        Timeline::plan(schedule, outcome, None)
    }

    #[tokio::test(start_paused = true)]
    async fn phases_take_their_share_of_the_time() {
        let start = Instant::now();
        let timeline = plan(&Outcome::Success);
        let status = |seconds: f64| {
            let now = start + Duration::from_secs_f64(seconds);
            timeline.status(now).map(str::to_owned).unwrap_or_default()
        };
        let seen = [0.0, 0.9, 1.1, 12.9, 13.1, 15.9, 16.1, 19.9, 20.1].map(status);
        let expected = [
            "queued", "queued", "building", "building", "pushing", "pushing", "starting",
            "starting", "success",
        ];
        assert_eq!(seen, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_in_order_and_the_log_grows() {
        let timeline = plan(&Outcome::HookError);
        assert!(timeline.events.is_sorted_by_key(|event| event.at));
        let half = timeline.log(Instant::now() + Duration::from_secs(10));
        let all = timeline.log(Instant::now() + Duration::from_secs(30));
        assert!(!half.is_empty() && all.starts_with(&half) && all.len() > half.len());
        assert!(all.ends_with("hook has failed\r\n"));
        assert_eq!(timeline.log(Instant::now()), "");
    }
}
