//! Private fleets and their hosts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Edgegap, errors};
use crate::clock::Clock;
use crate::reply::Reply;
use crate::sync::lock;

/// What a server takes of a host, and a host has for each server.
const CPU_UNITS: usize = 1024;
const MEMORY_MB: usize = 2048;

/// A private fleet.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    name: String,
    pub(super) hosts: Vec<Host>,
}

/// A host of a private fleet.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) id: String,
    created_at: Timestamp,
}

impl Fleet {
    pub(super) fn new(name: String, hosts: Vec<String>, clock: &Clock) -> Self {
        let host = |id| Host {
            id,
            created_at: clock.now(),
        };
        Self {
            name,
            hosts: hosts.into_iter().map(host).collect(),
        }
    }
}

impl Fleet {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Host {
    pub(super) fn is_active(&self) -> bool {
        !self.id.ends_with("pending")
    }

    fn view(&self, number: usize, servers: usize, room: usize) -> Value {
        let active = self.is_active();
        let address = format!("198.51.100.{}", number % 254 + 1);
        let created = self
            .created_at
            .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
            .to_string();
        json!({
            "host_id": self.id,
            "status": if active { "ACTIVE" } else { "PENDING" },
            "ip_address": active.then_some(&address),
            "latitude": 45.508888,
            "longitude": -73.561668,
            "city": "Montreal",
            "country": "Canada",
            "continent": "North America",
            "allocated_cpu_units": servers * CPU_UNITS,
            "allocated_memory_mb": servers * MEMORY_MB,
            "allocatable_cpu_units": room * CPU_UNITS,
            "allocatable_memory_mb": room * MEMORY_MB,
            "beacon": active.then(|| json!({"tcp_port": 8080, "udp_port": 8081, "ip_address": address})),
            "created_at": created,
            "updated_at": created,
            "centroid": {
                "label": "north-america",
                "latitude": 45.508888,
                "longitude": -73.561668,
                "radius_km": 500.0,
                "desired_host_count": 2,
            },
            "delete_schedule": null,
            "fleet_host_specifications": {
                "cpu_units": room * CPU_UNITS,
                "memory_mb": room * MEMORY_MB,
                "base_clock_speed_mhz": 3200,
            },
        })
    }
}

impl Edgegap {
    /// `GET /v2/private-fleets/{fleet}/hosts`
    pub(super) fn hosts(&self, name: &str) -> Reply {
        let fleets = lock(&self.fleets);
        let Some(fleet) = fleets.iter().find(|fleet| fleet.name == name) else {
            return errors::not_found("Private fleet not found");
        };
        let view = |(number, host): (usize, &Host)| {
            host.view(number, self.servers_on(&host.id), self.knobs.host_room)
        };
        let hosts: Vec<_> = fleet.hosts.iter().enumerate().map(view).collect();
        Reply::json(200, json!({ "data": hosts }))
    }
}
