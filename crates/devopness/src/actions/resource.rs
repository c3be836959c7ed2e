//! The resource that an action is about.

use std::fmt;

use deploykit_core::__private::place;
use deploykit_core::Absent;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::applications::ApplicationRelation;
use crate::credentials::CredentialRelation;
use crate::cron_jobs::CronJobRelation;
use crate::daemons::DaemonRelation;
use crate::network_rules::NetworkRuleRelation;
use crate::networks::NetworkRelation;
use crate::resources::{ResourceId, ResourceType};
use crate::servers::ServerRelation;
use crate::services::ServiceRelation;
use crate::ssh_keys::SshKeyRelation;
use crate::ssl_certificates::SslCertificateRelation;
use crate::subnets::SubnetRelation;
use crate::virtual_hosts::VirtualHostRelation;

/// The resource that an action is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActionResource {
    /// Identifies the resource.
    pub id: ResourceId,
    /// Type of the resource.
    #[serde(rename = "type")]
    pub kind: ResourceType,
    /// The type in words.
    pub type_human_readable: String,
    /// The resource itself; none where the service leaves it out, and once the resource is gone.
    pub data: Option<Box<ActionResourceData>>,
}

/// A resource, by its type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "it is always in a box")]
pub enum ActionResourceData {
    /// An application.
    Application(ApplicationRelation),
    /// A credential.
    Credential(CredentialRelation),
    /// A cron job.
    CronJob(CronJobRelation),
    /// A daemon.
    Daemon(DaemonRelation),
    /// A network.
    Network(NetworkRelation),
    /// A network rule.
    NetworkRule(NetworkRuleRelation),
    /// A server.
    Server(ServerRelation),
    /// A service.
    Service(ServiceRelation),
    /// An SSH key.
    SshKey(SshKeyRelation),
    /// A certificate.
    SslCertificate(SslCertificateRelation),
    /// A subnet.
    Subnet(SubnetRelation),
    /// A virtual host.
    VirtualHost(VirtualHostRelation),
    /// A resource of a type that this version does not know.
    Other(Value),
}

impl ActionResourceData {
    fn read<'de, D: Deserializer<'de>>(kind: &ResourceType, data: D) -> Result<Self, D::Error> {
        Ok(match kind {
            ResourceType::Application => Self::Application(Deserialize::deserialize(data)?),
            ResourceType::Credential => Self::Credential(Deserialize::deserialize(data)?),
            ResourceType::Cronjob => Self::CronJob(Deserialize::deserialize(data)?),
            ResourceType::Daemon => Self::Daemon(Deserialize::deserialize(data)?),
            ResourceType::Network => Self::Network(Deserialize::deserialize(data)?),
            ResourceType::NetworkRule => Self::NetworkRule(Deserialize::deserialize(data)?),
            ResourceType::Server => Self::Server(Deserialize::deserialize(data)?),
            ResourceType::Service => Self::Service(Deserialize::deserialize(data)?),
            ResourceType::SshKey => Self::SshKey(Deserialize::deserialize(data)?),
            ResourceType::SslCertificate => Self::SslCertificate(Deserialize::deserialize(data)?),
            ResourceType::Subnet => Self::Subnet(Deserialize::deserialize(data)?),
            ResourceType::VirtualHost => Self::VirtualHost(Deserialize::deserialize(data)?),
            _ => Self::Other(Deserialize::deserialize(data)?),
        })
    }
}

/// The type decides how `data` is read, and stands beside it: usually before, in which case nothing is kept.
impl<'de> Deserialize<'de> for ActionResource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ResourceVisitor)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Id,
    Type,
    TypeHumanReadable,
    Data,
    #[serde(other)]
    Other,
}

struct ResourceVisitor;

impl<'de> Visitor<'de> for ResourceVisitor {
    type Value = ActionResource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource with its type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ActionResource, A::Error> {
        let (mut id, mut kind, mut type_human_readable) = (None, None, None);
        let (mut data, mut early) = (None, None);
        while let Some(field) = map.next_key()? {
            match (field, &kind) {
                (Field::Id, _) => id = Some(map.next_value()?),
                (Field::Type, _) => kind = map.next_value()?,
                (Field::TypeHumanReadable, _) => type_human_readable = map.next_value()?,
                (Field::Data, Some(kind)) => data = map.next_value_seed(DataOf(kind))?,
                (Field::Data, None) => early = map.next_value::<Option<Value>>()?,
                (Field::Other, _) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let kind = kind.unwrap_or_else(ResourceType::absent);
        if let Some(early) = early {
            data = Some(read_early(&kind, &early).map_err(A::Error::custom)?);
        }
        Ok(ActionResource {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            kind,
            type_human_readable: type_human_readable.unwrap_or_default(),
            data: data.map(Box::new),
        })
    }
}

/// Reads what came before its type. It is written once more: a second deserializer would have all resources
/// compiled twice. Inline, so that they are compiled by whoever calls it, not by this crate.
#[inline]
fn read_early(kind: &ResourceType, data: &Value) -> Result<ActionResourceData, String> {
    let text = data.to_string();
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    ActionResourceData::read(kind, &mut deserializer)
        .map_err(|error| format!("data: {}", place(&text, &error)))
}

/// Reads `data` as what its type says, or as none.
struct DataOf<'a>(&'a ResourceType);

impl<'de> DeserializeSeed<'de> for DataOf<'_> {
    type Value = Option<ActionResourceData>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for DataOf<'_> {
    type Value = Option<ActionResourceData>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a resource of type {}", self.0)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, data: D) -> Result<Self::Value, D::Error> {
        ActionResourceData::read(self.0, data).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<ActionResource, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn rule() -> Value {
        json!({
            "id": 4_294_967_301_u64, "name": "HTTPS", "direction": "inbound", "protocol": "tcp", "port": 443,
            "cidr_block": "0.0.0.0/0", "is_auto_generated": false, "last_action": null,
            "created_at": "2019-09-25T15:50:48Z", "updated_at": "2019-09-25T15:50:48Z",
        })
    }

    #[test]
    fn the_type_decides_wherever_it_stands() {
        let (rule, head) = (rule(), r#""id": 1, "type_human_readable": "Network rule""#);
        for text in [
            format!(r#"{{{head}, "type": "network-rule", "data": {rule}, "new": [1]}}"#),
            format!(r#"{{"data": {rule}, "type": "network-rule", {head}}}"#),
        ] {
            let resource = read(&text).unwrap();
            let Some(ActionResourceData::NetworkRule(read)) = resource.data.as_deref() else {
                panic!("{resource:?}");
            };
            assert_eq!(read.port, Some(443));
            assert_eq!(serde_json::to_value(&resource).unwrap()["data"], rule);
        }
    }

    #[test]
    fn what_is_unknown_is_kept_and_what_is_missing_is_none() {
        let head = r#""id": 1, "type_human_readable": "x", "type": "#;
        let unknown = read(&format!(r#"{{{head} "lake", "data": {{"depth": 7}}}}"#)).unwrap();
        assert_eq!(
            unknown.data.as_deref(),
            Some(&ActionResourceData::Other(json!({"depth": 7})))
        );
        for text in [
            format!(r#"{{{head} "server"}}"#),
            format!(r#"{{{head} "server", "data": null}}"#),
        ] {
            assert_eq!(read(&text).unwrap().data, None);
        }
        assert!(read(&format!(r#"{{{head} "server", "data": {{"id": "x"}}}}"#)).is_err());
        let untold = read(r#"{"data": {"depth": 7}, "id": 1, "type": null}"#).unwrap();
        let kept = ActionResourceData::Other(json!({"depth": 7}));
        assert_eq!((untold.kind.as_str(), *untold.data.unwrap()), ("", kept));
        assert!(read(r#"{"type": "server", "type_human_readable": "x"}"#).is_err());
    }

    #[test]
    fn a_failure_names_its_place_in_early_data() {
        let text = r#"{"data": {"id": 1, "port": "x"}, "type": "network-rule", "id": 1}"#;
        let error = read(text).unwrap_err();
        assert_eq!((error.line(), error.column()), (1, text.len()));
        assert_eq!(
            error.to_string().split(" at line").next(),
            Some("data: invalid type: string, expected u16 (at $.port)")
        );
    }
}
