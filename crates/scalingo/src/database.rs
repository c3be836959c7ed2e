//! Databases: the API behind the add-ons that are one, at a host and with a token of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use deploykit_core::de::number;
use deploykit_core::{
    Client, Error, ErrorKind, Exchanged, ExchangedToken, RawResponse, Result, State, Time, Wait,
};
use futures::future::BoxFuture;

use crate::operations::last_segment;
use crate::{
    AddonId, Addons, AppRef, Backups, DatabaseCatalog, DatabaseLogs, DatabaseMetrics,
    DatabaseUsers, Firewall, Maintenances, NoFields, OperationId,
};

deploykit_core::endpoints! {
    /// One database. Each has a token of its own: the client asks for it with the first call, keeps it, asks anew
    /// before its hour is over, and sends it nowhere else.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let addons = client.addons().list("example-app").await?;
    /// let database = client.database("example-app", &addons[0].id);
    /// let backup = database.backups().create_and_wait().await?;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let file = folder.join("before.tar.gz");
    /// database.backups().download(backup.id).await?.save_to(&file).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Database(addon_id);

    /// Fetches the database: its state, version and settings.
    getDatabase: GET "/api/databases/{addon_id}" => get() -> DatabaseInfo [envelope("database")];

    /// Changes the settings of the database.
    updateDatabase: PATCH "/api/databases/{addon_id}" => update(body: &DatabaseSettings) -> DatabaseInfo
        [enveloped("database"), idempotent];

    /// Upgrades the database to the next version of its software; the operation can be
    /// [waited for](Database::wait). A call that may have been carried out is not repeated.
    upgradeDatabase: POST "/api/databases/{addon_id}/upgrade" => upgrade(body: &NoFields) -> Upgrade;

    /// Restores the database to what it was at a moment. A call that may have been carried out is not repeated.
    restorePointInTime: POST "/api/databases/{addon_id}/pitr/restore"
        => restore_to(body: &RestoreTo) -> Upgrade;

    /// Fetches between which moments the database can be restored.
    getRecoveryWindow: GET "/api/databases/{addon_id}/pitr/recovery_window" => recovery_window() -> RecoveryWindow
        [envelope("recovery_window")];

    /// Switches a feature on; some need a restart of the database.
    enableFeature: POST "/api/databases/{addon_id}/features" => enable(body: &Feature) -> FeatureAnswer
        [body_envelope("feature"), idempotent];

    /// Switches a feature off.
    disableFeature: DELETE "/api/databases/{addon_id}/features" => disable(query: &FeatureName) -> FeatureAnswer;

    /// Lets the database's software do something: what, and with which answer, differs by software.
    databaseAction: POST "/api/databases/{addon_id}/action" => act(body: &DatabaseAction) -> ActionAnswer;

    /// Fetches one operation of the database.
    getDatabaseOperation: GET "/api/databases/{addon_id}/operations/{operation_id}"
        => operation(operation_id: OperationId) -> DatabaseOperation [envelope("operation")];
}

/// How long a token of the database API lives, and how long before its end it is no longer used.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// The database API answers 400 to a wrong token, where others answer 401.
fn is_refusal(status: u16, body: &[u8]) -> bool {
    let error = || {
        serde_json::from_slice::<serde_json::Value>(body)
            .ok()?
            .get("error")
            .cloned()
    };
    status == 401 || (status == 400 && error().is_some_and(|error| error == "unauthorized"))
}

impl Database {
    /// The database behind an add-on. `api` is the regional API, which makes the tokens; `hosts` has the address of
    /// the database API.
    #[inline]
    pub(crate) fn of(api: &Client, hosts: &Client, app: AppRef, addon: &AddonId) -> Self {
        let addons = Addons::new(api);
        let id = addon.clone();
        let exchange = move || -> BoxFuture<'static, Result<Exchanged>> {
            let call = addons.token(app.clone(), id.clone());
            Box::pin(async move {
                let token = call.await?.token.filter(|token| !token.is_blank());
                let none = || {
                    Error::new(
                        ErrorKind::Credential,
                        "the service gave no token for the database",
                    )
                };
                Ok(Exchanged {
                    token: token.ok_or_else(none)?,
                    lifetime: LIFETIME,
                })
            })
        };
        let credential = ExchangedToken::new(MARGIN, Box::new(exchange)).refused_by(is_refusal);
        let client = hosts
            .with_credential(credential)
            .bound("addon_id", addon.as_str());
        Self::new(&client)
    }

    /// Its backups.
    pub fn backups(&self) -> Backups {
        Backups::new(&self.client)
    }

    /// Its users.
    pub fn users(&self) -> DatabaseUsers {
        DatabaseUsers::new(&self.client)
    }

    /// Plans and kinds of software.
    pub fn catalog(&self) -> DatabaseCatalog {
        DatabaseCatalog::new(&self.client)
    }

    /// From where it can be reached.
    pub fn firewall(&self) -> Firewall {
        Firewall::new(&self.client)
    }

    /// Its logs.
    pub fn logs(&self) -> DatabaseLogs {
        DatabaseLogs::new(&self.client)
    }

    /// How it is doing.
    pub fn metrics(&self) -> DatabaseMetrics {
        DatabaseMetrics::new(&self.client)
    }

    /// What the operator does to it.
    pub fn maintenance(&self) -> Maintenances {
        Maintenances::new(&self.client)
    }

    /// The client beneath, to call what this crate does not cover; it fills `{addon_id}`.
    pub fn core(&self) -> &Client {
        &self.client
    }

    /// Waits for the end of an operation of the database, for at most 30 minutes.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) if it ends with an error, or is cancelled.
    pub fn wait(&self, operation: impl Into<OperationId>) -> Wait<DatabaseOperation> {
        self.wait_for(operation.into())
    }

    #[inline]
    fn wait_for(&self, operation: OperationId) -> Wait<DatabaseOperation> {
        let this = self.clone();
        let what = format!("database operation {operation}");
        let look =
            move || -> BoxFuture<'static, _> { Box::pin(this.operation(operation.clone()).send()) };
        let judge = |operation: &DatabaseOperation| match &operation.status {
            Some(DatabaseOperationStatus::Finished) => (State::Done, String::new()),
            Some(status) if status.is_failure() => (
                State::Failed,
                operation
                    .error
                    .clone()
                    .unwrap_or_else(|| status.to_string()),
            ),
            _ => (State::Running, String::new()),
        };
        Wait::new(what, look, judge).every(Duration::from_millis(500), Duration::from_secs(10))
    }
}

deploykit_core::open_enum! {
    /// State of a database.
    pub enum DatabaseStatus {
        /// It is being made.
        Creating = "creating",
        /// It can be used.
        Running = "running",
        /// It is being moved.
        Migrating = "migrating",
        /// Its settings are being changed.
        Updating = "updating",
        /// Its software is being changed.
        Upgrading = "upgrading",
        /// It is switched off.
        Stopped = "stopped",
    }
}

deploykit_core::model! {
    /// A database.
    pub struct DatabaseInfo {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// What its add-on calls it.
        resource_id: Option<String>,
        /// Application it belongs to.
        app_name: Option<String>,
        /// Its plan.
        plan: Option<String>,
        /// State.
        status: Option<DatabaseStatus>,
        /// Id of its software.
        type_id: Option<String>,
        /// Name of its software.
        type_name: Option<String>,
        /// Id of its version.
        version_id: Option<String>,
        /// Its version.
        readable_version: Option<String>,
        /// Its host.
        hostname: Option<String>,
        /// When it was made.
        created_at: Option<Time>,
        /// Whether what it keeps is encrypted.
        encryption_at_rest: Option<bool>,
        /// Whether it runs on several machines.
        cluster: Option<bool>,
        /// Whether it is backed up every day.
        periodic_backups_enabled: Option<bool>,
        /// At which hours, UTC.
        periodic_backups_scheduled_at: Vec<i64>,
        /// Its features.
        features: Vec<DatabaseFeature>,
        /// Its machines.
        instances: Vec<DatabaseInstance>,
        /// Version it can be upgraded to.
        next_version_id: Option<String>,
        /// Operation that is under way.
        current_operation_id: Option<OperationId>,
        /// Name of its replica set.
        mongo_repl_set_name: Option<String>,
        /// When the operator may work on it.
        maintenance_window: Option<MaintenanceWindow>,
        /// First moment it can be restored to.
        first_pitr_backup: Option<Time>,
        /// Switches of the platform.
        flags: Vec<String>,
        /// What there is of PostgreSQL alone.
        postgresql_config: Option<PostgresqlConfig>,
    }
}

deploykit_core::model! {
    /// Settings of a PostgreSQL.
    pub struct PostgresqlConfig {
        /// Whether it has TimescaleDB.
        timescaledb_enabled: Option<bool>,
    }
}

deploykit_core::model! {
    /// A feature of a database.
    pub struct DatabaseFeature {
        /// Name.
        name: String,
        /// `ACTIVATED`, `PENDING`, `FAILED`, …
        status: String,
    }
}

deploykit_core::model! {
    /// A machine of a database.
    pub struct DatabaseInstance {
        /// Id.
        id: String,
        /// Its host.
        hostname: Option<String>,
        /// Its port.
        port: Option<i64> as number,
        /// State.
        status: Option<String>,
        /// What it is: `db-node`, `utility`, `haproxy`.
        kind = "type": Option<String>,
        /// Its address in the private network.
        private_ip: Option<String>,
        /// Its features.
        features: Vec<String>,
    }
}

deploykit_core::model! {
    /// When the operator may work on a database.
    pub struct MaintenanceWindow {
        /// Day of the week, UTC; 0 is Sunday.
        weekday_utc: Option<i64> as number,
        /// Hour it begins at, UTC.
        starting_hour_utc: Option<i64> as number,
        /// How many hours it lasts.
        duration_in_hour: Option<i64> as number,
    }
}

deploykit_core::request! {
    /// Settings of a database; what is not set stays.
    pub struct DatabaseSettings {
        optional {
            /// Whether it is backed up every day.
            periodic_backups_enabled: bool,
            /// At which hour, UTC.
            periodic_backups_scheduled_at: u32,
            /// When the operator may work on it.
            maintenance_window: NewMaintenanceWindow,
        }
    }
}

deploykit_core::request! {
    /// When the operator may work on a database.
    pub struct NewMaintenanceWindow {
        optional {
            /// Day of the week, UTC; 0 is Sunday.
            weekday_utc: u8,
            /// Hour it begins at, UTC.
            starting_hour_utc: u8,
        }
    }
}

/// A change of a database that goes on after the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upgrade {
    /// The operation to [wait](Database::wait) for.
    pub operation: Option<OperationId>,
    /// A word on it.
    pub message: Option<String>,
}

impl deploykit_core::FromResponse for Upgrade {
    #[inline]
    fn from_response(response: &RawResponse) -> Result<Self> {
        deploykit_core::model! {
            /// Answers differ in where they name the operation.
            pub struct Begun {
                /// Its id,
                operation_id: Option<OperationId>,
                /// or all of it.
                operation: Option<DatabaseOperation>,
                /// A word on it.
                message: Option<String>,
            }
        }

        let begun = match response.body.trim_ascii() {
            b"" => None,
            _ => Some(Begun::from_response(response)?),
        };
        let location = response.headers.get("location");
        let location = location.and_then(|location| last_segment(location.to_str().ok()?));
        let (named, message) = match begun {
            Some(begun) => {
                let operation = begun.operation.map(|operation| operation.id);
                (begun.operation_id.or(operation), begun.message)
            }
            None => (None, None),
        };
        Ok(Self {
            operation: named.or(location),
            message,
        })
    }
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for Upgrade {
        fn reread(&self) -> serde_json::Result<serde_json::Value> {
            Ok(serde_json::json!({ "operation": self.operation, "message": self.message }))
        }
    }
}

deploykit_core::request! {
    /// A moment to restore a database to.
    pub struct RestoreTo {
        required {
            /// The moment, as RFC 3339 has it: `2024-05-04T03:02:01Z`.
            restore_time: String,
        }
    }
    check |it| { crate::apps::not_empty("restore_time", &it.restore_time) }
}

deploykit_core::model! {
    /// Between which moments a database can be restored.
    pub struct RecoveryWindow {
        /// The first,
        earliest_recoverable_at: Option<Time>,
        /// and the last one.
        latest_recoverable_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A feature to switch on: `force-ssl`, `publicly-available`, `redis-aof`, …
    pub struct Feature {
        required {
            /// Its name.
            name: String,
        }
    }
}

deploykit_core::request! {
    /// A feature to switch off.
    pub struct FeatureName {
        required {
            /// Its name.
            feature: String,
        }
    }
}

deploykit_core::model! {
    /// What became of a feature.
    pub struct FeatureAnswer {
        /// Its name.
        name: Option<String>,
        /// Its state.
        status: Option<String>,
        /// A word on it.
        message: Option<String>,
    }
}

deploykit_core::request! {
    /// Something that a database's software shall do.
    pub struct DatabaseAction {
        required {
            /// What.
            action_name: String,
        }
        optional {
            /// With what.
            params: BTreeMap<String, serde_json::Value>,
        }
    }
}

deploykit_core::model! {
    /// What a database's software answered.
    pub struct ActionAnswer {
        /// 1 if it was done.
        ok: Option<i64> as number,
        /// What came of it; differs by action.
        result: Option<serde_json::Value>,
        /// Why it was not done.
        error: Option<String>,
    }
}

deploykit_core::open_enum! {
    /// State of an operation of a database. The last words are others than those of the regional API.
    pub enum DatabaseOperationStatus {
        /// Not begun.
        Pending = "pending",
        /// Under way.
        Running = "running",
        /// Done.
        Finished = "finished",
        /// Failed.
        Error = "error",
        /// Failed, by what it was asked for.
        UserError = "user-error",
        /// Being cancelled.
        Cancelling = "cancelling",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

impl DatabaseOperationStatus {
    /// Whether it has ended without success.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Error | Self::UserError | Self::Cancelled)
    }
}

deploykit_core::model! {
    /// An operation of a database.
    pub struct DatabaseOperation {
        required {
            /// Id.
            id: OperationId,
        }
        /// What it does.
        kind = "type": Option<String>,
        /// State.
        status: Option<DatabaseOperationStatus>,
        /// When it began.
        created_at: Option<Time>,
        /// When it ended.
        finished_at: Option<Time>,
        /// Why it failed.
        error: Option<String>,
    }
}
