//! The README's programs, run as they stand there: where node and python are at hand.

#![cfg(all(feature = "program", feature = "scalingo", feature = "devopness"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::{Command, Stdio};

/// The first code block of that language.
fn block(language: &str) -> &'static str {
    let readme = include_str!("../README.md");
    let start = format!("```{language}\n");
    let (_, rest) = readme.split_once(&start).unwrap();
    rest.split_once("```").unwrap().0
}

/// What a program prints that finds the sandbox on its path; nothing if it isn't there itself.
fn printed(program: &str, ending: &str, text: &str) -> Option<String> {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        return None;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let script = folder.path().join(format!("start.{ending}"));
    std::fs::write(&script, text).unwrap();
    let sandbox = Path::new(env!("CARGO_BIN_EXE_deploykit-sandbox"));
    let mut paths = vec![sandbox.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let done = Command::new(program)
        .arg(&script)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}: {said}");
    Some(String::from_utf8(done.stdout).unwrap())
}

#[test]
fn the_javascript_runs() {
    let again = block("js").replace(
        "sandbox.kill();",
        "console.log((await fetch(`${scalingo.base_url}/v1/regions`)).status); sandbox.kill();",
    );
    if let Some(printed) = printed("node", "mjs", &again) {
        assert_eq!(printed, "503\n200\n");
    }
}

#[test]
fn the_python_runs() {
    if let Some(printed) = printed("python3", "py", block("python")) {
        let lines: Vec<&str> = printed.lines().collect();
        let [project, seen] = lines.as_slice() else {
            panic!("{printed}");
        };
        assert!(!project.is_empty());
        assert_eq!(*seen, "1 request seen");
    }
}
