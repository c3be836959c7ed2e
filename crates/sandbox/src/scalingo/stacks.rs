//! Stacks.

use serde_json::json;

use crate::reply::Reply;

pub(super) fn list() -> Reply {
    let stack = |id: &str, version: u64, default: bool, deprecated_at: Option<&str>| {
        json!({
            "id": id,
            "name": format!("scalingo-{version}"),
            "base_image": format!("scalingo/scalingo-{version}:latest"),
            "description": format!("Ubuntu {version}.04"),
            "default": default,
            "created_at": "2026-01-15T10:12:13.345Z",
            "deprecated_at": deprecated_at,
        })
    };
    let stacks = [
        stack(
            "st-a1d2b3c4-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
            20,
            false,
            Some("2025-05-31"),
        ),
        stack("st-b13c29bb-3b1c-4dd8-b1b2-1f2f0d9d4a6e", 22, true, None),
    ];
    Reply::json(200, json!({ "stacks": stacks }))
}
