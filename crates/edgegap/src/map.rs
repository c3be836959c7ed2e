//! Maps that may come in other shapes.

use std::collections::BTreeMap;

use deploykit_core::de;
use serde::{Deserialize, Deserializer};

/// Reads a map by name; null and the empty list, which some servers write for "none", are empty. What is null in it
/// is left out.
pub(crate) fn by_name<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let map: Option<BTreeMap<String, Option<T>>> = de::object(deserializer)?;
    let entries = map.unwrap_or_default().into_iter();
    Ok(entries
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}
