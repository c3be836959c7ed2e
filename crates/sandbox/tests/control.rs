//! Control over HTTP, as a test in any language uses it.

#![cfg(all(
    feature = "control",
    feature = "client",
    feature = "scalingo",
    feature = "tsuru",
    feature = "edgegap"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_sandbox::client::{
    Advance, Client, ENDPOINTS, Filter, NewFault, Outcomes, QuotaChange, Speed, Which,
};
use deploykit_sandbox::control::{Control, RunningControl};
use deploykit_sandbox::edgegap::Edgegap;
use deploykit_sandbox::scalingo::Scalingo;
use deploykit_sandbox::{Running, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

struct Both {
    scalingo: Running<Scalingo>,
    edgegap: Running<Edgegap>,
    control: RunningControl,
    http: reqwest::Client,
}

async fn both() -> Both {
    let scalingo = Sandbox::scalingo().start().await.unwrap();
    let edgegap = Sandbox::edgegap().start().await.unwrap();
    let control = Control::of(&scalingo).and(&edgegap).start().await.unwrap();
    Both {
        scalingo,
        edgegap,
        control,
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
    }
}

impl Both {
    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/__sandbox{path}", self.control.base_url());
        let request = self.http.request(method, url);
        let request = match body {
            Value::Null => request,
            body => request
                .header("content-type", "application/json")
                .body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(Method::POST, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// A refusal in words.
    async fn refused(&self, method: Method, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.ask(method, path, body).await;
        (
            status,
            answer["error"].as_str().unwrap_or_default().to_owned(),
        )
    }

    /// The status of a request to Scalingo.
    async fn exchange(&self) -> Result<u16, reqwest::Error> {
        let credentials = STANDARD.encode(format!(":{}", self.scalingo.token()));
        let url = format!("{}/v1/tokens/exchange", self.scalingo.base_url());
        let request = self
            .http
            .post(url)
            .header("authorization", format!("Basic {credentials}"));
        Ok(request.send().await?.status().as_u16())
    }
}

#[tokio::test]
async fn it_says_who_is_there() {
    let both = both().await;
    assert_eq!(both.get("/health").await["status"], "ok");
    assert_eq!(
        both.get("/ready").await,
        json!({"ready": true, "services": ["scalingo", "edgegap"], "ended": []})
    );
    let services = both.get("/services").await;
    let scalingo = &services["services"][0];
    assert_eq!(scalingo["base_url"], both.scalingo.base_url());
    assert_eq!(scalingo["token"], "tk-us-sandbox");
    assert_eq!(scalingo["hints"]["app"], "example-app");
    let one = both.get("/services/edgegap").await;
    assert_eq!(one["service"]["token"], both.edgegap.token());
    let Both { scalingo, .. } = &both;
    assert_eq!(
        scalingo.requests().len(),
        0,
        "the control asks nothing of the service"
    );
}

#[tokio::test]
async fn it_tells_when_a_service_has_ended() {
    let both = both().await;
    let ready = format!("{}/__sandbox/ready", both.control.base_url());
    both.edgegap.shutdown().await;
    let answer = both.http.get(ready).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["ended"], json!(["edgegap"]));
}

#[tokio::test]
async fn faults_are_set_seen_and_taken_back() {
    let both = both().await;
    let faults = "/services/scalingo/faults";
    let order = json!({"method": "post", "path": "/v1/tokens/*", "times": 2, "status": 503,
        "headers": {"retry-after": "7"}, "body": {"error": "later"}});
    let set = both.post(faults, order).await["fault"].clone();
    assert_eq!(
        (set["left"].clone(), set["hits"].clone()),
        (json!(2), json!(0))
    );
    assert_eq!(both.exchange().await.unwrap(), 503);
    let seen = both.get(faults).await["faults"][0].clone();
    assert_eq!(
        (seen["left"].clone(), seen["hits"].clone()),
        (json!(1), json!(1))
    );
    assert_eq!(seen["body"], r#"{"error":"later"}"#);

    let one = format!("{faults}/{}", set["id"]);
    assert_eq!(both.get(&one).await["fault"], seen);
    assert_eq!(both.ask(Method::DELETE, &one, Value::Null).await.0, 204);
    assert_eq!(both.exchange().await.unwrap(), 200);
    assert_eq!(
        both.refused(Method::GET, &one, Value::Null).await,
        (404, format!("there is no fault {}", set["id"]))
    );

    both.post(faults, json!({"reset": "after"})).await;
    assert!(both.exchange().await.is_err(), "the connection was reset");
    let last = both.get("/services/scalingo/requests?limit=1").await["requests"][0].clone();
    assert_eq!(
        (last["status"].clone(), last["fault"].clone()),
        (Value::Null, json!(2))
    );
    both.post(faults, json!({"always": true, "delay_ms": 0}))
        .await;
    both.post(faults, json!({"every": 3, "truncate": true}))
        .await;
    both.post(faults, json!({"after": 1, "drop_after_frames": 4}))
        .await;
    both.post(faults, json!({"html_error": 502})).await;
    let all = both.get(faults).await["faults"].as_array().unwrap().clone();
    let kinds = [
        "reset",
        "delay_ms",
        "truncate",
        "drop_after_frames",
        "status",
    ];
    for (fault, kind) in all.iter().zip(kinds) {
        assert!(!fault[kind].is_null(), "{kind}: {fault}");
    }
    assert_eq!(all.len(), kinds.len());
    assert_eq!(both.ask(Method::DELETE, faults, Value::Null).await.0, 204);
    assert_eq!(both.get(faults).await["faults"], json!([]));
}

#[tokio::test]
async fn faults_that_are_none_are_refused_in_words() {
    let both = both().await;
    for (order, says) in [
        (json!({}), "nothing goes wrong: say one of status"),
        (
            json!({"status": 500, "delay_ms": 3}),
            "too much goes wrong at once",
        ),
        (
            json!({"status": 99}),
            "a status is a number from 200 to 599",
        ),
        (
            json!({"delay_ms": 3, "body": "x"}),
            "headers and body go with status only",
        ),
        (
            json!({"status": 500, "path": "v1"}),
            "doesn't begin with a slash",
        ),
        (
            json!({"status": 500, "times": 1, "always": true}),
            "exclude each other",
        ),
        (
            json!({"status": 500, "headers": {"a b": "c"}}),
            "HTTP allows no header",
        ),
        (
            json!({"status": 500, "pth": "/"}),
            "unknown field `pth`, expected one of `method`, `path`",
        ),
        (
            json!({"reset": "during"}),
            "unknown variant `during`, expected `before` or `after`",
        ),
        (
            json!({"delay_ms": 1_000_000_000_u64}),
            "is the longest delay",
        ),
    ] {
        let (status, text) = both
            .refused(Method::POST, "/services/scalingo/faults", order.clone())
            .await;
        assert_eq!(status, 422, "{order}");
        assert!(text.contains(says), "{order}: {text}");
    }
    assert_eq!(
        both.get("/services/scalingo/faults").await["faults"],
        json!([])
    );
}

#[tokio::test]
async fn the_journal_is_filtered_counted_and_cleared() {
    let both = both().await;
    for _ in 0..3 {
        both.exchange().await.unwrap();
    }
    let url = format!("{}/v1/apps/x?page=2", both.scalingo.base_url());
    both.http.get(url).body("hello").send().await.unwrap();
    let journal = "/services/scalingo/requests";
    let all = both.get(journal).await;
    assert_eq!(all["count"], 4);
    let last = &all["requests"][3];
    assert_eq!(last["path"], "/v1/apps/x");
    assert_eq!(last["query"], json!([["page", "2"]]));
    assert_eq!(
        (last["status"].clone(), last["body"].clone()),
        (json!(401), json!("hello"))
    );
    assert_eq!(last["body_is_whole"], true);
    for (filter, count) in [
        ("method=post", 3),
        ("path=/v1/apps/*", 1),
        ("path=/v1/**&status=200", 3),
        ("status=401&method=POST", 0),
        ("after=2", 2),
        ("since=2020-01-01T00:00:00Z", 4),
        ("since=2999-01-01T00:00:00Z", 0),
        ("fault=1", 0),
    ] {
        let counted = both.get(&format!("{journal}/count?{filter}")).await;
        assert_eq!(counted["count"], count, "{filter}");
    }
    let newest = both.get(&format!("{journal}?limit=1")).await;
    assert_eq!(
        (
            newest["count"].clone(),
            newest["requests"][0]["number"].clone()
        ),
        (json!(4), json!(4))
    );
    for (query, says) in [
        ("staus=200", "the query has no staus, only: method, path"),
        ("status=ok", "no number"),
        ("since=noon", "a time such as"),
        ("limit=0", "from 1 to 1000"),
    ] {
        let (status, text) = both
            .refused(Method::GET, &format!("{journal}?{query}"), Value::Null)
            .await;
        assert!(status == 422 && text.contains(says), "{query}: {text}");
    }
    assert_eq!(both.ask(Method::DELETE, journal, Value::Null).await.0, 204);
    assert_eq!(both.get(journal).await["count"], 0);
    both.exchange().await.unwrap();
    assert_eq!(
        both.get(journal).await["requests"][0]["number"],
        5,
        "numbers go on"
    );
}

#[tokio::test]
async fn outcomes_clock_and_state_go_together() {
    let both = both().await;
    let outcomes = "/services/scalingo/outcomes";
    both.post(outcomes, json!({"outcomes": ["build-error"]}))
        .await;
    let all = both
        .post(outcomes, json!({"outcomes": [{"other": "warming"}]}))
        .await;
    assert_eq!(
        all["outcomes"],
        json!(["build-error", {"other": "warming"}])
    );
    let (status, text) = both
        .refused(Method::POST, outcomes, json!({"outcomes": ["bad"]}))
        .await;
    assert_eq!(status, 422);
    assert!(
        text.contains("\"bad\" is no outcome: unknown variant `bad`, expected one of `success`"),
        "{text}"
    );
    both.scalingo.trigger("example-app", "v1").unwrap();
    assert_eq!(
        both.get(outcomes).await["outcomes"],
        json!([{"other": "warming"}])
    );
    assert_eq!(both.ask(Method::DELETE, outcomes, Value::Null).await.0, 204);

    let clocks = both
        .post(
            "/clock/advance",
            json!({"seconds": 3600, "services": ["scalingo"]}),
        )
        .await;
    assert_eq!(clocks["clocks"][0]["ahead_seconds"], 3600.0);
    let state = both.get("/services/scalingo/state").await;
    let deployment = &state["state"]["deployments"][0];
    assert_eq!(deployment["status"], "build-error");
    assert!(
        deployment["log"]
            .as_str()
            .unwrap()
            .contains("Build has failed")
    );

    let (status, _) = both
        .ask(Method::PATCH, "/clock", json!({"speed": 20}))
        .await;
    assert_eq!(status, 200);
    assert_eq!(both.edgegap.clock().speed(), 20.0);
    for wrong in [
        json!({"speed": 0}),
        json!({"speed": 1e-300}),
        json!({"speed": 1e9}),
        json!({}),
    ] {
        assert_eq!(both.refused(Method::PATCH, "/clock", wrong).await.0, 422);
    }
    let far = json!({"seconds": 1e12});
    assert_eq!(
        both.refused(Method::POST, "/clock/advance", far).await.0,
        422
    );
    both.post("/reset", Value::Null).await;
    let clocks = both.get("/clock").await["clocks"].clone();
    assert_eq!(
        (
            clocks[0]["ahead_seconds"].clone(),
            clocks[1]["speed"].clone()
        ),
        (json!(0.0), json!(1.0))
    );
    assert_eq!(
        both.get("/services/scalingo/state").await["state"]["deployments"],
        json!([])
    );
}

#[tokio::test]
async fn quotas_are_switched_and_changed() {
    let both = both().await;
    let quotas = "/services/scalingo/quotas";
    let quota = both.get(quotas).await["quotas"][0].clone();
    assert_eq!(
        quota,
        json!({"name": "requests", "on": true, "requests": 60, "window_seconds": 60.0})
    );
    let change = |order: Value| both.ask(Method::PATCH, quotas, order);
    assert_eq!(change(json!({"requests": 1})).await.0, 200);
    assert_eq!(
        (
            both.exchange().await.unwrap(),
            both.exchange().await.unwrap()
        ),
        (200, 429)
    );
    assert_eq!(
        change(json!({"on": false})).await.1["quotas"][0]["on"],
        false
    );
    assert_eq!(
        (
            both.exchange().await.unwrap(),
            both.exchange().await.unwrap()
        ),
        (200, 200)
    );
    let (status, text) = both
        .refused(
            Method::PATCH,
            "/services/edgegap/quotas",
            json!({"name": "stats", "on": true}),
        )
        .await;
    assert_eq!(
        (status, text.as_str()),
        (
            422,
            "there is no quota stats, only deploy, fleet-deploy, status, list, hosts"
        )
    );
    assert_eq!(change(json!({})).await.0, 422);
}

#[tokio::test]
async fn seeds_and_snapshots() {
    let both = both().await;
    both.post(
        "/services/scalingo/seed",
        json!({"apps": [{"name": "first-app", "deployments": 2}]}),
    )
    .await;
    let kept = both.post("/snapshots", Value::Null).await["snapshot"].clone();
    assert_eq!(kept["services"], json!(["scalingo", "edgegap"]));
    both.post(
        "/seed",
        json!({"scalingo": {"apps": [{"name": "second-app"}]}, "edgegap": {"tokens": ["t"]}}),
    )
    .await;
    let apps = async || {
        both.get("/services/scalingo/state").await["state"]["apps"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(apps().await, 3);
    let id = kept["id"].as_str().unwrap();
    both.post(&format!("/snapshots/{id}/restore"), Value::Null)
        .await;
    assert_eq!(apps().await, 2);
    both.post("/reset", json!({"services": ["scalingo"]})).await;
    assert_eq!(apps().await, 1);
    assert_eq!(both.get("/snapshots").await["snapshots"], json!([kept]));
    let one = format!("/snapshots/{id}");
    assert_eq!(both.ask(Method::DELETE, &one, Value::Null).await.0, 204);
    assert_eq!(
        both.refused(Method::DELETE, &one, Value::Null).await,
        (404, "there is no snapshot 1".to_owned())
    );
    for (path, seed, says) in [
        (
            "/services/scalingo/seed",
            json!({"aps": []}),
            "unknown field `aps`, expected `apps` or `tokens`",
        ),
        (
            "/services/scalingo/seed",
            Value::Null,
            "an object with a list",
        ),
        (
            "/seed",
            json!({"skalingo": {}}),
            "there is no service skalingo, only scalingo, edgegap",
        ),
        ("/seed", json!([]), "seeds are an object"),
    ] {
        let (status, text) = both.refused(Method::POST, path, seed).await;
        assert!(
            (400..500).contains(&status) && text.contains(says),
            "{status} {text}"
        );
    }
}

#[tokio::test]
async fn what_is_no_operation_is_refused_in_words() {
    let both = both().await;
    let refused = |method, path: &'static str, body| both.refused(method, path, body);
    let (status, text) = refused(Method::GET, "/services/heroku", Value::Null).await;
    assert_eq!(
        (status, text.as_str()),
        (404, "there is no service heroku, only scalingo, edgegap")
    );
    let (status, text) = refused(Method::GET, "/nothing", Value::Null).await;
    assert!(
        status == 404 && text.contains("/__sandbox/openapi.json"),
        "{text}"
    );
    let (status, text) = refused(Method::PUT, "/clock", Value::Null).await;
    assert!(status == 405 && text.contains("other methods"), "{text}");

    let url = format!(
        "{}/__sandbox/services/scalingo/faults",
        both.control.base_url()
    );
    let form = both
        .http
        .post(&url)
        .header("content-type", "text/plain")
        .body(r#"{"status":500}"#);
    assert_eq!(
        form.send().await.unwrap().status(),
        415,
        "a page elsewhere can send that without asking"
    );
    let broken = both
        .http
        .post(&url)
        .header("content-type", "application/json; charset=utf-8")
        .body("{");
    assert_eq!(broken.send().await.unwrap().status(), 400);
    let large = both
        .http
        .post(&url)
        .header("content-type", "application/json")
        .body(vec![b' '; 9 << 20]);
    assert_eq!(large.send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn pages_from_elsewhere_are_refused() {
    let both = both().await;
    let url = format!("{}/__sandbox/services", both.control.base_url());
    for (name, value) in [
        ("host", "evil.example"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = both
            .http
            .get(&url)
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    let page = both
        .http
        .get(&url)
        .header("origin", both.control.base_url());
    assert_eq!(page.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_typed_client_has_every_operation() {
    let both = both().await;
    let description = both.get("/openapi.json").await;
    let operation = |method: &str, path: &str| {
        let described = &description["paths"][path][method.to_lowercase()]["operationId"];
        described.as_str().unwrap_or_default().to_owned()
    };
    let mut described = 0;
    for path in description["paths"].as_object().unwrap().values() {
        described += path.as_object().unwrap().len();
    }
    assert_eq!(ENDPOINTS.len(), described);
    for row in ENDPOINTS {
        assert_eq!(operation(row.method.as_str(), row.template), row.operation);
    }
}

#[tokio::test]
async fn the_typed_client_reads_what_the_control_answers() {
    let both = both().await;
    let client = Client::new(both.control.base_url()).unwrap();
    assert_eq!(client.sandbox().health().await.unwrap().status, "ok");
    assert_eq!(client.sandbox().ready().await.unwrap().ready, Some(true));
    let services = client.services().list().await.unwrap();
    assert_eq!(
        (services[0].name.as_str(), services[0].token.as_str()),
        ("scalingo", "tk-us-sandbox")
    );
    let fault = NewFault::new()
        .path("/v1/tokens/*")
        .status(503)
        .always(true);
    let fault = client.faults().set("scalingo", &fault).await.unwrap();
    assert_eq!(both.exchange().await.unwrap(), 503);
    assert_eq!(
        client
            .faults()
            .get("scalingo", fault.id)
            .await
            .unwrap()
            .hits,
        Some(1)
    );
    let sent = client
        .requests()
        .list("scalingo", &Filter::new().status(503))
        .await
        .unwrap();
    assert_eq!((sent.count, sent.requests[0].fault), (Some(1), Some(1)));
    assert!(sent.requests[0].at.is_some() && sent.requests[0].body_is_whole == Some(true));
    let outcomes = Outcomes::new(vec![json!("build-error")]);
    let outcomes = client
        .services()
        .add_outcomes("scalingo", &outcomes)
        .await
        .unwrap();
    assert_eq!(outcomes, ["build-error"]);
    let quotas = client
        .services()
        .change_quotas("scalingo", &QuotaChange::new().on(false))
        .await
        .unwrap();
    assert_eq!(quotas[0].on, Some(false));
    let kept = client.snapshots().keep(&Which::new()).await.unwrap();
    client
        .services()
        .seed("scalingo", &json!({"apps": [{"name": "late-app"}]}))
        .await
        .unwrap();
    client.snapshots().restore(kept.id).await.unwrap();
    let state = client.services().state("scalingo").await.unwrap();
    assert_eq!(state["apps"].as_array().unwrap().len(), 1);
    let clocks = client
        .sandbox()
        .advance(&Advance::new(5.0).services(vec!["edgegap".to_owned()]))
        .await
        .unwrap();
    assert_eq!(
        (clocks[0].service.as_str(), clocks[0].ahead_seconds),
        ("edgegap", Some(5.0))
    );
    let refused = client
        .sandbox()
        .set_speed(&Speed::new(0.0))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("the speed is a number from 0.001"),
        "{refused}"
    );
    client.sandbox().reset(&Which::new()).await.unwrap();
    assert!(client.faults().list("scalingo").await.unwrap().is_empty());
    assert!(
        client
            .sandbox()
            .coverage()
            .await
            .unwrap()
            .contains_key("edgegap")
    );
}

#[tokio::test]
async fn two_of_a_name_are_not_confused() {
    let one = Sandbox::scalingo().start().await.unwrap();
    let other = Sandbox::scalingo().start().await.unwrap();
    let refused = Control::of(&one).and(&other).start().await.unwrap_err();
    assert!(
        refused.to_string().contains("there are two scalingo"),
        "{refused}"
    );
}
