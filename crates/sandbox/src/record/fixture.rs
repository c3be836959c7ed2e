//! An exchange as a file: the format of this project's own fixtures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What stands for the address of the recorded service.
pub(crate) const ORIGIN: &str = "http://service.invalid";

/// The same, of its WebSockets.
pub(crate) const SOCKETS: &str = "ws://service.invalid";

/// The boundary of a form with files, which is another one each time.
const BOUNDARY: &str = "BOUNDARY";

/// An exchange.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fixture {
    /// Names the file; of a recording, method and path.
    pub(crate) operation: String,
    #[serde(default)]
    pub(crate) documented: String,
    /// What is missing in a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    pub(crate) request: Asked,
    pub(crate) response: Answered,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Text, or a list of texts for what comes several times.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// JSON, or the text of anything else.
    #[serde(default)]
    pub(crate) body: Value,
    /// Whether there was a body that is no text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) left_out: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Value,
}

/// A body as fixtures have it. None if it is no text.
pub(crate) fn body_of(bytes: &[u8], content_type: Option<&str>) -> Option<Value> {
    if bytes.is_empty() {
        return Some(Value::Null);
    }
    if is_json(content_type)
        && let Ok(json) = serde_json::from_slice(bytes)
    {
        return Some(json);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let boundary = content_type.and_then(|kind| kind.split_once("boundary="));
    Some(Value::String(match boundary {
        Some((_, boundary)) => text.replace(boundary.trim_matches('"'), BOUNDARY),
        None => text.to_owned(),
    }))
}

/// A body to send; the other way round.
pub(crate) fn bytes_of(body: &Value, content_type: Option<&str>) -> Vec<u8> {
    match body {
        Value::Null if !is_json(content_type) => Vec::new(),
        Value::String(text) if text.is_empty() || !is_json(content_type) => {
            text.clone().into_bytes()
        }
        json => json.to_string().into_bytes(),
    }
}

fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.split(';').next().unwrap_or(kind).contains("json"))
}

/// Each name once; several values of it as a list.
pub(crate) fn query_of(pairs: &[(String, String)]) -> BTreeMap<String, Value> {
    let mut query: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in pairs {
        let value = Value::from(value.as_str());
        match query.get_mut(name) {
            None => {
                query.insert(name.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    query
}

/// Headers that belong to the connection, or that differ each time without meaning anything.
const PASSING: [&str; 19] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "host",
    "date",
    "user-agent",
    "accept-encoding",
    "alt-svc",
    "expect",
    "via",
    "forwarded",
    "x-forwarded-for",
    "traceparent",
];

/// The headers that a fixture keeps.
pub(crate) fn headers_of(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        if PASSING.contains(&name.as_str()) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        kept.entry(name.as_str().to_owned())
            .and_modify(|before| *before = format!("{before}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    kept
}

/// The files of a folder, in the order of their numbers, then of their names.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort_by_cached_key(|path| (number(path), path.clone()));
    Ok(files)
}

/// The number in `get-v1-apps.0007.json`; zero if there is none.
pub(crate) fn number(file: &Path) -> u64 {
    let name = file.file_stem().map(|name| name.to_string_lossy());
    let number = name.and_then(|name| name.rsplit('.').next()?.parse().ok());
    number.unwrap_or_default()
}

/// A name for an exchange: `get-v1-apps`.
pub(crate) fn operation(method: &str, path: &str) -> String {
    let mut name = method.to_ascii_lowercase();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let plain = |letter: char| match letter.is_ascii_alphanumeric() {
            true => letter,
            false => '-',
        };
        name.push('-');
        name.extend(segment.chars().map(plain));
    }
    name.truncate(100);
    name
}
