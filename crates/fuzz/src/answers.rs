//! Answers that cannot be decoded: where, and without what they hold.

use deploykit_core::{Call, Endpoint, ErrorKind, Method};
use serde::Deserialize;
use serde_json::Value;

use crate::server::{Server, run};

const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/thing");

/// What stands for a secret in the corpus.
const CANARY: &str = "canary";

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only whether it is read counts")]
struct Thing {
    data: Vec<Part>,
    name: Option<String>,
    kind: Option<Kind>,
    parent: Option<Box<Thing>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only whether it is read counts")]
struct Part {
    n: u32,
    tags: Option<Vec<String>>,
    ratio: Option<f64>,
}

#[derive(Debug, Deserialize)]
enum Kind {
    One,
    Other,
}

/// A document that may be none, or not the one that was promised.
pub fn json_path(data: &[u8]) {
    let server = Server::new(200, data.to_vec());
    let client = server.client();
    let call: Call<Thing> = client.call(client.request(&GET));
    let text = String::from_utf8_lossy(data);
    let directly = serde_json::from_str::<Thing>(&text);
    let Err(error) = run(call.send()) else {
        assert!(directly.is_ok(), "it was read, though it is none");
        return;
    };
    assert!(directly.is_err() || data.is_empty(), "it is none: {error}");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let shown = error.to_string();
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(shown.len() < 4096, "{} bytes", shown.len());

    let Ok(document) = serde_json::from_str::<Value>(&text) else {
        return;
    };
    let mut keys = Vec::new();
    keys_of(&document, &mut keys);
    if keys.iter().all(|key| !key.contains(CANARY)) {
        assert!(!shown.contains(CANARY), "{shown}");
    }
    let plain = |key: &String| {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        key.chars().all(word) && !key.is_empty()
    };
    if keys.iter().all(plain) && !text.contains('\\') {
        let start = shown.rfind("(at $").expect("the place is told") + "(at $".len();
        let path = &shown[start..shown.len() - 1];
        // A long one is cut.
        if !path.contains('…') {
            assert!(stands_at(&document, path), "no {path:?} in {document}");
        }
    }
}

fn keys_of(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.push(key.clone());
                keys_of(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}

/// Whether the document has a value at a path such as `.data[1].n`.
fn stands_at(document: &Value, path: &str) -> bool {
    let pointer = path.replace(['.', '['], "/").replace(']', "");
    document.pointer(&pointer).is_some()
}
