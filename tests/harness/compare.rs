//! What was sent and read, compared with a fixture.

use std::collections::BTreeMap;

use deploykit::core::{Error, Time};
use serde_json::{Value, json};
use wiremock::Request;

use super::Fixture;

pub fn sent_exactly(fixture: &Fixture, requests: &[Request]) -> Vec<String> {
    let [request] = requests else {
        return vec![format!("sent {} requests instead of one", requests.len())];
    };
    let mut problems = Vec::new();
    let mut differ = |what: &str, wanted: &dyn std::fmt::Debug, got: &dyn std::fmt::Debug| {
        problems.push(format!("{what}: wanted {wanted:?}, sent {got:?}"));
    };
    let wanted = &fixture.request;
    if request.method.as_str() != wanted.method {
        differ("method", &wanted.method, &request.method);
    }
    if request.url.path() != wanted.path {
        differ("path", &wanted.path, &request.url.path());
    }
    let query: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
    let twice = request.url.query_pairs().count() > query.len();
    if twice || query != wanted.query {
        differ("query", &wanted.query, &request.url.query());
    }
    for (name, value) in &wanted.headers {
        let sent = request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.split("; boundary=").next().unwrap_or(value));
        if sent != Some(value) {
            differ(name, value, &sent);
        }
    }
    const ALWAYS: [&str; 4] = ["host", "user-agent", "content-length", "accept"];
    for name in request.headers.keys() {
        if !ALWAYS.contains(&name.as_str()) && !wanted.headers.contains_key(name.as_str()) {
            differ("headers", &"nothing more", name);
        }
    }
    match &wanted.body {
        Value::Null if request.body.is_empty() => {}
        Value::String(text) => {
            let sent = framed(request);
            let is_yaml = wanted.headers.values().any(|value| value.contains("yaml"));
            // How values are quoted is the writer's choice.
            let same = if is_yaml {
                same_yaml(&sent, text)
            } else {
                sent == *text
            };
            if !same {
                differ("body", text, &sent);
            }
        }
        json => {
            let sent = serde_json::from_slice::<Value>(&request.body).ok();
            if sent.as_ref() != Some(json) {
                differ("body", json, &sent);
            }
        }
    }
    problems
}

/// A body as text; the boundary of a form with files, which is another one each time, by a name of its own.
fn framed(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let content_type = request.headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| value.split_once("; boundary=")) {
        Some((_, boundary)) => body.replace(boundary, "BOUNDARY").replace("\r\n", "\n"),
        None => body,
    }
}

fn same_yaml(one: &str, other: &str) -> bool {
    let read = |text| serde_yaml_ng::from_str::<Value>(text).expect("YAML");
    read(one) == read(other)
}

pub fn read_whole(fixture: &Fixture, result: Result<Value, Error>) -> Vec<String> {
    let status = fixture.response.status;
    let mut problems = Vec::new();
    match (fixture.succeeds(), result) {
        // A row that reads nothing: no more may have been answered.
        (true, Ok(Value::Null)) if says_no_more(&fixture.expected()) => {}
        (true, Ok(got)) => compare(&fixture.expected(), &got, "$", &mut problems),
        (true, Err(error)) => problems.push(format!("failed: {}", error.report())),
        (false, Ok(_)) => problems.push(format!("{status} was taken for a success")),
        (false, Err(error)) => {
            if error.status() != Some(status) {
                problems.push(format!("status: wanted {status}, got {:?}", error.status()));
            }
            let body = &fixture.response.body;
            let kept = error.body().unwrap_or_default();
            let whole = match body {
                Value::Null => true,
                Value::String(text) if !kept.starts_with('"') => kept == text,
                json => serde_json::from_str::<Value>(kept).ok().as_ref() == Some(json),
            };
            if !whole {
                problems.push(format!("body: wanted {body}, kept {kept}"));
            }
            let message = error.api().and_then(|api| api.message().map(str::to_owned));
            let said = body
                .get("message")
                .or_else(|| body.get("error"))
                .and_then(Value::as_str);
            if let Some(said) = said
                && message.as_deref()
                    != Some(
                        said.split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" ")
                            .as_str(),
                    )
            {
                problems.push(format!("message: wanted {said:?}, got {message:?}"));
            }
        }
    }
    problems
}

/// Fields of request types that answers repeat: `null` is not set there.
const NULL_IS_UNSET: [&str; 1] = ["default_value"];

/// Every value that was answered must be there; what was not answered may only be empty.
fn compare(wanted: &Value, got: &Value, path: &str, problems: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Null, got) if is_empty(got) => {}
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted {
                match got.get(key) {
                    Some(found) => compare(value, found, &format!("{path}.{key}"), problems),
                    None if value.is_null() && NULL_IS_UNSET.contains(&key.as_str()) => {}
                    None => problems.push(format!("{path}.{key}: {value} was dropped")),
                }
            }
            for (key, value) in got {
                if !wanted.contains_key(key) && !is_empty(value) {
                    problems.push(format!("{path}.{key}: {value} came out of nowhere"));
                }
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                compare(wanted, got, &format!("{path}[{index}]"), problems);
            }
        }
        (wanted, got) if is_empty(wanted) && is_empty(got) => {}
        (wanted, got) if same_scalar(wanted, got) => {}
        _ => problems.push(format!("{path}: wanted {wanted}, got {got}")),
    }
}

/// Whether an answer says no more than its status does.
fn says_no_more(answer: &Value) -> bool {
    is_empty(answer) || *answer == json!({ "ok": true })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// Equal, or another spelling of the same: a number as text, a date in another notation.
fn same_scalar(wanted: &Value, got: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if wanted == got || (wanted.is_number() != got.is_number() && text(wanted) == text(got)) {
        return true;
    }
    match (wanted, got) {
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        (Value::String(wanted), Value::String(got)) => {
            let (wanted, got) = (Time::parse(wanted), Time::parse(got));
            wanted.timestamp().is_some() && wanted.timestamp() == got.timestamp()
        }
        _ => false,
    }
}
