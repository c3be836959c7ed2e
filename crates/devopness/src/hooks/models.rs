//! Hooks and their requests.

use std::fmt;
use std::ops::Deref;

use deploykit_core::{Secret, Time};
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

/// A hook. An incoming one triggers an action when it is called; an outgoing one calls a URL when an action
/// changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hook {
    /// Identifies the hook.
    pub id: HookId,
    /// Name of the hook.
    pub name: String,
    /// Whether it is called or calls.
    #[serde(rename = "type")]
    pub kind: HookType,
    /// Type of the action that it triggers or reports.
    pub action_type: ActionType,
    /// Address that triggers an incoming hook.
    pub url: Option<String>,
    /// Address that an outgoing hook calls.
    pub target_url: Option<String>,
    /// Whether Devopness made it by itself.
    pub is_auto_generated: bool,
    /// Whether requests must be signed with the hook's secret.
    pub requires_secret: bool,
    /// Whether the called server's certificate is checked.
    pub verify_ssl: bool,
    /// Whether the hook is active.
    pub active: bool,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// The pipeline that it runs, or whose actions it reports.
    pub pipeline_id: Option<PipelineId>,
    /// Type of the resource that the pipeline is for.
    pub resource_type: ResourceType,
    /// The resource that the pipeline is for.
    pub resource_id: ResourceId,
    /// What it reads from the request it gets, or puts into the one it makes.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub settings: Option<HookSettings>,
    /// What triggers it.
    #[serde(deserialize_with = "deploykit_core::de::fields")]
    pub trigger_when: HookTriggerWhen,
    /// Secret that requests are signed with. It is shown once, in the answer that made the hook; later it is
    /// none.
    pub secret: Option<Secret>,
    /// Hash function of the signatures, such as `sha256`.
    pub secret_algorithm: Option<String>,
    /// Header that carries the signature.
    pub secret_header_name: Option<String>,
    /// The user who created it.
    pub created_by_user: UserRelation,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A hook, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookRelation {
    /// Identifies the hook.
    pub id: HookId,
    /// Name of the hook.
    pub name: String,
    /// Whether it is called or calls.
    #[serde(rename = "type")]
    pub kind: HookType,
    /// Type of the action that it triggers or reports.
    pub action_type: ActionType,
    /// Address that triggers an incoming hook.
    pub url: Option<String>,
    /// Address that an outgoing hook calls.
    pub target_url: Option<String>,
    /// Whether Devopness made it by itself.
    pub is_auto_generated: bool,
    /// Whether requests must be signed with the hook's secret.
    pub requires_secret: bool,
    /// Whether the called server's certificate is checked.
    pub verify_ssl: bool,
    /// Whether the hook is active.
    pub active: bool,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// The pipeline that it runs, or whose actions it reports.
    pub pipeline_id: Option<PipelineId>,
    /// Type of the resource that the pipeline is for.
    pub resource_type: ResourceType,
    /// The resource that the pipeline is for.
    pub resource_id: ResourceId,
    /// What it reads from the request it gets, or puts into the one it makes.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub settings: Option<HookSettings>,
    /// What triggers it.
    #[serde(deserialize_with = "deploykit_core::de::fields")]
    pub trigger_when: HookTriggerWhen,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A request that a hook got or made, with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookRequest {
    /// Identifies the request.
    pub id: HookRequestId,
    /// The hook that got or made it.
    pub hook_id: HookId,
    /// The action that it triggered or reported.
    pub action_id: Option<ActionId>,
    /// The request that this one retries.
    pub retry_of: Option<HookRequestId>,
    /// IP address that it came from.
    pub ip_address: String,
    /// Address that was called.
    pub url: String,
    /// Headers of the request.
    pub request_headers: Recorded,
    /// Body of the request.
    pub request_body: Recorded,
    /// Status of the answer.
    pub response_status_code: u16,
    /// Headers of the answer.
    pub response_headers: Recorded,
    /// Body of the answer.
    pub response_body: Recorded,
    /// The hook itself.
    pub hook: Option<HookRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
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

impl Deref for Recorded {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

/// A request that a hook got or made, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookRequestRelation {
    /// Identifies the request.
    pub id: HookRequestId,
    /// The hook that got or made it.
    pub hook_id: HookId,
    /// The action that it triggered or reported.
    pub action_id: Option<ActionId>,
    /// The request that this one retries.
    pub retry_of: Option<HookRequestId>,
    /// IP address that it came from.
    pub ip_address: String,
    /// Address that was called.
    pub url: Option<String>,
    /// Status of the answer.
    pub response_status_code: Option<u16>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// What triggering a hook said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookTriggerResponse {
    /// What the service says about it.
    pub message: String,
    /// What went wrong, by field.
    pub errors: Option<Value>,
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
            name: String,
            /// Value of the header. It may be a credential.
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
