//! Every documented exchange of the Tideways deployment API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::tideways::{Client, Decommission, ENDPOINTS};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, prove, rows_are, value};
use serde_json::Value;
use url::form_urlencoded;

fn call(server: &Server, fixture: &Fixture) -> Replayed {
    let client = connected!(
        Client::builder("test-token", fixture.arg("organization")),
        server
    );
    match fixture.operation.as_str() {
        "provisionProject" => {
            let form = form(fixture);
            let application = form[0].1.as_str();
            value(
                client
                    .provisioning()
                    .provision(&deploykit::tideways::Provision::new(application)),
            )
        }
        "listApplications" => value(client.applications().list()),
        "listServers" => {
            let listed = value(client.servers().list(fixture.arg("application")));
            as_answered(&fixture.response.body, listed)
        }
        "decommissionServers" => {
            let servers = form(fixture).into_iter().map(|(name, server)| {
                assert_eq!(name, "servers[]");
                server
            });
            let form = Decommission::new(servers);
            value(
                client
                    .servers()
                    .decommission(fixture.arg("application"), &form),
            )
        }
        other => panic!("no call for {other}"),
    }
}

fn form(fixture: &Fixture) -> Vec<(String, String)> {
    form_urlencoded::parse(fixture.text().as_bytes())
        .into_owned()
        .collect()
}

/// A list that was answered as an object of indexes is compared as one.
fn as_answered(answer: &Value, listed: Replayed) -> Replayed {
    let keys: Option<Vec<_>> = answer
        .as_object()
        .map(|object| object.keys().cloned().collect());
    Box::pin(async move {
        let listed = listed.await?;
        Ok(match (keys, listed) {
            (Some(keys), Value::Array(servers)) => keys.into_iter().zip(servers).collect(),
            (_, listed) => listed,
        })
    })
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("tideways", &ENDPOINTS, Server::clone, call).await;
}

/// What identifies a thing, and is therefore required.
const EXCEPTED: &[Exception] = &[("api_key", "the key is the answer")];

#[test]
#[ignore = "until its models are read with `model!`"]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("tideways", &ENDPOINTS, EXCEPTED, Server::clone, call);
}

#[test]
fn every_operation_of_the_page_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            ("POST", "/apps/api/{organization}/deployment/provision"),
            ("GET", "/apps/api/{organization}/applications"),
            ("GET", "/apps/api/{organization}/{application}/servers"),
            ("DELETE", "/apps/api/{organization}/{application}/servers"),
        ],
    );
}
