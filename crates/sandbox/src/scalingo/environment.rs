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
                    let (variable, old) = set(app, &body["variable"]);
                    let (status, kind) = match &old {
                        None => (201, "new_variable"),
                        Some(_) => (200, "edit_variable"),
                    };
                    self.event(app, kind, told(&variable, old));
                    Reply::json(status, json!({"variable": variable}))
                }
            },
            ("PUT", []) => {
                let all = body["variables"].as_array().cloned().unwrap_or_default();
                if let Some(reply) = all.iter().find_map(wrong) {
                    return reply;
                }
                let all: Vec<_> = all.iter().map(|one| set(app, one)).collect();
                let (new, updated): (Vec<_>, Vec<_>) =
                    all.iter().partition(|(_, old)| old.is_none());
                let each = |part: Vec<&(Value, Option<Value>)>| -> Vec<_> {
                    let each = part.into_iter().cloned();
                    each.map(|(variable, old)| told(&variable, old)).collect()
                };
                let data = json!({"new_vars": each(new), "updated_vars": each(updated), "deleted_vars": []});
                self.event(app, "edit_variables", data);
                let set: Vec<_> = all.into_iter().map(|(variable, _)| variable).collect();
                Reply::json(200, json!({"variables": set}))
            }
            ("DELETE", []) => {
                let Some(ids) = body["variable_ids"].as_array() else {
                    return errors::field("variable_ids", "missing field");
                };
                let mut around = lock(&app.around);
                let all = std::mem::take(&mut around.variables);
                let (gone, left): (Vec<_>, _) = all
                    .into_iter()
                    .partition(|variable| ids.contains(&variable["id"]));
                around.variables = left;
                let gone: Vec<_> = gone.iter().map(|variable| told(variable, None)).collect();
                let data = json!({"new_vars": [], "updated_vars": [], "deleted_vars": gone});
                self.event(app, "edit_variables", data);
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
                        let old = std::mem::replace(&mut variable["value"], value.clone());
                        self.event(app, "edit_variable", told(variable, Some(old)));
                        Reply::json(200, json!({"variable": variable}))
                    }
                }
            }
            ("DELETE", [id]) => {
                let mut around = lock(&app.around);
                let found = around
                    .variables
                    .iter()
                    .position(|variable| variable["id"] == *id);
                match found {
                    Some(at) => {
                        let gone = around.variables.remove(at);
                        self.event(app, "delete_variable", told(&gone, None));
                        Reply::empty(204)
                    }
                    None => errors::not_found("variable"),
                }
            }
            _ => errors::no_route(),
        }
    }
}

/// Sets a variable; gives the value before, if it is not new.
pub(super) fn set(app: &App, order: &Value) -> (Value, Option<Value>) {
    let mut around = lock(&app.around);
    let known = around
        .variables
        .iter_mut()
        .find(|known| known["name"] == order["name"]);
    if let Some(variable) = known {
        let old = std::mem::replace(&mut variable["value"], order["value"].clone());
        return (variable.clone(), Some(old));
    }
    let id = around.id("54dcde4a54636101");
    let variable =
        json!({"id": id, "app_id": app.id, "name": order["name"], "value": order["value"]});
    around.variables.push(variable.clone());
    (variable, None)
}

/// What events tell of a variable.
fn told(variable: &Value, old: Option<Value>) -> Value {
    let mut told = json!({"name": variable["name"], "value": variable["value"]});
    if let Some(old) = old {
        told["old_value"] = old;
    }
    told
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
