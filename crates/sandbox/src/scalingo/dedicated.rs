//! Dedicated databases, and the networks that they are connected to.

use serde_json::{Value, json};

use super::Scalingo;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const LIST: &str = "databases";

/// Where the connections between networks are kept.
const PEERINGS: &str = "net_peerings";

impl Scalingo {
    pub(super) fn dedicated(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let mut account = lock(&self.account);
        let [wanted, rest @ ..] = rest else {
            return match request.method() {
                "GET" => Reply::json(200, json!({"databases": account.list(LIST)})),
                "POST" => {
                    // Official clients differ in how they call the three, and in whether in an envelope.
                    let order = match body["database"].is_object() {
                        true => &body["database"],
                        false => &body,
                    };
                    let of = |name: &str, other: &str| {
                        let text = order[name].as_str().or_else(|| order[other].as_str());
                        text.filter(|text| !text.is_empty()).map(str::to_owned)
                    };
                    let Some(name) = of("name", "database_name") else {
                        return errors::field("name", "missing field");
                    };
                    let Some(technology) = of("technology", "addon_provider_id") else {
                        return errors::field("technology", "missing field");
                    };
                    let Some(plan) = of("plan", "plan_id") else {
                        return errors::field("plan", "missing field");
                    };
                    let is_taken = |known: &Value| known["name"] == name.as_str();
                    if account.list(LIST).iter().any(is_taken) {
                        return errors::field("name", "has already been taken");
                    }
                    let id = account.id("5fee0000000000000000");
                    let project = order
                        .get("project_id")
                        .cloned()
                        .unwrap_or(json!("prj-0000"));
                    let made = json!({"id": id, "name": name, "project_id": project,
                        "technology": technology, "plan": plan});
                    account.list(LIST).push(made.clone());
                    Reply::json(201, json!({ "database": made }))
                }
                _ => errors::no_route(),
            };
        };
        let is_meant = |one: &&Value| one["id"] == *wanted || one["name"] == *wanted;
        let Some(known) = account.list(LIST).iter().find(is_meant).cloned() else {
            return Reply::json(404, json!({"error": "Database not found"}));
        };
        let id = &known["id"];
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({ "database": known })),
            ("GET", ["endpoints"]) => Reply::json(
                200,
                json!({"endpoints": [{
                    "id": "en-1", "database_id": id, "port": 5432, "type": "public-rw",
                    "hostname": format!("{}.postgresql.dbs.scalingo.com", wanted),
                }]}),
            ),
            ("GET", ["network_configuration"]) => Reply::json(
                200,
                json!({"network_configuration": {
                    "outscale_account_id": "123456789012", "outscale_net_id": "vpc-12345678", "ip_range": "10.0.0.0/24",
                }}),
            ),
            ("GET", ["net_peerings"]) => {
                let own = account
                    .list(PEERINGS)
                    .iter()
                    .filter(|one| one["database_id"] == *id);
                let own: Vec<_> = own.cloned().collect();
                Reply::json(200, json!({ "net_peerings": own }))
            }
            ("POST", ["net_peerings"]) => {
                let Some(at) = body["outscale_net_peering_id"].as_str() else {
                    return errors::field("outscale_net_peering_id", "missing field");
                };
                let now = timestamp(self.clock().now());
                let made = json!({"id": account.id("np-1"), "database_id": id, "status": "active",
                    "outscale_net_peering_id": at, "outscale_source_net_id": "vpc-87654321",
                    "outscale_source_net_ip_range": "10.1.0.0/24", "outscale_source_account_id": "210987654321",
                    "created_at": now, "updated_at": now});
                account.list(PEERINGS).push(made.clone());
                Reply::json(201, json!({ "net_peering": made }))
            }
            (method, ["net_peerings", peering]) => {
                let found = account
                    .find(PEERINGS, peering)
                    .filter(|one| one["database_id"] == *id);
                match (method, found.cloned()) {
                    (_, None) => errors::not_found("net_peering"),
                    ("GET", Some(found)) => Reply::json(200, json!({ "net_peering": found })),
                    ("DELETE", Some(_)) => {
                        account.remove(PEERINGS, peering);
                        Reply::empty(204)
                    }
                    _ => errors::no_route(),
                }
            }
            _ => errors::no_route(),
        }
    }
}
