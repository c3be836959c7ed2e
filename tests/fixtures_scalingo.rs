//! Scalingo: every fixture is sent exactly, read whole, and covers a row.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;

use deploykit::scalingo::{Client, ENDPOINTS, Frame, NewDeployment, NoFields, Tokens};
use deploykit::{RetryPolicy, Secret};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, rows_are, text, unit, value};
use serde_json::Value;

struct Clients {
    api: Client,
    auth: deploykit::core::Client,
}

fn connect(server: &Server) -> Clients {
    let auth = deploykit::core::Client::builder(&server.url)
        .credential(deploykit::core::Basic::new("", &Secret::from("tk-us-test")).unwrap())
        .retry(RetryPolicy::never());
    let auth = match server.transport.clone() {
        Some(transport) => auth.transport(transport),
        None => auth,
    };
    Clients {
        api: connected!(Client::builder().bearer("test-token"), server),
        auth: auth.build().unwrap(),
    }
}

fn call(clients: &Clients, f: &Fixture) -> Replayed {
    let client = &clients.api;
    let (apps, deployments) = (client.apps(), client.deployments());
    match f.operation.as_str() {
        "listApps" => value(apps.list()),
        "getApp" => value(apps.get(f.arg("app"))),
        "listDeployments" => page(f, deployments.list(f.arg("app"))),
        "getDeployment" => value(deployments.get(f.arg("app"), f.arg("deployment_id"))),
        "triggerDeployment" => value(deployments.trigger(f.arg("app"), &f.body::<NewDeployment>())),
        "getDeploymentOutput" => text(deployments.output(f.arg("app"), f.arg("deployment_id"))),
        "resetDeploymentCache" => unit(deployments.reset_cache(f.arg("app"))),
        "getOperation" => value(client.operations().get(f.arg("app"), f.arg("operation_id"))),
        "createSource" => value(client.sources().create(&NoFields {})),
        "exchangeToken" => value(Tokens::new(&clients.auth).exchange(&NoFields {})),
        other => panic!("{other} is not called"),
    }
}

#[tokio::test]
async fn fixtures() {
    prove("scalingo", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[("id", "identifies it")];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("scalingo", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_documented_operation_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            // The page's own.
            ("GET", "/v1/apps/{app}/deployments"),
            ("GET", "/v1/apps/{app}/deployments/{deployment_id}"),
            ("POST", "/v1/apps/{app}/deployments"),
            ("GET", "/v1/apps/{app}/deployments/{deployment_id}/output"),
            ("DELETE", "/v1/apps/{app}/caches/deployment"),
            // What they need beside them.
            ("GET", "/v1/apps"),
            ("GET", "/v1/apps/{app}"),
            ("GET", "/v1/apps/{app}/operations/{operation_id}"),
            ("POST", "/v1/sources"),
            ("POST", "/v1/tokens/exchange"),
        ],
    );
}

#[test]
fn frames() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scalingo/frames.json");
    let frames: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(frames.len() > 10);
    for fixture in frames {
        let text = match &fixture["frame"] {
            Value::String(raw) => raw.clone(),
            json => json.to_string(),
        };
        let read = Frame::parse(&text);
        let kind = fixture["kind"].as_str().unwrap();
        let fits = match (kind, &read) {
            (
                "log",
                Some(Frame::Log {
                    deployment,
                    content,
                }),
            ) => {
                *deployment == fixture["frame"]["id"].as_str().unwrap()
                    && content == fixture["frame"]["data"]["content"].as_str().unwrap()
            }
            ("status", Some(Frame::Status { deployment, .. })) => {
                *deployment == fixture["frame"]["id"].as_str().unwrap()
            }
            ("new", Some(Frame::New { deployment, .. })) => text.contains(deployment.as_str()),
            ("ping", Some(Frame::Ping { .. })) | ("unknown", Some(Frame::Unknown(_))) => true,
            ("malformed", None | Some(Frame::Unknown(_))) => true,
            _ => false,
        };
        assert!(fits, "{kind}: {text} was read as {read:?}");
    }
}
