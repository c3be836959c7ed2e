//! When a call is sent again: a pure function of what happened.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::models::time;

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No connection: the server saw nothing.
    NotConnected,
    /// A connection, but the server says that it did nothing with the request (HTTP/2 only).
    Refused,
    /// The connection broke.
    Interrupted,
    /// No answer in time.
    TimedOut,
    /// The HTTP client followed a redirect by itself.
    Redirected,
    /// An answer that is longer than the limit for it.
    TooLong,
    /// An answer with an error status.
    Status(u16),
}

impl Outcome {
    /// Whether the server may have carried the call out. A redirect often is the answer to a call that was.
    pub(crate) fn is_ambiguous(self) -> bool {
        matches!(
            self,
            Self::Interrupted
                | Self::TimedOut
                | Self::TooLong
                | Self::Redirected
                | Self::Status(301..=303 | 307 | 308 | 408 | 500..=599)
        )
    }

    /// Whether the same call may succeed later, the server having tried it or not.
    fn can_pass(self) -> bool {
        matches!(
            self,
            Self::Interrupted | Self::TimedOut | Self::Status(408 | 500 | 502..=504)
        )
    }

    fn is_rate_limited(self) -> bool {
        self == Self::Status(429)
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send again after this delay.
    Again(Duration),
    /// Hand the error to the caller.
    GiveUp,
}

/// When and how often a call is sent again.
///
/// - No connection, or refused unread: always; the server did nothing.
/// - Interrupted, timed out, 408, 502, 503 and 504: only if the endpoint is idempotent.
/// - 500: as those, but once: mostly the server says what is wrong, and says it again.
/// - 429: always, as the server did not do it; these are counted on their own.
/// - Any other status, and an answer that is too long: never.
///
/// All calls of a client share a budget for repeating, and another one for repeating after a 429: in an outage
/// or a storm of refusals, calls then fail soon instead of making it worse.
///
/// The delay doubles from `base` to `longest`, with full jitter, and is never shorter than what the server
/// asks for. If the server asks for more than `longest_wait`, the error comes back at once.
///
/// ```
/// use deploykit_core::RetryPolicy;
///
/// let patient = RetryPolicy { attempts: 6, ..RetryPolicy::default() };
/// let never = RetryPolicy::never();
/// # let _ = (patient, never);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// How often a request is sent at the most, counting the first time. Default 4.
    pub attempts: u32,
    /// How often a request is sent again after a 429. Default 10.
    pub rate_limited: u32,
    /// First delay. Default 250 ms; after a 429, one second.
    pub base: Duration,
    /// Longest delay that is chosen here. Default 20 s.
    pub longest: Duration,
    /// Longest delay that the server may ask for. Default 60 s.
    pub longest_wait: Duration,
    /// Longest time for which the server can hold all calls under a limit, whatever it asks for. Default 1 h.
    pub longest_pause: Duration,
    /// After this time no further attempt starts, and a running one is cut. Waiting for a quota does not
    /// count. Default 3 min.
    pub total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            rate_limited: 10,
            base: Duration::from_millis(250),
            longest: Duration::from_secs(20),
            longest_wait: Duration::from_secs(60),
            longest_pause: Duration::from_secs(60 * 60),
            total: Duration::from_secs(180),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            rate_limited: 0,
            ..Self::default()
        }
    }

    /// Decides after a failed attempt.
    ///
    /// `failures` and `rate_limited` count the attempts that ended so far, this one included; `asked` is the
    /// server's own wish for a delay; `jitter` is a random number in `0..1`.
    pub fn decide(
        &self,
        outcome: Outcome,
        tried: Tried,
        idempotent: bool,
        asked: Option<Duration>,
        jitter: f64,
    ) -> Decision {
        let again = match outcome {
            Outcome::NotConnected | Outcome::Refused | Outcome::Status(429) => true,
            Outcome::Status(500) if tried.internal > 1 => false,
            outcome => outcome.can_pass() && idempotent,
        };
        let (count, allowed, base) = if outcome.is_rate_limited() {
            let base = self.base.max(Duration::from_secs(1));
            (
                tried.rate_limited,
                self.rate_limited.saturating_add(1),
                base,
            )
        } else {
            (tried.failures, self.attempts, self.base)
        };
        if !again || count >= allowed {
            return Decision::GiveUp;
        }
        let asked = asked.unwrap_or_default();
        if asked > self.longest_wait {
            return Decision::GiveUp;
        }
        let doublings = count.saturating_sub(1).min(16);
        let ceiling = base.saturating_mul(1 << doublings).min(self.longest);
        // A refused call gains nothing from coming back at once: half of the delay is fixed there.
        let fixed = if outcome.is_rate_limited() { 0.5 } else { 0.0 };
        let share = fixed + (1.0 - fixed) * jitter.clamp(0.0, 1.0);
        let delay = time::scaled(ceiling, share).max(asked);
        if tried.elapsed.saturating_add(delay) >= self.total {
            return Decision::GiveUp;
        }
        Decision::Again(delay)
    }
}

/// What was tried so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tried {
    /// Attempts that failed, 429 left out.
    pub failures: u32,
    /// Those of them that were answered with 500.
    pub internal: u32,
    /// Attempts that were answered with 429.
    pub rate_limited: u32,
    /// Time since the first attempt.
    pub elapsed: Duration,
}

impl Tried {
    pub(crate) fn count(&mut self, outcome: Outcome) {
        if outcome.is_rate_limited() {
            self.rate_limited += 1;
        } else {
            self.failures += 1;
            self.internal += u32::from(outcome == Outcome::Status(500));
        }
    }
}

/// Retries that all calls of a client share, so that an outage is not made worse: each retry takes from it,
/// each success gives back.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    failures: Tokens,
    rate_limited: Tokens,
}

impl RetryBudget {
    const RETRY: u32 = 5;
    const TIMED_OUT: u32 = 10;
    const RATE_LIMITED: u32 = 2;

    pub(crate) fn new() -> Self {
        Self {
            failures: Tokens::full(),
            rate_limited: Tokens::full(),
        }
    }

    /// Takes the price of a retry; false if the budget is spent.
    pub(crate) fn take(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Status(429) => self.rate_limited.take(Self::RATE_LIMITED),
            Outcome::TimedOut => self.failures.take(Self::TIMED_OUT),
            _ => self.failures.take(Self::RETRY),
        }
    }

    pub(crate) fn succeeded(&self) {
        self.failures.give();
        self.rate_limited.give();
    }
}

/// A number that is touched by every call: no lock.
#[derive(Debug)]
struct Tokens(AtomicU32);

impl Tokens {
    const FULL: u32 = 500;

    fn full() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }

    fn take(&self, price: u32) -> bool {
        self.update(|tokens| tokens.checked_sub(price))
    }

    fn give(&self) {
        self.update(|tokens| (tokens < Self::FULL).then_some(tokens + 1));
    }

    /// Changes the number, unless there is none to change it to; returns whether it was changed.
    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        let relaxed = Ordering::Relaxed;
        self.0.fetch_update(relaxed, relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn tried(failures: u32, rate_limited: u32) -> Tried {
        Tried {
            failures,
            rate_limited,
            ..Tried::default()
        }
    }

    #[test]
    fn a_call_that_may_have_been_carried_out_is_repeated_only_if_idempotent() {
        let policy = RetryPolicy::default();
        let again = |outcome, idempotent| {
            policy.decide(outcome, tried(1, 0), idempotent, None, 0.5) != Decision::GiveUp
        };
        for outcome in [
            Outcome::Interrupted,
            Outcome::TimedOut,
            Outcome::Status(408),
            Outcome::Status(500),
            Outcome::Status(503),
        ] {
            assert!(again(outcome, true), "{outcome:?}");
            assert!(!again(outcome, false), "{outcome:?}");
        }
        assert!(again(Outcome::NotConnected, false));
        assert!(again(Outcome::Refused, false));
        assert!(!again(Outcome::TooLong, true), "it would be as long again");
        for status in [302, 303, 307, 400, 401, 404, 409, 422, 501, 505] {
            assert!(!again(Outcome::Status(status), true), "{status}");
        }
        let twice = Tried {
            internal: 2,
            ..tried(2, 0)
        };
        assert_eq!(
            policy.decide(Outcome::Status(500), twice, true, None, 0.5),
            Decision::GiveUp,
            "a server that says twice what is wrong says it again"
        );
        assert_ne!(
            policy.decide(Outcome::Status(429), tried(0, 1), false, None, 0.5),
            Decision::GiveUp
        );
    }

    #[test]
    fn the_server_decides_on_the_shortest_delay_and_past_the_cap_nothing_waits() {
        let policy = RetryPolicy::default();
        let decide =
            |asked| policy.decide(Outcome::Status(503), tried(1, 0), true, Some(asked), 0.0);
        assert_eq!(decide(7 * SECOND), Decision::Again(7 * SECOND));
        assert_eq!(decide(61 * SECOND), Decision::GiveUp);
    }

    #[test]
    fn rate_limits_are_waited_out_for_longer_than_a_minute() {
        let policy = RetryPolicy::default();
        let mut waited = Duration::ZERO;
        for count in 1..=policy.rate_limited {
            let so_far = Tried {
                rate_limited: count,
                elapsed: waited,
                ..Tried::default()
            };
            match policy.decide(Outcome::Status(429), so_far, false, None, 0.0) {
                Decision::Again(delay) => waited += delay,
                Decision::GiveUp => break,
            }
        }
        assert!(waited > 60 * SECOND, "{waited:?}");
    }

    #[test]
    fn a_policy_without_bounds_does_not_overflow() {
        let policy = RetryPolicy {
            attempts: u32::MAX,
            rate_limited: u32::MAX,
            base: Duration::MAX,
            longest: Duration::MAX,
            longest_wait: Duration::MAX,
            longest_pause: Duration::MAX,
            total: Duration::MAX,
        };
        for outcome in [Outcome::Status(429), Outcome::Interrupted] {
            let first = policy.decide(outcome, tried(1, 1), true, None, 0.25);
            assert!(matches!(first, Decision::Again(_)), "{first:?}");
            // A delay as long as the total leaves no time for the call.
            policy.decide(outcome, tried(7, 7), true, Some(Duration::MAX), 1.0);
        }
    }

    #[test]
    fn an_outage_empties_the_budget_and_success_refills_it() {
        let budget = RetryBudget::new();
        let taken = (0..1000)
            .filter(|_| budget.take(Outcome::Status(503)))
            .count();
        assert_eq!(taken, 100);
        let refused = (0..1000)
            .filter(|_| budget.take(Outcome::Status(429)))
            .count();
        assert_eq!(refused, 250, "a storm of refusals has a budget of its own");
        for _ in 0..5 {
            budget.succeeded();
        }
        assert!(budget.take(Outcome::Interrupted));
        assert!(!budget.take(Outcome::Interrupted));
    }

    proptest! {
        #[test]
        fn no_delay_exceeds_the_caps(
            failures in 1u32..100,
            jitter in 0.0..1.0f64,
            asked in proptest::option::of(0u64..1000),
            elapsed in 0u64..400,
        ) {
            let policy = RetryPolicy { attempts: 200, ..RetryPolicy::default() };
            let elapsed = Duration::from_secs(elapsed);
            let tried = Tried { failures, elapsed, ..Tried::default() };
            let asked = asked.map(Duration::from_secs);
            if let Decision::Again(delay) =
                policy.decide(Outcome::Status(500), tried, true, asked, jitter)
            {
                prop_assert!(delay <= policy.longest.max(policy.longest_wait));
                prop_assert!(tried.elapsed + delay < policy.total);
                prop_assert!(delay >= asked.unwrap_or_default());
            }
        }
    }
}
