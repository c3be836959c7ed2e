//! Hooks and their requests.

use std::fmt;
use std::ops::Deref;

use deploykit_core::{Absent, Secret, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{HookId, HookRequestId, HookSettings, HookTriggerWhen, HookType, HookVariableType};
use crate::actions::{ActionId, ActionType};
use crate::check::required;
use crate::environments::EnvironmentId;
use crate::pipelines::PipelineId;
use crate::projects::ProjectId;
use crate::resources::{ResourceId, ResourceType};
use crate::users::UserRelation;

deploykit_core::model! {
    /// A hook. An incoming one triggers an action when it is called; an outgoing one calls a URL when an action
    /// changes.
    pub struct Hook {
        required {
            /// Identifies the hook.
            id: HookId,
        }
        /// Name of the hook.
        name: String,
        /// Whether it is called or calls.
        kind = "type": HookType,
        /// Type of the action that it triggers or reports.
        action_type: ActionType,
        /// Address that triggers an incoming hook.
        url: Option<String>,
        /// Address that an outgoing hook calls.
        target_url: Option<String>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Whether requests must be signed with the hook's secret.
        requires_secret: Option<bool>,
        /// Whether the called server's certificate is checked.
        verify_ssl: Option<bool>,
        /// Whether the hook is active.
        active: Option<bool>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The pipeline that it runs, or whose actions it reports.
        pipeline_id: Option<PipelineId>,
        /// Type of the resource that the pipeline is for.
        resource_type: ResourceType,
        /// The resource that the pipeline is for.
        resource_id: Option<ResourceId>,
        /// What it reads from the request it gets, or puts into the one it makes.
        settings: Option<HookSettings> as deploykit_core::de::object,
        /// What triggers it.
        trigger_when: Option<HookTriggerWhen> as deploykit_core::de::object,
        /// Secret that requests are signed with. It is shown once, in the answer that made the hook; later it is
        /// none.
        secret: Option<Secret>,
        /// Hash function of the signatures, such as `sha256`.
        secret_algorithm: Option<String>,
        /// Header that carries the signature.
        secret_header_name: Option<String>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A hook, as listed.
    pub struct HookRelation {
        required {
            /// Identifies the hook.
            id: HookId,
        }
        /// Name of the hook.
        name: String,
        /// Whether it is called or calls.
        kind = "type": HookType,
        /// Type of the action that it triggers or reports.
        action_type: ActionType,
        /// Address that triggers an incoming hook.
        url: Option<String>,
        /// Address that an outgoing hook calls.
        target_url: Option<String>,
        /// Whether Devopness made it by itself.
        is_auto_generated: Option<bool>,
        /// Whether requests must be signed with the hook's secret.
        requires_secret: Option<bool>,
        /// Whether the called server's certificate is checked.
        verify_ssl: Option<bool>,
        /// Whether the hook is active.
        active: Option<bool>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// The pipeline that it runs, or whose actions it reports.
        pipeline_id: Option<PipelineId>,
        /// Type of the resource that the pipeline is for.
        resource_type: ResourceType,
        /// The resource that the pipeline is for.
        resource_id: Option<ResourceId>,
        /// What it reads from the request it gets, or puts into the one it makes.
        settings: Option<HookSettings> as deploykit_core::de::object,
        /// What triggers it.
        trigger_when: Option<HookTriggerWhen> as deploykit_core::de::object,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A request that a hook got or made, with its answer.
    pub struct HookRequest {
        required {
            /// Identifies the request.
            id: HookRequestId,
        }
        /// The hook that got or made it.
        hook_id: Option<HookId>,
        /// The action that it triggered or reported.
        action_id: Option<ActionId>,
        /// The request that this one retries.
        retry_of: Option<HookRequestId>,
        /// IP address that it came from.
        ip_address: String,
        /// Address that was called.
        url: String,
        /// Headers of the request.
        request_headers: Recorded,
        /// Body of the request.
        request_body: Recorded,
        /// Status of the answer.
        response_status_code: Option<u16>,
        /// Headers of the answer.
        response_headers: Recorded,
        /// Body of the answer.
        response_body: Recorded,
        /// The hook itself.
        hook: Option<HookRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

/// Headers or the body of a recorded request or answer, as JSON. They may hold tokens and signatures, and are
/// not shown in `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded(pub Value);

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Absent for Recorded {
    fn absent() -> Self {
        Self(Value::Null)
    }
}

impl Deref for Recorded {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

deploykit_core::model! {
    /// A request that a hook got or made, as listed.
    pub struct HookRequestRelation {
        required {
            /// Identifies the request.
            id: HookRequestId,
        }
        /// The hook that got or made it.
        hook_id: Option<HookId>,
        /// The action that it triggered or reported.
        action_id: Option<ActionId>,
        /// The request that this one retries.
        retry_of: Option<HookRequestId>,
        /// IP address that it came from.
        ip_address: String,
        /// Address that was called.
        url: Option<String>,
        /// Status of the answer.
        response_status_code: Option<u16>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// What triggering a hook said.
    pub struct HookTriggerResponse {
        /// What the service says about it.
        message: String,
        /// What went wrong, by field.
        errors: Option<Value>,
    }
}

deploykit_core::request! {
    /// A value that an incoming hook takes out of the request it gets.
    pub struct HookVariable {
        optional {
            /// Name of the variable.
            name: String,
            /// Where the value is in the request's body, in dot notation; unless set, `name` is taken.
            path: String,
            /// What kind of value it is.
            #[serde(rename = "type")]
            kind: HookVariableType,
            /// Whether it must be given.
            required: bool,
            /// Value if the request has none: a text, number or boolean, or a list of them.
            default_value: Value,
        }
    }
}

deploykit_core::request! {
    /// A header that an outgoing hook sends.
    pub struct HookOutgoingRequestHeader {
        required {
            /// Name of the header.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            name: String,
            /// Value of the header. It may be a credential.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            value: Secret,
        }
    }
}

deploykit_core::request! {
    /// A hook to add to a pipeline.
    pub struct NewHook {
        required {
            /// Name of the hook. At most 60 characters.
            name: String,
        }
        optional {
            /// Whether it can be triggered.
            active: bool,
            /// Whether requests must be signed with the hook's secret. Required if `type` is `in`.
            requires_secret: bool,
            /// Hash function of the signatures, such as `sha256`. At most 20 characters. Required if
            /// `requires_secret` is `true`.
            secret_algorithm: String,
            /// Header that carries the signature. At most 64 characters. Required if `requires_secret` is
            /// `true`.
            secret_header_name: String,
            /// What triggers it.
            trigger_when: HookTriggerWhen,
            /// What it reads from the request it gets, or puts into the one it makes.
            settings: HookSettings,
        }
    }
    check |it| {
        if it.requires_secret == Some(true) {
            let because = "if requests are to be signed";
            required("secret_algorithm", it.secret_algorithm.as_ref(), because)?;
            required("secret_header_name", it.secret_header_name.as_ref(), because)?;
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// Changes to a hook.
    pub struct HookUpdate {
        required {
            /// Identifies the hook.
            id: HookId,
            /// Name of the hook. At most 60 characters.
            name: String,
        }
        optional {
            /// Whether it can be triggered.
            active: bool,
            /// Whether requests must be signed with the hook's secret.
            requires_secret: bool,
            /// Hash function of the signatures, such as `sha256`. At most 20 characters. Required if
            /// `requires_secret` is `true`.
            secret_algorithm: String,
            /// Header that carries the signature. At most 64 characters. Required if `requires_secret` is
            /// `true`.
            secret_header_name: String,
            /// What triggers it.
            trigger_when: HookTriggerWhen,
            /// What it reads from the request it gets, or puts into the one it makes.
            settings: HookSettings,
        }
    }
    check |it| {
        if it.requires_secret == Some(true) {
            let because = "if requests are to be signed";
            required("secret_algorithm", it.secret_algorithm.as_ref(), because)?;
            required("secret_header_name", it.secret_header_name.as_ref(), because)?;
        }
        Ok(())
    }
}
