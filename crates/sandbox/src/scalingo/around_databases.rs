//! The rest of the database API: plans, kinds of software, what is measured, logs, and the firewall.

use serde_json::{Value, json};

use super::Scalingo;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const RULES: &str = "firewall_rules";

impl Scalingo {
    /// What every token of a database may see.
    pub(super) fn database_catalog(&self, rest: &[&str]) -> Reply {
        let software = json!({"id": "ty-postgresql", "name": "postgresql", "description": "PostgreSQL",
            "short_description": "PostgreSQL", "logo_url": "//cdn.scalingo.com/postgresql.svg",
            "created_at": "2026-01-15T10:12:13.345Z", "updated_at": "2026-01-15T10:12:13.345Z"});
        match rest {
            ["plans", id] if id.starts_with("plan-") => Reply::json(200, json!({"plan": plan(id)})),
            ["plans", _] => not_found("Plan"),
            ["database_types"] => Reply::json(200, json!({"database_types": [software]})),
            ["database_types", "ty-postgresql"] => {
                Reply::json(200, json!({ "database_type": software }))
            }
            ["database_types", _] => not_found("Database type"),
            ["database_type_versions", "ve-15"] => {
                let mut version = version("ve-15", 15);
                version["next_upgrade"] = self::version("ve-16", 16);
                Reply::json(200, json!({ "database_type_version": version }))
            }
            ["database_type_versions", "ve-16"] => {
                Reply::json(200, json!({"database_type_version": version("ve-16", 16)}))
            }
            ["database_type_versions", _] => not_found("Database type version"),
            ["firewall", "managed_ranges"] => Reply::json(
                200,
                json!({"ranges": [{"id": "mr-osc-fr1", "name": "Scalingo osc-fr1"}]}),
            ),
            _ => errors::no_route(),
        }
    }

    pub(super) fn around_database(&self, addon: &str, rest: &[&str], request: &Request) -> Reply {
        match (request.method(), rest) {
            ("GET", ["plan"]) => {
                Reply::json(200, json!({"plan": plan("plan-postgresql-starter-512")}))
            }
            ("POST", ["ping"]) => Reply::json(200, json!({"ok": 1})),
            ("GET", ["metrics"]) => Reply::json(
                200,
                json!({
                    "cpu_usage": 3,
                    "memory": {"memory": 52_428_800, "memory_max": 104_857_600, "memory_limit": 536_870_912,
                        "swap": 0, "swap_max": 0, "swap_limit": 536_870_912},
                    "database_size": 8_388_608,
                    "real_disk_size": 16_777_216,
                    "database_stats": {"connections": 2},
                    "instances_metrics": {},
                }),
            ),
            ("GET", ["metrics", _] | ["instances", _, "metrics", _]) => {
                let point = json!({"time": timestamp(self.clock().now()), "value": 3});
                match request.query("last") {
                    Some("true") => Reply::json(200, point),
                    _ => Reply::json(200, json!([point])),
                }
            }
            ("GET", ["health"]) => Reply::json(200, json!({"status": "healthy"})),
            ("GET", ["lag"]) => Reply::json(200, json!({"lag": 0})),
            ("GET", ["instances_status"]) => Reply::json(
                200,
                json!([{
                    "id": "in-1", "type": "db-node", "status": "running", "role": "leader", "dbms_status": "running",
                }]),
            ),
            ("GET", ["logs"]) => {
                let address = format!(
                    "http://{}/database-logs/{addon}?token=log-{addon}&timestamp=1",
                    request.host()
                );
                Reply::json(200, json!({ "url": address }))
            }
            ("GET", ["logs_archives"]) => Reply::json(
                200,
                json!({"archives": [], "next_cursor": "", "has_more": false}),
            ),
            (_, ["firewall_rules", rest @ ..]) => self.firewall(addon, rest, request),
            _ => errors::no_route(),
        }
    }

    fn firewall(&self, addon: &str, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        // Official clients differ in whether they send the fields in an envelope.
        let order = if body["firewall_rule"].is_object() {
            &body["firewall_rule"]
        } else {
            &body
        };
        let now = timestamp(self.clock().now());
        let mut account = lock(&self.account);
        match (request.method(), rest) {
            ("GET", []) => {
                let own = account
                    .list(RULES)
                    .iter()
                    .filter(|one| one["database_id"] == addon);
                let own: Vec<_> = own.cloned().collect();
                Reply::json(200, json!({ "rules": own }))
            }
            ("POST", []) => {
                let needed = match order["type"].as_str() {
                    Some("custom_range") => "cidr",
                    Some("managed_range") => "range_id",
                    _ => return errors::field("type", "is not included in the list"),
                };
                if !order[needed].is_string() {
                    return errors::field(needed, "missing field");
                }
                let mut made = json!({"id": account.id("fw-1"), "database_id": addon, "created_at": now, "updated_at": now});
                for field in ["type", "cidr", "label", "range_id"] {
                    made[field] = order[field].clone();
                }
                account.list(RULES).push(made.clone());
                Reply::json(201, json!({ "rule": made }))
            }
            (method, [id]) => {
                let Some(known) = account
                    .find(RULES, id)
                    .filter(|one| one["database_id"] == addon)
                else {
                    return not_found("Firewall rule");
                };
                match method {
                    "PATCH" => {
                        known["label"] = order["label"].clone();
                        known["updated_at"] = json!(now);
                        Reply::json(200, json!({ "rule": known }))
                    }
                    "DELETE" => {
                        account.remove(RULES, id);
                        Reply::empty(204)
                    }
                    _ => errors::no_route(),
                }
            }
            _ => errors::no_route(),
        }
    }
}

/// The log of a database: it knows nothing of tokens but the one in its address.
pub(super) fn log(addon: &str, request: &Request) -> Reply {
    let signed = request.query("token") == Some(&format!("log-{addon}"));
    if !signed || request.header("authorization").is_some() {
        return errors::unauthorized();
    }
    let n = request
        .query("n")
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    let lines = [
        "starting PostgreSQL 15.4",
        "database system is ready to accept connections",
    ];
    let last: Vec<_> = lines.iter().rev().take(n).rev().copied().collect();
    Reply::text(200, last.join("\n"))
}

/// How the database API says so.
fn not_found(what: &str) -> Reply {
    Reply::json(404, json!({"error": format!("{what} not found")}))
}

fn plan(id: &str) -> Value {
    json!({"id": id, "name": id.trim_start_matches("plan-"), "backup": true, "disk": 10_737_418_240_u64,
        "memory": 536_870_912, "manual_backups_count": 5, "daily_scheduled_backups": 7,
        "weekly_scheduled_backups": 4, "monthly_scheduled_backups": 0, "pitr_backup_days": 0, "gateway_nodes": 1})
}

fn version(id: &str, major: u64) -> Value {
    json!({"id": id, "database_type_id": "ty-postgresql", "major": major, "minor": 4, "patch": 0, "build": 1,
        "features": ["force-ssl", "publicly-available"], "allowed_plugins": null, "next_upgrade": null,
        "created_at": "2026-01-15T10:12:13.345Z", "updated_at": "2026-01-15T10:12:13.345Z"})
}
