//! Every route of today's tsuru that the client has: what is sent, and what is read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use deploykit::Error;
use deploykit::core::dispatch::Reread;
use deploykit::tsuru::v1::{Client, Deploying, ENDPOINTS, Line, NewDeploy};
use futures::future::BoxFuture;
use futures::{Stream, TryStreamExt};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, prove, rows_are};
use serde_json::{Value, json};

fn connect(server: &Server) -> Client {
    connected!(Client::builder().target("").token("test-token"), server)
}

fn call(client: &Client, fixture: &Fixture) -> Replayed {
    let called = uploading(client, fixture);
    let called = called.unwrap_or_else(|| harness::call(client.core(), fixture));
    let fixture = fixture.clone();
    Box::pin(async move {
        let body = &fixture.response.body;
        Ok(match called.await? {
            // A stream has its whole text, if these are the lines or entries of it.
            Value::Array(read) if read == streamed(&fixture) => body.clone(),
            value => spelled_like(body, value),
        })
    })
}

/// What takes a source beside its row: deploys, which follow what they began, and platforms.
fn uploading(client: &Client, fixture: &Fixture) -> Option<Replayed> {
    let platforms = client.platforms();
    let image = NewDeploy::image("registry.example.com/app:7");
    Some(match fixture.operation.as_str() {
        "AppDeploy" => deploying(fixture, client, move |client, app| {
            let deploy = image.message("release 7").new_version();
            Box::pin(async move { client.deploy(app, &deploy).await })
        }),
        "AppBuild" => deploying(fixture, client, move |client, app| {
            Box::pin(async move { client.build_image(app, "v1", &image).await })
        }),
        "jobDeploy" => deploying(fixture, client, |client, job| {
            let deploy = NewDeploy::image("r:1").message("x");
            Box::pin(async move { client.deploy_job(job, &deploy).await })
        }),
        "PlatformAdd" => {
            let output = platforms.add("python", "FROM python");
            Box::pin(async { lines(output.await?).await })
        }
        "PlatformUpdate" => {
            let output = platforms.update(fixture.arg("platform"), "FROM python");
            Box::pin(async { lines(output.await?).await })
        }
        _ => return None,
    })
}

fn deploying(
    fixture: &Fixture,
    client: &Client,
    begin: impl FnOnce(Client, String) -> BoxFuture<'static, Result<Deploying, Error>> + Send + 'static,
) -> Replayed {
    let (fixture, client) = (fixture.clone(), client.clone());
    let target = fixture.request.path.split('/').nth(3).unwrap().to_owned();
    Box::pin(async move {
        let deploying = begin(client, target).await?;
        let event = deploying.event().map(ToString::to_string);
        assert_eq!(
            event.as_ref(),
            fixture.response.headers.get("x-tsuru-eventid")
        );
        lines(deploying).await
    })
}

async fn lines(output: impl Stream<Item = Result<Line, Error>>) -> Result<Value, Error> {
    let lines: Vec<_> = std::pin::pin!(output).try_collect().await?;
    let lines = lines.iter().filter(|line| !line.text.is_empty());
    Ok(lines.map(|line| line.reread().unwrap()).collect())
}

/// What a streamed answer holds: lines of an output, or entries of a log.
fn streamed(fixture: &Fixture) -> Vec<Value> {
    if fixture.dispatch().collect.is_none() {
        return Vec::new();
    }
    let lines = fixture.text_of_answer().lines();
    let lines = lines.filter(|line| !line.is_empty() && *line != "please wait...");
    lines
        .flat_map(|line| match serde_json::from_str(line) {
            Ok(Value::Array(entries)) => entries,
            Ok(Value::Object(line)) => {
                let message = line["Message"].as_str().unwrap().trim_end();
                match line.get("Timestamp") {
                    _ if message.is_empty() => Vec::new(),
                    Some(at) => vec![json!({ "Message": message, "Timestamp": at })],
                    None => vec![message.into()],
                }
            }
            Ok(Value::Null) => Vec::new(),
            _ => vec![line.into()],
        })
        .collect()
}

/// The same value, spelled as it was answered: servers write some keys in several ways, and a time that never was
/// as the year 1.
fn spelled_like(answered: &Value, got: Value) -> Value {
    let meaning = |key: &str| key.to_ascii_lowercase().replace('_', "");
    match (answered, got) {
        (Value::Object(wanted), Value::Object(got)) => got
            .into_iter()
            .map(|(key, value)| {
                match wanted
                    .iter()
                    .find(|(wanted, _)| meaning(wanted) == meaning(&key))
                {
                    Some((wanted, answered)) => (wanted.clone(), spelled_like(answered, value)),
                    None => (key, value),
                }
            })
            .collect(),
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => wanted
            .iter()
            .zip(got)
            .map(|(wanted, got)| spelled_like(wanted, got))
            .collect(),
        // A word or two, whatever it is written as.
        (Value::Object(_), Value::String(text)) => serde_json::from_str(&text).unwrap(),
        (Value::String(text), Value::String(got)) if text.trim() == got => answered.clone(),
        (Value::String(never), Value::Null) if never == "0001-01-01T00:00:00Z" => answered.clone(),
        (_, got) => got,
    }
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("tsuru-v1", &ENDPOINTS, connect, call).await;
}

const EXCEPTED: &[Exception] = &[
    ("name", "identifies it"),
    ("id", "identifies it"),
    ("UniqueID", "identifies it"),
    ("service", "identifies it"),
    ("email", "identifies it"),
    ("group", "identifies it"),
    ("token_id", "identifies it"),
    ("PoolExpr", "identifies it"),
    ("token", "is what was asked for"),
    ("headers.Host", "no map of texts holds a null in Go"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("tsuru-v1", &ENDPOINTS, EXCEPTED, connect, call);
}

#[test]
fn every_route_of_the_server_is_a_row() {
    rows_are("tsuru-v1", &ENDPOINTS);
}
