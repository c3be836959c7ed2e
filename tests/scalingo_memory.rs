//! The memory that a follower takes while it compares a kept log that is far larger. A program of its own, as the
//! memory is that of the whole process, server included.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use deploykit::scalingo::{Client, FollowEvent, NewDeployment};
use deploykit_sandbox::Sandbox;
use futures::StreamExt;

const MIB: u64 = 1 << 20;

/// The most memory that this process has had so far, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib = peak.split_whitespace().next().unwrap();
    kib.parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_kept_log_is_compared_as_it_arrives() {
    let size = std::env::var("DEPLOYKIT_TEST_LOG_MIB").map_or(32, |size| size.parse().unwrap());
    let sandbox = Sandbox::scalingo().speed(100.0).output_bytes(size * MIB);
    let sandbox = sandbox.start().await.unwrap();
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let source = NewDeployment::new("https://example.com/sources.tar.gz");
    let deployment = client
        .deployments()
        .trigger("example-app", &source)
        .await
        .unwrap();
    let before = peak_memory();
    let mut bytes = 0;
    let mut events = client.follow("example-app", deployment.id);
    let mut has_ended = false;
    while let Some(event) = events.next().await {
        match event.unwrap() {
            FollowEvent::Log(line) => bytes += line.len() as u64 + 1,
            FollowEvent::Finished(_) => has_ended = true,
            _ => {}
        }
    }
    let growth = peak_memory() - before;
    assert!(has_ended);
    assert!(growth < 16 * MIB, "{growth} bytes for {bytes}");
    assert!(bytes > size * MIB / 2, "the log was read: {bytes}");
}
