//! How servers, networks and subnets are made at cloud providers.

use deploykit_core::Absent;

use crate::subnets::SubnetId;

deploykit_core::open_enum! {
    /// Operating system and version of a server.
    pub enum CloudOsVersionCode {
        /// CentOS 7.
        CentOs7 = "centos_7",
        /// Ubuntu 18.04.
        Ubuntu18_04 = "ubuntu_18_04",
        /// Ubuntu 20.04.
        Ubuntu20_04 = "ubuntu_20_04",
        /// Ubuntu 22.04.
        Ubuntu22_04 = "ubuntu_22_04",
        /// Ubuntu 24.04.
        Ubuntu24_04 = "ubuntu_24_04",
        /// Ubuntu 26.04.
        Ubuntu26_04 = "ubuntu_26_04",
    }
}

deploykit_core::open_enum! {
    /// A cloud service that servers are rented from.
    pub enum ServerCloudServiceCode {
        /// Amazon EC2.
        AwsEc2 = "aws-ec2",
        /// Azure virtual machines.
        AzureRm = "azure-rm",
        /// DigitalOcean droplets.
        DigitalOceanDroplet = "digitalocean-droplet",
        /// Google Compute Engine.
        GcpGce = "gcp-gce",
        /// Hetzner Cloud.
        HetznerHcloud = "hetzner-hcloud",
        /// None: the server is the user's own.
        SelfHostedCustom = "self-hosted-custom",
    }
}

deploykit_core::request! {
    /// How a server is made at a cloud provider.
    pub struct ServerProvisionInput {
        required {
            /// The cloud service.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            cloud_service_code: ServerCloudServiceCode,
        }
        optional {
            /// The subnet to put it in. Unless set, the provider's default.
            subnet_id: SubnetId,
            /// What the cloud service asks for.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            settings: CloudSettings,
        }
    }
}

deploykit_core::request! {
    /// How a network is made at a cloud provider.
    pub struct NetworkProvisionInput {
        required {
            /// The cloud service.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            cloud_service_code: ServerCloudServiceCode,
            /// What the cloud service asks for.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            settings: CloudSettings,
        }
    }
}

deploykit_core::request! {
    /// How a subnet is made at a cloud provider.
    pub struct SubnetProvisionInput {
        required {
            /// What the cloud service asks for.
            #[serde(default = "Absent::absent", deserialize_with = "Absent::read")]
            settings: CloudSettings,
        }
    }
}

deploykit_core::request! {
    /// What cloud services ask for.
    ///
    /// | for | set |
    /// |---|---|
    /// | a server at AWS, Azure or Hetzner | `instance_type`, `region`, `storage_size`, `os_version_code` |
    /// | a server at DigitalOcean or Google Cloud | `instance_type`, `region`, `os_version_code` |
    /// | a server of the user's own | `os_version_code` |
    /// | a network at AWS, Azure or DigitalOcean | `region`, `cidr_block` |
    /// | a network at Google Cloud | `region` |
    /// | a subnet at AWS | `zone`, `cidr_block` |
    /// | a subnet at Azure | `cidr_block` |
    /// | a subnet at DigitalOcean or Google Cloud | `region`, `cidr_block` |
    pub struct CloudSettings {
        optional {
            /// Size of machine, as the provider calls it.
            instance_type: String,
            /// The provider's region.
            region: String,
            /// What a machine of this size has.
            instance_spec: InstanceSpec,
            /// The region in words.
            region_human_readable: String,
            /// Availability zone.
            zone: String,
            /// Size of the disk in GB.
            storage_size: u32,
            /// Operating system and version.
            os_version_code: CloudOsVersionCode,
            /// Range of addresses, in CIDR notation.
            cidr_block: String,
        }
    }
}

deploykit_core::request! {
    /// What a machine has. The service asks for both.
    pub struct InstanceSpec {
        optional {
            /// Memory in MB.
            memory: u32,
            /// Number of virtual processors.
            vcpus: u32,
        }
    }
}

impl Absent for CloudSettings {
    fn absent() -> Self {
        Self::new()
    }
}
