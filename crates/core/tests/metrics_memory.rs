//! Metrics need no memory of their own for each call. A program of its own, as it counts all that the process allocates.

#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::alloc::System;

use deploykit_core::memory::{Memory, reply};
use deploykit_core::metrics::Metrics;
use deploykit_core::metrics::opentelemetry::metrics::MeterProvider as _;
use deploykit_core::{Call, Client, Endpoint, Method};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/things/{id}");

fn so_far() -> usize {
    let stats = COUNTED.stats();
    stats.allocations + stats.reallocations
}

/// What a call allocates once others like it were made. The fewest, as the test's other thread may be at work.
async fn allocated(client: &Client) -> usize {
    let mut fewest = usize::MAX;
    for _ in 0..20 {
        let before = so_far();
        let call: Call<Vec<u8>> = client.call(client.request(&GET).segment("id", &7));
        call.await.unwrap();
        fewest = fewest.min(so_far() - before);
    }
    fewest
}

#[tokio::test]
async fn a_call_allocates_no_more_when_it_is_measured() {
    let exporter = opentelemetry_prometheus::exporter().with_registry(prometheus::Registry::new());
    let reader = exporter.build().unwrap();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let builder = || {
        let transport = Memory::new(|_| async { Ok(reply(200, "[]")) });
        Client::builder("https://api.example.com").transport(transport)
    };
    let plain = builder().build().unwrap();
    let metrics = Metrics::new(&provider.meter("test"));
    let measured = builder().layer(metrics).build().unwrap();
    let alone = allocated(&plain).await;
    assert!(alone > 0);
    assert_eq!(allocated(&measured).await, alone);
}
