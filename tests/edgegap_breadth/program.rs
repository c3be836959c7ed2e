//! The example program, as somebody would run it: a child process of its own.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use deploykit_sandbox::Running;
use deploykit_sandbox::edgegap::Edgegap;

use crate::{connected, sent};

/// Runs a program that `cargo test` has built beside the tests (with `--test`, `cargo build --examples`).
async fn game_session(sandbox: &Running<Edgegap>, arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("game_session{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(profile.join("examples").join(name));
    command
        .args(["--play", "0"])
        .args(arguments)
        .env("EDGEGAP_API_TOKEN", sandbox.token())
        .env("EDGEGAP_API_URL", sandbox.base_url())
        .stdin(Stdio::null());
    for variable in [
        "EDGEGAP_APPLICATION",
        "EDGEGAP_VERSION",
        "REGISTRY_USERNAME",
    ] {
        command.env_remove(variable);
    }
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = tokio::time::timeout(Duration::from_secs(60), output);
    output
        .await
        .unwrap()
        .unwrap()
        .expect("the example is built")
}

#[tokio::test]
async fn a_session_begins_with_an_image() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let image = [
        "--application",
        "my-game",
        "--image",
        "r.example.com/my-org/my-game:17",
    ];
    for word in ["created", "found"] {
        let output = game_session(
            &sandbox,
            &[&image[..], &["--port", "game:7000/udp"]].concat(),
        )
        .await;
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{out}{err}");
        assert!(
            out.contains(&format!("{word} application my-game, {word} version 17")),
            "{out}"
        );
        assert!(out.contains("game: connect to"), "{out}");
    }
    assert_eq!(
        (sent(&sandbox, "POST", "/v1/app"), sandbox.created()),
        (1, 2)
    );
    assert_eq!(
        client.versions().list("my-game").await.unwrap().items.len(),
        1
    );
    // The same version with other ports.
    let output = game_session(&sandbox, &image).await;
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && err.contains("version name of its own"),
        "{err}"
    );
    assert_eq!(sandbox.created(), 2);
}
