//! Applications and their versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::controlled::ApplicationSeed;
use super::errors::{self, Refusal};
use super::knobs::Knobs;
use super::shelf::{Shelf, body, missing, only, or_refusal};
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// All applications, with their versions.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    applications: Shelf,
    versions: BTreeMap<String, Shelf>,
    /// The one that is there from the start: any version of it can be deployed.
    given: Option<String>,
    missing_images: Vec<String>,
}

const APPLICATION: [&str; 3] = ["name", "is_active", "image"];

/// What of a version can be changed.
const CHANGEABLE: [&str; 18] = [
    "name",
    "is_active",
    "docker_repository",
    "private_username",
    "private_token",
    "docker_image",
    "docker_tag",
    "verify_image",
    "force_cache",
    "time_to_deploy",
    "max_duration",
    "restart_policy",
    "termination_grace_period_seconds",
    "will_deploy_in_mainland_china",
    "dns_config",
    "ports",
    "envs",
    "endpoint_storage",
];

impl Catalog {
    /// With `my-app`, version `v1`, that opens the ports of the settings.
    pub(super) fn new(knobs: &Knobs, now: Timestamp) -> Self {
        let mut catalog = Self {
            missing_images: knobs.missing_images.clone(),
            given: Some("my-app".to_owned()),
            ..Self::default()
        };
        let ports = knobs.ports.iter().map(|port| {
            json!({
                "port": port.internal, "protocol": port.protocol, "name": port.name,
                "to_check": true, "tls_upgrade": false,
            })
        });
        let mut ports: Vec<_> = ports.collect();
        if ports.is_empty() {
            ports.push(json!({
                "port": 7777, "protocol": "UDP", "name": "gameport", "to_check": true, "tls_upgrade": false,
            }));
        }
        let application = json!({"name": "my-app", "is_active": true, "image": ""});
        let version = json!({
            "name": "v1", "is_active": true, "req_cpu": 512, "req_memory": 1024,
            "docker_repository": "registry.edgegap.com", "docker_image": "my-org/my-app", "docker_tag": "v1",
            "ports": ports, "envs": [], "max_duration": 1440, "time_to_deploy": 120,
        });
        // Both are new: there is nothing to refuse.
        let _ = catalog.applications.create(application, now);
        let _ = catalog
            .versions
            .entry("my-app".to_owned())
            .or_default()
            .create(version, now);
        catalog
    }

    /// Adds applications, or versions to them.
    pub(super) fn seed(&mut self, applications: Vec<ApplicationSeed>, now: Timestamp) {
        for application in applications {
            let made = json!({"name": application.name, "is_active": true, "image": ""});
            // One that is there stays as it is.
            let _ = self.applications.create(made, now);
            let versions = self.versions.entry(application.name).or_default();
            for version in application.versions {
                let mut made = json!({
                    "name": version.name, "is_active": true, "req_cpu": 512, "req_memory": 1024,
                    "docker_repository": "registry.edgegap.com", "docker_image": "my-org/seed",
                    "docker_tag": version.name, "ports": [], "envs": [], "max_duration": 1440, "time_to_deploy": 120,
                });
                for (field, value) in version.fields {
                    made[field] = value;
                }
                let _ = versions.create(made, now);
            }
        }
    }

    /// What people look at.
    pub(super) fn summary(&self) -> Value {
        let applications = self.applications.all().iter().map(|one| {
            let name = one["name"].as_str().unwrap_or_default();
            let versions = self.versions.get(name).map(Shelf::all).unwrap_or_default();
            let versions: Vec<_> = versions.iter().map(|version| &version["name"]).collect();
            json!({"name": name, "is_active": one["is_active"], "versions": versions})
        });
        applications.collect()
    }

    /// `/v1/app…`
    pub(super) fn route(&mut self, rest: &[&str], request: &Request, now: Timestamp) -> Reply {
        or_refusal(match (request.method(), rest) {
            ("POST", []) => self.create(request, now),
            (method, [name]) => self.application(method, name, request, now),
            (method, [name, "versions" | "version", rest @ ..]) => {
                if self.applications.get(name).is_none() {
                    return *missing(name);
                }
                let plural = request.path().contains("/versions");
                match (method, plural, rest) {
                    ("GET", true, []) => Ok(self
                        .versions
                        .entry((*name).to_owned())
                        .or_default()
                        .list("versions", request)),
                    ("POST", false, []) => self.create_version(name, request, now),
                    (method, false, [version]) => self.version(method, name, version, request, now),
                    _ => Ok(errors::no_route()),
                }
            }
            _ => Ok(errors::no_route()),
        })
    }

    pub(super) fn list(&self, request: &Request) -> Reply {
        self.applications.list("applications", request)
    }

    /// How many applications and versions were created here.
    pub(super) fn has_version(&self, application: &str, version: &str) -> bool {
        self.versions
            .get(application)
            .is_some_and(|versions| versions.get(version).is_some())
    }

    /// The version that a deployment is made of, if it is known, or why it can't be deployed. What was never created
    /// here can be.
    pub(super) fn deployable(
        &self,
        application: &str,
        version: &str,
    ) -> Result<Option<&Value>, String> {
        let Some(known) = self.applications.get(application) else {
            return Ok(None);
        };
        let of_it = self
            .versions
            .get(application)
            .and_then(|versions| versions.get(version));
        match of_it {
            _ if known["is_active"] == false => {
                Err(format!("Application {application} is not active"))
            }
            Some(one) if one["is_active"] == false => {
                Err(format!("Version {version} is not active"))
            }
            None if self.given.as_deref() != Some(application) => {
                Err(format!("Version {version} not found"))
            }
            found => Ok(found),
        }
    }

    /// The newest version of an application.
    pub(super) fn newest(&self, application: &str) -> Option<&str> {
        self.versions.get(application)?.newest()?["name"].as_str()
    }

    /// Whether the image of a version can't be pulled.
    pub(super) fn lacks_image(&self, version: &Value) -> bool {
        let part = |name: &str| version[name].as_str().unwrap_or_default();
        let image = format!("{}:{}", part("docker_image"), part("docker_tag"));
        self.missing_images.contains(&image)
    }

    fn create(&mut self, request: &Request, now: Timestamp) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("name", Kind::String)
            .required("is_active", Kind::Boolean)
            .required("image", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        check_name(&body, 3)?;
        let created = self
            .applications
            .create(Value::Object(only(&body, &APPLICATION)), now)?;
        Ok(Reply::json(200, created))
    }

    fn application(
        &mut self,
        method: &str,
        name: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        match method {
            "GET" => {
                let found = self.applications.get(name).ok_or_else(|| missing(name))?;
                Ok(Reply::json(200, found.clone()))
            }
            "PATCH" => {
                let body = body(request)?;
                if !body["name"].is_null() {
                    check_name(&body, 3)?;
                }
                let changed = self
                    .applications
                    .change(name, &only(&body, &APPLICATION), now)?;
                if let Some(versions) = self.versions.remove(name) {
                    let name = changed["name"].as_str().unwrap_or_default();
                    self.versions.insert(name.to_owned(), versions);
                }
                Ok(Reply::json(200, changed))
            }
            "DELETE" => {
                self.applications.remove(name)?;
                self.versions.remove(name);
                Ok(Reply::empty(200))
            }
            _ => Ok(errors::no_route()),
        }
    }

    fn create_version(
        &mut self,
        application: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let body = body(request)?;
        let mut fields = Fields::of(&body);
        for name in ["name", "docker_repository", "docker_image", "docker_tag"] {
            fields = fields.required(name, Kind::String);
        }
        fields
            .required("req_cpu", Kind::Integer)
            .required("req_memory", Kind::Integer)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        check_version(&body)?;
        let least = body["req_cpu"].as_i64().min(body["req_memory"].as_i64());
        if least.unwrap_or_default() < 100 {
            return Err(refuse("'req_cpu' and 'req_memory' must be at least 100"));
        }
        if body["req_memory"].as_i64() > body["req_cpu"].as_i64().map(|cpu| cpu.saturating_mul(2)) {
            return Err(refuse("'req_memory' must be at most twice 'req_cpu'"));
        }
        self.verify(&body)?;
        let names = [&CHANGEABLE[..], &["req_cpu", "req_memory", "req_video"]].concat();
        let mut version = json!({
            "is_active": true, "verify_image": false, "force_cache": false, "time_to_deploy": 120,
            "max_duration": 1440, "restart_policy": "always", "termination_grace_period_seconds": 5,
            "will_deploy_in_mainland_china": false, "caching_percent": 0, "ports": [], "envs": [],
        });
        for (name, value) in only(&body, &names) {
            version[name] = value;
        }
        let versions = self.versions.entry(application.to_owned()).or_default();
        let created = versions.create(version, now)?;
        Ok(Reply::json(
            200,
            json!({"success": true, "version": created}),
        ))
    }

    fn version(
        &mut self,
        method: &str,
        application: &str,
        name: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let versions = self.versions.entry(application.to_owned()).or_default();
        match method {
            "GET" => {
                let found = versions.get(name).ok_or_else(|| missing(name))?;
                Ok(Reply::json(200, found.clone()))
            }
            "PATCH" => {
                let body = body(request)?;
                check_version(&body)?;
                let mut after = versions.get(name).ok_or_else(|| missing(name))?.clone();
                let fields = only(&body, &CHANGEABLE);
                for (field, value) in &fields {
                    after[field] = value.clone();
                }
                self.verify(&after)?;
                let versions = self.versions.entry(application.to_owned()).or_default();
                let changed = versions.change(name, &fields, now)?;
                Ok(Reply::json(
                    200,
                    json!({"success": true, "version": changed}),
                ))
            }
            "DELETE" => {
                versions.remove(name)?;
                Ok(Reply::json(
                    200,
                    json!({"success": true, "message": format!("Version {name} deleted")}),
                ))
            }
            _ => Ok(errors::no_route()),
        }
    }

    /// 424, if the image is to be verified and can't be pulled.
    fn verify(&self, version: &Value) -> Result<(), Refusal> {
        if version["verify_image"] == true && self.lacks_image(version) {
            let tag = version["docker_tag"].as_str().unwrap_or_default();
            return Err(Box::new(errors::no_image(tag)));
        }
        Ok(())
    }
}

fn check_name(body: &Value, least: usize) -> Result<(), Refusal> {
    let length = body["name"].as_str().map_or(0, |name| name.chars().count());
    if (least..=64).contains(&length) {
        return Ok(());
    }
    Err(refuse(&format!(
        "'name' must have {least} to 64 characters"
    )))
}

fn check_version(body: &Value) -> Result<(), Refusal> {
    if !body["name"].is_null() {
        check_name(body, 1)?;
    }
    let outside = |name: &str, least: i64, most: i64| {
        body[name]
            .as_i64()
            .is_some_and(|number| !(least..=most).contains(&number))
    };
    if outside("max_duration", -1, 1440) || outside("termination_grace_period_seconds", 5, 3600) {
        return Err(refuse("a duration is out of range"));
    }
    for port in body["ports"].as_array().into_iter().flatten() {
        Fields::of(port)
            .required("port", Kind::Integer)
            .required("protocol", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        if !port["port"]
            .as_i64()
            .is_some_and(|number| (1..=59_999).contains(&number))
        {
            return Err(refuse("'port' must be 1 to 59999"));
        }
    }
    for variable in body["envs"].as_array().into_iter().flatten() {
        Fields::of(variable)
            .required("key", Kind::String)
            .required("value", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
    }
    Ok(())
}

fn refuse(problem: &str) -> Refusal {
    Box::new(errors::bad_request(problem))
}
