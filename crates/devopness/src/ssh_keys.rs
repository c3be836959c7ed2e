//! SSH Keys.

use deploykit_core::Time;

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::dispatched::Dispatched;
use crate::environments::{EnvironmentId, EnvironmentRelation};
use crate::projects::ProjectId;
use crate::resources::ResourceToBeLinked;
use crate::servers::{ServerRelation, TargetServers};
use crate::users::{UserId, UserRelation};

deploykit_core::endpoints! {
    /// SSH keys that may log in to servers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// for key in client.ssh_keys().list_by_environment(1u64).await?.items {
    ///     println!("{} {}", key.name, key.fingerprint);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct SshKeys;

    /// Lists the SSH keys of an environment.
    /// Errors: 403.
    listEnvironmentSshKeys: GET "/environments/{environment_id}/ssh-keys"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<SshKeyRelation>;

    /// Adds an SSH key to an environment.
    /// Errors: 403, 422.
    addEnvironmentSshKey: POST "/environments/{environment_id}/ssh-keys"
        => add(environment_id: EnvironmentId, body: &NewSshKey) -> SshKey;

    /// Deletes an SSH key. An action takes it off its servers.
    /// Errors: 403.
    deleteSshKey: DELETE "/ssh-keys/{ssh_key_id}" => delete(ssh_key_id: SshKeyId) -> Dispatched [acts()];

    /// Puts an SSH key onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deploySshKey: POST "/ssh-keys/{ssh_key_id}/deploy"
        => deploy(ssh_key_id: SshKeyId, body: &TargetServers) -> Dispatched;

    /// Fetches an SSH key.
    /// Errors: 403.
    getSshKey: GET "/ssh-keys/{ssh_key_id}" => get(ssh_key_id: SshKeyId) -> SshKey;

    /// Changes an SSH key.
    /// Errors: 403, 422.
    updateSshKey: PUT "/ssh-keys/{ssh_key_id}" => update(ssh_key_id: SshKeyId, body: &SshKeyUpdate);
}

deploykit_core::id! {
    /// An SSH key.
    pub struct SshKeyId(u64);
}

deploykit_core::model! {
    /// A public key that may log in to servers.
    pub struct SshKey {
        required {
            /// Identifies the key.
            id: SshKeyId,
        }
        /// The user who created it.
        created_by: Option<UserId>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// Name of the key.
        name: String,
        /// Hash of the public key.
        fingerprint: String,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The servers that it opens.
        servers: Vec<ServerRelation>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// An SSH key, as listed.
    pub struct SshKeyRelation {
        required {
            /// Identifies the key.
            id: SshKeyId,
        }
        /// The user who created it.
        created_by: Option<UserId>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// Name of the key.
        name: String,
        /// Hash of the public key.
        fingerprint: String,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// An SSH key to add.
    pub struct NewSshKey {
        required {
            /// Name of the key. At most 60 characters.
            name: String,
            /// The public key.
            public_key: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
        }
    }
}

deploykit_core::request! {
    /// Changes to an SSH key.
    pub struct SshKeyUpdate {
        required {
            /// Identifies the key.
            id: SshKeyId,
            /// Name of the key. At most 60 characters.
            name: String,
        }
    }
}
