//! Every documented exchange of the Tideways deployment API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::tideways::{Client, Decommission, ENDPOINTS, Provision};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, page, prove, rows_are, unit, value};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::form_urlencoded;

fn call(server: &Server, fixture: &Fixture) -> Replayed {
    let builder = match fixture.request.path.contains("/demo/") {
        true => Client::builder().token("test-token").organization("demo"),
        false if fixture.operation == "tokenInfo" => {
            Client::builder().token("test-token").organization("demo")
        }
        false if fixture.operation.ends_with("Event") => Client::builder().events_only(),
        false => Client::builder()
            .token("test-token")
            .organization(fixture.arg("organization")),
    };
    let client = connected!(builder, server);
    let application = || fixture.arg("application");
    let (metrics, issues) = (client.metrics(), client.issues());
    match fixture.operation.as_str() {
        "provisionProject" => {
            let form = form(fixture);
            let application = form[0].1.as_str();
            value(
                client
                    .provisioning()
                    .provision(&Provision::new(application)),
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
        "createEvent" => value(client.events().create(&fixture.body())),
        "createExternalEvent" => {
            let (id, secret) = (fixture.arg("id"), fixture.arg("secret"));
            value(client.events().create_external(id, secret, &fixture.body()))
        }
        "provisionProjectV2" => value(client.provisioning().create(&fixture.body())),
        "deleteProject" => unit(client.provisioning().delete(&fixture.body())),
        "inviteUsers" => unit(client.users().invite(&fixture.body())),
        "removeUsers" => unit(client.users().remove(&fixture.body())),
        "tokenInfo" => value(client.token().info()),
        "getPerformance" => value(metrics.performance(application(), &query(fixture))),
        "getSummary" => value(metrics.summary(application(), &query(fixture))),
        "getTransaction" => {
            let id = fixture.arg("transaction_id");
            value(metrics.transaction(application(), id, &query(fixture)))
        }
        "getHistory" => value(metrics.history(application(), &query(fixture))),
        "getHistoryByDate" => value(metrics.history_by_date(application(), fixture.arg("date"))),
        "listObservations" => value(metrics.observations(application(), &query(fixture))),
        "listIssues" => {
            let mut paging = fixture.clone();
            paging.request.query.clear();
            page(&paging, issues.list(application(), &query(fixture)))
        }
        "getIssue" => value(issues.get(application(), fixture.arg("issue_id"), &query(fixture))),
        "searchTraces" => value(client.traces().search(application(), &query(fixture))),
        other => panic!("no call for {other}"),
    }
}

/// The fixture's query as a request type.
fn query<T: DeserializeOwned>(fixture: &Fixture) -> T {
    let typed = |text: &String| match text.parse::<u64>() {
        Ok(number) => json!(number),
        Err(_) if text == "true" => json!(true),
        Err(_) => json!(text),
    };
    let query = fixture.request.query.iter();
    let query: Value = query
        .map(|(name, text)| (name.clone(), typed(text)))
        .collect();
    serde_json::from_value(query).unwrap()
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
    let known = include_str!("../fixtures/tideways/operations.txt").lines();
    let known: Vec<[&str; 3]> = known
        .map(|line| line.split(' ').collect::<Vec<_>>().try_into().unwrap())
        .collect();
    assert_eq!(known.len(), 20);
    let rows: Vec<_> = known
        .iter()
        .map(|[_, method, path]| (*method, *path))
        .collect();
    rows_are(&ENDPOINTS, &rows);
    for [operation, method, path] in known {
        let row = ENDPOINTS
            .iter()
            .find(|row| row.method.as_str() == method && row.template == path);
        assert_eq!(row.unwrap().operation, operation);
    }
}
