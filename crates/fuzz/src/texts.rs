//! Lines and times.

use bytes::Bytes;
use deploykit_core::{Time, lines as whole_lines, lines_up_to};
use futures::StreamExt as _;
use futures::stream;
use jiff::Timestamp;

use crate::server::run;

/// How long a line may be, how large the pieces of the body are, then the body.
pub fn lines(data: &[u8]) {
    let [longest, size, body @ ..] = data else {
        return;
    };
    let longest = usize::from(*longest).max(4);
    let pieces: Vec<_> = body
        .chunks(usize::from(*size).max(1))
        .map(Bytes::copy_from_slice)
        .collect();
    let read = |longest: Option<usize>| -> Vec<String> {
        let body = stream::iter(pieces.clone()).map(Ok).boxed();
        let lines = match longest {
            Some(longest) => lines_up_to(longest, body).boxed(),
            None => whole_lines(body).boxed(),
        };
        run(lines.map(|line| line.expect("nothing fails")).collect())
    };
    let mut expected: Vec<_> = body.split(|byte| *byte == b'\n').collect();
    if expected.last().is_some_and(|rest| rest.is_empty()) {
        expected.pop();
    }
    let without_return = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    let expected: Vec<_> = expected.into_iter().map(without_return).collect();

    let whole: Vec<_> = expected
        .iter()
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    assert_eq!(read(None), whole);

    let parts = read(Some(longest));
    if std::str::from_utf8(body).is_ok() {
        assert!(parts.iter().all(|part| part.len() <= longest), "{parts:?}");
        assert_eq!(parts.concat().into_bytes(), expected.concat());
    } else {
        // What is no character is replaced by three bytes.
        assert!(parts.iter().all(|part| part.len() <= 3 * longest));
    }
}

/// A date, as text or as JSON.
pub fn time(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = Time::parse(&text);
    round_trip(&read);
    match read.timestamp() {
        Some(at) => {
            assert_eq!(read.unread(), None);
            if let Ok(strictly) = text.trim().parse::<Timestamp>() {
                assert_eq!(at, strictly, "{text:?}");
            }
        }
        None => {
            assert_eq!(read.to_string(), text, "what cannot be read is kept");
            assert_eq!(read.unread(), Some(&*text));
        }
    }
    // Numbers are times, too.
    if let Ok(read) = serde_json::from_str::<Time>(&text) {
        round_trip(&read);
    }
}

fn round_trip(read: &Time) {
    let written = read.to_string();
    let again = Time::parse(&written);
    assert_eq!(again.timestamp(), read.timestamp(), "{written:?}");
    assert_eq!(again.offset(), read.offset(), "{written:?}");
    let json = serde_json::to_string(read).expect("a time is a text");
    let again: Time = serde_json::from_str(&json).expect("a text is a time");
    assert_eq!(again, *read, "{json}");
}
