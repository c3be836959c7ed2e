//! What stands around a body: status lines, headers, lengths, chunks.

use std::time::Duration;

use deploykit::core::{ErrorKind, RetryPolicy};

use crate::server::{Hostile, Step, send};
use crate::{act, get, within};

/// Answers that are none, the kind of error they must give, and the status that is known nevertheless.
fn damaged() -> Vec<(&'static str, Vec<u8>, ErrorKind, Option<u16>)> {
    use ErrorKind::{Decode, Interrupted};

    let many = |count: usize, size: usize| {
        let mut head = String::from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n");
        for number in 0..count {
            head += &format!("x-{number}: {}\r\n", "y".repeat(size));
        }
        (head + "\r\n{}").into_bytes()
    };
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", Vec::new(), Interrupted, None),
        (
            "garbage",
            text("\0\x01\x02 hello\r\n\r\n"),
            Interrupted,
            None,
        ),
        ("TLS", vec![0x15, 3, 1, 0, 2, 2, 40], Interrupted, None),
        ("HTTP/0.9", text("<html>hello</html>"), Interrupted, None),
        (
            "another version",
            text("HTTP/7.3 200 OK\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "a status of words",
            text("HTTP/1.1 yes OK\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "a status of four digits",
            text("HTTP/1.1 2000 OK\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "half a head",
            text("HTTP/1.1 200 OK\r\ncontent-le"),
            Interrupted,
            None,
        ),
        (
            "a header without a colon",
            text("HTTP/1.1 200 OK\r\nhello\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        ("10,000 headers", many(10_000, 1), Interrupted, None),
        ("a header of 1 MiB", many(1, 1 << 20), Interrupted, None),
        (
            "two lengths",
            text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "a length of words",
            text("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "a negative length",
            text("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "a length beyond all numbers",
            text("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}"),
            Interrupted,
            None,
        ),
        (
            "less than the length",
            text("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}"),
            Interrupted,
            Some(200),
        ),
        (
            "a value cut by its length",
            text("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n{\"a\":1}"),
            Decode,
            Some(200),
        ),
        (
            "chunks of garbage",
            text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
            Interrupted,
            Some(200),
        ),
        (
            "a chunk that is too long for a number",
            text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"),
            Interrupted,
            Some(200),
        ),
        (
            "chunks without an end",
            text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"),
            Interrupted,
            Some(200),
        ),
        (
            "an endless trailer",
            [
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n".to_vec(),
                b"x: y\r\n".repeat(100_000),
            ]
            .concat(),
            Interrupted,
            Some(200),
        ),
        (
            "an upgrade that nobody asked for",
            text("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            Interrupted,
            None,
        ),
    ]
}

#[tokio::test]
async fn a_damaged_answer_is_an_error_of_the_right_kind_and_an_act_is_not_repeated() {
    for (what, answer, kind, status) in damaged() {
        let server = Hostile::answers(answer).await;
        // As patient as by default: nothing of this may be repeated.
        let call = act(&server.client()).retry(RetryPolicy::default());
        let error = within(5, call).await.expect_err(what);
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert_eq!(error.status(), status, "{what}: {error}");
        assert!(error.may_have_been_sent(), "{what}: {error}");
        assert_eq!(
            (server.requests().len(), error.attempts()),
            (1, 1),
            "{what}"
        );
    }
}

#[tokio::test]
async fn odd_answers_that_can_be_read_are_read() {
    for (what, answer) in [
        (
            "more than the length",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 500 No\r\n\r\n",
        ),
        ("no length", "HTTP/1.1 200 OK\r\n\r\n{}"),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n{}"),
        ("no reason", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}"),
        (
            "bare line feeds",
            "HTTP/1.1 200 OK\ncontent-length: 2\n\n{}",
        ),
        (
            "early hints",
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        ),
        (
            "trailers",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nx: y\r\n\r\n",
        ),
        (
            "the same length twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}",
        ),
    ] {
        let server = Hostile::answers(answer).await;
        let value = within(5, get(&server.client())).await;
        assert_eq!(
            value.unwrap_or_else(|error| panic!("{what}: {error}")),
            serde_json::json!({})
        );
    }
}

#[tokio::test]
async fn what_never_ends_is_cut_by_the_attempts_time_limit() {
    const SLOW: Duration = Duration::from_millis(20);
    for (what, steps, status) in [
        ("silence", vec![Step::Hang], None),
        (
            "half a head",
            vec![send("HTTP/1.1 200 OK\r\n"), Step::Hang],
            None,
        ),
        (
            "a dripping head",
            vec![
                send("HTTP/1.1 200 OK\r\nx: "),
                Step::Drip(b"y".to_vec(), SLOW),
            ],
            None,
        ),
        (
            "interim answers without end",
            vec![Step::Flood(
                b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
                usize::MAX,
            )],
            None,
        ),
        (
            "a dripping body",
            vec![
                send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"),
                Step::Drip(b"[".to_vec(), SLOW),
            ],
            Some(200),
        ),
        (
            "dripping chunks",
            vec![
                send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
                Step::Drip(b"1\r\n \r\n".to_vec(), SLOW),
            ],
            Some(200),
        ),
        (
            "an error whose body drips",
            vec![
                send("HTTP/1.1 503 Busy\r\ncontent-length: 1000000\r\n\r\n"),
                Step::Drip(b"x".to_vec(), SLOW),
            ],
            Some(503),
        ),
    ] {
        let steps = [vec![Step::Request], steps].concat();
        let server = Hostile::plays([steps]).await;
        let limit = Duration::from_millis(300);
        let call = act(&server.client()).timeout(limit);
        let error = within(5, call).await.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Timeout, "{what}: {error}");
        assert_eq!(error.status(), status, "{what}: {error}");
        assert!(error.may_have_been_sent(), "{what}");
        let took = error.elapsed();
        assert!(took < limit + Duration::from_secs(1), "{what}: {took:?}");
        assert_eq!(server.requests().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_only_if_nothing_was_written_to_it() {
    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    // The first connection is closed after an answer that promised to keep it; the second call finds it dead.
    let server = Hostile::plays([vec![Step::Request, send(OK)]]).await;
    let client = server.client();
    for _ in 0..20 {
        let _ = within(5, act(&client)).await.unwrap();
    }
    for seen in server.connections() {
        let whole: usize = seen.requests.iter().map(String::len).sum();
        assert_eq!(
            seen.received, whole,
            "part of a request was written and sent again elsewhere"
        );
    }
    assert_eq!(server.requests().len(), 20);

    // The second request is read on the kept connection, which then dies: it may have been carried out.
    for end in [Step::Reset, send("")] {
        let server = Hostile::plays([
            vec![Step::Request, send(OK), Step::Request, end],
            vec![Step::Request, send(OK)],
        ])
        .await;
        let client = server.client();
        let _ = within(5, act(&client)).await.unwrap();
        let call = act(&client).retry(RetryPolicy::default());
        let error = within(5, call).await.unwrap_err();
        assert!(error.may_have_been_sent(), "{error}");
        assert_eq!((server.requests().len(), error.attempts()), (2, 1));
    }
}
