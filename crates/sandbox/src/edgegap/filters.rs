//! The `query` of lists: filters and order, as JSON text.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::deployment::Deployment;

/// The deployments that match all filters, in the order asked for.
pub(super) fn select(
    query: &str,
    deployments: Vec<Arc<Deployment>>,
    now: Instant,
) -> Result<Vec<Arc<Deployment>>, String> {
    let query: Value = serde_json::from_str(query).map_err(|_| "'query' is not valid JSON")?;
    let empty = Vec::new();
    let filters = query["filters"].as_array().unwrap_or(&empty);
    let mut seen = Vec::new();
    for filter in filters {
        let field = filter["field"].as_str().unwrap_or_default();
        if seen.contains(&field) {
            return Err(format!("'{field}' is filtered by more than once"));
        }
        seen.push(field);
    }
    let mut selected = Vec::new();
    for deployment in deployments {
        let mut all = true;
        for filter in filters {
            all &= matches(filter, &deployment, now)?;
        }
        if all {
            selected.push(deployment);
        }
    }
    for order in query["order_by"].as_array().unwrap_or(&empty) {
        match (order["field"].as_str(), order["order"].as_str()) {
            (Some("created_at"), Some("asc")) => {}
            // They are in order of creation already.
            (Some("created_at"), Some("desc")) => selected.reverse(),
            _ => return Err("'order_by' has an unknown field or order".to_owned()),
        }
    }
    Ok(selected)
}

fn matches(filter: &Value, deployment: &Deployment, now: Instant) -> Result<bool, String> {
    let part = |name: &str| filter[name].as_str().unwrap_or_default();
    let (field, operator, value) = (part("field"), part("operator"), &filter["value"]);
    let text = |name: &str| {
        deployment.order[name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let has = match field {
        "status" => vec![deployment.phase(now).name().to_ascii_lowercase()],
        "request_id" => vec![deployment.id.clone()],
        "tags" => deployment.tag_names(),
        "application" | "version" => vec![text(field)],
        "host_name" | "fleet_name" => deployment.host.clone().into_iter().collect(),
        "created_at" => return created(operator, value, deployment.created_at),
        _ => return Err(format!("'{field}' can't be filtered by")),
    };
    let values = match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => vec![value.as_str().unwrap_or_default()],
    };
    let any = has.iter().any(|one| values.contains(&one.as_str()));
    match (field, operator) {
        (_, "eq") => Ok(any),
        (_, "neq") => Ok(!any),
        ("status", _) => Err("'status' takes eq and neq only".to_owned()),
        (_, "in") if value.is_array() => Ok(any),
        (_, "nin") if value.is_array() => Ok(!any),
        ("host_name" | "fleet_name", "ilike") => Ok(has
            .iter()
            .any(|one| is_like(&one.to_lowercase(), &values[0].to_lowercase()))),
        _ => Err(format!("'{field}' can't be compared by {operator}")),
    }
}

fn created(operator: &str, value: &Value, at: Timestamp) -> Result<bool, String> {
    let wanted: Timestamp = value
        .as_str()
        .and_then(|text| text.parse().ok())
        .ok_or("'created_at' takes an ISO 8601 time")?;
    match operator {
        "eq" => Ok(at == wanted),
        "gte" => Ok(at >= wanted),
        "lte" => Ok(at <= wanted),
        "gt" => Ok(at > wanted),
        "lt" => Ok(at < wanted),
        _ => Err(format!("'created_at' can't be compared by {operator}")),
    }
}

/// Whether a text is like a pattern, in which `%` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| is_like(&text[at..], rest))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_percent_sign_stands_for_anything() {
        for (text, pattern) in [
            ("eu-1", "eu-%"),
            ("eu-1", "%1"),
            ("eu-1", "e%-%"),
            ("", "%"),
            ("a", "a"),
        ] {
            assert!(is_like(text, pattern), "{text} {pattern}");
        }
        assert!(!is_like("eu-1", "us-%"));
        assert!(!is_like("eu-1", "eu"));
    }
}
