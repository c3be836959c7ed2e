//! Projects.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::resources::ResourceSummaryItem;
use crate::users::{Language, UserId, UserRelation};

deploykit_core::endpoints! {
    /// Projects: what belongs together, in one or more environments.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::projects::NewProject;
    ///
    /// let shop = client.projects().add(&NewProject::new("shop")).await?;
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
    addProject: POST "/projects" => add(body: &NewProject) -> Project;

    /// Fetches a project.
    /// Errors: 403.
    getProject: GET "/projects/{project_id}" => get(project_id: ProjectId) -> Project;

    /// Changes a project.
    /// Errors: 403, 422.
    updateProject: PUT "/projects/{project_id}" => update(project_id: ProjectId, body: &ProjectUpdate);
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

/// A project: what belongs together, in one or more environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Project {
    /// Identifies the project.
    pub id: ProjectId,
    /// The user who owns it.
    pub user_id: UserId,
    /// Name of the project.
    pub name: String,
    /// Address of the logo.
    pub logo_url: Option<String>,
    /// How many resources it has, by type.
    pub resource_summary: Option<Vec<ResourceSummaryItem>>,
    /// Unix users that commands can run as.
    pub os_users: Vec<OsUser>,
    /// Who owns it.
    pub owner: ProjectOwner,
    /// Whether a user or an organization owns it.
    pub owner_type: ProjectOwnerType,
    /// The user who created it.
    pub created_by_user: UserRelation,
    /// Credits that its actions used in this month's billing cycle.
    pub used_credits: Option<u64>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A Unix user of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OsUser {
    /// Name of the Unix user.
    pub name: String,
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

/// Who owns a project: a user or an organization, as the project's `owner_type` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProjectOwner {
    /// Identifies the user or organization.
    pub id: u64,
    /// Name of the user or organization.
    pub name: String,
    /// Short name for addresses.
    pub url_slug: String,
    /// E-mail address of a user.
    pub email: Option<String>,
    /// Language of a user's interface.
    pub language: Option<Language>,
    /// Whether a user is active.
    pub active: Option<bool>,
    /// How many resources an organization has, by type.
    pub resource_summary: Option<Vec<ResourceSummaryItem>>,
    /// The user who owns an organization.
    pub owner: Option<UserRelation>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}
