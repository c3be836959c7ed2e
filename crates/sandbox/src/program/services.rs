//! The services, and what sets one apart when it is started.

use std::str::FromStr;

#[cfg(feature = "devopness")]
use deploykit_sandbox::devopness;
#[cfg(feature = "tsuru")]
use deploykit_sandbox::tsuru::Era;

/// The names of all services, in the order of their ports.
pub(crate) const KNOWN: &[&str] = &[
    #[cfg(feature = "scalingo")]
    "scalingo",
    #[cfg(feature = "tideways")]
    "tideways",
    #[cfg(feature = "tsuru")]
    "tsuru",
    #[cfg(feature = "edgegap")]
    "edgegap",
    #[cfg(feature = "devopness")]
    "devopness",
    #[cfg(feature = "tsuru")]
    "tsuru-v1",
];

/// A version of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Version {
    #[cfg(feature = "devopness")]
    Devopness(devopness::Version),
    #[cfg(feature = "tsuru")]
    Tsuru(Era),
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((service, version)) = text.split_once('=') else {
            return Err(
                "say which service and which version, such as devopness=2025-11".to_owned(),
            );
        };
        match (service, version) {
            #[cfg(feature = "devopness")]
            ("devopness", version) => version.parse().map(Self::Devopness),
            #[cfg(feature = "tsuru")]
            ("tsuru", "page") => Ok(Self::Tsuru(Era::Page)),
            #[cfg(feature = "tsuru")]
            ("tsuru", "0.2") => Ok(Self::Tsuru(Era::V0_2)),
            #[cfg(feature = "tsuru")]
            ("tsuru", "0.4") => Ok(Self::Tsuru(Era::V0_4)),
            #[cfg(feature = "tsuru")]
            ("tsuru", "0.7") => Ok(Self::Tsuru(Era::V0_7)),
            #[cfg(feature = "tsuru")]
            ("tsuru", _) => Err(format!(
                "there is no version {version}, only page, 0.2, 0.4 and 0.7; the server of 1.x is tsuru-v1"
            )),
            _ if KNOWN.contains(&service) => {
                Err(format!("{service} is played in one version only"))
            }
            _ => Err(format!(
                "there is no service {service}, only {}",
                KNOWN.join(", ")
            )),
        }
    }
}
