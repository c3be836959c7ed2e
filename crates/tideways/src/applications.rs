//! Project Information.

use deploykit_core::{de, endpoints, id};
use serde::{Deserialize, Serialize};

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
    /// # let tideways = deploykit_tideways::Client::builder(sandbox.token(), "acme")
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

/// An application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Application {
    /// Organization that it belongs to; empty where the service leaves it out.
    #[serde(
        default,
        deserialize_with = "de::nullable",
        skip_serializing_if = "String::is_empty"
    )]
    pub organization: String,
    /// Its name.
    pub name: ApplicationName,
}
