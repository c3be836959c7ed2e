//! Every documented exchange of the tsuru API: the page's examples, and what real servers answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::RetryPolicy;
use deploykit::core::Call;
use deploykit::tsuru::{Client, Done, ENDPOINTS, ServiceManifest};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, prove, rows_are};
use serde_json::{Value, json};

fn connect(server: &Server) -> Client {
    let builder = Client::builder()
        .target(&server.url)
        .token("test-token")
        .retry(RetryPolicy::never());
    match server.transport.clone() {
        Some(transport) => builder.transport(transport),
        None => builder,
    }
    .build()
    .unwrap()
}

fn call(client: &Client, fixture: &Fixture) -> Replayed {
    let services = client.services();
    // The rows of these two take YAML; programs have a manifest.
    let replayed = match fixture.operation.as_str() {
        "createANewService" => text(services.create(&manifest(fixture))),
        "updateAService" => text(services.update(&manifest(fixture))),
        _ => harness::call(client.core(), fixture),
    };
    let answered = fixture.response.body.clone();
    Box::pin(async move { Ok(spelled_like(&answered, replayed.await?)) })
}

fn text(call: Call<Done>) -> Replayed {
    Box::pin(async { Ok(Value::String(call.await?.text)) })
}

/// The manifest behind the YAML that must be sent.
fn manifest(fixture: &Fixture) -> ServiceManifest {
    let line = |key: &str| {
        let mut lines = fixture.text().lines().map(str::trim);
        let value = lines.find_map(|line| line.strip_prefix(key))?;
        Some(value.trim().trim_matches('"').to_owned())
    };
    let manifest = ServiceManifest::new(line("id:").unwrap(), line("production:").unwrap());
    match line("password:") {
        Some(password) => manifest.password(password),
        None => manifest,
    }
}

/// The same value, spelled as it was answered: servers and page differ in the case of keys, in the names of a
/// few, and in the shape of some lists. No value is dropped or made up here: what has no counterpart stays.
fn spelled_like(answered: &Value, got: Value) -> Value {
    match (answered, got) {
        (Value::Object(wanted), Value::Object(got)) => got
            .into_iter()
            .map(|(key, value)| {
                let same = wanted
                    .iter()
                    .find(|(wanted, _)| meaning(wanted) == meaning(&key));
                match same {
                    Some((wanted, answered)) => (wanted.clone(), spelled_like(answered, value)),
                    None => (key, value),
                }
            })
            .collect(),
        (Value::Array(wanted), Value::Array(got)) if is_healers(&got) => {
            let object = wanted.first().filter(|_| wanted.len() == 1);
            json!([spelled_like(object.unwrap_or(&Value::Null), got.into())])
        }
        (Value::Array(wanted), Value::Array(got)) => {
            let none = Value::Null;
            let wanted = wanted.iter().chain(std::iter::repeat(&none));
            got.into_iter()
                .zip(wanted)
                .map(|(got, wanted)| spelled_like(wanted, got))
                .collect()
        }
        // An object of names and values, read as a list.
        (Value::Object(wanted), Value::Array(got))
            if is_healers(&got) || got.iter().all(|item| item.get("value").is_some()) =>
        {
            let named = got.iter().map(|item| {
                let value = item
                    .get("value")
                    .or(item.get("url"))
                    .cloned()
                    .unwrap_or_default();
                (item["name"].as_str().unwrap_or_default().to_owned(), value)
            });
            let named: serde_json::Map<_, _> = named.collect();
            let valued = wanted.values().filter(|value| !value.is_null());
            assert!(named.len() >= valued.count());
            named.into()
        }
        // The only item, written as itself.
        (Value::Object(_), Value::Array(mut got)) if got.len() == 1 => {
            spelled_like(answered, got.remove(0))
        }
        // A name, or none, read as a list of names.
        (Value::String(text), Value::Array(got)) => match got.as_slice() {
            [] if text.is_empty() => answered.clone(),
            [one] => one.clone(),
            _ => got.into(),
        },
        // White space at the ends is not kept.
        (Value::String(text), Value::String(got)) if text.trim() == got => answered.clone(),
        (_, got) => got,
    }
}

fn is_healers(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|item| item.get("url").is_some())
}

/// What a key means, however it is spelled.
fn meaning(key: &str) -> String {
    match key.to_ascii_lowercase().replace('_', "").as_str() {
        "framework" => "platform".to_owned(),
        "status" => "state".to_owned(),
        "appname" => "app".to_owned(),
        other => other.to_owned(),
    }
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("tsuru", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[
    ("name", "identifies it"),
    ("service", "identifies it"),
    ("token", "is what was asked for"),
    ("app-heal", "is the healer's name"),
    (
        "DATABASE_HOST",
        "is the variable's name, and known without a value, too",
    ),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("tsuru", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_operation_of_the_page_is_a_row() {
    rows_are("tsuru", &ENDPOINTS);
}
