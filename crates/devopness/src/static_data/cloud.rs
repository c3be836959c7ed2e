//! What cloud providers offer.

use deploykit_core::Time;

use crate::credentials::{ProviderInputSettings, ProviderRelation};
use crate::servers::{CloudOsVersionCode, ServerCloudServiceCode};

/// A cloud service: what servers call [`ServerCloudServiceCode`].
pub type CloudProviderServiceCode = ServerCloudServiceCode;

deploykit_core::model! {
    /// A service of a cloud provider, and what it can host.
    pub struct CloudProviderService {
        /// Code of the service.
        code: CloudProviderServiceCode,
        /// Name of the service.
        name: String,
        /// The provider that offers it.
        provider: Option<ProviderRelation>,
        /// The regions that it is offered in.
        regions: Option<Vec<CloudProviderServiceRegion>>,
        /// What it can host.
        resource_types: Option<Vec<CloudProviderServiceResourceType>>,
    }
}

deploykit_core::model! {
    /// A region of a cloud provider.
    pub struct CloudProviderServiceRegion {
        /// Code of the region.
        code: String,
        /// Name of the region.
        name: String,
        /// Explains it to a person who has to choose.
        hint: String,
        /// Availability zones.
        zones: Vec<String>,
    }
}

deploykit_core::model! {
    /// A type of resource that a cloud service can host.
    pub struct CloudProviderServiceResourceType {
        /// What the provider calls it.
        provider_resource_type: String,
        /// What Devopness calls it.
        devopness_resource_type: CloudResourceType,
        /// Whether it belongs to a zone, a region or none.
        scope: CloudProviderServiceResourceTypeScope,
        /// The fields to fill in.
        input_settings: Vec<ProviderInputSettings>,
        /// Operating systems that it can run.
        os: Option<Vec<OperatingSystem>>,
        /// Whether disks can be kept when a server is deleted; if not, they always go with it.
        can_keep_disk_after_delete_server: Option<bool>,
        /// What is special about an operation.
        operation_custom_settings: Option<OperationCustomSettings>,
    }
}

deploykit_core::model! {
    /// An operating system that servers can run.
    pub struct OperatingSystem {
        /// Code of the operating system.
        code: String,
        /// Name of the operating system.
        name: String,
        /// Explains it to a person who has to choose.
        hint: String,
        /// Versions to choose from.
        supported_versions: Vec<OperatingSystemVersion>,
    }
}

deploykit_core::model! {
    /// A version of an operating system.
    pub struct OperatingSystemVersion {
        /// Name of the version.
        name: String,
        /// Nickname of the version.
        code_name: String,
        /// Version of the version.
        version: String,
        /// Operating system and version.
        os_version_code: Option<CloudOsVersionCode>,
        /// Operating system and version in words.
        os_version_code_human_readable: Option<String>,
        /// When it was released.
        released_at: Time,
        /// When standard support ends.
        end_standard_support_at: Time,
        /// When the last updates end.
        end_of_life_at: Time,
    }
}

deploykit_core::model! {
    /// What an operation is special about at this cloud service.
    pub struct OperationCustomSettings {
        /// The operation.
        operation: Option<String>,
        /// The operation in words.
        operation_human_readable: Option<String>,
        /// Whether it starts an action.
        triggers_action: Option<bool>,
    }
}

deploykit_core::model! {
    /// A size of machine that a cloud provider rents.
    pub struct CloudInstanceRelation {
        /// Name of the instance.
        name: String,
        /// Type of the instance, as the provider calls it.
        kind = "type": String,
        /// Family of instances that it belongs to.
        family: String,
        /// Type of processor: `x86_64` or `arm64`.
        architecture: Option<String>,
        /// Size of the disk unless another is asked for, in GB.
        default_disk_size: Option<u32>,
        /// Price of an hour.
        price_hourly: Option<f64>,
        /// Price of a month.
        price_monthly: Option<f64>,
        /// Currency of the prices.
        price_currency: String,
        /// Number of virtual processors.
        vcpus: Option<u32>,
        /// Memory in MB.
        memory: Option<u32>,
    }
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
