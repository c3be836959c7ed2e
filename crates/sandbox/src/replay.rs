//! Serves a folder of [recorded](crate::record) exchanges, or of fixtures in the same format.
//!
//! ```no_run
//! # #[tokio::main]
//! # async fn main() -> std::io::Result<()> {
//! let service = deploykit_sandbox::replay::from("recorded")?.start().await?;
//! // … point the program under test at service.base_url(), with any credential …
//! # Ok(())
//! # }
//! ```
//!
//! A request is answered as the recorded one of the same method, path, query and body was; headers, and so
//! credentials, make no difference, and what was a secret matches anything. Exchanges with the same request are
//! answered in the order of their numbers, and then the last one again and again: a status that was polled ends as
//! it did. What wasn't recorded gets 501, and is told what comes next to it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{fs, io};

use serde_json::Value;

use crate::builder::Builder;
use crate::record::fixture::{self, Asked, Fixture};
use crate::record::origin::Origin;
use crate::record::scrub::{PLACEHOLDER, is_placeholder};
use crate::reply::Reply;
use crate::request::Request;
use crate::service::{Context, Service};
use crate::sync::lock;

/// A server of the exchanges in `folder`, to be started. Files that hold a list, such as frames of a stream, are
/// left out.
///
/// # Errors
/// When the folder can't be read, has no exchange, or has a file that is none.
pub fn from(folder: impl AsRef<Path>) -> io::Result<Builder<Replay>> {
    let folder = folder.as_ref();
    let named = |path: &Path, error: &dyn fmt::Display| {
        let text = format!("{}: {error}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, text)
    };
    let mut fixtures = Vec::new();
    for file in fixture::files(folder).map_err(|error| named(folder, &error))? {
        let read =
            || -> io::Result<Value> { Ok(serde_json::from_str(&fs::read_to_string(&file)?)?) };
        let value = read().map_err(|error| named(&file, &error))?;
        if !value.is_array() {
            let read = serde_json::from_value(value);
            let read: Fixture = read.map_err(|error| named(&file, &error))?;
            fixtures.push(read);
        }
    }
    if fixtures.is_empty() {
        return Err(named(folder, &"there is no recorded exchange"));
    }
    let fixtures = Arc::new(fixtures);
    Ok(Builder::<Replay>::new().knobs(|knobs| knobs.fixtures = fixtures))
}

/// What a replay is given before the start; [`from`] does.
#[derive(Debug, Clone, Default)]
pub struct Knobs {
    fixtures: Arc<Vec<Fixture>>,
}

/// A server of recorded exchanges.
pub struct Replay {
    fixtures: Arc<Vec<Fixture>>,
    /// Which of them have been served.
    served: Mutex<Vec<bool>>,
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("exchanges", &self.fixtures.len())
            .finish_non_exhaustive()
    }
}

impl Service for Replay {
    type Knobs = Knobs;
    const NAME: &'static str = "replay";
    const PORT: u16 = 7081;

    fn new(knobs: Knobs, _: Context) -> Self {
        Self {
            served: Mutex::new(vec![false; knobs.fixtures.len()]),
            fixtures: knobs.fixtures,
        }
    }

    /// Any is taken.
    fn token(&self) -> String {
        format!("{PLACEHOLDER}1")
    }

    async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let here = Origin::here(request.host());
        let asked = Sent::read(&request, &here);
        let fits = |fixture: &Fixture| asked.differs_from(&fixture.request).is_none();
        let fitting: Vec<usize> = (0..self.fixtures.len())
            .filter(|&at| fits(&self.fixtures[at]))
            .collect();
        let mut served = lock(&self.served);
        let next = fitting.iter().find(|&&at| !served[at]);
        let Some(&at) = next.or(fitting.last()) else {
            drop(served);
            return self.unknown(&asked);
        };
        served[at] = true;
        drop(served);
        answer(&self.fixtures[at], &here)
    }
}

impl Replay {
    /// Says what comes next to a request that wasn't recorded.
    fn unknown(&self, asked: &Sent) -> Reply {
        let near = self
            .fixtures
            .iter()
            .filter_map(|fixture| asked.differs_from(&fixture.request));
        let text = match near.min() {
            Some(Differs::Body) => "it was recorded with another body",
            Some(Differs::Query) => "this path was recorded with another query",
            Some(Differs::Method) => "this path was recorded with another method",
            Some(Differs::Path) | None => "nothing was recorded at this path",
        };
        let (method, path) = (&asked.method, &asked.path);
        Reply::own(501, format!("{method} {path}: {text}.\n"), "not recorded")
    }
}

fn answer(fixture: &Fixture, here: &Origin) -> Reply {
    let anonymous = Origin::anonymous();
    let response = &fixture.response;
    let mut body = response.body.clone();
    anonymous.replace_in(&mut body, here);
    let kind = response.headers.get("content-type");
    let json = matches!(body, Value::Object(_) | Value::Array(_)).then_some("application/json");
    let kind = kind.map(String::as_str).or(json);
    let mut reply = Reply::empty(response.status);
    if let Some(kind) = kind {
        reply = Reply::bytes(response.status, kind, fixture::bytes_of(&body, Some(kind)));
    } else if !body.is_null() {
        reply = Reply::text(response.status, body.as_str().unwrap_or_default());
    }
    for (name, value) in &response.headers {
        reply = reply.header(name, anonymous.replaced(value, here));
    }
    reply
}

/// What a request lacks to be a recorded one: the last that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Differs {
    Body,
    Query,
    Method,
    Path,
}

/// A request, as it would have been recorded.
struct Sent {
    method: String,
    path: String,
    query: BTreeMap<String, Value>,
    /// None if it is no text.
    body: Option<Value>,
}

impl Sent {
    fn read(request: &Request, here: &Origin) -> Self {
        let anonymous = Origin::anonymous();
        let kind = request.header("content-type");
        let mut body = fixture::body_of(request.body(), kind);
        if let Some(body) = &mut body {
            here.replace_in(body, &anonymous);
        }
        let mut query = fixture::query_of(request.queries());
        for value in query.values_mut() {
            here.replace_in(value, &anonymous);
        }
        Self {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query,
            body,
        }
    }

    fn differs_from(&self, recorded: &Asked) -> Option<Differs> {
        let same_query = self.query.len() == recorded.query.len()
            && self.query.iter().all(|(name, value)| {
                let recorded = recorded.query.get(name);
                recorded.is_some_and(|recorded| fits(recorded, value))
            });
        let same_body = match &self.body {
            None => recorded.left_out,
            Some(_) if recorded.left_out => true,
            Some(Value::Null) => is_nothing(&recorded.body),
            Some(body) => fits(&recorded.body, body),
        };
        if !fits_text(&recorded.path, &self.path) {
            Some(Differs::Path)
        } else if recorded.method != self.method {
            Some(Differs::Method)
        } else if !same_query {
            Some(Differs::Query)
        } else {
            (!same_body).then_some(Differs::Body)
        }
    }
}

fn is_nothing(body: &Value) -> bool {
    body.is_null() || body.as_str() == Some("")
}

/// Whether a value is the recorded one; what was a secret is any.
fn fits(recorded: &Value, sent: &Value) -> bool {
    match (recorded, sent) {
        (Value::String(recorded), _) if is_placeholder(recorded) => !sent.is_null(),
        (Value::String(recorded), Value::String(sent)) => fits_text(recorded, sent),
        (Value::Array(recorded), Value::Array(sent)) => {
            recorded.len() == sent.len()
                && recorded
                    .iter()
                    .zip(sent)
                    .all(|(recorded, sent)| fits(recorded, sent))
        }
        (Value::Object(recorded), Value::Object(sent)) => {
            recorded.len() == sent.len()
                && recorded
                    .iter()
                    .all(|(name, recorded)| sent.get(name).is_some_and(|sent| fits(recorded, sent)))
        }
        (recorded, sent) => recorded == sent,
    }
}

/// The same of texts, in which there may be secrets: what is between them comes in the same order.
fn fits_text(recorded: &str, sent: &str) -> bool {
    let mut pieces = recorded.split(PLACEHOLDER);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = sent.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces
        .map(|piece| piece.trim_start_matches(|digit: char| digit.is_ascii_digit()))
        .peekable();
    while let Some(piece) = pieces.next() {
        match (pieces.peek(), rest.find(piece)) {
            (None, _) => return rest.ends_with(piece),
            (Some(_), None) => return false,
            (Some(_), Some(at)) => rest = &rest[at + piece.len()..],
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_match_anything_and_the_rest_only_itself() {
        assert!(fits_text("/a/b", "/a/b"));
        assert!(!fits_text("/a/b", "/a/bc"));
        assert!(fits_text("/a/secret-12/b", "/a/x-y/b"));
        assert!(fits_text("t=secret-1&u=secret-2", "t=a&u=b"));
        assert!(!fits_text("/a/secret-1/b", "/a/x/c"));
        let recorded = json!({"user": {"password": "secret-1", "name": "x"}, "list": [1, 2]});
        assert!(fits(
            &recorded,
            &json!({"list": [1, 2], "user": {"name": "x", "password": "p"}})
        ));
        assert!(!fits(
            &recorded,
            &json!({"list": [2, 1], "user": {"name": "x", "password": "p"}})
        ));
        assert!(!fits(
            &recorded,
            &json!({"list": [1, 2], "user": {"name": "x"}})
        ));
    }
}
