//! The search for a repetition of lines.

use std::collections::VecDeque;

/// A search for the held lines in the known ones, after Knuth, Morris and Pratt: each line is looked at once
/// or twice, however much a log repeats itself. The first place where all held lines are found is the likeliest,
/// as it is the longest repetition.
#[derive(Debug, Default)]
pub(crate) struct Repetition {
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
    pub(crate) fn goes_on(&mut self, known: &VecDeque<u64>, line: u64) -> Option<usize> {
        self.learn(line);
        self.search(known);
        (self.passed == known.len()).then_some(self.found)
    }

    /// The longest repetition that reaches the last known line, if it is to be over now.
    pub(crate) fn longest(&mut self, known: &VecDeque<u64>) -> usize {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::replay::hash;

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
    }
}
