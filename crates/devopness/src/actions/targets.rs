//! What an action works on, and its steps.

use deploykit_core::Time;

use super::{ActionId, ActionStatus, ActionStatusReasonCode, ActionStepId, ActionTargetId};
use crate::credentials::{ProviderCode, ProviderType};
use crate::resources::{ResourceId, ResourceType};
use crate::servers::{CloudOsVersionCode, ServerProvisionInput};

deploykit_core::model! {
    /// A server, network or credential that an action works on.
    pub struct ActionTarget {
        required {
            /// Identifies the target within its action.
            id: ActionTargetId,
        }
        /// Whether it is a server, a network or a credential.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: Option<String>,
        /// The server, network or credential.
        resource_id: Option<ResourceId>,
        /// Where the target stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: Option<String>,
        /// Why it stands there.
        status_reason_code: ActionStatusReasonCode,
        /// The reason in words.
        status_reason_human_readable: Option<String>,
        /// How many steps there are on this target.
        total_steps: Option<u32>,
        /// The step under way, or the last one.
        current_step: Option<ActionStep>,
        /// The steps.
        steps: Option<Vec<ActionStep>>,
        /// What the target is; `resource_type` tells which kind.
        resource_data: Option<ActionTargetData> as deploykit_core::de::object,
        /// When it began; none while it waits.
        started_at: Option<Time>,
        /// When it ended; none until then.
        completed_at: Option<Time>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A step of an action on one target.
    pub struct ActionStep {
        required {
            /// Identifies the step.
            id: ActionStepId,
        }
        /// The action that it is part of.
        action_id: Option<ActionId>,
        /// The target that it runs on.
        action_target_id: Option<ActionTargetId>,
        /// What the step does, in short.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Its place among the steps, from one.
        order: Option<u32>,
        /// Where the step stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: Option<String>,
        /// Why it stands there.
        status_reason_code: Option<ActionStatusReasonCode>,
        /// The reason in words.
        status_reason_human_readable: Option<String>,
        /// When it began; none while it waits.
        started_at: Option<Time>,
        /// When it ended; none until then.
        completed_at: Option<Time>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// The log of one step on one target.
    pub struct Log {
        /// What the step worked on; it does not tell its type.
        target: Option<ActionTargetData> as deploykit_core::de::object,
        /// The step and what it wrote.
        step: Option<ActionTargetLogStep>,
        /// When the log was last written to.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// A step, and what it wrote.
    pub struct ActionTargetLogStep {
        /// Its place among the steps, from one.
        order: Option<u32>,
        /// When it began; none while it waits.
        started_at: Option<Time>,
        /// When it ended; none until then.
        completed_at: Option<Time>,
        /// What the step wrote; none if nothing yet.
        output: Option<String>,
    }
}

deploykit_core::model! {
    /// What a target is: a server, a network or a credential. Each has its own of these fields.
    pub struct ActionTargetData {
        required {
            /// Identifies the server, network or credential.
            id: ResourceId,
        }
        /// Name of the network or credential.
        name: Option<String>,
        /// Name of the server.
        hostname: Option<String>,
        /// What kind of provider a credential is for.
        provider_type: Option<ProviderType>,
        /// The provider that a credential is for.
        provider_code: Option<ProviderCode>,
        /// Name of the provider.
        provider_name: Option<String>,
        /// The provider's name in words.
        provider_name_human_readable: Option<String>,
        /// The server's public IPv4 address.
        ip_address: Option<String>,
        /// The port on which the server's SSH daemon listens.
        ssh_port: Option<u16>,
        /// The server's operating system and version.
        os_version_code: Option<CloudOsVersionCode>,
        /// How the server or network was made at the cloud provider.
        provision_input: Option<ServerProvisionInput> as deploykit_core::de::object,
    }
}

impl ActionTargetData {
    /// The server's host name, or the name of the network or credential.
    pub fn label(&self) -> Option<&str> {
        self.hostname.as_deref().or(self.name.as_deref())
    }
}
