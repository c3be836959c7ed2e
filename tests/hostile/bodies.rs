//! Bodies that are too long, too short, or never end.

use std::io::Write as _;
use std::time::Duration;

use deploykit::core::{Call, Client, ErrorKind, Http, Pages, Raw, RetryPolicy};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;

use crate::server::{Hostile, Step, send};
use crate::{GET, act, get, within};

const MIB: usize = 1 << 20;
/// What the kernel's buffers may swallow on top of what is read.
const BUFFERS: usize = 16 * MIB;

/// One chunk of 64 KiB.
fn chunk() -> Vec<u8> {
    [b"10000\r\n".to_vec(), vec![b' '; 1 << 16], b"\r\n".to_vec()].concat()
}

fn chunked(status: &str) -> Step {
    send(format!(
        "HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n"
    ))
}

/// A server whose bodies end only when nobody reads them any more.
async fn endless(status: &str) -> Hostile {
    Hostile::plays([vec![
        Step::Request,
        chunked(status),
        Step::Flood(chunk(), usize::MAX),
    ]])
    .await
}

fn limited(server: &Hostile, bytes: usize) -> Client {
    Client::builder(server.base_url())
        .max_body(bytes)
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_announced_body_beyond_the_limit_is_not_read_at_all() {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
        10_usize << 30
    );
    let server = Hostile::plays([vec![Step::Request, send(head), Step::Hang]]).await;
    // As patient as by default: it would be as long the next time.
    let error = within(5, get(&server.client()).retry(RetryPolicy::default()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::TooLong, Some(200))
    );
    assert!(error.may_have_been_sent());
    assert!(
        error.elapsed() < Duration::from_secs(1),
        "{:?}",
        error.elapsed()
    );
    assert_eq!(
        error.to_string(),
        "getThing: the answer is too long: its 10737418240 bytes are more than the limit of 67108864"
    );
    assert_eq!((server.requests().len(), error.attempts()), (1, 1));
}

#[tokio::test]
async fn a_body_without_a_length_is_read_up_to_the_limit() {
    for (limit, client) in [(64 * MIB, None), (MIB, Some(MIB))] {
        let server = endless("200 OK").await;
        let client = match client {
            Some(limit) => limited(&server, limit),
            None => Client::builder(server.base_url()).build().unwrap(),
        };
        let error = within(20, act(&client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLong, "{error}");
        assert!(error.may_have_been_sent());
        assert!(error.to_string().contains(&limit.to_string()), "{error}");
        let sent = server.connections()[0].sent;
        assert!(sent < limit + BUFFERS, "{sent} bytes were taken");
    }
}

#[tokio::test]
async fn the_limit_can_be_set_for_a_call_and_is_exact() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1,2,3,4 ]";
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2,\r\n5\r\n3,4 ]\r\n0\r\n\r\n";
    for answer in [answer, chunks] {
        let server = Hostile::answers(answer).await;
        let client = limited(&server, 5);
        let call = || -> Call<Raw> { client.call(client.request(&GET)) };
        let list = || -> Pages<u64> { Pages::new(&client, client.request(&GET)) };
        assert_eq!(call().await.unwrap_err().kind(), ErrorKind::TooLong);
        assert_eq!(
            call().max_body(9).await.unwrap_err().kind(),
            ErrorKind::TooLong
        );
        assert_eq!(call().max_body(10).await.unwrap().0.len(), 10);
        assert_eq!(list().await.unwrap_err().kind(), ErrorKind::TooLong);
        assert_eq!(list().max_body(10).await.unwrap().items, [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn an_errors_body_is_cut_and_its_status_kept() {
    let server = Hostile::plays([vec![
        Step::Request,
        chunked("422 Unprocessable"),
        send("b\r\nno such app\r\n"),
        Step::Flood(chunk(), usize::MAX),
    ]])
    .await;
    let error = within(5, act(&server.client())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Status, Some(422))
    );
    assert!(error.to_string().contains("no such app"), "{error}");
    assert!(!error.may_have_been_sent(), "the server refused it");
    let sent = server.connections()[0].sent;
    assert!(sent < MIB + BUFFERS, "{sent} bytes were taken");

    for answer in [
        "HTTP/1.1 422 No\r\ncontent-length: 200\r\n\r\nno such app",
        "HTTP/1.1 422 No\r\ncontent-length: 10737418240\r\n\r\nno such app",
        "HTTP/1.1 422 No\r\ntransfer-encoding: chunked\r\n\r\nb\r\nno such app\r\nzz",
    ] {
        let server = Hostile::answers(answer).await;
        let error = within(5, act(&server.client())).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Status, Some(422)),
            "{answer}"
        );
        assert!(error.to_string().contains("no such app"), "{error}");
    }
}

#[tokio::test]
async fn a_stream_has_no_limit_in_length() {
    let server = Hostile::plays([vec![
        Step::Request,
        chunked("200 OK"),
        Step::Flood(chunk(), 4 * MIB),
        send("0\r\n\r\n"),
    ]])
    .await;
    let client = limited(&server, 10);
    let mut body = client.stream(client.request(&GET)).await.unwrap().body;
    let mut length = 0;
    while let Some(piece) = within(5, body.next()).await {
        length += piece.unwrap().len();
    }
    assert!(length >= 3 * MIB, "{length}");
}

#[tokio::test]
async fn a_stream_that_stands_still_is_cut() {
    let server = Hostile::plays([vec![
        Step::Request,
        chunked("200 OK"),
        send("3\r\none\r\n"),
        Step::Hang,
    ]])
    .await;
    let client = server.client();
    let request = client
        .request(&GET)
        .idle_timeout(Duration::from_millis(200));
    let body = client.stream(request).await.unwrap().body;
    let pieces: Vec<_> = within(5, body.collect::<Vec<_>>()).await;
    assert_eq!(pieces[0].as_ref().unwrap(), "one");
    let error = pieces[1].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Timeout, Some(200))
    );
    assert!(
        error.to_string().contains("nothing came for 200.0ms"),
        "{error}"
    );
    assert_eq!(pieces.len(), 2);
}

/// A server that answers with so many MiB of spaces, packed a thousand times smaller.
async fn bomb(status: &str, mib: usize) -> Hostile {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..mib {
        packed.write_all(&vec![b' '; MIB]).unwrap();
    }
    let packed = packed.finish().unwrap();
    assert!(packed.len() < mib * MIB / 500);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    );
    Hostile::plays([vec![Step::Request, send(head), send(packed)]]).await
}

#[tokio::test]
async fn a_packed_body_counts_as_what_it_holds() {
    let client = |server: &Hostile| {
        let builder = Client::builder(server.base_url()).max_body(4 * MIB);
        builder.http(Http::new().compressed()).build().unwrap()
    };
    let server = bomb("200 OK", 64).await;
    let call = act(&client(&server)).retry(RetryPolicy::default());
    let error = within(20, call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong, "{error}");
    assert_eq!((server.requests().len(), error.attempts()), (1, 1));
    assert!(server.requests()[0].contains("accept-encoding: gzip"));

    let server = bomb("400 Bad Request", 64).await;
    let error = within(20, act(&client(&server))).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.body().is_some_and(|body| body.len() <= 64 << 10));

    // Within the limit it is read.
    let server = bomb("200 OK", 3).await;
    let error = within(20, act(&client(&server))).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Decode,
        "spaces are no value: {error}"
    );
}
