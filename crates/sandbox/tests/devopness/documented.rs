//! What is documented for all operations: routes, headers, bodies, shapes and pages.

use std::path::Path;

use deploykit_sandbox::devopness::{Outcome, Version};
use deploykit_sandbox::{Answered, Controlled as _, Sandbox};
use serde_json::{Value, json};

use crate::client::{Client, answer, each};

/// The fixture of that name.
fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/devopness");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The names of all fixtures of a success.
fn successes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/devopness");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_success = |name: &String| {
        name.ends_with(".json") && fixture(name)["response"]["status"].as_u64().unwrap() < 300
    };
    names.filter(is_success).collect()
}

/// The operations of a version: without those that only the other one has.
fn operations(of_the_other: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/devopness");
    let list = std::fs::read_to_string(folder.join("operations.txt")).unwrap();
    let names = list
        .lines()
        .filter(|line| !line.contains(of_the_other))
        .map(|line| line.split(' ').next().unwrap().to_owned());
    names.collect()
}

/// Creates one thing of each kind, so that each has the id 1. Gives the hook's id.
async fn furnish(client: &Client) -> String {
    let network = json!({"name": "net", "credential_id": 2, "provision_input":
        {"cloud_service_code": "aws-ec2", "settings": {"region": "us-east-1", "cidr_block": "10.0.0.0/24"}}});
    client.create("/environments/1/networks", network).await;
    let subnet = json!({"name": "sub", "type": "public", "credential_id": 2, "provision_input":
        {"settings": {"zone": "us-east-1a", "cidr_block": "10.0.0.0/24"}}});
    client.create("/networks/1/subnets", subnet).await;
    let daemon = json!({"name": "worker", "command": "node worker.js", "process_count": 2,
        "working_directory": null, "run_as_user": "devopness", "application_id": 1});
    client.create("/environments/1/daemons", daemon).await;
    let job = json!({"name": "backup", "command": "backup now", "pattern": "0 0 * * *",
        "run_as_user": "root", "application_id": 1});
    client.create("/environments/1/cron-jobs", job).await;
    let host = json!({"type": "name-based", "name": "my-site.example.com", "application_id": 1});
    client.create("/environments/1/virtual-hosts", host).await;
    let certificate = json!({"virtual_host_id": 1, "issuer": "lets-encrypt"});
    client
        .create("/environments/1/ssl-certificates", certificate)
        .await;
    let rule = json!({"name": "mysql", "direction": "inbound", "protocol": "tcp", "port": 3306,
        "cidr_block": "10.0.0.0/24"});
    client.create("/environments/1/network-rules", rule).await;
    let service = json!({"type": "mysql", "version": "8.0"});
    client.create("/environments/1/services", service).await;
    let key = json!({"name": "me", "public_key": "ssh-ed25519 AAAA me"});
    client.create("/environments/1/ssh-keys", key).await;
    let variable = json!({"key": "A", "value": "b", "target": "os-env-var", "type": "variable", "hidden": false});
    client.create("/variables/application/1", variable).await;
    let acme = client.send("GET", "/organizations/acme", Value::Null).await;
    let teams = match acme.status {
        200 => "/organizations/acme/teams",
        _ => "/projects/1/teams",
    };
    client.create(teams, json!({"name": "Team"})).await;
    client
        .create("/organizations", json!({"name": "Org", "url_slug": "org"}))
        .await;
    let hook = json!({"name": "in", "requires_secret": false});
    let hook = client.create("/pipelines/1/hooks/incoming", hook).await;
    hook["id"].as_str().unwrap().to_owned()
}

/// A server with one thing of each kind, and a failed action that can be retried.
struct Ready {
    client: Client,
    hook: String,
    action: u64,
    target: Value,
}

async fn prepare(version: Version) -> Ready {
    let client = Client::at_once_as(version).await;
    let hook = furnish(&client).await;
    client.server.next_outcome(Outcome::FailedAt(1));
    let action = client.deploy().await;
    let target = client.get(&format!("/actions/{action}")).await["targets"][0]["id"].clone();
    Ready {
        client,
        hook,
        action,
        target,
    }
}

/// Every documented request is understood: it is done, or refused only because it names things
/// that this sandbox doesn't have, or a date that has passed.
#[tokio::test]
async fn every_documented_request_is_understood() {
    understood(Version::V2025_11, operations(" since="), 206).await;
}

#[tokio::test]
async fn every_request_of_today_is_understood() {
    understood(Version::V2026_08, operations(" removed="), 232).await;
}

async fn understood(version: Version, operations: Vec<String>, count: usize) {
    assert_eq!(operations.len(), count);
    let mut done = 0;
    let mut ready = prepare(version).await;
    let covered = ready.client.server.service().operations();
    let is_example = |operation: &str| {
        let line = covered.iter().find(|one| one.id == operation);
        line.map(|one| one.answered) == Some(Answered::Example)
    };
    let mut mistaken = Vec::new();
    for operation in operations {
        let fixture = fixture(&format!("{operation}.json"));
        let Ready {
            client,
            hook,
            action,
            target,
        } = &ready;
        let (request, response) = (&fixture["request"], &fixture["response"]);
        let method = request["method"].as_str().unwrap();
        // The things that are here, instead of those of the documentation.
        let path = request["path"].as_str().unwrap();
        let path = path
            .replace("/actions/123", &format!("/actions/{action}"))
            .replace("/targets/123", &format!("/targets/{target}"))
            .replace(
                "/hooks/2ab973e1-9528-4d67-aff0-209d74975830",
                &format!("/hooks/{hook}"),
            )
            .replace(
                "incoming/2ab973e1-9528-4d67-aff0-209d74975830",
                &format!("incoming/{hook}"),
            )
            .replace("/123", "/1")
            .replace("/54389", "/1")
            .replace("/organizations/johndoe", "/organizations/org")
            .replace("/organizations/my-org", "/organizations/org");
        let sent = client.send(method, &path, request["body"].clone()).await;
        let message = sent.body["message"].as_str().unwrap_or_default();
        match sent.status {
            404 => assert!(
                message.starts_with("The requested ")
                    && message != "The requested route was not found.",
                "{operation}: {message}"
            ),
            422 => {
                for (field, messages) in sent.body["errors"].as_object().unwrap() {
                    let message = messages[0].as_str().unwrap();
                    let expected = message.starts_with("The selected ")
                        || message == "The expires at must be a date after now.";
                    assert!(expected, "{operation}: {field}: {message}");
                }
            }
            status => {
                done += 1;
                if sent.example != is_example(&operation) {
                    mistaken.push((operation.clone(), sent.example));
                }
                assert_eq!(
                    json!(status),
                    response["status"],
                    "{operation}: {}",
                    sent.body
                );
                let documented = &response["headers"]["x-devopness-action-id"];
                assert_eq!(sent.action.is_some(), !documented.is_null(), "{operation}");
            }
        }
        if method == "DELETE" {
            ready = prepare(version).await;
        }
    }
    assert!(done > 160, "only {done} were done");
    assert!(mistaken.is_empty(), "not as in the table: {mistaken:?}");
}

/// The other documented bodies, too: the shortest, and those of each cloud provider.
#[tokio::test]
async fn no_documented_body_is_refused_for_its_form() {
    let old = Client::at_once_as(Version::V2025_11).await;
    let new = Client::at_once().await;
    let (before, after) = (operations(" since="), operations(" removed="));
    let mut sent = 0;
    for name in successes() {
        let operation = name.split('.').next().unwrap().to_owned();
        let is_new = name.contains(".2026-08.") || !before.contains(&operation);
        let client = if is_new && after.contains(&operation) {
            &new
        } else {
            &old
        };
        let request = &fixture(&name)["request"];
        if request["body"].is_null() || name.matches('.').count() < 2 {
            continue;
        }
        sent += 1;
        let (method, path) = (
            request["method"].as_str().unwrap(),
            request["path"].as_str().unwrap(),
        );
        let path = path.replace("/123", "/1");
        let answer = client.send(method, &path, request["body"].clone()).await;
        let messages = answer.body["errors"].as_object().into_iter().flatten();
        for (field, messages) in messages {
            let message = messages[0].as_str().unwrap();
            let expected = [
                "The selected ",
                "The expires at must be",
                "The name has already",
                "The key has already",
            ];
            assert!(
                expected.iter().any(|start| message.starts_with(start)),
                "{name}: {field}: {message}"
            );
        }
        assert!(
            [200, 201, 202, 204, 404, 422].contains(&answer.status),
            "{name}: {}",
            answer.body
        );
    }
    assert!(sent > 90, "only {sent}");
}

#[tokio::test]
async fn answers_have_the_documented_fields() {
    let client = Client::at_once_as(Version::V2025_11).await;
    let hook = furnish(&client).await;
    let action = client.deploy().await;

    for (operation, path) in [
        ("getProject", "/projects/1".to_owned()),
        ("listProjects", "/projects".to_owned()),
        ("getEnvironment", "/environments/1".to_owned()),
        (
            "listProjectEnvironments",
            "/projects/1/environments".to_owned(),
        ),
        ("getServer", "/servers/1".to_owned()),
        (
            "listEnvironmentServers",
            "/environments/1/servers".to_owned(),
        ),
        ("getApplication", "/applications/1".to_owned()),
        (
            "listEnvironmentApplications",
            "/environments/1/applications".to_owned(),
        ),
        ("getCredential", "/credentials/1".to_owned()),
        (
            "listEnvironmentCredentials",
            "/environments/1/credentials".to_owned(),
        ),
        ("getNetwork", "/networks/1".to_owned()),
        (
            "listEnvironmentNetworks",
            "/environments/1/networks".to_owned(),
        ),
        ("getSubnet", "/subnets/1".to_owned()),
        ("listNetworkSubnets", "/networks/1/subnets".to_owned()),
        ("getDaemon", "/daemons/1".to_owned()),
        (
            "listEnvironmentDaemons",
            "/environments/1/daemons".to_owned(),
        ),
        ("getCronJob", "/cron-jobs/1".to_owned()),
        (
            "listEnvironmentCronJobs",
            "/environments/1/cron-jobs".to_owned(),
        ),
        ("getVirtualHost", "/virtual-hosts/1".to_owned()),
        (
            "listEnvironmentVirtualHosts",
            "/environments/1/virtual-hosts".to_owned(),
        ),
        ("getSslCertificate", "/ssl-certificates/1".to_owned()),
        (
            "listEnvironmentSslCertificates",
            "/environments/1/ssl-certificates".to_owned(),
        ),
        ("getNetworkRule", "/network-rules/1".to_owned()),
        (
            "listEnvironmentNetworkRules",
            "/environments/1/network-rules".to_owned(),
        ),
        ("getService", "/services/1".to_owned()),
        (
            "listEnvironmentServices",
            "/environments/1/services".to_owned(),
        ),
        ("getSshKey", "/ssh-keys/1".to_owned()),
        (
            "listEnvironmentSshKeys",
            "/environments/1/ssh-keys".to_owned(),
        ),
        ("getVariable", "/variables/1".to_owned()),
        (
            "listVariablesByResourceType",
            "/variables/application/1".to_owned(),
        ),
        ("getTeam", "/teams/1".to_owned()),
        ("listProjectTeams", "/projects/1/teams".to_owned()),
        ("getRole", "/roles/1".to_owned()),
        ("listProjectRoles", "/projects/1/roles".to_owned()),
        ("getOrganization", "/organizations/org".to_owned()),
        ("listOrganizations", "/organizations".to_owned()),
        ("getPipeline", "/pipelines/1".to_owned()),
        (
            "listPipelinesByResourceType",
            "/pipelines/application/1".to_owned(),
        ),
        ("getHook", format!("/hooks/incoming/{hook}")),
        ("listPipelineHooks", "/pipelines/1/hooks".to_owned()),
        ("listApplicationHooks", "/applications/1/hooks".to_owned()),
        ("getAction", format!("/actions/{action}")),
        ("listActions", "/actions".to_owned()),
        (
            "listActionsByResourceType",
            "/actions/application/1".to_owned(),
        ),
        (
            "listUserPersonalAccessTokens",
            "/users/personal-access-tokens".to_owned(),
        ),
        ("getUserMe", "/users/me".to_owned()),
        (
            "getStaticServerOptions",
            "/static/server-options".to_owned(),
        ),
    ] {
        let answered = client.get(&path).await;
        let documented = &fixture(&format!("{operation}.json"))["response"]["body"];
        same_fields(documented, &answered, operation);
    }
}

/// Objects have the documented fields and no others, and values the documented types. What may be
/// null, or differs from thing to thing, is not followed.
fn same_fields(documented: &Value, answered: &Value, path: &str) {
    match (documented, answered) {
        (_, Value::Null) | (Value::Null, _) => {}
        (Value::Array(documented), Value::Array(answered)) => {
            for item in answered {
                if let Some(documented) = documented.first() {
                    same_fields(documented, item, &format!("{path}[]"));
                }
            }
        }
        (Value::Object(documented), Value::Object(answered)) => {
            let free = [
                "settings",
                "data",
                "resource_data",
                "trigger_when",
                "hook_requests",
            ];
            if free.iter().any(|name| path.ends_with(name)) {
                return;
            }
            for (name, value) in answered {
                let documented = documented.get(name);
                let documented =
                    documented.unwrap_or_else(|| panic!("{path}.{name} is not documented"));
                same_fields(documented, value, &format!("{path}.{name}"));
            }
            // Within others, fields that may be left out are.
            if !path.contains('.') {
                for name in documented.keys() {
                    assert!(answered.contains_key(name), "{path}.{name} is missing");
                }
            }
        }
        _ => {
            let kind = |value: &Value| match value {
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                _ => "object",
            };
            assert_eq!(kind(documented), kind(answered), "{path}: {answered}");
        }
    }
}

#[tokio::test]
async fn routes_headers_and_json_are_checked() {
    let client = Client::at_once().await;
    let status = |request| async { answer(request).await.status };
    assert_eq!(client.status("GET", "/nothing", Value::Null).await, 404);
    assert_eq!(client.status("PATCH", "/projects", Value::Null).await, 405);

    let url = format!("{}/projects", client.server.base_url());
    let token = client.server.token();
    let bare = || client.http.get(&url).bearer_auth(&token);
    assert_eq!(status(bare()).await, 415);
    assert_eq!(
        status(bare().header("accept", "application/json")).await,
        415
    );
    assert_eq!(
        status(bare().header("content-type", "application/json")).await,
        415
    );
    assert_eq!(
        status(client.request("GET", "/projects").bearer_auth(&token)).await,
        200
    );

    let unknown = answer(client.request("GET", "/projects").bearer_auth("nobody")).await;
    assert_eq!(
        (unknown.status, unknown.body),
        (401, json!({"message": "Unauthenticated."}))
    );
    assert_eq!(status(client.request("GET", "/projects")).await, 401);
    // Signing in is what one does without a token.
    assert_eq!(status(client.request("POST", "/users/login")).await, 200);

    let malformed = client
        .request("POST", "/projects")
        .bearer_auth(&token)
        .body("{");
    assert_eq!(status(malformed).await, 400);
}

#[tokio::test]
async fn all_problems_of_a_body_are_told() {
    let client = Client::at_once().await;
    let body = json!({"hostname": "a".repeat(61), "ssh_port": 21, "max_parallel_actions": "x",
        "provision_input": {"cloud_service_code": "mainframe"}});
    let errors = client.errors("POST", "/environments/1/servers", body).await;
    let expected = json!({
        "hostname": ["The hostname must not be greater than 60 characters."],
        "ssh_port": ["The ssh port must be at least 22."],
        "max_parallel_actions": ["The max parallel actions must be an integer."],
        "provision_input.cloud_service_code":
            ["The selected provision input cloud service code is invalid."],
    });
    assert_eq!(errors, expected);
    let errors = client
        .errors("POST", "/organizations/acme/projects", json!({}))
        .await;
    assert_eq!(errors, json!({"name": ["The name field is required."]}));
}

#[tokio::test]
async fn lists_come_in_pages_with_all_four_links() {
    let client = Client::start(Sandbox::devopness().servers(45)).await;
    let path = "/environments/1/servers";
    let middle = client
        .send("GET", &format!("{path}?page=2&per_page=15"), Value::Null)
        .await;
    assert_eq!(
        each(&middle.body, "id"),
        (16..=30).map(|id| json!(id)).collect::<Vec<_>>()
    );
    let base = client.server.base_url();
    let link = |page: u8, relation: &str| {
        format!("<{base}{path}?per_page=15&page={page}>; rel=\"{relation}\"")
    };
    let links = [
        link(1, "first"),
        link(1, "prev"),
        link(3, "next"),
        link(3, "last"),
    ];
    assert_eq!(middle.link, links.join(", "));

    let first = client.send("GET", path, Value::Null).await;
    assert_eq!(first.body.as_array().unwrap().len(), 20);
    assert!(
        !first.link.contains("prev") && first.link.contains("next"),
        "{}",
        first.link
    );
    let all = client
        .send("GET", &format!("{path}?per_page=100"), Value::Null)
        .await;
    assert_eq!(all.body.as_array().unwrap().len(), 45);
    assert!(!all.link.contains("next"), "{}", all.link);
    // Static lists ignore pages.
    let whole = client
        .send("GET", "/static/permissions?per_page=1&page=2", Value::Null)
        .await;
    assert_eq!((whole.status, whole.link.as_str()), (200, ""));
    assert!(!whole.body.as_array().unwrap().is_empty());
}
