//! What a version has that differs from what was wanted.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::{AppVersion, NewVersion, Protocol, Secret};

/// A part of a version that differs from what was wanted. Secrets are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Name of the field.
    pub field: String,
    /// What was wanted.
    pub wanted: String,
    /// What the version has.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: wanted {}, found {}",
            self.field, self.wanted, self.found
        )
    }
}

/// What stands for itself in both.
const PLAIN: [&str; 15] = [
    "is_active",
    "req_cpu",
    "req_memory",
    "req_video",
    "docker_repository",
    "private_username",
    "docker_image",
    "docker_tag",
    "force_cache",
    "time_to_deploy",
    "max_duration",
    "restart_policy",
    "termination_grace_period_seconds",
    "will_deploy_in_mainland_china",
    "dns_config",
];

const STORAGE: &str = "endpoint_storage";

/// Texts that a version either has or not; of others the answer may only not tell.
const NONE_IF_ABSENT: [&str; 3] = ["private_username", "dns_config", STORAGE];

/// How a version differs. What was not set is the service's to choose, but for ports and variables.
pub(super) fn between(wanted: &NewVersion, found: &AppVersion) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |field: &str, wanted: String, found: String| {
        differences.push(Difference {
            field: field.to_owned(),
            wanted,
            found,
        });
    };
    // Both are plain structures with texts for names: this cannot fail.
    let fields = |value: serde_json::Result<Value>| value.unwrap_or_default();
    let (want, have) = (
        fields(serde_json::to_value(wanted)),
        fields(serde_json::to_value(found)),
    );
    for field in PLAIN.iter().chain([&STORAGE]) {
        let told = !have[field].is_null() || NONE_IF_ABSENT.contains(field);
        if !want[field].is_null() && told && text(&want[field]) != text(&have[field]) {
            differ(field, text(&want[field]), text(&have[field]));
        }
    }
    if let Some(token) = &wanted.private_token
        && found
            .private_token
            .as_ref()
            .is_some_and(|known| is_told(known) && known != token)
    {
        differ("private_token", "one".to_owned(), "another one".to_owned());
    }
    let (wanted_ports, found_ports) = (ports_wanted(wanted), ports_found(found));
    if wanted_ports != found_ports {
        differ("ports", wanted_ports.join(" "), found_ports.join(" "));
    }
    let wanted_envs: BTreeMap<&str, &Secret> = wanted
        .envs
        .iter()
        .flatten()
        .map(|variable| (variable.key.as_str(), &variable.value))
        .collect();
    let found_envs: BTreeMap<&str, &Secret> = found
        .envs
        .iter()
        .map(|variable| (variable.key.as_str(), &variable.value))
        .collect();
    for key in wanted_envs.keys().chain(
        found_envs
            .keys()
            .filter(|key| !wanted_envs.contains_key(*key)),
    ) {
        let word = |there: bool| if there { "a value" } else { "none" }.to_owned();
        let name = format!("envs.{key}");
        match (wanted_envs.get(key), found_envs.get(key)) {
            (Some(wanted), Some(found)) if wanted == found || !is_told(found) => {}
            (Some(_), Some(_)) => differ(&name, word(true), "another one".to_owned()),
            (wanted, found) => differ(&name, word(wanted.is_some()), word(found.is_some())),
        }
    }
    differences
}

/// Whether the service tells a secret, instead of nothing or a mask.
fn is_told(secret: &Secret) -> bool {
    !secret.expose().trim_matches(['*', '•', ' ']).is_empty()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn ports_wanted(version: &NewVersion) -> Vec<String> {
    let ports = version.ports.iter().flatten().map(|port| {
        let (check, tls) = (
            port.to_check.unwrap_or(true),
            port.tls_upgrade.unwrap_or(false),
        );
        port_text(
            port.port.into(),
            &port.protocol,
            port.name.as_deref(),
            check,
            tls,
        )
    });
    sorted(ports)
}

fn ports_found(version: &AppVersion) -> Vec<String> {
    let ports = version.ports.iter().map(|port| {
        let protocol = Protocol::read(port.protocol.as_deref().unwrap_or_default());
        let (check, tls) = (
            port.to_check.unwrap_or(true),
            port.tls_upgrade.unwrap_or(false),
        );
        port_text(
            port.port.unwrap_or_default(),
            &protocol,
            port.name.as_deref(),
            check,
            tls,
        )
    });
    sorted(ports)
}

fn sorted(ports: impl Iterator<Item = String>) -> Vec<String> {
    let mut ports: Vec<_> = ports.collect();
    ports.sort();
    ports
}

/// `7777/UDP(gameport)`
fn port_text(port: u32, protocol: &Protocol, name: Option<&str>, check: bool, tls: bool) -> String {
    // Without a name a port goes by its number.
    let number = port.to_string();
    let name = name.filter(|name| !name.is_empty()).unwrap_or(&number);
    let check = if check { "" } else { ",unchecked" };
    let tls = if tls { ",tls" } else { "" };
    format!("{port}/{protocol}({name}{check}{tls})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewPort, Resources};

    fn wanted() -> NewVersion {
        let image = "r.example.com/game:1".parse().unwrap();
        NewVersion::of("v1", &image, Resources::new(512, 1024))
            .port(NewPort::new(7777, Protocol::Udp))
            .private_token("canary-1")
            .hidden_variable("KEY", "canary-2")
    }

    fn found(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut json = serde_json::to_value(wanted()).unwrap();
        change(&mut json);
        let found = serde_json::from_value(json).unwrap();
        between(&wanted(), &found)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_same_content_in_another_spelling_is_no_difference() {
        let same = found(|json| {
            json["ports"][0]["protocol"] = "udp".into();
            json["ports"][0]["name"] = "7777".into();
            json["ports"][0]["to_check"] = true.into();
            json["req_cpu"] = "512".into();
            json["max_duration"] = 60.into();
            json["private_token"] = "****".into();
            json["envs"][0]["value"] = "".into();
        });
        assert_eq!(same, Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_told_and_no_secret_with_it() {
        let told = found(|json| {
            json["docker_tag"] = "2".into();
            json["ports"] = serde_json::json!([]);
            json["private_token"] = "canary-3".into();
            json["envs"] = serde_json::json!([{"key": "KEY", "value": "canary-4"}, {"key": "B", "value": "canary-5"}]);
        });
        assert_eq!(
            told,
            [
                "docker_tag: wanted 1, found 2",
                "private_token: wanted one, found another one",
                "ports: wanted 7777/UDP(7777), found ",
                "envs.KEY: wanted a value, found another one",
                "envs.B: wanted none, found a value",
            ]
        );
    }
}
