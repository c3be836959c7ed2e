//! What cloud providers offer.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::credentials::{ProviderInputSettings, ProviderRelation};
use crate::servers::{CloudOsVersionCode, ServerCloudServiceCode};

/// A cloud service: what servers call [`ServerCloudServiceCode`].
pub type CloudProviderServiceCode = ServerCloudServiceCode;

/// A service of a cloud provider, and what it can host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloudProviderService {
    /// Code of the service.
    pub code: CloudProviderServiceCode,
    /// Name of the service.
    pub name: String,
    /// The provider that offers it.
    pub provider: Option<ProviderRelation>,
    /// The regions that it is offered in.
    pub regions: Option<Vec<CloudProviderServiceRegion>>,
    /// What it can host.
    pub resource_types: Option<Vec<CloudProviderServiceResourceType>>,
}

/// A region of a cloud provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloudProviderServiceRegion {
    /// Code of the region.
    pub code: String,
    /// Name of the region.
    pub name: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
    /// Availability zones.
    pub zones: Vec<String>,
}

/// A type of resource that a cloud service can host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloudProviderServiceResourceType {
    /// What the provider calls it.
    pub provider_resource_type: String,
    /// What Devopness calls it.
    pub devopness_resource_type: CloudResourceType,
    /// Whether it belongs to a zone, a region or none.
    pub scope: CloudProviderServiceResourceTypeScope,
    /// The fields to fill in.
    pub input_settings: Vec<ProviderInputSettings>,
    /// Operating systems that it can run.
    pub os: Option<Vec<OperatingSystem>>,
    /// Whether disks can be kept when a server is deleted; if not, they always go with it.
    pub can_keep_disk_after_delete_server: Option<bool>,
    /// What is special about an operation.
    pub operation_custom_settings: Option<OperationCustomSettings>,
}

/// An operating system that servers can run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatingSystem {
    /// Code of the operating system.
    pub code: String,
    /// Name of the operating system.
    pub name: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
    /// Versions to choose from.
    pub supported_versions: Vec<OperatingSystemVersion>,
}

/// A version of an operating system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatingSystemVersion {
    /// Name of the version.
    pub name: String,
    /// Nickname of the version.
    pub code_name: String,
    /// Version of the version.
    pub version: String,
    /// Operating system and version.
    pub os_version_code: Option<CloudOsVersionCode>,
    /// Operating system and version in words.
    pub os_version_code_human_readable: Option<String>,
    /// When it was released.
    pub released_at: Time,
    /// When standard support ends.
    pub end_standard_support_at: Time,
    /// When the last updates end.
    pub end_of_life_at: Time,
}

/// What an operation is special about at this cloud service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationCustomSettings {
    /// The operation.
    pub operation: Option<String>,
    /// The operation in words.
    pub operation_human_readable: Option<String>,
    /// Whether it starts an action.
    pub triggers_action: Option<bool>,
}

/// A size of machine that a cloud provider rents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloudInstanceRelation {
    /// Name of the instance.
    pub name: String,
    /// Type of the instance, as the provider calls it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Family of instances that it belongs to.
    pub family: String,
    /// Type of processor: `x86_64` or `arm64`.
    pub architecture: Option<String>,
    /// Size of the disk unless another is asked for, in GB.
    pub default_disk_size: u32,
    /// Price of an hour.
    pub price_hourly: f64,
    /// Price of a month.
    pub price_monthly: f64,
    /// Currency of the prices.
    pub price_currency: String,
    /// Number of virtual processors.
    pub vcpus: u32,
    /// Memory in MB.
    pub memory: u32,
}

deploykit_core::open_enum! {
    /// What a resource of a cloud provider belongs to.
    pub enum CloudProviderServiceResourceTypeScope {
        /// None.
        Global = "global",
        /// A region.
        Region = "region",
        /// A zone.
        Zone = "zone",
    }
}

deploykit_core::open_enum! {
    /// A type of resource at a cloud provider.
    pub enum CloudResourceType {
        /// A network.
        Network = "network",
        /// A server.
        Server = "server",
        /// A subnet.
        Subnet = "subnet",
    }
}
