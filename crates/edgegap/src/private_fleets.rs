//! Private fleets: servers on hosts of your own.

use std::collections::HashSet;

use deploykit_core::{Call, Endpoint, Error, Method, Result, Time, de};
use serde::{Deserialize, Serialize};

use crate::deployments::{deployment_request, port_number};
use crate::{Deployed, EnvironmentVariable, Resources, User, Webhook, limits};

deploykit_core::id! {
    /// The name of a private fleet.
    pub struct FleetName(String);

    /// The id of a host in a private fleet: `alpha-north-america-95fab093`.
    pub struct HostId(String);
}

deploykit_core::endpoints! {
    /// Servers on hosts of your own.
    ///
    /// ```
    /// # async fn run(client: deploykit_edgegap::Client) -> Result<(), deploykit_edgegap::Error> {
    /// use deploykit_edgegap::{FleetDeploy, HostId, HostStatus};
    ///
    /// let fleets = client.private_fleets();
    /// let hosts = fleets.hosts("test-fleet").await?.items;
    /// let active = hosts.into_iter().filter(|host| host.status == HostStatus::Active);
    /// let hosts: Vec<HostId> = active.map(|host| host.host_id).collect();
    /// let deployed = fleets.deploy(&FleetDeploy::new("my-app", "v1", hosts)).await?;
    /// println!("started {}", deployed.request_id);
    /// # Ok(())
    /// # }
    /// ```
    pub struct PrivateFleets;

    /// Starts a server on the first of these hosts that has room, else in the cloud. Counts against 40 a
    /// second.
    ///
    /// Not repeated after a failure that may have started one, as
    /// [`Deployments::deploy`](crate::Deployments::deploy); a 422 names the deployment
    /// ([`ErrorExt::deployment`](crate::ErrorExt::deployment)). If this address answers 404, the service
    /// has moved it: [`deploy_at_new_path`](Self::deploy_at_new_path). Errors: 400, 401, 422, 429, 500.
    deployToPrivateFleet: POST "/v2/private-fleets:deploy" => deploy(body: &FleetDeploy) -> Deployed
        [quota(&limits::FLEET_DEPLOY)];

    /// Lists the hosts of a private fleet. Counts against 10 a second. Errors: 401, 404, 500.
    listPrivateFleetHosts: GET "/v2/private-fleets/{fleet_name}/hosts"
        => hosts(fleet_name: FleetName) -> Pages<Host>
        [envelope("data"), per_page("limit"), quota(&limits::FLEET_HOSTS)];
}

/// The address of the deploy operation before November 2025, and again since February 2026.
const DEPLOY_AT_NEW_PATH: Endpoint = Endpoint::new(
    "deployToPrivateFleet",
    Method::POST,
    "/v2/private-fleets/deployments",
)
.summary("Starts a server on a private fleet, at the newer address.")
.quota(&limits::FLEET_DEPLOY);

impl PrivateFleets {
    /// As [`deploy`](Self::deploy), at the address that the service uses since February 2026:
    /// `POST /v2/private-fleets/deployments`. Both count against the same limit.
    pub fn deploy_at_new_path(&self, body: &FleetDeploy) -> Call<Deployed> {
        self.client
            .call(self.client.request(&DEPLOY_AT_NEW_PATH).json(body))
    }

    /// As [`deploy`](Self::deploy), at whichever of the two addresses the service has. The second is tried
    /// after a 404 only: nothing was started then.
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub async fn deploy_at_any_path(&self, body: &FleetDeploy) -> Result<Deployed> {
        match self.deploy(body).await {
            Err(error) if error.is_not_found() => self.deploy_at_new_path(body).await,
            result => result,
        }
    }
}

deployment_request! {
    /// A server to start on a private fleet. The hosts are tried in order.
    FleetDeploy {
        /// The hosts to try, the preferred one first.
        private_host_ids: Vec<HostId>,
    }
    check |order| {
        let mut seen = HashSet::new();
        let problem = match order.private_host_ids.as_slice() {
            [] => "is empty",
            ids if ids.iter().any(|id| id.as_str().trim().is_empty()) => "has an empty id",
            ids if !ids.iter().all(|id| seen.insert(id)) => "has an id twice",
            _ => return Ok(()),
        };
        Err(Error::invalid_input("private_host_ids", problem))
    }
}

/// A host of a private fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Host {
    /// Its id.
    pub host_id: HostId,
    /// Whether it takes deployments.
    pub status: HostStatus,
    /// Its address.
    pub ip_address: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// City.
    pub city: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Continent.
    pub continent: Option<String>,
    /// CPU in use, in units of 1/1024 vCPU.
    #[serde(default, deserialize_with = "de::number")]
    pub allocated_cpu_units: Option<i64>,
    /// Memory in use, in MB.
    #[serde(default, deserialize_with = "de::number")]
    pub allocated_memory_mb: Option<i64>,
    /// CPU that can be used, in units of 1/1024 vCPU.
    #[serde(default, deserialize_with = "de::number")]
    pub allocatable_cpu_units: Option<i64>,
    /// Memory that can be used, in MB.
    #[serde(default, deserialize_with = "de::number")]
    pub allocatable_memory_mb: Option<i64>,
    /// Where players measure their latency to it.
    pub beacon: Option<HostBeacon>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was changed last.
    pub updated_at: Option<Time>,
    /// The region it belongs to.
    pub centroid: Option<Centroid>,
    /// The region it belongs to, as it was described before December 2025.
    pub pin: Option<Pin>,
    /// When it will be deleted.
    pub delete_schedule: Option<DeleteSchedule>,
    /// When it will be deleted, as it was described before December 2025.
    #[serde(default, deserialize_with = "de::nullable")]
    pub delete_schedules: Vec<DeleteSchedule>,
    /// What the machine has.
    pub fleet_host_specifications: Option<HostSpecifications>,
}

deploykit_core::open_enum! {
    /// Whether a host takes deployments.
    pub enum HostStatus {
        /// Not yet.
        Pending = "PENDING",
        /// It does.
        Active = "ACTIVE",
    }
}

/// Where players measure their latency to a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostBeacon {
    /// Port for TCP.
    #[serde(default, deserialize_with = "port_number")]
    pub tcp_port: Option<u16>,
    /// Port for UDP.
    #[serde(default, deserialize_with = "port_number")]
    pub udp_port: Option<u16>,
    /// Its address.
    pub ip_address: Option<String>,
}

/// A region that hosts are wanted in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Centroid {
    /// Name.
    pub label: Option<String>,
    /// Degrees north of its middle.
    pub latitude: Option<f64>,
    /// Degrees east of its middle.
    pub longitude: Option<f64>,
    /// Radius in km.
    pub radius_km: Option<f64>,
    /// How many hosts are wanted.
    #[serde(default, deserialize_with = "de::number")]
    pub desired_host_count: Option<i64>,
}

/// A region that hosts are wanted in, and what kind of hosts: the form before December 2025.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pin {
    /// Name.
    pub label: Option<String>,
    /// Degrees north of its middle.
    pub latitude: Option<f64>,
    /// Degrees east of its middle.
    pub longitude: Option<f64>,
    /// Radius in km.
    pub radius_km: Option<f64>,
    /// What happens if there is no host within the radius.
    pub radius_strategy: Option<String>,
    /// How many hosts are wanted.
    #[serde(default, deserialize_with = "de::number")]
    pub desired_host_count: Option<i64>,
    /// CPU cores of each.
    pub cpu_cores: Option<f64>,
    /// Memory of each, in GB.
    pub memory_gb: Option<f64>,
    /// Clock speed of each, in GHz.
    pub clock_speed_ghz: Option<f64>,
}

/// When a host will be deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeleteSchedule {
    /// Id of the schedule.
    pub uuid: Option<String>,
    /// The time.
    pub scheduled_at: Option<Time>,
}

/// What a host has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostSpecifications {
    /// CPU in units of 1/1024 vCPU.
    #[serde(default, deserialize_with = "de::number")]
    pub cpu_units: Option<i64>,
    /// Memory in MB.
    #[serde(default, deserialize_with = "de::number")]
    pub memory_mb: Option<i64>,
    /// Clock speed in MHz, without boost.
    #[serde(default, deserialize_with = "de::number")]
    pub base_clock_speed_mhz: Option<i64>,
}
