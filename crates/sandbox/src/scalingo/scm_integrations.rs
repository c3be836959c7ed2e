//! Connections to platforms of repositories. What is searched for there is always found.

use serde_json::{Value, json};

use super::Scalingo;
use super::errors;
use super::fields::{timestamp, user};
use crate::page::Page;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const LIST: &str = "scm_integrations";

/// The connection that the account has from the start.
pub(super) fn github(at: &str) -> Value {
    integration(
        "7e1c5a0d-0000-4000-8000-000000000001",
        "github",
        "https://github.com",
        at,
    )
}

fn integration(id: &str, scm_type: &str, url: &str, at: &str) -> Value {
    json!({
        "id": id,
        "scm_type": scm_type,
        "url": url,
        "uid": "42",
        "username": "john",
        "email": "user@example.com",
        "avatar_url": format!("{url}/john.png"),
        "profile_url": format!("{url}/john"),
        "created_at": at,
        "owner": user(),
    })
}

impl Scalingo {
    pub(super) fn scm_integrations(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let now = timestamp(self.clock().now());
        let mut account = lock(&self.account);
        let [id, rest @ ..] = rest else {
            return match request.method() {
                "GET" => Reply::json(200, json!({"scm_integrations": account.list(LIST)})),
                "POST" => {
                    let order = &body["scm_integration"];
                    let scm_type = order["scm_type"].as_str().unwrap_or_default();
                    if !["github-enterprise", "gitlab-self-hosted"].contains(&scm_type) {
                        return errors::field("scm_type", "is not included in the list");
                    }
                    for field in ["url", "access_token"] {
                        if !order[field].is_string() {
                            return errors::field(field, "missing field");
                        }
                    }
                    let id = account.id("7e1c5a0d-0000-4000-8000-10000000");
                    let url = order["url"].as_str().unwrap_or_default();
                    let mut made = integration(&id, scm_type, url, &now);
                    made["access_token"] = order["access_token"].clone();
                    account.list(LIST).push(made.clone());
                    Reply::json(201, json!({ "scm_integration": made }))
                }
                _ => errors::no_route(),
            };
        };
        let Some(known) = account.find(LIST, id).cloned() else {
            return Reply::json(404, json!({"error": "SCM integration not found"}));
        };
        let url = known["url"].as_str().unwrap_or_default();
        let searched = request.query("query").unwrap_or_default();
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({ "scm_integration": known })),
            ("DELETE", []) => {
                account.remove(LIST, id);
                Reply::empty(204)
            }
            ("POST", ["import_keys"]) => {
                let content = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{id} john");
                let known = account
                    .list("keys")
                    .iter()
                    .find(|key| key["content"] == content.as_str());
                let key = match known.cloned() {
                    Some(key) => key,
                    None => {
                        let id = account.id("5fdd0000000000000000");
                        let key = json!({"id": id, "name": "imported", "content": content, "created_at": now});
                        account.list("keys").push(key.clone());
                        key
                    }
                };
                Reply::json(201, json!({"keys": [key]}))
            }
            ("GET", ["search_repos"]) => Reply::json(
                200,
                json!({"repositories": [{
                    "id": 7, "name": searched, "fullName": format!("me/{searched}"),
                    "url": format!("{url}/me/{searched}"), "description": null,
                }]}),
            ),
            ("GET", ["search_pull_requests"]) => Reply::json(
                200,
                json!({"pull_requests": [{
                    "id": 912, "number": 12, "title": searched, "html_url": format!("{url}/me/app/pull/12"),
                }]}),
            ),
            ("GET", ["orgs"]) => {
                let all = ["one", "two", "three"].map(|name| {
                    json!({
                        "id": name.len(), "login": name, "avatarUrl": format!("{url}/{name}.png"),
                        "url": format!("{url}/{name}"), "description": null,
                    })
                });
                let page = Page::asked(request, all.len(), super::PER_PAGE, super::MOST_PER_PAGE);
                let meta = page.meta(self.knobs.meta.unwrap_or_default());
                Reply::json(
                    200,
                    json!({"organizations": page.of(&all), "meta": {"pagination": meta}}),
                )
            }
            ("GET", ["branches"]) => match request.query("repo_name") {
                Some(_) => Reply::json(
                    200,
                    json!({"branches": [{"name": "main"}, {"name": "next"}]}),
                ),
                None => errors::field("repo_name", "missing field"),
            },
            _ => errors::no_route(),
        }
    }
}
