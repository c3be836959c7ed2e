//! What is traced while a deployment runs: every attempt, and no secret. A program of its own, as it listens to
//! all threads.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit::RetryPolicy;
use deploykit::scalingo::{Archive, Client, NewDeployment};
use deploykit_sandbox::Sandbox;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const APP: &str = "example-app";
const API_TOKEN: &str = "tk-us-canary-api-token";
const SECRETS: [&str; 4] = [
    "canary",
    // The API token as Basic sends it.
    "OnRrLXVzLWNhbmFyeS1hcGktdG9rZW4",
    // In the signatures of the stand-in's addresses.
    "00000000000000000000000000",
    // In the stand-in's bearer tokens.
    "c2lnbmVkIGJ5IHRoZSBzYW5kYm94",
];

/// Writes down every field of every span and event.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

impl Visit for &Notes {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field} = {value:?}").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Notes {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        attributes.record(&mut &*self);
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut &*self);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        event.record(&mut &*self);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_are_traced_and_secrets_are_not() {
    let notes = Notes::default();
    let subscriber = tracing_subscriber::registry().with(notes.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let sandbox = Sandbox::scalingo().speed(30.0).api_token(API_TOKEN);
    let sandbox = sandbox.without_quota().start().await.unwrap();
    let quick = RetryPolicy {
        base: Duration::from_millis(5),
        ..RetryPolicy::default()
    };
    let client = Client::builder()
        .token(API_TOKEN)
        .base_url(sandbox.base_url())
        .retry(quick)
        .build()
        .unwrap();
    sandbox.faults().on("POST", "/v1/sources").reset_after();
    sandbox.faults().on("PUT", "/sources/*").reset_after();
    sandbox.faults().on("GET", "/apps/*").times(3).drop_after(6);
    let archive = Archive::bytes(vec![0x1f, 0x8b, 8]);
    let deployment = client.deployments().deploy_archive(APP, archive).await;
    sandbox.expire_tokens();
    let follow = client.follow(APP, deployment.unwrap().id);
    let follow = follow.reconnect_after(Duration::from_millis(5));
    assert!(follow.wait().await.unwrap().succeeded());
    let source = NewDeployment::new("https://canary@example.com/a.tar.gz?token=canary");
    let trigger = sandbox.faults().on("POST", "/v1/apps/*/deployments");
    trigger.reset_before();
    let failed = client.deployments().trigger(APP, &source).await;
    failed.unwrap_err();

    let text = notes.0.lock().unwrap().clone();
    for seen in [
        "POST /v1/tokens/exchange",
        "POST /v1/sources",
        "uploadSource",
        "GET /v1/apps/{app}/deployments/{deployment_id}/output",
        "the live stream broke",
        "sending again",
    ] {
        assert!(text.contains(seen), "{seen} is not in: {text}");
    }
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is in: {text}");
    }
}
