//! Every documented exchange of the Tideways deployment API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::tideways::{Client, ENDPOINTS};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, prove, rows_are};
use serde_json::Value;

/// With the organization that the fixture's path names; events need neither that nor a token.
fn connect(server: &Server, fixture: &Fixture) -> Client {
    let template = fixture.endpoint().template;
    let builder = Client::builder();
    let builder = match template.contains("{organization}") {
        _ if template.starts_with("/api/events") => builder.events_only(),
        true => {
            let organization = fixture.arg("organization");
            builder.token("test-token").organization(organization)
        }
        false => builder.token("test-token").organization("demo"),
    };
    connected!(builder, server)
}

/// A list that was answered as an object of indexes is compared as one.
fn call(server: &Server, fixture: &Fixture) -> Replayed {
    let called = harness::call(connect(server, fixture).core(), fixture);
    let (answer, bare) = (
        fixture.response.body.clone(),
        fixture.endpoint().envelope.is_none(),
    );
    Box::pin(async move {
        Ok(match (answer, called.await?) {
            (Value::Object(answer), Value::Array(items)) if bare => {
                answer.into_iter().map(|(key, _)| key).zip(items).collect()
            }
            (_, value) => value,
        })
    })
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("tideways", &ENDPOINTS, Server::clone, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[
    (
        "$.api_key",
        "the key is the answer; a missing one would switch the profiler off",
    ),
    ("$.id", "identifies the event or project"),
    ("releases[].id", "identifies the release"),
    ("transaction.id", "identifies the transaction"),
    ("traces[].id", "identifies the trace"),
    ("issues[].id", "identifies the issue"),
    ("issue.id", "identifies the issue"),
    ("projects[].name", "identifies the project"),
    ("$[].name", "identifies the application"),
    ("server", "identifies the server"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("tideways", &ENDPOINTS, EXCEPTED, Server::clone, call);
}

#[test]
fn every_operation_that_is_known_is_a_row() {
    rows_are("tideways", &ENDPOINTS);
}
