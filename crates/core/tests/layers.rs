//! What programs put around calls and attempts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Answers, CREATE, GET, Server, adds};
use deploykit_core::{
    Answer, Attempted, Call, Client, Endpoint, Event, HttpRequest, HttpResponse, Layer,
    NextAttempt, NextCall, RawResponse, Request, Result, Token, TransportError,
};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

/// Writes down what it sees.
#[derive(Debug, Clone, Default)]
struct Diary(&'static str, Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, text: String) {
        self.1.lock().unwrap().push(format!("{}{text}", self.0));
    }
}

impl Layer for Diary {
    fn call<'a>(&'a self, request: Request, next: NextCall<'a>) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            self.note(format!("> {}", request.endpoint().operation));
            let answer = next.run(request).await;
            let status = answer.as_ref().map(|it| it.response.status.as_u16());
            self.note(format!("< {:?}", status.map_err(|error| error.status())));
            answer
        })
    }

    fn attempt<'a>(
        &'a self,
        _: &'static Endpoint,
        mut request: HttpRequest,
        next: NextAttempt<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            request
                .headers
                .insert("x-signed", HeaderValue::from_static("yes"));
            let answer = next.run(request).await;
            self.note(format!(". {}", answer.as_ref().unwrap().status.as_u16()));
            answer
        })
    }

    fn event(&self, _: &'static Endpoint, event: Event) {
        self.note(format!("! {event:?}"));
    }
}

fn client(server: &Server, layers: &[Diary]) -> Client {
    let token = Token::bearer("canary-token").unwrap();
    let builder = server.builder().credential(token);
    let builder = layers
        .iter()
        .fold(builder, |it, layer| it.layer(layer.clone()));
    builder.build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn layers_see_calls_attempts_and_what_is_between() {
    let notes = Arc::default();
    let layers = [
        Diary("a", Arc::clone(&notes)),
        Diary("b", Arc::clone(&notes)),
    ];
    let server = Server::new([
        adds("retry-after", "2", Answers(503, "")),
        Answers(200, "{}"),
    ]);
    let client = client(&server, &layers);
    let _: Value = client
        .call(client.request(&GET).segment("id", &1))
        .await
        .unwrap();
    let again = format!(
        "! {:?}",
        Event::Again(deploykit_core::Outcome::Status(503), Duration::from_secs(2))
    );
    assert_eq!(
        *notes.lock().unwrap(),
        [
            "a> getThing".to_owned(),
            "b> getThing".to_owned(),
            "b. 503".to_owned(),
            "a. 503".to_owned(),
            format!("a{again}"),
            format!("b{again}"),
            "b. 200".to_owned(),
            "a. 200".to_owned(),
            "b< Ok(200)".to_owned(),
            "a< Ok(200)".to_owned(),
        ]
    );
    assert_eq!(server.sent()[0].headers["x-signed"], "yes");
}

#[tokio::test]
async fn streams_pass_through_layers() {
    let server = Server::new([Answers(200, "a long text")]);
    let client = client(&server, &[Diary::default()]);
    let mut stream = client.stream(client.request(&CREATE)).await.unwrap();
    assert_eq!(stream.body.next().await.unwrap().unwrap(), "a long text");
}

/// Counts attempts; would refuse calls if it were asked.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<Mutex<Vec<String>>>);

impl Layer for Counts {
    fn call<'a>(&'a self, _: Request, _: NextCall<'a>) -> BoxFuture<'a, Result<Answer>> {
        panic!("it only observes")
    }

    fn attempt<'a>(
        &'a self,
        _: &'static Endpoint,
        _: HttpRequest,
        _: NextAttempt<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse, TransportError>> {
        panic!("it only observes")
    }

    fn only_observes(&self) -> bool {
        true
    }

    fn attempted(&self, _: &'static Endpoint, attempt: &Attempted<'_>) {
        let note = format!("ended {:?}", attempt.result);
        self.0.lock().unwrap().push(note);
    }

    fn event(&self, _: &'static Endpoint, event: Event) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn layers_that_only_observe_are_told_and_not_run() {
    let notes = Arc::default();
    let server = Server::new([
        adds("retry-after", "2", Answers(503, "")),
        Answers(200, "{}"),
    ]);
    let counts = Counts(Arc::clone(&notes));
    let diary = Diary("a", Arc::clone(&notes));
    let both = server.builder().layer(counts.clone()).layer(diary);
    let both = both.build().unwrap();
    let call: Call<Value> = both.call(both.request(&GET).segment("id", &1));
    call.await.unwrap();
    let again = Event::Again(deploykit_core::Outcome::Status(503), Duration::from_secs(2));
    assert_eq!(
        *notes.lock().unwrap(),
        [
            "a> getThing".to_owned(),
            "a. 503".to_owned(),
            "ended Ok(503)".to_owned(),
            format!("{again:?}"),
            format!("a! {again:?}"),
            "a. 200".to_owned(),
            "ended Ok(200)".to_owned(),
            "a< Ok(200)".to_owned(),
        ]
    );

    notes.lock().unwrap().clear();
    let alone = server.builder().layer(counts).build().unwrap();
    let call: Call<Value> = alone.call(alone.request(&GET).segment("id", &1));
    call.await.unwrap();
    assert_eq!(*notes.lock().unwrap(), ["ended Ok(200)"]);
}

/// Answers every second call for the same thing by itself.
#[derive(Debug, Default)]
struct Cache(Mutex<Option<RawBody>>);

type RawBody = bytes::Bytes;

impl Layer for Cache {
    fn call<'a>(&'a self, request: Request, next: NextCall<'a>) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let endpoint = request.endpoint();
            let known = self.0.lock().unwrap().clone();
            if let Some(body) = known {
                let response = RawResponse::new(endpoint, StatusCode::OK, HeaderMap::new(), body);
                return Ok(Answer::new(response));
            }
            let answer = next.run(request).await?;
            *self.0.lock().unwrap() = Some(answer.response.body.clone());
            Ok(answer)
        })
    }
}

#[tokio::test]
async fn a_layer_can_answer_by_itself() {
    let server = Server::new([Answers(200, r#"{"id":7}"#)]);
    let client = server.builder().layer(Cache::default()).build().unwrap();
    for _ in 0..3 {
        let call: Call<Value> = client.call(client.request(&GET).segment("id", &1));
        assert_eq!(call.await.unwrap()["id"], 7);
    }
    assert_eq!(server.sent().len(), 1);
}
