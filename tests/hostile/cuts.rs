//! Connections that break at every byte of what five services are asked to do, and of what they answer: nothing is
//! done twice, and nothing that may have been done is said not to have been sent.

use deploykit::core::{Client as Core, Result};
use deploykit::devopness::applications::{DeploymentType, NewDeployment};
use deploykit::edgegap::Deploy;
use deploykit::tideways::Decommission;
use deploykit::tsuru::Swap;
use deploykit::{devopness, edgegap, scalingo, tideways, tsuru};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;

use crate::server::{Hostile, Step, send};
use crate::within;

type Act = Box<dyn Fn() -> BoxFuture<'static, Result<()>>>;

const TOKEN: &str = "canary-token";

/// Turns a call into what the test needs of it. All clients have their default patience.
fn acting<T: 'static, C>(call: impl Fn() -> C + 'static) -> Act
where
    C: IntoFuture<Output = Result<T>>,
    C::IntoFuture: Send + 'static,
{
    Box::new(move || call().into_future().map(|done| done.map(|_| ())).boxed())
}

fn trigger(url: &str) -> Act {
    let builder = scalingo::Client::builder().bearer(TOKEN).base_url(url);
    let client = builder.without_quotas().build().unwrap();
    let source = scalingo::NewDeployment::new("https://example.com/sources.tar.gz");
    acting(move || client.deployments().trigger("my-app", &source))
}

fn decommission(url: &str) -> Act {
    let builder = tideways::Client::builder()
        .token(TOKEN)
        .organization("acme")
        .base_url(url);
    let client = builder.without_quotas().build().unwrap();
    let gone = Decommission::new(["app2.foo.bar.local"]);
    acting(move || client.servers().decommission("app1", &gone))
}

fn start(url: &str) -> Act {
    let builder = edgegap::Client::builder().token(TOKEN).base_url(url);
    let client = builder.without_quotas().build().unwrap();
    let server = Deploy::new("my-app", "v1").user_coordinates(48.2, 16.4);
    acting(move || client.deployments().deploy(&server))
}

fn deploy(url: &str) -> Act {
    let builder = devopness::Client::builder().token(TOKEN).base_url(url);
    let client = builder.without_quotas().build().unwrap();
    let deployment = NewDeployment::new(DeploymentType::Deploy);
    acting(move || client.applications().deploy(1u64, &deployment))
}

fn swap(url: &str) -> Act {
    let client = tsuru::Client::builder()
        .target(url)
        .token(TOKEN)
        .build()
        .unwrap();
    let swap = Swap::new("one", "other");
    acting(move || client.apps().swap(&swap))
}

/// Makes a call to the server at an address.
type Make = fn(&str) -> Act;

const ACTS: [(Make, &str); 5] = [
    (
        trigger,
        include_str!("../../fixtures/scalingo/triggerDeployment.json"),
    ),
    (
        decommission,
        include_str!("../../fixtures/tideways/decommissionServers.json"),
    ),
    (start, include_str!("../../fixtures/edgegap/deploy.json")),
    (
        deploy,
        include_str!("../../fixtures/devopness/addApplicationDeployment.json"),
    ),
    (
        swap,
        include_str!("../../fixtures/tsuru/swappingTwoApps.json"),
    ),
];

/// The documented answer as it stands on the wire.
fn answer(fixture: &str) -> Vec<u8> {
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let response = &fixture["response"];
    let body = match &response["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let (status, length) = (&response["status"], body.len());
    format!(
        "HTTP/1.1 {status} Done\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// How a connection ends: with a reset, or in order.
const ENDS: [bool; 2] = [true, false];

fn cut(mut script: Vec<Step>, reset: bool) -> Vec<Step> {
    if reset {
        script.push(Step::Reset);
    }
    script
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_at_any_byte_acts_once_at_the_most_and_is_never_unsent() {
    let mut cuts = 0;
    for (act, fixture) in ACTS {
        let answer = answer(fixture);
        let whole = Hostile::answers(&answer).await;
        within(5, act(&whole.base_url())()).await.unwrap();
        let request = whole.connections()[0].received;

        // While the request is written: it is known to have begun.
        let (mut scripts, mut asked) = (Vec::new(), Vec::new());
        for at in 1..request {
            scripts.push(cut(vec![Step::Part(at)], at % 2 == 0));
            asked.push(format!("at byte {at} of the request"));
        }
        // While the answer is read: the request was there as a whole.
        for (at, reset) in (0..answer.len()).flat_map(|at| ENDS.map(|reset| (at, reset))) {
            scripts.push(cut(vec![Step::Request, send(&answer[..at])], reset));
            asked.push(format!("at byte {at} of the answer, reset: {reset}"));
        }
        cuts += scripts.len();
        let server = Hostile::plays(scripts).await;
        let act = act(&server.base_url());
        for (number, what) in asked.iter().enumerate() {
            let error = within(5, act()).await.expect_err(what);
            assert!(error.may_have_been_sent(), "{what}: {error}");
            assert_eq!(error.attempts(), 1, "{what}: {error}");
            assert_eq!(server.connections().len(), number + 1, "{what}: {error}");
        }
    }
    assert!(cuts > 3_000, "{cuts}");
}

/// A server that takes nothing: not a byte was read, so the call is sent again.
#[tokio::test]
async fn where_no_connection_is_made_a_call_is_known_to_be_unsent() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Core::builder(url).build().unwrap();
    let error = within(20, crate::act(&client)).await.unwrap_err();
    assert!(!error.may_have_been_sent(), "{error}");
    assert_eq!(error.attempts(), 4);
}
