//! A slow upload, on virtual time.

use std::time::Duration;

use deploykit_scalingo::core::memory::{Memory, reply};
use deploykit_scalingo::{Archive, Client};
use tokio::time::{Instant, sleep};

const SOURCE: &str = r#"{"source":{"upload_url":"https://storage.example/put?signature=1",
    "download_url":"https://storage.example/get?signature=1"}}"#;

/// Uploads take this long; everything else is answered at once.
fn storage(slow: Duration) -> Memory {
    Memory::new(move |request| async move {
        match request.method.as_str() {
            "PUT" => {
                sleep(slow).await;
                Ok(reply(200, ""))
            }
            _ if request.url.path() == "/v1/sources" => Ok(reply(201, SOURCE)),
            _ => Ok(reply(201, r#"{"deployment":{"id":"1"}}"#)),
        }
    })
}

async fn deploy(slow: Duration) -> deploykit_scalingo::Result<Duration> {
    let client = Client::builder()
        .bearer("test-token")
        .transport(storage(slow));
    let archive = Archive::bytes(&b"\x1f\x8b"[..]);
    let started = Instant::now();
    let deployments = client.build()?.deployments();
    deployments.deploy_archive("my-app", archive).await?;
    Ok(started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_large_archive_may_take_its_time() {
    let slow = Duration::from_secs(20 * 60);
    let took = deploy(slow).await.unwrap();
    assert!(took < slow + Duration::from_secs(1), "sent once: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_never_ends_is_a_timeout() {
    let error = deploy(Duration::from_secs(48 * 3600)).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.operation(), Some("uploadSource"));
}
