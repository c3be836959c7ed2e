//! Rows called by names and JSON, as tools do.

#![cfg(feature = "dispatch")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use deploykit_core::memory::Recorder;
use deploykit_core::{
    Client, Endpoint, ErrorKind, Method, Payload, Result, Streaming, Text, dispatch, lines,
};
use futures::stream::BoxStream;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

deploykit_core::id! {
    /// A thing.
    pub struct ThingId(u64);
}

deploykit_core::model! {
    /// A thing.
    pub struct Thing {
        required {
            /// Identifies it.
            id: ThingId,
        }
    }
}

deploykit_core::request! {
    /// Which things.
    pub struct Which {
        optional {
            /// So many.
            most: u32,
            /// Whose.
            owner: String,
        }
    }
}

/// Parameters that may come several times.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pairs(Vec<(String, String)>);

impl Payload for Pairs {}

/// What only ever is sent.
#[derive(Debug, Serialize)]
pub struct Sealed {}

impl Payload for Sealed {}

/// What came, line by line.
#[allow(missing_debug_implementations, reason = "nobody prints it")]
pub struct Lines(BoxStream<'static, Result<String>>);

impl From<Streaming> for Lines {
    fn from(answer: Streaming) -> Self {
        Self(Box::pin(lines(answer.body)))
    }
}

impl futures::Stream for Lines {
    type Item = Result<String>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

/// A stream of nothing.
#[derive(Debug)]
pub struct Silent;

impl From<Streaming> for Silent {
    fn from(_: Streaming) -> Self {
        Self
    }
}

deploykit_core::endpoints! {
    /// Things.
    pub struct Things;

    /// Lists some.
    listThings: GET "/things" => list(query: &Which) -> Pages<Thing> [envelope("things")];

    /// Lists others.
    listOthers: GET "/others" => others(query: &Pairs) -> Vec<Thing>;

    /// Makes one.
    makeThing: POST "/things" => make(body: &Which) -> Thing [enveloped("thing")];

    /// Moves one.
    moveThing: PUT "/things/{thing_id}" => place(thing_id: ThingId, form: &Pairs);

    /// Tells of one.
    tellOfThing: PUT "/things/{thing_id}/text" => tell(thing_id: ThingId, text: impl Into<String>) -> Text;

    /// Seals one.
    sealThing: POST "/seals" => seal(body: &Sealed);

    /// Follows one.
    followThing: GET "/things/{thing_id}/log" => follow(thing_id: ThingId) -> Streamed<Lines>;

    /// Does not.
    ignoreThing: GET "/things/{thing_id}/log" => ignore(thing_id: ThingId) -> Streamed<Silent>;
}

fn row(operation: &str) -> &'static Endpoint {
    let mut rows = Things::ENDPOINTS.iter();
    rows.find(|row| row.operation == operation).unwrap()
}

fn client(service: &Recorder) -> Client {
    let client = Client::builder("https://api.example.com").max_body(100);
    client.transport(service.clone()).build().unwrap()
}

async fn called(service: &Recorder, operation: &str, given: Value) -> Result<Option<Value>> {
    let client = client(service);
    let given = given.as_object().unwrap();
    let request = (row(operation).dispatch.unwrap().request)(&client, given)?;
    dispatch::call(&client, request).await
}

#[tokio::test]
async fn values_come_as_json() {
    let service = Recorder::new();
    service.answers("GET", "/things", 200, json!({"things": [{"id": 1}]}));
    service.answers("GET", "/others", 200, json!([{"id": 2, "more": 5}]));
    service.answers("POST", "/things", 201, json!({"thing": {"id": 3}}));
    service.answers("PUT", "/things/4", 200, json!({"any": "thing"}));
    let plain = |method, path, text: &'static str| {
        service.answers_with(method, path, 200, HeaderMap::new(), text);
    };
    plain("PUT", "/things/5/text", "said");
    plain("GET", "/things/6/log", "one\ntwo\n");
    for (operation, given, value) in [
        ("listThings", json!({}), Some(json!([{"id": 1}]))),
        ("listOthers", json!({"query": []}), Some(json!([{"id": 2}]))),
        ("makeThing", json!({}), Some(json!({"id": 3}))),
        (
            "moveThing",
            json!({"thing_id": 4, "form": ""}),
            Some(Value::Null),
        ),
        (
            "tellOfThing",
            json!({"thing_id": "5", "text": "t"}),
            Some(json!("said")),
        ),
        (
            "followThing",
            json!({"thing_id": 6}),
            Some(json!(["one", "two"])),
        ),
        ("ignoreThing", json!({"thing_id": 6}), None),
    ] {
        let read = called(&service, operation, given).await.unwrap();
        assert_eq!(read, value, "{operation}");
    }
}

#[tokio::test]
async fn a_query_or_form_is_an_object_or_what_is_sent() {
    let service = Recorder::new();
    service.answers("GET", "/things", 200, json!({"things": []}));
    service.answers("GET", "/others", 200, json!([]));
    service.answers("PUT", "/things/4", 204, Value::Null);
    let sent = async |operation, given| {
        called(&service, operation, given).await.unwrap();
        let asked = service.requests().pop().unwrap();
        let query = asked.query.iter();
        let query: Vec<_> = query
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (
            query.join("&"),
            String::from_utf8(asked.body.to_vec()).unwrap(),
        )
    };
    for query in [
        json!({"most": 5, "owner": "7"}),
        json!({"most": "5", "owner": "7"}),
        json!("owner=7&most=5"),
    ] {
        let (query, _) = sent("listThings", json!({ "query": query })).await;
        assert_eq!(query, "most=5&owner=7");
    }
    for pairs in [
        json!([["a", "1 2"], ["a", "3"]]),
        json!({"a": ["1 2", 3], "b": null}),
        json!("a=1+2&a=3"),
    ] {
        let (query, _) = sent("listOthers", json!({ "query": pairs })).await;
        assert_eq!(query, "a=1 2&a=3");
        let (_, form) = sent("moveThing", json!({"thing_id": 4, "form": pairs})).await;
        assert_eq!(form, "a=1+2&a=3");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let service = Recorder::new();
    for (operation, given, named) in [
        ("moveThing", json!({"form": []}), "thing_id"),
        (
            "moveThing",
            json!({"thing_id": "x", "form": []}),
            "thing_id",
        ),
        ("moveThing", json!({"thing_id": 4, "form": 5}), "form"),
        ("tellOfThing", json!({"thing_id": 4}), "text"),
        ("listThings", json!({"query": {"most": "many"}}), "query"),
        ("listThings", json!({"query": "most=many"}), "query"),
        // A body is JSON: a text is none of its fields.
        ("makeThing", json!({"body": "most=5"}), "body"),
        ("sealThing", json!({"body": {}}), "body"),
    ] {
        let error = called(&service, operation, given).await.unwrap_err();
        assert!(error.is_invalid(), "{operation}: {error}");
        assert!(error.to_string().contains(&format!("`{named}`")), "{error}");
    }
    const LOOSE: Endpoint = Endpoint::new("loose", Method::GET, "/loose");
    let client = client(&service);
    let error = dispatch::call(&client, client.request(&LOOSE)).await;
    assert!(error.unwrap_err().is_invalid());
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn a_stream_ends_at_the_limit_for_bodies() {
    let service = Recorder::new();
    for (path, lines) in [("/things/6/log", 20), ("/things/7/log", 21)] {
        let text = "line\n".repeat(lines);
        service.answers_with("GET", path, 200, HeaderMap::new(), text);
    }
    let read = called(&service, "followThing", json!({"thing_id": 6})).await;
    assert_eq!(read.unwrap().unwrap().as_array().unwrap().len(), 20);
    let error = called(&service, "followThing", json!({"thing_id": 7})).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::TooLong);
}
