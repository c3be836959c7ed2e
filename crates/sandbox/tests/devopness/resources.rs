//! Things that are created, listed, changed and deleted.

use std::time::Duration;

use deploykit_sandbox::Sandbox;
use deploykit_sandbox::devopness::Outcome;
use serde_json::{Value, json};

use crate::client::{Client, each};

fn server(hostname: &str) -> Value {
    json!({
        "hostname": hostname,
        "credential_id": "2",
        "provision_input": {
            "cloud_service_code": "aws-ec2",
            "settings": {"instance_type": "cpx11", "region": "ash", "storage_size": 40, "os_version_code": "ubuntu_24_04"},
        },
    })
}

#[tokio::test]
async fn a_server_is_provisioned_stopped_and_destroyed() {
    let client = Client::start(Sandbox::devopness().duration(Duration::from_millis(100))).await;
    let created = client
        .send("POST", "/environments/1/servers", server("web-srv-3"))
        .await;
    assert_eq!(created.status, 201);
    let body = &created.body;
    assert_eq!(
        (&body["status"], &body["name"]),
        (&json!("provisioning"), &json!("web-srv-3"))
    );
    assert_eq!(
        (&body["provider_name"], &body["credential"]["id"]),
        (&json!("aws"), &json!(2))
    );
    assert_eq!(body["last_action"]["id"], json!(created.action));
    client.follow(created.action.unwrap()).await;
    assert_eq!(client.get("/servers/3").await["status"], "running");
    let listed = client.get("/environments/1/servers").await;
    assert_eq!(
        (&listed[2]["region"], &listed[2]["status"]),
        (&json!("ash"), &json!("running"))
    );

    let stopped = client.send("POST", "/servers/3/stop", Value::Null).await;
    assert_eq!(stopped.status, 204);
    client.follow(stopped.action.unwrap()).await;
    assert_eq!(client.get("/servers/3").await["status"], "stopped");

    let deleted = client
        .send(
            "DELETE",
            "/servers/3?destroy_server_disks=true",
            Value::Null,
        )
        .await;
    assert_eq!(deleted.status, 204);
    assert_eq!(
        client.status("GET", "/servers/3", Value::Null).await,
        200,
        "it takes its time"
    );
    client.follow(deleted.action.unwrap()).await;
    assert_eq!(client.status("GET", "/servers/3", Value::Null).await, 404);
    assert_eq!(client.server.resources("server").len(), 2);
}

#[tokio::test]
async fn a_failed_provision_leaves_a_failed_server() {
    let client = Client::at_once().await;
    client.server.next_outcome(Outcome::FailedAt(1));
    client
        .send("POST", "/environments/1/servers", server("web-srv-3"))
        .await;
    assert_eq!(client.get("/servers/3").await["status"], "failed");
    let connected = client
        .send("POST", "/servers/3/connect/B54AWSVf3iIB", Value::Null)
        .await;
    assert!(connected.body.is_string() && connected.action.is_some());
    assert_eq!(client.get("/servers/3").await["status"], "running");
}

#[tokio::test]
async fn things_are_linked_to_what_they_name() {
    let client = Client::at_once().await;
    let daemon = json!({"name": "worker", "command": "node worker.js", "process_count": 2,
        "working_directory": "", "run_as_user": "devopness", "application_id": 1,
        "linked_resources": [{"resource_type": "server", "resource_id": 2}]});
    let errors = client
        .errors("POST", "/environments/1/daemons", daemon.clone())
        .await;
    assert_eq!(
        errors,
        json!({"working_directory": ["The working directory field is required."]})
    );
    let mut daemon = daemon;
    daemon["working_directory"] = Value::Null;
    let created = client
        .create("/environments/1/daemons", daemon.clone())
        .await;
    assert_eq!(created["application"]["name"], "my-awesome-app");
    assert_eq!(each(&created["servers"], "id"), [json!(2)]);
    assert_eq!(created["environment"]["name"], "staging");
    assert_eq!(created["last_action"], Value::Null);
    let restarted = client
        .send("POST", "/daemons/1/restart", json!({"servers": [1]}))
        .await;
    let action = client
        .get(&format!("/actions/{}", restarted.action.unwrap()))
        .await;
    assert_eq!(
        (&action["type"], &action["targets"][0]["resource_id"]),
        (&json!("restart"), &json!(1))
    );
    assert_eq!(
        each(&client.get("/applications/1").await["daemons"], "name"),
        [json!("worker")]
    );

    daemon["application_id"] = json!(9);
    daemon["linked_resources"][0]["resource_id"] = json!(9);
    let errors = client
        .errors("POST", "/environments/1/daemons", daemon)
        .await;
    let fields: Vec<_> = errors.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["application_id", "linked_resources.0.resource_id"]);
}

#[tokio::test]
async fn lists_tell_what_a_thing_is_in() {
    let client = Client::at_once().await;
    client.create("/projects", json!({"name": "other"})).await;
    let body = json!({"name": "prod", "type": "production"});
    client.create("/projects/2/environments", body).await;
    let input = json!({"cloud_service_code": "aws-ec2", "settings": {"region": "global"}});
    let body = json!({"name": "net", "credential_id": 2, "provision_input": input});
    client.create("/environments/2/networks", body).await;
    let input = json!({"settings": {"region": "us-west1", "cidr_block": "10.2.0.0/24"}});
    let body =
        json!({"name": "sub", "type": "public", "credential_id": 2, "provision_input": input});
    let subnet = client.create("/networks/1/subnets", body).await;
    assert_eq!(subnet["network"]["name"], "net");
    for path in ["/environments/2/networks", "/networks/1/subnets"] {
        let listed = client.get(path).await[0].clone();
        assert_eq!(
            (&listed["project_id"], &listed["environment_id"]),
            (&json!(2), &json!(2)),
            "{path}"
        );
    }
    assert_eq!(
        client.get("/networks/1/subnets").await[0]["network"]["id"],
        1
    );
    let filtered = client.get("/networks/1/subnets?region=us-east1").await;
    assert_eq!(filtered, json!([]));
    let summary = client.get("/projects/2").await["resource_summary"].clone();
    assert_eq!(
        each(&summary, "resource_type"),
        ["environment", "network", "subnet"].map(|kind| json!(kind))
    );
}

#[tokio::test]
async fn what_is_changed_stays_changed() {
    let client = Client::at_once().await;
    let changed = json!({"id": 1, "name": "shop", "engine_version": "22.x", "framework": "none",
        "programming_language": "nodejs", "default_branch": "trunk"});
    assert_eq!(client.status("PUT", "/applications/1", changed).await, 204);
    let application = client.get("/applications/1").await;
    assert_eq!(
        (&application["name"], &application["id"]),
        (&json!("shop"), &json!(1))
    );
    assert_eq!(application["default_branch"], "trunk");
    let action = client.deploy().await;
    let data = client.get(&format!("/actions/{action}")).await["action_data"].clone();
    assert_eq!(data["deployment"]["source_ref"], "trunk");

    // Fields that aren't documented have no effect, and filters that fit nothing find nothing.
    let renamed = json!({"id": 1, "status": "failed", "ssh_port": 2222});
    assert_eq!(client.status("PUT", "/servers/1", renamed).await, 204);
    let server = client.get("/servers/1").await;
    assert_eq!(
        (&server["status"], &server["ssh_port"]),
        (&json!("running"), &json!(2222))
    );
    let none = client
        .get("/environments/1/servers?provider_code=aws")
        .await;
    assert_eq!(none, json!([]));

    let taken = json!({"name": "shop", "engine_version": "22.x", "framework": "none",
        "programming_language": "nodejs", "repository": "me/shop", "credential_id": 1, "default_branch": "main"});
    let errors = client
        .errors("POST", "/environments/1/applications", taken)
        .await;
    assert_eq!(
        errors,
        json!({"name": ["The name has already been taken."]})
    );
}

#[tokio::test]
async fn variables_belong_to_their_resource() {
    let client = Client::at_once().await;
    let variable = json!({"key": "APP_URL", "value": "https://example.com", "target": "os-env-var",
        "type": "variable", "hidden": false});
    let created = client
        .create("/variables/application/1", variable.clone())
        .await;
    assert_eq!(
        (&created["resource_type"], &created["resource_id"]),
        (&json!("application"), &json!(1))
    );
    assert_eq!(created["description"], Value::Null);
    let errors = client
        .errors("POST", "/applications/1/variables", variable.clone())
        .await;
    assert_eq!(errors, json!({"key": ["The key has already been taken."]}));
    client.create("/variables/server/1", variable.clone()).await;
    assert_eq!(
        each(&client.get("/applications/1/variables").await, "id"),
        [json!(1)]
    );
    let filtered = client
        .get("/variables/application/1?variable_target=redis-conf")
        .await;
    assert_eq!(filtered, json!([]));
    assert_eq!(
        client.status("DELETE", "/variables/1", Value::Null).await,
        204
    );
    assert_eq!(client.get("/variables/application/1").await, json!([]));
    assert_eq!(
        client.status("POST", "/variables/server/9", variable).await,
        404
    );
}

#[tokio::test]
async fn credentials_never_show_what_unlocks_the_account() {
    let client = Client::at_once().await;
    let body = json!({"name": "cloud", "provider_code": "hetzner", "provider_type": "cloud_provider", "active": true,
        "settings": {"credential": {"api_token": "hush"}}});
    let created = client.create("/organizations/acme/credentials", body).await;
    let link = format!("/environments/1/credentials/{}/link", created["id"]);
    assert_eq!(client.status("POST", &link, Value::Null).await, 204);
    assert_eq!(
        (&created["provider"]["code"], &created["provider_type"]),
        (&json!("hetzner"), &json!("cloud_provider"))
    );
    for body in [created, json!(client.server.resources("credential"))] {
        assert!(!body.to_string().contains("hush"), "{body}");
    }
    let filtered = client
        .get("/environments/1/credentials?provider_code=hetzner")
        .await;
    assert_eq!(each(&filtered, "name"), [json!("cloud")]);
}

#[tokio::test]
async fn environments_are_archived_and_come_back() {
    let client = Client::at_once().await;
    let body = json!({"name": "prod", "type": "production"});
    let created = client.create("/projects/1/environments", body).await;
    assert_eq!(
        (&created["type_human_readable"], &created["description"]),
        (&json!("Production"), &Value::Null)
    );
    let listed = || async { each(&client.get("/projects/1/environments").await, "name") };
    let archived = || async { client.get("/projects/1/environments/archived").await };
    assert_eq!(
        client
            .status("POST", "/environments/2/archive", Value::Null)
            .await,
        204
    );
    assert_eq!(listed().await, [json!("staging")]);
    assert_eq!(each(&archived().await, "name"), [json!("prod")]);
    assert!(archived().await[0]["archived_at"].is_string());
    assert_eq!(
        client
            .status("POST", "/environments/2/unarchive", Value::Null)
            .await,
        204
    );
    assert_eq!((listed().await.len(), archived().await), (2, json!([])));
}
