//! What version 1 of the API did before version 2 did it.

use std::net::IpAddr;

use deploykit_core::{Error, Secret, de};
use serde::{Deserialize, Serialize};

use super::{FilterType, RequestId};
use crate::relays::check_filters;
use crate::{EnvironmentVariable, PlaceFilter};

deploykit_core::request! {
    /// A server to start, as version 1 takes it. For new programs there is [`Deploy`](crate::Deploy).
    pub struct DeployV1 {
        required {
            /// Name of the application.
            app_name: String,
        }
        optional {
            /// Name of the application's version; the newest one unless set.
            version_name: String,
            /// The players to be near to, by IP address.
            ip_list: Vec<String>,
            /// The players to be near to, by address and place.
            geo_ip_list: Vec<PlacedPlayer>,
            /// Where the server may be.
            filters: Vec<PlaceFilter>,
            /// Variables injected into the container.
            env_vars: Vec<EnvironmentVariable>,
            /// Labels, to find the deployment by.
            tags: Vec<String>,
            /// Where to post the status when the server is ready. Not shown in `Debug`.
            webhook_url: Secret,
            /// What becomes of the container's log.
            container_log_storage: LogStorage,
            /// The command in place of the image's.
            command: String,
            /// The arguments in place of the image's.
            arguments: String,
        }
    }
    check |it| {
        if it.app_name.trim().is_empty() {
            return Err(Error::invalid_input("app_name", "is empty"));
        }
        let addresses = it.ip_list.as_deref().unwrap_or_default();
        if addresses.iter().any(|ip| ip.trim().parse::<IpAddr>().is_err()) {
            return Err(Error::invalid_input("ip_list", "has what is no IP address"));
        }
        check_filters(it.filters.as_deref().unwrap_or_default())
    }
}

/// A player by address and place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedPlayer {
    /// IP address.
    pub ip: String,
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
}

/// What becomes of a container's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStorage {
    /// Whether it is kept.
    pub enabled: bool,
    /// Name of the endpoint storage that keeps it.
    pub endpoint_storage: String,
}

deploykit_core::model! {
    /// A deployment that version 1 started.
    pub struct DeployedV1 {
        required {
            /// Its id.
            request_id: RequestId,
        }
        /// Host name of the server.
        request_dns: Option<String>,
        /// Name of the application.
        request_app: Option<String>,
        /// Name of its version.
        request_version: Option<String>,
        /// How many players were named.
        request_user_count: Option<i64> as de::number,
        /// Where the server may be.
        filters: Vec<PlaceFilterV1>,
        /// Its labels.
        tags: Vec<String>,
        /// What becomes of the container's log.
        container_log_storage: Option<LogStorageV1>,
    }
}

deploykit_core::model! {
    /// What becomes of a container's log.
    pub struct LogStorageV1 {
        /// Whether it is kept.
        enabled: Option<bool>,
        /// Name of the endpoint storage that keeps it.
        endpoint_storage: Option<String>,
    }
}

deploykit_core::model! {
    /// Where a server may be.
    pub struct PlaceFilterV1 {
        /// What is compared.
        field: String,
        /// With what.
        values: Vec<String>,
        /// How.
        filter_type: FilterType,
    }
}

deploykit_core::request! {
    /// What to change of a deployment.
    pub struct DeploymentChange {
        optional {
            /// Whether sessions may still join.
            is_joinable_by_session: bool,
        }
    }
}

deploykit_core::model! {
    /// What was changed of a deployment.
    pub struct DeploymentChanged {
        /// Whether sessions may still join.
        is_joinable_by_session: Option<bool>,
    }
}
