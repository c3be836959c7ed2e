//! Dedicated databases: on machines and in a network of their own.

use deploykit_core::Time;
use deploykit_core::de::number;

use crate::API;
use crate::apps::not_empty;

deploykit_core::id! {
    /// A dedicated database: its name or its id.
    pub struct DedicatedDatabaseId(String);
    /// A connection between the network of a dedicated database and another one.
    pub struct NetPeeringId(String);
}

deploykit_core::endpoints! {
    /// Dedicated databases, as the regional API knows them.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewDedicatedDatabase;
    ///
    /// let order = NewDedicatedDatabase::new("shop-db", "postgresql-ng", "postgresql-ng-enterprise-4096");
    /// let database = client.dedicated_databases().create(&order).await?;
    /// for endpoint in client.dedicated_databases().endpoints(database.id).await? {
    ///     println!("{:?}:{:?}", endpoint.hostname, endpoint.port);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct DedicatedDatabases;

    /// Lists the dedicated databases of the account.
    listDatabases: GET "/v1/databases" => list() -> Vec<DedicatedDatabase> [envelope("databases"), quota(&API)];

    /// Creates a dedicated database; what it costs begins here. A call that may have been carried out is not
    /// repeated.
    createDatabase: POST "/v1/databases" => create(body: &NewDedicatedDatabase) -> DedicatedDatabase
        [enveloped("database"), quota(&API)];

    /// Fetches one dedicated database.
    getDedicatedDatabase: GET "/v1/databases/{database}"
        => get(database: DedicatedDatabaseId) -> DedicatedDatabase [envelope("database"), quota(&API)];

    /// Lists where a dedicated database can be reached.
    listDatabaseEndpoints: GET "/v1/databases/{database}/endpoints"
        => endpoints(database: DedicatedDatabaseId) -> Vec<DatabaseEndpoint> [envelope("endpoints"), quota(&API)];

    /// Lists the networks that a dedicated database's is connected to.
    listNetPeerings: GET "/v1/databases/{database}/net_peerings"
        => net_peerings(database: DedicatedDatabaseId) -> Vec<NetPeering> [envelope("net_peerings"), quota(&API)];

    /// Accepts a connection that was asked for at the provider of the machines.
    createNetPeering: POST "/v1/databases/{database}/net_peerings"
        => peer(database: DedicatedDatabaseId, body: &NewNetPeering) -> NetPeering
        [envelope("net_peering"), quota(&API)];

    /// Fetches one connection.
    getNetPeering: GET "/v1/databases/{database}/net_peerings/{peering_id}"
        => net_peering(database: DedicatedDatabaseId, peering_id: NetPeeringId) -> NetPeering
        [envelope("net_peering"), quota(&API)];

    /// Ends a connection.
    deleteNetPeering: DELETE "/v1/databases/{database}/net_peerings/{peering_id}"
        => unpeer(database: DedicatedDatabaseId, peering_id: NetPeeringId) [quota(&API)];

    /// Fetches what the other side of a connection has to know.
    getNetworkConfiguration: GET "/v1/databases/{database}/network_configuration"
        => network(database: DedicatedDatabaseId) -> NetworkConfiguration
        [envelope("network_configuration"), quota(&API)];
}

deploykit_core::model! {
    /// A dedicated database.
    pub struct DedicatedDatabase {
        required {
            /// Id.
            id: DedicatedDatabaseId,
        }
        /// Name.
        name: String,
        /// Project it belongs to.
        project_id: Option<crate::ProjectId>,
        /// Its software: `postgresql-ng`.
        technology: Option<String>,
        /// Its plan.
        plan: Option<String>,
    }
}

deploykit_core::request! {
    /// A dedicated database to create.
    pub struct NewDedicatedDatabase {
        required {
            /// Name.
            name: String,
            /// Its software: `postgresql-ng`.
            technology: String,
            /// Its plan.
            plan: String,
        }
        optional {
            /// Project it belongs to.
            project_id: String,
            /// Addresses of its network: `10.0.0.0/24`.
            ip_range: String,
        }
    }
    check |it| {
        not_empty("name", &it.name)?;
        not_empty("technology", &it.technology)?;
        not_empty("plan", &it.plan)
    }
}

deploykit_core::model! {
    /// Where a dedicated database can be reached.
    pub struct DatabaseEndpoint {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// The database.
        database_id: Option<String>,
        /// Host.
        hostname: Option<String>,
        /// Port.
        port: Option<i64> as number,
        /// From where: `public-rw`, `private-peering-rw`.
        kind = "type": Option<String>,
    }
}

deploykit_core::model! {
    /// A connection between the network of a dedicated database and another one.
    pub struct NetPeering {
        required {
            /// Id.
            id: NetPeeringId,
        }
        /// The database.
        database_id: Option<String>,
        /// State: `active`, `deleted`.
        status: Option<String>,
        /// Its id at the provider of the machines.
        outscale_net_peering_id: Option<String>,
        /// Id of the other network there,
        outscale_source_net_id: Option<String>,
        /// its addresses,
        outscale_source_net_ip_range: Option<String>,
        /// and whose it is.
        outscale_source_account_id: Option<String>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A connection to accept.
    pub struct NewNetPeering {
        required {
            /// Its id at the provider of the machines.
            outscale_net_peering_id: String,
        }
    }
    check |it| { not_empty("outscale_net_peering_id", &it.outscale_net_peering_id) }
}

deploykit_core::model! {
    /// What the other side of a connection has to know.
    pub struct NetworkConfiguration {
        /// Whose the network is, at the provider of the machines.
        outscale_account_id: Option<String>,
        /// Its id there.
        outscale_net_id: Option<String>,
        /// Its addresses.
        ip_range: Option<String>,
    }
}
