//! Actions: progress, targets, logs, failures and retries.

use std::collections::HashSet;
use std::time::Duration;

use deploykit_sandbox::Sandbox;
use deploykit_sandbox::devopness::Outcome;
use serde_json::{Value, json};

use crate::client::{Client, each};

#[tokio::test]
async fn a_deployment_walks_through_its_steps_on_each_server() {
    let client = Client::start(Sandbox::devopness().duration(Duration::from_millis(400))).await;
    let action = client.deploy().await;
    assert!(action > u64::from(u32::MAX), "ids are 64-bit");
    let seen = client.follow(action).await;

    let mut statuses = each(&json!(seen), "status");
    statuses.dedup();
    let walk = ["pending", "queued", "in-progress", "completed"];
    assert!(
        statuses
            .iter()
            .all(|status| walk.contains(&status.as_str().unwrap()))
            && statuses.len() > 2,
        "{statuses:?}"
    );
    let steps: HashSet<_> = seen
        .iter()
        .filter_map(|action| action["targets"][0]["current_step"]["order"].as_u64())
        .collect();
    assert!(steps.len() > 3, "{steps:?}");

    let end = seen.last().unwrap();
    assert_eq!(end["type"], "deploy");
    assert_eq!(end["resource"]["type"], "application");
    assert_eq!(end["resource"]["data"]["name"], "my-awesome-app");
    assert_eq!(end["action_data"]["deployment"]["source_ref"], "main");
    assert_eq!(end["status_reason_code"], "COMPLETED");
    let summary = json!({"count": 2, "pending": 0, "in_progress": 0, "completed": 2, "failed": 0});
    assert_eq!(end["summary"]["targets"], summary);
    assert_eq!(each(&end["targets"], "resource_id"), [json!(1), json!(2)]);
    let target = &end["targets"][1];
    assert_eq!(target["resource_data"]["hostname"], "web-srv-2");
    assert_eq!(target["current_step"]["order"], target["total_steps"]);
    let [started, completed] = ["started_at", "completed_at"].map(|at| end[at].as_str().unwrap());
    assert!(started < completed, "{started} {completed}");

    let application = client.get("/applications/1").await;
    assert_eq!(application["last_deployments"]["live"]["id"], json!(action));
}

#[tokio::test]
async fn logs_grow_while_a_step_runs() {
    let client = Client::start(Sandbox::devopness().duration(Duration::from_secs(3600))).await;
    let action = client.deploy().await;
    let target = client.get(&format!("/actions/{action}")).await["targets"][0]["id"].clone();
    let path = format!("/actions/{action}/targets/{target}/steps/1/logs");
    let log = client.get(&path).await;
    assert_eq!(
        log["step"],
        json!({"order": 1, "started_at": null, "completed_at": null, "output": null})
    );

    let client = Client::at_once().await;
    let action = client.deploy().await;
    let target = client.get(&format!("/actions/{action}")).await["targets"][0]["id"].clone();
    let log = client
        .get(&format!("/actions/{action}/targets/{target}/steps/2/logs"))
        .await;
    let output = log["step"]["output"].as_str().unwrap();
    assert!(
        output.contains("Install dependencies") && output.ends_with("done\n"),
        "{output}"
    );
    assert_eq!(log["target"]["hostname"], "web-srv-1");
    for unknown in [
        format!("{target}/steps/99"),
        format!("{target}/steps/0"),
        "0/steps/1".to_owned(),
    ] {
        let path = format!("/actions/{action}/targets/{unknown}/logs");
        assert_eq!(
            client.status("GET", &path, Value::Null).await,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_failing_step_fails_its_target_and_the_action() {
    let client = Client::at_once().await;
    client.server.next_outcome(Outcome::FailedAt(3));
    let action = client.deploy().await;
    let failed = client.get(&format!("/actions/{action}")).await;
    assert_eq!(
        (&failed["status"], &failed["status_reason_code"]),
        (&json!("failed"), &json!("FAILED"))
    );
    let target = &failed["targets"][0];
    assert_eq!(target["current_step"]["order"], 3);
    let expected = [
        "completed",
        "completed",
        "failed",
        "skipped",
        "skipped",
        "skipped",
    ];
    assert_eq!(
        each(&target["steps"], "status"),
        expected.map(|status| json!(status))
    );
    assert_eq!(failed["targets"][1]["status"], "completed");
    let path = format!("/actions/{action}/targets/{}/steps/3/logs", target["id"]);
    let log = client.get(&path).await;
    assert!(
        log["step"]["output"].as_str().unwrap().contains("ERROR"),
        "{log}"
    );

    let retried = client
        .create(&format!("/actions/{action}/retry"), Value::Null)
        .await;
    assert_eq!(retried["retry_of"], json!(action));
    assert_eq!(
        (&retried["status"], &retried["parent"]["id"]),
        (&json!("completed"), &json!(action))
    );
    let children = client.get(&format!("/actions/{action}")).await["children"].clone();
    assert_eq!(each(&children, "id"), [retried["id"].clone()]);
    // What has not failed is not retried.
    let path = format!("/actions/{}/retry", retried["id"]);
    assert_eq!(client.status("POST", &path, Value::Null).await, 403);
}

#[tokio::test]
async fn credits_run_out() {
    let client = Client::start(Sandbox::devopness().duration(Duration::ZERO).credits(1)).await;
    client.server.next_outcome(Outcome::InsufficientCredits);
    let action = client.deploy().await;
    let failed = client.get(&format!("/actions/{action}")).await;
    assert_eq!(failed["status_reason_code"], "FAILED_INSUFFICIENT_CREDITS");
    let refused = client.send("POST", "/servers/1/restart", Value::Null).await;
    assert_eq!((refused.status, refused.action), (402, None));
    let input = json!({"cloud_service_code": "self-hosted-custom", "settings": {"os_version_code": "ubuntu_24_04"}});
    let server = json!({"hostname": "new", "provision_input": input});
    assert_eq!(
        client
            .status("POST", "/environments/1/servers", server)
            .await,
        402
    );
    assert_eq!(
        client
            .get("/environments/1/servers")
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn actions_are_listed_by_resource_target_environment_and_project() {
    let client = Client::at_once().await;
    let deployed = client.deploy().await;
    let restarted = client
        .send("POST", "/servers/2/restart", Value::Null)
        .await
        .action
        .unwrap();
    for (path, expected) in [
        ("/actions", vec![restarted, deployed]),
        ("/actions/application/1", vec![deployed]),
        ("/actions/server/1", vec![]),
        ("/actions/server/2", vec![restarted]),
        ("/actions/targets/server/1", vec![deployed]),
        ("/actions/targets/server/2", vec![restarted, deployed]),
        ("/environments/1/actions", vec![restarted, deployed]),
        ("/environments/1/actions/server", vec![restarted]),
        ("/projects/1/actions/application", vec![deployed]),
        ("/pipelines/1/actions", vec![deployed]),
    ] {
        let expected: Vec<Value> = expected.into_iter().map(|id| json!(id)).collect();
        assert_eq!(each(&client.get(path).await, "id"), expected, "{path}");
    }
    assert_eq!(client.status("GET", "/actions/1", Value::Null).await, 404);
}

#[tokio::test]
async fn only_the_servers_asked_for_are_targets() {
    let client = Client::at_once().await;
    let body =
        json!({"type": "deploy", "servers": [2], "source_type": "tag", "source_ref": "v1.0"});
    let answer = client
        .send("POST", "/applications/1/deployments", body)
        .await;
    let action = client
        .get(&format!("/actions/{}", answer.action.unwrap()))
        .await;
    assert_eq!(each(&action["targets"], "resource_id"), [json!(2)]);
    assert_eq!(action["action_data"]["deployment"]["source_type"], "tag");
    for (body, field) in [
        (json!({"type": "deploy", "servers": [1, 9]}), "servers.1"),
        (json!({"type": "deploy", "pipeline_id": 9}), "pipeline_id"),
        (json!({"type": "undo"}), "type"),
        (json!({}), "type"),
    ] {
        let errors = client
            .errors("POST", "/applications/1/deployments", body)
            .await;
        assert_eq!(
            errors.as_object().unwrap().keys().collect::<Vec<_>>(),
            [field]
        );
    }
}
