//! Events: marks in a project's timeline.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Tideways, errors};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const TYPES: [&str; 4] = ["release", "marker", "maintenance", "down"];

/// An event that was created.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) project: String,
    pub(super) environment: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) at: Timestamp,
}

impl Tideways {
    /// The project's key stands in the body; there is no token.
    pub(super) fn create_event(&self, request: &Request) -> Reply {
        let refused = |status: u16, problem: &str| Reply::json(status, json!({ "msg": problem }));
        let Ok(body) = request.json() else {
            return refused(400, "The body is no JSON.");
        };
        let text = |name: &str| body[name].as_str().filter(|text| !text.trim().is_empty());
        let (Some(key), Some(name), Some(kind)) = (text("apiKey"), text("name"), text("type"))
        else {
            return refused(400, "apiKey, name and type are required.");
        };
        if !TYPES.contains(&kind) {
            return refused(400, "The type is unknown.");
        }
        if let Some(minutes) = body.get("compareAfterMinutes")
            && !minutes
                .as_u64()
                .is_some_and(|minutes| (5..=1440).contains(&minutes))
        {
            return refused(400, "compareAfterMinutes must be between 5 and 1440.");
        }
        if body
            .get("options")
            .is_some_and(|options| !options.is_object())
        {
            return refused(400, "options must be an object.");
        }
        let projects = lock(&self.projects);
        let Some(project) = projects.iter().find(|project| project.api_key == key) else {
            return refused(403, "The API key is unknown.");
        };
        let environment = text("environment").unwrap_or("production");
        let service = text("service").unwrap_or("web");
        let mut events = lock(&self.events);
        events.push(Event {
            project: project.name.clone(),
            environment: environment.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            at: self.context.clock().now(),
        });
        let id = events.len();
        let releases: Value = match kind {
            "release" => json!([{
                "id": id, "name": name, "environment": environment, "service": service,
            }]),
            _ => json!([]),
        };
        Reply::json(
            201,
            json!({
                "ok": true,
                "id": id,
                "name": format!("{}/{}", self.organization, project.name),
                "environment": environment,
                "service": service,
                "releases": releases,
            }),
        )
    }

    /// By an address that nobody could have made here.
    pub(super) fn create_external_event(&self, secret: &str, request: &Request) -> Reply {
        if secret != super::EXTERNAL_SECRET {
            return errors::not_found();
        }
        self.create_event(request)
    }
}
