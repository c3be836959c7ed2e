//! A follower as its hub knows it: what waits for it, and what it waits for.

use std::collections::VecDeque;
use std::time::Duration;

use deploykit_core::Error;
use futures::stream::BoxStream;
use tokio::time::Instant;

use crate::{Deployment, DeploymentId, Frame};

/// While so much waits for all followers, the stream is not read on.
const ENOUGH_ITEMS: usize = 4096;
const ENOUGH_BYTES: usize = 4 << 20;

/// So much waits for one of them, if others are faster; what comes then is left out, and it is told so. What one
/// reading of the stream brings fits in between.
const MOST_ITEMS: usize = ENOUGH_ITEMS + 1024;
const MOST_BYTES: usize = ENOUGH_BYTES + (8 << 20);

/// What waits for a follower, in the order in which it came.
#[derive(Debug)]
pub(crate) enum Item {
    /// The live stream stands.
    Connected { attempts: u32 },
    /// A frame of the follower's deployment.
    Frame(Frame),
    /// The kept log is being asked for: whatever came before is in it.
    Asked,
}

/// The lines of a kept log, as they arrive.
pub(crate) type Lines = BoxStream<'static, deploykit_core::Result<String>>;

/// What a look at the API brought.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) result: Result<Box<Deployment>, Error>,
    /// Whether it began after the follower had last asked for one.
    pub(crate) is_fresh: bool,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) deployment: DeploymentId,
    pub(crate) silence: Duration,
    pub(crate) first_delay: Duration,
    pub(crate) check_every: Duration,
    queue: VecDeque<Item>,
    bytes: usize,
    lagged: bool,
    /// When the next look is due at the latest.
    pub(crate) due: Instant,
    /// The look that was last begun when the follower asked for a fresh one.
    asked_at: Option<u64>,
    /// Whether lists don't have its deployment.
    pub(crate) alone: bool,
    pub(crate) look: Option<Look>,
    /// Whether a look was made for it before.
    pub(crate) was_looked_for: bool,
    /// Whether its deployment was under way then: else the kept log tells it all.
    pub(crate) is_live: bool,
    pub(crate) wants_log: bool,
    pub(crate) log: Option<Opened>,
}

/// A kept log that is ready to be read.
pub(crate) struct Opened(pub(crate) deploykit_core::Result<Lines>);

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Opened").field(&self.0.is_ok()).finish()
    }
}

impl Member {
    pub(crate) fn new(deployment: DeploymentId, silence: Duration, first_delay: Duration) -> Self {
        Self {
            deployment,
            silence,
            first_delay,
            check_every: Duration::MAX,
            queue: VecDeque::new(),
            bytes: 0,
            lagged: false,
            due: Instant::now(),
            asked_at: None,
            alone: false,
            look: None,
            was_looked_for: false,
            is_live: false,
            wants_log: false,
            log: None,
        }
    }

    /// Asks for a look that begins from now on.
    pub(crate) fn ask(&mut self, last: u64) {
        self.asked_at = Some(last);
        self.due = Instant::now();
    }

    /// Takes what a look brought; `number` says when it began.
    pub(crate) fn looked(
        &mut self,
        number: u64,
        next: Instant,
        result: Result<Box<Deployment>, Error>,
    ) {
        let is_fresh = self.asked_at.is_none_or(|last| number > last);
        if is_fresh {
            self.asked_at = None;
            self.due = next;
        }
        self.was_looked_for = true;
        self.is_live |= result.as_ref().is_ok_and(|one| !one.is_finished());
        // What an earlier one saw and was not taken yet is older.
        let is_fresh = is_fresh || self.look.as_ref().is_some_and(|look| look.is_fresh);
        self.look = Some(Look { result, is_fresh });
    }

    /// Whether it makes sense to read on for it.
    pub(crate) fn has_room(&self) -> bool {
        !self.lagged && self.queue.len() < ENOUGH_ITEMS && self.bytes < ENOUGH_BYTES
    }

    pub(crate) fn push(&mut self, item: Item) {
        if let Item::Frame(frame) = &item {
            self.lagged |= self.queue.len() >= MOST_ITEMS || self.bytes >= MOST_BYTES;
            if self.lagged {
                return;
            }
            if let Frame::Log { content, .. } = frame {
                self.bytes += content.len();
            }
        }
        self.queue.push_back(item);
    }

    /// Takes all that waits.
    pub(crate) fn take(&mut self) -> VecDeque<Item> {
        self.bytes = 0;
        std::mem::take(&mut self.queue)
    }

    /// Whether something is left out.
    pub(crate) fn lags(&self) -> bool {
        self.lagged
    }

    /// Whether something was left out after what was taken. From now on nothing is.
    pub(crate) fn caught_up(&mut self) -> bool {
        self.queue.is_empty() && std::mem::take(&mut self.lagged)
    }
}
