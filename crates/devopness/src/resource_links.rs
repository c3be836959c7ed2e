//! Resource Links.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::resources::{ResourceId, ResourceType};

deploykit_core::endpoints! {
    /// Resource links: which resources belong to which.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::resources::ResourceType;
    ///
    /// let linked = client.resource_links().list_by_resource(ResourceType::Application, 1u64).await?;
    /// for link in linked.items {
    ///     println!("{} {}", link.resource_type, link.linked_resource_data.name);
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
        => list_by_resource_and_link(resource_type: ResourceType, resource_id: ResourceId, link_type: LinkType)
        -> Pages<ResourceLinkRelation>;
}

/// A link between two resources, seen from one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceLinkRelation {
    /// Whether the linked resource is a child or a parent.
    pub link_type: LinkType,
    /// The resource's type in words.
    pub resource_type_human_readable: String,
    /// Type of the linked resource.
    pub resource_type: ResourceType,
    /// The linked resource.
    pub resource_id: ResourceId,
    /// Whether the link can be removed by hand.
    pub can_be_unlinked: bool,
    /// The linked resource.
    pub linked_resource_data: LinkedResourceData,
    /// Resources that are linked below it.
    pub children: Option<Vec<ResourceLinkChild>>,
}

/// A link further down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceLinkChild {
    /// Whether the linked resource is a child or a parent.
    pub link_type: LinkType,
    /// The linked resource.
    pub resource_id: ResourceId,
    /// Type of the linked resource.
    pub resource_type: ResourceType,
    /// The resource's type in words.
    pub resource_type_human_readable: String,
    /// Whether the link can be removed by hand.
    pub can_be_unlinked: bool,
    /// The linked resource.
    pub linked_resource_data: LinkedResourceData,
}

/// The resource at the other end of a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkedResourceData {
    /// Identifies the resource.
    pub id: ResourceId,
    /// Name of the resource.
    pub name: String,
    /// Fields worth showing.
    pub summary_fields: Option<Vec<LinkedResourceSummaryField>>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// A field that is worth showing of a linked resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkedResourceSummaryField {
    /// Name of the field.
    pub field_name: String,
    /// The field's name in words.
    pub field_name_human_readable: String,
    /// Value of the field.
    pub value: String,
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
