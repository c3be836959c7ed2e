//! Work that tells on the way: a future and what it says, polled as one stream.

use std::task::{Context, Poll};

use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::{FutureExt as _, SinkExt as _, StreamExt as _};

use super::{Event, Outcome, Status};

/// Tells one thing at a time: the next is worked for when the last was taken.
#[derive(Debug)]
pub(super) struct Tell<T>(mpsc::Sender<T>);

impl<T> Tell<T> {
    pub(super) async fn tell(&mut self, thing: T) {
        // Who listens polls the work, too: without a listener nothing comes here.
        let _ = self.0.send(thing).await;
    }
}

impl<T> Clone for Tell<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The work, and what it has told.
pub(super) struct Telling<T, R> {
    work: Option<BoxFuture<'static, R>>,
    told: mpsc::Receiver<T>,
    end: Option<R>,
}

/// What comes next.
pub(super) enum Next<T, R> {
    Told(T),
    Ended(R),
}

impl<T, R> Telling<T, R> {
    pub(super) fn new(work: impl FnOnce(Tell<T>) -> BoxFuture<'static, R>) -> Self {
        let (tell, told) = mpsc::channel(0);
        Self {
            work: Some(work(Tell(tell))),
            told,
            end: None,
        }
    }

    /// Ends after the end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next<T, R>>> {
        if let Some(work) = &mut self.work
            && let Poll::Ready(end) = work.poll_unpin(cx)
        {
            self.work = None;
            self.end = Some(end);
        }
        match self.told.poll_next_unpin(cx) {
            Poll::Ready(Some(told)) => Poll::Ready(Some(Next::Told(told))),
            _ if self.work.is_some() => Poll::Pending,
            _ => Poll::Ready(self.end.take().map(Next::Ended)),
        }
    }
}

impl<T, R> Unpin for Telling<T, R> {}

/// So many addresses are kept at the most.
const ADDRESSES: usize = 100;

/// Tells what happens in a rollout; nothing twice.
pub(super) struct Teller {
    tell: Tell<Event>,
    status: Option<(Status, String)>,
    progress: Option<(u64, u64, Option<String>)>,
    addresses: Vec<String>,
}

impl Teller {
    pub(super) fn new(tell: Tell<Event>) -> Self {
        Self {
            tell,
            status: None,
            progress: None,
            addresses: Vec::new(),
        }
    }

    pub(super) async fn event(&mut self, event: Event) {
        self.tell.tell(event).await;
    }

    pub(super) async fn log(&mut self, line: impl Into<String>) {
        self.event(Event::Log(line.into())).await;
    }

    pub(super) async fn status(&mut self, status: Status, word: &str) {
        if self
            .status
            .as_ref()
            .is_none_or(|(known, own)| (*known, own.as_str()) != (status, word))
        {
            self.status = Some((status, word.to_owned()));
            let word = word.to_owned();
            self.event(Event::Status { status, word }).await;
        }
    }

    pub(super) async fn progress(&mut self, done: u64, all: u64, step: Option<String>) {
        let known = self.progress.as_ref();
        let done = done.max(known.map_or(0, |(known, _, _)| *known)).min(all);
        let progress = (done, all, step);
        if all > 0 && known != Some(&progress) {
            self.progress = Some(progress.clone());
            let (done, all, step) = progress;
            self.event(Event::Progress { done, all, step }).await;
        }
    }

    pub(super) async fn address(&mut self, address: impl Into<String>) {
        let address = address.into();
        let is_new = !address.is_empty() && !self.addresses.contains(&address);
        if is_new && self.addresses.len() < ADDRESSES {
            self.addresses.push(address.clone());
            self.event(Event::Address(address)).await;
        }
    }

    /// Tells the last status, and makes the outcome of it.
    pub(super) async fn end(
        &mut self,
        status: Status,
        word: &str,
        reason: Option<String>,
    ) -> Outcome {
        self.status(status, word).await;
        Outcome {
            status,
            word: word.to_owned(),
            reason: reason.map(one_line).filter(|reason| !reason.is_empty()),
            addresses: std::mem::take(&mut self.addresses),
        }
    }
}

/// What a service said, in one harmless line.
fn one_line(text: String) -> String {
    const LONGEST: usize = 1000;

    let words: Vec<_> = text.split_whitespace().collect();
    let characters = words.join(" ");
    let visible = characters.chars().filter(|c| !c.is_control());
    visible.take(LONGEST).collect()
}
