//! What can be ordered of apps: to be made, changed, renamed, handed over and deleted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// What can be set of an app.
const SETTINGS: [&str; 5] = [
    "force_https",
    "sticky_session",
    "router_logs",
    "stack_id",
    "project_id",
];

impl Scalingo {
    pub(super) fn all_apps(&self) -> Vec<Arc<App>> {
        lock(&self.apps).clone()
    }

    pub(super) fn make_app(&self, name: String, parent: Option<&str>) -> Arc<App> {
        let mut apps = lock(&self.apps);
        let number = self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let app = Arc::new(App::new(number, name, self.clock().now()));
        if let Some(parent) = parent {
            lock(&app.around)
                .settings
                .insert("parent_app_name".into(), json!(parent));
        }
        apps.push(app.clone());
        app
    }

    pub(super) fn create_app(&self, parent: Option<&App>, request: &Request) -> Reply {
        let Ok(body) = request.json() else {
            return errors::not_json(request);
        };
        let name = body["app"]["name"].as_str().unwrap_or_default();
        if let Some(reply) = self.wrong_name("name", name) {
            return reply;
        }
        let made = match request.header("x-dry-run") {
            Some("true") => Arc::new(App::new(0xffff, name.to_owned(), self.clock().now())),
            _ => {
                let app = self.make_app(name.to_owned(), parent.map(App::name).as_deref());
                self.event(
                    &app,
                    "new_app",
                    json!({"git_source": body["app"]["git_source"]}),
                );
                app
            }
        };
        Reply::json(
            201,
            json!({"app": made.view(request.host(), self.clock().instant())}),
        )
    }

    fn wrong_name(&self, field: &str, name: &str) -> Option<Reply> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match () {
            () if name.is_empty() => Some(errors::field(field, "missing field")),
            () if !(6..=48).contains(&name.len()) => {
                Some(errors::field(field, "should be 6 to 48 characters long"))
            }
            () if !name.chars().all(allowed) => Some(errors::field(
                field,
                "should contain only lowercap letters, digits and hyphens",
            )),
            () if self.app(name).is_some() => Some(errors::field(field, "has already been taken")),
            () => None,
        }
    }

    /// PATCH: settings, or, with the name once more, another owner.
    pub(super) fn change_app(&self, app: &App, request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["app"];
        let mut changed: Vec<(&str, Value)> = Vec::new();
        if let Some(owner) = order["owner"].as_str() {
            if let Some(reply) = self.other_name(app, request) {
                return reply;
            }
            changed.push((
                "owner",
                json!({"id": "us-other", "username": owner, "email": owner}),
            ));
        }
        let set = SETTINGS
            .iter()
            .filter_map(|name| Some((*name, order.get(*name)?.clone())));
        changed.extend(set);
        if changed.is_empty() {
            return errors::field("app", "missing field");
        }
        let (kind, data) = match order["owner"].as_str() {
            Some(_) => (
                "transfer_app",
                json!({"old_owner": super::fields::user(), "new_owner": changed[0].1}),
            ),
            None => ("edit_app", json!({"force_https": order["force_https"]})),
        };
        self.event(app, kind, data);
        let mut around = lock(&app.around);
        let changed = changed
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        around.settings.extend(changed);
        drop(around);
        Reply::json(
            200,
            json!({"app": app.view(request.host(), self.clock().instant())}),
        )
    }

    pub(super) fn rename_app(&self, app: &App, request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let (old, new) = (
            body["current_name"].as_str(),
            body["new_name"].as_str().unwrap_or_default(),
        );
        if old != Some(&app.name()) {
            return errors::field("current_name", "doesn't match");
        }
        if let Some(reply) = self.wrong_name("new_name", new) {
            return reply;
        }
        app.rename(new);
        self.event(app, "rename_app", json!({"old_name": old, "new_name": new}));
        Reply::json(
            200,
            json!({"app": app.view(request.host(), self.clock().instant())}),
        )
    }

    pub(super) fn delete_app(&self, app: &App, request: &Request) -> Reply {
        if let Some(reply) = self.other_name(app, request) {
            return reply;
        }
        self.event(app, "delete_app", json!({}));
        lock(&self.apps).retain(|one| one.id != app.id);
        Reply::empty(204)
    }

    fn other_name(&self, app: &App, request: &Request) -> Option<Reply> {
        let same = request.query("current_name") == Some(&app.name());
        (!same).then(|| errors::field("current_name", "doesn't match"))
    }

    pub(super) fn child_apps(&self, app: &App, request: &Request) -> Reply {
        let now = self.clock().instant();
        let name = json!(app.name());
        let is_child =
            |one: &&Arc<App>| lock(&one.around).settings.get("parent_app_name") == Some(&name);
        let apps = self.all_apps();
        let views: Vec<_> = apps
            .iter()
            .filter(is_child)
            .map(|one| one.view(request.host(), now))
            .collect();
        Reply::json(200, json!({"child_apps": views}))
    }
}
