//! The example program `deploy`, as somebody would run it: a child process of its own.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use deploykit_sandbox::Running;
use deploykit_sandbox::scalingo::{Outcome, Scalingo};
use tokio::process::Command;

use crate::support::*;

/// Built by `cargo test` beside the tests; with `--test`, by `cargo build --example deploy`.
fn path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("deploy{}", std::env::consts::EXE_SUFFIX);
    let path = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: cargo build --example deploy",
        path.display()
    );
    path
}

struct Ran {
    status: ExitStatus,
    out: String,
    err: String,
}

impl Ran {
    fn code(&self) -> i32 {
        let shown = format!("{}\n{}", self.out, self.err);
        self.status
            .code()
            .unwrap_or_else(|| panic!("killed: {shown}"))
    }
}

async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(path());
    command.args(arguments).env_clear().kill_on_drop(true);
    // What the program's own loading may need on this machine.
    for kept in ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null());
    let output = bounded(command.output()).await.unwrap();
    Ran {
        status: output.status,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Plain lines: statuses in order, log lines between them, no control sequence of a progress bar.
#[track_caller]
fn plain(ran: &Ran, statuses: &[&str]) {
    let told: Vec<_> = ran
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("== "))
        .collect();
    // The first may have passed before anybody looked.
    assert!(
        statuses.ends_with(&told),
        "{told:?}: {}{}",
        ran.out,
        ran.err
    );
    assert!(told.len() > 1, "{}{}", ran.out, ran.err);
    for bar in ["\r", "\u{1b}[2K", "\u{1b}[1A", "\u{1b}[?25"] {
        assert!(!ran.out.contains(bar), "{bar:?} in {:?}", ran.out);
    }
    assert!(
        ran.out.contains("-----> Cloning source code\n"),
        "{}",
        ran.out
    );
    let last = ran.out.lines().last().unwrap();
    assert!(last.contains(statuses.last().unwrap()), "{last}");
}

#[tokio::test]
async fn with_nothing_set_it_deploys_in_a_sandbox() {
    let ran = run(&["--sandbox-speed", "30"], &[]).await;
    assert_eq!(ran.code(), 0, "{}", ran.err);
    plain(
        &ran,
        &["queued", "building", "pushing", "starting", "success"],
    );
    assert_eq!(ran.err, "");
}

#[tokio::test]
async fn each_failure_ends_with_its_status_and_exit_code_one() {
    let started = ["queued", "building", "pushing", "starting"];
    for (failure, before) in [
        ("aborted", 2),
        ("build-error", 2),
        ("crashed-error", 4),
        ("timeout-error", 4),
        ("hook-error", 4),
    ] {
        // Slow enough for two statuses to be seen on a busy machine.
        let ran = run(&["--sandbox-speed", "8", "--fail", failure], &[]).await;
        assert_eq!(ran.code(), 1, "{failure}: {}", ran.err);
        plain(&ran, &[&started[..before], &[failure]].concat());
    }
}

#[tokio::test]
async fn help_is_complete() {
    let ran = run(&["--help"], &[]).await;
    assert_eq!(ran.code(), 0);
    for word in [
        "SCALINGO_API_TOKEN",
        "SCALINGO_REGION",
        "--region",
        "--app",
        "--source-url",
        "--archive",
        "--git-ref",
        "--env <",
        "--env-after",
        "--scale <",
        "--scale-before",
        "--run <",
        "--run-before",
        "--deadline",
        "--fail",
        "build-error",
        "osc-secnum-fr1",
        "exit code",
    ] {
        assert!(ran.out.contains(word), "{word} is not in: {}", ran.out);
    }
}

/// As against the real service: the address of the API by the official variables.
async fn real(sandbox: &Running<Scalingo>, token: &str, arguments: &[&str]) -> Ran {
    let variables = [
        ("SCALINGO_API_TOKEN", token),
        ("SCALINGO_API_URL", sandbox.base_url()),
        ("SCALINGO_AUTH_URL", sandbox.base_url()),
    ];
    run(arguments, &variables).await
}

#[tokio::test]
async fn with_the_official_variables_it_deploys_for_real() {
    let sandbox = start(sandbox()).await;
    let token = sandbox.token();
    let arguments = ["--app", APP, "--source-url", SOURCE, "--git-ref", "v1"];
    let ran = real(&sandbox, &token, &arguments).await;
    assert_eq!(ran.code(), 0, "{}", ran.err);
    let done = sandbox.deployments(APP);
    assert_eq!((done.len(), done[0]["git_ref"].as_str()), (1, Some("v1")));
    let id = done[0]["id"].as_str().unwrap();
    assert!(ran.out.contains(id), "{}", ran.out);
    plain(
        &ran,
        &["queued", "building", "pushing", "starting", "success"],
    );
    for line in sandbox.output(APP, id).unwrap().lines() {
        assert!(
            ran.out.lines().any(|told| told == line),
            "{line:?} in {}",
            ran.out
        );
    }

    sandbox.next_outcome(Outcome::BuildError);
    let ran = real(&sandbox, &token, &arguments).await;
    assert_eq!(ran.code(), 1, "{}", ran.err);
}

#[tokio::test]
async fn an_archive_is_deployed_for_real() {
    let sandbox = start(sandbox()).await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("program.tar.gz");
    std::fs::write(&file, b"\x1f\x8bsources").unwrap();
    let arguments = ["--app", APP, "--archive", file.to_str().unwrap()];
    let ran = real(&sandbox, &sandbox.token(), &arguments).await;
    assert_eq!(ran.code(), 0, "{}", ran.err);
    assert_eq!(sandbox.uploads(), [&b"\x1f\x8bsources"[..]]);
}

/// What is done before the deployment, and after it.
const AROUND: [&str; 12] = [
    "--env",
    "WORKERS=3",
    "--scale-before",
    "worker:0",
    "--run-before",
    "rake db:check",
    "--run",
    "rake db:migrate",
    "--scale",
    "web:2",
    "--env-after",
    "RELEASED=1",
];

#[tokio::test]
async fn what_is_asked_for_around_a_deployment_is_done_in_order() {
    let sandbox = start(sandbox()).await;
    let mut arguments = vec!["--app", APP, "--source-url", SOURCE];
    arguments.extend(AROUND);
    let ran = real(&sandbox, &sandbox.token(), &arguments).await;
    assert_eq!(ran.code(), 0, "{}", ran.err);
    let requests = sandbox.requests();
    let orders = requests.iter().filter_map(|sent| {
        let (_, what) = sent.path.split_once("/v1/apps/example-app/")?;
        (sent.method != "GET").then_some(what)
    });
    let around = ["variables", "scale", "run"];
    let expected = [&around[..], &["deployments"], &around[..]].concat();
    assert_eq!(orders.collect::<Vec<_>>(), expected);
    let client = client(&sandbox);
    let variables = client.environment().list(APP).await.unwrap();
    assert_eq!(variables.len(), 2);
    let types = client.containers().types(APP).await.unwrap();
    let amount = |name| {
        types
            .iter()
            .find(|one| one.name == name)
            .and_then(|one| one.amount)
    };
    assert_eq!((amount("web"), amount("worker")), (Some(2), Some(0)));
    for line in [
        "WORKERS set",
        "running rake db:check",
        "running rake db:migrate",
        "web scaled to 2",
    ] {
        assert!(
            ran.out.lines().any(|told| told == line),
            "{line:?} in {}",
            ran.out
        );
    }

    let ran = run(&[&["--sandbox-speed", "30"], &AROUND[..]].concat(), &[]).await;
    assert_eq!(ran.code(), 0, "with nothing set: {}", ran.err);
}

#[tokio::test]
async fn nothing_is_deployed_after_a_command_that_failed() {
    let sandbox = start(sandbox()).await;
    let arguments = [
        "--app",
        APP,
        "--source-url",
        SOURCE,
        "--run-before",
        "exit 3",
    ];
    let ran = real(&sandbox, &sandbox.token(), &arguments).await;
    assert_eq!(ran.code(), 2, "{}", ran.out);
    assert!(ran.err.contains("exit 3 ended with Some(3)"), "{}", ran.err);
    assert_eq!(count(&sandbox, "POST", "/deployments"), 0);
}

#[tokio::test]
async fn what_cannot_be_triggered_is_exit_code_two() {
    let sandbox = start(sandbox()).await;
    let token = sandbox.token();
    for (token, arguments, problem) in [
        (
            "tk-us-canary",
            vec!["--app", APP, "--source-url", SOURCE],
            "401",
        ),
        (
            &token,
            vec!["--app", "no-such-app", "--source-url", SOURCE],
            "404",
        ),
        (&token, vec!["--source-url", SOURCE], "--app"),
        (&token, vec!["--app", APP], "--archive"),
        (
            &token,
            vec!["--app", APP, "--archive", "/no/such/file"],
            "archive",
        ),
        (
            &token,
            vec!["--app", APP, "--source-url", SOURCE, "--git-ref=-x"],
            "git_ref",
        ),
        (&token, vec!["--app", APP, "--fail", "aborted"], "--fail"),
        (&token, vec!["--no-such-option"], "--no-such-option"),
        (
            &token,
            vec!["--app", APP, "--archive", "a", "--source-url", "b"],
            "cannot be used with",
        ),
    ] {
        let ran = real(&sandbox, token, &arguments).await;
        assert_eq!(ran.code(), 2, "{arguments:?}: {} {}", ran.out, ran.err);
        assert!(
            ran.err.contains(problem),
            "{problem} is not in: {}",
            ran.err
        );
        assert!(!ran.err.contains("canary") && !ran.out.contains("canary"));
    }
    assert_eq!(sandbox.deployments(APP).len(), 0);
}

#[tokio::test]
async fn the_official_variables_are_checked() {
    let arguments = ["--app", APP, "--source-url", SOURCE];
    let token = ("SCALINGO_API_TOKEN", "tk-us-test");
    for (variable, problem) in [
        (("SCALINGO_REGION", "mars-1"), "region"),
        (("SCALINGO_API_URL", "ftp://example.com"), "base_url"),
        (("SCALINGO_AUTH_URL", "ftp://example.com"), "auth_url"),
    ] {
        let ran = run(&arguments, &[token, variable]).await;
        assert_eq!(ran.code(), 2, "{}", ran.err);
        assert!(
            ran.err.contains(problem),
            "{problem} is not in: {}",
            ran.err
        );
    }
}
