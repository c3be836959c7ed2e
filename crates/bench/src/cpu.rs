//! CPU time.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time that this process has used. Other programs disturb it less than they do the time of day.
pub(crate) fn cpu_clock() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        now.tv_sec.try_into().unwrap_or_default(),
        now.tv_nsec.try_into().unwrap_or_default(),
    )
}
