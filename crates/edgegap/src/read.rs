//! Readers for values that come in several shapes.

use deploykit_core::{Secret, de};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a port that may come as text; what is no such number is `None`.
pub(crate) fn port<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    Ok(de::number(deserializer)?.and_then(|number| T::try_from(number).ok()))
}

/// Reads a text that may come as a number or a flag.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// Reads what only adds to an answer: `None` if it is none of that.
pub(crate) fn if_possible<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Reads a secret that may come as a number.
pub(crate) fn optional_secret<'de, D>(deserializer: D) -> Result<Option<Secret>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(text(deserializer)?.map(Secret::from))
}

/// As [`optional_secret`], but there must be one.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    optional_secret(deserializer)?.ok_or_else(|| D::Error::custom("is null"))
}
