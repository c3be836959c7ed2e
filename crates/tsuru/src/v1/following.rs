//! A deploy under way: its output, and its event where the output breaks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::{Error, ErrorKind, Result, State, Wait};
use futures::stream::{self, BoxStream, Stream, StreamExt};

use super::events::{Event, EventId, Events};
use super::{Line, Output};

/// A deploy under way. As a stream, it gives the server's lines; it ends with an error of kind
/// [`Failed`](ErrorKind::Failed) if the deploy failed.
///
/// What the server says at the end counts, not the status. If the connection breaks, the deploy goes on: its
/// event is then followed to its end, without further lines. Nothing is deployed twice.
///
/// Dropping it stops the reading, not the deploy: to stop that, cancel its event.
#[must_use = "streams do nothing unless polled"]
pub struct Deploying {
    event: Option<EventId>,
    lines: BoxStream<'static, Result<Line>>,
}

impl Deploying {
    pub(crate) fn new(
        output: Output,
        event: Option<EventId>,
        events: Events,
        patience: Duration,
    ) -> Self {
        let following = Following {
            output,
            event: event.clone(),
            events,
            patience,
        };
        let lines = stream::unfold(Some(following), |following| async {
            let mut following = following?;
            match following.next().await? {
                Ok(line) => Some((Ok(line), Some(following))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Self {
            event,
            lines: lines.boxed(),
        }
    }

    /// Its event, by which it can be found again, and cancelled.
    pub fn event(&self) -> Option<&EventId> {
        self.event.as_ref()
    }

    /// Reads to the end; lines are thrown away as they come.
    ///
    /// # Errors
    ///
    /// If the deploy failed, or its end cannot be learned.
    pub async fn finish(mut self) -> Result<()> {
        while let Some(line) = self.lines.next().await {
            line?;
        }
        Ok(())
    }
}

impl Stream for Deploying {
    type Item = Result<Line>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.lines.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Deploying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deploying")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

struct Following {
    output: Output,
    event: Option<EventId>,
    events: Events,
    /// How long to follow the event.
    patience: Duration,
}

impl Following {
    async fn next(&mut self) -> Option<Result<Line>> {
        match self.output.next().await? {
            Ok(line) => Some(Ok(line)),
            Err(error) => match &self.event {
                // Without an `OK`, only the event tells a failure from a connection that was cut.
                Some(event) => {
                    let ended = wait(&self.events, event).deadline(self.patience);
                    verdict(ended, error).await.err().map(Err)
                }
                None => Some(Err(error)),
            },
        }
    }
}

/// What became of it; if the event says that it failed, too, the error that is known is the better one.
async fn verdict(ended: Wait<Event>, known: Error) -> Result<()> {
    match ended.await {
        Ok(_) => Ok(()),
        Err(_) if known.kind() == ErrorKind::Failed => Err(known),
        Err(unknown) => Err(unknown.cause),
    }
}

/// Waits for the end of an event.
pub(super) fn wait(events: &Events, event: &EventId) -> Wait<Event> {
    let (events, id) = (events.clone(), event.clone());
    let look =
        move || -> futures::future::BoxFuture<'static, _> { Box::pin(events.get(&id).send()) };
    Wait::new(format!("event {event}"), look, judge)
}

fn judge(event: &Event) -> (State, String) {
    match (event.is_running(), event.error.is_empty()) {
        (true, _) => (State::Running, String::new()),
        (false, true) => (State::Done, String::new()),
        (false, false) => (State::Failed, event.error.trim().to_owned()),
    }
}
