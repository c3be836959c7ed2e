//! Every documented exchange of the Devopness API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::core::{Endpoint, FromResponse, Raw};
use deploykit::devopness::{Client, Dispatched, ENDPOINTS};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, load, prove, rows_are};

const ACTION_ID: &str = "x-devopness-action-id";

fn connect(server: &Server) -> Client {
    connected!(Client::builder().token("test-token"), server)
}

/// The call of a fixture's row. What starts an action must name it.
fn call(c: &Client, f: &Fixture) -> Replayed {
    let (sent, f) = (harness::send(c.core(), f), f.clone());
    Box::pin(async move {
        let response = sent.await?;
        let named = f.response.headers.get(ACTION_ID).cloned();
        let dispatched = Dispatched::<Raw>::from_response(&response)?;
        let action = dispatched.action_id.map(|id| id.to_string());
        assert_eq!(action, named, "{}", f.name);
        let returns = f.dispatch().returns;
        assert!(
            named.is_none() || returns.starts_with("Dispatched"),
            "{}: {returns}",
            f.name
        );
        let read = (f.dispatch().read)(&response)?;
        Ok(read.unwrap_or_else(|| panic!("{}: is not written", f.name)))
    })
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("devopness", &ENDPOINTS, connect, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[("id", "identifies it")];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("devopness", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_operation_of_both_descriptions_is_a_row() {
    rows_are("devopness", &ENDPOINTS);
}

#[test]
fn what_starts_an_action_is_never_repeated() {
    let starts_action = |f: &Fixture| f.response.headers.contains_key(ACTION_ID);
    let fixtures = load("devopness", &ENDPOINTS);
    let starts = |row: &Endpoint| {
        let mut of_row = fixtures.iter().filter(|f| f.operation == row.operation);
        of_row.any(starts_action)
    };
    for row in ENDPOINTS {
        let returns = row.dispatch.expect("the feature is on").returns;
        assert_eq!(starts(row), returns.starts_with("Dispatched"), "{row}");
        assert!(!starts(row) || !row.idempotent, "{row}");
    }
}
