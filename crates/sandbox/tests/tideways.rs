//! The Tideways stand-in, driven by a client that knows nothing but HTTP and JSON.

#![cfg(feature = "tideways")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use deploykit_sandbox::tideways::Tideways;
use deploykit_sandbox::{Builder, Running, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

struct Client {
    server: Running<Tideways>,
    http: reqwest::Client,
}

impl Client {
    async fn start(builder: Builder<Tideways>) -> Self {
        Self {
            server: builder.start().await.unwrap(),
            http: reqwest::Client::new(),
        }
    }

    async fn call(&self, method: Method, path: &str, form: &str) -> Response {
        let url = format!("{}/apps/api/{path}", self.server.base_url());
        let request = self
            .http
            .request(method, url)
            .bearer_auth(self.server.token());
        request.body(form.to_owned()).send().await.unwrap()
    }

    async fn json(&self, method: Method, path: &str, form: &str) -> (u16, Value) {
        let response = self.call(method, path, form).await;
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&response.text().await.unwrap()).unwrap(),
        )
    }

    async fn servers(&self, application: &str) -> Vec<String> {
        let (_, servers) = self
            .json(Method::GET, &format!("acme/{application}/servers"), "")
            .await;
        let name = |server: &Value| server["server"].as_str().unwrap().to_owned();
        servers.as_array().unwrap().iter().map(name).collect()
    }
}

#[tokio::test]
async fn a_project_appears_once() {
    let client = Client::start(Sandbox::tideways()).await;
    let provision = async || {
        client
            .json(
                Method::POST,
                "acme/deployment/provision",
                "application=my+shop%2F1",
            )
            .await
    };
    let first = provision().await;
    assert_eq!(first.0, 200);
    assert_eq!(first, provision().await);
    let (_, projects) = client.json(Method::GET, "acme/applications", "").await;
    let expected = json!([
        {"organization": "acme", "name": "app1"},
        {"organization": "acme", "name": "my shop/1"},
    ]);
    assert_eq!(projects, expected);
    let (status, _) = client
        .json(Method::POST, "acme/deployment/provision", "application=")
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn servers_are_removed_by_all_spellings_of_the_form() {
    let builder = ["a", "b", "c", "d"]
        .into_iter()
        .fold(Sandbox::tideways(), |sandbox, name| {
            sandbox.silent_server("shop", name, Duration::from_secs(3600))
        });
    let client = Client::start(builder).await;
    let path = "acme/shop/servers";
    for form in [
        "servers[]=a",
        "servers%5B%5D=b&servers%5B%5D=unknown",
        "servers%5B0%5D=c",
    ] {
        let answer = client.json(Method::DELETE, path, form).await;
        assert_eq!(
            answer,
            (200, json!({"ok": true, "removed_servers": 1})),
            "{form}"
        );
    }
    assert_eq!(client.servers("shop").await, ["d"]);
    assert_eq!(client.json(Method::DELETE, path, "").await.0, 400);
    assert_eq!(client.json(Method::DELETE, path, "server=d").await.0, 400);
}

#[tokio::test]
async fn a_server_that_is_alive_comes_back() {
    // A minute between two synchronizations takes 60 ms.
    let client = Client::start(Sandbox::tideways().speed(1000.0)).await;
    let form = "servers[]=app1.foo.bar.local&servers[]=app2.foo.bar.local";
    let (_, removed) = client.json(Method::DELETE, "acme/app1/servers", form).await;
    assert_eq!(removed["removed_servers"], 2);
    let back = async {
        while client.servers("app1").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back)
        .await
        .unwrap();
    assert_eq!(client.servers("app1").await, ["app1.foo.bar.local"]);
}

#[tokio::test]
async fn dates_are_shown_without_a_zone_or_as_they_were_set() {
    let client = Client::start(
        Sandbox::tideways()
            .silent_server("shop", "a", Duration::from_secs(3600))
            .odd_server("shop", "b", Value::Null),
    )
    .await;
    let (_, servers) = client.json(Method::GET, "acme/shop/servers", "").await;
    let date = servers[0]["last_sync"].as_str().unwrap();
    assert_eq!((date.len(), &date[10..11]), (19, " "));
    assert_eq!(servers[1]["last_sync"], Value::Null);
}

#[tokio::test]
async fn a_list_with_gaps_is_an_object() {
    let hour = Duration::from_secs(3600);
    let sandbox = Sandbox::tideways().gaps(true);
    let client = Client::start(
        sandbox
            .silent_server("shop", "a", hour)
            .silent_server("shop", "b", hour),
    )
    .await;
    assert_eq!(client.servers("shop").await, ["a", "b"]);
    client
        .call(Method::DELETE, "acme/shop/servers", "servers[]=a")
        .await;
    let (_, servers) = client.json(Method::GET, "acme/shop/servers", "").await;
    assert_eq!(servers["1"]["server"], "b");
}

#[tokio::test]
async fn strangers_are_refused() {
    let client = Client::start(Sandbox::tideways()).await;
    let url = format!("{}/apps/api/acme/applications", client.server.base_url());
    let response = client
        .http
        .get(url)
        .bearer_auth("wrong")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert!(!response.headers().contains_key("x-ratelimit-limit"));
    assert_eq!(
        client.json(Method::GET, "other/applications", "").await.0,
        403
    );
    assert_eq!(
        client.json(Method::GET, "acme/unknown/servers", "").await.0,
        404
    );
    let limited = Client::start(Sandbox::tideways().without_scope()).await;
    assert_eq!(
        limited.json(Method::GET, "acme/applications", "").await.0,
        403
    );
}

#[tokio::test]
async fn the_quota_counts_down_to_429() {
    let client = Client::start(Sandbox::tideways().quota(Some(3))).await;
    let mut seen = Vec::new();
    // Should the hour end among them, four of seven still fall into one hour.
    for _ in 0..7 {
        let response = client.call(Method::GET, "acme/applications", "").await;
        let header = |name: &str| {
            response.headers()[name]
                .to_str()
                .unwrap()
                .parse::<i64>()
                .unwrap()
        };
        assert_eq!(header("x-ratelimit-limit"), 3);
        assert_eq!(
            header("x-ratelimit-reset") % 3600,
            0,
            "the end of a full hour"
        );
        seen.push((response.status().as_u16(), header("x-ratelimit-remaining")));
    }
    assert!(
        seen.windows(2).any(|two| two == [(200, 0), (429, 0)]),
        "{seen:?}"
    );
}
