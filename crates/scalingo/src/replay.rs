//! Telling replayed lines from new ones.
//!
//! After a reconnection the service sends what it has kept of the log, then goes on live. Nothing marks where
//! one ends and the other begins, lines have no number, and many are alike. What can be trusted is the kept log:
//! it is compared with all that was given out, and what it has more is given. Lines that came over the stream
//! before it was asked for are in it; of those that came after, one that was never given before is new. All the
//! others may be either, so they are held back until they are told apart:
//!
//! - they repeat the end of what was given, and some of them stand in it only once: a repetition;
//! - else the kept log is asked once more.
//!
//! In the end the kept log is compared as a whole, by a digest: what was guessed wrongly shows then.

use std::collections::VecDeque;
use std::hash::Hasher as _;

use rustc_hash::{FxHashMap, FxHasher};

use crate::repetition::Repetition;

/// How many lines are remembered.
const REMEMBERED: usize = 1 << 18;

/// Lines of a repetition that were given only once before: with so many, it is taken for one.
const DISTINCT: usize = 3;

/// How many lines and bytes are held back at most.
const HELD_LINES: usize = 1 << 18;
const HELD_BYTES: usize = 32 << 20;

/// The lines of one deployment's log that were given out.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// Hashes of the last lines.
    known: VecDeque<u64>,
    /// Lines that were given out in all.
    count: usize,
    /// Of all of them, in order.
    digest: u64,
    /// Of the lines of the kept log that were compared.
    kept_digest: u64,
    /// Lines that may be a repetition.
    held: Vec<String>,
    held_bytes: usize,
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
    Compared(Repetition, Option<Given>),
    /// A repetition is over. A line that was never given is new; what else may come is not known.
    Repeated(Given),
    /// The held lines may be new or not.
    Doubt {
        /// Whether a repetition is over already.
        repeated: bool,
    },
}

/// The lines given out: whether each was only once.
type Given = FxHashMap<u64, bool>;

/// What is known of a line that came over the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// It was given out, or was a repetition. Nothing is held back that the kept log could tell of.
    Clear,
    /// It is held back, and may be a part of a repetition.
    Held,
    /// It is held back, and only the kept log can tell what it is.
    Doubt,
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
    /// A connection was made: what comes next may be a repetition. Lines held until now come again, or are in
    /// the kept log.
    pub(crate) fn hold_anew(&mut self) {
        self.take_held();
        self.state = State::Held;
    }

    /// All lines are held back from now on, until the kept log was compared.
    pub(crate) fn hold(&mut self) {
        self.state = State::Held;
    }

    /// Whether more lines should be held back.
    pub(crate) fn has_room(&self) -> bool {
        self.held.len() < HELD_LINES && self.held_bytes < HELD_BYTES
    }

    #[cfg(test)]
    pub(crate) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// The kept log was compared, and continues what had been given out. The held lines came before it was asked
    /// for: it has them.
    pub(crate) fn compared(&mut self, new: &mut Vec<String>) {
        let given = self.given();
        let mut held = self.take_held();
        let ahead = held
            .iter()
            .position(|line| !given.contains_key(&hash(line)));
        match ahead {
            None => self.state = State::Compared(Repetition::default(), Some(given)),
            // Unless it lags behind the stream.
            Some(ahead) => {
                self.state = State::New;
                for line in held.drain(ahead..) {
                    self.give(line, new);
                }
            }
        }
    }

    /// The kept log cannot be compared. What can be a repetition is taken for one.
    pub(crate) fn guess(&mut self, new: &mut Vec<String>) {
        if matches!(self.state, State::New) {
            return;
        }
        self.state = State::Compared(Repetition::default(), None);
        for line in self.take_held() {
            self.line(line, new);
        }
    }

    /// There is nothing that tells, and no more to wait for: lines after a repetition are new, as are those that
    /// cannot be one; lines that only fit so far are taken for a repetition.
    pub(crate) fn settle(&mut self, new: &mut Vec<String>) {
        let repeated = matches!(
            self.state,
            State::Repeated(_) | State::Doubt { repeated: true }
        );
        self.state = State::New;
        let held = self.take_held();
        let passed = if repeated { 0 } else { self.repetition(&held) };
        for line in held.into_iter().skip(passed) {
            self.give(line, new);
        }
    }

    /// How many of these lines are a repetition.
    fn repetition(&self, lines: &[String]) -> usize {
        let mut search = Repetition::default();
        for line in lines {
            if let Some(repeated) = search.goes_on(&self.known, hash(line)) {
                return repeated;
            }
        }
        match search.longest(&self.known) {
            0 => lines.len(),
            repeated => repeated,
        }
    }

    /// Takes a line if nothing is being repeated: it is new. Otherwise it is left to [`line`](Self::line).
    pub(crate) fn passes(&mut self, line: &str) -> bool {
        let passes = matches!(self.state, State::New);
        if passes {
            self.remember(hash(line));
        }
        passes
    }

    /// Takes a line, and adds those that are new.
    pub(crate) fn line(&mut self, line: String, new: &mut Vec<String>) -> Line {
        let hashed = hash(&line);
        match &mut self.state {
            State::New => {
                self.give(line, new);
                Line::Clear
            }
            State::Held => {
                self.keep_back(line);
                Line::Held
            }
            State::Doubt { .. } => {
                self.keep_back(line);
                Line::Doubt
            }
            State::Repeated(given) => {
                if given.contains_key(&hashed) {
                    self.state = State::Doubt { repeated: true };
                    self.keep_back(line);
                    return Line::Doubt;
                }
                self.state = State::New;
                self.give(line, new);
                Line::Clear
            }
            State::Compared(_, Some(given))
                if self.held.is_empty() && !given.contains_key(&hashed) =>
            {
                self.state = State::New;
                self.give(line, new);
                Line::Clear
            }
            State::Compared(search, given) => {
                let repeated = search.goes_on(&self.known, hashed);
                let can_ask = given.is_some();
                self.keep_back(line);
                match repeated {
                    Some(repeated) => self.over(repeated, new),
                    None if can_ask => Line::Held,
                    None => Line::Clear,
                }
            }
        }
    }

    /// The search is over: so many of the held lines are the end of what was given.
    fn over(&mut self, repeated: usize, new: &mut Vec<String>) -> Line {
        let State::Compared(_, given) = std::mem::take(&mut self.state) else {
            return Line::Held;
        };
        let Some(given) = given else {
            let held = self.take_held();
            for line in held.into_iter().skip(repeated) {
                self.give(line, new);
            }
            return Line::Clear;
        };
        let once = |line: &&String| given.get(&hash(line)).copied().unwrap_or_default();
        let distinct = self.held.iter().filter(once).count();
        if repeated == self.held.len() && distinct >= DISTINCT {
            self.take_held();
            self.state = State::Repeated(given);
            return Line::Clear;
        }
        self.state = State::Doubt { repeated: false };
        Line::Doubt
    }

    /// Takes the line at this place of the kept log, counted from zero.
    pub(crate) fn kept(&mut self, at: usize, line: &str) -> Kept {
        let line = hash(line);
        if at == 0 {
            self.kept_digest = 0;
        }
        self.kept_digest = digest(self.kept_digest, line);
        match at.checked_sub(self.count - self.known.len()) {
            // Too long ago to be remembered: the digest tells.
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

    /// The kept log ended after so many lines; returns whether it is what was given out.
    pub(crate) fn is_kept(&self, lines: usize) -> bool {
        lines == self.count && (lines == 0 || self.kept_digest == self.digest)
    }

    /// How many lines were given out in all.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn given(&self) -> Given {
        let mut given = Given::default();
        for line in &self.known {
            given
                .entry(*line)
                .and_modify(|once| *once = false)
                .or_insert(true);
        }
        given
    }

    fn keep_back(&mut self, line: String) {
        self.held_bytes += line.len();
        self.held.push(line);
    }

    fn take_held(&mut self) -> Vec<String> {
        self.held_bytes = 0;
        std::mem::take(&mut self.held)
    }

    fn give(&mut self, line: String, new: &mut Vec<String>) {
        self.remember(hash(&line));
        new.push(line);
    }

    fn remember(&mut self, line: u64) {
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back(line);
        self.count += 1;
        self.digest = digest(self.digest, line);
    }
}

/// Whether several lines came at once.
pub(crate) fn are_several(content: &str) -> bool {
    content.trim_end_matches(['\r', '\n']).contains('\n')
}

/// Line ends differ between the stream and the kept log; trailing space is not seen.
pub(crate) fn hash(line: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(line.trim_end().as_bytes());
    hasher.finish()
}

fn digest(before: u64, line: u64) -> u64 {
    (before.rotate_left(23) ^ line).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(replay: &mut Replay, lines: &[&str]) -> Vec<String> {
        let mut new = Vec::new();
        for line in lines {
            replay.line((*line).to_owned(), &mut new);
        }
        new
    }

    /// These lines were given, and the connection was made anew.
    fn started(lines: &[&str]) -> Replay {
        let mut replay = Replay::default();
        assert_eq!(given(&mut replay, lines), lines);
        replay.hold_anew();
        replay
    }

    /// The same, and there is no kept log.
    fn alone(lines: &[&str]) -> Replay {
        let mut replay = started(lines);
        replay.guess(&mut Vec::new());
        replay
    }

    fn kept(replay: &mut Replay, log: &[&str]) -> Vec<Kept> {
        let lines = log.iter().enumerate();
        lines.map(|(at, line)| replay.kept(at, line)).collect()
    }

    /// The kept log was compared; what is given after that.
    fn compared(replay: &mut Replay, log: &[&str]) -> Vec<String> {
        kept(replay, log);
        assert!(replay.is_kept(log.len()));
        let mut new = Vec::new();
        replay.compared(&mut new);
        new
    }

    fn settled(replay: &mut Replay) -> Vec<String> {
        let mut new = Vec::new();
        replay.settle(&mut new);
        new
    }

    #[test]
    fn without_a_kept_log_what_fits_is_left_out() {
        let mut replay = alone(&["a", "b", "", ""]);
        assert_eq!(given(&mut replay, &["a", "b", "", "", "", "c"]), ["", "c"]);
        let mut replay = alone(&["a", "b", "c", "d"]);
        assert_eq!(given(&mut replay, &["c", "d", "e"]), ["e"]);
        let mut replay = alone(&["a", "b", "c"]);
        assert_eq!(given(&mut replay, &["d", "e"]), ["d", "e"]);
        let mut replay = alone(&["a", "b", "c"]);
        let began = given(&mut replay, &["a", "x"]);
        assert_eq!(began, ["a", "x"], "what only began like a repetition");
        assert_eq!(given(&mut alone(&[]), &["a"]), ["a"]);
    }

    #[test]
    fn a_log_that_repeats_itself_is_told_apart() {
        let mut replay = alone(&["a", "b", "a", "b"]);
        assert_eq!(given(&mut replay, &["a", "b", "x"]), ["x"], "its end");
        let mut replay = alone(&["a", "b", "a", "b"]);
        let whole = given(&mut replay, &["a", "b", "a", "b", "x"]);
        assert_eq!(whole, ["x"], "the whole");
    }

    #[test]
    fn what_came_before_the_kept_log_was_asked_for_is_in_it() {
        let mut replay = started(&["a", "b"]);
        assert!(given(&mut replay, &["d", "e"]).is_empty(), "held");
        let (known, new) = (Kept::Given, Kept::New);
        assert_eq!(
            kept(&mut replay, &["a", "b", "c", "d", "e"]),
            [known, known, new, new, new]
        );
        let mut more = Vec::new();
        replay.compared(&mut more);
        assert!(more.is_empty());
        assert_eq!(given(&mut replay, &["f"]), ["f"]);
        assert_eq!(replay.count(), 6);
    }

    #[test]
    fn a_kept_log_that_lags_behind_the_stream_loses_nothing() {
        let mut replay = started(&["a", "b"]);
        given(&mut replay, &["b", "c", "d"]);
        assert_eq!(compared(&mut replay, &["a", "b", "c"]), ["d"]);
        assert_eq!(given(&mut replay, &["a"]), ["a"]);
    }

    #[test]
    fn a_repetition_is_known_by_lines_that_were_given_once() {
        let mut replay = started(&["a", "b", "c", "d"]);
        compared(&mut replay, &["a", "b", "c", "d"]);
        assert!(given(&mut replay, &["b", "c", "d"]).is_empty());
        assert!(!replay.holds());
        assert_eq!(given(&mut replay, &["e", "e"]), ["e", "e"]);
    }

    #[test]
    fn a_line_that_may_be_either_is_held_until_the_kept_log_tells() {
        // The last lines come again, or they are new ones that are alike.
        for log in [&["a", "", "b"][..], &["a", "", "b", "", "b"]] {
            let mut replay = started(&["a", "", "b"]);
            compared(&mut replay, &["a", "", "b"]);
            let mut new = Vec::new();
            assert_eq!(replay.line(String::new(), &mut new), Line::Held);
            assert_eq!(replay.line("b".to_owned(), &mut new), Line::Doubt);
            assert!(new.is_empty());
            replay.hold();
            assert!(compared(&mut replay, log).is_empty());
            assert_eq!(given(&mut replay, &["c"]), ["c"]);
            assert_eq!(replay.count(), log.len() + 1);
        }
    }

    #[test]
    fn a_second_repetition_is_a_doubt() {
        let log = ["a", "b", "c", "d"];
        let mut replay = started(&log);
        compared(&mut replay, &log);
        let mut new = Vec::new();
        let verdicts = ["b", "c", "d", "c"].map(|line| replay.line(line.to_owned(), &mut new));
        assert_eq!(verdicts[2..], [Line::Clear, Line::Doubt]);
        replay.line("d".to_owned(), &mut new);
        replay.hold();
        assert!(compared(&mut replay, &log).is_empty());
        assert_eq!((new.len(), replay.count()), (0, 4));
    }

    #[test]
    fn another_log_is_noticed() {
        let mut replay = started(&["a", "b"]);
        assert_eq!(kept(&mut replay, &["x", "b"]), [Kept::Other, Kept::Given]);
        assert_eq!(replay.count(), 2);
        assert!(!replay.is_kept(2));
        let shorter = started(&["a", "b"]);
        assert!(!shorter.is_kept(1) && !shorter.is_kept(0));
        assert!(Replay::default().is_kept(0));
    }

    #[test]
    fn what_is_forgotten_is_still_compared() {
        let log = |first: &'static str| {
            std::iter::once(first).chain(std::iter::repeat_n(".", REMEMBERED + 5))
        };
        for (first, fits) in [("a", true), ("b", false)] {
            let mut replay = Replay::default();
            for line in log("a") {
                assert!(replay.passes(line));
            }
            assert_eq!(replay.known.len(), REMEMBERED, "a bound");
            for (at, line) in log(first).enumerate() {
                assert_eq!(replay.kept(at, line), Kept::Given);
            }
            assert_eq!(replay.is_kept(REMEMBERED + 6), fits);
        }
    }

    #[test]
    fn what_is_held_at_the_end_is_given_if_a_repetition_was_complete() {
        let mut replay = alone(&["a", "b", "a"]);
        assert!(given(&mut replay, &["a", "b"]).is_empty(), "not clear yet");
        assert_eq!(settled(&mut replay), ["b"]);
        let mut replay = alone(&["a", "b", "c"]);
        assert!(given(&mut replay, &["a", "b"]).is_empty());
        assert_eq!(settled(&mut replay), [] as [&str; 0]);
        assert_eq!(given(&mut replay, &["d"]), ["d"]);
    }

    #[test]
    fn a_log_of_one_line_many_times_is_searched_once() {
        let mut replay = Replay::default();
        for _ in 0..200_000 {
            assert!(replay.passes("."));
        }
        replay.hold_anew();
        replay.guess(&mut Vec::new());
        let mut new = Vec::new();
        for _ in 0..200_000 {
            replay.line(".".to_owned(), &mut new);
        }
        assert!(new.is_empty());
        assert_eq!(given(&mut replay, &["."]), ["."]);
    }
}
