//! Logs of apps and jobs.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use deploykit_core::{
    Error, ErrorKind, Result, Streamed, Streaming, Time, endpoints, lines, model, open_enum,
    request,
};
use futures::stream::{self, BoxStream, Stream, StreamExt};

use super::Client;
use super::jobs::JobName;
use super::pairs::pairs;
use crate::list::List;
use crate::{AppName, Done, lenient};

/// What logs come as.
const FRAMES: &str = "application/x-json-stream";

endpoints! {
    /// What [`Client`] sends for logs, and entries that are added to them.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{LogFilter, NewLogEntry};
    /// use futures::TryStreamExt;
    ///
    /// tsuru.logs().add("myapp", &NewLogEntry::new(["release 7".to_owned()]).source("CI")).await?;
    /// let mut last = tsuru.logs().of_app("myapp", &LogFilter::last(10).source("CI")).await?;
    /// while let Some(entry) = last.try_next().await? {
    ///     println!("{}: {}", entry.source, entry.message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Logs;

    /// Reads the log of an app, and goes on if told to.
    AppLog: GET "/1.0/apps/{app}/log" => of_app(app: AppName, query: &LogFilter) -> Streamed<LogEntries>
        [accept(FRAMES)];

    /// As [`of_app`](Self::of_app), from the memory of the one server that answers.
    appLogInstance: GET "/1.8/apps/{app}/log-instance" => of_app_at_server(app: AppName, query: &LogFilter)
        -> Streamed<LogEntries> [accept(FRAMES)];

    /// Reads the log of a job, and goes on if told to.
    JobLog: GET "/1.13/jobs/{job}/log" => of_job(job: JobName, query: &LogFilter) -> Streamed<LogEntries>
        [accept(FRAMES)];

    /// Adds entries to the log of an app.
    addLog: POST "/1.0/apps/{app}/log" => add(app: AppName, body: &NewLogEntry) -> Done;
}

pairs! {
    /// Which entries of a log.
    pub struct LogFilter {
        /// So many of the last ones.
        lines = "lines": u32,
        /// From this source: a process, `tsuru`, `api`.
        source = "source": String,
        /// From this unit; may be said several times.
        unit = "unit": String,
        /// From any source but the one that is named.
        invert_source = "invert-source": bool,
        /// Goes on with what is written from now on.
        follow = "follow": bool,
    }
}

impl LogFilter {
    /// The last so many entries.
    #[must_use]
    pub fn last(lines: u32) -> Self {
        Self::new().lines(lines)
    }
}

request! {
    /// Entries to add to a log.
    pub struct NewLogEntry {
        required {
            /// What to say.
            message: Vec<String>,
        }
        optional {
            /// Who says it; `app` unless set.
            source: String,
            /// Which unit says it.
            unit: String,
        }
    }
}

open_enum! {
    /// Whose log it is.
    pub enum LogOf {
        /// An app's.
        App = "app",
        /// A job's.
        Job = "job",
    }
}

model! {
    /// An entry of a log.
    pub struct LogEntry {
        /// When.
        at = "Date" | "date": Option<Time> as lenient::time,
        /// What.
        message = "Message" | "message": String,
        /// Process, `tsuru` or `api`.
        source = "Source" | "source": String,
        /// The app or job.
        name = "Name" | "name" | "AppName": String,
        /// Whose log it is.
        kind = "Type" | "type": Option<LogOf>,
        /// Unit.
        unit = "Unit" | "unit": String,
    }
}

/// The entries of a log, as the server writes them.
///
/// One that follows ends only if the server ends it, or with an error if nothing came for the client's idle
/// limit (a minute): servers of 2026 say every 30 s that they are still there. Older ones say nothing while
/// there is nothing to tell: follow those with [`Client::follow_log`].
#[must_use = "streams do nothing unless polled"]
pub struct LogEntries {
    lines: BoxStream<'static, Result<String>>,
    answer: Streaming,
    /// The beginning of a line that is so long that it comes in parts.
    part: String,
    ready: std::vec::IntoIter<LogEntry>,
    ended: bool,
}

/// The first line holds all entries that were asked for; no longer one is read.
const LONGEST: usize = 64 << 20;

impl From<Streaming> for LogEntries {
    fn from(mut answer: Streaming) -> Self {
        let body = std::mem::replace(&mut answer.body, stream::empty().boxed());
        Self {
            lines: lines(body).boxed(),
            answer,
            part: String::new(),
            ready: Vec::new().into_iter(),
            ended: false,
        }
    }
}

impl LogEntries {
    /// Reads a line; an error ends the stream.
    fn read(&mut self, line: &str) -> Result<()> {
        if line.trim().is_empty() && self.part.is_empty() {
            return Ok(());
        }
        self.part.push_str(line);
        match serde_json::from_str::<List<LogEntry>>(&self.part) {
            Ok(entries) => {
                self.part.clear();
                self.ready = Vec::from(entries).into_iter();
                Ok(())
            }
            Err(error) if error.is_eof() && self.part.len() < LONGEST => Ok(()),
            Err(error) => {
                let message = "an entry of the log could not be decoded";
                Err(self
                    .answer
                    .error(ErrorKind::Decode, message)
                    .with_source(error))
            }
        }
    }

    fn broken_off(&self) -> Option<Error> {
        let message = "the log ended within an entry";
        (!self.part.is_empty()).then(|| self.answer.error(ErrorKind::Interrupted, message))
    }
}

impl Stream for LogEntries {
    type Item = Result<LogEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(entry) = self.ready.next() {
                return Poll::Ready(Some(Ok(entry)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let failed = match ready!(self.lines.poll_next_unpin(cx)) {
                Some(Ok(line)) => self.read(&line).err(),
                Some(Err(error)) => Some(error),
                None => {
                    self.ended = true;
                    self.broken_off()
                }
            };
            if let Some(error) = failed {
                self.ended = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl fmt::Debug for LogEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogEntries")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// The log of an app, followed without an end: also of a server that says nothing while there is nothing
    /// to tell, as those before 2026. A connection that broke without a word is then not noticed.
    pub fn follow_log(&self, app: impl Into<AppName>, filter: &LogFilter) -> Streamed<LogEntries> {
        let filter = filter.clone().follow(true);
        let call = self.logs().of_app(app, &filter);
        call.map_request(|request| request.idle_timeout(None))
    }
}
