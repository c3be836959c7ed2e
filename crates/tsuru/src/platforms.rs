//! Platforms.

use deploykit_core::{endpoints, model};

use crate::list::List;

endpoints! {
    /// What apps can run on.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
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

model! {
    /// A platform.
    pub struct Platform {
        required {
            /// Its name: `python`.
            name = "Name" | "name": String,
        }
        /// Whether no new apps can be made with it; only newer servers tell.
        disabled = "Disabled" | "disabled": Option<bool>,
    }
}
