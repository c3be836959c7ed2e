//! Resource Links.

use deploykit_core::Time;

use crate::environments::EnvironmentId;
use crate::projects::ProjectId;
use crate::resources::{ResourceId, ResourceType};

deploykit_core::endpoints! {
    /// Resource links: which resources belong to which.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::resources::ResourceType;
    ///
    /// let linked = client.resource_links().list_by_resource(ResourceType::Application, 1u64).await?;
    /// for link in linked.items {
    ///     let name = link.linked_resource_data.map(|data| data.name);
    ///     println!("{} {name:?}", link.resource_type);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct ResourceLinks;

    /// Lists what a resource is linked to.
    listResourceLinksByResourceType: GET "/resource-links/{resource_type}/{resource_id}"
        => list_by_resource(resource_type: ResourceType, resource_id: ResourceId)
        -> Pages<ResourceLinkRelation>;

    /// Lists the children, or the parents, of a resource.
    listResourceLinksByResourceTypeAndLinkType: GET "/resource-links/{resource_type}/{resource_id}/{link_type}"
        => list_by_resource_and_link(resource_type: ResourceType, resource_id: ResourceId, link_type: LinkType, query: &ListLinks)
        -> Pages<ResourceLinkRelation>;

    /// Links a resource below another one.
    /// Errors: 403, 422.
    linkResourceLinkToResourceLink: POST "/resource-links/{resource_type}/{resource_id}/{child_type}/{child_id}/link"
        => link(resource_type: ResourceType, resource_id: ResourceId, child_type: ResourceType, child_id: ResourceId);

    /// Undoes a link.
    /// Errors: 403.
    unlinkResourceLinkFromResourceLink: DELETE "/resource-links/{resource_type}/{resource_id}/{child_type}/{child_id}/unlink"
        => unlink(resource_type: ResourceType, resource_id: ResourceId, child_type: ResourceType, child_id: ResourceId);
}

deploykit_core::request! {
    /// Which links to list.
    pub struct ListLinks {
        optional {
            /// Only to this type of resource.
            linked_resource_type: ResourceType,
        }
    }
}

deploykit_core::model! {
    /// A link between two resources, seen from one of them.
    pub struct ResourceLinkRelation {
        /// Whether the linked resource is a child or a parent.
        link_type: LinkType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// Type of the linked resource.
        resource_type: ResourceType,
        /// The linked resource.
        resource_id: Option<ResourceId>,
        /// Whether the link can be removed by hand.
        can_be_unlinked: Option<bool>,
        /// The linked resource.
        linked_resource_data: Option<LinkedResourceData>,
        /// Resources that are linked below it.
        children: Option<Vec<ResourceLinkChild>>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A link further down.
    pub struct ResourceLinkChild {
        /// Whether the linked resource is a child or a parent.
        link_type: LinkType,
        /// The linked resource.
        resource_id: Option<ResourceId>,
        /// Type of the linked resource.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// Whether the link can be removed by hand.
        can_be_unlinked: Option<bool>,
        /// The linked resource.
        linked_resource_data: Option<LinkedResourceData>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// The resource at the other end of a link.
    pub struct LinkedResourceData {
        required {
            /// Identifies the resource.
            id: ResourceId,
        }
        /// Name of the resource.
        name: String,
        /// Fields worth showing.
        summary_fields: Option<Vec<LinkedResourceSummaryField>>,
        /// The environment that it belongs to.
        environment_id: Option<EnvironmentId>,
        /// Name of the environment.
        environment_name: Option<String>,
        /// The project that it belongs to.
        project_id: Option<ProjectId>,
        /// Name of the project.
        project_name: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// A field that is worth showing of a linked resource.
    pub struct LinkedResourceSummaryField {
        /// Name of the field.
        field_name: String,
        /// The field's name in words.
        field_name_human_readable: String,
        /// Value of the field.
        value: String,
    }
}

deploykit_core::open_enum! {
    /// Which end of a link a resource is.
    pub enum LinkType {
        /// It is below the other one.
        Child = "child",
        /// It is above the other one.
        Parent = "parent",
    }
}
