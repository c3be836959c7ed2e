//! Regions and their hosts.

use url::Url;

deploykit_core::open_enum! {
    /// Where applications run. Each region has an API of its own; accounts and tokens are global.
    pub enum Region {
        /// Paris.
        OscFr1 = "osc-fr1",
        /// Paris, SecNumCloud qualified; open on request.
        OscSecnumFr1 = "osc-secnum-fr1",
    }
}

impl Region {
    /// Address of the region's API.
    pub fn api_url(&self) -> String {
        format!("https://api.{self}.scalingo.com")
    }

    /// Address of the region's database API.
    pub fn database_url(&self) -> String {
        format!("https://db-api.{self}.scalingo.com")
    }
}

/// Address of the API that exchanges tokens, for all regions.
pub(crate) const AUTH_URL: &str = "https://auth.scalingo.com";

/// The domain whose hosts may serve the live stream.
pub(crate) const DOMAIN: &str = "scalingo.com";

/// Whether an address is one of the service, which may see the bearer: by TLS below its domain, or at the client's
/// own host and port.
pub(crate) fn is_own(base: &Url, url: &Url) -> bool {
    let below = |host: &str| {
        host.strip_suffix(DOMAIN)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    let named = url.scheme() == "https" && url.domain().is_some_and(below);
    let no_user = url.username().is_empty() && url.password().is_none();
    no_user && (named || url.origin() == base.origin())
}

/// The database API of a client of this API: the service's own stands beside it; a stand-in serves both.
pub(crate) fn database_url_of(api_url: &str) -> String {
    match api_url.strip_prefix("https://api.") {
        Some(rest) if rest.ends_with(".scalingo.com") => format!("https://db-api.{rest}"),
        _ => api_url.to_owned(),
    }
}

/// Completes an address: the official variables hold a bare host, with or without `https://`, `/` or `/v1`.
pub(crate) fn normalize(address: &str) -> String {
    let address = address.trim();
    let whole = match address.contains("://") || address.is_empty() {
        true => address.to_owned(),
        false => format!("https://{address}"),
    };
    let address = whole.trim_end_matches('/');
    address.strip_suffix("/v1").unwrap_or(address).to_owned()
}

/// Where tokens are exchanged for a client of this API: at the service's own host, unless the API is not the
/// service's own (a stand-in, a proxy), which then serves both.
pub(crate) fn auth_url_of(api_url: &str) -> String {
    let url = deploykit_core::parse_base_url(api_url).ok();
    let host = url.as_ref().and_then(|url| url.host_str());
    let own = host.is_none_or(|host| host.ends_with(".scalingo.com"));
    if own {
        AUTH_URL.to_owned()
    } else {
        api_url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bearer_goes_to_hosts_of_the_service_by_tls() {
        let url = |text: &str| Url::parse(text).unwrap();
        let base = url("https://api.osc-fr1.scalingo.com");
        for (address, own) in [
            ("https://one-off.osc-fr1.scalingo.com:5000/run/x", true),
            ("https://api.osc-fr1.scalingo.com/x", true),
            ("http://one-off.osc-fr1.scalingo.com:5000/run/x", false),
            ("https://evil-scalingo.com/x", false),
            ("https://scalingo.com.evil.example/x", false),
            ("https://user@one-off.osc-fr1.scalingo.com/x", false),
        ] {
            assert_eq!(is_own(&base, &url(address)), own, "{address}");
        }
        assert!(is_own(
            &url("http://127.0.0.1:7001"),
            &url("http://127.0.0.1:7001/x")
        ));
        assert!(!is_own(
            &url("http://127.0.0.1:7001"),
            &url("http://127.0.0.1:7002/x")
        ));
    }

    #[test]
    fn the_database_api_stands_beside_the_regional_one() {
        assert_eq!(
            database_url_of(&Region::OscFr1.api_url()),
            Region::OscFr1.database_url()
        );
        assert_eq!(
            database_url_of("http://127.0.0.1:7001"),
            "http://127.0.0.1:7001"
        );
    }

    #[test]
    fn addresses_are_completed() {
        for given in [
            "api.osc-fr1.scalingo.com",
            "https://api.osc-fr1.scalingo.com",
            "https://api.osc-fr1.scalingo.com/",
            " https://api.osc-fr1.scalingo.com/v1/ ",
        ] {
            assert_eq!(normalize(given), Region::OscFr1.api_url(), "{given}");
        }
        assert_eq!(normalize("http://127.0.0.1:7001/"), "http://127.0.0.1:7001");
        assert_eq!(normalize("ftp://host"), "ftp://host");
    }

    #[test]
    fn tokens_go_to_the_service_or_to_the_stand_in() {
        assert_eq!(auth_url_of(&Region::OscSecnumFr1.api_url()), AUTH_URL);
        assert_eq!(
            auth_url_of("http://127.0.0.1:7001"),
            "http://127.0.0.1:7001"
        );
        assert_eq!(
            auth_url_of("https://scalingo.example"),
            "https://scalingo.example"
        );
    }
}
