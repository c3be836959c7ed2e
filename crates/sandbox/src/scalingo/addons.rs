//! Add-ons, and what there is to choose from.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::around::Around;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// How long it takes until an add-on can be used.
const PROVISIONING: Duration = Duration::from_secs(2);

/// Providers, with their plans.
const PROVIDERS: [(&str, &[&str]); 2] = [
    (
        "postgresql",
        &["postgresql-starter-512", "postgresql-business-1024"],
    ),
    ("redis", &["redis-starter-256"]),
];

fn plan(name: &str) -> Value {
    json!({"id": format!("plan-{name}"), "name": name, "display_name": name, "description": "", "position": null,
        "on_demand": false, "disabled": false, "trial_available": true})
}

fn provider(name: &str) -> Value {
    json!({"id": name, "name": name, "logo_url": format!("//cdn.scalingo.com/{name}.svg")})
}

pub(super) fn addon(id: &str, app_id: &str, name: &str, plan_name: &str, status: &str) -> Value {
    json!({"id": id, "app_id": app_id, "resource_id": format!("my_{name}_1234"), "status": status,
        "plan": plan(plan_name), "addon_provider": provider(name), "provisioned_at": "2026-01-15T10:12:13.345Z",
        "deprovisioned_at": null, "hds_resource": false})
}

impl Scalingo {
    pub(super) fn providers(&self, rest: &[&str]) -> Reply {
        let plans = |names: &[&str]| names.iter().map(|name| plan(name)).collect::<Vec<_>>();
        match rest {
            [] => {
                let whole = |(name, names): &(&str, &[&str])| {
                    let mut whole = provider(name);
                    whole["plans"] = json!(plans(names));
                    whole["category"] = category();
                    whole
                };
                Reply::json(
                    200,
                    json!({"addon_providers": PROVIDERS.iter().map(whole).collect::<Vec<_>>()}),
                )
            }
            [wanted, "plans"] => match PROVIDERS.iter().find(|(name, _)| name == wanted) {
                Some((_, names)) => Reply::json(200, json!({"plans": plans(names)})),
                None => errors::not_found("addon_provider"),
            },
            _ => errors::no_route(),
        }
    }

    pub(super) fn categories(&self) -> Reply {
        Reply::json(200, json!({"addon_categories": [category()]}))
    }

    pub(super) fn addons(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["addon"];
        let mut around = lock(&app.around);
        let now = self.clock().instant();
        let Around { addons, ready, .. } = &mut *around;
        ready.retain(|id, at| {
            let is_ready = *at <= now;
            for addon in addons
                .iter_mut()
                .filter(|addon| is_ready && addon["id"] == **id)
            {
                addon["status"] = json!("running");
            }
            !is_ready
        });
        let at = |id: &str, all: &[Value]| all.iter().position(|addon| addon["id"] == id);
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({"addons": around.addons})),
            ("POST", []) => {
                let wanted = order["addon_provider_id"].as_str().unwrap_or_default();
                if !order["plan_id"].is_string() {
                    return Reply::json(400, json!({"error": "plan_id is required"}));
                }
                let Some((name, plans)) = PROVIDERS.iter().find(|(name, _)| *name == wanted) else {
                    return errors::not_found("addon_provider");
                };
                let Some(plan) = named(plans, &order["plan_id"]) else {
                    return errors::not_found("plan");
                };
                let id = around.id("ad-5d0e2b9c-1f7a-4a57-9c1e-0000");
                let made = addon(&id, &app.id, name, plan, "provisioning");
                let ready = self.clock().instant() + self.clock().scaled(PROVISIONING);
                around.ready.insert(id, ready);
                around.addons.push(made.clone());
                drop(around);
                self.event(app, "new_addon", told(&made));
                Reply::json(
                    201,
                    json!({"addon": made, "message": "Your add-on is being provisioned"}),
                )
            }
            (method, [id, rest @ ..]) => {
                let Some(at) = at(id, &around.addons) else {
                    return errors::not_found("addon");
                };
                match (method, rest) {
                    ("GET", []) => Reply::json(200, json!({"addon": around.addons[at]})),
                    ("PATCH", []) => {
                        let all = PROVIDERS
                            .iter()
                            .find_map(|(_, plans)| named(plans, &order["plan_id"]));
                        let Some(name) = all else {
                            return errors::not_found("plan");
                        };
                        let old = around.addons[at]["plan"]["name"].clone();
                        around.addons[at]["plan"] = plan(name);
                        let mut data = told(&around.addons[at]);
                        data["old_plan_name"] = old;
                        data["new_plan_name"] = json!(name);
                        self.event(app, "upgrade_addon", data);
                        Reply::json(
                            200,
                            json!({"addon": around.addons[at], "message": null, "variables": null}),
                        )
                    }
                    ("DELETE", []) => {
                        let removed = around.addons.remove(at);
                        self.event(app, "delete_addon", told(&removed));
                        Reply::empty(204)
                    }
                    ("POST", ["token"]) => {
                        let mut addon = around.addons[at].clone();
                        addon["token"] = json!(self.auth.issue_for(id, self.clock()));
                        Reply::json(200, json!({"addon": addon}))
                    }
                    ("GET" | "POST", ["sso"]) => {
                        let mut addon = around.addons[at].clone();
                        addon["sso_url"] =
                            json!(format!("https://db.example.com/sso?token=sso-{id}"));
                        Reply::json(200, json!({"addon": addon}))
                    }
                    ("POST", ["resume"]) => {
                        around.addons[at]["status"] = json!("running");
                        self.event(app, "resume_addon", told(&around.addons[at]));
                        Reply::json(
                            200,
                            json!({"addon": around.addons[at], "message": "Resumed"}),
                        )
                    }
                    _ => errors::no_route(),
                }
            }
            _ => errors::no_route(),
        }
    }
}

/// What events tell of an add-on.
fn told(addon: &Value) -> Value {
    json!({"addon_provider_name": addon["addon_provider"]["name"], "plan_name": addon["plan"]["name"],
        "resource_id": addon["resource_id"]})
}

fn category() -> Value {
    json!({"id": "cat-databases", "name": "Databases", "description": "Where data lives", "position": 1})
}

/// A plan by its id or name.
fn named<'a>(plans: &[&'a str], id: &Value) -> Option<&'a str> {
    let id = id.as_str()?;
    plans
        .iter()
        .copied()
        .find(|name| id == *name || id == format!("plan-{name}"))
}
