//! Hooks: signatures, variables, conditions and remembered requests.

use serde_json::{Value, json};

use crate::client::{Client, answer, each};

const SIGNATURE: &str = "X-Signature";

fn hook() -> Value {
    json!({
        "name": "on push",
        "requires_secret": true,
        "secret_algorithm": "sha256",
        "secret_header_name": SIGNATURE,
        "settings": {"variables": [{"name": "ref", "path": "head.ref", "type": "string", "required": true}]},
        "trigger_when": {"conditions": [
            {"type": "request_body", "path": "head.ref", "accepted_values": ["main", "next"]}]},
    })
}

#[tokio::test]
async fn an_incoming_hook_runs_its_pipeline_only_with_a_valid_signature() {
    let client = Client::at_once().await;
    let created = client.create("/pipelines/1/hooks/incoming", hook()).await;
    let id = created["id"].as_str().unwrap();
    assert_ne!(created["secret"], "*****", "the secret is shown once");
    assert_eq!(
        client.get(&format!("/hooks/incoming/{id}")).await["secret"],
        "*****"
    );
    let url = created["url"].as_str().unwrap();
    assert_eq!(
        url,
        format!("{}/hooks/{id}/trigger", client.server.base_url())
    );

    let trigger = |body: Value, signature: Option<String>| {
        let request = client
            .request("POST", &format!("/hooks/{id}/trigger"))
            .body(body.to_string());
        let request = match signature {
            Some(signature) => request.header(SIGNATURE, signature),
            None => request,
        };
        answer(request)
    };
    let sign = |body: &Value| {
        client
            .server
            .hook_signature(id, body.to_string().as_bytes())
            .unwrap()
    };

    let good = json!({"head": {"ref": "main"}});
    let done = trigger(good.clone(), Some(sign(&good))).await;
    assert_eq!(
        done.body,
        json!({"message": "Hook successfully triggered", "errors": null})
    );
    let action = client
        .get(&format!("/actions/{}", done.action.unwrap()))
        .await;
    assert_eq!(action["triggered_from"]["trigger_type"], "hook");
    assert_eq!(action["triggered_from"]["hook_id"], json!(id));
    assert_eq!(action["hook_requests"]["incoming"]["hook_id"], json!(id));
    let prefixed = trigger(good.clone(), Some(format!("sha256={}", sign(&good)))).await;
    assert_eq!(prefixed.status, 200);

    let other = json!({"head": {"ref": "feature"}});
    for (body, signature, status) in [
        (good.clone(), None, 403),
        (good.clone(), Some(sign(&other)), 403),
        (json!({}), Some(sign(&json!({}))), 422),
        (other.clone(), Some(sign(&other)), 200),
    ] {
        let answer = trigger(body, signature).await;
        assert_eq!((answer.status, answer.action), (status, None));
    }
    assert_eq!(client.server.actions().len(), 2);

    let requests = client.get(&format!("/hooks/incoming/{id}/requests")).await;
    assert_eq!(requests.as_array().unwrap().len(), 6);
    assert_eq!(requests[5]["action_id"], action["id"]);
    let path = format!("/hook-requests/{}", requests[5]["id"].as_str().unwrap());
    let request = client.get(&path).await;
    assert_eq!(
        (&request["request_body"], &request["response_status_code"]),
        (&good, &json!(200))
    );
}

#[tokio::test]
async fn hooks_are_validated_changed_and_deleted() {
    let client = Client::at_once().await;
    let path = "/pipelines/1/hooks/incoming";
    let errors = client
        .errors("POST", path, json!({"name": "x", "requires_secret": true}))
        .await;
    let fields: Vec<_> = errors.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["secret_algorithm", "secret_header_name"]);
    let errors = client.errors("POST", path, json!({"name": "x"})).await;
    assert!(errors["requires_secret"].is_array());
    assert_eq!(
        client
            .status("POST", "/pipelines/1/hooks/sideways", json!({"name": "x"}))
            .await,
        404
    );

    let out = client
        .create("/pipelines/1/hooks/outgoing", json!({"name": "tell"}))
        .await;
    let id = out["id"].as_str().unwrap();
    assert_eq!(out["type"], "out");
    assert_eq!(
        client
            .status("GET", &format!("/hooks/incoming/{id}"), Value::Null)
            .await,
        404
    );
    let path = format!("/hooks/outgoing/{id}");
    let changed = json!({"id": id, "name": "tell all", "active": false});
    assert_eq!(client.status("PUT", &path, changed).await, 204);
    assert_eq!(client.get(&path).await["name"], "tell all");
    assert_eq!(
        each(&client.get("/applications/1/hooks").await, "id"),
        [json!(id)]
    );
    assert_eq!(client.status("DELETE", &path, Value::Null).await, 204);
    assert_eq!(client.status("GET", &path, Value::Null).await, 404);
}

#[tokio::test]
async fn an_inactive_hook_does_nothing() {
    let client = Client::at_once().await;
    let body = json!({"name": "off", "requires_secret": false, "active": false});
    let hook = client.create("/pipelines/1/hooks/incoming", body).await;
    let path = format!("/hooks/{}/trigger", hook["id"].as_str().unwrap());
    assert_eq!(answer(client.request("POST", &path)).await.status, 403);
    assert!(client.server.actions().is_empty());
}
