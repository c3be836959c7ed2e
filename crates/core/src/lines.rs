//! Lines out of a body that arrives in pieces.

use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, Stream, StreamExt};

use crate::error::Result;

/// A line longer than this comes in several parts, so that no server can fill the memory.
const LONGEST: usize = 1 << 20;

/// The lines of a body, without their ends (`\n` or `\r\n`). White space is layout and stays; what is not
/// UTF-8 is replaced. An error ends the stream, after the lines that came before it and what was read of the
/// next one.
pub fn lines(
    body: BoxStream<'static, Result<Bytes>>,
) -> impl Stream<Item = Result<String>> + Send + Unpin + 'static {
    struct State {
        body: Option<BoxStream<'static, Result<Bytes>>>,
        splitter: LineSplitter,
        failed: Option<crate::Error>,
    }

    let state = State {
        body: Some(body),
        splitter: LineSplitter::default(),
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

#[derive(Debug, Default)]
struct LineSplitter {
    buffer: BytesMut,
    /// How far the buffer has no line end.
    searched: usize,
}

impl LineSplitter {
    fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    fn next_line(&mut self) -> Option<String> {
        let end = self.buffer[self.searched..]
            .iter()
            .position(|byte| *byte == b'\n');
        if let Some(end) = end {
            let line = self.buffer.split_to(self.searched + end + 1);
            self.searched = 0;
            return Some(text(&line[..line.len() - 1]));
        }
        self.searched = self.buffer.len();
        if self.buffer.len() > LONGEST {
            return self.rest();
        }
        None
    }

    fn rest(&mut self) -> Option<String> {
        self.searched = 0;
        let rest = self.buffer.split();
        (!rest.is_empty()).then(|| text(&rest))
    }
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
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

    #[test]
    fn an_endless_line_comes_in_parts() {
        let mut splitter = LineSplitter::default();
        let mut parts = 0;
        for _ in 0..1000 {
            splitter.push(&[b'x'; 10_000]);
            parts += usize::from(splitter.next_line().is_some());
        }
        assert!(parts >= 9);
        assert!(splitter.buffer.len() <= LONGEST + 10_000);
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
            let mut splitter = LineSplitter::default();
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
    }
}
