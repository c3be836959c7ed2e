//! The token, the newer provisioning, and the members of the organization.

use serde_json::{Value, json};

use super::{Tideways, add_project, errors};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const NO_NAME: &str = "project_name is missing or empty.";

const SCOPES: [&str; 6] = [
    "metrics",
    "traces",
    "issues",
    "deployment",
    "provisioning",
    "users",
];

impl Tideways {
    /// `_token` is no organization.
    pub(super) fn token_info(&self) -> Reply {
        let scopes = SCOPES.iter().filter(|_| self.scope).collect::<Vec<_>>();
        let projects: Vec<_> = lock(&self.projects)
            .iter()
            .filter(|project| !project.deleted)
            .map(|project| {
                json!({"name": format!("{}/{}", self.organization, project.name), "license": null})
            })
            .collect();
        Reply::json(
            200,
            json!({"scopes": scopes, "projects": projects, "expired": false}),
        )
    }

    pub(super) fn of_organization(&self, segments: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        match (request.method(), segments) {
            ("POST", ["provisioning"]) => self.create_project(&body),
            ("DELETE", ["provisioning"]) => self.delete_project(&body),
            ("POST", ["users", "invite"]) => self.users(&body, true),
            ("DELETE", ["users"]) => self.users(&body, false),
            _ => errors::no_route(),
        }
    }

    fn create_project(&self, body: &Value) -> Reply {
        let Some(name) = project_name(body) else {
            return errors::invalid(NO_NAME);
        };
        let mut projects = lock(&self.projects);
        let known = projects.iter().position(|project| project.name == name);
        let at = known.unwrap_or_else(|| {
            add_project(&mut projects, name);
            projects.len() - 1
        });
        let project = &projects[at];
        if project.deleted {
            return errors::invalid("The project is marked as deleted.");
        }
        Reply::json(
            200,
            json!({
                "id": at + 1,
                "name": format!("{}/{}", self.organization, project.name),
                "config": {"TIDEWAYS_APIKEY": project.api_key, "TIDEWAYS_SAMPLERATE": "20"},
                "php.ini": {"tideways.api_key": project.api_key, "tideways.sample_rate": "20"},
            }),
        )
    }

    fn delete_project(&self, body: &Value) -> Reply {
        let Some(name) = project_name(body) else {
            return errors::invalid(NO_NAME);
        };
        let mut projects = lock(&self.projects);
        match projects
            .iter_mut()
            .find(|project| project.name == name && !project.deleted)
        {
            Some(project) => {
                project.deleted = true;
                Reply::json(200, json!({"ok": true}))
            }
            None => errors::not_found(),
        }
    }

    fn users(&self, body: &Value, invite: bool) -> Reply {
        let emails: Option<Vec<&str>> = body["emails"]
            .as_array()
            .and_then(|emails| emails.iter().map(Value::as_str).collect());
        let Some(emails) = emails.filter(|emails| !emails.is_empty()) else {
            return errors::invalid("emails is missing or empty.");
        };
        let mut members = lock(&self.members);
        for email in emails {
            members.retain(|member| invite || member != email);
            if invite && !members.iter().any(|member| member == email) {
                members.push(email.to_owned());
            }
        }
        Reply::json(200, json!({"ok": true}))
    }
}

fn project_name(body: &Value) -> Option<&str> {
    let name = body["project_name"].as_str().map(str::trim);
    name.filter(|name| !name.is_empty())
}
