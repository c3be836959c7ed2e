//! Logs of a database.

use deploykit_core::{Composite, Secret, Streaming};

use crate::{LogsArchive, LogsQuery};

deploykit_core::endpoints! {
    /// Logs of a [`Database`](crate::Database).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::LogsQuery;
    ///
    /// let addons = client.addons().list("example-app").await?;
    /// let logs = client.database("example-app", &addons[0].id).logs();
    /// println!("{}", logs.dump(&LogsQuery::new().n(100)).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub struct DatabaseLogs(addon_id);

    /// Fetches the address of the database's log. It is signed, and so a secret; [`dump`](DatabaseLogs::dump)
    /// takes it itself.
    getDatabaseLogsUrl: GET "/api/databases/{addon_id}/logs" => url() -> Secret [envelope("url")];

    /// Lists the archives of the database's log. Their addresses are valid for an hour.
    listDatabaseLogsArchives: GET "/api/databases/{addon_id}/logs_archives" => archives() -> Pages<LogsArchive>
        [envelope("archives")];
}

impl DatabaseLogs {
    /// Fetches the last lines of the database's log; empty if there is none yet.
    ///
    /// # Errors
    ///
    /// As any call.
    #[inline]
    pub fn dump(&self, query: &LogsQuery) -> Composite<String> {
        let query = query.clone();
        Composite::new(&self.client, "the log", move |client| async move {
            let address = Self::new(&client).url().await?;
            crate::logs::dump(&client, &address, &query).await
        })
    }

    /// Downloads an archive: [`save_to`](Streaming::save_to) writes it to a file.
    ///
    /// # Errors
    ///
    /// If its address is not safe or has expired.
    #[inline]
    pub fn download(&self, archive: &LogsArchive) -> Composite<Streaming> {
        crate::logs::download(&self.client, archive)
    }
}
