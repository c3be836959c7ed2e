//! Networks.

use deploykit_core::Time;

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
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
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

deploykit_core::model! {
    /// A network at a cloud provider.
    pub struct Network {
        required {
            /// Identifies the network.
            id: NetworkId,
        }
        /// Name of the cloud provider.
        provider_name: String,
        /// The provider's name in words.
        provider_name_human_readable: String,
        /// Name of the network.
        name: String,
        /// How it is made at the cloud provider.
        provision_input: Option<NetworkProvisionInput> as deploykit_core::de::object,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
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
    /// A network, as listed and inside of other resources.
    pub struct NetworkRelation {
        required {
            /// Identifies the network.
            id: NetworkId,
        }
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The user who created it.
        created_by: Option<UserId>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Name of the provider.
        provider_name: String,
        /// The provider's name in words.
        provider_name_human_readable: String,
        /// The credential that it is reached with.
        credential: Option<Credential>,
        /// Name of the network.
        name: String,
        /// How it is made at the cloud provider.
        provision_input: Option<NetworkProvisionInput> as deploykit_core::de::object,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
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
