//! Tolerant readers for single fields: `#[serde(default, deserialize_with = "deploykit_core::de::nullable")]`.

use std::time::Duration;

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
    let value = match Value::deserialize(deserializer)? {
        Value::String(text) => text.trim().parse().unwrap_or_default(),
        value => value,
    };
    Ok(value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| *number >= 0.0)?;
        Some(Duration::try_from_secs_f64(number).ok()?.as_secs())
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
}
