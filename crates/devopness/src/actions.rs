//! Actions.

mod models;
mod progress;
mod resource;
mod status;
mod targets;

pub use models::*;
pub use resource::*;
pub use status::*;
pub use targets::*;

use crate::environments::EnvironmentId;
use crate::organizations::OrganizationId;
use crate::projects::ProjectId;
use crate::resources::{ResourceId, ResourceType};

deploykit_core::endpoints! {
    /// Actions: the work that Devopness does on servers, networks and credentials.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::actions::{ActionStatus, ListActions};
    ///
    /// let failed = ListActions::new().status(ActionStatus::Failed);
    /// for action in client.actions().list(&failed).await?.items {
    ///     println!("{} {}: {}", action.id, action.kind, action.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Actions;

    /// Lists all actions that the token can see.
    listActions: GET "/actions" => list(query: &ListActions) -> Pages<ActionRelation>;

    /// Lists the actions that work on a server, network or credential.
    listActionsByTargetResourceType: GET "/actions/targets/{target_resource_type}/{target_resource_id}"
        => list_by_target(target_resource_type: ResourceType, target_resource_id: ResourceId)
        -> Pages<ActionRelation>;

    /// Fetches an action, with its targets and their steps.
    /// Errors: 402, 404.
    getAction: GET "/actions/{action_id}" => get(action_id: ActionId) -> Action;

    /// Runs a failed action again, as a new action.
    /// Errors: 403.
    retryAction: POST "/actions/{action_id}/retry" => retry(action_id: ActionId) -> Action;

    /// Lists the actions about a resource.
    listActionsByResourceType: GET "/actions/{resource_type}/{resource_id}"
        => list_by_resource(resource_type: ResourceType, resource_id: ResourceId) -> Pages<ActionRelation>;

    /// Fetches what a step wrote on a target. Steps are counted from one.
    getActionLog: GET "/actions/{action_id}/targets/{action_target_id}/steps/{action_step_order}/logs"
        => log(action_id: ActionId, action_target_id: ActionTargetId, action_step_order: u32) -> Log;

    /// Lists the actions in an environment.
    listEnvironmentActions: GET "/environments/{environment_id}/actions"
        => list_by_environment(environment_id: EnvironmentId, query: &ListEnvironmentActions)
        -> Pages<ActionRelation>;

    /// Lists the actions about one type of resource in an environment.
    listEnvironmentActionsByResourceType: GET "/environments/{environment_id}/actions/{resource_type}"
        => list_by_environment_and_type(environment_id: EnvironmentId, resource_type: ResourceType, query: &ListActionsOfType)
        -> Pages<ActionRelation>;

    /// Lists the actions about one type of resource in a project.
    listProjectActionsByResourceType: GET "/projects/{project_id}/actions/{resource_type}"
        => list_by_project_and_type(project_id: ProjectId, resource_type: ResourceType)
        -> Pages<ActionRelation>;
}

deploykit_core::id! {
    /// An action.
    pub struct ActionId(u64);

    /// A target of an action.
    pub struct ActionTargetId(u64);

    /// A step of an action on one target.
    pub struct ActionStepId(u64);
}

deploykit_core::request! {
    /// Which actions to list: those that are all of this.
    pub struct ListActions {
        optional {
            /// In this organization.
            #[serde(rename = "filter[organization_id]")]
            organization_id: OrganizationId,
            /// In this project.
            #[serde(rename = "filter[project_id]")]
            project_id: ProjectId,
            /// In this environment.
            #[serde(rename = "filter[environment_id]")]
            environment_id: EnvironmentId,
            /// About this type of resource.
            #[serde(rename = "filter[resource_type]")]
            resource_type: ResourceType,
            /// About this resource.
            #[serde(rename = "filter[resource_id]")]
            resource_id: ResourceId,
            /// Standing there.
            #[serde(rename = "filter[status]")]
            status: ActionStatus,
            /// Of this kind.
            #[serde(rename = "filter[operation]")]
            operation: ActionType,
        }
    }
}

deploykit_core::request! {
    /// Which actions of an environment to list: those that are all of this.
    pub struct ListEnvironmentActions {
        optional {
            /// About this type of resource.
            #[serde(rename = "filter[resource_type]")]
            resource_type: ResourceType,
            /// About this resource.
            #[serde(rename = "filter[resource_id]")]
            resource_id: ResourceId,
            /// Standing there.
            #[serde(rename = "filter[status]")]
            status: ActionStatus,
            /// Of this kind.
            #[serde(rename = "filter[operation]")]
            operation: ActionType,
        }
    }
}

deploykit_core::request! {
    /// Which actions about one type of resource to list: those that are all of this.
    pub struct ListActionsOfType {
        optional {
            /// About this resource.
            #[serde(rename = "filter[resource_id]")]
            resource_id: ResourceId,
            /// Standing there.
            #[serde(rename = "filter[status]")]
            status: ActionStatus,
            /// Of this kind.
            #[serde(rename = "filter[operation]")]
            operation: ActionType,
        }
    }
}
