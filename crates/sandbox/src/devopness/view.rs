//! How things are shown: the fields of a model, with the things they are related to.

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::kinds::{
    APPLICATION, CREDENTIAL, CRON_JOB, DAEMON, ENVIRONMENT, Kind, NETWORK, PROJECT, SERVER,
    SSL_CERTIFICATE, VIRTUAL_HOST,
};
use super::store::{Record, State};

/// How deep things are shown within others.
const DEPTH: u8 = 2;

impl State {
    /// A thing as an answer of its own.
    pub(super) fn single(&self, record: &Record, now: Instant) -> Value {
        self.view(record, record.kind.single, DEPTH, now)
    }

    /// A thing in a list.
    pub(super) fn relation(&self, record: &Record, now: Instant) -> Value {
        self.view(record, record.kind.relation, DEPTH, now)
    }

    /// A thing as an action's resource: without what it is related to itself.
    pub(super) fn shallow(&self, record: &Record, now: Instant) -> Value {
        self.view(record, record.kind.relation, 0, now)
    }

    fn view(&self, record: &Record, model: &str, depth: u8, now: Instant) -> Value {
        let in_list = model.ends_with("Relation");
        let model = self.model(model);
        let mut shown = Map::new();
        for (field, example) in model.fields() {
            let value = match field.as_str() {
                "organization_id" => {
                    let organization = self.organization_of(record);
                    organization.map(|found| found.id.clone())
                }
                field if !is_related(field) => Some(own_field(record, field, example)),
                field if depth > 0 => self.related(record, field, in_list, depth - 1, now),
                _ => None,
            };
            let value = match value {
                Some(value) => value,
                None if model.is_nullable(field) => Value::Null,
                None if model.is_optional(field) => continue,
                None => emptied(example),
            };
            shown.insert(field.clone(), value);
        }
        Value::Object(shown)
    }

    fn related(
        &self,
        record: &Record,
        field: &str,
        in_list: bool,
        depth: u8,
        now: Instant,
    ) -> Option<Value> {
        let show = |record: &Record| self.view(record, record.kind.relation, depth, now);
        let one = |kind: &Kind, id: Option<u64>| Some(show(self.get(kind, &id?.to_string())?));
        let sent = |field: &str| match record.body.get(field)? {
            Value::String(id) => id.parse().ok(),
            id => id.as_u64(),
        };
        // Those of the kind that name this thing in a field.
        let naming = |kind: &'static Kind, field: &'static str| {
            self.of(kind, "")
                .filter(move |other| other.body.get(field) == Some(&record.id))
        };
        let all = |records: &mut dyn Iterator<Item = &Record>| {
            Some(Value::Array(records.map(show).collect()))
        };
        match field {
            "organization" => self.organization_of(record).map(show),
            "project" => one(&PROJECT, record.project),
            "environment" => one(&ENVIRONMENT, record.environment),
            "credential" => one(&CREDENTIAL, sent("credential_id")),
            "application" => one(&APPLICATION, sent("application_id")),
            "network" => {
                let id = record.parent.strip_prefix("network/")?;
                self.get(&NETWORK, id).map(show)
            }
            "servers" => {
                let linked = |server: &&Record| record.servers.contains(&server.number());
                all(&mut self.of(&SERVER, "").filter(linked))
            }
            "cronjobs" => all(&mut naming(&CRON_JOB, "application_id")),
            "daemons" => all(&mut naming(&DAEMON, "application_id")),
            "virtual_hosts" => all(&mut naming(&VIRTUAL_HOST, "application_id")),
            "ssl_certificate" => naming(&SSL_CERTIFICATE, "virtual_host_id").last().map(show),
            "last_action" => {
                let model = if in_list {
                    "ActionRelationShallow"
                } else {
                    "ActionRelation"
                };
                let last = self.actions_on(record).next_back()?;
                Some(self.model(model).cut(&self.action(last, now)))
            }
            "last_deployments" => {
                let cut = |action: Option<&_>| {
                    let shown = action.map(|action| self.action(action, now));
                    json!(shown.map(|shown| self.model("ActionRelationShallow").cut(&shown)))
                };
                let deployments = || self.actions_on(record).filter(|one| one.is("deploy"));
                let live = deployments().rfind(|action| action.has_succeeded(now));
                Some(json!({"latest": cut(deployments().next_back()), "live": cut(live)}))
            }
            "resource_summary" => Some(self.summary(record)),
            _ => None,
        }
    }

    /// How many things of each kind are in a project or an environment.
    fn summary(&self, record: &Record) -> Value {
        let within = |other: &&Record| {
            let (kind, id) = (record.kind, Some(record.number()));
            let project = *kind == PROJECT && other.project == id && *other.kind != PROJECT;
            let environment =
                *kind == ENVIRONMENT && other.environment == id && *other.kind != ENVIRONMENT;
            project || environment
        };
        let mut counts: Vec<(&Kind, u64)> = Vec::new();
        for other in self.records.iter().filter(within) {
            match counts.iter_mut().find(|(kind, _)| *kind == other.kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((other.kind, 1)),
            }
        }
        let item = |(kind, count): (&Kind, u64)| {
            json!({
                "resource_type": kind.resource,
                "resource_type_plural": kind.collection,
                "resource_type_human_readable": human(kind.resource),
                "resource_type_human_readable_plural": human(kind.collection),
                "summary": {"count": count},
            })
        };
        counts.into_iter().map(item).collect()
    }
}

/// A field that shows no other thing. Ids of what a thing is in are shown even where it doesn't
/// keep them.
fn own_field(record: &Record, field: &str, example: &Value) -> Value {
    let kept = record.body.get(field).cloned();
    kept.unwrap_or_else(|| match field {
        "project_id" => json!(record.project),
        "environment_id" => json!(record.environment),
        "network_id" => {
            let id = record.parent.strip_prefix("network/");
            json!(id.and_then(|id| id.parse::<u64>().ok()))
        }
        _ => example.clone(),
    })
}

/// Whether the field shows other things, and so is never kept.
pub(super) fn is_related(field: &str) -> bool {
    const RELATED: [&str; 15] = [
        "application",
        "credential",
        "cronjobs",
        "daemons",
        "environment",
        "last_action",
        "last_deployments",
        "network",
        "organization",
        "project",
        "resource_summary",
        "servers",
        "services",
        "ssl_certificate",
        "virtual_hosts",
    ];
    RELATED.contains(&field)
}

/// The example without its content, where a field must be there and there is nothing to show.
fn emptied(example: &Value) -> Value {
    match example {
        Value::Array(_) => json!([]),
        other => other.clone(),
    }
}

/// The name of a provider.
pub(super) fn provider(code: &str) -> &str {
    match code {
        "aws" => "Amazon Web Services",
        "azure" => "Microsoft Azure",
        "bitbucket" => "Bitbucket",
        "digitalocean" => "DigitalOcean",
        "gcp" => "Google Cloud",
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "hetzner" => "Hetzner",
        "self-hosted" => "VPS/Self Hosted",
        other => other,
    }
}

/// A name as people write it: `in-progress` is "In progress".
pub(super) fn human(name: &str) -> String {
    let spaced = name.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => spaced,
    }
}
