//! Things of an app that are made, changed and deleted by id, and nothing else: alerts, autoscalers, notifiers.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// One kind of such things.
pub(super) struct Shelf {
    /// Name in the path, and of the list in an answer.
    pub(super) all: &'static str,
    /// Name of one in bodies and errors.
    pub(super) one: &'static str,
    /// How ids begin.
    pub(super) prefix: &'static str,
    /// What can be set, with what it is unless set; what has to be set is null.
    pub(super) settings: fn() -> Value,
    /// Which of it cannot be changed later.
    pub(super) fixed: &'static [&'static str],
    /// What is wrong with a thing; what it has besides.
    pub(super) check: fn(&mut Value) -> Option<Reply>,
    /// Kinds of events, where there are such: it was made, changed, deleted.
    pub(super) events: [Option<&'static str>; 3],
    /// What those tell.
    pub(super) told: fn(&Value) -> Value,
}

impl Scalingo {
    pub(super) fn shelf(
        &self,
        shelf: &Shelf,
        app: &App,
        rest: &[&str],
        request: &Request,
    ) -> Reply {
        let Ok(body) = (match request.body().is_empty() {
            true => Ok(Value::Null),
            false => request.json(),
        }) else {
            return errors::not_json(request);
        };
        let order = &body[shelf.one];
        let mut around = lock(&app.around);
        let now = json!(timestamp(self.clock().now()));
        let tell = |at: usize, thing: &Value| {
            if let Some(kind) = shelf.events[at] {
                self.event(app, kind, (shelf.told)(thing));
            }
        };
        let at = |id: &str, all: &[Value]| all.iter().position(|thing| thing["id"] == id);
        let id = rest.first().copied().unwrap_or_default();
        let found = at(id, around.lists.entry(shelf.all).or_default());
        match (request.method(), rest, found) {
            ("GET", [], _) => Reply::json(200, json!({shelf.all: around.lists[shelf.all]})),
            ("POST", [], _) => {
                let id = around.id(shelf.prefix);
                let mut thing =
                    json!({"id": id, "app_id": app.id, "created_at": now, "updated_at": now});
                for (name, unset) in (shelf.settings)().as_object().into_iter().flatten() {
                    let value = order.get(name).filter(|value| !value.is_null());
                    let Some(value) = value.or(Some(unset).filter(|unset| !unset.is_null())) else {
                        return errors::field(name, "missing field");
                    };
                    thing[name] = value.clone();
                }
                if let Some(reply) = (shelf.check)(&mut thing) {
                    return reply;
                }
                around
                    .lists
                    .entry(shelf.all)
                    .or_default()
                    .push(thing.clone());
                tell(0, &thing);
                Reply::json(201, json!({shelf.one: thing}))
            }
            (_, [_, ..], None) => errors::not_found(shelf.one),
            ("GET", [_], Some(at)) => {
                Reply::json(200, json!({shelf.one: around.lists[shelf.all][at]}))
            }
            ("PATCH" | "PUT", [_], Some(at)) => {
                let mut thing = around.lists[shelf.all][at].clone();
                for (name, _) in (shelf.settings)().as_object().into_iter().flatten() {
                    let value = order
                        .get(name)
                        .filter(|_| !shelf.fixed.contains(&name.as_str()));
                    if let Some(value) = value {
                        thing[name] = value.clone();
                    }
                }
                if let Some(reply) = (shelf.check)(&mut thing) {
                    return reply;
                }
                thing["updated_at"] = now;
                around.lists.entry(shelf.all).or_default()[at] = thing.clone();
                tell(1, &thing);
                Reply::json(200, json!({shelf.one: thing}))
            }
            ("DELETE", [_], Some(at)) => {
                let thing = around.lists.entry(shelf.all).or_default().remove(at);
                tell(2, &thing);
                Reply::empty(204)
            }
            ("POST", [_, "test"], Some(_)) if shelf.one == "notifier" => {
                Reply::empty(200).header("content-type", "text/plain")
            }
            _ => errors::no_route(),
        }
    }
}

/// Whether a thing is measured by a metric that there is.
pub(super) fn measured(thing: &Value, limit: &str) -> Option<Reply> {
    let text = |name: &str| thing[name].as_str().unwrap_or_default();
    match () {
        () if text("container_type").is_empty() => {
            Some(errors::field("container_type", "missing field"))
        }
        () if !super::metrics::is_one(text("metric")) => {
            Some(errors::field("metric", "is not supported"))
        }
        () if !thing[limit].is_number() => Some(errors::field(limit, "should be of type number")),
        () => None,
    }
}
