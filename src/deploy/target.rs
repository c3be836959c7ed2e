//! What is deployed, and where.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fields::Fields;
use super::service::Starting;
use super::{Clients, Handle};
use crate::core::{Error, Result};

/// What is deployed, and where. It holds no credential, and no address that may hold one shows in its `Debug`.
///
/// Each service's own type says what can be set; they become a target by `into()`.
///
/// # Configuration
///
/// A target can be read from a map: TOML, JSON, and whatever else serde reads. `service` says whose the other fields
/// are:
///
/// | `service` | needs | may have |
/// |---|---|---|
/// | `scalingo` | `app`; one of `source_url`, `archive` (a path) | `git_ref`, `roll_back_to` (an address) |
/// | `devopness` | one of `application`, `pipeline` (ids) | one of `branch`, `tag`, `commit`; `servers` (ids); `comment` (pipelines) |
/// | `tsuru` | `app`; one of `image`, `archive` (a path), `archive_url` | `message` |
/// | `edgegap` | `app`, `version`, `near` (addresses, or `latitude,longitude`) | `tag` (of this server alone) |
///
/// What is missing, unknown, empty, of the wrong type or in conflict is an error that names the field.
///
/// ```
/// # #[cfg(feature = "edgegap")]
/// # fn main() {
/// use deploykit::deploy::Target;
/// use serde_json::json;
///
/// let read = |value| serde_json::from_value::<Target>(value);
/// let target = json!({ "service": "edgegap", "app": "game", "version": "v2", "near": ["198.51.100.7"] });
/// assert_eq!(read(target).unwrap().to_string(), "edgegap game/v2");
///
/// let error = read(json!({ "service": "edgegap", "app": "game", "near": ["198.51.100.7"] })).unwrap_err();
/// assert_eq!(error.to_string(), "invalid input: `version` is missing");
/// # }
/// # #[cfg(not(feature = "edgegap"))]
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Target {
    /// An application on Scalingo.
    #[cfg(feature = "scalingo")]
    Scalingo(super::Scalingo),
    /// An application or pipeline of Devopness.
    #[cfg(feature = "devopness")]
    Devopness(super::Devopness),
    /// An app of today's tsuru.
    #[cfg(feature = "tsuru")]
    Tsuru(super::Tsuru),
    /// A version of an application on Edgegap.
    #[cfg(feature = "edgegap")]
    Edgegap(super::Edgegap),
}

/// The variables of a target begin so.
const PREFIX: &str = "DEPLOYKIT_TARGET_";

impl Target {
    /// The target that the environment describes: the fields of the table above, in capitals behind
    /// `DEPLOYKIT_TARGET_`: `DEPLOYKIT_TARGET_SERVICE`, `DEPLOYKIT_TARGET_APP`, `DEPLOYKIT_TARGET_GIT_REF`. Lists are separated by white space. A blank variable
    /// is not set. Credentials stay in the services' own variables.
    ///
    /// # Errors
    ///
    /// If a variable is missing, wrong, or begins with `DEPLOYKIT_TARGET_` and is none of them; the error names it.
    pub fn from_env() -> Result<Self> {
        // A variable that is no Unicode is no field of ours.
        let variables = std::env::vars_os();
        let texts = variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::from_variables(texts)
    }

    /// As [`from_env`](Self::from_env), from these variables.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        Self::read(Fields::of_variables(variables, PREFIX))
    }

    fn read(mut fields: Fields) -> Result<Self> {
        match fields.required("service")?.as_str() {
            #[cfg(feature = "scalingo")]
            "scalingo" => super::Scalingo::read(fields).map(Self::from),
            #[cfg(feature = "devopness")]
            "devopness" => super::Devopness::read(fields).map(Self::from),
            #[cfg(feature = "tsuru")]
            "tsuru" => super::Tsuru::read(fields).map(Self::from),
            #[cfg(feature = "edgegap")]
            "edgegap" => super::Edgegap::read(fields).map(Self::from),
            other => {
                let known = Self::SERVICES.join(", ");
                Err(fields.refuse("service", format_args!("is `{other}`, not one of {known}")))
            }
        }
    }

    const SERVICES: &[&str] = &[
        #[cfg(feature = "scalingo")]
        "scalingo",
        #[cfg(feature = "devopness")]
        "devopness",
        #[cfg(feature = "tsuru")]
        "tsuru",
        #[cfg(feature = "edgegap")]
        "edgegap",
    ];

    pub(super) fn starting(&self, clients: &Clients) -> Result<Box<dyn Starting>> {
        match self {
            #[cfg(feature = "scalingo")]
            Self::Scalingo(target) => Ok(Box::new(target.clone().with(clients.scalingo()?))),
            #[cfg(feature = "devopness")]
            Self::Devopness(target) => Ok(Box::new(target.clone().with(clients.devopness()?))),
            #[cfg(feature = "tsuru")]
            Self::Tsuru(target) => Ok(Box::new(target.clone().with(clients.tsuru()?))),
            #[cfg(feature = "edgegap")]
            Self::Edgegap(target) => Ok(Box::new(target.clone().with(clients.edgegap()?))),
        }
    }

    /// What goes back from a deployment, made for this target if that is known.
    pub(super) fn back(target: Option<&Self>, handle: &Handle) -> Result<Self> {
        match (handle.service(), target) {
            #[cfg(feature = "scalingo")]
            ("scalingo", Some(Self::Scalingo(target))) => target.back().map(Self::from),
            #[cfg(feature = "devopness")]
            ("devopness", _) => super::Devopness::back(target, handle).map(Self::from),
            #[cfg(feature = "tsuru")]
            ("tsuru", _) => super::Tsuru::back(handle).map(Self::from),
            #[cfg(feature = "edgegap")]
            ("edgegap", _) => super::Edgegap::back(handle).map(Self::from),
            (service, _) => {
                let problem =
                    format!("has no way back: a handle of {service} does not say to what");
                Err(Error::invalid_input("rollout", problem))
            }
        }
    }
}

macro_rules! targets {
    ($($feature:literal $name:ident,)+) => {
        $(
            #[cfg(feature = $feature)]
            impl From<super::$name> for Target {
                fn from(target: super::$name) -> Self {
                    Self::$name(target)
                }
            }

            #[cfg(feature = $feature)]
            impl From<super::$name> for super::Rollout {
                fn from(target: super::$name) -> Self {
                    Self::new(target)
                }
            }
        )+

        /// Service and name: `tsuru shop`.
        impl fmt::Display for Target {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(
                        #[cfg(feature = $feature)]
                        Self::$name(target) => write!(f, "{} {}", $feature, target.name()),
                    )+
                }
            }
        }
    };
}

targets! {
    "scalingo" Scalingo,
    "devopness" Devopness,
    "tsuru" Tsuru,
    "edgegap" Edgegap,
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
        Self::read(Fields::of_config(values)).map_err(D::Error::custom)
    }
}
