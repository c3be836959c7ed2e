//! What a live stream has told of each deployment: so that repetitions can be left out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::progress::Progress;
use crate::replay::{Replay, are_several};
use crate::{DeploymentId, Frame};

/// So many deployments are remembered, the last ones: few enough to look through.
const REMEMBERED: usize = 32;

/// The deployments that were told last.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    /// Oldest first.
    seen: Vec<(DeploymentId, Seen)>,
    /// Lines that turned out to be new together.
    waiting: VecDeque<Frame>,
}

#[derive(Debug, Default)]
struct Seen {
    announced: bool,
    log: Replay,
    progress: Progress,
}

impl Deployments {
    /// A connection was made: what comes next may be a repetition.
    pub(crate) fn connected(&mut self) {
        for (_, seen) in &mut self.seen {
            // What is held is dropped: it comes again.
            seen.log.hold_anew();
            seen.log.guess(&mut Vec::new());
        }
    }

    /// Takes the next frame that turned out to be new.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        self.waiting.pop_front()
    }

    /// Returns the frame, if it is new. There may be more of them: see [`next`](Self::next).
    pub(crate) fn news(&mut self, frame: Frame, news: &AtomicBool) -> Option<Frame> {
        let frame = match frame {
            Frame::Log {
                deployment,
                content,
            } => self.logged(deployment, content)?,
            Frame::Status {
                ref deployment,
                ref status,
            } => match self.seen(deployment).progress.comes_to(status) {
                true => frame,
                false => return None,
            },
            Frame::New { ref deployment, .. } => {
                let announced = &mut self.seen(deployment).announced;
                match std::mem::replace(announced, true) {
                    false => frame,
                    true => return None,
                }
            }
            frame => return Some(frame),
        };
        news.store(true, Ordering::Relaxed);
        Some(frame)
    }

    /// Mostly one line; where several come at once, they are told apart.
    fn logged(&mut self, deployment: DeploymentId, content: String) -> Option<Frame> {
        let log = &mut self.seen(&deployment).log;
        let mut new = Vec::new();
        if are_several(&content) {
            for line in content.split_inclusive('\n') {
                log.line(line.to_owned(), &mut new);
            }
        } else if log.passes(&content) {
            return Some(Frame::Log {
                deployment,
                content,
            });
        } else {
            log.line(content, &mut new);
        }
        if !log.has_room() {
            log.settle(&mut new);
        }
        let frame = |content| Frame::Log {
            deployment: deployment.clone(),
            content,
        };
        self.waiting.extend(new.into_iter().map(frame));
        self.waiting.pop_front()
    }

    fn seen(&mut self, deployment: &DeploymentId) -> &mut Seen {
        let known = self.seen.iter().position(|(id, _)| id == deployment);
        let at = known.unwrap_or_else(|| {
            if self.seen.len() >= REMEMBERED {
                self.seen.remove(0);
            }
            self.seen.push((deployment.clone(), Seen::default()));
            self.seen.len() - 1
        });
        &mut self.seen[at].1
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_is_remembered_has_a_bound_and_the_last_are_known() {
        let mut seen = Deployments::default();
        let news = AtomicBool::new(false);
        let log = |id: u32| Frame::Log {
            deployment: id.to_string().into(),
            content: "a".to_owned(),
        };
        for id in 0..1000 {
            assert!(seen.news(log(id), &news).is_some());
        }
        assert_eq!(seen.seen.len(), REMEMBERED);
        seen.connected();
        assert!(seen.news(log(999), &news).is_none(), "a repetition");
    }

    /// How long so many frames take, each with an id or a status that was never seen.
    fn took(seen: &mut Deployments, frames: std::ops::Range<u32>, ids: bool) -> Duration {
        let news = AtomicBool::new(false);
        let before = Instant::now();
        for number in frames {
            let id = if ids { number } else { 0 };
            let frame = Frame::Status {
                deployment: id.to_string().into(),
                status: format!("odd {number}").into(),
            };
            assert!(seen.news(frame, &news).is_some());
        }
        before.elapsed()
    }

    #[test]
    fn work_per_frame_does_not_grow_with_what_was_seen() {
        for ids in [true, false] {
            let mut seen = Deployments::default();
            let first = took(&mut seen, 0..10_000, ids);
            took(&mut seen, 10_000..90_000, ids);
            let last = took(&mut seen, 90_000..100_000, ids);
            // It was twenty times as long and more; the machine may do other things meanwhile.
            assert!(
                last < 5 * first + Duration::from_millis(50),
                "{first:?}, then {last:?}"
            );
        }
    }
}
