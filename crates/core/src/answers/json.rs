//! Decoding, and the place in a document where it failed.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::sending::redact::Redactor;

/// Why a document could not be decoded, and where.
#[derive(Debug, thiserror::Error)]
#[error("{problem} (at {path})")]
pub(crate) struct DecodeError {
    path: String,
    problem: String,
}

impl DecodeError {
    fn new(path: String, cause: &serde_json::Error) -> Self {
        let problem = without_value(&cause.to_string());
        Self { path, problem }
    }

    /// The problem with its path, for a document that stands within another one.
    pub(crate) fn within(&self, path: &str) -> String {
        let inner = self.path.strip_prefix('$').unwrap_or(&self.path);
        let problem = match self.problem.rfind(" at line ") {
            Some(end) => &self.problem[..end],
            None => &self.problem,
        };
        format!("{problem} (at {path}{inner})")
    }

    /// The same without what was sent and may not be shown: both quote the document's keys.
    pub(crate) fn clean(self, redactor: &Redactor) -> Self {
        Self {
            path: redactor.clean(&self.path),
            problem: redactor.clean(&self.problem),
        }
    }
}

/// Decodes a whole document. A byte after the value is an error.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = text(body);
    serde_json::from_str(&text).map_err(|cause| located(text.as_bytes(), &cause))
}

/// Decodes the value under a key of an object, and what tells about pages beside it.
pub(crate) fn decode_under<T: DeserializeOwned>(
    body: &[u8],
    key: &'static str,
) -> Result<(T, Beside), DecodeError> {
    match look_under(body, key)? {
        (Some(value), beside) => Ok((value, beside)),
        (None, _) => Err(lacks(key)),
    }
}

/// Decodes the list under a key. One that tells about its pages may leave the list out: it is empty then.
pub(crate) fn decode_list_under<T: DeserializeOwned>(
    body: &[u8],
    key: &'static str,
) -> Result<(Option<Vec<T>>, Beside), DecodeError> {
    match look_under(body, key)? {
        (Some(list), beside) => Ok((list, beside)),
        (None, beside) if beside.pagination.is_some() || beside.total.is_some() => {
            Ok((None, beside))
        }
        (None, _) => Err(lacks(key)),
    }
}

/// A list that stands with its pages inside of the envelope (`{"names": {"data": […], "meta": {…}}}`), as one
/// that stands beside them. What has another shape is left as it is.
pub(crate) fn unnested(body: &[u8], key: &str, list: &str) -> Option<Vec<u8>> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let inner = body.get_mut(key).filter(|inner| inner.is_object())?;
    let items = inner.get_mut(list).map(Value::take).unwrap_or_default();
    let meta = inner.get_mut("meta").map(Value::take).unwrap_or_default();
    let flat = serde_json::json!({key: items, "pagination": meta});
    serde_json::to_vec(&flat).ok()
}

fn lacks(key: &'static str) -> DecodeError {
    DecodeError::new("$".to_owned(), &serde::de::Error::missing_field(key))
}

fn look_under<T: DeserializeOwned>(
    body: &[u8],
    key: &'static str,
) -> Result<(Option<T>, Beside), DecodeError> {
    let text = text(body);
    let mut json = serde_json::Deserializer::from_str(&text);
    let found = serde::Deserializer::deserialize_map(&mut json, Under::<T>::new(key));
    found
        .and_then(|found| json.end().map(|()| found))
        .map_err(|cause| located(text.as_bytes(), &cause))
}

/// A body as text: checked once as a whole, which is a sixth faster than each string on its own. What is not
/// UTF-8 is replaced.
fn text(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(body),
    }
}

/// What stands beside an enveloped value.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// `meta.pagination`, or `pagination`.
    pub(crate) pagination: Option<Value>,
    /// `total_count` or `count`, where it stands outside of the pagination.
    pub(crate) total: Option<u64>,
    /// `next_cursor`: empty at the end.
    pub(crate) cursor: Option<String>,
    /// `has_more`.
    pub(crate) more: Option<bool>,
}

struct Under<T> {
    key: &'static str,
    value: std::marker::PhantomData<T>,
}

impl<T> Under<T> {
    fn new(key: &'static str) -> Self {
        Self {
            key,
            value: std::marker::PhantomData,
        }
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Under<T> {
    type Value = (Option<T>, Beside);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut value = None;
        let mut beside = Beside::default();
        while let Some(found) = map.next_key_seed(Key(self.key))? {
            match found {
                Found::Value => value = Some(map.next_value()?),
                Found::Meta => {
                    let mut meta: Value = map.next_value()?;
                    beside.pagination = meta.get_mut("pagination").map(Value::take);
                }
                Found::Pagination => beside.pagination = Some(map.next_value()?),
                Found::Total => beside.total = map.next_value::<Value>()?.as_u64(),
                Found::Cursor => {
                    let cursor: Value = map.next_value()?;
                    beside.cursor = cursor.as_str().map(str::to_owned);
                }
                Found::More => beside.more = map.next_value::<Value>()?.as_bool(),
                Found::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((value, beside))
    }
}

enum Found {
    Value,
    Meta,
    Pagination,
    Total,
    Cursor,
    More,
    Other,
}

/// Reads a key without keeping it.
struct Key(&'static str);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Found;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Found, E> {
        Ok(match key {
            key if key == self.0 => Found::Value,
            "meta" => Found::Meta,
            "pagination" => Found::Pagination,
            "total_count" | "count" => Found::Total,
            "next_cursor" => Found::Cursor,
            "has_more" => Found::More,
            _ => Found::Other,
        })
    }
}

fn located(body: &[u8], cause: &serde_json::Error) -> DecodeError {
    let path = path_at(body, offset(body, cause.line(), cause.column()));
    DecodeError::new(path, cause)
}

/// What is wrong with a part of a document that was kept as text, and where in it. Without a line: it would be
/// taken for the document's.
pub fn place(text: &str, cause: &serde_json::Error) -> String {
    let mut error = located(text.as_bytes(), cause);
    if let Some(at) = error.problem.rfind(" at line ") {
        error.problem.truncate(at);
    }
    error.to_string()
}

/// A message without the value it quotes from the document, which may be a secret.
fn without_value(message: &str) -> String {
    let quotes = [
        ("string \"", "\", expected"),
        ("integer `", "`, expected"),
        ("floating point `", "`, expected"),
        ("unknown variant `", "`, expected"),
        ("unknown variant `", "`, there are no"),
    ];
    let quoted = quotes.iter().filter_map(|(start, end)| {
        let from = message.find(start)? + start.len() - 1;
        Some((from, message.rfind(end)?))
    });
    // The first: a value may read like another message.
    match quoted.min() {
        Some((from, to)) if from <= to => {
            // Neither the space before the value nor the quote after it.
            format!("{}{}", message[..from].trim_end(), &message[to + 1..])
        }
        _ => message.to_owned(),
    }
}

/// Byte offset of a line and column, both counted from one.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match body[start..].iter().position(|byte| *byte == b'\n') {
            Some(at) => start += at + 1,
            None => break,
        }
    }
    (start + column).min(body.len())
}

/// The JSON path of the value that is being read at this offset, found by scanning up to it: `$.a[1].n`.
fn path_at(body: &[u8], end: usize) -> String {
    enum Level {
        Object(Option<String>),
        Array(usize),
    }

    let mut levels: Vec<Level> = Vec::new();
    let mut last_text = String::new();
    let mut at = 0;
    while at < end {
        match body[at] {
            b'"' => {
                let start = at + 1;
                at = start;
                while at < body.len() && body[at] != b'"' {
                    at += if body[at] == b'\\' { 2 } else { 1 };
                }
                last_text = String::from_utf8_lossy(&body[start..at.min(body.len())]).into_owned();
            }
            b':' => {
                if let Some(Level::Object(key)) = levels.last_mut() {
                    *key = Some(std::mem::take(&mut last_text));
                }
            }
            b'{' => levels.push(Level::Object(None)),
            // One that is read last is itself not what was expected.
            b'[' if at + 1 < end => levels.push(Level::Array(0)),
            // The closing bracket on which a missing field is noticed still belongs to its object.
            b'}' | b']' if at + 1 < end => {
                levels.pop();
            }
            b',' if at + 1 < end => match levels.last_mut() {
                Some(Level::Array(index)) => *index += 1,
                Some(Level::Object(key)) => *key = None,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let closing = end.checked_sub(1).and_then(|at| body.get(at));
    let mut path = String::from("$");
    let depth = levels.len();
    for (index, level) in levels.into_iter().enumerate() {
        match level {
            // At its closing bracket a value lacks something as a whole, not in its last part.
            Level::Object(_) if closing == Some(&b'}') && index + 1 == depth => {}
            Level::Array(_) if closing == Some(&b']') && index + 1 == depth => {}
            Level::Object(Some(key)) => {
                path.push('.');
                path.push_str(&key);
            }
            Level::Object(None) => {}
            Level::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code)]
    struct Outer {
        data: Vec<Inner>,
        name: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code)]
    struct Inner {
        n: u32,
        tags: Option<Vec<String>>,
    }

    #[test]
    fn a_failure_names_the_json_path() {
        for (body, path) in [
            (r#"{"data":[{"n":1},{"n":"x"}]}"#, "$.data[1].n"),
            (r#"{"data":[{"n":1,"tags":["a",2]}]}"#, "$.data[0].tags[1]"),
            (r#"{"data":[{"n":1},{"tags":[]}]}"#, "$.data[1]"),
            (r#"{"data":[{"n":1},{}]}"#, "$.data[1]"),
            ("{\n  \"name\": 3\n}", "$.name"),
            (r#"{"name":"a \" b"}"#, "$"),
            (r#"{"data":[{"n":1}],"name":"x""#, "$.name"),
            ("[]", "$"),
            (r#"{"data":{}}"#, "$.data"),
            (r#"{"data":[],"name":[]}"#, "$.name"),
            (r#"{"data":[[]]}"#, "$.data[0]"),
        ] {
            let error = decode::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(error.path, path, "{body}: {error}");
        }
    }

    #[test]
    fn a_failure_does_not_quote_the_document() {
        for body in [
            r#"{"data":"canary"}"#,
            r#"{"data":[{"n":"canary \", expected"}]}"#,
            r#""canary""#,
        ] {
            let error = decode::<Outer>(body.as_bytes()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
            assert!(shown.contains("invalid type: string, expected"), "{shown}");
        }
        for (body, problem) in [
            ("424242", "invalid type: integer, expected"),
            ("4242.5", "invalid type: floating point, expected"),
        ] {
            let error = decode::<crate::Secret>(body.as_bytes()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("4242"), "{shown}");
            assert!(shown.contains(problem), "{shown}");
        }

        #[derive(Debug, Deserialize)]
        enum Kind {
            One,
            Other,
        }

        for value in ["canary", "canary`, expected", "string \"canary\", expected"] {
            let body = serde_json::to_vec(value).unwrap();
            let error = decode::<Kind>(&body).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
            assert!(shown.contains("unknown variant, expected `One`"), "{shown}");
        }
    }

    #[test]
    fn a_byte_that_is_no_text_is_replaced() {
        assert_eq!(decode::<String>(b"\"a\xffb\"").unwrap(), "a\u{fffd}b");
        assert!(decode::<String>(b"\xff").is_err());
    }

    #[test]
    fn what_follows_the_value_is_an_error() {
        assert!(decode::<u32>(b"1 x").is_err());
        assert!(decode_under::<u32>(br#"{"a":1} x"#, "a").is_err());
    }

    #[test]
    fn the_value_is_found_under_its_key_in_any_order() {
        let body = br#"{"meta":{"pagination":{"next_page":2}},"x":[{}],"a":7,"total_count":3}"#;
        let (value, beside) = decode_under::<u32>(body, "a").unwrap();
        assert_eq!(value, 7);
        assert_eq!(beside.pagination.unwrap()["next_page"], 2);
        assert_eq!(beside.total, Some(3));
        let error = decode_under::<u32>(br#"{"b":1}"#, "a").unwrap_err();
        assert!(error.to_string().contains("missing field `a`"));
    }

    proptest! {
        #[test]
        fn no_document_and_no_offset_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for end in 0..=body.len() {
                let _ = path_at(&body, end);
            }
            let _ = decode::<Outer>(&body);
            let _ = decode_under::<Outer>(&body, "data");
        }

        #[test]
        fn near_json_does_not_panic(body in r#"[\{\}\[\]",:\\a1 \n]{0,80}"#) {
            let _ = decode::<Outer>(body.as_bytes());
            for end in 0..=body.len() {
                let _ = path_at(body.as_bytes(), end);
            }
        }
    }
}
