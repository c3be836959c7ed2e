//! Servers.

use deploykit_core::{Secret, Time};
use serde::{Deserialize, Serialize};

use super::{
    BlueprintId, CloudOsVersionCode, ServerCloudServiceCode, ServerId, ServerProvisionInput,
};
use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::check::required;
use crate::credentials::CredentialRelation;
use crate::environments::EnvironmentRelation;
use crate::projects::Project;
use crate::resources::ResourceToBeLinked;
use crate::services::{ServiceInitialState, ServiceType};
use crate::static_data::OperatingSystemVersion;
use crate::users::{UserId, UserRelation};

/// A server, rented from a cloud provider or the user's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Server {
    /// Identifies the server.
    pub id: ServerId,
    /// The user who created it.
    pub created_by: UserId,
    /// Name of the server.
    pub name: String,
    /// Name of the host.
    pub hostname: String,
    /// Name of the provider.
    pub provider_name: String,
    /// The provider's name in words.
    pub provider_name_human_readable: String,
    /// The cloud service.
    pub cloud_service_code: ServerCloudServiceCode,
    /// Its public IPv4 address; none until it is provisioned.
    pub ip_address: Option<String>,
    /// The port on which the server's SSH daemon listens.
    pub ssh_port: u16,
    /// Operating system.
    pub os: OperatingSystemVersion,
    /// Operating system and version.
    pub os_version_code: Option<CloudOsVersionCode>,
    /// Whether the server is active.
    pub active: bool,
    /// Where the server stands.
    pub status: ServerStatus,
    /// How many actions may run at once; 0 sets no limit.
    pub max_parallel_actions: u32,
    /// What is installed at first.
    pub blueprint: ServerBlueprint,
    /// How it was made at the cloud provider.
    pub provision_input: ServerProvisionInput,
    /// The user who created it.
    pub created_by_user: UserRelation,
    /// The project that it belongs to.
    pub project: Option<Project>,
    /// The last action on it.
    pub last_action: Option<ActionRelation>,
    /// The environment that it belongs to.
    pub environment: Option<EnvironmentRelation>,
    /// The credential that it is reached with.
    pub credential: Option<CredentialRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A server, as listed and inside of other resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerRelation {
    /// Identifies the server.
    pub id: ServerId,
    /// The user who created it.
    pub created_by: UserId,
    /// Name of the server.
    pub name: String,
    /// Name of the host.
    pub hostname: String,
    /// Name of the provider.
    pub provider_name: String,
    /// The provider's name in words.
    pub provider_name_human_readable: String,
    /// The credential that it is reached with.
    pub credential: Option<CredentialRelation>,
    /// The region it is in; none if it is the user's own.
    pub region: Option<String>,
    /// The region in words.
    pub region_human_readable: Option<String>,
    /// Its public IPv4 address; none until it is provisioned.
    pub ip_address: Option<String>,
    /// The port on which the server's SSH daemon listens.
    pub ssh_port: u16,
    /// Whether the server is active.
    pub active: bool,
    /// Where the server stands.
    pub status: ServerStatus,
    /// The last action on it.
    pub last_action: Option<ActionRelationShallow>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// How a server of one's own is connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerCommand {
    /// Shell command that connects a Linux server. It holds the server's activation token.
    pub connect_command: Secret,
}

/// What was installed on a server at first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerBlueprint {
    /// Identifies the blueprint.
    pub id: Option<BlueprintId>,
    /// Name of the blueprint.
    pub name: Option<String>,
    /// Type of the blueprint.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it installs.
    pub spec: Option<ServerBlueprintSpec>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// What a blueprint installs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerBlueprintSpec {
    /// The services.
    pub services: Option<Vec<BlueprintService>>,
}

deploykit_core::request! {
    /// A service to install on a new server.
    pub struct BlueprintService {
        required {
            /// Which service it is.
            #[serde(rename = "type")]
            kind: ServiceType,
            /// Version of the service.
            version: String,
        }
        optional {
            /// Whether it starts with the operating system.
            auto_start: bool,
            /// Whether it runs once it is installed.
            initial_state: ServiceInitialState,
        }
    }
}

deploykit_core::request! {
    /// A server to add.
    pub struct NewServer {
        required {
            /// Name of the host: digits, dashes and lower-case letters without accents. At most 60 characters.
            hostname: String,
            /// How it is made at the cloud provider.
            provision_input: ServerProvisionInput,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// Its public IPv4 address. Required if `cloud_service_code` is `self-hosted-custom`.
            ip_address: String,
            /// The port on which the server's SSH daemon listens. 22 to 65535. Required if `cloud_service_code`
            /// is `self-hosted-custom`.
            ssh_port: u16,
            /// How many actions may run at once; 0 sets no limit. 0 to 10.
            max_parallel_actions: u32,
            /// Services to install at first.
            blueprint: Vec<BlueprintService>,
            /// Id of the credential for the cloud provider, as text. Required unless `cloud_service_code` is
            /// `self-hosted-custom`.
            credential_id: String,
        }
    }
    check |it| {
        if it.provision_input.cloud_service_code == ServerCloudServiceCode::SelfHostedCustom {
            let because = "for a server of one's own";
            required("ip_address", it.ip_address.as_ref(), because)?;
            required("ssh_port", it.ssh_port.as_ref(), because)
        } else {
            required("credential_id", it.credential_id.as_ref(), "to rent a server")
        }
    }
}

deploykit_core::request! {
    /// Changes to a server.
    pub struct ServerUpdate {
        required {
            /// Identifies the server.
            id: ServerId,
        }
        optional {
            /// Its public IPv4 address.
            ip_address: String,
            /// The port on which the server's SSH daemon listens. 22 to 65535.
            ssh_port: u16,
            /// How many actions may run at once; 0 sets no limit. 0 to 10.
            max_parallel_actions: u32,
            /// Id of the credential for the cloud provider, as text.
            credential_id: String,
        }
    }
}

deploykit_core::open_enum! {
    /// State of a server.
    pub enum ServerStatus {
        /// It is being configured.
        Configuring = "configuring",
        /// It could not be provisioned.
        Failed = "failed",
        /// It waits to be provisioned.
        Pending = "pending",
        /// It is provisioned.
        Provisioned = "provisioned",
        /// It is being provisioned.
        Provisioning = "provisioning",
        /// It is restarting.
        Restarting = "restarting",
        /// It runs.
        Running = "running",
        /// It is stopped.
        Stopped = "stopped",
    }
}

deploykit_core::request! {
    /// Which of the linked servers to act on.
    pub struct TargetServers {
        optional {
            /// The servers. Unless set, all that are linked.
            servers: Vec<ServerId>,
        }
    }
}
