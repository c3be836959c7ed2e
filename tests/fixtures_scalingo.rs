//! Scalingo: every fixture is sent exactly, read whole, and covers a row.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;

use deploykit::scalingo::{Client, ENDPOINTS, Event, EventDetails, EventKind, Frame};
use deploykit::{RetryPolicy, Secret};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, rows_are, value};
use serde_json::{Value, json};

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
    let called = beside_the_rows(&clients.api, f);
    let called = called.unwrap_or_else(|| harness::call(&core(clients, f), f));
    let f = f.clone();
    Box::pin(async move {
        let value = called.await?;
        Ok(match f.dispatch().returns {
            "Accepted" | "Upgrade" => begun(&f, value),
            _ => value,
        })
    })
}

/// The client of a row: each add-on's database has one, with the token at hand. That it is asked for,
/// `tests/scalingo` shows.
fn core(clients: &Clients, f: &Fixture) -> deploykit::core::Client {
    match f.endpoint().template {
        "/v1/tokens/exchange" => clients.auth.clone(),
        path if path.contains("{addon_id}") && path.starts_with("/api/") => {
            clients.api.core().bound("addon_id", f.arg("addon_id"))
        }
        _ => clients.api.core().clone(),
    }
}

/// What has a method of its own beside its row: a dry run, and lists that something in the query narrows.
fn beside_the_rows(client: &Client, f: &Fixture) -> Option<Replayed> {
    let providers = client.addon_providers();
    let narrowed = f.request.query.iter().next();
    let narrowed = narrowed.map(|(name, value)| (name.as_str(), value.as_str()));
    Some(match (f.operation.as_str(), narrowed) {
        ("createApp", _) if f.request.headers.contains_key("x-dry-run") => {
            value(client.apps().dry_run(&f.body()))
        }
        ("listVariables", Some(("aliases", _))) => {
            value(client.environment().list_resolved(f.arg("app")))
        }
        ("listTransferInvitations", Some(("status", status))) => {
            let project = f.arg("project_id");
            value(client.projects().transfers_in(project, &status.into()))
        }
        ("listAppEvents", Some(("from", hours))) => {
            let hours = hours.parse().unwrap();
            page(f, client.events().recent(f.arg("app"), hours))
        }
        ("listContainerSizes", Some(("app_id", app))) => value(client.containers().sizes_for(app)),
        ("listScmRepoLinks", Some(("auth_integration_uuid", integration))) => {
            page(f, client.scm_repo_links().of_integration(integration))
        }
        ("listAddonProviders", Some(("category_id", category))) => {
            value(providers.in_category(category))
        }
        ("listAddonProviderPlans", Some(("show_all", _))) => {
            value(providers.all_plans(f.arg("provider")))
        }
        _ => return None,
    })
}

/// What goes on after its answer names its operation in a header or in the body. No more of it is read.
fn begun(f: &Fixture, read: Value) -> Value {
    let body = &f.response.body;
    let location = f.response.headers.get("location");
    let location = location.and_then(|address| address.rsplit('/').next());
    let named = body["operation_id"]
        .as_str()
        .or(body["operation"]["id"].as_str());
    let named = json!(named.or(location));
    if (&read["operation"], &read["message"]) == (&named, &body["message"]) {
        body.clone()
    } else {
        json!({ "read": read, "named": named })
    }
}

#[tokio::test]
async fn fixtures() {
    prove("scalingo", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[
    ("id", "identifies it"),
    ("drains[].url", "identifies a log drain"),
    ("drain.url", "identifies a log drain"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("scalingo", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_operation_of_the_service_is_a_row_or_left_out_for_a_reason() {
    rows_are("scalingo", &ENDPOINTS);
}

/// What events may show nobody by accident, and what is kept as it came.
const NOT_SHOWN: [&str; 5] = ["value", "old_value", "url", "logs_url", "webhook_url"];

/// The values of an event's data that its details have to show.
fn told<'a>(name: &str, data: &'a Value, found: &mut Vec<&'a Value>) {
    match data {
        Value::Null | Value::String(_) | Value::Number(_) if NOT_SHOWN.contains(&name) => {}
        Value::Object(fields) if !matches!(name, "last_commits" | "stripe") => {
            fields
                .iter()
                .for_each(|(name, value)| told(name, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| told(name, item, found)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => found.push(data),
        _ => {}
    }
}

/// Letters and digits alone: an enumeration shows its values in another spelling.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.collect::<String>().to_lowercase()
}

#[test]
fn all_kinds_of_events_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scalingo/events.json");
    let events: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for json in events {
        let event: Event = serde_json::from_value(json.clone()).unwrap();
        assert!(kinds.insert(event.kind.to_string()), "{} twice", event.kind);
        assert!(event.kind.is_known(), "{}", event.kind);
        let details = event.details();
        assert_ne!(details, EventDetails::Unknown, "{}", event.kind);
        let shown = format!("{details:?}");
        let mut values = Vec::new();
        told("", &json["type_data"], &mut values);
        for value in values {
            let time = value
                .as_str()
                .and_then(|text| deploykit::Time::parse(text).timestamp());
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert!(
                time.is_some() || plain(&shown).contains(&plain(&text)),
                "{}: {text} is not in {shown}",
                event.kind
            );
        }
        assert!(
            !format!("{shown} {event:?} {event:#?}").contains("canary"),
            "{event:?}"
        );
        // Nothing is lost: it is written as it came.
        let written = serde_json::to_value(&event).unwrap();
        let data = json.get("type_data").unwrap_or(&Value::Null);
        assert_eq!(
            (&written["type_data"], &written["type"]),
            (data, &json["type"])
        );
    }
    let known: std::collections::BTreeSet<_> = EventKind::KNOWN
        .iter()
        .map(|kind| (*kind).to_owned())
        .collect();
    assert_eq!(kinds, known);
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
