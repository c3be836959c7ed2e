//! What a request to the control asks for, and how it is answered.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::reply::Reply;

/// A request, taken apart.
pub(super) struct Asked {
    pub(super) arguments: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
}

/// A refusal in words.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    text: String,
}

/// An answer, or why there is none.
pub(super) type Answer = Result<Reply, Problem>;

impl Problem {
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    pub(super) fn missing(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    pub(super) fn reply(self) -> Reply {
        Reply::json(self.status.as_u16(), json!({"error": self.text}))
    }
}

/// What could be done was done; there is nothing to say.
pub(super) fn done() -> Answer {
    Ok(Reply::empty(204))
}

/// 200 and JSON.
pub(super) fn ok(value: Value) -> Answer {
    Ok(Reply::json(200, value))
}

impl Asked {
    /// Reads what can be read. A body must say that it is JSON: a page elsewhere can't send that without asking.
    pub(super) fn read(
        arguments: Vec<(String, String)>,
        query: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Self, Problem> {
        let content_type = headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next());
        let is_json =
            essence.is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        let body = match body.is_empty() {
            true => Value::Null,
            false if !is_json => {
                let text = "the body must be JSON, and say so: content-type: application/json";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
            }
            false => serde_json::from_slice(body).map_err(|problem| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    format!("the body is no JSON: {problem}"),
                )
            })?,
        };
        let query = serde_urlencoded::from_str(query)
            .map_err(|problem| Problem::bad(format!("the query can't be read: {problem}")))?;
        Ok(Self {
            arguments,
            query,
            body,
        })
    }

    /// A part of the path.
    pub(super) fn argument(&self, name: &str) -> &str {
        let found = self.arguments.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The query, of which only these names are known.
    pub(super) fn query<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[Option<&str>; N], Problem> {
        let unknown = |(name, _): &&(String, String)| !names.contains(&name.as_str());
        if let Some((name, _)) = self.query.iter().find(unknown) {
            let names = names.join(", ");
            return Err(Problem::bad(format!(
                "the query has no {name}, only: {names}"
            )));
        }
        Ok(names.map(|name| {
            let found = self.query.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        }))
    }

    /// The body; one that is left out is an empty object.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body = match &self.body {
            Value::Null => json!({}),
            body => body.clone(),
        };
        serde_json::from_value(body).map_err(|problem| Problem::bad(problem.to_string()))
    }
}

/// A number of the query.
pub(super) fn number(name: &str, value: Option<&str>) -> Result<Option<u64>, Problem> {
    let parse = |value: &str| {
        let wrong = |_| {
            Problem::bad(format!(
                "{name} is \"{value}\", which is no number such as 20"
            ))
        };
        value.parse().map_err(wrong)
    };
    value.map(parse).transpose()
}
