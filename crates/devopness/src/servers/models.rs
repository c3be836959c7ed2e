//! Servers.

use deploykit_core::{Absent, Secret, Time};

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

deploykit_core::model! {
    /// A server, rented from a cloud provider or the user's own.
    pub struct Server {
        required {
            /// Identifies the server.
            id: ServerId,
        }
        /// The user who created it.
        created_by: Option<UserId>,
        /// Name of the server.
        name: String,
        /// Name of the host.
        hostname: String,
        /// Name of the provider.
        provider_name: String,
        /// The provider's name in words.
        provider_name_human_readable: String,
        /// The cloud service.
        cloud_service_code: ServerCloudServiceCode,
        /// Its public IPv4 address; none until it is provisioned.
        ip_address: Option<String>,
        /// The port on which the server's SSH daemon listens.
        ssh_port: Option<u16>,
        /// Operating system.
        os: Option<OperatingSystemVersion>,
        /// Operating system and version.
        os_version_code: Option<CloudOsVersionCode>,
        /// Whether the server is active.
        active: Option<bool>,
        /// Where the server stands.
        status: ServerStatus,
        /// How many actions may run at once; 0 sets no limit.
        max_parallel_actions: Option<u32>,
        /// What is installed at first.
        blueprint: Option<ServerBlueprint>,
        /// How it was made at the cloud provider.
        provision_input: Option<ServerProvisionInput> as deploykit_core::de::object,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The credential that it is reached with.
        credential: Option<CredentialRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A server, as listed and inside of other resources.
    pub struct ServerRelation {
        required {
            /// Identifies the server.
            id: ServerId,
        }
        /// The user who created it.
        created_by: Option<UserId>,
        /// Name of the server.
        name: String,
        /// Name of the host.
        hostname: String,
        /// Name of the provider.
        provider_name: String,
        /// The provider's name in words.
        provider_name_human_readable: String,
        /// The credential that it is reached with.
        credential: Option<CredentialRelation>,
        /// The region it is in; none if it is the user's own.
        region: Option<String>,
        /// The region in words.
        region_human_readable: Option<String>,
        /// Its public IPv4 address; none until it is provisioned.
        ip_address: Option<String>,
        /// The port on which the server's SSH daemon listens.
        ssh_port: Option<u16>,
        /// Whether the server is active.
        active: Option<bool>,
        /// Where the server stands.
        status: ServerStatus,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// How a server of one's own is connected.
    pub struct ServerCommand {
        /// Shell command that connects a Linux server. It holds the server's activation token.
        connect_command: Secret,
    }
}

deploykit_core::model! {
    /// What was installed on a server at first.
    pub struct ServerBlueprint {
        /// Identifies the blueprint.
        id: Option<BlueprintId>,
        /// Name of the blueprint.
        name: Option<String>,
        /// Type of the blueprint.
        kind = "type": Option<String>,
        /// What it installs.
        spec: Option<ServerBlueprintSpec>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// What a blueprint installs.
    pub struct ServerBlueprintSpec {
        /// The services.
        services: Option<Vec<BlueprintService>>,
    }
}

deploykit_core::request! {
    /// A service to install on a new server.
    pub struct BlueprintService {
        required {
            /// Which service it is.
            #[serde(
                rename = "type",
                default = "Absent::absent",
                deserialize_with = "Absent::read"
            )]
            kind: ServiceType,
            /// Version of the service.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
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
