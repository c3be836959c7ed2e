//! Roles.

use deploykit_core::Time;

use crate::organizations::{Organization, OrganizationKey};
use crate::projects::ProjectId;
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Roles: what a team or a token may do.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::roles::NewRole;
    ///
    /// let reader = NewRole::new("reader", ["application:read".to_owned(), "server:read".to_owned()]);
    /// let role = client.roles().add_to_organization("acme", &reader).await?;
    /// println!("{:?}", role.permissions);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Roles;

    /// Deletes a role.
    /// Errors: 403, 404.
    deleteRole: DELETE "/roles/{role_id}" => delete(role_id: RoleId);

    /// Fetches a role.
    /// Errors: 403, 404.
    getRole: GET "/roles/{role_id}" => get(role_id: RoleId) -> Role;

    /// Changes a role.
    /// Errors: 403, 404.
    updateRole: PUT "/roles/{role_id}" => update(role_id: RoleId, body: &RoleUpdate);

    /// Lists the roles that can be given in an organization.
    listOrganizationRoles: GET "/organizations/{organization_id}/roles"
        => list_by_organization(organization_id: OrganizationKey) -> Pages<RoleRelation>;

    /// Adds a role to an organization.
    /// Errors: 403, 422.
    addOrganizationRole: POST "/organizations/{organization_id}/roles"
        => add_to_organization(organization_id: OrganizationKey, body: &NewRole) -> Role;

    /// Lists the roles that can be given in a project.
    #[deprecated = "the service has had it no more since 2026-03-04; use `list_by_organization`"]
    listProjectRoles: GET "/projects/{project_id}/roles"
        => list_by_project(project_id: ProjectId) -> Pages<RoleRelation>;

    /// Adds a role to a project.
    /// Errors: 403, 422.
    #[deprecated = "the service has had it no more since 2026-03-04; use `add_to_organization`"]
    addProjectRole: POST "/projects/{project_id}/roles" => add(project_id: ProjectId, body: &NewRole) -> Role;
}

deploykit_core::id! {
    /// A role.
    pub struct RoleId(u64);
}

deploykit_core::model! {
    /// A role: what a team or token may do.
    pub struct Role {
        required {
            /// Identifies the role.
            id: RoleId,
        }
        /// Name of the role.
        name: String,
        /// What it is for.
        description: String,
        /// The project that defines it; until 2026-03-04, then an organization does.
        project_id: Option<ProjectId>,
        /// Whether Devopness defines it; else the project does.
        is_predefined: Option<bool>,
        /// What it permits, as `resource:verb`.
        permissions: Vec<String>,
        /// The role that it builds on.
        parent: Option<RoleRelation>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A role, as listed and inside of other objects.
    pub struct RoleRelation {
        required {
            /// Identifies the role.
            id: RoleId,
        }
        /// Name of the role.
        name: String,
        /// What it is for.
        description: String,
        /// The project that defines it; until 2026-03-04, then an organization does.
        project_id: Option<ProjectId>,
        /// Whether Devopness defines it; else the project does.
        is_predefined: Option<bool>,
        /// What it permits, as `resource:verb`.
        permissions: Vec<String>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// A role to add to an organization.
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
