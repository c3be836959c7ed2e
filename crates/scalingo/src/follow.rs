//! Following one deployment to its end.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Error, ErrorKind, Result};
use futures::stream::{Stream, StreamExt as _};
use tokio::time::Instant;

use crate::follower::Follower;
use crate::hub::Hubs;
use crate::{AppRef, Deployment, DeploymentId, DeploymentStatus};

/// What a person wants to see of a deployment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FollowEvent {
    /// It came to another status. Steps that passed unseen are left out.
    Status(DeploymentStatus),
    /// A piece of its log, mostly one line: colours and leading spaces kept.
    Log(String),
    /// The live stream broke and stands again. The lines of the time between came before this.
    Reconnected {
        /// How many tries it took.
        attempts: u32,
        /// What happened to the lines of the time between.
        gap: Gap,
    },
    /// Lines may be missing, or may have come twice, although the stream did not break: this follower was slower
    /// than the others of its application, there was no kept log, or it differs from what was told.
    Gap(Gap),
    /// It has ended: the last event.
    Finished(Box<Deployment>),
}

/// What happened to log lines that did not come over the live stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// There were none: the kept log has no more than what was told.
    None,
    /// There were so many; they were taken from the kept log, and told.
    Filled(usize),
    /// Not known: the kept log cannot be had, or does not begin with what was told. Lines may be missing here, or
    /// come twice.
    Possible,
}

/// A deployment being followed: a stream of events that ends with [`Finished`](FollowEvent::Finished).
///
/// The live stream gives log and statuses as they come; the API is the safety net: it is asked at the start,
/// every 30 seconds, after each connection and at the end, and alone while there is no live stream to be had.
///
/// # Lines
///
/// Each line comes once and in order, or it is [said](Gap::Possible) that this is not certain. The service numbers
/// no lines and repeats some, so what is trusted is the log that it keeps: what was told is compared with it
/// after each connection, where lines can't be told from repetitions, and as a whole at the end.
///
/// # Followers of one application
///
/// They share one live stream and the looks at the API, as long as they are followed by clones of one client
/// in one runtime: the shortest [`silence`](Self::silence) and [`reconnect_after`](Self::reconnect_after) count.
/// One list serves all of them; only the kept log is read for each, once or twice. 20 deployments that run side by
/// side take 26 to 65 calls from the first to the last event, by how many of them end at the same time. A follower
/// that is not polled holds up no other one. One that is slower than others misses what has no room (4,096 events
/// or 4 MiB), reads it from the kept log, and says so; alone, it slows the stream down.
///
/// # Bounds
///
/// Whatever a server sends, no more is held than a message (4 MiB), what waits for the follower (12 MiB), lines that
/// may be repetitions (32 MiB), and 2 MiB of digests that tell them. The kept log is compared as it arrives.
#[must_use = "streams do nothing unless polled"]
pub struct Follow {
    follower: Option<Box<Follower>>,
}

impl Follow {
    pub(crate) fn new(
        hubs: &Hubs,
        client: &deploykit_core::Client,
        app: AppRef,
        id: DeploymentId,
    ) -> Self {
        let follower = Follower::new(hubs.clone(), client.clone(), app, id);
        Self {
            follower: Some(Box::new(follower)),
        }
    }

    /// Follows for no longer than this, whatever the server does; the error of a deadline that passes is the last
    /// that comes. Default: to the end.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.set(|follower| follower.deadline = Some(after(Instant::now(), deadline)));
        self
    }

    /// How often the API is asked beside the live stream. Default 30 s.
    pub fn check_every(mut self, interval: Duration) -> Self {
        self.set(|follower| follower.check_every = interval);
        self
    }

    /// Longest silence of the live stream before it is connected anew, and of a kept log before it is read anew.
    /// Default 90 s; the service sends pings more often.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.set(|follower| follower.silence = silence);
        self
    }

    /// First delay before the live stream is connected anew; it doubles up to 30 s. Default 1 s.
    pub fn reconnect_after(mut self, delay: Duration) -> Self {
        self.set(|follower| follower.reconnect_after = delay);
        self
    }

    fn set(&mut self, set: impl FnOnce(&mut Follower)) {
        if let Some(follower) = &mut self.follower {
            set(follower);
        }
    }

    /// Follows to the end, leaving out what happens on the way.
    ///
    /// A deployment that failed is no error here: look at [`Deployment::succeeded`].
    ///
    /// # Errors
    ///
    /// If the deployment cannot be followed any further; it goes on all the same.
    pub async fn wait(mut self) -> Result<Deployment> {
        while let Some(event) = self.next().await {
            if let FollowEvent::Finished(deployment) = event? {
                return Ok(*deployment);
            }
        }
        Err(Error::new(
            ErrorKind::Failed,
            "the deployment was already followed to its end",
        ))
    }
}

impl Stream for Follow {
    type Item = Result<FollowEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(follower) = &mut self.follower else {
            return Poll::Ready(None);
        };
        let event = follower.poll(cx);
        if let Poll::Ready(None) = event {
            // It shares nothing any more.
            self.follower = None;
        }
        event
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Follow")
    }
}
