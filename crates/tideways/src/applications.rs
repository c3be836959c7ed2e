//! Project Information.

use deploykit_core::{endpoints, id, model};

use crate::client::HOURLY;
use crate::list::List;

id! {
    /// An application (project), by name.
    pub struct ApplicationName(String);
}

endpoints! {
    /// The organization's applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// for application in tideways.applications().list().await? {
    ///     let servers = tideways.servers().list(&application.name).await?;
    ///     println!("{}: {} servers", application.name, servers.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Applications(organization);

    /// Lists all applications of the organization.
    listApplications: GET "/apps/api/{organization}/applications" => list() -> Vec<Application> via ApplicationList
        [quota(&HOURLY)];
}

type ApplicationList = List<Application>;

model! {
    /// An application.
    pub struct Application {
        required {
            /// Its name.
            name: ApplicationName,
        }
        /// Organization that it belongs to; empty where the service leaves it out.
        organization: String,
    }
}
