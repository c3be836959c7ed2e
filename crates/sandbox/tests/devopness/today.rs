//! What the service of August 2026 has beyond that of November 2025.

use deploykit_sandbox::Sandbox;
use deploykit_sandbox::devopness::Version;
use serde_json::{Value, json};

use crate::client::{Client, each};

#[tokio::test]
async fn each_version_has_its_own_operations() {
    let new = Client::at_once().await;
    let old = Client::at_once_as(Version::V2025_11).await;
    let role = json!({"name": "reader", "permissions": ["server:read"]});
    for (path, by_old, by_new) in [
        ("/projects/1/roles", 201, 404),
        ("/organizations/acme/roles", 404, 201),
    ] {
        assert_eq!(old.status("POST", path, role.clone()).await, by_old);
        assert_eq!(new.status("POST", path, role.clone()).await, by_new);
    }
    assert_eq!(old.get("/projects/1").await["owner_type"], "user");
    let project = new.get("/projects/1").await;
    assert_eq!(project["organization"]["url_slug"], "acme");
    assert_eq!(project.get("owner_type"), None);
}

#[tokio::test]
async fn a_login_opens_the_api() {
    for version in [Version::V2025_11, Version::V2026_08] {
        let client = Client::at_once_as(version).await;
        let login = client.send("POST", "/users/login", Value::Null).await;
        let token = login.body["access_token"].as_str().unwrap();
        let me = client.send_as(token, "GET", "/users/me", Value::Null).await;
        assert_eq!(me.status, 200);
        let listed = client.get("/users/personal-access-tokens").await;
        assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    }
}

#[tokio::test]
async fn what_a_provider_could_not_use_is_refused() {
    let client = Client::at_once().await;
    let good = json!({"hostname": "web", "credential_id": "2", "provision_input": {
        "cloud_service_code": "aws-ec2", "settings": {"region": "us-east-1", "instance_type": "a1.medium",
        "storage_size": 32, "os_version_code": "ubuntu_26_04"}}});
    for (pointer, bad, field) in [
        (
            "/provision_input/settings/os_version_code",
            json!("nope"),
            "provision_input.settings.os_version_code",
        ),
        (
            "/provision_input/settings/storage_size",
            json!(-5),
            "provision_input.settings.storage_size",
        ),
        (
            "/provision_input/settings/region",
            Value::Null,
            "provision_input.settings.region",
        ),
        (
            "/provision_input/cloud_service_code",
            json!("hetzner-hcloud"),
            "credential_id",
        ),
        ("/credential_id", json!("1"), "credential_id"),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = bad;
        let errors = client.errors("POST", "/environments/1/servers", body).await;
        assert_eq!(
            errors.as_object().unwrap().keys().collect::<Vec<_>>(),
            [field]
        );
    }
    client.create("/environments/1/servers", good).await;
    let host = json!({"type": "cloud-based", "name": "shop.example.com"});
    let errors = client
        .errors("POST", "/environments/1/virtual-hosts", host)
        .await;
    assert!(!errors["type"].is_null(), "{errors}");
    let source = json!({"name": "code", "provider_code": "github", "provider_type": "source_provider",
        "active": true, "settings": {"credential": {"callback_code": "a606964974"}}});
    let errors = client
        .errors("POST", "/organizations/1/credentials", source)
        .await;
    assert!(
        !errors["settings.credential.auth_type"].is_null(),
        "{errors}"
    );
}

#[tokio::test]
async fn credentials_are_used_where_they_are_linked() {
    let client = Client::at_once().await;
    let names = || async { each(&client.get("/environments/1/credentials").await, "name") };
    assert_eq!(names().await, [json!("github"), json!("aws")]);
    let unlink = "/environments/1/credentials/1/unlink";
    assert_eq!(client.status("DELETE", unlink, Value::Null).await, 204);
    assert_eq!(names().await, [json!("aws")]);
    let all = client.get("/organizations/acme/credentials").await;
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn actions_are_filtered_and_say_why() {
    let client = Client::start(Sandbox::devopness()).await;
    let body = json!({"trigger_comment": "hotfix"});
    let run = client.send("POST", "/pipelines/1/actions", body).await.body;
    assert_eq!(run["trigger_comment"], "hotfix");
    for (filter, found) in [
        ("filter[status]=completed", 0),
        ("filter[status]=pending&filter[operation]=deploy", 1),
        (
            "filter%5Bresource_type%5D=application&filter%5Bresource_id%5D=1",
            1,
        ),
        ("filter[organization_id]=2", 0),
    ] {
        let listed = client.get(&format!("/actions?{filter}")).await;
        assert_eq!(listed.as_array().unwrap().len(), found, "{filter}");
    }
}

#[tokio::test]
async fn templates_are_checked_or_applied() {
    let client = Client::at_once().await;
    let path = "/environments/1/applications/apply-template";
    let mut body = json!({"template_id": "n8n", "template_inputs": {"application_name": "flows"}, "dry_run": true});
    assert_eq!(client.status("POST", path, body.clone()).await, 204);
    assert_eq!(client.server.resources("application").len(), 1);
    body["dry_run"] = json!(false);
    let made = client.create(path, body).await;
    assert_eq!((&made["name"], &made["id"]), (&json!("flows"), &json!(2)));
}

#[tokio::test]
async fn what_is_in_a_project_goes_with_it() {
    let client = Client::at_once().await;
    assert_eq!(
        client.status("DELETE", "/projects/1", Value::Null).await,
        204
    );
    for kind in ["environment", "server", "application", "pipeline"] {
        assert!(client.server.resources(kind).is_empty(), "{kind}");
    }
    assert_eq!(client.server.resources("organization").len(), 1);
}
