//! Platforms.

use deploykit_core::endpoints;
use serde::{Deserialize, Serialize};

use crate::list::List;
use crate::spelling::any_spelling;

endpoints! {
    /// What apps can run on.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder(sandbox.base_url()).token(sandbox.token()).build()?;
    /// let platforms = tsuru.platforms().list().await?;
    /// assert!(platforms.iter().any(|platform| platform.name == "python"));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Platforms;

    /// Lists the platforms.
    listPlatforms: GET "/platforms" => list() -> Vec<Platform> via PlatformList
        [empty_means("[]")];
}

type PlatformList = List<Platform>;

/// A platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Platform {
    /// Its name: `python`.
    #[serde(rename(serialize = "Name"))]
    pub name: String,
    /// Whether no new apps can be made with it; only newer servers tell.
    #[serde(default, rename(serialize = "Disabled"))]
    pub disabled: Option<bool>,
}

any_spelling!(Platform);
