//! Figures of a deployment. They are made up, but they have the right shape.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::deployment::Deployment;
use super::errors;
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;

/// More figures than this aren't given.
const MOST: usize = 500;

/// `GET /v1/metrics/deployment/{id}`
pub(super) fn figures(deployment: &Deployment, request: &Request, clock: &Clock) -> Reply {
    let asked = |name: &str, default: Timestamp| match request.query(name) {
        None => Ok(default),
        Some(text) => read(text).ok_or_else(|| {
            let problem = format!("'{name}' does not match %Y-%m-%d %H:%M:%S.%f");
            Box::new(errors::bad_request(&problem))
        }),
    };
    let (start, end) = match (
        asked("start_time", deployment.created_at),
        asked("end_time", clock.now()),
    ) {
        (Ok(start), Ok(end)) => (start, end),
        (Err(refusal), _) | (_, Err(refusal)) => return *refusal,
    };
    if end < start {
        return errors::unprocessable("'end_time' must be greater than 'start_time'");
    }
    let Some(step) = step(request.query("steps").unwrap_or("30s")) else {
        return errors::bad_request("'steps' must be like 30s, 1m or 1h");
    };
    let mut times = Vec::new();
    let mut at = start;
    while at <= end && times.len() < MOST {
        times.push(at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string());
        at = at.saturating_add(step).unwrap_or(Timestamp::MAX);
    }
    let series = |label: &str, base: usize| -> Value {
        let values: Vec<_> = (0..times.len()).map(|index| base + index % 7).collect();
        json!({"labels": [label], "datasets": values, "timestamps": times})
    };
    Reply::json(
        200,
        json!({
            "total": {
                "receive_total": series("receive_total", 1_000_000),
                "transmit_total": series("transmit_total", 2_000_000),
                "disk_read_total": series("disk_read_total", 4096),
                "disk_write_total": series("disk_write_total", 8192),
            },
            "cpu": series("cpu", 12),
            "mem": series("mem", 256),
            "network": {
                "receive": series("receive", 1500),
                "transmit": series("transmit", 3000),
            },
            "cpu_throttle_rate": series("cpu_throttle_rate", 0),
            "cpu_throttle_total": series("cpu_throttle_total", 0),
        }),
    )
}

fn read(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn step(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|&number| number > 0)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(SignedDuration::from_secs(number.checked_mul(seconds)?))
}
