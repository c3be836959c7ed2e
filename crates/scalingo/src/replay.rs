//! Telling replayed lines from new ones.
//!
//! After a reconnection the service sends what it has kept of the log, then goes on live. Nothing marks where
//! one ends and the other begins, and lines have no number. So lines are held back for as long as they can be
//! read as a repetition of lines that were given out: the repetition is over when it has reached the last of
//! them, and it was none when the next line does not fit.

use std::collections::VecDeque;
use std::hash::Hasher as _;

use rustc_hash::FxHasher;

/// How many lines are remembered.
const REMEMBERED: usize = 1 << 18;

/// The lines of one deployment's log that were given out.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// Hashes of the last lines.
    known: VecDeque<u64>,
    /// Lines that were given out in all.
    count: usize,
    /// Lines that came since the connection was made and may be a repetition.
    held: Vec<String>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// Every line is new.
    #[default]
    New,
    /// Every line is held back, until the kept log was compared.
    Held,
    /// The held lines are compared with those that were given out.
    Compared(Repetition),
}

/// What a line of the kept log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It was given out.
    Given,
    /// It follows what was given out; now it counts as given.
    New,
    /// The kept log differs from what was given out.
    Other,
}

impl Replay {
    /// A connection was made: what comes next may be a repetition. All of it is held back until
    /// [`release`](Self::release). Lines held until now come again.
    pub(crate) fn hold(&mut self) {
        self.held.clear();
        self.state = State::Held;
    }

    /// Gives out the held lines that are new; from now on lines are held no longer than necessary.
    pub(crate) fn release(&mut self) -> Vec<String> {
        if matches!(self.state, State::New) {
            return Vec::new();
        }
        self.state = State::Compared(Repetition::default());
        let held = std::mem::take(&mut self.held);
        held.into_iter().flat_map(|line| self.line(line)).collect()
    }

    /// Takes a line if nothing is being repeated: it is new. Otherwise it is left to [`line`](Self::line).
    pub(crate) fn passes(&mut self, line: &str) -> bool {
        let passes = matches!(self.state, State::New);
        if passes {
            self.remember(hash(line));
        }
        passes
    }

    /// Takes a line; returns those that are new.
    pub(crate) fn line(&mut self, line: String) -> Vec<String> {
        if self.passes(&line) {
            return vec![line];
        }
        let repeated = match &mut self.state {
            State::New | State::Held => None,
            State::Compared(repetition) => repetition.goes_on(&self.known, hash(&line)),
        };
        self.held.push(line);
        match repeated {
            Some(repeated) => self.new_after(repeated),
            None => Vec::new(),
        }
    }

    /// Takes the line at this place of the kept log, counted from zero.
    pub(crate) fn kept(&mut self, at: usize, line: &str) -> Kept {
        let line = hash(line);
        match at.checked_sub(self.count - self.known.len()) {
            // Too long ago to be remembered.
            None => Kept::Given,
            Some(at) => match self.known.get(at) {
                Some(known) if *known == line => Kept::Given,
                Some(_) => Kept::Other,
                None => {
                    self.remember(line);
                    Kept::New
                }
            },
        }
    }

    /// How many lines were given out in all.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Stops looking for a repetition. Lines after a completed one are new; lines that only fit so far are
    /// taken for a repetition.
    pub(crate) fn give_up(&mut self) -> Vec<String> {
        let mut new = self.release();
        if let State::Compared(repetition) = &mut self.state {
            let repeated = match repetition.longest(&self.known) {
                0 => self.held.len(),
                lines => lines,
            };
            new.extend(self.new_after(repeated));
        }
        new
    }

    /// The repetition is over: it was so many of the held lines.
    fn new_after(&mut self, repeated: usize) -> Vec<String> {
        let new = self.held.split_off(repeated);
        self.held.clear();
        self.state = State::New;
        for line in &new {
            self.remember(hash(line));
        }
        new
    }

    fn remember(&mut self, line: u64) {
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back(line);
        self.count += 1;
    }
}

/// A search for the held lines in the known ones, after Knuth, Morris and Pratt: each line is looked at once
/// or twice, however much a log repeats itself. The first place where all held lines are found is the likeliest,
/// as it is the longest repetition.
#[derive(Debug, Default)]
struct Repetition {
    /// The held lines.
    lines: Vec<u64>,
    /// For each of them: with it, the beginning of the lines has come again at this length.
    borders: Vec<usize>,
    /// Known lines that have been passed.
    passed: usize,
    /// How many of the held lines the last of the passed ones are.
    found: usize,
}

impl Repetition {
    /// Takes a line; returns how long the repetition was, once it is over.
    fn goes_on(&mut self, known: &VecDeque<u64>, line: u64) -> Option<usize> {
        self.learn(line);
        self.search(known);
        (self.passed == known.len()).then_some(self.found)
    }

    /// The longest repetition that reaches the last known line, if it is to be over now.
    fn longest(&mut self, known: &VecDeque<u64>) -> usize {
        while self.passed < known.len() && !self.lines.is_empty() {
            // All lines were found, but too early.
            self.found = self.borders.last().copied().unwrap_or(0);
            self.search(known);
        }
        self.found
    }

    /// Passes known lines until all held ones were found in a row, or none is left.
    fn search(&mut self, known: &VecDeque<u64>) {
        while self.found < self.lines.len() && self.passed < known.len() {
            if known[self.passed] == self.lines[self.found] {
                self.passed += 1;
                self.found += 1;
            } else if self.found == 0 {
                self.passed += 1;
            } else {
                self.found = self.borders[self.found - 1];
            }
        }
    }

    fn learn(&mut self, line: u64) {
        let mut border = self.borders.last().copied().unwrap_or(0);
        while border > 0 && self.lines[border] != line {
            border = self.borders[border - 1];
        }
        if self.lines.get(border) == Some(&line) {
            border += 1;
        }
        self.lines.push(line);
        self.borders.push(border);
    }
}

/// Line ends differ between the stream and the kept log; trailing space is not seen.
fn hash(line: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(line.trim_end().as_bytes());
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

    /// These lines were given, and the connection was made anew.
    fn started(lines: &[&str]) -> Replay {
        let mut replay = Replay::default();
        assert_eq!(given(&mut replay, lines), lines);
        replay.hold();
        replay
    }

    fn reconnected(lines: &[&str]) -> Replay {
        let mut replay = started(lines);
        assert!(replay.release().is_empty());
        replay
    }

    fn kept(replay: &mut Replay, log: &[&str]) -> Vec<Kept> {
        let lines = log.iter().enumerate();
        lines.map(|(at, line)| replay.kept(at, line)).collect()
    }

    #[test]
    fn a_whole_repetition_is_left_out() {
        let mut replay = reconnected(&["a", "b", "", ""]);
        assert_eq!(given(&mut replay, &["a", "b", "", "", "", "c"]), ["", "c"]);
    }

    #[test]
    fn the_end_of_a_log_may_be_repeated() {
        let mut replay = reconnected(&["a", "b", "c", "d"]);
        assert_eq!(given(&mut replay, &["c", "d", "e"]), ["e"]);
    }

    #[test]
    fn lines_without_a_repetition_are_new() {
        let mut replay = reconnected(&["a", "b", "c"]);
        assert_eq!(given(&mut replay, &["d", "e"]), ["d", "e"]);
        let mut replay = reconnected(&["a", "b", "c"]);
        assert_eq!(
            given(&mut replay, &["a", "x"]),
            ["a", "x"],
            "what only began like a repetition is new"
        );
        let mut replay = reconnected(&[]);
        assert_eq!(given(&mut replay, &["a"]), ["a"]);
    }

    #[test]
    fn a_log_that_repeats_itself_is_told_apart() {
        let mut replay = reconnected(&["a", "b", "a", "b"]);
        assert_eq!(
            given(&mut replay, &["a", "b", "x"]),
            ["x"],
            "the end was repeated"
        );
        let mut replay = reconnected(&["a", "b", "a", "b"]);
        assert_eq!(
            given(&mut replay, &["a", "b", "a", "b", "x"]),
            ["x"],
            "the whole was repeated"
        );
    }

    #[test]
    fn the_kept_log_fills_the_gap_before_anything_else_is_given() {
        let mut replay = started(&["a", "b"]);
        assert!(given(&mut replay, &["d", "e"]).is_empty(), "held");
        let (known, new) = (Kept::Given, Kept::New);
        assert_eq!(
            kept(&mut replay, &["a", "b", "c", "d"]),
            [known, known, new, new]
        );
        assert_eq!(replay.release(), ["e"]);
        assert_eq!(given(&mut replay, &["f"]), ["f"]);
        assert_eq!(replay.count(), 6);
    }

    #[test]
    fn a_repetition_goes_on_through_the_kept_log() {
        let mut replay = started(&["a", "b"]);
        assert!(given(&mut replay, &["a"]).is_empty());
        kept(&mut replay, &["a", "b", "c", "d"]);
        assert!(replay.release().is_empty());
        assert_eq!(given(&mut replay, &["b", "c", "d", "e"]), ["e"]);
    }

    #[test]
    fn another_log_is_noticed() {
        let mut replay = started(&["a", "b"]);
        assert_eq!(kept(&mut replay, &["x", "b"]), [Kept::Other, Kept::Given]);
        assert_eq!(replay.count(), 2);
    }

    #[test]
    fn what_is_held_at_the_end_is_given_if_a_repetition_was_complete() {
        let mut replay = reconnected(&["a", "b", "a"]);
        assert!(given(&mut replay, &["a", "b"]).is_empty(), "not clear yet");
        assert_eq!(replay.give_up(), ["b"]);
        let mut replay = reconnected(&["a", "b", "c"]);
        assert!(given(&mut replay, &["a", "b"]).is_empty());
        assert_eq!(replay.give_up(), [] as [&str; 0]);
        assert_eq!(given(&mut replay, &["d"]), ["d"]);
    }

    #[test]
    fn a_log_of_one_line_many_times_is_searched_once() {
        let mut replay = Replay::default();
        for _ in 0..200_000 {
            replay.line(".".to_owned());
        }
        replay.hold();
        replay.release();
        for _ in 0..200_000 {
            assert!(replay.line(".".to_owned()).is_empty());
        }
        assert_eq!(replay.line(".".to_owned()), ["."]);
    }

    /// What the search is a fast form of: all places at which the held lines may have been given before.
    fn repetition(known: &[String], held: &[String]) -> Option<usize> {
        let fits = |start: &usize, len: usize| known.get(*start..start + len) == Some(&held[..len]);
        let all = (0..known.len()).find(|start| fits(start, held.len()));
        if all.is_some_and(|start| start + held.len() < known.len()) {
            return None;
        }
        let ends = |len: &usize| *len <= known.len() && fits(&(known.len() - len), *len);
        (0..=held.len()).rev().find(ends)
    }

    proptest! {
        #[test]
        fn the_search_finds_what_trying_all_places_finds(
            known in proptest::collection::vec("[ab]", 0..12),
            held in proptest::collection::vec("[abc]", 1..12),
        ) {
            let hashes: VecDeque<_> = known.iter().map(|line| hash(line)).collect();
            let mut search = Repetition::default();
            for (at, line) in held.iter().enumerate() {
                let over = search.goes_on(&hashes, hash(line));
                prop_assert_eq!(over, repetition(&known, &held[..=at]));
                if over.is_some() {
                    break;
                }
            }
        }

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
                replay.hold();
                given.extend(replay.release());
            }
            prop_assert_eq!(&given, &log);
        }

        /// With the kept log beside it, it does not matter how much is repeated, if anything is; lines that
        /// are alike could not be told apart then.
        #[test]
        fn with_the_kept_log_nothing_is_lost_or_repeated(
            length in 1usize..40,
            cuts in proptest::collection::vec((0usize..40, 0usize..40, 0usize..5), 0..5),
        ) {
            let log: Vec<_> = (0..length).map(|line| line.to_string()).collect();
            let mut replay = Replay::default();
            let mut cuts: Vec<_> = cuts
                .into_iter()
                .map(|(cut, from, before)| (cut.min(log.len()), from, before))
                .collect();
            cuts.sort_unstable();
            cuts.push((log.len(), usize::MAX, 0));
            let mut given = Vec::new();
            let mut written = 0;
            for (cut, from, before) in cuts {
                replay.hold();
                // Some lines come before the kept log was asked for, some after.
                let start = from.min(written);
                let asked = (start + before).min(cut).max(written);
                for line in &log[start..asked] {
                    given.extend(replay.line(line.clone()));
                }
                for (at, line) in log[..asked].iter().enumerate() {
                    if replay.kept(at, line) == Kept::New {
                        given.push(line.clone());
                    }
                }
                given.extend(replay.release());
                for line in &log[asked..cut] {
                    given.extend(replay.line(line.clone()));
                }
                written = cut;
            }
            for (at, line) in log.iter().enumerate() {
                if replay.kept(at, line) == Kept::New {
                    given.push(line.clone());
                }
            }
            given.extend(replay.give_up());
            prop_assert_eq!(&given, &log);
        }
    }
}
