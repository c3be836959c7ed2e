//! What an action works on, and its steps.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use super::{ActionId, ActionStatus, ActionStatusReasonCode, ActionStepId, ActionTargetId};
use crate::credentials::{CloudProviderCode, ProviderType};
use crate::resources::{ResourceId, ResourceType};
use crate::servers::{CloudOsVersionCode, ServerProvisionInput};

/// A server, network or credential that an action works on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionTarget {
    /// Identifies the target within its action.
    pub id: ActionTargetId,
    /// Whether it is a server, a network or a credential.
    pub resource_type: ResourceType,
    /// The resource's type in words.
    pub resource_type_human_readable: Option<String>,
    /// The server, network or credential.
    pub resource_id: ResourceId,
    /// Where the target stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: Option<String>,
    /// Why it stands there.
    pub status_reason_code: ActionStatusReasonCode,
    /// The reason in words.
    pub status_reason_human_readable: Option<String>,
    /// How many steps there are on this target.
    pub total_steps: Option<u32>,
    /// The step under way, or the last one.
    pub current_step: Option<ActionStep>,
    /// The steps.
    pub steps: Option<Vec<ActionStep>>,
    /// What the target is; `resource_type` tells which kind.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub resource_data: Option<ActionTargetData>,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A step of an action on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionStep {
    /// Identifies the step.
    pub id: ActionStepId,
    /// The action that it is part of.
    pub action_id: ActionId,
    /// The target that it runs on.
    pub action_target_id: ActionTargetId,
    /// What the step does, in short.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its place among the steps, from one.
    pub order: u32,
    /// Where the step stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: Option<String>,
    /// Why it stands there.
    pub status_reason_code: Option<ActionStatusReasonCode>,
    /// The reason in words.
    pub status_reason_human_readable: Option<String>,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// The log of one step on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Log {
    /// What the step worked on; it does not tell its type.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub target: Option<ActionTargetData>,
    /// The step and what it wrote.
    pub step: Option<ActionTargetLogStep>,
    /// When the log was last written to.
    pub updated_at: Option<Time>,
}

/// A step, and what it wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionTargetLogStep {
    /// Its place among the steps, from one.
    pub order: u32,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// What the step wrote; none if nothing yet.
    pub output: Option<String>,
}

/// What a target is: a server, a network or a credential. Each has its own of these fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionTargetData {
    /// Identifies the server, network or credential.
    pub id: ResourceId,
    /// Name of the network or credential.
    pub name: Option<String>,
    /// Name of the server.
    pub hostname: Option<String>,
    /// What kind of provider a credential is for.
    pub provider_type: Option<ProviderType>,
    /// The provider that a credential is for.
    pub provider_code: Option<CloudProviderCode>,
    /// Name of the provider.
    pub provider_name: Option<String>,
    /// The provider's name in words.
    pub provider_name_human_readable: Option<String>,
    /// The server's public IPv4 address.
    pub ip_address: Option<String>,
    /// The port on which the server's SSH daemon listens.
    pub ssh_port: Option<u16>,
    /// The server's operating system and version.
    pub os_version_code: Option<CloudOsVersionCode>,
    /// How the server or network was made at the cloud provider.
    pub provision_input: Option<ServerProvisionInput>,
}

impl ActionTargetData {
    /// The server's host name, or the name of the network or credential.
    pub fn label(&self) -> Option<&str> {
        self.hostname.as_deref().or(self.name.as_deref())
    }
}
