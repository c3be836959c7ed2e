//! Creating, listing, fetching, changing and deleting things, which is alike for most of them.

use serde_json::{Map, Value, json};

use super::Devopness;
use super::actions::Order;
use super::call::{Answer, Call};
use super::derived::{complete, name_certificate};
use super::errors::{Invalid, Refusal};
use super::kinds::{APPLICATION, Kind, PIPELINE, SSL_CERTIFICATE, VARIABLE, VIRTUAL_HOST};
use super::pipelines;
use super::provision;
use super::store::{Record, State, place, timestamp};
use super::table::table;
use super::view::is_related;

impl Devopness {
    /// Lists the things of a kind that a parent has; all of them if `parent` is empty.
    pub(super) fn list(
        &self,
        state: &State,
        call: &Call<'_>,
        kind: &'static Kind,
        parent: &str,
    ) -> Answer {
        check_parent(state, call, parent)?;
        let wanted = |record: &&Record| {
            call.may_touch(record.project)
                && record.body.get("is_archived") != Some(&json!(true))
                && matches_filters(call, record)
        };
        let shown = state.of(kind, parent).filter(wanted);
        Ok(call.list(
            shown
                .map(|record| state.relation(record, call.now))
                .collect(),
        ))
    }

    /// Creates a thing in its parent.
    pub(super) fn create(
        &self,
        state: &mut State,
        call: &Call<'_>,
        kind: &'static Kind,
        parent: &str,
    ) -> Answer {
        check_parent(state, call, parent)?;
        call.check_references(state)?;
        check_unique(state, call, kind, parent)?;
        provision::check(state, call, kind)?;
        let id = json!(state.count(kind.collection));
        let body = new_body(call, kind);
        let record = state.add(kind, id, parent, body, call.at);
        complete(record, kind);
        if *kind == PIPELINE {
            pipelines::complete(state, call.at);
        } else if *kind == SSL_CERTIFICATE {
            name_certificate(state);
        }
        let created = state.records.len() - 1;
        let dispatched = match call.row.action {
            true => {
                let order = Order::new("provision", kind);
                Some(
                    self.dispatch(state, created, order, &[], call)
                        .inspect_err(|_| {
                            // Nothing was created if there is nobody to pay for it.
                            state.records.pop();
                        })?,
                )
            }
            false => None,
        };
        let reply = call.reply(state.single(&state.records[created], call.now));
        Ok(match dispatched {
            Some(action) => call.dispatched(reply, action),
            None => reply,
        })
    }

    /// Fetches, changes or deletes one thing.
    pub(super) fn item(
        &self,
        state: &mut State,
        call: &Call<'_>,
        kind: &'static Kind,
        id: &str,
    ) -> Answer {
        let found = call.find(state, kind, id)?;
        match call.request.method() {
            "GET" => Ok(call.reply(state.single(found, call.now))),
            "PUT" => {
                call.check_references(state)?;
                if let Some(record) = state.get_mut(kind, id) {
                    change(record, call);
                }
                Ok(call.done())
            }
            _ if call.row.action => {
                let order = Order::new(if kind.cloud { "delete" } else { "remove" }, kind);
                self.act(state, call, kind, id, order)
            }
            _ => {
                state.remove(kind, id);
                Ok(call.done())
            }
        }
    }

    /// Starts an action on a thing and answers without a body.
    pub(super) fn act(
        &self,
        state: &mut State,
        call: &Call<'_>,
        kind: &'static Kind,
        id: &str,
        order: Order,
    ) -> Answer {
        call.find(state, kind, id)?;
        call.check_references(state)?;
        let at = |record: &Record| record.kind == kind && record.key() == id;
        let at = state.records.iter().position(at);
        let record = at.ok_or_else(|| call.missing(kind.resource))?;
        let action = self.dispatch(state, record, order, &call.servers(), call)?;
        Ok(call.dispatched(call.documented(), action))
    }
}

/// Refuses a parent that doesn't exist, or belongs to another project.
fn check_parent(state: &State, call: &Call<'_>, parent: &str) -> Result<(), Refusal> {
    if parent.is_empty() {
        return Ok(());
    }
    let (resource, id) = parent.split_once('/').unwrap_or_default();
    let kind = Kind::of_resource(resource).ok_or_else(|| call.missing("resource type"))?;
    call.find(state, kind, id).map(drop)
}

/// Whether a thing is among those that the query's filters ask for.
fn matches_filters(call: &Call<'_>, record: &Record) -> bool {
    call.request
        .queries()
        .iter()
        .all(|(name, wanted)| match name.as_str() {
            "provider_code" => record.field("provider")["code"] == wanted.as_str(),
            "provider_type" | "provider_name" => record.text(name) == wanted,
            "variable_target" => record.text("target") == wanted,
            "region" | "zone" => {
                record.field("provision_input")["settings"][name] == wanted.as_str()
            }
            _ => true,
        })
}

fn check_unique(
    state: &State,
    call: &Call<'_>,
    kind: &'static Kind,
    parent: &str,
) -> Result<(), Refusal> {
    let field = match kind {
        kind if *kind == APPLICATION || *kind == VIRTUAL_HOST => "name",
        kind if *kind == VARIABLE => "key",
        _ => return Ok(()),
    };
    let name = call.text(field);
    match state
        .of(kind, parent)
        .any(|other| other.text(field) == name)
    {
        true => Err(Invalid::one(field, format!("The {field} has already been taken.")).refusal()),
        false => Ok(()),
    }
}

/// What a new thing shows: the example, with what was sent, and nothing where that is possible.
pub(super) fn new_body(call: &Call<'_>, kind: &Kind) -> Map<String, Value> {
    let model = table(call.version).model(kind.single);
    let own = model.fields().filter(|(field, _)| !is_related(field));
    let mut body: Map<_, _> = own
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect();
    for field in call.row.field_names() {
        if body.contains_key(field) && model.is_nullable(field) {
            body.insert(field.to_owned(), Value::Null);
        }
    }
    body.extend(call.documented_fields());
    body
}

fn change(record: &mut Record, call: &Call<'_>) {
    record.body.extend(call.documented_fields());
    record.set("updated_at", timestamp(call.at));
    complete(record, record.kind);
}

/// The parent that a path like `/{collection}/{id}/…` names.
pub(super) fn parent_of(collection: &str, id: &str) -> Option<String> {
    Some(place(Kind::of_collection(collection)?.resource, id))
}
