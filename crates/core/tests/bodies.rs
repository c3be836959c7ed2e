//! Bodies that arrive slowly or in part, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::GET;
use deploykit_core::memory::{Memory, reply, with_header};
use deploykit_core::{Client, Error, ErrorKind, Raw, Request, RetryPolicy};
use futures::stream::{self, StreamExt as _};
use tokio::time::{Instant, sleep};

/// A server whose body comes in these pieces, each after so many seconds, and then never ends.
fn client(pieces: &'static [(u64, &'static str)], ends: bool) -> Client {
    let transport = Memory::new(move |_| async move {
        let mut answer = with_header(reply(200, ""), "content-length", "6");
        let pieces = stream::iter(pieces).then(|(seconds, piece)| async {
            sleep(Duration::from_secs(*seconds)).await;
            Ok((*piece).into())
        });
        answer.body = match ends {
            true => pieces.boxed(),
            false => pieces.chain(stream::pending()).boxed(),
        };
        Ok(answer)
    });
    Client::builder("https://api.example.com")
        .transport(transport)
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

fn request(client: &Client) -> Request {
    client.request(&GET).segment("id", &7)
}

/// What was read, the error after it, and how many seconds that took.
async fn read(client: &Client, request: Request) -> (String, Option<Error>, u64) {
    let start = Instant::now();
    let mut body = client.stream(request).await.unwrap().body;
    let mut text = String::new();
    let mut failed = None;
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => text += std::str::from_utf8(&piece).unwrap(),
            Err(error) => failed = Some(error),
        }
    }
    (text, failed, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_slow_stream_is_read_and_a_stalled_one_is_cut_after_a_minute() {
    let slow = client(&[(59, "ab"), (59, "cd"), (59, "ef")], true);
    let (text, failed, took) = read(&slow, request(&slow)).await;
    assert_eq!((text.as_str(), took), ("abcdef", 177));
    assert!(failed.is_none());

    let stalled = client(&[(59, "ab")], false);
    let (text, failed, took) = read(&stalled, request(&stalled)).await;
    assert_eq!((text.as_str(), took), ("ab", 119));
    assert_eq!(failed.unwrap().kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn the_idle_limit_can_be_another_or_none() {
    let slow = client(&[(59, "ab"), (3600, "cd"), (1, "ef")], true);
    let (text, failed, _) = read(&slow, request(&slow).idle_timeout(None)).await;
    assert_eq!(text, "abcdef");
    assert!(failed.is_none());
    let short = request(&slow).idle_timeout(Duration::from_secs(10));
    let (text, failed, took) = read(&slow, short).await;
    assert_eq!((text.as_str(), took), ("", 10));
    assert_eq!(failed.unwrap().status(), Some(200));
}

#[tokio::test(start_paused = true)]
async fn time_that_the_reader_takes_is_not_the_servers() {
    let client = client(&[(1, "ab"), (1, "cdef")], true);
    let mut body = client.stream(request(&client)).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), "ab");
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(body.next().await.unwrap().unwrap(), "cdef");
    assert!(body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_part_does_not_pass_for_the_whole() {
    let client = client(&[(1, "ab"), (1, "cd")], true);
    let (text, failed, _) = read(&client, request(&client)).await;
    assert_eq!(text, "abcd");
    let failed = failed.unwrap();
    assert_eq!(failed.kind(), ErrorKind::Interrupted);
    assert!(
        failed.to_string().ends_with("after 4 of 6 bytes"),
        "{failed}"
    );

    let error = client.call::<Raw>(request(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Interrupted, Some(200))
    );
}
