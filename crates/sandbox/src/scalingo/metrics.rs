//! Metrics: made up, the same each time.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// What is measured, with its unit and whether it is of the router.
const METRICS: [(&str, &str, &str, bool); 7] = [
    ("cpu", "CPU", "%", false),
    ("memory", "RAM", "%", false),
    ("swap", "Swap", "%", false),
    ("5XX", "5XX Errors", "", true),
    ("all", "RPM", "", true),
    ("rpm_per_container", "RPM per container", "", true),
    ("p95_response_time", "Response time", "ms", true),
];

/// Values of a series.
const POINTS: i64 = 60;

/// Hours that a series covers, unless it is said.
const SINCE: i64 = 3;

/// Whether alerts and autoscalers can go by it.
pub(super) fn is_one(metric: &str) -> bool {
    METRICS.iter().any(|(id, ..)| *id == metric)
}

pub(super) fn catalogue() -> Reply {
    let view = |(id, label, suffix, router): &(&str, &str, &str, bool)| json!({"id": id, "label": label, "suffix": suffix, "type": if *router { "router" } else { "global" }});
    let all: Vec<_> = METRICS.iter().map(view).collect();
    Reply::json(200, json!({"metrics": all}))
}

impl Scalingo {
    pub(super) fn stats(&self, app: &App, rest: &[&str], request: &Request) -> Reply {
        let now = self.clock().instant();
        let formation = match app.was_deployed(now) {
            true => lock(&app.around).formation.clone(),
            false => Vec::new(),
        };
        let none = || Reply::json(404, json!({"error": "no metrics found"}));
        let amount = |kind: &str| {
            formation
                .iter()
                .find(|one| one.name == kind)
                .map(|one| one.amount)
        };
        let of_containers = |metric: &str| matches!(metric, "cpu" | "memory" | "swap");
        match rest {
            [] => {
                let each = formation
                    .iter()
                    .flat_map(|one| (1..=one.amount).map(move |index| (&one.name, index)));
                let stats: Vec<_> = each.map(|(name, index)| stat(name, index)).collect();
                Reply::json(200, json!({"stats": stats}))
            }
            [metric, "recommended_value"] => {
                let kind = request.query("container_type").unwrap_or_default();
                match () {
                    () if !is_one(metric) => none(),
                    () if of_containers(metric) && amount(kind).is_none() => {
                        errors::not_found("container_type")
                    }
                    () => Reply::json(
                        200,
                        json!({"time": timestamp(self.clock().now()), "value": 0.9}),
                    ),
                }
            }
            ["router", ..] => match request.query("status_code").unwrap_or("all") {
                "1XX" | "2XX" | "3XX" | "4XX" | "5XX" | "all" if formation.is_empty() => none(),
                "1XX" | "2XX" | "3XX" | "4XX" | "5XX" | "all" => self.series(1, request),
                _ => Reply::json(400, json!({"error": "status_code is not valid"})),
            },
            [metric] if of_containers(metric) => {
                Reply::json(400, json!({"error": "container type is missing"}))
            }
            [metric, kind, index @ ..] if of_containers(metric) && index.len() <= 1 => {
                let Some(amount) = amount(kind) else {
                    return errors::not_found("container_type");
                };
                match index.first().map_or(Some(1), |index| index.parse().ok()) {
                    Some(index) if (1..=amount).contains(&index) => self.series(index, request),
                    _ => none(),
                }
            }
            _ => none(),
        }
    }

    /// A series without an envelope; at one time, nothing was measured.
    fn series(&self, index: u64, request: &Request) -> Reply {
        let hours = request
            .query("since")
            .and_then(|hours| hours.parse().ok())
            .filter(|hours| (1..=720).contains(hours))
            .unwrap_or(SINCE);
        let step = SignedDuration::from_secs(hours * 3600 / POINTS);
        let now = self.clock().now();
        let point = |at: i64| {
            let time =
                now.saturating_sub(step * i32::try_from(POINTS - 1 - at).unwrap_or_default());
            let value = (at != 5).then(|| (at % 7) as f64 + index as f64 / 2.0);
            json!({"time": timestamp(time.unwrap_or(now)), "value": value})
        };
        let first = match request.query("last") {
            Some("true") => POINTS - 1,
            _ => 0,
        };
        Reply::json(200, (first..POINTS).map(point).collect::<Value>())
    }
}

fn stat(name: &str, index: u64) -> Value {
    json!({"id": format!("{name}-{index}"), "cpu_usage": index, "memory_usage": 200_105_984,
        "memory_limit": 536_870_912, "highest_memory_usage": 203_440_128, "swap_usage": 212_992,
        "swap_limit": 1_610_612_736, "highest_swap_usage": 0})
}
