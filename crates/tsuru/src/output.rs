//! What a server writes while it works.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use deploykit_core::{ErrorKind, Result, Streaming, Time, lines};
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
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

deploykit_core::__with_dispatch! {
    // As the server wrote it.
    impl deploykit_core::dispatch::Reread for Line {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            Ok(match &self.at {
                Some(at) => serde_json::json!({ "Message": self.text, "Timestamp": at }),
                None => self.text.clone().into(),
            })
        }
    }
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
    reader: Reader,
    /// What errors tell about the answer; its body is taken.
    answer: Streaming,
    ended: bool,
}

impl From<Streaming> for Output {
    fn from(mut answer: Streaming) -> Self {
        let content_type = answer.headers.get("content-type");
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|content_type| content_type.contains("json"));
        let body = std::mem::replace(&mut answer.body, stream::empty().boxed());
        Self {
            reader: Reader::new(is_json.then_some(Format::Json)),
            lines: lines(body).boxed(),
            answer,
            ended: false,
        }
    }
}

impl Output {
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

    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers.get(name)?.to_str().ok()
    }

    /// Says at the end what became of it: success is an `OK` in the last line.
    pub(crate) fn with_verdict(mut self) -> Self {
        self.reader = Reader::new(Some(Format::Verdict));
        self
    }
}

impl Stream for Output {
    type Item = Result<Line>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            let read = match ready!(self.lines.poll_next_unpin(cx)) {
                Some(Ok(line)) => self.reader.read(line),
                Some(Err(broken)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(broken)));
                }
                None => {
                    self.ended = true;
                    self.reader.end().map(|()| None)
                }
            };
            match read {
                Ok(None) => {}
                Ok(Some(line)) => return Poll::Ready(Some(Ok(line))),
                Err(message) => {
                    self.ended = true;
                    let error = self.answer.error(ErrorKind::Failed, message);
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
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

/// How an output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// JSON lines; blank lines only keep the connection open.
    Json,
    /// Text, in which an app may print what looks like the server's JSON.
    Plain,
    /// Text whose last line says what became of it.
    Verdict,
}

/// Reads lines. An error is what the server says about a failure.
#[derive(Debug)]
struct Reader {
    /// Not known before the first line: some servers write JSON lines and call them text.
    format: Option<Format>,
    /// The last line that is not blank.
    last: String,
}

impl Reader {
    fn new(format: Option<Format>) -> Self {
        let last = String::new();
        Self { format, last }
    }

    fn read(&mut self, line: String) -> Result<Option<Line>, String> {
        let blank = line.trim().is_empty();
        if self.format.is_none() && !blank {
            let json = Event::read(&line).is_some();
            self.format = Some(if json { Format::Json } else { Format::Plain });
        }
        let plain = |text| Some(Line { text, at: None });
        match self.format {
            Some(Format::Json) if blank => Ok(None),
            Some(Format::Json) => match Event::read(&line) {
                Some(event) => event.line(),
                None => self.keep(&line).map(|()| plain(line)),
            },
            Some(Format::Verdict) if line.trim() == KEEP_ALIVE => Ok(None),
            _ if blank => Ok(plain(line)),
            _ => self.keep(&line).map(|()| plain(line)),
        }
    }

    fn keep(&mut self, line: &str) -> Result<(), String> {
        self.last.clear();
        self.last.push_str(line.trim());
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        if let Some(message) = crash(&self.last) {
            return Err(message.to_owned());
        }
        match (self.format, self.last.as_str()) {
            (Some(Format::Verdict), OK) => Ok(()),
            (Some(Format::Verdict), "") => Err("the output ended without a result".to_owned()),
            (Some(Format::Verdict), error) => Err(format!("the operation failed: {error}")),
            _ => Ok(()),
        }
    }
}

/// The last line of what went well.
const OK: &str = "OK";

/// What a server writes every 30 s to keep the connection open.
const KEEP_ALIVE: &str = "please wait...";

/// What to say about a handler that crashed, if this is what it left.
pub(crate) fn crash(text: &str) -> Option<&'static str> {
    let crashed = text.trim_start().starts_with("PANIC:");
    crashed.then_some("the server's handler crashed")
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

impl Event {
    fn read(line: &str) -> Option<Self> {
        let event = line
            .starts_with('{')
            .then(|| serde_json::from_str::<Self>(line).ok())??;
        (event.message.is_some() || event.error.is_some()).then_some(event)
    }

    /// Its line; none if it only keeps the connection open.
    fn line(self) -> Result<Option<Line>, String> {
        if let Some(error) = self.error.filter(|error| !error.is_empty()) {
            return Err(format!("the operation failed: {}", error.trim()));
        }
        let message = self.message.unwrap_or_default();
        let text = message.trim_end_matches('\n');
        Ok((!text.is_empty()).then(|| Line {
            text: text.to_owned(),
            at: self.at,
        }))
    }
}

/// Reads an answer that is all there.
pub(crate) fn read_whole(body: &str) -> Result<String, String> {
    let mut reader = Reader::new(None);
    let mut lines = Vec::new();
    if let Some(message) = crash(body) {
        return Err(message.to_owned());
    }
    for line in body.lines() {
        lines.extend(reader.read(line.to_owned())?.map(|line| line.text));
    }
    reader.end()?;
    Ok(lines.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Option<Format>, lines: &[&str]) -> Result<Vec<String>, String> {
        let mut reader = Reader::new(format);
        let mut texts = Vec::new();
        for line in lines {
            texts.extend(reader.read((*line).to_owned())?.map(|line| line.text));
        }
        reader.end().map(|()| texts)
    }

    #[test]
    fn json_lines_are_messages_and_other_lines_are_themselves() {
        let message = r#"{"Message":"starting\n","Timestamp":"2026-08-01T10:00:00Z"}"#;
        let json = Some(Format::Json);
        assert_eq!(read(json, &[message]).unwrap(), ["starting"]);
        assert_eq!(
            read(None, &["", r#"{"Message":"old"}"#, " "]).unwrap(),
            ["", "old"]
        );
        for keep_alive in ["", "  ", r#"{"Message":""}"#, r#"{"Message":"\n"}"#] {
            assert!(
                read(json, &[keep_alive]).unwrap().is_empty(),
                "{keep_alive:?}"
            );
        }
        for text in ["", "  indented", "{", r#"{"level":"info"}"#, "[1]"] {
            assert_eq!(read(None, &[text]).unwrap(), [text]);
        }
    }

    #[test]
    fn a_failure_line_is_an_error() {
        let failure = r#"{"Message":"","Error":"no unit\n"}"#;
        for format in [None, Some(Format::Json)] {
            let error = read(format, &[failure]).unwrap_err();
            assert_eq!(error, "the operation failed: no unit");
        }
        assert!(read_whole("{\"Message\":\"a\"}\n\n{\"Error\":\"b\"}\n").is_err());
        let fine = read_whole("{\"Message\":\"a\",\"Error\":\"\"}\n\n{\"Message\":\"b\\n\"}\n");
        assert_eq!(fine.unwrap(), "a\nb");
        assert_eq!(read_whole("success\n").unwrap(), "success");
    }

    #[test]
    fn what_an_app_prints_is_no_failure() {
        let lines = [
            " ---> Restarting",
            r#"{"Error":"printed by the app"}"#,
            r#"{"Message":"x","Error":"y"}"#,
        ];
        assert_eq!(read(None, &lines).unwrap(), lines);
        let lines = [r#"{"Error":"printed"}"#, "OK"];
        assert_eq!(read(Some(Format::Verdict), &lines).unwrap(), lines);
    }

    #[test]
    fn the_last_line_is_the_verdict() {
        let verdict = |lines: &[&str]| read(Some(Format::Verdict), lines).map(|lines| lines.len());
        assert_eq!(
            verdict(&["building", "please wait...", "", "OK", ""]),
            Ok(4)
        );
        let failed = verdict(&["building", "OK", "exit status 1", ""]);
        assert_eq!(
            failed,
            Err("the operation failed: exit status 1".to_owned())
        );
        assert_eq!(
            verdict(&["please wait..."]),
            Err("the output ended without a result".to_owned())
        );
    }

    #[test]
    fn a_crash_is_a_failure() {
        let crash = "PANIC: runtime error: invalid memory address";
        assert!(read_whole(crash).is_err());
        assert!(read(None, &["working", crash]).is_err());
        assert!(read(None, &[crash, "the app printed it"]).is_ok());
    }
}
