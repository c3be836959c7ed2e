//! Things that are known by their name: created, fetched, changed, listed and deleted.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{self, Refusal};
use super::lists;
use crate::reply::Reply;
use crate::request::Request;

/// Things of one kind, oldest first; each an object with a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelf(Vec<Value>);

impl Shelf {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|one| one["name"] == name)
    }

    pub(super) fn all(&self) -> &[Value] {
        &self.0
    }

    pub(super) fn newest(&self) -> Option<&Value> {
        self.0.last()
    }

    /// Keeps a new thing, unless there is one of its name.
    pub(super) fn create(&mut self, thing: Value, now: Timestamp) -> Result<Value, Refusal> {
        let name = thing["name"].as_str().unwrap_or_default().to_owned();
        if self.get(&name).is_some() {
            return Err(Box::new(errors::conflict(&format!(
                "{name} already exists"
            ))));
        }
        let mut thing = thing;
        thing["create_time"] = written(now);
        thing["last_updated"] = written(now);
        self.0.push(thing.clone());
        Ok(thing)
    }

    /// Sets these fields of a thing, among them its name.
    pub(super) fn change(
        &mut self,
        name: &str,
        fields: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let new_name = fields.get("name").and_then(Value::as_str);
        if let Some(other) = new_name.filter(|other| *other != name && self.get(other).is_some()) {
            return Err(Box::new(errors::conflict(&format!(
                "{other} already exists"
            ))));
        }
        let Some(thing) = self.0.iter_mut().find(|one| one["name"] == name) else {
            return Err(missing(name));
        };
        for (field, value) in fields {
            thing[field] = value.clone();
        }
        thing["last_updated"] = written(now);
        Ok(thing.clone())
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), Refusal> {
        let before = self.0.len();
        self.0.retain(|one| one["name"] != name);
        if self.0.len() == before {
            Err(missing(name))
        } else {
            Ok(())
        }
    }

    /// A page of them, under this key.
    pub(super) fn list(&self, key: &str, request: &Request) -> Reply {
        listed(&self.0, key, request)
    }
}

/// A page of a list, under this key.
pub(super) fn listed(items: &[Value], key: &str, request: &Request) -> Reply {
    match lists::page(request, items.len()) {
        Ok(page) => Reply::json(
            200,
            json!({
                key: page.of(items),
                "total_count": items.len(),
                "pagination": lists::pagination(&page),
            }),
        ),
        Err(refusal) => *refusal,
    }
}

/// 404: there is none of this name.
pub(super) fn missing(name: &str) -> Refusal {
    Box::new(errors::not_found(&format!("{name} not found")))
}

/// A time as version 1 writes it.
pub(super) fn written(time: Timestamp) -> Value {
    json!(time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string())
}

/// The fields that may be sent, of those that were.
pub(super) fn only(body: &Value, names: &[&str]) -> Map<String, Value> {
    let sent = body.as_object().into_iter().flatten();
    sent.filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// An answer, or the refusal instead of it.
pub(super) fn or_refusal(answer: Result<Reply, Refusal>) -> Reply {
    answer.unwrap_or_else(|refusal| *refusal)
}

/// The body, which must be a JSON object.
pub(super) fn body(request: &Request) -> Result<Value, Refusal> {
    match request.json() {
        Ok(body) if body.is_object() => Ok(body),
        _ => Err(Box::new(errors::bad_request(
            "The request body is not valid JSON",
        ))),
    }
}
