//! Roles.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::projects::ProjectId;

deploykit_core::endpoints! {
    /// Roles: what a team or a token may do.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::roles::NewRole;
    ///
    /// let reader = NewRole::new("reader", ["application:read".to_owned(), "server:read".to_owned()]);
    /// let role = client.roles().add(1u64, &reader).await?;
    /// println!("{:?}", role.permissions);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Roles;

    /// Deletes a role.
    /// Errors: 404.
    deleteRole: DELETE "/roles/{role_id}" => delete(role_id: RoleId);

    /// Fetches a role.
    /// Errors: 404.
    getRole: GET "/roles/{role_id}" => get(role_id: RoleId) -> Role;

    /// Changes a role.
    /// Errors: 403.
    updateRole: PUT "/roles/{role_id}" => update(role_id: RoleId, body: &RoleUpdate);

    /// Lists the roles that can be given in a project.
    listProjectRoles: GET "/projects/{project_id}/roles"
        => list_by_project(project_id: ProjectId) -> Pages<RoleRelation>;

    /// Adds a role to a project.
    /// Errors: 403, 422.
    addProjectRole: POST "/projects/{project_id}/roles" => add(project_id: ProjectId, body: &NewRole) -> Role;
}

deploykit_core::id! {
    /// A role.
    pub struct RoleId(u64);
}

/// A role: what a team or token may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Role {
    /// Identifies the role.
    pub id: RoleId,
    /// Name of the role.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The project that defines it; none if it is predefined.
    pub project_id: Option<ProjectId>,
    /// Whether Devopness defines it; else the project does.
    pub is_predefined: bool,
    /// What it permits, as `resource:verb`.
    pub permissions: Vec<String>,
    /// The role that it builds on.
    pub parent: Option<RoleRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A role, as listed and inside of other objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RoleRelation {
    /// Identifies the role.
    pub id: RoleId,
    /// Name of the role.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The project that defines it; none if it is predefined.
    pub project_id: Option<ProjectId>,
    /// Whether Devopness defines it; else the project does.
    pub is_predefined: bool,
    /// What it permits, as `resource:verb`.
    pub permissions: Vec<String>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

deploykit_core::request! {
    /// A role to add to a project.
    pub struct NewRole {
        required {
            /// Name of the role. 2 to 60 characters.
            name: String,
            /// What it permits, as `resource:verb`.
            permissions: Vec<String>,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to a role.
    pub struct RoleUpdate {
        required {
            /// Identifies the role.
            id: RoleId,
            /// Name of the role. 2 to 60 characters.
            name: String,
            /// What it permits, as `resource:verb`.
            permissions: Vec<String>,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}
