//! Actions.

use deploykit_core::Time;

use super::{
    ActionId, ActionResource, ActionStatus, ActionStatusReasonCode, ActionTarget,
    ActionTriggerType, ActionType,
};
use crate::applications::{DeploymentType, SourceType};
use crate::environments::EnvironmentRelation;
use crate::hooks::{HookId, HookRequestId, HookRequestRelation};
use crate::organizations::Organization;
use crate::pipelines::PipelineId;
use crate::projects::Project;
use crate::resources::ResourceType;
use crate::users::{UserId, UserRelation};

deploykit_core::model! {
    /// An action: work that Devopness does on servers, networks or credentials.
    pub struct Action {
        required {
            /// Identifies the action.
            id: ActionId,
        }
        /// The pipeline that it runs; none if it runs none.
        pipeline_id: Option<PipelineId>,
        /// The action that this one retries.
        retry_of: Option<ActionId>,
        /// Where the action stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: String,
        /// Why it stands there.
        status_reason_code: ActionStatusReasonCode,
        /// The reason in words.
        status_reason_human_readable: String,
        /// What kind of action it is.
        kind = "type": ActionType,
        /// The kind in words.
        type_human_readable: String,
        /// Its page in the web application.
        url_web_permalink: String,
        /// What is special to the action's type; only deployments have some.
        action_data: Option<ActionDeploymentData> as deploykit_core::de::object,
        /// Why it was triggered, as whoever triggered it wrote.
        trigger_comment: Option<String>,
        /// Who or what triggered it.
        triggered_from: Option<ActionTriggeredFrom>,
        /// The action that started this one.
        parent: Option<RelatedAction>,
        /// The actions that this one started.
        children: Vec<RelatedAction>,
        /// The user who triggered it.
        triggered_by_user: Option<UserRelation>,
        /// The resource that it is about.
        resource: Option<ActionResource>,
        /// How many of its targets are in which state.
        summary: Option<ActionSummary>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// What it works on.
        targets: Option<Vec<ActionTarget>>,
        /// The hook requests that it belongs to.
        hook_requests: Option<ActionHookRequest> as deploykit_core::de::object,
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
    /// An action, as listed and as the last one of a resource.
    pub struct ActionRelation {
        required {
            /// Identifies the action.
            id: ActionId,
        }
        /// Where the action stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: String,
        /// Why it stands there.
        status_reason_code: ActionStatusReasonCode,
        /// The reason in words.
        status_reason_human_readable: String,
        /// What kind of action it is.
        kind = "type": ActionType,
        /// The kind in words.
        type_human_readable: String,
        /// Its page in the web application.
        url_web_permalink: String,
        /// What is special to the action's type; only deployments have some.
        action_data: Option<ActionDeploymentData> as deploykit_core::de::object,
        /// Why it was triggered, as whoever triggered it wrote.
        trigger_comment: Option<String>,
        /// Who or what triggered it.
        triggered_from: Option<ActionTriggeredFrom>,
        /// The resource that it is about.
        resource: Option<ActionResource>,
        /// How many of its targets are in which state.
        summary: Option<ActionSummary>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The project that it belongs to.
        project: Option<Project>,
        /// The environment that it belongs to.
        environment: Option<EnvironmentRelation>,
        /// What it works on.
        targets: Option<Vec<ActionTarget>>,
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
    /// An action inside of a resource that is itself listed: the resource is not repeated.
    pub struct ActionRelationShallow {
        required {
            /// Identifies the action.
            id: ActionId,
        }
        /// Where the action stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: String,
        /// Why it stands there.
        status_reason_code: ActionStatusReasonCode,
        /// The reason in words.
        status_reason_human_readable: String,
        /// What kind of action it is.
        kind = "type": ActionType,
        /// The kind in words.
        type_human_readable: String,
        /// Its page in the web application.
        url_web_permalink: String,
        /// What is special to the action's type; only deployments have some.
        action_data: Option<ActionDeploymentData> as deploykit_core::de::object,
        /// Who or what triggered it.
        triggered_from: Option<ActionTriggeredFrom>,
        /// How many of its targets are in which state.
        summary: Option<ActionSummary>,
        /// What it works on.
        targets: Option<Vec<ActionTarget>>,
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
    /// An action that started this one, or that this one started.
    pub struct RelatedAction {
        required {
            /// Identifies the action.
            id: ActionId,
        }
        /// Where the action stands.
        status: ActionStatus,
        /// The status in words.
        status_human_readable: Option<String>,
        /// What kind of action it is.
        kind = "type": ActionType,
        /// The kind in words.
        type_human_readable: String,
        /// Name of the resource.
        resource_name: Option<String>,
        /// Type of the resource that it is about.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// Its page in the web application.
        url_web_permalink: String,
    }
}

deploykit_core::model! {
    /// What an action of type `deploy` deploys.
    pub struct ActionDeploymentData {
        /// Name of the release that the deployment made.
        release_name: String,
        /// The commit.
        commit: Option<ActionDeploymentCommit>,
        /// Where the code came from.
        deployment: Option<ActionDeploymentContent>,
    }
}

deploykit_core::model! {
    /// The commit that is deployed.
    pub struct ActionDeploymentCommit {
        /// Full name of the repository (`owner/name`).
        repository: String,
        /// Name of the commit's author.
        author_name: String,
        /// E-mail address of the commit's author.
        author_email: String,
        /// When the commit was made.
        committed_at: Time,
        /// Full hash of the commit.
        hash: String,
        /// The commit's message.
        message: String,
        /// Its page at the source provider.
        url: String,
        /// Where the commit can be cloned from.
        clone_url: String,
        /// Where the commit can be downloaded from.
        download_url: String,
    }
}

deploykit_core::model! {
    /// Where the deployed code comes from.
    pub struct ActionDeploymentContent {
        /// Whether code was deployed anew, again, or rolled back.
        kind = "type": DeploymentType,
        /// What `source_ref` names.
        source_type: SourceType,
        /// The branch, tag or commit to take.
        source_ref: String,
        /// Full name of the repository (`owner/name`).
        repository: String,
        /// Name of the source provider.
        provider_name: String,
        /// The pipeline that was run.
        pipeline_id: Option<PipelineId>,
    }
}

deploykit_core::model! {
    /// The hook requests that an action belongs to.
    pub struct ActionHookRequest {
        /// The request that triggered it.
        incoming: Option<HookRequestRelation>,
        /// The request that it led to.
        outgoing: Option<HookRequestRelation>,
    }
}

deploykit_core::model! {
    /// Where an action stands, over all its targets.
    pub struct ActionSummary {
        /// How many of the targets are in which state.
        targets: Option<ActionSummaryTarget>,
    }
}

deploykit_core::model! {
    /// How many targets are in which state.
    pub struct ActionSummaryTarget {
        /// How many targets there are.
        count: Option<u64> as deploykit_core::de::count,
        /// How many wait to begin.
        pending: Option<u64> as deploykit_core::de::count,
        /// How many are under way.
        in_progress: Option<u64> as deploykit_core::de::count,
        /// How many succeeded.
        completed: Option<u64> as deploykit_core::de::count,
        /// How many failed.
        failed: Option<u64> as deploykit_core::de::count,
    }
}

deploykit_core::model! {
    /// Who or what triggered an action, and from where.
    pub struct ActionTriggeredFrom {
        /// `Origin` of the request that triggered it.
        origin: Option<String>,
        /// Whether a hook or a person triggered it.
        trigger_type: ActionTriggerType,
        /// Name of the user or hook.
        name: String,
        /// The user's e-mail address.
        email: Option<String>,
        /// IP address that it was triggered from.
        ip_address: String,
        /// The user, if one triggered it.
        user_id: Option<UserId>,
        /// The hook, if one triggered it.
        hook_id: Option<HookId>,
        /// The hook request, if a hook triggered it.
        hook_request_id: Option<HookRequestId>,
    }
}
