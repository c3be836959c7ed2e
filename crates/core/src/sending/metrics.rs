//! Metrics by the OpenTelemetry conventions for HTTP clients, as a [`Layer`]. Needs the feature `metrics`.
//!
//! | instrument | kind, unit | counted | attributes |
//! |---|---|---|---|
//! | `http.client.request.duration` | histogram, s | each attempt, until its body is read (a streamed one: begins) | `http.request.method`, `url.template`, `server.address`, `server.port`, `http.response.status_code`, `error.type` |
//! | `deploykit.client.retries` | counter, `{retry}` | each time a call is to be sent again | `http.request.method`, `url.template`, `error.type` |
//! | `deploykit.client.limit.wait` | histogram, s | each wait for a documented limit, or a pause that the server asked for | `http.request.method`, `url.template` |
//! | `deploykit.client.stream.reconnections` | counter, `{reconnection}` | each live stream that was connected again | `url.template` |
//!
//! Names and attributes are part of the interface; `error.type` is that of the spans. No attribute holds an id, a
//! query or a secret, so that there are few series. An attempt whose call is dropped is not counted.

use std::fmt;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

pub use opentelemetry;

use crate::sending::layer::{Attempted, Event, Layer};
use crate::sending::telemetry;
use crate::{Endpoint, Outcome};

/// Measures a client's calls. Give it to the builders of all clients that it shall measure.
///
/// ```
/// use deploykit_core::Client;
/// use deploykit_core::metrics::Metrics;
///
/// # fn main() -> deploykit_core::Result<()> {
/// // To whatever the program has set as the global meter provider.
/// let client = Client::builder("http://127.0.0.1:7001").layer(Metrics::global()).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Metrics {
    duration: Histogram<f64>,
    retries: Counter<u64>,
    waits: Histogram<f64>,
    reconnections: Counter<u64>,
}

/// In seconds, as the conventions advise.
const BOUNDARIES: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

impl Metrics {
    /// Measures with instruments of this meter.
    pub fn new(meter: &Meter) -> Self {
        Self {
            duration: meter
                .f64_histogram("http.client.request.duration")
                .with_unit("s")
                .with_description("Duration of HTTP client requests.")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
            retries: meter
                .u64_counter("deploykit.client.retries")
                .with_unit("{retry}")
                .with_description("Calls that were to be sent again.")
                .build(),
            waits: meter
                .f64_histogram("deploykit.client.limit.wait")
                .with_unit("s")
                .with_description("Waiting for limits of the service.")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
            reconnections: meter
                .u64_counter("deploykit.client.stream.reconnections")
                .with_unit("{reconnection}")
                .with_description("Live streams that were connected again.")
                .build(),
        }
    }

    /// Measures with a meter named `deploykit` of the global provider: set that first.
    pub fn global() -> Self {
        Self::new(&opentelemetry::global::meter("deploykit"))
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn method(endpoint: &Endpoint) -> KeyValue {
    KeyValue::new("http.request.method", endpoint.method.as_str())
}

fn template(endpoint: &Endpoint) -> KeyValue {
    KeyValue::new("url.template", endpoint.template)
}

fn failed(name: &str) -> KeyValue {
    KeyValue::new("error.type", name.to_owned())
}

impl Layer for Metrics {
    fn attempted(&self, endpoint: &'static Endpoint, attempt: &Attempted<'_>) {
        let mut attributes = Vec::with_capacity(6);
        attributes.extend([
            method(endpoint),
            template(endpoint),
            KeyValue::new("server.address", attempt.server.to_owned()),
            KeyValue::new("server.port", i64::from(attempt.port)),
        ]);
        if let Ok(status) = attempt.result {
            let status = i64::from(status.as_u16());
            attributes.push(KeyValue::new("http.response.status_code", status));
        }
        attributes.extend(telemetry::error_type(&attempt.result).map(failed));
        self.duration
            .record(attempt.elapsed.as_secs_f64(), &attributes);
    }

    fn event(&self, endpoint: &'static Endpoint, event: Event) {
        let (method, template) = (method(endpoint), template(endpoint));
        match event {
            Event::Waited(waited) => self.waits.record(waited.as_secs_f64(), &[method, template]),
            Event::Again(outcome, _) => {
                let failed = match outcome {
                    Outcome::Status(status) => failed(&status.to_string()),
                    outcome => failed(telemetry::outcome_name(outcome)),
                };
                self.retries.add(1, &[method, template, failed]);
            }
            Event::Reconnected => self.reconnections.add(1, &[template]),
        }
    }
}
