//! Actions.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use super::{
    ActionId, ActionResource, ActionStatus, ActionStatusReasonCode, ActionTarget,
    ActionTriggerType, ActionType,
};
use crate::applications::{DeploymentType, SourceType};
use crate::environments::EnvironmentRelation;
use crate::hooks::{HookId, HookRequestId, HookRequestRelation};
use crate::pipelines::PipelineId;
use crate::projects::Project;
use crate::resources::ResourceType;
use crate::users::{UserId, UserRelation};

/// An action: work that Devopness does on servers, networks or credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Action {
    /// Identifies the action.
    pub id: ActionId,
    /// The pipeline that it runs; none if it runs none.
    pub pipeline_id: Option<PipelineId>,
    /// The action that this one retries.
    pub retry_of: Option<ActionId>,
    /// Where the action stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: String,
    /// Why it stands there.
    pub status_reason_code: ActionStatusReasonCode,
    /// The reason in words.
    pub status_reason_human_readable: String,
    /// What kind of action it is.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// The kind in words.
    pub type_human_readable: String,
    /// Its page in the web application.
    pub url_web_permalink: String,
    /// What is special to the action's type; only deployments have some.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub action_data: Option<ActionDeploymentData>,
    /// Who or what triggered it.
    pub triggered_from: ActionTriggeredFrom,
    /// The action that started this one.
    pub parent: Option<RelatedAction>,
    /// The actions that this one started.
    pub children: Vec<RelatedAction>,
    /// The user who triggered it.
    pub triggered_by_user: Option<UserRelation>,
    /// The resource that it is about.
    pub resource: ActionResource,
    /// How many of its targets are in which state.
    pub summary: ActionSummary,
    /// The environment that it belongs to.
    pub environment: Option<EnvironmentRelation>,
    /// The project that it belongs to.
    pub project: Option<Project>,
    /// What it works on.
    pub targets: Option<Vec<ActionTarget>>,
    /// The hook requests that it belongs to.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub hook_requests: Option<ActionHookRequest>,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// An action, as listed and as the last one of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionRelation {
    /// Identifies the action.
    pub id: ActionId,
    /// Where the action stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: String,
    /// Why it stands there.
    pub status_reason_code: ActionStatusReasonCode,
    /// The reason in words.
    pub status_reason_human_readable: String,
    /// What kind of action it is.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// The kind in words.
    pub type_human_readable: String,
    /// Its page in the web application.
    pub url_web_permalink: String,
    /// What is special to the action's type; only deployments have some.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub action_data: Option<ActionDeploymentData>,
    /// Who or what triggered it.
    pub triggered_from: ActionTriggeredFrom,
    /// The resource that it is about.
    pub resource: ActionResource,
    /// How many of its targets are in which state.
    pub summary: Option<ActionSummary>,
    /// What it works on.
    pub targets: Option<Vec<ActionTarget>>,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// An action inside of a resource that is itself listed: the resource is not repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionRelationShallow {
    /// Identifies the action.
    pub id: ActionId,
    /// Where the action stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: String,
    /// Why it stands there.
    pub status_reason_code: ActionStatusReasonCode,
    /// The reason in words.
    pub status_reason_human_readable: String,
    /// What kind of action it is.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// The kind in words.
    pub type_human_readable: String,
    /// Its page in the web application.
    pub url_web_permalink: String,
    /// What is special to the action's type; only deployments have some.
    #[serde(default, deserialize_with = "deploykit_core::de::object")]
    pub action_data: Option<ActionDeploymentData>,
    /// Who or what triggered it.
    pub triggered_from: Option<ActionTriggeredFrom>,
    /// How many of its targets are in which state.
    pub summary: Option<ActionSummary>,
    /// What it works on.
    pub targets: Option<Vec<ActionTarget>>,
    /// When it began; none while it waits.
    pub started_at: Option<Time>,
    /// When it ended; none until then.
    pub completed_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// An action that started this one, or that this one started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RelatedAction {
    /// Identifies the action.
    pub id: ActionId,
    /// Where the action stands.
    pub status: ActionStatus,
    /// The status in words.
    pub status_human_readable: Option<String>,
    /// What kind of action it is.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// The kind in words.
    pub type_human_readable: String,
    /// Name of the resource.
    pub resource_name: Option<String>,
    /// Type of the resource that it is about.
    pub resource_type: ResourceType,
    /// The resource's type in words.
    pub resource_type_human_readable: String,
    /// Its page in the web application.
    pub url_web_permalink: String,
}

/// What an action of type `deploy` deploys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionDeploymentData {
    /// Name of the release that the deployment made.
    pub release_name: String,
    /// The commit.
    pub commit: ActionDeploymentCommit,
    /// Where the code came from.
    pub deployment: ActionDeploymentContent,
}

/// The commit that is deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionDeploymentCommit {
    /// Full name of the repository (`owner/name`).
    pub repository: String,
    /// Name of the commit's author.
    pub author_name: String,
    /// E-mail address of the commit's author.
    pub author_email: String,
    /// When the commit was made.
    pub committed_at: Time,
    /// Full hash of the commit.
    pub hash: String,
    /// The commit's message.
    pub message: String,
    /// Its page at the source provider.
    pub url: String,
    /// Where the commit can be cloned from.
    pub clone_url: String,
    /// Where the commit can be downloaded from.
    pub download_url: String,
}

/// Where the deployed code comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionDeploymentContent {
    /// Whether code was deployed anew, again, or rolled back.
    #[serde(rename = "type")]
    pub kind: DeploymentType,
    /// What `source_ref` names.
    pub source_type: SourceType,
    /// The branch, tag or commit to take.
    pub source_ref: String,
    /// Full name of the repository (`owner/name`).
    pub repository: String,
    /// Name of the source provider.
    pub provider_name: String,
    /// The pipeline that was run.
    pub pipeline_id: PipelineId,
}

/// The hook requests that an action belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionHookRequest {
    /// The request that triggered it.
    pub incoming: Option<HookRequestRelation>,
    /// The request that it led to.
    pub outgoing: Option<HookRequestRelation>,
}

/// Where an action stands, over all its targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionSummary {
    /// How many of the targets are in which state.
    pub targets: ActionSummaryTarget,
}

/// How many targets are in which state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionSummaryTarget {
    /// How many targets there are.
    pub count: u64,
    /// How many wait to begin.
    pub pending: u64,
    /// How many are under way.
    pub in_progress: u64,
    /// How many succeeded.
    pub completed: u64,
    /// How many failed.
    pub failed: u64,
}

/// Who or what triggered an action, and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionTriggeredFrom {
    /// `Origin` of the request that triggered it.
    pub origin: Option<String>,
    /// Whether a hook or a person triggered it.
    pub trigger_type: ActionTriggerType,
    /// Name of the user or hook.
    pub name: String,
    /// The user's e-mail address.
    pub email: Option<String>,
    /// IP address that it was triggered from.
    pub ip_address: String,
    /// The user, if one triggered it.
    pub user_id: Option<UserId>,
    /// The hook, if one triggered it.
    pub hook_id: Option<HookId>,
    /// The hook request, if a hook triggered it.
    pub hook_request_id: Option<HookRequestId>,
}
