//! Backups of a database.

use std::time::Duration;

use deploykit_core::de::count;
use deploykit_core::{Composite, Endpoint, Method, Secret, State, Streaming, Time, Wait};
use futures::future::BoxFuture;

use crate::NoFields;

deploykit_core::id! {
    /// A backup.
    pub struct BackupId(String);
    /// A restoration of a backup.
    pub struct RestorationId(String);
}

deploykit_core::endpoints! {
    /// Backups of a [`Database`](crate::Database).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let addons = client.addons().list("example-app").await?;
    /// let backups = client.database("example-app", &addons[0].id).backups();
    /// let backup = backups.create_and_wait().await?;
    /// assert!(backups.list().await?.iter().any(|listed| listed.id == backup.id));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Backups(addon_id);

    /// Lists the backups, newest first.
    listBackups: GET "/api/databases/{addon_id}/backups" => list() -> Vec<Backup> [envelope("database_backups")];

    /// Begins a backup. A call that may have been carried out is not repeated: plans limit how many there may be.
    createBackup: POST "/api/databases/{addon_id}/backups" => create(body: &NoFields) -> Backup
        [envelope("database_backup")];

    /// Fetches one backup.
    getBackup: GET "/api/databases/{addon_id}/backups/{backup_id}" => get(backup_id: BackupId) -> Backup
        [envelope("database_backup")];

    /// Makes an address to download a backup from. It is signed, and so a secret.
    getBackupArchive: GET "/api/databases/{addon_id}/backups/{backup_id}/archive" => url(backup_id: BackupId) -> Secret
        [envelope("download_url")];

    /// Begins to restore a backup: what was written since is lost. A call that may have been carried out is not
    /// repeated.
    restoreBackup: POST "/api/databases/{addon_id}/backups/{backup_id}/restore"
        => restore(backup_id: BackupId, body: &NoFields) -> Restoration via AnyRestoration;

    /// Fetches how far a restoration is.
    getBackupRestoration: GET "/api/databases/{addon_id}/backup_restorations/{restoration_id}"
        => restoration(restoration_id: RestorationId) -> Restoration [envelope("backup_restoration")];
}

/// The address is the server's, signed: no credential goes there.
const DOWNLOAD: Endpoint = Endpoint::new("downloadBackup", Method::GET, "")
    .summary("Downloads a backup.")
    .accept("")
    .public();

impl Backups {
    /// Begins a backup and waits for its end, for at most 30 minutes.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create) and [`wait`](Self::wait).
    #[inline]
    pub fn create_and_wait(&self) -> Composite<Backup> {
        Composite::new(&self.client, "the backup", move |client| async move {
            let backups = Self::new(&client);
            let backup = backups.create(&NoFields {}).await?;
            Ok(backups.wait(backup.id).await?)
        })
    }

    /// Waits for the end of a backup, for at most 30 minutes.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) if it failed or was cancelled.
    pub fn wait(&self, backup: impl Into<BackupId>) -> Wait<Backup> {
        self.wait_for(backup.into())
    }

    #[inline]
    fn wait_for(&self, backup: BackupId) -> Wait<Backup> {
        let this = self.clone();
        let what = format!("backup {backup}");
        let look = move || -> BoxFuture<'static, _> { Box::pin(this.get(backup.clone()).send()) };
        Wait::new(what, look, |backup: &Backup| state(backup.status.as_ref()))
            .every(Duration::from_millis(500), Duration::from_secs(10))
    }

    /// Waits for the end of a restoration, for at most 30 minutes.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) if it failed or was cancelled.
    pub fn wait_for_restoration(&self, restoration: impl Into<RestorationId>) -> Wait<Restoration> {
        self.restored(restoration.into())
    }

    #[inline]
    fn restored(&self, restoration: RestorationId) -> Wait<Restoration> {
        let this = self.clone();
        let what = format!("restoration {restoration}");
        let look = move || -> BoxFuture<'static, _> {
            Box::pin(this.restoration(restoration.clone()).send())
        };
        Wait::new(what, look, |restoration: &Restoration| {
            state(restoration.status.as_ref())
        })
        .every(Duration::from_millis(500), Duration::from_secs(10))
    }

    /// Downloads a backup as it comes: [`save_to`](Streaming::save_to) writes it to a file, with progress. The
    /// address is made for it, and no token goes there.
    ///
    /// # Errors
    ///
    /// As [`url`](Self::url), and if the store refuses.
    pub fn download(&self, backup: impl Into<BackupId>) -> Composite<Streaming> {
        self.file(backup.into())
    }

    #[inline]
    fn file(&self, backup: BackupId) -> Composite<Streaming> {
        Composite::new(
            &self.client,
            "the download's beginning",
            move |client| async move {
                let address = Self::new(&client).url(backup).await?;
                let request = client.signed(&DOWNLOAD, &address)?;
                client.stream(request).await
            },
        )
    }
}

fn state(status: Option<&BackupStatus>) -> (State, String) {
    match status {
        Some(BackupStatus::Done) => (State::Done, String::new()),
        Some(status @ (BackupStatus::Error | BackupStatus::Cancelled)) => {
            (State::Failed, status.to_string())
        }
        _ => (State::Running, String::new()),
    }
}

deploykit_core::open_enum! {
    /// State of a backup, or of a restoration.
    pub enum BackupStatus {
        /// Not begun.
        Scheduled = "scheduled",
        /// Under way.
        Running = "running",
        /// Done.
        Done = "done",
        /// Failed.
        Error = "error",
        /// Being cancelled.
        Cancelling = "cancelling",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

deploykit_core::model! {
    /// A backup.
    pub struct Backup {
        required {
            /// Id.
            id: BackupId,
        }
        /// The database.
        database_id: Option<String>,
        /// Its name.
        name: Option<String>,
        /// Its size, in bytes; 0 while it is made.
        size: Option<u64> as count,
        /// State.
        status: Option<BackupStatus>,
        /// How it came about: `periodic`, `manual`.
        method = "method" | "type": Option<String>,
        /// When it was asked for.
        created_at: Option<Time>,
        /// When it began.
        started_at: Option<Time>,
        /// Whether it is shown nowhere else.
        hidden: Option<bool>,
    }
}

deploykit_core::model! {
    /// A restoration of a backup.
    pub struct Restoration {
        required {
            /// Id.
            id: RestorationId,
        }
        /// The database.
        database_id: Option<String>,
        /// The backup.
        source_backup_id: Option<BackupId>,
        /// From where: `backup`, `remote`.
        method: Option<String>,
        /// State.
        status: Option<BackupStatus>,
        /// When it was asked for.
        created_at: Option<Time>,
        /// When it began.
        started_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
    }
}

/// A restoration, alone or under `backup_restoration`: it has begun, however it is told.
#[doc(hidden)]
#[derive(Debug)]
pub struct AnyRestoration(Restoration);

impl From<AnyRestoration> for Restoration {
    fn from(any: AnyRestoration) -> Self {
        any.0
    }
}

impl<'de> serde::Deserialize<'de> for AnyRestoration {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        crate::bare::read(deserializer, "backup_restoration").map(Self)
    }
}
