//! Environment variables.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

impl Scalingo {
    pub(super) fn variables(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        match (request.method(), rest) {
            ("GET", []) => {
                let resolved = request.query("aliases") == Some("false");
                let all = lock(&app.around).variables.clone();
                let view = |variable: &Value| match resolved {
                    true => resolve(&all, variable.clone()),
                    false => variable.clone(),
                };
                Reply::json(
                    200,
                    json!({"variables": all.iter().map(view).collect::<Vec<_>>()}),
                )
            }
            ("POST", []) => match wrong(&body["variable"]) {
                Some(reply) => reply,
                None => {
                    let (variable, new) = self.set_variable(app, &body["variable"]);
                    Reply::json(if new { 201 } else { 200 }, json!({"variable": variable}))
                }
            },
            ("PUT", []) => {
                let all = body["variables"].as_array().cloned().unwrap_or_default();
                if let Some(reply) = all.iter().find_map(wrong) {
                    return reply;
                }
                let set = all.iter().map(|one| self.set_variable(app, one).0);
                Reply::json(200, json!({"variables": set.collect::<Vec<_>>()}))
            }
            ("DELETE", []) => {
                let Some(ids) = body["variable_ids"].as_array() else {
                    return errors::field("variable_ids", "missing field");
                };
                let mut around = lock(&app.around);
                around
                    .variables
                    .retain(|variable| !ids.contains(&variable["id"]));
                Reply::empty(204)
            }
            ("PATCH", [id]) => {
                let value = &body["variable"]["value"];
                let mut around = lock(&app.around);
                match around
                    .variables
                    .iter_mut()
                    .find(|variable| variable["id"] == *id)
                {
                    None => errors::not_found("variable"),
                    Some(_) if !value.is_string() => errors::field("value", "missing field"),
                    Some(variable) => {
                        variable["value"] = value.clone();
                        Reply::json(200, json!({"variable": variable}))
                    }
                }
            }
            ("DELETE", [id]) => {
                let mut around = lock(&app.around);
                let before = around.variables.len();
                around.variables.retain(|variable| variable["id"] != *id);
                match around.variables.len() < before {
                    true => Reply::empty(204),
                    false => errors::not_found("variable"),
                }
            }
            _ => errors::no_route(),
        }
    }

    /// Sets a variable; tells whether it is new.
    pub(super) fn set_variable(&self, app: &App, order: &Value) -> (Value, bool) {
        let mut around = lock(&app.around);
        let known = around
            .variables
            .iter_mut()
            .find(|known| known["name"] == order["name"]);
        if let Some(variable) = known {
            variable["value"] = order["value"].clone();
            return (variable.clone(), false);
        }
        let id = around.id("54dcde4a54636101");
        let variable =
            json!({"id": id, "app_id": app.id, "name": order["name"], "value": order["value"]});
        around.variables.push(variable.clone());
        drop(around);
        self.event(
            app,
            "new_variable",
            json!({"name": order["name"], "value": order["value"]}),
        );
        (variable, true)
    }
}

fn wrong(order: &Value) -> Option<Reply> {
    let name = order["name"].as_str().unwrap_or_default();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match () {
        () if name.is_empty() => Some(errors::field("name", "missing field")),
        () if name.len() > 64 => Some(errors::field(
            "name",
            "is too long (maximum is 64 characters)",
        )),
        () if !name.chars().all(word) => Some(errors::field("name", "contains invalid characters")),
        () if !order["value"].is_string() => Some(errors::field("value", "missing field")),
        () => None,
    }
}

/// A variable whose value is `$NAME` has that other one's value.
fn resolve(all: &[Value], mut variable: Value) -> Value {
    let other = variable["value"]
        .as_str()
        .and_then(|value| value.strip_prefix('$'));
    let other = other.and_then(|name| all.iter().find(|one| one["name"] == name));
    if let Some(other) = other {
        variable["value"] = other["value"].clone();
    }
    variable
}
