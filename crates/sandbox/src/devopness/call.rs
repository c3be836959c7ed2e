//! One request on its way through the stand-in.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::errors::{self, Invalid, Refusal};
use super::kinds::Kind;
use super::store::{Record, State};
use super::table::{Row, table};
use super::version::Version;
use crate::page::Page;
use crate::reply::Reply;
use crate::request::Request;

/// Items of a page, unless asked for otherwise.
const PER_PAGE: usize = 20;

/// Items of a page at most.
const MOST_PER_PAGE: usize = 100;

/// The header that names the action that was started.
const ACTION_ID: &str = "x-devopness-action-id";

/// An answer, which may be a refusal.
pub(super) type Answer = Result<Reply, Refusal>;

/// A request whose operation, token and body are in order.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) row: &'static Row,
    pub(super) version: Version,
    /// The values of the path's placeholders.
    pub(super) arguments: Vec<&'a str>,
    /// The JSON body; null if there is none.
    pub(super) body: Value,
    /// The only project that the token may touch, if it is bound to one.
    pub(super) scope: Option<u64>,
    pub(super) now: Instant,
    pub(super) at: Timestamp,
}

impl Call<'_> {
    /// A field of the body as text; empty if it is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// What was sent for the fields that the documentation knows, apart from the id.
    pub(super) fn documented_fields(&self) -> impl Iterator<Item = (String, Value)> {
        let fields = self.row.field_names().filter(|&field| field != "id");
        fields.filter_map(|field| Some((field.to_owned(), self.body.get(field)?.clone())))
    }

    /// The value of a placeholder.
    pub(super) fn argument(&self, at: usize) -> &str {
        self.arguments.get(at).copied().unwrap_or_default()
    }

    /// Whether the token may touch things of that project.
    pub(super) fn may_touch(&self, project: Option<u64>) -> bool {
        self.scope.is_none() || self.scope == project
    }

    /// The documented status, with a body.
    pub(super) fn reply(&self, body: Value) -> Reply {
        Reply::json(self.row.status, body)
    }

    /// The documented status, without a body.
    pub(super) fn done(&self) -> Reply {
        Reply::empty(self.row.status)
    }

    /// Adds the header that names an action.
    pub(super) fn dispatched(&self, reply: Reply, action: u64) -> Reply {
        reply.header(ACTION_ID, action.to_string())
    }

    /// The documented example, marked as one.
    pub(super) fn example(&self) -> Reply {
        self.documented().example()
    }

    /// The same, where something has happened besides.
    pub(super) fn documented(&self) -> Reply {
        let Some(model) = &self.row.model else {
            return match &self.row.text {
                Some(text) => Reply::text(self.row.status, text),
                None => self.done(),
            };
        };
        let example = table(self.version).model(model).example.clone();
        if self.row.list {
            return self.list(vec![example]);
        }
        self.reply(example)
    }

    /// The page of a list that is asked for; all of it where the operation knows no pages.
    pub(super) fn list(&self, items: Vec<Value>) -> Reply {
        if !self.row.pages {
            return self.reply(Value::Array(items));
        }
        let page = Page::asked(self.request, items.len(), PER_PAGE, MOST_PER_PAGE);
        self.reply(json!(page.of(&items)))
            .header("link", page.links(self.request))
    }

    /// A thing that the path names.
    pub(super) fn find<'s>(
        &self,
        state: &'s State,
        kind: &Kind,
        id: &str,
    ) -> Result<&'s Record, Refusal> {
        state.find(kind, id, self.scope)
    }

    /// Refuses a body that names things that don't exist.
    pub(super) fn check_references(&self, state: &State) -> Result<(), Refusal> {
        use super::kinds::{APPLICATION, CREDENTIAL, ROLE, SERVER, VIRTUAL_HOST};
        let mut invalid = Invalid::default();
        let exists = |kind: &Kind, id: &Value| {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            state.find(kind, &id, self.scope).is_ok()
        };
        for (field, kind) in [
            ("credential_id", &CREDENTIAL),
            ("application_id", &APPLICATION),
            ("virtual_host_id", &VIRTUAL_HOST),
            ("role_id", &ROLE),
        ] {
            let id = &self.body[field];
            if !id.is_null() && !exists(kind, id) {
                let said = field.replace('_', " ");
                invalid.add(field, format!("The selected {said} is invalid."));
            }
        }
        let servers = self.body["servers"].as_array().into_iter().flatten();
        for (at, id) in servers.enumerate() {
            if !exists(&SERVER, id) {
                invalid.add(
                    &format!("servers.{at}"),
                    format!("The selected servers.{at} is invalid."),
                );
            }
        }
        let linked = self.body["linked_resources"]
            .as_array()
            .into_iter()
            .flatten();
        for (at, resource) in linked.enumerate() {
            let kind = Kind::of_resource(resource["resource_type"].as_str().unwrap_or_default());
            if !kind.is_some_and(|kind| exists(kind, &resource["resource_id"])) {
                let field = format!("linked_resources.{at}.resource_id");
                invalid.add(&field, format!("The selected {field} is invalid."));
            }
        }
        invalid.check()
    }

    /// The servers that the body asks for.
    pub(super) fn servers(&self) -> Vec<u64> {
        let servers = self.body["servers"].as_array().into_iter().flatten();
        servers.filter_map(Value::as_u64).collect()
    }

    /// The refusal that there is no such thing.
    pub(super) fn missing(&self, what: &str) -> Refusal {
        errors::not_found(what)
    }
}
