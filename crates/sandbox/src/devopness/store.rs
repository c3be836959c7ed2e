//! What is kept: things with their fields, and the actions.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::actions::Action;
use super::errors::{self, Refusal};
use super::kinds::{ENVIRONMENT, Kind, ORGANIZATION, PROJECT, SERVER};
use super::table::{Model, table};
use super::version::Version;

/// All state, behind one lock.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) version: Version,
    pub(super) records: Vec<Record>,
    /// Oldest first.
    pub(super) actions: Vec<Action>,
    /// Pipeline steps that were unlinked, with their pipeline's id.
    pub(super) unlinked_steps: Vec<(String, Value)>,
    pub(super) started_actions: u64,
    counters: HashMap<&'static str, u64>,
}

/// One thing.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) kind: &'static Kind,
    /// A number or a text, as the API shows it.
    pub(super) id: Value,
    /// Type and id of the thing it was created in: `environment/1`.
    pub(super) parent: String,
    pub(super) project: Option<u64>,
    pub(super) environment: Option<u64>,
    /// The servers that it is linked to.
    pub(super) servers: Vec<u64>,
    /// Places that it is linked to, apart from its parent: `environment/1`.
    pub(super) linked: Vec<String>,
    /// What is shown once only: a token, or a hook's secret.
    pub(super) secret: Option<String>,
    /// The fields that are shown, and those that were sent.
    pub(super) body: Map<String, Value>,
}

impl Record {
    /// The id as it stands in a path.
    pub(super) fn key(&self) -> String {
        match &self.id {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }

    /// The id, if it is a number.
    pub(super) fn number(&self) -> u64 {
        self.id.as_u64().unwrap_or_default()
    }

    /// As the parent of others: `server/5`.
    pub(super) fn place(&self) -> String {
        place(self.kind.resource, &self.key())
    }

    /// A field; null if it isn't there.
    pub(super) fn field(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    /// A field as text; empty if it is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.field(field).as_str().unwrap_or_default()
    }

    /// Sets a field.
    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.body.insert(field.to_owned(), value.into());
    }

    /// Whether the thing can be reached with this id: organizations have a name for it, too.
    fn answers_to(&self, id: &str) -> bool {
        self.key() == id || self.text("url_slug") == id
    }
}

/// Type and id in one text.
pub(super) fn place(resource: &str, id: &str) -> String {
    format!("{resource}/{id}")
}

/// A point in time as the API writes it.
pub(super) fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

impl State {
    /// The next number of a counter, from 1.
    pub(super) fn count(&mut self, counter: &'static str) -> u64 {
        let counter = self.counters.entry(counter).or_default();
        *counter += 1;
        *counter
    }

    /// The next unique text.
    pub(super) fn uuid(&mut self) -> String {
        format!("7d9f3c1e-5b2a-4e8d-9c6f-{:012x}", self.count("uuid"))
    }

    pub(super) fn get(&self, kind: &Kind, id: &str) -> Option<&Record> {
        let fits = |record: &&Record| record.kind == kind && record.answers_to(id);
        self.records.iter().find(fits)
    }

    pub(super) fn get_mut(&mut self, kind: &Kind, id: &str) -> Option<&mut Record> {
        let fits = |record: &&mut Record| record.kind == kind && record.answers_to(id);
        self.records.iter_mut().find(fits)
    }

    /// The thing, or the answer that there is none, or that it belongs to another project than
    /// the caller's.
    pub(super) fn find(
        &self,
        kind: &Kind,
        id: &str,
        scope: Option<u64>,
    ) -> Result<&Record, Refusal> {
        let record = self.get(kind, id);
        let record = record.ok_or_else(|| errors::not_found(&kind.resource.replace('-', " ")))?;
        match scope {
            Some(project) if record.project != Some(project) => Err(errors::forbidden()),
            _ => Ok(record),
        }
    }

    /// All of a kind with that parent or linked to it, or all if it is empty, oldest first.
    pub(super) fn of<'a>(
        &'a self,
        kind: &'static Kind,
        parent: &'a str,
    ) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |record| {
            record.kind == kind
                && (parent.is_empty()
                    || record.parent == parent
                    || record.linked.iter().any(|place| place == parent))
        })
    }

    /// Removes a thing, and all that is in it.
    pub(super) fn remove(&mut self, kind: &Kind, id: &str) {
        let Some(gone) = self.get(kind, id) else {
            return;
        };
        let (place, number) = (gone.place(), Some(gone.number()));
        let inside: Vec<_> = self
            .records
            .iter()
            .filter(|record| {
                record.parent == place
                    || *kind == PROJECT && record.project == number
                    || *kind == ENVIRONMENT && record.environment == number
            })
            .filter(|record| record.place() != place)
            .map(|record| (record.kind, record.key()))
            .collect();
        self.records
            .retain(|record| record.kind != kind || record.place() != place);
        for (kind, key) in inside {
            self.remove(kind, &key);
        }
    }

    /// A model of the version that is played.
    pub(super) fn model(&self, name: &str) -> &'static Model {
        table(self.version).model(name)
    }

    /// The organization that a thing belongs to, by itself or with its project.
    pub(super) fn organization_of(&self, record: &Record) -> Option<&Record> {
        let parent = |record: &Record| {
            let id = record.parent.strip_prefix("organization/")?;
            self.get(&ORGANIZATION, id)
        };
        let project = || self.get(&PROJECT, &record.project?.to_string());
        parent(record).or_else(|| parent(project()?))
    }

    /// Adds a thing to its parent, whose project and environment it shares. `body` is what is
    /// shown of it, apart from id and dates.
    pub(super) fn add(
        &mut self,
        kind: &'static Kind,
        id: Value,
        parent: &str,
        mut body: Map<String, Value>,
        now: Timestamp,
    ) -> &mut Record {
        let (resource, key) = parent.split_once('/').unwrap_or_default();
        let owner = Kind::of_resource(resource).and_then(|kind| self.get(kind, key));
        let number = |kind: &Kind| owner.filter(|owner| owner.kind == kind).map(Record::number);
        let mut project = owner.and_then(|owner| owner.project);
        let mut environment =
            number(&ENVIRONMENT).or_else(|| owner.and_then(|owner| owner.environment));
        match kind {
            kind if *kind == PROJECT => project = id.as_u64(),
            kind if *kind == ENVIRONMENT => environment = id.as_u64(),
            _ => {}
        }
        body.insert("id".to_owned(), id.clone());
        for (field, value) in [("project_id", project), ("environment_id", environment)] {
            if body.contains_key(field) {
                body.insert(field.to_owned(), json!(value));
            }
        }
        for field in ["created_at", "updated_at"] {
            body.insert(field.to_owned(), json!(timestamp(now)));
        }
        let servers = linked_servers(&body);
        self.records.push(Record {
            kind,
            id,
            parent: parent.to_owned(),
            project,
            environment,
            servers,
            linked: Vec::new(),
            secret: None,
            body,
        });
        let last = self.records.len() - 1;
        &mut self.records[last]
    }

    /// The effects of the actions that have ended by now.
    pub(super) fn settle(&mut self, now: Instant) {
        let mut ended = Vec::new();
        for action in &mut self.actions {
            if !action.settled && action.has_ended(now) {
                action.settled = true;
                ended.push((action.effect(now), action.resource.clone()));
            }
        }
        for (effect, (kind, key)) in ended {
            match effect {
                Effect::Nothing => {}
                Effect::Remove => self.remove(kind, &key),
                Effect::Status(status) => {
                    if let Some(record) = self.get_mut(kind, &key).filter(|_| *kind == SERVER) {
                        record.set("status", status);
                    }
                }
            }
        }
    }
}

/// What the end of an action does to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Remove,
    Status(&'static str),
}

/// The servers among `linked_resources`.
fn linked_servers(body: &Map<String, Value>) -> Vec<u64> {
    let linked = body.get("linked_resources").and_then(Value::as_array);
    let servers = linked.into_iter().flatten();
    let servers = servers.filter(|resource| resource["resource_type"] == "server");
    servers
        .filter_map(|resource| resource["resource_id"].as_u64())
        .collect()
}
