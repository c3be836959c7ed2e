//! Log drains of apps and of their add-ons: nothing is ever sent to them.

use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

impl Scalingo {
    pub(super) fn drains(&self, app: &App, addon: Option<&str>, request: &Request) -> Reply {
        let mut around = lock(&app.around);
        let addon_name = match addon {
            None => Value::Null,
            Some(addon) => match around.addons.iter().find(|one| one["id"] == addon) {
                Some(found) => found["addon_provider"]["name"].clone(),
                None => return errors::not_found("addon"),
            },
        };
        let told = |url: &Value| match addon {
            None => json!({"url": url}),
            Some(addon) => json!({"url": url, "addon_uuid": addon, "addon_name": addon_name}),
        };
        let all = around.lists.entry("log_drains").or_default();
        let own = |drain: &Value| drain["addon_uuid"].as_str() == addon;
        match request.method() {
            "GET" => {
                let own: Vec<_> = all.iter().filter(|drain| own(drain)).collect();
                Reply::json(200, json!({"drains": own}))
            }
            "POST" => {
                let Ok(body) = request.json() else {
                    return errors::not_json(request);
                };
                let url = match address(&body["drain"]) {
                    Ok(url) => json!(url),
                    Err((name, problem)) => return errors::field(name, problem),
                };
                let mut drain = json!({"app_id": app.id, "url": url});
                if let Some(addon) = addon {
                    drain["addon_uuid"] = json!(addon);
                }
                all.push(drain.clone());
                let kind = if addon.is_some() {
                    "new_addon_log_drain"
                } else {
                    "new_log_drain"
                };
                self.event(app, kind, told(&url));
                Reply::json(201, json!({"drain": drain}))
            }
            "DELETE" => {
                let body = request.json().unwrap_or_default();
                let url = request.query("url").or(body["url"].as_str());
                let is_meant = |drain: &Value| own(drain) && drain["url"].as_str() == url;
                let Some(at) = all.iter().position(is_meant) else {
                    return errors::not_found("log_drain");
                };
                let url = all.remove(at)["url"].clone();
                let kind = if addon.is_some() {
                    "delete_addon_log_drain"
                } else {
                    "delete_log_drain"
                };
                self.event(app, kind, told(&url));
                Reply::empty(204)
            }
            _ => errors::no_route(),
        }
    }
}

/// Where a drain sends to, or which field has which problem.
fn address(order: &Value) -> Result<String, (&'static str, &'static str)> {
    let field = |name| match order[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err((name, "missing field")),
    };
    let or_empty = |name: &str| order[name].as_str().unwrap_or_default();
    Ok(match field("type")?.as_str() {
        "appsignal" => format!("appsignal://:{}@appsignal-endpoint.net", field("token")?),
        "datadog" => format!(
            "datadog://{}?region={}",
            field("token")?,
            or_empty("drain_region")
        ),
        "elk" => field("url")?,
        "logtail" => format!("logtail://:{}@in.logtail.com", field("token")?),
        "ovh-graylog" => format!("ovh://:{}@{}:6514", field("token")?, field("host")?),
        "papertrail" => format!("papertrail://{}:{}", field("host")?, field("port")?),
        "syslog" => format!(
            "syslog://:{}@{}:{}",
            or_empty("token"),
            field("host")?,
            field("port")?
        ),
        _ => return Err(("type", "is not supported")),
    })
}
