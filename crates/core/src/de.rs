//! Tolerant readers for single fields: `#[serde(default, deserialize_with = "deploykit_core::de::nullable")]`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

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
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
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
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Some(flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    })
}
