//! The crate against the service's own descriptions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../examples/drift/known.rs"]
mod known;

use deploykit_tsuru::core::drift::{Kind, report};
use deploykit_tsuru::v1::ENDPOINTS;

#[test]
fn nothing_is_missing_of_the_descriptions() {
    let files = ["tsuru-v1/descriptions/2026-08"];
    let descriptions = files.map(|name| {
        let file = format!("{}/../../fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    });
    let drift = report(&descriptions, &ENDPOINTS, &known::known());
    assert!(drift.is_clean(), "{drift}");
    assert_eq!(drift.operations, 153);
    assert!(drift.answers > 100 && drift.requests > 40, "{drift}");

    // Without the list, what it excepts is told.
    let drift = report(&descriptions, &ENDPOINTS, &[]);
    assert!(drift.faults().any(|it| it.kind == Kind::Gone));
}
