//! Every documented exchange of the Tideways deployment API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::RetryPolicy;
use deploykit::tideways::{Client, Decommission, ENDPOINTS};
use harness::{Fixture, Replayed, prove, rows_are, value};
use serde_json::Value;
use url::form_urlencoded;

struct Service(String);

impl Service {
    /// A client of the fixture's organization.
    fn client(&self, fixture: &Fixture) -> Client {
        Client::builder("test-token", fixture.arg("organization"))
            .base_url(&self.0)
            .retry(RetryPolicy::never())
            .without_quotas()
            .build()
            .unwrap()
    }
}

fn call(service: &Service, fixture: &Fixture) -> Replayed {
    let client = service.client(fixture);
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
    prove("tideways", &ENDPOINTS, |url| Service(url.to_owned()), call).await;
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
