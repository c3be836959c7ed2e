//! API tokens of projects, and personal access tokens.

use deploykit_sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::client::{Client, each};

fn in_days(days: i64) -> String {
    let at = Timestamp::now() + SignedDuration::from_hours(days * 24);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

const PERSONAL: &str = "/users/personal-access-tokens";

#[tokio::test]
async fn a_rotated_token_gives_way_to_the_new_one() {
    let client = Client::at_once().await;
    let body = json!({"name": "my ci", "expires_at": in_days(30)});
    let created = client.create(PERSONAL, body).await;
    let id = created["id"].as_str().unwrap();
    let old = created["token"].as_str().unwrap();
    assert!(old.starts_with("devopness_pat_"), "{old}");
    let path = format!("{PERSONAL}/{id}");
    let shown = client.get(&path).await;
    assert_eq!(
        (&shown["token"], &shown["status"]),
        (&Value::Null, &json!("active"))
    );
    let listed = client.get(PERSONAL).await;
    assert_eq!(each(&listed, "name"), [json!("sandbox"), json!("my ci")]);
    assert_eq!(listed[1].get("token"), None);

    let using = |secret: String| {
        let client = &client;
        async move {
            client
                .send_as(&secret, "GET", "/projects", Value::Null)
                .await
                .status
        }
    };
    assert_eq!(using(old.to_owned()).await, 200);
    assert_ne!(client.get(&path).await["last_used_at"], Value::Null);

    let rotate = format!("{path}/rotate");
    let rotated = client
        .send(
            "POST",
            &rotate,
            json!({"id": id, "expires_at": in_days(60)}),
        )
        .await;
    assert_eq!(rotated.status, 200);
    assert_eq!(rotated.body["id"], json!(id));
    let new = rotated.body["token"].as_str().unwrap();
    assert_eq!(
        (using(old.to_owned()).await, using(new.to_owned()).await),
        (401, 200)
    );

    let revoke = format!("{path}/revoke");
    assert_eq!(client.status("DELETE", &revoke, Value::Null).await, 204);
    assert_eq!(using(new.to_owned()).await, 401);
    assert_eq!(client.get(&path).await["status"], "revoked");
    assert_eq!(client.status("DELETE", &revoke, Value::Null).await, 403);
    let again = json!({"id": id, "expires_at": in_days(60)});
    assert_eq!(client.status("POST", &rotate, again).await, 403);
}

#[tokio::test]
async fn a_project_token_opens_its_project_only() {
    let client = Client::at_once().await;
    client.create("/projects", json!({"name": "other"})).await;
    client
        .create(
            "/projects/2/environments",
            json!({"name": "prod", "type": "production"}),
        )
        .await;
    let body = json!({"name": "deploys", "role_id": 2, "expires_at": in_days(1)});
    let created = client.create("/projects/1/tokens", body).await;
    assert_eq!(created["type"], "project_api_token");
    assert_eq!(
        (&created["role"]["name"], &created["project"]["id"]),
        (&json!("viewer"), &json!(1))
    );
    let token = created["token"].as_str().unwrap();
    assert!(token.starts_with("devopness_proj_"), "{token}");
    for (path, status) in [
        ("/projects/1", 200),
        ("/environments/1/servers", 200),
        ("/projects/2", 403),
        ("/projects/2/tokens", 403),
        ("/environments/2", 403),
        ("/environments/2/servers", 403),
        ("/users/me", 403),
        (PERSONAL, 403),
        ("/static/server-options", 200),
    ] {
        let answer = client.send_as(token, "GET", path, Value::Null).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let listed = client.send_as(token, "GET", "/projects", Value::Null).await;
    assert_eq!(each(&listed.body, "id"), [json!(1)]);
    // A token of one project is no token of another.
    let path = format!("/projects/2/tokens/{}", created["id"].as_str().unwrap());
    assert_eq!(client.status("GET", &path, Value::Null).await, 404);
}

#[tokio::test]
async fn tokens_expire_and_their_dates_are_checked() {
    let client = Client::at_once().await;
    for (expires_at, message) in [
        (in_days(-1), "The expires at must be a date after now."),
        (
            in_days(400),
            "The expires at must be a date before now +1 year.",
        ),
        ("soon".to_owned(), "The expires at is not a valid date."),
    ] {
        let body = json!({"name": "my ci", "expires_at": expires_at});
        let errors = client.errors("POST", PERSONAL, body).await;
        assert_eq!(errors, json!({"expires_at": [message]}));
    }
    let body = json!({"name": "my ci", "role_id": 9, "expires_at": in_days(1)});
    let errors = client.errors("POST", "/projects/1/tokens", body).await;
    assert_eq!(
        errors,
        json!({"role_id": ["The selected role id is invalid."]})
    );

    assert!(client.server.expire_token(&client.server.token()));
    assert!(!client.server.expire_token("unknown"));
    assert_eq!(client.status("GET", "/projects", Value::Null).await, 401);
}

#[tokio::test]
async fn the_first_token_can_be_chosen() {
    let client = Client::start(Sandbox::devopness().personal_access_token("mine")).await;
    assert_eq!(client.server.token(), "mine");
    assert_eq!(client.status("GET", "/users/me", Value::Null).await, 200);
}
