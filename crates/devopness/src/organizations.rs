//! Organizations.

use deploykit_core::Time;

use crate::resources::ResourceSummaryItem;
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Organizations: they own projects, as users can.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::organizations::NewOrganization;
    ///
    /// let acme = client.organizations().add(&NewOrganization::new("Acme").url_slug("acme")).await?;
    /// println!("{}", acme.url_slug);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Organizations;

    /// Lists the user's organizations.
    listOrganizations: GET "/organizations" => list() -> Pages<Organization>;

    /// Creates an organization.
    /// Errors: 403, 422.
    addOrganization: POST "/organizations" => add(body: &NewOrganization) -> Organization;

    /// Fetches an organization by its number or its URL slug.
    /// Errors: 403.
    getOrganization: GET "/organizations/{organization_id}"
        => get(organization_id: OrganizationKey) -> Organization;

    /// Changes an organization.
    /// Errors: 403, 422.
    updateOrganization: PUT "/organizations/{organization_id}"
        => update(organization_id: OrganizationKey, body: &OrganizationUpdate);

    /// Deletes an organization.
    /// Errors: 403.
    deleteOrganization: DELETE "/organizations/{organization_id}" => delete(organization_id: OrganizationKey);
}

deploykit_core::id! {
    /// An organization.
    pub struct OrganizationId(u64);

    /// An organization, by number, UUID or URL slug.
    pub struct OrganizationKey(String);
}

deploykit_core::model! {
    /// An organization: it owns projects, as a user can.
    pub struct Organization {
        required {
            /// Identifies the organization.
            id: OrganizationId,
        }
        /// Name of the organization.
        name: String,
        /// Short name for addresses.
        url_slug: String,
        /// How many resources it has, by type.
        resource_summary: Option<Vec<ResourceSummaryItem>>,
        /// The user who owns it.
        owner: Option<UserRelation>,
        /// What the user of this token may do in it.
        current_user_permissions: Vec<String>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// An organization to create.
    pub struct NewOrganization {
        required {
            /// Name of the organization. At most 255 characters.
            name: String,
        }
        optional {
            /// Short name for addresses. At most 255 characters. Required until 2026.
            url_slug: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to an organization.
    pub struct OrganizationUpdate {
        required {
            /// Identifies the organization.
            id: OrganizationKey,
            /// Name of the organization. At most 255 characters.
            name: String,
            /// Short name for addresses. At most 255 characters.
            url_slug: String,
        }
    }
}

impl From<OrganizationId> for OrganizationKey {
    fn from(id: OrganizationId) -> Self {
        Self::from(id.to_string())
    }
}
