//! A client that knows nothing but HTTP and JSON.

use std::time::{Duration, Instant};

use deploykit_sandbox::devopness::{Devopness, Version};
use deploykit_sandbox::{Builder, Running, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    pub(crate) server: Running<Devopness>,
    pub(crate) http: reqwest::Client,
    token: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The action that was started.
    pub(crate) action: Option<u64>,
    pub(crate) link: String,
    /// Whether this is the documented example.
    pub(crate) example: bool,
    /// Null if there is none; text if it is no JSON.
    pub(crate) body: Value,
}

impl Client {
    pub(crate) async fn start(builder: Builder<Devopness>) -> Self {
        let server = builder.start().await.unwrap();
        Self {
            token: server.token(),
            server,
            http: reqwest::Client::new(),
        }
    }

    /// A client of a server on which actions end at once.
    pub(crate) async fn at_once() -> Self {
        Self::start(Sandbox::devopness().duration(Duration::ZERO)).await
    }

    /// The same, of a version.
    pub(crate) async fn at_once_as(version: Version) -> Self {
        Self::start(
            Sandbox::devopness()
                .duration(Duration::ZERO)
                .version(version),
        )
        .await
    }

    /// A request with the documented headers, but no token.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let url = format!("{}{path}", self.server.base_url());
        let request = self.http.request(method, url);
        request
            .header("accept", "application/json")
            .header("content-type", "application/json")
    }

    pub(crate) async fn send_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let request = self.request(method, path).bearer_auth(token);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        answer(request.body(body)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send_as(&self.token, method, path, body).await
    }

    /// The body of a success.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// The body of a 201.
    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        let answer = self.send("POST", path, body).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        answer.body
    }

    /// The errors of a 422.
    pub(crate) async fn errors(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.send(method, path, body).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        assert_eq!(answer.body["message"], "The given data was invalid.");
        answer.body["errors"].clone()
    }

    pub(crate) async fn status(&self, method: &str, path: &str, body: Value) -> u16 {
        self.send(method, path, body).await.status
    }

    /// Deploys the application and gives the action's id.
    pub(crate) async fn deploy(&self) -> u64 {
        let path = "/applications/1/deployments";
        let answer = self.send("POST", path, json!({"type": "deploy"})).await;
        assert_eq!((answer.status, answer.body), (204, Value::Null));
        answer.action.unwrap()
    }

    /// Looks at the action until it has ended; gives all that was seen, without repetitions.
    pub(crate) async fn follow(&self, action: u64) -> Vec<Value> {
        let (started, mut seen) = (Instant::now(), Vec::<Value>::new());
        loop {
            let now = self.get(&format!("/actions/{action}")).await;
            let ended = matches!(now["status"].as_str(), Some("completed" | "failed"));
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            if ended {
                return seen;
            }
            assert!(started.elapsed() < PATIENCE, "the action never ends");
        }
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let action = header("x-devopness-action-id").map(|id| id.parse().unwrap());
    let link = header("link").unwrap_or_default();
    let example = header("x-deploykit-sandbox").as_deref() == Some("example");
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    };
    Answer {
        status,
        action,
        link,
        example,
        body,
    }
}

/// The values of one field of all items of a list.
pub(crate) fn each(list: &Value, field: &str) -> Vec<Value> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item[field].clone()).collect()
}
