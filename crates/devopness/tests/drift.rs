//! The crate against the service's own descriptions, and what the report says of one that differs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../examples/drift/known.rs"]
mod known;

use deploykit_devopness::ENDPOINTS;
use deploykit_devopness::core::drift::{Drift, Kind, report};
use serde_json::{Value, json};

fn description(of: &str) -> Value {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/devopness/descriptions"
    );
    serde_json::from_slice(&std::fs::read(format!("{folder}/{of}.json")).unwrap()).unwrap()
}

fn compared(description: &Value, of: &str) -> Drift {
    report(
        std::slice::from_ref(description),
        &ENDPOINTS,
        &known::known(of),
    )
}

#[test]
fn nothing_is_missing_of_both_descriptions() {
    for (of, operations) in [("2025-11", 208), ("2026-08", 232)] {
        let drift = compared(&description(of), of);
        assert!(drift.is_clean(), "{of}:\n{drift}");
        assert_eq!(drift.operations, operations);
        assert!(drift.answers > 1000 && drift.requests > 200, "{drift}");
        let unchecked = |kind| drift.findings.iter().filter(|it| it.kind == kind).count();
        assert_eq!(unchecked(Kind::Unchecked), 0, "{drift}");
    }
}

#[test]
fn every_kind_of_difference_is_told() {
    let mut changed = description("2026-08");
    let paths = changed["paths"].as_object_mut().unwrap();
    paths.remove("/users/billing").expect("documented");
    paths.insert("/new".to_owned(), json!({"get": {"operationId": "getNew"}}));
    let moved = |(_, item): &(&String, &Value)| item["get"]["operationId"] == "getUserUrls";
    let from = paths.iter().find(moved).expect("documented").0.clone();
    let item = paths.remove(&from).unwrap();
    paths.insert("/elsewhere".to_owned(), item);
    for (schema, field, now) in [
        ("UserActivity", "projects", json!({"type": "string"})),
        ("ServerOptions", "moon", json!({"type": "integer"})),
        ("PipelineUpdate", "moon", json!({"type": "integer"})),
    ] {
        changed["components"]["schemas"][schema]["properties"][field] = now;
    }

    let drift = compared(&changed, "9999");
    let faults: Vec<_> = drift
        .faults()
        .map(|it| (it.kind, it.operation.as_str(), it.place.as_str()))
        .collect();
    let wanted = [
        (Kind::New, "getNew", ""),
        (Kind::Gone, "getUserBilling", ""),
        (Kind::Changed, "getUserUrls", ""),
        (Kind::Undecodable, "getUserActivity", "200 $.projects"),
        (Kind::Dropped, "getStaticServerOptions", "200 $.moon"),
        (Kind::Unsendable, "updatePipeline", "body $.moon"),
    ];
    assert_eq!(faults, wanted, "{drift}");
}
