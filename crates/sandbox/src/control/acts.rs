//! What can be seen of the services, and done to them.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::asked::{Answer, Asked, Problem, done, ok};
use super::{Remote, Stands};
use crate::controlled::{Answered, Operation};
use crate::reply::Reply;
use crate::seeds::Seeds;

/// Speeds outside of this are slips of the pen.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=1_000_000.0;

/// How far the clock goes at once: ten years.
const FURTHEST: f64 = 10.0 * 366.0 * 24.0 * 3600.0;

/// How many ends of deployments can be decided in advance.
const MOST_OUTCOMES: usize = 1000;

pub(super) fn health(_: &Stands, _: &Asked) -> Answer {
    ok(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

pub(super) fn ready(stands: &Stands, _: &Asked) -> Answer {
    let ended: Vec<_> = stands
        .all()
        .filter(|one| !one.runs())
        .map(Remote::name)
        .collect();
    let services: Vec<_> = stands.all().map(Remote::name).collect();
    let status = if ended.is_empty() { 200 } else { 503 };
    let body = json!({"ready": ended.is_empty(), "services": services, "ended": ended});
    Ok(Reply::json(status, body))
}

fn summary(remote: &dyn Remote) -> Value {
    json!({
        "name": remote.name(),
        "base_url": remote.base_url(),
        "token": remote.token(),
        "version": remote.version(),
        "hints": remote.hints(),
        "requests": remote.log().count(),
        "faults": remote.faults().all().len(),
        "clock": clock(remote),
    })
}

pub(super) fn services(stands: &Stands, _: &Asked) -> Answer {
    ok(json!({"services": stands.all().map(summary).collect::<Vec<_>>()}))
}

pub(super) fn service(stands: &Stands, asked: &Asked) -> Answer {
    ok(json!({"service": summary(stands.named(asked)?)}))
}

pub(super) fn state(stands: &Stands, asked: &Asked) -> Answer {
    ok(json!({"state": stands.named(asked)?.state()}))
}

pub(super) fn outcomes(stands: &Stands, asked: &Asked) -> Answer {
    ok(json!({"outcomes": stands.named(asked)?.outcomes()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcomes {
    outcomes: Vec<Value>,
}

pub(super) fn add_outcomes(stands: &Stands, asked: &Asked) -> Answer {
    let remote = stands.named(asked)?;
    let more: Outcomes = asked.body()?;
    let mut all = remote.outcomes();
    all.extend(more.outcomes);
    if all.len() > MOST_OUTCOMES {
        return Err(Problem::bad(format!(
            "{MOST_OUTCOMES} outcomes can wait at most"
        )));
    }
    remote.set_outcomes(all).map_err(Problem::bad)?;
    ok(json!({"outcomes": remote.outcomes()}))
}

pub(super) fn clear_outcomes(stands: &Stands, asked: &Asked) -> Answer {
    let remote = stands.named(asked)?;
    remote.set_outcomes(Vec::new()).map_err(Problem::bad)?;
    done()
}

fn quotas_of(remote: &dyn Remote) -> Value {
    let mut quotas = Vec::new();
    remote.limits(&mut |name, limit| {
        quotas.push(json!({
            "name": name, "on": limit.is_on(), "requests": limit.most(), "window_seconds": limit.per().as_secs_f64(),
        }));
    });
    json!({ "quotas": quotas })
}

pub(super) fn quotas(stands: &Stands, asked: &Asked) -> Answer {
    ok(quotas_of(stands.named(asked)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quota {
    name: Option<String>,
    on: Option<bool>,
    requests: Option<u64>,
}

pub(super) fn change_quotas(stands: &Stands, asked: &Asked) -> Answer {
    let remote = stands.named(asked)?;
    let order: Quota = asked.body()?;
    if order.on.is_none() && order.requests.is_none() {
        return Err(Problem::bad(
            "nothing changes: say on (true or false), requests (a number), or both",
        ));
    }
    let mut known = Vec::new();
    remote.limits(&mut |name, _| known.push(name));
    match &order.name {
        _ if known.is_empty() => {
            let text = format!("{} has no quotas", remote.name());
            return Err(Problem::bad(text));
        }
        Some(name) if !known.contains(&name.as_str()) => {
            let known = known.join(", ");
            return Err(Problem::bad(format!(
                "there is no quota {name}, only {known}"
            )));
        }
        _ => {}
    }
    remote.limits(&mut |name, limit| {
        if order.name.as_deref().is_some_and(|wanted| wanted != name) {
            return;
        }
        if let Some(requests) = order.requests {
            limit.set_most(requests);
        }
        if let Some(on) = order.on {
            limit.switch(on);
        }
    });
    ok(quotas_of(remote))
}

fn clock(remote: &dyn Remote) -> Value {
    let clock = remote.clock();
    json!({
        "service": remote.name(), "now": clock.now().to_string(), "ahead_seconds": clock.ahead().as_secs_f64(),
        "speed": clock.speed(),
    })
}

pub(super) fn clocks(stands: &Stands, _: &Asked) -> Answer {
    ok(json!({"clocks": stands.all().map(clock).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    speed: f64,
    services: Option<Vec<String>>,
}

pub(super) fn set_speed(stands: &Stands, asked: &Asked) -> Answer {
    let order: Speed = asked.body()?;
    if !SPEEDS.contains(&order.speed) {
        let (least, most) = (SPEEDS.start(), SPEEDS.end());
        return Err(Problem::bad(format!(
            "the speed is a number from {least} to {most}; 1 is real time"
        )));
    }
    let chosen = stands.chosen(order.services.as_deref())?;
    for remote in &chosen {
        remote.clock().set_speed(order.speed);
    }
    ok(json!({"clocks": chosen.into_iter().map(clock).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
    services: Option<Vec<String>>,
}

pub(super) fn advance(stands: &Stands, asked: &Asked) -> Answer {
    let order: Advance = asked.body()?;
    if !(0.0..=FURTHEST).contains(&order.seconds) {
        return Err(Problem::bad(format!(
            "seconds is a number from 0 to {FURTHEST}, which is ten years"
        )));
    }
    let chosen = stands.chosen(order.services.as_deref())?;
    for remote in &chosen {
        remote
            .clock()
            .advance(Duration::from_secs_f64(order.seconds));
    }
    ok(json!({"clocks": chosen.into_iter().map(clock).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    services: Option<Vec<String>>,
}

pub(super) fn reset(stands: &Stands, asked: &Asked) -> Answer {
    let order: Which = asked.body()?;
    for remote in stands.chosen(order.services.as_deref())? {
        remote.reset().map_err(Problem::bad)?;
    }
    done()
}

pub(super) fn seed(stands: &Stands, asked: &Asked) -> Answer {
    if asked.body.is_null() {
        return Err(Problem::bad(
            "a seed is an object with a list for each kind of thing",
        ));
    }
    let remote = stands.named(asked)?;
    remote.seed(asked.body.clone()).map_err(Problem::bad)?;
    done()
}

/// Services are seeded one after the other: those before one that is refused stay seeded.
pub(super) fn seed_all(stands: &Stands, asked: &Asked) -> Answer {
    let seeds = Seeds::new(asked.body.clone()).map_err(Problem::bad)?;
    let names: Vec<String> = seeds.services().map(str::to_owned).collect();
    for remote in stands.chosen(Some(&names))? {
        let seed = seeds.of(remote.name()).cloned().unwrap_or_default();
        remote.seed(seed).map_err(Problem::bad)?;
    }
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    services: Option<Vec<String>>,
}

pub(super) fn snapshots(stands: &Stands, _: &Asked) -> Answer {
    ok(json!({"snapshots": stands.kept().views()}))
}

pub(super) fn keep(stands: &Stands, asked: &Asked) -> Answer {
    let order: Keep = asked.body()?;
    let mut moments = Vec::new();
    for remote in stands.chosen(order.services.as_deref())? {
        let moment = remote.snapshot().ok_or_else(|| {
            let name = remote.name();
            Problem::bad(format!(
                "there are no snapshots of {name}: leave it out of services"
            ))
        })?;
        moments.push((remote.name(), moment));
    }
    let kept = stands.kept().add(moments)?;
    Ok(Reply::json(201, json!({"snapshot": kept})))
}

pub(super) fn restore(stands: &Stands, asked: &Asked) -> Answer {
    let kept = stands.kept();
    for (name, moment) in kept.find(asked.argument("snapshot"))? {
        stands.remote(name)?.restore(moment).map_err(Problem::bad)?;
    }
    done()
}

pub(super) fn forget(stands: &Stands, asked: &Asked) -> Answer {
    stands.kept().remove(asked.argument("snapshot"))?;
    done()
}

pub(super) fn coverage(stands: &Stands, asked: &Asked) -> Answer {
    let [service] = asked.query(["service"])?;
    let chosen = service.map(|service| vec![service.to_owned()]);
    let mut services = Map::new();
    for remote in stands.chosen(chosen.as_deref())? {
        let operations = remote.operations();
        let count = |answered| {
            operations
                .iter()
                .filter(|one| one.answered == answered)
                .count()
        };
        let view = |one: &Operation| json!({"id": one.id, "method": one.method, "path": one.path, "answered": one.answered.as_str()});
        services.insert(
            remote.name().to_owned(),
            json!({
                "stateful": count(Answered::Stateful),
                "example": count(Answered::Example),
                "missing": count(Answered::Missing),
                "operations": operations.iter().map(view).collect::<Vec<_>>(),
            }),
        );
    }
    ok(json!({ "services": services }))
}

pub(super) fn openapi(_: &Stands, _: &Asked) -> Answer {
    Ok(Reply::bytes(200, "application/json", super::OPENAPI))
}

pub(super) fn no_route() -> Problem {
    let text = "there is no such operation: GET /__sandbox/openapi.json lists them";
    Problem::new(StatusCode::NOT_FOUND, text)
}
