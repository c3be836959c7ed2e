//! The crate against the service's own descriptions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../examples/drift/known.rs"]
mod known;

use deploykit_edgegap::ENDPOINTS;
use deploykit_edgegap::core::drift::{Kind, report};

#[test]
fn nothing_is_missing_of_the_descriptions() {
    let files = ["edgegap/descriptions/v1", "edgegap/descriptions/v2"];
    let descriptions = files.map(|name| {
        let file = format!("{}/../../fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    });
    let drift = report(&descriptions, &ENDPOINTS, &known::known());
    assert!(drift.is_clean(), "{drift}");
    assert_eq!(drift.operations, 51);
    assert!(drift.answers > 100 && drift.requests > 40, "{drift}");

    // Without the list, what it excepts is told.
    let drift = report(&descriptions, &ENDPOINTS, &[]);
    assert!(drift.faults().any(|it| it.kind == Kind::Gone));
}
