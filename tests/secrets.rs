//! No secret is shown by anything that can be printed or traced, of any service: a server that echoes what it got,
//! in the spellings that servers use, is called with a secret in every place that one can be sent in. A program
//! of its own, as it listens to all threads, at TRACE.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use deploykit::devopness::credentials::{
    CredentialInputSettings, NewCredential, ProviderCode, ProviderCredential, ProviderType,
};
use deploykit::edgegap::matchmaker::Matchmaker;
use deploykit::edgegap::{Deploy, NewEndpointStorage, NewRelaySession, NewVersion, SelfStop};
use deploykit::scalingo::NewDeployment;
use deploykit::tideways::Provision;
use deploykit::tsuru::{NewUser, NewVariables, ServiceManifest};
use deploykit::{Error, RetryPolicy};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

const TOKEN: &str = "tk-canary-token";
const SECRET: &str = "canary/\"sécret\" & <more>\n1";

/// Writes down all that is shown or traced.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

impl Notes {
    fn shows(&self, thing: &impl Debug) {
        write!(self.0.lock().unwrap(), "{thing:?}\n{thing:#?}\n").unwrap();
    }

    fn fails<T: Debug>(&self, result: Result<T, Error>) {
        let error = result.unwrap_err();
        assert!(
            error.body().is_none_or(|body| body.contains("[redacted]")),
            "{error:?}"
        );
        self.shows(&error);
        let mut text = format!(
            "{error} {} {:?} {:?}\n",
            error.report(),
            error.body(),
            error.api()
        );
        text += &format!("{:?}\n", error.headers());
        let mut cause = error.source();
        while let Some(error) = cause {
            text += &format!("{error} {error:?}\n");
            cause = error.source();
        }
        self.0.lock().unwrap().push_str(&text);
    }
}

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

/// Echoes what it got: as it is, and in JSON as PHP and Go write it.
async fn echo() -> MockServer {
    let server = MockServer::start().await;
    let echo = |request: &Request| {
        let mut said = format!("{} {}\n", request.method, request.url);
        for (name, value) in &request.headers {
            writeln!(said, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        said += &String::from_utf8_lossy(&request.body);
        let json = serde_json::to_string(&said).unwrap();
        let php = json.replace('/', r"\/").replace('é', r"\u00e9");
        let go = json.replace('&', r"\u0026").replace('<', r"\u003c");
        let token = request.headers.get("authorization");
        let token = token.map_or("none", |token| token.to_str().unwrap());
        ResponseTemplate::new(422)
            .insert_header("x-request-id", token)
            .insert_header(
                "location",
                format!("https://example.com/{token}").replace(' ', "+"),
            )
            .set_body_string(format!(
                r#"{{"message":{php},"errors":{{"a":[{go}]}},"code":{json}}}"#
            ))
    };
    Mock::given(matchers::any())
        .respond_with(echo)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn nothing_that_can_be_printed_or_traced_shows_a_secret() {
    let notes = Notes::default();
    let subscriber = tracing_subscriber::registry().with(notes.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = echo().await;
    let base = format!("{}/canary-base", server.uri());
    let never = RetryPolicy::never();

    let builder = deploykit::scalingo::Client::builder()
        .bearer(TOKEN)
        .base_url(&base)
        .retry(never);
    notes.shows(&builder);
    let scalingo = builder.build().unwrap();
    notes.shows(&scalingo);
    let new = NewDeployment::new("https://joe:canary-pw-1@example.com/a?token=canary-query-1");
    let call = scalingo
        .deployments()
        .trigger("app", &new)
        .header("x-key", "canary-header");
    notes.shows(&call);
    notes.shows(&call.preview().unwrap());
    notes.fails(call.await);
    let exchanging = deploykit::scalingo::Client::builder()
        .token(TOKEN)
        .base_url(&base);
    notes.fails(exchanging.retry(never).build().unwrap().apps().list().await);

    let builder = deploykit::edgegap::Client::builder()
        .token(TOKEN)
        .base_url(&base)
        .retry(never);
    notes.shows(&builder);
    let edgegap = builder.build().unwrap();
    notes.shows(&edgegap);
    let order = Deploy::new("my-app", "v1")
        .user_ip("203.0.113.1")
        .hidden_variable("KEY", SECRET)
        .variable("OTHER", "canary-variable")
        .webhook_on_ready("https://hooks.example.com/T0/canary-hook-1?k=canary-2");
    let call = edgegap.deployments().deploy(&order);
    notes.shows(&(&order, &call));
    notes.fails(call.await);
    let version = NewVersion::new("1", 512, 1024, "r.example.com", "game", "1")
        .private_token(SECRET)
        .variable("KEY", "canary-value");
    let call = edgegap.versions().create("my-app", &version);
    notes.shows(&(&version, &call, edgegap.release("my-app", version.clone())));
    notes.fails(call.await);
    let storage = NewEndpointStorage::new("logs", "AKIA", "https://s3.example.com", "b", SECRET);
    notes.shows(&storage);
    notes.fails(edgegap.endpoint_storages().create(&storage).await);
    let session = NewRelaySession::of(["203.0.113.1"]).webhook_url("https://example.com/canary-3");
    notes.shows(&session);
    notes.fails(edgegap.relays().create(&session).await);
    let instance = Matchmaker::builder()
        .base_url(&base)
        .token(TOKEN)
        .retry(never);
    notes.shows(&instance);
    let instance = instance.build().unwrap();
    notes.shows(&instance);
    notes.fails(instance.monitor().await);
    let stop = SelfStop::builder()
        .deployment("a", "canary-stop-key")
        .token(TOKEN)
        .base_url(&base)
        .retry(never);
    notes.shows(&stop);
    let stop = stop.build().unwrap();
    notes.shows(&(&stop, stop.stop()));
    notes.fails(stop.stop().await);
    let address = format!("{}/v1/self/stop/a/canary-stop-key", server.uri());
    let stop = SelfStop::builder()
        .url(address)
        .token(TOKEN)
        .base_url(&base)
        .retry(never);
    notes.shows(&stop);
    notes.fails(stop.build().unwrap().stop().await);

    let builder = deploykit::devopness::Client::builder()
        .token(TOKEN)
        .base_url(&base)
        .retry(never);
    notes.shows(&builder);
    let devopness = builder.build().unwrap();
    notes.shows(&devopness);
    let aws = CredentialInputSettings::new(ProviderCredential::aws("AKIA", SECRET));
    let new = NewCredential::new(
        "mine",
        ProviderCode::Aws,
        ProviderType::CloudProvider,
        true,
        aws,
    );
    let call = devopness.credentials().add_to_organization("mine", &new);
    notes.shows(&(&new, &call));
    notes.fails(call.await);
    let call = devopness.servers().connect(1u64, "canary-activation");
    notes.shows(&call);
    notes.fails(call.await.map(|_| ()));

    let builder = deploykit::tideways::Client::builder()
        .token(TOKEN)
        .organization("acme")
        .base_url(&base)
        .retry(never);
    notes.shows(&builder);
    let tideways = builder.build().unwrap();
    notes.shows(&tideways);
    notes.fails(
        tideways
            .provisioning()
            .provision(&Provision::new("shop"))
            .await,
    );

    let builder = deploykit::tsuru::Client::builder()
        .target(&base)
        .token(TOKEN)
        .retry(never);
    notes.shows(&builder);
    let tsuru = builder.build().unwrap();
    notes.shows(&tsuru);
    let variables = NewVariables::new([("KEY", SECRET)]);
    notes.fails(tsuru.apps().set_env("app", &variables).await.map(|_| ()));
    notes.fails(tsuru.users().create(&NewUser::new("a@b.c", SECRET)).await);
    let manifest = ServiceManifest::new("redis", "redis.local").password("canary-password");
    notes.fails(tsuru.services().create(&manifest).await);

    assert!(server.received_requests().await.unwrap().len() >= 11);
    let text = notes.0.lock().unwrap();
    for line in text.lines() {
        assert!(
            !line.contains("canary") && !line.contains("Y2FuYXJ5"),
            "{line}"
        );
    }
    for seen in [
        "exchangeToken",
        "connectServer",
        "url.full",
        "[redacted]",
        "/…/v1/apps",
    ] {
        assert!(text.contains(seen), "{seen}");
    }
}
