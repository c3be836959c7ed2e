//! Keys of objects, as servers of different years spell them.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

/// Lets a type (with `#[serde(remote = "Self")]`) be read from keys in any case, and under older names. If a
/// field comes in two spellings at once, the first counts: to serde alone it would be a duplicate.
macro_rules! any_spelling {
    ($type:ident $(, $older:literal => $field:literal)*) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let older = &[$(($older, $field)),*];
                Self::deserialize($crate::spelling::AnySpelling::new(deserializer, older))
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}
pub(crate) use any_spelling;

/// Older names of fields, in lower case, and the field.
type Older = &'static [(&'static str, &'static str)];

pub(crate) struct AnySpelling<D> {
    inner: D,
    older: Older,
}

impl<D> AnySpelling<D> {
    pub(crate) fn new(inner: D, older: Older) -> Self {
        Self { inner, older }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for AnySpelling<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Fields {
            visitor,
            older: self.older,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Fields<V> {
    visitor: V,
    older: Older,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Fields<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Once {
            map,
            older: self.older,
            seen: Vec::new(),
        })
    }
}

/// Gives each field once.
struct Once<A> {
    map: A,
    older: Older,
    seen: Vec<String>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Once<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(mut key) = self.map.next_key::<String>()? {
            key.make_ascii_lowercase();
            if let Some((_, field)) = self.older.iter().find(|(older, _)| *older == key) {
                key = (*field).to_owned();
            }
            if self.seen.contains(&key) {
                self.map.next_value::<IgnoredAny>()?;
                continue;
            }
            self.seen.push(key.clone());
            let key: StringDeserializer<A::Error> = key.into_deserializer();
            return seed.deserialize(key).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use crate::{App, AppToken, CreatedApp, Platform, Service, ServiceInstance, Team, TeamInfo};

    fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn a_field_may_come_in_two_spellings_at_once() {
        let app: App = read(
            r#"{"name":"a","Name":"b","ip":"10.0.0.1","Ip":"10.0.0.2","platform":"python",
                "framework":"django","Framework":"x","teamowner":"t","teamOwner":"u","units":[
                {"Name":"a/0","ID":"a/0","Ip":"10.0.0.1","IP":"10.0.0.3","Status":"started","State":"down"}]}"#,
        );
        assert_eq!(app.name, "a");
        assert_eq!(app.ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(app.platform.as_deref(), Some("python"));
        assert_eq!(app.teamowner.as_deref(), Some("t"));
        assert_eq!(app.units[0].ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(app.units[0].state.as_ref().unwrap().as_str(), "started");

        let service: Service =
            read(r#"{"service":"a","Service":"b","instances":[],"Instances":["c"]}"#);
        assert_eq!(service.service, "a");
        let instance: ServiceInstance = read(
            r#"{"Name":"a","name":"b","ServiceName":"s","service_name":"t","servicename":"u","Id":1,"ID":2}"#,
        );
        assert_eq!(instance.service_name.unwrap(), "s");
        let platform: Platform =
            read(r#"{"Name":"a","name":"b","Disabled":true,"disabled":false}"#);
        assert_eq!(
            (platform.name.as_str(), platform.disabled),
            ("a", Some(true))
        );
        let team: Team = read(r#"{"name":"a","Name":"b"}"#);
        assert_eq!(team.name, "a");
        let team: TeamInfo = read(r#"{"name":"a","Name":"b","users":["x@y.z"],"Users":null}"#);
        assert_eq!(team.users.len(), 1);
        let token: AppToken = read(
            r#"{"token":"a","Token":"b","creation":"2014-01-01T00:00:00Z","expires":1,"app":"x","AppName":"y"}"#,
        );
        assert_eq!(token.app, "x");
    }

    #[test]
    fn a_server_without_repositories_creates_apps_too() {
        let created: CreatedApp = read(r#"{"status":"success","repository_url":null}"#);
        assert_eq!(created.repository_url, "");
        let created: CreatedApp = read(r#"{"status":"success"}"#);
        assert_eq!(
            serde_json::to_string(&created).unwrap(),
            r#"{"status":"success","ip":null}"#
        );
    }

    #[test]
    fn a_wrong_value_is_still_found_where_it_is() {
        let error = serde_json::from_str::<App>("{\"Name\":\"a\",\n\"Deploys\":{}}").unwrap_err();
        assert_eq!(error.line(), 2, "{error}");
        assert!(serde_json::from_str::<App>("[]").is_err());
        assert!(
            serde_json::from_str::<App>("{}")
                .unwrap_err()
                .to_string()
                .contains("`name`")
        );
    }
}
