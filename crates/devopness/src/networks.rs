//! Networks.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::credentials::{Credential, CredentialId, CredentialRelation};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::projects::{Project, ProjectId};
use crate::servers::NetworkProvisionInput;
use crate::users::{UserId, UserRelation};

deploykit_core::endpoints! {
    /// Networks at cloud providers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::networks::ListNetworks;
    ///
    /// let with_default = ListNetworks::new().include_default_network(true);
    /// for network in client.networks().list_by_environment(1u64, &with_default).await?.items {
    ///     println!("{} at {}", network.name, network.provider_name_human_readable);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Networks;

    /// Deletes a network, as an action.
    /// Errors: 403.
    deleteNetwork: DELETE "/networks/{network_id}" => delete(network_id: NetworkId) -> Dispatched [acts()];

    /// Fetches a network.
    /// Errors: 403.
    getNetwork: GET "/networks/{network_id}" => get(network_id: NetworkId) -> Network;

    /// Changes a network.
    /// Errors: 403, 422.
    updateNetwork: PUT "/networks/{network_id}" => update(network_id: NetworkId, body: &NetworkUpdate);

    /// Has the cloud provider tell the network's state, as an action.
    /// Errors: 403, 404, 422.
    getStatusNetwork: POST "/networks/{network_id}/get-status"
        => get_status(network_id: NetworkId) -> Dispatched;

    /// Lists the networks of an environment.
    listEnvironmentNetworks: GET "/environments/{environment_id}/networks"
        => list_by_environment(environment_id: EnvironmentId, query: &ListNetworks) -> Pages<NetworkRelation>;

    /// Adds a network. An action makes it at the cloud provider.
    /// Errors: 403, 422.
    addEnvironmentNetwork: POST "/environments/{environment_id}/networks"
        => add(environment_id: EnvironmentId, body: &NewNetwork) -> Dispatched<Network>;
}

deploykit_core::id! {
    /// A network.
    pub struct NetworkId(u64);
}

deploykit_core::request! {
    /// Which networks to list.
    pub struct ListNetworks {
        optional {
            /// Whether the provider's default network is listed too.
            include_default_network: bool,
            /// Only at this cloud provider.
            provider_name: String,
            /// Only in this region.
            region: String,
        }
    }
}

/// A network at a cloud provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Network {
    /// Identifies the network.
    pub id: NetworkId,
    /// Name of the cloud provider.
    pub provider_name: String,
    /// The provider's name in words.
    pub provider_name_human_readable: String,
    /// Name of the network.
    pub name: String,
    /// How it is made at the cloud provider.
    pub provision_input: NetworkProvisionInput,
    /// The user who created it.
    pub created_by_user: UserRelation,
    /// The project that it belongs to.
    pub project: Option<Project>,
    /// The environment that it belongs to.
    pub environment: Option<EnvironmentRelation>,
    /// The credential that it is reached with.
    pub credential: Option<CredentialRelation>,
    /// The last action on it.
    pub last_action: Option<ActionRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A network, as listed and inside of other resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkRelation {
    /// Identifies the network.
    pub id: NetworkId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// The user who created it.
    pub created_by: UserId,
    /// Whether Devopness made it by itself.
    pub is_auto_generated: bool,
    /// Name of the provider.
    pub provider_name: String,
    /// The provider's name in words.
    pub provider_name_human_readable: String,
    /// The credential that it is reached with.
    pub credential: Option<Credential>,
    /// Name of the network.
    pub name: String,
    /// How it is made at the cloud provider.
    pub provision_input: NetworkProvisionInput,
    /// The last action on it.
    pub last_action: Option<ActionRelationShallow>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

deploykit_core::request! {
    /// A network to add.
    pub struct NewNetwork {
        required {
            /// Name of the network. 1 to 63 characters. Not `default`.
            name: String,
            /// How it is made at the cloud provider.
            provision_input: NetworkProvisionInput,
            /// The credential for the cloud provider.
            credential_id: CredentialId,
        }
    }
}

deploykit_core::request! {
    /// Changes to a network.
    pub struct NetworkUpdate {
        required {
            /// Identifies the network.
            id: NetworkId,
            /// The credential for the cloud provider.
            credential_id: CredentialId,
        }
    }
}
