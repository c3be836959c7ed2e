//! Cron tasks: each app that was deployed has two.

use jiff::SignedDuration;
use serde_json::json;

use super::Scalingo;
use super::apps::App;
use super::fields::timestamp;
use crate::reply::Reply;

impl Scalingo {
    pub(super) fn cron_tasks(&self, app: &App) -> Reply {
        let now = self.clock().instant();
        let deployments = app.deployments();
        let last = deployments
            .iter()
            .rev()
            .find(|deployment| deployment.status(now) == "success");
        let Some(last) = last else {
            return Reply::json(200, json!({"jobs": null}));
        };
        let soon = self
            .clock()
            .now()
            .saturating_add(SignedDuration::from_hours(1));
        let jobs = json!([
            {"command": "0 5 * * * rake import:orders:status", "size": "2XL",
                "last_execution_date": "0001-01-01T00:00:00Z",
                "next_execution_date": soon.map(timestamp).ok()},
            {"command": "0 13 * * * rake export:orders"},
        ]);
        Reply::json(200, json!({"jobs": jobs, "deployment_id": last.id}))
    }
}
