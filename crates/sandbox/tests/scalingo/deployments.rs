//! Deployments of the Scalingo stand-in, as its HTTP API shows them.

use std::time::Duration;

use deploykit_sandbox::scalingo::Outcome;
use deploykit_sandbox::{MetaStyle, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, SOURCE, answer, at_once};

#[tokio::test]
async fn a_deployment_is_triggered_and_read() {
    let client = Client::start(at_once()).await;
    let id = client.trigger().await;
    let (status, one) = client
        .get(&format!("/v1/apps/example-app/deployments/{id}"))
        .await;
    assert_eq!(status, 200);
    let one = &one["deployment"];
    assert_eq!(
        (&one["status"], &one["git_ref"]),
        (&json!("success"), &json!("master"))
    );
    assert_eq!(one["previous_git_ref"], Value::Null);
    assert!(one["finished_at"].is_string());
    let (_, list) = client.get("/v1/apps/example-app/deployments").await;
    assert_eq!(&list["deployments"][0], one);

    let output = one["links"]["output"].as_str().unwrap();
    let output = client
        .http
        .get(output)
        .bearer_auth(&client.bearer)
        .send()
        .await
        .unwrap();
    assert_eq!(
        output.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let output = output.text().await.unwrap();
    assert_eq!(
        Some(&output),
        client.server.output("example-app", &id).as_ref()
    );
    assert!(output.contains("\n       Cleaning assets\n") && output.contains("\r\n"));

    let second = client.trigger().await;
    let (_, list) = client.get("/v1/apps/example-app/deployments").await;
    assert_eq!(
        list["deployments"][0]["id"],
        second.as_str(),
        "newest first"
    );
    assert_eq!(list["deployments"][0]["previous_git_ref"], "master");
    let (_, app) = client.get("/v1/apps/example-app").await;
    assert_eq!(app["app"]["last_deployment_id"], second.as_str());
}

#[tokio::test]
async fn bad_triggers_are_refused_in_documented_words() {
    let client = Client::start(at_once()).await;
    let path = "/v1/apps/example-app/deployments";
    let missing = client
        .post(path, json!({"deployment": {"git_ref": "v1"}}))
        .await;
    assert_eq!(
        missing,
        (422, json!({"errors": {"source_url": ["missing field"]}}))
    );
    let bare = client.post(path, json!({"source_url": SOURCE})).await;
    assert_eq!(
        bare,
        (422, json!({"errors": {"deployment": ["missing field"]}}))
    );
    let body = json!({"deployment": {"source_url": SOURCE, "git_ref": 1}});
    let expected = json!({"errors": {"git_ref": ["should be of type string"]}});
    assert_eq!(client.post(path, body).await, (422, expected));
    let broken = client.call(Method::POST, path, "{\"user\": {").await;
    let text =
        "There was a problem in the JSON you submitted: 795: unexpected token at '{\"user\": {'";
    assert_eq!(answer(broken).await, (400, json!({ "error": text })));
    assert!(
        client.server.deployments("example-app").is_empty(),
        "nothing was started"
    );
}

#[tokio::test]
async fn unknown_deployments_routes_and_early_outputs_are_404() {
    let client = Client::start(Sandbox::scalingo().queued_for(Duration::from_secs(900))).await;
    let missing = (404, json!({"resource": "deployment", "error": "not found"}));
    assert_eq!(
        client.get("/v1/apps/example-app/deployments/none").await,
        missing
    );
    let id = client.trigger().await;
    let path = format!("/v1/apps/example-app/deployments/{id}");
    assert_eq!(client.get(&path).await.1["deployment"]["status"], "queued");
    assert_eq!(client.get(&format!("{path}/output")).await, missing);
    assert_eq!(client.get("/v1/apps/example-app/nothing").await.0, 404);
    assert_eq!(client.get("/other").await.0, 404);
}

#[tokio::test]
async fn every_outcome_is_reached() {
    let client = Client::start(at_once().outcome(Outcome::TimeoutError)).await;
    let outcomes = [
        (Outcome::Success, "success"),
        (Outcome::BuildError, "build-error"),
        (Outcome::AbortedBuilding, "aborted"),
        (Outcome::AbortedPushing, "aborted"),
        (Outcome::CrashedError, "crashed-error"),
        (Outcome::HookError, "hook-error"),
        (Outcome::Other("paused".to_owned()), "paused"),
    ];
    for (outcome, expected) in outcomes {
        client.server.next_outcome(outcome);
        let id = client.trigger().await;
        let (_, one) = client
            .get(&format!("/v1/apps/example-app/deployments/{id}"))
            .await;
        assert_eq!(one["deployment"]["status"], expected);
    }
    client.trigger().await;
    let last = client.server.deployments("example-app").pop().unwrap();
    assert_eq!(last["status"], "timeout-error", "the knob is back in force");
}

#[tokio::test]
async fn the_documented_trigger_status_can_be_had() {
    let client = Client::start(at_once().trigger_status(200)).await;
    let body = json!({"deployment": {"source_url": SOURCE}});
    let (status, answered) = client
        .post("/v1/apps/example-app/deployments", body.clone())
        .await;
    assert_eq!(status, 200);
    assert!(
        answered["deployment"]["git_ref"]
            .as_str()
            .unwrap()
            .starts_with("20"),
        "made up"
    );
    let client = Client::start(at_once()).await;
    assert_eq!(
        client
            .post("/v1/apps/example-app/deployments", body)
            .await
            .0,
        201
    );
}

#[tokio::test]
async fn sparse_answers_leave_out_what_the_examples_do() {
    let client = Client::start(at_once().sparse()).await;
    let id = client.trigger().await;
    let (_, one) = client
        .get(&format!("/v1/apps/example-app/deployments/{id}"))
        .await;
    let (_, list) = client.get("/v1/apps/example-app/deployments").await;
    let has = |value: &Value, field: &str| value.get(field).is_some();
    let (one, item) = (&one["deployment"], &list["deployments"][0]);
    assert!(has(one, "id") && !has(one, "status") && !has(one, "links"));
    assert!(has(item, "id") && has(item, "status") && !has(item, "links"));
}

#[tokio::test]
async fn lists_come_in_pages_of_every_style() {
    let client = Client::start(Sandbox::scalingo().history(45)).await;
    let (_, last) = client.get("/v1/apps/example-app/deployments?page=3").await;
    assert_eq!(last["deployments"].as_array().unwrap().len(), 5);
    let expected = json!({"current_page": 3, "prev_page": 2, "next_page": null,
        "total_pages": 3, "total_count": 45});
    assert_eq!(last["meta"]["pagination"], expected);
    let (_, most) = client
        .get("/v1/apps/example-app/deployments?per_page=500")
        .await;
    assert_eq!(most["deployments"].as_array().unwrap().len(), 45);
    let ids: Vec<&Value> = most["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["created_at"])
        .collect();
    assert!(
        ids.windows(2)
            .all(|pair| pair[0].as_str() > pair[1].as_str()),
        "newest first"
    );

    let client = Client::start(Sandbox::scalingo().history(45).meta(MetaStyle::Echo)).await;
    let (_, last) = client.get("/v1/apps/example-app/deployments?page=3").await;
    assert_eq!(last["meta"]["pagination"]["next_page"], 3);
    let client = Client::start(Sandbox::scalingo().meta(MetaStyle::PreviousPage)).await;
    let (_, first) = client.get("/v1/apps/example-app/deployments").await;
    assert_eq!(first["deployments"], json!([]));
    assert_eq!(
        first["meta"]["pagination"].get("previous_page"),
        Some(&Value::Null)
    );
    let client = Client::start(Sandbox::scalingo().without_meta()).await;
    let (_, first) = client.get("/v1/apps/example-app/deployments").await;
    assert_eq!(first, json!({"deployments": []}));
}

#[tokio::test]
async fn the_cache_is_reset_with_204() {
    let client = Client::start(Sandbox::scalingo()).await;
    let path = "/v1/apps/example-app/caches/deployment";
    let answer = client.call(Method::DELETE, path, "").await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.text().await.unwrap(), "");
    assert_eq!(
        client
            .call(Method::DELETE, "/v1/apps/x/caches/deployment", "")
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn an_output_can_have_any_length() {
    let bytes = 3_000_001;
    let client = Client::start(at_once().output_bytes(bytes)).await;
    let id = client.trigger().await;
    let path = format!("/v1/apps/example-app/deployments/{id}/output");
    let output = client
        .call(Method::GET, &path, "")
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(output.len() as u64, bytes);
    let mut lines = output.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("       Using") && lines.all(|line| first.starts_with(line)));
}

#[tokio::test]
async fn a_fault_after_the_work_leaves_one_deployment() {
    let client = Client::start(at_once()).await;
    client
        .server
        .faults()
        .on("POST", "/v1/apps/*/deployments")
        .reset_after();
    let url = format!(
        "{}/v1/apps/example-app/deployments",
        client.server.base_url()
    );
    let body = json!({"deployment": {"source_url": SOURCE}}).to_string();
    let lost = client
        .http
        .post(url)
        .bearer_auth(&client.bearer)
        .body(body)
        .send()
        .await;
    assert!(lost.is_err());
    assert_eq!(client.server.deployments("example-app").len(), 1);
    let posts = client
        .server
        .requests()
        .into_iter()
        .filter(|sent| sent.method == "POST");
    assert_eq!(posts.count(), 1);
}

/// The keys of what a field of a fixture's answer holds, in order.
fn documented_keys(fixture: &str, field: &str) -> Vec<String> {
    let path = format!(
        "{}/../../fixtures/scalingo/{fixture}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let fixture: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    keys(&fixture["response"]["body"][field])
}

fn keys(value: &Value) -> Vec<String> {
    let first = value.get(0).unwrap_or(value);
    first.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn objects_have_the_documented_fields() {
    let client = Client::start(at_once()).await;
    let id = client.trigger().await;
    let (_, one) = client
        .get(&format!("/v1/apps/example-app/deployments/{id}"))
        .await;
    let mut deployment = documented_keys("getDeployment.recorded", "deployment");
    deployment.extend(documented_keys("getDeployment.object", "deployment"));
    deployment.sort();
    deployment.dedup();
    assert_eq!(keys(&one["deployment"]), deployment);
    let part = |whole: &Value, name: &str| keys(&whole["deployment"][name]);
    assert_eq!(part(&one, "pusher"), ["email", "id", "username"]);
    assert_eq!(part(&one, "links"), ["output"]);

    let (_, list) = client.get("/v1/apps/example-app/deployments").await;
    assert_eq!(
        keys(&list["meta"]),
        documented_keys("listDeployments", "meta")
    );
    let (_, source) = client.post("/v1/sources", json!({})).await;
    assert_eq!(
        keys(&source["source"]),
        documented_keys("createSource", "source")
    );
    let (_, app) = client.get("/v1/apps/example-app").await;
    let documented = documented_keys("getApp", "app");
    let unknown: Vec<_> = keys(&app["app"])
        .into_iter()
        .filter(|key| !documented.contains(key))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
