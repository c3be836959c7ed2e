//! Collaborators: invited, accepted, limited, removed.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const LIST: &str = "collaborators";

impl Scalingo {
    pub(super) fn collaborators(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["collaborator"];
        let mut around = lock(&app.around);
        let known = around.lists.get(LIST).cloned().unwrap_or_default();
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({ "collaborators": known })),
            ("POST", []) => {
                let email = order["email"].as_str().unwrap_or_default();
                if !email.contains('@') {
                    let problem = if email.is_empty() {
                        "missing field"
                    } else {
                        "is invalid"
                    };
                    return errors::field("email", problem);
                }
                if known.iter().any(|one| one["email"] == email) {
                    let error = json!({"type": "already-collaborator", "error": "You're already working on this app"});
                    return Reply::json(400, error);
                }
                let id = around.id("5fcc00000000000c");
                let invited = json!({
                    "id": id,
                    "app_id": app.id,
                    "email": email,
                    "username": "n/a",
                    "user_id": null,
                    "status": "pending",
                    "is_limited": order["is_limited"] == true,
                    "tfa_status": null,
                    "invitation_link":
                        format!("https://dashboard.scalingo.com/apps/collaboration?token={}-{id}", app.id),
                });
                around.lists.entry(LIST).or_default().push(invited.clone());
                drop(around);
                let data = json!({"collaborator": {"email": email, "id": id, "inviter": super::fields::user()}});
                self.event(app, "new_collaborator", data);
                Reply::json(201, json!({ "collaborator": invited }))
            }
            (method, [id]) => {
                let list = around.lists.entry(LIST).or_default();
                let Some(at) = list.iter().position(|one| one["id"] == *id) else {
                    return errors::not_found("collaborator");
                };
                match method {
                    "PATCH" => match order["is_limited"].as_bool() {
                        None => errors::field("is_limited", "missing field"),
                        Some(limited) => {
                            list[at]["is_limited"] = json!(limited);
                            Reply::json(200, json!({"collaborator": list[at]}))
                        }
                    },
                    "DELETE" => {
                        list.remove(at);
                        Reply::empty(204)
                    }
                    _ => errors::no_route(),
                }
            }
            _ => errors::no_route(),
        }
    }

    pub(super) fn all_collaborators(&self) -> Reply {
        let of = |app: std::sync::Arc<App>| {
            let name = app.name();
            let mut list = lock(&app.around)
                .lists
                .get(LIST)
                .cloned()
                .unwrap_or_default();
            for one in &mut list {
                one["app_name"] = json!(name);
            }
            list
        };
        let all: Vec<Value> = self.all_apps().into_iter().flat_map(of).collect();
        Reply::json(200, json!({ "collaborators": all }))
    }

    /// A GET that acts: the invitation is accepted, and its token spent.
    pub(super) fn accept_invitation(&self, request: &Request) -> Reply {
        let token = request.query("token").unwrap_or_default();
        let is_meant = |one: &Value| {
            let link = one["invitation_link"].as_str().unwrap_or_default();
            one["status"] == "pending"
                && link.split_once("?token=").map(|(_, end)| end) == Some(token)
        };
        for app in self.all_apps() {
            let mut around = lock(&app.around);
            let list = around.lists.entry(LIST).or_default();
            let Some(invited) = list.iter_mut().find(|one| is_meant(one)) else {
                continue;
            };
            let email = invited["email"].as_str().unwrap_or_default();
            let name = email.split('@').next().unwrap_or_default().to_owned();
            invited["user_id"] = json!(format!("us-{name}"));
            invited["username"] = json!(name);
            invited["status"] = json!("accepted");
            invited["tfa_status"] = json!(false);
            if let Some(fields) = invited.as_object_mut() {
                fields.remove("invitation_link");
            }
            drop(around);
            let view = app.view(request.host(), self.clock().instant());
            return Reply::json(200, json!({ "app": view }));
        }
        errors::not_found("collaborator")
    }
}
