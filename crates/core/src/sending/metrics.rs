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
use std::sync::{Arc, OnceLock};

use http::StatusCode;
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
    known: Arc<[OnceLock<Known>; KNOWN]>,
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
            known: Arc::new([const { OnceLock::new() }; KNOWN]),
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

/// The attributes of an attempt's duration.
fn attributes(endpoint: &Endpoint, attempt: &Attempted<'_>) -> Vec<KeyValue> {
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
    attributes
}

/// For how many kinds of answers the attributes are kept ready. Those of more are made anew each time.
const KNOWN: usize = 512;

/// How many places are looked at for one of them.
const TRIES: usize = 8;

/// The attributes of all attempts like one that was answered. What is kept stays, so that nobody waits to read it.
struct Known {
    endpoint: &'static Endpoint,
    server: Box<str>,
    port: u16,
    status: StatusCode,
    attributes: Vec<KeyValue>,
}

impl Known {
    fn is_of(&self, endpoint: &Endpoint, attempt: &Attempted<'_>, status: StatusCode) -> bool {
        std::ptr::eq(self.endpoint, endpoint)
            && self.status == status
            && self.port == attempt.port
            && *self.server == *attempt.server
    }
}

/// Where to look for it first. Servers differ rarely, and their names cost more to tell apart.
fn place(endpoint: &Endpoint, status: StatusCode) -> usize {
    let endpoint = std::ptr::from_ref(endpoint).addr();
    let mixed = (endpoint ^ usize::from(status.as_u16())).wrapping_mul(0x9e37_79b9);
    (mixed >> 16) % KNOWN
}

impl Metrics {
    /// The attributes that are kept for attempts like this one; none if it was not answered, or for want of room.
    fn known(&self, endpoint: &'static Endpoint, attempt: &Attempted<'_>) -> Option<&[KeyValue]> {
        let status = attempt.result.ok()?;
        let first = place(endpoint, status);
        (first..first + TRIES).find_map(|place| {
            let known = self.known[place % KNOWN].get_or_init(|| Known {
                endpoint,
                server: attempt.server.into(),
                port: attempt.port,
                status,
                attributes: attributes(endpoint, attempt),
            });
            let fits = known.is_of(endpoint, attempt, status);
            fits.then_some(&known.attributes[..])
        })
    }
}

impl Layer for Metrics {
    fn only_observes(&self) -> bool {
        true
    }

    fn attempted(&self, endpoint: &'static Endpoint, attempt: &Attempted<'_>) {
        let seconds = attempt.elapsed.as_secs_f64();
        match self.known(endpoint, attempt) {
            Some(known) => self.duration.record(seconds, known),
            None => self
                .duration
                .record(seconds, &attributes(endpoint, attempt)),
        }
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
