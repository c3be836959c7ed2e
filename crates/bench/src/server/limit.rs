//! A limit as a service enforces it: so many calls in any window, a refusal beyond.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub(crate) struct Limit {
    calls: usize,
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    admitted: VecDeque<Instant>,
    refusals: u64,
}

impl Limit {
    pub(crate) fn new(calls: usize, window: Duration) -> Self {
        Self {
            calls,
            window,
            state: Mutex::default(),
        }
    }

    /// Whether a call that comes now is let in.
    pub(crate) fn admits(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state
            .admitted
            .front()
            .is_some_and(|at| now.duration_since(*at) >= self.window)
        {
            state.admitted.pop_front();
        }
        let admits = state.admitted.len() < self.calls;
        if admits {
            state.admitted.push_back(now);
        } else {
            state.refusals += 1;
        }
        admits
    }

    /// How many calls were refused since this was last asked.
    pub(crate) fn take_refusals(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.refusals)
    }
}
