//! A server browser: servers that announce themselves, and seats on them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::errors::{self, Refusal};
use super::shelf::{body, or_refusal};
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// A server that says nothing for so long is withdrawn.
const KEPT: Duration = Duration::from_secs(120);

/// So long a reserved seat waits for its player.
const RESERVED: Duration = Duration::from_secs(30);

const PER_PAGE: usize = 20;

/// All servers, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Browser(Vec<Instance>);

#[derive(Debug, Clone)]
struct Instance {
    id: String,
    server: Value,
    metadata: Value,
    slots: Vec<Slot>,
    created: Timestamp,
    updated: Timestamp,
    until: Instant,
}

#[derive(Debug, Clone)]
struct Slot {
    name: String,
    metadata: Value,
    available: i64,
    reserved: BTreeMap<String, Instant>,
}

impl Browser {
    /// Everything below the server browser's address; the client token may not do everything.
    pub(super) fn route(
        &mut self,
        rest: &[&str],
        request: &Request,
        may_write: bool,
        clock: &Clock,
    ) -> Reply {
        let now = clock.instant();
        self.0.retain(|instance| instance.until > now);
        let method = request.method();
        let for_players = method == "GET" || rest.last() == Some(&"reservations");
        if !may_write && !for_players {
            return errors::forbidden();
        }
        or_refusal(match (method, rest) {
            ("POST", ["server-instances"]) => self.create(request, clock),
            ("GET", ["server-instances"]) => self.list(request, now, clock),
            ("POST", ["server-instances", "reservations"]) => self.reserve_any(request, clock),
            (method, ["server-instances", id, rest @ ..]) => {
                let Some(at) = self.0.iter().position(|instance| instance.id == *id) else {
                    return errors::not_found("Server instance not found");
                };
                match (method, rest) {
                    ("DELETE", []) => {
                        self.0.remove(at);
                        Ok(Reply::empty(204))
                    }
                    _ => self.0[at].route(method, rest, request, clock),
                }
            }
            _ => Ok(errors::no_route()),
        })
    }

    fn create(&mut self, request: &Request, clock: &Clock) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("request_id", Kind::String)
            .required("server", Kind::Object)
            .required("slots", Kind::Array)
            .optional("metadata", Kind::Object)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let id = body["request_id"].as_str().unwrap_or_default().to_owned();
        if self.0.iter().any(|instance| instance.id == id) {
            return Err(Box::new(errors::conflict("The server instance exists")));
        }
        let slots = body["slots"].as_array().into_iter().flatten().map(|slot| {
            Fields::of(slot)
                .required("name", Kind::String)
                .required("available_seats", Kind::Integer)
                .check()
                .map_err(|problems| Box::new(errors::invalid(problems)))?;
            Ok(Slot {
                name: slot["name"].as_str().unwrap_or_default().to_owned(),
                metadata: slot["metadata"].clone(),
                available: slot["available_seats"].as_i64().unwrap_or_default(),
                reserved: BTreeMap::new(),
            })
        });
        let instance = Instance {
            id,
            server: body["server"].clone(),
            metadata: body["metadata"].clone(),
            slots: slots.collect::<Result<_, Refusal>>()?,
            created: clock.now(),
            updated: clock.now(),
            until: clock.instant() + clock.scaled(KEPT),
        };
        let view = instance.view(clock);
        self.0.push(instance);
        Ok(Reply::json(201, view))
    }

    fn list(&self, request: &Request, _now: Instant, clock: &Clock) -> Result<Reply, Refusal> {
        let bad = |problem: &str| Box::new(errors::bad_request(problem));
        let mut views: Vec<_> = self.0.iter().map(|instance| instance.view(clock)).collect();
        if let Some(filter) = request.query("$filter").filter(|filter| !filter.is_empty()) {
            for condition in filter.split(" and ") {
                let condition =
                    Condition::read(condition).ok_or_else(|| bad("'$filter' can't be read"))?;
                views.retain(|view| condition.holds(view));
            }
        }
        if let Some(order) = request.query("$order") {
            let (field, direction) = order.split_once(' ').unwrap_or((order, "asc"));
            views.sort_by_key(|view| values(view, field).first().map(|value| text(value)));
            match direction {
                "asc" => {}
                "desc" => views.reverse(),
                _ => return Err(bad("'$order' is `field asc` or `field desc`")),
            }
        }
        let number = |name: &str, default| match request.query(name).map(str::parse::<usize>) {
            None => Ok(default),
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) => Err(bad("'limit' or 'cursor' can't be read")),
        };
        let (size, from) = (
            number("limit", PER_PAGE)?.clamp(1, 100),
            number("cursor", 0)?,
        );
        let next = (from + size < views.len()).then(|| (from + size).to_string());
        let pagination = json!({"page_size": size, "count": views.len(), "next_cursor": next});
        let items: Vec<_> = views.into_iter().skip(from).take(size).collect();
        Ok(Reply::json(
            200,
            json!({"items": items, "pagination": pagination}),
        ))
    }

    fn reserve_any(&mut self, request: &Request, clock: &Clock) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("policy_name", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let users = users(&body)?;
        for instance in &mut self.0 {
            let server = instance.server.clone();
            for slot in &mut instance.slots {
                if slot.reserve(&users, clock) {
                    return Ok(Reply::json(
                        200,
                        json!({
                            "request_id": instance.id, "server": server,
                            "slot": {"name": slot.name}, "users": body["users"],
                        }),
                    ));
                }
            }
        }
        Err(full())
    }
}

impl Instance {
    fn route(
        &mut self,
        method: &str,
        rest: &[&str],
        request: &Request,
        clock: &Clock,
    ) -> Result<Reply, Refusal> {
        match (method, rest) {
            ("GET", []) => Ok(Reply::json(200, self.view(clock))),
            ("PATCH", []) => {
                self.metadata = body(request)?["metadata"].clone();
                self.updated = clock.now();
                Ok(Reply::json(200, self.view(clock)))
            }
            ("POST", ["keep-alive"]) => {
                self.until = clock.instant() + clock.scaled(KEPT);
                let kept = SignedDuration::try_from(KEPT).unwrap_or(SignedDuration::ZERO);
                let until = clock.now().saturating_add(kept).unwrap_or(Timestamp::MAX);
                Ok(Reply::json(200, json!({"expires_at": until.to_string()})))
            }
            ("PATCH", ["slots", name]) => {
                let body = body(request)?;
                let slot = self.slot(name)?;
                slot.available = slot
                    .available
                    .saturating_add(body["available_seats"].as_i64().unwrap_or_default())
                    .max(0);
                if !body["metadata"].is_null() {
                    slot.metadata = body["metadata"].clone();
                }
                let view = slot.view(clock);
                self.updated = clock.now();
                Ok(Reply::json(200, view))
            }
            ("POST", ["slots", name, "reservations"]) => {
                let body = body(request)?;
                let users = users(&body)?;
                if self.slot(name)?.reserve(&users, clock) {
                    Ok(Reply::json(200, json!({"users": body["users"]})))
                } else {
                    Err(full())
                }
            }
            ("POST", ["reservations", "confirm"]) => self.confirm(request, clock),
            _ => Ok(errors::no_route()),
        }
    }

    fn slot(&mut self, name: &str) -> Result<&mut Slot, Refusal> {
        let slot = self.slots.iter_mut().find(|slot| slot.name == name);
        slot.ok_or_else(|| Box::new(errors::not_found("Slot not found")))
    }

    fn confirm(&mut self, request: &Request, clock: &Clock) -> Result<Reply, Refusal> {
        let body = body(request)?;
        let ids = body["user_ids"]
            .as_array()
            .ok_or_else(|| Box::new(errors::bad_request("'user_ids' is missing")))?;
        let mut unknown = Vec::new();
        let mut slots: BTreeMap<String, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
        for id in ids {
            let user = id.as_str().unwrap_or_default();
            match self
                .slots
                .iter_mut()
                .find(|slot| slot.reserved.contains_key(user))
            {
                None => unknown.push(id),
                Some(slot) => {
                    let told = slots.entry(slot.name.clone()).or_default();
                    match slot.reserved.remove(user) {
                        Some(until) if until > clock.instant() => {
                            slot.available = (slot.available - 1).max(0);
                            told.0.push(id);
                        }
                        _ => told.1.push(id),
                    }
                }
            }
        }
        let slots: Vec<_> = slots
            .iter()
            .map(|(name, (accepted, expired))| {
                json!({"name": name, "accepted_user_ids": accepted, "expired_user_ids": expired})
            })
            .collect();
        Ok(Reply::json(
            200,
            json!({"unknown_user_ids": unknown, "slots": slots}),
        ))
    }

    fn view(&self, clock: &Clock) -> Value {
        let slots: Vec<_> = self.slots.iter().map(|slot| slot.view(clock)).collect();
        json!({
            "request_id": self.id, "created_at": self.created.to_string(), "updated_at": self.updated.to_string(),
            "metadata": self.metadata, "server": self.server, "slots": slots,
        })
    }
}

impl Slot {
    /// Those whose players may still come.
    fn held(&self, clock: &Clock) -> i64 {
        let now = clock.instant();
        let held = self.reserved.values().filter(|until| **until > now).count();
        i64::try_from(held).unwrap_or(i64::MAX)
    }

    fn reserve(&mut self, users: &[String], clock: &Clock) -> bool {
        let new = users
            .iter()
            .filter(|user| !self.reserved.contains_key(*user))
            .count();
        if self.available - self.held(clock) < i64::try_from(new).unwrap_or(i64::MAX) {
            return false;
        }
        let until = clock.instant() + clock.scaled(RESERVED);
        self.reserved
            .extend(users.iter().map(|user| (user.clone(), until)));
        true
    }

    fn view(&self, clock: &Clock) -> Value {
        let held = self.held(clock);
        json!({
            "name": self.name, "metadata": self.metadata, "available_seats": self.available,
            "reserved_seats": held, "joinable_seats": (self.available - held).max(0),
        })
    }
}

/// One condition of a filter: `field op value`.
struct Condition<'a> {
    field: &'a str,
    operator: &'a str,
    value: String,
    is_text: bool,
}

impl<'a> Condition<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, ' ');
        let (field, operator, value) = (parts.next()?, parts.next()?, parts.next()?);
        let known = ["eq", "ne", "lt", "le", "gt", "ge", "contains"];
        let quoted = value
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''));
        known.contains(&operator).then(|| Self {
            field,
            operator,
            value: quoted.map_or_else(|| value.to_owned(), |text| text.replace("''", "'")),
            is_text: quoted.is_some(),
        })
    }

    fn holds(&self, view: &Value) -> bool {
        let found = values(view, self.field);
        let compare = |value: &&Value| -> Option<std::cmp::Ordering> {
            if self.is_text {
                return Some(value.as_str()?.cmp(&self.value));
            }
            match value.as_f64() {
                Some(number) => number.partial_cmp(&self.value.parse().ok()?),
                None => Some(value.to_string().cmp(&self.value)),
            }
        };
        let any = |wanted: fn(std::cmp::Ordering) -> bool| {
            found.iter().any(|value| compare(value).is_some_and(wanted))
        };
        match self.operator {
            "eq" => any(std::cmp::Ordering::is_eq),
            "ne" => !any(std::cmp::Ordering::is_eq),
            "lt" => any(std::cmp::Ordering::is_lt),
            "le" => any(std::cmp::Ordering::is_le),
            "gt" => any(std::cmp::Ordering::is_gt),
            "ge" => any(std::cmp::Ordering::is_ge),
            _ => found.iter().any(|value| {
                value
                    .as_str()
                    .is_some_and(|text| text.contains(&self.value))
            }),
        }
    }
}

/// The values at a path with dots; of each item where there is a list.
fn values<'a>(view: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.').fold(vec![view], |found, key| {
        let inside = found.into_iter().flat_map(|value| match value {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        });
        inside.filter_map(|value| value.get(key)).collect()
    })
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn users(body: &Value) -> Result<Vec<String>, Refusal> {
    let users = body["users"].as_array().into_iter().flatten();
    let ids: Option<Vec<_>> = users
        .map(|user| Some(user["user_id"].as_str()?.to_owned()))
        .collect();
    match ids {
        Some(ids) if !ids.is_empty() => Ok(ids),
        _ => Err(Box::new(errors::bad_request(
            "'users' must have a 'user_id' each",
        ))),
    }
}

fn full() -> Refusal {
    Box::new(errors::conflict("There are not enough seats"))
}
