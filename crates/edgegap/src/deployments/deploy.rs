//! What a deployment is ordered with.

use std::collections::HashSet;

use deploykit_core::{Error, Result, Secret};
use serde::{Deserialize, Serialize};

use super::{RequestId, refuse};

/// Declares an order for a server. Edgegap has two that differ in one field: with and without private hosts.
/// The types of its fields must be in scope.
macro_rules! deployment_request {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident : $type:ident $(<$arg:ty>)? ),* $(,)?
        }
        check |$it:ident| $check:block
    ) => {
        deploykit_core::request! {
            $(#[$meta])*
            pub struct $name {
                required {
                    /// Name of the application.
                    application: String,
                    /// Name of the application's version.
                    version: String,
                    $( $(#[doc = $doc])* $field: $type $(<$arg>)? ),*
                }
                optional {
                    /// The players to be near to, one at least: without any the order is refused here.
                    users: Vec<User>,
                    /// Considers only locations that have the image already: starts faster. Default false.
                    require_cached_locations: bool,
                    /// Variables injected into the container, beside the application's own.
                    environment_variables: Vec<EnvironmentVariable>,
                    /// Labels, to find the deployment by.
                    tags: Vec<String>,
                    /// Where to post the status when the server is ready.
                    webhook_on_ready: Webhook,
                    /// Where to post the status when the server could not be started.
                    webhook_on_error: Webhook,
                    /// Where to post the status when the server has ended.
                    webhook_on_terminated: Webhook,
                    /// CPU and memory, in place of the version's.
                    resources: Resources,
                }
            }
            check |order| {
                $crate::deployments::check_order(
                    &order.application,
                    &order.version,
                    order.users.as_deref(),
                    order.environment_variables.as_deref(),
                    order.resources,
                )?;
                let $it = order;
                $check
            }
        }

        impl $name {
            /// Adds a player by IP address.
            #[must_use]
            pub fn user_ip(self, ip_address: impl Into<String>) -> Self {
                self.user($crate::User::ip(ip_address))
            }

            /// Adds a player by place: latitude (−90 to 90) and longitude (−180 to 180) in degrees.
            #[must_use]
            pub fn user_coordinates(self, latitude: f64, longitude: f64) -> Self {
                self.user($crate::User::coordinates(latitude, longitude))
            }

            /// Adds a player.
            #[must_use]
            pub fn user(mut self, user: $crate::User) -> Self {
                self.users.get_or_insert_default().push(user);
                self
            }

            /// Adds a variable that the dashboard shows.
            #[must_use]
            pub fn variable(self, key: impl Into<String>, value: impl Into<String>) -> Self {
                self.environment($crate::EnvironmentVariable::new(key, value.into()))
            }

            /// Adds a variable that nobody is shown.
            #[must_use]
            pub fn hidden_variable(
                self,
                key: impl Into<String>,
                value: impl Into<deploykit_core::Secret>,
            ) -> Self {
                self.environment($crate::EnvironmentVariable::new(key, value).hidden())
            }

            /// Adds a variable.
            #[must_use]
            pub fn environment(mut self, variable: $crate::EnvironmentVariable) -> Self {
                self.environment_variables.get_or_insert_default().push(variable);
                self
            }

            /// Adds a label.
            #[must_use]
            pub fn tag(mut self, tag: impl Into<String>) -> Self {
                self.tags.get_or_insert_default().push(tag.into());
                self
            }
        }
    };
}

pub(crate) use deployment_request;

deployment_request! {
    /// A server to start.
    ///
    /// ```
    /// use deploykit_edgegap::Deploy;
    ///
    /// let order = Deploy::new("my-app", "25.05.30-16.45.19-04")
    ///     .user_ip("75.28.35.192")
    ///     .user_coordinates(45.508888, -73.561668)
    ///     .variable("MAP", "canyon")
    ///     .hidden_variable("DB_PASSWORD", "secret")
    ///     .tag("match-4711")
    ///     .webhook_on_ready("https://example.com/ready/b0c5e7d2");
    /// assert!(!format!("{order:?}").contains("secret"));
    /// ```
    Deploy {}
    check |_order| { Ok(()) }
}

/// A player to be near to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "user_type", content = "user_data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum User {
    /// By IP address.
    IpAddress {
        /// Version 4 or 6.
        ip_address: String,
    },
    /// By place.
    GeoCoordinates {
        /// Degrees north, −90 to 90.
        latitude: f64,
        /// Degrees east, −180 to 180.
        longitude: f64,
    },
}

impl User {
    /// A player by IP address.
    pub fn ip(ip_address: impl Into<String>) -> Self {
        Self::IpAddress {
            ip_address: ip_address.into(),
        }
    }

    /// A player by place: latitude (−90 to 90) and longitude (−180 to 180) in degrees.
    pub fn coordinates(latitude: f64, longitude: f64) -> Self {
        Self::GeoCoordinates {
            latitude,
            longitude,
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::IpAddress { ip_address } if ip_address.trim().is_empty() => {
                refuse("users", "has an empty IP address")
            }
            Self::GeoCoordinates { latitude, .. } if !(-90.0..=90.0).contains(latitude) => {
                refuse("users", "has a latitude outside of −90 to 90")
            }
            Self::GeoCoordinates { longitude, .. } if !(-180.0..=180.0).contains(longitude) => {
                refuse("users", "has a longitude outside of −180 to 180")
            }
            _ => Ok(()),
        }
    }
}

/// A variable injected into the container. Its value is not shown in `Debug`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EnvironmentVariable {
    /// Name.
    pub key: String,
    /// Value, at most 4 KB.
    pub value: Secret,
    /// Whether the service hides the value too.
    #[serde(default)]
    pub is_hidden: bool,
}

impl EnvironmentVariable {
    /// A variable that the dashboard shows.
    pub fn new(key: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            is_hidden: false,
        }
    }

    /// The same variable, hidden in the dashboard.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    fn check(&self) -> Result<()> {
        const LONGEST: usize = 4096;

        if self.key.trim().is_empty() {
            return refuse("environment_variables", "has an empty key");
        }
        if self.value.expose().len() > LONGEST {
            let problem = format!("has a value longer than 4 KB (`{}`)", self.key);
            return Err(Error::invalid_input("environment_variables", problem));
        }
        Ok(())
    }
}

/// An address that Edgegap posts to. Nothing is signed, so the address itself should be hard to guess; it is
/// not shown in `Debug`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// The address.
    pub url: Secret,
}

impl From<&str> for Webhook {
    fn from(url: &str) -> Self {
        Self { url: url.into() }
    }
}

impl From<String> for Webhook {
    fn from(url: String) -> Self {
        Self { url: url.into() }
    }
}

/// CPU and memory of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// CPU in units of 1/1024 vCPU, at least 100.
    pub cpu_units: u32,
    /// Memory in MiB, at least 100 and at most twice the CPU units.
    pub memory_mib: u32,
}

impl Resources {
    /// CPU in units of 1/1024 vCPU and memory in MiB.
    pub const fn new(cpu_units: u32, memory_mib: u32) -> Self {
        Self {
            cpu_units,
            memory_mib,
        }
    }

    pub(crate) fn check(self) -> Result<()> {
        if self.cpu_units < 100 || self.memory_mib < 100 {
            return refuse("resources", "has less than 100 CPU units or 100 MiB");
        }
        if self.memory_mib > self.cpu_units.saturating_mul(2) {
            return refuse("resources", "has more than 2 MiB for each CPU unit");
        }
        Ok(())
    }
}

/// What both orders must be.
pub(crate) fn check_order(
    application: &str,
    version: &str,
    users: Option<&[User]>,
    variables: Option<&[EnvironmentVariable]>,
    resources: Option<Resources>,
) -> Result<()> {
    for (name, value) in [("application", application), ("version", version)] {
        if value.trim().is_empty() {
            return refuse(name, "is empty");
        }
    }
    match users {
        None | Some([]) => return refuse("users", "is missing: name a player by address or place"),
        Some(users) => users.iter().try_for_each(User::check)?,
    }
    let variables = variables.unwrap_or_default();
    variables.iter().try_for_each(EnvironmentVariable::check)?;
    let mut keys = HashSet::new();
    if variables.iter().any(|variable| !keys.insert(&variable.key)) {
        return refuse("environment_variables", "has a key twice");
    }
    resources.map_or(Ok(()), Resources::check)
}

deploykit_core::model! {
    /// A deployment that was started.
    #[derive(Eq)]
    pub struct Deployed {
        required {
            /// Its id.
            request_id: RequestId,
        }
        /// What the service said.
        message: Option<String>,
    }
}

impl Deployed {
    /// A deployment whose answer was lost, but that was found.
    pub(super) fn found(request_id: RequestId) -> Self {
        Self {
            request_id,
            message: None,
        }
    }
}
