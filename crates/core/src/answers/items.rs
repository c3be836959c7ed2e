//! All items of a list, page after page, whatever the server says about the pages.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher as _, Hash};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;
use futures::stream::{FuturesOrdered, Stream, StreamExt};

use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::page::{Page, Pages, Place, Position};
use crate::answers::unreadable::Unreadable;

type Fetch<T> = BoxFuture<'static, (Position, Result<Page<T>>)>;

/// So many pages in a row may be empty, though the server says that more follow.
const EMPTY_PAGES: u32 = 100;

/// So many pages, and so many items, are remembered.
const PAGES: usize = 10_000;
const ITEMS: usize = 100_000;

/// The items of a list, in order.
///
/// A page that fails gives its error once; what came before it is kept. The stream then ends, unless
/// [`resume`](Items::resume) is called: it goes on with the page that failed. An item that cannot be read gives an
/// error in its place, with an [`Unreadable`] as its source, and the stream goes on after it. After 100 empty pages in a row, too,
/// it ends with an error and can be resumed.
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    pages: Pages<T>,
    ready: VecDeque<Result<T>>,
    running: FuturesOrdered<Fetch<T>>,
    plan: Plan,
    failed: Option<Position>,
    /// What ends the list once all that came before it was given.
    broken: Option<Error>,
    /// Empty pages since the last item.
    empty: u32,
    trail: Trail,
    seen: Recent<ITEMS>,
}

/// What to fetch next.
enum Plan {
    One(Position),
    /// All pages up to the last are known; the position tells how to address them.
    UpTo {
        next: Option<u64>,
        last: u64,
        like: Position,
    },
    Done,
}

impl<T> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        Self {
            plan: Plan::One(pages.start.clone()),
            pages,
            ready: VecDeque::new(),
            running: FuturesOrdered::new(),
            failed: None,
            broken: None,
            empty: 0,
            trail: Trail::default(),
            seen: Recent::default(),
        }
    }
}

impl<T: Send + 'static> Items<T> {
    /// The page that will be fetched next, or that failed: to go on from later.
    pub fn position(&self) -> Option<Position> {
        match (&self.failed, &self.plan) {
            (Some(position), _) | (None, Plan::One(position)) => Some(position.clone()),
            (None, Plan::UpTo { next, like, .. }) => {
                let next = next.unwrap_or(u64::MAX);
                let running = u64::try_from(self.running.len()).unwrap_or(0);
                Some(like.at_page(next.saturating_sub(running)))
            }
            (None, Plan::Done) => None,
        }
    }

    /// Goes on with the page that failed.
    pub fn resume(&mut self) {
        if let Some(position) = self.failed.take() {
            self.plan = Plan::One(position);
        }
    }

    fn start_fetches(&mut self) {
        while self.running.len() < self.pages.ahead {
            let position = match &mut self.plan {
                Plan::UpTo { next, last, like } => match *next {
                    Some(number) if number <= *last => {
                        *next = number.checked_add(1);
                        like.at_page(number)
                    }
                    _ => return,
                },
                Plan::One(_) if self.running.is_empty() => {
                    match std::mem::replace(&mut self.plan, Plan::Done) {
                        Plan::One(position) => position,
                        _ => return,
                    }
                }
                _ => return,
            };
            let call = self.pages.call(&position).into_future();
            self.running
                .push_back(Box::pin(async move { (position, call.await) }));
        }
    }

    /// Takes a page's items and plans what follows.
    fn arrived(&mut self, position: Position, page: Page<T>) {
        self.empty = match page.items.is_empty() {
            true => self.empty + 1,
            false => 0,
        };
        let number = position.number().or(page.number).unwrap_or(1);
        let goes_on = page.next.is_some() || page.unread.is_some();
        // Within a known range the next page is known, unless this one says that it was the last.
        let in_range = match &self.plan {
            Plan::UpTo { last, like, .. } if goes_on && number < *last => {
                Some(like.at_page(number + 1))
            }
            _ => None,
        };
        match in_range.as_ref().or(page.next.as_ref()) {
            Some(next) if self.empty >= EMPTY_PAGES => {
                self.empty = 0;
                self.failed = Some(next.clone());
                self.breaks(format!("{EMPTY_PAGES} pages in a row were empty"));
            }
            _ if in_range.is_some() => {}
            Some(next) if self.pages.ahead > 1 && is_next(number, next) && page.last() > number => {
                self.plan = Plan::UpTo {
                    next: number.checked_add(1),
                    last: page.last(),
                    like: next.clone(),
                };
            }
            Some(next) if self.trail.leads_back(&position, next) => {
                self.breaks(format!(
                    "the pages lead in a circle: {next:?} was already read"
                ));
            }
            Some(next) => self.plan = Plan::One(next.clone()),
            None => match page.unread {
                Some(problem) => self.breaks(problem),
                None => self.ends(),
            },
        }
        let before = self.ready.len();
        let mut unreadable = page.unreadable.into_iter().peekable();
        let mut at = 0;
        for item in page.items {
            while let Some(odd) = unreadable.next_if(|odd| odd.index() == at) {
                self.cannot_read(odd);
                at += 1;
            }
            at += 1;
            if self
                .pages
                .key
                .is_none_or(|key| self.seen.insert(&key(&item)))
            {
                self.ready.push_back(Ok(item));
            }
        }
        unreadable.for_each(|odd| self.cannot_read(odd));
        // A server may not know of pages, and answer with the same one for ever.
        if self.pages.endpoint().until_empty
            && self.pages.key.is_some()
            && self.ready.len() == before
        {
            self.ends();
        }
    }

    fn cannot_read(&mut self, odd: Unreadable) {
        let error = Error::new(ErrorKind::Decode, "an item could not be decoded").with_source(odd);
        self.ready
            .push_back(Err(error.with_call(self.pages.endpoint())));
    }

    /// Nothing follows, whatever was fetched ahead.
    fn ends(&mut self) {
        self.plan = Plan::Done;
        self.running = FuturesOrdered::new();
    }

    fn breaks(&mut self, problem: String) {
        let error = Error::new(ErrorKind::Paging, problem);
        self.broken = Some(error.with_call(self.pages.endpoint()));
        self.ends();
    }
}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let items = &mut *self;
        loop {
            if items.failed.is_none() {
                items.start_fetches();
            }
            if let Some(item) = items.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if let Some(error) = items.broken.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if items.failed.is_some() {
                return Poll::Ready(None);
            }
            let Some((position, result)) = ready!(items.running.poll_next_unpin(cx)) else {
                return Poll::Ready(None);
            };
            match result {
                Ok(page) => items.arrived(position, page),
                Err(error) => {
                    items.failed = Some(position);
                    // Pages that were fetched ahead are fetched again on `resume`.
                    items.running = FuturesOrdered::new();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> Unpin for Items<T> {}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

fn is_next(number: u64, next: &Position) -> bool {
    number
        .checked_add(1)
        .is_some_and(|after| next.number() == Some(after))
}

/// The way that was taken, in memory that does not grow with it.
#[derive(Default)]
struct Trail {
    /// A circle is found as soon as it closes, if it is not longer than this.
    recent: Recent<PAGES>,
    /// A longer one is found by a mark on the way, set anew whenever the way is twice as long (Brent).
    mark: Option<Position>,
    steps: u64,
}

impl Trail {
    /// Whether the way from here leads to where it was before.
    fn leads_back(&mut self, here: &Position, next: &Position) -> bool {
        // Numbers that only grow lead nowhere back.
        if let Place::Number(next) = next.0 {
            return here.number().is_some_and(|here| next <= here);
        }
        self.recent.insert(here);
        self.steps = self.steps.saturating_add(1);
        if self.steps.is_power_of_two() {
            self.mark = Some(here.clone());
        }
        self.mark.as_ref() == Some(next) || self.recent.has(next)
    }
}

/// The last `N` things, by a hash that no server can guess.
struct Recent<const N: usize> {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl<const N: usize> Default for Recent<N> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            known: HashSet::new(),
            order: VecDeque::new(),
        }
    }
}

impl<const N: usize> Recent<N> {
    fn has(&self, thing: &impl Hash) -> bool {
        self.known.contains(&self.hasher.hash_one(thing))
    }

    /// Remembers it; returns whether it is new.
    fn insert(&mut self, thing: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(thing);
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > N
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place that only a cursor tells.
    fn cursor(number: u64) -> Position {
        let address = format!("https://api.example.com/things?cursor={number}");
        Position(Place::Address(address.parse().unwrap()))
    }

    #[test]
    fn a_circle_of_any_length_is_found_in_flat_memory() {
        for (before, around) in [(0, 1), (0, 2), (7, 100), (100, 2_000), (1_000, 12_000)] {
            let mut trail = Trail::default();
            let at = |step: u64| match step < before {
                true => cursor(step),
                false => cursor(before + (step - before) % around),
            };
            let found = (0..1_000_000)
                .find(|step| trail.leads_back(&at(*step), &at(step + 1)))
                .unwrap();
            if around < PAGES as u64 {
                assert_eq!(found, before + around - 1, "as soon as it closes");
            }
            assert!(
                found < 4 * (before + around),
                "{before} + {around}: {found}"
            );
            assert!(trail.recent.known.len() <= PAGES && trail.recent.order.len() <= PAGES);
        }
    }

    #[test]
    fn a_way_without_a_circle_is_none() {
        let mut trail = Trail::default();
        assert!((0..20_000).all(|step| !trail.leads_back(&cursor(step), &cursor(step + 1))));
        let mut trail = Trail::default();
        let number = Position::page;
        assert!((1..20_000).all(|step| !trail.leads_back(&number(step), &number(step + 1))));
        assert!(trail.recent.known.is_empty(), "numbers need no memory");
        assert!(trail.leads_back(&number(7), &number(7)));
    }
}
