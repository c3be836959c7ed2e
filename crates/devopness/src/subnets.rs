//! Subnets.

use deploykit_core::Time;

use crate::actions::ActionRelation;
use crate::credentials::{CredentialId, CredentialRelation};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::networks::{NetworkId, NetworkRelation};
use crate::projects::{Project, ProjectId};
use crate::servers::SubnetProvisionInput;
use crate::users::{UserId, UserRelation};

deploykit_core::endpoints! {
    /// Subnets: parts of networks.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::networks::NewNetwork;
    /// use deploykit_devopness::servers::{CloudSettings, NetworkProvisionInput, ServerCloudServiceCode};
    /// use deploykit_devopness::subnets::ListSubnets;
    ///
    /// let settings = CloudSettings::new().region("us-east-1").cidr_block("10.0.0.0/16");
    /// let input = NetworkProvisionInput::new(ServerCloudServiceCode::AwsEc2, settings);
    /// let network = client.networks().add(1u64, &NewNetwork::new("backend", input, 2u64)).await?;
    ///
    /// let subnets = client.subnets().list_by_network(network.value.id, &ListSubnets::new()).await?;
    /// println!("{} subnets", subnets.items.len());
    /// # Ok(())
    /// # }
    /// ```
    pub struct Subnets;

    /// Deletes a subnet, as an action.
    /// Errors: 403.
    deleteSubnet: DELETE "/subnets/{subnet_id}" => delete(subnet_id: SubnetId) -> Dispatched [acts()];

    /// Fetches a subnet.
    /// Errors: 403.
    getSubnet: GET "/subnets/{subnet_id}" => get(subnet_id: SubnetId) -> Subnet;

    /// Lists the subnets of a network.
    listNetworkSubnets: GET "/networks/{network_id}/subnets"
        => list_by_network(network_id: NetworkId, query: &ListSubnets) -> Pages<SubnetRelation>;

    /// Lists the subnets of an environment.
    listEnvironmentSubnets: GET "/environments/{environment_id}/subnets"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<SubnetRelation>;

    /// Adds a subnet. An action makes it at the cloud provider.
    /// Errors: 403, 422.
    addNetworkSubnet: POST "/networks/{network_id}/subnets"
        => add(network_id: NetworkId, body: &NewSubnet) -> Dispatched<Subnet>;
}

deploykit_core::id! {
    /// A subnet.
    pub struct SubnetId(u64);
}

deploykit_core::request! {
    /// Which subnets to list.
    pub struct ListSubnets {
        optional {
            /// Only in this region.
            region: String,
            /// Only in this availability zone.
            zone: String,
        }
    }
}

deploykit_core::model! {
    /// A part of a network.
    pub struct Subnet {
        required {
            /// Identifies the subnet.
            id: SubnetId,
        }
        /// Name of the subnet.
        name: String,
        /// What kind of subnet it is.
        kind = "type": SubnetType,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// How it is made at the cloud provider.
        provision_input: Option<SubnetProvisionInput> as deploykit_core::de::object,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The network that it is part of.
        network: Option<NetworkRelation>,
        /// The credential that it is reached with.
        credential: Option<CredentialRelation>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A subnet, as listed.
    pub struct SubnetRelation {
        required {
            /// Identifies the subnet.
            id: SubnetId,
        }
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The user who created it.
        created_by: Option<UserId>,
        /// The network that it is part of; until 2026-03-02.
        network_id: Option<NetworkId>,
        /// The network that it is part of.
        network: Option<NetworkRelation>,
        /// Name of the subnet.
        name: String,
        /// What kind of subnet it is.
        kind = "type": SubnetType,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// How it is made at the cloud provider.
        provision_input: Option<SubnetProvisionInput> as deploykit_core::de::object,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// A subnet to add to a network.
    pub struct NewSubnet {
        required {
            /// Name of the subnet. 1 to 63 characters.
            name: String,
            /// What kind of subnet it is.
            #[serde(rename = "type")]
            kind: SubnetType,
            /// How it is made at the cloud provider.
            provision_input: SubnetProvisionInput,
            /// The credential for the cloud provider.
            credential_id: CredentialId,
        }
    }
}

deploykit_core::open_enum! {
    /// Who can reach a subnet.
    pub enum SubnetType {
        /// Everyone.
        Public = "public",
    }
}
