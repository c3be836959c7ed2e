//! What databases there are: plans, kinds of software and their versions.

use deploykit_core::Time;
use deploykit_core::de::number;

use crate::PlanId;
use crate::apps::not_empty;

deploykit_core::endpoints! {
    /// What a [`Database`](crate::Database) could be, and what its plan holds.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let addons = client.addons().list("example-app").await?;
    /// let database = client.database("example-app", &addons[0].id);
    /// let plan = database.catalog().plan().await?;
    /// println!("{}: {:?} bytes of disk", plan.name, plan.disk);
    /// # Ok(())
    /// # }
    /// ```
    pub struct DatabaseCatalog(addon_id);

    /// Fetches the plan of the database.
    getDatabasePlan: GET "/api/databases/{addon_id}/plan" => plan() -> DatabasePlan [envelope("plan")];

    /// Fetches any plan, by its id or name and the software that it is of.
    getPlan: GET "/api/plans/{plan_id}" => plan_of(plan_id: PlanId, query: &PlanSoftware) -> DatabasePlan
        [envelope("plan")];

    /// Lists the kinds of software.
    listDatabaseTypes: GET "/api/database_types" => types() -> Vec<DatabaseType> [envelope("database_types")];

    /// Fetches one kind of software.
    getDatabaseType: GET "/api/database_types/{id}" => type_of(id: String) -> DatabaseType
        [envelope("database_type")];

    /// Fetches one version of it, with the version that it can be upgraded to.
    getDatabaseTypeVersion: GET "/api/database_type_versions/{id}" => version(id: String) -> DatabaseVersion
        [envelope("database_type_version")];
}

deploykit_core::request! {
    /// Of which software a plan is.
    pub struct PlanSoftware {
        required {
            /// Its name: `redis`.
            #[serde(rename = "type")]
            software: String,
        }
    }
    check |it| { not_empty("software", &it.software) }
}

deploykit_core::model! {
    /// A plan of a database.
    pub struct DatabasePlan {
        required {
            /// Id.
            id: PlanId,
        }
        /// Name.
        name: String,
        /// Whether it has backups.
        backup: Option<bool>,
        /// Disk, in bytes.
        disk: Option<i64> as number,
        /// Memory, in bytes.
        memory: Option<i64> as number,
        /// How many backups by hand it keeps.
        manual_backups_count: Option<i64> as number,
        /// How many daily ones.
        daily_scheduled_backups: Option<i64> as number,
        /// How many weekly ones.
        weekly_scheduled_backups: Option<i64> as number,
        /// How many monthly ones.
        monthly_scheduled_backups: Option<i64> as number,
        /// How many days back it can be restored to any moment.
        pitr_backup_days: Option<i64> as number,
        /// How many machines lead to it.
        gateway_nodes: Option<i64> as number,
    }
}

deploykit_core::model! {
    /// A kind of database software.
    pub struct DatabaseType {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// Name.
        name: String,
        /// Address of its picture.
        logo_url: Option<String>,
        /// A few words on it.
        short_description: Option<String>,
        /// More words on it.
        description: Option<String>,
        /// When it was added.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// A version of a database software.
    pub struct DatabaseVersion {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// The software.
        database_type_id: Option<String>,
        /// First number,
        major: Option<i64> as number,
        /// second one,
        minor: Option<i64> as number,
        /// third one,
        patch: Option<i64> as number,
        /// and that of the build.
        build: Option<i64> as number,
        /// What can be switched on.
        features: Vec<String>,
        /// Version it can be upgraded to: all of it, or its id.
        next_upgrade: Option<serde_json::Value>,
        /// What can be installed in it.
        allowed_plugins: Vec<DatabasePlugin>,
        /// When it was added.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// What can be installed in a database.
    pub struct DatabasePlugin {
        /// Id.
        id: Option<String>,
        /// Name of its feature.
        feature_name: Option<String>,
        /// Name by which it is installed.
        install_name: Option<String>,
        /// Name to show.
        display_name: Option<String>,
        /// A few words on it.
        description: Option<String>,
    }
}
