//! Metrics of some calls in Prometheus' text form, as a program would serve them under `/metrics`.
//!
//! ```sh
//! cargo run --example metrics     # against the sandbox, in this process
//! ```

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;

use deploykit::core::metrics::Metrics;
use deploykit::core::metrics::opentelemetry::global;
use deploykit::scalingo::Client;
use deploykit_sandbox::Sandbox;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Once in a program: whatever measures by OpenTelemetry is seen in this registry.
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
    let provider = SdkMeterProvider::builder().with_reader(exporter.build()?);
    global::set_meter_provider(provider.build());

    let sandbox = Sandbox::scalingo().start().await?;
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .layer(Metrics::global())
        .build()?;

    // An answer, one that needs a second try, and an error.
    client.apps().get("example-app").await?;
    sandbox.faults().on("GET", "/v1/apps/*").status(503);
    client.apps().get("example-app").await?;
    let missing = client.apps().get("no-such-app").await;
    assert!(missing.is_err_and(|error| error.is_not_found()));

    println!(
        "{}",
        TextEncoder::new().encode_to_string(&registry.gather())?
    );
    Ok(())
}
