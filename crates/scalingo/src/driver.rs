//! What a hub does: it reads the live stream, and asks the API for those who follow, in as few calls as it can.

use std::future::{IntoFuture as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use deploykit_core::__private::after;
use deploykit_core::{Client, Error, ErrorKind, Request, Result};
use futures::future::{BoxFuture, OptionFuture};
use futures::stream::{FuturesUnordered, StreamExt as _};
use rustc_hash::FxHashMap;
use tokio::time::{Instant, sleep_until};

use crate::connection::{Connection, FIRST_DELAY, SILENCE, Said};
use crate::hub::{Shared, Stream};
use crate::member::{Item, Lines, Opened};
use crate::wakers::lock;
use crate::{AppRef, Deployment, DeploymentId, Deployments, Frame};

/// Without a live stream the API is asked this often, within the documented limit.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// After so many tries in a row that brought nothing, the API is asked beside them.
const DOWN_AFTER: u32 = 3;

/// So many kept logs are asked for at once; more would stand before other calls.
const LOGS_AT_ONCE: usize = 4;

/// The most that is read of the stream at once, before anything else is looked at.
const FRAMES_AT_ONCE: usize = 64;
const BYTES_AT_ONCE: usize = 256 << 10;

/// After so many readings of a stream that never pauses, whoever drives gets a chance to do something else.
const READINGS_AT_ONCE: u32 = 8;

/// So many deployments are listed: the most that the service gives on a page.
const LISTED: u32 = 50;

/// A look that is under way.
struct Looking {
    number: u64,
    /// Who waits for it.
    due: Vec<u64>,
    answer: BoxFuture<'static, Result<Vec<Deployment>>>,
    is_list: bool,
}

/// What is to be done next.
#[derive(Default)]
struct Plan {
    /// When a look is due.
    look_at: Option<Instant>,
    /// Whether somebody has room for more of the stream.
    reads: bool,
    /// Whose kept log is to be asked for.
    logs: Vec<(u64, DeploymentId)>,
}

struct Driver {
    shared: Arc<Shared>,
    deployments: Deployments,
    app: AppRef,
    connection: Option<Connection>,
    looking: Option<Looking>,
    logs: FuturesUnordered<BoxFuture<'static, (u64, Result<Lines>)>>,
    /// Whether the list can be read.
    lists: bool,
    /// Readings of the stream without a pause.
    readings: u32,
}

/// Serves those who follow. It never ends.
pub(crate) async fn run(shared: Arc<Shared>, client: Client, app: AppRef) {
    let mut connection = Connection::new(&client, app.clone());
    connection.tireless = true;
    connection.max_attempts = DOWN_AFTER;
    connection.news = shared.news.clone();
    let mut driver = Driver {
        shared,
        deployments: Deployments::new(&client),
        app,
        connection: Some(connection),
        looking: None,
        logs: FuturesUnordered::new(),
        lists: true,
        readings: 0,
    };
    loop {
        driver.step().await;
        if driver.readings >= READINGS_AT_ONCE {
            driver.readings = 0;
            pause().await;
        }
    }
}

impl Driver {
    async fn step(&mut self) {
        let plan = self.plan();
        for (number, deployment) in plan.logs {
            let deployments = self.deployments.clone();
            let lines = deployments.output_in_background(self.app.clone(), deployment);
            self.logs
                .push(Box::pin(async move { (number, lines.await) }));
        }
        let look_at = match plan.look_at {
            Some(at) if self.looking.is_none() && at <= Instant::now() => {
                self.begin_look();
                None
            }
            at => at.filter(|_| self.looking.is_none()),
        };
        let looking = self.looking.as_mut().map(|looking| &mut looking.answer);
        let hears = plan.reads && self.connection.is_some();
        tokio::select! {
            // The stream last: it may never pause.
            biased;
            Some(answer) = OptionFuture::from(looking) => self.looked(answer),
            Some((number, log)) = self.logs.next() => self.opened(number, log),
            Some(()) = OptionFuture::from(look_at.map(sleep_until)) => {}
            () = self.shared.changed.notified() => {}
            heard = hear(&mut self.connection), if hears => {
                self.readings += 1;
                self.shared.said(heard.said);
                if let Some(error) = heard.end {
                    self.stream_ended(error);
                }
            }
        }
    }

    fn plan(&mut self) -> Plan {
        let mut plan = Plan::default();
        let mut silence = None;
        let mut first_delay = None;
        let mut members = lock(&self.shared.members);
        let polls = !matches!(members.stream, Stream::Connecting | Stream::Stands);
        for (number, member) in &mut members.all {
            plan.reads |= member.is_live && member.has_room();
            silence = silence.min(Some(member.silence)).or(Some(member.silence));
            first_delay = first_delay
                .min(Some(member.first_delay))
                .or(Some(member.first_delay));
            if polls {
                member.due = member.due.min(after(Instant::now(), POLL_INTERVAL));
            }
            plan.look_at = plan.look_at.min(Some(member.due)).or(Some(member.due));
            let begun = self.logs.len() + plan.logs.len();
            if member.wants_log && begun < LOGS_AT_ONCE {
                member.wants_log = false;
                member.push(Item::Asked);
                plan.logs.push((*number, member.deployment.clone()));
            }
        }
        drop(members);
        if let Some(connection) = &mut self.connection {
            connection.silence = silence.unwrap_or(SILENCE);
            connection.first_delay = first_delay.unwrap_or(FIRST_DELAY);
        }
        plan
    }

    /// Looks for all at once where one call can: at the list, unless there is but one to look for.
    fn begin_look(&mut self) {
        let now = Instant::now();
        let mut members = lock(&self.shared.members);
        let lists = self.lists;
        let listed = |alone: bool| lists && !alone;
        let due: Vec<_> = members
            .all
            .iter()
            .filter(|(_, member)| member.due <= now)
            .map(|(number, member)| (*number, member.deployment.clone(), listed(member.alone)))
            .collect();
        let others = members.all.values().filter(|member| listed(member.alone));
        let is_list = others.take(2).count() == 2 && due.iter().all(|(.., listed)| *listed);
        // Else one that no list can show, or the only one.
        let first = due
            .iter()
            .find(|(.., listed)| is_list || !listed)
            .or(due.first());
        let Some((number, deployment, _)) = first else {
            return;
        };
        members.looks += 1;
        let looks = members.looks;
        // Who follows from now on waits for the first look; all others may be late.
        let is_background = due.iter().all(|(number, ..)| {
            members
                .all
                .get(number)
                .is_some_and(|one| one.was_looked_for)
        });
        let background = |request: Request| match is_background {
            true => request.background(),
            false => request,
        };
        let (due, answer): (_, BoxFuture<'static, _>) = if is_list {
            let list = self.deployments.list(self.app.clone()).per_page(LISTED);
            let list = list.map_request(background).into_future();
            let numbers = due.iter().map(|(number, ..)| *number).collect();
            (numbers, Box::pin(async { Ok(list.await?.items) }))
        } else {
            let get = self.deployments.get(self.app.clone(), deployment.clone());
            let get = get.map_request(background).into_future();
            (vec![*number], Box::pin(async { Ok(vec![get.await?]) }))
        };
        self.looking = Some(Looking {
            number: looks,
            due,
            answer,
            is_list,
        });
    }

    fn looked(&mut self, answer: Result<Vec<Deployment>>) {
        let Some(looking) = self.looking.take() else {
            return;
        };
        let now = Instant::now();
        let mut members = lock(&self.shared.members);
        let members = &mut *members;
        let polls = !matches!(members.stream, Stream::Connecting | Stream::Stands);
        let mut told = Vec::new();
        match answer {
            Ok(found) => {
                let found: FxHashMap<_, _> = found.iter().map(|one| (&one.id, one)).collect();
                for (number, member) in &mut members.all {
                    let asked = looking.due.contains(number);
                    if !looking.is_list && !asked {
                        continue;
                    }
                    let next = next_look(now, member.check_every, polls);
                    // What was asked for by its id has that id, whatever it calls itself.
                    let one = match looking.is_list {
                        true => found.get(&member.deployment),
                        false => found.values().next(),
                    };
                    match one {
                        Some(one) => {
                            let one = Box::new((*one).clone());
                            member.looked(looking.number, next, Ok(one));
                            told.push(*number);
                        }
                        None => member.alone |= asked,
                    }
                }
            }
            // One that cannot be read must not hide the others.
            Err(error) if looking.is_list && !error.is_passing() => {
                tracing::debug!(cause = %error, "no list of deployments; asking for each");
                self.lists = false;
            }
            Err(error) => {
                let shown = error.to_string();
                let mut error = Some(error);
                for number in looking.due {
                    if let Some(member) = members.all.get_mut(&number) {
                        let next = next_look(now, member.check_every, polls);
                        // Of several, all but the first get a copy; what passes for one does so for all.
                        let again = || Error::new(ErrorKind::Interrupted, shown.clone());
                        let error = error.take().unwrap_or_else(again);
                        member.looked(looking.number, next, Err(error));
                        told.push(number);
                    }
                }
            }
        }
        self.shared.wake(told);
    }

    fn opened(&mut self, number: u64, log: Result<Lines>) {
        if let Some(member) = lock(&self.shared.members).all.get_mut(&number) {
            member.log = Some(Opened(log));
        }
        self.shared.wake([number]);
    }

    fn stream_ended(&mut self, error: Error) {
        self.connection = None;
        tracing::warn!(cause = %error, "no live stream");
        let refused = matches!(
            error.kind(),
            ErrorKind::Credential | ErrorKind::Origin | ErrorKind::InvalidInput
        );
        let mut members = lock(&self.shared.members);
        members.stream = match refused {
            true => Stream::Refused(Arc::new(error)),
            false => Stream::Down,
        };
        let all: Vec<_> = members.all.keys().copied().collect();
        drop(members);
        self.shared.wake(all);
    }
}

fn next_look(now: Instant, check_every: Duration, polls: bool) -> Instant {
    after(
        now,
        match polls {
            true => check_every.min(POLL_INTERVAL),
            false => check_every,
        },
    )
}

/// Gives the task back once, and goes on at once.
async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What the stream said, and why it says no more.
#[derive(Default)]
struct Heard {
    said: Vec<Said>,
    end: Option<Error>,
}

/// Waits for the stream, and takes what it has ready. Dropping it while it waits loses nothing.
async fn hear(connection: &mut Option<Connection>) -> Heard {
    let mut heard = Heard::default();
    let Some(connection) = connection else {
        return std::future::pending().await;
    };
    let mut bytes = 0;
    let mut next = connection.next().await;
    loop {
        match next {
            Ok(said) => {
                if let Said::Frame(Frame::Log { content, .. }) = &said {
                    bytes += content.len();
                }
                heard.said.push(said);
            }
            Err(error) => {
                heard.end = Some(error);
                return heard;
            }
        }
        if heard.said.len() >= FRAMES_AT_ONCE || bytes >= BYTES_AT_ONCE {
            return heard;
        }
        match futures::poll!(Box::pin(connection.next())) {
            Poll::Ready(said) => next = said,
            Poll::Pending => return heard,
        }
    }
}
