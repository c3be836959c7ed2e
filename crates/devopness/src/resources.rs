//! Resources.

use crate::applications::ApplicationId;
use crate::credentials::CredentialId;
use crate::cron_jobs::CronJobId;
use crate::daemons::DaemonId;
use crate::network_rules::NetworkRuleId;
use crate::networks::NetworkId;
use crate::servers::ServerId;
use crate::services::ServiceId;
use crate::ssh_keys::SshKeyId;
use crate::ssl_certificates::SslCertificateId;
use crate::subnets::SubnetId;
use crate::virtual_hosts::VirtualHostId;

deploykit_core::model! {
    /// How many resources of one type there are.
    pub struct ResourceSummaryItem {
        /// Type of the resource.
        resource_type: ResourceType,
        /// The type in the plural.
        resource_type_plural: String,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// The resource's type in words, in the plural.
        resource_type_human_readable_plural: String,
        /// How many there are.
        summary: Option<ResourceCount>,
    }
}

deploykit_core::model! {
    /// How many there are.
    pub struct ResourceCount {
        /// How many there are.
        count: Option<u64> as deploykit_core::de::count,
    }
}

deploykit_core::request! {
    /// A resource to link a new one to.
    pub struct ResourceToBeLinked {
        required {
            /// Its type.
            resource_type: ResourceType,
            /// The resource to link to.
            resource_id: ResourceId,
        }
    }
}

deploykit_core::open_enum! {
    /// Type of a resource in an environment.
    pub enum ResourceType {
        /// An application.
        Application = "application",
        /// A credential.
        Credential = "credential",
        /// A cron job.
        Cronjob = "cronjob",
        /// A daemon.
        Daemon = "daemon",
        /// A deployment.
        Deployment = "deployment",
        /// A network.
        Network = "network",
        /// A network rule.
        NetworkRule = "network-rule",
        /// A server.
        Server = "server",
        /// A service.
        Service = "service",
        /// An SSH key.
        SshKey = "ssh-key",
        /// A certificate.
        SslCertificate = "ssl-certificate",
        /// A subnet.
        Subnet = "subnet",
        /// A virtual host.
        VirtualHost = "virtual-host",
    }
}

deploykit_core::id! {
    /// A resource of any type; [`ResourceType`] stands beside it.
    pub struct ResourceId(u64);
}

macro_rules! resource_ids {
    ($($id:ty),+ $(,)?) => {
        $(
            impl From<$id> for ResourceId {
                fn from(id: $id) -> Self {
                    Self::from(id.get())
                }
            }
        )+
    };
}

resource_ids!(
    ApplicationId,
    CredentialId,
    CronJobId,
    DaemonId,
    NetworkId,
    NetworkRuleId,
    ServerId,
    ServiceId,
    SshKeyId,
    SslCertificateId,
    SubnetId,
    VirtualHostId,
);
