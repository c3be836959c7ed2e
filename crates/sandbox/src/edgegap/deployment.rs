//! One deployment and its life, computed from the time when somebody looks.

use std::ops::Deref;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::knobs::{Knobs, Outcome};
use super::locations::Place;
use super::tags::Tag;
use crate::clock::Clock;
use crate::sync::{Held, lock};

/// The phases before a server is ready.
const STARTING: [&str; 5] = ["INITIALIZING", "SEEKING", "SEEKED", "SCANNING", "DEPLOYING"];

/// The first external port; the others follow.
const FIRST_PORT: usize = 30_000;
const PORTS: usize = 29_999;

/// One deployment.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    /// Counted from 0.
    pub(super) number: usize,
    pub(super) id: String,
    /// The order it was made from, as sent.
    pub(super) order: Value,
    /// The private host it runs on, if it does.
    pub(super) host: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) tags: Held<Vec<Tag>>,
    /// Whether sessions may still join.
    pub(super) joinable: Held<bool>,
    pub(super) access_point: usize,
    pub(super) delete_token: String,
    pub(super) outcome: Outcome,
    place: &'static Place,
    ports: Vec<Port>,
    created: Instant,
    start_time: Duration,
    stop_time: Duration,
    ending: End,
    storage: Held<Option<String>>,
}

/// Whether and when somebody asked it to end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ending(Option<Instant>);

/// The same, with what waits for it. A copy has its own.
#[derive(Debug)]
struct End(watch::Sender<Ending>);

impl Clone for End {
    fn clone(&self) -> Self {
        Self(watch::Sender::new(*self.0.borrow()))
    }
}

impl Deref for End {
    type Target = watch::Sender<Ending>;

    fn deref(&self) -> &watch::Sender<Ending> {
        &self.0
    }
}

#[derive(Debug, Clone)]
struct Port {
    name: String,
    internal: u16,
    external: usize,
    protocol: String,
}

/// Where a deployment is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Starting(&'static str),
    Ready,
    Error,
    Terminating,
    Terminated,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Starting(name) => name,
            Self::Ready => "READY",
            Self::Error => "ERROR",
            Self::Terminating => "TERMINATING",
            Self::Terminated => "TERMINATED",
        }
    }
}

/// What a stop comes to.
pub(super) enum Stopped {
    Now,
    Later,
    Before,
}

impl Deployment {
    #[expect(clippy::too_many_arguments, reason = "called once")]
    pub(super) fn begin(
        number: usize,
        order: Value,
        version: &Value,
        host: Option<String>,
        place: &'static Place,
        outcome: Outcome,
        knobs: &Knobs,
        clock: &Clock,
    ) -> Self {
        let tag = |name: &Value| Tag::new(name.as_str().unwrap_or_default(), clock.now());
        let tags = order["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .map(tag)
            .collect();
        Self {
            number,
            id: id_of(number),
            host,
            created_at: clock.now(),
            tags: Held::new(tags),
            joinable: Held::new(true),
            access_point: 463_660 + number,
            delete_token: format!("delete-{}", id_of(number)),
            place,
            ports: ports(number, version, knobs),
            created: clock.instant(),
            start_time: clock.scaled(match outcome {
                Outcome::NotPlaced => Duration::ZERO,
                _ => knobs.start_time,
            }),
            stop_time: clock.scaled(knobs.stop_time),
            ending: End(watch::Sender::new(Ending::default())),
            storage: Held::new(match version["endpoint_storage"].as_str() {
                Some(storage) => Some(storage.to_owned()),
                None => knobs.endpoint_storage.clone(),
            }),
            outcome,
            order,
        }
    }

    /// When it is ready or has failed. One that is stuck gets there by being stopped.
    pub(super) fn started_at(&self) -> Option<Instant> {
        (self.outcome != Outcome::Stuck).then(|| self.created + self.start_time)
    }

    /// When it begins to end, if somebody asked.
    pub(super) fn ends_from(&self) -> Option<Instant> {
        let asked = self.ending.borrow().0?;
        Some(
            self.started_at()
                .map_or(asked, |started| started.max(asked)),
        )
    }

    pub(super) fn ended_at(&self) -> Option<Instant> {
        Some(self.ends_from()? + self.stop_time)
    }

    pub(super) fn phase(&self, now: Instant) -> Phase {
        match (self.ended_at(), self.ends_from()) {
            (Some(ended), _) if now >= ended => return Phase::Terminated,
            (_, Some(from)) if now >= from => return Phase::Terminating,
            _ => {}
        }
        if self.started_at().is_some_and(|started| now >= started) {
            return match self.outcome {
                Outcome::Ready => Phase::Ready,
                _ => Phase::Error,
            };
        }
        let passed = now.duration_since(self.created).as_nanos() * STARTING.len() as u128;
        let index = passed.checked_div(self.start_time.as_nanos()).unwrap_or(0) as usize;
        let index = index.min(STARTING.len() - 1);
        Phase::Starting(STARTING[index])
    }

    pub(super) fn has_ended(&self, now: Instant) -> bool {
        self.phase(now) == Phase::Terminated
    }

    /// Asks it to end.
    pub(super) fn stop(&self, now: Instant) -> Stopped {
        if self.has_ended(now) {
            return Stopped::Before;
        }
        self.ending.send_if_modified(|ending| {
            let first = ending.0.is_none();
            ending.0.get_or_insert(now);
            first
        });
        match self.phase(now) {
            Phase::Starting(_) => Stopped::Later,
            _ => Stopped::Now,
        }
    }

    /// Tells when somebody asks it to end.
    pub(super) fn endings(&self) -> watch::Receiver<Ending> {
        self.ending.subscribe()
    }

    pub(super) fn keep_log(&self, storage: Option<String>) {
        *lock(&self.storage) = storage;
    }

    pub(super) fn log_storage(&self) -> Option<String> {
        lock(&self.storage).clone()
    }

    pub(super) fn fqdn(&self) -> String {
        format!("{}.pr.edgegap.net", self.id)
    }

    pub(super) fn public_ip(&self) -> String {
        format!("192.0.2.{}", self.number % 254 + 1)
    }

    pub(super) fn tag_names(&self) -> Vec<String> {
        lock(&self.tags)
            .iter()
            .map(|tag| tag.name.clone())
            .collect()
    }

    /// The state as `GET /v1/status` and webhooks tell it.
    pub(super) fn status(&self, now: Instant, clock: &Clock) -> Value {
        let phase = self.phase(now);
        let placed = !matches!(
            phase,
            Phase::Starting("INITIALIZING" | "SEEKING") | Phase::Error
        );
        let runs = phase == Phase::Ready;
        let at = |instant: Instant| naive(self.created_at, instant, self.created, clock);
        let started = self
            .started_at()
            .filter(|&started| now >= started && placed);
        let error = match &self.outcome {
            Outcome::Error(detail) if started.is_some() || phase == Phase::Error => {
                Some(detail.clone())
            }
            Outcome::NotPlaced => Some("No location found for this deployment".to_owned()),
            _ => None,
        };
        let elapsed = started.map(|started| clock.unscaled(now - started).as_secs());
        json!({
            "request_id": self.id,
            "fqdn": self.fqdn(),
            "app_name": self.order["application"],
            "app_version": self.order["version"],
            "current_status": format!("Status.{}", phase.name()),
            "running": runs,
            "whitelisting_active": false,
            "start_time": started.map(at),
            "removal_time": self.ended_at().filter(|&ended| now >= ended).map(at),
            "elapsed_time": elapsed,
            "max_duration": 1440,
            "last_status": null,
            "error": error.is_some(),
            "error_detail": error,
            "public_ip": placed.then(|| self.public_ip()),
            "ports": runs.then(|| self.ports()),
            "location": placed.then(|| self.place.view()),
            "tags": self.tag_names(),
            "command": null,
            "arguments": null,
        })
    }

    /// The deployment as lists show it.
    pub(super) fn listed(&self, now: Instant, clock: &Clock) -> Value {
        let ready = self.phase(now) == Phase::Ready;
        let status = self.status(now, clock);
        json!({
            "request_id": self.id,
            "fqdn": self.fqdn(),
            "start_time": status["start_time"],
            "ready": ready,
            "public_ip": status["public_ip"],
            "ports": status["ports"],
            "tags": status["tags"],
            "is_joinable_by_session": *lock(&self.joinable),
        })
    }

    fn ports(&self) -> Value {
        let view = |port: &Port| {
            let tls = matches!(port.protocol.as_str(), "HTTPS" | "WSS");
            let view = json!({
                "external": port.external,
                "internal": port.internal,
                "protocol": port.protocol,
                "name": port.name,
                "tls_upgrade": tls,
                "link": format!("{}:{}", self.fqdn(), port.external),
                "proxy": port.external,
            });
            (port.key(), view)
        };
        self.ports.iter().map(view).collect()
    }

    /// The variables that its container would find.
    pub(super) fn injected(&self, base_url: &str) -> Vec<(String, String)> {
        let stop = format!("{base_url}/v1/self/stop/{}/{}", self.id, self.access_point);
        let port = |port: &Port| {
            let view = json!({
                "name": port.name,
                "internal": port.internal,
                "external": port.external,
                "protocol": port.protocol,
            });
            (port.key(), view)
        };
        let ports: Value = self.ports.iter().map(port).collect();
        let fleet = if self.host.is_some() {
            "private"
        } else {
            "PUBLIC_CLOUD"
        };
        let mut all = vec![
            ("REQUEST_ID", self.id.clone()),
            ("PUBLIC_IP", self.public_ip()),
            ("DELETE_URL", stop),
            ("DELETE_TOKEN", self.delete_token.clone()),
            ("DEPLOYMENT_LOCATION", self.place.view().to_string()),
            ("DEPLOYMENT_TAGS", self.tag_names().join(",")),
            ("PORTS_MAPPING", json!({ "ports": ports }).to_string()),
            ("PRIVATE_FLEET_ID", fleet.to_owned()),
        ];
        all.extend(self.host.clone().map(|host| ("HOST_ID", host)));
        let all = all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        let ports = self.ports.iter().flat_map(|port| {
            let name = sanitised(&port.key());
            [
                (format!("PORT_{name}_INTERNAL"), port.internal.to_string()),
                (format!("PORT_{name}_EXTERNAL"), port.external.to_string()),
                (format!("PORT_{name}_PROTOCOL"), port.protocol.clone()),
            ]
        });
        let all = all
            .chain(ports)
            .map(|(name, value)| (format!("ARBITRIUM_{name}"), value));
        let own = self.order["environment_variables"]
            .as_array()
            .into_iter()
            .flatten();
        let own = own.filter_map(|one| Some((one["key"].as_str()?, one["value"].as_str()?)));
        all.chain(own.map(|(key, value)| (key.to_owned(), value.to_owned())))
            .collect()
    }

    /// What the container has written so far.
    pub(super) fn log(&self, now: Instant) -> String {
        match self.phase(now) {
            Phase::Starting(_) => String::new(),
            Phase::Ready => "Server is listening\n".to_owned(),
            _ => "Server is listening\nSIGTERM received, bye\n".to_owned(),
        }
    }
}

impl Port {
    /// How maps of ports call it.
    fn key(&self) -> String {
        if self.name.is_empty() {
            self.internal.to_string()
        } else {
            self.name.clone()
        }
    }
}

/// A port's name as variables have it.
fn sanitised(name: &str) -> String {
    name.to_ascii_uppercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// The ports of the version, of the settings, or the usual one.
fn ports(number: usize, version: &Value, knobs: &Knobs) -> Vec<Port> {
    let external = |index: usize, of: usize| FIRST_PORT + (number * of + index) % PORTS;
    if let Some(ports) = version["ports"]
        .as_array()
        .filter(|ports| !ports.is_empty())
    {
        let port = |(index, port): (usize, &Value)| Port {
            name: port["name"].as_str().unwrap_or_default().to_owned(),
            internal: port["port"]
                .as_u64()
                .and_then(|number| u16::try_from(number).ok())
                .unwrap_or_default(),
            external: external(index, ports.len()),
            protocol: port["protocol"].as_str().unwrap_or_default().to_owned(),
        };
        return ports.iter().enumerate().map(port).collect();
    }
    if knobs.ports.is_empty() {
        return vec![Port {
            name: "gameport".to_owned(),
            internal: 7777,
            external: external(0, 1),
            protocol: "UDP".to_owned(),
        }];
    }
    let port = |(index, port): (usize, &super::knobs::PortKnob)| Port {
        name: port.name.clone(),
        internal: port.internal,
        external: external(index, knobs.ports.len()),
        protocol: port.protocol.clone(),
    };
    knobs.ports.iter().enumerate().map(port).collect()
}

/// Twelve hexadecimal digits that look like nothing, each number's its own.
fn id_of(number: usize) -> String {
    // Odd, so that multiplying by it loses nothing.
    const SPREAD: u64 = 0x9e37_79b9_7f4b;
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    format!(
        "{:012x}",
        number.wrapping_add(1).wrapping_mul(SPREAD) & 0xffff_ffff_ffff
    )
}

/// The time of an instant, as version 1 writes it.
fn naive(origin: Timestamp, at: Instant, since: Instant, clock: &Clock) -> String {
    let passed = clock.unscaled(at.duration_since(since));
    let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
    let time = origin.saturating_add(passed).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}
