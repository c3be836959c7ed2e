//! Pipelines and their steps.

use serde_json::{Value, json};

use crate::client::{Client, each};

#[tokio::test]
async fn steps_are_added_moved_unlinked_and_linked_again() {
    let client = Client::at_once().await;
    let body = json!({"name": "Tests", "operation": "deploy"});
    let pipeline = client.create("/pipelines/application/1", body).await;
    assert_eq!(pipeline["resource_type"], "application");
    let path = format!("/pipelines/{}", pipeline["id"]);
    let step = json!({"name": "Warm up", "command": "curl localhost/warm-up", "runner": "custom"});
    let step = client.create(&format!("{path}/steps"), step).await;
    assert_eq!(step["pipeline_id"], pipeline["id"]);
    let names = || async { each(&client.get(&path).await["steps"], "name") };
    assert_eq!(names().await.last(), Some(&json!("Warm up")));

    let first = pipeline["steps"][0]["trigger_order"].clone();
    let step_path = format!("{path}/steps/{}", step["id"]);
    let moved = json!({"id": step["id"], "command": "curl localhost/warm-up", "runner": "custom",
        "trigger_after": first});
    assert_eq!(client.status("PUT", &step_path, moved).await, 204);
    assert_eq!(names().await[1], "Warm up");

    let unlink = format!("{step_path}/unlink");
    assert_eq!(client.status("DELETE", &unlink, Value::Null).await, 204);
    assert!(!names().await.contains(&json!("Warm up")));
    assert_eq!(client.status("DELETE", &unlink, Value::Null).await, 404);
    assert_eq!(
        client
            .status("POST", &format!("{step_path}/link"), Value::Null)
            .await,
        204
    );
    assert_eq!(names().await[1], "Warm up");
    assert_eq!(
        client
            .status("POST", &format!("{path}/steps/999/link"), Value::Null)
            .await,
        404
    );

    let action = client
        .create(
            &format!("{path}/actions"),
            json!({"source_type": "branch", "source_ref": "next"}),
        )
        .await;
    assert_eq!(action["pipeline_id"], pipeline["id"]);
    assert_eq!(action["action_data"]["deployment"]["source_ref"], "next");
    assert_eq!(each(&action["targets"][0]["steps"], "name"), names().await);

    let short = json!({"command": "short", "runner": "perl"});
    let errors = client.errors("POST", &format!("{path}/steps"), short).await;
    assert_eq!(errors.as_object().unwrap().len(), 2, "{errors}");
}

#[tokio::test]
async fn a_deleted_pipeline_is_gone() {
    let client = Client::at_once().await;
    let renamed = json!({"id": 1, "name": "Ship it", "max_parallel_actions": 2});
    assert_eq!(client.status("PUT", "/pipelines/1", renamed).await, 204);
    assert_eq!(
        each(&client.get("/pipelines/application/1").await, "name"),
        [json!("Ship it")]
    );
    assert_eq!(
        client.status("DELETE", "/pipelines/1", Value::Null).await,
        204
    );
    assert_eq!(client.status("GET", "/pipelines/1", Value::Null).await, 404);
    assert_eq!(
        client
            .status("POST", "/pipelines/1/actions", json!({}))
            .await,
        404
    );
    assert_eq!(
        client
            .status("GET", "/pipelines/application/9", Value::Null)
            .await,
        404
    );
}
