//! What can be seen of the Devopness stand-in, and done to it, from outside.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Devopness;
use super::derived::complete;
use super::kinds::{
    CREDENTIAL, ENVIRONMENT, Kind, ORGANIZATION, PERSONAL_TOKEN, PIPELINE, PROJECT, ROLE, VARIABLE,
};
use super::pipelines;
use super::seed::example;
use super::store::Record;
use super::table::{Found, table};
use super::tokens;
use super::version::Version;
use crate::controlled::{self, Answered, Controlled, Operation};
use crate::service::Context;
use crate::sync::lock;

/// Fields of a seed that aren't fields of the thing.
const PARENT: &str = "parent";

impl Controlled for Devopness {
    fn hints(&self) -> Value {
        json!({
            "project": 1, "environment": 1, "application": 1, "pipeline": 1, "servers": self.knobs.servers,
            "credential": 1,
        })
    }

    fn state(&self) -> Value {
        let now = self.context.clock().instant();
        let mut state = lock(&self.state);
        state.settle(now);
        let action = |action: &super::actions::Action| {
            let view = state.action(action, now);
            let steps = view["targets"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|target| {
                    let steps = target["steps"].as_array().into_iter().flatten();
                    let steps = steps.map(|step| {
                        format!(
                            "  {}: {}\n",
                            step["name"].as_str().unwrap_or_default(),
                            step["status"].as_str().unwrap_or_default()
                        )
                    });
                    format!(
                        "{} {}\n{}",
                        target["resource_type"].as_str().unwrap_or_default(),
                        target["resource_id"],
                        steps.collect::<String>()
                    )
                });
            json!({
                "id": view["id"], "type": view["type"], "status": view["status"],
                "resource": format!("{} {}", action.resource.0.resource, action.resource.1),
                "reason": view["status_reason_code"], "log": steps.collect::<String>(),
            })
        };
        let mut shown = Map::new();
        let actions = controlled::latest(&state.actions).iter().rev();
        shown.insert("actions".to_owned(), actions.map(action).collect());
        for kind in Kind::usual() {
            let records: Vec<&Record> = state.of(kind, "").collect();
            if records.is_empty() {
                continue;
            }
            let view = |record: &&Record| {
                let name = ["name", "hostname", "key"]
                    .iter()
                    .map(|field| record.text(field))
                    .find(|text| !text.is_empty());
                json!({"id": record.id, "name": name, "status": record.field("status"), "in": record.parent, "servers": record.servers})
            };
            let records = controlled::latest(&records).iter().map(view);
            shown.insert(kind.collection.to_owned(), records.collect());
        }
        shown.into()
    }

    fn seed(&self, seed: Value) -> Result<(), String> {
        let seed: BTreeMap<String, Vec<Map<String, Value>>> = controlled::read("devopness", seed)?;
        let mut state = lock(&self.state);
        let mut state_after = state.clone();
        let at = self.context.clock().now();
        for (collection, things) in seed {
            let kind = match collection.as_str() {
                one if one == PERSONAL_TOKEN.collection => &PERSONAL_TOKEN,
                one => Kind::of_collection(one).ok_or_else(|| {
                    let known: Vec<_> = Kind::usual().map(|kind| kind.collection).collect();
                    let known = known.join(", ");
                    format!(
                        "there are no {collection}, only {known}, {}",
                        PERSONAL_TOKEN.collection
                    )
                })?,
            };
            for mut thing in things {
                if *kind == PERSONAL_TOKEN {
                    let secret = thing.remove("token");
                    let secret = secret.as_ref().and_then(Value::as_str).map(str::to_owned);
                    let secret = secret.ok_or("a personal access token needs its token, a text")?;
                    let mut body = example(&PERSONAL_TOKEN, self.knobs.version);
                    body.insert("name".to_owned(), json!("seed"));
                    let expiry = tokens::expiry(at, self.knobs.token_lifetime);
                    body.insert("expires_at".to_owned(), json!(expiry));
                    extend(&mut body, thing, &collection)?;
                    tokens::add(
                        &mut state_after,
                        &PERSONAL_TOKEN,
                        "",
                        body,
                        Some(secret),
                        at,
                    );
                    continue;
                }
                let parent = match thing.remove(PARENT) {
                    Some(Value::String(parent)) => parent,
                    Some(other) => {
                        return Err(format!("{other} is no parent; \"environment/1\" is one"));
                    }
                    None => self.parent_of(kind).to_owned(),
                };
                let (resource, id) = parent.split_once('/').unwrap_or_default();
                let owner = Kind::of_resource(resource).and_then(|kind| state_after.get(kind, id));
                if owner.is_none() && !parent.is_empty() {
                    return Err(format!(
                        "there is no {parent} to put one of {collection} in"
                    ));
                }
                let id = json!(state_after.count(kind.collection));
                let mut body = example(kind, self.knobs.version);
                extend(&mut body, thing, &collection)?;
                let record = state_after.add(kind, id, &parent, body, at);
                complete(record, kind);
                if *kind == PIPELINE {
                    pipelines::complete(&mut state_after, at);
                }
            }
        }
        *state = state_after;
        Ok(())
    }

    fn outcomes(&self) -> Vec<Value> {
        let outcomes = lock(&self.next_outcomes);
        outcomes.iter().map(|outcome| json!(outcome)).collect()
    }

    fn set_outcomes(&self, outcomes: Vec<Value>) -> Result<(), String> {
        *lock(&self.next_outcomes) = controlled::read_outcomes(outcomes)?.into();
        Ok(())
    }

    fn operations(&self) -> Vec<Operation> {
        let mut operations = controlled::table(include_str!("operations.txt"));
        for operation in &mut operations {
            let path: Vec<_> = operation.path.split('/').skip(1).collect();
            let found = table(self.knobs.version).find(&operation.method, &path);
            if !matches!(found, Found::Row(..)) {
                operation.answered = Answered::Missing;
            }
        }
        operations
    }

    fn copy(&self, context: Context) -> Option<Self> {
        Some(Self {
            context,
            knobs: self.knobs.clone(),
            state: self.state.clone(),
            next_outcomes: self.next_outcomes.clone(),
        })
    }
}

impl Devopness {
    /// Where a thing is put that doesn't say where.
    fn parent_of(&self, kind: &Kind) -> &'static str {
        let old = self.knobs.version == Version::V2025_11;
        match kind {
            kind if *kind == ORGANIZATION => "",
            kind if *kind == PROJECT && old => "",
            kind if *kind == PROJECT => "organization/1",
            kind if *kind == ENVIRONMENT => "project/1",
            kind if *kind == ROLE && old => "project/1",
            kind if (*kind == ROLE || *kind == CREDENTIAL) && !old => "organization/1",
            kind if *kind == PIPELINE || *kind == VARIABLE => "application/1",
            _ => "environment/1",
        }
    }
}

/// Puts the fields of a seed among those of the example.
fn extend(
    body: &mut Map<String, Value>,
    thing: Map<String, Value>,
    of: &str,
) -> Result<(), String> {
    for (field, value) in thing {
        if !body.contains_key(&field) {
            let known: Vec<_> = body.keys().map(String::as_str).collect();
            let known = known.join(", ");
            return Err(format!("{of} have no {field}, only {known}, {PARENT}"));
        }
        body.insert(field, value);
    }
    Ok(())
}
