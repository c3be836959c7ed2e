//! What databases have besides backups and users: features, maintenance, actions and the window of recovery.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::fields::timestamp;
use super::{Scalingo, errors};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

impl Scalingo {
    /// `/api/databases/{addon}/features`, `maintenance`, `action` and `pitr`
    pub(super) fn database_extras(&self, addon: &str, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        match (request.method(), rest) {
            ("POST", ["features"]) => match body["feature"]["name"].as_str() {
                Some(name) if !name.is_empty() => {
                    lock(&self.databases).enable(addon, name);
                    let answer = json!({"name": name, "status": "PENDING", "message": "Enabling"});
                    Reply::json(200, answer)
                }
                _ => errors::field("name", "missing field"),
            },
            ("DELETE", ["features"]) => match request.query("feature") {
                Some(name) => {
                    lock(&self.databases).disable(addon, name);
                    Reply::json(200, json!({"message": "Disabled"}))
                }
                None => errors::field("feature", "missing field"),
            },
            ("GET", ["maintenance"]) => {
                Reply::json(200, json!({"maintenance": [maintenance(addon)]})).example()
            }
            ("GET", ["maintenance", _]) => {
                Reply::json(200, json!({"maintenance": maintenance(addon)})).example()
            }
            ("POST", ["action"]) if body["action_name"].is_string() => {
                Reply::json(200, json!({"ok": 1, "result": {}})).example()
            }
            ("POST", ["action"]) => errors::field("action_name", "missing field").example(),
            ("GET", ["pitr", "recovery_window"]) => {
                let now = self.clock().now();
                let week = now.saturating_sub(SignedDuration::from_hours(7 * 24));
                let window = json!({
                    "earliest_recoverable_at": timestamp(week.unwrap_or(now)),
                    "latest_recoverable_at": timestamp(now),
                });
                Reply::json(200, json!({ "recovery_window": window })).example()
            }
            _ => errors::no_route(),
        }
    }
}

/// A maintenance that has ended, as documented.
fn maintenance(addon: &str) -> Value {
    json!({
        "id": "mt-1", "database_id": addon, "type": "no-op", "status": "done",
        "started_at": "2026-01-15T10:12:13.345Z", "ended_at": "2026-01-15T10:14:20.000+01:00",
    })
}

/// The names of an app's containers in private networks: those of the documentation.
pub(super) fn private_network_domain_names(app: &str) -> Reply {
    let names = [1, 2].map(|number| format!("web-{number}.{app}.private-network.internal"));
    let meta = json!({"current_page": 1, "prev_page": null, "next_page": null, "total_pages": 1, "total_count": 2});
    Reply::json(200, json!({"domain_names": {"data": names, "meta": meta}})).example()
}
