//! A store of limits in memory, for several programs of one test.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit_core::{Ask, Fallback, Granted, Limit, LimitStore, StoreError};
use futures::future::BoxFuture;
use tokio::time::Instant;

/// How the store answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answers {
    #[default]
    Well,
    WithErrors,
    Never,
}

/// What all programs see.
#[derive(Debug, Default)]
pub struct Shelf {
    pub answers: Mutex<Answers>,
    limits: Mutex<HashMap<String, State>>,
    pub asked: Mutex<Vec<Ask>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<((usize, u64), Instant)>,
    programs: HashMap<usize, Instant>,
    turns: HashMap<usize, Turn>,
    tickets: u64,
    paused: Option<Instant>,
    probed: Option<Instant>,
    settled: Option<Instant>,
    asked: Option<Instant>,
}

#[derive(Debug)]
struct Turn {
    ticket: u64,
    wanted: usize,
    until: Instant,
}

/// The store as one program has it.
#[derive(Debug)]
pub struct Program {
    pub number: usize,
    pub shelf: Arc<Shelf>,
    pub fallback: Fallback,
}

impl Shelf {
    pub fn program(self: &Arc<Self>, number: usize) -> Arc<Program> {
        Arc::new(Program {
            number,
            shelf: self.clone(),
            fallback: Fallback::default(),
        })
    }

    pub fn answers(&self, how: Answers) {
        *self.answers.lock().unwrap() = how;
    }

    pub fn forget(&self) {
        self.limits.lock().unwrap().clear();
    }
}

impl LimitStore for Program {
    fn name(&self, limit: &Limit<'_>) -> String {
        format!("{} {}", limit.account.expose(), limit.quota.name)
    }

    fn decide<'a>(&'a self, name: &'a str, ask: Ask) -> BoxFuture<'a, Result<Granted, StoreError>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let answers = *self.shelf.answers.lock().unwrap();
            match answers {
                Answers::Well => {}
                Answers::WithErrors => return Err("the store is closed".into()),
                Answers::Never => std::future::pending().await,
            }
            self.shelf.asked.lock().unwrap().push(ask.clone());
            let mut limits = self.shelf.limits.lock().unwrap();
            let state = limits.entry(name.to_owned()).or_default();
            Ok(state.decide(self.number, &ask))
        })
    }

    fn fallback(&self) -> Fallback {
        self.fallback
    }
}

impl State {
    fn decide(&mut self, me: usize, ask: &Ask) -> Granted {
        let now = Instant::now();
        let window = ask.quota.window;
        self.programs.insert(me, now);
        for (id, ago) in &ask.counted {
            self.calls.retain(|(call, _)| *call != (me, *id));
            self.calls.push(((me, *id), now - *ago));
        }
        self.calls.retain(|((program, id), at)| {
            (*program != me || !ask.unused.contains(id)) && *at + window > now
        });
        if ask.resumed {
            self.paused = None;
        }
        self.paused = self.paused.max(ask.pause.map(|pause| now + pause));
        self.paused = self.paused.filter(|until| *until > now);
        let minute = Duration::from_secs(60);
        let probes = ask.probes
            && ask.wanted > 0
            && self.paused.is_some()
            && self.probed.is_none_or(|at| now >= at + minute);
        if probes {
            self.probed = Some(now);
        }
        // Nobody has asked for a while, and this one could not: what others did meanwhile is not known yet.
        let silent = self
            .asked
            .is_none_or(|at| now - at > Duration::from_millis(500));
        if silent && ask.back {
            self.settled = Some(now + window + Duration::from_millis(2500));
        }
        self.asked = Some(now);
        let settles = self.settled.unwrap_or(now).saturating_duration_since(now);
        let mut granted = Granted {
            again: Duration::from_secs(1),
            pause: self.paused.map(|until| until - now),
            probed: self.probed.map(|at| now - at),
            programs: u32::try_from(self.programs.len()).unwrap(),
            settles,
            permits: u32::from(probes),
        };
        if let Some(pause) = granted.pause {
            granted.again = granted.again.min(pause);
        }
        // What was done just now is told by then.
        let told = self.settled.map(|at| at + Duration::from_millis(100));
        if let Some(told) = told.filter(|it| *it > now) {
            granted.again = told - now;
        } else if self.paused.is_none() {
            self.give(me, ask, now, &mut granted);
        }
        granted
    }

    fn give(&mut self, me: usize, ask: &Ask, now: Instant, granted: &mut Granted) {
        let limit = ask.quota.calls as usize;
        let mine = self.turns.remove(&me);
        self.turns.retain(|_, turn| turn.until > now);
        let mut wanted = ask.wanted as usize;
        if wanted == 0 {
            return;
        }
        let turn = match self.turns.len() {
            0 => wanted,
            others => limit.div_ceil(others + 1),
        };
        let mut ticket = mine.map_or(self.tickets, |it| it.ticket);
        let before = |turns: &HashMap<usize, Turn>, ticket: u64| -> usize {
            let before = turns.values().filter(|it| it.ticket < ticket);
            before.map(|it| it.wanted.min(turn)).sum()
        };
        let free = limit.saturating_sub(self.calls.len() + before(&self.turns, ticket));
        let permits = wanted.min(turn).min(free);
        for id in ask.first..ask.first + permits as u64 {
            self.calls.push(((me, id), now + Ask::COUNTED_WITHIN));
        }
        wanted -= permits;
        granted.permits = u32::try_from(permits).unwrap();
        self.tickets += 1;
        if permits > 0 {
            ticket = self.tickets;
        }
        if wanted == 0 {
            return;
        }
        let needs = (self.calls.len() + before(&self.turns, ticket) + 1).saturating_sub(limit);
        let mut leave: Vec<Instant> = self.calls.iter().map(|(_, at)| leaves(*at, now)).collect();
        leave.sort();
        let again = match needs {
            0 => now,
            _ => leave.get(needs - 1).map_or(now, |at| *at) + ask.quota.window,
        };
        granted.again = again.saturating_duration_since(now);
        let until = now + granted.again.min(Duration::from_secs(1)) + Duration::from_millis(250);
        self.turns.insert(
            me,
            Turn {
                ticket,
                wanted,
                until,
            },
        );
    }
}

/// One that is in doubt may have been counted as soon as it was given.
fn leaves(at: Instant, now: Instant) -> Instant {
    let given = at.checked_sub(Ask::COUNTED_WITHIN).unwrap_or(at);
    match at > now && now < given + Duration::from_millis(400) {
        true => given,
        false => at,
    }
}
