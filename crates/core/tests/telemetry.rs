//! What the spans say, and what they must not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use common::{Answers, Fails, GET, Server};
use deploykit_core::{Call, Outcome};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span;

type Fields = BTreeMap<String, String>;

/// Keeps the fields of all spans and events.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Fields>>>);

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl tracing::Subscriber for Spans {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields::new();
        attributes.record(&mut Collect(&mut fields));
        let mut spans = self.0.lock().unwrap();
        spans.push(fields);
        span::Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut Collect(&mut self.0.lock().unwrap()[index]));
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Collect(&mut fields));
        self.0.lock().unwrap().push(fields);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_span_by_the_conventions_without_secrets() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let server = Server::new([
        Fails(Outcome::Interrupted),
        Answers(404, r#"{"error":"canary-body"}"#),
    ]);
    let client = server.client();
    let request = client
        .request(&GET)
        .segment("id", &"a b")
        .query_pair("token", &"canary-query");
    let call: Call<Value> = client.call(request);
    call.await.unwrap_err();

    let seen = spans.0.lock().unwrap().clone();
    let attempts: Vec<_> = seen
        .iter()
        .filter(|fields| fields.contains_key("url.template"))
        .collect();
    assert_eq!(attempts.len(), 2);
    for (field, value) in [
        ("otel.name", "GET /v1/things/{id}"),
        ("otel.kind", "client"),
        ("http.request.method", "GET"),
        ("url.template", "/v1/things/{id}"),
        ("url.full", "https://api.example.com/v1/things/a%20b"),
        ("server.address", "api.example.com"),
        ("server.port", "443"),
        ("deploykit.operation", "getThing"),
    ] {
        assert_eq!(attempts[0][field], value, "{field}");
    }
    assert_eq!(attempts[0]["error.type"], "interrupted");
    assert!(!attempts[0].contains_key("http.request.resend_count"));
    assert_eq!(attempts[1]["http.request.resend_count"], "1");
    assert_eq!(attempts[1]["http.response.status_code"], "404");
    assert_eq!(attempts[1]["error.type"], "404");
    let call = seen
        .iter()
        .find(|fields| fields.contains_key("deploykit.attempts"));
    for (field, value) in [
        ("otel.name", "getThing"),
        ("otel.kind", "internal"),
        ("deploykit.attempts", "2"),
        ("error.type", "status"),
    ] {
        assert_eq!(call.unwrap()[field], value, "{field}");
    }
    assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
}
