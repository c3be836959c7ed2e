//! Time in the sandbox.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::sync::lock;

/// How far a clock can be put forward in all: a hundred years.
const FURTHEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// The clock of one server. Clones are the same clock.
///
/// Points in time are real: a `created_at` is the time it is now. What
/// [`speed`](crate::Builder::speed) changes is how long things take: a build, a quota's window or
/// the life of an upload address is divided by it. What clients measure by a clock of their own
/// stays real: the life of a token that says when it expires, and `Retry-After`.
///
/// A running server's clock can be [put forward](Self::advance), as if so much real time had passed.
#[derive(Debug, Clone)]
pub struct Clock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The bits of a positive number.
    speed: AtomicU64,
    shift: Mutex<Shift>,
    /// Sends when the shift changes, for what waits.
    moved: watch::Sender<()>,
}

/// How this clock differs from the real one.
#[derive(Debug, Clone, Copy, Default)]
struct Shift {
    ahead: Duration,
    behind: Duration,
    /// The same, for timestamps: these never go back.
    shown: SignedDuration,
}

impl Clock {
    /// A clock on which durations pass `speed` times as fast; anything but a positive number
    /// counts as 1.
    pub fn new(speed: f64) -> Self {
        let shared = Shared {
            speed: AtomicU64::new(usable(speed).to_bits()),
            shift: Mutex::default(),
            moved: watch::Sender::new(()),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// How many times as fast durations pass.
    pub fn speed(&self) -> f64 {
        f64::from_bits(self.shared.speed.load(Ordering::Relaxed))
    }

    /// Changes the speed of what begins from now on; what is under way keeps its pace. Anything but a positive
    /// number counts as 1.
    pub fn set_speed(&self, speed: f64) {
        self.shared
            .speed
            .store(usable(speed).to_bits(), Ordering::Relaxed);
    }

    /// Puts the clock forward, as if so much real time had passed: what ends in it has ended. A hundred years is
    /// the most in all.
    pub fn advance(&self, by: Duration) {
        let mut shift = lock(&self.shared.shift);
        let by = by.min(FURTHEST.saturating_sub(shift.ahead));
        shift.ahead += by;
        shift.shown = shift
            .shown
            .saturating_add(SignedDuration::try_from(by).unwrap_or_default());
        drop(shift);
        self.shared.moved.send_replace(());
    }

    /// How far the clock's timestamps are ahead of the real time.
    pub fn ahead(&self) -> Duration {
        lock(&self.shared.shift).shown.unsigned_abs()
    }

    /// The time, for timestamps shown to clients: the real one, unless it was put forward.
    pub fn now(&self) -> Timestamp {
        let shown = lock(&self.shared.shift).shown;
        Timestamp::now()
            .saturating_add(shown)
            .unwrap_or(Timestamp::MAX)
    }

    /// The monotonic time, for measuring. Follows tokio's paused time.
    pub fn instant(&self) -> Instant {
        let shift = *lock(&self.shared.shift);
        let now = Instant::now();
        let shifted = now.checked_add(shift.ahead);
        shifted
            .and_then(|shifted| shifted.checked_sub(shift.behind))
            .unwrap_or(now)
    }

    /// How long `duration` takes on this clock.
    pub fn scaled(&self, duration: Duration) -> Duration {
        Duration::try_from_secs_f64(duration.as_secs_f64() / self.speed()).unwrap_or(Duration::MAX)
    }

    /// The sandbox duration that `elapsed` real time stands for; the inverse of
    /// [`scaled`](Self::scaled).
    pub fn unscaled(&self, elapsed: Duration) -> Duration {
        Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.speed()).unwrap_or(Duration::MAX)
    }

    /// Waits for `duration` of sandbox time.
    pub async fn sleep(&self, duration: Duration) {
        match self.instant().checked_add(self.scaled(duration)) {
            Some(at) => self.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until this clock shows that instant: it ends early when the clock is put forward.
    pub async fn sleep_until(&self, at: Instant) {
        let mut moved = self.shared.moved.subscribe();
        loop {
            moved.borrow_and_update();
            let left = at.saturating_duration_since(self.instant());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Goes on measuring from an instant that has been before. Timestamps don't go back.
    pub(crate) fn back_to(&self, instant: Instant) {
        let now = self.instant();
        let mut shift = lock(&self.shared.shift);
        shift.behind += now.saturating_duration_since(instant);
        shift.ahead += instant.saturating_duration_since(now);
        drop(shift);
        self.shared.moved.send_replace(());
    }

    /// Shows the real time again, at this speed.
    pub(crate) fn reset(&self, speed: f64) {
        self.set_speed(speed);
        *lock(&self.shared.shift) = Shift::default();
        self.shared.moved.send_replace(());
    }
}

fn usable(speed: f64) -> f64 {
    if speed.is_finite() && speed > 0.0 {
        speed
    } else {
        1.0
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_woken_when_the_clock_is_put_forward() {
        let clock = Clock::default();
        let begun = Instant::now();
        let other = clock.clone();
        let wait = tokio::spawn(async move { other.sleep(HOUR).await });
        tokio::task::yield_now().await;
        clock.advance(HOUR);
        wait.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO, "no time has passed");
        assert!(clock.now() > Timestamp::now() + SignedDuration::from_mins(59));
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_back_and_can_be_reset() {
        let clock = Clock::new(10.0);
        let before = clock.instant();
        clock.advance(HOUR);
        assert_eq!(clock.instant() - before, HOUR);
        clock.back_to(before);
        assert_eq!(clock.instant(), before);
        assert_eq!(clock.ahead(), HOUR, "timestamps never go back");
        clock.set_speed(2.0);
        assert_eq!(clock.scaled(HOUR), HOUR / 2);
        clock.reset(10.0);
        assert_eq!((clock.ahead(), clock.speed()), (Duration::ZERO, 10.0));
        assert_eq!(clock.instant(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn it_has_an_end() {
        let clock = Clock::default();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.ahead(), FURTHEST);
        assert!(clock.instant() > Instant::now());
    }
}
