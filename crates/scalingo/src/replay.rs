//! Telling replayed lines from new ones.
//!
//! After a reconnection the service sends what it has kept of the log, then goes on live. Nothing marks where
//! one ends and the other begins, and lines have no number. So lines are held back for as long as they can be
//! read as a repetition of lines that were given out: the repetition is over when it has reached the last of
//! them, and it was none when the next line does not fit.

use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

/// How many lines are remembered.
const REMEMBERED: usize = 1 << 18;

/// The lines of one deployment's log that were given out.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// Hashes of the last lines.
    known: VecDeque<u64>,
    /// Lines that were given out in all.
    count: usize,
    repeating: Option<Repetition>,
}

#[derive(Debug)]
struct Repetition {
    /// Where in `known` the repetition may have begun; the first is the likeliest, as it is the longest.
    starts: Vec<usize>,
    /// A shorter repetition that has been completed, after so many held lines.
    complete: Option<usize>,
    held: Vec<String>,
}

impl Replay {
    /// The connection was made anew: what comes next may be a repetition. Lines held until now come again.
    pub(crate) fn reconnected(&mut self) {
        self.repeating = (!self.known.is_empty()).then(|| Repetition {
            starts: (0..self.known.len()).collect(),
            complete: None,
            held: Vec::new(),
        });
    }

    /// Takes a line; returns those that are new.
    pub(crate) fn line(&mut self, line: String) -> Vec<String> {
        let Some(mut repeating) = self.repeating.take() else {
            self.remember(&line);
            return vec![line];
        };
        let hash = hash(&line);
        let at = repeating.held.len();
        repeating
            .starts
            .retain(|start| self.known.get(start + at) == Some(&hash));
        repeating.held.push(line);
        let end = self.known.len();
        if repeating
            .starts
            .first()
            .is_some_and(|start| start + at + 1 == end)
        {
            // The longest repetition there can be has reached the last known line.
            return Vec::new();
        }
        if repeating.starts.is_empty() {
            // No repetition, or one that was over before these lines.
            let new = repeating.held.split_off(repeating.complete.unwrap_or(0));
            for line in &new {
                self.remember(line);
            }
            return new;
        }
        let ended = repeating
            .starts
            .iter()
            .position(|start| start + at + 1 == end);
        if let Some(ended) = ended {
            repeating.starts.remove(ended);
            repeating.complete = Some(at + 1);
        }
        self.repeating = Some(repeating);
        Vec::new()
    }

    /// Takes the whole log, as the service keeps it; returns what was not given out, or nothing if the log does
    /// not begin with what was.
    pub(crate) fn whole<'a>(&mut self, log: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
        let forgotten = self.count - self.known.len();
        let mut log = log.skip(forgotten);
        for known in &self.known {
            if log.next().map(hash) != Some(*known) {
                return None;
            }
        }
        let mut new: Vec<_> = log.map(str::to_owned).collect();
        for line in &new {
            self.remember(line);
        }
        if let Some(repeating) = self.repeating.take() {
            // The repetition goes on, through the lines that were just learnt.
            self.reconnected();
            for line in repeating.held {
                new.extend(self.line(line));
            }
        }
        Some(new)
    }

    /// Stops looking for a repetition. Lines after a completed one are new; lines that only fit so far are
    /// taken for a repetition.
    pub(crate) fn give_up(&mut self) -> Vec<String> {
        let Some(mut repeating) = self.repeating.take() else {
            return Vec::new();
        };
        let new = match repeating.complete {
            Some(complete) => repeating.held.split_off(complete),
            None => Vec::new(),
        };
        for line in &new {
            self.remember(line);
        }
        new
    }

    fn remember(&mut self, line: &str) {
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back(hash(line));
        self.count += 1;
    }
}

/// Line ends differ between the stream and the kept log; trailing space is not seen.
fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.trim_end().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn given(replay: &mut Replay, lines: &[&str]) -> Vec<String> {
        lines
            .iter()
            .flat_map(|line| replay.line((*line).to_owned()))
            .collect()
    }

    fn started(lines: &[&str]) -> Replay {
        let mut replay = Replay::default();
        assert_eq!(given(&mut replay, lines), lines);
        replay.reconnected();
        replay
    }

    #[test]
    fn a_whole_repetition_is_left_out() {
        let mut replay = started(&["a", "b", "", ""]);
        assert_eq!(given(&mut replay, &["a", "b", "", "", "", "c"]), ["", "c"]);
    }

    #[test]
    fn the_end_of_a_log_may_be_repeated() {
        let mut replay = started(&["a", "b", "c", "d"]);
        assert_eq!(given(&mut replay, &["c", "d", "e"]), ["e"]);
    }

    #[test]
    fn lines_without_a_repetition_are_new() {
        let mut replay = started(&["a", "b", "c"]);
        assert_eq!(given(&mut replay, &["d", "e"]), ["d", "e"]);
        let mut replay = started(&["a", "b", "c"]);
        assert_eq!(
            given(&mut replay, &["a", "x"]),
            ["a", "x"],
            "what only began like a repetition is new"
        );
    }

    #[test]
    fn a_log_that_repeats_itself_is_told_apart() {
        let mut replay = started(&["a", "b", "a", "b"]);
        assert_eq!(
            given(&mut replay, &["a", "b", "x"]),
            ["x"],
            "the end was repeated"
        );
        let mut replay = started(&["a", "b", "a", "b"]);
        assert_eq!(
            given(&mut replay, &["a", "b", "a", "b", "x"]),
            ["x"],
            "the whole was repeated"
        );
    }

    #[test]
    fn the_kept_log_fills_the_gap() {
        let mut replay = started(&["a", "b"]);
        let filled = replay.whole(["a", "b", "c", "d"].into_iter());
        assert_eq!(filled.unwrap(), ["c", "d"]);
        replay.reconnected();
        assert_eq!(given(&mut replay, &["a", "b", "c", "d", "e"]), ["e"]);
        let mut replay = started(&["a", "b"]);
        assert!(replay.line("a".to_owned()).is_empty(), "held");
        let filled = replay.whole(["a", "b", "c", "d"].into_iter());
        assert_eq!(filled.unwrap(), ["c", "d"]);
        assert_eq!(given(&mut replay, &["b", "c", "d", "e"]), ["e"]);
        assert_eq!(replay.whole(["x", "b"].into_iter()), None);
        assert_eq!(replay.whole(["a"].into_iter()), None);
    }

    proptest! {
        /// The service repeats everything: with any cuts, every line is given exactly once, in order.
        #[test]
        fn full_repetitions_lose_and_repeat_nothing(
            log in proptest::collection::vec("[ab]{0,2}", 1..40),
            cuts in proptest::collection::vec(0usize..40, 0..5),
        ) {
            let mut replay = Replay::default();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(log.len())).collect();
            cuts.sort_unstable();
            cuts.push(log.len());
            let mut given = Vec::new();
            for cut in cuts {
                for line in &log[..cut] {
                    given.extend(replay.line(line.clone()));
                }
                replay.reconnected();
            }
            prop_assert_eq!(&given, &log);
        }
    }
}
