//! Notifiers and the platforms that they send to: nothing is ever sent.

use serde_json::{Value, json};

use super::errors;
use super::events::type_ids;
use super::shelves::Shelf;
use crate::reply::Reply;

/// Platforms, with their ids and names to show.
const PLATFORMS: [(&str, &str, &str); 4] = [
    ("59c52ac27651ce002c1d4620", "email", "E-mail"),
    ("5982f145d48c3600273ef089", "slack", "Slack"),
    ("5982f145d48c3600273ef08a", "webhook", "Webhook"),
    ("5982f145d48c3600273ef08b", "rocket_chat", "Rocket.Chat"),
];

pub(super) const NOTIFIERS: Shelf = Shelf {
    all: "notifiers",
    one: "notifier",
    prefix: "no-824fd8bb-0efe-4b7b-9605-0000",
    settings: || {
        json!({"platform_id": null, "name": null, "active": true, "send_all_events": false, "send_all_alerts": false,
            "selected_event_ids": [], "type_data": {}})
    },
    fixed: &["platform_id"],
    check: |notifier| {
        let Some((_, name, _)) = PLATFORMS
            .iter()
            .find(|(id, ..)| notifier["platform_id"] == *id)
        else {
            return Some(errors::not_found("notification_platform"));
        };
        let data = &notifier["type_data"];
        if *name != "email" && !data["webhook_url"].is_string() {
            return Some(errors::field("webhook_url", "missing field"));
        }
        notifier["type"] = json!(name);
        None
    },
    events: [
        Some("new_notifier"),
        Some("edit_notifier"),
        Some("delete_notifier"),
    ],
    told: |notifier| {
        json!({"notifier_name": notifier["name"], "active": notifier["active"],
            "send_all_events": notifier["send_all_events"], "selected_events": [], "notifier_type": notifier["type"],
            "notifier_type_data": notifier["type_data"], "platform_name": notifier["type"]})
    },
};

/// The notifier that each app has from the start.
pub(super) fn default(app_id: &str, created_at: &str) -> Value {
    json!({"id": format!("no-253ea554-bfe3-419c-aaaa-{}", app_id.get(12..).unwrap_or_default()), "app_id": app_id,
        "name": "Default notifier", "type": "email", "platform_id": PLATFORMS[0].0, "active": true,
        "send_all_events": false, "send_all_alerts": false, "selected_event_ids": [],
        "type_data": {"user_ids": [super::fields::user()["id"]], "emails": []},
        "created_at": created_at, "updated_at": created_at})
}

fn view((id, name, display_name): &(&str, &str, &str)) -> Value {
    json!({"id": id, "name": name, "display_name": display_name, "description": format!("Send events to {name}"),
        "logo_url": format!("https://cdn2.scalingo.com/{name}.svg"), "available_event_ids": type_ids()})
}

pub(super) fn platforms(rest: &[&str], name: Option<&str>) -> Reply {
    match rest {
        [] => {
            let all: Vec<_> = PLATFORMS.iter().map(view).collect();
            Reply::json(200, json!({"notification_platforms": all}))
        }
        ["search"] => {
            let named = PLATFORMS.iter().filter(|platform| Some(platform.1) == name);
            Reply::json(
                200,
                json!({"notification_platforms": named.map(view).collect::<Vec<_>>()}),
            )
        }
        [id] => match PLATFORMS.iter().find(|platform| platform.0 == *id) {
            Some(platform) => Reply::json(200, json!({"notification_platform": view(platform)})),
            None => errors::not_found("notification_platform"),
        },
        _ => errors::no_route(),
    }
}
