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
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}
