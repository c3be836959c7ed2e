//! Provision Project Endpoint.

use deploykit_core::{Secret, endpoints, request};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ApplicationName;
use crate::client::HOURLY;

endpoints! {
    /// Access to the API keys of projects.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder(sandbox.token(), "acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::Provision;
    ///
    /// let first = tideways.provisioning().provision(&Provision::new("shop")).await?;
    /// let again = tideways.provisioning().provision(&Provision::new("shop")).await?;
    /// assert_eq!(first.api_key, again.api_key);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Provisioning(organization);

    /// Creates the project unless it exists, and gives its API key.
    /// It may be called as often as one likes.
    provisionProject: POST "/apps/api/{organization}/deployment/provision"
        => provision(form: &Provision) -> Provisioned [idempotent, quota(&HOURLY)];
}

request! {
    /// Which project to provision.
    pub struct Provision {
        required {
            /// Name of the project.
            application: ApplicationName,
        }
    }
    check |it| {
        if it.application.as_str().trim().is_empty() {
            return Err(deploykit_core::Error::invalid_input("application", "is empty"));
        }
        Ok(())
    }
}

/// A project's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Provisioned {
    /// What the profiler authenticates with: `tideways.api_key` in php.ini.
    #[serde(deserialize_with = "not_blank")]
    pub api_key: Secret,
}

/// An empty key would silently switch the profiler off.
fn not_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let key = Secret::deserialize(deserializer)?;
    if key.is_blank() {
        return Err(D::Error::custom("the key is empty"));
    }
    Ok(key)
}
