//! Readers for fields that servers write in several ways.

use std::collections::BTreeMap;
use std::fmt;

use deploykit_core::{Time, model};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

use crate::UserEmail;

/// A text that may come as a number; null is none.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(texts(deserializer)?.pop())
}

/// Texts that may come as a single one; null and an empty one are none.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a list of texts")
        }

        fn visit_unit<E>(self) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(if text.is_empty() {
                Vec::new()
            } else {
                vec![text.to_owned()]
            })
        }

        fn visit_u64<E>(self, number: u64) -> Result<Vec<String>, E> {
            Ok(vec![number.to_string()])
        }

        fn visit_i64<E>(self, number: i64) -> Result<Vec<String>, E> {
            Ok(vec![number.to_string()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = seq.next_element()? {
                texts.push(text);
            }
            Ok(texts)
        }
    }

    deserializer.deserialize_any(Texts)
}

/// A time; null, and the zero time that Go writes for "never", are none.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let time = Option::<Time>::deserialize(deserializer)?;
    let never = |time: &Time| {
        let text = time.to_string();
        text.is_empty() || text.starts_with("0001-01-01T00:00:00")
    };
    Ok(time.filter(|time| !never(time)))
}

/// A map, without what is null in it.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let all = Option::<BTreeMap<String, Option<T>>>::deserialize(deserializer)?;
    let all = all.unwrap_or_default().into_iter();
    Ok(all
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

/// E-mail addresses, each as a text or in an object that tells about the user; null is none.
pub(crate) fn emails<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<UserEmail>, D::Error> {
    let users = Option::<Vec<UserOrEmail>>::deserialize(deserializer)?;
    Ok(users
        .unwrap_or_default()
        .into_iter()
        .map(|user| user.0)
        .collect())
}

model! {
    /// A user, as servers from 1.0 on tell about one.
    pub struct TeamUser {
        required {
            /// E-mail address.
            email = "Email" | "email": UserEmail,
        }
    }
}

struct UserOrEmail(UserEmail);

impl<'de> Deserialize<'de> for UserOrEmail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UserVisitor;

        impl<'de> Visitor<'de> for UserVisitor {
            type Value = UserOrEmail;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an e-mail address or a user")
            }

            fn visit_str<E>(self, email: &str) -> Result<UserOrEmail, E> {
                Ok(UserOrEmail(email.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<UserOrEmail, A::Error> {
                let user = TeamUser::deserialize(MapAccessDeserializer::new(map))?;
                Ok(UserOrEmail(user.email))
            }
        }

        deserializer.deserialize_any(UserVisitor)
    }
}

/// A number that is sent as text: the servers answer 500 to a bare one.
pub(crate) mod quoted {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        number: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => serializer.collect_str(number),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use crate::TeamInfo;

    #[test]
    fn the_zero_time_is_never() {
        let read = |json: &str| super::time(&mut serde_json::Deserializer::from_str(json)).unwrap();
        for never in [
            "null",
            r#""0001-01-01T00:00:00Z""#,
            r#""0001-01-01T00:00:00+00:00""#,
            r#""""#,
        ] {
            assert_eq!(read(never), None, "{never}");
        }
        assert!(read(r#""2026-08-01T10:00:00.5-03:00""#).is_some());
        assert_eq!(read(r#""soon""#).unwrap().unread(), Some("soon"));
    }

    #[test]
    fn users_of_a_team_are_addresses_or_objects() {
        let read = |users: &str| {
            let team = format!(r#"{{"name":"t","users":{users}}}"#);
            serde_json::from_str::<TeamInfo>(&team).unwrap().users
        };
        assert_eq!(read(r#"["a@b.c"]"#), ["a@b.c"]);
        let objects =
            r#"[{"Email":"a@b.c","Roles":[{"Name":"x"}],"Groups":null},{"email":"d@e.f"}]"#;
        assert_eq!(read(objects), ["a@b.c", "d@e.f"]);
        assert!(read("null").is_empty());
    }
}
