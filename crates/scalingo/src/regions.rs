//! The service's own list of its regions.

use deploykit_core::{Error, ErrorKind, Result};
use url::Url;

use crate::region;

deploykit_core::endpoints! {
    /// Regions, as the authentication API lists them: more of them to an account that may use more.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// for region in client.regions().list().await? {
    ///     let there = client.in_region(region.name.as_str()).await?;
    ///     println!("{}: {} applications", region.name, there.apps().list().await?.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Regions;

    /// Lists the regions.
    listRegions: GET "/v1/regions" => list() -> Vec<RegionInfo> [envelope("regions")];
}

deploykit_core::model! {
    /// A region and its hosts.
    pub struct RegionInfo {
        /// Name: `osc-fr1`.
        name: String,
        /// Name to show.
        display_name: Option<String>,
        /// Address of its API.
        api: Option<String>,
        /// Address of its dashboard.
        dashboard: Option<String>,
        /// Address of its database API.
        database_api: Option<String>,
        /// Host and port for Git over SSH.
        ssh: Option<String>,
        /// Whether it is meant where none is named.
        default: Option<bool>,
    }
}

impl RegionInfo {
    /// Addresses of the region's two APIs, if the bearer may go there.
    pub(crate) fn hosts(&self, trusted: [&Url; 2]) -> Result<(String, String)> {
        let of = |address: &Option<String>| {
            let address = region::normalize(address.as_deref().unwrap_or_default());
            let url = deploykit_core::parse_base_url(&address).ok();
            url.filter(|url| trusted.iter().any(|base| region::is_own(base, url)))
                .map(|_| address)
        };
        of(&self.api).zip(of(&self.database_api)).ok_or_else(|| {
            let message = format!("the service gave no safe hosts of region {}", self.name);
            Error::new(ErrorKind::Origin, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bearer_goes_to_no_host_that_is_not_the_services() {
        let url = |text: &str| Url::parse(text).unwrap();
        let info = |api: &str, database: &str| -> RegionInfo {
            let json = serde_json::json!({"name": "x", "api": api, "database_api": database});
            serde_json::from_value(json).unwrap()
        };
        let (api, auth) = (
            url("https://api.osc-fr1.scalingo.com"),
            url("https://auth.scalingo.com"),
        );
        let new = info(
            "https://api.osc-fr2.scalingo.com/",
            "db-api.osc-fr2.scalingo.com",
        );
        let hosts = new.hosts([&api, &auth]).unwrap();
        assert_eq!(hosts.0, "https://api.osc-fr2.scalingo.com");
        assert_eq!(hosts.1, "https://db-api.osc-fr2.scalingo.com");
        for (first, second) in [
            ("https://evil.example", "https://db-api.x.scalingo.com"),
            ("https://api.x.scalingo.com", "http://db-api.x.scalingo.com"),
            ("https://api.x.scalingo.com", ""),
        ] {
            let error = info(first, second).hosts([&api, &auth]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Origin, "{first} {second}");
        }
    }
}
