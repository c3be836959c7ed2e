//! What the sandbox says that it covers is every operation of every client, and no other.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use deploykit::core::Endpoint;
use deploykit_sandbox::{Answered, Builder, Controlled, Sandbox};

async fn covers<S: Controlled>(
    sandbox: Builder<S>,
    parts: &[(&str, &[&'static Endpoint])],
    lacks: &[&str],
) {
    let sandbox = sandbox.start().await.unwrap();
    let table = sandbox.service().operations();
    let listed: BTreeSet<String> = table
        .iter()
        .map(|one| format!("{} {} {}", one.id, one.method, one.path))
        .collect();
    assert_eq!(
        listed.len(),
        table.len(),
        "{}: nothing is there twice",
        S::NAME
    );
    let called: BTreeSet<String> = parts
        .iter()
        .flat_map(|(prefix, rows)| {
            let line = |row: &&Endpoint| {
                format!("{} {} {prefix}{}", row.operation, row.method, row.template)
            };
            rows.iter().map(line).collect::<Vec<_>>()
        })
        .collect();
    let list = |lines: Vec<&String>| {
        lines
            .into_iter()
            .fold(String::new(), |text, line| text + line + "\n")
    };
    let unlisted = list(called.difference(&listed).collect());
    let strange = list(listed.difference(&called).collect());
    assert!(
        unlisted.is_empty() && strange.is_empty(),
        "{}: operations of the client that its table lacks:\n{unlisted}and lines that no client has:\n{strange}",
        S::NAME
    );
    let missing = table.iter().filter(|one| one.answered == Answered::Missing);
    let missing: BTreeSet<_> = missing.map(|one| one.id.as_str()).collect();
    let lacks: BTreeSet<&str> = lacks.iter().copied().collect();
    assert_eq!(missing, lacks, "{}: what is missing", S::NAME);
}

/// Of the service's year 2025: the stand-in answers them with `version(V2025_11)`.
const REMOVED: [&str; 5] = [
    "addEnvironmentCredential",
    "listProjectRoles",
    "addProjectRole",
    "listProjectTeams",
    "addProjectTeam",
];

#[tokio::test]
async fn scalingo() {
    covers(
        Sandbox::scalingo(),
        &[("", &deploykit::scalingo::ENDPOINTS)],
        &[],
    )
    .await;
}

#[tokio::test]
async fn tideways() {
    covers(
        Sandbox::tideways(),
        &[("", &deploykit::tideways::ENDPOINTS)],
        &[],
    )
    .await;
}

#[tokio::test]
async fn tsuru() {
    covers(
        Sandbox::tsuru(),
        &[("", &deploykit::tsuru::ENDPOINTS)],
        &["getQuotaInfoOfAnUser"],
    )
    .await;
}

#[tokio::test]
async fn tsuru_v1() {
    covers(
        Sandbox::tsuru_v1(),
        &[("", &deploykit::tsuru::v1::ENDPOINTS)],
        &[],
    )
    .await;
}

#[tokio::test]
async fn edgegap() {
    use deploykit::edgegap::{ENDPOINTS, matchmaker::Matchmaker, server_browser::ServerBrowser};

    let parts: [(&str, &[&'static Endpoint]); 3] = [
        ("", &ENDPOINTS),
        ("/matchmaker", Matchmaker::ENDPOINTS),
        ("/server-browser", ServerBrowser::ENDPOINTS),
    ];
    covers(Sandbox::edgegap(), &parts, &[]).await;
}

#[tokio::test]
async fn devopness() {
    covers(
        Sandbox::devopness(),
        &[("", &deploykit::devopness::ENDPOINTS)],
        &REMOVED,
    )
    .await;
}
