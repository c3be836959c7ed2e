//! Autoscalers: none scales by itself.

use serde_json::json;

use super::errors;
use super::shelves::{Shelf, measured};

pub(super) const AUTOSCALERS: Shelf = Shelf {
    all: "autoscalers",
    one: "autoscaler",
    prefix: "au-297f1134-8576-45ac-ab58-0000",
    settings: || {
        json!({"container_type": null, "metric": null, "target": null, "min_containers": null,
            "max_containers": null, "disabled": false, "last_scale": "0001-01-01T00:00:00Z"})
    },
    fixed: &["container_type", "last_scale"],
    check: |autoscaler| {
        let number = |name: &str| autoscaler[name].as_u64();
        let (Some(min), Some(max)) = (number("min_containers"), number("max_containers")) else {
            return Some(errors::field("min_containers", "should be of type integer"));
        };
        if min > max {
            return Some(errors::field(
                "min_containers",
                "must be less than or equal to max_containers",
            ));
        }
        let id = autoscaler["id"]
            .as_str()
            .unwrap_or_default()
            .replace("au-", "al-");
        autoscaler["alert_id_scale_up"] = json!(format!("{id}-up"));
        autoscaler["alert_id_scale_down"] = json!(format!("{id}-down"));
        measured(autoscaler, "target")
    },
    events: [
        Some("new_autoscaler"),
        Some("edit_autoscaler"),
        Some("delete_autoscaler"),
    ],
    // Events spell these numbers as texts.
    told: |autoscaler| {
        json!({"container_type": autoscaler["container_type"], "metric": autoscaler["metric"],
            "min_containers": autoscaler["min_containers"].to_string(),
            "max_containers": autoscaler["max_containers"].to_string(),
            "target": autoscaler["target"], "target_text": autoscaler["target"].to_string()})
    },
};
