//! The table of operations agrees with their description.

use std::collections::BTreeSet;

use serde_json::Value;

use super::OPENAPI;
use super::routes::ROWS;

const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

#[test]
fn the_description_has_what_the_router_has() {
    let description: Value = serde_json::from_str(OPENAPI).unwrap();
    let (mut described, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                operation["summary"].as_str().unwrap().ends_with('.'),
                "{id}"
            );
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let routed = ROWS.iter().map(|row| {
        let method = METHODS.iter().find(|method| row.is(method)).unwrap();
        (method.to_uppercase(), row.path.to_owned())
    });
    assert_eq!(routed.collect::<BTreeSet<_>>(), described);
    assert_eq!(described.len(), ROWS.len());
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let description: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}
