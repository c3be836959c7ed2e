//! Projects.

use deploykit_core::Time;

use crate::organizations::{Organization, OrganizationKey};
use crate::resources::ResourceSummaryItem;
use crate::users::{Language, UserId, UserRelation};

deploykit_core::endpoints! {
    /// Projects: what belongs together, in one or more environments.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::projects::NewProject;
    ///
    /// let shop = client.projects().add_to_organization("acme", &NewProject::new("shop")).await?;
    /// let found = client.projects().get(shop.id).await?;
    /// assert_eq!(found.name, "shop");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Projects;

    /// Lists the projects that the user, or another owner, has.
    listProjects: GET "/projects" => list(query: &ListProjects) -> Pages<Project>;

    /// Creates a project.
    /// Errors: 403, 422.
    #[deprecated = "the service deprecates it since 2026-01-31; use `add_to_organization`"]
    addProject: POST "/projects" => add(body: &NewProject) -> Project;

    /// Fetches a project.
    /// Errors: 403.
    getProject: GET "/projects/{project_id}" => get(project_id: ProjectId) -> Project;

    /// Changes a project.
    /// Errors: 403, 422.
    updateProject: PUT "/projects/{project_id}" => update(project_id: ProjectId, body: &ProjectUpdate);

    /// Deletes a project.
    /// Errors: 403.
    deleteProject: DELETE "/projects/{project_id}" => delete(project_id: ProjectId);

    /// Adds a project to an organization.
    /// Errors: 403, 422.
    addOrganizationProject: POST "/organizations/{organization_id}/projects"
        => add_to_organization(organization_id: OrganizationKey, body: &NewProject) -> Project;
}

deploykit_core::id! {
    /// A project.
    pub struct ProjectId(u64);
}

deploykit_core::request! {
    /// Whose projects to list.
    pub struct ListProjects {
        optional {
            /// The owner's number or URL slug. Unless set, all that the user has access to.
            owner: String,
        }
    }
}

deploykit_core::model! {
    /// A project: what belongs together, in one or more environments.
    pub struct Project {
        required {
            /// Identifies the project.
            id: ProjectId,
        }
        /// The user who owns it.
        user_id: Option<UserId>,
        /// Name of the project.
        name: String,
        /// Address of the logo.
        logo_url: Option<String>,
        /// How many resources it has, by type.
        resource_summary: Option<Vec<ResourceSummaryItem>>,
        /// Unix users that commands can run as.
        os_users: Vec<OsUser>,
        /// Who owns it; until 2026-03-04.
        owner: Option<ProjectOwner>,
        /// Whether a user or an organization owns it; until 2026-03-04.
        owner_type: ProjectOwnerType,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// What the user of this token may do in it.
        current_user_permissions: Vec<String>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// Credits that its actions used in this month's billing cycle.
        used_credits: Option<u64> as deploykit_core::de::count,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A Unix user of a project.
    pub struct OsUser {
        /// Name of the Unix user.
        name: String,
    }
}

deploykit_core::request! {
    /// A project to create.
    pub struct NewProject {
        required {
            /// Name of the project. At most 60 characters.
            name: String,
        }
        optional {
            /// The logo itself, in base64.
            logo_image: String,
            /// Address of the logo. A URL.
            logo_url: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to a project.
    pub struct ProjectUpdate {
        required {
            /// Identifies the project.
            id: ProjectId,
            /// Name of the project. At most 60 characters.
            name: String,
        }
        optional {
            /// The logo itself, in base64.
            logo_image: String,
            /// Address of the logo. A URL.
            logo_url: String,
        }
    }
}

deploykit_core::open_enum! {
    /// What owns a project.
    pub enum ProjectOwnerType {
        /// A user.
        User = "user",
        /// An organization.
        Organization = "org",
    }
}

deploykit_core::model! {
    /// Who owns a project: a user or an organization, as the project's `owner_type` says.
    pub struct ProjectOwner {
        required {
            /// Identifies the user or organization.
            id: u64,
        }
        /// Name of the user or organization.
        name: String,
        /// Short name for addresses.
        url_slug: String,
        /// E-mail address of a user.
        email: Option<String>,
        /// Language of a user's interface.
        language: Option<Language>,
        /// Whether a user is active.
        active: Option<bool>,
        /// How many resources an organization has, by type.
        resource_summary: Option<Vec<ResourceSummaryItem>>,
        /// The user who owns an organization.
        owner: Option<UserRelation>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}
