//! Endpoint storages and their pull profiles.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::applications::Catalog;
use super::errors::{self, Refusal};
use super::shelf::{Shelf, body, missing, only, or_refusal, written};
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// All endpoint storages, with their pull profiles.
#[derive(Debug, Clone, Default)]
pub(super) struct Storages {
    endpoints: Shelf,
    profiles: BTreeMap<String, Shelf>,
    /// Endpoint, profile, application and version.
    links: Vec<[String; 4]>,
}

/// What is told of a storage; its secret key never is.
const ENDPOINT: [&str; 5] = [
    "name",
    "access_key_id",
    "endpoint",
    "bucket",
    "output_format",
];
const PROFILE: [&str; 4] = ["name", "source", "source_type", "destination"];

impl Storages {
    /// `/v1/storage/…`
    pub(super) fn route(
        &mut self,
        rest: &[&str],
        request: &Request,
        catalog: &Catalog,
        now: Timestamp,
    ) -> Reply {
        or_refusal(match (request.method(), rest) {
            ("GET", ["endpoints"]) => Ok(self.endpoints.list("endpoints", request)),
            ("POST", ["endpoint"]) => self.create(request, now),
            (method, ["endpoint", name]) => self.endpoint(method, name, request, now),
            (method, ["endpoint", name, rest @ ..]) => {
                if self.endpoints.get(name).is_none() {
                    return *missing(name);
                }
                let profiles = self.profiles.entry((*name).to_owned()).or_default();
                match (method, rest) {
                    ("GET", ["pull-profiles"]) => Ok(profiles.list("pull_profiles", request)),
                    ("POST", ["pull-profile"]) => create_profile(profiles, request, now),
                    (method, ["pull-profile", profile]) => {
                        change_profile(profiles, method, profile, request, now)
                    }
                    (method, ["pull-profile", profile, "app", app, "version", version]) => {
                        let link = [name, profile, app, version].map(|part| (*part).to_owned());
                        self.link(method, link, catalog, now)
                    }
                    _ => Ok(errors::no_route()),
                }
            }
            _ => Ok(errors::no_route()),
        })
    }

    fn create(&mut self, request: &Request, now: Timestamp) -> Result<Reply, Refusal> {
        let body = body(request)?;
        let mut fields = Fields::of(&body).required("secret_access_key", Kind::String);
        for name in &ENDPOINT[..4] {
            fields = fields.required(name, Kind::String);
        }
        fields
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let mut endpoint = json!({"output_format": "TEXT"});
        for (name, value) in only(&body, &ENDPOINT) {
            endpoint[name] = value;
        }
        let created = self.endpoints.create(endpoint, now);
        // No 409 is documented.
        let created = created.map_err(|_| Box::new(errors::bad_request("'name' is taken")))?;
        Ok(Reply::json(200, created))
    }

    fn endpoint(
        &mut self,
        method: &str,
        name: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        match method {
            "GET" => Ok(Reply::json(
                200,
                self.endpoints
                    .get(name)
                    .ok_or_else(|| missing(name))?
                    .clone(),
            )),
            "PATCH" => {
                let changed =
                    self.endpoints
                        .change(name, &only(&body(request)?, &ENDPOINT), now)?;
                if let Some(profiles) = self.profiles.remove(name) {
                    self.profiles.insert(
                        changed["name"].as_str().unwrap_or_default().to_owned(),
                        profiles,
                    );
                }
                Ok(Reply::json(200, changed))
            }
            "DELETE" => {
                self.endpoints.remove(name)?;
                self.profiles.remove(name);
                self.links.retain(|link| link[0] != name);
                Ok(Reply::empty(204))
            }
            _ => Ok(errors::no_route()),
        }
    }

    fn link(
        &mut self,
        method: &str,
        link: [String; 4],
        catalog: &Catalog,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let [endpoint, profile, app, version] = &link;
        if self
            .profiles
            .get(endpoint)
            .and_then(|profiles| profiles.get(profile))
            .is_none()
        {
            return Err(missing(profile));
        }
        if !catalog.has_version(app, version) {
            return Err(missing(version));
        }
        match method {
            "PUT" => {
                let view: Value = json!({
                    "app": app, "app_version": version, "endpoint": endpoint, "pull_profile": profile,
                    "create_time": written(now), "last_updated": written(now),
                });
                if !self.links.contains(&link) {
                    self.links.push(link);
                }
                Ok(Reply::json(200, view))
            }
            "DELETE" if self.links.contains(&link) => {
                self.links.retain(|one| *one != link);
                Ok(Reply::empty(204))
            }
            "DELETE" => Err(missing(profile)),
            _ => Ok(errors::no_route()),
        }
    }
}

fn create_profile(
    profiles: &mut Shelf,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let body = body(request)?;
    let mut fields = Fields::of(&body);
    for name in PROFILE {
        fields = fields.required(name, Kind::String);
    }
    fields
        .check()
        .map_err(|problems| Box::new(errors::invalid(problems)))?;
    check_type(&body)?;
    let created = profiles.create(Value::Object(only(&body, &PROFILE)), now);
    let created = created.map_err(|_| Box::new(errors::bad_request("'name' is taken")))?;
    Ok(Reply::json(200, created))
}

fn change_profile(
    profiles: &mut Shelf,
    method: &str,
    name: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    match method {
        "GET" => Ok(Reply::json(
            200,
            profiles.get(name).ok_or_else(|| missing(name))?.clone(),
        )),
        "PATCH" => {
            let body = body(request)?;
            check_type(&body)?;
            Ok(Reply::json(
                200,
                profiles.change(name, &only(&body, &PROFILE), now)?,
            ))
        }
        "DELETE" => profiles.remove(name).map(|()| Reply::empty(204)),
        _ => Ok(errors::no_route()),
    }
}

fn check_type(body: &Value) -> Result<(), Refusal> {
    match body["source_type"].as_str() {
        None | Some("File" | "Folder") => Ok(()),
        Some(_) => Err(Box::new(errors::bad_request(
            "'source_type' must be File or Folder",
        ))),
    }
}
