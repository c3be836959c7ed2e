//! The tables of what is covered are true: each operation is answered as its line says.

#![cfg(all(
    feature = "scalingo",
    feature = "tideways",
    feature = "tsuru",
    feature = "edgegap",
    feature = "devopness"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_sandbox::{Answered, Builder, Controlled, Operation, Running, Sandbox};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// How the sandbox marks what it says for itself.
const MARK: &str = "x-deploykit-sandbox";

/// The documented request of an operation; of several, one of a success.
fn requests(folders: &[&str]) -> HashMap<(String, String), Value> {
    let mut found: HashMap<(String, String), (u64, Value)> = HashMap::new();
    for folder in folders {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures")
            .join(folder);
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let fixture: Value =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let (Some(operation), Some(status)) = (
                fixture["operation"].as_str(),
                fixture["response"]["status"].as_u64(),
            ) else {
                continue;
            };
            let key = ((*folder).to_owned(), operation.to_owned());
            if found.get(&key).is_none_or(|(known, _)| status < *known) {
                found.insert(key, (status, fixture["request"].clone()));
            }
        }
    }
    found
        .into_iter()
        .map(|(key, (_, request))| (key, request))
        .collect()
}

/// The path, with what is there in place of its names; what isn't known is `1`.
fn fill(path: &str, there: &HashMap<&str, String>) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        filled += before;
        filled += there.get(name).map_or("1", String::as_str);
        rest = after;
    }
    filled + rest
}

/// Asks for each operation, at a server that is as after its start and `prepare`, which gives what there is and the
/// authorization.
async fn is_true<S: Controlled>(
    sandbox: Builder<S>,
    folder: impl Fn(&Operation) -> &'static str,
    prepare: impl AsyncFn(&Running<S>, &Operation) -> (HashMap<&'static str, String>, String),
) {
    let server = sandbox.start().await.unwrap();
    let table = server.service().operations();
    let mut folders: Vec<_> = table.iter().map(&folder).collect();
    folders.dedup();
    let documented = requests(&folders);
    let http = Client::builder().no_proxy().build().unwrap();
    let mut wrong = Vec::new();
    for operation in &table {
        server.reset();
        let (there, authorization) = prepare(&server, operation).await;
        let path = fill(&operation.path, &there);
        let request = documented.get(&(folder(operation).to_owned(), operation.id.clone()));
        let Some(request) = request else {
            wrong.push(format!("{} has no documented request", operation.id));
            continue;
        };
        let query = request["query"].as_object().into_iter().flatten();
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        let query: Vec<_> = query
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let query = serde_urlencoded::to_string(query).unwrap();
        let url = format!("{}{path}?{query}", server.base_url());
        let mut asked = http
            .request(method, url)
            .header("authorization", authorization);
        for (name, value) in request["headers"].as_object().into_iter().flatten() {
            if name != "authorization" {
                asked = asked.header(name, value.as_str().unwrap_or_default());
            }
        }
        asked = match &request["body"] {
            Value::Null => asked,
            Value::String(text) => asked.body(text.clone()),
            json => asked.body(json.to_string()),
        };
        let answer = asked.send().await.unwrap();
        let mark = answer
            .headers()
            .get(MARK)
            .map(|mark| mark.to_str().unwrap().to_owned());
        let (example, lacking) = (
            mark.as_deref() == Some("example"),
            mark.as_deref() == Some("no such route here"),
        );
        let is_so = match operation.answered {
            Answered::Stateful => !example && !lacking,
            Answered::Example => example,
            Answered::Missing => lacking,
        };
        if !is_so || answer.status() == 401 {
            let (status, said) = (answer.status(), operation.answered.as_str());
            wrong.push(format!(
                "{} {} {path}: {said}, but {status} {mark:?}",
                operation.id, operation.method
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}, {} wrong:\n{}",
        S::NAME,
        wrong.len(),
        wrong.join("\n")
    );
}

fn bearer(token: impl AsRef<str>) -> String {
    format!("Bearer {}", token.as_ref())
}

#[tokio::test]
async fn scalingo() {
    let sandbox = Sandbox::scalingo().without_quota();
    let seed =
        json!({"apps": [{"name": "example-app", "variables": {"A": "b"}, "deployments": 1}]});
    is_true(
        sandbox.seed(seed),
        |_| "scalingo",
        async |server, operation| {
            let http = Client::builder().no_proxy().build().unwrap();
            let addons = format!("{}/v1/apps/example-app/addons", server.base_url());
            let ask = async |request: reqwest::RequestBuilder| -> Value {
                let request = request.bearer_auth(server.bearer());
                serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
            };
            let addon = ask(http.get(&addons)).await["addons"][0]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            let mut authorization = bearer(server.bearer());
            if operation.path.starts_with("/api/databases") {
                let token = ask(http.post(format!("{addons}/{addon}/token"))).await;
                authorization = bearer(token["addon"]["token"].as_str().unwrap());
            } else if operation.id == "exchangeToken" {
                authorization =
                    format!("Basic {}", STANDARD.encode(format!(":{}", server.token())));
            }
            let deployment = server.deployments("example-app")[0]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            let app = || "example-app".to_owned();
            let there = [
                ("app", app()),
                ("app_id", app()),
                ("addon_id", addon.clone()),
                ("database_id", addon),
                ("deployment_id", deployment),
            ];
            (there.into(), authorization)
        },
    )
    .await;
}

#[tokio::test]
async fn tideways() {
    let sandbox = Sandbox::tideways().quota(None);
    is_true(
        sandbox,
        |_| "tideways",
        async |server, _| {
            let there = [
                ("organization", "acme".to_owned()),
                ("application", "app1".to_owned()),
                ("id", "i-7".to_owned()),
            ];
            (there.into(), bearer(server.token()))
        },
    )
    .await;
}

#[tokio::test]
async fn tsuru() {
    let sandbox = Sandbox::tsuru();
    is_true(
        sandbox,
        |_| "tsuru",
        async |server, operation| {
            let healer = operation
                .path
                .rsplit(['{', '}'])
                .nth(1)
                .filter(|_| operation.id == "executeHealer");
            let mut there = HashMap::new();
            if let Some(name) = healer {
                let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
                there.insert(name, "app-heal".to_owned());
            }
            (there, bearer(server.token()))
        },
    )
    .await;
}

#[tokio::test]
async fn tsuru_v1() {
    is_true(
        Sandbox::tsuru_v1(),
        |_| "tsuru-v1",
        async |server, _| (HashMap::new(), bearer(server.token())),
    )
    .await;
}

#[tokio::test]
async fn edgegap() {
    let sandbox = Sandbox::edgegap()
        .without_quotas()
        .start_time(std::time::Duration::ZERO)
        .fleet("1", &["h1"]);
    let folder = |operation: &Operation| match operation.path.split('/').nth(1) {
        Some("matchmaker") => "edgegap_matchmaker",
        Some("server-browser") => "edgegap_server_browser",
        _ => "edgegap",
    };
    is_true(sandbox, folder, async |server, operation| {
        let token = format!("token {}", server.token());
        let order = json!({"application": "my-app", "version": "v1", "users": [{"user_type": "ip_address", "user_data": {"ip_address": "192.0.2.7"}}]}).to_string();
        server.answer("POST", "/v2/deployments", Some(&token), order).await.unwrap();
        let id = server.deployments()[0]["request_id"].as_str().unwrap().to_owned();
        let authorization = match folder(operation) {
            "edgegap_matchmaker" => server.matchmaker_token().to_owned(),
            "edgegap_server_browser" => server.server_browser_token().to_owned(),
            _ if operation.id == "selfStopDeployment" => {
                let given = server.injected(&id).unwrap();
                let token = given.into_iter().find(|(name, _)| name.contains("TOKEN"));
                token.unwrap().1
            }
            _ => token,
        };
        let there = [("request_id", id), ("app_name", "my-app".to_owned()), ("version_name", "v1".to_owned())];
        (there.into(), authorization)
    })
    .await;
}
