//! Readers for what PHP writes in several ways.

use deploykit_core::de;
use serde::Deserializer;
use serde::de::Error;

/// A count, as a number or its digits.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    de::number(deserializer)?
        .and_then(|count| u64::try_from(count).ok())
        .ok_or_else(|| D::Error::custom("expected a count"))
}

/// A flag that is on unless it says otherwise.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(de::boolean(deserializer)?.unwrap_or(true))
}

pub(crate) fn on() -> bool {
    true
}
