//! The Scalingo stand-in without its deployments: tokens, apps, the quota, sources, operations.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use deploykit_sandbox::scalingo::{RetryAfter, Scalingo};
use deploykit_sandbox::{Builder, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, answer, at_once};

#[tokio::test]
async fn the_api_token_is_exchanged_for_one_that_expires() {
    let client = Client::start(Sandbox::scalingo().token_lifetime(Duration::from_secs(600))).await;
    let url = format!("{}/v1/tokens/exchange", client.server.base_url());
    let exchange = |user: &str, password: &str| {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        let request = client
            .http
            .post(&url)
            .header("authorization", format!("Basic {credentials}"));
        async { answer(request.send().await.unwrap()).await }
    };
    let token = client.server.token();
    let (status, answered) = exchange("", &token).await;
    assert_eq!(status, 200);
    let bearer = answered["token"].as_str().unwrap().to_owned();
    let claims = bearer.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        600
    );

    for wrong in [
        exchange("", "tk-us-wrong").await,
        exchange("user", &token).await,
    ] {
        assert_eq!(wrong, (401, json!({"error": "Invalid credentials"})));
    }
    let client = Client { bearer, ..client };
    assert_eq!(client.get("/v1/apps").await.0, 200);
    client.server.expire_tokens();
    assert_eq!(client.get("/v1/apps").await.0, 401);
}

#[tokio::test]
async fn tokens_expire_by_themselves() {
    let lifetime = Duration::from_millis(50);
    let builder = Sandbox::scalingo()
        .token_lifetime(lifetime)
        .without_quota()
        .speed(1e6);
    let before = Instant::now();
    let client = Client::start(builder).await;
    let expired = async { while client.get("/v1/apps").await.0 == 200 {} };
    tokio::time::timeout(PATIENCE, expired).await.unwrap();
    assert!(before.elapsed() >= lifetime, "speed doesn't shorten it");
    assert_eq!(client.get("/v1/apps").await.0, 401);
}

#[tokio::test]
async fn nothing_but_the_regions_is_open() {
    let client = Client::start(Sandbox::scalingo()).await;
    let client = Client {
        bearer: "wrong".to_owned(),
        ..client
    };
    for path in [
        "/v1/apps",
        "/v1/apps/example-app/deployments",
        "/v1/nothing",
    ] {
        assert_eq!(
            client.get(path).await,
            (401, json!({"error": "Invalid credentials"}))
        );
    }
    let (status, regions) = client.get("/v1/regions").await;
    assert_eq!(status, 200);
    assert_eq!(regions["regions"][0]["api"], client.server.base_url());
}

#[tokio::test]
async fn apps_are_found_by_name_and_id() {
    let client = Client::start(Sandbox::scalingo().app("one").app("two")).await;
    let (_, all) = client.get("/v1/apps").await;
    assert_eq!(all["apps"].as_array().unwrap().len(), 2);
    let (_, by_name) = client.get("/v1/apps/two").await;
    let id = by_name["app"]["id"].as_str().unwrap();
    let (_, by_id) = client.get(&format!("/v1/apps/{id}")).await;
    assert_eq!(by_id, by_name);
    let stream = by_name["app"]["links"]["deployments_stream"].as_str();
    assert_eq!(stream, client.server.stream_url("two").as_deref());
    let missing = (404, json!({"resource": "app", "error": "not found"}));
    assert_eq!(client.get("/v1/apps/three").await, missing);
    assert_eq!(client.get("/v1/apps/three/deployments").await, missing);
    assert_eq!(client.get("/v1/apps/").await, missing);
}

#[tokio::test]
async fn the_61st_request_of_a_minute_is_refused() {
    let client = Client::start(Sandbox::scalingo()).await;
    for _ in 0..60 {
        assert_eq!(client.get("/v1/apps").await.0, 200);
    }
    let refused = client.call(Method::GET, "/v1/apps", "").await;
    assert_eq!(refused.status(), 429);
    assert!(
        refused.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    assert!(!refused.headers().contains_key("retry-after"));
    assert_eq!(refused.text().await.unwrap(), "Retry later");
    let again = Client {
        bearer: client.server.bearer(),
        ..client
    };
    assert_eq!(
        again.call(Method::GET, "/v1/apps", "").await.status(),
        429,
        "one account"
    );
}

#[tokio::test]
async fn retry_after_comes_in_seconds_or_as_a_date() {
    let used_up = async |builder: Builder<Scalingo>| {
        let client = Client::start(builder).await;
        for _ in 0..60 {
            client.get("/v1/apps").await;
        }
        let refused = client.call(Method::GET, "/v1/apps", "").await;
        assert_eq!(refused.status(), 429);
        refused.headers()["retry-after"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let seconds = used_up(Sandbox::scalingo().retry_after(RetryAfter::Seconds)).await;
    let seconds: u64 = seconds.parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let date = used_up(Sandbox::scalingo().retry_after(RetryAfter::Date)).await;
    let date = jiff::fmt::rfc2822::parse(&date.replace("GMT", "+0000"))
        .unwrap()
        .timestamp();
    let ahead = date.as_second() - jiff::Timestamp::now().as_second();
    assert!((1..=61).contains(&ahead), "{ahead}");
}

#[tokio::test]
async fn the_quota_can_be_off_or_fast() {
    let client = Client::start(Sandbox::scalingo().without_quota()).await;
    for _ in 0..70 {
        assert_eq!(client.get("/v1/apps").await.0, 200);
    }
    // A minute takes a second, which is more than 60 requests do.
    let client = Client::start(Sandbox::scalingo().speed(60.0)).await;
    let refused_then_served = async {
        while client.get_status("/v1/apps").await == 200 {}
        while client.get_status("/v1/apps").await == 429 {}
    };
    tokio::time::timeout(PATIENCE, refused_then_served)
        .await
        .unwrap();
}

#[tokio::test]
async fn sources_are_uploaded_without_a_token() {
    let client = Client::start(at_once()).await;
    let (status, source) = client.post("/v1/sources", json!({})).await;
    assert_eq!(status, 201);
    let url = |name: &str| source["source"][name].as_str().unwrap().to_owned();
    let (upload, download) = (url("upload_url"), url("download_url"));
    let put = |url: &str| {
        client
            .http
            .put(url)
            .header("content-type", "application/x-gzip")
    };
    let trigger = async || {
        let body = json!({"deployment": {"source_url": download}});
        let (_, one) = client.post("/v1/apps/example-app/deployments", body).await;
        one["deployment"]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        client.http.get(&download).send().await.unwrap().status(),
        404
    );
    assert_eq!(trigger().await, "build-error", "nothing to fetch yet");

    let refused = [
        (put(&upload).bearer_auth(&client.bearer).body("x"), 400),
        (client.http.put(&upload).body("x"), 403),
        (put(&download).body("x"), 403),
        (put(&upload.replace("0001.tar", "0002.tar")).body("x"), 404),
    ];
    for (request, expected) in refused {
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
    let chunks = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>("x")]));
    assert_eq!(
        put(&upload).body(chunks).send().await.unwrap().status(),
        411
    );
    assert!(client.server.uploads().is_empty());

    assert_eq!(
        put(&upload).body("archive").send().await.unwrap().status(),
        200
    );
    assert_eq!(client.server.uploads(), ["archive"]);
    let fetched = client.http.get(&download).send().await.unwrap();
    assert_eq!(fetched.text().await.unwrap(), "archive");
    assert_eq!(trigger().await, "success");
}

#[tokio::test]
async fn sources_expire() {
    // Ten minutes take a microsecond.
    let client = Client::start(at_once().speed(6e8)).await;
    let (_, source) = client.post("/v1/sources", json!({})).await;
    let upload = source["source"]["upload_url"].as_str().unwrap();
    let put = client
        .http
        .put(upload)
        .header("content-type", "application/x-gzip")
        .body("x");
    let refused = put.send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(
        refused
            .text()
            .await
            .unwrap()
            .contains("Request has expired")
    );
}

#[tokio::test]
async fn operations_go_from_pending_to_their_end() {
    let restart = async |client: &Client| {
        let path = "/v1/apps/example-app/restart";
        let answer = client.call(Method::POST, path, "{\"scope\":[]}").await;
        assert_eq!(answer.status(), 202);
        let location = answer.headers()["location"].to_str().unwrap();
        location
            .strip_prefix(client.server.base_url())
            .unwrap()
            .to_owned()
    };
    let client = Client::start(Sandbox::scalingo()).await;
    let (_, answer) = client.get(&restart(&client).await).await;
    assert_eq!(answer["operation"]["status"], "pending");
    assert_eq!(answer["operation"].get("finished_at"), None);

    for (builder, end) in [
        (Sandbox::scalingo(), "done"),
        (Sandbox::scalingo().failing_operations(), "error"),
    ] {
        let client = Client::start(builder.speed(100.0).without_quota()).await;
        let path = restart(&client).await;
        let ended = async {
            loop {
                let (_, answer) = client.get(&path).await;
                let operation = &answer["operation"];
                if operation["status"] != "pending" && operation["status"] != "running" {
                    return operation.clone();
                }
            }
        };
        let operation = tokio::time::timeout(PATIENCE, ended).await.unwrap();
        assert_eq!(operation["status"], end);
        assert_eq!(operation["error"].is_string(), end == "error");
        assert!(operation["finished_at"].is_string());
    }
    let missing = (404, json!({"resource": "operation", "error": "not found"}));
    assert_eq!(
        client.get("/v1/apps/example-app/operations/none").await,
        missing
    );
}
