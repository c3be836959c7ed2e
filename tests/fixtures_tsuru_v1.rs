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

/// The routes that the server has (1.31), but for those that are left out: the shell and the proxies (WebSockets
/// and any method), log ingestion by nodes, debugging, metrics and index, `POST /swap`, `diff`, Git clones and
/// `GET /plans/routers` (all deprecated), and `/healthcheck/` (the same as without the slash).
#[test]
fn every_route_of_the_server_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            ("PUT", "/1.0/services/{service}/instances/{instance}/{app}"),
            (
                "DELETE",
                "/1.0/services/{service}/instances/{instance}/{app}",
            ),
            (
                "PUT",
                "/1.13/services/{service}/instances/{instance}/apps/{app}",
            ),
            (
                "DELETE",
                "/1.13/services/{service}/instances/{instance}/apps/{app}",
            ),
            ("GET", "/1.0/apps"),
            ("POST", "/1.0/apps"),
            ("GET", "/1.0/apps/{app}"),
            ("DELETE", "/1.0/apps/{app}"),
            ("PUT", "/1.0/apps/{app}"),
            ("POST", "/1.0/apps/{app}/cname"),
            ("DELETE", "/1.0/apps/{app}/cname"),
            ("POST", "/1.0/apps/{app}/run"),
            ("POST", "/1.0/apps/{app}/restart"),
            ("POST", "/1.0/apps/{app}/stop"),
            ("DELETE", "/1.10/apps/{app}/versions/{version}"),
            ("GET", "/1.0/apps/{app}/env"),
            ("POST", "/1.0/apps/{app}/env"),
            ("DELETE", "/1.0/apps/{app}/env"),
            ("PUT", "/1.0/apps/{app}/units"),
            ("DELETE", "/1.0/apps/{app}/units"),
            ("DELETE", "/1.12/apps/{app}/units/{unit}"),
            ("PUT", "/1.0/apps/{app}/teams/{team}"),
            ("DELETE", "/1.0/apps/{app}/teams/{team}"),
            ("GET", "/1.0/apps/{app}/log"),
            ("GET", "/1.8/apps/{app}/log-instance"),
            ("POST", "/1.0/apps/{app}/log"),
            ("POST", "/1.0/apps/{app}/routes"),
            ("GET", "/1.2/apps/{app}/certificate"),
            ("GET", "/1.24/apps/{app}/certificate"),
            ("PUT", "/1.2/apps/{app}/certificate"),
            ("DELETE", "/1.2/apps/{app}/certificate"),
            ("PUT", "/1.24/apps/{app}/certissuer"),
            ("DELETE", "/1.24/apps/{app}/certissuer"),
            ("GET", "/1.9/apps/{app}/units/autoscale"),
            ("POST", "/1.9/apps/{app}/units/autoscale"),
            ("POST", "/1.29/apps/{app}/units/autoscale/swap"),
            ("DELETE", "/1.9/apps/{app}/units/autoscale"),
            ("GET", "/1.7/provisioner"),
            ("POST", "/1.3/provisioner/clusters"),
            ("POST", "/1.4/provisioner/clusters/{cluster}"),
            ("GET", "/1.3/provisioner/clusters"),
            ("GET", "/1.8/provisioner/clusters/{cluster}"),
            ("DELETE", "/1.3/provisioner/clusters/{cluster}"),
            ("POST", "/1.0/apps/{app}/deploy/rollback"),
            ("PUT", "/1.4/apps/{app}/deploy/rollback/update"),
            ("POST", "/1.3/apps/{app}/deploy/rebuild"),
            ("GET", "/1.0/deploys"),
            ("GET", "/1.0/deploys/{deploy}"),
            ("POST", "/1.0/apps/{app}/deploy"),
            ("POST", "/1.5/apps/{app}/build"),
            ("POST", "/1.23/jobs/{job}/deploy"),
            ("GET", "/1.1/events"),
            ("GET", "/1.3/events/blocks"),
            ("POST", "/1.3/events/blocks"),
            ("DELETE", "/1.3/events/blocks/{block}"),
            ("GET", "/1.1/events/kinds"),
            ("GET", "/1.1/events/{event}"),
            ("POST", "/1.1/events/{event}/cancel"),
            (
                "PUT",
                "/1.13/services/{service}/instances/{instance}/jobs/{job}",
            ),
            (
                "DELETE",
                "/1.13/services/{service}/instances/{instance}/jobs/{job}",
            ),
            ("POST", "/1.13/jobs"),
            ("POST", "/1.13/jobs/{job}/trigger"),
            ("GET", "/1.13/jobs/{job}"),
            ("DELETE", "/1.13/jobs/{job}"),
            ("PUT", "/1.13/jobs/{job}"),
            ("GET", "/1.13/jobs"),
            ("GET", "/1.16/jobs/{job}/env"),
            ("POST", "/1.13/jobs/{job}/env"),
            ("DELETE", "/1.13/jobs/{job}/env"),
            ("GET", "/1.13/jobs/{job}/log"),
            ("DELETE", "/1.13/jobs/{job}/units/{unit}"),
            ("GET", "/1.0/plans"),
            ("POST", "/1.0/plans"),
            ("DELETE", "/1.0/plans/{plan}"),
            ("GET", "/1.0/platforms"),
            ("POST", "/1.0/platforms"),
            ("PUT", "/1.0/platforms/{platform}"),
            ("DELETE", "/1.0/platforms/{platform}"),
            ("GET", "/1.6/platforms/{platform}"),
            ("POST", "/1.6/platforms/{platform}/rollback"),
            ("GET", "/1.0/pools"),
            ("POST", "/1.0/pools"),
            ("DELETE", "/1.0/pools/{pool}"),
            ("PUT", "/1.0/pools/{pool}"),
            ("POST", "/1.0/pools/{pool}/team"),
            ("DELETE", "/1.0/pools/{pool}/team"),
            ("GET", "/1.8/pools/{pool}"),
            ("GET", "/1.3/constraints"),
            ("PUT", "/1.3/constraints"),
            ("GET", "/1.0/apps/{app}/quota"),
            ("PUT", "/1.0/apps/{app}/quota"),
            ("GET", "/1.0/users/{email}/quota"),
            ("PUT", "/1.0/users/{email}/quota"),
            ("GET", "/1.12/teams/{team}/quota"),
            ("PUT", "/1.12/teams/{team}/quota"),
            ("GET", "/1.0/roles"),
            ("PUT", "/1.4/roles"),
            ("POST", "/1.0/roles"),
            ("GET", "/1.0/roles/{role}"),
            ("DELETE", "/1.0/roles/{role}"),
            ("POST", "/1.0/roles/{role}/permissions"),
            ("DELETE", "/1.0/roles/{role}/permissions/{permission}"),
            ("POST", "/1.0/roles/{role}/user"),
            ("DELETE", "/1.0/roles/{role}/user/{email}"),
            ("GET", "/1.0/role/default"),
            ("POST", "/1.0/role/default"),
            ("DELETE", "/1.0/role/default"),
            ("GET", "/1.0/permissions"),
            ("POST", "/1.6/roles/{role}/token"),
            ("DELETE", "/1.6/roles/{role}/token/{token_id}"),
            ("POST", "/1.9/roles/{role}/group"),
            ("DELETE", "/1.9/roles/{role}/group/{group}"),
            ("POST", "/1.5/apps/{app}/routers"),
            ("PUT", "/1.5/apps/{app}/routers/{router}"),
            ("DELETE", "/1.5/apps/{app}/routers/{router}"),
            ("GET", "/1.5/apps/{app}/routers"),
            ("POST", "/1.8/apps/{app}/routable"),
            ("GET", "/1.3/routers"),
            ("POST", "/1.8/routers"),
            ("PUT", "/1.8/routers/{router}"),
            ("DELETE", "/1.8/routers/{router}"),
            ("GET", "/1.0/services"),
            ("POST", "/1.0/services"),
            ("PUT", "/1.0/services/{service}"),
            ("DELETE", "/1.0/services/{service}"),
            ("PUT", "/1.0/services/{service}/doc"),
            ("PUT", "/1.31/services/{service}/manifest"),
            ("GET", "/1.31/services/{service}/manifest"),
            ("PUT", "/1.0/services/{service}/team/{team}"),
            ("DELETE", "/1.0/services/{service}/team/{team}"),
            ("GET", "/1.0/services/instances"),
            ("POST", "/1.0/services/{service}/instances"),
            ("GET", "/1.0/services/{service}/instances/{instance}"),
            ("PUT", "/1.0/services/{service}/instances/{instance}"),
            ("DELETE", "/1.0/services/{service}/instances/{instance}"),
            ("GET", "/1.0/services/{service}/instances/{instance}/status"),
            (
                "PUT",
                "/1.0/services/{service}/instances/permission/{instance}/{team}",
            ),
            (
                "DELETE",
                "/1.0/services/{service}/instances/permission/{instance}/{team}",
            ),
            ("GET", "/1.0/services/{service}"),
            ("GET", "/1.0/services/{service}/plans"),
            ("GET", "/1.0/services/{service}/doc"),
            ("GET", "/1.0/info"),
            ("POST", "/1.0/apps/{app}/start"),
            ("GET", "/1.0/healthcheck"),
            ("GET", "/1.6/tokens"),
            ("GET", "/1.7/tokens/{token_id}"),
            ("POST", "/1.6/tokens"),
            ("DELETE", "/1.6/tokens/{token_id}"),
            ("PUT", "/1.6/tokens/{token_id}"),
            ("GET", "/1.0/users"),
            ("POST", "/1.0/users"),
            ("GET", "/1.0/users/info"),
            ("GET", "/1.0/auth/scheme"),
            ("GET", "/1.18/auth/schemes"),
            ("POST", "/1.0/auth/login"),
            ("POST", "/1.0/users/{email}/password"),
            ("POST", "/1.0/users/{email}/tokens"),
            ("DELETE", "/1.0/users/tokens"),
            ("PUT", "/1.0/users/password"),
            ("DELETE", "/1.0/users"),
            ("GET", "/1.0/users/api-key"),
            ("POST", "/1.0/users/api-key"),
            ("GET", "/1.0/teams"),
            ("POST", "/1.0/teams"),
            ("DELETE", "/1.0/teams/{team}"),
            ("PUT", "/1.6/teams/{team}"),
            ("GET", "/1.4/teams/{team}"),
            ("GET", "/1.17/teams/{team}/users"),
            ("GET", "/1.17/teams/{team}/groups"),
            ("POST", "/1.4/teams/{team}"),
            ("GET", "/1.4/volumes"),
            ("POST", "/1.4/volumes"),
            ("GET", "/1.4/volumes/{volume}"),
            ("POST", "/1.4/volumes/{volume}"),
            ("DELETE", "/1.4/volumes/{volume}"),
            ("POST", "/1.4/volumes/{volume}/bind"),
            ("DELETE", "/1.4/volumes/{volume}/bind"),
            ("GET", "/1.4/volumeplans"),
            ("GET", "/1.6/events/webhooks"),
            ("POST", "/1.6/events/webhooks"),
            ("GET", "/1.6/events/webhooks/{webhook}"),
            ("PUT", "/1.6/events/webhooks/{webhook}"),
            ("DELETE", "/1.6/events/webhooks/{webhook}"),
        ],
    );
}
