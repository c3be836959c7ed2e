//! The link between an app and its repository.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use super::fields::{timestamp, user};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// What can be set of a link, with what it is unless set.
fn settings() -> [(&'static str, Value); 8] {
    [
        ("branch", json!("main")),
        ("auto_deploy_enabled", json!(false)),
        ("deploy_review_apps_enabled", json!(false)),
        ("delete_on_close_enabled", json!(true)),
        ("hours_before_delete_on_close", json!(0)),
        ("delete_stale_enabled", json!(false)),
        ("hours_before_delete_stale", json!(72)),
        ("automatic_creation_from_forks_allowed", json!(false)),
    ]
}

impl Scalingo {
    pub(super) fn link(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["scm_repo_link"];
        let link = lock(&app.around).link.clone();
        match (request.method(), rest, link) {
            ("POST", [], Some(_)) => errors::field("app", "already has a link"),
            ("POST", [], None) => {
                let source = order["source"].as_str().unwrap_or_default();
                let mut path = source.trim_end_matches(".git").rsplit('/');
                let (Some(repo), Some(owner)) = (path.next(), path.next()) else {
                    return errors::field("source", "missing field");
                };
                if !order["auth_integration_uuid"].is_string() {
                    return errors::field("auth_integration_uuid", "missing field");
                }
                let now = timestamp(self.clock().now());
                let mut link = json!({
                    "id": format!("sl-{}", app.id),
                    "app_id": app.id,
                    "linker": user(),
                    "owner": owner,
                    "repo": repo,
                    "url": source,
                    "scm_type": if source.contains("gitlab") { "gitlab" } else { "github" },
                    "auth_integration_uuid": order["auth_integration_uuid"],
                    "created_at": now,
                    "updated_at": now,
                    "last_auto_deploy_at": null,
                });
                for (name, default) in settings() {
                    link[name] = order.get(name).cloned().unwrap_or(default);
                }
                lock(&app.around).link = Some(link.clone());
                let data = json!({"repo_name": repo, "linker_username": "john", "source": source});
                self.event(app, "link_scm", data);
                Reply::json(201, json!({"scm_repo_link": link}))
            }
            (_, _, None) => errors::not_found("scm_repo_link"),
            ("GET", [], Some(link)) => Reply::json(200, json!({"scm_repo_link": link})),
            ("PATCH", [], Some(mut link)) => {
                for (name, _) in settings() {
                    if let Some(value) = order.get(name) {
                        link[name] = value.clone();
                    }
                }
                lock(&app.around).link = Some(link.clone());
                let data = json!({"repo_name": link["repo"], "linker_username": "john", "source": link["url"],
                    "branch": link["branch"], "auto_deploy": link["auto_deploy_enabled"]});
                self.event(app, "update_scm", data);
                Reply::json(200, json!({"scm_repo_link": link}))
            }
            ("DELETE", [], Some(link)) => {
                lock(&app.around).link = None;
                let data = json!({"repo_name": link["repo"], "unlinker_username": "john", "source": link["url"]});
                self.event(app, "unlink_scm", data);
                Reply::empty(204)
            }
            ("POST", ["manual_deploy"], Some(_)) => {
                let Some(branch) = body["branch"].as_str().filter(|branch| !branch.is_empty())
                else {
                    return errors::field("branch", "missing field");
                };
                let deployment = self.deploy(app, "", Some(branch));
                let view = deployment.view(request.host(), self.clock().instant());
                Reply::json(200, json!({ "deployment": view }))
            }
            ("POST", ["manual_review_app"], Some(_)) => {
                let number = &body["pull_request_id"];
                let Some(number) = number.as_u64().or_else(|| number.as_str()?.parse().ok()) else {
                    return errors::field("pull_request_id", "missing field");
                };
                Reply::json(200, json!({"review_app": self.review_app(app, number)}))
            }
            ("GET", ["review_apps"], Some(_)) => {
                let all = lock(&app.around).lists.get("review_apps").cloned();
                Reply::json(200, json!({"review_apps": all.unwrap_or_default()}))
            }
            ("GET", ["pulls"], Some(_)) => Reply::json(200, json!({"pulls": [pull(12)]})),
            ("GET", ["pulls", number], Some(_)) => match number.parse() {
                Ok(number) => Reply::json(200, json!({"pull": pull(number)})),
                Err(_) => errors::not_found("pull"),
            },
            ("GET", ["branches"], Some(link)) => {
                Reply::json(200, json!({"branches": [{"name": link["branch"]}]}))
            }
            ("GET", ["deployments"], Some(_)) => {
                let now = self.clock().instant();
                let all = app.deployments();
                let views: Vec<_> = all
                    .iter()
                    .rev()
                    .map(|one| one.view(request.host(), now))
                    .collect();
                Reply::json(200, json!({"deployments": views}))
            }
            _ => errors::no_route(),
        }
    }

    /// Makes and deploys an app for a pull request.
    fn review_app(&self, app: &App, number: u64) -> Value {
        let name = format!("{}-pr{number}", app.name());
        let child = self.make_app(name, Some(&app.name()));
        let deployment = self.deploy(&child, "", Some(&format!("pr{number}")));
        let review = json!({
            "id": format!("ra-{number}"),
            "app_id": child.id,
            "app_name": child.name(),
            "parent_app_id": app.id,
            "parent_app_name": app.name(),
            "created_at": timestamp(self.clock().now()),
            "pull_request": pull(number),
            "last_deployment": {"id": "5f0000000000000000000001", "upstream_deployment_id": deployment.id},
        });
        self.event(
            app,
            "create_review_app",
            json!({"app_id": child.id, "review_app_name": child.name(), "pr_number": number,
                "pr_url": pull(number)["html_url"], "pr_name": "A change", "pr_comes_from_a_fork": false}),
        );
        lock(&app.around)
            .lists
            .entry("review_apps")
            .or_default()
            .push(review.clone());
        review
    }
}

fn pull(number: u64) -> Value {
    json!({"id": 900 + number, "number": number, "title": "A change", "html_url": format!("https://github.com/me/app/pull/{number}")})
}
