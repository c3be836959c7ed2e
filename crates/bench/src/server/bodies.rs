//! The bodies that the server answers with, made of the documented examples.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{APP, PAGE_SIZE, PAGES, Result};

const DEPLOYMENTS: &str =
    include_str!("../../../../fixtures/scalingo/listDeployments.recorded.json");
const SERVERS: &str = include_str!("../../../../fixtures/devopness/listEnvironmentServers.json");

/// A page of deployments with every field set.
pub(super) fn deployments() -> Result<Bytes> {
    page(1, 1)
}

/// All pages of a long list.
pub(super) fn pages() -> Result<Vec<Bytes>> {
    (1..=PAGES).map(|number| page(number, PAGES)).collect()
}

fn page(number: usize, of: usize) -> Result<Bytes> {
    let mut one = example(DEPLOYMENTS, "/response/body/deployments/0")?;
    one["previous_git_ref"] = json!("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567");
    one["postdeploy_hook"] = json!("bundle exec rake db:migrate");
    one["image_size"] = json!(104_857_600);
    one["stack_base_image"] = json!("scalingo/ubuntu-20:v4");
    let first = (number - 1) * PAGE_SIZE;
    let items: Vec<Value> = (first..first + PAGE_SIZE)
        .map(|index| {
            let mut item = one.clone();
            item["id"] = json!(format!("cabf82f2-1cb1-46d4-b09e-{index:012}"));
            item
        })
        .collect();
    let body = json!({
        "deployments": items,
        "meta": {"pagination": {
            "current_page": number,
            "prev_page": (number > 1).then(|| number - 1),
            "next_page": (number < of).then(|| number + 1),
            "total_pages": of,
            "total_count": of * PAGE_SIZE,
        }},
    });
    Ok(serde_json::to_vec(&body)?.into())
}

/// A page of servers with every field set, the last action's included.
pub(super) fn servers() -> Result<Bytes> {
    let one = example(SERVERS, "/response/body/0")?;
    let items: Vec<Value> = (0..PAGE_SIZE)
        .map(|index| {
            let mut item = one.clone();
            item["id"] = json!(9_654_123 + index);
            item
        })
        .collect();
    Ok(serde_json::to_vec(&items)?.into())
}

/// An application whose live stream is this server's.
pub(super) fn app(address: SocketAddr) -> Result<Bytes> {
    let stream = format!("ws://{address}/live");
    let app = json!({"app": {
        "id": "54100930736f7563d5030000",
        "name": APP,
        "links": {"deployments_stream": stream},
    }});
    Ok(serde_json::to_vec(&app)?.into())
}

fn example(fixture: &str, pointer: &str) -> Result<Value> {
    let fixture: Value = serde_json::from_str(fixture)?;
    let example = fixture.pointer(pointer).cloned();
    Ok(example.ok_or_else(|| format!("the fixture has no {pointer}"))?)
}
