//! Environments.

use deploykit_core::Time;

use crate::projects::{Project, ProjectId};
use crate::resources::ResourceSummaryItem;
use crate::teams::TeamRelation;
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Environments: parts of a project, each with its own servers and applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::environments::{EnvironmentType, NewEnvironment};
    ///
    /// let new = NewEnvironment::new(EnvironmentType::Staging, "before the release");
    /// let environment = client.environments().add(1u64, &new).await?;
    /// client.environments().archive(environment.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Environments;

    /// Fetches an environment.
    /// Errors: 403.
    getEnvironment: GET "/environments/{environment_id}" => get(environment_id: EnvironmentId) -> Environment;

    /// Changes an environment.
    /// Errors: 403, 422.
    updateEnvironment: PUT "/environments/{environment_id}"
        => update(environment_id: EnvironmentId, body: &EnvironmentUpdate);

    /// Deletes an environment.
    /// Errors: 403.
    deleteEnvironment: DELETE "/environments/{environment_id}" => delete(environment_id: EnvironmentId);

    /// Archives an environment.
    /// Errors: 403.
    archiveEnvironment: POST "/environments/{environment_id}/archive"
        => archive(environment_id: EnvironmentId);

    /// Takes an environment out of the archive.
    /// Errors: 403.
    unarchiveEnvironment: POST "/environments/{environment_id}/unarchive"
        => unarchive(environment_id: EnvironmentId);

    /// Lists the environments of a project.
    /// Errors: 403.
    listProjectEnvironments: GET "/projects/{project_id}/environments"
        => list_by_project(project_id: ProjectId) -> Pages<EnvironmentRelation>;

    /// Adds an environment to a project.
    /// Errors: 403.
    addProjectEnvironment: POST "/projects/{project_id}/environments"
        => add(project_id: ProjectId, body: &NewEnvironment) -> Environment;

    /// Lists the archived environments of a project.
    /// Errors: 403.
    listProjectArchivedEnvironments: GET "/projects/{project_id}/environments/archived"
        => list_archived_by_project(project_id: ProjectId) -> Pages<EnvironmentRelation>;
}

deploykit_core::id! {
    /// An environment.
    pub struct EnvironmentId(u64);
}

deploykit_core::model! {
    /// An environment: a part of a project with its own servers and applications.
    pub struct Environment {
        required {
            /// Identifies the environment.
            id: EnvironmentId,
        }
        /// What kind of environment it is.
        kind = "type": EnvironmentType,
        /// The kind in words.
        type_human_readable: String,
        /// Name of the environment.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// Whether it is archived.
        is_archived: Option<bool>,
        /// How many resources it has, by type.
        resource_summary: Option<Vec<ResourceSummaryItem>>,
        /// The teams that work in it.
        teams: Vec<TeamRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// What the user of this token may do in it.
        current_user_permissions: Vec<String>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// An environment, as listed and inside of other resources.
    pub struct EnvironmentRelation {
        required {
            /// Identifies the environment.
            id: EnvironmentId,
        }
        /// What kind of environment it is.
        kind = "type": EnvironmentType,
        /// The kind in words.
        type_human_readable: String,
        /// Name of the environment.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// Credits that its actions used in this month's billing cycle.
        used_credits: Option<u64> as deploykit_core::de::count,
        /// How many resources it has, by type.
        resource_summary: Option<Vec<ResourceSummaryItem>>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
        /// When it was archived; none if it is not.
        archived_at: Option<Time>,
        /// The project that it belongs to.
        project: Option<Project>,
    }
}

deploykit_core::request! {
    /// An environment to add to a project.
    pub struct NewEnvironment {
        required {
            /// What kind of environment it is.
            #[serde(rename = "type")]
            kind: EnvironmentType,
            /// Name of the environment. At most 60 characters.
            name: String,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to an environment.
    pub struct EnvironmentUpdate {
        required {
            /// Identifies the environment.
            id: EnvironmentId,
            /// What kind of environment it is.
            #[serde(rename = "type")]
            kind: EnvironmentType,
            /// Name of the environment. At most 60 characters.
            name: String,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}

deploykit_core::open_enum! {
    /// What an environment is for.
    pub enum EnvironmentType {
        /// Development.
        Development = "development",
        /// Production.
        Production = "production",
        /// Staging.
        Staging = "staging",
    }
}
