//! What was measured: figures that are made up, and get worse with each first minute of a release.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::events::Event;
use super::{Project, Tideways, errors};
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

const MINUTE: &str = "%Y-%m-%d %H:%M";
const ENVIRONMENTS: [&str; 2] = ["production", "staging"];

/// What an answer is for: the default, where what was asked for is unknown.
struct Criteria {
    environment: &'static str,
    first: Timestamp,
    minutes: i32,
}

impl Criteria {
    fn view(&self) -> Value {
        let end = self.first + SignedDuration::from_mins(i64::from(self.minutes) - 1);
        json!({
            "start": self.first.strftime(MINUTE).to_string(),
            "end": end.strftime(MINUTE).to_string(),
            "environment": self.environment,
            "service": "web",
        })
    }
}

/// The figures of one minute.
struct Sample {
    requests: u64,
    errors: f64,
    response_time: f64,
}

impl Tideways {
    /// Everything below `/{organization}/{application}` that is only read.
    pub(super) fn read(&self, project: &Project, path: &[&str], request: &Request) -> Reply {
        let minutes = match path {
            ["summary"] => Some(24 * 60),
            _ => request.query("m").map_or(Some(60), |m| m.parse().ok()),
        };
        let Some(minutes) = minutes.filter(|minutes| (1..=1440).contains(minutes)) else {
            return errors::invalid("m must be between 1 and 1440.");
        };
        let last = match request.query("ts") {
            None => Some(self.context.clock().now()),
            Some(ts) => DateTime::strptime(MINUTE, ts)
                .ok()
                .and_then(|at| at.to_zoned(TimeZone::UTC).ok())
                .map(|at| at.timestamp()),
        };
        let Some(last) = last else {
            return errors::invalid("ts must be Y-m-d H:i.");
        };
        let asked = request.query("env").unwrap_or("production");
        let known = ENVIRONMENTS.iter().find(|known| **known == asked);
        let criteria = Criteria {
            environment: known.unwrap_or(&ENVIRONMENTS[0]),
            first: floor(last) - SignedDuration::from_mins(i64::from(minutes) - 1),
            minutes,
        };
        let events = lock(&self.events);
        let releases: Vec<_> = events
            .iter()
            .filter(|event| {
                event.kind == "release"
                    && event.project == project.name
                    && event.environment == criteria.environment
            })
            .collect();
        let name = format!("{}/{}", self.organization, project.name);
        match path {
            ["performance"] => performance(&criteria, &releases, &name),
            ["summary"] => summary(&criteria, &releases),
            ["transaction", "1"] => transaction(&criteria, &releases),
            ["history"] => history(request.query("date"), request.query("granularity")).example(),
            ["history", date] => history(Some(date), None).example(),
            ["observations"] => observations(&criteria).example(),
            ["issues"] => {
                let page = request.query("page").and_then(|page| page.parse().ok());
                let status = request.query("status");
                issues(&criteria, &releases, page.unwrap_or(1), status)
            }
            ["issues", id] => {
                let issue = all_issues(&criteria, &releases).into_iter().find(|issue| {
                    issue["id"] == *id && request.query("issueType") == Some("error")
                });
                match issue {
                    Some(issue) => Reply::json(200, json!({ "issue": issue })),
                    None => errors::not_found(),
                }
            }
            ["traces"] => traces(&criteria, request).example(),
            _ => errors::no_route(),
        }
    }
}

fn floor(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
}

fn sample(at: Timestamp, releases: &[&Event]) -> Sample {
    let released = releases.iter().any(|release| floor(release.at) <= at);
    Sample {
        requests: 60,
        errors: if released { 0.6 } else { 0.3 },
        response_time: if released { 150.0 } else { 120.0 },
    }
}

fn samples(criteria: &Criteria, releases: &[&Event]) -> Vec<(Timestamp, Sample)> {
    (0..criteria.minutes)
        .map(|minute| criteria.first + SignedDuration::from_mins(i64::from(minute)))
        .map(|at| (at, sample(at, releases)))
        .collect()
}

/// Each of so many minutes, or every so many.
fn by_time(samples: &[(Timestamp, Sample)], every: usize) -> Value {
    let view = |(at, sample): &(Timestamp, Sample)| {
        let view = json!({
            "requests": sample.requests,
            "errors": sample.errors,
            "responseTimeTargetExceeded": 0,
            "percentile_95p": sample.response_time,
            "median": sample.response_time / 2.0,
            "average": sample.response_time / 1.5,
            "downstream": {"sql": {"average": 12.5}},
            "page_cache": [],
        });
        (at.strftime(MINUTE).to_string(), view)
    };
    samples
        .iter()
        .step_by(every)
        .map(view)
        .collect::<Map<_, _>>()
        .into()
}

fn total(samples: &[(Timestamp, Sample)]) -> Value {
    let count = samples.len().max(1) as f64;
    let requests: u64 = samples.iter().map(|(_, sample)| sample.requests).sum();
    let errors: f64 = samples.iter().map(|(_, sample)| sample.errors).sum();
    let time: f64 = samples.iter().map(|(_, sample)| sample.response_time).sum();
    json!({
        "error_rate": (errors / requests.max(1) as f64 * 10_000.0).round() / 100.0,
        "requests": requests,
        "response_time": (time / count).round(),
        "average": (time / count / 1.5).round(),
        "median": (time / count / 2.0).round(),
        "downstream": [],
        "page_cache": [],
    })
}

fn performance(criteria: &Criteria, releases: &[&Event], name: &str) -> Reply {
    let samples = samples(criteria, releases);
    let total = total(&samples);
    let transaction = json!({
        "id": "1",
        "name": "Shop\\Checkout::pay",
        "requests": total["requests"],
        "response_time": total["response_time"],
        "response_time_average": total["average"],
        "response_time_worst": 900,
        "response_time_slowest": 1200,
        "memory": 4096,
        "impact": 100,
        "href": format!("https://app.tideways.io/o/{name}/transaction/1"),
    });
    Reply::json(
        200,
        json!({"application": {
            "by_time": by_time(&samples, 1),
            "by_transactions": [transaction],
            "total": total,
            "criteria": criteria.view(),
        }}),
    )
}

fn summary(criteria: &Criteria, releases: &[&Event]) -> Reply {
    let samples = samples(criteria, releases);
    Reply::json(
        200,
        json!({"summary": {"by_time": by_time(&samples, 15), "criteria": criteria.view()}}),
    )
}

fn transaction(criteria: &Criteria, releases: &[&Event]) -> Reply {
    let samples = samples(criteria, releases);
    let every = samples.len().div_ceil(60);
    Reply::json(
        200,
        json!({"transaction": {
            "id": "1",
            "name": "Shop\\Checkout::pay",
            "by_time": by_time(&samples, every),
            "total": total(&samples),
            "criteria": criteria.view(),
        }}),
    )
}

fn history(date: Option<&str>, granularity: Option<&str>) -> Reply {
    let date = date.unwrap_or("2026-09-30");
    Reply::json(
        200,
        json!({
            "_links": {"self": {"href": format!("/history?date={date}")}},
            "date_range": {
                "start": format!("{date} 00:00"),
                "end": format!("{date} 23:59"),
                "granularity": granularity.unwrap_or("day"),
            },
            "report": {"response_time_p95": 120, "total_requests": 86400, "error_rate_percent": 0.5},
            "transaction_report": [],
        }),
    )
}

fn observations(criteria: &Criteria) -> Reply {
    let observation = json!({
        "type": "configuration",
        "source": "opcache",
        "label": "The opcode cache is almost full",
        "status": "warning",
        "app_link": "https://app.tideways.io/o/acme/app1/observations",
        "origins": [],
    });
    Reply::json(
        200,
        json!({"observations": [observation], "criteria": criteria.view()}),
    )
}

/// An old issue, and one for each release.
fn all_issues(criteria: &Criteria, releases: &[&Event]) -> Vec<Value> {
    let issue = |id: String, message: String, status: &str, first: Timestamp, count: u64| {
        json!({
            "id": id,
            "issueType": "error",
            "type": "Uncaught Exception",
            "exceptionType": "RuntimeException",
            "message": message,
            "source": "src/Checkout.php:12",
            "originatingFunction": "Shop\\Checkout::pay",
            "status": status,
            "occurrences": count,
            "occurrencesSinceLastRelease": count,
            "firstOccurred": first.to_string(),
            "lastOccurred": first.to_string(),
            "environments": [criteria.environment],
            "services": ["web"],
            "transactions": [],
            "lastStackTrace": [],
            "annotations": [],
        })
    };
    let start = "2026-01-01T00:00:00Z".parse().unwrap_or_default();
    let old = issue(
        "old".to_owned(),
        "The cart is empty".to_owned(),
        "open",
        start,
        40,
    );
    let new = releases.iter().enumerate().map(|(index, release)| {
        let message = format!("Payment was refused in {}", release.name);
        let at = release.at + SignedDuration::from_secs(1);
        issue(format!("new-{index}"), message, "new", at, 3)
    });
    std::iter::once(old).chain(new).collect()
}

fn issues(criteria: &Criteria, releases: &[&Event], page: usize, status: Option<&str>) -> Reply {
    const PER_PAGE: usize = 10;

    let all = all_issues(criteria, releases);
    let matching: Vec<_> = all
        .into_iter()
        .filter(|issue| status.is_none_or(|status| issue["status"] == status))
        .collect();
    let (items, pages) = (matching.len(), matching.len().div_ceil(PER_PAGE));
    let shown: Vec<_> = matching
        .into_iter()
        .skip(page.saturating_sub(1).saturating_mul(PER_PAGE))
        .take(PER_PAGE)
        .collect();
    Reply::json(
        200,
        json!({
            "issues": shown,
            "pagination": {"page": page, "totalPages": pages, "totalItems": items},
            "criteria": criteria.view(),
        }),
    )
}

fn traces(criteria: &Criteria, request: &Request) -> Reply {
    if request.query("min_date").is_some() != request.query("max_date").is_some() {
        return errors::invalid("min_date and max_date go together.");
    }
    let slowest: u64 = request
        .query("min_response_time_ms")
        .and_then(|least| least.parse().ok())
        .unwrap_or(0);
    let trace = json!({
        "id": "f1a2b3",
        "transaction_name": "Shop\\Checkout::pay",
        "date": criteria.first.strftime(MINUTE).to_string(),
        "environment": criteria.environment,
        "service": "web",
        "server": "app1.foo.bar.local",
        "has_callgraph": false,
        "response_time_ms": 812,
        "memory_kb": 4096,
        "bottlenecks": [],
        "layers": [{"name": "sql", "perc": 40, "count": 12, "latency_sum_ms": 325}],
        "http": {"method": "POST", "status_code": 200, "url": "https://shop.example.com/pay"},
        "_links": {"html_url": "https://app.tideways.io/o/acme/app1/traces/f1a2b3"},
    });
    let found: Vec<_> = [trace].into_iter().filter(|_| slowest <= 812).collect();
    Reply::json(200, json!({ "traces": found }))
}
