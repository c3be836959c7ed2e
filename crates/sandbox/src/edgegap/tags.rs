//! Tags of a deployment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deployment::Deployment;
use super::errors::{self, Refusal};
use super::lists;
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;
use crate::validate::{Fields, Kind};

/// The longest name of a tag.
const LONGEST: usize = 40;

/// A label.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) name: String,
    created: Timestamp,
    updated: Timestamp,
}

impl Tag {
    pub(super) fn new(name: &str, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            created: now,
            updated: now,
        }
    }

    fn view(&self) -> Value {
        let written = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
        json!({
            "name": self.name,
            "create_time": written(self.created),
            "last_updated": written(self.updated),
        })
    }
}

/// `/v1/deployments/{id}/tags…`
pub(super) fn route(
    deployment: &Deployment,
    method: &str,
    rest: &[&str],
    request: &Request,
    clock: &Clock,
) -> Reply {
    let mut tags = lock(&deployment.tags);
    let place = |tags: &[Tag], name: &str| tags.iter().position(|tag| tag.name == name);
    match (method, rest) {
        ("GET", []) => list(&tags, request),
        ("POST", []) => {
            let name = match name(request) {
                Ok(name) => name,
                Err(refusal) => return *refusal,
            };
            if place(&tags, &name).is_some() {
                return errors::conflict(&format!("Tag {name} already exists"));
            }
            let tag = Tag::new(&name, clock.now());
            let view = tag.view();
            tags.push(tag);
            Reply::json(200, view)
        }
        (method @ ("GET" | "PATCH" | "DELETE"), [old]) => {
            let Some(at) = place(&tags, old) else {
                return errors::not_found(&format!("Tag {old} not found"));
            };
            match method {
                "GET" => Reply::json(200, tags[at].view()),
                "DELETE" => {
                    tags.remove(at);
                    Reply::empty(204)
                }
                _ => {
                    let name = match name(request) {
                        Ok(name) => name,
                        Err(refusal) => return *refusal,
                    };
                    if place(&tags, &name).is_some_and(|other| other != at) {
                        return errors::conflict(&format!("Tag {name} already exists"));
                    }
                    tags[at].name = name;
                    tags[at].updated = clock.now();
                    Reply::json(200, tags[at].view())
                }
            }
        }
        _ => errors::no_route(),
    }
}

fn list(tags: &[Tag], request: &Request) -> Reply {
    let page = match lists::page(request, tags.len()) {
        Ok(page) => page,
        Err(refusal) => return *refusal,
    };
    let views: Vec<_> = page.of(tags).iter().map(Tag::view).collect();
    let pagination = lists::pagination(&page);
    Reply::json(
        200,
        json!({"tags": views, "total_count": tags.len(), "pagination": pagination}),
    )
}

fn name(request: &Request) -> Result<String, Refusal> {
    let body = request
        .json()
        .map_err(|_| Box::new(errors::bad_request("The request body is not valid JSON")))?;
    Fields::of(&body)
        .required("name", Kind::String)
        .check()
        .map_err(|problems| Box::new(errors::invalid(problems)))?;
    let name = body["name"].as_str().unwrap_or_default();
    if name.chars().count() > LONGEST {
        return Err(Box::new(errors::bad_request("'name' is too long")));
    }
    Ok(name.to_owned())
}
