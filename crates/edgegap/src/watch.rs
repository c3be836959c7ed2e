//! Waiting for many deployments at once, within the documented limits.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deploykit_core::{Error, ErrorKind, Result, WaitError};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, Stream, StreamExt};
use futures::{FutureExt as _, TryFutureExt as _};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::deployments::START_TIME;
use crate::{DeploymentQuery, DeploymentStatus, Deployments, ListedDeployment, Match, RequestId};

/// So many ids fit into the address of one list call.
const LISTED_AT_ONCE: u32 = 100;

/// From here on a list call (10 a second) is cheaper than a status call each (20 a second).
const LIST_FROM: usize = 3;

/// Calls under way at the same time: as many as the limit lets pass in a second. More would only keep other
/// calls of the client waiting behind them.
const LOOKS_UNDER_WAY: usize = 20;
const LISTS_UNDER_WAY: usize = 10;

/// Deployments of a round whose status is fetched although the list has them: it may not tell of errors.
const DOUBLE_CHECKED: usize = 20;

/// So many looks at a deployment may fail one after the other.
const FAILED_LOOKS: u32 = 8;

/// Waits for many servers at once: a stream that yields each deployment once, with its state when it is
/// ready, or why it will not be, with the last state seen.
///
/// In rounds, two seconds apart, all deployments that are still awaited are looked up: by list calls with a
/// hundred ids each, and by status calls in turn for those that the list does not tell enough about, so
/// that none is left waiting. If the service refuses such lists, status calls do it all. All calls keep to the
/// documented limits, and few are under way at once, so that other calls get through. A look that fails
/// for a passing reason is repeated.
///
/// The stream ends when nothing is awaited any more; after [`add`](Self::add) it goes on. A state that came from
/// the list has no application, place or times.
///
/// ```
/// # async fn run(deployments: deploykit_edgegap::Deployments) {
/// use futures::StreamExt as _;
///
/// let mut watch = deployments.watch(["93924761ccde", "c0653765de3b"]);
/// while let Some((id, outcome)) = watch.next().await {
///     match outcome {
///         Ok(status) => println!("{id} is ready at {:?}", status.address("gameport")),
///         Err(error) => println!("{id}: {error}"),
///     }
/// }
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Watch {
    deployments: Deployments,
    every: Duration,
    deadline: Duration,
    awaited: HashMap<RequestId, Awaited>,
    /// The awaited deployments (and some that are no longer), the one whose status is oldest first.
    turns: VecDeque<RequestId>,
    due_lists: VecDeque<Vec<RequestId>>,
    due_looks: VecDeque<RequestId>,
    lists_under_way: usize,
    looks_under_way: usize,
    calls: FuturesUnordered<BoxFuture<'static, Seen>>,
    /// Made at the first poll: a timer needs a runtime.
    next_round: Option<Pin<Box<Sleep>>>,
    /// Whether the service takes lists by id.
    lists: bool,
    found: VecDeque<Outcome>,
}

/// A deployment, and how its wait ended.
type Outcome = (
    RequestId,
    Result<DeploymentStatus, WaitError<DeploymentStatus>>,
);

struct Awaited {
    until: Instant,
    last: Option<DeploymentStatus>,
    failed_looks: u32,
    /// Whether a look at its status is due or under way.
    in_line: bool,
}

enum Seen {
    List(Vec<RequestId>, Result<Vec<ListedDeployment>>),
    Status(RequestId, Box<Result<DeploymentStatus>>),
}

impl Watch {
    pub(crate) fn new(deployments: Deployments) -> Self {
        Self {
            deployments,
            every: Duration::from_secs(2),
            deadline: START_TIME,
            awaited: HashMap::new(),
            turns: VecDeque::new(),
            due_lists: VecDeque::new(),
            due_looks: VecDeque::new(),
            lists_under_way: 0,
            looks_under_way: 0,
            calls: FuturesUnordered::new(),
            next_round: None,
            lists: true,
            found: VecDeque::new(),
        }
    }

    /// The time from one round to the next. Default 2 s.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// How long each deployment is awaited, counted from now for those that are awaited already and from
    /// their [`add`](Self::add) for others. Default 5 min.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        let until = after(Instant::now(), deadline);
        for awaited in self.awaited.values_mut() {
            awaited.until = until;
        }
        self
    }

    /// Waits for one more deployment.
    pub fn add(&mut self, request_id: impl Into<RequestId>) {
        let id = request_id.into();
        let awaited = Awaited {
            until: after(Instant::now(), self.deadline),
            last: None,
            failed_looks: 0,
            in_line: false,
        };
        if self.awaited.insert(id.clone(), awaited).is_none() {
            self.turns.push_back(id);
        }
    }

    /// How many deployments are still awaited.
    pub fn len(&self) -> usize {
        self.awaited.len()
    }

    /// Whether nothing is awaited any more.
    pub fn is_empty(&self) -> bool {
        self.awaited.is_empty()
    }

    /// Gives up what is overdue and plans the looks at the rest.
    fn begin_round(&mut self) {
        let now = Instant::now();
        let overdue = self
            .awaited
            .iter()
            .filter(|(_, awaited)| awaited.until <= now);
        let overdue: Vec<_> = overdue.map(|(id, _)| id.clone()).collect();
        for id in overdue {
            let message = format!("deployment {id}: not ready before the deadline");
            self.report(&id, Err(Error::new(ErrorKind::Deadline, message)));
        }
        self.turns.retain(|id| self.awaited.contains_key(id));
        let deadlines = self.awaited.values().map(|awaited| awaited.until);
        let next = deadlines.fold(after(now, self.every), Instant::min);
        self.next_round = Some(Box::pin(sleep_until(next)));

        let listing = self.lists && self.awaited.len() >= LIST_FROM;
        // A sweep that has not ended by now is not overtaken by another one.
        if listing && self.due_lists.is_empty() && self.lists_under_way == 0 {
            let ids: Vec<_> = self.turns.iter().cloned().collect();
            self.due_lists
                .extend(ids.chunks(LISTED_AT_ONCE as usize).map(<[_]>::to_vec));
        }
        let looks = if listing {
            DOUBLE_CHECKED
        } else {
            self.turns.len()
        };
        for _ in 0..looks.min(self.turns.len()) {
            if let Some(id) = self.turns.pop_front() {
                self.line_up(&id);
                self.turns.push_back(id);
            }
        }
    }

    /// A look at this deployment's status is due.
    fn line_up(&mut self, id: &RequestId) {
        if let Some(awaited) = self.awaited.get_mut(id)
            && !awaited.in_line
        {
            awaited.in_line = true;
            self.due_looks.push_back(id.clone());
        }
    }

    fn start_calls(&mut self) {
        while self.lists_under_way < LISTS_UNDER_WAY
            && let Some(ids) = self.due_lists.pop_front()
        {
            self.lists_under_way += 1;
            let query = DeploymentQuery::new().request_id(Match::one_of(&ids));
            let page = self.deployments.list(&query).per_page(LISTED_AT_ONCE);
            let listed = page.into_future().map_ok(|page| page.items);
            self.calls
                .push(listed.map(|listed| Seen::List(ids, listed)).boxed());
        }
        while self.looks_under_way < LOOKS_UNDER_WAY
            && let Some(id) = self.due_looks.pop_front()
        {
            if !self.awaited.contains_key(&id) {
                continue;
            }
            self.looks_under_way += 1;
            let status = self.deployments.status(&id).into_future();
            self.calls.push(
                status
                    .map(|status| Seen::Status(id, Box::new(status)))
                    .boxed(),
            );
        }
    }

    fn take(&mut self, seen: Seen) {
        match seen {
            Seen::List(asked, listed) => {
                self.lists_under_way -= 1;
                match listed {
                    Ok(listed) => self.take_list(&asked, listed),
                    Err(error) if error.is_passing() => {}
                    Err(_) => {
                        self.lists = false;
                        self.due_lists.clear();
                        asked.iter().for_each(|id| self.line_up(id));
                    }
                }
            }
            Seen::Status(id, status) => {
                self.looks_under_way -= 1;
                self.take_status(&id, *status);
            }
        }
    }

    fn take_list(&mut self, asked: &[RequestId], listed: Vec<ListedDeployment>) {
        let mut listed: HashMap<_, _> = listed
            .into_iter()
            .map(|one| (one.request_id.clone(), one))
            .collect();
        for id in asked {
            match listed.remove(id) {
                // The list does not say why it failed.
                Some(one) if one.phase().is_some_and(|phase| phase.is_over()) => self.line_up(id),
                Some(one) if one.ready == Some(true) => self.report(id, Ok(one.into())),
                Some(_) => {}
                None => self.line_up(id),
            }
        }
    }

    fn take_status(&mut self, id: &RequestId, status: Result<DeploymentStatus>) {
        let Some(awaited) = self.awaited.get_mut(id) else {
            return;
        };
        awaited.in_line = false;
        match status {
            Ok(status) if status.is_ready() => self.report(id, Ok(status)),
            Ok(status) => {
                let failure = status.failure();
                awaited.failed_looks = 0;
                awaited.last = Some(status);
                if let Some(failure) = failure {
                    let message = format!("deployment {id}: {failure}");
                    self.report(id, Err(Error::new(ErrorKind::Failed, message)));
                }
            }
            Err(error) => {
                awaited.failed_looks += 1;
                if !error.is_passing() || awaited.failed_looks >= FAILED_LOOKS {
                    self.report(id, Err(error));
                }
            }
        }
    }

    fn report(&mut self, id: &RequestId, outcome: Result<DeploymentStatus>) {
        if let Some(awaited) = self.awaited.remove(id) {
            let outcome = outcome.map_err(|cause| WaitError::new(awaited.last, cause));
            self.found.push_back((id.clone(), outcome));
        }
    }
}

/// So long after a moment; a sum that no clock can show becomes one that nobody will live to see.
fn after(moment: Instant, delay: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

    moment + delay.min(FAR)
}

impl Stream for Watch {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut *self;
        loop {
            if let Some(found) = watch.found.pop_front() {
                return Poll::Ready(Some(found));
            }
            if watch.awaited.is_empty() {
                return Poll::Ready(None);
            }
            let waits = watch
                .next_round
                .as_mut()
                .map(|timer| timer.as_mut().poll(cx));
            if waits != Some(Poll::Pending) {
                watch.begin_round();
                continue;
            }
            watch.start_calls();
            match watch.calls.poll_next_unpin(cx) {
                Poll::Ready(Some(seen)) => watch.take(seen),
                // Nothing is under way: the next round will change that.
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("awaited", &self.awaited.len())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
