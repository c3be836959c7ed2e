//! The timeline of the account: what is done to its apps, and what becomes of it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::apps::App;
use super::errors;
use super::fields::{timestamp, user};
use super::{PER_PAGE, Scalingo};
use crate::page::Page;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::{Held, lock};

/// Events of a page at most.
const MOST_PER_PAGE: usize = 100;

/// Types of events that notifiers know, with their categories.
const TYPES: [(&str, &str); 8] = [
    ("app_deployed", "app_operations"),
    ("app_restarted", "app_operations"),
    ("app_scaled", "app_operations"),
    ("app_crashed", "app_operations"),
    ("app_command_ran", "app_operations"),
    ("addon_provisioned", "addons"),
    ("addon_plan_changed", "addons"),
    ("addon_deleted", "addons"),
];

const CATEGORIES: [&str; 2] = ["app_operations", "addons"];

/// All events, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Events(Held<Vec<Value>>);

impl Events {
    fn push(&self, mut event: Value) {
        let mut all = lock(&self.0);
        event["id"] = json!(format!("54dcdd4a7363610001{:06x}", all.len() + 1));
        all.push(event);
    }
}

impl Scalingo {
    /// Notes in an app's timeline that something happened.
    pub(super) fn event(&self, app: &App, kind: &str, data: Value) {
        self.events.push(json!({
            "created_at": timestamp(self.clock().now()),
            "user": user(),
            "app_id": app.id,
            "app_name": app.name(),
            "type": kind,
            "type_data": data,
        }));
    }

    /// The events of an app, newest first.
    pub(super) fn app_events(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        self.settle();
        let own = |event: &Value| event["app_id"] == app.id;
        match rest {
            [] => self.list_events(own, request),
            [id] => {
                let all = lock(&self.events.0);
                match all.iter().find(|event| own(event) && event["id"] == *id) {
                    Some(event) => Reply::json(200, json!({"event": self.told(event)})),
                    None => errors::not_found("event"),
                }
            }
            _ => errors::no_route(),
        }
    }

    /// The events of the account.
    pub(super) fn user_events(&self, request: &Request) -> Reply {
        self.settle();
        self.list_events(|_| true, request)
    }

    /// The events of the apps in a project.
    pub(super) fn project_events(&self, project: &str, request: &Request) -> Reply {
        self.settle();
        let is_in =
            |app: &App| lock(&app.around).settings.get("project_id") == Some(&json!(project));
        let apps = self.all_apps().into_iter().filter(|app| is_in(app));
        let ids: Vec<_> = apps.map(|app| app.id.clone()).collect();
        self.list_events(|event| ids.iter().any(|id| event["app_id"] == *id), request)
    }

    fn list_events(&self, fits: impl Fn(&Value) -> bool, request: &Request) -> Reply {
        let mut events: Vec<_> = lock(&self.events.0)
            .iter()
            .rev()
            .filter(|event| fits(event))
            .cloned()
            .collect();
        if let Some(hours) = request.query("from") {
            let Some(hours) = hours.parse().ok().filter(|hours| (1..=72).contains(hours)) else {
                return errors::field("from", "should be between 1 and 72");
            };
            let since = self
                .clock()
                .now()
                .saturating_sub(SignedDuration::from_hours(hours));
            let since = timestamp(since.unwrap_or(jiff::Timestamp::MIN));
            events.retain(|event| event["created_at"].as_str() >= Some(&*since));
            let views: Vec<_> = events.iter().map(|event| self.told(event)).collect();
            return Reply::json(200, json!({"events": views}));
        }
        let page = Page::asked(request, events.len(), PER_PAGE, MOST_PER_PAGE);
        let views: Vec<_> = page
            .of(&events)
            .iter()
            .map(|event| self.told(event))
            .collect();
        let mut body = json!({"events": views});
        if let Some(style) = self.knobs.meta {
            body["meta"] = json!({"pagination": page.meta(style)});
        }
        Reply::json(200, body)
    }

    /// The event as it is told now: that of a deployment has the deployment's state.
    fn told(&self, event: &Value) -> Value {
        let mut event = event.clone();
        let data = &mut event["type_data"];
        let app = event_app(self, &data["app_id"]);
        let uuid = data["deployment_uuid"].as_str().unwrap_or_default();
        if let Some(deployment) = app.and_then(|app| app.deployment(uuid)) {
            let view = deployment.view("", self.clock().instant());
            *data = json!({
                "deployment_id": format!("5343eccd646aa3012a{}", uuid.get(uuid.len() - 6..).unwrap_or_default()),
                "deployment_uuid": uuid,
                "deployment_type": "deployment",
                "pusher": "john",
                "git_ref": view["git_ref"],
                "git_ref_url": null,
                "status": view["status"],
                "stack": "scalingo-22",
                "duration": view["duration"],
                "finished_at": view["finished_at"],
                "last_commits": {"commits": [], "remaining": 0},
            });
        }
        event
    }

    /// Notes that an app is deployed.
    pub(super) fn deployment_event(&self, app: &App, deployment: &str) {
        self.event(
            app,
            "deployment",
            json!({"app_id": app.id, "deployment_uuid": deployment}),
        );
    }

    /// Notes what has come to its end since somebody asked last.
    fn settle(&self) {
        for (addon, kind, data) in self.ended_works() {
            let has = |app: &App| {
                lock(&app.around)
                    .addons
                    .iter()
                    .any(|one| one["id"] == addon)
            };
            if let Some(app) = self.all_apps().into_iter().find(|app| has(app)) {
                self.event(&app, kind, data);
            }
        }
    }
}

fn event_app(service: &Scalingo, id: &Value) -> Option<std::sync::Arc<App>> {
    service.app(id.as_str()?)
}

/// The id of a type or category: its place in the list.
fn id(at: usize) -> String {
    format!("5982f139d48c360021b1{at:04x}")
}

pub(super) fn types() -> Reply {
    let view = |(at, (name, category)): (usize, &(&str, &str))| {
        let category = CATEGORIES.iter().position(|one| one == category);
        json!({
            "id": id(at + 0x100),
            "category_id": id(category.unwrap_or_default()),
            "name": name,
            "display_name": name.replace('_', " "),
            "description": format!("{} happened", name.replace('_', " ")),
        })
    };
    let all: Vec<_> = TYPES.iter().enumerate().map(view).collect();
    Reply::json(200, json!({"event_types": all}))
}

/// The ids of all types.
pub(super) fn type_ids() -> Vec<String> {
    (0..TYPES.len()).map(|at| id(at + 0x100)).collect()
}

pub(super) fn categories() -> Reply {
    let view = |(at, name): (usize, &&str)| json!({"id": id(at), "name": name, "display_name": name.replace('_', " "), "position": at + 1});
    let all: Vec<_> = CATEGORIES.iter().enumerate().map(view).collect();
    Reply::json(200, json!({"event_categories": all}))
}
