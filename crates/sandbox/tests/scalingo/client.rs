//! A client that knows nothing but HTTP and JSON.

use std::time::Duration;

use deploykit_sandbox::scalingo::Scalingo;
use deploykit_sandbox::{Builder, Running, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An address that counts as good; nothing is ever fetched from it.
pub(crate) const SOURCE: &str =
    "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";

/// A server, and a bearer token for it.
pub(crate) struct Client {
    pub(crate) server: Running<Scalingo>,
    pub(crate) bearer: String,
    pub(crate) http: reqwest::Client,
}

impl Client {
    pub(crate) async fn start(builder: Builder<Scalingo>) -> Self {
        let server = builder.start().await.unwrap();
        let bearer = server.bearer();
        Self {
            server,
            bearer,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: impl Into<String>,
    ) -> Response {
        let url = format!("{}{path}", self.server.base_url());
        let request = self.http.request(method, url).bearer_auth(&self.bearer);
        request.body(body.into()).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.call(Method::GET, path, "").await).await
    }

    pub(crate) async fn get_status(&self, path: &str) -> u16 {
        self.call(Method::GET, path, "").await.status().as_u16()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.call(Method::POST, path, body.to_string()).await).await
    }

    pub(crate) async fn trigger(&self) -> String {
        let body = json!({"deployment": {"source_url": SOURCE, "git_ref": "master"}});
        let (status, answer) = self.post("/v1/apps/example-app/deployments", body).await;
        assert!(status == 200 || status == 201, "{answer}");
        answer["deployment"]["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_str(&response.text().await.unwrap()).unwrap(),
    )
}

/// A server whose deployments are over as soon as they are triggered.
pub(crate) fn at_once() -> Builder<Scalingo> {
    Sandbox::scalingo().duration(Duration::ZERO)
}
