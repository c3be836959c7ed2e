//! How a database is doing.

use std::collections::BTreeMap;

use deploykit_core::de::number;
use serde_json::Value;

use crate::NoFields;

deploykit_core::endpoints! {
    /// How a [`Database`](crate::Database) is doing.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let addons = client.addons().list("example-app").await?;
    /// let metrics = client.database("example-app", &addons[0].id).metrics();
    /// let now = metrics.now().await?;
    /// println!("{:?} % of the CPU, {:?} bytes", now.cpu_usage, now.database_size);
    /// # Ok(())
    /// # }
    /// ```
    pub struct DatabaseMetrics(addon_id);

    /// Fetches what the database uses now.
    getDatabaseMetrics: GET "/api/databases/{addon_id}/metrics" => now() -> DatabaseUse;

    /// Fetches how one metric went; what is answered differs by metric.
    getDatabaseMetric: GET "/api/databases/{addon_id}/metrics/{metric}"
        => get(metric: String, query: &DatabaseMetricQuery) -> Value;

    /// Fetches how one metric of one machine went; what is answered differs by metric.
    getInstanceMetric: GET "/api/databases/{addon_id}/instances/{instance_id}/metrics/{metric}"
        => of_instance(instance_id: String, metric: String, query: &DatabaseMetricQuery) -> Value;

    /// Fetches whether the database is well; what is answered differs by software.
    getDatabaseHealth: GET "/api/databases/{addon_id}/health" => health() -> Value;

    /// Fetches the state of each machine.
    getInstancesStatus: GET "/api/databases/{addon_id}/instances_status" => instances() -> Vec<InstanceStatus>;

    /// Fetches how far copies are behind; what is answered differs by software.
    getLag: GET "/api/databases/{addon_id}/lag" => lag() -> Value;

    /// Asks the database itself for a sign of life.
    pingDatabase: POST "/api/databases/{addon_id}/ping" => ping(body: &NoFields) -> Value
        [idempotent, empty_means("null")];
}

deploykit_core::request! {
    /// Which part of a metric.
    pub struct DatabaseMetricQuery {
        optional {
            /// Of how many hours.
            since: u32,
            /// Only the last value.
            last: bool,
        }
    }
}

deploykit_core::model! {
    /// What a database uses.
    pub struct DatabaseUse {
        /// Of the CPU, in percent.
        cpu_usage: Option<i64> as number,
        /// Of the memory.
        memory: Option<MemoryUse>,
        /// Size of what it keeps, in bytes.
        database_size: Option<i64> as number,
        /// Of the disk, in bytes.
        real_disk_size: Option<i64> as number,
        /// What the software tells of itself; differs by software.
        database_stats: BTreeMap<String, Value>,
        /// The same by machine: a map or a list.
        instances_metrics: Option<Value>,
    }
}

deploykit_core::model! {
    /// What a database uses of its memory, in bytes.
    pub struct MemoryUse {
        /// Now.
        memory: Option<i64> as number,
        /// At the most.
        memory_max: Option<i64> as number,
        /// What there is.
        memory_limit: Option<i64> as number,
        /// Of the swap space, now.
        swap: Option<i64> as number,
        /// Of the swap space, at the most.
        swap_max: Option<i64> as number,
        /// What there is of swap space.
        swap_limit: Option<i64> as number,
    }
}

deploykit_core::model! {
    /// State of a machine of a database.
    pub struct InstanceStatus {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// What it is: `db-node`, `utility`, `haproxy`.
        kind = "type": Option<String>,
        /// State.
        status: Option<String>,
        /// What it does in a cluster: `leader`, `follower`.
        role: Option<String>,
        /// State of the software on it.
        dbms_status: Option<String>,
    }
}
