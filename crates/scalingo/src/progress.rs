//! Which statuses of a deployment were told already.

use std::collections::VecDeque;

use crate::DeploymentStatus;

/// What a deployment came to so far. The service repeats earlier statuses after a reconnection, and the API and
/// the live stream tell the same ones.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    step: Option<u8>,
    /// Statuses that are not known, so have no place in the order: the last of them.
    others: VecDeque<DeploymentStatus>,
}

/// So many statuses that are not known are remembered; a service has a few.
const OTHERS: usize = 32;

/// The last step, whatever the outcome.
const ENDED: u8 = 4;

impl Progress {
    /// Notes a status; returns whether it is news: it comes later than those before, or is not known and was
    /// not told. An end is final.
    pub(crate) fn comes_to(&mut self, status: &DeploymentStatus) -> bool {
        if self.is_finished() {
            return false;
        }
        match step(status) {
            Some(step) if self.step.is_none_or(|before| before < step) => self.step = Some(step),
            None if !self.others.contains(status) => {
                if self.others.len() == OTHERS {
                    self.others.pop_front();
                }
                self.others.push_back(status.clone());
            }
            _ => return false,
        }
        true
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.step == Some(ENDED)
    }
}

fn step(status: &DeploymentStatus) -> Option<u8> {
    match status {
        DeploymentStatus::Queued => Some(0),
        DeploymentStatus::Building => Some(1),
        DeploymentStatus::Pushing => Some(2),
        DeploymentStatus::Starting => Some(3),
        status if status.is_finished() => Some(ENDED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(statuses: &[&'static str]) -> Vec<&'static str> {
        let mut progress = Progress::default();
        let mut news = statuses.to_vec();
        news.retain(|status| progress.comes_to(&DeploymentStatus::from(*status)));
        news
    }

    #[test]
    fn a_status_is_told_once_and_in_order() {
        let again = ["queued", "building", "queued", "building", "pushing"];
        assert_eq!(news(&again), ["queued", "building", "pushing"]);
        assert_eq!(
            news(&["starting", "queued", "aborted"]),
            ["starting", "aborted"]
        );
        assert_eq!(news(&["queued", "success"]), ["queued", "success"]);
    }

    #[test]
    fn an_unknown_status_is_told_once_and_takes_nothing_back() {
        let odd = [
            "building", "paused", "queued", "building", "paused", "pushing",
        ];
        assert_eq!(news(&odd), ["building", "paused", "pushing"]);
    }

    #[test]
    fn unknown_statuses_have_a_bound() {
        let mut progress = Progress::default();
        for status in 0..1000 {
            assert!(progress.comes_to(&DeploymentStatus::from(format!("odd {status}"))));
        }
        assert_eq!(progress.others.len(), OTHERS);
        assert!(!progress.comes_to(&DeploymentStatus::from("odd 999")));
    }

    #[test]
    fn an_end_is_final() {
        assert_eq!(news(&["success", "build-error", "paused"]), ["success"]);
        assert_eq!(news(&["odd-error", "success"]), ["odd-error"]);
    }
}
