//! What a server writes while it works.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use deploykit_core::{Error, ErrorKind, Result, Streaming, Time, lines};
use futures::stream::{BoxStream, Stream, StreamExt, TryStreamExt};
use serde::Deserialize;

/// A line that the server wrote.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The text, without its end of line.
    pub text: String,
    /// When it was written; only servers from 1.0 on tell.
    pub at: Option<Time>,
}

/// The output of an operation, line by line as the server writes it.
///
/// Servers from 0.8 on write JSON lines, and say in the last one if the operation failed: the stream then ends
/// with an error of kind [`Failed`](ErrorKind::Failed). Older ones write plain text, and only people can tell
/// a failure in its last line from other output. The status is 200 in either case.
///
/// The stream has no time limit. Dropping it stops the reading, not the operation.
#[must_use = "streams do nothing unless polled"]
pub struct Output {
    lines: BoxStream<'static, Result<String>>,
    /// Whether blank lines only keep the connection open.
    json: bool,
    ended: bool,
}

impl Output {
    pub(crate) fn new(answer: Streaming) -> Self {
        let content_type = answer
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        Self {
            json: content_type.is_some_and(|content_type| content_type.contains("json")),
            lines: lines(answer.body).boxed(),
            ended: false,
        }
    }

    /// Reads to the end and gives the whole text.
    ///
    /// # Errors
    ///
    /// If the server says that the operation failed, or the connection breaks.
    pub async fn text(self) -> Result<String> {
        self.try_fold(String::new(), |mut whole, line| async move {
            whole.push_str(&line.text);
            whole.push('\n');
            Ok(whole)
        })
        .await
    }
}

impl Stream for Output {
    type Item = Result<Line>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            let Some(line) = ready!(self.lines.poll_next_unpin(cx)) else {
                break;
            };
            let read = line.and_then(|line| read_line(line, self.json));
            self.ended = read.is_err();
            if let Some(item) = read.transpose() {
                return Poll::Ready(Some(item));
            }
        }
        self.ended = true;
        Poll::Ready(None)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// A JSON line of newer servers.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Message")]
    message: Option<String>,
    #[serde(rename = "Timestamp")]
    at: Option<Time>,
    #[serde(rename = "Error")]
    error: Option<String>,
}

/// Reads a line; none if it only keeps the connection open. The failure line is an error.
fn read_line(line: String, json: bool) -> Result<Option<Line>> {
    let event = line
        .starts_with('{')
        .then(|| serde_json::from_str::<Event>(&line).ok())
        .flatten();
    let Some(event) = event.filter(|event| event.message.is_some() || event.error.is_some()) else {
        let keep_alive = json && line.trim().is_empty();
        return Ok((!keep_alive).then_some(Line {
            text: line,
            at: None,
        }));
    };
    if let Some(error) = event.error.filter(|error| !error.is_empty()) {
        return Err(Error::new(
            ErrorKind::Failed,
            format!("the operation failed: {}", error.trim()),
        ));
    }
    let message = event.message.unwrap_or_default();
    let text = message.trim_end_matches('\n');
    Ok((!text.is_empty()).then(|| Line {
        text: text.to_owned(),
        at: event.at,
    }))
}

/// Reads an answer that is all there.
pub(crate) fn read_whole(body: &str) -> Result<String> {
    let mut lines = Vec::new();
    for line in body.lines() {
        lines.extend(read_line(line.to_owned(), false)?.map(|line| line.text));
    }
    Ok(lines.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, json: bool) -> Option<String> {
        read_line(line.to_owned(), json)
            .unwrap()
            .map(|line| line.text)
    }

    #[test]
    fn json_lines_are_messages_and_other_lines_are_themselves() {
        let message = r#"{"Message":"starting\n","Timestamp":"2026-08-01T10:00:00Z"}"#;
        assert_eq!(read(message, true).as_deref(), Some("starting"));
        assert_eq!(read(r#"{"Message":"old"}"#, false).as_deref(), Some("old"));
        for keep_alive in ["", "  ", r#"{"Message":""}"#, r#"{"Message":"\n"}"#] {
            assert_eq!(read(keep_alive, true), None, "{keep_alive:?}");
        }
        for text in ["", "  indented", "{", r#"{"level":"info"}"#, "[1]"] {
            assert_eq!(read(text, false).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_failure_line_is_an_error() {
        for line in [
            r#"{"Message":"","Error":"no unit\n"}"#,
            r#"{"Error":"no unit"}"#,
        ] {
            let error = read_line(line.to_owned(), true).unwrap_err();
            assert_eq!(error.to_string(), "the operation failed: no unit");
        }
        assert!(read_whole("{\"Message\":\"a\"}\n\n{\"Error\":\"b\"}\n").is_err());
        let fine = read_whole("{\"Message\":\"a\",\"Error\":\"\"}\n\n{\"Message\":\"b\\n\"}\n");
        assert_eq!(fine.unwrap(), "a\n\nb");
        assert_eq!(read_whole("success\n").unwrap(), "success");
    }
}
