//! Time in the sandbox.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The clock of one server.
///
/// Points in time are real: a `created_at` is the time it is now. What
/// [`speed`](crate::Builder::speed) changes is how long things take: a build, a quota's window or
/// the life of an upload address is divided by it. What clients measure by a clock of their own
/// stays real: the life of a token that says when it expires, and `Retry-After`.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    speed: f64,
}

impl Clock {
    /// A clock on which durations pass `speed` times as fast; anything but a positive number
    /// counts as 1.
    pub fn new(speed: f64) -> Self {
        let usable = speed.is_finite() && speed > 0.0;
        Self {
            speed: if usable { speed } else { 1.0 },
        }
    }

    /// The real time, for timestamps shown to clients.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// The monotonic time, for measuring. Follows tokio's paused time.
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// How long `duration` takes on this clock.
    pub fn scaled(&self, duration: Duration) -> Duration {
        Duration::try_from_secs_f64(duration.as_secs_f64() / self.speed).unwrap_or(Duration::MAX)
    }

    /// The sandbox duration that `elapsed` real time stands for; the inverse of
    /// [`scaled`](Self::scaled).
    pub fn unscaled(&self, elapsed: Duration) -> Duration {
        Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.speed).unwrap_or(Duration::MAX)
    }

    /// Waits for `duration` of sandbox time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.scaled(duration)).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(1.0)
    }
}
