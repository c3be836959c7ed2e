//! Lines out of a body that arrives in pieces.

use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, Stream, StreamExt};

use crate::answers::error::Result;

/// A line longer than this comes in several parts, so that no server can fill the memory.
const LONGEST: usize = 1 << 20;

/// The lines of a body, without their ends (`\n` or `\r\n`). White space is layout and stays; what is not
/// UTF-8 is replaced. An error ends the stream, after the lines that came before it and what was read of the
/// next one.
///
/// A line of more than 1 MiB is given in parts, each as an item of its own; [`lines_up_to`] takes another limit.
pub fn lines(
    body: BoxStream<'static, Result<Bytes>>,
) -> impl Stream<Item = Result<String>> + Send + Unpin + 'static {
    lines_up_to(LONGEST, body)
}

/// As [`lines`], with parts of at most `longest` bytes (but at least 4, so that a character fits). No character is
/// cut in two.
pub fn lines_up_to(
    longest: usize,
    body: BoxStream<'static, Result<Bytes>>,
) -> impl Stream<Item = Result<String>> + Send + Unpin + 'static {
    struct State {
        body: Option<BoxStream<'static, Result<Bytes>>>,
        splitter: LineSplitter,
        failed: Option<crate::Error>,
    }

    let state = State {
        body: Some(body),
        splitter: LineSplitter::new(longest),
        failed: None,
    };
    futures::stream::unfold(state, |mut state| async {
        loop {
            if let Some(line) = state.splitter.next_line() {
                return Some((Ok(line), state));
            }
            let Some(body) = &mut state.body else {
                if let Some(line) = state.splitter.rest() {
                    return Some((Ok(line), state));
                }
                let error = state.failed.take()?;
                return Some((Err(error), state));
            };
            match body.next().await {
                Some(Ok(piece)) => state.splitter.push(&piece),
                end => {
                    state.body = None;
                    state.failed = end.and_then(Result::err);
                }
            }
        }
    })
    .boxed()
}

#[derive(Debug)]
struct LineSplitter {
    buffer: BytesMut,
    /// How far the buffer has no line end.
    searched: usize,
    longest: usize,
}

impl LineSplitter {
    fn new(longest: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            searched: 0,
            longest: longest.max(4),
        }
    }

    fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    fn next_line(&mut self) -> Option<String> {
        // Room for a line of the longest kind and its end.
        let most = self.longest.saturating_add(2);
        let until = most.min(self.buffer.len());
        let end = self.buffer[self.searched..until]
            .iter()
            .position(|byte| *byte == b'\n')
            .map(|end| self.searched + end);
        if let Some(end) = end
            && without_return(&self.buffer[..end]).len() <= self.longest
        {
            let line = self.take(end + 1);
            return Some(text(without_return(&line[..end])));
        }
        if until == most {
            let part = self.take(boundary(&self.buffer, self.longest));
            return Some(text(&part));
        }
        self.searched = until;
        None
    }

    /// What has no line end; the last parts of it, if it is too long.
    fn rest(&mut self) -> Option<String> {
        if without_return(&self.buffer).len() > self.longest {
            let part = self.take(boundary(&self.buffer, self.longest));
            return Some(text(&part));
        }
        let rest = self.take(self.buffer.len());
        (!rest.is_empty()).then(|| text(without_return(&rest)))
    }

    fn take(&mut self, length: usize) -> BytesMut {
        self.searched = 0;
        self.buffer.split_to(length)
    }
}

/// Where to cut at `most` bytes: before the character that would be cut in two.
fn boundary(bytes: &[u8], most: usize) -> usize {
    let continues = |at: usize| bytes[at] & 0b1100_0000 == 0b1000_0000;
    (most - 3..=most)
        .rev()
        .find(|at| !continues(*at))
        .unwrap_or(most)
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Error, ErrorKind};

    async fn read(pieces: Vec<Result<Bytes>>) -> Vec<Result<String, String>> {
        lines(futures::stream::iter(pieces).boxed())
            .map(|line| line.map_err(|error| error.to_string()))
            .collect()
            .await
    }

    #[tokio::test]
    async fn a_piece_is_not_a_line() {
        let pieces = ["-----> Bu", "ild\r\n    ind", "ented \n\n", "no end"];
        let pieces = pieces.map(|piece| Ok(Bytes::from(piece))).to_vec_results();
        assert_eq!(
            read(pieces).await,
            ["-----> Build", "    indented ", "", "no end"].map(|line| Ok(line.to_owned()))
        );
    }

    #[tokio::test]
    async fn an_error_comes_after_all_that_was_read() {
        let pieces = vec![
            Ok(Bytes::from("one\ntw")),
            Err(Error::new(ErrorKind::Interrupted, "the connection broke")),
        ];
        assert_eq!(
            read(pieces).await,
            [
                Ok("one".to_owned()),
                Ok("tw".to_owned()),
                Err("the connection broke".to_owned())
            ]
        );
    }

    /// All lines of a text that comes in pieces of this size.
    fn split(text: &[u8], longest: usize, pieces: usize) -> Vec<String> {
        let mut splitter = LineSplitter::new(longest);
        let mut found = Vec::new();
        for piece in text.chunks(pieces) {
            splitter.push(piece);
            found.extend(std::iter::from_fn(|| splitter.next_line()));
            assert!(splitter.buffer.len() <= longest.max(4) + 1, "memory grows");
        }
        found.extend(std::iter::from_fn(|| splitter.rest()));
        found
    }

    #[test]
    fn an_endless_line_comes_in_parts_and_memory_stays_flat() {
        let mut splitter = LineSplitter::new(LONGEST);
        let mut parts = 0;
        for _ in 0..3_000 {
            splitter.push(&[b'x'; 10_000]);
            while let Some(part) = splitter.next_line() {
                assert_eq!(part.len(), LONGEST);
                parts += 1;
            }
            assert!(splitter.buffer.len() < LONGEST + 2);
            assert!(splitter.buffer.capacity() < 4 * LONGEST);
        }
        assert_eq!(parts, 30_000_000 / LONGEST);
    }

    #[test]
    fn a_part_ends_at_a_character_and_a_line_end_is_none() {
        for pieces in 1..12 {
            assert_eq!(split("aébcdé\n".as_bytes(), 5, pieces), ["aébc", "dé"]);
            assert_eq!(split("ab😀cd".as_bytes(), 4, pieces), ["ab", "😀", "cd"]);
            for end in ["\n", "\r\n"] {
                let text = format!("12345{end}123456{end}{end}1{end}");
                let lines = ["12345", "12345", "6", "", "1"];
                assert_eq!(split(text.as_bytes(), 5, pieces), lines, "{pieces}");
            }
            assert_eq!(split(b"1234\r56\r\n", 5, pieces), ["1234\r", "56"]);
            assert_eq!(split(&[0x80; 9], 4, pieces).len(), 3, "no text at all");
        }
        assert_eq!(split("😀".as_bytes(), 0, 1), ["😀"]);
    }

    trait ToVec {
        fn to_vec_results(self) -> Vec<Result<Bytes>>;
    }

    impl<const N: usize> ToVec for [Result<Bytes>; N] {
        fn to_vec_results(self) -> Vec<Result<Bytes>> {
            self.into_iter().collect()
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(
            text in "[a-c\n ]{0,80}",
            cuts in proptest::collection::vec(0usize..80, 0..6),
        ) {
            let mut splitter = LineSplitter::new(LONGEST);
            let mut found = Vec::new();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.push(text.len());
            cuts.sort_unstable();
            let mut start = 0;
            for cut in cuts {
                splitter.push(&text.as_bytes()[start..cut]);
                start = cut;
                while let Some(line) = splitter.next_line() {
                    found.push(line);
                }
            }
            found.extend(splitter.rest());
            let expected: Vec<_> = text.lines().map(str::to_owned).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn parts_make_up_the_line_and_none_is_too_long(
            line in "[a-c\r é😀]{0,60}",
            longest in 4usize..20,
            pieces in 1usize..30,
        ) {
            let parts = split(line.as_bytes(), longest, pieces);
            prop_assert!(parts.iter().all(|part| part.len() <= longest));
            let whole = line.strip_suffix('\r').unwrap_or(&line);
            prop_assert_eq!(parts.concat(), whole);
        }
    }
}
