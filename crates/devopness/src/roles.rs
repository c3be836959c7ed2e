//! Roles.

use deploykit_core::Time;

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
        /// The project that defines it; none if it is predefined.
        project_id: Option<ProjectId>,
        /// Whether Devopness defines it; else the project does.
        is_predefined: Option<bool>,
        /// What it permits, as `resource:verb`.
        permissions: Vec<String>,
        /// The role that it builds on.
        parent: Option<RoleRelation>,
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
        /// The project that defines it; none if it is predefined.
        project_id: Option<ProjectId>,
        /// Whether Devopness defines it; else the project does.
        is_predefined: Option<bool>,
        /// What it permits, as `resource:verb`.
        permissions: Vec<String>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
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
