//! Domains, and how they come to a certificate.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Scalingo;
use super::apps::App;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// How many domains an app has at most.
const MOST: usize = 20;

/// How long Let's Encrypt takes; for the first third, the DNS is looked at.
const LENGTH: Duration = Duration::from_secs(3);

/// A domain: as it is shown, but for its certificate.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    view: Value,
    added: Instant,
}

impl Scalingo {
    pub(super) fn domains(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["domain"];
        let all = lock(&app.around).domains.clone();
        let known = |id: &str| all.iter().position(|domain| domain.view["id"] == id);
        match (request.method(), rest) {
            ("GET", []) => {
                let views: Vec<_> = all.iter().map(|one| self.domain_view(one)).collect();
                Reply::json(200, json!({ "domains": views }))
            }
            ("POST", []) => self.add_domain(app, order, all.len()),
            (method, [id]) => match (method, known(id)) {
                (_, None) => errors::not_found("domain"),
                ("GET", Some(at)) => {
                    Reply::json(200, json!({"domain": self.domain_view(&all[at])}))
                }
                ("PATCH", Some(at)) => match wrong_certificate(order) {
                    Some(reply) => reply,
                    None => {
                        let changed = change(&mut lock(&app.around).domains, at, order);
                        let ssl = json!({"hostname": changed.view["name"], "ssl": has_own(&changed.view)});
                        self.event(app, "edit_domain", ssl);
                        Reply::json(200, json!({"domain": self.domain_view(&changed)}))
                    }
                },
                ("DELETE", Some(at)) => {
                    lock(&app.around).domains.remove(at);
                    let name = json!({"hostname": all[at].view["name"]});
                    self.event(app, "delete_domain", name);
                    Reply::empty(204)
                }
                _ => errors::no_route(),
            },
            _ => errors::no_route(),
        }
    }

    fn add_domain(&self, app: &App, order: &Value, count: usize) -> Reply {
        let name = order["name"].as_str().unwrap_or_default();
        let is_taken = |app: &std::sync::Arc<App>| {
            let around = lock(&app.around);
            around.domains.iter().any(|one| one.view["name"] == name)
        };
        match () {
            () if name.is_empty() => return errors::field("name", "missing field"),
            () if self.all_apps().iter().any(is_taken) => {
                return errors::field("name", "has already been taken");
            }
            () if count >= MOST => return errors::field("app", "has too many domains"),
            () => {}
        }
        if let Some(reply) = wrong_certificate(order) {
            return reply;
        }
        let mut around = lock(&app.around);
        let id = around.id("5faa00000000000d");
        let view = json!({
            "id": id,
            "app_id": app.id,
            "name": name,
            "created_at": timestamp(self.clock().now()),
            "canonical": false,
            "letsencrypt_enabled": true,
        });
        let added = self.clock().instant();
        around.domains.push(Domain { view, added });
        let at = around.domains.len() - 1;
        let domain = change(&mut around.domains, at, order);
        drop(around);
        let ssl = json!({"hostname": name, "ssl": has_own(&domain.view)});
        self.event(app, "new_domain", ssl);
        Reply::json(201, json!({"domain": self.domain_view(&domain)}))
    }

    /// The domain with its certificate as far as it is now.
    fn domain_view(&self, domain: &Domain) -> Value {
        let mut view = domain.view.clone();
        let age = self.clock().unscaled(self.clock().instant() - domain.added);
        let name = view["name"].as_str().unwrap_or_default().to_owned();
        let status = match () {
            () if has_own(&view) || view["letsencrypt_enabled"] == false => "new",
            () if name.starts_with("*.") => "dns_required",
            () if age < LENGTH / 3 => "pending_dns",
            () if name.ends_with(".invalid") => "error",
            () if age < LENGTH => "new",
            () => "created",
        };
        let has_one = has_own(&view) || status == "created";
        view["ssl"] = json!(has_one);
        view["letsencrypt"] = json!(status == "created");
        view["letsencrypt_status"] = json!(status);
        view["ssl_status"] = json!(match () {
            () if has_one => "success",
            () if status == "error" => "error",
            () => "pending",
        });
        view["acme_dns_error"] = json!({});
        if has_one {
            view["validity"] = json!("2027-01-15T10:12:13.000Z");
        }
        if status == "dns_required" {
            let base = name.trim_start_matches("*.");
            view["acme_dns_fqdn"] = json!(format!("_acme-challenge.{base}"));
            view["acme_dns_value"] = json!("made-by-the-sandbox");
        }
        if status == "error" {
            view["acme_challenge_error"] = json!("the domain does not lead here");
        }
        view
    }
}

fn has_own(view: &Value) -> bool {
    view["tlscert"]
        .as_str()
        .is_some_and(|cert| !cert.is_empty())
}

fn wrong_certificate(order: &Value) -> Option<Reply> {
    let (cert, key) = (&order["tlscert"], &order["tlskey"]);
    let is_pem = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.is_empty() || text.starts_with("-----BEGIN ")
    };
    match () {
        () if !is_pem(cert) => Some(errors::field("tlscert", "invalid certificate")),
        () if !is_pem(key) => Some(errors::field("tlskey", "invalid key")),
        () if cert.is_null() != key.is_null() => {
            Some(errors::field("tlskey", "does not match the certificate"))
        }
        () => None,
    }
}

/// Sets what the order has. Only one domain of an app is the canonical one.
fn change(domains: &mut [Domain], at: usize, order: &Value) -> Domain {
    if order["canonical"] == true {
        for domain in domains.iter_mut() {
            domain.view["canonical"] = json!(false);
        }
    }
    for name in ["tlscert", "tlskey", "canonical", "letsencrypt_enabled"] {
        if let Some(value) = order.get(name) {
            domains[at].view[name] = value.clone();
        }
    }
    domains[at].clone()
}
