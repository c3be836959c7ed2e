//! Our own clients, recorded while they deploy to a stand-in, and replayed without it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use deploykit::{devopness, scalingo};
use deploykit_sandbox::record::Recorder;
use deploykit_sandbox::replay::Replay;
use deploykit_sandbox::{Running, Sandbox, record, replay};
use futures::TryStreamExt as _;
use tempfile::TempDir;

async fn recorder(folder: &TempDir, upstream: &str) -> Running<Recorder> {
    let recorder = record::to(folder.path(), upstream).unwrap();
    recorder.start().await.unwrap()
}

async fn replay(folder: &TempDir) -> Running<Replay> {
    replay::from(folder.path()).unwrap().start().await.unwrap()
}

fn assert_without(folder: &Path, secrets: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for secret in secrets {
            assert!(
                !text.contains(secret),
                "{secret} in {}: {text}",
                path.display()
            );
        }
    }
}

/// Uploads and deploys an archive, looks until it has ended, and gives the statuses and the log.
async fn deploy_to_scalingo(base_url: &str, token: &str) -> (Vec<String>, String) {
    let client = scalingo::Client::builder()
        .token(token)
        .base_url(base_url)
        .without_quotas()
        .build()
        .unwrap();
    let deployments = client.deployments();
    let archive = scalingo::Archive::bytes(vec![0x1f, 0x8b, 0x00, 0xff]).git_ref("v1");
    let deployment = deployments
        .deploy_archive("example-app", archive)
        .await
        .unwrap();
    let mut statuses = Vec::new();
    loop {
        let now = deployments
            .get("example-app", deployment.id.clone())
            .await
            .unwrap();
        statuses.push(format!("{:?}", now.status));
        if now.is_finished() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let output = deployments
        .output("example-app", deployment.id)
        .await
        .unwrap();
    (statuses, format!("{output:?}"))
}

#[tokio::test]
async fn a_deploy_of_an_archive_to_scalingo() {
    let sandbox = Sandbox::scalingo().speed(30.0).start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let recorder = recorder(&folder, sandbox.base_url()).await;
    let recorded = deploy_to_scalingo(recorder.base_url(), &sandbox.token()).await;
    assert_eq!(
        sandbox.uploads(),
        [[0x1f, 0x8b, 0x00, 0xff].as_slice()],
        "through the recorder"
    );
    assert!(recorded.0.len() > 1, "{recorded:?}");
    assert_without(
        folder.path(),
        &[
            &sandbox.token(),
            &sandbox.bearer()[..60],
            sandbox.base_url(),
        ],
    );
    sandbox.shutdown().await;
    recorder.shutdown().await;

    let replay = replay(&folder).await;
    let replayed = deploy_to_scalingo(replay.base_url(), "another token").await;
    assert_eq!(replayed, recorded);
}

/// Deploys an archive, and gives its output as it came and the deploys that there are then.
async fn deploy_to_tsuru(base_url: &str, token: &str) -> (Vec<String>, String) {
    use deploykit::tsuru::v1::{Client, DeployFilter, NewDeploy};

    let client = Client::builder()
        .target(base_url)
        .token(token)
        .build()
        .unwrap();
    let deploy = NewDeploy::archive(deploykit::core::Body::Bytes(vec![0x1f, 0x8b, 0xff].into()))
        .message("release 7");
    let mut deploying = client.deploy("myapp", &deploy).await.unwrap();
    let mut lines = Vec::new();
    while let Some(line) = deploying.try_next().await.unwrap() {
        lines.push(line.text);
    }
    let filter = DeployFilter::new().app("myapp");
    let deploys = client.deploys().list(&filter).await.unwrap();
    (lines, format!("{deploys:?}"))
}

#[tokio::test]
async fn a_deploy_to_tsuru_with_its_output() {
    let sandbox = Sandbox::tsuru_v1()
        .app("myapp")
        .speed(100.0)
        .start()
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    let recorder = recorder(&folder, sandbox.base_url()).await;
    let recorded = deploy_to_tsuru(recorder.base_url(), &sandbox.token()).await;
    assert!(
        recorded
            .0
            .iter()
            .any(|line| line.contains("Building image")),
        "{recorded:?}"
    );
    recorder.shutdown().await;
    assert_without(folder.path(), &[&sandbox.token()]);
    sandbox.shutdown().await;

    let replay = replay(&folder).await;
    assert_eq!(
        deploy_to_tsuru(replay.base_url(), "another").await,
        recorded
    );
}

/// Deploys an application, waits for the action, and gives its end.
async fn deploy_to_devopness(base_url: &str, token: &str) -> String {
    use deploykit::devopness::applications::{DeploymentType, NewDeployment};

    let client = devopness::Client::builder()
        .token(token)
        .base_url(base_url)
        .build()
        .unwrap();
    let dispatched = client
        .applications()
        .deploy(1, &NewDeployment::new(DeploymentType::Deploy))
        .await
        .unwrap();
    let wait = dispatched
        .wait(&client)
        .every(Duration::from_millis(5), Duration::from_millis(20))
        .deadline(Duration::from_secs(20));
    let action = wait.await.unwrap();
    format!("{:?}", action.status)
}

#[tokio::test]
async fn a_deploy_to_devopness_until_its_action_has_ended() {
    let sandbox = Sandbox::devopness().speed(50.0).start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let recorder = recorder(&folder, sandbox.base_url()).await;
    let recorded = deploy_to_devopness(recorder.base_url(), &sandbox.token()).await;
    assert_without(folder.path(), &[&sandbox.token()]);
    sandbox.shutdown().await;

    let replay = replay(&folder).await;
    assert_eq!(
        deploy_to_devopness(replay.base_url(), "another").await,
        recorded
    );
}

/// The fixtures of this project are served as well.
#[tokio::test]
async fn fixtures_of_the_project_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/devopness");
    let replay = replay::from(folder).unwrap().start().await.unwrap();
    let client = devopness::Client::builder()
        .token("any")
        .base_url(replay.base_url())
        .build()
        .unwrap();
    let fixture = include_str!("../fixtures/devopness/getAction.json");
    let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
    let path = fixture["request"]["path"].as_str().unwrap();
    let id: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let action = client.actions().get(id).await.unwrap();
    assert_eq!(
        Some(action.id.get()),
        fixture["response"]["body"]["id"].as_u64()
    );
}
