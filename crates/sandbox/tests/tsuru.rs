//! The tsuru stand-in, driven by a client that knows nothing but HTTP and JSON.

#![cfg(feature = "tsuru")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use deploykit_sandbox::tsuru::{Era, Tsuru};
use deploykit_sandbox::{Builder, Running, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

struct Client {
    server: Running<Tsuru>,
    http: reqwest::Client,
}

impl Client {
    async fn start(builder: Builder<Tsuru>) -> Self {
        let server = builder.speed(1000.0).start().await.unwrap();
        Self {
            server,
            http: reqwest::Client::new(),
        }
    }

    async fn send(&self, authorization: &str, method: &str, path: &str, body: &str) -> Response {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.server.base_url());
        let request = self
            .http
            .request(method, url)
            .header("authorization", authorization);
        request.body(body.to_owned()).send().await.unwrap()
    }

    /// Status and text of what the administrator calls; `path` begins with the method.
    async fn call(&self, path: &str, body: impl ToString) -> (u16, String) {
        let (method, path) = path.split_once(' ').unwrap();
        let token = format!("bearer {}", self.server.token());
        let response = self.send(&token, method, path, &body.to_string()).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn status(&self, path: &str, body: impl ToString) -> u16 {
        self.call(path, body).await.0
    }

    async fn json(&self, path: &str) -> Value {
        let (status, text) = self.call(path, "").await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test]
async fn tokens_are_read_as_each_era_reads_them() {
    for (era, bare) in [(Era::V0_2, 401), (Era::V0_4, 204), (Era::V0_7, 204)] {
        let client = Client::start(Sandbox::tsuru().era(era)).await;
        let token = client.server.token();
        for (authorization, status) in [
            (format!("bearer {token}"), 204),
            (format!("ANYTHING {token}"), 204),
            (token.clone(), bare),
            (format!("bearer  {token}"), 401),
            (format!("a bearer {token}"), 401),
            ("bearer wrong".to_owned(), 401),
        ] {
            let answer = client.send(&authorization, "GET", "/apps", "").await;
            assert_eq!(answer.status(), status, "{era:?}: {authorization}");
            assert!(answer.headers().contains_key("supported-tsuru"));
        }
    }
}

#[tokio::test]
async fn routes_differ_between_eras() {
    for (era, get, post, quota) in [
        (Era::Page, 200, 405, 200),
        (Era::V0_2, 200, 405, 200),
        (Era::V0_4, 200, 405, 404),
        (Era::V0_7, 404, 200, 404),
    ] {
        let client = Client::start(Sandbox::tsuru().era(era).app("myapp")).await;
        assert_eq!(
            client.status("GET /apps/myapp/restart", "").await,
            get,
            "{era:?}"
        );
        assert_eq!(
            client.status("POST /apps/myapp/restart", "").await,
            post,
            "{era:?}"
        );
        assert_eq!(
            client.status("GET /quota/admin@example.com", "").await,
            quota,
            "{era:?}"
        );
        assert_eq!(
            client.call("GET /apps/", "").await,
            (404, "404 page not found\n".to_owned())
        );
        assert_eq!(client.server.restarts("myapp"), Some(1));
    }
}

#[tokio::test]
async fn shapes_differ_between_eras() {
    for (era, name, unit_state) in [
        (Era::Page, "Name", "State"),
        (Era::V0_4, "name", "State"),
        (Era::V0_7, "name", "Status"),
    ] {
        let client = Client::start(Sandbox::tsuru().era(era).app("myapp")).await;
        let app = client.json("GET /apps/myapp").await;
        assert_eq!(app[name], "myapp", "{era:?}");
        let units = app.get("units").or(app.get("Units")).unwrap();
        assert_eq!(units[0][unit_state], "started", "{era:?}");
    }
    let page = Client::start(Sandbox::tsuru().era(Era::Page)).await;
    assert_eq!(
        page.json("GET /healers").await,
        json!([{"app-heal": "http://healer.com"}])
    );
    assert_eq!(
        page.json("GET /services").await,
        json!({"service": "mysql", "instances": []})
    );
    assert_eq!(page.json("GET /apps").await, json!([]));
    let server = Client::start(Sandbox::tsuru()).await;
    assert_eq!(
        server.json("GET /healers").await,
        json!({"app-heal": "/healers/app-heal"})
    );
    assert_eq!(
        server.json("GET /services").await,
        json!([{"service": "mysql", "instances": null}])
    );
    assert_eq!(server.call("GET /apps", "").await, (204, String::new()));
}

#[tokio::test]
async fn json_goes_out_under_the_labels_of_a_real_server() {
    let client = Client::start(Sandbox::tsuru().app("myapp")).await;
    let token = format!("bearer {}", client.server.token());
    for (path, label) in [
        ("/apps", "text/plain; charset=utf-8".to_owned()),
        ("/apps/myapp/env", "application/json".to_owned()),
        ("/apps/myapp/restart", "text".to_owned()),
        ("/apps/x", "text/plain; charset=utf-8".to_owned()),
        (
            "/apps/myapp",
            format!(
                "application/json; profile={}/schema/app",
                client.server.address()
            ),
        ),
    ] {
        let answer = client.send(&token, "GET", path, "").await;
        assert_eq!(answer.headers()["content-type"], label, "{path}");
    }
}

#[tokio::test]
async fn apps_are_checked_as_servers_do() {
    let client = Client::start(Sandbox::tsuru()).await;
    let create = |body: Value| client.call("POST /apps", body);
    assert_eq!(
        create(json!({"name": "a", "platform": "python"})).await.0,
        200
    );
    assert_eq!(
        create(json!({"name": "a", "platform": "python"})).await.0,
        409
    );
    assert_eq!(
        create(json!({"name": "A", "platform": "python"})).await.0,
        400
    );
    assert_eq!(
        create(json!({"name": "b", "platform": "x"})).await,
        (500, "Invalid platform\n".to_owned())
    );
    assert_eq!(
        create(json!({"name": "b", "platform": "python", "memory": 1}))
            .await
            .0,
        500
    );
    assert_eq!(client.status("POST /apps", "{").await, 500);
    assert_eq!(
        client.call("GET /apps/x", "").await,
        (404, "App x not found.\n".to_owned())
    );
    for name in ["c", "d", "e", "f", "g", "h", "i", "j", "k"] {
        assert_eq!(
            create(json!({"name": name, "platform": "static"})).await.0,
            200
        );
    }
    assert_eq!(
        create(json!({"name": "l", "platform": "static"})).await,
        (403, "Quota exceeded\n".to_owned())
    );
    assert_eq!(client.status("DELETE /apps/a", "").await, 200);
    assert_eq!(client.status("PUT /swap?app1=c&app2=a", "").await, 404);
}

#[tokio::test]
async fn private_variables_stay_until_the_instance_is_unbound() {
    let client = Client::start(Sandbox::tsuru().app("myapp")).await;
    assert_eq!(client.json("GET /apps/myapp/env").await, Value::Null);
    let instance = json!({"name": "db", "service_name": "mysql"});
    assert_eq!(
        client.status("POST /services/instances", &instance).await,
        200
    );
    assert_eq!(
        client.status("POST /services/instances", &instance).await,
        500
    );
    assert_eq!(
        client
            .status(
                "POST /services/instances",
                json!({"name": "x", "service_name": "x"})
            )
            .await,
        404
    );
    let (_, names) = client.call("PUT /services/instances/db/myapp", "").await;
    assert_eq!(
        names,
        r#"["DATABASE_HOST","DATABASE_USER","DATABASE_PASSWORD"]"#
    );
    assert_eq!(
        client.status("PUT /services/instances/db/myapp", "").await,
        500
    );
    assert_eq!(
        client.status("DELETE /services/instances/db", "").await,
        500
    );
    assert_eq!(client.status("DELETE /services/mysql", "").await, 403);

    let set = json!({"DATABASE_HOST": "elsewhere", "DEBUG": "1"});
    assert_eq!(client.status("POST /apps/myapp/env", set).await, 200);
    let env = client.json("GET /apps/myapp/env").await;
    let value = |name: &str| {
        env.as_array()
            .unwrap()
            .iter()
            .find(|variable| variable["name"] == name)
            .unwrap()["value"]
            .clone()
    };
    assert_eq!(
        (value("DATABASE_HOST"), value("DEBUG")),
        (json!("localhost"), json!("1"))
    );
    assert_eq!(
        client
            .status("POST /apps/myapp/env", json!(["DEBUG"]))
            .await,
        400
    );
    assert_eq!(
        client.status("DELETE /apps/myapp/env", json!([])).await,
        400
    );
    assert_eq!(
        client
            .status("DELETE /services/instances/db/myapp", "")
            .await,
        200
    );
    assert_eq!(
        client
            .status("DELETE /services/instances/db/myapp", "")
            .await,
        500
    );
    let left = json!([{"name": "DEBUG", "value": "1", "public": true}]);
    assert_eq!(client.json("GET /apps/myapp/env").await, left);
    let (_, text) = client.call("DELETE /services/instances/db", "").await;
    assert_eq!(text, "service instance successfuly removed\n");
}

#[tokio::test]
async fn the_first_servers_mask_private_variables() {
    let client = Client::start(Sandbox::tsuru().era(Era::V0_2).app("myapp")).await;
    client
        .call(
            "POST /services/instances",
            json!({"name": "db", "service_name": "mysql"}),
        )
        .await;
    client.call("PUT /services/instances/db/myapp", "").await;
    client
        .call("POST /apps/myapp/env", json!({"DEBUG": "1"}))
        .await;
    let env = client.json("GET /apps/myapp/env").await;
    assert_eq!(env["DEBUG"], "1");
    assert_eq!(env["DATABASE_PASSWORD"], "*** (private variable)");
}

#[tokio::test]
async fn manifests_are_yaml() {
    let client = Client::start(Sandbox::tsuru().era(Era::V0_7)).await;
    let manifest = "id: redis\npassword: x\nendpoint:\n  production: redis.local\n";
    assert_eq!(
        client.call("POST /services", manifest).await,
        (200, "success\n".to_owned())
    );
    assert_eq!(client.status("POST /services", manifest).await, 409);
    assert_eq!(client.status("PUT /services", manifest).await, 204);
    assert_eq!(client.status("POST /services", "{").await, 500);
    assert_eq!(client.status("POST /services", "id: x").await, 400);
    assert_eq!(
        client
            .status("POST /services", "id: x\nendpoint: {production: x}")
            .await,
        400
    );
    assert_eq!(
        client
            .status(
                "PUT /services",
                "id: x\npassword: y\nendpoint: {production: x}"
            )
            .await,
        404
    );
    assert_eq!(
        client.status("PUT /services/redis/admin", "").await,
        403,
        "nobody may grant it"
    );
    assert_eq!(client.status("DELETE /services/redis", "").await, 204);
    assert_eq!(client.status("GET /services/redis", "").await, 404);
}

#[tokio::test]
async fn errors_of_users_have_statuses_of_their_own_from_0_5_on() {
    for (era, statuses) in [(Era::V0_4, [500; 4]), (Era::V0_7, [400, 409, 401, 404])] {
        let client = Client::start(Sandbox::tsuru().era(era)).await;
        let known = json!({"email": "admin@example.com", "password": "123456"});
        let short = json!({"email": "a@b.c", "password": "12345"});
        let wrong = json!({"password": "wrong password"});
        let got = [
            client.status("POST /users", short).await,
            client.status("POST /users", known).await,
            client
                .status("POST /users/admin%40example.com/tokens", &wrong)
                .await,
            client.status("POST /users/a@b.c/tokens", &wrong).await,
        ];
        assert_eq!(got, statuses, "{era:?}");
    }
}

#[tokio::test]
async fn an_encoded_slash_leads_to_another_route() {
    let client = Client::start(Sandbox::tsuru()).await;
    let user = json!({"email": "y@example.com", "password": "123456"});
    client.call("POST /users", user).await;
    client.call("PUT /teams/admin/y@example.com", "").await;
    assert_eq!(
        client
            .status("DELETE /teams/admin%2Fy@example.com", "")
            .await,
        200
    );
    let members = client.json("GET /teams/admin").await;
    assert_eq!(
        members["users"],
        json!(["admin@example.com"]),
        "the user was removed, not the team"
    );
}

#[tokio::test]
async fn a_failed_restart_says_so_at_its_end() {
    for (builder, ending) in [
        (
            Sandbox::tsuru(),
            "Failed to restart: the unit did not answer",
        ),
        (
            Sandbox::tsuru().json_lines(),
            "\"Failed to restart: the unit did not answer\"",
        ),
    ] {
        let client = Client::start(builder.app("myapp")).await;
        client.server.fail_next_restart();
        let (status, output) = client.call("GET /apps/myapp/restart", "").await;
        assert_eq!(status, 200);
        assert!(
            output
                .lines()
                .rfind(|line| !line.is_empty())
                .unwrap()
                .contains(ending),
            "{output}"
        );
        let (_, output) = client.call("GET /apps/myapp/restart", "").await;
        assert!(output.contains("successfully restarted"), "{output}");
    }
}

#[tokio::test]
async fn an_unknown_healer_brings_the_handler_down() {
    let client = Client::start(Sandbox::tsuru().era(Era::V0_7)).await;
    let (status, text) = client.call("GET /healers/x", "").await;
    assert!(
        status == 200 && text.starts_with("PANIC:"),
        "{status}: {text}"
    );
    let client = Client::start(Sandbox::tsuru()).await;
    let url = format!("{}/healers/x", client.server.base_url());
    let request = client.http.get(url).bearer_auth(client.server.token());
    let broken = async { request.send().await?.text().await };
    assert!(broken.await.is_err());
    assert!(client.server.healed().is_empty());
}
