//! Request quotas: so many requests in so much time, counted for each key.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::sync::lock;

/// How many requests are allowed in how much time.
///
/// The key says who shares the allowance: a token, an organization, a token and an operation.
/// Refused requests don't count against the quota. The reply to a refused request is the
/// service's own.
///
/// A running server's quotas can be changed, and switched off and on.
#[derive(Debug)]
pub struct Limit {
    window: Window,
    per: Duration,
    counted: Mutex<Counted>,
}

#[derive(Debug, Clone)]
struct Counted {
    most: u64,
    on: bool,
    seen: HashMap<String, Seen>,
}

#[derive(Debug, Clone, Copy)]
enum Window {
    Rolling,
    Aligned,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    /// When each counted request of the window came.
    requests: VecDeque<Instant>,
    /// The number of the aligned window that `requests` belongs to.
    window: u128,
}

/// What a [`Limit`] says about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request is within the quota.
    pub allowed: bool,
    /// How many requests the quota has room for.
    pub limit: u64,
    /// How many more may follow at once.
    pub remaining: u64,
    /// Real time until there is room again: the next slot of a rolling window, the end of an
    /// aligned one. Zero while there is room in a rolling window.
    pub reset: Duration,
}

impl Limit {
    /// `most` requests within any stretch of time as long as `per`.
    pub fn new(most: u64, per: Duration) -> Self {
        Self::with(Window::Rolling, most, per)
    }

    /// `most` requests within each window of the wall clock, for example each full hour.
    pub fn aligned(most: u64, per: Duration) -> Self {
        Self::with(Window::Aligned, most, per)
    }

    fn with(window: Window, most: u64, per: Duration) -> Self {
        let counted = Counted {
            most,
            on: true,
            seen: HashMap::new(),
        };
        Self {
            window,
            per,
            counted: Mutex::new(counted),
        }
    }

    /// The same, switched on or off from the start.
    pub fn switched(self, on: bool) -> Self {
        lock(&self.counted).on = on;
        self
    }

    /// Switches it on or off. One that is off allows everything and counts nothing.
    pub fn switch(&self, on: bool) {
        let mut counted = lock(&self.counted);
        counted.on = on;
        counted.seen.clear();
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        lock(&self.counted).on
    }

    /// How many requests it allows.
    pub fn most(&self) -> u64 {
        lock(&self.counted).most
    }

    /// Changes how many requests it allows; what was counted stays so.
    pub fn set_most(&self, most: u64) {
        lock(&self.counted).most = most;
    }

    /// The length of its window, in sandbox time.
    pub fn per(&self) -> Duration {
        self.per
    }

    /// Counts a request of `key`, if the quota allows it. The window is `per` divided by the
    /// clock's speed.
    pub fn check(&self, key: &str, clock: &Clock) -> Verdict {
        let now = clock.instant();
        let per = clock.scaled(self.per);
        let mut counted = lock(&self.counted);
        let most = counted.most;
        if !counted.on {
            return Verdict {
                allowed: true,
                limit: most,
                remaining: most,
                reset: Duration::ZERO,
            };
        }
        let seen = counted.seen.entry(key.to_owned()).or_default();
        let until_aligned = match self.window {
            Window::Rolling => {
                while seen
                    .requests
                    .front()
                    .is_some_and(|&at| now.duration_since(at) >= per)
                {
                    seen.requests.pop_front();
                }
                None
            }
            Window::Aligned => {
                let (window, left) = aligned_window(clock.now(), per);
                if seen.window != window {
                    seen.requests.clear();
                    seen.window = window;
                }
                Some(left)
            }
        };
        let used = u64::try_from(seen.requests.len()).unwrap_or(u64::MAX);
        let allowed = used < most;
        if allowed {
            seen.requests.push_back(now);
        }
        let remaining = most.saturating_sub(used + u64::from(allowed));
        let until_next_slot = match seen.requests.front() {
            Some(&oldest) if remaining == 0 => per.saturating_sub(now.duration_since(oldest)),
            _ => Duration::ZERO,
        };
        Verdict {
            allowed,
            limit: most,
            remaining,
            reset: until_aligned.unwrap_or(until_next_slot),
        }
    }
}

impl Clone for Limit {
    /// Another one, which has counted the same and goes on by itself.
    fn clone(&self) -> Self {
        Self {
            window: self.window,
            per: self.per,
            counted: Mutex::new(lock(&self.counted).clone()),
        }
    }
}

/// The number of the window that `now` is in, and how much of it is left.
fn aligned_window(now: Timestamp, per: Duration) -> (u128, Duration) {
    let since_epoch = u128::try_from(now.as_nanosecond()).unwrap_or(0);
    let per = per.as_nanos().max(1);
    let left = per - since_epoch % per;
    let left = u64::try_from(left).unwrap_or(u64::MAX);
    (since_epoch / per, Duration::from_nanos(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rolling_window_frees_one_slot_at_a_time() {
        let limit = Limit::new(2, Duration::from_secs(60));
        let clock = Clock::default();
        assert_eq!(limit.check("a", &clock).remaining, 1);
        tokio::time::advance(Duration::from_secs(40)).await;
        let second = limit.check("a", &clock);
        assert!(second.allowed);
        assert_eq!(second.reset, Duration::from_secs(20));
        let refused = limit.check("a", &clock);
        assert!(!refused.allowed);
        assert!(
            limit.check("b", &clock).allowed,
            "another key has its own quota"
        );
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(
            limit.check("a", &clock).allowed,
            "the first request has left the window"
        );
        assert!(!limit.check("a", &clock).allowed, "the second has not");
    }

    #[tokio::test(start_paused = true)]
    async fn speed_shortens_the_window() {
        let limit = Limit::new(1, Duration::from_secs(60));
        let clock = Clock::new(60.0);
        assert!(limit.check("a", &clock).allowed);
        assert_eq!(limit.check("a", &clock).reset, Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(limit.check("a", &clock).allowed);
    }

    #[test]
    fn it_can_be_changed_and_switched_off() {
        let limit = Limit::new(1, Duration::from_secs(60));
        let clock = Clock::default();
        let allows = |limit: &Limit| limit.check("a", &clock).allowed;
        assert_eq!([allows(&limit), allows(&limit)], [true, false]);
        let copy = limit.clone();
        limit.set_most(2);
        assert_eq!([allows(&limit), allows(&limit)], [true, false]);
        assert!(!allows(&copy), "a copy has a quota of its own");
        limit.switch(false);
        assert!(allows(&limit) && allows(&limit) && allows(&limit));
        limit.switch(true);
        assert_eq!(
            [allows(&limit), allows(&limit), allows(&limit)],
            [true, true, false]
        );
    }

    #[test]
    fn an_aligned_window_ends_with_the_hour() {
        let hour = Duration::from_secs(3600);
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        assert_eq!(aligned_window(at(7199), hour), (1, Duration::from_secs(1)));
        assert_eq!(aligned_window(at(7200), hour), (2, hour));
    }

    #[test]
    fn an_aligned_quota_counts_down_to_a_refusal() {
        // A window as long as all time so far, so that the test can't straddle its end.
        let limit = Limit::aligned(2, Duration::from_secs(1 << 34));
        let clock = Clock::default();
        assert_eq!(limit.check("a", &clock).remaining, 1);
        assert_eq!(limit.check("a", &clock).remaining, 0);
        let refused = limit.check("a", &clock);
        assert!(!refused.allowed);
        assert!(refused.reset > Duration::ZERO);
    }
}
