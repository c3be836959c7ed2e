//! Virtual Hosts.

use deploykit_core::{Nullable, Time};

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::applications::{ApplicationId, ApplicationRelation};
use crate::dispatched::Dispatched;
use crate::environments::EnvironmentId;
use crate::resources::ResourceToBeLinked;
use crate::servers::TargetServers;
use crate::ssl_certificates::SslCertificateRelation;
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Virtual hosts: the sites that the web servers answer for.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::virtual_hosts::{NewVirtualHost, VirtualHostType};
    ///
    /// let site = NewVirtualHost::new(VirtualHostType::NameBased, "shop.example.com");
    /// client.virtual_hosts().add(1u64, &site).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct VirtualHosts;

    /// Lists the virtual hosts of an environment.
    listEnvironmentVirtualHosts: GET "/environments/{environment_id}/virtual-hosts"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<VirtualHostRelation>;

    /// Adds a virtual host to an environment.
    /// Errors: 403, 422.
    addEnvironmentVirtualHost: POST "/environments/{environment_id}/virtual-hosts"
        => add(environment_id: EnvironmentId, body: &NewVirtualHost) -> VirtualHost;

    /// Deletes a virtual host. An action takes it off its servers.
    /// Errors: 403, 404.
    deleteVirtualHost: DELETE "/virtual-hosts/{virtual_host_id}"
        => delete(virtual_host_id: VirtualHostId) -> Dispatched [acts()];

    /// Fetches a virtual host.
    /// Errors: 403, 404.
    getVirtualHost: GET "/virtual-hosts/{virtual_host_id}"
        => get(virtual_host_id: VirtualHostId) -> VirtualHost;

    /// Changes a virtual host.
    /// Errors: 403, 404, 422.
    updateVirtualHost: PUT "/virtual-hosts/{virtual_host_id}"
        => update(virtual_host_id: VirtualHostId, body: &VirtualHostUpdate);

    /// Puts a virtual host onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deployVirtualHost: POST "/virtual-hosts/{virtual_host_id}/deploy"
        => deploy(virtual_host_id: VirtualHostId, body: &TargetServers) -> Dispatched;

    /// Has the servers tell the virtual host's state, as an action.
    /// Errors: 403, 404, 422.
    getStatusVirtualHost: POST "/virtual-hosts/{virtual_host_id}/get-status"
        => get_status(virtual_host_id: VirtualHostId, body: &TargetServers) -> Dispatched;
}

deploykit_core::id! {
    /// A virtual host.
    pub struct VirtualHostId(u64);
}

deploykit_core::model! {
    /// A site that the web server of servers answers for.
    pub struct VirtualHost {
        required {
            /// Identifies the virtual host.
            id: VirtualHostId,
        }
        /// Whether it answers to a name or to an address.
        kind = "type": VirtualHostType,
        /// The kind in words.
        type_human_readable: String,
        /// Name of the virtual host.
        name: String,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// Folder of the application that is served.
        root_directory: Option<String>,
        /// Where the application listens: `http://…`, `https://…` or `unix:…`.
        application_listen_address: Option<String>,
        /// Its certificate.
        ssl_certificate: Option<SslCertificateRelation>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A virtual host, as listed and inside of other resources.
    pub struct VirtualHostRelation {
        required {
            /// Identifies the virtual host.
            id: VirtualHostId,
        }
        /// Whether it answers to a name or to an address.
        kind = "type": VirtualHostType,
        /// The kind in words.
        type_human_readable: Option<String>,
        /// Name of the virtual host.
        name: String,
        /// The application that it belongs to.
        application: Option<ApplicationRelation>,
        /// Folder of the application that is served.
        root_directory: Option<String>,
        /// Where the application listens: `http://…`, `https://…` or `unix:…`.
        application_listen_address: Option<String>,
        /// Its certificate.
        ssl_certificate: Option<SslCertificateRelation>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A virtual host to add.
    pub struct NewVirtualHost {
        required {
            /// Whether it answers to a name or to an address.
            #[serde(rename = "type")]
            kind: VirtualHostType,
            /// A domain name; of an `ip-based` one, an IPv4 address, with or without a port. Unique in the
            /// environment. At most 255 characters.
            name: String,
        }
        optional {
            /// Resources to link it to.
            linked_resources: Vec<ResourceToBeLinked>,
            /// Folder of the application that is served. At most 255 characters.
            root_directory: String,
            /// Where the application listens: `http://…`, `https://…` or `unix:…`. At most 255 characters.
            application_listen_address: Nullable<String>,
            /// The application that it belongs to.
            application_id: Nullable<ApplicationId>,
        }
    }
}

deploykit_core::request! {
    /// Changes to a virtual host.
    pub struct VirtualHostUpdate {
        required {
            /// Identifies the virtual host.
            id: VirtualHostId,
            /// A domain name; of an `ip-based` one, an IPv4 address, with or without a port. Unique in the
            /// environment. At most 255 characters.
            name: String,
        }
        optional {
            /// Folder of the application that is served. At most 255 characters.
            root_directory: String,
            /// Where the application listens: `http://…`, `https://…` or `unix:…`. At most 255 characters.
            application_listen_address: Nullable<String>,
            /// The application that it belongs to.
            application_id: Nullable<ApplicationId>,
        }
    }
}

deploykit_core::open_enum! {
    /// What a virtual host answers to.
    pub enum VirtualHostType {
        /// An address.
        IpBased = "ip-based",
        /// A name.
        NameBased = "name-based",
    }
}
