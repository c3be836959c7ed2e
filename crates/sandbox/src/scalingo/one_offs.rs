//! One-off containers.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Scalingo;
use super::apps::App;
use super::containers::size;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// How long a command runs after its container has started.
const RUNS: Duration = Duration::from_secs(4);

/// How long a question for the end is held open.
const HELD: Duration = Duration::from_secs(60);

/// A one-off container.
#[derive(Debug, Clone)]
pub(super) struct OneOff {
    pub(super) id: String,
    pub(super) ends: Instant,
    pub(super) stopped: bool,
    index: usize,
    command: String,
    size: String,
    created_at: String,
    exit_code: i64,
}

impl OneOff {
    pub(super) fn audit_log_id(&self) -> String {
        format!("al-{}", self.id)
    }

    pub(super) fn audit_log(&self) -> Value {
        super::consents::audit_log(&self.created_at, &self.command, self.exit_code)
    }

    pub(super) fn view(&self, app_id: &str) -> Value {
        json!({
            "id": self.id,
            "app_id": app_id,
            "type": "one-off",
            "type_index": self.index,
            "label": format!("one-off-{}", self.index),
            "state": "booting",
            "size": self.size,
            "command": self.command,
            "created_at": self.created_at,
            "deleted_at": null,
            "container_size": size(&self.size),
        })
    }
}

impl Scalingo {
    pub(super) fn run_one_off(&self, app: &App, request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let command = body["command"].as_str().unwrap_or_default();
        if command.trim().is_empty() {
            return errors::field("command", "missing field");
        }
        let name = body["size"].as_str().unwrap_or("M");
        if size(name).is_none() {
            return errors::field("size", "is unknown");
        }
        let index = 4711 + lock(&app.around).one_offs.len();
        let id = format!("{}-one-off-{index}", app.id);
        // A command can say how it ends.
        let said = command
            .trim()
            .strip_prefix("exit ")
            .and_then(|code| code.trim().parse().ok());
        let one_off = OneOff {
            id: id.clone(),
            ends: self.clock().instant() + self.clock().scaled(RUNS),
            stopped: false,
            index,
            command: command.to_owned(),
            size: name.to_owned(),
            created_at: timestamp(self.clock().now()),
            exit_code: said.unwrap_or(self.knobs.one_off_exit),
        };
        let (view, exit_code) = (one_off.view(&app.id), one_off.exit_code);
        let audit_log_id = one_off.audit_log_id();
        lock(&app.around).one_offs.push(one_off);
        let lines = [
            format!("running {command}"),
            format!("{command} ended with {exit_code}"),
        ];
        let lines = lines.each_ref().map(String::as_str);
        self.write_log(app, &format!("one-off-{index}"), &lines);
        self.event(
            app,
            "run",
            json!({"command": command, "audit_log_id": audit_log_id, "detached": body["detached"] == true}),
        );
        let attach = format!("http://{}/one-offs/{id}", request.host());
        let mut answer = json!({"container": view});
        if self.knobs.without_operation_url {
            answer["operation_url"] = json!("");
            answer["attach_url"] = json!(attach);
        } else {
            let data = json!({"attach_url": attach, "container_id": id});
            answer["operation_url"] =
                json!(self.operation(app, "start-one-off", Some(data), request));
        }
        Reply::json(200, answer)
    }

    /// `GET {attach_url}/wait`: answered when the command has ended, or with 408.
    pub(super) async fn attach_wait(&self, id: &str, request: &Request) -> Reply {
        let bearer = request.basic().filter(|(user, _)| user.is_empty());
        if !bearer.is_some_and(|(_, bearer)| self.auth.accepts(&bearer, self.clock())) {
            return errors::unauthorized();
        }
        let found = self.all_apps().into_iter().find_map(|app| {
            let around = lock(&app.around);
            around.one_offs.iter().find(|one| one.id == id).cloned()
        });
        let Some(one_off) = found else {
            return errors::not_found("container");
        };
        let held = self.clock().instant() + self.clock().scaled(HELD);
        self.clock().sleep_until(one_off.ends.min(held)).await;
        match one_off.ends <= held {
            true => Reply::json(200, json!({"exit_code": one_off.exit_code})),
            false => Reply::empty(408),
        }
    }
}
