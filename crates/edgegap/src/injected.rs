//! What Edgegap injects into a container.

use std::collections::{BTreeMap, HashMap};
use std::env;

use deploykit_core::{Error, Result, Secret};
use serde_json::Value;

use crate::{Location, Protocol, RequestId, SelfStop};

/// The variables that Edgegap injects into the container of every deployment, typed.
///
/// ```
/// use deploykit_edgegap::Injected;
///
/// # fn main() -> Result<(), deploykit_edgegap::Error> {
/// // In a container: `Injected::from_env()?`.
/// let injected = Injected::from_vars([
///     ("ARBITRIUM_REQUEST_ID", "93924761ccde"),
///     ("ARBITRIUM_DEPLOYMENT_TAGS", "eu,ranked"),
///     ("ARBITRIUM_PORT_GAMEPORT_INTERNAL", "7777"),
///     ("ARBITRIUM_PORT_GAMEPORT_EXTERNAL", "31504"),
/// ])?;
/// assert_eq!(injected.tags, ["eu", "ranked"]);
/// assert_eq!(injected.port("gameport").and_then(|port| port.external), Some(31504));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Injected {
    /// `ARBITRIUM_REQUEST_ID`: the deployment.
    pub request_id: RequestId,
    /// `ARBITRIUM_PUBLIC_IP`: its address.
    pub public_ip: Option<String>,
    /// `ARBITRIUM_DELETE_URL`: where it can end itself; see [`SelfStop`].
    pub delete_url: Option<Secret>,
    /// `ARBITRIUM_DELETE_TOKEN`: with what it can end itself.
    pub delete_token: Option<Secret>,
    /// `ARBITRIUM_CONTEXT_URL`: where it can learn about itself.
    pub context_url: Option<String>,
    /// `ARBITRIUM_CONTEXT_TOKEN`: with what it can learn about itself.
    pub context_token: Option<Secret>,
    /// `ARBITRIUM_DEPLOYMENT_LOCATION`: where it runs.
    pub location: Option<Location>,
    /// `ARBITRIUM_DEPLOYMENT_TAGS`: its tags when it was started.
    pub tags: Vec<String>,
    /// `ARBITRIUM_PORTS_MAPPING` and `ARBITRIUM_PORT_…`: its ports; [`port`](Self::port) finds one.
    pub ports: BTreeMap<String, InjectedPort>,
    /// `ARBITRIUM_HOST_ID`: the host.
    pub host_id: Option<String>,
    /// `ARBITRIUM_HOST_BASE_CLOCK_FREQUENCY`: the host's clock frequency in MHz.
    pub host_base_clock_frequency: Option<f64>,
    /// `ARBITRIUM_DEPLOYMENT_VCPU_UNITS`: CPU, in units of 1/1024 vCPU.
    pub vcpu_units: Option<u64>,
    /// `ARBITRIUM_DEPLOYMENT_MEMORY_MB`: memory.
    pub memory_mb: Option<u64>,
    /// `ARBITRIUM_HOST_BEACON_ENABLED`, formerly `ARBITRIUM_BEACON_ENABLED`: whether the host has a beacon.
    pub beacon_enabled: Option<bool>,
    /// `ARBITRIUM_HOST_BEACON_…`: where players can measure their latency to the host, if it has such a thing.
    pub beacon: Option<Beacon>,
    /// `ARBITRIUM_HOST_IN_PRIVATE_FLEET`: whether the host belongs to a private fleet.
    pub in_private_fleet: Option<bool>,
    /// `ARBITRIUM_PRIVATE_FLEET_ID`: the private fleet it runs in; nothing in the public cloud.
    pub private_fleet_id: Option<String>,
    /// Everything else that begins with `ARBITRIUM_`, and what could not be read of the above, as it came.
    pub others: BTreeMap<String, Secret>,
}

deploykit_core::model! {
    /// A port of the container.
    #[derive(Default)]
    pub struct InjectedPort {
        /// Its name.
        name: Option<String>,
        /// The port to listen on.
        internal: Option<u16> as crate::read::port,
        /// The port that players connect to.
        external: Option<u16> as crate::read::port,
        /// Its protocol, as the service spells it.
        protocol: Option<String>,
    }
}

impl InjectedPort {
    /// Its protocol.
    pub fn kind(&self) -> Option<Protocol> {
        self.protocol.as_deref().map(Protocol::read)
    }
}

/// Where players can measure their latency to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Beacon {
    /// Its address.
    pub public_ip: Option<String>,
    /// The port for UDP.
    pub udp_port: Option<u16>,
    /// The port for TCP.
    pub tcp_port: Option<u16>,
}

impl Injected {
    /// Reads the environment of the program.
    ///
    /// # Errors
    ///
    /// If `ARBITRIUM_REQUEST_ID` is missing: the program does not run in a deployment.
    pub fn from_env() -> Result<Self> {
        let as_text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::from_vars(env::vars_os().filter_map(as_text))
    }

    /// Reads these variables.
    ///
    /// # Errors
    ///
    /// If `ARBITRIUM_REQUEST_ID` is missing.
    pub fn from_vars<I, K, V>(variables: I) -> Result<Self>
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<String>,
        V: Into<String>,
    {
        let mut read = Variables::of(variables);
        let request_id = read
            .text("REQUEST_ID")
            .ok_or_else(|| Error::invalid_input("ARBITRIUM_REQUEST_ID", "is not set"))?;
        let mut ports = read
            .as_read("PORTS_MAPPING", mapped_ports)
            .unwrap_or_default();
        read.ports(&mut ports);
        let beacon = Beacon {
            public_ip: read.text("HOST_BEACON_PUBLIC_IP"),
            udp_port: read.parsed("HOST_BEACON_PORT_UDP_EXTERNAL"),
            tcp_port: read.parsed("HOST_BEACON_PORT_TCP_EXTERNAL"),
        };
        let beacon_enabled = [
            read.flag("HOST_BEACON_ENABLED"),
            read.flag("BEACON_ENABLED"),
        ];
        let fleet = read.text("PRIVATE_FLEET_ID");
        Ok(Self {
            request_id: request_id.into(),
            public_ip: read.text("PUBLIC_IP"),
            delete_url: read.text("DELETE_URL").map(Secret::from),
            delete_token: read.text("DELETE_TOKEN").map(Secret::from),
            context_url: read.text("CONTEXT_URL"),
            context_token: read.text("CONTEXT_TOKEN").map(Secret::from),
            location: read.as_read("DEPLOYMENT_LOCATION", |text| {
                serde_json::from_str(text).ok()
            }),
            tags: read
                .as_read("DEPLOYMENT_TAGS", tag_list)
                .unwrap_or_default(),
            ports,
            host_id: read.text("HOST_ID"),
            host_base_clock_frequency: read.parsed("HOST_BASE_CLOCK_FREQUENCY"),
            vcpu_units: read.parsed("DEPLOYMENT_VCPU_UNITS"),
            memory_mb: read.parsed("DEPLOYMENT_MEMORY_MB"),
            beacon_enabled: beacon_enabled.into_iter().flatten().next(),
            in_private_fleet: read.flag("HOST_IN_PRIVATE_FLEET"),
            beacon: beacon.public_ip.is_some().then_some(beacon),
            private_fleet_id: fleet.filter(|fleet| fleet != PUBLIC_CLOUD),
            others: read.rest(),
        })
    }

    /// A port by its key or name, in any case: variables know `GAME_PORT` where the application says
    /// `game-port`.
    pub fn port(&self, name: &str) -> Option<&InjectedPort> {
        let wanted = sanitised(name);
        let is_wanted = |(key, port): &(&String, &InjectedPort)| {
            sanitised(key) == wanted || port.name.as_deref().map(sanitised) == Some(wanted.clone())
        };
        self.ports.iter().find(is_wanted).map(|(_, port)| port)
    }

    /// Ends this deployment; the address must be one of Edgegap.
    ///
    /// # Errors
    ///
    /// If the address or the token was not injected, or the address is not trusted.
    pub fn self_stop(&self) -> Result<SelfStop> {
        let missing = |name| Error::invalid_input(name, "is not set");
        let url = self
            .delete_url
            .as_ref()
            .ok_or_else(|| missing("ARBITRIUM_DELETE_URL"))?;
        let token = self
            .delete_token
            .as_ref()
            .ok_or_else(|| missing("ARBITRIUM_DELETE_TOKEN"))?;
        SelfStop::new(url.clone(), token.clone())
    }
}

/// The fleet of deployments that are in none.
const PUBLIC_CLOUD: &str = "PUBLIC_CLOUD";

/// The ports of a mapping: under `ports`, or as the whole map, as images of others have it. Nothing if one of them
/// cannot be read.
fn mapped_ports(text: &str) -> Option<BTreeMap<String, InjectedPort>> {
    let whole: Value = serde_json::from_str(text).ok()?;
    let map = match whole.get("ports") {
        Some(ports @ (Value::Object(_) | Value::Array(_) | Value::Null)) => ports,
        _ => &whole,
    };
    let Some(map) = map.as_object() else {
        return Some(BTreeMap::new());
    };
    map.iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Some((name.clone(), mapped_port(name, value)?)))
        .collect()
}

/// A port of a mapping: described in full, or only the number that players connect to.
fn mapped_port(name: &str, value: &Value) -> Option<InjectedPort> {
    if value.is_object() {
        let port: InjectedPort = serde_json::from_value(value.clone()).ok()?;
        let read = |key: &str, number: Option<u16>| number.is_some() || value[key].is_null();
        return (read("internal", port.internal) && read("external", port.external))
            .then_some(port);
    }
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        value => u16::try_from(value.as_u64()?).ok()?,
    };
    Some(InjectedPort {
        internal: name.parse().ok(),
        external: Some(number),
        ..InjectedPort::default()
    })
}

/// Tags as a list with commas, or as JSON.
fn tag_list(text: &str) -> Option<Vec<String>> {
    if let Ok(tags) = serde_json::from_str(text) {
        return Some(tags);
    }
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    Some(tags.map(str::to_owned).collect())
}

/// The injected variables that were not read yet, without their common prefix.
struct Variables(HashMap<String, String>);

impl Variables {
    fn of<K: Into<String>, V: Into<String>>(all: impl IntoIterator<Item = (K, V)>) -> Self {
        let own = |(name, value): (K, V)| {
            let name = name.into().strip_prefix("ARBITRIUM_")?.to_owned();
            Some((name, value.into()))
        };
        Self(all.into_iter().filter_map(own).collect())
    }

    /// A value; an empty one is none.
    fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.trim().is_empty())
    }

    /// A value in its type; one that cannot be read stays.
    fn as_read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = read(text.trim());
        if value.is_none() {
            self.0.insert(name.to_owned(), text);
        }
        value
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.as_read(name, |text| text.parse().ok())
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        self.as_read(name, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// Adds the ports that have variables of their own and are not in the mapping.
    fn ports(&mut self, ports: &mut BTreeMap<String, InjectedPort>) {
        let mut found: BTreeMap<String, InjectedPort> = BTreeMap::new();
        self.0.retain(|name, value| {
            let Some((port, part)) = name
                .strip_prefix("PORT_")
                .and_then(|rest| rest.rsplit_once('_'))
            else {
                return true;
            };
            let entry = found.entry(port.to_owned());
            let number = || value.trim().parse().ok();
            match part {
                "INTERNAL" => entry.or_default().internal = number(),
                "EXTERNAL" => entry.or_default().external = number(),
                "PROTOCOL" => entry.or_default().protocol = Some(value.clone()),
                _ => return true,
            }
            // What is no port stays to be seen.
            part != "PROTOCOL" && number().is_none() && !value.trim().is_empty()
        });
        for (name, port) in found {
            let known = ports.iter().any(|(key, known)| {
                sanitised(key) == name
                    || known.name.as_deref().map(sanitised).as_ref() == Some(&name)
            });
            if !known {
                ports.insert(name, port);
            }
        }
    }

    fn rest(self) -> BTreeMap<String, Secret> {
        let whole = |(name, value): (String, String)| (format!("ARBITRIUM_{name}"), value.into());
        self.0.into_iter().map(whole).collect()
    }
}

/// A port's name as it stands in variables.
fn sanitised(name: &str) -> String {
    let sane = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(sane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_documented_is_typed() {
        let injected = Injected::from_vars([
            ("PATH", "/bin"),
            ("ARBITRIUM_REQUEST_ID", "23c01225b99d"),
            ("ARBITRIUM_PUBLIC_IP", "192.0.2.7"),
            (
                "ARBITRIUM_DELETE_URL",
                "https://api.edgegap.com/v1/self/stop/23c01225b99d/463660",
            ),
            ("ARBITRIUM_DELETE_TOKEN", "canary"),
            ("ARBITRIUM_CONTEXT_TOKEN", "canary"),
            (
                "ARBITRIUM_DEPLOYMENT_LOCATION",
                r#"{"city":"Montreal","latitude":45.5}"#,
            ),
            (
                "ARBITRIUM_PORTS_MAPPING",
                r#"{"ports":{"game-port":
                    {"name":"game-port","internal":7777,"external":31504,"protocol":"UDP"}}}"#,
            ),
            ("ARBITRIUM_PORT_GAME_PORT_INTERNAL", "1"),
            ("ARBITRIUM_PORT_8080_EXTERNAL", "30001"),
            ("ARBITRIUM_PORT_8080_PROTOCOL", "http"),
            ("ARBITRIUM_DEPLOYMENT_VCPU_UNITS", "512"),
            ("ARBITRIUM_BEACON_ENABLED", "False"),
            ("ARBITRIUM_HOST_IN_PRIVATE_FLEET", "0"),
            ("ARBITRIUM_HOST_BEACON_PUBLIC_IP", ""),
            ("ARBITRIUM_HOST_BEACON_PORT_UDP_EXTERNAL", ""),
            ("ARBITRIUM_PRIVATE_FLEET_ID", "PUBLIC_CLOUD"),
            ("ARBITRIUM_ENV_DEBUG", "canary"),
        ])
        .unwrap();
        assert_eq!(injected.location.as_ref().unwrap().longitude, None);
        assert_eq!(injected.port("GAME_PORT").unwrap().internal, Some(7777));
        assert_eq!(injected.port("8080").unwrap().kind(), Some(Protocol::Http));
        assert_eq!(injected.ports.len(), 2);
        assert_eq!(
            (&injected.beacon, &injected.private_fleet_id),
            (&None, &None)
        );
        assert_eq!(
            (injected.beacon_enabled, injected.in_private_fleet),
            (Some(false), Some(false))
        );
        assert_eq!(injected.vcpu_units, Some(512));
        assert_eq!(injected.others.len(), 1);
        assert!(injected.self_stop().is_ok());
        assert!(!format!("{injected:?}").contains("canary"));
    }

    #[test]
    fn mappings_and_tags_are_read_in_every_shape() {
        let read = |mapping: &str, tags: &str| {
            Injected::from_vars([
                ("ARBITRIUM_REQUEST_ID", "23c01225b99d"),
                ("ARBITRIUM_PORTS_MAPPING", mapping),
                ("ARBITRIUM_DEPLOYMENT_TAGS", tags),
            ])
            .unwrap()
        };
        let flat = read(
            r#"{"7777":{"internal":7777,"external":"31504"},"web":30001}"#,
            r#"["a,b"," c"]"#,
        );
        assert_eq!(flat.port("7777").unwrap().external, Some(31504));
        assert_eq!(flat.port("web").unwrap().external, Some(30001));
        assert_eq!(flat.tags, ["a,b", " c"]);
        assert_eq!(read("{\"ports\":[]}", "a, b,").tags, ["a", "b"]);
        for nothing in [r#"{"ports":[]}"#, r#"{"ports":null}"#, "[]"] {
            assert!(read(nothing, "").ports.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_read_does_not_vanish() {
        let mapping = r#"{"ports":{"game":{"internal":7777,"external":70000}}}"#;
        let injected = Injected::from_vars([
            ("ARBITRIUM_REQUEST_ID", "23c01225b99d"),
            ("ARBITRIUM_PORTS_MAPPING", mapping),
            ("ARBITRIUM_PORT_WEB_EXTERNAL", "70001"),
            ("ARBITRIUM_DEPLOYMENT_MEMORY_MB", "much"),
        ])
        .unwrap();
        assert_eq!(injected.others["ARBITRIUM_PORTS_MAPPING"].expose(), mapping);
        assert_eq!(
            injected.others["ARBITRIUM_PORT_WEB_EXTERNAL"].expose(),
            "70001"
        );
        assert_eq!(injected.others.len(), 3);
    }

    #[test]
    fn outside_of_a_deployment_there_is_nothing_to_read() {
        let error = Injected::from_vars([("PATH", "/bin")]).unwrap_err();
        assert!(error.to_string().contains("ARBITRIUM_REQUEST_ID"));
    }
}
