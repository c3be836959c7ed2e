//! The example programs for Tideways and tsuru, as somebody would run them: child processes of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::process::{Command, Stdio};
use std::time::Duration;

use deploykit_sandbox::tideways::Tideways;
use deploykit_sandbox::tsuru::Tsuru;
use deploykit_sandbox::{Running, Sandbox};

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Ran {
    succeeded: bool,
    out: String,
    err: String,
}

/// Runs a program that `cargo test` has built beside the tests (with `--test`, `cargo build --examples`).
async fn run(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(profile.join("examples").join(name));
    command.args(arguments).stdin(Stdio::null());
    for variable in [
        "SCALINGO_API_TOKEN",
        "TIDEWAYS_TOKEN",
        "TIDEWAYS_ORGANIZATION",
        "TSURU_TARGET",
        "TSURU_EMAIL",
        "TSURU_HOST",
        "TSURU_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = tokio::time::timeout(Duration::from_secs(60), output)
        .await
        .unwrap();
    let output = output.unwrap().expect("the example is built");
    Ran {
        succeeded: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn run_tideways(sandbox: &Running<Tideways>, example: &str, arguments: &[&str]) -> Ran {
    let token = sandbox.token();
    let variables = [
        ("TIDEWAYS_TOKEN", token.as_str()),
        ("TIDEWAYS_ORGANIZATION", "acme"),
    ];
    let mut all = vec!["--base-url", sandbox.base_url()];
    all.extend(arguments);
    run(example, &all, &variables).await
}

async fn run_tsuru(sandbox: &Running<Tsuru>) -> Ran {
    let (email, password) = sandbox.admin();
    let variables = [
        ("TSURU_TARGET", sandbox.base_url()),
        ("TSURU_EMAIL", email),
        ("TSURU_PASSWORD", password),
    ];
    run("tsuru_app", &[], &variables).await
}

#[tokio::test]
async fn all_run_with_nothing_set() {
    for example in ["provision", "decommission", "tsuru_app", "tsuru_deploy"] {
        let ran = run(example, &[], &[]).await;
        assert!(ran.succeeded, "{example}: {}", ran.err);
        assert!(!ran.out.is_empty(), "{example}");
    }
}

#[tokio::test]
async fn provision_shows_the_key_only_where_it_is_asked_for() {
    let sandbox = Sandbox::tideways().start().await.unwrap();
    let ran = run_tideways(&sandbox, "provision", &["shop"]).await;
    assert!(ran.succeeded, "{}", ran.err);
    assert_eq!(ran.out, "tideways.api_key=…\n");
    assert!(!ran.err.contains("tw_"), "{}", ran.err);
    let ran = run_tideways(&sandbox, "provision", &["shop", "--show-key"]).await;
    assert!(ran.out.starts_with("tideways.api_key=tw_"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
    assert_eq!(sandbox.projects(), ["app1", "shop"]);
}

#[tokio::test]
async fn decommission_removes_only_what_is_old_and_only_when_told() {
    let sandbox = Sandbox::tideways()
        .silent_server("shop", "young", 29 * DAY)
        .silent_server("shop", "old", 31 * DAY)
        .odd_server("shop", "unread", "0000-00-00 00:00:00")
        .silent_server("broken", "old", 31 * DAY)
        .silent_server("blog", "old", 31 * DAY)
        .start()
        .await
        .unwrap();
    let ran = run_tideways(&sandbox, "decommission", &[]).await;
    assert!(ran.succeeded, "{}", ran.err);
    assert_eq!(ran.out.matches("nothing removed").count(), 3, "{}", ran.out);
    assert!(sandbox.requests().iter().all(|sent| sent.method == "GET"));

    sandbox
        .faults()
        .on("GET", "/apps/api/acme/broken/servers")
        .status(403);
    let ran = run_tideways(&sandbox, "decommission", &["--yes"]).await;
    assert!(!ran.succeeded, "one project failed");
    assert!(ran.err.contains("broken: "), "{}", ran.err);
    assert_eq!(sandbox.servers("shop"), ["young", "unread"]);
    assert_eq!(sandbox.servers("broken"), ["old"]);
    assert!(sandbox.servers("blog").is_empty());

    let arguments = ["--yes", "--older-than", "28", "--application", "shop"];
    assert!(
        run_tideways(&sandbox, "decommission", &arguments)
            .await
            .succeeded
    );
    assert_eq!(sandbox.servers("shop"), ["unread"]);
    assert_eq!(sandbox.servers("broken"), ["old"]);
}

#[tokio::test]
async fn decommission_fails_where_not_all_were_removed() {
    let sandbox = Sandbox::tideways()
        .silent_server("shop", "old", 31 * DAY)
        .start()
        .await
        .unwrap();
    let none = r#"{"ok":true,"removed_servers":0}"#;
    sandbox.faults().on("DELETE", "/**").body(none).status(200);
    let ran = run_tideways(&sandbox, "decommission", &["--yes"]).await;
    assert!(!ran.succeeded);
    assert!(
        ran.err.contains("0 of 1 servers were removed"),
        "{}",
        ran.err
    );
}

#[tokio::test]
async fn tsuru_app_leaves_nothing_behind() {
    for fails in [false, true] {
        let sandbox = Sandbox::tsuru()
            .json_lines()
            .speed(1000.0)
            .start()
            .await
            .unwrap();
        if fails {
            sandbox.fail_next_restart();
        }
        let ran = run_tsuru(&sandbox).await;
        assert_eq!(ran.succeeded, !fails, "{}", ran.err);
        assert!(ran.out.contains("---> Restarting your app"), "{}", ran.out);
        assert!(
            !ran.out.contains("s3cr3t"),
            "the service's password is private"
        );
        assert_eq!(
            ran.err.contains("the unit did not answer"),
            fails,
            "{}",
            ran.err
        );
        assert_eq!(sandbox.restarts("example-app"), None);
        let requests = sandbox.requests();
        let last = requests.last().unwrap();
        assert_eq!(
            (last.method.as_str(), last.path.as_str()),
            ("DELETE", "/users/tokens")
        );
    }
}

#[tokio::test]
async fn tsuru_app_touches_no_app_that_exists() {
    let sandbox = Sandbox::tsuru().app("example-app").start().await.unwrap();
    let ran = run_tsuru(&sandbox).await;
    assert!(!ran.succeeded);
    assert!(ran.err.contains("409"), "{}", ran.err);
    assert_eq!(sandbox.restarts("example-app"), Some(0));
}

#[tokio::test]
async fn a_release_is_deployed_marked_and_compared() {
    let ran = run("release_marker", &[], &[]).await;
    assert!(ran.succeeded, "{} {}", ran.out, ran.err);
    assert!(
        ran.out.contains("marked v1.2.3 in acme/app1"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("response (95p)        120 ms       150 ms     +25 %"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("new errors: 1\n  Payment was refused in v1.2.3"),
        "{}",
        ran.out
    );
    let strict = run("release_marker", &["--tolerance", "10"], &[]).await;
    assert!(!strict.succeeded, "25 % slower is too slow: {}", strict.out);
}

#[tokio::test]
async fn tsuru_deploy_goes_back_to_what_went_well() {
    let sandbox = Sandbox::tsuru_v1().app("shop").speed(100.0);
    let sandbox = sandbox.start().await.unwrap();
    let token = sandbox.token();
    let variables = [("TSURU_HOST", sandbox.base_url()), ("TSURU_TOKEN", &token)];
    let deploy = async |image| {
        let arguments = ["--app", "shop", "--image", image];
        run("tsuru_deploy", &arguments, &variables).await
    };
    let ran = deploy("shop:1").await;
    assert!(
        ran.succeeded && ran.out.contains("shop is deployed"),
        "{}",
        ran.err
    );
    sandbox.fail_next();
    let ran = deploy("shop:2").await;
    assert!(!ran.succeeded);
    assert!(ran.err.contains("exit status 1"), "{}", ran.err);
    assert!(ran.out.contains("going back to shop:1"), "{}", ran.out);
    assert_eq!(
        sandbox.deploys("shop"),
        Some(2),
        "the first, and the way back"
    );
}
