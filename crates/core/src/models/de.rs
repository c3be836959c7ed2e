//! Tolerant readers for single fields: `#[serde(default, deserialize_with = "deploykit_core::de::nullable")]`.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: an empty list, map or text.
///
/// # Errors
///
/// If the value is neither null nor of the type.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a number that may come as text; null, an empty text and what is no number are `None`.
///
/// # Errors
///
/// If the document is broken.
pub fn number<'de, D>(deserializer: D) -> Result<Option<i64>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Loosely(|scalar| match scalar {
        Scalar::Unsigned(number) => i64::try_from(number).ok(),
        Scalar::Signed(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Float(_) | Scalar::Flag(_) => None,
    }))
}

/// Reads a count that may come as text or with a fraction, which is cut; null, a negative number and what is no
/// number are `None`.
///
/// # Errors
///
/// If the document is broken.
pub fn count<'de, D>(deserializer: D) -> Result<Option<u64>, D::Error>
where
    D: Deserializer<'de>,
{
    fn whole(number: f64) -> Option<u64> {
        let number = Some(number).filter(|number| *number >= 0.0)?;
        Some(Duration::try_from_secs_f64(number).ok()?.as_secs())
    }

    deserializer.deserialize_any(Loosely(|scalar| match scalar {
        Scalar::Unsigned(number) => Some(number),
        Scalar::Float(number) => whole(number),
        Scalar::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        Scalar::Signed(_) | Scalar::Flag(_) => None,
    }))
}

/// Reads a boolean that may come as 0, 1 or text; null and what is none of these are `None`.
///
/// # Errors
///
/// If the document is broken.
pub fn boolean<'de, D>(deserializer: D) -> Result<Option<bool>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Loosely(|scalar| match scalar {
        Scalar::Flag(flag) => Some(flag),
        Scalar::Unsigned(number) => Some(number != 0),
        Scalar::Signed(number) => Some(number != 0),
        Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        },
        Scalar::Float(_) => None,
    }))
}

/// A value that is neither null nor made of others.
enum Scalar<'a> {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Flag(bool),
    Text(&'a str),
}

/// Reads a scalar; everything else is `None`.
struct Loosely<T>(fn(Scalar<'_>) -> Option<T>);

impl<'de, T> Visitor<'de> for Loosely<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok((self.0)(Scalar::Unsigned(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok((self.0)(Scalar::Signed(number)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok((self.0)(Scalar::Float(number)))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok((self.0)(Scalar::Flag(flag)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.0)(Scalar::Text(text)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        IgnoredAny.visit_map(map).map(|_| None)
    }
}

/// Reads an object; null and the empty list, as which PHP writes an object without fields, are `None`.
///
/// # Errors
///
/// If the value is anything else, or not of the type.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

/// Reads an object all of whose fields may be missing; null and the empty list have none of them.
///
/// # Errors
///
/// As [`object`], and if a field may not be missing after all.
pub fn fields<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    match object(deserializer)? {
        Some(read) => Ok(read),
        None => {
            let nothing = std::iter::empty::<(&str, &str)>();
            T::deserialize(MapDeserializer::new(nothing))
        }
    }
}

/// Reads a map of numbers, flags or objects; an entry that is `null` is not there, and neither is a map that is
/// `null` or the empty list.
///
/// # Errors
///
/// If the value is anything else, or an entry not of the type.
pub fn entries<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let entries: Option<BTreeMap<String, Option<T>>> = object(deserializer)?;
    let entries = entries.into_iter().flatten();
    Ok(entries
        .filter_map(|(key, value)| Some((key, value?)))
        .collect())
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(A::Error::custom("a list in place of an object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_in_every_spelling() {
        let read = |json: &str| count(&mut serde_json::Deserializer::from_str(json)).unwrap();
        for (json, found) in [
            ("92", Some(92)),
            ("92.7", Some(92)),
            ("5.36870912e+08", Some(536_870_912)),
            (r#""92""#, Some(92)),
            ("18446744073709551615", Some(u64::MAX)),
            ("-1", None),
            ("null", None),
            (r#""many""#, None),
            ("[]", None),
        ] {
            assert_eq!(read(json), found, "{json}");
        }
    }

    #[test]
    fn entries_that_are_null_are_not_there() {
        let read = |json: &str| entries(&mut serde_json::Deserializer::from_str(json));
        let two = BTreeMap::from([("a".to_owned(), 1), ("c".to_owned(), 3)]);
        assert_eq!(read(r#"{"a": 1, "b": null, "c": 3}"#).unwrap(), two);
        assert!(read("[]").unwrap().is_empty() && read("null").unwrap().is_empty());
        assert!(read("[1]").is_err() && read(r#"{"a": "x"}"#).is_err());
    }
}
