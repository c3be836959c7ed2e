//! Alerts: none goes off by itself.

use serde_json::json;

use super::shelves::{Shelf, measured};

pub(super) const ALERTS: Shelf = Shelf {
    all: "alerts",
    one: "alert",
    prefix: "al-297f1134-8576-45ac-ab58-0000",
    settings: || {
        json!({"container_type": null, "metric": null, "limit": null, "disabled": false, "send_when_below": false,
            "duration_before_trigger": 0, "remind_every": "0s", "notifiers": [], "metadata": {},
            "deleted_at": "0001-01-01T00:00:00Z"})
    },
    fixed: &["metadata", "deleted_at"],
    check: |alert| measured(alert, "limit"),
    events: [Some("new_alert"), None, Some("delete_alert")],
    told: |alert| {
        json!({"container_type": alert["container_type"], "metric": alert["metric"], "limit": alert["limit"],
            "limit_text": alert["limit"].to_string(), "send_when_below": alert["send_when_below"]})
    },
};
