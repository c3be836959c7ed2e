//! Private fleets: servers on hosts of your own.

use std::collections::HashSet;

use deploykit_core::{Composite, Error, Time, de};

use crate::deployments::deployment_request;
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
    /// let deployed = fleets.deploy(&FleetDeploy::new("my-app", "v1", hosts).user_ip("192.0.2.7")).await?;
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

    /// As [`deploy`](Self::deploy), at the address of before November 2025, and again since February 2026. Both count
    /// against the same limit. Errors: 400, 401, 422, 429, 500.
    createPrivateFleetDeployment: POST "/v2/private-fleets/deployments"
        => deploy_at_new_path(body: &FleetDeploy) -> Deployed
        [quota(&limits::FLEET_DEPLOY)];
}

impl PrivateFleets {
    /// As [`deploy`](Self::deploy), at whichever of the two addresses the service has. The second is tried
    /// after a 404 only: nothing was started then.
    ///
    /// # Errors
    ///
    /// As [`deploy`](Self::deploy).
    pub fn deploy_at_any_path(&self, body: &FleetDeploy) -> Composite<Deployed> {
        let body = body.clone();
        Composite::new(&self.client, "the deployment", move |client| async move {
            let fleets = Self::new(&client);
            match fleets.deploy(&body).await {
                Err(error) if error.is_not_found() => fleets.deploy_at_new_path(&body).await,
                result => result,
            }
        })
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

deploykit_core::model! {
    /// A host of a private fleet.
    pub struct Host {
        required {
            /// Its id.
            host_id: HostId,
        }
        /// Whether it takes deployments.
        status: HostStatus,
        /// Its address.
        ip_address: Option<String>,
        /// Degrees north.
        latitude: Option<f64>,
        /// Degrees east.
        longitude: Option<f64>,
        /// City.
        city: Option<String>,
        /// Country.
        country: Option<String>,
        /// Continent.
        continent: Option<String>,
        /// CPU in use, in units of 1/1024 vCPU.
        allocated_cpu_units: Option<i64> as de::number,
        /// Memory in use, in MB.
        allocated_memory_mb: Option<i64> as de::number,
        /// CPU that can be used, in units of 1/1024 vCPU.
        allocatable_cpu_units: Option<i64> as de::number,
        /// Memory that can be used, in MB.
        allocatable_memory_mb: Option<i64> as de::number,
        /// Where players measure their latency to it.
        beacon: Option<HostBeacon>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// The region it belongs to.
        centroid: Option<Centroid>,
        /// The region it belongs to, as it was described before December 2025.
        pin: Option<Pin>,
        /// When it will be deleted.
        delete_schedule: Option<DeleteSchedule>,
        /// When it will be deleted, as it was described before December 2025.
        delete_schedules: Vec<DeleteSchedule>,
        /// What the machine has.
        fleet_host_specifications: Option<HostSpecifications>,
    }
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

deploykit_core::model! {
    /// Where players measure their latency to a host.
    pub struct HostBeacon {
        /// Port for TCP.
        tcp_port: Option<u32> as crate::read::port,
        /// Port for UDP.
        udp_port: Option<u32> as crate::read::port,
        /// Its address.
        ip_address: Option<String>,
    }
}

deploykit_core::model! {
    /// A region that hosts are wanted in.
    pub struct Centroid {
        /// Name.
        label: Option<String>,
        /// Degrees north of its middle.
        latitude: Option<f64>,
        /// Degrees east of its middle.
        longitude: Option<f64>,
        /// Radius in km.
        radius_km: Option<f64>,
        /// How many hosts are wanted.
        desired_host_count: Option<i64> as de::number,
    }
}

deploykit_core::model! {
    /// A region that hosts are wanted in, and what kind of hosts: the form before December 2025.
    pub struct Pin {
        /// Name.
        label: Option<String>,
        /// Degrees north of its middle.
        latitude: Option<f64>,
        /// Degrees east of its middle.
        longitude: Option<f64>,
        /// Radius in km.
        radius_km: Option<f64>,
        /// What happens if there is no host within the radius; the service wrote a number for a while.
        radius_strategy: Option<String> as crate::read::text,
        /// How many hosts are wanted.
        desired_host_count: Option<i64> as de::number,
        /// CPU cores of each.
        cpu_cores: Option<f64>,
        /// Memory of each, in GB.
        memory_gb: Option<f64>,
        /// Clock speed of each, in GHz.
        clock_speed_ghz: Option<f64>,
    }
}

deploykit_core::model! {
    /// When a host will be deleted.
    pub struct DeleteSchedule {
        /// Id of the schedule.
        uuid: Option<String>,
        /// The time.
        scheduled_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// What a host has.
    pub struct HostSpecifications {
        /// CPU in units of 1/1024 vCPU.
        cpu_units: Option<i64> as de::number,
        /// Memory in MB.
        memory_mb: Option<i64> as de::number,
        /// Clock speed in MHz, without boost.
        base_clock_speed_mhz: Option<i64> as de::number,
    }
}
