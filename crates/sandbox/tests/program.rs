//! The program, as a user starts it.

#![cfg(feature = "scalingo")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_deploykit-sandbox"))
}

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn it_says_where_it_listens_and_with_which_token() {
    let arguments = ["--only", "scalingo", "--port-base", "0", "--speed", "10"];
    let child = program()
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    let stdout = running.0.stdout.take().unwrap();
    // Kept: the program has more to say.
    let mut stdout = BufReader::new(stdout);
    stdout.read_line(&mut line).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["scalingo", base_url, "token:", token] = words.as_slice() else {
        panic!("{line}");
    };
    let credentials = STANDARD.encode(format!(":{token}"));
    let exchange = reqwest::Client::new()
        .post(format!("{base_url}/v1/tokens/exchange"))
        .header("authorization", format!("Basic {credentials}"));
    assert_eq!(exchange.send().await.unwrap().status(), 200);
}

#[test]
fn it_refuses_services_it_does_not_know() {
    let Output { status, stderr, .. } = program()
        .args(["--only", "nothing", "--port-base", "0"])
        .output()
        .unwrap();
    assert!(!status.success());
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(
        stderr.contains("there is no service nothing, only "),
        "{stderr}"
    );
}

#[test]
fn its_help_names_every_setting() {
    let help = String::from_utf8(program().arg("--help").output().unwrap().stdout).unwrap();
    for setting in [
        "--only",
        "--host",
        "--port-base",
        "--control-port",
        "--speed",
        "--quotas",
        "--seed",
        "--api-version",
        "--allow-host",
        "--cors",
        "--max-body",
        "--json",
        "health",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}

/// What it says when it can't start: in words, without a trace of Rust's own notation.
fn refusal(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program().args(arguments).output().unwrap();
    assert!(!status.success(), "{arguments:?}");
    let said = String::from_utf8(stderr).unwrap();
    for debug in ["Os {", "Custom {", "kind:", "Error(", "panicked"] {
        assert!(!said.contains(debug), "{said}");
    }
    said
}

#[test]
fn bad_arguments_are_refused_in_words() {
    for (arguments, words) in [
        (["--speed", "0"], "from 0.001 to 1000000"),
        (["--speed", "nan"], "from 0.001 to 1000000"),
        (["--speed", "inf"], "from 0.001 to 1000000"),
        (["--speed", "1e-300"], "from 0.001 to 1000000"),
        (["--port-base", "70000"], "a number from 0 to 65535"),
        (["--control-port", "65536"], "a number from 0 to 65535"),
        (["--max-body", "64X"], "64M"),
        (["--quotas", "maybe"], "possible values: on, off"),
        (
            ["--api-version", "devopness=1999"],
            "only 2025-11 and 2026-08",
        ),
        (["--api-version", "tsuru=9"], "only page, 0.2, 0.4 and 0.7"),
        (["--api-version", "scalingo=2"], "one version only"),
        (["--host", "example.com"], "invalid IP address"),
        (
            ["--seed", "/nowhere/seed.json"],
            "the seed /nowhere/seed.json can't be read",
        ),
    ] {
        let said = refusal(&arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let said = refusal(&["--port-base", "65535", "--only", "tideways"]);
    assert!(
        said.contains("no port for tideways") && said.contains("65534"),
        "{said}"
    );
    let nobody = refusal(&["--host", "192.0.2.1", "--port-base", "0"]);
    assert!(nobody.contains("no address of this machine"), "{nobody}");
}

#[test]
fn a_port_in_use_is_named_with_its_service() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = refusal(&["--only", "scalingo", "--port-base", &port]);
    assert!(
        said.contains(&format!("port {port} of scalingo is in use")),
        "{said}"
    );
    let said = refusal(&[
        "--only",
        "scalingo",
        "--port-base",
        "0",
        "--control-port",
        &port,
    ]);
    assert!(
        said.contains(&format!("port {port} of the control is in use")),
        "{said}"
    );
}

/// A file that is gone with the test.
fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn a_seed_that_is_none_is_refused_in_words() {
    for (seed, words) in [
        ("{", "is no JSON object: EOF"),
        (r#"{"heroku": {}}"#, "is for a service heroku"),
        (
            r#"{"scalingo": {"apples": []}}"#,
            "this is no seed of scalingo: unknown field `apples`",
        ),
    ] {
        let seed = file(seed);
        let said = refusal(&["--port-base", "0", "--seed", seed.path().to_str().unwrap()]);
        assert!(said.contains(words), "{said}");
    }
}

/// Starts it with `--json`, and reads the line.
fn started(arguments: &[&str]) -> (Running, serde_json::Value) {
    let child = program()
        .args(["--port-base", "0", "--json"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    let stdout = running.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready = serde_json::from_str(&line).unwrap();
    (running, ready)
}

#[cfg(all(
    feature = "tideways",
    feature = "tsuru",
    feature = "devopness",
    feature = "edgegap"
))]
#[tokio::test]
async fn one_line_of_json_has_all_that_a_newcomer_needs() {
    let seed = file(r#"{"scalingo": {"apps": [{"name": "my-app"}]}}"#);
    let arguments = [
        "--seed",
        seed.path().to_str().unwrap(),
        "--api-version",
        "devopness=2025-11",
    ];
    let (running, ready) = started(&arguments);
    let services = &ready["services"];
    for name in [
        "scalingo",
        "tideways",
        "tsuru",
        "edgegap",
        "devopness",
        "tsuru-v1",
    ] {
        let service = &services[name];
        assert!(
            service["base_url"]
                .as_str()
                .unwrap()
                .starts_with("http://127.0.0.1:")
        );
        assert!(!service["token"].as_str().unwrap().is_empty(), "{service}");
        assert!(service["hints"].is_object(), "{service}");
    }
    assert_eq!(services["devopness"]["version"], "2025-11");
    assert_eq!(services["tsuru"]["hints"]["password"], "123456");
    assert!(services["tideways"]["hints"]["organization"].is_string());
    let (base_url, token) = (
        &services["scalingo"]["base_url"],
        &services["scalingo"]["token"],
    );
    let credentials = STANDARD.encode(format!(":{}", token.as_str().unwrap()));
    let exchange = reqwest::Client::new()
        .post(format!("{}/v1/tokens/exchange", base_url.as_str().unwrap()))
        .header("authorization", format!("Basic {credentials}"))
        .send();
    let bearer = exchange.await.unwrap().text().await.unwrap();
    let bearer: serde_json::Value = serde_json::from_str(&bearer).unwrap();
    let seeded = reqwest::Client::new()
        .get(format!("{}/v1/apps/my-app", base_url.as_str().unwrap()))
        .bearer_auth(bearer["token"].as_str().unwrap());
    assert_eq!(seeded.send().await.unwrap().status(), 200);

    let control = ready["control"]["base_url"].as_str().unwrap();
    let port = control.rsplit(':').next().unwrap();
    let health = |port: &str| {
        program()
            .args(["health", "--control-port", port])
            .output()
            .unwrap()
    };
    assert!(health(port).status.success());
    drop(running);
    let gone = health(port);
    assert!(!gone.status.success());
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(said.contains("there is no sandbox at 127.0.0.1:"), "{said}");
}

#[tokio::test]
async fn the_control_is_for_this_machine_too() {
    let (_running, ready) = started(&["--only", "scalingo", "--allow-host", "sandbox"]);
    let ready_url = format!(
        "{}/__sandbox/ready",
        ready["control"]["base_url"].as_str().unwrap()
    );
    for (host, status) in [("evil.example", 403), ("sandbox:7000", 200)] {
        let request = reqwest::Client::new().get(&ready_url).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
}

#[cfg(unix)]
#[test]
fn it_ends_cleanly_when_it_is_told_to() {
    for signal in ["INT", "TERM"] {
        let (mut running, _) = started(&["--only", "scalingo"]);
        let id = running.0.id().to_string();
        let told = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {id}")])
            .status();
        assert!(told.unwrap().success());
        let status = running.0.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[cfg(feature = "record")]
#[tokio::test]
async fn it_records_and_replays() {
    /// Starts it, and reads its address from its first line.
    fn at(arguments: &[&str]) -> (Running, String) {
        let child = program().args(arguments).stdout(Stdio::piped()).spawn();
        let mut running = Running(child.unwrap());
        let mut line = String::new();
        let stdout = running.0.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.split_whitespace().nth(1);
        (
            running,
            address.unwrap_or_else(|| panic!("{line}")).to_owned(),
        )
    }
    let (_sandbox, ready) = started(&["--only", "scalingo"]);
    let service = ready["services"]["scalingo"]["base_url"].as_str().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path().to_str().unwrap();
    let listen = ["--listen", "127.0.0.1:0"];
    let record = [
        &["record", "--to", folder, "--upstream", service][..],
        &listen,
    ]
    .concat();
    let (recording, recorder) = at(&record);
    let regions = |base_url: String| async move {
        let answer = reqwest::get(format!("{base_url}/v1/regions"))
            .await
            .unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, recorded) = regions(recorder.clone()).await;
    assert_eq!(status, 200);
    drop(recording);
    let (_replaying, replay) = at(&[&["replay", folder][..], &listen].concat());
    let (status, replayed) = regions(replay.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(
        replayed.replace(&replay, ""),
        recorded.replace(&recorder, "")
    );
}
