//! The example `ship`, as somebody would run it: a child process.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use deploykit_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::process::Command;

use crate::sent;

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// The program that `cargo test` has built beside the tests (with `--test`, `cargo build --examples`).
fn program(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let name = format!("ship{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(profile.join("examples").join(name));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for variable in [
        "DEPLOYKIT_TARGET_SERVICE",
        "SCALINGO_API_TOKEN",
        "TSURU_HOST",
        "TSURU_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    command
}

async fn ship(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let output = program(arguments, variables).output();
    let output = tokio::time::timeout(Duration::from_secs(60), output).await;
    let output = output.unwrap().expect("the example is built");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file that is gone at the end.
struct File {
    path: PathBuf,
    _folder: TempDir,
}

impl File {
    fn named(name: &str, content: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(name);
        if !content.is_empty() {
            std::fs::write(&path, content).unwrap();
        }
        Self {
            path,
            _folder: folder,
        }
    }

    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

#[tokio::test]
async fn with_nothing_set_it_deploys_to_stand_ins() {
    let ran = ship(&["--sandbox-speed", "50"], &[]).await;
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    for target in [
        "scalingo web",
        "devopness application 1",
        "tsuru shop",
        "edgegap my-game/v2",
    ] {
        assert!(
            ran.out.contains(&format!("{target}: done after")),
            "{}",
            ran.out
        );
    }
    assert!(
        ran.out.contains("scalingo web: building (building)"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn a_failure_is_in_the_summary_and_the_exit_code() {
    let arguments = ["--sandbox-speed", "50", "--fail", "--roll-back", "--log"];
    let ran = ship(&arguments, &[]).await;
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let failed = "devopness application 1: failed (";
    assert!(ran.out.contains(failed), "{}", ran.out);
    assert!(
        ran.out.contains("`Build application` failed"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("tsuru shop | ---- Building image ----"),
        "{}",
        ran.out
    );
    let back = |name: &str| {
        let line = ran
            .out
            .lines()
            .rfind(|line| line.starts_with(name))
            .unwrap();
        line.ends_with("; rolled back")
    };
    assert!(
        back("scalingo web: done") && back("edgegap my-game/v2: done"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn killed_and_run_once_more_it_follows_what_it_has_triggered() {
    let sandbox = Sandbox::tsuru_v1().app("shop").app("blog");
    let sandbox = sandbox
        .deploy_takes(Duration::from_secs(3))
        .start()
        .await
        .unwrap();
    let token = sandbox.token();
    let variables = [("TSURU_HOST", sandbox.base_url()), ("TSURU_TOKEN", &token)];
    let targets = "[[target]]\nservice = 'tsuru'\napp = 'shop'\nimage = 'shop:1'\n\
                   [[target]]\nservice = 'tsuru'\napp = 'blog'\nimage = 'blog:1'\n";
    let targets = File::named("targets.toml", targets);
    let handles = File::named("handles.json", "");
    let arguments = [targets.path(), "--handles", handles.path()];

    let mut killed = program(&arguments, &variables)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let both = async {
        let mut often = tokio::time::interval(Duration::from_millis(10));
        let ids =
            || std::fs::read_to_string(&handles.path).map(|text| text.matches("\"id\"").count());
        while ids().unwrap_or_default() < 2 {
            often.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), both)
        .await
        .unwrap();
    killed.kill().await.unwrap();

    let ran = ship(&arguments, &variables).await;
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(sent(&sandbox, "POST", "/deploy"), 2, "one for each");
    assert_eq!(
        (sandbox.deploys("shop"), sandbox.deploys("blog")),
        (Some(1), Some(1))
    );
    assert!(!handles.path.exists(), "nothing is left to be found again");
}

#[tokio::test]
async fn wrong_targets_are_named_and_nothing_is_sent() {
    for (targets, problem) in [
        (
            "[[target]]\nservice = 'tsuru'\napp = 'x'\nimag = 'y'\n",
            "`image` is missing",
        ),
        (
            "[[target]]\nservice = 'tsuru'\napp = 'x'\nimage = 'y'\nport = 1\n",
            "`port` is no field",
        ),
        (
            "[[targets]]\nservice = 'tsuru'\n",
            "unknown field `targets`",
        ),
    ] {
        let targets = File::named("wrong.toml", targets);
        let ran = ship(&[targets.path()], &[]).await;
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(problem), "{}", ran.err);
        assert!(ran.err.contains("wrong.toml"), "{}", ran.err);
    }
    let targets = "[[target]]\nservice = 'tsuru'\napp = 'x'\nimage = 'y'\n";
    let targets = File::named("nobody.toml", targets);
    let ran = ship(&[targets.path()], &[]).await;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.out.contains("`TSURU_HOST` is not set"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[tokio::test]
async fn a_target_of_the_environment_is_deployed() {
    let sandbox = Sandbox::tsuru_v1()
        .app("shop")
        .speed(50.0)
        .start()
        .await
        .unwrap();
    let token = sandbox.token();
    let mut variables = vec![
        ("TSURU_HOST", sandbox.base_url()),
        ("TSURU_TOKEN", &token),
        ("DEPLOYKIT_TARGET_SERVICE", "tsuru"),
        ("DEPLOYKIT_TARGET_APP", "shop"),
        ("DEPLOYKIT_TARGET_IMAGE", "shop:1"),
    ];
    let ran = ship(&[], &variables).await;
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(sandbox.deploys("shop"), Some(1));

    variables.push(("DEPLOYKIT_TARGET_BRANCH", "main"));
    let ran = ship(&[], &variables).await;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("`DEPLOYKIT_TARGET_BRANCH` is no field"),
        "{}",
        ran.err
    );
}
