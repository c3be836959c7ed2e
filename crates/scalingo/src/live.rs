//! The live stream of an application's deployments.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::Result;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};

use crate::Frame;
use crate::connection::{Connection, Said};
use crate::seen::Deployments;

/// What happens on a live stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LiveEvent {
    /// The service said something that it had not said before.
    Frame(Frame),
    /// The connection broke and was made anew. What was said meanwhile may be missing.
    Reconnected {
        /// How many tries it took.
        attempts: u32,
    },
}

/// The live stream of an application: every deployment that is under way, until it is dropped.
///
/// Connects when it is first polled. A connection that breaks, or is silent for too long, is made anew with a
/// fresh bearer token and growing delays; log lines and statuses that the service then repeats are left out, as
/// far as they can be told from new ones. There is nothing to compare the log with: who must have each line once
/// [follows](crate::Client::follow) the deployment. An error ends the stream.
///
/// A server can make it hold so much and no more: a message of 4 MiB, and what tells repetitions of the last
/// 32 deployments (2 MiB each, for 262,144 lines).
#[must_use = "streams do nothing unless polled"]
pub struct Live {
    connection: Option<Box<Connection>>,
    events: Option<BoxStream<'static, Result<LiveEvent>>>,
}

impl Live {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection: Some(Box::new(connection)),
            events: None,
        }
    }

    /// Longest silence before the connection is made anew. Default 90 s; the service sends pings more often.
    pub fn silence(mut self, silence: Duration) -> Self {
        if let Some(connection) = &mut self.connection {
            connection.silence = silence;
        }
        self
    }

    /// First delay before the connection is made anew; it doubles up to 30 s. Default 1 s.
    pub fn reconnect_after(mut self, delay: Duration) -> Self {
        if let Some(connection) = &mut self.connection {
            connection.first_delay = delay;
        }
        self
    }

    /// How often in a row a connection is tried. Default 10.
    pub fn attempts(mut self, attempts: u32) -> Self {
        if let Some(connection) = &mut self.connection {
            connection.max_attempts = attempts;
        }
        self
    }
}

impl Stream for Live {
    type Item = Result<LiveEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(connection) = self.connection.take() {
            let watched = (connection, Deployments::default());
            let events = stream::try_unfold(watched, |(mut connection, mut seen)| async {
                let event = next_event(&mut connection, &mut seen).await?;
                Ok(Some((event, (connection, seen))))
            });
            self.events = Some(events.boxed());
        }
        match &mut self.events {
            Some(events) => events.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

async fn next_event(connection: &mut Connection, seen: &mut Deployments) -> Result<LiveEvent> {
    loop {
        if let Some(frame) = seen.next() {
            return Ok(LiveEvent::Frame(frame));
        }
        match connection.next().await? {
            Said::Frame(frame) => {
                if let Some(frame) = seen.news(frame, &connection.news) {
                    return Ok(LiveEvent::Frame(frame));
                }
            }
            Said::Connected { attempts, again } => {
                seen.connected();
                if again {
                    return Ok(LiveEvent::Reconnected { attempts });
                }
            }
            // Only said where somebody asks the API instead.
            Said::Down(error) => return Err(error),
        }
    }
}
