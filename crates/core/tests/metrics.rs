//! What the metrics say, read as Prometheus would.

#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{Answers, Fails, GET, Hangs, LIMITED, Server, adds};
use deploykit_core::metrics::Metrics;
use deploykit_core::metrics::opentelemetry::metrics::MeterProvider as _;
use deploykit_core::{Call, Client, Endpoint, Event, Method, Outcome};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;
use prometheus::proto::{Metric, MetricFamily};

/// Goes wherever it is sent.
const AWAY: Endpoint = Endpoint::new("away", Method::GET, "/").public();

struct Meters {
    registry: Registry,
    provider: SdkMeterProvider,
}

impl Meters {
    fn new() -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let reader = exporter.build().unwrap();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        Self { registry, provider }
    }

    fn client(&self, server: &Server) -> Client {
        let metrics = Metrics::new(&self.provider.meter("test"));
        server.builder().layer(metrics).build().unwrap()
    }

    fn family(&self, name: &str) -> MetricFamily {
        let families = self.registry.gather();
        let names: Vec<_> = families.iter().map(|it| it.name().to_owned()).collect();
        let found = families.into_iter().find(|it| it.name() == name);
        found.unwrap_or_else(|| panic!("{name} is none of {names:?}"))
    }

    /// Attributes and what was counted, of every series.
    fn series(&self, name: &str) -> Vec<(String, u64, f64)> {
        let family = self.family(name);
        let mut series: Vec<_> = family.get_metric().iter().map(read).collect();
        series.sort_by(|one, other| one.0.cmp(&other.0));
        series
    }
}

fn read(metric: &Metric) -> (String, u64, f64) {
    let labels = metric.get_label().iter();
    let labels = labels.filter(|label| !label.name().starts_with("otel_"));
    let labels: Vec<_> = labels
        .map(|label| format!("{}={}", label.name(), label.value()))
        .collect();
    let (count, sum) = match metric.get_counter().get_value() {
        0.0 => {
            let histogram = metric.get_histogram();
            (histogram.get_sample_count(), histogram.get_sample_sum())
        }
        count => (count as u64, count),
    };
    (labels.join(" "), count, sum)
}

fn get(client: &Client) -> Call<serde_json::Value> {
    client.call(client.request(&GET).segment("id", &"canary-id"))
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_measured_by_the_conventions() {
    let meters = Meters::new();
    let server = Server::new([
        Fails(Outcome::NotConnected),
        adds("retry-after", "2", Answers(503, "canary-body")),
        Answers(200, "{}"),
        Answers(404, "{}"),
    ]);
    let client = meters.client(&server);
    get(&client).await.unwrap();
    get(&client).await.unwrap_err();

    let common = "http_request_method=GET";
    let place = "server_address=api.example.com server_port=443 url_template=/v1/things/{id}";
    let durations = meters.series("http_client_request_duration_seconds");
    let counted: Vec<_> = durations.iter().map(|it| (it.0.as_str(), it.1)).collect();
    assert_eq!(
        counted,
        [
            (
                format!("error_type=404 {common} http_response_status_code=404 {place}").as_str(),
                1
            ),
            (
                format!("error_type=503 {common} http_response_status_code=503 {place}").as_str(),
                1
            ),
            (format!("error_type=connect {common} {place}").as_str(), 1),
            (
                format!("{common} http_response_status_code=200 {place}").as_str(),
                1
            ),
        ]
    );
    let template = "url_template=/v1/things/{id}";
    assert_eq!(
        meters.series("deploykit_client_retries_total"),
        [
            (format!("error_type=503 {common} {template}"), 1, 1.0),
            (format!("error_type=connect {common} {template}"), 1, 1.0),
        ]
    );
    assert!(!format!("{:?}", meters.registry.gather()).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_cut_takes_as_long_as_it_was_given() {
    let meters = Meters::new();
    let client = meters.client(&Server::new([Hangs]));
    let call = get(&client).timeout(Duration::from_secs(3));
    let once = call.retry(deploykit_core::RetryPolicy::never());
    assert!(once.await.unwrap_err().is_timeout());
    let durations = meters.series("http_client_request_duration_seconds");
    let [(labels, 1, seconds)] = &durations[..] else {
        panic!("{durations:?}")
    };
    assert!(labels.starts_with("error_type=timeout "), "{labels}");
    assert!((2.9..3.2).contains(seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_limit_is_measured_apart() {
    let meters = Meters::new();
    let client = meters.client(&Server::new([Answers(200, "{}")]));
    // Two in ten seconds are documented.
    for _ in 0..3 {
        let call: Call<serde_json::Value> = client.call(client.request(&LIMITED));
        call.await.unwrap();
    }
    let durations = meters.series("http_client_request_duration_seconds");
    assert_eq!(
        (durations[0].1, durations[0].2 < 1.0),
        (3, true),
        "{durations:?}"
    );
    let waits = meters.series("deploykit_client_limit_wait_seconds");
    let waited: f64 = waits.iter().map(|it| it.2).sum();
    assert!((4.0..10.5).contains(&waited), "{waits:?}");
}

#[tokio::test]
async fn reconnections_are_counted() {
    let meters = Meters::new();
    let client = meters.client(&Server::new([Answers(200, "{}")]));
    client.tell(&GET, Event::Reconnected);
    client.tell(&GET, Event::Reconnected);
    assert_eq!(
        meters.series("deploykit_client_stream_reconnections_total"),
        [("url_template=/v1/things/{id}".to_owned(), 2, 2.0)]
    );
}

/// More servers than attributes are kept ready for, at once from many threads and twice each.
#[test]
fn each_server_is_counted_for_itself_however_many_there_are() {
    const SERVERS: u64 = 700;
    let meters = Meters::new();
    let server = Server::new([Answers(200, "{}")]);
    let client = meters.client(&server);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_time().build().unwrap();
                for port in (0..SERVERS).chain(0..SERVERS) {
                    let address = format!("http://127.0.0.1:{}/", 1000 + port);
                    let request = client.request(&AWAY).at(address.parse().unwrap());
                    let call = Call::without_content(&client, request);
                    runtime.block_on(call.into_future()).unwrap();
                }
            });
        }
    });
    let series = meters.series("http_client_request_duration_seconds");
    let ports: std::collections::BTreeSet<_> = series
        .iter()
        .map(|it| it.0.split_once("server_port=").unwrap().1[..4].to_owned())
        .collect();
    assert_eq!(
        (series.len() as u64, ports.len() as u64),
        (SERVERS, SERVERS)
    );
    assert!(series.iter().all(|it| it.1 == 8), "{series:?}");
}
