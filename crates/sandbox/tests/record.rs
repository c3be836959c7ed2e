//! Recording a service and replaying it: what is written, what is left out, and what a replay answers.

#![cfg(feature = "record")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use deploykit_sandbox::record::Recorder;
use deploykit_sandbox::{Builder, Context, Reply, Request, Running, Service, record, replay};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::connect_async;

/// A service that gives its secrets away in many places.
#[derive(Default)]
struct Leaky {
    looks: AtomicU64,
}

/// All of its secrets, and those of its clients.
const SECRETS: [&str; 12] = [
    "tk-canary-api",
    "canary-session",
    "canary-field",
    "canary-nested",
    "canary-variable-0123456789",
    "canary-db-password",
    "canary-signature",
    "canary-query",
    "canary-form word",
    "canary-own-header",
    "canary-key-of-project",
    "pw",
];

impl Service for Leaky {
    type Knobs = ();
    const NAME: &'static str = "leaky";
    const PORT: u16 = 7099;

    fn new((): (), _: Context) -> Self {
        Self::default()
    }

    fn token(&self) -> String {
        "tk-canary-api".to_owned()
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let host = request.host();
        match (request.method(), request.segments().as_slice()) {
            ("GET", ["status"]) => {
                let look = self.looks.fetch_add(1, Ordering::SeqCst);
                Reply::json(
                    200,
                    json!({"status": (["queued", "running"].get(look as usize))}),
                )
            }
            ("POST", ["session"]) => Reply::json(
                201,
                json!({
                    "token_type": "bearer", "access_token": "canary-field", "expires_in": 3600,
                    "user": {"name": "ann", "credentials": [{"apiKey": "canary-nested"}]},
                }),
            )
            .header("set-cookie", "session=canary-session; HttpOnly"),
            ("GET", ["variables"]) => Reply::json(
                200,
                json!({"variables": [
                    {"name": "MODE", "value": "production"},
                    {"name": "KEY", "value": "canary-variable-0123456789"},
                ], "mode": "production"}),
            ),
            ("GET", ["links"]) => Reply::json(
                200,
                json!({
                    "self": format!("http://{host}/links"),
                    "stream": format!("ws://{host}/stream"),
                    "database": "postgres://ann:canary-db-password@db.example/x",
                    "short": "postgres://ann:pw@db.example/y",
                    "upload": "https://store.example/a?X-Amz-Signature=canary-signature&b=c",
                    "said": "your token canary-field is good, project canary-key-of-project",
                }),
            )
            .header("location", format!("http://{host}/next?page=2")),
            ("POST", ["form"]) => Reply::text(200, format!("read {}", request.text())),
            ("POST", ["keys"]) => Reply::json(200, json!({"project_key": "canary-key-of-project"})),
            ("GET", ["log"]) => {
                let lines = ["one\n", "two canary-field\n"].map(|line| Ok(line.into()));
                Reply::stream(200, "text/plain", futures::stream::iter(lines))
            }
            ("GET", ["picture"]) => Reply::bytes(200, "image/png", vec![0xff, 0xfe, 0x00]),
            ("PUT", ["upload"]) => Reply::empty(204),
            ("GET", ["asked"]) => {
                Reply::json(200, json!({"with": request.header("authorization")}))
            }
            _ => Reply::json(404, json!({"error": "not found"})),
        }
    }
}

async fn recorder(folder: &Path, upstream: &str) -> Running<Recorder> {
    let recorder = record::to(folder, upstream).unwrap();
    recorder.secret("project-key").start().await.unwrap()
}

async fn send(request: RequestBuilder) -> (StatusCode, String) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// What a client does; all of it works against the service, the recorder and the replay.
async fn use_it(base_url: &str, token: &str) -> Vec<(StatusCode, String)> {
    let client = Client::new();
    let get = |path: &str| {
        let request = client.get(format!("{base_url}{path}")).bearer_auth(token);
        request.header("x-own-token", "canary-own-header")
    };
    let post = |path: &str| client.post(format!("{base_url}{path}")).bearer_auth(token);
    vec![
        send(get("/links")).await,
        send(get("/status")).await,
        send(
            post("/session")
                .body(r#"{"password": "pw"}"#)
                .header("content-type", "application/json"),
        )
        .await,
        send(get("/status")).await,
        send(get("/status")).await,
        send(get("/variables?api_key=canary-query&page=1&tag=a&tag=b")).await,
        send(
            post("/form")
                .header("content-type", "application/x-www-form-urlencoded")
                .body("user=ann&password=canary-form+word"),
        )
        .await,
        send(post("/keys").header("cookie", "session=canary-session")).await,
        send(get("/log")).await,
        send(
            client
                .put(format!("{base_url}/upload"))
                .body(vec![0x1f, 0x8b, 0xff]),
        )
        .await,
    ]
}

fn text_of(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        text += &format!("{}\n", path.display());
        text += &std::fs::read_to_string(path).unwrap();
    }
    text
}

fn exchange(folder: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(name));
    let text = text.unwrap_or_else(|_| panic!("no {name} among {}", text_of(folder)));
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn what_was_recorded_holds_no_secret_and_replays_to_a_client_with_others() {
    let service: Running<Leaky> = Builder::new().start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let recorder = recorder(folder.path(), service.base_url()).await;
    let recorded = use_it(recorder.base_url(), "tk-canary-api").await;
    assert!(
        recorded.iter().all(|(status, _)| status.is_success()),
        "{recorded:?}"
    );
    assert!(
        recorded[0]
            .1
            .contains(&format!("{}/links", recorder.base_url())),
        "a link leads back to the recorder: {}",
        recorded[0].1
    );
    let asked = service.requests();
    assert_eq!(asked.len(), recorded.len());
    assert_eq!(
        asked[0].header("authorization"),
        Some("Bearer tk-canary-api")
    );
    recorder.shutdown().await;

    let text = text_of(folder.path());
    for secret in SECRETS {
        let quoted = [
            format!("\"{secret}\""),
            format!(":{secret}@"),
            format!("={secret}"),
        ];
        let found = match secret.len() > 2 {
            true => text.contains(secret),
            false => quoted.iter().any(|quoted| text.contains(quoted)),
        };
        assert!(!found, "{secret} in {text}");
    }
    assert!(!text.contains("canary-form"), "{text}");
    assert!(!text.contains(service.base_url()), "{text}");

    let session = exchange(folder.path(), "post-session.0003.json");
    let answer = &session["response"]["body"];
    assert_eq!(
        (
            &answer["token_type"],
            &answer["expires_in"],
            &answer["user"]["name"]
        ),
        (&json!("bearer"), &json!(3600), &json!("ann")),
        "what isn't secret stays"
    );
    let variables = exchange(folder.path(), "get-variables.0006.json");
    assert_eq!(variables["response"]["body"]["mode"], "production");
    assert_eq!(variables["request"]["query"]["tag"], json!(["a", "b"]));
    let links = exchange(folder.path(), "get-links.0001.json");
    assert_eq!(
        links["response"]["body"]["self"],
        "http://service.invalid/links"
    );
    assert_eq!(
        links["response"]["body"]["stream"],
        "ws://service.invalid/stream"
    );
    let token = answer["access_token"].as_str().unwrap();
    assert!(
        links["response"]["body"]["said"]
            .as_str()
            .unwrap()
            .contains(token),
        "learnt later, taken out of what was written before: {links}"
    );
    let upload = exchange(folder.path(), "put-upload.0010.json");
    assert_eq!(upload["request"]["left_out"], true);

    // With another credential, at another address, in another order.
    let replay = replay::from(folder.path()).unwrap().start().await.unwrap();
    let replayed = use_it(replay.base_url(), "another").await;
    let statuses = |all: &[(StatusCode, String)]| all.iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(statuses(&replayed), statuses(&recorded));
    assert_eq!(replayed[1].1, r#"{"status":"queued"}"#);
    assert_eq!(replayed[3].1, r#"{"status":"running"}"#);
    assert_eq!(replayed[4].1, r#"{"status":null}"#);
    assert!(
        replayed[0]
            .1
            .contains(&format!("{}/links", replay.base_url()))
    );
    assert!(
        replayed[8].1.starts_with("one\ntwo secret-"),
        "{}",
        replayed[8].1
    );
    let again = send(Client::new().get(format!("{}/status", replay.base_url()))).await;
    assert_eq!(again.1, r#"{"status":null}"#, "the last one again");
}

#[tokio::test]
async fn a_replay_says_what_it_does_not_have() {
    let service: Running<Leaky> = Builder::new().start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let recorder = recorder(folder.path(), service.base_url()).await;
    use_it(recorder.base_url(), "t").await;
    let replay = replay::from(folder.path()).unwrap().start().await.unwrap();
    let client = Client::new();
    let url = |path: &str| format!("{}{path}", replay.base_url());
    let form = client
        .post(url("/form"))
        .header("content-type", "application/x-www-form-urlencoded");
    for (request, words) in [
        (
            client.get(url("/nothing")),
            "nothing was recorded at this path",
        ),
        (client.delete(url("/status")), "another method"),
        (client.get(url("/status?a=b")), "another query"),
        (form.body("user=bob&password=x"), "another body"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 501);
        assert_eq!(answer.headers()["x-deploykit-sandbox"], "not recorded");
        let said = answer.text().await.unwrap();
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn what_is_not_recorded_is_told() {
    let service: Running<Leaky> = Builder::new().start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let recorder = record::to(folder.path(), service.base_url())
        .unwrap()
        .on_problem(move |problem| telling.lock().unwrap().push(problem.to_owned()))
        .start()
        .await
        .unwrap();
    let socket = format!("ws://{}/stream", recorder.address());
    assert!(connect_async(socket).await.is_err());
    let picture = Client::new().get(format!("{}/picture", recorder.base_url()));
    let picture = picture.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(picture, [0xff, 0xfe, 0x00].as_slice(), "passed on as it is");
    let recorded = exchange(folder.path(), "get-picture.0001.json");
    assert!(
        recorded["note"]
            .as_str()
            .unwrap()
            .contains("the answer's body was left out")
    );
    service.shutdown().await;
    let (status, said) =
        send(Client::new().get(format!("{}/status?key=x", recorder.base_url()))).await;
    assert_eq!(status, 502);
    assert!(said.contains("didn't answer"), "{said}");
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("WebSocket at /stream"), "{told:?}");
    assert!(
        told[1].contains("GET /status: ") && !told[1].contains("key=x"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_second_recording_goes_on_where_the_first_ended() {
    let service: Running<Leaky> = Builder::new().start().await.unwrap();
    let folder = TempDir::new().unwrap();
    for number in 1..=2 {
        let recorder = recorder(folder.path(), service.base_url()).await;
        send(Client::new().get(format!("{}/asked", recorder.base_url()))).await;
        exchange(folder.path(), &format!("get-asked.{number:04}.json"));
    }
}

#[test]
fn bad_folders_and_addresses_are_named() {
    let folder = TempDir::new().unwrap();
    let said = |error: std::io::Error| error.to_string();
    let none = replay::from(folder.path())
        .map(drop)
        .map_err(said)
        .unwrap_err();
    assert!(none.contains("no recorded exchange"), "{none}");
    std::fs::write(folder.path().join("x.json"), r#"{"operation": 1}"#).unwrap();
    let odd = replay::from(folder.path())
        .map(drop)
        .map_err(said)
        .unwrap_err();
    assert!(odd.contains("x.json"), "{odd}");
    let address = record::to(folder.path(), "nonsense")
        .map(drop)
        .map_err(said)
        .unwrap_err();
    assert!(address.contains("nonsense"), "{address}");
    let file = folder.path().join("x.json");
    let in_file = record::to(&file, "http://localhost")
        .map(drop)
        .map_err(said)
        .unwrap_err();
    assert!(in_file.contains("x.json"), "{in_file}");
}
