//! The Edgegap stand-in, driven by a client that knows nothing but HTTP and JSON.

#![cfg(feature = "edgegap")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use deploykit_sandbox::edgegap::{Edgegap, Outcome};
use deploykit_sandbox::{Builder, Running, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

struct Client {
    server: Running<Edgegap>,
    authorization: String,
    http: reqwest::Client,
}

impl Client {
    async fn start(builder: Builder<Edgegap>) -> Self {
        let server = builder.start().await.unwrap();
        let authorization = format!("token {}", server.token());
        Self {
            server,
            authorization,
            http: reqwest::Client::new(),
        }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        self.call_as(&self.authorization, method, path, body).await
    }

    async fn call_as(&self, who: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.server.base_url());
        let request = self.http.request(method, url).header("authorization", who);
        let request = if body.is_null() {
            request
        } else {
            request.body(body.to_string())
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, &Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, &body).await
    }

    async fn stop(&self, id: &str) -> u16 {
        self.call(Method::DELETE, &format!("/v1/stop/{id}"), &Value::Null)
            .await
            .0
    }

    async fn deploy(&self) -> String {
        let (status, body) = self.post("/v2/deployments", order()).await;
        assert_eq!(status, 202, "{body}");
        body["request_id"].as_str().unwrap().to_owned()
    }

    /// Looks until the deployment is in this phase.
    async fn until(&self, id: &str, phase: &str) {
        let start = Instant::now();
        loop {
            let (_, status) = self.get(&format!("/v1/status/{id}")).await;
            if status["current_status"] == format!("Status.{phase}") {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{status}");
        }
    }
}

fn order() -> Value {
    let user = json!({"user_type": "ip_address", "user_data": {"ip_address": "75.28.35.192"}});
    json!({"application": "my-app", "version": "v1", "users": [user], "tags": ["eu"]})
}

fn quick() -> Builder<Edgegap> {
    Sandbox::edgegap().speed(500.0).without_quotas()
}

#[tokio::test]
async fn a_deployment_walks_through_its_whole_life() {
    let client = Client::start(quick()).await;
    let id = client.deploy().await;
    client.until(&id, "READY").await;
    let (_, ready) = client.get(&format!("/v1/status/{id}")).await;
    assert_eq!(ready["ports"]["gameport"]["internal"], 7777);
    assert!(ready["fqdn"].as_str().unwrap().starts_with(&id));
    assert_eq!(client.stop(&id).await, 200);
    client.until(&id, "TERMINATED").await;
    assert_eq!(client.stop(&id).await, 410);
    let (_, listed) = client.get("/v1/deployments").await;
    assert_eq!(listed["total_count"], 0, "what has ended is not listed");
}

#[tokio::test]
async fn starts_fail_as_they_are_told() {
    let client = Client::start(quick().outcome(Outcome::Error("no memory".to_owned()))).await;
    let id = client.deploy().await;
    client.until(&id, "ERROR").await;
    let (_, failed) = client.get(&format!("/v1/status/{id}")).await;
    assert_eq!(
        (&failed["error"], &failed["error_detail"]),
        (&json!(true), &json!("no memory"))
    );
    client.server.next_outcome(Outcome::NotPlaced);
    let (status, body) = client.post("/v2/deployments", order()).await;
    assert_eq!(status, 422);
    client
        .until(body["request_id"].as_str().unwrap(), "ERROR")
        .await;
    client.server.next_outcome(Outcome::Stuck);
    let id = client.deploy().await;
    assert_eq!(client.stop(&id).await, 200, "being stopped gets it out");
    client.until(&id, "TERMINATED").await;
}

#[tokio::test]
async fn only_the_right_token_in_the_right_form_is_accepted() {
    let client = Client::start(quick()).await;
    let token = client.server.token();
    for wrong in [
        token.clone(),
        format!("token token {token}"),
        format!("Bearer {token}"),
        "token x".to_owned(),
    ] {
        let answer = client
            .call_as(&wrong, Method::GET, "/v1/deployments", &Value::Null)
            .await;
        assert_eq!(answer.0, 401, "{wrong}");
    }
    let id = client.deploy().await;
    let variables = client.server.injected(&id).unwrap();
    let variable = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    };
    let url = variable("ARBITRIUM_DELETE_URL");
    let path = url.strip_prefix(client.server.base_url()).unwrap();
    let raw = variable("ARBITRIUM_DELETE_TOKEN");
    let stop = async |who: &str, path: &str| {
        client
            .call_as(who, Method::DELETE, path, &Value::Null)
            .await
            .0
    };
    assert_eq!(stop(&client.authorization, path).await, 401);
    assert_eq!(stop(&format!("token {raw}"), path).await, 401);
    assert_eq!(stop(&raw, &format!("/v1/self/stop/{id}/1")).await, 404);
    assert!([200, 202].contains(&stop(&raw, path).await));
}

#[tokio::test]
async fn each_documented_limit_is_kept_on_its_own() {
    // A window lasts twenty seconds here: long enough for all these calls to fall into one.
    let client = Client::start(Sandbox::edgegap().speed(0.05).fleet("fleet", &["host-1"])).await;
    let id = client.deploy().await;
    let mut rejected = 0;
    for (path, most) in [
        (format!("/v1/status/{id}"), 20),
        ("/v1/deployments".to_owned(), 10),
        ("/v2/private-fleets/fleet/hosts".to_owned(), 10),
    ] {
        for number in 0..=most {
            let (status, _) = client.get(&path).await;
            assert_eq!(
                status,
                if number < most { 200 } else { 429 },
                "{path} {number}"
            );
        }
        rejected += 1;
    }
    let fleet_order = {
        let mut order = order();
        order["private_host_ids"] = json!(["host-1"]);
        order
    };
    for (path, body, most) in [
        ("/v2/deployments", order(), 39),
        ("/v2/private-fleets:deploy", fleet_order, 40),
    ] {
        for number in 0..=most {
            let (status, _) = client.post(path, body.clone()).await;
            assert_eq!(
                status,
                if number < most { 202 } else { 429 },
                "{path} {number}"
            );
        }
        rejected += 1;
    }
    assert_eq!(client.server.rejected(), rejected);
    assert_eq!(client.server.created(), 80);
}

#[tokio::test]
async fn orders_are_checked() {
    let client = Client::start(quick().fleet("fleet", &["host-1"])).await;
    let with = |field: &str, value: Value| {
        let mut order = order();
        order[field] = value;
        order
    };
    let user =
        |kind: &str, data: Value| with("users", json!([{"user_type": kind, "user_data": data}]));
    for bad in [
        json!([]),
        with("version", Value::Null),
        with("application", json!(1)),
        with("tags", json!([1])),
        user("ip_address", json!({"ip_address": "nowhere"})),
        user("geo_coordinates", json!({"latitude": 91, "longitude": 0})),
        user("name", json!({})),
        with("environment_variables", json!([{"key": "A", "value": "1"}])),
        with(
            "environment_variables",
            json!([{"key": "A", "value": "x".repeat(4097), "is_hidden": true}]),
        ),
        with("webhook_on_ready", json!({})),
    ] {
        let (status, body) = client.post("/v2/deployments", bad.clone()).await;
        assert_eq!(status, 400, "{bad}");
        assert!(body["message"].is_string());
    }
    for hosts in [
        Value::Null,
        json!([]),
        json!(["unknown"]),
        json!(["host-1", "host-1"]),
    ] {
        let (status, _) = client
            .post(
                "/v2/private-fleets:deploy",
                with("private_host_ids", hosts.clone()),
            )
            .await;
        assert_eq!(status, 400, "{hosts}");
    }
    assert_eq!(client.server.created(), 0);
}

#[tokio::test]
async fn bad_questions_get_the_documented_answers() {
    let client = Client::start(quick()).await;
    let id = client.deploy().await;
    let query = |text: &str| format!("/v1/deployments?query={}", text.replace('"', "%22"));
    let metrics = |rest: &str| format!("/v1/metrics/deployment/{id}?{rest}");
    for (path, wanted) in [
        (query("nonsense"), 400),
        (
            query(r#"{"filters":[{"field":"colour","operator":"eq","value":"red"}]}"#),
            400,
        ),
        (
            query(r#"{"filters":[{"field":"status","operator":"in","value":["ready"]}]}"#),
            400,
        ),
        (
            query(r#"{"filters":[{"field":"tags","operator":"eq","value":"eu"}]}"#),
            200,
        ),
        ("/v1/deployments?page=0".to_owned(), 400),
        (metrics("start_time=yesterday"), 400),
        (metrics("steps=often"), 400),
        (
            metrics("start_time=2021-07-19%2000:00:00.00&end_time=2021-07-10%2000:00:00.00"),
            422,
        ),
        (
            metrics(
                "start_time=2021-07-10%2000:00:00.00&steps=1h&end_time=2021-07-10%2003:00:00.00",
            ),
            200,
        ),
        ("/v1/status/unknown".to_owned(), 404),
        ("/v1/deployments/unknown/tags".to_owned(), 404),
        ("/v3/deployments".to_owned(), 404),
    ] {
        let (status, body) = client.get(&path).await;
        assert_eq!(status, wanted, "{path}: {body}");
    }
    let tags = format!("/v1/deployments/{id}/tags");
    for (name, wanted) in [
        (json!(""), 400),
        (json!(1), 400),
        (json!("x".repeat(41)), 400),
        (json!("eu"), 409),
    ] {
        assert_eq!(
            client.post(&tags, json!({ "name": name })).await.0,
            wanted,
            "{name}"
        );
    }
    for bad in [json!({}), json!({"filters": [{"field": "request_id"}]})] {
        assert_eq!(client.post("/v1/deployments/bulk-stop", bad).await.0, 400);
    }
}

#[tokio::test]
async fn no_filters_stop_everything_as_they_do_for_real() {
    let client = Client::start(quick()).await;
    let ids = [client.deploy().await, client.deploy().await];
    let (status, body) = client
        .post("/v1/deployments/bulk-stop", json!({"filters": []}))
        .await;
    assert_eq!(
        (status, body["processable"].as_array().unwrap().len()),
        (202, 2)
    );
    for id in ids {
        client.until(&id, "TERMINATED").await;
    }
}

#[tokio::test]
async fn webhooks_that_cannot_be_posted_are_told_as_such() {
    let client = Client::start(quick()).await;
    let mut hooked = order();
    hooked["webhook_on_ready"] = json!({"url": "https://example.com/"});
    let (_, body) = client.post("/v2/deployments", hooked).await;
    let start = Instant::now();
    while client.server.webhooks().is_empty() {
        assert!(start.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    let posted = &client.server.webhooks()[0];
    assert_eq!((posted.field, posted.status), ("webhook_on_ready", None));
    assert_eq!(body["request_id"], posted.request_id);
}

#[tokio::test(start_paused = true)]
async fn without_a_network_it_keeps_to_virtual_time() {
    let server = Sandbox::edgegap().start().await.unwrap();
    let authorization = format!("token {}", server.token());
    let answer = async |method: &str, target: &str, body: String| {
        let (status, body) = server
            .answer(method, target, Some(&authorization), body)
            .await?;
        Some((status, serde_json::from_slice::<Value>(&body).unwrap()))
    };
    let deploy = async || answer("POST", "/v2/deployments", order().to_string()).await;
    let (_, body) = deploy().await.unwrap();
    let status = format!("/v1/status/{}", body["request_id"].as_str().unwrap());
    let mut seen = Vec::new();
    for _ in 0..6 {
        let (_, now) = answer("GET", &status, String::new()).await.unwrap();
        assert_eq!(
            now["ports"].is_null(),
            seen.len() < 5,
            "ports are there once it is ready"
        );
        seen.push(now["current_status"].as_str().unwrap().to_owned());
        tokio::time::advance(Duration::from_millis(1200)).await;
    }
    let wanted = [
        "INITIALIZING",
        "SEEKING",
        "SEEKED",
        "SCANNING",
        "DEPLOYING",
        "READY",
    ];
    assert_eq!(seen, wanted.map(|phase| format!("Status.{phase}")));

    server.faults().on("POST", "/**").reset_before();
    assert!(deploy().await.is_none());
    assert_eq!(server.created(), 1);
    server.faults().on("POST", "/**").reset_after();
    assert!(deploy().await.is_none());
    assert_eq!(server.created(), 2);
    server.faults().on("POST", "/**").body("{}").status(500);
    assert_eq!(deploy().await.unwrap().0, 500);
}

#[tokio::test]
async fn a_game_backend_finds_its_application_and_places_at_start() {
    let client = Client::start(Sandbox::edgegap()).await;
    let (status, application) = client.get("/v1/app/my-app").await;
    assert_eq!((status, &application["is_active"]), (200, &json!(true)));
    let (status, versions) = client.get("/v1/app/my-app/versions").await;
    assert_eq!(
        (
            status,
            &versions["versions"][0]["name"],
            &versions["total_count"]
        ),
        (200, &json!("v1"), &json!(1))
    );
    let (_, places) = client.get("/v1/locations?page=2&limit=4").await;
    assert_eq!(
        (
            places["locations"].as_array().unwrap().len(),
            &places["total_count"]
        ),
        (2, &json!(6))
    );
    assert_eq!(places["pagination"]["previous_page_number"], 1);
    let (status, beacons) = client.get("/v1/locations/beacons").await;
    assert_eq!((status, &beacons["count"]), (200, &json!(6)));
}

#[tokio::test]
async fn versions_are_checked_kept_and_deployed_with_their_ports() {
    let client = Client::start(Sandbox::edgegap().speed(1000.0).missing_image("org/gone:1")).await;
    let app = json!({"name": "game", "is_active": true, "image": "a"});
    assert_eq!(client.post("/v1/app", app.clone()).await.0, 200);
    assert_eq!(client.post("/v1/app", app).await.0, 409);
    let version = |change: Value| {
        let mut version = json!({
            "name": "1", "req_cpu": 256, "req_memory": 512, "docker_repository": "r.example.com",
            "docker_image": "org/game", "docker_tag": "1", "ports": [{"port": 9000, "protocol": "TCP", "name": "game"}],
        });
        for (name, value) in change.as_object().unwrap() {
            version[name] = value.clone();
        }
        version
    };
    for (change, status) in [
        (json!({"req_cpu": "256"}), 400),
        (json!({"req_memory": 513}), 400),
        (json!({"docker_tag": ""}), 400),
        (json!({"max_duration": 1441}), 400),
        (json!({"ports": [{"port": 60_000, "protocol": "TCP"}]}), 400),
        (
            json!({"docker_image": "org/gone", "verify_image": true}),
            424,
        ),
        (json!({}), 200),
        (json!({}), 409),
    ] {
        assert_eq!(
            client
                .post("/v1/app/game/version", version(change.clone()))
                .await
                .0,
            status,
            "{change}"
        );
    }
    let order = |version: &str| {
        let user = json!({"user_type": "ip_address", "user_data": {"ip_address": "192.0.2.1"}});
        json!({"application": "game", "version": version, "users": [user]})
    };
    assert_eq!(
        client.post("/v2/deployments", order("2")).await.0,
        400,
        "there is no such version"
    );
    let (status, deployed) = client.post("/v2/deployments", order("1")).await;
    assert_eq!(status, 202);
    let path = format!("/v1/status/{}", deployed["request_id"].as_str().unwrap());
    let start = Instant::now();
    loop {
        let (_, seen) = client.get(&path).await;
        if seen["current_status"] == "Status.READY" {
            assert_eq!(seen["ports"]["game"]["internal"], 9000);
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{seen}");
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

#[tokio::test]
async fn instances_take_their_bare_tokens_only() {
    let client = Client::start(Sandbox::edgegap()).await;
    let bare = client.server.matchmaker_token();
    for (who, status) in [
        (bare.to_owned(), 200),
        (format!("token {bare}"), 401),
        (format!("Bearer {bare}"), 401),
        (client.authorization.clone(), 401),
    ] {
        let path = "/matchmaker/monitor";
        assert_eq!(
            client
                .call_as(&who, Method::GET, path, &Value::Null)
                .await
                .0,
            status,
            "{who}"
        );
    }
    let player = client.server.server_browser_client_token();
    let path = "/server-browser/server-instances";
    assert_eq!(
        client
            .call_as(player, Method::GET, path, &Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(
        client
            .call_as(player, Method::POST, path, &json!({}))
            .await
            .0,
        403
    );
}
