//! The Scalingo stand-in's timeline, logs and drains, as other clients than ours ask for them.

use std::time::Duration;

use deploykit_sandbox::Sandbox;
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, PATIENCE, at_once};

const APP: &str = "/v1/apps/example-app";

#[tokio::test]
async fn a_log_is_followed_by_websocket_with_signs_of_life() {
    let ping_every = Duration::from_millis(50);
    let client = Client::start(Sandbox::scalingo().ping_every(ping_every)).await;
    client
        .server
        .write_log("example-app", "web-1", "old")
        .unwrap();
    let (_, answer) = client.get(&format!("{APP}/logs")).await;
    let address = answer["logs_url"]
        .as_str()
        .unwrap()
        .replace("http://", "ws://");
    let url = format!("{address}&stream=true&filter=web");
    let (mut socket, _) = connect_async(url).await.unwrap();
    let mut next = async || -> Value {
        let frame = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        serde_json::from_str(frame.unwrap().unwrap().to_text().unwrap()).unwrap()
    };
    let first = next().await;
    assert_eq!(first["event"], "log");
    assert!(
        first["log"].as_str().unwrap().ends_with(" [web-1] old\r\n"),
        "{first}"
    );
    assert_eq!(next().await["event"], "ping");
    client
        .server
        .write_log("example-app", "worker-1", "not asked for")
        .unwrap();
    client
        .server
        .write_log("example-app", "web-2", "new")
        .unwrap();
    let new = loop {
        let frame = next().await;
        if frame["event"] == "log" {
            break frame;
        }
    };
    assert!(
        new["log"].as_str().unwrap().ends_with(" [web-2] new\r\n"),
        "{new}"
    );
    socket.send(Message::Close(None)).await.unwrap();
}

#[tokio::test]
async fn addresses_of_logs_are_signed_and_want_no_token() {
    let client = Client::start(Sandbox::scalingo().logs_archives(11)).await;
    let (_, first) = client.get(&format!("{APP}/logs_archives")).await;
    assert_eq!(
        (&first["has_more"], &first["next_cursor"]),
        (&json!(true), &json!("10"))
    );
    let (_, last) = client.get(&format!("{APP}/logs_archives?cursor=10")).await;
    assert_eq!(last["archives"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&last["has_more"], &last["next_cursor"]),
        (&json!(false), &json!(""))
    );
    assert_eq!(
        client.get(&format!("{APP}/logs_archives?cursor=x")).await.0,
        400
    );

    let archive = first["archives"][0]["url"].as_str().unwrap();
    let (_, log) = client.get(&format!("{APP}/logs")).await;
    let log = log["logs_url"].as_str().unwrap();
    for (url, bearer, status) in [
        (archive.to_owned(), false, 200),
        (archive.to_owned(), true, 400),
        (archive.replace("X-Sig=", "X-Sig=x"), false, 403),
        (log.to_owned(), false, 204),
        (log.to_owned(), true, 401),
        (log.replace("token=", "token=x"), false, 401),
    ] {
        let request = client.http.get(&url);
        let request = match bearer {
            true => request.bearer_auth(&client.bearer),
            false => request,
        };
        assert_eq!(
            request.send().await.unwrap().status(),
            status,
            "{url} {bearer}"
        );
    }
}

#[tokio::test]
async fn the_timeline_comes_in_pages_or_of_the_last_hours() {
    let client = Client::start(at_once().without_quota()).await;
    for _ in 0..25 {
        client
            .call(Method::POST, &format!("{APP}/restart"), "{}")
            .await;
    }
    client.trigger().await;
    let (_, first) = client.get(&format!("{APP}/events")).await;
    let newest = &first["events"][0];
    assert_eq!(
        (&newest["type"], &newest["type_data"]["status"]),
        (&json!("deployment"), &json!("success"))
    );
    assert_eq!(first["events"].as_array().unwrap().len(), 20);
    assert_eq!(first["meta"]["pagination"]["total_count"], 26);
    let (_, second) = client.get(&format!("{APP}/events?page=2")).await;
    assert_eq!(second["events"].as_array().unwrap().len(), 6);
    let (_, all) = client.get(&format!("{APP}/events?from=1&per_page=1")).await;
    assert_eq!(
        all["events"].as_array().unwrap().len(),
        26,
        "hours go before pages"
    );
    for hours in ["0", "73", "x"] {
        let (status, answer) = client.get(&format!("{APP}/events?from={hours}")).await;
        assert_eq!(status, 422);
        assert!(answer["errors"]["from"].is_array(), "{answer}");
    }
}

#[tokio::test]
async fn a_drain_is_removed_by_a_body_as_documented_and_by_a_query() {
    let client = Client::start(Sandbox::scalingo()).await;
    let path = format!("{APP}/log_drains");
    for by_query in [true, false] {
        let order =
            json!({"drain": {"type": "syslog", "host": "logs.example.com", "port": "1234"}});
        let (status, made) = client.post(&path, order).await;
        assert_eq!(status, 201);
        let url = made["drain"]["url"].as_str().unwrap();
        let (path, body) = match by_query {
            true => (format!("{path}?url={url}"), String::new()),
            false => (path.clone(), json!({"url": url}).to_string()),
        };
        assert_eq!(client.call(Method::DELETE, &path, body).await.status(), 204);
    }
    let drains = (200, json!({"drains": []}));
    assert_eq!(client.get(&path).await, drains);
    let (status, refused) = client
        .post(&path, json!({"drain": {"type": "pigeon"}}))
        .await;
    assert_eq!(
        (status, refused),
        (422, json!({"errors": {"type": ["is not supported"]}}))
    );
}

#[tokio::test]
async fn what_is_made_by_mistake_is_refused_in_the_service_s_words() {
    let client = Client::start(Sandbox::scalingo()).await;
    let autoscaler = |min: u64, max: u64| {
        json!({"autoscaler": {"container_type": "web", "metric": "cpu", "target": 0.5, "min_containers": min,
            "max_containers": max}})
    };
    let alert =
        |metric: &str| json!({"alert": {"container_type": "web", "metric": metric, "limit": 1}});
    for (path, body, status, field) in [
        ("autoscalers", autoscaler(3, 2), 422, "min_containers"),
        ("autoscalers", json!({}), 422, "container_type"),
        ("alerts", alert("mood"), 422, "metric"),
        (
            "notifiers",
            json!({"notifier": {"platform_id": "none", "name": "x"}}),
            404,
            "notification_platform",
        ),
    ] {
        let (got, answer) = client.post(&format!("{APP}/{path}"), body).await;
        assert_eq!(got, status, "{answer}");
        assert!(answer.to_string().contains(field), "{answer}");
    }
    let (status, made) = client
        .post(&format!("{APP}/autoscalers"), autoscaler(2, 3))
        .await;
    assert_eq!(status, 201);
    let path = format!(
        "{APP}/autoscalers/{}",
        made["autoscaler"]["id"].as_str().unwrap()
    );
    let wrong =
        json!({"autoscaler": {"max_containers": 1, "container_type": "worker"}}).to_string();
    assert_eq!(client.call(Method::PATCH, &path, wrong).await.status(), 422);
    let (_, kept) = client.get(&path).await;
    assert_eq!(
        kept["autoscaler"]["max_containers"], 3,
        "nothing was changed"
    );
}
