//! CPU, memory, network and disk figures.

use deploykit_core::{Payload, Result, Time};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::refuse;

/// Which figures to fetch. Unless set: all since the start of the deployment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct MetricsQuery {
    start_time: Option<Time>,
    end_time: Option<Time>,
    steps: Option<Steps>,
    raw: Option<bool>,
}

impl MetricsQuery {
    /// All figures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From this time. Default: the deployment's start.
    #[must_use]
    pub fn start_time(mut self, time: impl Into<Time>) -> Self {
        self.start_time = Some(time.into());
        self
    }

    /// Until this time, which must be after the start time. Default: now.
    #[must_use]
    pub fn end_time(mut self, time: impl Into<Time>) -> Self {
        self.end_time = Some(time.into());
        self
    }

    /// The time between two figures.
    #[must_use]
    pub fn steps(mut self, steps: impl Into<Steps>) -> Self {
        self.steps = Some(steps.into());
        self
    }

    /// Fetches the figures as they were measured. Default false.
    #[must_use]
    pub fn raw(mut self, raw: bool) -> Self {
        self.raw = Some(raw);
        self
    }
}

/// The service's own notation: UTC without saying so, a hundredth of a second at the finest.
fn written(time: &Time) -> String {
    match time.timestamp() {
        Some(at) => at.strftime("%Y-%m-%d %H:%M:%S%.2f").to_string(),
        None => time.to_string(),
    }
}

impl Serialize for MetricsQuery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_map(None)?;
        for (name, time) in [
            ("start_time", &self.start_time),
            ("end_time", &self.end_time),
        ] {
            if let Some(time) = time {
                pairs.serialize_entry(name, &written(time))?;
            }
        }
        if let Some(steps) = &self.steps {
            pairs.serialize_entry("steps", steps)?;
        }
        if let Some(raw) = self.raw {
            pairs.serialize_entry("raw", &raw)?;
        }
        pairs.end()
    }
}

impl Payload for MetricsQuery {
    fn check(&self) -> Result<()> {
        for (name, time) in [
            ("start_time", &self.start_time),
            ("end_time", &self.end_time),
        ] {
            if time.as_ref().is_some_and(|time| time.timestamp().is_none()) {
                return refuse(name, "is no time");
            }
        }
        let at = |time: &Option<Time>| time.as_ref().and_then(Time::timestamp);
        match (at(&self.start_time), at(&self.end_time)) {
            (Some(start), Some(end)) if end <= start => {
                refuse("end_time", "is not after `start_time`")
            }
            _ => Ok(()),
        }
    }
}

deploykit_core::open_enum! {
    /// The time between two figures; others than these can be made from a text.
    pub enum Steps {
        /// 30 seconds.
        HalfMinute = "30s",
        /// A minute.
        Minute = "1m",
        /// Five minutes.
        FiveMinutes = "5m",
        /// Ten minutes.
        TenMinutes = "10m",
        /// An hour.
        Hour = "1h",
    }
}

deploykit_core::model! {
    /// The figures of a deployment.
    pub struct DeploymentMetrics {
        /// Sums since the start.
        total: Option<TotalMetrics>,
        /// CPU use.
        cpu: Option<Metrics>,
        /// Memory use.
        mem: Option<Metrics>,
        /// Network use.
        network: Option<NetworkMetrics>,
        /// How much the CPU is throttled.
        cpu_throttle_rate: Option<Metrics>,
        /// How much the CPU has been throttled in all.
        cpu_throttle_total: Option<Metrics>,
    }
}

deploykit_core::model! {
    /// Sums since the start of a deployment.
    pub struct TotalMetrics {
        /// Received over the network.
        receive_total: Option<Metrics>,
        /// Sent over the network.
        transmit_total: Option<Metrics>,
        /// Read from disk.
        disk_read_total: Option<Metrics>,
        /// Written to disk.
        disk_write_total: Option<Metrics>,
    }
}

deploykit_core::model! {
    /// Network use.
    pub struct NetworkMetrics {
        /// Received.
        receive: Option<Metrics>,
        /// Sent.
        transmit: Option<Metrics>,
    }
}

deploykit_core::model! {
    /// A series of figures.
    pub struct Metrics {
        /// Names of the series.
        labels: Vec<String>,
        /// The figures; nothing where none was measured.
        datasets: Vec<Option<f64>>,
        /// When each was measured.
        timestamps: Vec<Time>,
    }
}
