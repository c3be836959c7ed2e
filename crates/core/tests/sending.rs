//! The sending path, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{Answers, CREATE, Fails, GET, Hangs, LIMITED, LIST, Server, adds};
use deploykit_core::{
    Call, Client, Endpoint, ErrorKind, Exchanged, ExchangedToken, Method, Outcome, Quota,
    RetryPolicy, Secret, Text,
};
use futures::StreamExt;
use serde_json::Value;
use tokio::time::Instant;

fn get(client: &Client) -> Call<Value> {
    client.call(client.request(&GET).segment("id", &7))
}

fn create(client: &Client) -> Call<Value> {
    client.call(
        client
            .request(&CREATE)
            .json(&serde_json::json!({"name": "x"})),
    )
}

#[tokio::test(start_paused = true)]
async fn a_call_sends_what_it_says() {
    let server = Server::new([adds("x-request-id", "req-1", Answers(201, r#"{"id":1}"#))]);
    let client = server.client();
    let response = create(&client)
        .header("x-dry-run", "true")
        .send()
        .await
        .unwrap();
    assert_eq!((response.status, response.attempts), (201, 1));
    assert_eq!(response.request_id.as_deref(), Some("req-1"));
    assert_eq!(response.value["id"], 1);
    let sent = &server.sent()[0];
    assert_eq!(
        (sent.method.as_str(), sent.url.as_str()),
        ("POST", "https://api.example.com/v1/things")
    );
    assert_eq!(sent.authorization.as_deref(), Some("Bearer canary-token"));
    assert!(sent.headers["authorization"].is_sensitive());
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(sent.headers["x-dry-run"], "true");
    assert_eq!(sent.body, r#"{"name":"x"}"#);
}

#[tokio::test]
async fn a_call_can_be_looked_at_without_sending_it() {
    let server = Server::new([Answers(200, "{}")]);
    let call = create(&server.client()).map_request(|request| request.query_pair("key", &"canary"));
    let preview = call.preview().unwrap();
    assert_eq!(
        preview.url.as_str(),
        "https://api.example.com/v1/things?key=canary"
    );
    assert_eq!(preview.headers["content-type"], "application/json");
    assert!(!preview.headers.contains_key("authorization"));
    assert!(
        matches!(&preview.body, deploykit_core::Body::Bytes(body) if body == r#"{"name":"x"}"#)
    );
    assert!(!format!("{preview:?} {call:?}").contains("canary"));
    assert!(server.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_not_repeated() {
    for (fault, kind) in [
        (Fails(Outcome::Interrupted), ErrorKind::Interrupted),
        (Hangs, ErrorKind::Timeout),
        (Answers(503, "busy"), ErrorKind::Status),
        (Answers(408, ""), ErrorKind::Status),
    ] {
        let server = Server::new([fault, Answers(200, "{}")]);
        let error = create(&server.client()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.may_have_been_sent(), "{error}");
        assert_eq!((server.sent().len(), error.attempts()), (1, 1), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_doubt_stays_through_later_attempts() {
    let server = Server::new([Fails(Outcome::Interrupted), Fails(Outcome::NotConnected)]);
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(
        error.may_have_been_sent(),
        "the first attempt may have been"
    );
    let server = Server::new([Fails(Outcome::NotConnected)]);
    assert!(
        !create(&server.client())
            .await
            .unwrap_err()
            .may_have_been_sent()
    );
    let server = Server::new([Answers(422, "{}")]);
    assert!(
        !create(&server.client())
            .await
            .unwrap_err()
            .may_have_been_sent()
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_surely_not_done_is_repeated() {
    let server = Server::new([
        Fails(Outcome::NotConnected),
        Answers(429, "Retry later"),
        Answers(200, "{}"),
    ]);
    let response = create(&server.client()).send().await.unwrap();
    assert_eq!((response.attempts, server.sent().len()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn reading_is_repeated_and_gives_up_with_all_that_is_known() {
    let server = Server::new([
        Fails(Outcome::Interrupted),
        Answers(502, "<!DOCTYPE html><p>Bad gateway"),
        Hangs,
        adds(
            "x-request-id",
            "req-9",
            Answers(500, r#"{"error":"on it"}"#),
        ),
    ]);
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(500), 4));
    assert_eq!(error.request_id(), Some("req-9"));
    let line = error.to_string();
    assert!(
        line.starts_with("getThing: 500 Internal Server Error: on it (after 4 attempts"),
        "{line}"
    );
    let report = error.report();
    for part in ["GET /v1/things/{id}", "req-9", "attempts: 4"] {
        assert!(report.contains(part), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_kept_and_past_the_cap_nothing_waits() {
    let server = Server::new([
        adds("retry-after", "7", Answers(503, "")),
        Answers(200, "1"),
    ]);
    let start = Instant::now();
    get(&server.client()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(7));

    let server = Server::new([adds("retry-after", "3600", Answers(429, "Retry later"))]);
    let start = Instant::now();
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(!error.may_have_been_sent());
}

#[tokio::test(start_paused = true)]
async fn no_attempt_outlives_the_total() {
    let server = Server::new([Hangs]);
    let policy = RetryPolicy {
        total: Duration::from_secs(40),
        ..RetryPolicy::default()
    };
    let start = Instant::now();
    let error = get(&server.client()).retry(policy).await.unwrap_err();
    assert!(error.is_timeout());
    assert!(
        start.elapsed() <= Duration::from_secs(40),
        "{:?}",
        start.elapsed()
    );
    assert!(
        server.sent().len() >= 2,
        "30 s for the first, what is left for the second"
    );
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_made_worse() {
    let server = Server::new([Answers(503, "")]);
    let client = server.client();
    for _ in 0..200 {
        get(&client).await.unwrap_err();
    }
    // 200 calls and the 100 retries that the budget allows, instead of 800.
    assert_eq!(server.sent().len(), 300);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_kept_and_a_429_holds_everybody() {
    let server = Server::new([Answers(200, "1")]);
    let client = server.client();
    let start = Instant::now();
    let calls = (0..6).map(|_| {
        let call: Call<u32> = client.call(client.request(&LIMITED));
        call.send()
    });
    let results = futures::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_ok));
    let took = start.elapsed();
    assert!(
        took >= Duration::from_secs(20) && took < Duration::from_secs(21),
        "{took:?}"
    );

    let server = Server::new([
        adds("retry-after", "30", Answers(429, "")),
        Answers(200, "1"),
    ]);
    let client = server.client();
    let start = Instant::now();
    let call = || -> Call<u32> { client.call(client.request(&LIMITED)) };
    let (first, second) = tokio::join!(call(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        call().await
    });
    first.unwrap();
    second.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(30));
    assert_eq!(server.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn limits_can_be_replaced_shared_and_left_out() {
    let server = Server::new([Answers(200, "1")]);
    let took = async |client: Client, other: Client| {
        let start = Instant::now();
        let calls = (0..4).map(|n| {
            let client = if n % 2 == 0 { &client } else { &other };
            let call: Call<u32> = client.call(client.request(&LIMITED));
            call.send()
        });
        assert!(
            futures::future::join_all(calls)
                .await
                .iter()
                .all(Result::is_ok)
        );
        start.elapsed()
    };
    let client = |builder: deploykit_core::ClientBuilder| builder.build().unwrap();
    let alone = client(server.builder());
    assert!(
        took(alone.clone(), alone).await >= Duration::from_secs(10),
        "as documented"
    );
    let one = client(server.builder());
    let apart = took(one, client(server.builder())).await;
    assert!(
        apart < Duration::from_secs(1),
        "two clients count apart: {apart:?}"
    );
    let one = client(server.builder());
    let two = client(server.builder().share_limits_with(&one));
    assert!(
        took(one, two).await >= Duration::from_secs(10),
        "unless they share"
    );
    let off = client(server.builder().without_quotas());
    assert!(took(off.clone(), off).await < Duration::from_secs(1));
    let more = Quota::new("things", 4, Duration::from_secs(10));
    let more = client(server.builder().quota(more));
    assert!(took(more.clone(), more).await < Duration::from_secs(1));
}

fn exchanging(server: &Server) -> (Client, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let credential = ExchangedToken::new(
        Duration::from_secs(300),
        Box::new(move || {
            let n = counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                Ok(Exchanged {
                    token: Secret::new(format!("bearer-{n}")),
                    lifetime: Duration::from_secs(3600),
                })
            })
        }),
    );
    (
        server.builder().credential(credential).build().unwrap(),
        count,
    )
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_exchanged_once_and_the_call_replayed_once() {
    let server = Server::new([Answers(401, ""), Answers(201, "{}")]);
    let (client, exchanges) = exchanging(&server);
    create(&client).await.unwrap();
    let tokens: Vec<_> = server
        .sent()
        .into_iter()
        .filter_map(|sent| sent.authorization)
        .collect();
    assert_eq!(tokens, ["Bearer bearer-0", "Bearer bearer-1"]);

    let server = Server::new([Answers(401, r#"{"error":"no access"}"#)]);
    let (client, exchanges_2) = exchanging(&server);
    let error = create(&client).await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(
        (server.sent().len(), exchanges_2.load(Ordering::SeqCst)),
        (2, 2)
    );
    assert_eq!(exchanges.load(Ordering::SeqCst), 2);

    let server = Server::new([Answers(401, "")]);
    assert!(
        create(&server.client())
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    assert_eq!(
        server.sent().len(),
        1,
        "a token that is what it is gains nothing from a replay"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_exchange_is_an_error_of_a_call_that_was_not_sent() {
    let server = Server::new([Answers(200, "{}")]);
    let auth = Server::new([Answers(500, "down")]).client();
    let credential = ExchangedToken::new(
        Duration::ZERO,
        Box::new(move || {
            let call = create(&auth);
            Box::pin(async move {
                call.await?;
                unreachable!("the exchange fails")
            })
        }),
    );
    let client = server.builder().credential(credential).build().unwrap();
    let error = create(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.status(), Some(500));
    assert!(!error.may_have_been_sent() && !error.is_unauthorized());
    assert!(server.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_credential_never_leaves_the_origin() {
    for location in [
        "https://evil.example/v1/things/7",
        "http://api.example.com/v1/things/7",
        "https://api.example.com:8443/v1/things/7",
        "//evil.example/x?token=canary",
    ] {
        let server = Server::new([adds("location", location, Answers(302, ""))]);
        let error = get(&server.client()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Origin, "{location}");
        assert_eq!(server.sent().len(), 1, "{location}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let server = Server::new([Answers(200, "{}")]);
    let client = server.client();
    let foreign = "https://evil.example/x".parse().unwrap();
    let call: Call<Value> = client.call(client.request(&LIST).at(foreign));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Origin);
    assert!(server.sent().is_empty());

    const PUBLIC: Endpoint = Endpoint::new("upload", Method::PUT, "").public();
    let address = "https://storage.example/x?signature=1".parse().unwrap();
    client
        .send(client.request(&PUBLIC).at(address))
        .await
        .unwrap();
    assert_eq!(
        server.sent()[0].authorization,
        None,
        "what needs no credential gets none"
    );
}

#[tokio::test(start_paused = true)]
async fn reading_follows_redirects_within_the_origin_and_not_for_ever() {
    let moved = || adds("location", "/v2/things/7", Answers(301, ""));
    let server = Server::new([moved(), Answers(200, r#"{"id":7}"#)]);
    assert_eq!(get(&server.client()).await.unwrap()["id"], 7);
    assert_eq!(server.sent()[1].url, "https://api.example.com/v2/things/7");

    let server = Server::new([moved()]);
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!((error.status(), server.sent().len()), (Some(301), 6));

    let server = Server::new([moved()]);
    assert_eq!(
        create(&server.client()).await.unwrap_err().status(),
        Some(301)
    );
    assert_eq!(
        server.sent().len(),
        1,
        "a call that acts is not sent elsewhere"
    );
}

#[tokio::test(start_paused = true)]
async fn a_decode_error_names_operation_status_and_place() {
    for (body, place) in [
        (
            r#"{"data":{"items":[{"n":1},{"n":"x"}]}}"#,
            "$.data.items[1].n",
        ),
        ("<html>", "$"),
        (r#"{"data":{"items":[]}} trailing"#, "$"),
    ] {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Thing {
            data: Data,
        }
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Data {
            items: Vec<Item>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Item {
            n: u32,
        }
        let server = Server::new([Answers(200, body)]);
        let client = server.client();
        let call: Call<Thing> = client.call(client.request(&GET).segment("id", &1));
        let error = call.await.unwrap_err();
        let line = error.to_string();
        assert!(
            line.contains("getThing") && line.contains("(200)"),
            "{line}"
        );
        assert!(line.contains(&format!("(at {place})")), "{line}");
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Decode, Some(200))
        );
        assert_eq!(error.body(), Some(body));
        assert!(!line.contains("trailing\"") && error.may_have_been_sent());
    }
    let server = Server::new([Answers(200, " ")]);
    let error = get(&server.client()).await.unwrap_err();
    assert!(error.to_string().contains("empty body"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_the_token_even_if_the_server_echoes_it() {
    let echo = r#"{"error":"bad token canary-token"}"#;
    let server = Server::new([Answers(400, echo)]);
    let client = server.client();
    let error = get(&client).await.unwrap_err();
    let shown = format!("{error} {error:?} {} {:?}", error.report(), error.body());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!format!("{client:?} {:?}", get(&client)).contains("canary"));
}

deploykit_core::request! {
    /// Secrets to send.
    pub struct Login {
        required {
            /// A secret.
            password: Secret,
        }
        optional {
            /// Another.
            otp: Secret,
            /// None.
            name: String,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_a_secret_of_the_body_that_the_server_quotes() {
    let echo = r#"{"errors":{"password":["canary-one is too short"],"otp":["canary-two, john"]}}"#;
    let server = Server::new([Answers(422, echo)]);
    let client = server.client();
    let login = Login::new("canary-one").otp("canary-two").name("john");
    let call: Call<Value> = client.call(client.request(&CREATE).json(&login));
    let error = call.await.unwrap_err();
    let shown = format!(
        "{error} {error:?} {} {:?} {:?}",
        error.report(),
        error.body(),
        error.api()
    );
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("john"), "what is no secret is told");
    assert_eq!(
        server.sent()[0].body,
        r#"{"password":"canary-one","otp":"canary-two","name":"john"}"#
    );
}

#[tokio::test(start_paused = true)]
async fn bad_input_sends_nothing() {
    let server = Server::new([Answers(200, "{}")]);
    let client = server.client();
    let bad: Vec<Call<Value>> = vec![
        client.call(client.request(&GET).segment("id", &"..")),
        client.call(client.request(&GET)),
        get(&client).header("Authorization", "Bearer mine"),
        get(&client).header("x-a", "line\nbreak"),
    ];
    for call in bad {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert_eq!(error.attempts(), 0);
    }
    assert!(server.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_the_head_and_fails_like_a_call() {
    let server = Server::new([Answers(503, ""), Answers(200, "one\ntwo")]);
    let client = server.client();
    let streaming = client.stream(client.request(&LIST)).await.unwrap();
    let lines: Vec<_> = deploykit_core::lines(streaming.body).collect().await;
    let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(
        server.sent().len(),
        2,
        "until it begins, it is repeated like any other"
    );

    let server = Server::new([Answers(404, "no log yet")]);
    let client = server.client();
    let error = client.stream(client.request(&LIST)).await.unwrap_err();
    assert_eq!(error.to_string(), "listThings: 404 Not Found: no log yet");
}

#[tokio::test(start_paused = true)]
async fn bodies_are_read_as_what_the_line_says() {
    const EMPTY: Endpoint = Endpoint::new("list", Method::GET, "/x").empty_means("[]");
    const OUTCOME: Endpoint = Endpoint::new("stop", Method::DELETE, "/x").outcomes(&[410]);
    let server = Server::new([Answers(204, ""), Answers(410, "gone"), Answers(200, "{}")]);
    let client = server.client();
    let list: Call<Vec<u32>> = client.call(client.request(&EMPTY));
    assert!(list.await.unwrap().is_empty());
    let gone: Call<Text> = client.call(client.request(&OUTCOME));
    assert_eq!(gone.send().await.unwrap().status, 410);
    Call::without_content(&client, client.request(&CREATE))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn calls_can_be_spawned_and_dropped() {
    let server = Server::new([Answers(200, "{}")]);
    let client = server.client();
    tokio::spawn(get(&client).send()).await.unwrap().unwrap();
    drop(get(&client));
    assert_eq!(
        server.sent().len(),
        1,
        "a call that is not awaited is not sent"
    );
}
