//! Projects, and how they change hands.

use serde_json::{Value, json};

use super::Scalingo;
use super::errors;
use super::fields::{timestamp, user};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const LIST: &str = "projects";

/// The project that the account has from the start: apps without another one belong to it.
pub(super) fn default_project(at: &str) -> Value {
    project("prj-0000", "default", true, at)
}

fn project(id: &str, name: &str, default: bool, at: &str) -> Value {
    json!({"id": id, "name": name, "default": default, "owner": user(), "flags": {}, "created_at": at, "updated_at": at})
}

impl Scalingo {
    pub(super) fn projects(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["project"];
        let now = timestamp(self.clock().now());
        let apps = self.projects_of_apps();
        let mut account = lock(&self.account);
        let [id, rest @ ..] = rest else {
            return match request.method() {
                "GET" => Reply::json(200, json!({"projects": account.list(LIST)})),
                "POST" => {
                    let Some(name) = order["name"].as_str().filter(|name| !name.is_empty()) else {
                        return errors::field("name", "missing field");
                    };
                    if account.list(LIST).iter().any(|known| known["name"] == name) {
                        return errors::field("name", "has already been taken");
                    }
                    let id = account.id("prj-1");
                    let made = project(&id, name, false, &now);
                    account.list(LIST).push(made);
                    if order["default"] == true {
                        make_default(account.list(LIST), &id);
                    }
                    Reply::json(201, json!({"project": account.find(LIST, &id)}))
                }
                _ => errors::no_route(),
            };
        };
        let Some(known) = account.find(LIST, id) else {
            return errors::not_found("project");
        };
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({ "project": known })),
            ("PATCH", []) => {
                if known["default"] == true && order["default"] == false {
                    return errors::field("default", "can't be set to false");
                }
                if order["name"].is_string() {
                    known["name"] = order["name"].clone();
                }
                known["updated_at"] = json!(now);
                if order["default"] == true {
                    make_default(account.list(LIST), id);
                }
                Reply::json(200, json!({"project": account.find(LIST, id)}))
            }
            ("DELETE", []) => {
                let is_default = known["default"] == true;
                if apps
                    .iter()
                    .any(|app| app.as_deref().map_or(is_default, |of| of == *id))
                {
                    return Reply::json(
                        409,
                        json!({"error": "Cannot delete project with existing apps"}),
                    );
                }
                account.remove(LIST, id);
                Reply::empty(204)
            }
            ("GET", ["eligible_new_owners"]) => Reply::json(
                200,
                json!({"eligible_new_owners": [{"user_id": "us-jane", "user_name": "jane"}]}),
            ),
            ("GET", ["private_network"]) => Reply::json(
                200,
                json!({
                    "id": format!("pn-{id}"), "subnet": "10.240.0.0/24", "gateway": "10.240.0.1",
                    "max_ips_count": 253, "used_ips_count": 1, "used_ips": ["10.240.0.2"],
                }),
            ),
            (_, ["transfer_invitations", rest @ ..]) => {
                self.transfers(&mut account, (id, &now), rest, request)
            }
            _ => errors::no_route(),
        }
    }

    /// The project of each app, if it has another one than the default.
    fn projects_of_apps(&self) -> Vec<Option<String>> {
        let of = |app: &std::sync::Arc<super::apps::App>| {
            let around = lock(&app.around);
            let set = around.settings.get("project_id")?;
            set.as_str().map(str::to_owned)
        };
        self.all_apps().iter().map(of).collect()
    }

    fn transfers(
        &self,
        account: &mut super::account::Account,
        (project, now): (&str, &str),
        rest: &[&str],
        request: &Request,
    ) -> Reply {
        let body = request.json().unwrap_or_default();
        let list = "transfer_invitations";
        match (request.method(), rest) {
            ("GET", []) => {
                let wanted = request.query("status").unwrap_or("pending");
                let own = |one: &&Value| one["project_id"] == project && one["status"] == wanted;
                let own: Vec<_> = account.list(list).iter().filter(own).cloned().collect();
                Reply::json(200, json!({ "transfer_invitations": own }))
            }
            ("POST", []) => {
                let invited = &body["transfer_invitation"]["invited_user_id"];
                if invited != "us-jane" {
                    return errors::field("invited_user_id", "is not eligible");
                }
                let id = account.id("tin-1");
                let made = json!({
                    "id": id,
                    "project_id": project,
                    "inviter_user_id": user()["id"],
                    "invited_user_id": invited,
                    "invited_user_name": "jane",
                    "status": "pending",
                    "expires_at": now,
                    "created_at": now,
                    "updated_at": now,
                });
                account.list(list).push(made.clone());
                Reply::json(201, json!({ "transfer_invitation": made }))
            }
            (method, [id, act @ ..]) => {
                let Some(known) = account
                    .find(list, id)
                    .filter(|one| one["project_id"] == project)
                else {
                    return errors::not_found("transfer_invitation");
                };
                let to = match (method, act) {
                    ("GET", []) => {
                        return Reply::json(200, json!({ "transfer_invitation": known }));
                    }
                    ("POST", ["accept"]) => "accepted",
                    ("POST", ["decline"]) => "declined",
                    ("POST", ["cancel"]) => "canceled",
                    _ => return errors::no_route(),
                };
                if known["status"] != "pending" {
                    return errors::field("status", "is not pending");
                }
                known["status"] = json!(to);
                known["updated_at"] = json!(now);
                let known = known.clone();
                if to == "accepted"
                    && let Some(project) = account.find(LIST, project)
                {
                    let owner =
                        json!({"id": "us-jane", "username": "jane", "email": "jane@example.com"});
                    project["owner"] = owner;
                }
                Reply::json(200, json!({ "transfer_invitation": known }))
            }
            _ => errors::no_route(),
        }
    }
}

/// One project is the default one; it cannot be taken back, only given to another.
fn make_default(projects: &mut [Value], id: &str) {
    for project in projects {
        project["default"] = json!(project["id"] == id);
    }
}
