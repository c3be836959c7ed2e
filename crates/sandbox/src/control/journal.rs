//! The requests that a service got.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Stands;
use super::asked::{Answer, Asked, Problem, done, number, ok};
use crate::faults::matches;
use crate::log::Recorded;

/// How many are given at once, unless asked for otherwise, and at most.
const LIMIT: u64 = 100;
const MOST: u64 = 1000;

/// How much of a body is shown.
const SHOWN: usize = 16 * 1024;

const NAMES: [&str; 7] = [
    "method", "path", "status", "since", "after", "fault", "limit",
];

/// The requests that are wanted, oldest first, and how many are shown.
fn wanted(stands: &Stands, asked: &Asked) -> Result<(Vec<Recorded>, usize), Problem> {
    let [method, path, status, since, after, fault, limit] = asked.query(NAMES)?;
    let status = number("status", status)?;
    let after = number("after", after)?.unwrap_or(0);
    let fault = number("fault", fault)?;
    let limit = number("limit", limit)?.unwrap_or(LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::bad(format!("limit is a number from 1 to {MOST}")));
    }
    let since: Option<Timestamp> = match since.map(str::parse).transpose() {
        Ok(since) => since,
        Err(_) => return Err(Problem::bad("since is a time such as 2026-11-21T18:00:00Z")),
    };
    let fits = |one: &Recorded| {
        one.number > after
            && matches(
                method.unwrap_or("*"),
                path.unwrap_or("/**"),
                &one.method,
                &one.path,
            )
            && status.is_none_or(|status| one.status.map(u64::from) == Some(status))
            && fault.is_none_or(|fault| one.fault == Some(fault))
            && since.is_none_or(|since| one.at >= since)
    };
    let mut all = stands.named(asked)?.log().all();
    all.retain(fits);
    Ok((all, usize::try_from(limit).unwrap_or(usize::MAX)))
}

fn view(one: &Recorded) -> Value {
    let shown = &one.body[..one.body.len().min(SHOWN)];
    let mut headers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in &one.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str()).or_default().push(value);
    }
    let query: Vec<_> = one
        .query
        .iter()
        .map(|(name, value)| json!([name, value]))
        .collect();
    json!({
        "number": one.number, "at": one.at.to_string(), "method": one.method, "path": one.path, "query": query,
        "headers": headers, "status": one.status, "fault": one.fault, "lacking": one.lacking,
        "body": String::from_utf8_lossy(shown), "body_length": one.body_length,
        "body_is_whole": shown.len() as u64 == one.body_length,
    })
}

/// The newest of those that are wanted, oldest first.
pub(super) fn list(stands: &Stands, asked: &Asked) -> Answer {
    let (all, limit) = wanted(stands, asked)?;
    let newest = &all[all.len().saturating_sub(limit)..];
    let requests: Vec<_> = newest.iter().map(view).collect();
    ok(json!({"count": all.len(), "requests": requests}))
}

pub(super) fn count(stands: &Stands, asked: &Asked) -> Answer {
    let (all, _) = wanted(stands, asked)?;
    ok(json!({"count": all.len()}))
}

pub(super) fn clear(stands: &Stands, asked: &Asked) -> Answer {
    stands.named(asked)?.log().clear();
    done()
}
