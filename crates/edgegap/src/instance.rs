//! What the matchmaker and the server browser have in common: an instance of one's own, with an address and a token
//! of its own.

use std::collections::BTreeMap;

use deploykit_core::{Client, Options, Result, Secret, Token, de, env};

use crate::{DeploymentStatus, Location, Protocol};

/// Collects what a handle of an instance needs.
#[derive(Debug)]
#[must_use]
pub struct InstanceBuilder<T> {
    /// Its path may be a secret.
    base_url: Option<Secret>,
    token: Option<Secret>,
    options: Options,
    make: fn(&Client) -> T,
}

impl<T> InstanceBuilder<T> {
    pub(crate) fn new(make: fn(&Client) -> T) -> Self {
        Self {
            base_url: None,
            token: None,
            options: Options::default(),
            make,
        }
    }

    /// Address of the instance, as the dashboard shows it.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(base_url));
        self
    }

    /// A token of the instance, as the dashboard shows it; it is sent bare.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    deploykit_core::builder_options!(options);

    /// Makes the handle.
    ///
    /// # Errors
    ///
    /// If one of them is missing, the token is empty or cannot be a header, or the address is not `http` or `https`.
    pub fn build(self) -> Result<T> {
        let base_url = env::given(self.base_url, "base_url", None)?;
        let token = env::given(self.token, "token", None)?;
        let client = Client::builder(base_url.expose())
            .credential(Token::with_scheme("", token)?)
            .options(self.options)
            .build()?;
        Ok((self.make)(&client))
    }
}

deploykit_core::model! {
    /// How an instance is.
    pub struct Monitor {
        /// In a word: `HEALTHY`.
        status: String,
        /// For people.
        message: Option<String>,
        /// How many parts of it are well.
        healthy_components: Option<i64> as de::number,
        /// How many are not.
        unhealthy_components: Option<i64> as de::number,
    }
}

impl Monitor {
    /// Whether all is well.
    pub fn is_healthy(&self) -> bool {
        self.status.eq_ignore_ascii_case("HEALTHY")
    }
}

deploykit_core::model! {
    /// Where players measure their latency.
    pub struct InstanceBeacons {
        /// How many there are.
        count: Option<i64> as de::number,
        /// Each of them.
        beacons: Vec<InstanceBeacon>,
    }
}

deploykit_core::model! {
    /// A place that players measure their latency to.
    pub struct InstanceBeacon {
        /// Host name.
        fqdn: Option<String>,
        /// Address.
        public_ip: Option<String>,
        /// Port for TCP.
        tcp_port: Option<u32> as crate::read::port,
        /// Port for UDP.
        udp_port: Option<u32> as crate::read::port,
        /// Where it is.
        location: Option<Location>,
    }
}

deploykit_core::model! {
    /// A server that players go to.
    pub struct Assignment {
        /// Host name.
        fqdn: Option<String>,
        /// Address.
        public_ip: Option<String>,
        /// Ports, by name.
        ports: BTreeMap<String, AssignedPort> as deploykit_core::de::entries,
        /// Where it is.
        location: Option<Location>,
    }
}

impl Assignment {
    /// What a player connects to for this port: host and port.
    pub fn address(&self, port: &str) -> Option<String> {
        let port = self.ports.get(port)?.external?;
        let host = self.fqdn.as_deref().or(self.public_ip.as_deref())?;
        Some(format!("{host}:{port}"))
    }
}

deploykit_core::model! {
    /// A port of a server.
    pub struct AssignedPort {
        /// The port inside of the container.
        internal: Option<u32> as crate::read::port,
        /// The port that players connect to.
        external: Option<u32> as crate::read::port,
        /// What to connect to: host and port.
        link: Option<String>,
        /// Its protocol, as the service spells it.
        protocol: Option<String>,
    }
}

deploykit_core::request! {
    /// A server that players shall go to. [`From`] a ready [`DeploymentStatus`], it is complete.
    pub struct ServerAddress {
        required {
            /// Host name.
            fqdn: String,
            /// Address.
            public_ip: String,
            /// Ports, by name.
            ports: BTreeMap<String, ServerPort>,
        }
        optional {
            /// Where it is.
            location: ServerPlace,
        }
    }
}

deploykit_core::request! {
    /// A port of a server.
    pub struct ServerPort {
        required {
            /// The port inside of the container.
            internal: u32,
            /// The port that players connect to.
            external: u32,
            /// What to connect to: host and port.
            link: String,
            /// Its protocol.
            protocol: Protocol,
        }
    }
}

deploykit_core::request! {
    /// Where a server is.
    pub struct ServerPlace {
        optional {
            /// City.
            city: String,
            /// Country.
            country: String,
            /// Continent.
            continent: String,
            /// State, province or the like.
            administrative_division: String,
            /// Time zone.
            timezone: String,
        }
    }
}

impl From<&DeploymentStatus> for ServerAddress {
    fn from(status: &DeploymentStatus) -> Self {
        let fqdn = status.fqdn.clone().unwrap_or_default();
        let ports = status.ports.iter().filter_map(|(name, port)| {
            let external = port.external?;
            let link = port
                .link
                .clone()
                .unwrap_or_else(|| format!("{fqdn}:{external}"));
            let protocol = port.kind().unwrap_or(Protocol::Udp);
            let port = ServerPort::new(port.internal?, external, link, protocol);
            Some((name.clone(), port))
        });
        let ports: BTreeMap<_, _> = ports.collect();
        let public_ip = status.public_ip.clone().unwrap_or_default();
        let mut address = Self::new(fqdn, public_ip, ports);
        address.location = status.location.as_ref().map(ServerPlace::from);
        address
    }
}

impl From<&Location> for ServerPlace {
    fn from(location: &Location) -> Self {
        Self {
            city: location.city.clone(),
            country: location.country.clone(),
            continent: location.continent.clone(),
            administrative_division: location.administrative_division.clone(),
            timezone: location.timezone.clone(),
        }
    }
}
