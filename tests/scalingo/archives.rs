//! Deploying an archive: uploaded whole and without a token, or refused before anything is sent.

use deploykit::ErrorKind;
use deploykit::scalingo::Archive;
use deploykit_sandbox::Running;
use deploykit_sandbox::scalingo::Scalingo;
use tempfile::NamedTempFile;

use crate::support::*;

/// A file that is gone with the test.
fn file(content: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

/// What begins like gzip and is not the same anywhere.
fn archive(length: u32) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b];
    bytes.extend((0..length).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()));
    bytes
}

fn uploaded(sandbox: &Running<Scalingo>, bytes: &[u8]) {
    assert_eq!(sandbox.uploads(), [bytes]);
    let requests = sandbox.requests();
    let upload = requests.iter().find(|sent| sent.method == "PUT").unwrap();
    assert_eq!(upload.header("authorization"), None);
    assert_eq!(upload.header("content-type"), Some("application/x-gzip"));
    let length = bytes.len().to_string();
    assert_eq!(upload.header("content-length"), Some(length.as_str()));
    let trigger = requests
        .iter()
        .find(|sent| sent.path.ends_with("/deployments"))
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&trigger.body).unwrap();
    let source = body["deployment"]["source_url"].as_str().unwrap();
    assert!(source.contains(&upload.path), "{source}");
}

#[tokio::test]
async fn bytes_are_uploaded_and_deployed() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let bytes = archive(1000);
    let archive = Archive::bytes(bytes.clone()).git_ref("v1.2.3");
    let deployment = client
        .deployments()
        .deploy_archive(APP, archive)
        .await
        .unwrap();
    assert_eq!(deployment.git_ref.as_deref(), Some("v1.2.3"));
    uploaded(&sandbox, &bytes);
    let told = Told::by(follow(&client, &deployment.id)).await;
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn a_file_is_uploaded_and_deployed() {
    let sandbox = start(sandbox()).await;
    let bytes = archive(300_000);
    let file = file(&bytes);
    let deployments = client(&sandbox).deployments();
    deployments.deploy_archive(APP, file.path()).await.unwrap();
    uploaded(&sandbox, &bytes);
    let requests = sandbox.requests();
    let trigger = requests.last().unwrap();
    assert!(
        !String::from_utf8_lossy(&trigger.body).contains("git_ref"),
        "not set, not sent"
    );
}

#[tokio::test]
async fn an_upload_that_breaks_is_repeated_whole_and_the_trigger_is_not() {
    let sandbox = start(sandbox()).await;
    let bytes = archive(100_000);
    let file = file(&bytes);
    sandbox.faults().on("POST", "/v1/sources").reset_after();
    sandbox.faults().on("PUT", "/sources/*").reset_before();
    sandbox.faults().on("PUT", "/sources/*").status(503);
    let deployments = client(&sandbox).deployments();
    deployments.deploy_archive(APP, file.path()).await.unwrap();
    assert_eq!(sandbox.uploads(), [&bytes]);
    let methods = |method| count(&sandbox, method, "");
    assert_eq!(
        (methods("PUT"), count(&sandbox, "POST", "/sources")),
        (3, 2)
    );

    sandbox.clear_requests();
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/deployments")
        .reset_after();
    let error = deployments
        .deploy_archive(APP, file.path())
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(count(&sandbox, "POST", "/deployments"), 1);
    assert_eq!(sandbox.deployments(APP).len(), 2);
}

#[tokio::test]
async fn an_upload_that_is_refused_triggers_nothing() {
    let sandbox = start(sandbox()).await;
    sandbox.faults().on("PUT", "/sources/*").status(403);
    let archive = Archive::bytes(archive(1));
    let deployments = client(&sandbox).deployments();
    let error = deployments.deploy_archive(APP, archive).await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(error.operation(), Some("uploadSource"));
    assert_eq!(count(&sandbox, "POST", "/deployments"), 0);
}

#[tokio::test]
async fn an_address_that_is_none_is_not_uploaded_to() {
    for address in ["nonsense", "ftp://example.com/a", "file:///etc/passwd"] {
        let sandbox = start(sandbox()).await;
        let source = serde_json::json!({"source": {"upload_url": address, "download_url": "x"}});
        let sources = sandbox.faults().on("POST", "/v1/sources");
        sources.body(source.to_string()).status(201);
        let archive = Archive::bytes(archive(1));
        let deployments = client(&sandbox).deployments();
        let error = deployments.deploy_archive(APP, archive).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
        assert_eq!(count(&sandbox, "POST", "/deployments"), 0);
    }
}

#[tokio::test]
async fn what_cannot_be_deployed_is_refused_before_anything_is_sent() {
    let sandbox = start(sandbox()).await;
    let deployments = client(&sandbox).deployments();
    let good = || Archive::bytes(archive(1));
    let (zip, empty, one) = (file(b"PK\x03\x04"), file(b""), file(b"\x1f"));
    for (app, archive, argument, problem) in [
        (APP, Archive::bytes(&b"PK\x03\x04"[..]), "archive", "gzip"),
        (APP, Archive::bytes(vec![]), "archive", "empty"),
        (APP, Archive::file(zip.path()), "archive", "gzip"),
        (APP, Archive::file(empty.path()), "archive", "empty"),
        (APP, Archive::file(one.path()), "archive", "gzip"),
        (
            APP,
            Archive::file("/no/such/file.tar.gz"),
            "archive",
            "/no/such/file",
        ),
        (APP, Archive::file(std::env::temp_dir()), "archive", "read"),
        (APP, good().git_ref("-ref"), "git_ref", "dash"),
        (APP, good().git_ref(" -ref"), "git_ref", "dash"),
        (APP, good().git_ref(" "), "git_ref", "empty"),
        ("", good(), "app", "empty"),
        ("..", good(), "app", ".."),
        ("a\nb", good(), "app", "control"),
    ] {
        let error = deployments.deploy_archive(app, archive).await.unwrap_err();
        let shown = error.to_string();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{shown}");
        assert!(shown.contains(&format!("`{argument}`")), "{shown}");
        assert!(shown.contains(problem), "{shown}");
        assert!(!error.may_have_been_sent());
    }
    assert_eq!(sandbox.requests().len(), 0);
}
