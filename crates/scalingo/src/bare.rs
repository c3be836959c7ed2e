//! Answers that stand alone or under a key: services of different years answer differently.

use serde::Deserialize as _;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

/// Reads what stands under the key, or, if there is none, all of it.
pub(crate) fn read<'de, T, D>(deserializer: D, key: &str) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let mut value = Value::deserialize(deserializer)?;
    let inner = value.get_mut(key).map(Value::take);
    T::deserialize(inner.unwrap_or(value)).map_err(D::Error::custom)
}
